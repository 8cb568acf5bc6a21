"""Suites that only didkit has: proofs by blockchain accounts, whose keys are known by their hashes.

didkit's word is taken for one thing alone, that a signature is that of the account which the DID names:
it lets expired credentials pass, other purposes, and one bad proof of a set. All of that is checked
around it, as for any other suite. Its own resolver knows these DIDs by themselves; under another one it
would ask the network, and finds none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from gateway.cryptosuites import _didkit_worker
from gateway.cryptosuites._detached_jws import parse
from gateway.cryptosuites._graph_document import document_of
from gateway.plugins import Cryptosuite, SuiteResult
from resolvers.problems import Invalid, Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.plugins import Canonicalizer
    from resolvers.model import KeyType, PublicKey

HEX: Final = re.compile(r"0x[0-9a-fA-F]{130}", re.ASCII)
"""A recoverable signature of secp256k1: r, s and which of the possible keys it is."""
BASE58: Final = re.compile(r"(?:ed|sp|p2)sig[1-9A-HJ-NP-Za-km-z]{80,110}", re.ASCII)
"""A signature as Tezos writes it, with the kind of its key in front."""

_SECURITY: Final = "https://w3id.org/security#"
_MEMBERS: Final = frozenset(
    {
        "@context",
        "challenge",
        "created",
        "domain",
        "expires",
        "id",
        "nonce",
        "proofPurpose",
        "publicKeyJwk",
        "type",
        "verificationMethod",
    }
)
"""What a proof over a graph may say, beside its value."""
_DATE_TIME: Final = "http://www.w3.org/2001/XMLSchema#dateTime"
_CONTEXT: Final = {
    "assertionMethod": {"@id": f"{_SECURITY}assertionMethod", "@type": "@id"},
    "authentication": {"@id": f"{_SECURITY}authenticationMethod", "@type": "@id"},
    "challenge": f"{_SECURITY}challenge",
    "created": {"@id": "http://purl.org/dc/terms/created", "@type": _DATE_TIME},
    "domain": f"{_SECURITY}domain",
    "expires": {"@id": f"{_SECURITY}expiration", "@type": _DATE_TIME},
    "nonce": f"{_SECURITY}nonce",
    "proofPurpose": {"@id": f"{_SECURITY}proofPurpose", "@type": "@vocab"},
    "publicKeyJwk": {"@id": f"{_SECURITY}publicKeyJwk", "@type": "@json"},
    "verificationMethod": {"@id": f"{_SECURITY}verificationMethod", "@type": "@id"},
}
"""What these members mean in the context of each of the suites."""

_DIDS: Final = ("did:pkh:", "did:ethr:", "did:key:")
"""DIDs that didkit resolves without a network; for did:tz it asks an index of the chain."""
_WRONG: Final = (
    "Key does not match account id",
    "signature error",
    "Invalid JWS",
    "Invalid Hex String",
    "Missing Proof Signature",
    "Base58 decoding",
    "Algorithm in JWS header does not match",
)
"""How didkit begins when the signature is at fault. Whatever else it says, it has not checked it."""


def suite(
    name: str,
    *,
    key_types: frozenset[KeyType],
    algorithm: str | None = None,
    spelling: re.Pattern[str] | None = None,
    iri: str | None = None,
) -> Cryptosuite:
    """Return the suite whose proofs are of type `name`, over a graph.

    Args:
        name: the proof's type.
        key_types: what the verification method may give.
        algorithm: that of the JWS in `jws`, if the suite has one.
        spelling: how else `proofValue` is written.
        iri: what the type stands for, where that is not in the security vocabulary.
    """
    context = {**_CONTEXT, name: iri or f"{_SECURITY}{name}"}
    members = _MEMBERS | {"jws" if spelling is None else "proofValue"}

    async def verify(
        document: Mapping[str, Any], proof: Mapping[str, Any], key: PublicKey, canonicalizer: Canonicalizer
    ) -> SuiteResult:
        _check(proof, key, key_types, spelling)
        if spelling is None:
            parse(proof.get("jws"), (str(algorithm),))
        for member in proof.keys() - members:
            detail = "this member is none of the suite's, so its signature cannot cover it"
            raise Invalid("DATA_LOSS_DETECTION_ERROR", detail, pointer=f"/proof/{member}")
        refused: Invalid | None = None
        for revisions in canonicalizer.revisions(document):
            try:
                canonical = await canonicalizer.canonicalize(document, revisions=revisions)
            except Invalid as loss:
                refused = refused or loss
                continue
            presentation = _is_presentation(document)
            graph = document_of(canonical.nquads, document.get("id"), presentation=presentation)
            wrong = await _wrong({**graph, "proof": {**proof, "@context": context}}, proof, presentation=presentation)
            if wrong is None:
                return SuiteResult(document=document, contexts=canonical.contexts)
            refused = refused or wrong
        raise refused or Invalid("PROOF_TRANSFORMATION_ERROR", "the document cannot be read under its contexts")

    return Cryptosuite(name=name, proof_type=name, verify=verify, rdf=True, close=_didkit_worker.close)


def json_suite(name: str, *, key_types: frozenset[KeyType], spelling: re.Pattern[str]) -> Cryptosuite:
    """Return the suite whose proofs are of type `name`, over the JSON as it is, proof and contexts included."""

    async def verify(
        document: Mapping[str, Any], proof: Mapping[str, Any], key: PublicKey, canonicalizer: Canonicalizer
    ) -> SuiteResult:
        del canonicalizer  # signs no graph
        _check(proof, key, key_types, spelling)
        wrong = await _wrong({**document, "proof": proof}, proof, presentation=_is_presentation(document))
        if wrong is not None:
            raise wrong
        return SuiteResult(document=document)

    return Cryptosuite(name=name, proof_type=name, verify=verify, close=_didkit_worker.close)


def unverified(name: str, *, why: str) -> Cryptosuite:
    """Return a suite that is known by name and not verified, for the reason `why`."""

    async def verify(
        document: Mapping[str, Any], proof: Mapping[str, Any], key: PublicKey, canonicalizer: Canonicalizer
    ) -> SuiteResult:
        del document, proof, key, canonicalizer
        raise Unavailable("unsupported-cryptosuite", f"{name} {why}", pointer="/proof")

    return Cryptosuite(name=name, proof_type=name, verify=verify, rdf=True, verdict="recognized")


def _check(
    proof: Mapping[str, Any], key: PublicKey, key_types: frozenset[KeyType], spelling: re.Pattern[str] | None
) -> None:
    if key.type not in key_types:
        raise Invalid("PROOF_VERIFICATION_ERROR", f"a key of type {key.type} does not fit the suite", pointer="/proof")
    value = proof.get("proofValue")
    if spelling is not None and (not isinstance(value, str) or spelling.fullmatch(value) is None):
        detail = "proofValue is not written as the suite does"
        raise Invalid("PROOF_VERIFICATION_ERROR", detail, pointer="/proof/proofValue")
    method: str = proof["verificationMethod"]
    if not method.startswith(_DIDS):
        detail = f"only didkit verifies {proof['type']}, which would look up {method[:100]} by itself"
        raise Unavailable("unsupported-cryptosuite", detail, pointer="/proof")


async def _wrong(document: Mapping[str, Any], proof: Mapping[str, Any], *, presentation: bool) -> Invalid | None:
    """Return what is wrong with the signature, None if it verifies.

    Raises:
        Unavailable: didkit could not check it.
    """
    options = {"proofPurpose": proof["proofPurpose"]}
    errors = await _didkit_worker.worker().errors(document, options, presentation=presentation)
    if not errors:
        return None
    if errors[0].startswith(_WRONG):
        detail = "the signature is not that of the account over this document"
        return Invalid("PROOF_VERIFICATION_ERROR", detail, pointer="/proof")
    raise Unavailable("unsupported-cryptosuite", f"didkit could not check it: {errors[0]}", pointer="/proof")


def _is_presentation(document: Mapping[str, Any]) -> bool:
    types = document.get("type")
    return "VerifiablePresentation" in (types if isinstance(types, list) else [types])
