"""`all`, `any`, `at_least` in Kleene's logic."""

from __future__ import annotations

from itertools import product

import pytest

from policies.conditions.combinators import leaves
from policies.model import State, TrustFact
from tests.policies.files import facts, found, requirement

PASS, FAIL, UNKNOWN = State.PASS, State.FAIL, State.UNKNOWN
RANK = {FAIL: 0, UNKNOWN: 1, PASS: 2}
TRUST = {PASS: TrustFact(state="listed"), FAIL: TrustFact(state="not_listed"), UNKNOWN: TrustFact(state="unknown")}
OF = ", ".join(f"{{registry: {{in: {source}}}}}" for source in "abc")


@pytest.mark.parametrize("states", list(product((PASS, FAIL, UNKNOWN), repeat=3)))
def test_truth_table(states: tuple[State, State, State]) -> None:
    """`all` is the least, `any` the best, `at_least n` the n-th best of the three, for all 27 cases."""
    about = facts(trust={source: TRUST[state] for source, state in zip("abc", states, strict=True)})
    best = sorted(states, key=lambda state: RANK[state], reverse=True)
    assert found(f"all: [{OF}]", about)[0] is best[2]
    assert found(f"any: [{OF}]", about)[0] is best[0]
    for needed in (1, 2, 3):
        assert found(f"at_least: {{n: {needed}, of: [{OF}]}}", about)[0] is best[needed - 1]


@pytest.mark.parametrize(
    ("yaml", "expected"),
    [
        ("all: [{registry: {in: a}}]", "a lists the issuer."),
        (f"all: [{OF}]", "b does not list the issuer."),
        (f"any: [{OF}]", "a lists the issuer."),
        ("any: [{registry: {in: b}}, {registry: {in: c}}]", "c gave no answer about the issuer."),
        ("any: [{registry: {in: b}}, {not_expired: true}]", "The credential has no end date."),
        ("all: [{registry: {in: a}}, {registry: {in: c}}]", "c gave no answer about the issuer."),
        ("all: [{registry: {in: a}}, {not_expired: true}]", "a lists the issuer. The credential has no end date."),
        (f"at_least: {{n: 2, of: [{OF}]}}", "c gave no answer about the issuer."),
    ],
)
def test_found_is_what_decided(yaml: str, expected: str) -> None:
    """What is said is what brought the state about: what failed, or was not known, or passed."""
    about = facts(trust={"a": TRUST[PASS], "b": TRUST[FAIL], "c": TRUST[UNKNOWN]})
    assert found(yaml, about)[1] == expected


def test_leaves_in_order() -> None:
    """The conditions at the ends come in the order of the file."""
    tree = requirement("all: [{not_expired: true}, {any: [{schema_valid: true}, {status_required: true}]}]")
    assert [leaf.key for leaf in leaves(tree)] == ["not_expired", "schema_valid", "status_required"]
    assert [leaf.key for leaf in leaves(requirement("not_expired: true"))] == ["not_expired"]


def test_a_list_within_a_list_stands_in_brackets() -> None:
    """Else "all of these: one of these: a; b; c" reads as if c were a choice too."""
    tree = requirement("all: [{any: [{domain_linked: true}, {issuer_is: a}]}, {issuer_is: b}, {any: [{issuer_is: c}]}]")

    assert tree.describe() == (
        "all of these: (one of these: the issuer's web domain confirms the issuer's identifier as its own; "
        "the issuer is a); the issuer is b; the issuer is c"
    )
