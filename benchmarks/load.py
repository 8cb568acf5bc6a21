"""HTTP load on the service: as much as it bears, or so many requests a second whatever it does.

A client of its own, since a full one would cost more than the service that it measures.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import time
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from benchmarks.effort import Turn
    from benchmarks.records import Measured

PATH: Final = "/v1/verify?policy=benchmark/state"
CONNECTIONS: Final = 4
_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
_PASSED: Final = re.compile(rb'"outcome": ?"pass"')
_PACED_CONNECTIONS: Final = 32
"""Fewer than the verifications that a service takes at once, so that none is refused."""


def get(path: str) -> bytes:
    """Return a GET request."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


def post(body: bytes, media_type: str, path: str = PATH) -> bytes:
    """Return a POST request."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {media_type}\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


def submissions(one: Measured) -> list[bytes]:
    """Return the requests to verify the records that are alike."""
    return [post(body, one.media_type) for body in one.bodies]


def submission(one: Measured) -> bytes:
    """Return the first of them."""
    return submissions(one)[0]


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection that is kept alive, with one request at a time."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @classmethod
    @asynccontextmanager
    async def opened(cls, port: int) -> AsyncIterator[Self]:
        """Yield a connection to the service."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 24)
        try:
            yield cls(reader, writer)
        finally:
            writer.close()

    async def send(self, request: bytes) -> tuple[int, bytes]:
        """Send a request, and return the status and the body of its answer."""
        self.writer.write(request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        assert length is not None, head
        return int(head[9:12]), await self.reader.readexactly(int(length[1]))

    async def verify(self, request: bytes) -> None:
        """Send a request whose record verifies."""
        status, body = await self.send(request)
        assert status == 200, body
        assert _PASSED.search(body), body


@asynccontextmanager
async def connections(port: int, count: int = CONNECTIONS) -> AsyncIterator[list[Connection]]:
    """Yield so many connections."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(Connection.opened(port)) for _ in range(count)]


async def in_turn(open_: list[Connection], requests: Iterator[bytes], until: float) -> int:
    """Keep every connection busy until the clock (`time.perf_counter`) says `until`, or the requests end.

    Returns how many were answered.
    """

    async def busy(connection: Connection) -> int:
        count = 0
        for request in requests:
            await connection.verify(request)
            count += 1
            if time.perf_counter() >= until:
                break
        return count

    return sum(await asyncio.gather(*map(busy, open_)))


def saturating(open_: list[Connection], one: Measured) -> Turn:
    """Return the turn that keeps the service busy; its one time is that of the whole, shared out."""
    requests = itertools.cycle(submissions(one))

    async def turn(seconds: float) -> list[float]:
        started = time.perf_counter()
        count = await in_turn(open_, requests, started + seconds)
        return [(time.perf_counter() - started) / count * 1000]

    return turn


async def paced(port: int, request: bytes, rate: float, seconds: float) -> list[float]:
    """Send `rate` requests a second, whether or not earlier ones are answered; return the latencies in ms.

    So a service that stalls is asked on, and each of those requests shows the stall: the time that one
    waits for a connection is part of its latency.

    Raises:
        RuntimeError: an answer is anything but 200.
    """
    latencies: list[float] = []
    idle: asyncio.Queue[Connection] = asyncio.Queue()

    async def ask() -> None:
        started = time.perf_counter()
        connection = await idle.get()
        status, body = await connection.send(request)
        latencies.append((time.perf_counter() - started) * 1000)
        idle.put_nowait(connection)
        if status != 200:
            raise RuntimeError(body.decode())

    async with connections(port, _PACED_CONNECTIONS) as open_, asyncio.TaskGroup() as group:
        for connection in open_:
            idle.put_nowait(connection)
        begin = time.perf_counter()
        for number in range(max(1, int(rate * seconds))):
            await asyncio.sleep(max(0.0, begin + number / rate - time.perf_counter()))
            group.create_task(ask())
    return latencies
