"""What a policy would decide about many records."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from policies import simulate as simulation
from policies.evaluate import evaluate
from policies.model import Facts, State, TrustFact, Verdict
from policies.simulate import Flips, Simulation, flips, simulate
from tests.policies.files import AS_OF, facts, loaded, policy, rule, status
from tests.policies.strategies import facts as any_facts
from tests.policies.strategies import few_leaf_texts, trees, unhurried

if TYPE_CHECKING:
    import pytest

LISTED = policy(rule("{registry: {in: a}}"), rule("{max_age: PT1H}", name="fresh"))
POPULATION = [
    facts(),
    facts(valid_from=None),
    facts(trust={}),
    facts(trust={"a": TrustFact(state="not_listed")}),
    facts(proof=State.FAIL),
    facts(proof=None),
    facts(statuses=(status(age=100.0, stale=True),)),
    facts(statuses=(status(age=90_000.0, stale=True),)),
]


def test_counts() -> None:
    """Verdicts, and per rule and code about how many it fails or is unknown."""
    found = simulate(loaded(LISTED).get("test/policy", AS_OF), POPULATION)

    assert found == Simulation(
        total=8,
        verdicts=Counter({Verdict.ACCEPT: 2, Verdict.REVIEW: 4, Verdict.REJECT: 2}),
        failed=Counter({"one": 1, "proof-failed": 1}),
        unknown=Counter({"one": 1, "proof-unknown": 1, "core-not-expired": 1, "core-status": 1, "fresh": 1}),
        incomplete=4,
    )


def test_nobody() -> None:
    """Of no facts there is nothing to say."""
    assert simulate(loaded(LISTED).get("test/policy", AS_OF), []) == Simulation()


def test_parts_can_be_added() -> None:
    """Two halves make the whole."""
    found = loaded(LISTED).get("test/policy", AS_OF)

    assert simulate(found, POPULATION[:3]) + simulate(found, POPULATION[3:]) == simulate(found, POPULATION)


def test_more_ways_to_fare_than_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The counts are the same; only the memory has a bound."""
    found = loaded(LISTED).get("test/policy", AS_OF)
    whole, differences = simulate(found, POPULATION * 2), flips(found, found, POPULATION)
    monkeypatch.setattr(simulation, "_REMEMBERED", 2)

    assert simulate(found, POPULATION * 2) == whole
    assert flips(found, found, POPULATION) == differences


def test_flips() -> None:
    """How many of the records another policy decides differently, and which way."""
    old = loaded(LISTED).get("test/policy", AS_OF)
    new = loaded(policy(rule("{registry: {in: a}}", more="on_unknown: reject"))).get("test/policy", AS_OF)

    found = flips(old, new, POPULATION)

    assert found == Flips(
        total=8,
        verdicts=Counter(
            {
                (Verdict.ACCEPT, Verdict.ACCEPT): 1,
                (Verdict.ACCEPT, Verdict.REVIEW): 1,
                (Verdict.REVIEW, Verdict.REVIEW): 3,
                (Verdict.REVIEW, Verdict.REJECT): 1,
                (Verdict.REJECT, Verdict.REJECT): 2,
            }
        ),
    )
    assert found.flipped == 2


@unhurried
@given(st.lists(trees(few_leaf_texts), min_size=1, max_size=3), st.lists(any_facts, max_size=8))
def test_it_counts_what_evaluate_decides(requires: list[str], population: list[Facts]) -> None:
    """Whatever the policy and the facts: the verdicts and states are exactly those of `evaluate`."""
    names = "abc"
    found = loaded(policy(*(rule(f"{{{tree}}}", name=name) for name, tree in zip(names, requires, strict=False))))
    decider = found.get("test/policy", AS_OF)
    decisions = [evaluate(decider, each) for each in population]

    counted = simulate(decider, population)

    assert counted.total == len(population)
    assert counted.verdicts == Counter(decision.verdict for decision in decisions)
    assert counted.failed == Counter(
        name
        for decision in decisions
        for name in [
            *(each.id for each in decision.rules if each.state is State.FAIL),
            *(reason for reason in decision.reasons if reason.endswith("-failed")),
        ]
    )
