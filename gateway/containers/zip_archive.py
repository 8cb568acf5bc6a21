"""A ZIP archive of several records."""

from __future__ import annotations

import asyncio
import io
import zipfile
import zlib
from typing import TYPE_CHECKING, Final

from gateway.model import Presented
from gateway.plugins import Container
from resolvers.problems import Invalid, Unavailable

if TYPE_CHECKING:
    from gateway.plugins import ContainerTools

_SIGNATURE: Final = b"PK\x03\x04"
_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""Those whose memory is bounded; nothing else is in use for documents."""
_AT_ONCE: Final = 64 * 1024
_ASIDE: Final = ("__MACOSX/", ".DS_Store", "Thumbs.db")
"""What file managers add by themselves, and nobody presents."""


def _recognize(presented: Presented) -> bool:
    return isinstance(presented.content, bytes) and presented.content.startswith(_SIGNATURE)


async def _open(presented: Presented, tools: ContainerTools) -> tuple[Presented, ...]:
    content = presented.content
    if not isinstance(content, bytes):
        raise _malformed("not a ZIP archive")
    files = await asyncio.to_thread(_inflated, content, tools.max_records, tools.max_bytes)
    return tuple([Presented(content=octets) for octets in files])


def _inflated(content: bytes, max_files: int, max_bytes: int) -> list[bytes]:
    """Return every file in the archive, inflated; names lead nowhere, since nothing is written to disk."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if not all(entry.filename for entry in archive.infolist()):  # on which zipfile stumbles
                raise _malformed("a file of the archive has no name")
            files = [entry for entry in archive.infolist() if not entry.is_dir() and not _is_aside(entry.filename)]
            if len(files) > max_files:
                raise Unavailable("too-many-children", f"an archive of {len(files)} files, of at most {max_files}")
            found: list[bytes] = []
            for entry in files:
                found.append(_file(archive, entry, max_bytes))
                max_bytes -= len(found[-1])
            return found
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OverflowError, NotImplementedError) as error:
        raise _malformed(f"the archive is damaged: {str(error)[:100]}") from None


def _is_aside(name: str) -> bool:
    return name.startswith(_ASIDE[0]) or name.rpartition("/")[2] in _ASIDE


def _file(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, max_bytes: int) -> bytes:
    """Return one file; the sizes that the archive states are not believed."""
    if entry.flag_bits & 0x1:
        raise _malformed("a file of the archive is encrypted")
    if entry.compress_type not in _METHODS:
        raise _malformed("a file of the archive is compressed in a way that is not read here")
    octets = bytearray()
    with archive.open(entry) as opened:
        while part := opened.read(_AT_ONCE):
            octets += part
            if len(octets) > max_bytes:
                raise Unavailable("too-large", "the archive holds more octets than one request may cost")
    return bytes(octets)


def _malformed(detail: str) -> Invalid:
    return Invalid("container-malformed", detail)


PLUGIN: Final = Container(
    name="zip", media_types=("application/zip", "application/x-zip-compressed"), recognize=_recognize, open=_open
)
