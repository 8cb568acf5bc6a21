"""What was presented, read: octets and texts become JSON, tokens or stay files, and containers are opened."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

from resolvers import strict_json
from resolvers.problems import Invalid, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.model import Presented
    from gateway.plugins import Container, ContainerTools

T = TypeVar("T")

_HEAD: Final = 1024
"""Octets in which it shows what begins."""

_JSON: Final = frozenset({"{", "[", b"{", b"["})

_LARGE: Final = 128 * 1024
"""Octets from which a thread works on it: parsing alone takes some milliseconds of one that is larger."""

_FILES: Final = (b"<", b"%PDF")
"""How files begin that may be plain ASCII throughout."""

_TEXT: Final = re.compile(rb"[\t\n\r\x20-\x7e]*")


async def read(presented: Presented) -> Presented:
    """Return what was presented as a format or a container takes it.

    An object or an array stays what it is, and so does a file. Text that begins like JSON is parsed
    strictly; any other is a token, an address or the like, without the white space around it.

    Raises:
        Invalid: it begins like JSON and is none; see `strict_json.loads`.
    """
    content = presented.content
    if isinstance(content, (str, bytes)) and content[:_HEAD].lstrip()[:1] in _JSON:
        parsed = await aside(presented, strict_json.loads, content)
        return replace(presented, content=parsed, octets=len(content))
    if isinstance(content, bytes):
        text = _text(content)
        return presented if text is None else replace(presented, content=text)
    return replace(presented, content=content.strip()) if isinstance(content, str) else presented


async def aside(presented: Presented, work: Callable[..., T], *arguments: Any) -> T:
    """Do work on what was presented: at once, or in a thread where it is large, so that others are answered."""
    if presented.size < _LARGE:
        return work(*arguments)
    return await asyncio.to_thread(work, *arguments)


def bounded(presented: Presented, *, parsed: bool) -> None:
    """Refuse what a caller built itself, `parsed` by nobody, that nests deeper than what is parsed here.

    Whatever walks a document later recurses, and relies on this.

    Raises:
        Invalid: `too-deep`.
    """
    if not parsed and not presented.octets and isinstance(presented.content, (dict, list)):
        strict_json.check_depth(presented.content)


def _text(content: bytes) -> str | None:
    """Return octets as text; None of a file."""
    if content[:_HEAD].lstrip().startswith(_FILES) or _TEXT.fullmatch(content) is None:
        return None
    return content.decode("ascii").strip()


async def unpack(
    container: Container, presented: Presented, tools: ContainerTools
) -> tuple[tuple[Presented, ...], int]:
    """Return what is in a container, which is at least one thing, and how many octets that is.

    Raises:
        Invalid: it is damaged, or empty.
        Unavailable: it could not be had, or holds more than the request may cost.
    """
    inside = await container.open(presented, tools)
    if not inside:
        raise Invalid("not-a-credential", f"there is nothing in the {container.name}", pointer="")
    if len(inside) > tools.max_records:
        raise Unavailable("too-many-children", f"{len(inside)} records, of at most {tools.max_records}")
    size = sum(len(one.content) for one in inside if isinstance(one.content, (str, bytes)))
    if size > tools.max_bytes:
        raise Unavailable("too-large", f"{size} octets, of at most {tools.max_bytes}")
    return inside, size
