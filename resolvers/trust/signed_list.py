"""`signed_list`: this project's own trust list, a compact JWS under a pinned key (docs/trust-lists.md)."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Final

from joserfc.jwk import JWKRegistry

from resolvers import compact_jws, keys, strict_json, timestamps
from resolvers.model import Fetched, KeyType, Kind, Loaded
from resolvers.problems import Invalid, Problem, Unavailable
from resolvers.trust._registries import LARGE, defective, not_understood, optional_text, unknown
from resolvers.trust_model import Authenticity, Freshness, ListState, TrustEntity, TrustEvidence, TrustSource

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from resolvers.model import Lookup
    from resolvers.trust_model import TrustQuestion, TrustSourceConfig

_KIND: Final = "signed_list"
_MEDIA_TYPE: Final = "ler-trust-list+jwt"
_VERSION: Final = 1
_ALGORITHMS: Final = {KeyType.ED25519: ("EdDSA", "Ed25519"), KeyType.P256: ("ES256",)}
"""The only algorithms, each bound to its type of key (RFC 8725, sections 3.1 and 3.2)."""
_SIZE_FACTOR: Final = 4
_CLOCK_SKEW: Final = timedelta(minutes=5)

_HEADER: Final = frozenset({"alg", "typ", "kid"})
_LIST: Final = frozenset({"version", "id", "revision", "issued", "nextUpdate", "entities"})
_ENTITY: Final = frozenset({"id", "name", "url", "identifiers", "tier", "validFrom", "validUntil"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _PinnedKey:
    """The key that an operator pinned for a source, imported and checked."""

    thumbprint: str
    """RFC 7638."""
    key: Any
    """joserfc's."""
    algorithms: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listing:
    """One entity, and when it is listed."""

    entity: TrustEntity
    tier: str | None
    valid_from: datetime | None
    valid_until: datetime | None

    def holds(self, at: datetime) -> bool:
        """Whether the entity is listed at that instant: from `validFrom` on, and before `validUntil`."""
        begun = self.valid_from is None or self.valid_from <= at
        return begun and (self.valid_until is None or at < self.valid_until)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustList:
    """A list whose signature has been verified."""

    revision: int
    issued: datetime
    next_update: datetime
    listings: Mapping[str, _Listing]


class SignedLists:
    """Asks signed lists, and remembers the newest revision of each that it has seen.

    What it remembers is lost with the process; then `nextUpdate` alone bounds a replay.
    """

    def __init__(self) -> None:
        """Start without having seen any list."""
        self._seen: dict[tuple[str, str], tuple[int, bytes]] = {}
        """(URL, key) → revision and SHA-256 of its payload."""

    async def ask(self, config: TrustSourceConfig, question: TrustQuestion, lookup: Lookup) -> TrustEvidence:
        """Say whether the list holds exactly the identifier that is asked about, at the instant asked for."""
        if question.terms:
            return unknown(config, not_understood(question))
        try:
            pinned = _pinned(config)
            load = partial(self._load, config.url, pinned)
            retrieved = await lookup.get(config.url, Kind.REGISTRY, load, variant=f"{_KIND} {pinned.thumbprint}")
        except (Invalid, Unavailable) as missing:
            return unknown(config, missing.problem)
        source = retrieved.source
        found = retrieved.value
        now = source.fetched_at + timedelta(seconds=source.age)
        if max(now, question.at) >= found.next_update:
            detail = f"a newer list was due at {found.next_update.isoformat()}"
            problem = Problem(code="registry-defective", detail=detail)
            return unknown(config, problem, freshness=Freshness.EXPIRED, provenance=source)
        listing = found.listings.get(question.entity)
        listed = listing is not None and listing.holds(question.at)
        return TrustEvidence(
            source=config.id,
            kind=_KIND,
            state=ListState.LISTED if listed else ListState.NOT_LISTED,
            authenticity=Authenticity.AUTHENTICATED,
            freshness=Freshness.STALE if source.stale else Freshness.FRESH,
            tier=listing.tier if listing is not None and listing.tier is not None else config.tier,
            assurance=config.assurance,
            entity=listing.entity if listing is not None and listed else TrustEntity(),
            provenance=source,
        )

    async def _load(self, url: str, pinned: _PinnedKey, fetched: Fetched) -> Loaded[TrustList]:
        """Verify and parse a list.

        Raises:
            Unavailable: `registry-defective`, a list older than one seen before included.
        """
        if len(fetched.body) > LARGE:
            payload, found = await asyncio.to_thread(_read, fetched.body, pinned, url)
        else:
            payload, found = _read(fetched.body, pinned, url)
        if found.issued > fetched.fetched_at + _CLOCK_SKEW:
            raise defective(f"{url} was issued in the future")
        this = found.revision, hashlib.sha256(payload).digest()
        seen = self._seen.get((url, pinned.thumbprint), this)
        if this != seen and found.revision <= seen[0]:
            raise defective(f"{url} has revision {found.revision}; another of revision {seen[0]} has been seen")
        self._seen[url, pinned.thumbprint] = this
        return Loaded(value=found, size=_SIZE_FACTOR * len(fetched.body), not_after=found.next_update)


