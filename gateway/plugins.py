"""What a plugin is, kind by kind, and what it works with.

Each is a value: functions, and what the pipeline has to know of them (`resolvers.registry`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping
    from datetime import datetime

    from gateway.model import (
        CheckResult,
        Expected,
        Presented,
        Proven,
        Record,
        Secured,
        Unverified,
        VerificationResult,
        Verified,
    )
    from resolvers.certificates import Certificate
    from resolvers.model import Lookup, PublicKey, VerificationMethod
    from resolvers.problems import Problem


class KeyResolver(Protocol):
    """Finds keys for the proof step, within the budget of one request (`resolvers.resolution`)."""

    async def dereference(self, url: str, *, purpose: str) -> VerificationMethod:
        """Dereference a verification method, and require that its document allows `purpose`.

        Raises:
            Invalid: it is not what it should be, or not allowed for `purpose`.
            Unavailable: it could not be had.
        """
        ...

    async def lists_key(self, document: str, url: str, *, purpose: str) -> bool:
        """Whether the controlled identifier document `document` itself names the method `url`."""
        ...

    async def origin_jwks(self, url: str) -> Mapping[str, PublicKey]:
        """Return the keys of `/.well-known/jwks.json` at the origin of `url`, by `kid`."""
        ...

    async def published_key(self, url: str) -> VerificationMethod:
        """Return the bare JSON Web Key, or the one of a JWK Set, that lies at the https URL `url`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Canonical:
    """A document in canonical form."""

    nquads: bytes
    contexts: Mapping[str, str]
    """URL → SHA-256 of the context revisions used."""


class Canonicalizer(Protocol):
    """RDF dataset canonicalization with data-loss detection (`gateway.canonical.rdf`)."""

    def revisions(self, document: Mapping[str, Any]) -> Iterable[Any]:
        """Yield the context revision sets to try, the newest first; nearly always just one."""
        ...

    async def canonicalize(
        self, document: Mapping[str, Any], *, hash_name: str = "sha256", revisions: Any = None
    ) -> Canonical:
        """Return `document` as canonical N-Quads (RDFC-1.0 with `hash_name`), with nothing lost.

        Raises:
            Invalid: `DATA_LOSS_DETECTION_ERROR`, `PROOF_TRANSFORMATION_ERROR`, with a JSON Pointer.
            Unavailable: `unknown-context`, `canonicalization-limit`, `deadline-exceeded`.
        """
        ...

    def check_contexts(self, document: Mapping[str, Any]) -> Mapping[str, str]:
        """Return URL → SHA-256 of the contexts that `document` names at any depth, all known here.

        Raises:
            Unavailable: `unknown-context`, naming the URL.
        """
        ...


ASSERTION: Final = "assertionMethod"
"""The proof purpose of an issuer."""


AUTHENTICATION: Final = "authentication"
"""The proof purpose of a holder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofTools:
    """What a format's `verify` may use; bound to one request."""

    keys: KeyResolver
    canonicalizer: Canonicalizer
    suites: Mapping[str, Cryptosuite]
    as_of: datetime
    clock_skew: float
    """Seconds by which another clock may differ."""
    now: datetime | None = None
    """The instant of verification where `as_of` is another: no proof is from the future of both."""
    purpose: str = ASSERTION
    allow_unknown_contexts: bool = False
    lookup: Lookup | None = None
    """The look-ups of this request, for a format that has to fetch what it verifies (a hosted badge, an
    issuer's key set). None where nothing may be fetched."""
    expected: Expected | None = None
    """What a presentation has to be bound to; None where the caller expects nothing."""
    anchors: tuple[Certificate, ...] = ()
    """X.509 authorities that the operator believes for issuers whose keys are certified (`x5c`)."""
    allow_unsigned_presentation: bool = False
    """Whether a presentation may come without any proof: it is then nothing but an envelope."""
    named_contexts: Callable[[Mapping[str, Any]], frozenset[str]] = lambda _document: frozenset()
    """The contexts that the normalizer of a document names as its own (`Normalizer.contexts`)."""


class Securing(StrEnum):
    """With what a format is secured."""

    CRYPTOSUITE = "cryptosuite"
    """An embedded proof, or a set or chain of them, of any suite."""
    JOSE = "JOSE"
    COSE = "COSE"
    ORIGIN = "https origin"
    """No signature: it is what its own https address answers."""


