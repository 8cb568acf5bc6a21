"""Digests of what a credential refers to, computed when it is used and never before.

VC Data Model 2.0, section 5.3 "Integrity of Related Resources": an object "that contains an id" may have
`digestSRI` or `digestMultibase`, and so may an entry of `relatedResource`. "If the digest provided by the
issuer does not match the digest computed for the retrieved resource, the conforming verifier
implementation MUST produce an error." What is not used (an image, evidence) is not fetched.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import TYPE_CHECKING, Any, Final

from gateway.structure import several
from resolvers import multibase
from resolvers.problems import Invalid, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_SRI: Final = ("sha256", "sha384", "sha512")
"""From the weakest: "the strongest metadata from set" counts (Subresource Integrity, section 3.3.4)."""

_MULTIHASH: Final = {b"\x12\x20": "sha256", b"\x20\x30": "sha384", b"\x13\x40": "sha512"}
"""Code and length of each in a multihash (Controlled Identifiers 1.0, section 2.5; the multicodec table)."""

_MEMBERS: Final = ("digestSRI", "digestMultibase")


def pinned(document: Mapping[str, Any], url: str, entry: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the digests, (member, value), that the credential gives for `url`, which `entry` names.

    Raises:
        Invalid: `MALFORMED_VALUE_ERROR`: a digest is not a string.
    """
    related = [one for one in several(document.get("relatedResource")) if isinstance(one, dict)]
    found = [item for one in related if one.get("id") == url for item in _digests(one)]
    return [*_digests(entry), *found]


def check_digests(digests: list[tuple[str, str]], content: bytes, url: str) -> None:
    """Check that `content`, found at `url`, has every one of its digests.

    Raises:
        Invalid: `digest-mismatch`, `MALFORMED_VALUE_ERROR`.
        Unavailable: `unsupported-digest`: by a hash that is not known here.
    """
    for member, value in digests:
        if not matches(member, value, lambda name: hashlib.new(name, content).digest()):
            raise Invalid("digest-mismatch", f"what {url[:200]} holds has not the {member} that the credential gives")


def matches(member: str, value: str, digest_of: Callable[[str], bytes | None]) -> bool:
    """Whether a digest is that of the resource; `digest_of` returns the resource's own, by the name of a hash.

    Raises:
        Invalid: `MALFORMED_VALUE_ERROR`.
        Unavailable: `unsupported-digest`.
    """
    known = _of_sri(value) if member == "digestSRI" else _of_multibase(value)
    return any(digest_of(name) == digest for name, digest in known)


def _digests(node: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for member in _MEMBERS:
        for value in several(node.get(member)):
            if not isinstance(value, str):
                raise Invalid("MALFORMED_VALUE_ERROR", f"{member} is not a string")
            yield member, value


def _of_sri(value: str) -> list[tuple[str, bytes]]:
    """Return the digests of integrity metadata that count: those of the strongest hash in it."""
    found: list[tuple[str, bytes]] = []
    for word in value.split():
        name, _, encoded = word.partition("?")[0].partition("-")
        if name in _SRI:
            try:
                found.append((name, base64.b64decode(encoded, validate=True)))
            except (binascii.Error, ValueError):
                raise Invalid("MALFORMED_VALUE_ERROR", "digestSRI is not base64") from None
    if not found:
        raise Unavailable("unsupported-digest", f"digestSRI has none of {', '.join(_SRI)}")
    strongest = max((name for name, _ in found), key=_SRI.index)
    return [(name, digest) for name, digest in found if name == strongest]


def _of_multibase(value: str) -> list[tuple[str, bytes]]:
    try:
        multihash = multibase.decode(value)
    except ValueError:
        raise Invalid("MALFORMED_VALUE_ERROR", "digestMultibase is not multibase (z or u)") from None
    name = _MULTIHASH.get(multihash[:2])
    if name is None:
        raise Unavailable("unsupported-digest", "digestMultibase is none of SHA-256, SHA-384 and SHA-512")
    if len(multihash) - 2 != hashlib.new(name).digest_size:
        raise Invalid("MALFORMED_VALUE_ERROR", "digestMultibase has not the length of its hash")
    return [(name, multihash[2:])]
