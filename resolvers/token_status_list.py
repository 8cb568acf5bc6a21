"""A Token Status List, decoded: what the entries of a verified token are (draft-ietf-oauth-status-list, section 4).

It differs from a Bitstring Status List in each particular: zlib in place of gzip, the lowest bit of an
octet first in place of the highest, the size of an entry in the list, and a value that is its own meaning.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from resolvers import base64url
from resolvers.model import ListCredential, Loaded
from resolvers.problems import Invalid
from resolvers.status_list import MAX_DECODED

if TYPE_CHECKING:
    from collections.abc import Mapping

_SIZES: Final = (1, 2, 4, 8)
_OCTET: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenStatusList:
    """A decoded list. Made only from a `ListCredential`, which is to say from a verified one."""

    issuer: str
    size: int
    """Bits of an entry."""
    octets: bytes
    valid_from: datetime
    """`iat`; by this the cache refuses a list older than one it holds."""

    def value(self, index: int) -> int | None:
        """Return the entry at `index`; None past the end.

        "The bits within an array are counted from least significant bit "0" to the most significant bit ("7")."
        """
        position, shift = divmod(index * self.size, _OCTET)
        if position >= len(self.octets):
            return None
        return self.octets[position] >> shift & ((1 << self.size) - 1)


def decode(credential: ListCredential) -> Loaded[TokenStatusList]:
    """Decode the current list.

    Raises:
        Invalid: `STATUS_VERIFICATION_ERROR`: it is no such list, or cannot be expanded.
    """
    claims = credential.document
    return _loaded(credential, fresh_for=claims.get("ttl"), ends=claims.get("exp"))


def decode_past(credential: ListCredential) -> Loaded[TokenStatusList]:
    """Decode the list of a past instant, whose lifetime is over: it is kept as HTTP says.

    Raises:
        Invalid: as `decode`.
    """
    return _loaded(credential, fresh_for=None, ends=None)


def _loaded(credential: ListCredential, *, fresh_for: float | None, ends: float | None) -> Loaded[TokenStatusList]:
    value = TokenStatusList(
        issuer=credential.issuer,
        valid_from=datetime.fromtimestamp(credential.document["iat"], UTC),
        **_read(credential.document.get("status_list")),
    )
    return Loaded(
        value=value,
        size=len(value.octets) + 1024,
        fresh_for=fresh_for,
        not_after=None if ends is None else datetime.fromtimestamp(ends, UTC),
    )


def _read(status_list: Any) -> Mapping[str, Any]:
    """Read the `status_list` claim (sections 4.2 and 4.3). `aggregation_uri` is for others to use."""
    if not isinstance(status_list, dict):
        raise _unusable("it has no status_list")
    size, encoded = status_list.get("bits"), status_list.get("lst")
    if type(size) is not int or size not in _SIZES:
        raise _unusable("its bits are not 1, 2, 4 or 8")
    if isinstance(encoded, str):
        try:
            encoded = base64url.decode(encoded)
        except ValueError as error:
            raise _unusable(f"its lst is {error}") from None
    if not isinstance(encoded, bytes):
        raise _unusable("it has no lst")
    return {"size": size, "octets": _inflate(encoded)}


def _inflate(octets: bytes, limit: int = MAX_DECODED) -> bytes:
    """Expand exactly one zlib stream (RFC 1950), and never more than `limit` bytes of it."""
    inflater = zlib.decompressobj()
    try:
        expanded = inflater.decompress(octets, limit + 1)
    except zlib.error:
        raise _unusable("its lst is not zlib") from None
    if len(expanded) > limit:
        raise _unusable(f"its lst expands to more than {limit} bytes")
    if not inflater.eof or inflater.unused_data:
        raise _unusable("its lst is not exactly one zlib stream")
    return expanded


def _unusable(detail: str) -> Invalid:
    return Invalid("STATUS_VERIFICATION_ERROR", detail)
