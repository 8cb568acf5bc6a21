"""Limits per host and in all, and the circuit breaker."""

from __future__ import annotations

import asyncio

import pytest

from resolvers._admission import Admission
from resolvers.problems import Unavailable


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        """Begin at nought."""
        self.now = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def admission(clock: Clock | None = None, *, capacity: int = 100) -> Admission:
    """Return an admission with two slots per host that shuts a host for 30 s after three failures."""
    return Admission(capacity=capacity, per_host=2, failures=3, shut_seconds=30.0, clock=clock or Clock())


async def refusal(door: Admission, host: str) -> str:
    """Return the code with which `host` is not admitted."""
    with pytest.raises(Unavailable) as refused:
        await door.enter(host)
    return refused.value.problem.code


async def fail(door: Admission, host: str, times: int) -> None:
    """Let `host` leave `times` fetches unanswered."""
    for _ in range(times):
        await door.enter(host)
        door.leave(host, answered=False)


async def test_no_host_gets_more_than_its_slots() -> None:
    """The third fetch of one host waits, in turn, while another host's goes on."""
    door = admission()
    for _ in range(2):
        await door.enter("a")
    third = asyncio.ensure_future(door.enter("a"))
    await asyncio.sleep(0)
    assert not third.done()
    await door.enter("b")
    door.leave("a", answered=True)
    await third


async def test_who_gives_up_waiting_leaves_nothing_behind() -> None:
    """A cancelled wait frees its place."""
    door = admission(capacity=3)
    for _ in range(2):
        await door.enter("a")
    third = asyncio.ensure_future(door.enter("a"))
    await asyncio.sleep(0)
    assert await refusal(door, "b") == "overloaded"
    third.cancel()
    with pytest.raises(asyncio.CancelledError):
        await third
    await door.enter("b")


async def test_a_host_that_does_not_answer_is_left_alone() -> None:
    """After three failures in a row it is refused at once; then one fetch is on trial, and decides."""
    clock = Clock()
    door = admission(clock)
    await fail(door, "a", 3)
    assert await refusal(door, "a") == "unreachable"
    await door.enter("b")

    clock.now = 30.0
    await door.enter("a")
    assert await refusal(door, "a") == "unreachable"
    door.leave("a", answered=False)
    assert await refusal(door, "a") == "unreachable"

    clock.now = 60.0
    await door.enter("a")
    door.leave("a", answered=True)
    await door.enter("a")
    await door.enter("a")


async def test_only_failures_in_a_row_count() -> None:
    """An answer begins the count anew; a fetch whose caller went away says nothing."""
    door = admission()
    await fail(door, "a", 2)
    await door.enter("a")
    door.leave("a", answered=True)
    await fail(door, "a", 2)
    await door.enter("a")
    door.leave("a", answered=None)
    await door.enter("a")


async def test_a_trial_that_is_cancelled_is_no_verdict() -> None:
    """The next fetch may try instead."""
    clock = Clock()
    door = admission(clock)
    await fail(door, "a", 3)
    clock.now = 30.0
    await door.enter("a")
    door.leave("a", answered=None)
    await door.enter("a")


async def test_hosts_that_time_out_are_shed_first() -> None:
    """When half of all places are taken, a host with a failure gets none; others do until all are."""
    door = admission(capacity=4)
    await fail(door, "slow", 1)
    await door.enter("a")
    await door.enter("b")
    assert await refusal(door, "slow") == "overloaded"
    await door.enter("c")
    await door.enter("d")
    assert await refusal(door, "e") == "overloaded"


async def test_the_memory_of_hosts_is_bounded() -> None:
    """Ever new names push out the oldest that is idle, and never one that is in use."""
    door = admission()
    await door.enter("busy")
    for index in range(5000):
        await door.enter(f"host-{index}")
        door.leave(f"host-{index}", answered=False)
    assert len(door._hosts) <= 4096
    door.leave("busy", answered=True)
