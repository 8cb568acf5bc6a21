"""Refresh: the newer version of a record, once, after the proof, by the same issuer about the same person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from gateway.api.rendering import result as rendered
from gateway.demo.issuer import Issuer, badge
from gateway.model import CheckName, Outcome
from policies.model import Verdict
from resolvers.model import Kind
from tests.issuer import EXPECTED, University, entry, spoiled, university

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.model import VerificationResult

URL = "https://university.example/refresh/7"
SERVICE = {"id": URL, "type": "1EdTechCredentialRefresh"}
EXPIRED = "2026-03-01T00:00:00Z"

POLICIES = """
policy: test/one-issuer
version: 1.0.0
title: One issuer only
rules:
  - id: only-them
    say: Only one issuer is accepted.
    require: {issuer_is: ["did:web:elsewhere.example"]}
---
policy: test/not-expired
version: 1.0.0
title: Not expired
rules:
  - id: current
    say: It has not expired.
    require: {not_expired: true}
"""


@pytest_asyncio.fixture
async def uni(tmp_path: Path) -> AsyncIterator[University]:
    """A university with a status list."""
    async with university(tmp_path, POLICIES) as made:
        await made.publish_list(revoked=(7,))
        yield made


def document(uni: University, **members: Any) -> dict[str, Any]:
    """Return an unsecured badge that names the refresh service; one of `members` that is None is left out."""
    made = badge(uni.issuer.did, "Welding", refreshService=SERVICE)
    return {name: value for name, value in {**made, **members}.items() if value is not None}


def refresh(result: VerificationResult) -> tuple[str, list[str], bool, bool]:
    """Return what the check came to, and its facts."""
    check = result.check(CheckName.REFRESH)
    codes = [problem.code for problem in check.problems]
    return check.outcome.value, codes, check.facts["attempted"], check.facts["replaced"]


async def test_an_expired_record_is_replaced_by_its_newer_version(uni: University) -> None:
    """The result is the newer version's, the policy decides about that, and the result says so."""
    uni.internet.serve(URL, uni.issuer.jwt(document(uni, validFrom="2026-03-01T00:00:00Z")))
    result = await uni.verify(uni.issuer.jwt(document(uni, validUntil=EXPIRED)), "test/not-expired", reference="r")
    assert refresh(result) == ("pass", [], True, True)
    assert (result.outcome, result.reference, result.pointer) == (Outcome.PASS, "r", "")
    assert result.decision is not None
    assert result.decision.verdict is Verdict.ACCEPT
    assert rendered(result)["refreshed"] is True
    assert [kind for url, kind, _ in uni.internet.asked if url == URL] == [Kind.RECORD]


async def test_a_revoked_record_is_replaced_too(uni: University) -> None:
    """JSON with an embedded proof, as well as a token."""
    uni.internet.serve(URL, await uni.sign(document(uni, credentialStatus=entry(8)), suite="eddsa-jcs-2022"))
    result = await uni.verify(await uni.sign(document(uni, credentialStatus=entry(7)), suite="eddsa-jcs-2022"))
    assert refresh(result) == ("pass", [], True, True)
    assert result.outcome is Outcome.PASS


async def test_T57_a_good_record_is_not_looked_up_unless_the_caller_asks(uni: University) -> None:
    """Its address names one record: asking tells the issuer who is being checked."""
    uni.internet.serve(URL, uni.issuer.jwt(document(uni, name="Newer")))
    good = uni.issuer.jwt(document(uni))
    assert refresh(await uni.verify(good)) == ("not_applicable", [], False, False)
    assert URL not in uni.internet.requests
    result = await uni.verify(good, refresh=True)
    assert refresh(result) == ("pass", [], True, True)
    assert result.record is not None
    assert result.record.name == "Newer"


async def test_a_newer_version_is_taken_as_it_stands(uni: University) -> None:
    """Where the issuer has revoked it since, that is what counts."""
    uni.internet.serve(URL, uni.issuer.jwt(document(uni, credentialStatus=entry(7))))
    result = await uni.verify(uni.issuer.jwt(document(uni)), refresh=True)
    assert refresh(result) == ("pass", [], True, True)
    assert result.outcome is Outcome.FAIL


async def test_the_same_version_replaces_nothing(uni: University) -> None:
    """The newest version is the one that was presented."""
    token = uni.issuer.jwt(document(uni, validUntil=EXPIRED))
    uni.internet.serve(URL, token)
    result = await uni.verify(token)
    assert refresh(result) == ("pass", [], True, False)
    assert result.outcome is Outcome.FAIL


async def test_a_refresh_happens_once(uni: University) -> None:
    """A service that names itself, or an endless chain of others, is asked once."""
    for url, following in ((URL, URL), (URL, f"{URL}/next")):
        uni.internet.requests.clear()
        newer = document(uni, name="Newer", validUntil=EXPIRED, refreshService={**SERVICE, "id": following})
        uni.internet.serve(url, uni.issuer.jwt(newer))
        result = await uni.verify(uni.issuer.jwt(document(uni, validUntil=EXPIRED)))
        assert refresh(result) == ("pass", [], True, True)
        assert [each for each in uni.internet.requests if each.startswith(URL)] == [URL]


