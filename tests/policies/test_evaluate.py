"""Facts in, decision out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.compile import _REMEMBERED
from policies.evaluate import evaluate, first_answer
from policies.model import ABSENT, Decision, Facts, RuleOutcome, State, TrustFact, Verdict
from policies.policy_set import PolicySet
from tests.policies.files import AS_OF, facts, listing, loaded, policy, problems, requirement, rule, status
from tests.policies.strategies import facts as any_facts
from tests.policies.strategies import leaf_texts, less_known, trees, unhurried

LIBRARY = [PolicySet.load().get(name, AS_OF) for name in PolicySet.load().ids()]
DOWN, NO = TrustFact(state="unknown"), TrustFact(state="not_listed")


def decide(about: Facts, *rules: str) -> Decision:
    """Decide by a policy of these rules."""
    return evaluate(loaded(policy(*rules)).get("test/policy", AS_OF), about)


def test_a_decision_carries_everything() -> None:
    """Policy, version, digests, and each rule's part with what was found and the remedy."""
    found = loaded(
        policy(
            rule("{registry: {in: a}}", more="fix: Register."),
            rule("{no_inline_context: true}", name="two", more="severity: warn"),
            head="title: T\njurisdiction: US-XX",
        )
    ).get("test/policy", AS_OF)
    decision = evaluate(found, facts(trust={"a": NO}, inline_context=True), facts_digest="f")
    assert replace(decision, rules=decision.rules[2:]) == Decision(
        verdict=Verdict.REJECT,
        policy="test/policy",
        version="1.0.0",
        digest=found.digest,
        title="T",
        jurisdiction="US-XX",
        rules=(
            RuleOutcome(
                id="one",
                origin="test/policy@1.0.0",
                severity="require",
                state=State.FAIL,
                say="It must be so.",
                found="a does not list the issuer.",
                fix="Register.",
                verdict=Verdict.REJECT,
            ),
            RuleOutcome(
                id="two",
                origin="test/policy@1.0.0",
                severity="warn",
                state=State.FAIL,
                say="It must be so.",
                found="The credential defines terms of its own, which only its issuer can explain.",
                fix=None,
                verdict=Verdict.ACCEPT,
            ),
        ),
        reasons=(),
        facts_digest="f",
    )
    assert [(each.id, each.fix) for each in decision.rules[:2]] == [("core-not-expired", None), ("core-status", None)]


@pytest.mark.parametrize(
    ("trust", "more", "expected"),
    [
        ({"a": TrustFact(state="listed")}, "", Verdict.ACCEPT),
        ({"a": NO}, "", Verdict.REJECT),
        ({"a": DOWN}, "", Verdict.REVIEW),
        ({}, "", Verdict.REVIEW),
        ({}, "on_unknown: review", Verdict.REVIEW),
        ({}, "on_unknown: reject", Verdict.REJECT),
        ({}, "on_unknown: reject, severity: warn", Verdict.ACCEPT),
        ({"a": NO}, "severity: warn", Verdict.ACCEPT),
    ],
)
def test_verdict_of_a_rule(trust: dict[str, TrustFact], more: str, expected: Verdict) -> None:
    """Pass accepts, fail rejects, unknown goes where the rule says; a warning never blocks."""
    assert decide(facts(trust=trust), rule("{registry: {in: a}}", more=more)).verdict is expected


@pytest.mark.parametrize(
    ("changes", "expected", "reasons"),
    [
        ({}, Verdict.ACCEPT, ()),
        ({"structure": State.FAIL}, Verdict.REJECT, ("structure-failed",)),
        ({"data_loss": State.FAIL}, Verdict.REJECT, ("data-loss-failed",)),
        ({"proof": State.FAIL}, Verdict.REJECT, ("proof-failed",)),
        ({"issuer_binding": State.FAIL}, Verdict.REJECT, ("issuer-failed",)),
        ({"structure": State.UNKNOWN}, Verdict.REVIEW, ("structure-unknown",)),
        ({"proof": None}, Verdict.REVIEW, ("proof-unknown",)),
        ({"proof": None, "issuer_binding": State.FAIL}, Verdict.REJECT, ("proof-unknown", "issuer-failed")),
        ({"proof": None, "statuses": (status("revoked"),)}, Verdict.REJECT, ("proof-unknown",)),
    ],
)
def test_before_the_rules(changes: dict[str, Any], expected: Verdict, reasons: tuple[str, ...]) -> None:
    """A failed check rejects and an unknown one reviews at best, whatever the rules say."""
    decision = decide(facts(**changes))
    assert (decision.verdict, decision.reasons) == (expected, reasons)


