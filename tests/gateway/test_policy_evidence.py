"""From what is presented to what a policy decides: confirmation, candidate, holder, and what would change it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from gateway.api.rendering import result as rendered
from gateway.demo.issuer import badge
from policies.model import Verdict
from tests.issuer import University, university

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.model import VerificationResult

POLICIES = """
policy: test/confirmed
version: 1.0.0
rules:
  - id: confirmed
    say: A provider that the state lists has confirmed the learner.
    require:
      all: [{learner_verification: provider_verified}, {attested_by: {registry: [state]}}]
---
policy: test/linked
version: 1.0.0
rules:
  - {id: linked, say: The domain is the issuer's., require: {domain_linked: true}}
---
policy: test/candidate
version: 1.0.0
rules:
  - {id: candidate, say: It is about the candidate., require: {candidate_matches: {fields: [email]}}}
---
policy: test/held
version: 1.0.0
rules:
  - {id: held, say: It is the holder's., require: {holder_bound: true}}
---
policy: test/in-list
version: 1.0.0
rules:
  - id: listed
    say: It is on the list.
    require: {credential_in: {list: [urn:uuid:achievement], by: id}}
"""
REGISTRY = "https://registry.example/issuers.json"
SCHOOL = "did:web:school.example"


@pytest_asyncio.fixture
async def uni(tmp_path: Path) -> AsyncIterator[University]:
    """An issuing platform, in a state that lists a school and not the platform."""
    trust = {"state": {"kind": "dcc_legacy", "url": REGISTRY, "tier": "member"}}
    async with university(tmp_path, POLICIES, trust=trust) as made:
        meta = {"created": "2026-01-01T00:00:00Z", "updated": "2026-01-01T00:00:00Z"}
        listed = {"meta": meta, "registry": {SCHOOL: {"name": "School", "url": ""}}}
        made.internet.serve(REGISTRY, listed)
        yield made


async def about(uni: University, policy: str, subject: dict[str, Any], **request: Any) -> VerificationResult:
    """Verify a badge whose subject has these members beside its own."""
    credential = badge(uni.issuer.did, "Welding")
    credential["credentialSubject"] = {**credential["credentialSubject"], **subject}
    return await uni.verify(await uni.sign(credential), policy, **request)


def verdict(result: VerificationResult) -> Verdict:
    """Return what was decided."""
    assert result.decision is not None
    return result.decision.verdict


@pytest.mark.parametrize(
    ("source", "expected", "asked"),
    [
        ({"id": SCHOOL, "type": ["Profile"]}, Verdict.ACCEPT, 1),
        ({"id": "did:web:stranger.example", "type": ["Profile"]}, Verdict.REJECT, 1),
        (None, Verdict.REJECT, 0),
    ],
)
async def test_the_state_is_asked_about_the_school_and_not_about_the_platform(
    source: dict[str, Any] | None, expected: Verdict, asked: int, uni: University
) -> None:
    """Issuer and attesting provider are different parties; without one the registry is not asked."""
    result = await about(uni, "test/confirmed", {} if source is None else {"source": source})
    assert verdict(result) is expected
    assert [evidence.question for evidence in result.trust] == ["state?about=attester"] * asked
    assert uni.internet.requests.count(REGISTRY) == asked


async def test_T13_an_unreachable_registry_leaves_the_attester_open(uni: University) -> None:
    """It goes to review, and the result says what would change that."""
    uni.internet.fail(REGISTRY)
    result = await about(uni, "test/confirmed", {"source": {"id": SCHOOL, "type": ["Profile"]}})
    assert verdict(result) is Verdict.REVIEW
    assert rendered(result)["policy"]["wouldChange"] == [
        {
            "rule": "confirmed",
            "from": "test/confirmed@1.0.0",
            "condition": "attested_by",
            "state": "unknown",
            "say": "a provider listed by state has confirmed the record, by an endorsement of its own or by the word "
            "of the issuer",
        }
    ]


async def test_a_domain_that_says_nothing_of_the_issuer_is_not_linked(uni: University) -> None:
    """The issuer's own origin is asked, without any configuration, and an outage is unknown."""
    result = await about(uni, "test/linked", {})
    assert [(evidence.source, evidence.kind) for evidence in result.trust] == [("domain-linkage", "did_configuration")]
    assert "https://university.example/.well-known/did-configuration.json" in uni.internet.requests
    assert verdict(result) is Verdict.REVIEW


@pytest.mark.parametrize(
    ("candidate", "expected"),
    [
        ({"email": "ada@example.org"}, Verdict.ACCEPT),
        ({"email": "eve@example.org"}, Verdict.REJECT),
        ({}, Verdict.REVIEW),
        ({"name": "Ada"}, Verdict.REVIEW),
    ],
)
async def test_the_record_has_to_be_the_candidates(
    candidate: dict[str, str], expected: Verdict, uni: University
) -> None:
    """By the fields that the policy names; one that the request does not say is unknown."""
    identity = {
        "type": "IdentityObject",
        "hashed": False,
        "identityHash": "ada@example.org",
        "identityType": "emailAddress",
    }
    result = await about(uni, "test/candidate", {"identifier": [identity]}, candidate=candidate)
    assert verdict(result) is expected


async def test_a_badge_alone_is_bound_to_no_holder(uni: University) -> None:
    """Nobody has shown that it is theirs: that is a no, not an open question."""
    assert verdict(await about(uni, "test/held", {})) is Verdict.REJECT


async def test_an_achievement_is_found_by_its_id(uni: University) -> None:
    """The list names achievements, not credentials."""
    achievement = {**badge(uni.issuer.did, "Welding")["credentialSubject"]["achievement"], "id": "urn:uuid:achievement"}
    assert verdict(await about(uni, "test/in-list", {"achievement": achievement})) is Verdict.ACCEPT
    assert verdict(await about(uni, "test/in-list", {})) is Verdict.REJECT
