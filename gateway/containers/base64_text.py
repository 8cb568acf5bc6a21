"""A record in base64 or base64url (RFC 4648), which is how JSON and images travel in a text field."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Final

from gateway.model import Presented
from gateway.plugins import Container
from resolvers.problems import Invalid

if TYPE_CHECKING:
    from gateway.plugins import ContainerTools

_ALPHABET: Final = re.compile(r"[A-Za-z0-9+/_\-\r\n]{24,}+={0,2}+\s*+", re.ASCII)
"""At least 18 octets, since no record is shorter and a single word is no record. Nothing is given back: lines that
end in another character would else be tried from each line break anew."""

_PLAIN: Final = str.maketrans("-_", "+/", "\r\n\t ")

_BEGINNINGS: Final = (b"{", b"[", b"<", b"\x89PNG", b"%PDF", b"PK\x03\x04", b"eyJ")
"""How everything begins that could be in it; anything else is some other text in the same letters."""


def _octets(letters: str) -> bytes | None:
    try:
        return base64.b64decode(letters + "=" * (-len(letters) % 4), validate=True)
    except binascii.Error:
        return None


def _recognize(presented: Presented) -> bool:
    content = presented.content
    if not isinstance(content, str) or _ALPHABET.fullmatch(content) is None:
        return False
    beginning = _octets(content[:48].translate(_PLAIN)[:24])
    return beginning is not None and beginning.lstrip().startswith(_BEGINNINGS)


async def _open(presented: Presented, tools: ContainerTools) -> tuple[Presented, ...]:
    del tools  # three octets come out of four letters
    content = presented.content
    octets = _octets(content.translate(_PLAIN).rstrip("=")) if isinstance(content, str) else None
    if octets is None:
        raise Invalid("container-malformed", "the text is not base64")
    return (Presented(content=octets),)


PLUGIN: Final = Container(name="base64", media_types=(), recognize=_recognize, open=_open)
