"""What flows through the pipeline: presented → secured → verified → result.

`Secured` is parsed, but its claims are NOT trusted. `Verified` is made only by `gateway.proof`.
Everything that reads claims takes `Verified`, so the type checker refuses to read unproven ones;
`Unverified` is the explicit exception, which only normalizers accept.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping
    from datetime import datetime

    from gateway.plugins import Format
    from policies import Policy
    from policies.model import Decision
    from resolvers.model import StatusEvidence
    from resolvers.problems import Problem
    from resolvers.trust_model import TrustEvidence


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the holder's own proof must be made for (T38): the caller's challenge and domain."""

    challenge: str | None = None
    """`challenge` of a Data Integrity proof, `nonce` of a token."""
    domain: frozenset[str] = frozenset()
    """`domain` of a Data Integrity proof, `aud` of a token; compared as a set."""


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
