"""What the JavaScript suites derive verifies here, and what is derived here verifies there."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from gateway.canonical.rdf import canonicalizer as new_canonicalizer
from gateway.demo.issuer import CREDENTIALS_V2, OPEN_BADGES
from gateway.model import Outcome
from tests.gateway.proving import STORE
from tests.interop.node import run
from tests.issuer import University, university
from tests.selective_disclosure import issue, issuer_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

SUITES = ("ecdsa-sd-2023", "bbs-2023")
ISSUED = [f"{suite} VCDM {vcdm} {did}" for suite in SUITES for vcdm in ("1.1", "2.0") for did in ("did:key", "did:web")]


@pytest.fixture(scope="module")
def issued() -> dict[str, dict[str, Any]]:
    """Credentials freshly derived by the JavaScript implementations, by suite, data model and DID method."""
    return {f"{item['suite']} {item['did']}": item for item in run("issue_disclosed.js")}


@pytest_asyncio.fixture
async def relying_party(tmp_path: Path) -> AsyncIterator[University]:
    """A verifier over the fake internet."""
    async with university(tmp_path) as made:
        yield made


async def verified(party: University, item: dict[str, Any], credential: Any) -> tuple[Outcome, list[str]]:
    """Return the outcome and the codes of all problems, while the issuer's documents are served."""
    for url, document in item["documents"].items():
        party.internet.serve(url, document)
    result = await party.verify(credential)
    return result.outcome, [problem.code for check in result.checks for problem in check.problems]


@pytest.mark.parametrize("name", ISSUED)
async def test_what_the_peer_derives_verifies(
    name: str, issued: dict[str, dict[str, Any]], relying_party: University
) -> None:
    """A fresh derived proof passes every check; the base proof that it came from is refused."""
    item = issued[name]
    assert await verified(relying_party, item, item["credential"]) == (Outcome.PASS, [])
    outcome, found = await verified(relying_party, item, item["base"])
    assert outcome is Outcome.FAIL
    assert "base-proof" in found


@pytest.mark.parametrize("name", ISSUED)
async def test_what_the_peer_derives_does_not_verify_once_it_is_changed(
    name: str, issued: dict[str, dict[str, Any]], relying_party: University
) -> None:
    """A claim changed, a shown one left out, or a withheld one added by hand: none verifies."""
    item = issued[name]

    def achievement(credential: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = credential["credentialSubject"]["achievement"]
        return found

    changed, cut, added = (copy.deepcopy(item["credential"]) for _ in range(3))
    achievement(changed)["name"] = "Surgery"
    del achievement(cut)["criteria"]
    achievement(added)["description"] = achievement(item["base"])["description"]
    for credential in (changed, cut, added):
        outcome, _ = await verified(relying_party, item, credential)
        assert outcome is Outcome.FAIL


async def test_what_is_derived_here_verifies_with_the_peer() -> None:
    """The JavaScript suites accept our derived proofs, and not with a claim changed."""
    canonicalizer = new_canonicalizer(STORE)
    requests: list[dict[str, Any]] = []
    for suite in SUITES:
        issuer = issuer_for(suite)
        whole: dict[str, Any] = {
            "@context": [CREDENTIALS_V2, OPEN_BADGES],
            "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
            "type": ["VerifiableCredential", "OpenBadgeCredential"],
            "issuer": {"id": issuer.did, "type": ["Profile"], "name": "University"},
            "validFrom": "2026-01-01T00:00:00Z",
            "name": "Welding",
            "credentialSubject": {
                "type": ["AchievementSubject"],
                "achievement": {"type": ["Achievement"], "name": "Welding", "description": "Joins steel."},
            },
        }
        mandatory = {name: whole[name] for name in ("@context", "id", "type", "issuer", "validFrom")}
        made = await issue(issuer, whole, mandatory, canonicalizer, suite=suite)
        part = copy.deepcopy(whole)
        del part["credentialSubject"]["achievement"]["description"]
        for shown in (whole, part):
            credential = (await made.derive(shown)).credential()
            requests.append({"suite": suite, "credential": credential})
            requests.append({"suite": suite, "credential": {**credential, "name": "Surgery"}})
    await canonicalizer.close()
    assert run("verify_disclosed.js", requests) == [True, False] * 4
