"""ecdsa-sd-2023: selective disclosure with P-256 (Data Integrity ECDSA Cryptosuites 1.0).

The issuer makes a key for this one document, signs each statement with it, and then with its own key
that key, the proof configuration and the mandatory statements. Derived proofs are verified ("Verify
Derived Proof"); a base proof, from which any disclosure can be made, is refused.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from cryptography.hazmat.primitives.asymmetric import ec

from gateway.cryptosuites._rdfc import first_reading, proof_configuration
from gateway.cryptosuites._selective_disclosure import (
    WITHHELD,
    are_indexes,
    are_octets,
    base_proof,
    components,
    malformed,
    opened,
    parted,
    relabelled,
)
from gateway.plugins import Cryptosuite
from gateway.signatures import is_valid
from resolvers import base64url, key_material
from resolvers.model import KeyType
from resolvers.problems import Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.plugins import Canonical, Canonicalizer, SuiteResult
    from resolvers.model import PublicKey

_BASE: Final = b"\xd9\x5d\x00"
_DERIVED: Final = b"\xd9\x5d\x01"
_SIGNATURE, _DIGEST = 64, 32
_MULTICODEC: Final = b"\x80\x24"
"""p256-pub."""
_import: Final = key_material.compressed(KeyType.P256, ec.SECP256R1())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Disclosure:
    """The components of a derived proof ("parseDerivedProofValue")."""

    base_signature: bytes
    public_key: bytes
    """The issuer's key for this document: a Multikey, not encoded further."""
    key: PublicKey
    """The same, imported."""
    signatures: list[bytes]
    labels: Mapping[int, str]
    mandatory: list[int]


async def _verify(
    document: Mapping[str, Any], proof: Mapping[str, Any], key: PublicKey, canonicalizer: Canonicalizer
) -> SuiteResult:
    if key.type is not KeyType.P256:
        raise Invalid("PROOF_VERIFICATION_ERROR", f"a {key.type} key does not fit the suite", pointer="/proof")
    disclosure = _parse(proof)

    async def fits(options: Canonical, canonical: Canonical) -> bool:
        # As many signatures as there are statements, 0.1 ms each, without the interpreter's lock.
        return await asyncio.to_thread(_is_signed, disclosure, key, options, canonical)

    readings = (proof_configuration(document, proof),)
    return await first_reading(document, readings, canonicalizer, hash_name="sha256", fits=fits, warnings=(WITHHELD,))


def _is_signed(disclosure: _Disclosure, key: PublicKey, options: Canonical, canonical: Canonical) -> bool:
    mandatory, others = parted(relabelled(canonical.nquads, disclosure.labels), disclosure.mandatory)
    # "If the length of signatures does not match the length of nonMandatory, an error MUST be raised"
    if len(disclosure.signatures) != len(others):
        raise malformed(f"{len(disclosure.signatures)} signatures for {len(others)} statements")
    signed = (
        hashlib.sha256(options.nquads).digest()
        + disclosure.public_key
        + hashlib.sha256("".join(mandatory).encode()).digest()
    )
    return is_valid(key, disclosure.base_signature, signed) and all(
        is_valid(disclosure.key, signature, statement.encode())
        for signature, statement in zip(disclosure.signatures, others, strict=True)
    )


def _parse(proof: Mapping[str, Any]) -> _Disclosure:
    header, payload = opened(proof)
    if header == _BASE:
        raise base_proof()
    if header != _DERIVED:
        raise malformed("it does not begin as a derived proof does")
    match components(payload):
        case [bytes(base), bytes(public), list(signatures), dict(labels), list(mandatory)] if (
            are_octets([base, *signatures], _SIGNATURE)
            and are_octets([*labels.values()], _DIGEST)
            and are_indexes(mandatory)
        ):
            pass
        case _:
            raise malformed("its components are not those of a derived proof")
    if not public.startswith(_MULTICODEC):
        raise malformed("the document's own key is not a P-256 Multikey")
    try:
        key = _import(public.removeprefix(_MULTICODEC))
    except Invalid as wrong:
        raise malformed(f"the document's own key: {wrong.problem.detail}") from None
    return _Disclosure(
        base_signature=base,
        public_key=public,
        key=key,
        signatures=signatures,
        labels={number: f"u{base64url.encode(label)}" for number, label in labels.items()},
        mandatory=mandatory,
    )


PLUGIN: Final = Cryptosuite(name="ecdsa-sd-2023", proof_type="DataIntegrityProof", verify=_verify, rdf=True)
