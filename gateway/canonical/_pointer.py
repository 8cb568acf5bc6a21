"""JSON Pointers (RFC 6901) into a document, and the refusal that carries them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from resolvers.problems import Invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def data_loss(detail: str, pointer: str | None = None) -> Invalid:
    """Return the refusal of a document part of which its proof would not cover, or would hide."""
    return Invalid("DATA_LOSS_DETECTION_ERROR", detail, pointer=pointer)


def escaped(name: str) -> str:
    """Return a member name as a reference token."""
    return name.replace("~", "~0").replace("/", "~1")


def walk(document: object) -> Iterator[tuple[str, Any]]:
    """Yield every value in a JSON document with its pointer, in the document's order."""
    pending: list[tuple[str, Any]] = [("", document)]
    while pending:
        pointer, value = pending.pop()
        yield pointer, value
        if isinstance(value, dict):
            pending += [(f"{pointer}/{escaped(name)}", value[name]) for name in reversed(value)]
        elif isinstance(value, list):
            pending += [(f"{pointer}/{index}", value[index]) for index in reversed(range(len(value)))]


def find(document: object, holds: Callable[[Any], bool]) -> str | None:
    """Return the pointer of the first value for which `holds` does; None if there is none."""
    return next((pointer for pointer, value in walk(document) if holds(value)), None)
