"""What would change a decision: the fewest conditions that would flip it, and that they do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from policies.compile import Policy, compile_rule
from policies.conditions.base import Check, Demanded
from policies.conditions.combinators import Combination, Tree, leaves
from policies.evaluate import evaluate
from policies.model import Facts, State, TrustFact, Verdict
from policies.narrow import narrower
from tests.policies.files import AS_OF, facts, loaded, policy, rule, status
from tests.policies.strategies import facts as any_facts
from tests.policies.strategies import leaf_texts, trees, unhurried

if TYPE_CHECKING:
    from collections.abc import Collection

    from policies.conditions.base import Condition

NO = TrustFact(state="not_listed")


def decided_by(about: Facts, *rules: str) -> list[tuple[str, str, str]]:
    """Return what would change the decision of a policy of these rules: rule, condition and words."""
    decision = evaluate(loaded(policy(*rules)).get("test/policy", AS_OF), about)
    return [(change.rule, change.condition, change.say) for change in decision.would_change()]


def test_all_is_the_sum_any_the_least_and_at_least_the_smallest() -> None:
    """Of what does not hold yet, the fewest are named."""
    issuer, kind = "{issuer_is: a}", "{type_in: A}"
    said = {"issuer_is": "the issuer is a", "type_in": "the credential is of type A"}

    def named(require: str) -> list[str]:
        found = decided_by(facts(), rule(require))
        assert all(words == said[key] for _, key, words in found)
        return [key for _, key, _ in found]

    assert named(f"{{all: [{issuer}, {kind}]}}") == ["issuer_is", "type_in"]
    assert named(f"{{any: [{{all: [{issuer}, {kind}]}}, {kind}]}}") == ["type_in"]
    assert named(f"{{at_least: {{n: 2, of: [{issuer}, {kind}, {{not_expired: true}}]}}}}") == ["issuer_is"]
    assert named(f"{{any: [{issuer}, {{not_expired: true}}]}}") == []


def test_a_change_says_whose_rule_it_is_and_how_it_stands() -> None:
    """A condition that is unknown would flip a review, just as one that failed would flip a rejection."""
    found = loaded(policy(rule("{registry: {in: a}}"), rule("{status_not: revoked}", name="two")))
    decision = evaluate(found.get("test/policy", AS_OF), facts(trust={"a": NO}, statuses=None))
    assert [(change.rule, change.origin, change.state) for change in decision.would_change()] == [
        ("core-status", "core/current@1.0.0", State.UNKNOWN),
        ("one", "test/policy@1.0.0", State.FAIL),
    ]


def test_what_follows_from_another_is_not_named() -> None:
    """A status within the hour is one of today, and the same condition in two rules is one."""
    hour, today = rule("{max_age: PT1H}", name="hour"), rule("{max_age: P1D}", name="today")
    old = facts(statuses=(status(age=90_000.0),))
    words = "the record's status, if it has one, was checked no longer than 1 hour ago"
    assert decided_by(old, today, hour) == decided_by(old, hour, today) == [("hour", "max_age", words)]
    assert [name for name, _, _ in decided_by(facts(), rule("{issuer_is: a}"), rule("{issuer_is: a}", name="b"))] == [
        "one"
    ]


def test_one_condition_for_two_rules_rather_than_two() -> None:
    """Of two ways that cost the same, the one that is wanted anyhow costs nothing."""
    both = rule("{any: [{issuer_is: a}, {type_in: A}]}", name="b")
    assert [key for _, key, _ in decided_by(facts(), rule("{type_in: A}"), both)] == ["type_in"]


@pytest.mark.parametrize("changes", [{}, {"proof": None}, {"proof": State.FAIL}, {"structure": State.UNKNOWN}])
def test_nothing_would_change_what_no_rule_decides(changes: dict[str, State | None]) -> None:
    """An acceptance has nothing to change, and no rule mends a proof."""
    require = rule("{issuer_is: a}") if changes else rule("{not_expired: true}")
    assert decided_by(facts(**changes), require) == []


def test_a_warning_is_no_matter() -> None:
    """A rule that only warns is not what keeps a policy from accepting."""
    assert decided_by(facts(), rule("{issuer_is: a}", more="severity: warn")) == []


def test_a_status_past_its_freshness_would_have_to_be_had() -> None:
    """It is looked at as the policy believes it."""
    found = decided_by(facts(statuses=(status(stale=True),)), rule("{not_expired: true}"))
    assert found == [("core-status", "status_not", "the issuer has not revoked or suspended the record")]


@dataclass(frozen=True, slots=True)
class Granted(Demanded):
    """A condition that holds."""

    key = "granted"
    words = "it holds"

    def compile(self) -> Check:
        """Pass."""
        return lambda _: (State.PASS, "It holds.")


def granting(found: Policy, wanted: Collection[Condition]) -> Policy:
    """Return a policy in which `wanted` hold, and what follows from them."""

    def granted(tree: Tree) -> Tree:
        if isinstance(tree, Combination):
            return Combination(tree.key, tree.needed, tuple(granted(each) for each in tree.of))
        return Granted() if any(narrower(each, tree) for each in wanted) else tree

    rules = tuple(replace(each, require=granted(each.require)) for each in found.rules)
    return replace(found, rules=rules, checks=tuple(compile_rule(each) for each in rules))


@unhurried
@given(st.lists(trees(leaf_texts), min_size=1, max_size=3), any_facts)
def test_what_would_change_flips_the_decision(texts: list[str], about: Facts) -> None:
    """With what is named, and nothing less, the policy accepts."""
    good = replace(about, structure=State.PASS, data_loss=State.PASS, proof=State.PASS, issuer_binding=State.PASS)
    rules = [rule(f"{{{text}}}", name=f"r{place}") for place, text in enumerate(texts)]
    found = loaded(policy(*rules, rule("{registry: {in: ce-iir}}", name="asks"))).get("test/policy", AS_OF)
    decision = evaluate(found, good)
    named = {(change.condition, change.say) for change in decision.would_change()}
    everything = {leaf for each in found.rules for leaf in leaves(each.require)}
    wanted = {leaf for leaf in everything if (leaf.key, leaf.describe()) in named}
    assert (decision.verdict is Verdict.ACCEPT) == (not named)
    assert evaluate(granting(found, wanted), good).verdict is Verdict.ACCEPT
    for left_out in wanted:
        assert evaluate(granting(found, wanted - {left_out}), good).verdict is not Verdict.ACCEPT


DISTINCT = [
    "issuer_is: a",
    "type_in: A",
    "format_in: F",
    "schema_valid: true",
    "not_expired: true",
    "no_inline_context: true",
    "holder_bound: true",
]


@unhurried
@given(trees(st.sampled_from(DISTINCT)))
def test_there_is_no_smaller_change_that_flips_it(text: str) -> None:
    """Where no condition stands twice, no fewer of them would do."""
    found = loaded(policy(rule(f"{{{text}}}"))).get("test/policy", AS_OF)
    about = facts()
    ends = [leaf for leaf in leaves(found.rules[-1].require) if leaf.compile()(about)[0] is not State.PASS]
    assume(len(set(ends)) == len(ends))
    fewest = next(
        size
        for size in range(len(ends) + 1)
        if any(
            evaluate(granting(found, chosen), about).verdict is Verdict.ACCEPT for chosen in combinations(ends, size)
        )
    )
    assert len(evaluate(found, about).would_change()) == fewest


@unhurried
@given(trees(leaf_texts), any_facts, any_facts)
def test_an_answer_that_is_remembered_is_that_of_another_search(text: str, first: Facts, second: Facts) -> None:
    """Whatever a policy was asked about before, it answers as one does that was asked about nothing."""

    def fresh() -> Policy:
        return loaded(policy(rule(f"{{{text}}}"), rule("{registry: {in: ce-iir}}", name="asks"))).get(
            "test/policy", AS_OF
        )

    asked = fresh()
    for about in (first, second, first):
        assert evaluate(asked, about).would_change() == evaluate(fresh(), about).would_change()


def test_the_same_states_have_one_answer_until_too_many_are_remembered() -> None:
    """Records that leave the conditions alike share an answer; beyond those that are remembered each is made anew."""
    kinds = "abcdefg"
    asked = loaded(policy(*(rule(f"{{type_in: {kind}}}", name=kind) for kind in kinds))).get("test/policy", AS_OF)
    for size in range(len(kinds) + 1):
        for types in combinations(kinds, size):
            about = facts(types=types)
            changes = evaluate(asked, about).would_change()
            assert [change.rule for change in changes] == [kind for kind in kinds if kind not in types]
            assert evaluate(asked, about).would_change() == changes
    unlike, alike = facts(types=(), issuer="a"), facts(types=(), issuer="b")
    assert evaluate(asked, unlike).would_change() is evaluate(asked, alike).would_change()


def test_more_policies_than_are_kept_ready_are_answered_all_the_same() -> None:
    """However many policies are asked, each answers by its own rules."""
    names = [f"r{number}" for number in range(70)]
    for name in names:
        assert [found for found, _, _ in decided_by(facts(), rule("{issuer_is: z}", name=name))] == [name]


def test_a_policy_of_very_many_conditions_still_gets_an_answer() -> None:
    """Beyond some hundred conditions equal ones are one, and what follows from another is named as well."""
    alike = "{any: [" + ", ".join(f"{{issuer_is: [a, b{n}]}}" for n in range(90)) + "]}"
    rules = [rule(alike, name=f"r{n}") for n in range(7)]
    assert [(name, key) for name, key, _ in decided_by(facts(), *rules)] == [("r0", "issuer_is")]
    both = [rule("{all: [{type_in: [A]}, {type_in: [A, B]}]}", name="both"), *rules]
    assert len(decided_by(facts(), *both)) == 3
