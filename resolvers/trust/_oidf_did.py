"""The mechanism of `oidf_did`: the dialect of OpenID Federation in which registries list DIDs.

As deployed: the registry's entity configuration names a fetch endpoint, which answers for a DID with
a subordinate statement that has no `jwks`. A dialect, which is never accepted as OpenID Federation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from resolvers.trust import _entity_statements as statements
from resolvers.trust._jwt import Newest, Token, VerificationKey, check_signature, now_of
from resolvers.trust._registries import defective
from resolvers.trust_model import TrustEntity

if TYPE_CHECKING:
    from datetime import datetime

    from resolvers.model import Lookup, Provenance, Retrieved

_IDENTIFIERS: Final = (
    ("credential_registry_entity", "ctid", "ctid"),
    ("ror_entity", "rorid", "ror"),
)
"""Entity type and parameter, and the type under which it is told."""
_NAMES: Final = (
    (statements.FEDERATION_ENTITY, ("organization_name",)),
    ("institution_additional_information", ("legal_name",)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What a registry says about one DID."""

    entity: TrustEntity | None
    """None: it does not list it."""
    source: Provenance
    stale: bool


async def look_up(
    registry: str, pinned: VerificationKey, did: str, at: datetime, lookup: Lookup, newest: Newest
) -> Listing:
    """Return what the registry with that entity identifier, and that key, says about `did` at the instant `at`.

    Raises:
        Unavailable: it could not be had; `registry-defective`: a statement is malformed, not signed by
            the registry, for somebody else, older than one seen before, or `Ended`.
    """
    configuration = await statements.configuration(registry, lookup)
    itself = configuration.value
    pinned.check(itself)
    keys = itself.jwks()
    _check(itself, registry, registry, configuration, at, newest)
    answered = await statements.subordinate(statements.fetch_endpoint(itself), did, lookup)
    stale = configuration.source.stale or answered.source.stale
    statement = answered.value
    if statement is None:
        return Listing(entity=None, source=answered.source, stale=stale)
    check_signature(statement, keys)
    _check(statement, registry, did, answered, at, newest)
    return Listing(entity=_entity(statement), source=answered.source, stale=stale)


def _check(
    token: Token,
    issuer: str,
    subject: str,
    retrieved: Retrieved[Token] | Retrieved[Token | None],
    at: datetime,
    newest: Newest,
) -> None:
    """Check who says it, about whom, and when; and that nothing newer has been said."""
    said_by, about = token.text_claim("iss"), token.text_claim("sub")
    if (said_by, about) != (issuer, subject):
        raise defective(f"{said_by[:200]} speaks about {about[:200]}, and not {issuer[:200]} about {subject[:200]}")
    issued = statements.check_period(token, now=now_of(retrieved.source), at=at)
    newest.admit((issuer, subject), issued)


def _entity(statement: Token) -> TrustEntity:
    metadata = statements.metadata(statement)
    named = (statements.text(metadata, of_type, *names) for of_type, names in _NAMES)
    identifiers = ((kind, statements.text(metadata, of_type, name)) for of_type, name, kind in _IDENTIFIERS)
    return TrustEntity(
        name=next((name for name in named if name), None),
        url=statements.text(metadata, statements.FEDERATION_ENTITY, "homepage_uri", "organization_uri"),
        identifiers=tuple((kind, value) for kind, value in identifiers if value),
    )
