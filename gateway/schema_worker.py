"""The service's end of the process that validates: one job at a time, and an end to each.

A crash, a deadline or a cancelled caller ends the process, since its answer must not reach the next
caller; the next job starts another (50 ms, where a job for a running one takes 1 ms).
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gateway.framed_worker import ENDED, FramedWorker, encoded
from resolvers.problems import Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_COMMAND: Final = (sys.executable, "-I", str(Path(__file__).with_name("_schema_process.py")))
_LARGEST_ANSWER: Final = 1 << 20
_SECONDS: Final = 2.0
"""What one job may take, the start of the process included. CLR 2.0's schema, the largest, takes 0.1 s."""
_WAITING: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaText:
    """A JSON Schema as it was published."""

    url: str
    text: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Conformance:
    """What came of validating."""

    errors: tuple[tuple[str, str], ...] = ()
    """(JSON Pointer into the credential, keyword that is not met)."""
    missing: str | None = None
    """The address of a document that the schema refers to; then nothing is known yet."""


class SchemaWorker(FramedWorker):
    """Validates in a process of its own, which starts with the first job."""

    def __init__(
        self, *, seconds: float = _SECONDS, waiting: int = _WAITING, command: Sequence[str] = _COMMAND
    ) -> None:
        """Prepare, but start nothing.

        Args:
            seconds: what one job may take, the start of the process included.
            waiting: how many jobs may wait for the one that runs.
            command: how the process is started.
        """
        super().__init__(
            seconds=seconds, waiting=waiting, command=command, largest_answer=_LARGEST_ANSWER, environment={}
        )

    async def validate(
        self, document: Mapping[str, Any], schema: SchemaText, others: Sequence[SchemaText]
    ) -> Conformance:
        """Validate `document` against `schema`; `others` are the documents that it refers to.

        Raises:
            Unavailable: `schema-malformed`, `schema-limit`, `deadline-exceeded`, `overloaded`.
        """
        if self._queued > self._waiting:
            raise Unavailable("overloaded", "too many records wait to be validated")
        request: dict[str, Any] = {
            "url": schema.url,
            "sha256": schema.sha256,
            "resources": {other.url: other.sha256 for other in others},
            "document": document,
        }
        self._queued += 1
        try:
            async with self._turn:
                answer = await self._run(request)
                if "wanted" in answer:
                    request["texts"] = {each.sha256: each.text for each in (schema, *others)}
                    answer = await self._run(request)
        finally:
            self._queued -= 1
        if "malformed" in answer:
            raise Unavailable("schema-malformed", f"{schema.url}: {answer['malformed']}")
        if "limit" in answer:
            raise Unavailable("schema-limit", f"{schema.url}: {answer['limit']}")
        errors = tuple([(pointer, keyword) for pointer, keyword in answer.get("errors", ())])
        return Conformance(errors=errors, missing=answer.get("missing"))

    async def _run(self, request: Mapping[str, Any]) -> dict[str, Any]:
        try:
            # Of 3 MB it takes 20 ms, in which others want answers.
            return await self._ask(lambda: asyncio.to_thread(encoded, request))
        except TimeoutError:
            raise Unavailable("schema-limit", f"it took more than {self._seconds:g} seconds") from None
        except ENDED:
            raise Unavailable("schema-limit", "the process that validates ended without an answer") from None
