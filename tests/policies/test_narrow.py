"""Whether one requirement is at least as strict as another."""

from __future__ import annotations

import pytest
from hypothesis import given

from policies.conditions import CONDITIONS
from policies.model import Facts, State
from policies.narrow import narrower
from tests.policies.files import requirement
from tests.policies.strategies import (
    LEAVES,
    ORGANIZATIONS,
    PERMISSIONS,
    alike,
    facts,
    few_leaf_texts,
    leaf_texts,
    trees,
    unhurried,
)

ONE, TWO = ORGANIZATIONS
RANK = {State.FAIL: 0, State.UNKNOWN: 1, State.PASS: 2}


@pytest.mark.parametrize(
    ("child", "parent"),
    [
        ("registry: {in: a}", "registry: {in: [a, b]}"),
        (
            "registry: {in: a, min_authenticity: authenticated}",
            "registry: {in: a, min_authenticity: integrity_verified}",
        ),
        ("registry: {in: a, min_tier: member}", "registry: {in: a, min_tier: community}"),
        ("assurance_at_least: AL2", "assurance_at_least: AL1"),
        ("issuer_is: a", "issuer_is: [a, b]"),
        ("did_method_in: web", "did_method_in: [web, key]"),
        ("type_in: A", "type_in: [A, B]"),
        ("format_in: a", "format_in: [a, b]"),
        ("proof_suite_in: a", "proof_suite_in: [a, b]"),
        ("achievement_type_in: A", "achievement_type_in: [A, B]"),
        ("issued_after: 2021-01-01", "issued_after: 2020-01-01"),
        ("issued_within: P3Y", "issued_within: P5Y"),
        ("earned_within: P3Y", "earned_within: P5Y"),
        ("aligned_to: {framework: F, at_least: 2}", "aligned_to: {framework: F, at_least: 1}"),
        ("allow_unknown_contexts: false", "allow_unknown_contexts: true"),
        ("status_not: [revoked, suspended]", "status_not: revoked"),
        ("max_age: PT1H", "max_age: P1D"),
        ("status_issuer_in: a", "status_issuer_in: [a, b]"),
        ("all: [{issuer_is: a}, {schema_valid: true}]", "issuer_is: a"),
        ("issuer_is: a", "any: [{issuer_is: a}, {schema_valid: true}]"),
        ("all: [{issuer_is: a}, {schema_valid: true}]", "any: [{issuer_is: a}, {issuer_is: b}]"),
        ("any: [{issuer_is: a}, {issuer_is: b}]", "issuer_is: [a, b]"),
        (
            "all: [{issuer_is: a}, {schema_valid: true}, {status_required: true}]",
            "all: [{issuer_is: a}, {schema_valid: true}]",
        ),
        ("any: [{issuer_is: a}]", "any: [{issuer_is: a}, {schema_valid: true}]"),
        (
            "at_least: {n: 2, of: [{issuer_is: a}, {schema_valid: true}, {holder_bound: true}]}",
            "at_least: {n: 1, of: [{issuer_is: a}, {schema_valid: true}, {holder_bound: true}]}",
        ),
        (
            "at_least: {n: 3, of: [{issuer_is: a}, {schema_valid: true}, {holder_bound: true}]}",
            "at_least: {n: 2, of: [{issuer_is: a}, {schema_valid: true}]}",
        ),
        (
            "at_least: {n: 2, of: [{issuer_is: a}, {schema_valid: true}, {holder_bound: true}]}",
            "any: [{issuer_is: a}, {schema_valid: true}]",
        ),
        ("at_least: {n: 2, of: [{issuer_is: a}, {issuer_is: b}, {issuer_is: c}]}", "issuer_is: [a, b]"),
    ],
)
def test_narrower_one_way(child: str, parent: str) -> None:
    """The child is narrower than the parent, and not the other way round."""
    assert narrower(requirement(child), requirement(parent))
    assert not narrower(requirement(parent), requirement(child))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("issued_within: P12M", "issued_within: P1Y"),
        ("type_in: [A, B]", "type_in: [B, A]"),
        ("not_expired: true", "all: [{not_expired: true}]"),
        ("any: [{schema_valid: true}]", "at_least: {n: 1, of: [{schema_valid: true}]}"),
        ("no_inline_context: true", "no_inline_context: true"),
        ("children: all_current", "children: [all_current]"),
        ("registry: {in: a}", "registry: {in: a, min_authenticity: unverified, min_tier: sandbox}"),
    ],
)
def test_the_same(one: str, other: str) -> None:
    """What means the same is narrower both ways."""
    assert narrower(requirement(one), requirement(other))
    assert narrower(requirement(other), requirement(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("issuer_is: a", "type_in: a"),
        ("issuer_is: a", "issuer_is: b"),
        ("registry: {in: a, min_tier: member}", "registry: {in: a, min_authenticity: authenticated}"),
        ("aligned_to: {framework: F}", "aligned_to: {framework: G}"),
        ("issued_within: P1Y", "issued_after: 2020-01-01"),
        ("issued_within: P1Y30D", "issued_within: P13M"),
        ("all: [{issuer_is: a}, {schema_valid: true}]", "all: [{issuer_is: a}, {holder_bound: true}]"),
        ("any: [{issuer_is: a}, {schema_valid: true}]", "any: [{issuer_is: a}, {holder_bound: true}]"),
    ],
)
def test_neither_way(one: str, other: str) -> None:
    """What cannot be compared is not narrower."""
    assert not narrower(requirement(one), requirement(other))
    assert not narrower(requirement(other), requirement(one))


