"""A PNG with a badge baked in (Open Badges 3.0 and 2.0, Baked Badges): one `iTXt` chunk, read without any pixel.

The chunks are walked as the PNG specification (third edition, section 5) lays them out. An image
library would decode what a stranger drew, and keeps the last of several chunks.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

from gateway.containers._baked import only
from gateway.plugins import Container
from resolvers.problems import Invalid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.model import Presented
    from gateway.plugins import ContainerTools

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_FRAME: Final = 12
"""Octets of a chunk around its data: length, type and checksum."""
_CHUNKS: Final = 20_000
"""Chunks of one image; a photograph has some hundred `IDAT`."""
_KEYWORDS: Final = frozenset({b"openbadgecredential", b"openbadges"})
"""Of Open Badges 3.0, and of 2.0."""
_TEXT: Final = frozenset({b"iTXt", b"tEXt", b"zTXt"})


def _recognize(presented: Presented) -> bool:
    return isinstance(presented.content, bytes) and presented.content.startswith(_SIGNATURE)


async def _open(presented: Presented, tools: ContainerTools) -> tuple[Presented, ...]:
    del tools  # what is baked in is not compressed, and so no larger than the image
    image = presented.content
    if not isinstance(image, bytes):
        raise _malformed("not a PNG")
    texts = [(kind, data) for kind, data in _chunks(image) if kind in _TEXT]
    return only([_baked(kind, data) for kind, data in texts if data.partition(b"\0")[0] in _KEYWORDS])


def _chunks(image: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield (type, data) of each chunk up to `IEND`; what follows that is no part of the image."""
    place = len(_SIGNATURE)
    for _ in range(_CHUNKS):
        length = int.from_bytes(image[place : place + 4])
        end = place + _FRAME + length
        if end > len(image):
            raise _malformed("the PNG ends within a chunk")
        kind = image[place + 4 : place + 8]
        if kind in _TEXT:
            data = image[place + 8 : end - 4]
            if zlib.crc32(data, zlib.crc32(kind)) != int.from_bytes(image[end - 4 : end]):
                raise _malformed("a text chunk of the PNG does not have its checksum")
            yield kind, data
        if kind == b"IEND":
            return
        place = end
    raise _malformed(f"the PNG has more than {_CHUNKS} chunks")


def _baked(kind: bytes, data: bytes) -> bytes:
    """Return the text of a chunk.

    An `iTXt` is keyword, compression flag and method, language, translated keyword, text.
    """
    _, _, rest = data.partition(b"\0")
    if kind == b"tEXt":  # how badges of 1.0 were baked
        return rest
    if kind != b"iTXt" or rest[:2] != b"\0\0":
        # "Compression is not used" (Open Badges 2.0); so nothing here has to be inflated (T53)
        raise _malformed("what is baked into the PNG is compressed")
    _, language_ends, rest = rest[2:].partition(b"\0")
    _, keyword_ends, text = rest.partition(b"\0")
    if not language_ends or not keyword_ends:
        raise _malformed("the iTXt chunk of the PNG is malformed")
    return text


def _malformed(detail: str) -> Invalid:
    return Invalid("container-malformed", detail)


PLUGIN: Final = Container(name="png", media_types=("image/png",), recognize=_recognize, open=_open)
