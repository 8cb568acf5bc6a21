"""Conditions over the credential itself: what it is, when it was issued, how it is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Self

from policies.conditions.base import FAIL, PASS, UNKNOWN, Among, Check, Condition, Demanded, Found, Within, either
from policies.model import ABSENT, State
from policies.reading import entry

if TYPE_CHECKING:
    from policies.model import Facts
    from policies.reading import Reader
    from policies.source import Node

MAX_ALIGNMENTS: Final = 100

_UNKNOWN_ISSUED: Final = UNKNOWN, "It is not known when the credential was issued."
_NO_ISSUED: Final = FAIL, "The credential does not say when it was issued."


def _later(instant: datetime, than: datetime, facts: Facts) -> bool:
    """Whether `instant` is later by more than clocks may differ."""
    return instant > than and (instant - than).total_seconds() > facts.clock_skew


@dataclass(frozen=True, slots=True)
class TypeIn(Among):
    """`type_in: [OpenBadgeCredential, …]`: at least one of the credential's types is among these."""

    key = "type_in"

    def compile(self) -> Check:
        """Look for a type in common."""
        accepted = self.values
        passed = PASS, "The credential is of an accepted type."
        failed = FAIL, f"The credential is not of type {either(accepted)}."
        unknown = UNKNOWN, "The credential's type is not known."

        def check(facts: Facts) -> Found:
            if facts.types is None:
                return unknown
            return failed if accepted.isdisjoint(facts.types) else passed

        return check


@dataclass(frozen=True, slots=True)
class FormatIn(Among):
    """`format_in: [data-integrity, …]`: the credential is secured in one of these formats."""

    key = "format_in"

    def compile(self) -> Check:
        """Compare the name of the format."""
        accepted = self.values
        unknown = UNKNOWN, "The credential's format is not known."

        def check(facts: Facts) -> Found:
            if facts.format is None:
                return unknown
            if facts.format in accepted:
                return PASS, f"The credential's format is {facts.format}."
            return FAIL, f"The credential's format is {facts.format}; {either(accepted)} is needed."

        return check


@dataclass(frozen=True, slots=True)
class ProofSuiteIn(Among):
    """`proof_suite_in: [eddsa-rdfc-2022, …]`: every proof that verified is of one of these suites.

    Every one, since the strong proof of a pair may be a bystander's and the weak one the issuer's.
    """

    key = "proof_suite_in"

    def compile(self) -> Check:
        """Look for a suite that is not accepted."""
        accepted = self.values
        none = FAIL, "The credential carries no digital signature that was verified."
        unknown = UNKNOWN, "It is not known how the credential is signed."

        def check(facts: Facts) -> Found:
            if facts.proof_suites is None:
                return unknown
            if not facts.proof_suites:
                return none
            other = set(facts.proof_suites) - accepted
            if other:
                return FAIL, f"The credential is signed with {either(other)}; {either(accepted)} is needed."
            return PASS, f"The credential is signed with {either(set(facts.proof_suites))}."

        return check


@dataclass(frozen=True, slots=True)
class AchievementTypeIn(Among):
    """`achievement_type_in: [License, …]`: at least one achievement in it is of one of these types."""

    key = "achievement_type_in"

    def compile(self) -> Check:
        """Look for a type in common."""
        accepted = self.values
        failed = FAIL, f"The credential holds no achievement of type {either(accepted)}."
        unknown = UNKNOWN, "It is not known which kinds of achievement the credential holds."

        def check(facts: Facts) -> Found:
            if facts.achievement_types is None:
                return unknown
            held = accepted.intersection(facts.achievement_types)
            return (PASS, f"The credential holds an achievement of type {either(held)}.") if held else failed

        return check


@dataclass(frozen=True, slots=True)
class IssuedAfter(Condition):
    """`issued_after: 2020-01-01`: issued on that day (UTC) or later."""

    key = "issued_after"
    day: datetime

    @classmethod
    def read(cls, node: Node, reader: Reader) -> Self:
        """Read a calendar day."""
        return cls(reader.day(node, cls.key))

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


