"""What reads a PDF, in a process of its own: `python -I _pdf_process.py LIMIT`, which takes no other module of ours.

A PDF is a program for its reader, and readers have been led round in circles by it. So it is read
where that can be ended: without the service's environment, and with an end to its memory and time.

The PDF is on standard input. On standard output is a JSON array of base64 texts, the embedded files
that may be records, at most LIMIT octets together; or `{"damaged": text}`, `{"too-large": text}`.
"""

from __future__ import annotations

import base64
import io
import json
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_MEMORY: Final = 1 << 30
"""Bytes of address space."""
_SECONDS: Final = 10
"""Of processor time, for a parent that has died meanwhile; a living one waits less."""
_PAGES: Final = 500
"""Pages whose annotations are looked at."""
_BEGINNINGS: Final = (b"{", b"[", b"<", b"eyJ", b"\x89PNG")
"""How records begin. What else a PDF has attached, a spreadsheet or a font, was not presented."""


class _TooLargeError(Exception):
    """More was embedded than the request may cost."""


def embedded(pdf: bytes, limit: int) -> list[bytes]:
    """Return the embedded files that may be records, each once, in their order (ISO 32000-2, section 7.11.4).

    They are named by the catalogue, associated with the document, or attached to a page. At most `limit`
    octets are returned.
    """
    from pypdf import PdfReader  # noqa: PLC0415 — within the limits that `main` sets

    found: list[bytes] = []
    seen: set[Any] = set()
    reader = PdfReader(io.BytesIO(pdf))
    for specification in _specifications(reader):
        streams = specification["/EF"]
        reference = streams.raw_get("/UF") if "/UF" in streams else streams.raw_get("/F")
        identity = getattr(reference, "idnum", id(reference))
        if identity in seen:
            continue
        seen.add(identity)
        octets = bytes(reference.get_object().get_data())
        if octets.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(_BEGINNINGS):
            limit -= len(octets)
            if limit < 0:
                raise _TooLargeError
            found.append(octets)
    return found


def _specifications(reader: Any) -> Iterator[Any]:
    """Yield the file specification dictionaries that have an embedded file."""
    root = reader.root_object
    candidates = list(_named(_at(_at(root, "/Names", {}), "/EmbeddedFiles", {}), 0))
    candidates += _at(root, "/AF", [])
    for page, _ in zip(reader.pages, range(_PAGES), strict=False):
        for annotation in _at(page, "/Annots", []):
            node = annotation.get_object()
            if node.get("/Subtype") == "/FileAttachment" and "/FS" in node:
                candidates.append(node["/FS"])
    for candidate in candidates:
        specification = candidate.get_object()
        if "/EF" in specification:
            yield specification


def _at(dictionary: Any, key: str, absent: Any) -> Any:
    """Return the value of a key, wherever in the file it stands; pypdf's `get` stops at a reference."""
    return dictionary.get(key, absent).get_object() if key in dictionary else absent


def _named(tree: Any, depth: int) -> Iterator[Any]:
    """Yield the values of a name tree (section 7.9.6)."""
    if depth > 8:  # noqa: PLR2004 — deeper than any that was written for use
        raise ValueError("the name tree is too deep")
    yield from list(_at(tree, "/Names", []))[1::2]
    for kid in _at(tree, "/Kids", []):
        yield from _named(kid.get_object(), depth + 1)


def _limit() -> None:
    with suppress(ImportError, OSError, ValueError):  # Windows has no limits, macOS not all of them
        import resource  # noqa: PLC0415 — not on every platform

        for what, limit in (
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_CPU, _SECONDS),
            (resource.RLIMIT_FSIZE, 0),
            (resource.RLIMIT_AS, _MEMORY),
        ):
            resource.setrlimit(what, (limit, limit))


def main() -> None:
    """Read standard input, and answer."""
    _limit()
    answer: Any
    try:
        answer = [base64.b64encode(octets).decode() for octets in embedded(sys.stdin.buffer.read(), int(sys.argv[1]))]
    except _TooLargeError:
        answer = {"too-large": "the PDF has more embedded than one request may cost"}
    except MemoryError:
        answer = {"too-large": "the PDF takes more memory than one may"}
    except ImportError as error:
        answer = {"unusable": f"{error.name} is not installed"}
    except Exception as error:  # noqa: BLE001 — pypdf raises whatever its place in the file leads to
        answer = {"damaged": f"the PDF cannot be read: {type(error).__name__}"}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
