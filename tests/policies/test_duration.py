"""ISO 8601 durations and calendar arithmetic."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.duration import Duration
from tests.policies.strategies import unhurried

DAY = 86_400

durations = st.builds(
    lambda months, seconds: Duration(text="", months=months, seconds=seconds),
    st.integers(0, 60),
    st.integers(0, 70).map(lambda days: days * DAY) | st.integers(0, 10 * DAY),
)


@pytest.mark.parametrize(
    ("text", "months", "seconds"),
    [
        ("P5Y", 60, 0),
        ("P1Y6M", 18, 0),
        ("P2W", 0, 14 * DAY),
        ("P3D", 0, 3 * DAY),
        ("PT1H", 0, 3600),
        ("PT90S", 0, 90),
        ("P1Y2M3DT4H5M6S", 14, 3 * DAY + 4 * 3600 + 5 * 60 + 6),
        ("P150Y", 1800, 0),
    ],
)
def test_parses(text: str, months: int, seconds: int) -> None:
    """Months keep apart from seconds, since they have no fixed length."""
    assert Duration.parse(text) == Duration(text=text, months=months, seconds=seconds)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "P",
        "PT",
        "P1YT",
        "P0D",
        "PT0S",
        "5Y",
        "p5y",
        "P-5Y",
        "+P5Y",
        "P1.5Y",
        "P1W2D",
        "P1D2Y",
        "P1H",
        "P\uff15Y",
        "P151Y",
        "P9999999D",
        "P5Y ",
    ],
)
def test_refuses(text: str) -> None:
    """No fractions, signs, mixed weeks, other digits, zero or absurd lengths."""
    with pytest.raises(ValueError, match=r"^.*$"):
        Duration.parse(text)


@pytest.mark.parametrize(
    ("text", "instant", "expected"),
    [
        ("P5Y", "2026-11-23T12:00:00", "2021-11-23T12:00:00"),
        ("P1Y", "2024-02-29T00:00:00", "2023-02-28T00:00:00"),
        ("P4Y", "2024-02-29T00:00:00", "2020-02-29T00:00:00"),
        ("P1M", "2026-03-31T00:00:00", "2026-02-28T00:00:00"),
        ("P11M", "2026-11-23T00:00:00", "2025-12-23T00:00:00"),
        ("P1M1D", "2026-03-31T00:00:00", "2026-02-27T00:00:00"),
        ("PT36H", "2026-03-01T00:00:00", "2026-02-27T12:00:00"),
        ("P150Y", "0100-01-01T00:00:00", "0001-01-01T00:00:00"),
        ("P2W", "0001-01-05T00:00:00", "0001-01-01T00:00:00"),
    ],
)
def test_counts_back(text: str, instant: str, expected: str) -> None:
    """First the months, to the last day of a shorter one; then the seconds; never before the year 1."""
    counted = Duration.parse(text).before(datetime.fromisoformat(instant).replace(tzinfo=UTC))
    assert counted == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("shorter", "longer", "expected"),
    [
        ("P3Y", "P5Y", True),
        ("P5Y", "P5Y", True),
        ("P5Y", "P3Y", False),
        ("P60M", "P5Y", True),
        ("P28D", "P1M", True),
        ("P29D", "P1M", False),
        ("P1M", "P31D", True),
        ("P1M", "P30D", False),
        ("P365D", "P1Y", True),
        ("P366D", "P1Y", False),
        ("P1Y", "P366D", True),
        ("P1Y", "P365D", False),
    ],
)
def test_compares_from_any_instant(shorter: str, longer: str, expected: bool) -> None:  # noqa: FBT001 — a table
    """A year is no longer than 366 days, and 366 days may be longer than a year."""
    assert Duration.parse(shorter).no_longer_than(Duration.parse(longer)) is expected


@unhurried
@given(durations, durations, st.datetimes(datetime(1990, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 — hypothesis wants them so
def test_no_longer_than_means_no_earlier(one: Duration, other: Duration, instant: datetime) -> None:
    """What is no longer by the terms reaches back no further from any instant."""
    if one.no_longer_than(other):
        assert one.before(instant) >= other.before(instant)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("P5Y", "5 years"),
        ("P1Y1M", "1 year and 1 month"),
        ("P2W", "14 days"),
        ("PT1H", "1 hour"),
        ("P1DT2H3M4S", "1 day, 2 hours, 3 minutes and 4 seconds"),
    ],
)
def test_in_words(text: str, words: str) -> None:
    """A reader sees words, in the singular where there is one."""
    assert Duration.parse(text).in_words() == words


def test_a_day_is_86400_seconds() -> None:
    """Counting back a day from noon is noon, whatever clocks did that night."""
    noon = datetime(2026, 11, 2, 12, tzinfo=UTC)
    assert Duration.parse("P1D").before(noon) == noon - timedelta(days=1)
