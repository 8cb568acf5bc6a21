"""Which of several languages a reader gets."""

from __future__ import annotations

import pytest

from gateway.messages.languages import display, lookup, preferences


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", ()),
        ("es", ("es",)),
        ("es-MX, en;q=0.5, es;q=0.9", ("es-mx", "es", "en")),
        ("de;q=0, en", ("en",)),
        ("de;q=nonsense, fr ; q=0.3", ("fr",)),
        ("*", ("*",)),
        (",;q=1,", ()),
    ],
)
def test_a_header_is_read_best_first(header: str, expected: tuple[str, ...]) -> None:
    """Ranges come by their weight; what is refused or malformed is left out."""
    assert preferences(header) == expected


def test_a_huge_header_costs_nothing() -> None:
    """Only the beginning of a header is looked at."""
    assert len(preferences("en," * 100_000)) < 100


@pytest.mark.parametrize(
    ("header", "available", "expected"),
    [
        ("es", ["en", "es"], "es"),
        ("es-MX", ["en", "es"], "es"),
        ("es-MX", ["en", "es-ES"], "es-ES"),
        ("ES-mx", ["en", "es-MX"], "es-MX"),
        ("de, fr;q=0.5", ["en", "fr"], "fr"),
        ("de", ["fr", "en-GB", "und"], "en-GB"),
        ("de", ["fr", "und"], "und"),
        ("de", ["fr", "it"], "fr"),
        ("*", ["fr"], "fr"),
        ("en", [], None),
    ],
)
def test_the_nearest_language_is_found(header: str, available: list[str], expected: str | None) -> None:
    """First what is asked for, ever more broadly; then English, text without language, and the first there is."""
    assert lookup(header, available) == expected


def test_text_is_displayed_in_one_language() -> None:
    """A string is itself, a language map gives one of its entries, and nothing gives nothing."""
    assert display("Welder", "es") == "Welder"
    assert display({"en": "Welder", "es": "Soldadora"}, "es-MX,es;q=0.9") == "Soldadora"
    assert display({"es": "Soldadora"}, "en") == "Soldadora"
    assert display(None, "en") is None
    assert display({}, "en") is None
