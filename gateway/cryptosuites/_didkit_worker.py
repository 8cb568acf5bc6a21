"""The service's end of the didkit process: one request at a time, and an end to each.

A crash, a deadline or a cancelled caller ends the process, since its answer must not reach the next
caller, and the next request starts another: 70 ms, where a request to a running one takes 2 ms.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from gateway.cryptosuites import _didkit
from resolvers.problems import Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_COMMAND: Final = (*_didkit.COMMAND, "serve")
_LARGEST_ANSWER: Final = 1 << 16
_SECONDS: Final = 5.0
_WAITING: Final = 16


class DidkitWorker:
    """Verifies by didkit in a process of its own, which starts with the first request."""

    def __init__(
        self, *, seconds: float = _SECONDS, waiting: int = _WAITING, command: Sequence[str] = _COMMAND
    ) -> None:
        """Prepare, but start nothing.

        Args:
            seconds: what one request may take, the start of the process included.
            waiting: how many requests may wait for the one that runs.
            command: how the process is started.
        """
        self._seconds = seconds
        self._waiting = waiting
        self._command = command
        self._queued = 0
        self._turn = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None
        self.starts = 0
        """How often a process was started."""

    async def errors(
        self, document: Mapping[str, Any], options: Mapping[str, Any], *, presentation: bool = False
    ) -> list[str]:
        """Return what didkit finds wrong with the one proof of `document`: nothing if it verifies.

        Raises:
            Unavailable: `unsupported-cryptosuite` where there is no didkit; `overloaded`,
                `deadline-exceeded`, `internal-error`.
        """
        if self._queued > self._waiting:
            raise Unavailable("overloaded", "too many proofs wait for didkit")
        self._queued += 1
        try:
            async with self._turn:
                answer = await self._run({"document": document, "options": options, "presentation": presentation})
        finally:
            self._queued -= 1
        if "unusable" in answer:
            raise Unavailable("unsupported-cryptosuite", f"only didkit verifies it, and {answer['unusable']}")
        errors: list[str] = answer["errors"]
        return errors

    async def close(self) -> None:
        """End the process; a later request would start another."""
        async with self._turn:
            await self._kill()

    async def _run(self, request: dict[str, Any]) -> dict[str, Any]:
        done = False
        try:
            async with asyncio.timeout(self._seconds):
                process = await self._started()
                answer = await _exchange(process, json.dumps(request, default=dict, separators=(",", ":")).encode())
            done = True
        except TimeoutError:
            raise Unavailable("deadline-exceeded", f"didkit did not answer within {self._seconds:g} seconds") from None
        except (OSError, ValueError, asyncio.IncompleteReadError):
            raise Unavailable("internal-error", "didkit ended without an answer") from None
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
                env={},
                start_new_session=True,  # an interrupt at the terminal is for the service to act on
            )
        return self._process

    async def _kill(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def _exchange(process: asyncio.subprocess.Process, request: bytes) -> dict[str, Any]:
    """Write one frame and read the one that answers it."""
    if process.stdin is None or process.stdout is None:
        raise BrokenPipeError
    process.stdin.write(len(request).to_bytes(4) + request)
    await process.stdin.drain()
    length = int.from_bytes(await process.stdout.readexactly(4))
    if length > _LARGEST_ANSWER:
        raise BrokenPipeError
    answer = json.loads(await process.stdout.readexactly(length))
    if not isinstance(answer, dict) or answer.keys() not in ({"errors"}, {"unusable"}):
        raise BrokenPipeError
    if not isinstance(answer.get("errors", []), list):  # nothing but an empty list is a pass
        raise BrokenPipeError
    return answer


_WORKERS: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, DidkitWorker]] = WeakKeyDictionary()


def worker() -> DidkitWorker:
    """Return the worker of the running event loop, which all suites share."""
    return _WORKERS.setdefault(asyncio.get_running_loop(), DidkitWorker())


async def close() -> None:
    """End the process of the running event loop, if there is one."""
    if (running := _WORKERS.get(asyncio.get_running_loop())) is not None:
        await running.close()
