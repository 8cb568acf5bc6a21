"""The service's end of the didkit process: it takes 70 ms to start, and 2 ms a request."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from gateway.cryptosuites import _didkit
from gateway.framed_worker import ENDED, FramedWorker, encoded
from resolvers.problems import Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_COMMAND: Final = (*_didkit.COMMAND, "serve")
_LARGEST_ANSWER: Final = 1 << 16
_SECONDS: Final = 5.0
_WAITING: Final = 16


class DidkitWorker(FramedWorker):
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
        super().__init__(
            seconds=seconds, waiting=waiting, command=command, largest_answer=_LARGEST_ANSWER, environment={}
        )

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

    async def _run(self, request: dict[str, Any]) -> dict[str, Any]:
        async def encode() -> bytes:
            return encoded(request)

        try:
            return await self._ask(encode)
        except TimeoutError:
            raise Unavailable("deadline-exceeded", f"didkit did not answer within {self._seconds:g} seconds") from None
        except ENDED:
            raise Unavailable("internal-error", "didkit ended without an answer") from None

    def _is_answer(self, answer: Mapping[str, Any]) -> bool:
        """Whether it lists errors, or says why it cannot; nothing but an empty list is a pass."""
        return answer.keys() in ({"errors"}, {"unusable"}) and isinstance(answer.get("errors", []), list)


_WORKERS: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, DidkitWorker]] = WeakKeyDictionary()


def worker() -> DidkitWorker:
    """Return the worker of the running event loop, which all suites share."""
    return _WORKERS.setdefault(asyncio.get_running_loop(), DidkitWorker())


async def close() -> None:
    """End the process of the running event loop, if there is one."""
    if (running := _WORKERS.get(asyncio.get_running_loop())) is not None:
        await running.close()
