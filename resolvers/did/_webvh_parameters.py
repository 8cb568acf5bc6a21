"""The parameters of a did:webvh log: what each entry changes, and what is then in force.

did:webvh 1.0, "did:webvh DID Method Parameters" and "Witness Lists"; of version 0.5 what differs:
witnesses with a weight, and `null` for what is not in use.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from resolvers import multibase
from resolvers.problems import Invalid, Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSIONS: Final = ("did:webvh:0.5", "did:webvh:1.0")
"""Versions of the method that are understood, in their order."""

_VERSION: Final = re.compile(r"did:webvh:[0-9]+\.[0-9]+", re.ASCII)
_HASH: Final = re.compile(r"Qm[1-9A-HJ-NP-Za-km-z]{44}", re.ASCII)
_WITNESS: Final = re.compile(r"(?:did:key:)?(z[1-9A-HJ-NP-Za-km-z]{1,127})", re.ASCII)
"""A did:key; didwebvh-rs writes the Multikey alone, which names the same key."""
_SHA256: Final = b"\x12\x20"
"""The multihash header of a SHA-256 of 32 octets; no other hash is permitted."""
_MAX_TTL: Final = 2**31
_UNUSED: Final[Mapping[str, Any]] = {
    "updateKeys": [],
    "nextKeyHashes": [],
    "witness": {},
    "watchers": [],
    "ttl": None,
}
"""What `null` stands for: "resolver implementations SHOULD gracefully accept null"."""
_KNOWN: Final = frozenset(_UNUSED) | {"method", "scid", "portable", "deactivated"}


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessRule:
    """Who has to approve an entry, and how many of them."""

    threshold: int
    weights: Mapping[str, int]
    """did:key → what its approval counts; 1 since version 1.0."""

    def is_met_by(self, approved: frozenset[str]) -> bool:
        """Whether the approval of these is enough. Each counts once."""
        return sum(weight for witness, weight in self.weights.items() if witness in approved) >= self.threshold


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """What is in force once an entry has been published."""

    method: str
    scid: str
    update_keys: tuple[str, ...]
    """Multikeys that may sign the next entry."""
    next_key_hashes: frozenset[str]
    """Hashes of the only keys that the next entry may name; empty: no pre-rotation."""
    witness: WitnessRule | None
    portable: bool
    deactivated: bool
    ttl: int | None
    """Seconds for which the controller asks to be believed. None where it does not: an hour, which the method
    then allows, is longer than is taken for other documents of unstated freshness."""


def multihash(digest: bytes) -> str:
    """Return a SHA-256 digest as the method writes it: base58btc(multihash)."""
    return multibase.encode_base58(_SHA256 + digest)


def is_hash(text: Any) -> bool:
    """Whether `text` has the form of a SHA-256 `multihash`."""
    return isinstance(text, str) and _HASH.fullmatch(text) is not None


def apply(given: Any, before: Parameters | None) -> Parameters:
    """Return what is in force after an entry with the parameters `given`; `before` is None for the first.

    Raises:
        Invalid: `did-log-malformed`; `did-log-forged`: a key that was not committed to.
        Unavailable: `METHOD_NOT_SUPPORTED`: a later version of the method.
    """
    if not isinstance(given, dict) or not _KNOWN.issuperset(given):
        raise malformed("an entry's parameters are not an object of known parameters")
    if before is None and not {"method", "scid", "updateKeys"}.issubset(given):
        raise malformed("the first entry lacks method, scid or updateKeys")
    if before is not None and "scid" in given:
        raise malformed("a later entry has a scid")
    changed = {name: _UNUSED.get(name) if value is None else value for name, value in given.items()}
    if before is not None and before.next_key_hashes:
        _check_commitment(changed, before.next_key_hashes)
    method = _method(changed.get("method", None if before is None else before.method), before)
    return Parameters(
        method=method,
        scid=_scid(changed["scid"]) if before is None else before.scid,
        update_keys=_strings(changed, "updateKeys", () if before is None else before.update_keys),
        next_key_hashes=frozenset(_strings(changed, "nextKeyHashes", () if before is None else before.next_key_hashes)),
        witness=_witness(changed, method, before),
        portable=_portable(changed, before),
        deactivated=_boolean(changed, "deactivated", default=False),
        ttl=_ttl(changed.get("ttl", None if before is None else before.ttl)),
    )


def malformed(detail: str) -> Invalid:
    """Return the problem of a log that is not written as the method demands."""
    return Invalid("did-log-malformed", detail)


def _check_commitment(changed: Mapping[str, Any], committed: frozenset[str]) -> None:
    """Require that each key of the entry is one that the entry before committed to (pre-rotation)."""
    # "While active, the properties nextKeyHashes and updateKeys MUST be present in all log entries."
    if "updateKeys" not in changed or "nextKeyHashes" not in changed:
        raise malformed("an entry under pre-rotation lacks updateKeys or nextKeyHashes")
    for key in _strings(changed, "updateKeys", ()):
        if multihash(hashlib.sha256(key.encode()).digest()) not in committed:
            raise Invalid("did-log-forged", "an update key is none that the entry before committed to")


def _method(method: Any, before: Parameters | None) -> str:
    if not isinstance(method, str) or _VERSION.fullmatch(method) is None:
        raise malformed("method is not a version of did:webvh")
    if method not in VERSIONS:
        raise Unavailable("METHOD_NOT_SUPPORTED", f"version {method}")
    if before is not None and VERSIONS.index(method) < VERSIONS.index(before.method):
        raise malformed("method goes back to an earlier version")
    return method


def _scid(scid: Any) -> str:
    if not is_hash(scid):
        raise malformed("scid is not a SHA-256 multihash in base58btc")
    text: str = scid
    return text


def _strings(changed: Mapping[str, Any], name: str, before: Any) -> tuple[str, ...]:
    value = changed.get(name)
    if name not in changed:
        return tuple(before)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise malformed(f"{name} is not an array of strings")
    return tuple(value)


def _boolean(changed: Mapping[str, Any], name: str, *, default: bool) -> bool:
    value = changed.get(name, default)
    if not isinstance(value, bool):
        raise malformed(f"{name} is not true or false")
    return value


def _portable(changed: Mapping[str, Any], before: Parameters | None) -> bool:
    portable = _boolean(changed, "portable", default=before is not None and before.portable)
    if portable and before is not None and not before.portable:
        raise malformed("portable is set in a later entry than the first")
    return portable


def _ttl(ttl: Any) -> int | None:
    if ttl is None:
        return None
    if isinstance(ttl, bool) or not isinstance(ttl, int) or not 0 <= ttl <= _MAX_TTL:
        raise malformed("ttl is not a number of seconds up to 2^31")
    return ttl


def _witness(changed: Mapping[str, Any], method: str, before: Parameters | None) -> WitnessRule | None:
    if "witness" not in changed:
        return None if before is None else before.witness
    witness = changed["witness"]
    if not isinstance(witness, dict):
        raise malformed("witness is not an object")
    threshold, listed = witness.get("threshold", 0), witness.get("witnesses", [])
    if isinstance(threshold, bool) or not isinstance(threshold, int) or not isinstance(listed, list):
        raise malformed("witness has no threshold, or no array of witnesses")
    if not listed and threshold == 0:  # `{}`; implementations of version 0.5 write out both
        return None
    weights: dict[str, int] = {}
    for entry in listed:
        witness_id = entry.get("id") if isinstance(entry, dict) else None
        matched = _WITNESS.fullmatch(witness_id) if isinstance(witness_id, str) else None
        if matched is None:
            raise malformed("a witness is not a did:key")
        did = f"did:key:{matched[1]}"
        # "MUST be unique within the array": who is named twice must not count twice.
        if did in weights:
            raise malformed(f"{did} is named twice as a witness")
        weights[did] = _weight(entry) if method == "did:webvh:0.5" else 1
    if not 1 <= threshold <= sum(weights.values()):
        raise malformed("the witnesses' threshold is not between 1 and what all of them count")
    return WitnessRule(threshold=threshold, weights=weights)


def _weight(entry: Mapping[str, Any]) -> int:
    weight = entry.get("weight", 1)
    if isinstance(weight, bool) or not isinstance(weight, int) or weight < 1:
        raise malformed("a witness's weight is not a positive integer")
    return weight
