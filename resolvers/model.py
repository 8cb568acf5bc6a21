"""The evidence that resolvers return, and the two interfaces they work through."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from resolvers.problems import Unavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import datetime

    from resolvers.documents import ControllerDocument
    from resolvers.problems import Problem

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Kind(StrEnum):
    """What a URL is fetched as; each kind has its own limits and freshness rules."""

    DID_DOCUMENT = "did_document"
    DID_LOG = "did_log"
    """The history of a did:webvh, or the proofs of its witnesses."""
    JWKS = "jwks"
    STATUS_LIST = "status_list"
    REGISTRY = "registry"
    SCHEMA = "schema"
    RECORD = "record"
    """May hold personal data: kept in memory only, never on disk."""


@dataclass(slots=True, kw_only=True)
class Budget:
    """What one request may still spend on look-ups.

    `fetches` counts look-ups that leave the process; `deadline` is in seconds of the event loop's
    clock (`loop.time()`, which is `time.monotonic()`).
    """

    fetches: int
    deadline: float

    def spend(self, url: str) -> None:
        """Take one look-up from the budget.

        Raises:
            Unavailable: `fetch-budget-exceeded`.
        """
        if self.fetches <= 0:
            raise Unavailable("fetch-budget-exceeded", f"no look-up was left for {url}")
        self.fetches -= 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """One answer: HTTP 200, unless others were asked for. `url` is the last one after redirects."""

    url: str
    body: bytes
    media_type: str
    fetched_at: datetime
    """When the origin sent it (UTC), which is earlier than now if a cache on disk answered."""
    fresh_for: float
    """Seconds from `fetched_at` for which the origin calls it fresh, clamped by the kind's rules."""
    status: int = 200
    """The HTTP status. Whoever asks for others than 200 has to look at it."""


class Fetcher(Protocol):
    """The only door to the network (`resolvers.fetch`); tests put a fake internet here."""

    async def get(
        self, url: str, *, kind: Kind, max_age: float | None = None, also: frozenset[int] = frozenset()
    ) -> Fetched:
        """Fetch `url`, no older than `max_age` seconds if given.

        Answers of the statuses in `also` are returned as well: some protocols say "no" with a 404.

        Raises:
            Unavailable: `egress-refused`, `unreachable` (also any status but 200 and those in `also`),
                `response-too-large`, `response-malformed`, `overloaded`.
        """
        ...

    async def post(
        self, url: str, body: bytes, *, media_type: str, kind: Kind, also: frozenset[int] = frozenset()
    ) -> Fetched:
        """Send `body` of type `media_type` to `url`. No answer is kept, and no redirect followed.

        Raises:
            Unavailable: as `get`; `egress-refused` for a redirect.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a fact came from and how old it is."""

    url: str
    sha256: str
    fetched_at: datetime
    age: float
    """Seconds since `fetched_at`, at the time of use."""
    stale: bool = False
    """Past its freshness, served because a refresh failed and the kind's rules still allow it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded(Generic[T_co]):
    """A parsed document, as it goes into the cache."""

    value: T_co
    size: int
    """Bytes it takes in memory, near enough, for the cache's bound."""
    fresh_for: float | None = None
    """Seconds for which the document itself asks to be believed (a `ttl`); None: as HTTP says."""
    not_after: datetime | None = None
    """The document's own signed end; it is never served past it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrieved(Generic[T_co]):
    """A parsed document, as it comes out of the cache."""

    value: T_co
    source: Provenance


class Lookup(Protocol):
    """The look-ups of one request: the shared cache, this request's budget, scope and freshness."""

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
        """Return the parsed document of `url`, from the cache where that is fresh enough.

        `variant` keeps apart what different `load`s make of the same URL; a `load` that is ready
        for the statuses in `also` needs one of its own.
        `load` runs once for concurrent callers, and its `Invalid` or `Unavailable` reaches each.

        Raises:
            Unavailable: it could not be had.
            Invalid: what was had is wrong.
        """
        ...

    async def post(
        self, url: str, body: bytes, *, media_type: str, kind: Kind, also: frozenset[int] = frozenset()
    ) -> Fetched:
        """Send `body` to `url` and return the answer, as `Fetcher.post`. It is kept nowhere.

        Raises:
            Unavailable: it could not be had.
        """
        ...