async def test_what_is_not_its_newer_version_is_refused(uni: University) -> None:
    """Another issuer's, about somebody else, another record, or an older one: the original stays."""
    somebody = Issuer.did_key()
    others = {
        "issuer": somebody.jwt(document(uni, issuer={"id": somebody.did, "type": ["Profile"]})),
        "id": uni.issuer.jwt(document(uni, id="urn:uuid:1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed")),
        "no id": uni.issuer.jwt(document(uni, id=None)),
        "subject": uni.issuer.jwt(
            spoiled(document(uni), lambda made: made["credentialSubject"].update(id="did:web:somebody.example"))
        ),
        "identifiers": uni.issuer.jwt(spoiled(document(uni), lambda made: made["credentialSubject"].pop("identifier"))),
        "older": uni.issuer.jwt(document(uni, validFrom="2025-01-01T00:00:00Z")),
        "undated": uni.issuer.jwt(document(uni, validFrom=None)),
        "forged": somebody.jwt(document(uni)),
        "unsigned": document(uni),
    }
    for name, body in others.items():
        uni.internet.serve(URL, body)
        result = await uni.verify(uni.issuer.jwt(document(uni, validUntil=EXPIRED)))
        assert refresh(result) == ("fail", ["refresh-refused"], True, False), name
        assert [problem.code for problem in result.check(CheckName.VALIDITY).problems] == ["expired"], name
        assert result.outcome is Outcome.FAIL


@pytest.mark.parametrize("body", [b"\xff\xfe", "{", "<html>", "[]", "", '{"a": 1, "a": 2}'])
async def test_garbage_from_the_service_leaves_the_original(uni: University, body: bytes | str) -> None:
    """Whatever comes back, the result is that of the record itself."""
    uni.internet.serve(URL, body)
    result = await uni.verify(uni.issuer.jwt(document(uni, validUntil=EXPIRED)))
    assert result.check(CheckName.REFRESH).outcome in (Outcome.FAIL, Outcome.INDETERMINATE)
    assert result.check(CheckName.REFRESH).facts["replaced"] is False
    assert [problem.code for problem in result.check(CheckName.VALIDITY).problems] == ["expired"]


@pytest.mark.parametrize(
    "address", ["http://169.254.169.254/", "https://127.0.0.1/x", "file:///etc/passwd", "https://down.example/"]
)
async def test_T1_an_address_out_of_reach_is_indeterminate(uni: University, address: str) -> None:
    """It goes through the one door, and the original stays."""
    service = {**SERVICE, "id": address}
    result = await uni.verify(uni.issuer.jwt(document(uni, validUntil=EXPIRED, refreshService=service)))
    assert refresh(result) == ("indeterminate", ["unreachable"], True, False)
    assert result.outcome is Outcome.FAIL


async def test_other_services_are_named_and_not_used(uni: University) -> None:
    """Some need the holder."""
    service = {"id": URL, "type": "VerifiableCredentialRefreshService2021"}
    result = await uni.verify(uni.issuer.jwt(document(uni, refreshService=service)))
    assert refresh(result) == ("indeterminate", ["refresh-not-supported"], False, False)
    assert result.outcome is Outcome.PASS
    assert URL not in uni.internet.requests


async def test_T15_nothing_is_refreshed_before_its_proof_or_for_a_policy_that_rejects(uni: University) -> None:
    """A forged record cannot send anybody anywhere, nor can one whose issuer the policy rejects."""
    forged = Issuer.did_key().jwt(document(uni, validUntil=EXPIRED))
    for presented, policy in ((forged, None), (uni.issuer.jwt(document(uni, validUntil=EXPIRED)), "test/one-issuer")):
        await uni.verify(presented, policy, refresh=True)
        assert URL not in uni.internet.requests


async def test_a_digest_pins_what_the_service_sends(uni: University) -> None:
    """An issuer that gives one means exactly that version."""
    uni.internet.serve(URL, uni.issuer.jwt(document(uni)))
    service = {**SERVICE, "digestSRI": "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="}
    result = await uni.verify(uni.issuer.jwt(document(uni, validUntil=EXPIRED, refreshService=service)))
    assert refresh(result) == ("fail", ["digest-mismatch"], True, False)


async def test_what_a_holder_presents_stays_theirs(uni: University) -> None:
    """The newer version in a presentation is bound to the same holder; what nobody has signed there is nobody's."""
    holder = Issuer.did_key()
    old = await uni.held(holder, "vp+jwt", validUntil=EXPIRED, refreshService=SERVICE)
    newer = document(uni)
    newer["credentialSubject"] = {"id": holder.did, **newer["credentialSubject"]}
    uni.internet.serve(URL, uni.issuer.jwt(newer))
    presented = await uni.present(holder, old, form="vp+jwt")
    (child,) = (await uni.verify(presented, expected=EXPECTED, require_presentation=True)).children
    assert refresh(child) == ("pass", [], True, True)
    assert child.check(CheckName.HOLDER).outcome is Outcome.PASS
    assert child.pointer == "/verifiableCredential/0"

    own = document(uni, issuer={"id": holder.did, "type": ["Profile"]}, validUntil=EXPIRED)
    uni.internet.serve(URL, {**own, "validUntil": "2036-01-01T00:00:00Z"})
    (child,) = (await uni.verify(await uni.present(holder, own, form="vp+jwt"), expected=EXPECTED)).children
    assert refresh(child) == ("fail", ["refresh-refused"], True, False)


async def test_what_is_embedded_in_a_record_is_not_refreshed(uni: University) -> None:
    """It was signed with the record."""
    child = uni.issuer.jwt(document(uni, validUntil=EXPIRED))
    result = await uni.verify(await uni.clr(child))
    assert refresh(result.children[0]) == ("not_applicable", [], False, False)
    assert URL not in uni.internet.requests
