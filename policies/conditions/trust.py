"""Conditions that put a question of their own to a trust source: more than whether it lists the issuer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from policies.conditions.answers import Words, any_answer, asked
from policies.conditions.base import Among, Check, Condition, Demanded, either
from policies.conditions.registry import SOURCE
from policies.model import DOMAIN_LINKAGE
from policies.shapes import Choice, Keys, Member, Text, Texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policies.model import TrustQuestion

CREDENTIAL_REGISTRY: Final = "credential-registry"
"""Where `accredited_by` asks if it names no source: the operator's registry of CTDL, under this id."""
CTID: Final = Text(
    pattern="ce-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    form="a CTID such as ce-00000000-0000-0000-0000-000000000000",
)
RELATIONS: Final = ("accredited", "approved", "recognized", "regulated")
"""How one organization stands behind another (CTDL: accreditedBy, approvedBy, recognizedBy, regulatedBy)."""

_RELATION_WORDS: Final = {
    f"{relation}_by": Words(
        yes=f"{{source}} shows that the issuer is {relation} by {{{relation}_by}}{{due}}.",
        no=f"{{source}} does not show that the issuer is {relation} by {{{relation}_by}}.",
    )
    for relation in RELATIONS
}


@dataclass(frozen=True, slots=True)
class TrustMark(Condition):
    """`trust_mark: {type, anchor}`: the issuer has this mark, by the federation of that trust anchor."""

    key = "trust_mark"
    shape = Keys(
        {
            "type": Member(Text(), "The trust mark's type, usually a URL.", required=True),
            "anchor": Member(SOURCE, "The trust source that is the federation's anchor.", required=True),
        }
    )
    type: str
    anchor: str

    @classmethod
    def stated(cls, value: Mapping[str, Any]) -> Self:
        """Take the mark and the anchor."""
        return cls(value["type"], value["anchor"])

    def questions(self) -> frozenset[TrustQuestion]:
        """Ask the anchor for the mark."""
        return asked([self.anchor], ("trust_mark", self.type))

    def compile(self) -> Check:
        """Pass where the anchor's federation confirms the mark."""
        words = Words(
            yes="{source} confirms that the issuer has the trust mark {trust_mark}{due}.",
            no="{source} does not confirm that the issuer has the trust mark {trust_mark}.",
        )
        return any_answer(self.questions(), words)

    def narrower_than(self, parent: Self) -> bool:
        """Whether it is the same mark of the same federation."""
        return self == parent

    def terms(self) -> dict[str, str]:
        """Return both members."""
        return {"type": self.type, "anchor": self.anchor}

    def describe(self) -> str:
        """Name the mark."""
        return f"the issuer has the trust mark {self.type}, as {self.anchor} confirms"


@dataclass(frozen=True, slots=True)
class Trqp(Condition):
    """`trqp: {authority, action, resource}`: the authority says that the issuer may do that to the resource."""

    key = "trqp"
    shape = Keys(
        {
            "authority": Member(SOURCE, "The trust source that answers Trust Registry Queries.", required=True),
            "action": Member(Text(), "What the issuer has to be allowed to do, such as issue.", required=True),
            "resource": Member(Text(), "To what, such as the type of a credential.", required=True),
        }
    )
    authority: str
    action: str
    resource: str

    @classmethod
    def stated(cls, value: Mapping[str, Any]) -> Self:
        """Take the three."""
        return cls(value["authority"], value["action"], value["resource"])

    def questions(self) -> frozenset[TrustQuestion]:
        """Ask the authority for the authorization."""
        return asked([self.authority], ("action", self.action), ("resource", self.resource))

    def compile(self) -> Check:
        """Pass where the authority says so."""
        words = Words(
            yes="{source} says that the issuer may {action} {resource}{due}.",
            no="{source} does not say that the issuer may {action} {resource}.",
        )
        return any_answer(self.questions(), words)

    def narrower_than(self, parent: Self) -> bool:
        """Whether it is the same question to the same authority: what a word covers only the authority knows."""
        return self == parent

    def terms(self) -> dict[str, str]:
        """Return the three."""
        return {"authority": self.authority, "action": self.action, "resource": self.resource}

    def describe(self) -> str:
        """Say what the issuer may do."""
        return f"{self.authority} says that the issuer may {self.action} {self.resource}"


