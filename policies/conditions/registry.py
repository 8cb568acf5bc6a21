"""Conditions over registries that list the issuer, and how much they are worth."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

from policies.conditions.answers import Words, any_answer, asked, rank
from policies.conditions.base import FAIL, PASS, UNKNOWN, Check, Condition, Found, either
from policies.model import DOMAIN_LINKAGE, ISSUER, RESERVED_SOURCES, TrustQuestion
from policies.shapes import Choice, Keys, Member, Text, Texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policies.model import TrustFact

# Each from the least to the most.
AUTHENTICITY: Final = ("unverified", "integrity_verified", "authenticated")
TIERS: Final = ("sandbox", "community", "member")
ASSURANCE: Final = ("AL1", "AL2", "AL3")

# Whoever has a domain is linked to it: that is `domain_linked`, and nobody's list.
SOURCE: Final = Text(
    pattern=rf"(?!{DOMAIN_LINKAGE}$)[A-Za-z0-9](?:[A-Za-z0-9._-]{{0,62}}[A-Za-z0-9])?",
    form="the id of a trust source, such as ce-iir",
)

_AUTHENTICITY_WORDS: Final = {
    "unverified": "protected at all",
    "integrity_verified": "protected against changes",
    "authenticated": "signed by whoever keeps it",
}
_LISTED: Final = Words(yes="{source} lists the issuer{due}.", no="{source} does not list the issuer.")


@dataclass(frozen=True, slots=True)
class Registry(Condition):
    """`registry: {in: [source, …], min_authenticity, min_tier}`: one of the sources lists the issuer."""

    key = "registry"
    shape = Keys(
        {
            "in": Member(Texts(SOURCE), "Trust sources, one of which has to list the issuer.", required=True),
            "min_authenticity": Member(Choice(AUTHENTICITY), "How well the list has to be protected."),
            "min_tier": Member(Choice(TIERS), "The tier at which the issuer has to be listed."),
        }
    )
    sources: frozenset[str]
    min_authenticity: str | None = None
    min_tier: str | None = None

    @classmethod
    def stated(cls, value: Mapping[str, Any]) -> Self:
        """Take the sources, and what is asked of their answers."""
        return cls(value["in"], value.get("min_authenticity"), value.get("min_tier"))

    def questions(self) -> frozenset[TrustQuestion]:
        """Ask each source whether it lists the issuer."""
        return asked(self.sources)

    def compile(self) -> Check:
        """Pass where a source lists the issuer and its answer is good enough."""
        authenticity = rank(AUTHENTICITY, self.min_authenticity)
        words = _AUTHENTICITY_WORDS[AUTHENTICITY[authenticity]]
        tier = rank(TIERS, self.min_tier)

        def weigh(source: str, fact: TrustFact) -> Found | None:
            if rank(AUTHENTICITY, fact.authenticity) < authenticity:
                return FAIL, f"{source} lists the issuer, but its list is not {words}."
            if tier and fact.tier not in TIERS:
                return UNKNOWN, f"{source} lists the issuer, but does not say at which tier."
            if rank(TIERS, fact.tier) < tier:
                return FAIL, f"{source} lists the issuer at tier {fact.tier}; {TIERS[tier]} is needed."
            return None

        return any_answer(self.questions(), _LISTED, weigh)

    def narrower_than(self, parent: Self) -> bool:
        """Whether it accepts no source that `parent` does not, and asks no less of the answer."""
        return (
            self.sources <= parent.sources
            and rank(AUTHENTICITY, self.min_authenticity) >= rank(AUTHENTICITY, parent.min_authenticity)
            and rank(TIERS, self.min_tier) >= rank(TIERS, parent.min_tier)
        )

    def terms(self) -> dict[str, Any]:
        """Return its members, without those that ask for nothing."""
        terms: dict[str, Any] = {"in": sorted(self.sources)}
        if self.min_authenticity:
            terms["min_authenticity"] = self.min_authenticity
        if self.min_tier:
            terms["min_tier"] = self.min_tier
        return terms

    def describe(self) -> str:
        """Name the sources, and what is asked of them."""
        protected = rank(AUTHENTICITY, self.min_authenticity)
        how = f", in a list that is {_AUTHENTICITY_WORDS[AUTHENTICITY[protected]]}" if protected else ""
        tier = f", at tier {self.min_tier} or above" if rank(TIERS, self.min_tier) else ""
        return f"the issuer is listed by {either(self.sources)}{how}{tier}"


@dataclass(frozen=True, slots=True)
class AssuranceAtLeast(Condition):
    """`assurance_at_least: AL1|AL2|AL3`: a source that vouches for the issuer is configured with that level.

    Only answers count that the policy asks for. A restated or inherited rule never counts one that
    a child brought in (`bound`), lest a child loosen its parent by naming a more generous registry.
    """

    key = "assurance_at_least"
    shape = Choice(ASSURANCE)
    level: str
    vouching: frozenset[TrustQuestion] = field(default=frozenset())

    @classmethod
    def stated(cls, value: str) -> Self:
        """Take the level."""
        return cls(value)

    def bound(self, questions: frozenset[TrustQuestion]) -> AssuranceAtLeast:
        """Return it with the questions whose answers count."""
        counted = vouching(questions)
        return self if counted == self.vouching else AssuranceAtLeast(self.level, counted)

    def compile(self) -> Check:
        """Pass where one of the sources lists the issuer, at this level or above."""
        level = self.level
        accepted = frozenset(ASSURANCE[rank(ASSURANCE, level) :])

        def weigh(source: str, fact: TrustFact) -> Found | None:
            if fact.assurance not in ASSURANCE:
                return UNKNOWN, f"{source} lists the issuer, but no assurance level is set for {source}."
            if fact.assurance not in accepted:
                return FAIL, f"{source} vouches for the issuer at level {fact.assurance}; {level} is needed."
            return PASS, f"{source} vouches for the issuer at level {fact.assurance}."

        return any_answer(self.vouching, _LISTED, weigh)

    def narrower_than(self, parent: Self) -> bool:
        """Whether the level is no lower, and no other answers count where that is settled."""
        return self.level >= parent.level and self.vouching <= parent.vouching

    def terms(self) -> str:
        """Return the level."""
        return self.level

    def describe(self) -> str:
        """Say the level, and who can vouch."""
        sources = either({question.source for question in self.vouching}) if self.vouching else "a named source"
        return f"{sources} vouches for the issuer at level {self.level} or above"


def vouching(questions: frozenset[TrustQuestion]) -> frozenset[TrustQuestion]:
    """Return the questions that sources answer about the issuer; a domain knows only itself."""
    return frozenset(each for each in questions if each.about == ISSUER and each.source not in RESERVED_SOURCES)


CONDITIONS: Final[tuple[type[Condition], ...]] = (Registry, AssuranceAtLeast)
