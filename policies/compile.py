"""A resolved policy → closures, digest and everything else that deciding needs ready."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from policies.canonical import sha256_of
from policies.conditions.combinators import Combination, Tree, leaves
from policies.conditions.credential import AllowUnknownContexts
from policies.conditions.presentation import AllowUnsignedPresentation
from policies.conditions.registry import AssuranceAtLeast
from policies.document import Effective
from policies.inheritance import WARN
from policies.model import Facts, RuleOutcome, State, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from policies.document import InlineTest, Owner
    from policies.inheritance import Resolved, ResolvedRule
    from policies.model import TrustQuestion

RuleCheck: TypeAlias = "Callable[[Facts], RuleOutcome]"

_REMEMBERED: Final = 32
"""Outcomes kept per rule, so that dates in what was found cannot fill the memory."""
_NEVER_BLOCKS: Final = dict.fromkeys(State, Verdict.ACCEPT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A policy ready to decide, its inherited rules included."""

    id: str
    version: str
    title: str
    description: str | None
    jurisdiction: str | None
    """Its own, or the nearest parent's."""
    owner: Owner | None
    effective: Effective
    """As its own file says."""
    in_effect: Effective
    """When it and all that it inherits are in effect."""
    lineage: tuple[str, ...]
    """The id@version of every policy in it, from the root to itself."""
    titles: Mapping[str, str]
    """What each of them is called."""
    digest: str
    """SHA-256 (hex) of all that decides and all that is said, inherited rules included."""
    rules: tuple[ResolvedRule, ...]
    path: str
    """The file that states it."""
    tests: tuple[InlineTest, ...]
    allow_unknown_contexts: bool
    """Whether a token or JCS proof may use a vocabulary that is not known here."""
    allow_unsigned_presentation: bool
    """Whether it may come in a presentation that nobody has signed."""
    stale_status_within: float | None
    """Seconds up to which a status past its freshness may still be believed; None: never.

    Not the same as `max_age`: what a parent does not grant, its child cannot grant itself.
    """
    checks: tuple[RuleCheck, ...] = field(repr=False)
    """Per rule: facts → its outcome."""
    early: tuple[RuleCheck, ...] = field(repr=False)
    """Those of `checks` that may reject by issuer, method, format, suites and types alone."""
    questions: frozenset[TrustQuestion] = field(repr=False)
    oldest_status: float | None = field(repr=False)
    named_status_issuers: frozenset[str] = field(repr=False)

    def trust_questions(self) -> frozenset[TrustQuestion]:
        """Return what to ask which trust source; no other answer counts."""
        return self.questions

    def max_age(self) -> float | None:
        """Return the smallest `max_age` in seconds: how fresh a status the rules need; None: no bound."""
        return self.oldest_status

    def status_issuers(self) -> frozenset[str]:
        """Return whose status lists are believed beside those of the credential's own issuer."""
        return self.named_status_issuers


@dataclass(frozen=True, slots=True)
class _Compiled:
    """What comes of one rule."""

    check: RuleCheck
    early: bool
    terms: dict[str, Any]


class RuleCompiler:
    """Compiles rules, each once: most policies of a set share most of theirs with their parents."""

    __slots__ = ("_compiled",)

    def __init__(self) -> None:
        """Begin without any."""
        self._compiled: dict[int, tuple[ResolvedRule, _Compiled]] = {}

    def compile(self, rule: ResolvedRule) -> _Compiled:
        """Compile `rule`, or return what came of it before."""
        known = self._compiled.get(id(rule))
        if known is None:
            early = rule.severity != WARN and _may_fail_early(rule.require)
            known = rule, _Compiled(compile_rule(rule), early, _terms(rule))
            self._compiled[id(rule)] = known  # it is kept with the rule, so that no other gets its id
        return known[1]


