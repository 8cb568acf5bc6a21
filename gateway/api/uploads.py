"""A form with a file (multipart/form-data), as a browser or an upload field sends a record."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from gateway.api.bodies import json_value
from gateway.api.endpoint import CALLER, CONFIG
from gateway.api.errors import Refused
from gateway.model import Presented

if TYPE_CHECKING:
    from aiohttp import MultipartReader

_RECORDS: Final = frozenset({"credential", "presentation"})
_TEXTS: Final = frozenset({"policy", "asOf", "reference"})
_OPTIONS: Final = "options"

MAX_FIELD: Final = 16 * 1024
"""Octets of a field that is no record."""


async def form(request: web.Request) -> dict[str, Any]:
    """Return the fields of a form as an envelope has them: the record as `Presented`, `options` as JSON.

    An empty `policy` asks for no decision, as null does in an envelope.

    Raises:
        Refused: the form is malformed, too large or too slow, or a field stands twice or is not known.
    """
    seconds = request.app[CONFIG].server.body_seconds
    try:
        async with asyncio.timeout(seconds):
            read = await _fields(await request.multipart(), request[CALLER].limits.body_bytes)
    except TimeoutError:
        raise Refused("deadline-exceeded", f"the form did not arrive within {seconds:g} seconds") from None
    except (web.RequestPayloadError, ConnectionError):
        raise Refused("malformed-request", "the form broke off") from None
    except (ValueError, AssertionError, HttpProcessingError):  # all that the reader says of a form that is none
        raise Refused("malformed-request", "the body is not multipart/form-data") from None
    fields: dict[str, Any] = {}
    for name, (octets, media_type) in read.items():
        if name in _RECORDS:
            fields[name] = Presented(content=octets, media_type=media_type)
        elif name == _OPTIONS:
            fields[name] = await json_value(request, octets)
        else:
            fields[name] = _text(octets) or (None if name == "policy" else "")
    return fields


async def _fields(reader: MultipartReader, limit: int) -> dict[str, tuple[bytes, str | None]]:
    """Read every part within `limit` octets together."""
    found: dict[str, tuple[bytes, str | None]] = {}
    left = limit
    while (part := await _next(reader)) is not None:
        name = part.name
        if name not in _RECORDS | _TEXTS | {_OPTIONS}:
            known = ", ".join(sorted(_RECORDS | _TEXTS | {_OPTIONS}))
            raise Refused("malformed-request", f"the form takes {known} only")
        if name in found:
            raise Refused("malformed-request", f"the form has {name} twice")
        bound = left if name in _RECORDS else min(left, MAX_FIELD)
        octets = bytearray()
        while chunk := await part.read_chunk():
            octets += chunk
            if len(octets) > bound:
                raise Refused("too-large", f"the form may have {limit} bytes, a field beside the record {MAX_FIELD}")
        left -= len(octets)
        given = part.headers.get("Content-Type")
        found[name] = bytes(octets), None if given is None else given.partition(";")[0].strip().lower()
    return found


async def _next(reader: MultipartReader) -> BodyPartReader | None:
    """Return the next part, which is no form itself and not encoded in any way."""
    part = await reader.next()
    if part is None or isinstance(part, BodyPartReader):
        if part is not None and ("Content-Encoding" in part.headers or "Content-Transfer-Encoding" in part.headers):
            raise Refused("unsupported-media-type", "a part of a form is sent as it is, and not encoded")
        return part
    raise Refused("malformed-request", "a part of the form is a form itself")


def _text(octets: bytes) -> str:
    try:
        return octets.decode().strip()
    except UnicodeDecodeError:
        raise Refused("not-utf8", "a field of the form is not UTF-8") from None
