"""Conditions over who, besides the issuer, stands behind what the record says of the learner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from policies.conditions.answers import Words, any_answer, asked
from policies.conditions.base import FAIL, PASS, UNKNOWN, Check, Condition, Found, either
from policies.conditions.registry import SOURCE
from policies.model import ATTESTER
from policies.shapes import Choice, Member, OneKey, Text, Texts

if TYPE_CHECKING:
    from policies.model import Facts, TrustQuestion

LEARNER_VERIFICATION: Final = ("platform_verified", "provider_verified")
"""From the least to the most: the issuing platform alone, or a provider of education or training."""

_NOBODY: Final = FAIL, "The record does not say that anybody besides the issuer has confirmed it."
_UNKNOWN_ATTESTER: Final = UNKNOWN, "It is not known who has confirmed the record."


_ON_WHAT_GROUND: Final = ", by an endorsement of its own or by the word of the issuer"
"""A recruiter has to know that an issuer who is believed is believed in this too."""


@dataclass(frozen=True, slots=True)
class AttestedBy(Condition):
    """`attested_by: {registry: [source, …]}` or `{issuer_is: [id, …]}`: one of these has confirmed the record.

    Whoever confirmed it is not the issuer of the record but the provider behind it, such as the school
    whose learner a platform certifies.
    """

    key = "attested_by"
    shape = OneKey(
        {
            "registry": Member(Texts(SOURCE), "Trust sources, one of which has to list whoever confirmed the record."),
            "issuer_is": Member(Texts(Text()), "Identifiers, one of which has confirmed the record."),
        }
    )
    way: str
    values: frozenset[str]

    @classmethod
    def stated(cls, value: tuple[str, frozenset[str]]) -> Self:
        """Take by which of the two, and the sources or identifiers."""
        return cls(*value)

    def questions(self) -> frozenset[TrustQuestion]:
        """Ask each source whether it lists the attester."""
        return asked(self.values if self.way == "registry" else (), about=ATTESTER)

    def compile(self) -> Check:
        """Nobody fails; somebody who cannot be made sure of is unknown."""
        return self._listed() if self.way == "registry" else self._named()

    def _listed(self) -> Check:
        words = Words(
            yes="{source} lists a provider that has confirmed the record{due}.",
            no="{source} does not list whoever has confirmed the record.",
            silent="{source} gave no answer about whoever has confirmed the record.",
            expired="The list of {source} has expired, so it says nothing about whoever has confirmed the record.",
        )
        answered = any_answer(self.questions(), words)

        def check(facts: Facts) -> Found:
            attesters = facts.attesters
            if not attesters:
                return _UNKNOWN_ATTESTER if attesters is None else _NOBODY
            found = answered(facts)
            return _UNKNOWN_ATTESTER if found[0] is FAIL and None in attesters else found

        return check

    def _named(self) -> Check:
        accepted = self.values
        passed = PASS, "The record was confirmed by a provider that the policy names."
        failed = FAIL, "The record was confirmed by nobody whom the policy names."

        def check(facts: Facts) -> Found:
            attesters = facts.attesters
            if not attesters:
                return _UNKNOWN_ATTESTER if attesters is None else _NOBODY
            if not accepted.isdisjoint(attesters):
                return passed
            return _UNKNOWN_ATTESTER if None in attesters else failed

        return check

    def narrower_than(self, parent: Self) -> bool:
        """Whether it accepts nobody whom `parent` does not."""
        return self.way == parent.way and self.values <= parent.values

    def terms(self) -> dict[str, Any]:
        """Return its member."""
        return {self.way: sorted(self.values)}

    def describe(self) -> str:
        """Say who has to have confirmed it."""
        who = f"a provider listed by {either(self.values)}" if self.way == "registry" else either(self.values)
        return f"{who} has confirmed the record{_ON_WHAT_GROUND}"


@dataclass(frozen=True, slots=True)
class LearnerVerification(Condition):
    """`learner_verification: provider_verified|platform_verified`: who, at least, has confirmed the learner."""

    key = "learner_verification"
    shape = Choice(LEARNER_VERIFICATION)
    level: str

    @classmethod
    def stated(cls, value: str) -> Self:
        """Take the level."""
        return cls(value)

    def compile(self) -> Check:
        """A provider's confirmation is more than the platform's."""
        provider = self.level == LEARNER_VERIFICATION[-1]
        found = {
            None: (UNKNOWN, "The record does not show who has confirmed the learner's achievement."),
            "provider_verified": (PASS, "An education or training provider has confirmed the learner's achievement."),
            "platform_verified": (
                FAIL if provider else PASS,
                "Only the platform that issued the record has confirmed the learner's achievement.",
            ),
        }
        return lambda facts: found.get(facts.learner_verification, found[None])

    def narrower_than(self, parent: Self) -> bool:
        """Whether it asks for no less."""
        return LEARNER_VERIFICATION.index(self.level) >= LEARNER_VERIFICATION.index(parent.level)

    def terms(self) -> str:
        """Return the level."""
        return self.level

    def describe(self) -> str:
        """Say who."""
        if self.level == LEARNER_VERIFICATION[-1]:
            return f"an education or training provider has confirmed the learner's achievement{_ON_WHAT_GROUND}"
        return "at least the platform that issued the record has confirmed the learner's achievement"


CONDITIONS: Final[tuple[type[Condition], ...]] = (AttestedBy, LearnerVerification)
