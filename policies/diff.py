"""What changes from one policy to another, by meaning: which rule is narrower or wider, and by which condition.

"Narrower" is what `narrow` can show for any facts whatsoever: whoever passes the new one passes the old
one. What cannot be shown either way is "different", never silently the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from policies.conditions.base import Within
from policies.conditions.combinators import Combination, leaves
from policies.inheritance import REQUIRE
from policies.model import Verdict
from policies.narrow import narrower

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from policies.compile import Policy
    from policies.conditions.base import Condition
    from policies.conditions.combinators import Tree
    from policies.inheritance import ResolvedRule


class Change(StrEnum):
    """How the new one relates to the old one."""

    ADDED = "added"
    REMOVED = "removed"
    NARROWER = "narrower"
    WIDER = "wider"
    SAME = "same"
    """They decide the same, whatever else they say."""
    DIFFERENT = "different"
    """Neither is at least as strict as the other, or that cannot be shown."""


_OPPOSITE: Final = {Change.ADDED: Change.NARROWER, Change.REMOVED: Change.WIDER}
"""What a rule that comes or goes makes of the whole policy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that changes: a condition, or something else that a rule or a policy says."""

    name: str
    """A condition's key, or on_unknown, severity, locked, say, fix, title, effective, …"""
    change: Change
    old: Any = None
    """Its terms, as JSON; None where there is none."""
    new: Any = None

    def __str__(self) -> str:
        """Return it as a line: `assurance_at_least: AL1 → AL2: narrower`."""
        if self.change is Change.ADDED:
            return f"{self.name}: {_words(self.new)}: added"
        if self.change is Change.REMOVED:
            return f"{self.name}: {_words(self.old)}: removed"
        direction = "" if self.change is Change.SAME else f": {self.change}"
        return f"{self.name}: {_words(self.old)} → {_words(self.new)}{direction}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleDifference:
    """What changes about one rule."""

    rule: str
    change: Change
    """What becomes of the rule as a whole."""
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyDifference:
    """What changes from `old` to `new`, both as id@version."""

    old: str
    new: str
    change: Change
    """What becomes of the policy as a whole: narrower where no rule is wider, and the other way round."""
    rules: tuple[RuleDifference, ...]
    """Of those rules that differ, in the order of the new policy, those that are gone at the end."""
    differences: tuple[Difference, ...]
    """Beside the rules: what the policy says of itself, and what it lets the verification believe."""


def diff(old: Policy, new: Policy) -> PolicyDifference:
    """Compare two policies, inherited rules included."""
    before, after = ({rule.id: rule for rule in policy.rules} for policy in (old, new))
    names = [*after, *(name for name in before if name not in after)]
    rules = [_rule(name, before.get(name), after.get(name)) for name in names]
    differing = tuple(rule for rule in rules if rule.change is not Change.SAME or rule.differences)
    granted = tuple(_granted(old, new))
    weighed = [_OPPOSITE.get(rule.change, rule.change) for rule in rules if not _only_warns(rule, before, after)]
    return PolicyDifference(
        old=old.lineage[-1],
        new=new.lineage[-1],
        change=_together([*weighed, *(difference.change for difference in granted)]),
        rules=differing,
        differences=(
            *granted,
            *_said(old, new, ("title", "description", "jurisdiction", "effective")),
            *_inherited(old.lineage[:-1], new.lineage[:-1]),
        ),
    )


def _rule(name: str, old: ResolvedRule | None, new: ResolvedRule | None) -> RuleDifference:
    if old is None or new is None:
        change = Change.ADDED if old is None else Change.REMOVED
        found = leaves((new or old).require)  # type: ignore[union-attr]  # one of them is there
        gone = tuple(_one_sided(change, condition) for condition in found)
        return RuleDifference(rule=name, change=change, differences=gone)
    firmness = tuple(_firmness(old, new))
    weighed = [each.change for each in firmness]
    if old.severity == new.severity:
        weighed.append(_weigh(old.require, new.require))
    else:  # the one that only warns is the wider one, whatever it requires
        weighed = weighed[:1]
    said = _said(old, new, ("say", "fix", "locked"))
    differences = (*_conditions(old.require, new.require), *firmness, *said)
    return RuleDifference(rule=name, change=_together(weighed), differences=differences)


def _weigh(old: Tree, new: Tree) -> Change:
    stricter, looser = narrower(new, old), narrower(old, new)
    if stricter and looser:
        return Change.SAME
    return Change.NARROWER if stricter else Change.WIDER if looser else Change.DIFFERENT


def _firmness(old: ResolvedRule, new: ResolvedRule) -> Iterator[Difference]:
    """Yield how much more or less a rule weighs that fails (first) or is unknown."""
    if old.severity != new.severity:
        change = Change.NARROWER if new.severity == REQUIRE else Change.WIDER
        yield Difference(name="severity", change=change, old=old.severity, new=new.severity)
    if old.on_unknown is not new.on_unknown:
        change = Change.NARROWER if new.on_unknown is Verdict.REJECT else Change.WIDER
        yield Difference(name="on_unknown", change=change, old=old.on_unknown.value, new=new.on_unknown.value)


