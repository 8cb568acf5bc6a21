"""Work with a time limit: what comes of it, and what stops it."""

from __future__ import annotations

import asyncio

import pytest

from gateway.in_time import in_time


async def test_what_waits_for_nothing_is_done_without_a_timer() -> None:
    """Work that never waits returns what it returns, although its time was over when it began."""

    async def work() -> int:
        return 5

    assert await in_time(work(), 0) == 5


async def test_what_waits_is_answered_as_often_as_it_asks() -> None:
    """Whatever the work waits for, a bare turn of the loop, a future or another task, reaches it."""
    future = asyncio.get_running_loop().create_future()

    async def other() -> str:
        await asyncio.sleep(0)
        future.set_result("future")
        return "task"

    async def work() -> list[str]:
        task = asyncio.create_task(other())
        await asyncio.sleep(0)
        return [await future, await task]

    assert await in_time(work(), 60) == ["future", "task"]


@pytest.mark.parametrize("turns", [0, 1, 2])
async def test_what_the_work_raises_is_raised(turns: int) -> None:
    """An exception comes out as it is, whether or not the work has waited before."""

    async def work() -> None:
        for _ in range(turns):
            await asyncio.sleep(0)
        raise LookupError

    with pytest.raises(LookupError):
        await in_time(work(), 60)


async def test_what_is_raised_where_it_waits_can_be_caught_there() -> None:
    """The failure of what the work waits for is thrown into the work, which may go on, and wait again."""
    failed = asyncio.get_running_loop().create_future()
    failed.set_exception(LookupError())

    async def work() -> str:
        await asyncio.sleep(0)
        try:
            await failed
        except LookupError:
            await asyncio.sleep(0)
        return "went on"

    assert await in_time(work(), 60) == "went on"


async def test_what_still_waits_when_its_time_is_over_is_cancelled() -> None:
    """Work that waits longer than it may is cancelled where it waits, and that is a TimeoutError."""
    seen: list[str] = []

    async def work() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise

    with pytest.raises(TimeoutError):
        await in_time(work(), 0)
    assert seen == ["cancelled"]


async def test_whoever_is_cancelled_cancels_the_work() -> None:
    """The cancellation of whoever waits for the work reaches it, and is no time-out."""
    seen: list[str] = []
    began = asyncio.Event()

    async def work() -> None:
        began.set()
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            seen.append("ended")

    task = asyncio.create_task(in_time(work(), 60))
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert seen == ["ended"]
