"""Conditions over registries, and how much they are worth."""

from __future__ import annotations

import pytest

from policies.conditions.registry import AssuranceAtLeast
from policies.document import read
from policies.model import State, TrustFact
from tests.policies.files import facts, found, listing, policy, requirement, rule

PASS, FAIL, UNKNOWN = State.PASS, State.FAIL, State.UNKNOWN
NOBODY = "The policy names nobody who could vouch for the issuer."


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


def test_a_domain_vouches_for_nobody() -> None:
    """Neither the issuer's own domain nor an answer about somebody else raises a level of assurance."""
    asked = requirement("all: [{domain_linked: true}, {attested_by: {registry: a}}]").questions()
    condition = AssuranceAtLeast("AL1").bound(asked)
    assert condition == AssuranceAtLeast("AL1")


@pytest.mark.parametrize("key", ["registry: {in: [a, domain-linkage]}", "attested_by: {registry: domain-linkage}"])
def test_a_domain_of_ones_own_is_no_registry(key: str) -> None:
    """Whoever has a domain is linked to it, and would be listed."""
    (finding,) = read("own.yaml", policy(rule(f"{{{key}}}")).encode()).findings

    assert 'must be the id of a trust source, such as ce-iir, not "domain-linkage"' in finding.message
