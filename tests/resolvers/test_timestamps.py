"""`resolvers.timestamps`: instants with a zone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from resolvers import timestamps


@pytest.mark.parametrize(
    "text",
    ["2025-01-09T15:20:02Z", "2025-01-09T15:20:02.000Z", "2025-01-09T10:20:02-05:00", "2025-01-09T15:20:02+0000"],
)
def test_reads_every_spelling_of_an_instant(text: str) -> None:
    """Fractions and zones are read, and the answer is in UTC."""
    assert datetime(2025, 1, 9, 15, 20, 2, tzinfo=UTC) == timestamps.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "2025-01-09T15:20:02",
        "2025-01-09",
        "2025-01-09 15:20:02Z",
        "2025-01-09t15:20:02z",
        "2025-02-30T00:00:00Z",
        "2025-01-09T24:00:00Z",
        "2025-01-09T23:59:60Z",
        "2025-W02-4T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "0000-01-01T00:00:00Z",
        "\u0662025-01-09T15:20:02Z",
        "",
        None,
        1736436002,
    ],
)
def test_T41_what_names_no_instant_is_refused(text: Any) -> None:
    """A time without a zone, another notation and a day that does not exist are refused."""
    with pytest.raises(ValueError, match=r"year|zone|day"):
        timestamps.parse(text)