def _conditions(old: Tree, new: Tree) -> Iterator[Difference]:
    """Yield the conditions that differ: each is compared with the one of its kind that is most like it."""
    if old == new:
        return
    left = list(leaves(old))
    added = []
    for condition in leaves(new):
        if condition in left:
            left.remove(condition)
        else:
            added.append(condition)
    for condition in added:
        partner = _partner(condition, left)
        if partner is None:
            yield _one_sided(Change.ADDED, condition)
            continue
        left.remove(partner)
        change = _weigh(partner, condition)
        if change is not Change.SAME or partner.terms() != condition.terms():
            yield Difference(name=condition.key, change=change, old=_terms(partner), new=_terms(condition))
    for condition in left:
        yield _one_sided(Change.REMOVED, condition)
    if _shape(old) != _shape(new):
        yield Difference(name="combination", change=_weigh(old, new), old=_shape(old), new=_shape(new))


def _partner(condition: Condition, among: Sequence[Condition]) -> Condition | None:
    alike = [each for each in among if each.key == condition.key]
    comparable = [each for each in alike if _weigh(each, condition) is not Change.DIFFERENT]
    return next(iter(comparable or alike), None)


def _one_sided(change: Change, condition: Condition) -> Difference:
    if change is Change.ADDED:
        return Difference(name=condition.key, change=change, new=_terms(condition))
    return Difference(name=condition.key, change=change, old=_terms(condition))


def _terms(condition: Condition) -> Any:
    """Return what a condition says; a length of time in words, since its terms are months and seconds."""
    return condition.duration.in_words() if isinstance(condition, Within) else condition.terms()


def _shape(tree: Tree) -> str:
    """Return how the conditions are combined: `all(2 of any(registry, registry), type_in)`."""
    if not isinstance(tree, Combination):
        return tree.key
    name = f"at least {tree.needed} of" if tree.key == "at_least" else tree.key
    return f"{name} ({', '.join(_shape(each) for each in tree.of)})"


def _granted(old: Policy, new: Policy) -> Iterator[Difference]:
    """Yield what the verification may take for good under one policy only."""
    if old.allow_unknown_contexts != new.allow_unknown_contexts:
        yield Difference(
            name="allow_unknown_contexts",
            change=Change.WIDER if new.allow_unknown_contexts else Change.NARROWER,
            old=old.allow_unknown_contexts,
            new=new.allow_unknown_contexts,
        )
    before, after = old.stale_status_within, new.stale_status_within
    if before != after:
        yield Difference(
            name="stale status believed within (seconds)",
            change=Change.WIDER if before is None or (after is not None and after > before) else Change.NARROWER,
            old=before,
            new=after,
        )
    if old.status_issuers() != new.status_issuers():
        yield Difference(
            name="status lists believed",
            change=_of_sets(old.status_issuers(), new.status_issuers()),
            old=sorted(old.status_issuers()),
            new=sorted(new.status_issuers()),
        )


def _of_sets(old: frozenset[str], new: frozenset[str]) -> Change:
    return Change.WIDER if old < new else Change.NARROWER if new < old else Change.DIFFERENT


def _said(old: object, new: object, names: Iterable[str]) -> Iterator[Difference]:
    """Yield what is said differently, which decides nothing."""
    for name in names:
        before, after = _plain(getattr(old, name)), _plain(getattr(new, name))
        if before != after:
            yield Difference(name=name, change=Change.SAME, old=before, new=after)


def _inherited(old: Sequence[str], new: Sequence[str]) -> Iterator[Difference]:
    """Yield that the rules come from other policies, or from other versions of them."""
    if old != new:
        yield Difference(name="extends", change=Change.SAME, old=list(old), new=list(new))


def _plain(value: Any) -> Any:
    """Return a value as JSON."""
    if value is None or isinstance(value, (str, bool)):
        return value
    days = value.begins, value.until  # Effective
    return {name: day and day.date().isoformat() for name, day in zip(("from", "until"), days, strict=True)}


def _only_warns(rule: RuleDifference, before: dict[str, ResolvedRule], after: dict[str, ResolvedRule]) -> bool:
    """Whether a rule blocks nothing, in neither policy."""
    stated = [rules[rule.rule] for rules in (before, after) if rule.rule in rules]
    return all(each.severity != REQUIRE for each in stated)


def _together(changes: Iterable[Change]) -> Change:
    """Return what the changes amount to: one direction, none, or neither."""
    found = set(changes) - {Change.SAME}
    if not found:
        return Change.SAME
    return found.pop() if len(found) == 1 else Change.DIFFERENT


def _words(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(_words, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_words(each)}" for name, each in value.items()) + "}"
    return "none" if value is None else str(value)
