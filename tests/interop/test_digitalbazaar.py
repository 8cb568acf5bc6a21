"""What `@digitalbazaar/vc` and `jose` issue verifies here, and does not once one field is changed."""

from __future__ import annotations

import base64
import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from gateway.demo.issuer import base64url
from gateway.model import Outcome, Presented, VerificationRequest
from gateway.pipeline import verify
from tests.interop.node import run
from tests.issuer import LIMITS, University, university

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

SUITES = [
    f"{suite} VCDM {vcdm} {did}"
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
    for did in ("did:key", "did:web")
] + [f"{kind} {alg} did:web" for kind in ("vc+jwt", "VC-JWT") for alg in ("EdDSA", "ES256", "ES384", "RS256")]


@pytest.fixture(scope="session")
def issued() -> dict[str, dict[str, Any]]:
    """Credentials freshly issued by the JavaScript implementations, by suite and DID method."""
    return {f"{item['suite']} {item['did']}": item for item in run("issue.js")}


@pytest_asyncio.fixture
async def relying_party(tmp_path: Path) -> AsyncIterator[University]:
    """A verifier over the fake internet."""
    async with university(tmp_path) as made:
        yield made


async def outcome(party: University, item: dict[str, Any], credential: Any) -> Outcome:
    """Verify a credential while the controller documents of its issuer are served."""
    for url, document in item["documents"].items():
        party.internet.serve(url, document)
    result = await verify(party.verifier, VerificationRequest(presented=Presented(content=credential), limits=LIMITS))
    return result.outcome


@pytest.mark.parametrize("suite", SUITES)
async def test_what_the_peer_issues_verifies(
    suite: str, issued: dict[str, dict[str, Any]], relying_party: University
) -> None:
    """A fresh credential of the other implementation passes every check."""
    item = issued[suite]
    assert await outcome(relying_party, item, item["credential"]) is Outcome.PASS


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("field", ["achievement", "issuer", "date", "proof"])
async def test_what_the_peer_issues_does_not_verify_once_a_field_is_changed(
    suite: str, field: str, issued: dict[str, dict[str, Any]], relying_party: University
) -> None:
    """The same credential with one field changed is never verified."""
    item = issued[suite]
    credential = item["credential"]
    changed = spoil_token(credential, field) if isinstance(credential, str) else spoil(credential, field)
    assert await outcome(relying_party, item, changed) is not Outcome.PASS


def spoil(credential: dict[str, Any], field: str) -> dict[str, Any]:
    """Return a copy with one field changed."""
    changed = copy.deepcopy(credential)
    match field:
        case "achievement":
            changed["credentialSubject"]["achievement"]["name"] = "Surgery"
        case "issuer":
            changed["issuer"]["name"] = "Another University"
        case "date":
            name = "validFrom" if "validFrom" in changed else "issuanceDate"
            changed[name] = "2026-01-02T00:00:00Z"
        case "proof":
            value = changed["proof"]["proofValue"]
            changed["proof"]["proofValue"] = value[:-1] + ("2" if value[-1] != "2" else "3")
    return changed


def spoil_token(token: str, field: str) -> str:
    """Return the token with one field of its payload changed, or a byte of its signature."""
    header, payload, signature = token.split(".")
    if field == "proof":
        return f"{header}.{payload}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    credential = claims.get("vc", claims)
    changed = spoil({**credential, "proof": {"proofValue": "z"}}, field)
    del changed["proof"]
    claims = {**claims, "vc": changed} if "vc" in claims else changed
    return f"{header}.{base64url(json.dumps(claims).encode())}.{signature}"
