"""Check results and trust evidence → the facts that a policy sees. The only file that knows both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import policies
from gateway.attestation import attestation
from gateway.holder import HOLDER_PROOF
from gateway.model import AUTHENTICITY, CheckName, CheckResult, Outcome
from gateway.structure import type_names
from gateway.validity import instant
from policies.conditions.credential import IDENTIFIERS
from policies.model import ABSENT, Absent, Facts, State, StatusFact, TrustFact, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from gateway.model import Findings, Proven, Record, VerificationResult, Verified
    from policies import Policy
    from resolvers.model import StatusEvidence
    from resolvers.trust_model import TrustEvidence

_STATE: Final = {Outcome.PASS: State.PASS, Outcome.NOT_APPLICABLE: State.PASS, Outcome.FAIL: State.FAIL}


def rejects_already(policy: Policy, findings: Findings, as_of: datetime, clock_skew: float) -> bool:
    """Whether the policy rejects whatever status, trust and the record's own claims may say.

    Facts are only made where the policy has a rule that may fail so early.
    """
    checks = findings.checks
    if any(checks[name].outcome is Outcome.FAIL for name in AUTHENTICITY if name in checks):
        return True
    if not policy.early:
        return False
    return policies.first_answer(policy, facts(findings, as_of, clock_skew)) is Verdict.REJECT


def facts(findings: Findings, as_of: datetime, clock_skew: float) -> Facts:
    """Return what the policy may look at; whatever was not found out is unknown.

    Without `verified` no claim becomes a fact: only the four checks that decide before any rule do.
    Without `record` it is the policy's first question: issuer, method, suite, format and types alone.

    A policy decides about one credential. Of several in one presentation each is decided by itself,
    with its own findings and what the presentation shows of the holder (the checks `holder` and
    `subject`); the verdict on the presentation is the least of theirs, and a presentation without any
    credential has none that could be accepted.
    """
    checks, verified, record = findings.checks, findings.verified, findings.record
    known: dict[str, Any] = {
        "as_of": as_of,
        "clock_skew": clock_skew,
        "structure": _state(checks, CheckName.STRUCTURE),
        "data_loss": _state(checks, CheckName.DATA_LOSS),
        "proof": _state(checks, CheckName.PROOF),
        "issuer_binding": _state(checks, CheckName.ISSUER),
    }
    if verified is not None and findings.proven is not None:
        known |= _first(verified, findings.proven)
        if record is not None:
            known |= _rest(verified, record, findings)
    return Facts(**known)


def _first(verified: Verified, proven: Proven) -> dict[str, Any]:
    """Return what is known without asking anybody else."""
    issuer = verified.issuer
    passed = [proof for proof in proven.proofs if proof.outcome is Outcome.PASS]
    return {
        "issuer": issuer,
        "did_method": issuer.split(":", 2)[1] if issuer.startswith("did:") else ABSENT,
        "format": verified.format,
        "proof_suites": tuple([proof.cryptosuite or proof.alg or proof.type for proof in passed]),
        "types": type_names(verified.document),
    }


def _rest(verified: Verified, record: Record, findings: Findings) -> dict[str, Any]:
    """Return what the record says, and what others say of it and of its holder."""
    document, checks = verified.document, findings.checks
    structure = checks[CheckName.STRUCTURE]
    start, end = _period(checks.get(CheckName.VALIDITY))
    stated = _stated(record)
    confirmed = attestation(verified, record, endorsements=findings.endorsements, children=findings.children)
    return {
        "inline_context": bool(structure.facts.get("inlineContexts")),
        "unknown_contexts": any(problem.code == "unknown-context" for problem in structure.problems),
        "valid_from": start,
        "valid_until": end,
        "earned": _earned(record),
        "achievement_types": _achievement_types(stated),
        "achievement_ids": _achievement_ids(stated),
        "alignments": _alignments(stated),
        "schema": _schema(document, checks),
        "statuses": None if findings.statuses is None else tuple([_status(each) for each in findings.statuses]),
        "trust": {evidence.question or evidence.source: _trust(evidence) for evidence in findings.trust},
        "attesters": confirmed.attesters,
        "learner_verification": confirmed.learner,
        "children_current": None if findings.children is None else _current(findings.children),
        **_presented(checks),
    }


def _presented(checks: Mapping[CheckName, CheckResult]) -> dict[str, Any]:
    """Return what is known of whoever presents it.

    Without a check of the holder nothing was presented that could show one: neither a presentation
    nor a key binding. Without a check of the subject the request names no candidate.
    """
    holder, subject = checks.get(CheckName.HOLDER), checks.get(CheckName.SUBJECT)
    known: dict[str, Any] = {"holder_bound": False, "unsigned_presentation": False}
    if holder is not None:
        known["unsigned_presentation"] = holder.facts.get("unsignedPresentation")
        # Matching the candidate's identifiers shows whose it is, not who presents it.
        proven = holder.outcome is Outcome.PASS and holder.facts.get("binding") == HOLDER_PROOF
        known["holder_bound"] = None if holder.outcome is Outcome.INDETERMINATE else proven
    if subject is not None:
        known["candidate"] = subject.facts.get("fields")
    return known


def _state(checks: Mapping[CheckName, CheckResult], name: CheckName) -> State | None:
    check = checks.get(name)
    return None if check is None else _STATE.get(check.outcome)


def _period(validity: CheckResult | None) -> tuple[datetime | Absent | None, datetime | Absent | None]:
    """Return the ends of the validity period as its check has read them: a malformed one is not known."""
    if validity is None or not validity.facts:
        return None, None
    start, end = validity.facts["validFrom"], validity.facts["validUntil"]
    return (ABSENT if start is None else instant(start), ABSENT if end is None else instant(end))


def _stated(record: Record) -> Iterable[Mapping[str, Any]]:
    """Return what the issuer states, without what is only passed on: that is marked, and never becomes a fact."""
    return [achievement for achievement in record.achievements if not achievement.get("claimsUnverified")]


def _achievement_types(stated: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    found = [achievement.get("achievementType") for achievement in stated]
    return tuple([kind for kind in found if isinstance(kind, str)])


def _achievement_ids(stated: Iterable[Mapping[str, Any]]) -> tuple[tuple[str, str], ...]:
    found = [(name, achievement.get(name)) for achievement in stated for name in IDENTIFIERS]
    return tuple([(name, value) for name, value in found if isinstance(value, str)])


def _alignments(stated: Iterable[Mapping[str, Any]]) -> tuple[tuple[str | None, str | None], ...]:
    return tuple(
        [
            (alignment.get("targetFramework"), alignment.get("targetCode") or alignment.get("targetUrl"))
            for achievement in stated
            for alignment in achievement.get("alignments") or ()
        ]
    )


def _earned(record: Record) -> datetime | Absent | None:
    for name in ("awarded", "activityEnd"):
        value = record.dates.get(name)
        if value is not None:
            return instant(value)
    return ABSENT


def _schema(document: Mapping[str, Any], checks: Mapping[CheckName, CheckResult]) -> State | Absent | None:
    if document.get("credentialSchema") is None:
        return ABSENT
    check = checks.get(CheckName.SCHEMA)
    return None if check is None or check.outcome is Outcome.NOT_APPLICABLE else _STATE.get(check.outcome)


def _status(evidence: StatusEvidence) -> StatusFact:  # here and below: `.value` takes twice as long as `str`
    source = evidence.source
    return StatusFact(
        purpose=evidence.purpose,
        state=str(evidence.state),
        age=None if source is None else source.age,
        issuer=evidence.list_issuer,
        stale=source is not None and source.stale,
    )


def _trust(evidence: TrustEvidence) -> TrustFact:
    return TrustFact(
        state=str(evidence.state),
        authenticity=str(evidence.authenticity),
        freshness=None if evidence.freshness is None else str(evidence.freshness),
        tier=evidence.tier,
        assurance=evidence.assurance,
    )


def _current(children: Iterable[VerificationResult]) -> bool | Absent | None:
    """False where one is known not to be current, None where one is not known to be."""
    outcomes = [child.outcome for child in children]
    if not outcomes:
        return ABSENT
    if Outcome.FAIL in outcomes:
        return False
    return None if Outcome.INDETERMINATE in outcomes else True
