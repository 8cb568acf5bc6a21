"""DIDs with a history, and DIDs that are blockchain accounts; what spoils the former.

What did:ethr, did:tz and a Universal Resolver come to depends on the configuration, which a case
does not have: `tests/resolvers/test_resolution.py` is about them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from cryptography.hazmat.primitives.asymmetric import ed25519

from gateway.demo.issuer import Issuer
from gateway.model import CheckName
from resolvers.multibase import encode_base58
from tests.resolvers.did.webvh_log import OWNER, THIEF, WITNESSES, Signer, WebvhLog, witness
from tests.vectors.case import Recipe, Stage
from tests.vectors.plans.plan import fails, leaves_open, passes

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class _Webvh(Issuer):
    """An issuer whose document is the last of a log."""

    document_url: str = ""
    document: Any = None

    @classmethod
    def of(cls, log: WebvhLog) -> _Webvh:
        """Return the controller of a log."""
        return cls(log.did, _private(OWNER), f"{log.did}#key-1", log.url, log.text)


def _private(signer: Signer) -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.from_private_bytes(signer.number.to_bytes(32, "big"))


def _solana(signer: Signer) -> Issuer:
    key = _private(signer)
    did = f"did:pkh:solana:4sGjMW1sUnHzSxGspuhpqLDx6wiyjNtZ:{encode_base58(key.public_key().public_bytes_raw())}"
    return Issuer(did, key, f"{did}#controller")


def _log() -> WebvhLog:
    return WebvhLog().add().add()


_WEBVH: Final = Recipe(issuer=_Webvh.of(_log()), form="eddsa-jcs-2022")
_PKH: Final = Recipe(issuer=_solana(OWNER), form="eddsa-jcs-2022")


def _served(change: Callable[[WebvhLog], object]) -> Callable[[Any], Any]:
    """Return a change of what is served: the same DID's log, gone on or changed."""

    def change_documents(documents: dict[str, Any]) -> dict[str, Any]:
        log = _log()
        change(log)
        return {**documents, log.url: log.text}

    return change_documents


def _forged(log: WebvhLog) -> None:
    log.add({"updateKeys": [THIEF.multikey]}, by=[THIEF], state=log.state(log.did))


def _backwards(log: WebvhLog) -> None:
    log.add(versionTime="2026-01-01T00:00:00Z")


def _malformed(log: WebvhLog) -> None:
    log.entries[1]["more"] = True


def _unwitnessed(log: WebvhLog) -> None:
    log.add({"witness": witness(1, WITNESSES[0])}).approve(WITNESSES[1])


def _with_proofs(documents: dict[str, Any]) -> dict[str, Any]:
    log = _log()
    _unwitnessed(log)
    return {**documents, log.url: log.text, log.witness_url: json.dumps(log.proofs)}


def _unreachable_witnesses(documents: dict[str, Any]) -> dict[str, Any]:
    log = _log()
    _unwitnessed(log)
    return {**documents, log.url: log.text}


PLANS: Final = (
    passes(
        "dids/webvh", _WEBVH, "did:webvh 1.0, Read (Resolve): the last entry of a log that verifies is the document."
    ),
    passes("dids/pkh_solana", _PKH, "did:pkh Method Specification: the account is the key, and nothing is looked up."),
    fails(
        "dids/webvh_deactivated",
        _WEBVH,
        Stage.DOCUMENTS,
        _served(lambda log: log.add({"deactivated": True})),
        CheckName.PROOF,
        "did-deactivated",
        "T52: a DID that its controller has deactivated has no keys, whatever its last document holds.",
    ),
    fails(
        "dids/webvh_back_to_life",
        _WEBVH,
        Stage.DOCUMENTS,
        _served(lambda log: log.add({"deactivated": True}).add({"deactivated": False})),
        CheckName.PROOF,
        "did-log-out-of-order",
        "did:webvh 1.0, parameter deactivated: no further updates to the DID are permitted.",
    ),
    fails(
        "dids/webvh_forged_entry",
        _WEBVH,
        Stage.DOCUMENTS,
        _served(_forged),
        CheckName.PROOF,
        "did-log-forged",
        "did:webvh 1.0, Authorized Keys: each entry is signed by a key that the entry before it names.",
    ),
    fails(
        "dids/webvh_back_in_time",
        _WEBVH,
        Stage.DOCUMENTS,
        _served(_backwards),
        CheckName.PROOF,
        "did-log-out-of-order",
        "did:webvh 1.0, Read (Resolve), step 4: each versionTime is greater than the one before.",
    ),
    fails(
        "dids/webvh_malformed_entry",
        _WEBVH,
        Stage.DOCUMENTS,
        _served(_malformed),
        CheckName.PROOF,
        "did-log-malformed",
        "did:webvh 1.0, The DID Log File: an entry has five members, and no others.",
    ),
    fails(
        "dids/webvh_not_witnessed",
        _WEBVH,
        Stage.DOCUMENTS,
        _with_proofs,
        CheckName.PROOF,
        "did-log-not-witnessed",
        "did:webvh 1.0, DID Witnesses: a threshold of those who are witnesses approves each entry.",
    ),
    leaves_open(
        "dids/webvh_witnesses_unreachable",
        _WEBVH,
        Stage.DOCUMENTS,
        _unreachable_witnesses,
        CheckName.PROOF,
        "unreachable",
        "T13, of witnesses: whether they have approved an entry is not known, so it is not taken for approved.",
    ),
    fails(
        "dids/pkh_key_of_another",
        _PKH,
        Stage.SIGNER,
        lambda issuer: Issuer(issuer.did, _private(THIEF), issuer.method),
        CheckName.PROOF,
        "PROOF_VERIFICATION_ERROR",
        "T33: whoever claims an account has to sign with its key.",
    ),
)
