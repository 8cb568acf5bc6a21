"""Trust chains of OpenID Federation 1.0: found from an entity upwards, and validated from the anchor downwards.

The sections named here are those of the final specification. A stranger chooses where the way up
begins, and every superior names the next: so the way is bounded in length and in steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from resolvers.problems import Unavailable
from resolvers.trust import _entity_statements as statements
from resolvers.trust._jwt import KeySet, Newest, Token, VerificationKey, check_signature, now_of
from resolvers.trust._registries import defective

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from resolvers.model import Lookup, Provenance, Retrieved

MAX_INTERMEDIATES: Final = 5
"""Between an entity and the anchor. Federations of federations have two or three."""
MAX_STEPS: Final = 12
"""Superiors that are asked for one entity, by all ways together; each takes two look-ups."""

_ONLY_OF_ITSELF: Final = frozenset(
    {"authority_hints", "trust_anchor_hints", "trust_marks", "trust_mark_issuers", "trust_mark_owners"}
)
_ONLY_OF_OTHERS: Final = frozenset({"constraints", "metadata_policy", "metadata_policy_crit", "source_endpoint"})
_POLICY: Final = frozenset({"metadata_policy", "metadata_policy_crit"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An entity whose chain to the anchor is valid."""

    id: str
    configuration: Token
    keys: KeySet
    """Its federation entity keys, as its superior states them."""
    metadata: Mapping[str, Mapping[str, Any]]
    """Resolved: with what its superior states, and without what a constraint does not allow (section 6.2.3)."""
    stated: Mapping[str, Mapping[str, Any]]
    """What its superior states of it, in words that are not its own."""
    source: Provenance


@dataclass(frozen=True, slots=True, kw_only=True)
class _Link:
    """A subordinate statement, with the configuration of the superior that makes it."""

    statement: Token
    superior: Token
    source: Provenance
    """Of the statement."""


@dataclass(slots=True, kw_only=True)
class Federation:
    """One anchor, as one question sees it."""

    anchor: str
    pinned: VerificationKey
    at: datetime
    lookup: Lookup
    newest: Newest
    stale: bool = False
    """Whether anything that was looked at is past its freshness."""
    _steps: int = MAX_STEPS
    _top: Retrieved[Token] | None = None

    async def top(self) -> Token:
        """Return the anchor's entity configuration, verified under the pinned key.

        Raises:
            Unavailable: it could not be had; `registry-defective`.
        """
        if self._top is None:
            retrieved = await self._configuration(self.anchor)
            self.pinned.check(retrieved.value)
            self._note(retrieved.value)
            self._top = retrieved
        return self._top.value

    async def member(self, entity: str) -> Member | None:
        """Return the entity if a valid chain leads to the anchor; None if it is known that none does.

        Raises:
            Unavailable: no valid chain was found, but one may exist.
        """
        top = await self.top()
        if entity == self.anchor and self._top is not None:
            keys, metadata = top.jwks(), statements.metadata(top)
            return self._member(top, keys, metadata, metadata, self._top.source)
        self._steps = MAX_STEPS
        configuration = (await self._configuration(entity)).value
        doubts: list[Unavailable] = []
        found = await self._climb(configuration, configuration, [], {entity}, doubts)
        if found is None and doubts:
            raise doubts[0]
        return found

    async def _climb(
        self, subject: Token, lower: Token, links: list[_Link], seen: set[str], doubts: list[Unavailable]
    ) -> Member | None:
        """Try each superior of `lower`, and theirs; what hinders a way is a doubt, since it may yet be the one."""
        for superior in _hints(lower):
            if superior in seen:
                continue
            if self._steps == 0 or len(links) > MAX_INTERMEDIATES:
                doubts.append(defective("there are more superiors than are asked"))
                return None
            self._steps -= 1
            try:
                found = await self._through(superior, subject, lower, links, seen, doubts)
            except Unavailable as doubt:
                doubts.append(doubt)
                continue
            if found is not None:
                return found
        return None

    async def _through(
        self,
        superior: str,
        subject: Token,
        lower: Token,
        links: list[_Link],
        seen: set[str],
        doubts: list[Unavailable],
    ) -> Member | None:
        top = await self.top()
        upper = top if superior == self.anchor else (await self._configuration(superior)).value
        about = lower.text_claim("sub")
        retrieved = await statements.subordinate(statements.fetch_endpoint(upper), about, self.lookup)
        self.stale = self.stale or retrieved.source.stale
        if retrieved.value is None:
            return None
        self._check_statement(retrieved.value, superior, about, retrieved)
        chain = [*links, _Link(statement=retrieved.value, superior=upper, source=retrieved.source)]
        if superior == self.anchor:
            return self._validated(subject, chain)
        return await self._climb(subject, upper, chain, {*seen, superior}, doubts)

    async def _configuration(self, entity: str) -> Retrieved[Token]:
        """Return an entity configuration that is well-formed, current, and signed with a key that it states."""
        retrieved = await statements.configuration(entity, self.lookup)
        self.stale = self.stale or retrieved.source.stale
        self._check_statement(retrieved.value, entity, entity, retrieved)
        check_signature(retrieved.value, retrieved.value.jwks())
        return retrieved

    def _check_statement(
        self, token: Token, issuer: str, subject: str, retrieved: Retrieved[Token] | Retrieved[Token | None]
    ) -> None:
        """Check all of a statement but its signature (section 3.2)."""
        if (token.text_claim("iss"), token.text_claim("sub")) != (issuer, subject):
            raise defective(f"the statement is not one of {issuer[:200]} about {subject[:200]}")
        misplaced = (_ONLY_OF_OTHERS if issuer == subject else _ONLY_OF_ITSELF) & token.claims.keys()
        if misplaced or "trust_anchor" in token.claims or {"trust_chain", "peer_trust_chain"} & token.header.keys():
            raise defective(f"a statement of {issuer[:200]} has what belongs into another kind")
        # "Claims in the Entity Statement whose Claim Names are in the array that is the value of this Claim
        # MUST be understood and processed"; those of the specification MUST NOT be in it (section 3.1.1).
        if "crit" in token.claims:
            raise defective(f"a statement of {issuer[:200]} has critical claims that are not understood here")
        statements.check_period(token, now=now_of(retrieved.source), at=self.at)
        statements.metadata(token)
        token.jwks()

    def _validated(self, subject: Token, links: Sequence[_Link]) -> Member | None:
        """Validate a whole chain, from the anchor down (section 10.2); None where a constraint forbids it.

        Raises:
            Unavailable: `registry-defective`; `metadata-policy-unevaluated`.
        """
        anchor = links[-1].superior
        keys = anchor.jwks()
        for link in reversed(links):
            # Signed with a key that the superior of the superior states, and that it states itself.
            check_signature(link.statement, keys)
            check_signature(link.statement, link.superior.jwks())
            self._note(link.statement)
            keys = link.statement.jwks()
        check_signature(subject, keys)
        if any(_POLICY & link.statement.claims.keys() for link in links):
            raise Unavailable(
                "metadata-policy-unevaluated", f"a superior of {subject.text_claim('sub')[:200]} sets one"
            )
        if not all(_permits(link, below, links) for below, link in enumerate(links)):
            return None
        allowed = _allowed_types(links)
        stated = statements.metadata(links[0].statement)
        resolved = {
            of_type: {**parameters, **stated.get(of_type, {})}
            for of_type, parameters in statements.metadata(subject).items()
            if allowed is None or of_type in allowed or of_type == statements.FEDERATION_ENTITY
        }
        return self._member(subject, keys, resolved, stated, links[0].source)

    def _member(
        self,
        configuration: Token,
        keys: KeySet,
        metadata: Mapping[str, Mapping[str, Any]],
        stated: Mapping[str, Mapping[str, Any]],
        source: Provenance,
    ) -> Member:
        return Member(
            id=configuration.text_claim("sub"),
            configuration=configuration,
            keys=keys,
            metadata=metadata,
            stated=stated,
            source=source,
        )

    def _note(self, statement: Token) -> None:
        """Refuse a verified statement that is older than one that its issuer has made since."""
        issued = statement.instant("iat")
        if issued is not None:
            subject = self.pinned.thumbprint, statement.text_claim("iss"), statement.text_claim("sub")
            self.newest.admit(subject, issued)


