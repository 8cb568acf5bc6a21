"""Conditions over what trust sources answer about the issuer."""

from __future__ import annotations

import pytest

from policies.conditions.trust import AssuranceAtLeast
from policies.model import State, TrustFact
from tests.policies.files import facts, found, listing, requirement

PASS, FAIL, UNKNOWN = State.PASS, State.FAIL, State.UNKNOWN
NOBODY = "The policy names nobody who could vouch for the issuer."
MARK = "https://trust.example/marks/etpl"
ORGANIZATION, OTHER = (f"ce-00000000-0000-0000-0000-00000000000{digit}" for digit in "12")


def listed(**more: str | None) -> TrustFact:
    """Return that a source lists the issuer, in a fresh and signed list."""
    return TrustFact(**{"state": "listed", "authenticity": "authenticated", "freshness": "fresh", **more})  # type: ignore[arg-type]  # all of them are strings


NOT_LISTED = TrustFact(state="not_listed", authenticity="authenticated", freshness="fresh")
DOWN = TrustFact(state="unknown")


@pytest.mark.parametrize(
    ("trust", "expected"),
    [
        ({"a": listed()}, (PASS, "a lists the issuer.")),
        ({"a": NOT_LISTED, "b": listed(freshness=None)}, (PASS, "b lists the issuer.")),
        ({"a": listed(freshness="stale")}, (PASS, "a lists the issuer; its list is due for renewal.")),
        ({"a": NOT_LISTED, "b": NOT_LISTED}, (FAIL, "a does not list the issuer. b does not list the issuer.")),
        ({"a": NOT_LISTED, "b": DOWN}, (UNKNOWN, "b gave no answer about the issuer.")),
        ({"a": NOT_LISTED}, (UNKNOWN, "b gave no answer about the issuer.")),
        ({}, (UNKNOWN, "a gave no answer about the issuer. b gave no answer about the issuer.")),
        ({"a": DOWN, "b": listed()}, (PASS, "b lists the issuer.")),
        (
            {"a": listed(freshness="expired"), "b": NOT_LISTED},
            (UNKNOWN, "The list of a has expired, so it says nothing about the issuer."),
        ),
        (
            {"a": TrustFact(state="not_listed", freshness="expired"), "b": NOT_LISTED},
            (UNKNOWN, "The list of a has expired, so it says nothing about the issuer."),
        ),
        (
            {"a": listed(freshness="ancient"), "b": NOT_LISTED},
            (UNKNOWN, "The list of a has expired, so it says nothing about the issuer."),
        ),
        ({"a": listed(state="perhaps"), "b": NOT_LISTED}, (UNKNOWN, "a gave no answer about the issuer.")),
        ({"c": listed()}, (UNKNOWN, "a gave no answer about the issuer. b gave no answer about the issuer.")),
    ],
)
def test_registry(trust: dict[str, TrustFact], expected: tuple[State, str]) -> None:
    """One source that lists the issuer suffices; silence and an expired list are unknown, never a no."""
    assert found("registry: {in: [b, a]}", facts(trust=trust)) == expected


@pytest.mark.parametrize(
    ("minimum", "authenticity", "expected"),
    [
        ("unverified", "unverified", (PASS, "a lists the issuer.")),
        ("integrity_verified", "integrity_verified", (PASS, "a lists the issuer.")),
        ("integrity_verified", "authenticated", (PASS, "a lists the issuer.")),
        (
            "integrity_verified",
            "unverified",
            (FAIL, "a lists the issuer, but its list is not protected against changes."),
        ),
        (
            "authenticated",
            "integrity_verified",
            (FAIL, "a lists the issuer, but its list is not signed by whoever keeps it."),
        ),
        ("authenticated", "guessed", (FAIL, "a lists the issuer, but its list is not signed by whoever keeps it.")),
    ],
)
def test_registry_authenticity(minimum: str, authenticity: str, expected: tuple[State, str]) -> None:
    """An answer that is not protected well enough does not count."""
    about = facts(trust={"a": listed(authenticity=authenticity)})
    assert found(f"registry: {{in: a, min_authenticity: {minimum}}}", about) == expected


