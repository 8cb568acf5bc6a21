"""What would have to be otherwise for a policy to accept: the fewest conditions that would flip its decision.

Counted over the requirements as they are written: all of these is the sum, one of these the least, n
of these the n smallest. A condition that already holds costs nothing, nor does one that is asked for
again, by the same words or by stricter ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from policies.belief import as_believed
from policies.conditions.combinators import Combination
from policies.model import Change, State, Verdict
from policies.narrow import narrower

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policies.compile import Policy
    from policies.conditions.base import Condition
    from policies.conditions.combinators import Tree
    from policies.inheritance import ResolvedRule
    from policies.model import Facts

_ALL_PASSED: Final = (State.PASS,) * 4
_Wanted: TypeAlias = tuple["ResolvedRule", "Condition"]


def would_change(policy: Policy, facts: Facts) -> tuple[Change, ...]:
    """Return the fewest conditions that, were they to hold, would make `policy` accept.

    Empty where it accepts; and where a check before the rules did not pass, since then no rule can help.
    """
    checks = (facts.structure, facts.data_loss, facts.proof, facts.issuer_binding)
    if checks != _ALL_PASSED:
        return ()
    search = _Search(as_believed(policy, facts))
    for rule, check in zip(policy.rules, policy.checks, strict=True):
        if check(search.facts).verdict is not Verdict.ACCEPT:
            search.wanted.extend((rule, leaf) for leaf in search.fewest(rule.require))
    return tuple(
        Change(rule=rule.id, origin=rule.origin, condition=leaf.key, state=search.state(leaf), say=leaf.describe())
        for rule, leaf in search.needed()
    )


class _Search:
    """One search; `wanted` is what it has settled on so far."""

    __slots__ = ("_states", "facts", "wanted")

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.wanted: list[_Wanted] = []
        self._states: dict[Condition, State] = {}

    def state(self, leaf: Condition) -> State:
        """Return what a condition comes to."""
        if leaf not in self._states:
            self._states[leaf] = leaf.compile()(self.facts)[0]
        return self._states[leaf]

    def fewest(self, tree: Tree) -> list[Condition]:
        """Return the fewest conditions of `tree` that would have to hold besides for it to hold."""
        if isinstance(tree, Combination):
            ways = sorted((self.fewest(each) for each in tree.of), key=len)
            return [leaf for way in ways[: tree.needed] for leaf in way]
        held = self.state(tree) is State.PASS or any(narrower(leaf, tree) for _, leaf in self.wanted)
        return [] if held else [tree]

    def needed(self) -> Iterator[_Wanted]:
        """Yield what is wanted, each once, and without what follows from another."""
        for place, (rule, leaf) in enumerate(self.wanted):
            again = any(narrower(other, leaf) for _, other in self.wanted[:place])
            later = [other for _, other in self.wanted[place + 1 :] if narrower(other, leaf)]
            if not again and all(narrower(leaf, other) for other in later):
                yield rule, leaf
