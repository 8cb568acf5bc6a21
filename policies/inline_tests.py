"""The tests that a policy file carries, and what they leave out; and the check of files without running them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from policies import facts as facts_json
from policies.conditions.combinators import leaves
from policies.evaluate import evaluate
from policies.facts import FactsError
from policies.model import State, Verdict
from policies.policy_set import LIBRARY, Family, read_files
from policies.source import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from policies.compile import Policy
    from policies.document import Document, InlineTest
    from policies.model import Decision, Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class InlineResult:
    """What came of one inline test."""

    path: str
    line: int
    facts: str
    expected: Verdict
    verdict: Verdict | None
    """What the policy decides; None where the facts could not be read."""
    because: frozenset[str]
    """What decided so: ids of rules, and codes of the checks before them."""
    problem: str | None
    """Why it did not pass, in a sentence; None where it passed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InlineReport:
    """All inline tests of one policy."""

    results: tuple[InlineResult, ...]
    uncovered: tuple[Finding, ...]
    """Conditions of the policy's own rules that no test sees pass, or none sees not pass."""

    @property
    def passed(self) -> bool:
        """Whether every test passed (what is uncovered does not count)."""
        return all(result.problem is None for result in self.results)


def from_disk(path: str, facts: str) -> bytes:
    """Return the content of a file of facts, whose path is relative to the policy file at `path`."""
    return (Path(path).parent / facts).read_bytes()


def run_inline_tests(policy: Policy, read: Callable[[str, str], bytes] = from_disk) -> InlineReport:
    """Run the tests in the file of `policy` against it.

    `read` returns the facts that a file (its path) names in a test (a path relative to it); it raises
    OSError where there are none.
    """
    results = []
    known: dict[bytes, tuple[Facts, Decision] | str] = {}
    for test in policy.tests:
        try:
            content = read(policy.path, test.facts)
        except OSError as error:
            # without the path, which is nobody's business who asks over the network
            results.append(_unusable_result(policy, test, error.strerror or "it cannot be read"))
            continue
        if content not in known:  # many tests may name the same facts, by one path or by several
            known[content] = _decided(policy, content)
        found = known[content]
        if isinstance(found, str):
            results.append(_unusable_result(policy, test, found))
        else:
            results.append(_result(policy, test, found[1], _problem(test, found[1])))
    seen = [found[0] for found in known.values() if not isinstance(found, str)]
    return InlineReport(results=tuple(results), uncovered=tuple(_uncovered(policy, seen)))


def _decided(policy: Policy, content: bytes) -> tuple[Facts, Decision] | str:
    """Return the facts in a file with the decision about them, or what is wrong with them."""
    try:
        facts = facts_json.loads(content)
    except FactsError as error:
        return str(error)
    return facts, evaluate(policy, facts)


def _unusable_result(policy: Policy, test: InlineTest, why: str) -> InlineResult:
    return _result(policy, test, None, f"{test.facts} cannot be used: {why}")


def lint(paths: Iterable[Path]) -> list[Finding]:
    """Return everything that is wrong in policy files and folders, without running their tests.

    Parents are looked for among `paths`, then beside each file, then in the library; of those
    nothing is reported. Trust sources are not checked, since that needs a configuration.
    """
    own, findings = read_files(paths)
    mine = {Path(reading.path).resolve() for reading in own}
    beside = [file for folder in {path.parent for path in mine} for file in folder.glob("*.y*ml")]
    others, _ = read_files(sorted({file.resolve() for file in [*beside, *LIBRARY.rglob("*.yaml")]} - mine))
    readings = [*others, *own]
    documents = [reading.document for reading in readings if reading.document is not None]
    family = Family(documents, broken=(reading.id for reading in readings if reading.document is None))
    reported = {reading.path for reading in own}
    findings += [finding for finding in family.findings if finding.path in reported]
    for reading in own:
        findings += reading.findings
        if reading.document is not None:
            findings += _unusable(reading.document)
    return sorted(set(findings))


def _unusable(document: Document) -> Iterator[Finding]:
    """Yield the tests whose facts cannot be read."""
    for test in document.tests:
        try:
            facts_json.loads(from_disk(document.path, test.facts))
        except (OSError, FactsError) as error:
            yield Finding(path=document.path, line=test.line, message=f"{test.facts} cannot be used: {error}")


def deciding(decision: Decision) -> frozenset[str]:
    """Return what decided: the rules and codes with the decision's own verdict; nothing for `accept`."""
    if decision.verdict is Verdict.ACCEPT:
        return frozenset()
    failed = decision.verdict is Verdict.REJECT
    codes = [code for code in decision.reasons if not failed or code.endswith("-failed")]
    return frozenset([*codes, *(rule.id for rule in decision.rules if rule.verdict is decision.verdict)])


def _problem(test: InlineTest, decision: Decision) -> str | None:
    because = deciding(decision)
    if decision.verdict is not test.expect:
        why = f" because of {', '.join(sorted(because))}" if because else ""
        return f"{test.facts}: expected {test.expect}, decided {decision.verdict}{why}"
    if test.because is not None and test.because != because:
        expected, found = (", ".join(sorted(names)) or "nothing" for names in (test.because, because))
        return f"{test.facts}: expected because of {expected}, decided because of {found}"
    return None


def _result(policy: Policy, test: InlineTest, decision: Decision | None, problem: str | None) -> InlineResult:
    return InlineResult(
        path=policy.path,
        line=test.line,
        facts=test.facts,
        expected=test.expect,
        verdict=decision.verdict if decision else None,
        because=deciding(decision) if decision else frozenset(),
        problem=problem,
    )


def _uncovered(policy: Policy, seen: list[Facts]) -> Iterator[Finding]:
    for rule in policy.rules:
        if rule.origin != policy.lineage[-1]:
            continue
        for leaf in leaves(rule.require):
            check = leaf.compile()
            states = [check(facts)[0] for facts in seen]
            missing = ["passes"] * (State.PASS not in states) + ["does not pass"] * (set(states) <= {State.PASS})
            for what in missing:
                message = f'rule "{rule.id}": there is no test in which {leaf.key} {what}'
                yield Finding(path=rule.path, line=rule.line, message=message)
