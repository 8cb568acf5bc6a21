"""What is told of policies as JSON: the same on the command line and over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from policies.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from policies import Finding, InlineReport, Policy
    from policies.diff import Difference, PolicyDifference
    from policies.simulate import Flips, Simulation


def summary(policy: Policy) -> dict[str, Any]:
    """Return what lists show of a policy."""
    begins, until = policy.effective.begins, policy.effective.until
    return {
        "id": policy.id,
        "version": policy.version,
        "title": policy.title,
        "description": policy.description,
        "jurisdiction": policy.jurisdiction,
        "owner": None if policy.owner is None else {"name": policy.owner.name, "contact": policy.owner.contact},
        "effective": {
            "from": None if begins is None else begins.date().isoformat(),
            "until": None if until is None else until.date().isoformat(),
        },
        "lineage": list(policy.lineage),
        "digest": policy.digest,
    }


def resolved(policy: Policy) -> dict[str, Any]:
    """Return a policy with the rules it inherits."""
    rules = [
        {
            "id": rule.id,
            "from": rule.origin,
            "severity": rule.severity,
            "say": rule.say,
            "fix": rule.fix,
            "onUnknown": rule.on_unknown.value,
            "require": {rule.require.key: rule.require.terms()},
        }
        for rule in policy.rules
    ]
    return {**summary(policy), "rules": rules}


def findings(found: Iterable[Finding]) -> list[dict[str, Any]]:
    """Return what is wrong in files."""
    return [{"path": finding.path, "line": finding.line, "message": finding.message} for finding in found]


def tests(policy: Policy, report: InlineReport) -> dict[str, Any]:
    """Return what came of the tests that a policy carries."""
    return {
        "policy": policy.lineage[-1],
        "passed": report.passed,
        "tests": [
            {
                "path": result.path,
                "line": result.line,
                "facts": result.facts,
                "expected": result.expected.value,
                "verdict": None if result.verdict is None else result.verdict.value,
                "because": sorted(result.because),
                "problem": result.problem,
            }
            for result in report.results
        ],
        "uncovered": findings(report.uncovered),
    }


def difference(found: PolicyDifference, flips: Flips | None = None) -> dict[str, Any]:
    """Return what changes from one policy to another, and with `flips` what that does to decisions."""
    return {
        "old": found.old,
        "new": found.new,
        "change": found.change.value,
        "rules": [
            {
                "id": rule.rule,
                "change": rule.change.value,
                "differences": [_difference(each) for each in rule.differences],
            }
            for rule in found.rules
        ],
        "differences": [_difference(each) for each in found.differences],
        "flips": None if flips is None else _flips(flips),
    }


def simulation(policy: Policy, found: Simulation) -> dict[str, Any]:
    """Return what a policy decides about so many facts."""
    return {
        "policy": policy.lineage[-1],
        "digest": policy.digest,
        "total": found.total,
        "verdicts": {verdict.value: found.verdicts[verdict] for verdict in Verdict},
        "failed": dict(sorted(found.failed.items())),
        "unknown": dict(sorted(found.unknown.items())),
        "incomplete": found.incomplete,
    }


def _difference(found: Difference) -> dict[str, Any]:
    return {
        "name": found.name,
        "change": found.change.value,
        "old": found.old,
        "new": found.new,
        "text": str(found),
    }


def _flips(found: Flips) -> dict[str, Any]:
    return {
        "total": found.total,
        "flipped": found.flipped,
        "verdicts": [
            {"old": old.value, "new": new.value, "count": count}
            for (old, new), count in sorted(found.verdicts.items())
            if old is not new
        ],
    }
