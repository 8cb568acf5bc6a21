"""What flows through the pipeline: presented → secured → verified → result.

`Secured` is parsed, but its claims are NOT trusted. `Verified` is made only by `gateway.proof`.
Everything that reads claims takes `Verified`, so the type checker refuses to read unproven ones;
`Unverified` is the explicit exception, which only normalizers accept.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping
    from datetime import datetime

    from policies import Policy
    from policies.model import Decision
    from resolvers.certificates import Certificate
    from resolvers.model import Lookup, PublicKey, StatusEvidence, TrustEvidence, VerificationMethod
    from resolvers.problems import Problem


class Outcome(StrEnum):
    """What a check came to. There is no fifth value, and an outage is never a pass."""

    PASS = "pass"  # noqa: S105 — a verdict, not a password
    FAIL = "fail"
    INDETERMINATE = "indeterminate"
    NOT_APPLICABLE = "not_applicable"

    __hash__ = str.__hash__  # of an enumeration it is Python code: 0.2 µs, fifty times a badge


_SEVERITY = {Outcome.NOT_APPLICABLE: 0, Outcome.PASS: 1, Outcome.INDETERMINATE: 2, Outcome.FAIL: 3}


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """Return the worst of the outcomes (fail > indeterminate > pass); without any, not_applicable."""
    return max(outcomes, key=_SEVERITY.__getitem__, default=Outcome.NOT_APPLICABLE)


class CheckName(StrEnum):
    """The checks, in the order in which they are made."""

    STRUCTURE = "structure"
    DATA_LOSS = "dataLoss"
    PROOF = "proof"
    ISSUER = "issuer"
    VALIDITY = "validity"
    STATUS = "status"
    SCHEMA = "schema"
    HOLDER = "holder"
    REFRESH = "refresh"
    SUBJECT = "subject"

    __hash__ = str.__hash__  # as of Outcome


AUTHENTICITY: Final = (CheckName.STRUCTURE, CheckName.DATA_LOSS, CheckName.PROOF, CheckName.ISSUER)
"""The checks that make a record authentic."""

COUNTED: Final = (*AUTHENTICITY, CheckName.VALIDITY, CheckName.STATUS)
"""The checks whose worst outcome is the outcome of the whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """One check's outcome, with what was wrong and what it rests on."""

    name: CheckName
    outcome: Outcome
    problems: tuple[Problem, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Presented:
    """What the caller sent, or what was found in it: strictly parsed JSON, a token or other text, or a file."""

    content: Mapping[str, Any] | list[Any] | str | bytes
    media_type: str | None = None
    octets: int = 0
    """Of what an object was parsed from; 0 where it is part of another, whose own size says enough."""

    @property
    def size(self) -> int:
        """About how many octets it is."""
        return len(self.content) if isinstance(self.content, (str, bytes)) else self.octets


@dataclass(frozen=True, slots=True, kw_only=True)
class Secured:
    """A credential taken out of its securing mechanism. NOTHING in it is trusted yet."""

    format: Format
    vcdm: str | None
    """"1.1" or "2.0"; None where the format is not of the W3C data model."""
    document: Mapping[str, Any]
    """The credential as a JSON object, its embedded proofs included."""
    token: Any = None
    """What the format's own `verify` needs beside the document (a parsed JWS)."""
    presentation: bool = False
    """Whether the document is a verifiable presentation: its proof is the holder's (`authentication`), and
    the credentials are in its `verifiableCredential`."""
    warnings: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofSummary:
    """One proof, as it is reported."""

    type: str
    cryptosuite: str | None = None
    alg: str | None = None
    verification_method: str | None = None
    created: str | None = None
    outcome: Outcome = Outcome.INDETERMINATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """What steps 2 and 3 found: three checks, and the document as the proof secures it."""

    data_loss: CheckResult
    proof: CheckResult
    issuer: CheckResult
    document: Mapping[str, Any] | None
    """The document that was hashed, proofs included; None unless the proof check passed."""
    proofs: tuple[ProofSummary, ...] = ()
    contexts: Mapping[str, str] = field(default_factory=dict)
    """URL → SHA-256 of the context revision that was used."""
    structure: CheckResult | None = None
    """What the proof step adds to `structure`: an unknown context under JCS or JOSE."""
    holder: CheckResult | None = None
    """What the presented record itself shows of its holder (a key binding JWT); None: nothing."""
    controller: str | None = None
    """Of a presentation: who controls the key that signed it, and so holds it. None: not shown."""
    certificates: tuple[bytes, ...] = ()
    """The issuer's X.509 chain (DER, leaf first) where the proof's key was certified so."""
    issued_by: str | None = None
    """The issuer's identifier, of a record that names it elsewhere than in `issuer`."""
    warnings: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A credential whose proof passed. Made only by `gateway.proof.prove`."""

    document: Mapping[str, Any]
    issuer: str
    format: str
    vcdm: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unverified:
    """A credential that could be read but not proven; shown only as `claimsUnverified`."""

    document: Mapping[str, Any]
    issuer: str | None
    format: str
    vcdm: str | None


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
class Expected:
    """What the holder's own proof must be made for (T38): the caller's challenge and domain."""

    challenge: str | None = None
    """`challenge` of a Data Integrity proof, `nonce` of a token."""
    domain: frozenset[str] = frozenset()
    """`domain` of a Data Integrity proof, `aud` of a token; compared as a set."""


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
class Record:
    """What a credential says, in one vocabulary (Open Badges 3.0 names; design: result-model).

    The members are JSON-ready: plain dicts, lists, strings. Absent values are None, "" is never used.
    Text is a string, or a language map (BCP 47 tag → string; "und" where none is given).
    """

    id: str | None = None
    types: tuple[str, ...] = ()
    name: str | Mapping[str, str] | None = None
    description: str | Mapping[str, str] | None = None
    image: str | None = None
    issuer: Mapping[str, Any] = field(default_factory=dict)
    """{name, url, identifiers[]}: the credential's own claim about its issuer."""
    subject: Mapping[str, Any] = field(default_factory=dict)
    """{id, name, identifiers[]}."""
    achievements: tuple[Mapping[str, Any], ...] = ()
    dates: Mapping[str, str | None] = field(default_factory=dict)
    evidence: tuple[Mapping[str, Any], ...] = ()
    endorsements: tuple[Mapping[str, Any], ...] = ()
    associations: tuple[Mapping[str, Any], ...] = ()
    partial: bool | None = None
    children: tuple[tuple[str, Any], ...] = ()
    """(JSON Pointer, embedded credential: object or compact token), to be verified each by itself."""
    unmapped: tuple[str, ...] = ()
    """JSON Pointers of members that this vocabulary has no place for."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What has been found about one credential so far. None: not asked, so a policy sees it as unknown."""

    checks: Mapping[CheckName, CheckResult]
    secured: Secured | None = None
    proven: Proven | None = None
    verified: Verified | None = None
    record: Record | None = None
    statuses: tuple[StatusEvidence, ...] | None = None
    trust: tuple[TrustEvidence, ...] = ()
    children: tuple[VerificationResult, ...] | None = None
    endorsements: tuple[VerificationResult, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestLimits:
    """What one request may cost; the tenant's limits, or the defaults of the configuration."""

    max_children: int
    """Embedded records, at all depths together."""
    fetches: int
    """Look-ups that leave the process."""
    deadline: float
    """Seconds until the answer, definite or indeterminate."""
    max_bytes: int = 16 * 1024 * 1024
    """Octets that may come out of containers, all together: four times the largest body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationRequest:
    """What to verify, and against what."""

    presented: Presented
    limits: RequestLimits
    policy: Policy | None = None
    as_of: datetime | None = None
    """The instant for validity and policy dates; None is now."""
    reference: str | None = None
    """The caller's own, at most 64 characters, echoed."""
    require_presentation: bool = False
    """Whether what is sent has to be presented by its holder: a presentation, or a key binding."""
    allow_unsigned_presentation: bool = False
    """Whether an envelope without a proof will do for that, beside what the policy allows."""
    expected: Expected | None = None
    """What a presentation has to be bound to."""
    spend: Callable[[], Awaitable[bool]] | None = None
    """Takes the expected challenge out of those that may still be used, once a proof has answered it; False
    where the caller keeps account of it. Raises Invalid (`challenge-used`, …) or Unavailable."""
    candidate: Mapping[str, str] = field(default_factory=dict)
    """Whom the caller expects the record to be about: {email, name, phone, studentId, …}."""
    refresh: bool = False
    """Whether to ask for a newer version of a credential that is still good (`gateway.refresh`)."""
    require_issuer: bool = True
    """False only for VC-API's `issuer_binding = "report"`: status is then asked of any proven credential."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormatInfo:
    """What was presented, technically."""

    name: str | None
    vcdm: str | None = None
    media_type: str | None = None
    detected_by: str | None = None
    contexts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationResult:
    """The one answer (design: result-model). `gateway.api.rendering` makes it JSON."""

    id: str
    reference: str | None
    verified_at: datetime
    as_of: datetime
    outcome: Outcome
    authentic: bool
    verified: bool
    decision: Decision | None
    recheck_after: datetime | None
    format: FormatInfo
    checks: tuple[CheckResult, ...]
    document: Mapping[str, Any] | None
    """The credential as verified (or as read, where `claims_unverified`); None after a failed proof."""
    record: Record | None
    claims_unverified: bool
    issuer: str | None
    proofs: tuple[ProofSummary, ...]
    statuses: tuple[StatusEvidence, ...]
    trust: tuple[TrustEvidence, ...]
    children: tuple[VerificationResult, ...] = ()
    endorsements: tuple[VerificationResult, ...] = ()
    """Of the endorsements in it; `record.endorsements` says what came of them."""
    warnings: tuple[Problem, ...] = ()
    pointer: str = ""
    """JSON Pointer of this record in what was presented; "" for the whole."""

    def check(self, name: CheckName) -> CheckResult:
        """Return the check of that name."""
        return next(check for check in self.checks if check.name is name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """Plugin of `gateway/projections`: tells a result in the shape of another standard."""

    name: str
    """By which a request asks for it (`projection`)."""
    project: Callable[[VerificationResult, str], Mapping[str, Any]]
    """(result, Accept-Language header or tag) → JSON-ready document."""