@pytest.mark.parametrize(
    ("minimum", "tier", "expected"),
    [
        ("sandbox", None, (PASS, "a lists the issuer.")),
        ("community", "community", (PASS, "a lists the issuer.")),
        ("community", "member", (PASS, "a lists the issuer.")),
        ("member", "community", (FAIL, "a lists the issuer at tier community; member is needed.")),
        ("community", "sandbox", (FAIL, "a lists the issuer at tier sandbox; community is needed.")),
        ("community", None, (UNKNOWN, "a lists the issuer, but does not say at which tier.")),
        ("community", "gold", (UNKNOWN, "a lists the issuer, but does not say at which tier.")),
    ],
)
def test_registry_tier(minimum: str, tier: str | None, expected: tuple[State, str]) -> None:
    """Sandbox is the lowest tier; a tier that is missing or not known is unknown where one is asked."""
    assert found(f"registry: {{in: [a], min_tier: {minimum}}}", facts(trust={"a": listed(tier=tier)})) == expected


@pytest.mark.parametrize(
    ("trust", "expected"),
    [
        ({"a": listed(assurance="AL2")}, (PASS, "a vouches for the issuer at level AL2.")),
        ({"a": listed(assurance="AL3")}, (PASS, "a vouches for the issuer at level AL3.")),
        ({"a": listed(assurance="AL1")}, (FAIL, "a vouches for the issuer at level AL1; AL2 is needed.")),
        ({"a": listed()}, (UNKNOWN, "a lists the issuer, but no assurance level is set for a.")),
        ({"a": listed(assurance="AL9")}, (UNKNOWN, "a lists the issuer, but no assurance level is set for a.")),
        ({"a": NOT_LISTED}, (FAIL, "a does not list the issuer.")),
        (
            {"a": listed(assurance="AL3", freshness="expired")},
            (UNKNOWN, "The list of a has expired, so it says nothing about the issuer."),
        ),
        ({"b": listed(assurance="AL3")}, (UNKNOWN, "a gave no answer about the issuer.")),
    ],
)
def test_assurance_at_least(trust: dict[str, TrustFact], expected: tuple[State, str]) -> None:
    """The level is that of a source which lists the issuer, and which the policy names."""
    condition = AssuranceAtLeast("AL2").bound(listing("a"))
    assert condition.compile()(facts(trust=trust)) == expected


def test_assurance_of_no_source_fails() -> None:
    """Without any source that may vouch nothing passes."""
    assert found("assurance_at_least: AL1", facts(trust={"a": listed(assurance="AL3")})) == (FAIL, NOBODY)


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
    assert found(yaml, facts(trust={key: listed()})) == (PASS, yes)
    assert found(yaml, facts(trust={key: NOT_LISTED})) == (FAIL, no)
    for trust in ({}, {question.source: listed()}, {key: DOWN}, {key: listed(freshness="expired")}):
        assert found(yaml, facts(trust=trust))[0] is UNKNOWN


def test_one_organization_and_one_registry_suffice() -> None:
    """`accredited_by` asks every registry about every organization."""
    yaml = f"accredited_by: {{ctid: [{ORGANIZATION}, {OTHER}], in: [a, b]}}"
    keys = [f"{source}?accredited_by={ctid}" for source in "ab" for ctid in (ORGANIZATION, OTHER)]
    assert sorted(question.key for question in requirement(yaml).questions()) == keys
    none = dict.fromkeys(keys, NOT_LISTED)
    assert found(yaml, facts(trust=none))[0] is FAIL
    assert found(yaml, facts(trust={**none, keys[2]: DOWN}))[0] is UNKNOWN
    assert found(yaml, facts(trust={**none, keys[3]: listed()}))[0] is PASS


def test_an_approval_counts_only_where_the_policy_says_so() -> None:
    """`accredited_by` alone asks for an accreditation."""
    approved = {f"a?approved_by={ORGANIZATION}": listed(), f"a?accredited_by={ORGANIZATION}": NOT_LISTED}
    plain = f"accredited_by: {{ctid: {ORGANIZATION}, in: a}}"
    also = f"accredited_by: {{ctid: {ORGANIZATION}, in: a, also: [approved, regulated]}}"
    assert found(plain, facts(trust=approved))[0] is FAIL
    assert found(also, facts(trust=approved)) == (PASS, f"a shows that the issuer is approved by {ORGANIZATION}.")
    assert len(requirement(also).questions()) == 3


def test_a_domain_vouches_for_nobody() -> None:
    """Neither the issuer's own domain nor an answer about somebody else raises a level of assurance."""
    asked = requirement("all: [{domain_linked: true}, {attested_by: {registry: a}}]").questions()
    condition = AssuranceAtLeast("AL1").bound(asked)
    assert condition == AssuranceAtLeast("AL1")
