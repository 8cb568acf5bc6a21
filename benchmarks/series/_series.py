"""What a series is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from benchmarks.effort import Effort, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One series of measurements."""

    name: str
    title: str
    columns: Mapping[str, str]
    """Key of a row → heading of its column."""
    run: Callable[[Effort], Awaitable[list[Row]]]
    """Measures. Raises Skipped where it cannot be measured here."""
