"""The libraries of the Digital Credentials Consortium: what they issue passes here, and what we issue passes there.

A badge, a presentation of it by its holder, and the status list that it points into; and none of them once spoiled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from gateway.demo.issuer import Issuer, badge, multikey
from gateway.model import CheckName, Expected, Outcome
from tests.interop.node import run
from tests.issuer import CHALLENGE, DOMAIN, entry, presentation, spoiled, university

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.issuer import University

LIST = "https://interop.example/status/1"
EXPECTED = Expected(challenge="c-1", domain=frozenset({"employer.example"}))
ASKED = [
    {"suite": "eddsa-rdfc-2022", "vcdm": "2.0", "revoked": False},
    {"suite": "eddsa-rdfc-2022", "vcdm": "2.0", "revoked": True},
    {"suite": "eddsa-rdfc-2022", "vcdm": "1.1", "revoked": False},
    {"suite": "Ed25519Signature2020", "vcdm": "1.1", "revoked": False},
    {"suite": "Ed25519Signature2020", "vcdm": "2.0", "revoked": False},
]


@pytest.fixture(scope="module")
def issued() -> list[dict[str, Any]]:
    """What the consortium's libraries issue, as `ASKED`."""
    found: list[dict[str, Any]] = run("consortium.js", {"issue": ASKED, "verify": []})["issued"]
    return found


@pytest_asyncio.fixture
async def party(tmp_path: Path) -> AsyncIterator[University]:
    """A verifier over the fake internet."""
    async with university(tmp_path) as made:
        yield made


def serve(party: University, item: dict[str, Any]) -> None:
    """Serve what the issuer and the holder publish."""
    for url, document in item["documents"].items():
        party.internet.serve(url, document)
    if item["list"] is not None:
        party.internet.serve(LIST, item["list"])


@pytest.mark.parametrize("number", range(len(ASKED)))
async def test_what_the_consortium_issues_verifies(
    number: int, issued: list[dict[str, Any]], party: University
) -> None:
    """The badge, and the badge in its holder's presentation; a set bit of its list revokes it in either."""
    item, revoked = issued[number], ASKED[number]["revoked"]
    serve(party, item)
    outcome = Outcome.FAIL if revoked else Outcome.PASS
    result = await party.verify(item["credential"])
    assert (result.outcome, result.authentic) == (outcome, True)
    assert [status.state for status in result.statuses] == (
        [] if item["list"] is None else ["revoked" if revoked else "active"]
    )
    result = await party.verify(item["presentation"], expected=EXPECTED)
    assert result.check(CheckName.HOLDER).outcome is Outcome.PASS
    assert [child.outcome for child in result.children] == [outcome]


@pytest.mark.parametrize("number", range(len(ASKED)))
async def test_what_the_consortium_issues_does_not_verify_once_it_is_changed(
    number: int, issued: list[dict[str, Any]], party: University
) -> None:
    """Another achievement, another holder, another challenge: none passes."""
    item = issued[number]
    serve(party, item)
    changed = spoiled(item["credential"], lambda one: one["credentialSubject"]["achievement"].update(name="Surgery"))
    assert (await party.verify(changed)).outcome is Outcome.FAIL
    changed = spoiled(item["presentation"], lambda one: one.update(holder="did:web:thief.example"))
    assert (await party.verify(changed, expected=EXPECTED)).outcome is not Outcome.PASS
    other = Expected(challenge="c-2", domain=frozenset({"employer.example"}))
    assert (await party.verify(item["presentation"], expected=other)).outcome is Outcome.FAIL


async def test_what_is_issued_here_verifies_there(party: University) -> None:
    """A badge with a status, its presentation, and each of them spoiled or revoked."""
    issuer = party.issuer
    holder = Issuer.did_web("learner.example")
    lists = {}
    for revoked in (False, True):
        bits = issuer.status_list("https://university.example/status/1", [7] if revoked else [])
        lists[revoked] = await party.sign(bits)
    document = badge(issuer.did, "Welding", status=entry(7))
    document["credentialSubject"]["id"] = holder.did
    signed = await party.sign(document)
    options = {"proofPurpose": "authentication", "challenge": CHALLENGE, "domain": DOMAIN}
    shown = await holder.secure(presentation(holder, signed), party.verifier.canonicalizer, options=options)
    common = {
        "suite": "eddsa-rdfc-2022",
        "methods": [method(issuer), method(holder)],
        "controllers": [controller(issuer), controller(holder)],
        "challenge": CHALLENGE,
        "domain": DOMAIN,
    }
    forged = spoiled(signed, lambda one: one["credentialSubject"]["achievement"].update(name="Surgery"))
    asked = [
        {**common, "credential": signed, "list": lists[False]},
        {**common, "credential": signed, "list": lists[True]},
        {**common, "credential": forged, "list": lists[False]},
        {**common, "presentation": shown, "list": lists[False]},
        {**common, "presentation": shown, "list": lists[False], "challenge": "another"},
    ]
    assert run("consortium.js", {"issue": [], "verify": asked})["verified"] == [True, False, False, True, False]


def method(issuer: Issuer) -> dict[str, Any]:
    """Return the verification method of an issuer, as a document of its own."""
    return {
        "@context": "https://w3id.org/security/multikey/v1",
        "id": issuer.method,
        "type": "Multikey",
        "controller": issuer.did,
        "publicKeyMultibase": multikey(issuer.key),
    }


def controller(issuer: Issuer) -> dict[str, Any]:
    """Return the document of an issuer, whose one key is for both purposes."""
    own = method(issuer)
    contexts = ["https://www.w3.org/ns/did/v1", own.pop("@context")]
    purposes = {"assertionMethod": [issuer.method], "authentication": [issuer.method]}
    return {"@context": contexts, "id": issuer.did, "verificationMethod": [own], **purposes}


async def test_T62_a_hidden_status_is_seen_here_and_not_there(party: University) -> None:
    """Under the IRI that its name stands for, a status is signed as before: there it is no longer asked.

    So a revoked badge passes there (T62).
    """
    issuer = party.issuer
    listed = await party.sign(issuer.status_list("https://university.example/status/1", [7]))
    signed = await party.badge(status=entry(7))
    name = "https://www.w3.org/2018/credentials#credentialStatus"
    hidden = spoiled(signed, lambda one: one.update({name: one.pop("credentialStatus")}))
    common = {"suite": "eddsa-rdfc-2022", "methods": [method(issuer)], "controllers": [controller(issuer)]}
    asked = [{**common, "credential": one, "list": listed} for one in (signed, hidden)]
    there = run("consortium.js", {"issue": [], "verify": asked})["verified"]
    party.internet.serve("https://university.example/status/1", listed)
    results = [await party.verify(one) for one in (signed, hidden)]
    assert [result.outcome for result in results] == [Outcome.FAIL, Outcome.FAIL]
    assert [problem.code for problem in results[1].check(CheckName.DATA_LOSS).problems] == ["DATA_LOSS_DETECTION_ERROR"]
    assert there == [False, True]
