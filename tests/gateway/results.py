"""Verification results as the pipeline makes them, for the tests of what is made of them."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.model import (
    CheckName,
    CheckResult,
    FormatInfo,
    Outcome,
    ProofSummary,
    VerificationResult,
)
from gateway.normalizers.open_badges_3 import PLUGIN
from policies.model import Decision, RuleOutcome, State, Verdict
from resolvers.model import Provenance, StatusEvidence, StatusState
from resolvers.problems import Problem
from resolvers.trust_model import Authenticity, ListState, TrustEntity, TrustEvidence
from tests.gateway.normalizers.badge import ISSUER, badge, verified

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
LIST = "https://university.example/status/1"


def provenance(url: str, *, age: float = 30.0, stale: bool = False) -> Provenance:
    """Return where a fact came from."""
    return Provenance(url=url, sha256=64 * "0", fetched_at=NOW - timedelta(seconds=age), age=age, stale=stale)


def active(**changes: Any) -> StatusEvidence:
    """Return a status entry whose bit is clear."""
    evidence = StatusEvidence(
        type="BitstringStatusListEntry",
        purpose="revocation",
        state=StatusState.ACTIVE,
        value=0,
        list_url=LIST,
        source=provenance(LIST),
    )
    return dataclasses.replace(evidence, **changes)


def listed(name: str | None, **changes: Any) -> TrustEvidence:
    """Return a registry that lists the issuer under `name`."""
    evidence = TrustEvidence(
        source="state-registry",
        kind="signed_list",
        state=ListState.LISTED,
        authenticity=Authenticity.AUTHENTICATED,
        entity=TrustEntity(name=name),
        provenance=provenance("https://registry.example/list"),
    )
    return dataclasses.replace(evidence, **changes)


def check(name: CheckName, outcome: Outcome, *codes: str) -> CheckResult:
    """Return a check that found the problems `codes`."""
    problems = tuple(Problem(code=code, detail="in a test", pointer="/here") for code in codes)
    return CheckResult(name=name, outcome=outcome, problems=problems)


def decision(verdict: Verdict, *rules: RuleOutcome) -> Decision:
    """Return what a state's policy says."""
    return Decision(
        verdict=verdict,
        policy="us-al/talent-triad",
        version="3.1.0",
        digest=64 * "1",
        title="Alabama Talent Triad",
        jurisdiction="US-AL",
        rules=rules,
    )


def rule(state: State, verdict: Verdict, *, name: str = "issuer-recognised", severity: str = "require") -> RuleOutcome:
    """Return one rule's part."""
    return RuleOutcome(
        id=name,
        origin="us-al/talent-triad@3.1.0",
        severity=severity,
        state=state,
        say="The issuer must be in a recognised registry.",
        found="No registry lists the issuer.",
        fix="Ask the issuer to register.",
        verdict=verdict,
    )


_COUNTED = (
    CheckName.STRUCTURE,
    CheckName.DATA_LOSS,
    CheckName.PROOF,
    CheckName.ISSUER,
    CheckName.VALIDITY,
    CheckName.STATUS,
)


def verification(*checks: CheckResult, **changes: Any) -> VerificationResult:
    """Return the result of a badge on which everything passes but `checks`."""
    found = {name: CheckResult(name=name, outcome=Outcome.NOT_APPLICABLE) for name in CheckName}
    found |= {name: CheckResult(name=name, outcome=Outcome.PASS) for name in _COUNTED}
    found |= {one.name: one for one in checks}
    outcomes = [found[name].outcome for name in _COUNTED]
    outcome = next((worst for worst in (Outcome.FAIL, Outcome.INDETERMINATE) if worst in outcomes), Outcome.PASS)
    result = VerificationResult(
        id="urn:uuid:7d9f1c55-2f0a-4c5b-8b0e-5a2f6f1b1a11",
        reference="application-17",
        verified_at=NOW,
        as_of=NOW,
        outcome=outcome,
        authentic=all(one in (Outcome.PASS, Outcome.NOT_APPLICABLE) for one in outcomes[:4]),
        verified=outcome is Outcome.PASS,
        decision=None,
        recheck_after=NOW + timedelta(days=1),
        format=FormatInfo(
            name="data_integrity", vcdm="2.0", media_type="application/vc", detected_by="content", contexts={}
        ),
        checks=tuple(found.values()),
        document=badge(),
        record=PLUGIN.normalize(verified(badge())),
        claims_unverified=False,
        issuer=ISSUER,
        proofs=(ProofSummary(type="DataIntegrityProof", cryptosuite="eddsa-rdfc-2022", outcome=Outcome.PASS),),
        statuses=(active(),),
        trust=(),
    )
    return dataclasses.replace(result, **changes)
