"""What a condition is, and the shapes that several conditions share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self, TypeAlias

from policies.model import Facts, State

if TYPE_CHECKING:
    from policies.duration import Duration
    from policies.model import TrustQuestion
    from policies.reading import Reader
    from policies.source import Node

Found: TypeAlias = tuple[State, str]
"""What a condition came to, and what was found, in plain words (whole sentences)."""
Check: TypeAlias = Callable[[Facts], Found]

PASS: Final = State.PASS
FAIL: Final = State.FAIL
UNKNOWN: Final = State.UNKNOWN


@dataclass(frozen=True, slots=True)
class Condition(ABC):
    """One condition of the closed vocabulary: a typed value, read once, compiled once per policy.

    Every condition is total, and monotone in what is known: a definite answer stays as it is when
    more becomes known. So `unknown` can be shown to whoever asks, and never hides a pass or a fail.
    """

    key: ClassVar[str]
    """The key under which it stands in a policy file."""

    @classmethod
    @abstractmethod
    def read(cls, node: Node, reader: Reader) -> Self:
        """Read its value; what is wrong is noted in `reader`."""

    @abstractmethod
    def compile(self) -> Check:
        """Return the function that evaluates it, with everything prepared that does not need facts."""

    @abstractmethod
    def narrower_than(self, parent: Self) -> bool:
        """Whether, for any facts, this is at most what `parent` is, where fail < unknown < pass."""

    @abstractmethod
    def terms(self) -> Any:
        """Return its value as JSON, the same for whatever means the same; digests are made of it."""

    def questions(self) -> frozenset[TrustQuestion]:
        """Return what it asks of trust sources; most conditions ask nothing."""
        return frozenset()

    def bound(self, questions: frozenset[TrustQuestion]) -> Condition:
        """Return it with `questions` as those whose answers may vouch; most conditions do not mind."""
        del questions
        return self


@dataclass(frozen=True, slots=True)
class Among(Condition):
    """A condition over a list of accepted values."""

    values: frozenset[str]
    choices: ClassVar[tuple[str, ...] | None] = None
    """The values that there are; None where the world decides that."""

    @classmethod
    def read(cls, node: Node, reader: Reader) -> Self:
        """Read one value, or a list without repetition."""
        return cls(reader.texts(node, cls.key, choices=cls.choices))

    def narrower_than(self, parent: Self) -> bool:
        """Whether it accepts no value that `parent` does not."""
        return self.values <= parent.values

    def terms(self) -> list[str]:
        """Return the values, sorted."""
        return sorted(self.values)


@dataclass(frozen=True, slots=True)
class Demanded(Condition):
    """A condition without parameters; its value in a file is `true`."""

    @classmethod
    def read(cls, node: Node, reader: Reader) -> Self:
        """Read `true`."""
        reader.yes(node, cls.key)
        return cls()

    def narrower_than(self, parent: Self) -> bool:
        """Hold: there is only one such condition."""
        del parent
        return True

    def terms(self) -> bool:
        """Return true."""
        return True


@dataclass(frozen=True, slots=True)
class Within(Condition):
    """A condition over a length of time."""

    duration: Duration

    @classmethod
    def read(cls, node: Node, reader: Reader) -> Self:
        """Read an ISO 8601 duration."""
        return cls(reader.duration(node, cls.key))

    def narrower_than(self, parent: Self) -> bool:
        """Whether it is no longer than `parent`, counted back from any instant."""
        return self.duration.no_longer_than(parent.duration)

    def terms(self) -> list[int]:
        """Return months and seconds, so that `P12M` and `P1Y` are the same."""
        return [self.duration.months, self.duration.seconds]


def either(words: Iterable[str]) -> str:
    """Return the words, sorted, as a choice: `a, b or c`."""
    *rest, last = sorted(words)
    return f"{', '.join(rest)} or {last}" if rest else last
