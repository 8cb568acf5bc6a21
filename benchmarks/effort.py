"""How time is measured: as throughput, by turns, so that whatever disturbs the machine meets every side alike.

A turn's time for one piece of work is that of the whole turn, shared out, so the pauses of a side count: Node
collects its garbage for 10 ms at every seventh badge, a third of its time, which no median of single
verifications shows. Turns are short, rounds are many, and each second one goes the other way.

What is told is the geometric mean of the fastest quarter of a side's turns: what it does where nothing else runs.
A neighbour on the same machine only ever adds time, in phases of a second or so, and not to all alike: in such a
phase an interpreter takes 1.8 times as long and arithmetic 1.3 times, so that a mean over all turns tells as much
of the neighbour as of the sides. Over five runs the mean of all turns had ours / floor of a badge between 4.20
and 4.62, that of the fastest quarter between 4.05 and 4.29; peer / ours 5.4 to 5.8, and 5.3 to 5.8.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

Row: TypeAlias = dict[str, Any]
"""One row of a table: `name` and its figures."""

Turn: TypeAlias = Callable[[float], Awaitable[list[float]]]
"""Works for about so many seconds, at least once, and returns the milliseconds of each piece of work.

Each lasts until the next begins, so that they add up to the turn: whatever pauses the side makes, they count.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How much is measured."""

    rounds: int = 20
    """How often the sides take turns, after one round that warms every cache and is not counted."""
    seconds: float = 0.1
    """Length of one turn. All sides of one record take about 0.6 seconds a round, a default run half a minute."""
    count: int | None = None
    """Verifications, or issuers, of the series that count them; None is as many as the series says."""


class Skipped(Exception):
    """The figures cannot be had here; the message says why, and what is missing."""


def repeated(work: Callable[[], Awaitable[object]]) -> Turn:
    """Return the turn that does `work` over and over."""

    async def turn(seconds: float) -> list[float]:
        times: list[float] = []
        started = time.perf_counter()
        end = started + seconds
        while not times or started < end:
            await work()
            await asyncio.sleep(0)  # the event loop gets rid of what has ended, as it does between requests
            ended = time.perf_counter()
            times.append((ended - started) * 1000)
            started = ended
        return times

    return turn


async def interleaved(sides: Mapping[str, Turn], effort: Effort) -> dict[str, float]:
    """Return the milliseconds that one piece of work takes each side: the geometric mean of its fastest turns.

    Each round gives every side one turn, in the order of `sides`, and in the next round the other way, so that no
    side always follows the same one.
    """
    found: dict[str, list[float]] = {name: [] for name in sides}
    for turn in sides.values():
        await turn(effort.seconds)
    order = list(sides)
    for _ in range(effort.rounds):
        for name in order:
            found[name].append(statistics.fmean(await sides[name](effort.seconds)))
        order.reverse()
    return {name: undisturbed(times) for name, times in found.items()}


def undisturbed(times: Sequence[float]) -> float:
    """Return the geometric mean of the least quarter of what turns took."""
    return statistics.geometric_mean(sorted(times)[: max(1, len(times) // 4)])


async def alone(work: Callable[[], Awaitable[object]], effort: Effort) -> float:
    """Return the milliseconds of `work` when it takes every turn, warm."""
    return (await interleaved({"": repeated(work)}, effort))[""]


def percentile(values: list[float], share: float) -> float:
    """Return the value that `share` (0 to 1) of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