class KeyType(StrEnum):
    """A public key's type."""

    ED25519 = "Ed25519"
    P256 = "P-256"
    P384 = "P-384"
    P521 = "P-521"
    SECP256K1 = "secp256k1"
    RSA = "RSA"
    BLS12381_G2 = "BLS12-381-G2"
    """Multi-message signatures (BBS); `key` is the compressed point, 96 octets."""
    ACCOUNT = "account"
    """No key, but the hash of one: `key` is a CAIP-10 account id, with which no signature is checked here."""

    __hash__ = str.__hash__  # of an enumeration it is Python code, and keys are looked up by it


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """An imported, checked public key. `key` is the `cryptography` object, unless its type says otherwise."""

    type: KeyType
    key: Any
    jwk: bool = False
    """Given as `publicKeyJwk` (JOSE through a controller document requires that)."""
    certificates: tuple[bytes, ...] = ()
    """The `x5c` of its JWK (DER, leaf first). The leaf certifies this key; whose it is, is not checked yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationMethod:
    """A dereferenced verification method: which key, in whose document."""

    id: str
    type: str
    document: str
    """The id of the controlled identifier document that holds it, which is its controller."""
    key: PublicKey
    source: Provenance | None
    """None where the document follows from the identifier itself (did:key, did:jwk)."""
    ends: datetime | None = None
    """The earlier of its `expires` and `revoked`: no verification at or after that time."""
    warnings: tuple[Problem, ...] = ()
    """What is to be said beside a pass: how far the document can be relied on."""


class StatusState(StrEnum):
    """What one status entry says."""

    ACTIVE = "active"
    REVOKED = "revoked"
    SUSPENDED = "suspended"
    REFRESH = "refresh"
    MESSAGE = "message"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusEvidence:
    """What one `credentialStatus` entry says, and on what ground."""

    type: str
    purpose: str
    state: StatusState
    value: int | None = None
    message: str | None = None
    list_url: str | None = None
    list_issuer: str | None = None
    source: Provenance | None = None
    problems: tuple[Any, ...] = ()
    """`Problem`s that make the state unknown, or that are only reported beside a set bit."""
    malformed: bool = False
    """The entry itself is wrong: no list can say anything about it, now or later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DidVersion:
    """Which version of a DID document is asked for (DID Core 1.0, section 3.2.1); each that is given must hold."""

    id: str | None = None
    time: datetime | None = None
    """The version that was current then."""
    number: int | None = None
    """From 1; only did:webvh has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DidOptions:
    """What the operator decides about DIDs (`[did]`)."""

    without_chain: frozenset[str] = frozenset()
    """Methods that are believed although the chain that could say otherwise is not asked."""
    universal_url: str | None = None
    """A Universal Resolver; None: there is none."""
    universal_methods: frozenset[str] = frozenset()
    """The methods for which it is asked. Those that are resolved here never are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DidMethod:
    """Plugin of `resolvers/did`: resolves the DIDs of one method to a DID document.

    `resolve(did, lookup)` returns the document, parsed by `resolvers.documents`, with its provenance
    (None where the document follows from the DID itself). That its id is the DID, `resolution` checks.
    """

    name: str
    resolve: Callable[[str, Lookup], Awaitable[tuple[ControllerDocument, Provenance | None]]]
    resolve_version: (
        Callable[[str, DidVersion, Lookup], Awaitable[tuple[ControllerDocument, Provenance | None]]] | None
    ) = None
    """Resolves an earlier version; None where a DID has no versions."""
    chain: str | None = None
    """The blockchain that could say otherwise than the DID itself, and that is not asked."""
    through: Callable[[str], DidMethod] | None = None
    """Of the plugin `*` alone: the method that asks the Universal Resolver at a URL."""


class StatusAccess(Protocol):
    """How a status plugin gets at lists; the pipeline implements it, and remembers what is decoded."""

    async def retrieve(self, url: str, decode: Callable[[ListCredential], Loaded[T]]) -> Retrieved[T]:
        """Return a *verified* list credential, decoded."""
        ...

    async def retrieve_token(
        self, url: str, decode: Callable[[ListCredential], Loaded[T]], question: StatusQuestion
    ) -> Retrieved[T]:
        """Return a *verified* Token Status List, which `question` is put to, decoded."""
        ...

    async def fetch(self, url: str, decode: Callable[[Fetched], Loaded[T]]) -> Retrieved[T]:
        """Return an unsigned document (`1EdTechRevocationList`), decoded."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ListCredential:
    """A status list credential whose proof, issuer binding and validity period have passed."""

    url: str
    document: Mapping[str, Any]
    """The credential; or the claims of a Token Status List, of a CWT by their JWT names."""
    issuer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusQuestion:
    """One `credentialStatus` entry of a verified credential, and what is needed to read it."""

    entry: Mapping[str, Any]
    pointer: str
    """JSON Pointer of `entry` in the credential."""
    credential_id: str | None
    issuer: str
    minimum_entries: int
    """Shortest list that still hides one holder among many (131,072 by the specification)."""
    accepted_issuers: frozenset[str]
    """Other list issuers that configuration or policy names."""
    format: str = ""
    """The credential's format: a Token Status List is a token of the same kind, and its key is found alike."""
    at: datetime | None = None
    """The past instant that the caller asks about, for methods that know the past; None is now."""
    expired: bool = False
    """Whether the credential has expired: a Token Status List is not fetched then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusMethod:
    """Plugin of `resolvers/status`: reads the entries of one `type`."""

    name: str
    check: Callable[[StatusQuestion, StatusAccess], Awaitable[StatusEvidence]]
    """Raises Invalid where the entry itself is malformed, Unavailable where the list is not to be had."""
