"""Conditions over the credential status."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from policies.conditions.base import FAIL, PASS, UNKNOWN, Among, Check, Condition, Demanded, Found, Within, either
from policies.shapes import Choice, Length, Texts

if TYPE_CHECKING:
    from policies.model import Facts, StatusFact

_SET: Final = ("revoked", "suspended")
_KNOWN: Final = frozenset({"active", *_SET})
_INFORMATIVE: Final = frozenset({"refresh", "message"})
"""Purposes that say nothing against the credential."""
_NO_STATUS: Final = "The issuer publishes no status for this credential."
_UNKNOWN_STATUS: Final = UNKNOWN, "The credential's status could not be had."


def _decisive(statuses: tuple[StatusFact, ...]) -> list[StatusFact]:
    """Return the entries that can invalidate."""
    return [status for status in statuses if status.purpose not in _INFORMATIVE]


@dataclass(frozen=True, slots=True)
class StatusNot(Among):
    """`status_not: [revoked, suspended]`: no status entry says so; without a status it passes."""

    key = "status_not"
    shape = Texts(Choice(_SET))

    def compile(self) -> Check:
        """One set bit fails; otherwise one entry that could not be had makes it unknown."""
        refused = self.values
        none = PASS, _NO_STATUS
        passed = PASS, f"The issuer has not {either(self.values)} the credential."

        def check(facts: Facts) -> Found:
            if facts.statuses is None:
                return _UNKNOWN_STATUS
            unknown = False
            decisive = _decisive(facts.statuses)
            for status in decisive:
                if status.state in refused:
                    return FAIL, f"The issuer has {status.state} the credential."
                unknown = unknown or status.state not in _KNOWN
            if unknown:
                return _UNKNOWN_STATUS
            return passed if decisive else none

        return check

    def narrower_than(self, parent: Self) -> bool:
        """Whether it refuses all that `parent` refuses."""
        return self.values >= parent.values

    def describe(self) -> str:
        """Name what is refused."""
        return f"the issuer has not {either(self.values)} the record"


@dataclass(frozen=True, slots=True)
class MaxAge(Within):
    """`max_age: PT1H`: the status is known as of no longer ago; without a status it passes.

    An older status is unknown, not a fail: it says nothing about now. `on_unknown` decides.
    """

    key = "max_age"
    shape = Length(fixed=True)

    def compile(self) -> Check:
        """Compare the age of every entry."""
        most = self.duration.seconds
        words = self.duration.in_words()
        none = PASS, _NO_STATUS
        old = UNKNOWN, f"The credential's status was last checked more than {words} ago."
        passed = PASS, f"The credential's status was checked within {words}."

        def check(facts: Facts) -> Found:
            if facts.statuses is None:
                return _UNKNOWN_STATUS
            decisive = _decisive(facts.statuses)
            for status in decisive:
                if status.state not in _KNOWN or status.age is None:
                    return _UNKNOWN_STATUS
                if not status.age <= most:  # which no NaN is
                    return old
            return passed if decisive else none

        return check

    def describe(self) -> str:
        """Say how old it may be."""
        return f"the record's status, if it has one, was checked no longer than {self.duration.in_words()} ago"


@dataclass(frozen=True, slots=True)
class StatusRequired(Demanded):
    """`status_required: true`: the issuer publishes a status for the credential."""

    key = "status_required"
    words = "the issuer publishes a status for the record"

    def compile(self) -> Check:
        """Look for an entry that can invalidate."""
        passed = PASS, "The issuer publishes a status for this credential."
        failed = FAIL, _NO_STATUS

        def check(facts: Facts) -> Found:
            if facts.statuses is None:
                return _UNKNOWN_STATUS
            return passed if _decisive(facts.statuses) else failed

        return check


@dataclass(frozen=True, slots=True)
class StatusIssuerIn(Among):
    """`status_issuer_in: [id, …]`: each status list is the credential issuer's own, or one of these issued it.

    It is a permission too: lists of these issuers are then believed. So a child cannot name an issuer
    that its parent does not (`inheritance`).
    """

    key = "status_issuer_in"

    def compile(self) -> Check:
        """A credential without a status fails."""
        accepted = self.values
        none = FAIL, _NO_STATUS
        unknown = UNKNOWN, "It is not known who issued the credential's status list."
        failed = FAIL, "The credential's status list was issued by somebody whom the policy does not name."
        passed = PASS, "The credential's status list was issued by the issuer, or by somebody whom the policy names."

        def check(facts: Facts) -> Found:
            if facts.statuses is None:
                return _UNKNOWN_STATUS
            decisive = _decisive(facts.statuses)
            if not decisive:
                return none
            strange = {status.issuer for status in decisive if status.issuer is None or status.issuer != facts.issuer}
            if strange <= accepted:
                return passed
            return unknown if facts.issuer is None or strange - accepted == {None} else failed

        return check

    def describe(self) -> str:
        """Name who else may."""
        return f"the record's status list was issued by the issuer, or by {either(self.values)}"


CONDITIONS: Final[tuple[type[Condition], ...]] = (StatusNot, MaxAge, StatusRequired, StatusIssuerIn)