class KeySource(StrEnum):
    """Where the key that secures a record is found."""

    DID = "DID"
    HTTPS = "https"
    """A document at the issuer's https address: controlled identifier, key set, profile."""
    CERTIFICATE = "x5c"
    """A certificate in the record, under an authority that the operator has configured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """Plugin of `gateway/formats`: one securing mechanism or container."""

    name: str
    media_types: tuple[str, ...]
    recognize: Callable[[Presented], bool]
    """Whether this is the format; at most one format recognizes an input."""
    parse: Callable[[Presented], Secured]
    """Parse strictly, trusting nothing. Raises Invalid, which fails `structure`."""
    verify: Callable[[Secured, ProofTools], Awaitable[Proven]]
    """Never raises Invalid or Unavailable: both become outcomes of its checks."""
    verdict: str = "verified"
    """What the gateway makes of it: verified, recognized or refused."""
    structure: Callable[[Secured], CheckResult] | None = None
    """Checks the shape of a record that is no W3C credential; None of what is one."""
    envelope: bool = False
    """Whether the records inside stand by themselves: each is verified although nobody signed the envelope."""
    title: str = ""
    """What people call it; `tests.support_table` prints this and the three below."""
    secured_by: Securing | None = None
    """None where nothing in it is checked here."""
    keys: tuple[KeySource, ...] = ()
    statuses: tuple[str, ...] | None = ()
    """The status methods that its records have, by name; None: whichever `credentialStatus` or `status` names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerTools:
    """What a container may use to open what was presented; bound to one request."""

    lookup: Lookup
    """The look-ups of this request, for a container that is an address (`Kind.RECORD`)."""
    max_bytes: int
    """Octets that may come out of it, inflated or fetched. Whoever inflates stops there by itself."""
    max_records: int
    """Records that may come out of it."""
    fetched: bool = False
    """Whether it was fetched itself: then no further address is followed for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """Plugin of `gateway/containers`: something that holds records and secures none of them.

    It is asked only about what no format recognizes. What comes out is looked at anew, so a container
    may hold another. Octets that are JSON or a token become that by themselves.
    """

    name: str
    media_types: tuple[str, ...]
    """With which it may be sent as a body; () where it arrives only inside something else."""
    recognize: Callable[[Presented], bool]
    """Whether this is the container, by its content rather than its media type; never raises."""
    open: Callable[[Presented, ContainerTools], Awaitable[tuple[Presented, ...]]]
    """Return what it holds, in its order. Raises Invalid (`container-malformed`, `too-large`, …) or Unavailable."""
    fetches: bool = False
    """Whether what comes out of it was fetched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteResult:
    """What one embedded proof secures."""

    document: Mapping[str, Any]
    """The document as hashed, without `proof`."""
    contexts: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cryptosuite:
    """Plugin of `gateway/cryptosuites`: verifies one kind of embedded proof.

    `verify(document, proof, key, canonicalizer)` takes the document without `proof` (for a chained
    proof: with `proof` set to the matching previous proofs) and the proof whole.
    It raises Invalid or Unavailable.
    """

    name: str
    """The `cryptosuite` of a DataIntegrityProof, or the proof's own `type`."""
    proof_type: str
    verify: Callable[[Mapping[str, Any], Mapping[str, Any], PublicKey, Canonicalizer], Awaitable[SuiteResult]]
    rdf: bool = False
    """Whether it signs a graph, so that data loss has to be looked for."""
    close: Callable[[], Awaitable[None]] | None = None
    """Frees what it holds in the running event loop; it may be used again afterwards."""
    verdict: str = "verified"
    """What the gateway makes of it: verified, or recognized, which is always indeterminate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Normalizer:
    """Plugin of `gateway/normalizers`: reads one record format."""

    name: str
    types: tuple[str, ...]
    """Credential types it reads; "" is the one that reads whatever no other does."""
    normalize: Callable[[Verified | Unverified], Record]
    """Total: a claim of an unexpected shape becomes `unmapped`, never an exception."""
    contexts: frozenset[str] = frozenset()
    """URLs of contexts whose records it reads by the names of their members, not by what these mean in RDF: under
    a signature over JSON they need not be pinned here."""
    embeds: bool = False
    """Whether its records may hold many others, as objects with proofs of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """Plugin of `gateway/projections`: tells a result in the shape of another standard."""

    name: str
    """By which a request asks for it (`projection`)."""
    project: Callable[[VerificationResult, str], Mapping[str, Any]]
    """(result, Accept-Language header or tag) → JSON-ready document."""
