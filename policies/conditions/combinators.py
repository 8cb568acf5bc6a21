"""`all`, `any` and `at_least`: conditions made of conditions, in Kleene's logic. There is no negation.

All three are one thing: so many of these must hold. `all` needs every one, `any` needs one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from policies.conditions.base import FAIL, PASS, UNKNOWN, Check, Condition, Found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policies.model import Facts, State, TrustQuestion

KEYS: Final = ("all", "any", "at_least")


@dataclass(frozen=True, slots=True)
class Combination:
    """`needed` of the conditions in `of` must hold: the `needed`-th best of them, as fail < unknown < pass."""

    key: str
    """`all`, `any` or `at_least`, as it was written."""
    needed: int
    of: tuple[Tree, ...]

    def compile(self) -> Check:
        """Compile each condition, and combine what they find."""
        checks = [condition.compile() for condition in self.of]
        if self.key == "any":
            return _any(checks)
        return _at_least(checks, self.needed)

    def terms(self) -> dict[str, Any]:
        """Return its value as JSON."""
        of = [{condition.key: condition.terms()} for condition in self.of]
        return {"n": self.needed, "of": of}

    def bound(self, questions: frozenset[TrustQuestion]) -> Combination:
        """Return it with each condition bound to the questions whose answers may vouch; itself where none minds."""
        of = tuple([condition.bound(questions) for condition in self.of])
        unchanged = all(new is old for new, old in zip(of, self.of, strict=True))
        return self if unchanged else Combination(self.key, self.needed, of)

    def questions(self) -> frozenset[TrustQuestion]:
        """Return what its conditions ask of trust sources."""
        return frozenset().union(*(condition.questions() for condition in self.of))

    def describe(self) -> str:
        """Say in plain words what has to be the case, in one line."""
        if len(self.of) == 1:
            return self.of[0].describe()
        return f"{self.heading()}: {'; '.join(map(_described, self.of))}"

    def heading(self) -> str:
        """Say how many of its conditions have to hold."""
        count = len(self.of)
        if self.needed == count:
            return "all of these"
        return "one of these" if self.needed == 1 else f"{self.needed} of these {count}"


Tree: TypeAlias = Condition | Combination


def _described(tree: Tree) -> str:
    """Return what `tree` says within a list: its own list in brackets, lest the two read as one."""
    several = isinstance(tree, Combination) and len(list(leaves(tree))) > 1
    return f"({tree.describe()})" if several else tree.describe()


def leaves(tree: Tree) -> Iterator[Condition]:
    """Yield the conditions at the ends of `tree`, in the order of the file."""
    if isinstance(tree, Combination):
        for condition in tree.of:
            yield from leaves(condition)
    else:
        yield tree


def _any(checks: list[Check]) -> Check:
    def check(facts: Facts) -> Found:
        collected: list[Found] = []
        for each in checks:
            found = each(facts)
            if found[0] is PASS:
                return found
            collected.append(found)
        return _joined(collected, UNKNOWN if any(state is UNKNOWN for state, _ in collected) else FAIL)

    return check


def _at_least(checks: list[Check], needed: int) -> Check:
    spare = len(checks) - needed

    def check(facts: Facts) -> Found:
        collected = [each(facts) for each in checks]
        failed = unknown = 0
        for state, _ in collected:
            if state is FAIL:
                failed += 1
            elif state is UNKNOWN:
                unknown += 1
        if failed > spare:
            return _joined(collected, FAIL)
        return _joined(collected, UNKNOWN if failed + unknown > spare else PASS)

    return check


def _joined(collected: list[Found], state: State) -> Found:
    return state, " ".join([text for each, text in collected if each is state])
