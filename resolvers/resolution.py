"""Resolve a DID, dereference a verification method: the keys of one request."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urlsplit

from resolvers import did_url, documents, keys, strict_json
from resolvers.model import Fetched, Kind, Loaded
from resolvers.problems import Invalid, Unavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from resolvers.documents import ControllerDocument
    from resolvers.model import DidMethod, Lookup, Provenance, PublicKey, Retrieved, VerificationMethod

T = TypeVar("T")

_REFRESH_AFTER: Final = 60.0
"""Seconds. A document older than this is fetched again before a method counts as missing from it:
keys are added and rotated while it is cached. Younger, it is believed, so that a thousand unknown
keys cost one fetch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """A DID or https URL, resolved."""

    document: ControllerDocument
    source: Provenance | None
    """None where the document follows from the identifier itself."""


class Resolution:
    """Finds documents and keys through the look-ups of one request (`gateway.model.KeyResolver`)."""

    __slots__ = ("_lookup", "_methods")

    def __init__(self, methods: Mapping[str, DidMethod], lookup: Lookup) -> None:
        """Resolve the DIDs of `methods`, by method name; everything fetched comes through `lookup`."""
        self._methods = methods
        self._lookup = lookup

    async def resolve(self, identifier: str) -> Resolved:
        """Resolve a DID, or retrieve the document of an https URL.

        Raises:
            Invalid: `INVALID_DID`, `INVALID_VERIFICATION_METHOD_URL`, `did-deactivated`,
                `INVALID_CONTROLLED_IDENTIFIER_DOCUMENT`, `INVALID_CONTROLLED_IDENTIFIER_DOCUMENT_ID`.
            Unavailable: `METHOD_NOT_SUPPORTED`, or what `Lookup.get` raises.
        """
        return await self._document(identifier, self._lookup)

    async def dereference(self, url: str, *, purpose: str) -> VerificationMethod:
        """Dereference a verification method (Controlled Identifiers 1.0, section 3.3, the whole of it).

        Raises:
            Invalid: as `resolve`; `INVALID_VERIFICATION_METHOD_URL`, `INVALID_DID_URL`, `NOT_FOUND`,
                `INVALID_VERIFICATION_METHOD`, `INVALID_RELATIONSHIP_FOR_VERIFICATION_METHOD`.
            Unavailable: as `resolve`; `unsupported-key-type`; `unreachable` where only an outdated
                copy lacks the method.
        """
        identifier, _ = did_url.split_method_url(url)
        resolved = await self._listing(identifier, url, purpose)
        return resolved.document.retrieve(url, purpose=purpose, source=resolved.source)

    async def lists_key(self, document: str, url: str, *, purpose: str) -> bool:
        """Whether the document of `document` itself names the method `url` for `purpose`.

        Raises:
            Invalid, Unavailable: as `resolve`.
        """
        resolved = await self._listing(document, url, purpose)
        return resolved.document.lists(url, purpose=purpose)

    async def origin_jwks(self, url: str) -> Mapping[str, PublicKey]:
        """Return the keys of `/.well-known/jwks.json` at the origin of the https URL `url`, by `kid`.

        A key that is not understood here is left out (RFC 7517, section 5), and so is every key
        of a `kid` that is there twice.

        Raises:
            Invalid: `INVALID_VERIFICATION_METHOD_URL`: `url` has no https origin;
                `INVALID_VERIFICATION_METHOD`: what is there is no JWK Set.
            Unavailable: what `Lookup.get` raises; `response-malformed`.
        """
        return (await self._lookup.get(f"{_https_origin(url)}/.well-known/jwks.json", Kind.JWKS, _load_jwks)).value

    async def _listing(self, identifier: str, url: str, purpose: str) -> Resolved:
        """Resolve `identifier`; where its document does not list `url`, make sure that it is current.

        A method that was added or withdrawn since is then seen, and an outage is not read as absence.
        """
        resolved = await self._document(identifier, self._lookup)
        source = resolved.source
        if source is None or resolved.document.lists(url, purpose=purpose):
            return resolved
        if source.stale or source.age > _REFRESH_AFTER:
            resolved = await self._document(identifier, _NoOlder(self._lookup, _REFRESH_AFTER))
            source = resolved.source
        if source is not None and source.stale and not resolved.document.lists(url, purpose=purpose):
            raise Unavailable("unreachable", f"only an outdated copy of {identifier[:200]} could be had")
        return resolved

    async def _document(self, identifier: str, lookup: Lookup) -> Resolved:
        if identifier.startswith("did:"):
            did = did_url.parse(identifier)
            method = self._methods.get(did.method)
            if method is None:
                raise Unavailable("METHOD_NOT_SUPPORTED", f"did:{did.method[:40]}")
            document, source = await method.resolve(identifier, lookup)
        elif did_url.is_https_url(identifier):
            retrieved = await lookup.get(identifier, Kind.DID_DOCUMENT, documents.load)
            document, source = retrieved.value, retrieved.source
        else:
            raise Invalid("INVALID_VERIFICATION_METHOD_URL", f"{identifier[:100]!r} is neither a DID nor an https URL")
        # Step 6. Asked of every answer: a DID and an https URL may share one cached document.
        if document.id != identifier:
            detail = f"{identifier[:200]} serves a document whose id is {document.id[:200]}"
            raise Invalid("INVALID_CONTROLLED_IDENTIFIER_DOCUMENT_ID", detail)
        return Resolved(document=document, source=source)


