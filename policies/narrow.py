"""Whether one requirement is at least as strict as another, for any facts whatsoever.

Decided on the terms alone, so it holds for facts nobody has thought of. It errs on the safe side:
where it cannot show that the child is no looser, it says so, and the author writes it more alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policies.conditions.combinators import Combination, Tree

if TYPE_CHECKING:
    from collections.abc import Sequence


def narrower(child: Tree, parent: Tree) -> bool:
    """Whether `child` is at most what `parent` is, as fail < unknown < pass, for any facts."""
    return _Comparison().holds(child, parent)


class _Comparison:
    """One comparison; remembers the pairs that it has decided."""

    def __init__(self) -> None:
        self._decided: dict[tuple[int, int], bool] = {}

    def holds(self, child: Tree, parent: Tree) -> bool:
        """Whether `child` ≤ `parent`."""
        pair = id(child), id(parent)
        if pair not in self._decided:
            self._decided[pair] = self._decide(child, parent)
        return self._decided[pair]

    def _decide(self, child: Tree, parent: Tree) -> bool:
        if not isinstance(child, Combination) and not isinstance(parent, Combination):
            return type(child) is type(parent) and child.narrower_than(parent)
        return self._implies_enough(child, parent) or self._enough_imply(child, parent) or self._matches(child, parent)

    def _implies_enough(self, child: Tree, parent: Tree) -> bool:
        """Whether `child` alone implies as many of the parent's conditions as the parent needs."""
        if not isinstance(parent, Combination):
            return False
        return sum(self.holds(child, each) for each in parent.of) >= parent.needed

    def _enough_imply(self, child: Tree, parent: Tree) -> bool:
        """Whether so many of the child's conditions imply `parent` that the ones that hold include one."""
        if not isinstance(child, Combination):
            return False
        return sum(self.holds(each, parent) for each in child.of) > len(child.of) - child.needed

    def _matches(self, child: Tree, parent: Tree) -> bool:
        """Whether the child's conditions imply, one to one, enough of the parent's.

        Of the child's `needed` that hold, at most those without a partner are lost.
        """
        if not (isinstance(child, Combination) and isinstance(parent, Combination)):
            return False
        implied = [[place for place, each in enumerate(parent.of) if self.holds(own, each)] for own in child.of]
        lost = len(child.of) - _largest_matching(implied)
        return child.needed - lost >= parent.needed


def _largest_matching(partners: Sequence[Sequence[int]]) -> int:
    """Return the size of a largest one-to-one matching (augmenting paths)."""
    taken: dict[int, int] = {}

    def place(own: int, tried: set[int]) -> bool:
        for other in partners[own]:
            if other not in tried:
                tried.add(other)
                if other not in taken or place(taken[other], tried):
                    taken[other] = own
                    return True
        return False

    return sum(place(own, set()) for own in range(len(partners)))
