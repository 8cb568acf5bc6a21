"""The only place where a result or an error becomes JSON (design: the normalized result)."""

from __future__ import annotations

from datetime import datetime
from json import JSONEncoder
from typing import TYPE_CHECKING, Any, Final

import orjson

from gateway import messages
from gateway.api._authenticity import own_authenticity
from gateway.api._vc_api_answer import vc_api as vc_api
from gateway.api._vc_api_presentation import vc_api_presentation as vc_api_presentation
from gateway.messages.languages import display
from gateway.model import CheckName, Outcome, Record
from gateway.validity import rfc3339
from policies.model import State, Verdict
from resolvers.model import StatusState
from resolvers.trust_model import Authenticity, ListState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from http import HTTPStatus

    from gateway.messages import Catalogue
    from gateway.model import CheckResult, VerificationResult
    from policies.model import Decision
    from resolvers.model import StatusEvidence
    from resolvers.problems import Problem
    from resolvers.trust_model import TrustEvidence

RESULT_VERSION: Final = "1.0"
"""Of the shape of a result: a new field makes a new minor version, a changed one a new major version."""

_OPTIONS: Final = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS
"""What has no form in JSON is a defect of ours, and no text that a library chooses."""

_ENCODER: Final = JSONEncoder(separators=(",", ":"))

_DATES: Final = ("awarded", "validFrom", "validUntil", "activityStart", "activityEnd", "issued")

_NOTHING: Final = Record()

_BASES: Final = {"did_configuration": "did_domain", "lote": "x509", "x509_anchors": "x509"}
"""Trust sources that are no registries."""

_WORST: Final = (StatusState.REVOKED, StatusState.SUSPENDED, StatusState.UNKNOWN, StatusState.ACTIVE)
"""The states that count, the worst first; `refresh` and `message` only inform."""

_STRENGTH: Final = {Authenticity.UNVERIFIED: 0, Authenticity.INTEGRITY_VERIFIED: 1, Authenticity.AUTHENTICATED: 2}


def result(verification: VerificationResult, *, language: str = "") -> dict[str, Any]:
    """Return the normalized result as JSON, every field present.

    `language` is an Accept-Language header or a plain tag: of the sentences, and of each `displayName`.
    Claims are left out after a failed proof, and marked where they could not be verified.
    """
    words = messages.catalogue(language)
    own = own_authenticity(verification)
    record = _NOTHING if own is Outcome.FAIL or verification.record is None else verification.record
    shown = record is not _NOTHING
    verified_at = rfc3339(verification.verified_at)
    unverified = shown and (verification.claims_unverified or own is not Outcome.PASS)
    return {
        "resultVersion": RESULT_VERSION,
        "id": verification.id,
        "reference": verification.reference,
        "outcome": verification.outcome.value,
        "authentic": verification.authentic,
        "verified": verification.verified,
        "decision": None if verification.decision is None else verification.decision.verdict.value,
        "verifiedAt": verified_at,
        "asOf": verified_at if verification.as_of is verification.verified_at else rfc3339(verification.as_of),
        "recheckAfter": None if verification.recheck_after is None else rfc3339(verification.recheck_after),
        "summary": messages.summary(verification, language),
        "policy": None if verification.decision is None else _policy(verification.decision),
        "format": {
            "name": verification.format.name,
            "version": None,
            "vcdm": verification.format.vcdm,
            "mediaType": verification.format.media_type,
            "detectedBy": verification.format.detected_by,
            "contexts": dict(verification.format.contexts),
        },
        "pointer": verification.pointer,
        "checks": [_check(check, words) for check in verification.checks],
        "warnings": [_problem(warning, words) for warning in verification.warnings],
        "claimsUnverified": unverified,
        "credential": {
            "id": record.id,
            "type": list(record.types),
            "name": record.name,
            "displayName": display(record.name, language),
            "description": record.description,
            "image": record.image,
        },
        "issuer": _issuer(verification, record, words, language),
        "subject": {
            "id": record.subject.get("id"),
            "name": record.subject.get("name"),
            "displayName": display(record.subject.get("name"), language),
            "identifiers": record.subject.get("identifiers", []),
            "binding": verification.check(CheckName.HOLDER).facts.get("binding", "none") if shown else "none",
        },
        "achievements": [
            {
                **achievement,
                "displayName": display(achievement.get("name"), language),
                "verification": "none" if unverified else achievement.get("verification", "none"),
            }
            for achievement in record.achievements
        ],
        "dates": {name: record.dates.get(name) for name in _DATES},
        "evidence": list(record.evidence),
        "endorsements": list(record.endorsements),
        "associations": list(record.associations),
        "partial": record.partial,
        "children": [result(child, language=language) for child in verification.children],
        "status": _status(verification),
        "statuses": [_entry(status, verification.verified_at) for status in verification.statuses],
        "refreshed": bool(verification.check(CheckName.REFRESH).facts.get("replaced")),
        "proof": [
            {
                "type": proof.type,
                "cryptosuite": proof.cryptosuite,
                "alg": proof.alg,
                "verificationMethod": proof.verification_method,
                "created": proof.created,
                "outcome": proof.outcome.value,
            }
            for proof in verification.proofs
        ],
        "unmapped": list(record.unmapped),
    }


def encoded(value: Mapping[str, Any]) -> bytes:
    """Return an answer as JSON, in UTF-8 and without white space, which would make it a fifth longer.

    By orjson: 3 µs for a badge's, where json takes 36. What that has no form for (integers beyond 64
    bits, text that is not Unicode throughout) json writes.
    """
    try:
        return orjson.dumps(value, option=_OPTIONS)
    except orjson.JSONEncodeError:
        return _ENCODER.encode(value).encode()


