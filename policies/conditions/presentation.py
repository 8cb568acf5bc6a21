"""Conditions over who presents the credential, and how.

A policy decides about one credential. Of several in one presentation each is decided by itself, with
the facts that the presentation shows of its holder, and the verdict on the whole is the least of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from policies.conditions.base import FAIL, PASS, UNKNOWN, Among, Check, Condition, Demanded, Found, Permission, both
from policies.shapes import Choice, Keys, Member, Texts

if TYPE_CHECKING:
    from typing import Any, Self

    from policies.model import Facts

CANDIDATE_FIELDS: Final = ("email", "name", "phone", "studentId", "userName", "nationalId", "url")
"""What a request may say of the candidate."""


@dataclass(frozen=True, slots=True)
class HolderBound(Demanded):
    """`holder_bound: true`: whoever presented the credential has proven to be its holder, by a key of theirs."""

    key = "holder_bound"
    words = "whoever presents the record proves that it is theirs"

    def compile(self) -> Check:
        """Read whether that was shown."""
        found = {
            None: (UNKNOWN, "It is not known whether the credential belongs to whoever presented it."),
            True: (PASS, "Whoever presented the credential has shown that it is theirs."),
            False: (FAIL, "Whoever presented the credential has not shown that it is theirs."),
        }
        return lambda facts: found[facts.holder_bound]


@dataclass(frozen=True, slots=True)
class CandidateMatches(Among):
    """`candidate_matches: {fields: [email, name, …]}`: each of these is the candidate's, as the record has it."""

    key = "candidate_matches"
    shape = Keys(
        {
            "fields": Member(
                Texts(Choice(CANDIDATE_FIELDS)),
                "What has to match between the record and the candidate that the request names.",
                required=True,
            )
        }
    )

    @classmethod
    def stated(cls, value: Any) -> Self:
        """Take the fields."""
        return cls(value["fields"])

    def compile(self) -> Check:
        """One field that differs fails; one that could not be compared makes it unknown."""
        fields = sorted(self.values)
        passed = PASS, f"The record is about the candidate: {both(fields)} match{'es' if len(fields) == 1 else ''}."

        def check(facts: Facts) -> Found:
            candidate = facts.candidate or {}
            compared = [(field, candidate.get(field)) for field in fields]
            differing = [field for field, state in compared if state == "mismatch"]
            if differing:
                return FAIL, f"The record is about somebody else than the candidate, by {both(differing)}."
            silent = [field for field, state in compared if state != "match"]
            return (UNKNOWN, f"The candidate's {both(silent)} could not be compared.") if silent else passed

        return check

    def narrower_than(self, parent: Self) -> bool:
        """Whether it compares all that `parent` compares."""
        return self.values >= parent.values

    def describe(self) -> str:
        """Name the fields."""
        return f"the record is about the candidate, by {both(self.values)}"


@dataclass(frozen=True, slots=True)
class AllowUnsignedPresentation(Permission):
    """`allow_unsigned_presentation: true`: a permission; `false` demands that a presentation is signed.

    It acts before the rules: a presentation without a proof is then looked into. Who presents it is
    not shown by that, so `holder_bound` still fails.
    """

    key = "allow_unsigned_presentation"

    def compile(self) -> Check:
        """Say what is the case; where it is allowed, only not knowing is short of a pass."""
        if self.allowed:
            other = PASS, "The credential came in an unsigned presentation, which this policy allows."
        else:
            other = FAIL, "The credential came in a presentation that nobody has signed."
        found = {
            None: (UNKNOWN, "It is not known whether the credential came in an unsigned presentation."),
            False: (PASS, "The credential did not come in an unsigned presentation."),
            True: other,
        }
        return lambda facts: found[facts.unsigned_presentation]

    def describe(self) -> str:
        """Say what is permitted."""
        if self.allowed:
            return "the record may come in a presentation that nobody has signed"
        return "a presentation that the record comes in is signed"


CONDITIONS: Final[tuple[type[Condition], ...]] = (HolderBound, CandidateMatches, AllowUnsignedPresentation)
