"""What would have to be otherwise for a policy to accept: the fewest conditions that would flip its decision.

Counted over the requirements as they are written: all of these is the sum, one of these the least, n
of these the n smallest. A condition that already holds costs nothing, nor does one that is asked for
again, by the same words or by stricter ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policies.belief import as_believed
from policies.conditions.combinators import Combination, leaves
from policies.inheritance import WARN
from policies.model import Change, State, Verdict
from policies.narrow import narrower

if TYPE_CHECKING:
    from collections.abc import Collection

    from policies.compile import Policy
    from policies.conditions.base import Condition
    from policies.conditions.combinators import Tree
    from policies.inheritance import ResolvedRule
    from policies.model import Facts

_ALL_PASSED: Final = (State.PASS,) * 4
_COMPARED: Final = 500
"""Conditions that are compared with one another."""
_REMEMBERED: Final = 64
"""Answers kept per policy, and policies that are kept ready."""


def would_change(policy: Policy, facts: Facts) -> tuple[Change, ...]:
    """Return the fewest conditions that, were they to hold, would make `policy` accept, and no more than are needed.

    Empty where it accepts; and where a check before the rules did not pass, since then no rule can help.
    Where several rules leave a choice, their choices are made one after the other; so there may be a
    smaller answer yet, but no part of this one could be left out.
    """
    checks = (facts.structure, facts.data_loss, facts.proof, facts.issuer_binding)
    if checks != _ALL_PASSED:
        return ()
    return _ready(policy).changes(as_believed(policy, facts))


class _Ready:
    """A policy whose conditions are compiled each by itself.

    What would change a decision goes by the states of its conditions alone, and most records leave them
    in one of a few: looked up, the answer takes a seventh of the time of another search.
    """

    __slots__ = ("_conditions", "_found", "policy")

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        blocking = (rule for rule in policy.rules if rule.severity != WARN)
        self._conditions = {leaf: leaf.compile() for rule in blocking for leaf in leaves(rule.require)}
        self._found: dict[tuple[State, ...], tuple[Change, ...]] = {}

    def changes(self, believed: Facts) -> tuple[Change, ...]:
        """Return what would change the decision about `believed`."""
        states = tuple([check(believed)[0] for check in self._conditions.values()])
        changes = self._found.get(states)
        if changes is None:
            changes = self._searched(believed, dict(zip(self._conditions, states, strict=True)))
            if len(self._found) < _REMEMBERED:
                self._found[states] = changes
        return changes

    def _searched(self, believed: Facts, states: dict[Condition, State]) -> tuple[Change, ...]:
        rules = zip(self.policy.rules, self.policy.checks, strict=True)
        search = _Search(states, [rule for rule, check in rules if check(believed).verdict is not Verdict.ACCEPT])
        return tuple(
            Change(rule=rule.id, origin=rule.origin, condition=leaf.key, state=states[leaf], say=leaf.describe())
            for leaf, rule in search.wanted().items()
        )


_policies: Final[dict[int, _Ready]] = {}


def _ready(policy: Policy) -> _Ready:
    ready = _policies.get(id(policy))
    if ready is None:
        if len(_policies) >= _REMEMBERED:
            _policies.clear()
        ready = _policies[id(policy)] = _Ready(policy)  # which keeps the policy, so that no other gets its id
    return ready


class _Search:
    """A search among the rules that keep a policy from accepting."""

    __slots__ = ("_implied", "_rules", "_states")

    def __init__(self, states: dict[Condition, State], rules: list[ResolvedRule]) -> None:
        self._rules = rules
        self._states = states
        # What is implied by what is looked at for policies of a usual size; the effort grows with its square.
        self._implied = sum(1 for rule in rules for _ in leaves(rule.require)) <= _COMPARED

    def wanted(self) -> dict[Condition, ResolvedRule]:
        """Return the conditions, each with the rule that asks for it, in the order of the rules."""
        wanted: dict[Condition, ResolvedRule] = {}
        for rule in self._rules:
            for leaf in self._fewest(rule.require, wanted):
                wanted.setdefault(leaf, rule)
        if self._implied:
            for leaf in list(wanted):
                others = {other: rule for other, rule in wanted.items() if other != leaf}
                if all(self._hold(rule.require, others) for rule in self._rules):
                    wanted = others
        return wanted

    def _fewest(self, tree: Tree, wanted: Collection[Condition]) -> list[Condition]:
        """Return the fewest conditions of `tree` that would have to hold, beside `wanted`, for it to hold."""
        if isinstance(tree, Combination):
            ways = sorted((self._fewest(each, wanted) for each in tree.of), key=len)
            return [leaf for way in ways[: tree.needed] for leaf in way]
        return [] if self._holds(tree, wanted) else [tree]

    def _hold(self, tree: Tree, wanted: Collection[Condition]) -> bool:
        """Whether `tree` holds where `wanted` do."""
        if isinstance(tree, Combination):
            return sum(self._hold(each, wanted) for each in tree.of) >= tree.needed
        return self._holds(tree, wanted)

    def _holds(self, leaf: Condition, wanted: Collection[Condition]) -> bool:
        if leaf in wanted or self._states[leaf] is State.PASS:
            return True
        return self._implied and any(narrower(other, leaf) for other in wanted)
