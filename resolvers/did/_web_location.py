"""Where on the web a DID of did:web or did:webvh lies: the same rules for both."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_to_bytes

from resolvers.problems import Invalid

if TYPE_CHECKING:
    from collections.abc import Sequence

_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST: Final = re.compile(rf"((?:{_LABEL}\.)*({_LABEL}))(?:%3a([1-9][0-9]{{0,4}}))?", re.ASCII)
"""A DNS name (RFC 1123, section 2.1) and a port, whose colon is the one percent-escape allowed."""
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)
"""A last label that makes the host an IPv4 address to URL parsers (URL Standard, "ends in a number")."""
_MAX_HOST: Final = 253
_MAX_PORT: Final = 65535
_UNSAFE_IN_SEGMENT: Final = frozenset(b"/\\.%?#:") | frozenset(range(0x20)) | {0x7F}
"""What a percent-escape in a path must not hide: separators, dots, a second layer of escapes, controls."""


def folder(did: str, location: Sequence[str]) -> str:
    """Return the https URL, with its last slash, of the folder that the `location` parts of `did` name.

    `location` is what stands between the colons: the host, then the path's segments.

    Raises:
        Invalid: `INVALID_DID`: an address instead of a name, a bad port, or a path that does not stay
            what it looks like.
    """
    host, *segments = location
    matched = _HOST.fullmatch(host.lower())
    if matched is None or len(matched[1]) > _MAX_HOST or _NUMBER.fullmatch(matched[2]):
        raise Invalid("INVALID_DID", f"{did[:100]!r} names no DNS host")
    name, port = matched[1], matched[3]
    if port is not None and int(port) > _MAX_PORT:
        raise Invalid("INVALID_DID", f"{did[:100]!r} has no usable port")
    if not all(_is_safe(segment) for segment in segments):
        raise Invalid("INVALID_DID", f"{did[:100]!r} has a path that could be read as another one")
    path = "/".join(segments) if segments else ".well-known"
    return f"https://{name}{f':{port}' if port else ''}/{path}/"


def _is_safe(segment: str) -> bool:
    """Whether a path segment means the same to every server: not empty, not dots, no hidden separator."""
    if not segment or set(segment) == {"."}:
        return False
    escaped = (unquote_to_bytes(escape)[0] for escape in re.findall(r"%[0-9A-Fa-f]{2}", segment))
    return _UNSAFE_IN_SEGMENT.isdisjoint(escaped)
