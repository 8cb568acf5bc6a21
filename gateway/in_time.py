"""A time limit for work that seldom waits for anything."""

from __future__ import annotations

import asyncio
from functools import partial
from types import coroutine
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine, Generator

T = TypeVar("T")


async def in_time(work: Coroutine[Any, Any, T], seconds: float) -> T:
    """Return what `work` returns, unless it still waits after `seconds`.

    A proof whose key is known waits for nothing, would not notice a time-out, and is done before there is
    one: to set and take away a timer costs 6 µs. So the timer is set when the work first waits.

    Raises:
        TimeoutError: it still waits, and has been cancelled.
    """
    try:
        waits_for = work.send(None)
    except StopIteration as done:
        returned: T = done.value
        return returned
    async with asyncio.timeout(seconds):
        return await _rest(work, waits_for)


@coroutine
def _rest(work: Coroutine[Any, Any, T], waits_for: Any) -> Generator[Any, Any, T]:
    """Await the rest of a coroutine that has begun, and waits for something: as `yield from` would (PEP 380)."""
    while True:
        try:
            answer = yield waits_for
        except BaseException as raised:  # noqa: BLE001 — also its cancellation is the work's to see
            step = partial(work.throw, raised)
        else:
            step = partial(work.send, answer)
        try:
            waits_for = step()
        except StopIteration as done:
            returned: T = done.value
            return returned