T60_EMPTY = [
    ("{type_in: [A]}", {"types": ()}),
    ("{proof_suite_in: [A]}", {"proof_suites": ()}),
    ("{achievement_type_in: [A]}", {"achievement_types": ()}),
    ("{aligned_to: {framework: F}}", {"alignments": ()}),
    ("{schema_valid: true}", {}),
    ("{children: all_current}", {}),
    ("{status_required: true}", {"statuses": ()}),
    ("{status_issuer_in: [a]}", {"statuses": ()}),
    ("{issued_after: 2020-01-01}", {"valid_from": "absent"}),
    ("{issued_within: P1Y}", {"valid_from": "absent"}),
    ("{did_method_in: [web]}", {"did_method": "absent"}),
    ("{assurance_at_least: AL1}", {"trust": {"a": NO}}),
    ("{registry: {in: a}}", {"trust": {"a": NO}}),
]


@pytest.mark.parametrize(("require", "changes"), T60_EMPTY)
def test_T60_nothing_to_match_fails(require: str, changes: dict[str, Any]) -> None:
    """A rule that finds nothing to look at fails; an empty set is never a pass."""
    known = {name: ABSENT if value == "absent" else value for name, value in changes.items()}
    tree = requirement(require[1:-1]).bound(listing("a"))
    assert tree.compile()(facts(**known))[0] is State.FAIL


@pytest.mark.parametrize(
    ("require", "changes"),
    [
        ("{not_expired: true}", {}),
        ("{status_not: [revoked]}", {"statuses": ()}),
        ("{max_age: PT1H}", {"statuses": ()}),
    ],
)
def test_T60_the_three_exceptions(require: str, changes: dict[str, Any]) -> None:
    """No end date does not expire; a credential without status is not revoked, and nothing of it is old."""
    assert decide(facts(**changes), rule(require)).verdict is Verdict.ACCEPT


@pytest.mark.parametrize("require", [f"{{{key}: []}}" for key in ("all", "any", "type_in", "status_not", "issuer_is")])
def test_T60_an_empty_list_is_a_load_error(require: str) -> None:
    """A policy cannot ask for nothing."""
    (message,) = problems(policy(rule(require)))
    assert message.endswith("must not be empty")


@pytest.mark.parametrize(
    ("require", "state", "age", "expected"),
    [
        ("{not_expired: true}", "active", 60.0, Verdict.REVIEW),
        ("{max_age: PT1H}", "active", 3600.0, Verdict.ACCEPT),
        ("{max_age: PT1H}", "active", 3601.0, Verdict.REVIEW),
        ("{max_age: PT1H}", "active", None, Verdict.REVIEW),
        ("{max_age: PT1H}", "active", float("nan"), Verdict.REVIEW),
        ("{not_expired: true}", "revoked", 1e9, Verdict.REJECT),
    ],
)
def test_T14_a_stale_status_counts_only_as_far_as_the_policy_bears_its_age(
    require: str, state: str, age: float | None, expected: Verdict
) -> None:
    """A clear bit past its freshness is unknown unless max_age covers its age; a set bit stays set."""
    assert decide(facts(statuses=(status(state, age=age, stale=True),)), rule(require)).verdict is expected


def test_only_the_stale_entry_is_doubted() -> None:
    """A fresh entry beside a stale one keeps what it says."""
    both = (status("suspended", purpose="suspension"), status(stale=True))
    assert decide(facts(statuses=both)).verdict is Verdict.REJECT
    assert decide(facts(statuses=(status(), status(stale=True)))).verdict is Verdict.REVIEW


def test_T15_first_answer_rejects_only_what_is_settled() -> None:
    """Before any look-up only a failed rule over issuer, method, suite, format or types rejects."""
    found = loaded(policy(rule("{issuer_is: a}"), rule("{max_age: PT1H}", name="two", more="on_unknown: reject"))).get(
        "test/policy", AS_OF
    )
    assert first_answer(found, facts(issuer="a")) is Verdict.REVIEW
    assert first_answer(found, facts(issuer="b")) is Verdict.REJECT
    assert first_answer(found, facts(issuer=None)) is Verdict.REVIEW
    assert first_answer(found, facts(issuer="a", statuses=(status("revoked"),))) is Verdict.REVIEW
    assert first_answer(found, facts(issuer="a", proof=State.FAIL)) is Verdict.REJECT


def test_first_answer_ignores_warnings() -> None:
    """A failed warning settles nothing."""
    found = loaded(policy(rule("{type_in: X}", more="severity: warn"))).get("test/policy", AS_OF)
    assert first_answer(found, facts()) is Verdict.REVIEW


