"""A policy with everything it inherits, and the proof that it is no looser than its parents.

A child may add rules, and restate a rule of its parent under the same id, which then has to be at
least as strict, unless the parent left it unlocked. Five conditions also act outside the rules, by
what they let the verification take for good; there a child gets nothing that its parent lacks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from policies.conditions.base import Permission
from policies.conditions.combinators import Tree, leaves
from policies.conditions.registry import AssuranceAtLeast, vouching
from policies.conditions.status import MaxAge, StatusIssuerIn
from policies.document import CORE
from policies.model import Verdict
from policies.narrow import narrower
from policies.source import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from policies.conditions.base import Condition
    from policies.document import Document, Rule
    from policies.model import TrustQuestion

REQUIRE: Final = "require"
WARN: Final = "warn"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedRule:
    """A rule with everything stated, and where it was stated."""

    id: str
    origin: str
    """The id@version that states it."""
    path: str
    line: int
    severity: str
    say: str
    fix: str | None
    on_unknown: Verdict
    require: Tree
    locked: bool
    above: ResolvedRule | None = None
    """The nearest locked statement of it further up, which still binds where this one is not locked."""
    vouching: frozenset[TrustQuestion] | None = None
    """What was asked where the rule was first stated; no other answer raises an assurance level."""

    @property
    def binding(self) -> ResolvedRule | None:
        """The statement that a child must not loosen."""
        return self if self.locked else self.above


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """A document with its inherited rules, for one choice of parents."""

    lineage: tuple[Document, ...]
    """From the root to the document itself."""
    rules: tuple[ResolvedRule, ...]
    questions: frozenset[TrustQuestion]
    max_age: float | None
    """Seconds; the smallest that any rule demands."""
    stale_status_within: float | None
    """Seconds up to which a status past its freshness may still be believed."""
    status_issuers: frozenset[str]
    permitted: frozenset[str]
    """Keys of the permissions that every rule about them gives."""

    @property
    def document(self) -> Document:
        """The document itself."""
        return self.lineage[-1]


def resolve(document: Document, parent: Resolved | None) -> tuple[Resolved, list[Finding]]:
    """Return `document` under `parent` (None for the root of all), and where it is looser than that."""
    free = parent is None or parent.document.id == CORE
    rules = {rule.id: rule for rule in parent.rules} if parent else {}
    findings: list[Finding] = []
    for rule in document.rules:
        above = rules.get(rule.id)
        # Only a policy without a parent may relax a core rule, and it has to say so.
        floor = None if above is None or (free and not rule.locked) else above.binding
        stated = rules[rule.id] = _state(document, rule, above, floor)
        reasons = [] if floor is None else _looser(stated, floor)
        if parent is not None and not free and stated.severity == REQUIRE:
            reasons += _ungranted(rule, parent)
        findings.extend(_finding(document, rule, reason) for reason in reasons)
    asked = frozenset(question for leaf in _leaves(rules.values()) for question in leaf.questions())
    findings.extend(_unvouched(document, asked))
    return _resolved(document, parent, tuple([_bound(each, asked) for each in rules.values()]), asked), findings


def _bound(rule: ResolvedRule, asked: frozenset[TrustQuestion]) -> ResolvedRule:
    """Return `rule` with the answers settled that may vouch; the same object where that changes nothing."""
    vouching = asked if rule.vouching is None else rule.vouching
    require = rule.require.bound(vouching & asked)
    if require is rule.require and vouching is rule.vouching:
        return rule
    return replace(rule, vouching=vouching, require=require)


def _state(document: Document, rule: Rule, above: ResolvedRule | None, floor: ResolvedRule | None) -> ResolvedRule:
    """Return `rule` with what it leaves unsaid taken from `above`, the statement that it replaces."""
    return ResolvedRule(
        id=rule.id,
        origin=document.name,
        path=document.path,
        line=rule.line,
        severity=rule.severity or (above.severity if above else REQUIRE),
        say=rule.say,
        fix=rule.fix or (above.fix if above else None),
        on_unknown=rule.on_unknown or (above.on_unknown if above else Verdict.REVIEW),
        require=rule.require,
        locked=rule.locked,
        above=floor,
        vouching=above.vouching if above and floor else None,
    )


def _looser(rule: ResolvedRule, floor: ResolvedRule) -> list[str]:
    """Return in which ways `rule` is looser than `floor`."""
    reasons = []
    if rule.severity == WARN and floor.severity == REQUIRE:
        reasons.append("it only warns")
    if rule.on_unknown is Verdict.REVIEW and floor.on_unknown is Verdict.REJECT:
        reasons.append("it reviews what is unknown, where that one rejects")
    if not narrower(rule.require, floor.require):
        reasons.append("it can pass where that one does not")
    return [f"is looser than in {floor.origin} ({floor.path}:{floor.line}): {reason}" for reason in reasons]


def _ungranted(rule: Rule, parent: Resolved) -> list[str]:
    """Return what `rule` would let the verification take for good, and `parent` does not."""
    reasons = []
    for leaf in leaves(rule.require):
        if isinstance(leaf, Permission) and leaf.allowed and leaf.key not in parent.permitted:
            reasons.append(leaf.key)
        if isinstance(leaf, StatusIssuerIn) and not leaf.values <= parent.status_issuers:
            reasons.append(f"status lists issued by {', '.join(sorted(leaf.values - parent.status_issuers))}")
    above = parent.document
    return [f"permits what {above.name} ({above.path}:{above.line}) does not: {reason}" for reason in reasons]


def _unvouched(document: Document, asked: frozenset[TrustQuestion]) -> Iterator[Finding]:
    """Yield the rules that ask for a level of assurance where no trust source is asked at all."""
    for rule in document.rules:
        if not vouching(asked) and any(isinstance(leaf, AssuranceAtLeast) for leaf in leaves(rule.require)):
            reason = "needs a registry condition, here or in a parent: assurance is that of the sources named there"
            yield _finding(document, rule, reason)


def _finding(document: Document, rule: Rule, reason: str) -> Finding:
    return Finding(path=document.path, line=rule.line, message=f'rule "{rule.id}" {reason}')


def _resolved(
    document: Document, parent: Resolved | None, rules: tuple[ResolvedRule, ...], asked: frozenset[TrustQuestion]
) -> Resolved:
    demanded = list(_leaves(rule for rule in rules if rule.severity == REQUIRE))
    ages = [float(leaf.duration.seconds) for leaf in demanded if isinstance(leaf, MaxAge)]
    permissions = [leaf for leaf in demanded if isinstance(leaf, Permission)]
    refused = {leaf.key for leaf in permissions if not leaf.allowed}
    # A child that demands a fresher status does not thereby get to believe one past its freshness.
    believed = ages if parent is None or parent.document.id == CORE else _shortened(parent.stale_status_within, ages)
    return Resolved(
        lineage=(*(parent.lineage if parent else ()), document),
        rules=rules,
        questions=asked,
        max_age=min(ages, default=None),
        stale_status_within=min(believed, default=None),
        status_issuers=frozenset().union(*(leaf.values for leaf in demanded if isinstance(leaf, StatusIssuerIn))),
        permitted=frozenset(leaf.key for leaf in permissions) - refused,
    )


def _shortened(granted: float | None, ages: list[float]) -> list[float]:
    return [] if granted is None else [granted, *ages]


def _leaves(rules: Iterable[ResolvedRule]) -> Iterator[Condition]:
    for rule in rules:
        yield from leaves(rule.require)
