"""Single claims: what passes, what becomes unmapped."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gateway.normalizers import _claims

if TYPE_CHECKING:
    from gateway.normalizers._claims import Read


def read(reader: Read, value: Any) -> tuple[Any, list[str]]:
    """Return what `reader` makes of `value`, and what it could not map."""
    unmapped: list[str] = []
    return reader(value, "/claim", unmapped), unmapped


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Welder", "Welder"),
        ({"@value": "Welder"}, "Welder"),
        ({"@value": "Soldadora", "@language": "es", "@direction": "ltr"}, {"es": "Soldadora"}),
        ([{"@value": "Welder", "@language": "en"}, {"@value": "Soldadora", "@language": "es-MX"}],
         {"en": "Welder", "es-MX": "Soldadora"}),
        ({"en": "Welder", "es": "Soldadora"}, {"en": "Welder", "es": "Soldadora"}),
        (["Welder", {"@value": "Soldadora", "@language": "es"}], {"und": "Welder", "es": "Soldadora"}),
    ],
)  # fmt: skip
def test_text_keeps_every_language(value: object, expected: object) -> None:
    """Language-tagged strings become a language map; a string without language stays a string."""
    assert (expected, []) == read(_claims.text, value)


@pytest.mark.parametrize(
    "value",
    [7, True, {"id": "urn:x"}, {"type": "Image", "caption": "x"}, {"en": 1}, ["a", "b"], [["a"]],
     {"@value": 3}, {"@value": "x", "@language": "not a tag"}, {"@value": "x", "other": "y"}, {}, []],
)  # fmt: skip
def test_text_of_another_shape_is_unmapped(value: object) -> None:
    """What is no text, or two texts in one language, is not guessed at."""
    expected = (None, []) if value == [] else (None, ["/claim"])
    assert expected == read(_claims.text, value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2010-01-01T00:00:00Z", "2010-01-01T00:00:00Z"),
        ("2010-01-01t00:00:00.5z", "2010-01-01T00:00:00.5Z"),
        ("2010-01-01T00:00:00-05:00", "2010-01-01T00:00:00-05:00"),
        ("2010-01-01T00:00:00", "2010-01-01T00:00:00Z"),
    ],
)
def test_instants_have_a_zone(value: str, expected: str) -> None:
    """A date leaves as RFC 3339 with its zone, and is UTC where it has none."""
    assert (expected, []) == read(_claims.instant, value)


@pytest.mark.parametrize("value", ["2010-01-01", "2010-02-30T00:00:00Z", "yesterday", 1262304000, "", None, []])
def test_what_is_no_instant_is_unmapped(value: object) -> None:
    """No time of day is made up, and no impossible date passes."""
    assert read(_claims.instant, value) == (None, ["/claim"])


DANGEROUS = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "java\nscript:alert(1)",
    "\x01javascript:alert(1)",
    "vbscript:x",
    "data:text/html,<script>alert(1)</script>",
    "data:text/html;base64,PHNjcmlwdD4=",
    "file:///etc/passwd",
    "blob:https://a.example/1",
    "ms-msdt:/id",
    'https://a.example/"onmouseover="x',
    "https://a.example/<script>",
]


@pytest.mark.parametrize("reader", [_claims.link, _claims.identifier, _claims.picture])
@pytest.mark.parametrize("value", DANGEROUS)
def test_a_url_that_something_could_run_is_unmapped(reader: Read, value: str) -> None:
    """Whatever an interface does with a URL of the record, it runs nothing."""
    assert read(reader, value) == (None, ["/claim"])


@pytest.mark.parametrize("value", ["https://a.example/x?y=%20#z", "http://a.example", "HTTPS://A.EXAMPLE/ä"])
@pytest.mark.parametrize("reader", [_claims.link, _claims.identifier, _claims.picture])
def test_web_addresses_pass_as_they_are(reader: Read, value: str) -> None:
    """An http or https URL is kept letter by letter."""
    assert (value, []) == read(reader, value)


@pytest.mark.parametrize(
    "value", ["urn:uuid:1", "did:key:z6Mk", "did:web:a.example%3A8443", "mailto:a@b.example", "U-1"]
)
def test_identifiers_need_not_be_web_addresses(value: str) -> None:
    """URNs, DIDs and plain names identify, and are no links."""
    assert (value, []) == read(_claims.identifier, value)
    assert read(_claims.link, value) == (None, ["/claim"])


def test_pictures_may_be_inlined() -> None:
    """An image is a URL, a data URL of an image type, or a node with one of them as its id."""
    inline = "data:image/png;base64,iVBORw0KGgo="
    assert (inline, []) == read(_claims.picture, inline)
    assert (inline, ["/claim/caption"]) == read(_claims.picture, {"id": inline, "type": "Image", "caption": "A badge"})
    assert read(_claims.picture, {"id": "javascript:alert(1)"}) == (None, ["/claim/id"])
    assert read(_claims.picture, 7) == (None, ["/claim"])


def test_unknown_terms_pass_as_extensions() -> None:
    """A term that the enumeration lacks is marked, and not lost."""
    reader = _claims.term("Degree")
    assert read(reader, "Degree") == ("Degree", [])
    assert read(reader, "Knighthood") == ("ext:Knighthood", [])
    assert read(reader, "ext:Knighthood") == ("ext:Knighthood", [])
    assert read(reader, {"id": "Degree"}) == (None, ["/claim"])


def test_grades_stay_strings() -> None:
    """A grade is never calculated with, whatever the issuer wrote."""
    assert read(_claims.grade, "1.0") == ("1.0", [])
    assert read(_claims.grade, 4.25) == ("4.25", [])
    assert read(_claims.grade, json.loads("true")) == (None, ["/claim"])


def test_a_true_amount_is_no_number() -> None:
    """JSON's true is not 1."""
    assert read(_claims.number, 3.5) == (3.5, [])
    assert read(_claims.number, json.loads("true")) == (None, ["/claim"])
    assert read(_claims.number, "3.5") == (None, ["/claim"])
    assert read(_claims.boolean, 1) == (None, ["/claim"])


def test_pointers_escape_what_rfc_6901_reserves() -> None:
    """A member's name may hold a slash or a tilde."""
    assert _claims.pointer("", "a/b~c") == "/a~1b~0c"
