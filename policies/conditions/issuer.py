"""Conditions over the issuer, and over what trust sources say about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

from policies.conditions.base import FAIL, PASS, UNKNOWN, Among, Check, Condition, Found, either
from policies.model import ABSENT, ISSUER, TrustQuestion
from policies.reading import entry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from policies.model import Facts, TrustFact
    from policies.reading import Reader
    from policies.source import Node

# Each from the least to the most.
AUTHENTICITY: Final = ("unverified", "integrity_verified", "authenticated")
TIERS: Final = ("sandbox", "community", "member")
ASSURANCE: Final = ("AL1", "AL2", "AL3")

_ANSWERS: Final = frozenset({"listed", "not_listed"})
_CURRENT: Final = frozenset({None, "fresh", "stale"})
"""Freshness at which an answer still counts; None is a source that does not say."""
_AUTHENTICITY_WORDS: Final = {
    "unverified": "protected at all",
    "integrity_verified": "protected against changes",
    "authenticated": "signed by whoever keeps it",
}


def _any_source(questions: Iterable[TrustQuestion], weigh: Callable[[str, TrustFact], Found]) -> Check:
    """Pass where the answer to one of `questions` lists the issuer, and `weigh` finds that good enough.

    An answer that is missing, expired or not understood is unknown, never a no and never a yes.
    """
    answers: list[tuple[str, str, Found, Found, Found]] = [
        (
            question.key,
            question.source,
            (UNKNOWN, f"{question.source} gave no answer about the issuer."),
            (UNKNOWN, f"The list of {question.source} has expired, so it says nothing about the issuer."),
            (FAIL, f"{question.source} does not list the issuer."),
        )
        for question in sorted(questions, key=lambda question: question.key)
    ]

    def check(facts: Facts) -> Found:
        collected: list[Found] = []
        for key, source, silent, expired, not_listed in answers:
            fact = facts.trust.get(key)
            if fact is None or fact.state not in _ANSWERS:
                found = silent
            elif fact.freshness not in _CURRENT:
                found = expired
            elif fact.state == "not_listed":
                found = not_listed
            else:
                found = weigh(source, fact)
                if found[0] is PASS:
                    return found
            collected.append(found)
        unknown = [text for state, text in collected if state is UNKNOWN]
        return (UNKNOWN, " ".join(unknown)) if unknown else (FAIL, " ".join(text for _, text in collected))

    return check


def _rank(order: tuple[str, ...], value: str | None) -> int:
    """Return the place of `value`, from 0; the lowest is what asks for nothing, or is not known here."""
    return order.index(value) if value in order else 0


@dataclass(frozen=True, slots=True)
class Registry(Condition):
    """`registry: {in: [source, …], min_authenticity, min_tier}`: one of the sources lists the issuer."""

    key = "registry"
    sources: frozenset[str]
    min_authenticity: str | None = None
    min_tier: str | None = None

    @classmethod
    def read(cls, node: Node, reader: Reader) -> Self:
        """Read the sources, and what is asked of their answers."""
        value = reader.mapping(node, cls.key, required=["in"], optional=["min_authenticity", "min_tier"])
        authenticity, tier = value.entries.get("min_authenticity"), value.entries.get("min_tier")
        return cls(
            sources=reader.texts(entry(value, "in"), "registry.in"),
            min_authenticity=reader.choice(authenticity, "min_authenticity", AUTHENTICITY) if authenticity else None,
            min_tier=reader.choice(tier, "min_tier", TIERS) if tier else None,
        )

    def questions(self) -> frozenset[TrustQuestion]:
        """Ask each source whether it lists the issuer."""
        return frozenset(TrustQuestion(source=source) for source in self.sources)

    def compile(self) -> Check:
        """Pass where a source lists the issuer and its answer is good enough."""
        authenticity = _rank(AUTHENTICITY, self.min_authenticity)
        words = _AUTHENTICITY_WORDS[AUTHENTICITY[authenticity]]
        tier = _rank(TIERS, self.min_tier)

        def weigh(source: str, fact: TrustFact) -> Found:
            if _rank(AUTHENTICITY, fact.authenticity) < authenticity:
                return FAIL, f"{source} lists the issuer, but its list is not {words}."
            if tier and fact.tier not in TIERS:
                return UNKNOWN, f"{source} lists the issuer, but does not say at which tier."
            if _rank(TIERS, fact.tier) < tier:
                return FAIL, f"{source} lists the issuer at tier {fact.tier}; {TIERS[tier]} is needed."
            due = "; its list is due for renewal" if fact.freshness == "stale" else ""
            return PASS, f"{source} lists the issuer{due}."

        return _any_source(self.questions(), weigh)

    def narrower_than(self, parent: Self) -> bool:
        """Whether it accepts no source that `parent` does not, and asks no less of the answer."""
        return (
            self.sources <= parent.sources
            and _rank(AUTHENTICITY, self.min_authenticity) >= _rank(AUTHENTICITY, parent.min_authenticity)
            and _rank(TIERS, self.min_tier) >= _rank(TIERS, parent.min_tier)
        )

    def terms(self) -> dict[str, Any]:
        """Return its members, without those that ask for nothing."""
        terms: dict[str, Any] = {"in": sorted(self.sources)}
        if self.min_authenticity:
            terms["min_authenticity"] = self.min_authenticity
        if self.min_tier:
            terms["min_tier"] = self.min_tier
        return terms


@dataclass(frozen=True, slots=True)
class AssuranceAtLeast(Condition):
    """`assurance_at_least: AL1|AL2|AL3`: a source that lists the issuer is configured with that level.

    Only answers count that the policy asks for. A restated or inherited rule never counts one that
    a child brought in (`bound`), lest a child loosen its parent by naming a more generous registry.
    """

    key = "assurance_at_least"
    level: str
    vouching: frozenset[TrustQuestion] = field(default=frozenset())

    @classmethod
    def read(cls, node: Node, reader: Reader) -> Self:
        """Read the level."""
        return cls(reader.choice(node, cls.key, ASSURANCE))

    def bound(self, questions: frozenset[TrustQuestion]) -> AssuranceAtLeast:
        """Return it with the questions whose answers count: those about the issuer."""
        return AssuranceAtLeast(self.level, frozenset(each for each in questions if each.about == ISSUER))

    def compile(self) -> Check:
        """Pass where one of the sources lists the issuer, at this level or above."""
        level = self.level
        accepted = frozenset(ASSURANCE[_rank(ASSURANCE, level) :])

        def weigh(source: str, fact: TrustFact) -> Found:
            if fact.assurance not in ASSURANCE:
                return UNKNOWN, f"{source} lists the issuer, but no assurance level is set for {source}."
            if fact.assurance not in accepted:
                return FAIL, f"{source} vouches for the issuer at level {fact.assurance}; {level} is needed."
            return PASS, f"{source} vouches for the issuer at level {fact.assurance}."

        return _any_source(self.vouching, weigh)

    def narrower_than(self, parent: Self) -> bool:
        """Whether the level is no lower."""
        return self.level >= parent.level

    def terms(self) -> str:
        """Return the level."""
        return self.level


@dataclass(frozen=True, slots=True)
class IssuerIs(Among):
    """`issuer_is: [id, …]`: the issuer's identifier is exactly one of these."""

    key = "issuer_is"

    def compile(self) -> Check:
        """Compare identifiers as they are: no case folding, no look-alikes."""
        accepted = self.values
        passed = PASS, "The issuer is one of those that the policy names."
        failed = FAIL, "The issuer is none of those that the policy names."
        unknown = UNKNOWN, "It is not known who the issuer is."

        def check(facts: Facts) -> Found:
            if facts.issuer is None:
                return unknown
            return passed if facts.issuer in accepted else failed

        return check


@dataclass(frozen=True, slots=True)
class DidMethodIn(Among):
    """`did_method_in: [web, key, …]`: the issuer's identifier is a DID of one of these methods."""

    key = "did_method_in"

    def compile(self) -> Check:
        """An issuer that is no DID fails."""
        accepted = self.values
        wanted = either(f"did:{method}" for method in accepted)
        absent = FAIL, f"The issuer's identifier is not a DID; {wanted} is needed."
        unknown = UNKNOWN, "It is not known what kind of identifier the issuer has."

        def check(facts: Facts) -> Found:
            method = facts.did_method
            if method is None:
                return unknown
            if method is ABSENT:
                return absent
            if method in accepted:
                return PASS, f"The issuer's identifier is a did:{method}."
            return FAIL, f"The issuer's identifier is a did:{method}; {wanted} is needed."

        return check


CONDITIONS: Final[tuple[type[Condition], ...]] = (Registry, AssuranceAtLeast, IssuerIs, DidMethodIn)
