"""A process that is asked by frames, and killed whenever its answer could reach the wrong caller."""

from __future__ import annotations

import asyncio
import json
import sys

import pytest

from gateway.framed_worker import ENDED, FramedWorker, encoded

ECHO = """
import sys
while len(head := sys.stdin.buffer.read(4)) == 4:
    body = sys.stdin.buffer.read(int.from_bytes(head))
    sys.stdout.buffer.write({answer})
    sys.stdout.flush()
"""
HONEST = "head + body"


def worker(answer: str, *, seconds: float = 20.0, largest_answer: int = 1000) -> FramedWorker:
    """Return a worker whose process answers each request with that."""
    command = (sys.executable, "-I", "-c", ECHO.format(answer=answer))
    return FramedWorker(seconds=seconds, waiting=1, command=command, largest_answer=largest_answer, environment={})


async def asked(one: FramedWorker, request: dict[str, object]) -> dict[str, object]:
    """Ask it."""

    async def encode() -> bytes:
        return encoded(request)

    return await one._ask(encode)


async def test_one_process_answers_all_requests() -> None:
    """It starts with the first request, and stays."""
    one = worker(HONEST)
    assert one.starts == 0
    assert [await asked(one, {"n": number}) for number in (1, 2)] == [{"n": 1}, {"n": 2}]
    assert one.starts == 1
    await one.close()


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param("(2).to_bytes(4) + b'[]'", id="no object"),
        pytest.param("(3).to_bytes(4) + b'{x}'", id="no JSON"),
        pytest.param("(2000).to_bytes(4) + b' ' * 2000", id="too large"),
        pytest.param("sys.exit() or b''", id="ends"),
    ],
)
async def test_what_is_no_answer_ends_the_process(answer: str) -> None:
    """Whatever else it may have to say is never heard: the next request starts another."""
    one = worker(answer)
    for starts in (1, 2):
        with pytest.raises(ENDED):
            await asked(one, {})
        assert (one.starts, one._process) == (starts, None)


async def test_a_deadline_ends_the_process() -> None:
    """What does not answer in time is killed, and its late answer goes to nobody."""
    one = worker("sys.stdin.buffer.read()", seconds=0.5)
    with pytest.raises(TimeoutError):
        await asked(one, {})
    assert one._process is None


async def test_T17_a_cancelled_caller_ends_the_process() -> None:
    """Its answer must not reach the next caller."""
    one = worker("sys.stdin.buffer.read()")
    sent = asyncio.Event()

    async def encode() -> bytes:
        sent.set()  # the process runs by now
        return encoded({})

    caller = asyncio.create_task(one._ask(encode))
    await sent.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert one._process is None


def test_a_frame_is_json() -> None:
    """A request is written without white space."""
    assert json.loads(encoded({"a": [1]})) == {"a": [1]}
    assert encoded({"a": [1]}) == b'{"a":[1]}'
