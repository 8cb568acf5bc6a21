"""Suites that sign the JSON itself: JCS (RFC 8785) of the proof configuration and of the document.

Data Integrity EdDSA Cryptosuites 1.0, section 3.3, and ECDSA Cryptosuites 1.0, section 3.3.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from gateway.canonical import jcs
from gateway.cryptosuites._proof_value import signature_of, wrong_signature
from gateway.plugins import Cryptosuite, SuiteResult
from gateway.signatures import HASHES, is_valid
from resolvers.problems import Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.plugins import Canonicalizer
    from resolvers.model import KeyType, PublicKey


def suite(name: str, *, key_types: frozenset[KeyType]) -> Cryptosuite:
    """Return the suite `name` over JCS, for keys of `key_types`."""

    async def verify(
        document: Mapping[str, Any], proof: Mapping[str, Any], key: PublicKey, canonicalizer: Canonicalizer
    ) -> SuiteResult:
        del canonicalizer  # signs no graph
        signature = signature_of(proof, key, key_types)
        secured = under_context_of(proof, document)
        if not is_valid(key, signature, hash_data(secured, proof, key)):
            raise wrong_signature()
        return SuiteResult(document=secured)

    return Cryptosuite(name=name, proof_type="DataIntegrityProof", verify=verify)


def under_context_of(proof: Mapping[str, Any], document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the document under the contexts that the proof covers, which may be fewer than its own.

    "If proofOptions.@context exists: Check that the securedDocument.@context starts with all values
    contained in the proofOptions.@context in the same order … Set unsecuredDocument.@context equal
    to proofOptions.@context" (eddsa-jcs-2022, Verify Proof). What follows is not signed, so it must
    not reach whoever reads the document.

    Raises:
        Invalid: `PROOF_VERIFICATION_ERROR`.
    """
    if "@context" not in proof:
        return document
    covered, present = _list(proof["@context"]), _list(document.get("@context"))
    if not covered or present[: len(covered)] != covered:
        detail = "the document's @context does not start with the proof's"
        raise Invalid("PROOF_VERIFICATION_ERROR", detail, pointer="/proof/@context")
    if proof["@context"] == document["@context"]:
        return document
    return {**document, "@context": proof["@context"]}


def hash_data(document: Mapping[str, Any], proof: Mapping[str, Any], key: PublicKey) -> bytes:
    """Return what is signed: the hash of the proof configuration, then that of the document."""
    name = HASHES[key.type]
    options = jcs.canonicalize({member: value for member, value in proof.items() if member != "proofValue"})
    return hashlib.new(name, options).digest() + hashlib.new(name, jcs.canonicalize(document)).digest()


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