def _hints(configuration: Token) -> Iterator[str]:
    """Yield the immediate superiors that an entity names; none, where it says that it has none.

    Raises:
        Unavailable: `registry-defective`: "Its value […] MUST NOT be the empty array" (section 3.1.2).
    """
    hints = configuration.claims.get("authority_hints", ())
    if hints == () and "authority_hints" not in configuration.claims:
        return
    if not isinstance(hints, list) or not hints:
        raise defective(f"{configuration.text_claim('sub')[:200]} has malformed authority hints")
    for hint in hints:
        if not isinstance(hint, str) or not statements.is_entity_identifier(hint):
            raise defective(f"{configuration.text_claim('sub')[:200]} has an authority hint that is no entity")
        yield hint


def _constraints(link: _Link) -> Mapping[str, Any]:
    found = link.statement.claims.get("constraints", {})
    if not isinstance(found, dict):
        raise _malformed()
    return found


def _permits(link: _Link, below: int, links: Sequence[_Link]) -> bool:
    """Whether a superior's constraints allow what is below it: so many intermediates, and those names.

    "If any of the constraints checks fails, the Trust Chain MUST be considered invalid." (section 6.2)

    Raises:
        Unavailable: `registry-defective`: they are malformed, so that they cannot be applied.
    """
    constraints = _constraints(link)
    longest = constraints.get("max_path_length", below)
    if isinstance(longest, bool) or not isinstance(longest, int) or longest < 0:
        raise _malformed()
    naming = constraints.get("naming_constraints", {})
    if not isinstance(naming, dict):
        raise _malformed()
    permitted = _texts(naming["permitted"]) if "permitted" in naming else None
    excluded = _texts(naming.get("excluded", []))
    hosts = [urlsplit(lower.statement.text_claim("sub")).hostname or "" for lower in links[: below + 1]]
    return below <= longest and all(
        not _matches(host, excluded) and (permitted is None or _matches(host, permitted)) for host in hosts
    )


def _allowed_types(links: Sequence[_Link]) -> frozenset[str] | None:
    """Return the entity types that every superior allows; None where none says so (section 6.2.3)."""
    stated = [
        frozenset(_texts(constraints["allowed_entity_types"]))
        for link in links
        if "allowed_entity_types" in (constraints := _constraints(link))
    ]
    return frozenset.intersection(*stated) if stated else None


def _matches(host: str, names: Sequence[str]) -> bool:
    """Whether a host falls under a domain name constraint (RFC 5280, section 4.2.1.10).

    "When the constraint begins with a period, it MAY be expanded with one or more labels […] When the
    constraint does not begin with a period, it specifies a host."
    """
    return any(host.endswith(name) if name.startswith(".") else host == name for name in map(str.lower, names))


def _texts(value: Any) -> Sequence[str]:
    if not isinstance(value, list) or not all(isinstance(each, str) and each for each in value):
        raise _malformed()
    return value


def _malformed() -> Unavailable:
    return defective("a superior's constraints are malformed")