@pytest.mark.parametrize(
    ("child", "parent"),
    [
        ("trust_mark: {type: M, anchor: a}", "trust_mark: {type: M, anchor: a}"),
        ("trqp: {authority: a, action: x, resource: y}", "trqp: {authority: a, action: x, resource: y}"),
        ("domain_linked: true", "domain_linked: true"),
        (f"accredited_by: {{ctid: {ONE}, in: a}}", f"accredited_by: {{ctid: [{ONE}, {TWO}], in: [a, b]}}"),
        (f"accredited_by: {{ctid: {ONE}}}", f"accredited_by: {{ctid: {ONE}, in: credential-registry}}"),
        (f"accredited_by: {{ctid: {ONE}}}", f"accredited_by: {{ctid: {ONE}, also: approved}}"),
        ("x5c_chain: {anchors: a}", "x5c_chain: {anchors: [a, b]}"),
        ("attested_by: {registry: a}", "attested_by: {registry: [a, b]}"),
        ("attested_by: {issuer_is: a}", "attested_by: {issuer_is: [a, b]}"),
        ("learner_verification: provider_verified", "learner_verification: platform_verified"),
        ("credential_in: {list: x}", "credential_in: {list: [x, y], by: ctid}"),
        ("candidate_matches: {fields: [email, name]}", "candidate_matches: {fields: name}"),
        ("allow_unsigned_presentation: false", "allow_unsigned_presentation: true"),
    ],
)
def test_narrower_or_the_same(child: str, parent: str) -> None:
    """Each condition over parties, achievements and presenters says what a child may make of it."""
    assert narrower(requirement(child), requirement(parent))


@pytest.mark.parametrize(
    ("child", "parent"),
    [
        ("trust_mark: {type: M, anchor: b}", "trust_mark: {type: M, anchor: a}"),
        ("trust_mark: {type: N, anchor: a}", "trust_mark: {type: M, anchor: a}"),
        ("trqp: {authority: a, action: x, resource: z}", "trqp: {authority: a, action: x, resource: y}"),
        (f"accredited_by: {{ctid: {ONE}, in: b}}", f"accredited_by: {{ctid: {ONE}, in: a}}"),
        (f"accredited_by: {{ctid: {TWO}}}", f"accredited_by: {{ctid: {ONE}}}"),
        (f"accredited_by: {{ctid: {ONE}, also: recognized}}", f"accredited_by: {{ctid: {ONE}, also: approved}}"),
        ("x5c_chain: {anchors: [a, b]}", "x5c_chain: {anchors: a}"),
        ("attested_by: {registry: a}", "attested_by: {issuer_is: a}"),
        ("attested_by: {registry: a}", "registry: {in: a}"),
        ("learner_verification: platform_verified", "learner_verification: provider_verified"),
        ("credential_in: {list: x, by: id}", "credential_in: {list: x, by: ctid}"),
        ("candidate_matches: {fields: name}", "candidate_matches: {fields: [email, name]}"),
        ("allow_unsigned_presentation: true", "allow_unsigned_presentation: false"),
    ],
)
def test_not_narrower(child: str, parent: str) -> None:
    """Another party, another question or fewer fields is no narrowing."""
    assert not narrower(requirement(child), requirement(parent))


def test_matching_is_one_to_one() -> None:
    """Two conditions that both imply one of the parent's do not make two."""
    parent = "at_least: {n: 2, of: [{issuer_is: [a, b]}, {schema_valid: true}]}"
    child = "at_least: {n: 2, of: [{issuer_is: a}, {issuer_is: b}]}"
    assert not narrower(requirement(child), requirement(parent))


def test_matching_finds_other_partners() -> None:
    """A partner that was taken is given back where its first owner has another."""
    parent = "at_least: {n: 2, of: [{issuer_is: [a, b]}, {issuer_is: [a, c]}, {schema_valid: true}]}"
    child = "at_least: {n: 2, of: [{issuer_is: a}, {issuer_is: [a, b]}]}"
    assert narrower(requirement(child), requirement(parent))


@unhurried
@given(trees(few_leaf_texts), trees(few_leaf_texts), facts)
def test_narrower_is_never_looser(child: str, parent: str, about: Facts) -> None:
    """Where the terms say narrower, no facts make the child more than the parent is."""
    one, other = requirement(child), requirement(parent)
    if narrower(one, other):
        assert RANK[one.compile()(about)[0]] <= RANK[other.compile()(about)[0]]


@unhurried
@given(alike, facts)
def test_a_narrower_condition_is_never_looser(both: tuple[str, str], about: Facts) -> None:
    """The same for each single condition of the vocabulary."""
    one, other = (requirement(text) for text in both)
    if narrower(one, other):
        assert RANK[one.compile()(about)[0]] <= RANK[other.compile()(about)[0]]


@unhurried
@given(trees(leaf_texts))
def test_narrower_than_itself(text: str) -> None:
    """A requirement restated word for word is never an error."""
    assert narrower(requirement(text), requirement(text))


def test_no_condition_is_left_out() -> None:
    """The properties draw every condition that there is."""
    assert {*LEAVES, *PERMISSIONS} == set(CONDITIONS)
