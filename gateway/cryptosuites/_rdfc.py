"""Suites that sign a graph: RDFC-1.0 of the proof configuration and of the document, hashed, signed.

Data Integrity EdDSA Cryptosuites 1.0, section 3.2, and ECDSA Cryptosuites 1.0, section 3.2, differ
in the key alone; Ed25519Signature2020 differs in how a proof names itself.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from gateway.cryptosuites._proof_value import signature_of, wrong_signature
from gateway.model import Cryptosuite, SuiteResult
from gateway.signatures import HASHES, is_valid
from resolvers.problems import Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.model import Canonical, Canonicalizer
    from resolvers.model import KeyType, PublicKey


def suite(name: str, *, proof_type: str, key_types: frozenset[KeyType]) -> Cryptosuite:
    """Return the suite `name` over RDFC-1.0, for keys of `key_types`."""

    async def verify(
        document: Mapping[str, Any], proof: Mapping[str, Any], key: PublicKey, canonicalizer: Canonicalizer
    ) -> SuiteResult:
        signature = signature_of(proof, key, key_types)
        configuration = proof_configuration(document, proof)
        refused: Invalid | None = None
        for revisions in canonicalizer.revisions(document):
            # A context revision under which part of the document has no meaning is not the one it was
            # signed with; only if none fits is that what is wrong with the document.
            try:
                options = await _canonical_options(configuration, key, canonicalizer, revisions)
                canonical = await canonicalizer.canonicalize(document, hash_name=HASHES[key.type], revisions=revisions)
            except Invalid as loss:
                refused = refused or loss
                continue
            if is_valid(key, signature, hash_data(options, canonical, key)):
                return SuiteResult(document=document, contexts={**options.contexts, **canonical.contexts})
        raise refused or wrong_signature()

    return Cryptosuite(name=name, proof_type=proof_type, verify=verify, rdf=True)


def proof_configuration(document: Mapping[str, Any], proof: Mapping[str, Any]) -> dict[str, Any]:
    """Return the proof without `proofValue`, under the document's context.

    "Set proofConfig.@context to unsecuredDocument.@context", also over a context of the proof's own
    (EdDSA Cryptosuites 1.0, section 3.2.5).
    """
    configuration = {name: value for name, value in proof.items() if name != "proofValue"}
    if "@context" in document:
        configuration["@context"] = document["@context"]
    return configuration


def hash_data(options: Canonical, document: Canonical, key: PublicKey) -> bytes:
    """Return what is signed: the hash of the proof configuration, then that of the document."""
    name = HASHES[key.type]
    return hashlib.new(name, options.nquads).digest() + hashlib.new(name, document.nquads).digest()


async def _canonical_options(
    configuration: Mapping[str, Any], key: PublicKey, canonicalizer: Canonicalizer, revisions: Any
) -> Canonical:
    """Canonicalize the proof configuration, with its place in the credential in any problem."""
    try:
        return await canonicalizer.canonicalize(configuration, hash_name=HASHES[key.type], revisions=revisions)
    except Invalid as wrong:
        found = wrong.problem
        raise Invalid(found.code, found.detail, pointer=f"/proof{found.pointer or ''}") from None