def compile_policy(resolved: Resolved, rules: RuleCompiler | None = None) -> Policy:
    """Compile a resolved policy; `rules` is shared by the policies of a set."""
    document = resolved.document
    compiler = rules or RuleCompiler()
    compiled = [compiler.compile(rule) for rule in resolved.rules]
    jurisdictions = [each.jurisdiction for each in resolved.lineage if each.jurisdiction is not None]
    jurisdiction = jurisdictions[-1] if jurisdictions else None
    lineage = tuple(each.name for each in resolved.lineage)
    version = document.name.rpartition("@")[2]
    title = document.title or document.id
    terms = {
        "policy": document.id,
        "version": version,
        "title": title,
        "jurisdiction": jurisdiction,
        "lineage": lineage,
        "rules": [each.terms for each in compiled],
        "permitted": sorted(resolved.permitted),
        "status_issuers": sorted(resolved.status_issuers),
        "stale_status_within": resolved.stale_status_within,
    }
    return Policy(
        id=document.id,
        version=version,
        title=title,
        description=document.description,
        jurisdiction=jurisdiction,
        owner=document.owner,
        effective=document.effective,
        in_effect=_in_effect(resolved),
        lineage=lineage,
        titles={each.name: each.title or each.id for each in resolved.lineage},
        digest=sha256_of(terms),
        rules=resolved.rules,
        path=document.path,
        tests=document.tests,
        allow_unknown_contexts=AllowUnknownContexts.key in resolved.permitted,
        allow_unsigned_presentation=AllowUnsignedPresentation.key in resolved.permitted,
        stale_status_within=resolved.stale_status_within,
        checks=tuple([each.check for each in compiled]),
        early=tuple([each.check for each in compiled if each.early]),
        questions=resolved.questions,
        oldest_status=resolved.max_age,
        named_status_issuers=resolved.status_issuers,
    )


def _in_effect(resolved: Resolved) -> Effective:
    stated = [each.effective for each in resolved.lineage]
    return Effective(
        begins=max([each.begins for each in stated if each.begins is not None], default=None),
        until=min([each.until for each in stated if each.until is not None], default=None),
    )


_NOTHING: Final = Facts(as_of=datetime(1970, 1, 1, tzinfo=UTC))


def _may_fail_early(tree: Tree) -> bool:
    """Whether it can fail while only that is known which is known before anybody is asked.

    A condition that does not go by that alone has, as it is monotone, the state that it has over nothing.
    """
    if isinstance(tree, Combination):
        return sum(map(_may_fail_early, tree.of)) > len(tree.of) - tree.needed
    return tree.early or tree.compile()(_NOTHING)[0] is State.FAIL


def _terms(rule: ResolvedRule) -> dict[str, Any]:
    assured = [leaf for leaf in leaves(rule.require) if isinstance(leaf, AssuranceAtLeast)]
    return {
        "id": rule.id,
        "origin": rule.origin,
        "severity": rule.severity,
        "on_unknown": rule.on_unknown.value,
        "say": rule.say,
        "fix": rule.fix,
        "locked": rule.locked,
        "require": {rule.require.key: rule.require.terms()},
        "vouching": sorted({question.key for leaf in assured for question in leaf.vouching}),
    }


def compile_rule(rule: ResolvedRule) -> RuleCheck:
    """Compile one rule."""
    check = rule.require.compile()
    blocking = {State.PASS: Verdict.ACCEPT, State.UNKNOWN: rule.on_unknown, State.FAIL: Verdict.REJECT}
    verdicts = _NEVER_BLOCKS if rule.severity == WARN else blocking
    known: dict[str, RuleOutcome] = {}

    def outcome(state: State, found: str) -> RuleOutcome:
        return RuleOutcome(
            id=rule.id,
            origin=rule.origin,
            severity=rule.severity,
            state=state,
            say=rule.say,
            found=found,
            fix=None if state is State.PASS else rule.fix,
            verdict=verdicts[state],
        )

    # Most rules find one of a few things, and making an outcome (1.2 µs) is most of a rule's time.
    def decide(facts: Facts) -> RuleOutcome:
        state, found = check(facts)
        before = known.get(found)
        if before is not None and before.state is state:
            return before
        made = outcome(state, found)
        if len(known) < _REMEMBERED:
            known[found] = made
        return made

    return decide
