"""Policies over the facts of a whole population: a file of any length, read in one pass by several processes."""

from __future__ import annotations

import multiprocessing
from itertools import islice
from typing import TYPE_CHECKING, Final

from policies.facts_lines import read_lines
from policies.simulate import Simulation, simulate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from policies import Policy

CHUNK: Final = 2_000
"""Lines that a process takes at once: some 2 MB, and a twentieth of a second."""

_policy: Policy | None = None
"""In a process of the pool: what it decides by."""


def simulate_lines(policy: Policy, lines: Iterable[str], *, name: str, processes: int = 1) -> Simulation:
    """Return what `policy` decides about the facts in `lines`; reading them takes most of the time.

    With several `processes` the pool is forked, so that each has the policy as it is compiled here.

    Raises:
        FactsError: a line is not facts; it begins with `name` and the line's number.
        ValueError: this platform forks no processes.
    """
    if processes == 1:
        return simulate(policy, (facts for _, facts in read_lines(lines, name=name)))
    context = multiprocessing.get_context("fork")
    with context.Pool(processes, initializer=_begin, initargs=(policy,)) as pool:
        return sum(pool.imap_unordered(_simulate, _chunks(lines, name)), start=Simulation())


def _begin(policy: Policy) -> None:
    global _policy  # noqa: PLW0603 — what a process of the pool was forked for
    _policy = policy


def _simulate(chunk: tuple[str, int, list[str]]) -> Simulation:
    name, first, lines = chunk
    if _policy is None:
        raise RuntimeError("a process of the pool begins with its policy")
    return simulate(_policy, (facts for _, facts in read_lines(lines, name=name, first=first)))


def _chunks(lines: Iterable[str], name: str) -> Iterator[tuple[str, int, list[str]]]:
    """Yield (name, number of the first line, lines)."""
    source, first = iter(lines), 1
    while chunk := list(islice(source, CHUNK)):
        yield name, first, chunk
        first += len(chunk)
