"""A process for the work that cannot be bounded well, so that it can be killed at its deadline.

Expansion by PyLD and the n-degree step hold the interpreter; in a thread they would stop the event
loop and could not be ended.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, Final

from gateway.framed_worker import ENDED, FramedWorker, encoded
from resolvers.problems import Invalid, Unavailable

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Mapping, Sequence

    from gateway.canonical._terms import Quad

_COMMAND: Final = (sys.executable, "-I", "-m", "gateway.canonical._worker_process")
_KEPT_VARIABLES: Final = ("SYSTEMROOT", "PATH")
"""All that the process sees of the environment: it needs no secret, and Windows needs these."""
_LARGEST_ANSWER: Final = 64 << 20


class Worker(FramedWorker):
    """Runs jobs in a process of its own, which starts with the first of them."""

    def __init__(self, *, seconds: float = 5.0, waiting: int = 16, command: Sequence[str] = _COMMAND) -> None:
        """Prepare, but start nothing.

        Args:
            seconds: what one job may take, the start of the process included.
            waiting: how many jobs may wait for the one that runs.
            command: how the process is started.
        """
        environment = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
        super().__init__(
            seconds=seconds, waiting=waiting, command=command, largest_answer=_LARGEST_ANSWER, environment=environment
        )
        self._sent: set[str] = set()

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
        async def encode() -> bytes:  # once the process runs: one that has just been started knows no text
            request["texts"] = {sha256: text for sha256, text in texts.items() if sha256 not in self._sent}
            return encoded(request)

        try:
            answer = await self._ask(encode)
        except TimeoutError:
            detail = f"the document was not canonicalized within {self._seconds:g} seconds"
            raise Unavailable("deadline-exceeded", detail) from None
        except ENDED:
            raise Unavailable("internal-error", "the canonicalization worker ended without an answer") from None
        self._sent.update(texts)
        return answer

    async def _started(self) -> asyncio.subprocess.Process:
        before = self.starts
        process = await super()._started()
        if self.starts != before:
            self._sent.clear()
        return process
