"""`oidf`: membership of an OpenID Federation 1.0, and trust marks in it.

An entity is known in a federation by an https URL, and a did:web by the URL of its folder: whoever
serves `https://university.example/.well-known/did.json` also serves the entity configuration beside
it. Other DIDs are in no federation.

Its name is the one that its superior states. What a member calls itself is its own word, which no
federation vouches for (a metadata policy could, but is not evaluated here).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from resolvers.did.web import url_of
from resolvers.problems import Invalid, Unavailable
from resolvers.trust import _entity_statements as statements
from resolvers.trust import _trust_marks
from resolvers.trust._jwt import Ended, Newest, now_of, pinned
from resolvers.trust._registries import answer, not_understood, unknown
from resolvers.trust._trust_chain import Federation, Member
from resolvers.trust_model import Authenticity, Freshness, TrustEntity, TrustEvidence, TrustSource

if TYPE_CHECKING:
    from resolvers.model import Lookup
    from resolvers.trust_model import TrustQuestion, TrustSourceConfig

_TRUST_MARK: Final = "trust_mark"


class Federations:
    """Asks federations, and remembers the newest statement of each superior that it has seen."""

    def __init__(self) -> None:
        """Start without having seen any statement."""
        self._newest = Newest()

    async def ask(self, config: TrustSourceConfig, question: TrustQuestion, lookup: Lookup) -> TrustEvidence:
        """Say whether the entity is in the federation, and has the trust mark that is asked for."""
        if question.terms.keys() - {_TRUST_MARK}:
            return unknown(config, not_understood(question))
        try:
            federation = Federation(
                anchor=config.url,
                pinned=pinned(config.key, config.id),
                at=question.at,
                lookup=lookup,
                newest=self._newest,
            )
            return await _answer(config, question, federation)
        except Ended as ended:
            return unknown(config, ended.problem, freshness=Freshness.EXPIRED)
        except (Invalid, Unavailable) as missing:
            return unknown(config, missing.problem)


async def _answer(config: TrustSourceConfig, question: TrustQuestion, federation: Federation) -> TrustEvidence:
    await federation.top()  # nobody is known to be outside a federation that cannot be reached
    entity = _entity_identifier(question.entity)
    member = None if entity is None else await federation.member(entity)
    if member is None or (config.entity_type is not None and config.entity_type not in member.metadata):
        return answer(config, None, authenticity=Authenticity.AUTHENTICATED)
    has_mark = True
    if _TRUST_MARK in question.terms:
        has_mark = await _trust_marks.has(
            member,
            question.terms[_TRUST_MARK],
            federation,
            now=now_of(member.source),
            any_issuer=config.any_trust_mark_issuer,
        )
    return answer(
        config,
        _described(member) if has_mark else None,
        authenticity=Authenticity.AUTHENTICATED,
        source=member.source,
        stale=federation.stale,
    )


def _entity_identifier(identifier: str) -> str | None:
    """Return under which entity identifier an issuer would be in a federation; None: under none."""
    if identifier.startswith("did:web:"):
        try:
            identifier = url_of(identifier).removesuffix("/did.json").removesuffix("/.well-known")
        except Invalid:
            return None
    return identifier if statements.is_entity_identifier(identifier) else None


def _described(member: Member) -> TrustEntity:
    return TrustEntity(
        name=statements.text(member.stated, statements.FEDERATION_ENTITY, "organization_name", "display_name"),
        url=statements.text(member.stated, statements.FEDERATION_ENTITY, "organization_uri"),
        identifiers=(("openid_federation", member.id),),
    )


PLUGIN: Final = TrustSource(
    kind="oidf",
    ask=Federations().ask,
    needs=frozenset({"url", "key"}),
    takes=frozenset({"entity_type", "any_trust_mark_issuer"}),
)
