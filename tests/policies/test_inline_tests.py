"""The tests that policy files carry, and lint."""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING

import pytest

from policies import inline_tests
from policies.evaluate import evaluate
from policies.facts import to_json
from policies.inline_tests import InlineResult, deciding, lint, run_inline_tests
from policies.model import State, TrustFact, Verdict
from policies.policy_set import LIBRARY, PolicySet
from tests.policies.files import AS_OF, facts, policy, rule, write

if TYPE_CHECKING:
    from pathlib import Path

    from policies.compile import Policy
    from policies.model import Decision, Facts


LISTED = rule("{registry: {in: a}}")


def fixture(folder: Path, name: str, about: Facts) -> None:
    """Write facts into a file."""
    (folder / name).write_text(json.dumps(to_json(about)), encoding="utf-8")


def carrying(folder: Path, *tests: str, rules: tuple[str, ...] = (LISTED,)) -> Policy:
    """Return a policy with these inline tests, and facts of every kind beside it."""
    fixture(folder, "good.json", facts())
    fixture(folder, "unlisted.json", facts(trust={"a": TrustFact(state="not_listed")}))
    fixture(folder, "down.json", facts(trust={}))
    fixture(folder, "tampered.json", facts(proof=State.FAIL, trust={}))
    fixture(folder, "unproven.json", facts(proof=None))
    text = policy(*rules) + "tests:\n" + "".join(f"  - {{{test}}}\n" for test in tests)
    return PolicySet.load([write(folder, own=text)]).get("test/policy", AS_OF)


def test_passing(tmp_path: Path) -> None:
    """Tests that hold, each with what decided."""
    found = carrying(
        tmp_path,
        "facts: good.json, expect: accept",
        "facts: unlisted.json, expect: reject, because: [one]",
        "facts: down.json, expect: review, because: one",
        "facts: tampered.json, expect: reject, because: [proof-failed]",
        "facts: unproven.json, expect: review, because: [proof-unknown]",
    )
    report = run_inline_tests(found)
    assert report.passed
    assert report.uncovered == ()
    decided = [", ".join(result.because) for result in report.results]
    assert decided == ["", "one", "one", "proof-failed", "proof-unknown"]
    assert report.results[1] == InlineResult(
        path=str(tmp_path / "own.yaml"),
        line=7,
        facts="unlisted.json",
        expected=Verdict.REJECT,
        verdict=Verdict.REJECT,
        because=frozenset({"one"}),
        problem=None,
    )


@pytest.mark.parametrize(
    ("test", "problem"),
    [
        ("facts: good.json, expect: reject", "good.json: expected reject, decided accept"),
        ("facts: down.json, expect: accept", "down.json: expected accept, decided review because of one"),
        (
            "facts: unlisted.json, expect: reject, because: [two]",
            "unlisted.json: expected because of two, decided because of one",
        ),
        (
            "facts: good.json, expect: accept, because: [one]",
            "good.json: expected because of one, decided because of nothing",
        ),
    ],
)
def test_failing(tmp_path: Path, test: str, problem: str) -> None:
    """A test that does not hold says what was expected, what was decided, and because of what."""
    report = run_inline_tests(carrying(tmp_path, test))
    assert not report.passed
    assert [result.problem for result in report.results] == [problem]


def test_facts_that_cannot_be_used(tmp_path: Path) -> None:
    """A missing or malformed file fails its test, and the others run."""
    (tmp_path / "bad.json").write_text('{"as_off": 1}', encoding="utf-8")
    report = run_inline_tests(
        carrying(
            tmp_path,
            "facts: missing.json, expect: accept",
            "facts: bad.json, expect: accept",
            "facts: good.json, expect: accept",
        )
    )
    missing, bad, good = report.results
    assert missing.problem is not None
    assert missing.problem.startswith("missing.json cannot be used: No such file or directory")
    assert (bad.problem, bad.verdict) == ('bad.json cannot be used: facts: there is no fact "as_off"', None)
    assert good.problem is None