@dataclass(frozen=True, slots=True)
class IssuedWithin(Within):
    """`issued_within: P5Y`: issued no longer ago than this, and not in the future."""

    key = "issued_within"

    def compile(self) -> Check:
        """A credential without a date of issue fails."""
        duration = self.duration
        words = duration.in_words()

        def check(facts: Facts) -> Found:
            issued = facts.valid_from
            if not isinstance(issued, datetime):
                return _UNKNOWN_ISSUED if issued is None else _NO_ISSUED
            if _later(issued, facts.as_of, facts):
                return FAIL, f"The credential is dated {issued.date()}, which lies in the future."
            if issued >= duration.before(facts.as_of):
                return PASS, f"The credential was issued on {issued.date()}."
            return FAIL, f"The credential was issued on {issued.date()}, more than {words} ago."

        return check


@dataclass(frozen=True, slots=True)
class EarnedWithin(Within):
    """`earned_within: P5Y`: awarded, or else the activity ended, no longer ago than this.

    The record need not say; then it is unknown, and the date of issue never stands in for it.
    """

    key = "earned_within"

    def compile(self) -> Check:
        """Compare the date on which it was earned."""
        duration = self.duration
        words = duration.in_words()
        unknown = UNKNOWN, "The record does not say when this was earned."

        def check(facts: Facts) -> Found:
            earned = facts.earned
            if not isinstance(earned, datetime):
                return unknown
            if _later(earned, facts.as_of, facts):
                return FAIL, f"The record says this was earned on {earned.date()}, which lies in the future."
            if earned >= duration.before(facts.as_of):
                return PASS, f"This was earned on {earned.date()}."
            return FAIL, f"This was earned on {earned.date()}, more than {words} ago."

        return check


@dataclass(frozen=True, slots=True)
class NotExpired(Demanded):
    """`not_expired: true`: it is within its validity period; without an end date it does not expire.

    A credential that is not valid yet fails too: to accept it early would be to accept it unissued.
    """

    key = "not_expired"

    def compile(self) -> Check:
        """Compare both ends of the validity period, each with the allowance for clocks that differ."""
        unknown = UNKNOWN, "It is not known how long the credential is valid."
        endless = PASS, "The credential has no end date."

        def check(facts: Facts) -> Found:
            begins, ends = facts.valid_from, facts.valid_until
            if isinstance(ends, datetime) and _later(facts.as_of, ends, facts):
                return FAIL, f"The credential expired on {ends.date()}."
            if isinstance(begins, datetime) and _later(begins, facts.as_of, facts):
                return FAIL, f"The credential is not valid before {begins.date()}."
            if begins is None or ends is None:
                return unknown
            return endless if ends is ABSENT else (PASS, f"The credential is valid until {ends.date()}.")

        return check


@dataclass(frozen=True, slots=True)
class AlignedTo(Condition):
    """`aligned_to: {framework, at_least}`: so many of its alignments are to that framework."""

    key = "aligned_to"
    framework: str
    at_least: int = 1

    @classmethod
    def read(cls, node: Node, reader: Reader) -> Self:
        """Read the framework (exactly as credentials name it), and how many are needed (by default 1)."""
        value = reader.mapping(node, cls.key, required=["framework"], optional=["at_least"])
        least = value.entries.get("at_least")
        return cls(
            framework=reader.text(entry(value, "framework"), "aligned_to.framework"),
            at_least=1 if least is None else reader.whole(least, "aligned_to.at_least", most=MAX_ALIGNMENTS),
        )

    def compile(self) -> Check:
        """Count distinct alignments, so that repeating one does not help."""
        framework, least = self.framework, self.at_least
        unknown = UNKNOWN, "It is not known what the credential is aligned to."

        def check(facts: Facts) -> Found:
            if facts.alignments is None:
                return unknown
            count = len({target for named, target in facts.alignments if named == framework})
            found = f"{count} of the credential's alignments {'is' if count == 1 else 'are'} to {framework}"
            return (PASS, f"{found}.") if count >= least else (FAIL, f"{found}; {least} needed.")

        return check

    def narrower_than(self, parent: Self) -> bool:
        """Whether it asks for no fewer alignments to the same framework."""
        return self.framework == parent.framework and self.at_least >= parent.at_least

    def terms(self) -> dict[str, Any]:
        """Return both members."""
        return {"framework": self.framework, "at_least": self.at_least}


