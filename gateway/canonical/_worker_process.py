"""What runs in the worker process: `python -I -m gateway.canonical._worker_process`.

Frames on standard input and output: a 4-byte big-endian length, then JSON in UTF-8. Requests:

- `{"expand": document, "contexts": {url: sha256}, "texts": {sha256: context}}` → `{"quads": […]}`;
  `texts` holds those that this process has not been sent before
- `{"label": quads, "hash": name}` → `{"nquads": text}`

Either may be answered `{"invalid": problem}` or `{"unavailable": problem}`. It ends when its input does.
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from gateway.canonical import rdfc
from gateway.canonical.reference import Reference, check_watch
from resolvers.problems import Invalid, Problem, Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import BinaryIO

_MEMORY: Final = 1 << 30
"""Bytes of address space; what asks for more ends as `canonicalization-limit`."""
_REVISION_SETS: Final = 16
"""Sets of context texts that stay compiled."""


class Jobs:
    """Does the requests one after another, and remembers context texts between them."""

    def __init__(self) -> None:
        self._texts: dict[str, Mapping[str, Any]] = {}
        self._reference = lru_cache(_REVISION_SETS)(self._compiled)

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Do one request."""
        try:
            if "label" in request:
                quads = [(s, p, o, g) for s, p, o, g in request["label"]]
                return {"nquads": rdfc.canonicalize(quads, request["hash"])[0].decode()}
            self._texts.update(request["texts"])
            return {"quads": self._reference(tuple(sorted(request["contexts"].items()))).quads(request["expand"])}
        except Invalid as fate:
            return {"invalid": _problem(fate.problem)}
        except Unavailable as fate:
            return {"unavailable": _problem(fate.problem)}
        except (MemoryError, RecursionError):
            detail = "expanding it would take more memory or depth than one document may have"
            return {"unavailable": {"code": "canonicalization-limit", "detail": detail, "pointer": None}}

    def _compiled(self, contexts: tuple[tuple[str, str], ...]) -> Reference:
        return Reference({url: self._texts[sha256] for url, sha256 in contexts})


def _problem(problem: Problem) -> dict[str, str | None]:
    return {"code": problem.code, "detail": problem.detail, "pointer": problem.pointer}


def _limit_memory() -> None:
    with suppress(ImportError, OSError, ValueError):  # Windows has no limits, macOS not this one
        import resource  # noqa: PLC0415 — not on every platform

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Answer frames until the input ends."""
    jobs = Jobs()
    while len(head := source.read(4)) == 4:  # noqa: PLR2004 — the length's own length
        answer = json.dumps(jobs.answer(json.loads(source.read(int.from_bytes(head)))), separators=(",", ":")).encode()
        sink.write(len(answer).to_bytes(4) + answer)
        sink.flush()


def main() -> None:
    """Serve standard input and output, which nothing else may write to."""
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr
    _limit_memory()
    check_watch(Reference({}).quads)
    serve(source, sink)


if __name__ == "__main__":
    main()
