"""What would have to be otherwise for a policy to accept: the fewest conditions that would flip its decision.

Counted over the requirements as they are written: all of these is the sum, one of these the least, n
of these the n smallest. A condition that already holds costs nothing, nor does one that is asked for
again, by the same words or by stricter ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policies.belief import as_believed
from policies.conditions.combinators import Combination, leaves
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


def would_change(policy: Policy, facts: Facts) -> tuple[Change, ...]:
    """Return the fewest conditions that, were they to hold, would make `policy` accept, and no more than are needed.

    Empty where it accepts; and where a check before the rules did not pass, since then no rule can help.
    Where several rules leave a choice, their choices are made one after the other; so there may be a
    smaller answer yet, but no part of this one could be left out.
    """
    checks = (facts.structure, facts.data_loss, facts.proof, facts.issuer_binding)
    if checks != _ALL_PASSED:
        return ()
    believed = as_believed(policy, facts)
    rules = zip(policy.rules, policy.checks, strict=True)
    search = _Search(believed, [rule for rule, check in rules if check(believed).verdict is not Verdict.ACCEPT])
    return tuple(
        Change(rule=rule.id, origin=rule.origin, condition=leaf.key, state=search.state(leaf), say=leaf.describe())
        for leaf, rule in search.wanted().items()
    )


class _Search:
    """A search among the rules that keep a policy from accepting."""

    __slots__ = ("_facts", "_implied", "_rules", "_states")

    def __init__(self, facts: Facts, rules: list[ResolvedRule]) -> None:
        self._facts = facts
        self._rules = rules
        self._states: dict[Condition, State] = {}
        # What is implied by what is looked at for policies of a usual size; the effort grows with its square.
        self._implied = sum(1 for rule in rules for _ in leaves(rule.require)) <= _COMPARED

    def state(self, leaf: Condition) -> State:
        """Return what a condition comes to."""
        if leaf not in self._states:
            self._states[leaf] = leaf.compile()(self._facts)[0]
        return self._states[leaf]

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
        if leaf in wanted or self.state(leaf) is State.PASS:
            return True
        return self._implied and any(narrower(other, leaf) for other in wanted)
