"""Check results: made, joined, and folded from embedded records into the whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway.model import AUTHENTICITY, COUNTED, CheckName, CheckResult, Outcome, worst
from resolvers.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.model import Record, VerificationResult


def found(name: CheckName, outcome: Outcome, *problems: Problem) -> CheckResult:
    """Return a check's result."""
    return CheckResult(name=name, outcome=outcome, problems=problems)


_INAPPLICABLE: Final = {name: found(name, Outcome.NOT_APPLICABLE) for name in CheckName}


def unasked(name: CheckName) -> CheckResult:
    """Return that a check was not made, which is never a pass."""
    return found(name, Outcome.INDETERMINATE, Problem(code="not-asked", detail=f"{name} was not checked"))


def joined(one: CheckResult, other: CheckResult) -> CheckResult:
    """Return two results of one check as one, of the worse outcome."""
    return CheckResult(
        name=one.name,
        outcome=worst((one.outcome, other.outcome)),
        problems=one.problems + other.problems,
        facts={**one.facts, **other.facts},
    )


def complete(given: Mapping[CheckName, CheckResult]) -> tuple[CheckResult, ...]:
    """Return every check in its order: one that counts and was not made is unasked, any other not applicable."""
    return tuple(
        [
            given.get(name) or (unasked(name) if name in COUNTED else inapplicable)
            for name, inapplicable in _INAPPLICABLE.items()
        ]
    )


def with_children(
    checks: Mapping[CheckName, CheckResult],
    record: Record,
    children: tuple[VerificationResult, ...] | None,
    *,
    asked: bool,
) -> dict[CheckName, CheckResult]:
    """Fold the embedded records in: each check of authenticity is as good as its worst child's."""
    if not record.children:
        return {}
    if children is None:
        code, name = ("too-many-children", CheckName.STRUCTURE) if asked else ("not-asked", CheckName.PROOF)
        problem = Problem(code=code, detail=f"{len(record.children)} embedded records were not verified")
        return {name: joined(checks[name], found(name, Outcome.INDETERMINATE, problem))}
    folded: dict[CheckName, CheckResult] = {}
    for name in AUTHENTICITY:
        for child in children:
            outcome = child.check(name).outcome
            if outcome in (Outcome.FAIL, Outcome.INDETERMINATE):
                detail = f"{name} of the embedded record: {outcome}"
                problem = Problem(code="child-not-authentic", detail=detail, pointer=child.pointer)
                folded[name] = joined(folded.get(name, checks[name]), found(name, outcome, problem))
    return folded
