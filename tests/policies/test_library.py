"""The policies that come with the program."""

from __future__ import annotations

import pytest
from hypothesis import given

from policies.evaluate import evaluate
from policies.facts import loads
from policies.inline_tests import run_inline_tests
from policies.model import Facts, State, Verdict
from policies.policy_set import LIBRARY, PolicySet
from tests.policies.files import AS_OF
from tests.policies.strategies import facts as any_facts
from tests.policies.strategies import unhurried

POLICIES = PolicySet.load()
IDS = POLICIES.ids()
RANK = {State.FAIL: 0, State.UNKNOWN: 1, State.PASS: 2}


def test_what_there_is() -> None:
    """The national baseline, two states, two employers, and the root of all."""
    assert IDS == (
        "core/current",
        "employer/acme-shipyard-welder",
        "employer/general",
        "us-al/talent-triad",
        "us-nd/digital-credentials",
        "us/ler-baseline",
    )


@pytest.mark.parametrize("name", IDS)
def test_inline_tests_pass(name: str) -> None:
    """Each policy's own tests hold, and see each of its conditions pass and not pass."""
    report = run_inline_tests(POLICIES.get(name, AS_OF))
    assert [result.problem for result in report.results if result.problem] == []
    assert report.results
    assert [str(finding) for finding in report.uncovered] == []


@pytest.mark.parametrize("name", IDS)
def test_every_fixture_is_used_as_the_file_says(name: str) -> None:
    """Each policy reviews, not accepts and not rejects by mistake, when nothing but the proof is known."""
    about = Facts(
        as_of=AS_OF,
        structure=State.PASS,
        data_loss=State.PASS,
        proof=State.PASS,
        issuer_binding=State.PASS,
    )
    decision = evaluate(POLICIES.get(name, AS_OF), about)
    expected = Verdict.REJECT if name == "employer/acme-shipyard-welder" else Verdict.REVIEW
    assert decision.verdict is expected


def test_no_fixture_lies_idle() -> None:
    """Every file of facts is named by a test."""
    named = {test.facts.rpartition("/")[2] for name in IDS for test in POLICIES.get(name, AS_OF).tests}
    assert {path.name for path in (LIBRARY / "fixtures").iterdir()} == named


def test_the_file_name_is_the_id() -> None:
    """A policy is found where its id says."""
    for name in IDS:
        assert POLICIES.get(name, AS_OF).path == str(LIBRARY / f"{name}.yaml")


def test_alabama_and_its_employer() -> None:
    """The rules of the state, in their order, and what the employer adds."""
    rules = [(rule.id, rule.origin) for rule in POLICIES.get("employer/acme-shipyard-welder", AS_OF).rules]
    assert rules == [
        ("core-not-expired", "core/current@1.0.0"),
        ("core-status", "core/current@1.0.0"),
        ("issuer-recognised", "us-al/talent-triad@3.1.0"),
        ("status-today", "us/ler-baseline@1.0.0"),
        ("learning-record", "us/ler-baseline@1.0.0"),
        ("published-terms", "us/ler-baseline@1.0.0"),
        ("learner-verified", "us-al/talent-triad@3.1.0"),
        ("aligned", "us-al/talent-triad@3.1.0"),
        ("not-revoked", "employer/acme-shipyard-welder@1.0.2"),
        ("recent", "employer/acme-shipyard-welder@1.0.2"),
    ]


def test_an_outage_of_the_registries_goes_to_review() -> None:
    """Alabama reviews where no registry answers, and names both rules that need one."""
    about = loads((LIBRARY / "fixtures" / "al-registry-down.json").read_bytes())
    decision = evaluate(POLICIES.get("us-al/talent-triad", AS_OF), about)
    assert decision.verdict is Verdict.REVIEW
    assert {rule.id for rule in decision.rules if rule.state is State.UNKNOWN} == {
        "issuer-recognised",
        "learner-verified",
    }


@unhurried
@given(any_facts)
def test_locked_rules_are_never_looser_further_down(about: Facts) -> None:
    """Every locked rule of every policy is at least as strict in each of its children."""
    for policy in POLICIES.policies():
        below = {rule.id: rule for rule in policy.rules}
        for name in policy.lineage[:-1]:
            for rule in POLICIES.get(name, AS_OF).rules:
                if rule.locked:
                    own = below[rule.id].require.compile()(about)[0]
                    assert RANK[own] <= RANK[rule.require.compile()(about)[0]]
