"""Embedded proofs beside those of Data Integrity's first suites: selective disclosure, accounts, what came before."""

from __future__ import annotations

from typing import Any, Final

from gateway.model import CheckName
from tests.vectors.case import Recipe, Stage
from tests.vectors.plans.issuers import (
    ETHEREUM,
    KEY,
    KEY_BBS,
    KEY_P256,
    KEY_SECP256K1,
    SITE_P384,
    SITE_RSA,
    STRANGER,
    TEZOS_1,
    TEZOS_1_HASHED,
    TEZOS_3_HASHED,
    WEB,
)
from tests.vectors.plans.plan import append, drop, fails, leaves_open, passes, put

_WITHHELD: Final = ("selectively-disclosed",)
_ECDSA: Final = Recipe(issuer=KEY_P256, form="ecdsa-sd-2023")
_BBS: Final = Recipe(issuer=KEY_BBS, form="bbs-2023")
_ED25519: Final = Recipe(issuer=WEB, form="Ed25519Signature2018", vcdm="1.1")
_RECOVERY: Final = Recipe(issuer=ETHEREUM, form="EcdsaSecp256k1RecoverySignature2020", vcdm="1.1")
_TYPED_JSON: Final = Recipe(issuer=ETHEREUM, form="EthereumEip712Signature2021", vcdm="1.1")
_JWS: Final = Recipe(issuer=SITE_P384, form="JsonWebSignature2020", vcdm="1.1")


def _as_base(credential: Any) -> Any:
    """Give a derived proof of ecdsa-sd-2023 the header of a base proof."""
    credential["proof"]["proofValue"] = credential["proof"]["proofValue"].replace("u2V0B", "u2V0A", 1)
    return credential


def _with_pseudonym(credential: Any) -> Any:
    """Give a derived proof of bbs-2023 the header of one with a pseudonym."""
    credential["proof"]["proofValue"] = credential["proof"]["proofValue"].replace("u2V0D", "u2V0H", 1)
    return credential


