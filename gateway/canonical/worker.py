"""A process for the work that cannot be bounded well, so that it can be killed at its deadline.

Expansion by PyLD and the n-degree step hold the interpreter; in a thread they would stop the event
loop and could not be ended. One job runs at a time; a crash, a deadline or a cancelled caller ends the
process, since its answer must not reach the next caller, and the next job starts another.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from resolvers.problems import Invalid, Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateway.canonical._terms import Quad

_COMMAND: Final = (sys.executable, "-I", "-m", "gateway.canonical._worker_process")
_KEPT_VARIABLES: Final = ("SYSTEMROOT", "PATH")
"""All that the process sees of the environment: it needs no secret, and Windows needs these."""
_LARGEST_ANSWER: Final = 64 << 20


class Worker:
    """Runs jobs in a process of its own, which starts with the first of them."""

    def __init__(self, *, seconds: float = 5.0, waiting: int = 16, command: Sequence[str] = _COMMAND) -> None:
        """Prepare, but start nothing.

        Args:
            seconds: what one job may take, the start of the process included.
            waiting: how many jobs may wait for the one that runs.
            command: how the process is started.
        """
        self._seconds = seconds
        self._waiting = waiting
        self._command = command
        self._queued = 0
        self._turn = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None
        self._sent: set[str] = set()
        self.starts = 0
        """How often a process was started."""

    async def expand(
        self, document: Mapping[str, Any], contexts: Mapping[str, tuple[str, Mapping[str, Any]]]
    ) -> list[Quad]:
        """Return the statements of `document` by PyLD; `contexts` is URL → (SHA-256, text).

        Raises:
            Invalid: as `gateway.canonical.reference.Reference.quads`.
            Unavailable: `canonicalization-limit`, `deadline-exceeded`, `overloaded`, `internal-error`.
        """
        request = {"expand": document, "contexts": {url: sha256 for url, (sha256, _) in contexts.items()}}
        answer = await self._call(request, dict(contexts.values()))
        return [(s, p, o, g) for s, p, o, g in answer["quads"]]

    async def label(self, quads: Sequence[Quad], hash_name: str) -> bytes:
        """Return the canonical N-Quads of `quads`.

        Raises:
            Unavailable: `canonicalization-limit`, `deadline-exceeded`, `overloaded`, `internal-error`.
        """
        nquads: str = (await self._call({"label": quads, "hash": hash_name}, {}))["nquads"]
        return nquads.encode()

    async def close(self) -> None:
        """End the process; a later job would start another."""
        async with self._turn:
            await self._kill()

    async def _call(self, request: dict[str, Any], texts: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        if self._queued > self._waiting:
            raise Unavailable("overloaded", "too many documents wait for the canonicalization worker")
        self._queued += 1
        try:
            async with self._turn:
                answer = await self._run(request, texts)
        finally:
            self._queued -= 1
        for fate, raised in (("invalid", Invalid), ("unavailable", Unavailable)):
            if fate in answer:
                problem = answer[fate]
                raise raised(problem["code"], problem["detail"], pointer=problem["pointer"])
        return answer

    async def _run(self, request: dict[str, Any], texts: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        done = False
        try:
            async with asyncio.timeout(self._seconds):
                process = await self._started()
                request["texts"] = {sha256: text for sha256, text in texts.items() if sha256 not in self._sent}
                answer = await _exchange(process, json.dumps(request, default=dict, separators=(",", ":")).encode())
                self._sent.update(texts)
            done = True
        except TimeoutError:
            detail = f"the document was not canonicalized within {self._seconds:g} seconds"
            raise Unavailable("deadline-exceeded", detail) from None
        except (OSError, asyncio.IncompleteReadError):
            raise Unavailable("internal-error", "the canonicalization worker ended without an answer") from None
        finally:
            if not done:
                await self._kill()
        return answer

    async def _started(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            self._sent.clear()
            self.starts += 1
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env={name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ},
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
    answer: dict[str, Any] = json.loads(await process.stdout.readexactly(length))
    return answer
