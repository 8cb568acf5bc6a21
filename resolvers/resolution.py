"""Resolve a DID, dereference a verification method: the keys of one request."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import urlsplit

from resolvers import did_url, documents, jwks
from resolvers.model import DidOptions, Fetched, Kind, Loaded, VerificationMethod
from resolvers.problems import Invalid, Problem, Unavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from resolvers.documents import ControllerDocument
    from resolvers.model import DidMethod, Lookup, Provenance, PublicKey, Retrieved

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
    warnings: tuple[Problem, ...] = ()
    """How far it can be relied on: `did-without-chain`, `did-third-party`."""


class Resolution:
    """Finds documents and keys through the look-ups of one request (`gateway.plugins.KeyResolver`)."""

    __slots__ = ("_lookup", "_methods", "_options")

    def __init__(self, methods: Mapping[str, DidMethod], lookup: Lookup, options: DidOptions | None = None) -> None:
        """Resolve the DIDs of `methods`, by method name; everything fetched comes through `lookup`."""
        self._methods = methods
        self._lookup = lookup
        self._options = options or DidOptions()

    async def resolve(self, identifier: str) -> Resolved:
        """Resolve a DID, or a version of it that a query asks for, or retrieve the document of an https URL.

        Raises:
            Invalid: `INVALID_DID`, `INVALID_DID_URL`, `INVALID_VERIFICATION_METHOD_URL`, `did-deactivated`,
                `INVALID_CONTROLLED_IDENTIFIER_DOCUMENT`, `INVALID_CONTROLLED_IDENTIFIER_DOCUMENT_ID`,
                `NOT_FOUND`: there is no such version; or as the DID's method.
            Unavailable: `METHOD_NOT_SUPPORTED`, or what `Lookup.get` raises.
        """
        if identifier.startswith("did:") and "?" in identifier:
            return await self._version(identifier)
        return await self._document(identifier, self._lookup)

    async def dereference(self, url: str, *, purpose: str) -> VerificationMethod:
        """Dereference a verification method (Controlled Identifiers 1.0, section 3.3, the whole of it).

        Raises:
            Invalid: as `resolve`; `INVALID_VERIFICATION_METHOD_URL`, `INVALID_DID_URL`, `NOT_FOUND`,
                `INVALID_VERIFICATION_METHOD`, `INVALID_RELATIONSHIP_FOR_VERIFICATION_METHOD`.
            Unavailable: as `resolve`; `unsupported-key-type`; `unreachable` where only an outdated
                copy lacks the method; `did-without-chain` where the operator does not do without.
        """
        identifier, _ = did_url.split_method_url(url)
        resolved = await self._listing(identifier, url, purpose)
        method = resolved.document.retrieve(url, purpose=purpose, source=resolved.source)
        self._check_chain(identifier)
        return replace(method, warnings=resolved.warnings) if resolved.warnings else method

    async def lists_key(self, document: str, url: str, *, purpose: str) -> bool:
        """Whether the document of `document` itself names the method `url` for `purpose`.

        Raises:
            Invalid, Unavailable: as `resolve`.
        """
        resolved = await self._listing(document, url, purpose)
        return resolved.document.lists(url, purpose=purpose)

    async def origin_jwks(self, url: str) -> Mapping[str, PublicKey]:
        """Return the keys of `/.well-known/jwks.json` at the origin of the https URL `url`, by `kid`.

        Raises:
            Invalid: `INVALID_VERIFICATION_METHOD_URL`: `url` has no https origin;
                `INVALID_VERIFICATION_METHOD`: what is there is no JWK Set.
            Unavailable: what `Lookup.get` raises; `response-malformed`.
        """
        return (await self._lookup.get(f"{_https_origin(url)}/.well-known/jwks.json", Kind.JWKS, jwks.load_set)).value

    async def published_key(self, url: str) -> VerificationMethod:
        """Return the key at an https URL where a bare JSON Web Key or a JWK Set lies, no document.

        Nobody vouches for such a key but its host: whose it is, the caller has to find out.

        Raises:
            Invalid: `INVALID_VERIFICATION_METHOD_URL`; `INVALID_VERIFICATION_METHOD`: what is there is
                neither, or a bad key; `NOT_FOUND`: the set has no such key.
            Unavailable: what `Lookup.get` raises; `response-malformed`; `unsupported-key-type`.
        """
        location = url.partition("#")[0]
        _https_origin(location)
        retrieved = await self._lookup.get(location, Kind.JWKS, jwks.load_key, variant="key")
        key = jwks.chosen(retrieved.value, url)
        if key is None and (retrieved.source.stale or retrieved.source.age > _REFRESH_AFTER):
            current = _NoOlder(self._lookup, _REFRESH_AFTER)
            retrieved = await current.get(location, Kind.JWKS, jwks.load_key, variant="key")
            key = jwks.chosen(retrieved.value, url)
        if key is None:
            raise Invalid("NOT_FOUND", f"{location[:200]} has no key {url[-100:]!r}")
        return VerificationMethod(id=url, type="JsonWebKey", document=location, key=key, source=retrieved.source)

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
            method, warnings = self._method(did_url.parse(identifier).method)
            document, source = await method.resolve(identifier, lookup)
        elif did_url.is_https_url(identifier):
            retrieved = await lookup.get(identifier, Kind.DID_DOCUMENT, documents.load)
            document, source, warnings = retrieved.value, retrieved.source, ()
        else:
            raise Invalid("INVALID_VERIFICATION_METHOD_URL", f"{identifier[:100]!r} is neither a DID nor an https URL")
        # Step 6. Asked of every answer: a DID and an https URL may share one cached document.
        if document.id != identifier:
            detail = f"{identifier[:200]} serves a document whose id is {document.id[:200]}"
            raise Invalid("INVALID_CONTROLLED_IDENTIFIER_DOCUMENT_ID", detail)
        return Resolved(document=document, source=source, warnings=warnings)

    async def _version(self, url: str) -> Resolved:
        identifier, version = did_url.split_version(url)
        name = did_url.parse(identifier).method
        method, warnings = self._method(name)
        if version is None or method.resolve_version is None:
            raise Unavailable("METHOD_NOT_SUPPORTED", f"versions of did:{name[:40]} cannot be resolved here")
        document, source = await method.resolve_version(identifier, version, self._lookup)
        return Resolved(document=document, source=source, warnings=warnings)

    def _method(self, name: str) -> tuple[DidMethod, tuple[Problem, ...]]:
        """Return the method of that name, and what is to be said beside whatever it resolves."""
        method = self._methods.get(name)
        if method is not None:
            return method, () if method.chain is None else (_without_chain(name, method.chain),)
        # What is resolved here is never asked of others: they could say anything.
        universal, options = self._methods.get("*"), self._options
        if universal is None or universal.through is None or options.universal_url is None:
            raise Unavailable("METHOD_NOT_SUPPORTED", f"did:{name[:40]}")
        if name not in options.universal_methods:
            raise Unavailable("METHOD_NOT_SUPPORTED", f"did:{name[:40]} is not one that the Universal Resolver is for")
        asked = f"{options.universal_url} resolved it, which cannot be checked here"
        return universal.through(options.universal_url), (Problem(code="did-third-party", detail=asked),)

    def _check_chain(self, identifier: str) -> None:
        """Refuse a key that a chain may have replaced, where the operator does not do without the chain.

        Whoever has stolen a key still signs with it after its owner has rotated it on the chain. The
        document that follows from the DID cannot show that: it is the first one, and may be outdated.
        """
        name = identifier.split(":", 2)[1] if identifier.startswith("did:") else ""
        method = self._methods.get(name)
        if method is not None and method.chain is not None and name not in self._options.without_chain:
            problem = _without_chain(name, method.chain)
            raise Unavailable(problem.code, problem.detail)


def _without_chain(name: str, chain: str) -> Problem:
    return Problem(code="did-without-chain", detail=f"whether a did:{name} has changed its key stands on {chain}")


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
