"""A process that does what cannot be bounded well within the service, so that it can be killed at its deadline.

One request runs at a time. A crash, a deadline or a cancelled caller ends the process, since its answer
must not reach the next caller, and the next request starts another. Frames on its standard input and
output are a 4-byte big-endian length, then JSON in UTF-8.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

ENDED: Final = (OSError, ValueError, asyncio.IncompleteReadError)
"""What `_ask` raises where the process could not be started, or ended without an answer of use."""


class FramedWorker:
    """Asks one process, which starts with the first request."""

    def __init__(
        self,
        *,
        seconds: float,
        waiting: int,
        command: Sequence[str],
        largest_answer: int,
        environment: Mapping[str, str],
    ) -> None:
        """Prepare, but start nothing.

        Args:
            seconds: what one request may take, the start of the process included.
            waiting: how many requests may wait for the one that runs.
            command: how the process is started.
            largest_answer: bytes of the largest answer that is read.
            environment: all that the process sees of it.
        """
        self._seconds = seconds
        self._waiting = waiting
        self._command = command
        self._largest_answer = largest_answer
        self._environment = environment
        self._queued = 0
        self._turn = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None
        self.starts = 0
        """How often a process was started."""

    async def close(self) -> None:
        """End the process; a later request would start another."""
        async with self._turn:
            await self._kill()

    async def _ask(self, encode: Callable[[], Awaitable[bytes]]) -> dict[str, Any]:
        """Send what `encode` makes once the process runs, and return its answer.

        Raises:
            TimeoutError: it did not answer in time.
            OSError, ValueError, asyncio.IncompleteReadError: `ENDED`.
        """
        done = False
        try:
            async with asyncio.timeout(self._seconds):
                process = await self._started()
                answer = await self._exchange(process, await encode())
            done = True
        finally:
            if not done:
                await self._kill()
        return answer

    async def _started(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            self.starts += 1
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env=self._environment,
                start_new_session=True,  # an interrupt at the terminal is for the service to act on
            )
        return self._process

    async def _kill(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _exchange(self, process: asyncio.subprocess.Process, request: bytes) -> dict[str, Any]:
        """Write one frame and read the one that answers it."""
        if process.stdin is None:
            raise BrokenPipeError
        self._send(process, request)
        await process.stdin.drain()
        return await self._receive(process)

    def _send(self, process: asyncio.subprocess.Process, request: bytes) -> None:
        """Write one frame."""
        if process.stdin is None:
            raise BrokenPipeError
        process.stdin.write(len(request).to_bytes(4) + request)

    async def _receive(self, process: asyncio.subprocess.Process) -> dict[str, Any]:
        """Read one frame."""
        if process.stdout is None:
            raise BrokenPipeError
        length = int.from_bytes(await process.stdout.readexactly(4))
        if length > self._largest_answer:
            raise BrokenPipeError
        answer: Any = json.loads(await process.stdout.readexactly(length))
        if not isinstance(answer, dict) or not self._is_answer(answer):
            raise BrokenPipeError
        return answer

    def _is_answer(self, answer: Mapping[str, Any]) -> bool:
        """Whether this is an answer of the process's own shape; any other ends it."""
        del answer
        return True


def encoded(request: Mapping[str, Any]) -> bytes:
    """Return a request as the JSON of its frame."""
    return json.dumps(request, default=dict, separators=(",", ":")).encode()
