"""What a condition is, and the shapes that several conditions share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self, TypeAlias

from policies.model import Facts, State
from policies.shapes import Flag, Length, Texts, Yes

if TYPE_CHECKING:
    from policies.duration import Duration
    from policies.model import TrustQuestion
    from policies.reading import Reader
    from policies.shapes import Shape
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
    shape: ClassVar[Shape[Any]]
    """What its value in a file looks like."""
    early: ClassVar[bool] = False
    """Whether it can be decided before anybody is asked: by issuer, method, format, suites and types alone."""
    permits: ClassVar[bool] = False
    """Whether it is a permission, which acts outside the rules (`Permission`)."""

    @classmethod
    def read(cls, node: Node, reader: Reader) -> Self:
        """Read its value; what is wrong is noted in `reader`."""
        return cls.stated(cls.shape.read(node, reader, cls.key))

    @classmethod
    @abstractmethod
    def stated(cls, value: Any) -> Self:
        """Make it of its value, as the shape reads it."""

    @abstractmethod
    def compile(self) -> Check:
        """Return the function that evaluates it, with everything prepared that does not need facts."""

    @abstractmethod
    def narrower_than(self, parent: Self) -> bool:
        """Whether, for any facts, this is at most what `parent` is, where fail < unknown < pass."""

    @abstractmethod
    def terms(self) -> Any:
        """Return its value as JSON, the same for whatever means the same; digests are made of it."""

    @abstractmethod
    def describe(self) -> str:
        """Say in plain words what has to be the case: a clause without capital and full stop."""

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

    shape: ClassVar[Shape[Any]] = Texts()
    values: frozenset[str]

    @classmethod
    def stated(cls, value: Any) -> Self:
        """Take the values."""
        return cls(value)

    def narrower_than(self, parent: Self) -> bool:
        """Whether it accepts no value that `parent` does not."""
        return self.values <= parent.values

    def terms(self) -> list[str]:
        """Return the values, sorted."""
        return sorted(self.values)


@dataclass(frozen=True, slots=True)
class Demanded(Condition):
    """A condition without parameters; its value in a file is `true`."""

    shape = Yes()
    words: ClassVar[str]
    """What it says of itself."""

    @classmethod
    def stated(cls, value: None) -> Self:
        """Take nothing."""
        del value
        return cls()

    def narrower_than(self, parent: Self) -> bool:
        """Hold: there is only one such condition."""
        del parent
        return True

    def terms(self) -> bool:
        """Return true."""
        return True

    def describe(self) -> str:
        """Say what it demands."""
        return self.words


@dataclass(frozen=True, slots=True)
class Permission(Condition):
    """`true` permits what is otherwise refused; `false` demands that it is not so.

    A permission acts before the rules, by what it lets the verification take for good. So it stands
    alone in its rule, and a child cannot give itself what its parent does not (`inheritance`).
    """

    shape = Flag()
    permits = True
    allowed: bool

    @classmethod
    def stated(cls, value: bool) -> Self:  # noqa: FBT001 — it is the value itself
        """Take whether it is permitted."""
        return cls(value)

    def narrower_than(self, parent: Self) -> bool:
        """Whether it permits nothing that `parent` does not."""
        return parent.allowed or not self.allowed

    def terms(self) -> bool:
        """Return whether it is permitted."""
        return self.allowed


@dataclass(frozen=True, slots=True)
class Within(Condition):
    """A condition over a length of time."""

    shape = Length()
    duration: Duration

    @classmethod
    def stated(cls, value: Duration) -> Self:
        """Take the duration."""
        return cls(value)

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


def both(words: Iterable[str]) -> str:
    """Return the words, sorted, as all of them: `a, b and c`."""
    *rest, last = sorted(words)
    return f"{', '.join(rest)} and {last}" if rest else last
