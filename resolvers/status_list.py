"""A status list, decoded: what the bits of a verified list credential are, and when they were signed.

Bitstring Status List 1.0, sections 2.2 and 3.4 (Bitstring Expansion), and its predecessors, Status
List 2021 and Revocation List 2020, which differ in names and in the encoding of the list.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from resolvers import base64url, timestamps
from resolvers.model import ListCredential, Loaded
from resolvers.problems import Invalid, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

MAX_DECODED: Final = 16 * 1024 * 1024
"""Bytes of the longest list that is inflated: 134 million entries of one bit."""

_SUBJECT_TYPES: Final = {
    "BitstringStatusListCredential": "BitstringStatusList",
    "StatusList2021Credential": "StatusList2021",
    "RevocationList2020Credential": "RevocationList2020",
}
"""Credential type → type of its subject."""
_GZIP: Final = 31
"""zlib's `wbits` for a gzip header and trailer."""
_BASE64_ALPHABET: Final = str.maketrans("+/", "-_")


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusList:
    """A decoded list. Made only from a `ListCredential`, which is to say from a verified one."""

    type: str
    """BitstringStatusList, StatusList2021 or RevocationList2020."""
    id: str | None
    """The id of the list credential, where it has one."""
    issuer: str
    purposes: frozenset[str]
    bits: bytes
    status_size: int | None
    """Bits of an entry, where the list itself says; the specification puts it in the entry."""
    valid_from: datetime | None
    """When it was issued; by this the cache refuses a list older than one it holds."""
    defects: tuple[Problem, ...] = ()
    """What is wrong with the list, though it can be read."""

    def entries(self, size: int) -> int:
        """Return how many entries of `size` bits the list holds."""
        return len(self.bits) * 8 // size

    def value(self, index: int, size: int) -> int | None:
        """Return the entry at `index`, of `size` bits; None past the end.

        "The first index, with a value of zero (0), is located at the left-most bit" (section 3.3).
        """
        start = index * size
        end = start + size
        if end > len(self.bits) * 8:
            return None
        window = int.from_bytes(self.bits[start // 8 : (end + 7) // 8], "big")
        return window >> (-end % 8) & ((1 << size) - 1)


def decode(credential: ListCredential) -> Loaded[StatusList]:
    """Decode a verified list credential of either kind, by its own type.

    Raises:
        Invalid: `STATUS_VERIFICATION_ERROR`: it is not such a credential, or its list cannot be
            expanded.
    """
    document = credential.document
    subject = document.get("credentialSubject")
    if not isinstance(subject, dict):
        raise _unusable("its credentialSubject is not one object")
    kind = next((_SUBJECT_TYPES[name] for name in _strings(document.get("type")) if name in _SUBJECT_TYPES), None)
    if kind is None or kind not in _strings(subject.get("type")):
        raise _unusable("it is not of the types of a status list credential")
    # Revocation List 2020 had one purpose, and no name for it.
    purposes = frozenset(["revocation"] if kind == "RevocationList2020" else _strings(subject.get("statusPurpose")))
    if not purposes:
        raise _unusable("it states no statusPurpose")
    octets = _gzip_member(subject.get("encodedList"), kind)
    bits = _inflate(octets)
    fresh_for, defects = _lifetime(subject)
    identifier = document.get("id")
    status_size = subject.get("statusSize")
    value = StatusList(
        type=kind,
        id=identifier if isinstance(identifier, str) else None,
        issuer=credential.issuer,
        purposes=purposes,
        bits=bits,
        status_size=status_size if isinstance(status_size, int) else None,
        valid_from=_instant(document, "validFrom", "issuanceDate"),
        defects=defects,
    )
    return Loaded(
        value=value,
        size=len(bits) + 1024,
        fresh_for=fresh_for,
        not_after=_instant(document, "validUntil", "expirationDate"),
    )


def _gzip_member(encoded: Any, kind: str) -> bytes:
    """Return the compressed bitstring in `encodedList`.

    Bitstring Status List: "a Multibase-encoded base64url (with no padding) representation of the
    GZIP-compressed bitstring". Status List 2021 said "base-64 encoded [RFC4648]", and lists of
    either alphabet, with and without padding, are in use.
    """
    if not isinstance(encoded, str):
        raise _unusable("it has no encodedList")
    if kind == "BitstringStatusList":
        if not encoded.startswith("u"):
            raise _unusable("its encodedList has not the multibase prefix 'u'")
        encoded = encoded[1:]
    else:
        unpadded = encoded.rstrip("=")
        if encoded not in (unpadded, unpadded + "=" * (-len(unpadded) % 4)):
            raise _unusable("its encodedList is not base64")
        encoded = unpadded if "-" in unpadded or "_" in unpadded else unpadded.translate(_BASE64_ALPHABET)
    try:
        return base64url.decode(encoded)
    except ValueError as error:
        raise _unusable(f"its encodedList is {error}") from None


def _inflate(octets: bytes, limit: int = MAX_DECODED) -> bytes:
    """Expand exactly one gzip member, and never more than `limit` bytes of it.

    A member that is cut off, or followed by anything, could be read as another list by others.
    """
    inflater = zlib.decompressobj(_GZIP)
    try:
        bits = inflater.decompress(octets, limit + 1)
    except zlib.error:
        raise _unusable("its encodedList is not gzip") from None
    if len(bits) > limit:
        raise _unusable(f"its encodedList expands to more than {limit} bytes")
    if not inflater.eof or inflater.unused_data:
        raise _unusable("its encodedList is not exactly one gzip member")
    return bits


def _lifetime(subject: Mapping[str, Any]) -> tuple[float | None, tuple[Problem, ...]]:
    """Return the list's own `ttl`, milliseconds in the specification, in seconds."""
    ttl = subject.get("ttl")
    if ttl is None:
        return None, ()
    if isinstance(ttl, bool) or not isinstance(ttl, int) or ttl < 0:
        return None, (Problem(code="status-list-defective", detail="its ttl is not a number of milliseconds"),)
    return ttl / 1000, ()


def _instant(document: Mapping[str, Any], *members: str) -> datetime | None:
    """Return the first of the dates that the list has; without a zone it is UTC, as everywhere here."""
    for member in members:
        text = document.get(member)
        if text is None:
            continue
        if isinstance(text, str) and re.search(r"(Z|[+-]\d\d:?\d\d)$", text) is None:
            text += "Z"
        try:
            return timestamps.parse(text)
        except ValueError as error:
            raise _unusable(f"its {member} is {error}") from None
    return None


def _strings(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [text for text in values if isinstance(text, str) and text]


def _unusable(detail: str) -> Invalid:
    return Invalid("STATUS_VERIFICATION_ERROR", detail)
