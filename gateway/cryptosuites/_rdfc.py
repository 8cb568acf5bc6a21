"""Suites that sign a graph: RDFC-1.0 of the proof configuration and of the document, hashed, signed.

Data Integrity EdDSA Cryptosuites 1.0, section 3.2, and ECDSA Cryptosuites 1.0, section 3.2, differ
in the key alone; Ed25519Signature2020 differs in how a proof names itself.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

from gateway.cryptosuites._proof_value import signature_of, wrong_signature
from gateway.plugins import Cryptosuite, SuiteResult
from gateway.signatures import HASHES, is_valid
from resolvers.problems import Invalid

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from gateway.plugins import Canonical, Canonicalizer
    from resolvers.model import KeyType, PublicKey
    from resolvers.problems import Problem

_READ: Final = (
    (b"<https://w3id.org/security#expiration>", "expires"),
    (b"<http://purl.org/dc/terms/created>", "created"),
)
"""The statements of a proof on which its verdict rests beside the signature, and where they are read.

What must be there (the purpose, the verification method) cannot be hidden; these two may be absent."""


def suite(name: str, *, proof_type: str, key_types: frozenset[KeyType]) -> Cryptosuite:
    """Return the suite `name` over RDFC-1.0, for keys of `key_types`."""

    async def verify(
        document: Mapping[str, Any], proof: Mapping[str, Any], key: PublicKey, canonicalizer: Canonicalizer
    ) -> SuiteResult:
        signature = signature_of(proof, key, key_types)
        return await first_reading(
            document,
            (proof_configuration(document, proof),),
            canonicalizer,
            hash_name=HASHES[key.type],
            fits=lambda options, canonical: is_valid(key, signature, hash_data(options, canonical, key)),
        )

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


async def first_reading(
    document: Mapping[str, Any],
    configurations: Sequence[Mapping[str, Any]],
    canonicalizer: Canonicalizer,
    *,
    hash_name: str,
    fits: Callable[[Canonical, Canonical], bool | Awaitable[bool]],
    warnings: tuple[Problem, ...] = (),
) -> SuiteResult:
    """Return the first reading of a document and its proof that `fits(options, document)`, which may be awaited.

    A document is read under each revision of its contexts that may have been meant, and its proof as
    each of the `configurations` that implementations make of it; there is nearly always one of both.
    `fits` may also say what is wrong with the proof under that reading. `warnings` are the result's.

    Raises:
        Invalid: what is wrong with the document or with its proof; the signature, if nothing else is.
        Unavailable: as `Canonicalizer.canonicalize`.
    """
    refused: Invalid | None = None
    for revisions in canonicalizer.revisions(document):
        # A context revision under which part of the document has no meaning is not the one it was
        # signed with; only if none fits is that what is wrong with the document.
        try:
            canonical = await canonicalizer.canonicalize(document, hash_name=hash_name, revisions=revisions)
        except Invalid as loss:
            refused = refused or loss
            continue
        unread: list[Invalid] = []
        for configuration in configurations:
            try:
                options = await _canonical_options(configuration, canonicalizer, hash_name, revisions)
                fit = fits(options, canonical)
                fit = fit if isinstance(fit, bool) else await fit
            except Invalid as wrong:
                unread.append(wrong)
                continue
            if fit:
                contexts = canonical.contexts
                if options.contexts is not contexts:  # what is remembered of one set of contexts is one object
                    contexts = {**options.contexts, **contexts}
                return SuiteResult(document=document, contexts=contexts, warnings=warnings)
        if len(unread) == len(configurations):
            refused = refused or unread[0]
    raise refused or wrong_signature()


def hash_data(options: Canonical, document: Canonical, key: PublicKey) -> bytes:
    """Return what is signed: the hash of the proof configuration, then that of the document."""
    name = HASHES[key.type]
    return hashlib.new(name, options.nquads).digest() + hashlib.new(name, document.nquads).digest()


async def _canonical_options(
    configuration: Mapping[str, Any], canonicalizer: Canonicalizer, hash_name: str, revisions: Any
) -> Canonical:
    """Canonicalize the proof configuration, with its place in the credential in any problem.

    A context that is added to the document may give a member of the proof a second name: security/v1
    knows `expires` as `expiration` too. The signature stays valid, and a reader of the JSON no longer
    sees when the proof ended. (T62, for the proof.)
    """
    try:
        options = await canonicalizer.canonicalize(configuration, hash_name=hash_name, revisions=revisions)
    except Invalid as wrong:
        found = wrong.problem
        raise Invalid(found.code, found.detail, pointer=f"/proof{found.pointer or ''}") from None
    for predicate, member in _READ:
        if member not in configuration and predicate in options.nquads:
            detail = f"the proof says {member} under another name, where no reader looks"
            raise Invalid("DATA_LOSS_DETECTION_ERROR", detail, pointer="/proof")
    return options