@dataclass(frozen=True, slots=True)
class SchemaValid(Demanded):
    """`schema_valid: true`: it names a schema and conforms to it."""

    key = "schema_valid"

    def compile(self) -> Check:
        """A credential without a schema fails."""
        found = {
            State.PASS: (PASS, "The credential conforms to the schema that it names."),
            State.FAIL: (FAIL, "The credential does not conform to the schema that it names."),
            ABSENT: (FAIL, "The credential names no schema."),
        }
        unknown = UNKNOWN, "It is not known whether the credential conforms to its schema."

        def check(facts: Facts) -> Found:
            return unknown if facts.schema is None else found.get(facts.schema, unknown)

        return check


@dataclass(frozen=True, slots=True)
class NoInlineContext(Demanded):
    """`no_inline_context: true`: it defines no terms of its own."""

    key = "no_inline_context"

    def compile(self) -> Check:
        """Read whether there is one."""
        found = {
            None: (UNKNOWN, "It is not known whether the credential defines terms of its own."),
            False: (PASS, "The credential uses published vocabularies only."),
            True: (FAIL, "The credential defines terms of its own, which only its issuer can explain."),
        }
        return lambda facts: found[facts.inline_context]


@dataclass(frozen=True, slots=True)
class AllowUnknownContexts(Condition):
    """`allow_unknown_contexts: true`: a permission; `false` demands that every vocabulary is known.

    A permission acts before the rules (a token's unknown vocabulary then leaves `structure` a pass),
    so it stands alone in its rule, and a child cannot give what its parent does not (`inheritance`).
    """

    key = "allow_unknown_contexts"
    allowed: bool

    @classmethod
    def read(cls, node: Node, reader: Reader) -> Self:
        """Read true or false."""
        return cls(reader.flag(node, cls.key))

    def compile(self) -> Check:
        """Say what is the case; where it is allowed, only not knowing is short of a pass."""
        known = PASS, "Every vocabulary that the credential uses is known here."
        unknown = UNKNOWN, "It is not known which vocabularies the credential uses."
        if self.allowed:
            other = PASS, "The credential uses a vocabulary that is not known here, which this policy allows."
        else:
            other = FAIL, "The credential uses a vocabulary that is not known here."
        found = {None: unknown, False: known, True: other}
        return lambda facts: found[facts.unknown_contexts]

    def narrower_than(self, parent: Self) -> bool:
        """Whether it allows nothing that `parent` does not."""
        return parent.allowed or not self.allowed

    def terms(self) -> bool:
        """Return whether they are allowed."""
        return self.allowed


@dataclass(frozen=True, slots=True)
class Children(Among):
    """`children: all_current`: every record inside it is neither expired nor revoked."""

    key = "children"
    choices = ("all_current",)

    def compile(self) -> Check:
        """A credential without records inside it fails."""
        found = {
            None: (UNKNOWN, "It is not known whether every record inside this one is current."),
            ABSENT: (FAIL, "There is no record inside this one."),
            True: (PASS, "Every record inside this one is current."),
            False: (FAIL, "A record inside this one is expired, revoked or suspended."),
        }
        return lambda facts: found[facts.children_current]


CONDITIONS: Final[tuple[type[Condition], ...]] = (
    TypeIn,
    FormatIn,
    ProofSuiteIn,
    AchievementTypeIn,
    IssuedAfter,
    IssuedWithin,
    EarnedWithin,
    NotExpired,
    AlignedTo,
    SchemaValid,
    NoInlineContext,
    AllowUnknownContexts,
    Children,
)