def _https_origin(url: str) -> str:
    try:
        host = urlsplit(url).netloc if did_url.is_https_url(url.partition("#")[0]) else ""
    except ValueError:
        host = ""
    if not host:
        raise Invalid("INVALID_VERIFICATION_METHOD_URL", f"{url[:100]!r} has no https origin")
    return f"https://{host}"


class _NoOlder:
    """A `Lookup` that asks for nothing older than so many seconds."""

    __slots__ = ("_lookup", "_max_age")

    def __init__(self, lookup: Lookup, max_age: float) -> None:
        self._lookup = lookup
        self._max_age = max_age

    async def get(
        self,
        url: str,
        kind: Kind,
        load: Callable[[Fetched], Awaitable[Loaded[T]]],
        *,
        max_age: float | None = None,
        variant: str = "",
        also: frozenset[int] = frozenset(),
    ) -> Retrieved[T]:
        """Return the document of `url`, as `Lookup.get`."""
        bound = self._max_age if max_age is None else min(max_age, self._max_age)
        return await self._lookup.get(url, kind, load, max_age=bound, variant=variant, also=also)

    async def post(
        self, url: str, body: bytes, *, media_type: str, kind: Kind, also: frozenset[int] = frozenset()
    ) -> Fetched:
        """Return the answer, as `Lookup.post`."""
        return await self._lookup.post(url, body, media_type=media_type, kind=kind, also=also)


async def _load_jwks(fetched: Fetched) -> Loaded[Mapping[str, PublicKey]]:
    """Parse a JWK Set (RFC 7517, section 5)."""
    try:
        content = strict_json.loads(fetched.body)
    except Invalid as refused:
        raise Unavailable("response-malformed", f"{fetched.url}: {refused.problem.code}") from None
    entries = content.get("keys") if isinstance(content, dict) else None
    if not isinstance(entries, list):
        raise Invalid("INVALID_VERIFICATION_METHOD", f"{fetched.url} is not a JWK Set")
    by_kid: dict[str, list[Any]] = {}
    for entry in entries:
        if isinstance(entry, dict) and isinstance(entry.get("kid"), str):
            by_kid.setdefault(entry["kid"], []).append(entry)
    found = {}
    for kid, same in by_kid.items():
        key = _usable(same[0]) if len(same) == 1 else None
        if key is not None:
            found[kid] = key
    return Loaded(value=MappingProxyType(found), size=4 * len(fetched.body))


def _usable(jwk: Any) -> PublicKey | None:
    try:
        return keys.from_jwk(jwk)
    except (Invalid, Unavailable):
        return None
