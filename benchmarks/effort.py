"""How time is measured: by turns, so that whatever disturbs the machine meets every side alike; then medians."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

Row: TypeAlias = dict[str, Any]
"""One row of a table: `name` and its figures."""

Turn: TypeAlias = Callable[[float], Awaitable[list[float]]]
"""Works for about so many seconds, at least once, and returns the milliseconds of each piece of work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How much is measured."""

    rounds: int = 6
    """How often the sides take turns, after one round that warms every cache and is not counted."""
    seconds: float = 0.2
    """Length of one turn. All sides of one record take about a second a round, a default run 15 seconds."""
    count: int | None = None
    """Verifications, or issuers, of the series that count them; None is as many as the series says."""


class Skipped(Exception):
    """The figures cannot be had here; the message says why, and what is missing."""


def repeated(work: Callable[[], Awaitable[object]]) -> Turn:
    """Return the turn that does `work` over and over."""

    async def turn(seconds: float) -> list[float]:
        times: list[float] = []
        end = time.perf_counter() + seconds
        started = 0.0
        while not times or started < end:
            started = time.perf_counter()
            await work()
            times.append((time.perf_counter() - started) * 1000)
            await asyncio.sleep(0)  # the event loop gets rid of what has ended, as it does between requests
        return times

    return turn


async def interleaved(sides: Mapping[str, Turn], effort: Effort) -> dict[str, float]:
    """Return the median milliseconds of each side, each round giving every side one turn."""
    samples: dict[str, list[float]] = {name: [] for name in sides}
    for turn in sides.values():
        await turn(effort.seconds)
    for _ in range(effort.rounds):
        for name, turn in sides.items():
            samples[name] += await turn(effort.seconds)
    return {name: statistics.median(times) for name, times in samples.items()}


async def median_ms(work: Callable[[], Awaitable[object]], effort: Effort) -> float:
    """Return the median milliseconds of `work` alone, warm."""
    return (await interleaved({"": repeated(work)}, effort))[""]


def percentile(values: list[float], share: float) -> float:
    """Return the value that `share` (0 to 1) of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
