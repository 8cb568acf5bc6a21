"""What a trust source is asked, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import datetime
    from pathlib import Path

    from resolvers.certificates import Certificate
    from resolvers.model import Lookup, Provenance
    from resolvers.resolution import Resolution


class ListState(StrEnum):
    """Whether a trust source lists an entity. An unreachable source is `unknown`, never `not_listed`."""

    LISTED = "listed"
    NOT_LISTED = "not_listed"
    UNKNOWN = "unknown"


class Authenticity(StrEnum):
    """How a trust source's answer is protected, from weakest to strongest."""

    UNVERIFIED = "unverified"
    INTEGRITY_VERIFIED = "integrity_verified"
    AUTHENTICATED = "authenticated"


class Freshness(StrEnum):
    """How old a trust source's answer is by its own account."""

    FRESH = "fresh"
    STALE = "stale"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustEntity:
    """Whom a trust source lists, in its own words."""

    name: str | None = None
    url: str | None = None
    identifiers: tuple[tuple[str, str], ...] = ()
    """(type, value), such as ("ctid", "ce-…")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustQuestion:
    """What a trust source is asked about one entity."""

    entity: str
    """The exact identifier of the issuer or attester."""
    at: datetime
    """The instant at which the entity has to be listed."""
    as_of: datetime | None = None
    """The instant at which certificates have to be valid; None: `at`."""
    terms: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """What is asked beyond being listed, such as {"trust_mark": type}, {"action": a, "resource": r} or
    {"accredited_by": ctid}. A source that does not know one of them answers unknown."""
    certificates: tuple[bytes, ...] = ()
    """The entity's X.509 chain in DER, leaf first, where the credential was signed under one (`x5c`)."""
    verify: Callable[[Mapping[str, Any]], Awaitable[Mapping[str, Any]]] | None = None
    """Takes a credential that is itself evidence through proof, issuer binding and validity, and returns
    what its proof protects; raises Invalid or Unavailable. None: such evidence cannot be used."""
    resolution: Resolution | None = None
    """Resolves DIDs as the operator has configured it; None: by the methods that need no option."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustEvidence:
    """What one trust source says about one issuer."""

    source: str
    """The id under which the operator configured it (`[trust.<id>]`)."""
    kind: str
    state: ListState
    authenticity: Authenticity = Authenticity.UNVERIFIED
    freshness: Freshness | None = None
    tier: str | None = None
    assurance: str | None = None
    entity: TrustEntity = field(default_factory=TrustEntity)
    provenance: Provenance | None = None
    problem: Any = None
    """The `Problem` that makes the state unknown."""
    question: str = ""
    """Which of a policy's questions this answers, by the policy's own key for it."""
    registry: str | None = None
    """Which registry vouches, by its name, where one source asks several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustSourceConfig:
    """One `[trust.<id>]` table of the configuration."""

    id: str
    kind: str
    url: str = ""
    key: Mapping[str, str] | None = None
    """The pinned public JWK of whoever signs it; None for an unsigned kind."""
    tier: str | None = None
    assurance: str | None = None
    keys: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: MappingProxyType({}))
    """Pinned public JWKs by the entity identifier of the registry that signs with them."""
    tiers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Tiers by the address of the registry, where one source asks several."""
    path: Path | None = None
    """A file, or a folder of files, with certificates in PEM."""
    anchor: str | None = None
    """The entity identifier of the registry that says which CTID an issuer has; `key` is its key."""
    entities: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """CTIDs by the issuer's identifier."""
    authority: str | None = None
    """In whose name a registry is asked."""
    action: str | None = None
    resource: str | None = None
    """What is asked about where the policy does not say."""
    query: str = "authorization"
    """authorization | recognition."""
    entity_type: str | None = None
    """The federation's entity type that an issuer must have."""
    any_trust_mark_issuer: bool = False
    """Whether a trust mark that the federation lets anyone issue counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustSource:
    """Plugin of `resolvers/trust`: puts a question to one kind of trust source."""

    kind: str
    ask: Callable[[TrustSourceConfig, TrustQuestion, Lookup], Awaitable[TrustEvidence]]
    """Never raises Unavailable: an unreachable source answers `unknown` with the problem."""
    needs: frozenset[str] = frozenset({"url"})
    """Fields of the configuration without which it cannot ask."""
    takes: frozenset[str] = frozenset()
    """Fields that it also reads, beside `tier` and `assurance`."""
    ranked_by: str | None = ""
    """The option without which `tier` and `assurance` would be given to anybody; "": none is needed. None: to
    be listed here says nothing that could have a rank."""
    anchors: Callable[[TrustSourceConfig], tuple[Certificate, ...]] | None = None
    """The X.509 authorities that it is configured with, under which issuers' own certificates (`x5c`) are followed:
    none where they cannot be read. None of a kind that has no such authorities."""
