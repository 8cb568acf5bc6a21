"""Embedded proofs, by suite, data model and kind of issuer; and what spoils them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.model import CheckName
from tests.vectors.case import Recipe, Spoil, Stage
from tests.vectors.plans.issuers import KEY, KEY_P256, SITE, SITE_P384, STRANGER, WEB, WEB_P256
from tests.vectors.plans.plan import append, drop, fails, leaves_open, passes, put

if TYPE_CHECKING:
    from collections.abc import Callable

_PLAIN: Final = Recipe(issuer=KEY)
_JCS: Final = Recipe(issuer=KEY, form="eddsa-jcs-2022")
_SERVED: Final = Recipe(issuer=WEB)
_SET: Final = Recipe(issuer=KEY, further=("eddsa-jcs-2022",))
_CHAIN: Final = Recipe(issuer=KEY, chained=True)


def _bad_signature(proof: int) -> Callable[[Any], Any]:
    """Give a proof the signature of another."""

    def change(credential: Any) -> Any:
        credential["proof"][proof]["proofValue"] = credential["proof"][proof - 1]["proofValue"]
        return credential

    return change


PLANS: Final = (
    passes(
        "data_integrity/eddsa_rdfc_2022_did_key",
        Recipe(issuer=KEY),
        "EdDSA Cryptosuites 1.0, section 3.2: Ed25519 over the canonical graph; the did:key method derives the key.",
    ),
    passes(
        "data_integrity/eddsa_rdfc_2022_did_web_vcdm_1_1",
        Recipe(issuer=WEB, vcdm="1.1"),
        "VCDM 1.1, section 4.7: a Data Integrity proof secures a 1.1 credential whose contexts define it.",
    ),
    passes(
        "data_integrity/eddsa_rdfc_2022_https_issuer",
        Recipe(issuer=SITE),
        "Controlled Identifiers 1.0, section 3.3: an issuer's id may be an https URL that serves its document.",
    ),
    passes(
        "data_integrity/eddsa_jcs_2022_did_web",
        Recipe(issuer=WEB, form="eddsa-jcs-2022"),
        "EdDSA Cryptosuites 1.0, section 3.3: Ed25519 over canonical JSON (RFC 8785).",
    ),
    passes(
        "data_integrity/eddsa_jcs_2022_https_issuer_vcdm_1_1",
        Recipe(issuer=SITE, form="eddsa-jcs-2022", vcdm="1.1"),
        "EdDSA Cryptosuites 1.0, section 3.3: a signature over JSON asks nothing of the data model's version.",
    ),
    passes(
        "data_integrity/ecdsa_rdfc_2019_p256_did_key",
        Recipe(issuer=KEY_P256, form="ecdsa-rdfc-2019"),
        "ECDSA Cryptosuites 1.0, section 3.2: P-256 over the canonical graph, hashed with SHA-256.",
    ),
    passes(
        "data_integrity/ecdsa_rdfc_2019_p384_https_issuer_vcdm_1_1",
        Recipe(issuer=SITE_P384, form="ecdsa-rdfc-2019", vcdm="1.1"),
        "ECDSA Cryptosuites 1.0, section 3.2: with P-384 the hash is SHA-384, that of the canonicalization too.",
    ),
    passes(
        "data_integrity/ecdsa_jcs_2019_p384_https_issuer",
        Recipe(issuer=SITE_P384, form="ecdsa-jcs-2019"),
        "ECDSA Cryptosuites 1.0, section 3.3: P-384 over canonical JSON, hashed with SHA-384.",
    ),
    passes(
        "data_integrity/ecdsa_jcs_2019_p256_did_web_vcdm_1_1",
        Recipe(issuer=WEB_P256, form="ecdsa-jcs-2019", vcdm="1.1"),
        "ECDSA Cryptosuites 1.0, section 3.3: P-256 over canonical JSON, hashed with SHA-256.",
    ),
    passes(
        "data_integrity/ed25519_signature_2020_did_key_vcdm_1_1",
        Recipe(issuer=KEY, form="Ed25519Signature2020", vcdm="1.1"),
        "EdDSA Cryptosuites 1.0, appendix: Ed25519Signature2020 names its suite in the proof's own type.",
    ),
    passes(
        "data_integrity/ed25519_signature_2020_did_web",
        Recipe(issuer=WEB, form="Ed25519Signature2020"),
        "EdDSA Cryptosuites 1.0, appendix: the older suite is used with VCDM 2.0 where a context defines it.",
    ),
    passes(
        "data_integrity/proof_set", _SET, "T40: of a proof set every proof is verified, whatever the suite of each."
    ),
    passes(
        "data_integrity/proof_chain", _CHAIN, "T40: a proof with previousProof covers the document with that proof."
    ),
    passes(
        "data_integrity/jcs_context_appended_by_the_holder",
        _JCS,
        "EdDSA Cryptosuites 1.0, section 3.3: the document's @context only has to start with the proof's.",
        spoil=Spoil(stage=Stage.PRESENTED, change=append("https://w3id.org/security/multikey/v1", "@context")),
    ),
    fails(
        "data_integrity/tampered_claim",
        _PLAIN,
        Stage.PRESENTED,
        put("Surgery", "credentialSubject", "achievement", "name"),
        CheckName.PROOF,
        "PROOF_VERIFICATION_ERROR",
        "Data Integrity 1.0, Verify Proof: a claim that was changed after signing is not what was signed.",
    ),
    fails(
        "data_integrity/unsigned_member",
        _PLAIN,
        Stage.PRESENTED,
        put("true", "credentialSubject", "administrator"),
        CheckName.DATA_LOSS,
        "DATA_LOSS_DETECTION_ERROR",
        "T19: a member that no context defines is in no graph, so no signature covers it.",
    ),
    fails(
        "data_integrity/issuer_mismatch",
        _PLAIN,
        Stage.SIGNER,
        lambda _: STRANGER,
        CheckName.ISSUER,
        "issuer-mismatch",
        "T33: a stranger's valid proof under a trusted issuer's name is not the issuer's.",
    ),
    fails(
        "data_integrity/wrong_proof_purpose",
        _PLAIN,
        Stage.OPTIONS,
        put("authentication", "proofPurpose"),
        CheckName.PROOF,
        "PROOF_VERIFICATION_ERROR",
        "T36: the purpose that a credential's proof must have is the verifier's to say, not the proof's.",
    ),
    fails(
        "data_integrity/key_not_in_assertion_method",
        _SERVED,
        Stage.DOCUMENTS,
        put([], WEB.document_url, "assertionMethod"),
        CheckName.PROOF,
        "INVALID_RELATIONSHIP_FOR_VERIFICATION_METHOD",
        "T35: a key that the issuer's document does not list under assertionMethod signs no credential.",
    ),
    fails(
        "data_integrity/expired_proof",
        _PLAIN,
        Stage.OPTIONS,
        put("2026-05-01T00:00:00Z", "expires"),
        CheckName.PROOF,
        "proof-expired",
        "T41: a proof ends at its own expires, whatever the credential's validity period.",
    ),
    fails(
        "data_integrity/proof_from_the_future",
        _PLAIN,
        Stage.OPTIONS,
        put("2026-07-01T00:00:00Z", "created"),
        CheckName.PROOF,
        "not-yet-valid",
        "T41: no proof was created after the instant at which it is verified.",
    ),
    fails(
        "data_integrity/expired_key",
        _SERVED,
        Stage.DOCUMENTS,
        put("2026-05-01T00:00:00Z", WEB.document_url, "verificationMethod", 0, "expires"),
        CheckName.PROOF,
        "key-expired",
        "Controlled Identifiers 1.0, section 2.2: nothing verifies at or after a verification method's expires.",
    ),
    leaves_open(
        "data_integrity/issuer_out_of_reach",
        _SERVED,
        Stage.DOCUMENTS,
        drop(WEB.document_url),
        CheckName.PROOF,
        "unreachable",
        "Architecture, errors have three fates: an issuer's document that cannot be had decides nothing, either way.",
    ),
    fails(
        "data_integrity/missing_previous_proof",
        _CHAIN,
        Stage.PRESENTED,
        drop("proof", 0),
        CheckName.PROOF,
        "PROOF_VERIFICATION_ERROR",
        "T40: a previousProof that names a proof which is not there fails the credential.",
    ),
    fails(
        "data_integrity/cyclic_previous_proof",
        _CHAIN,
        Stage.PRESENTED,
        put("urn:proof:1", "proof", 0, "previousProof"),
        CheckName.PROOF,
        "PROOF_VERIFICATION_ERROR",
        "T40: a proof that rests on itself rests on nothing.",
    ),
    fails(
        "data_integrity/one_bad_proof_of_a_set",
        _SET,
        Stage.PRESENTED,
        _bad_signature(1),
        CheckName.PROOF,
        "PROOF_VERIFICATION_ERROR",
        "T40: one bad proof fails the credential, beside however many good ones.",
    ),
    leaves_open(
        "data_integrity/unknown_cryptosuite",
        _PLAIN,
        Stage.OPTIONS,
        put("eddsa-rdfc-2062", "cryptosuite"),
        CheckName.PROOF,
        "unsupported-cryptosuite",
        "T40: what a suite that nobody knows would say is not known.",
    ),
    leaves_open(
        "data_integrity/misspelt_eddsa_rdf_2022",
        _PLAIN,
        Stage.OPTIONS,
        put("eddsa-rdf-2022", "cryptosuite"),
        CheckName.PROOF,
        "unsupported-cryptosuite",
        "Formats: eddsa-rdf-2022, as some issuers write it, names no suite, and is not read as another one.",
    ),
    leaves_open(
        "data_integrity/unknown_context",
        _PLAIN,
        Stage.PRESENTED,
        append("https://nobody.example/context", "@context"),
        CheckName.PROOF,
        "unknown-context",
        "T20: a context that is not pinned is never fetched, so what the graph says under it is not known.",
    ),
    leaves_open(
        "data_integrity/jcs_unknown_context",
        _JCS,
        Stage.CREDENTIAL,
        append("https://nobody.example/context", "@context"),
        CheckName.STRUCTURE,
        "unknown-context",
        "T20: a signature over JSON holds under any context, but what the members mean is then not known.",
    ),
    fails(
        "data_integrity/jcs_context_removed_by_the_holder",
        _JCS,
        Stage.PRESENTED,
        drop("@context", 1),
        CheckName.PROOF,
        "PROOF_VERIFICATION_ERROR",
        "EdDSA Cryptosuites 1.0, section 3.3: the document's @context starts with the whole of the proof's.",
    ),
)
