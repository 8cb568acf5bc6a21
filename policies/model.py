"""What a policy sees (`Facts`) and what it says (`Decision`).

Pure data. In `Facts`, None always means *unknown*: not asked, unreachable, or not decided. What is
known to be absent says so (`ABSENT`, an empty tuple), so that an outage can never look like absence.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime


class State(StrEnum):
    """Kleene's three truth values."""

    PASS = "pass"  # noqa: S105 — a verdict, not a password
    FAIL = "fail"
    UNKNOWN = "unknown"


class Verdict(StrEnum):
    """What a policy decides."""

    ACCEPT = "accept"
    REVIEW = "review"
    REJECT = "reject"


class Absent(StrEnum):
    """Known not to be there."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusFact:
    """One credential status entry."""

    purpose: str
    state: str
    """active | revoked | suspended | refresh | message; "unknown" where it could not be had."""
    age: float | None = None
    """Seconds since the list was fetched."""
    stale: bool = False
    """Whether the list is past its freshness and could not be refreshed. A clear bit in it then counts
    only as far as the policy bears its age (`Policy.stale_status_within`); a set one always does."""
    issuer: str | None = None
    """Who issued the list."""


ISSUER: Final = "issuer"
ATTESTER: Final = "attester"
DOMAIN_LINKAGE: Final = "domain-linkage"
"""The issuer's own domain as a source: it needs no configuration, and no configured one may take its id."""
RESERVED_SOURCES: Final = frozenset({DOMAIN_LINKAGE})


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustQuestion:
    """What a policy asks one trust source: about whom, and what besides "is it listed?"."""

    source: str
    """The id under which the source is configured (`[trust.<id>]`)."""
    about: str = ISSUER
    """issuer | attester: whoever confirmed what the record says, where that is somebody else."""
    terms: tuple[tuple[str, str], ...] = ()
    """(name, value), sorted by name: what is asked besides, such as ("trust_mark", "https://…")."""
    key: str = field(init=False, compare=False)
    """Its place in `Facts.trust`: `ce-iir`, `al-providers?about=attester`, `al-federation?trust_mark=https%3A…`."""

    def __post_init__(self) -> None:
        """Make the key: the source alone where nothing is asked besides, so that it reads as it is written."""
        about = () if self.about == ISSUER else (("about", self.about),)
        query = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in (*about, *self.terms))
        object.__setattr__(self, "key", f"{self.source}?{query}" if query else self.source)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustFact:
    """What one trust source answers to one question."""

    state: str
    """listed | not_listed | unknown."""
    authenticity: str = "unverified"
    """unverified | integrity_verified | authenticated."""
    freshness: str | None = None
    """fresh | stale | expired; None where the source does not say."""
    tier: str | None = None
    assurance: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything a policy may look at. None is unknown."""

    as_of: datetime
    """With a time zone, as every instant here; calendar arithmetic is done in this one's."""
    clock_skew: float = 0.0
    """Seconds by which another clock may differ, as in the check of the validity period."""
    structure: State | None = None
    data_loss: State | None = None
    proof: State | None = None
    issuer_binding: State | None = None
    """The four that decide before any rule: fail rejects, unknown reviews at best."""
    issuer: str | None = None
    did_method: str | Absent | None = None
    format: str | None = None
    proof_suites: tuple[str, ...] | None = None
    """Cryptosuites or JOSE algorithms of the proofs that verified."""
    types: tuple[str, ...] | None = None
    achievement_types: tuple[str, ...] | None = None
    achievement_ids: tuple[tuple[str, str], ...] | None = None
    """(ctid | id, value) of each achievement in it, by which `credential_in` names them."""
    inline_context: bool | None = None
    unknown_contexts: bool | None = None
    valid_from: datetime | Absent | None = None
    """validFrom or issuanceDate."""
    valid_until: datetime | Absent | None = None
    earned: datetime | Absent | None = None
    """awardedDate, else activityEndDate."""
    schema: State | Absent | None = None
    statuses: tuple[StatusFact, ...] | None = None
    """() where the credential declares none."""
    trust: Mapping[str, TrustFact] = field(default_factory=dict)
    """By `TrustQuestion.key`; an answer that is missing here is unknown."""
    attesters: tuple[str | None, ...] | None = None
    """Who has confirmed what the record says of the learner; () where nobody has, None in it for somebody
    who could not be made sure of."""
    learner_verification: str | None = None
    """provider_verified | platform_verified: who, at least, has confirmed the learner."""
    alignments: tuple[tuple[str | None, str | None], ...] | None = None
    """(framework, code or URL)."""
    children_current: bool | Absent | None = None
    """Whether every embedded credential is current; ABSENT where there is none."""
    holder_bound: bool | None = None
    """Whether whoever presented it has proven to be its holder."""
    unsigned_presentation: bool | None = None
    """Whether it came in a presentation without a proof; False where it came in none."""
    candidate: Mapping[str, str] | None = None
    """Field of the candidate that the request names → match | mismatch | unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleOutcome:
    """One rule's part in a decision."""

    id: str
    origin: str
    """The policy file's id@version that states it."""
    severity: str
    """require | warn."""
    state: State
    say: str
    found: str
    """What was found, in plain words."""
    fix: str | None
    verdict: Verdict
    """What this rule alone would decide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One condition that would have to hold for the policy to accept."""

    rule: str
    """The id of the rule that asks for it."""
    origin: str
    """The policy file's id@version that states that rule."""
    condition: str
    """Its key in a policy file."""
    state: State
    """What it is now: fail or unknown."""
    say: str
    """What has to be the case, in plain words: a clause without capital and full stop."""


def _nothing() -> tuple[Change, ...]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What the policy decides, and why."""

    verdict: Verdict
    policy: str
    version: str
    digest: str
    """SHA-256 of the resolved policy, inherited rules included."""
    title: str
    jurisdiction: str | None
    rules: tuple[RuleOutcome, ...]
    reasons: tuple[str, ...] = ()
    """Codes that decided before any rule, such as `proof-failed`."""
    facts_digest: str = ""
    would_change: Callable[[], tuple[Change, ...]] = field(default=_nothing, compare=False, repr=False)
    """Finds the fewest conditions that would make the policy accept (`policies.change`), when called."""
