"""Conditions that put a question of their own to a trust source."""

from __future__ import annotations

import pytest

from policies.model import State, TrustFact
from tests.policies.files import facts, found, requirement

PASS, FAIL, UNKNOWN = State.PASS, State.FAIL, State.UNKNOWN
MARK = "https://trust.example/marks/etpl"
ORGANIZATION, OTHER = (f"ce-00000000-0000-0000-0000-00000000000{digit}" for digit in "12")


LISTED = TrustFact(state="listed", authenticity="authenticated", freshness="fresh")
NOT_LISTED = TrustFact(state="not_listed", authenticity="authenticated", freshness="fresh")
DOWN = TrustFact(state="unknown")
EXPIRED = TrustFact(state="listed", freshness="expired")


@pytest.mark.parametrize(
    ("yaml", "key", "yes", "no"),
    [
        (
            f"trust_mark: {{type: '{MARK}', anchor: fed}}",
            "fed?trust_mark=https%3A%2F%2Ftrust.example%2Fmarks%2Fetpl",
            f"fed confirms that the issuer has the trust mark {MARK}.",
            f"fed does not confirm that the issuer has the trust mark {MARK}.",
        ),
        (
            "trqp: {authority: state, action: issue, resource: 'License/{x}'}",
            "state?action=issue&resource=License%2F%7Bx%7D",
            "state says that the issuer may issue License/{x}.",
            "state does not say that the issuer may issue License/{x}.",
        ),
        (
            "domain_linked: true",
            "domain-linkage?domain_linked=true",
            "The issuer's web domain confirms the issuer's identifier.",
            "The issuer's web domain does not confirm the issuer's identifier.",
        ),
        (
            f"accredited_by: {{ctid: {ORGANIZATION}}}",
            f"credential-registry?accredited_by={ORGANIZATION}",
            f"credential-registry shows that the issuer is accredited by {ORGANIZATION}.",
            f"credential-registry does not show that the issuer is accredited by {ORGANIZATION}.",
        ),
        (
            "x5c_chain: {anchors: eu-anchors}",
            "eu-anchors?x5c_chain=true",
            "The issuer's certificate was issued under eu-anchors.",
            "The issuer's certificate was not issued under eu-anchors.",
        ),
    ],
)
def test_a_question_counts_only_its_own_answer(yaml: str, key: str, yes: str, no: str) -> None:
    """It has one key; a plain listing by the same source is no answer to it, nor is one that has expired."""
    (question,) = requirement(yaml).questions()
    assert question.key == key
    assert found(yaml, facts(trust={key: LISTED})) == (PASS, yes)
    assert found(yaml, facts(trust={key: NOT_LISTED})) == (FAIL, no)
    for trust in ({}, {question.source: LISTED}, {key: DOWN}, {key: EXPIRED}):
        assert found(yaml, facts(trust=trust))[0] is UNKNOWN


def test_one_organization_and_one_registry_suffice() -> None:
    """`accredited_by` asks every registry about every organization."""
    yaml = f"accredited_by: {{ctid: [{ORGANIZATION}, {OTHER}], in: [a, b]}}"
    keys = [f"{source}?accredited_by={ctid}" for source in "ab" for ctid in (ORGANIZATION, OTHER)]
    assert sorted(question.key for question in requirement(yaml).questions()) == keys
    none = dict.fromkeys(keys, NOT_LISTED)
    assert found(yaml, facts(trust=none))[0] is FAIL
    assert found(yaml, facts(trust={**none, keys[2]: DOWN}))[0] is UNKNOWN
    assert found(yaml, facts(trust={**none, keys[3]: LISTED}))[0] is PASS


def test_an_approval_counts_only_where_the_policy_says_so() -> None:
    """`accredited_by` alone asks for an accreditation."""
    approved = {f"a?approved_by={ORGANIZATION}": LISTED, f"a?accredited_by={ORGANIZATION}": NOT_LISTED}
    plain = f"accredited_by: {{ctid: {ORGANIZATION}, in: a}}"
    also = f"accredited_by: {{ctid: {ORGANIZATION}, in: a, also: [approved, regulated]}}"
    assert found(plain, facts(trust=approved))[0] is FAIL
    assert found(also, facts(trust=approved)) == (PASS, f"a shows that the issuer is approved by {ORGANIZATION}.")
    assert len(requirement(also).questions()) == 3