@dataclass(frozen=True, slots=True)
class DomainLinked(Demanded):
    """`domain_linked: true`: the issuer's web domain confirms that the issuer's identifier is its own."""

    key = "domain_linked"
    words = "the issuer's web domain confirms the issuer's identifier as its own"

    def questions(self) -> frozenset[TrustQuestion]:
        """Ask the issuer's own domain."""
        return asked([DOMAIN_LINKAGE], ("domain_linked", "true"))

    def compile(self) -> Check:
        """Pass where the domain confirms it."""
        words = Words(
            yes="The issuer's web domain confirms the issuer's identifier.",
            no="The issuer's web domain does not confirm the issuer's identifier.",
            silent="It could not be found out whether the issuer's web domain confirms its identifier.",
            expired="What the issuer's web domain says of the issuer's identifier has expired.",
        )
        return any_answer(self.questions(), words)


@dataclass(frozen=True, slots=True)
class AccreditedBy(Condition):
    """`accredited_by: {ctid, also, in: [source, …]}`: one of the organizations accredits the issuer.

    `also` names what counts besides: that the organization has approved, recognized or regulates it.
    Without `in` it is the operator's source `credential-registry` that is asked.
    """

    key = "accredited_by"
    shape = Keys(
        {
            "ctid": Member(Texts(CTID), "CTIDs of organizations, one of which has to stand behind it.", required=True),
            "also": Member(Texts(Choice(RELATIONS[1:])), "What counts besides an accreditation."),
            "in": Member(Texts(SOURCE), f"The registries to ask; {CREDENTIAL_REGISTRY} where none is named."),
        }
    )
    organizations: frozenset[str]
    relations: frozenset[str]
    sources: frozenset[str]

    @classmethod
    def stated(cls, value: Mapping[str, Any]) -> Self:
        """Take the organizations, what counts, and the registries."""
        relations = {RELATIONS[0], *value.get("also", ())}
        return cls(value["ctid"], frozenset(relations), value.get("in", frozenset({CREDENTIAL_REGISTRY})))

    def questions(self) -> frozenset[TrustQuestion]:
        """Ask each registry about each organization."""
        terms = [(f"{relation}_by", ctid) for relation in self.relations for ctid in self.organizations]
        return frozenset().union(*(asked(self.sources, term) for term in terms))

    def compile(self) -> Check:
        """Pass where a registry shows that one of them stands behind the issuer."""
        return any_answer(self.questions(), _RELATION_WORDS)

    def narrower_than(self, parent: Self) -> bool:
        """Whether it accepts no organization, relation and registry that `parent` does not."""
        return (
            self.organizations <= parent.organizations
            and self.relations <= parent.relations
            and self.sources <= parent.sources
        )

    def terms(self) -> dict[str, list[str]]:
        """Return its members."""
        also = sorted(self.relations - {RELATIONS[0]})
        return {"ctid": sorted(self.organizations), "also": also, "in": sorted(self.sources)}

    def describe(self) -> str:
        """Name the organizations."""
        relations, organizations = either(self.relations), either(self.organizations)
        return f"the issuer is {relations} by {organizations}, as {either(self.sources)} shows"


@dataclass(frozen=True, slots=True)
class X5cChain(Among):
    """`x5c_chain: {anchors: [source, …]}`: the issuer's certificate was issued under one of these anchors."""

    key = "x5c_chain"
    shape = Keys({"anchors": Member(Texts(SOURCE), "Trust sources that hold X.509 trust anchors.", required=True)})

    @classmethod
    def stated(cls, value: Any) -> Self:
        """Take the anchors."""
        return cls(value["anchors"])

    def questions(self) -> frozenset[TrustQuestion]:
        """Ask each whether the certificates lead to it."""
        return asked(self.values, ("x5c_chain", "true"))

    def compile(self) -> Check:
        """Pass where the chain leads to one of them."""
        words = Words(
            yes="The issuer's certificate was issued under {source}.",
            no="The issuer's certificate was not issued under {source}.",
        )
        return any_answer(self.questions(), words)

    def describe(self) -> str:
        """Name the anchors."""
        return f"the issuer's certificate was issued under {either(self.values)}"


CONDITIONS: Final[tuple[type[Condition], ...]] = (
    TrustMark,
    Trqp,
    DomainLinked,
    AccreditedBy,
    X5cChain,
)
