"""Presentations across implementations: theirs verify here, ours verify there, and neither does for another request."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from gateway.demo.issuer import Issuer, multikey
from gateway.model import CheckName, Outcome
from tests.interop.node import run
from tests.issuer import CHALLENGE, DOMAIN, EXPECTED, University, university

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.model import VerificationResult

EMBEDDED = [
    f"{suite} VCDM {vcdm}"
    for suite in (
        "eddsa-rdfc-2022",
        "eddsa-jcs-2022",
        "ecdsa-rdfc-2019 P-256",
        "ecdsa-rdfc-2019 P-384",
        "ecdsa-jcs-2019 P-256",
        "ecdsa-jcs-2019 P-384",
        "Ed25519Signature2020",
    )
    for vcdm in ("1.1", "2.0")
]
TOKENS = [f"{kind} {alg}" for kind in ("vp+jwt", "enveloped", "JWT VP") for alg in ("EdDSA", "ES256")]
SPOILS = ("none", "other-challenge", "no-challenge", "other-domain", "no-domain", "assertion", "altered")


def controlled(issuer: Issuer) -> dict[str, Any]:
    """Return what the peer asks for about a did:key: its document, and its method."""
    method = {
        "@context": "https://w3id.org/security/multikey/v1",
        "id": issuer.method,
        "type": "Multikey",
        "controller": issuer.did,
        "publicKeyMultibase": multikey(issuer.key),
    }
    document = {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": issuer.did,
        "verificationMethod": [method],
        "assertionMethod": [issuer.method],
        "authentication": [issuer.method],
    }
    return {issuer.did: document, issuer.method: method}


@pytest_asyncio.fixture
async def party(tmp_path: Path) -> AsyncIterator[University]:
    """A verifier over the fake internet."""
    async with university(tmp_path) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def exchanged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What both have made, and what the peer thinks of ours."""
    async with university(tmp_path_factory.mktemp("ours")) as made:
        made.issuer = Issuer.did_key()
        holder = Issuer.did_key()
        held = await made.held(holder)
        theirs = [
            {
                "name": spoil,
                "suite": "eddsa-rdfc-2022",
                "documents": controlled(holder) | controlled(made.issuer),
                "presentation": await made.present(holder, held, spoil=None if spoil == "none" else spoil),
            }
            for spoil in SPOILS
        ]
        answer = run("present.js", {"challenge": CHALLENGE, "domain": DOMAIN, "theirs": theirs})
    return {"ours": {item["suite"]: item["presentation"] for item in answer["ours"]}, "theirs": answer["theirs"]}


def codes(result: VerificationResult) -> list[str]:
    """Return what was wrong with the presentation's proof."""
    return [problem.code for problem in result.check(CheckName.PROOF).problems]


@pytest.mark.parametrize("suite", EMBEDDED + TOKENS)
async def test_what_the_peer_presents_verifies_and_binds(
    suite: str, exchanged: dict[str, Any], party: University
) -> None:
    """A fresh presentation of the other implementation passes, and its holder is the subject."""
    result = await party.verify(exchanged["ours"][suite], expected=EXPECTED)
    (child,) = result.children
    assert (result.outcome, child.outcome) == (Outcome.PASS, Outcome.PASS)
    assert child.check(CheckName.HOLDER).facts["binding"] == "holder_proof"


@pytest.mark.parametrize("suite", EMBEDDED + TOKENS)
async def test_T38_what_the_peer_presents_is_good_for_its_request_alone(
    suite: str, exchanged: dict[str, Any], party: University
) -> None:
    """For another challenge or another domain it fails, and with one member changed too."""
    presented = exchanged["ours"][suite]
    other = replace(EXPECTED, challenge="another")
    assert codes(await party.verify(presented, expected=other)) == ["INVALID_CHALLENGE_ERROR"]
    elsewhere = replace(EXPECTED, domain=frozenset({"attacker.example"}))
    assert codes(await party.verify(presented, expected=elsewhere)) == ["INVALID_DOMAIN_ERROR"]
    if isinstance(presented, dict) and "proof" in presented:
        changed = copy.deepcopy(presented) | {"id": "urn:uuid:00000000-0000-4000-8000-000000000000"}
        assert codes(await party.verify(changed, expected=EXPECTED)) == ["PROOF_VERIFICATION_ERROR"]


@pytest.mark.parametrize("spoil", SPOILS)
def test_the_peer_thinks_of_ours_what_we_do(spoil: str, exchanged: dict[str, Any]) -> None:
    """What is right verifies there, and each way to spoil it does not."""
    verdict = exchanged["theirs"][spoil]
    assert verdict["verified"] is (spoil == "none"), verdict["error"]