def test_T17_facts_are_decided_about_once_however_many_tests_name_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By whatever paths: else a policy of 64 KiB with facts of 64 KiB would take a minute to test."""
    decided: list[Facts] = []

    def counted(by: Policy, about: Facts) -> Decision:
        decided.append(about)
        return evaluate(by, about)

    monkeypatch.setattr(inline_tests, "evaluate", counted)
    found = carrying(tmp_path, *(f"facts: {'./' * number}good.json, expect: accept" for number in range(50)))

    report = run_inline_tests(found)

    assert [result.problem for result in report.results] == [None] * 50
    assert len(decided) == 1


def test_uncovered(tmp_path: Path) -> None:
    """A condition that no test sees pass, or none sees not pass, is named; inherited rules are not."""
    rules = (rule("{all: [{registry: {in: a}}, {type_in: X}]}"), rule(name="two"))
    found = carrying(tmp_path, "facts: good.json, expect: reject", rules=rules)
    assert [str(finding).replace(f"{tmp_path}{os.sep}", "") for finding in run_inline_tests(found).uncovered] == [
        'own.yaml:4: rule "one": there is no test in which registry does not pass',
        'own.yaml:4: rule "one": there is no test in which type_in passes',
        'own.yaml:5: rule "two": there is no test in which not_expired does not pass',
    ]
    untested = PolicySet.load([write(tmp_path, own=policy())]).get("test/policy", AS_OF)
    assert len(run_inline_tests(untested).uncovered) == 2


def test_deciding_leaves_out_what_did_not(tmp_path: Path) -> None:
    """A check that is only unknown did not decide a rejection."""
    found = carrying(tmp_path, "facts: good.json, expect: accept")
    decision = evaluate(found, facts(proof=State.FAIL, structure=None))
    assert decision.reasons == ("structure-unknown", "proof-failed")
    assert deciding(decision) == {"proof-failed"}


def test_lint_of_the_library() -> None:
    """Nothing is wrong in what comes with the program, also file by file."""
    assert lint([LIBRARY]) == []
    assert lint([LIBRARY / "employer" / "acme-shipyard-welder.yaml"]) == []


def test_lint(tmp_path: Path) -> None:
    """Parents are looked for beside the file and in the library; only the files asked for are reported."""
    write(
        tmp_path,
        state=policy(rule("{issuer_is: a}"), name="us/state", head="extends: us/ler-baseline@1"),
        child=policy(rule("{issuer_is: b}"), name="us/child", head="extends: us/state@1")
        + "tests:\n  - {facts: missing.json, expect: accept}\n",
        broken=policy(rule("{nothing: true}"), name="us/broken"),
        orphan=policy(name="us/orphan", head="extends: us/broken@1"),
    )

    def names(*files: str) -> list[str]:
        return [str(each).replace(f"{tmp_path}{os.sep}", "") for each in lint(tmp_path / file for file in files)]

    child = [
        'child.yaml:5: rule "one" is looser than in us/state@1.0.0 (state.yaml:5): it can pass where that one does not',
        "child.yaml:7: missing.json cannot be used: [Errno 2] No such file or directory: 'missing.json'",
    ]
    assert names("child.yaml") == child
    assert names("state.yaml", "orphan.yaml") == []
    assert names("broken.yaml") == ['broken.yaml:4: there is no condition "nothing"']
    assert names("child.yaml", "broken.yaml") == ['broken.yaml:4: there is no condition "nothing"', *child]
    assert names("nowhere.yaml") == ["nowhere.yaml:1: cannot be read: No such file or directory"]


def test_lint_of_a_copy_of_the_library(tmp_path: Path) -> None:
    """A copy of a library file is an operator's file of the same name, which is an error."""
    shutil.copy(LIBRARY / "us" / "ler-baseline.yaml", tmp_path / "copy.yaml")
    findings = lint([tmp_path / "copy.yaml"])
    assert any("us/ler-baseline@1.0.0 is already in " in finding.message for finding in findings)