PLANS: Final = (
    passes(
        "selective_disclosure/ecdsa_sd_2023_did_key",
        _ECDSA,
        "ECDSA Cryptosuites 1.0, Verify Derived Proof: the mandatory statements together, each other one by itself.",
        warnings=_WITHHELD,
    ),
    passes(
        "selective_disclosure/ecdsa_sd_2023_did_key_vcdm_1_1",
        Recipe(issuer=KEY_P256, form="ecdsa-sd-2023", vcdm="1.1"),
        "ECDSA Cryptosuites 1.0: selective disclosure asks nothing of the data model's version.",
        warnings=_WITHHELD,
    ),
    passes(
        "selective_disclosure/bbs_2023_did_key",
        _BBS,
        "BBS Cryptosuites 1.0, Verify Derived Proof: ProofVerify over what is shown.",
        warnings=_WITHHELD,
    ),
    fails(
        "selective_disclosure/ecdsa_sd_2023_tampered_claim",
        _ECDSA,
        Stage.PRESENTED,
        put("Surgery", "credentialSubject", "achievement", "name"),
        CheckName.PROOF,
        "PROOF_VERIFICATION_ERROR",
        "ECDSA Cryptosuites 1.0, Verify Derived Proof: each statement that is shown has its own signature.",
    ),
    fails(
        "selective_disclosure/ecdsa_sd_2023_mandatory_claim_left_out",
        _ECDSA,
        Stage.PRESENTED,
        drop("issuer", "name"),
        CheckName.PROOF,
        "PROOF_VERIFICATION_ERROR",
        "ECDSA Cryptosuites 1.0, Verify Derived Proof: the hash of the mandatory statements is signed.",
    ),
    fails(
        "selective_disclosure/ecdsa_sd_2023_base_proof",
        _ECDSA,
        Stage.PRESENTED,
        _as_base,
        CheckName.PROOF,
        "base-proof",
        "ECDSA Cryptosuites 1.0, parseDerivedProofValue: a verifier takes derived proofs alone.",
    ),
    fails(
        "selective_disclosure/bbs_2023_tampered_claim",
        _BBS,
        Stage.PRESENTED,
        put("Surgery", "credentialSubject", "achievement", "name"),
        CheckName.PROOF,
        "PROOF_VERIFICATION_ERROR",
        "BBS Cryptosuites 1.0, Verify Derived Proof: a message that was not signed is not proven.",
    ),
    fails(
        "selective_disclosure/bbs_2023_unsigned_member",
        _BBS,
        Stage.PRESENTED,
        put("true", "credentialSubject", "administrator"),
        CheckName.DATA_LOSS,
        "DATA_LOSS_DETECTION_ERROR",
        "T19: a member that no context defines is in no statement, shown or not.",
    ),
    leaves_open(
        "selective_disclosure/bbs_2023_with_a_pseudonym",
        _BBS,
        Stage.PRESENTED,
        _with_pseudonym,
        CheckName.PROOF,
        "unsupported-cryptosuite",
        "BBS Cryptosuites 1.0: what its optional features add is not verified here, and so not judged.",
    ),
    passes(
        "linked_data/ed25519_signature_2018_did_web_vcdm_1_1",
        _ED25519,
        "Ed25519 Signature 2018: Ed25519 over the canonical graph, under a detached JWS (RFC 7797).",
    ),
    passes(
        "linked_data/ed25519_signature_2018_did_key",
        Recipe(issuer=KEY, form="Ed25519Signature2018"),
        "Ed25519 Signature 2018: with VCDM 2.0 the suite's own context defines the proof.",
    ),
    passes(
        "linked_data/ecdsa_secp256k1_signature_2019_did_key_vcdm_1_1",
        Recipe(issuer=KEY_SECP256K1, form="EcdsaSecp256k1Signature2019", vcdm="1.1"),
        "Ecdsa Secp256k1 Signature 2019: ES256K over the canonical graph, under a detached JWS.",
    ),
    passes(
        "linked_data/rsa_signature_2018_https_issuer_vcdm_1_1",
        Recipe(issuer=SITE_RSA, form="RsaSignature2018", vcdm="1.1"),
        "RSA Signature Suite 2018: RS256 over the canonical graph, under a detached JWS.",
    ),
    passes(
        "linked_data/json_web_signature_2020_p384_https_issuer_vcdm_1_1",
        _JWS,
        "JSON Web Signature 2020: the algorithm is that of the key; the graph is hashed with SHA-256 all the same.",
    ),
    fails(
        "linked_data/ed25519_signature_2018_tampered_claim",
        _ED25519,
        Stage.PRESENTED,
        put("Surgery", "credentialSubject", "achievement", "name"),
        CheckName.PROOF,
        "PROOF_VERIFICATION_ERROR",
        "Ed25519 Signature 2018: a claim that was changed after signing is not what was signed.",
    ),
    fails(
        "linked_data/ed25519_signature_2018_issuer_mismatch",
        _ED25519,
        Stage.SIGNER,
        lambda _: STRANGER,
        CheckName.ISSUER,
        "issuer-mismatch",
        "T33: a stranger's valid proof under a trusted issuer's name is not the issuer's.",
    ),
    fails(
        "linked_data/json_web_signature_2020_of_an_rsa_suite",
        _JWS,
        Stage.PRESENTED,
        put("RsaSignature2018", "proof", "type"),
        CheckName.PROOF,
        "PROOF_VERIFICATION_ERROR",
        "T27: a suite takes keys of its own types alone.",
    ),
    fails(
        "linked_data/json_web_signature_2020_not_detached",
        _JWS,
        Stage.PRESENTED,
        put("eyJhbGciOiJFUzM4NCJ9.e30.AAAA", "proof", "jws"),
        CheckName.PROOF,
        "PROOF_VERIFICATION_ERROR",
        "RFC 7797, section 6, and T29: b64 is false and critical, and nothing else is.",
    ),
    leaves_open(
        "linked_data/json_web_signature_2020_context",
        _JWS,
        Stage.PRESENTED,
        append("https://w3id.org/security/suites/jws-2020/v1", "@context"),
        CheckName.PROOF,
        "unknown-context",
        "T20: the suite's context is in no registry package, so a document that names it needs the operator's folder.",
    ),
    passes(
        "accounts/ecdsa_secp256k1_recovery_signature_2020_did_pkh",
        _RECOVERY,
        "EcdsaSecp256k1RecoverySignature2020: the key that is recovered from the signature is the account's.",
    ),
    passes(
        "accounts/eip712_signature_2021_did_pkh",
        Recipe(issuer=ETHEREUM, form="Eip712Signature2021", vcdm="1.1"),
        "EIP-712: typed data that holds the canonical graph, signed by an Ethereum account.",
    ),
    passes(
        "accounts/ethereum_eip712_signature_2021_did_pkh",
        _TYPED_JSON,
        "Ethereum EIP-712 Signature 2021: typed data made of the JSON, signed by an Ethereum account.",
    ),
    passes(
        "accounts/tezos_signature_2021_did_pkh",
        Recipe(issuer=TEZOS_1, form="TezosSignature2021", vcdm="1.1"),
        "TezosSignature2021: a Tezos message that holds the canonical graph, by the key whose hash is the account.",
    ),
    passes(
        "accounts/ed25519_blake2b_signature_2021_did_pkh",
        Recipe(issuer=TEZOS_1_HASHED, form="Ed25519BLAKE2BDigestSize20Base58CheckEncodedSignature2021", vcdm="1.1"),
        "The suite of tz1 accounts: EdBlake2b over the canonical graph, by a key whose hash is the account.",
    ),
    passes(
        "accounts/p256_blake2b_signature_2021_did_pkh",
        Recipe(issuer=TEZOS_3_HASHED, form="P256BLAKE2BDigestSize20Base58CheckEncodedSignature2021", vcdm="1.1"),
        "The suite of tz3 accounts: ESBlake2b over the canonical graph, by a key whose hash is the account.",
    ),
    fails(
        "accounts/recovery_signature_of_a_tampered_claim",
        _RECOVERY,
        Stage.PRESENTED,
        put("Surgery", "credentialSubject", "achievement", "name"),
        CheckName.PROOF,
        "PROOF_VERIFICATION_ERROR",
        "EcdsaSecp256k1RecoverySignature2020: over another document the signature recovers another key.",
    ),
    fails(
        "accounts/eip712_signature_of_an_added_member",
        _TYPED_JSON,
        Stage.PRESENTED,
        put("2036-01-01T00:00:00Z", "expirationDate"),
        CheckName.PROOF,
        "PROOF_VERIFICATION_ERROR",
        "Ethereum EIP-712 Signature 2021: every member of the JSON is part of the typed data.",
    ),
    fails(
        "accounts/recovery_signature_in_an_expired_credential",
        _RECOVERY,
        Stage.CREDENTIAL,
        put("2026-05-01T00:00:00Z", "expirationDate"),
        CheckName.VALIDITY,
        "expired",
        "VCDM 1.1, section 4.6: didkit lets an expired credential pass, so the period is the gateway's to check.",
    ),
    leaves_open(
        "accounts/tezos_jcs_signature_2021",
        Recipe(issuer=TEZOS_1, form="TezosSignature2021", vcdm="1.1"),
        Stage.PRESENTED,
        put("TezosJcsSignature2021", "proof", "type"),
        CheckName.PROOF,
        "unsupported-cryptosuite",
        "A suite that didkit alone has, and that it does not verify, is neither good nor bad.",
    ),
)
