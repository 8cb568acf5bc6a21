"""What validates against JSON Schemas, in a process of its own: `python -I _schema_process.py`.

A schema is a program that a stranger wrote: references that double at each step take exponential time,
and no library gives up on them. So it runs where it can be killed, without the service's environment,
and after its first schema without a descriptor to open: no socket, no file.

Frames on standard input and output: a 4-byte big-endian length, then JSON in UTF-8.

- `{"url": address, "sha256": digest, "resources": {url: digest}, "document": credential}`
- → `{"errors": [[JSON Pointer, keyword], …]}`: none if it conforms
- → `{"wanted": true}`: these texts are not known, so ask again with `"texts": {digest: text}`
- → `{"missing": url}`: the schema refers to another document, without which it has no meaning
- → `{"malformed": text}` or `{"limit": text}`: nothing can be said about the credential
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import jsonschema_rs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import BinaryIO

MAX_ERRORS: Final = 10
"""Places that are named: whoever mends the record mends them one after another."""

_MEMORY: Final = 1 << 30
"""Bytes of address space."""
_COMPILED: Final = 32
"""Schemas that stay compiled, each with the documents that it refers to; most records name one of a few."""
_PATTERN_BYTES: Final = 1 << 20
_PATTERN_STEPS: Final = 100_000
"""What a regular expression may take, compiled and at work; real ones take some hundred."""
_LIMITS: Final = (
    jsonschema_rs.ValidationErrorKind.BacktrackLimitExceeded,
    jsonschema_rs.ValidationErrorKind.RegexEngineFailure,
)
"""A pattern that was given up: that is no mismatch."""


class _MissingError(Exception):
    """The schema refers to a document that was not sent."""


class _WantedError(Exception):
    """The schema is not among those that stay compiled."""


class Schemas:
    """Answers requests, and remembers what it has compiled."""

    def __init__(self) -> None:
        self._texts: Mapping[str, str] = {}
        self._validator = lru_cache(_COMPILED)(self._compile)

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Do one request."""
        self._texts = request.get("texts", {})
        try:
            found = self._validator(request["url"], request["sha256"], tuple(sorted(request["resources"].items())))
            return _errors(found, request["document"])
        except _WantedError:
            return {"wanted": True}
        except _MissingError as missing:
            return {"missing": str(missing)}
        except (jsonschema_rs.ReferencingError, ValueError) as wrong:
            return {"malformed": f"it is not a valid JSON Schema ({type(wrong).__name__})"}
        except (MemoryError, RecursionError):
            return {"limit": "it takes more memory or depth than a schema may"}
        finally:
            self._texts = {}

    def _compile(self, url: str, sha256: str, resources: tuple[tuple[str, str], ...]) -> Any:
        if not {sha256, *(digest for _, digest in resources)} <= self._texts.keys():
            raise _WantedError
        missing: list[str] = []

        def note(uri: str) -> Any:
            missing.append(uri)
            raise LookupError(uri)

        try:
            return jsonschema_rs.validator_for(
                json.loads(self._texts[sha256]),
                base_uri=url,
                registry=jsonschema_rs.Registry(
                    [(other, json.loads(self._texts[digest])) for other, digest in resources], retriever=note
                ),
                retriever=note,
                pattern_options=jsonschema_rs.FancyRegexOptions(
                    backtrack_limit=_PATTERN_STEPS, size_limit=_PATTERN_BYTES, dfa_size_limit=_PATTERN_BYTES
                ),
            )
        except (jsonschema_rs.ReferencingError, ValueError):  # of which ValidationError is one
            if missing:
                raise _MissingError(missing[0]) from None
            raise


def _errors(validator: Any, document: Any) -> dict[str, Any]:
    """Return where the document does not conform: places and keywords, never a value."""
    errors: list[tuple[str, str]] = []
    for error in islice(validator.iter_errors(document), MAX_ERRORS):
        if isinstance(error.kind, _LIMITS):
            return {"limit": "one of its regular expressions takes too many steps"}
        errors.append((_pointer(error.instance_path), error.kind.name))
    return {"errors": errors}


def _pointer(path: list[str | int]) -> str:
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def _limit() -> None:
    with suppress(ImportError, OSError, ValueError):  # Windows has no limits, macOS not all of them
        import resource  # noqa: PLC0415 — not on every platform

        for what, limit in (
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_FSIZE, 0),
            (resource.RLIMIT_AS, _MEMORY),
            (resource.RLIMIT_NOFILE, 3),
        ):
            resource.setrlimit(what, (limit, limit))


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Answer frames until the input ends."""
    schemas = Schemas()
    while len(head := source.read(4)) == 4:  # noqa: PLR2004 — the length's own length
        answer = json.dumps(schemas.answer(json.loads(source.read(int.from_bytes(head))))).encode()
        sink.write(len(answer).to_bytes(4) + answer)
        sink.flush()


def main() -> None:
    """Serve standard input and output, which nothing else may write to."""
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr
    draft = "https://json-schema.org/draft/2020-12/schema"
    jsonschema_rs.validator_for({"$schema": draft, "pattern": "^.$"}).is_valid("a")  # what it loads, it loads now
    _limit()
    serve(source, sink)


if __name__ == "__main__":
    main()
