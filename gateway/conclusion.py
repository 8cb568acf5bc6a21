"""The conclusion: everything that was found about one credential, summed up in one result."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from gateway.checks import complete
from gateway.model import AUTHENTICITY, COUNTED, CheckName, FormatInfo, Outcome, VerificationResult, worst
from gateway.validity import instant
from resolvers.model import StatusState
from resolvers.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

    from gateway.model import CheckResult, Findings, Presented
    from policies.model import Decision

LOOK_AGAIN: Final = timedelta(minutes=5)
"""When to ask again after an outage."""

STATUS_CHANGES: Final = timedelta(hours=24)
"""When to ask again about a record that its issuer may still revoke."""


def conclude(
    findings: Findings,
    *,
    presented: Presented,
    pointer: str,
    reference: str | None,
    now: datetime,
    as_of: datetime,
    decision: Decision | None,
) -> VerificationResult:
    """Sum up; after a failed proof no claim is kept."""
    secured, proven, verified = findings.secured, findings.proven, findings.verified
    checks = complete(findings.checks)
    by_name = {check.name: check.outcome for check in checks}
    outcome = worst([by_name[name] for name in COUNTED])
    return VerificationResult(
        id=uuid.uuid4().urn,
        reference=reference,
        verified_at=now,
        as_of=as_of,
        outcome=outcome,
        authentic=all(by_name[name] in (Outcome.PASS, Outcome.NOT_APPLICABLE) for name in AUTHENTICITY),
        verified=outcome is Outcome.PASS,
        decision=decision,
        recheck_after=_recheck_after(findings, outcome, now),
        format=FormatInfo(
            name=None if secured is None else secured.format.name,
            vcdm=None if secured is None else secured.vcdm,
            media_type=presented.media_type,
            detected_by=None if secured is None else "content",
            contexts={} if proven is None else proven.contexts,
        ),
        checks=checks,
        document=_document(findings),
        record=findings.record,
        claims_unverified=verified is None and findings.record is not None,
        issuer=None if verified is None else verified.issuer,
        proofs=() if proven is None else proven.proofs,
        statuses=findings.statuses or (),
        trust=findings.trust,
        children=findings.children or (),
        endorsements=findings.endorsements or (),
        warnings=_warnings(findings),
        pointer=pointer,
    )


def _document(findings: Findings) -> Mapping[str, Any] | None:
    """Return the document as verified, or as it was read where that could not be checked."""
    if findings.verified is not None:
        return findings.verified.document
    return None if findings.record is None or findings.secured is None else findings.secured.document


def _warnings(findings: Findings) -> tuple[Problem, ...]:
    of_format = () if findings.secured is None else findings.secured.warnings
    of_proof = () if findings.proven is None else findings.proven.warnings
    of_children = tuple(
        Problem(code="child-not-current", detail=f"the embedded record is {child.outcome}", pointer=child.pointer)
        for child in findings.children or ()
        if child.authentic and child.outcome is not Outcome.PASS
    )
    return of_format + of_proof + of_children


def _recheck_after(findings: Findings, outcome: Outcome, now: datetime) -> datetime | None:
    """Say when another answer could be had: soon after an outage, at the end of validity, on a change of status."""
    if outcome is Outcome.INDETERMINATE:
        return now + LOOK_AGAIN
    if outcome is Outcome.FAIL or findings.verified is None:
        return None
    end = _end(findings.checks)
    active = any(status.state is StatusState.ACTIVE for status in findings.statuses or ())
    change = now + STATUS_CHANGES if active else None
    return min([moment for moment in (end, change) if moment is not None], default=None)


def _end(checks: Mapping[CheckName, CheckResult]) -> datetime | None:
    """Return the end of the validity period as its check has read it."""
    validity = checks.get(CheckName.VALIDITY)
    end = None if validity is None else validity.facts.get("validUntil")
    return None if end is None else instant(end)