def problem(
    refused: Problem, status: HTTPStatus | int | None = None, *, request_id: str | None = None, language: str = ""
) -> dict[str, Any]:
    """Return why a request is refused, as RFC 9457 has it; `status` is the HTTP status it is answered with."""
    message = messages.catalogue(language).problems[refused.code]
    members = {
        "type": refused.type,
        "title": refused.title,
        "status": None if status is None else int(status),
        "detail": refused.detail,
        "code": refused.code,
        "say": message.say,
        "fix": message.fix,
        "pointer": refused.pointer,
        "requestId": request_id,
    }
    return {name: value for name, value in members.items() if value is not None}


def _problem(problem: Problem, words: Catalogue) -> dict[str, Any]:
    message = words.problems[problem.code]
    return {
        "type": problem.type,
        "code": problem.code,
        "title": problem.title,
        "detail": problem.detail,
        "say": message.say,
        "fix": message.fix,
        "pointer": problem.pointer,
    }


def _check(check: CheckResult, words: Catalogue) -> dict[str, Any]:
    return {
        "name": str(check.name),  # here and below: `.value` takes four times as long as `str`
        "outcome": str(check.outcome),
        # Most have neither, and a comprehension over nothing takes as long as the rest of this.
        "problems": [_problem(problem, words) for problem in check.problems] if check.problems else [],
        "facts": {name: _plain(fact) for name, fact in check.facts.items()} if check.facts else {},
    }


def _plain(value: Any) -> Any:
    """Return a fact as JSON: whatever a check has written down."""
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted(map(str, value))
    return rfc3339(value) if isinstance(value, datetime) else str(value)


def _policy(decision: Decision) -> dict[str, Any]:
    return {
        "id": decision.policy,
        "version": decision.version,
        "digest": decision.digest,
        "title": decision.title,
        "jurisdiction": decision.jurisdiction,
        "reasons": list(decision.reasons),
        "rules": [
            {
                "id": rule.id,
                "from": rule.origin,
                "severity": rule.severity,
                "state": str(rule.state),
                "say": rule.say,
                "found": rule.found,
                "fix": rule.fix,
            }
            for rule in decision.rules
        ],
        "passed": [rule.id for rule in decision.rules if rule.state is State.PASS],
        "warnings": [
            rule.id for rule in decision.rules if rule.state is not State.PASS and rule.verdict is Verdict.ACCEPT
        ],
        "wouldChange": [
            {
                "rule": change.rule,
                "from": change.origin,
                "condition": change.condition,
                "state": change.state.value,
                "say": change.say,
            }
            for change in (() if decision.verdict is Verdict.ACCEPT else decision.would_change())
        ],
    }


def _issuer(verification: VerificationResult, record: Record, words: Catalogue, language: str) -> dict[str, Any]:
    """Return who issued it: named by a registry that lists them, beside what the credential says itself."""
    claimed = record.issuer.get("name")
    identifier = record.issuer.get("id")
    trust: tuple[TrustEvidence, ...] = ()
    if record is not _NOTHING and not verification.claims_unverified:
        identifier, trust = verification.issuer or identifier, verification.trust
    listed = [evidence for evidence in trust if evidence.state is ListState.LISTED]
    named = max(
        (evidence for evidence in listed if evidence.entity.name),
        key=lambda evidence: _STRENGTH[evidence.authenticity],
        default=None,
    )
    name, source = (named.entity.name, "registry") if named else (display(claimed, language), "credential")
    return {
        "id": identifier,
        "name": claimed,
        "displayName": name,
        "displayNameSource": source if name is not None else None,
        "url": record.issuer.get("url"),
        "identifiers": record.issuer.get("identifiers", []),
        "trust": {
            "basis": _basis(listed[0]) if listed else "none",
            "sources": [_source(evidence, words) for evidence in trust],
        },
    }


def _basis(evidence: TrustEvidence) -> str:
    """Return on what ground a source vouches."""
    return "trust_mark" if "trust_mark=" in evidence.question else _BASES.get(evidence.kind, "registry")


def _source(evidence: TrustEvidence, words: Catalogue) -> dict[str, Any]:
    provenance = evidence.provenance
    return {
        "id": evidence.source,
        "state": evidence.state.value,
        "authenticity": evidence.authenticity.value,
        "freshness": None if evidence.freshness is None else evidence.freshness.value,
        "tier": evidence.tier,
        "registry": evidence.registry,
        "listedAs": evidence.entity.name if evidence.state is ListState.LISTED else None,
        "fetchedAt": None if provenance is None else rfc3339(provenance.fetched_at),
        "digest": None if provenance is None else provenance.sha256,
        "problem": None if evidence.problem is None else _problem(evidence.problem, words),
    }


def _status(verification: VerificationResult) -> str | None:
    """Return the worst of the states that count; None where the credential declares none.

    It is never better than the check: a clear bit of a list that is too old is `unknown`.
    """
    outcome = verification.check(CheckName.STATUS).outcome
    states = {status.state for status in verification.statuses}
    found = next((state for state in _WORST if state in states), None)
    if outcome in (Outcome.PASS, Outcome.NOT_APPLICABLE) or found in (StatusState.REVOKED, StatusState.SUSPENDED):
        return None if found is None else found.value
    return StatusState.UNKNOWN.value


def _entry(status: StatusEvidence, checked_at: datetime) -> dict[str, Any]:
    source = status.source
    return {
        "purpose": status.purpose,
        "state": status.state.value,
        "value": status.value,
        "message": status.message,
        "type": status.type,
        "checkedAt": rfc3339(checked_at),
        "listAge": None if source is None else round(source.age, 3),
        "stale": None if source is None else source.stale,
        "source": status.list_url if source is None else source.url,
    }
