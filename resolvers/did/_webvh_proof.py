"""The one kind of proof in a did:webvh log: `eddsa-jcs-2022` by a did:key, over a document without `@context`.

Data Integrity EdDSA Cryptosuites 1.0, section 3.3; did:webvh 1.0, parameter `method`: "Permitted
Data Integrity cryptosuites: eddsa-jcs-2022".
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any, Final

import rfc8785
from cryptography.exceptions import InvalidSignature

from resolvers import keys, multibase, timestamps
from resolvers.model import KeyType
from resolvers.problems import Invalid, Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from resolvers.model import PublicKey

_METHOD: Final = re.compile(r"(did:key:(z[1-9A-HJ-NP-Za-km-z]{1,127}))#\2", re.ASCII)
_SIGNATURE_OCTETS: Final = 64
_MAX_PROOF_VALUE: Final = 89
"""Characters of 64 octets in base58, with the multibase prefix."""
_EXPECTED: Final = {
    "type": "DataIntegrityProof",
    "cryptosuite": "eddsa-jcs-2022",
    "proofPurpose": "assertionMethod",
}


def canonical_hash(document: Mapping[str, Any]) -> bytes:
    """Return the SHA-256 of a document in canonical form (RFC 8785). It comes from `strict_json`, so it has one."""
    return hashlib.sha256(rfc8785.dumps(dict(document))).digest()


def signer(proof: Any) -> str | None:
    """Return the did:key that `proof` claims to be of; None where it names none."""
    matched = _METHOD.fullmatch(method) if isinstance(method := _member(proof, "verificationMethod"), str) else None
    return None if matched is None else matched[1]


def verify(document_hash: bytes, proof: Any, *, now: datetime) -> str:
    """Return the did:key under which `proof` verifies over the document of that `canonical_hash`.

    Raises:
        Invalid: `did-log-forged`: it does not, or has expired by `now`.
    """
    if any(_member(proof, name) != value for name, value in _EXPECTED.items()):
        raise _forged("a proof is not an eddsa-jcs-2022 proof for assertionMethod")
    # "If proof options contain @context, check that the document's @context starts with all values":
    # there is none here.
    if "@context" in proof:
        raise _forged("a proof has a context that its document does not have")
    did = signer(proof)
    if did is None:
        raise _forged("a proof's verificationMethod is not a did:key with its own key")
    _check_times(proof, now)
    key, signature = _key(did), _signature(proof.get("proofValue"))
    configuration = {name: value for name, value in proof.items() if name != "proofValue"}
    try:
        key.key.verify(signature, canonical_hash(configuration) + document_hash)
    except InvalidSignature:
        raise _forged(f"a proof of {did} does not verify") from None
    return did


def _member(proof: Any, name: str) -> Any:
    return proof.get(name) if isinstance(proof, dict) else None


def _check_times(proof: Mapping[str, Any], now: datetime) -> None:
    try:
        times = {name: timestamps.parse(proof[name]) for name in ("created", "expires") if name in proof}
    except ValueError as error:
        raise _forged(f"a proof's created or expires is {error}") from None
    if "expires" in times and times["expires"] <= now:
        raise _forged("a proof has expired")


def _key(did: str) -> PublicKey:
    try:
        key = keys.from_multikey(did.removeprefix("did:key:"))
    except (Invalid, Unavailable) as refused:
        raise _forged(f"{did}: {refused.problem.detail}") from None
    if key.type is not KeyType.ED25519:
        raise _forged(f"{did} is a key of type {key.type}, which eddsa-jcs-2022 has not")
    return key


def _signature(value: Any) -> bytes:
    if not isinstance(value, str) or not value.startswith("z"):
        raise _forged("a proofValue is not in base58btc")
    try:
        octets = multibase.decode(value, max_base58=_MAX_PROOF_VALUE)
    except ValueError as error:
        raise _forged(f"a proofValue is {error}") from None
    if len(octets) != _SIGNATURE_OCTETS:
        raise _forged(f"a proofValue has {len(octets)} octets, not {_SIGNATURE_OCTETS}")
    return octets


def _forged(detail: str) -> Invalid:
    return Invalid("did-log-forged", detail)