def test_outcomes_are_remembered_only_so_many() -> None:
    """What is found again is not made again; dates without end do not fill the memory."""
    found = loaded(policy(rule("{format_in: f}"))).get("test/policy", AS_OF)
    first = evaluate(found, facts(format="g")).rules[-1]
    assert evaluate(found, facts(format="g")).rules[-1] is first
    outcomes = [evaluate(found, facts(format=f"f{n}")).rules[-1] for n in range(_REMEMBERED + 5)]
    assert [outcome.found.split()[4][:-1] for outcome in outcomes] == [f"f{n}" for n in range(_REMEMBERED + 5)]
    again = [evaluate(found, facts(format=f"f{n}")).rules[-1] for n in range(_REMEMBERED + 5)]
    assert sum(one is other for one, other in zip(outcomes, again, strict=True)) == _REMEMBERED - 1


def test_a_state_is_never_taken_from_memory_for_another() -> None:
    """The same words under another state are another outcome."""
    found = loaded(policy(rule("{status_not: [revoked]}", name="s"), rule("{status_required: true}", name="r")))
    policy_found = found.get("test/policy", AS_OF)
    none = evaluate(policy_found, facts(statuses=()))
    assert [(each.state, each.found) for each in none.rules[2:]] == [
        (State.PASS, "The issuer publishes no status for this credential."),
        (State.FAIL, "The issuer publishes no status for this credential."),
    ]


@unhurried
@given(any_facts)
def test_total_and_pure(about: Facts) -> None:
    """Any facts get a decision, and the same facts the same one."""
    for each in LIBRARY:
        decision = evaluate(each, about)
        assert decision == evaluate(each, replace(about))
        assert len(decision.rules) == len(each.rules)
        assert all(rule.found and rule.say for rule in decision.rules)


@unhurried
@given(trees(leaf_texts), less_known())
def test_a_definite_answer_stays(text: str, both: tuple[Facts, Facts]) -> None:
    """What passes or fails with some facts unknown does the same once they are known."""
    whole, part = both
    check = requirement(text).bound(listing("ce-iir", "dcc-members")).compile()
    before, after = check(part)[0], check(whole)[0]
    assert before in {State.UNKNOWN, after}


@unhurried
@given(less_known())
def test_not_knowing_never_accepts(both: tuple[Facts, Facts]) -> None:
    """Facts that become unknown never turn a decision into accept."""
    whole, part = both
    for each in LIBRARY:
        if evaluate(each, part).verdict is Verdict.ACCEPT:
            assert evaluate(each, whole).verdict is Verdict.ACCEPT


@unhurried
@given(any_facts)
def test_first_answer_is_never_taken_back(about: Facts) -> None:
    """Where the first answer rejects, so does the decision, whatever was found out in between."""
    for each in LIBRARY:
        if first_answer(each, about) is Verdict.REJECT:
            assert evaluate(each, about).verdict is Verdict.REJECT


@unhurried
@given(st.lists(trees(leaf_texts), min_size=1, max_size=3), any_facts)
def test_first_answer_finds_whatever_has_failed_already(texts: list[str], about: Facts) -> None:
    """With nothing known but what is known first, a rule that has failed is one of those it asks."""
    first = Facts(
        as_of=about.as_of,
        structure=State.PASS,
        issuer=about.issuer,
        did_method=about.did_method,
        format=about.format,
        proof_suites=about.proof_suites,
        types=about.types,
    )
    rules = [rule(f"{{{text}}}", name=f"r{place}") for place, text in enumerate(texts)]
    about_sources = rule("{registry: {in: ce-iir}}", name="asks")
    found = loaded(policy(*rules, about_sources)).get("test/policy", AS_OF)
    failed = any(outcome.state is State.FAIL for outcome in evaluate(found, first).rules)
    assert first_answer(found, first) is (Verdict.REJECT if failed else Verdict.REVIEW)


@unhurried
@given(less_known())
def test_what_a_failed_rule_rejects_is_never_accepted_for_knowing_more(both: tuple[Facts, Facts]) -> None:
    """A rule that failed with some facts unknown fails once they are known, and so the decision stays."""
    whole, part = both
    for each in LIBRARY:
        before, after = evaluate(each, part), evaluate(each, whole)
        failed = {outcome.id for outcome in before.rules if outcome.state is State.FAIL}
        assert failed <= {outcome.id for outcome in after.rules if outcome.state is State.FAIL}
        if any(outcome.id in failed and outcome.verdict is Verdict.REJECT for outcome in before.rules):
            assert after.verdict is Verdict.REJECT
