"""A `data:` URL (RFC 2397), as wallets and QR codes write a record."""

from __future__ import annotations

import asyncio
import base64
import binascii
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_to_bytes

from gateway.model import Presented
from gateway.plugins import Container
from resolvers.problems import Invalid, Unavailable

if TYPE_CHECKING:
    from gateway.plugins import ContainerTools

_SCHEME: Final = "data:"
_LARGE: Final = 64 * 1024


def _recognize(presented: Presented) -> bool:
    content = presented.content
    return isinstance(content, str) and content[: len(_SCHEME)].lower() == _SCHEME


async def _open(presented: Presented, tools: ContainerTools) -> tuple[Presented, ...]:
    content = presented.content
    if not isinstance(content, str):
        raise Invalid("container-malformed", "not a data: URL")
    head, comma, body = content[len(_SCHEME) :].partition(",")
    if not comma:
        raise Invalid("container-malformed", "the data: URL has no comma")
    if len(body) > 2 * tools.max_bytes:  # before it is decoded: base64 takes 4 characters for 3 octets
        raise Unavailable("too-large", f"a data: URL of {len(body)} characters")
    # A megabyte of escapes takes a third of a second, in which others want answers.
    octets = unquote_to_bytes(body) if len(body) < _LARGE else await asyncio.to_thread(unquote_to_bytes, body)
    media_type, *parameters = head.lower().split(";")
    if parameters and parameters[-1].strip() == "base64":
        try:
            octets = base64.b64decode(octets, validate=True)
        except binascii.Error:
            raise Invalid("container-malformed", "the data: URL is not base64") from None
    return (Presented(content=octets, media_type=media_type.strip() or None),)


PLUGIN: Final = Container(name="data-url", media_types=(), recognize=_recognize, open=_open)
