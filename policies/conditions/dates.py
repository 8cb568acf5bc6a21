"""Conditions over when the record was issued, earned and valid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, Self

from policies.conditions.base import FAIL, PASS, UNKNOWN, Check, Condition, Demanded, Found, Within
from policies.model import ABSENT
from policies.shapes import Day

if TYPE_CHECKING:
    from policies.model import Facts

_UNKNOWN_ISSUED: Final = UNKNOWN, "It is not known when the credential was issued."
_NO_ISSUED: Final = FAIL, "The credential does not say when it was issued."


def _later(instant: datetime, than: datetime, facts: Facts) -> bool:
    """Whether `instant` is later by more than clocks may differ."""
    return instant > than and (instant - than).total_seconds() > facts.clock_skew


def _over(end: datetime, facts: Facts) -> bool:
    """Whether it is over at `end`, the first instant after it, by as much as clocks may differ."""
    return facts.as_of >= end and (facts.as_of - end).total_seconds() >= facts.clock_skew


@dataclass(frozen=True, slots=True)
class IssuedAfter(Condition):
    """`issued_after: 2020-01-01`: issued on that day (UTC) or later."""

    key = "issued_after"
    shape = Day()
    day: datetime

    @classmethod
    def stated(cls, value: datetime) -> Self:
        """Take the day."""
        return cls(value)

    def compile(self) -> Check:
        """A credential without a date of issue fails."""
        day = self.day
        words = day.date().isoformat()

        def check(facts: Facts) -> Found:
            issued = facts.valid_from
            if not isinstance(issued, datetime):
                return _UNKNOWN_ISSUED if issued is None else _NO_ISSUED
            if issued >= day:
                return PASS, f"The credential was issued on {issued.date()}."
            return FAIL, f"The credential was issued on {issued.date()}, before {words}."

        return check

    def narrower_than(self, parent: Self) -> bool:
        """Whether the day is no earlier."""
        return self.day >= parent.day

    def terms(self) -> str:
        """Return the day."""
        return self.day.date().isoformat()

    def describe(self) -> str:
        """Name the day."""
        return f"the record was issued on {self.day.date().isoformat()} or later"


@dataclass(frozen=True, slots=True)
class IssuedWithin(Within):
    """`issued_within: P5Y`: issued no longer ago than this, and not in the future."""

    key = "issued_within"

    def compile(self) -> Check:
        """A credential without a date of issue fails."""
        reaches, words = self.duration.reaching(), self.duration.in_words()

        def check(facts: Facts) -> Found:
            issued = facts.valid_from
            if not isinstance(issued, datetime):
                return _UNKNOWN_ISSUED if issued is None else _NO_ISSUED
            if _later(issued, facts.as_of, facts):
                return FAIL, f"The credential is dated {issued.date()}, which lies in the future."
            if reaches(issued, facts.as_of):
                return PASS, f"The credential was issued on {issued.date()}."
            return FAIL, f"The credential was issued on {issued.date()}, more than {words} ago."

        return check

    def describe(self) -> str:
        """Say how long ago."""
        return f"the record was issued no longer than {self.duration.in_words()} ago"


@dataclass(frozen=True, slots=True)
class EarnedWithin(Within):
    """`earned_within: P5Y`: awarded, or else the activity ended, no longer ago than this.

    The record need not say; then it is unknown, and the date of issue never stands in for it.
    """

    key = "earned_within"

    def compile(self) -> Check:
        """Compare the date on which it was earned."""
        reaches, words = self.duration.reaching(), self.duration.in_words()
        unknown = UNKNOWN, "The record does not say when this was earned."

        def check(facts: Facts) -> Found:
            earned = facts.earned
            if not isinstance(earned, datetime):
                return unknown
            if _later(earned, facts.as_of, facts):
                return FAIL, f"The record says this was earned on {earned.date()}, which lies in the future."
            if reaches(earned, facts.as_of):
                return PASS, f"This was earned on {earned.date()}."
            return FAIL, f"This was earned on {earned.date()}, more than {words} ago."

        return check

    def describe(self) -> str:
        """Say how long ago."""
        return f"it was earned no longer than {self.duration.in_words()} ago"


@dataclass(frozen=True, slots=True)
class NotExpired(Demanded):
    """`not_expired: true`: it is within its validity period; without an end date it does not expire.

    A credential that is not valid yet fails too: to accept it early would be to accept it unissued.
    """

    key = "not_expired"
    words = "the record is within its validity period"

    def compile(self) -> Check:
        """Compare both ends of the validity period, each with the allowance for clocks that differ."""
        unknown = UNKNOWN, "It is not known how long the credential is valid."
        endless = PASS, "The credential has no end date."

        def check(facts: Facts) -> Found:
            begins, ends = facts.valid_from, facts.valid_until
            if isinstance(ends, datetime) and _over(ends, facts):
                return FAIL, f"The credential expired on {ends.date()}."
            if isinstance(begins, datetime) and _later(begins, facts.as_of, facts):
                return FAIL, f"The credential is not valid before {begins.date()}."
            if begins is None or ends is None:
                return unknown
            return endless if ends is ABSENT else (PASS, f"The credential is valid until {ends.date()}.")

        return check


CONDITIONS: Final[tuple[type[Condition], ...]] = (IssuedAfter, IssuedWithin, EarnedWithin, NotExpired)
