"""Request bodies: their media types, their bounds, and what is in them before anybody looks at it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

import gateway.containers
from gateway.api.endpoint import CALLER, CONFIG
from gateway.api.errors import Refused
from gateway.plugins import Container
from resolvers import registry, strict_json
from resolvers.problems import Invalid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiohttp import StreamReader

JSON_TYPES: Final = (
    *("application/json", "application/ld+json", "application/vc", "application/vc+ld+json"),
    *("application/vp", "application/vp+ld+json", "application/jose+json"),
)
TOKEN_TYPES: Final = (
    *("application/vc+jwt", "application/vp+jwt", "application/jwt"),
    *("application/vc+sd-jwt", "application/vp+sd-jwt", "application/dc+sd-jwt", "application/sd-jwt"),
)
TEXT_TYPES: Final = ("text/plain",)
"""A token, an address or base64; or JSON, told by the first character."""
FILE_TYPES: Final = (
    *sorted(registry.scan(gateway.containers, Container, lambda container: container.media_types)),
    *("application/vc+cose", "application/vp+cose", "application/cose", "application/xml", "text/xml"),
)
"""What it is shows by its content; the media type only says that it is no JSON."""
FORM_TYPE: Final = "multipart/form-data"

MEDIA_TYPES: Final = (*JSON_TYPES, *TOKEN_TYPES, *TEXT_TYPES, *FILE_TYPES, FORM_TYPE)

_LARGE = 128 * 1024
"""Bytes from which a body is parsed in a thread: some milliseconds, in which others want answers."""


async def json_object(request: web.Request) -> dict[str, Any]:
    """Read a body that is a JSON object.

    Raises:
        Refused: it is not.
    """
    media_type(request, JSON_TYPES)
    value = await json_value(request, await body(request))
    if not isinstance(value, dict):
        raise Refused("malformed-request", "the body is a JSON object")
    return value


def media_type(request: web.Request, known: Sequence[str]) -> str:
    """Return the body's media type, in lower case and without parameters.

    Raises:
        Refused: `unsupported-media-type`.
    """
    # A compressed body would have to be bounded twice, and no caller needs one.
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Refused("unsupported-media-type", "the body must not be compressed")
    given = request.content_type.lower()
    if given not in known:
        raise Refused("unsupported-media-type", f"send one of {', '.join(known)}")
    if (request.charset or "utf-8").lower() not in {"utf-8", "utf8", "us-ascii"}:
        raise Refused("unsupported-media-type", "the text must be UTF-8")
    return given


async def content(request: web.Request, kind: str) -> dict[str, Any] | list[Any] | str | bytes:
    """Return a body of that media type: JSON, a text, or a file.

    Raises:
        Refused: it is not what it says.
    """
    raw = await body(request)
    if not raw and kind not in JSON_TYPES:
        raise Refused("malformed-request", "the body is empty")
    if kind in FILE_TYPES:
        return raw
    if kind in TOKEN_TYPES or (kind in TEXT_TYPES and not raw.lstrip().startswith((b"{", b"["))):
        try:
            return raw.decode().strip()
        except UnicodeDecodeError:
            raise Refused("not-utf8", "the text is not UTF-8") from None
    value = await json_value(request, raw)
    if not isinstance(value, (dict, list)) or value == []:
        raise Refused("malformed-request", "the body is a JSON object, an array of some, a text, or a file")
    return value


async def json_value(request: web.Request, raw: bytes) -> Any:
    """Parse a body strictly.

    Raises:
        Refused: it is no JSON, or such that parsers disagree about it.
    """
    depth = request.app[CONFIG].server.max_json_depth
    try:
        if len(raw) < _LARGE:
            return strict_json.loads(raw, max_depth=depth)
        return await asyncio.to_thread(strict_json.loads, raw, max_depth=depth)
    except Invalid as invalid:
        raise Refused.of(invalid.problem) from None


async def body(request: web.Request) -> bytes:
    """Return the body, within the caller's limit of bytes and the server's of seconds.

    Raises:
        Refused: it is larger, slower, or broke off.
    """
    limit, seconds = request[CALLER].limits.body_bytes, request.app[CONFIG].server.body_seconds
    if (request.content_length or 0) > limit:
        raise _too_large(limit)
    try:
        if request.content.is_eof():  # it came with the headers, as most do: no clock need watch it (5 µs)
            read = await request.content.read()
        else:
            async with asyncio.timeout(seconds):
                read = await _read(request.content, limit)
    except TimeoutError:
        raise Refused("deadline-exceeded", f"the body did not arrive within {seconds:g} seconds") from None
    except (web.RequestPayloadError, ConnectionError):
        raise Refused("malformed-request", "the body broke off") from None
    if len(read) > limit:
        raise _too_large(limit)
    return read


async def _read(stream: StreamReader, limit: int) -> bytes:
    """Read a stream to its end, or until it is beyond the limit."""
    read = bytearray()
    async for chunk in stream.iter_any():
        read += chunk
        if len(read) > limit:
            break
    return bytes(read)


def _too_large(limit: int) -> Refused:
    return Refused("too-large", f"the body may have {limit} bytes")