def _pinned(config: TrustSourceConfig) -> _PinnedKey:
    if config.key is None:
        raise defective(f"no key is pinned for {config.id}")
    return _import(tuple(sorted(config.key.items())))


@lru_cache(maxsize=64)
def _import(members: tuple[tuple[str, str], ...]) -> _PinnedKey:
    """Import a pinned JWK, after the checks that any issuer's key has to pass."""
    jwk = dict(members)
    algorithms = _ALGORITHMS.get(keys.from_jwk(jwk).type)
    if algorithms is None:
        raise defective("the pinned key is of a type that signs no lists")
    key = JWKRegistry.import_key(dict(jwk))
    return _PinnedKey(thumbprint=key.thumbprint(), key=key, algorithms=algorithms)


def _read(body: bytes, pinned: _PinnedKey, url: str) -> tuple[bytes, TrustList]:
    """Return the verified payload, and the list in it."""
    payload = _verified(body, pinned)
    return payload, _parse(payload, url)


def _verified(body: bytes, pinned: _PinnedKey) -> bytes:
    """Return the payload of a compact JWS that verifies under the pinned key."""
    try:
        token = body.decode("ascii").strip()
        header, payload = compact_jws.split(token)
    except ValueError:
        raise defective("it is not a compact JWS") from None
    # The JOSE header is protected, but says nothing that the pinned key does not say better: only
    # what is known here may be in it (RFC 7515, section 4.1.11; RFC 8725, section 3.11).
    if not header.keys() <= _HEADER or header.get("typ") != _MEDIA_TYPE:
        raise defective(f"it is not a JWS of type {_MEDIA_TYPE}")
    try:
        compact_jws.check_signature(token, pinned.key, pinned.algorithms)
    except ValueError:
        raise defective("its signature does not verify under the pinned key") from None
    return payload


def _parse(payload: bytes, url: str) -> TrustList:
    """Return the list in a verified payload. The format is closed: what is not known is not ignored."""
    try:
        content = strict_json.loads(payload)
    except Invalid as refused:
        raise defective(f"its payload is not usable JSON: {refused.problem.code}") from None
    if not isinstance(content, dict) or content.get("version") != _VERSION or content.keys() != _LIST:
        raise defective(f"it is not a trust list of version {_VERSION}")
    # One signer may publish several lists; none of them may stand in for another.
    if content["id"] != url:
        raise defective(f"its id is not {url}")
    revision, entries = content["revision"], content["entities"]
    if isinstance(revision, bool) or not isinstance(revision, int) or revision < 1 or not isinstance(entries, list):
        raise defective("its revision or its entities are malformed")
    listings: dict[str, _Listing] = {}
    for entry in entries:
        identifier = entry.get("id") if isinstance(entry, dict) else None
        if not isinstance(identifier, str) or not entry.keys() <= _ENTITY or identifier in listings:
            raise defective(f"entity {len(listings)} has no id of its own, or members that are not known")
        listings[identifier] = _listing(entry)
    return TrustList(
        revision=revision,
        issued=_instant(content, "issued"),
        next_update=_instant(content, "nextUpdate"),
        listings=listings,
    )


def _listing(entry: dict[str, Any]) -> _Listing:
    where = entry["id"][:200]
    return _Listing(
        entity=TrustEntity(
            name=optional_text(entry, "name", where),
            url=optional_text(entry, "url", where),
            identifiers=_identifiers(entry.get("identifiers", []), where),
        ),
        tier=optional_text(entry, "tier", where),
        valid_from=_instant(entry, "validFrom") if "validFrom" in entry else None,
        valid_until=_instant(entry, "validUntil") if "validUntil" in entry else None,
    )


def _identifiers(raw: Any, where: str) -> tuple[tuple[str, str], ...]:
    found = []
    for pair in raw if isinstance(raw, list) else [None]:
        kind, value = (pair.get("type"), pair.get("value")) if isinstance(pair, dict) else (None, None)
        if not isinstance(kind, str) or not isinstance(value, str):
            raise defective(f"{where} has malformed identifiers")
        found.append((kind, value))
    return tuple(found)


def _instant(members: dict[str, Any], name: str) -> datetime:
    try:
        return timestamps.parse(members[name])
    except ValueError as error:
        raise defective(f"its {name} is {error}") from None


PLUGIN: Final = TrustSource(kind=_KIND, ask=SignedLists().ask, needs=frozenset({"url", "key"}))
