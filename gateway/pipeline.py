"""verify(): the whole algorithm, one readable page.

1. Recognize the securing mechanism and parse strictly. Nothing is trusted yet.
2. Dereference each verification method, and require its proof purpose in the controller document.
3. Verify the proof; the issuer must control the method. This alone yields `Verified`.
4. Validity period, 5. credential status and 6. schema. What needs no network is checked inline; what
   does runs concurrently. Before them the policy is asked once with what is known by then: where it
   already rejects, nothing more is fetched.
7. Holder binding.
8. Trust: ask only the sources that this policy names. Embedded records are verified each by itself.
9. decision = policies.evaluate(policy, facts): pure.
10. Normalize. (The document is verified by then; it stands before 8 since policies read achievements.)
"""

from __future__ import annotations

import asyncio
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import policies
from gateway import credential_status, evidence, trust
from gateway.model import (
    AUTHENTICITY,
    COUNTED,
    CheckName,
    CheckResult,
    Findings,
    FormatInfo,
    Outcome,
    Presented,
    Proven,
    Unverified,
    VerificationRequest,
    VerificationResult,
    worst,
)
from gateway.proof import prove
from gateway.structure import check_structure
from gateway.validity import check_validity, validity_period
from policies.model import Verdict
from resolvers.model import Budget, StatusState
from resolvers.problems import Invalid, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

    from gateway.model import ProofTools, Record, Secured, Verified
    from gateway.verifier import Verifier
    from policies import Policy
    from policies.model import Decision, Facts
    from resolvers.model import Lookup, StatusEvidence, TrustEvidence

MAX_DEPTH = 4
"""Records within records; a CLR holds badges, and a badge holds nothing."""

CHILDREN_AT_ONCE = 8
"""Embedded records under way together: enough to overlap their look-ups, and few enough that the
event loop answers others in between (8 signature checks take about a millisecond)."""

LOOK_AGAIN = timedelta(minutes=5)
"""When to ask again after an outage."""

STATUS_CHANGES = timedelta(hours=24)
"""When to ask again about a record that its issuer may still revoke."""


@dataclass(slots=True, kw_only=True)
class _Run:
    """What one request shares among the whole and its embedded records."""

    verifier: Verifier
    request: VerificationRequest
    now: datetime
    as_of: datetime
    budget: Budget
    lookup: Lookup
    tools: ProofTools
    lists: credential_status.StatusLists
    stale_within: float | None
    """Seconds of age up to which the policy bears a status that could not be refreshed."""
    children_left: int


async def verify(verifier: Verifier, request: VerificationRequest) -> VerificationResult:
    """Verify what was presented, and decide by the request's policy if there is one.

    Whatever is presented gets a result, within the request's deadline; only a defect of ours raises.
    """
    now = verifier.clock()
    as_of = request.as_of or now
    policy = request.policy
    budget = Budget(fetches=request.limits.fetches, deadline=time.monotonic() + request.limits.deadline)
    lookup = verifier.lookup(budget)
    unknown_contexts = policy is not None and policy.allow_unknown_contexts
    run = _Run(
        verifier=verifier,
        request=request,
        now=now,
        as_of=as_of,
        budget=budget,
        lookup=lookup,
        tools=verifier.proof_tools(lookup, now=now, as_of=as_of, allow_unknown_contexts=unknown_contexts),
        lists=credential_status.StatusLists(lookup, verifier.verify_list, None if policy is None else policy.max_age()),
        stale_within=None if policy is None else policy.stale_status_within,
        children_left=request.limits.max_children,
    )
    return await _examine(run, request.presented, policy)


async def _examine(
    run: _Run, presented: Presented, policy: Policy | None, pointer: str = "", depth: int = 0
) -> VerificationResult:
    verifier = run.verifier
    checks: dict[CheckName, CheckResult] = {}

    # 1. Recognize and parse.
    try:
        secured = verifier.recognize(presented)
    except Invalid as wrong:
        checks[CheckName.STRUCTURE] = _found(CheckName.STRUCTURE, Outcome.FAIL, wrong.problem)
        return _answer(run, policy, presented, pointer, Findings(checks=checks))
    checks[CheckName.STRUCTURE] = check_structure(secured)
    if checks[CheckName.STRUCTURE].outcome is Outcome.FAIL:
        return _answer(run, policy, presented, pointer, Findings(checks=checks, secured=secured))

    # 2 and 3. Keys, proof, issuer.
    with verifier.observe("proof"):
        proven, verified = await _prove(run, secured)
    checks |= {check.name: check for check in (proven.data_loss, proven.proof, proven.issuer)}
    if proven.structure is not None:
        checks[CheckName.STRUCTURE] = _worse(checks[CheckName.STRUCTURE], proven.structure)
    if verified is None:
        record = _unverified_record(verifier, secured, proven)
        findings = Findings(checks=checks, secured=secured, proven=proven, record=record)
        return _answer(run, policy, presented, pointer, findings)

    # 4. Validity period, and the policy's first answer.
    checks[CheckName.VALIDITY] = check_validity(verified, as_of=run.as_of, clock_skew=run.tools.clock_skew)
    bound = proven.issuer.outcome is Outcome.PASS or not run.request.require_issuer
    findings = Findings(checks=checks, secured=secured, proven=proven, verified=verified)
    ask = bound and not _rejects_already(run, policy, findings)

    # 10. Normalize.
    with verifier.observe("normalize"):
        record = verifier.normalizer(verified.document).normalize(verified)

    # 5. Status, 8. trust, and embedded records.
    statuses: tuple[StatusEvidence, ...] | None = None
    vouched: tuple[TrustEvidence, ...] = ()
    children: tuple[VerificationResult, ...] | None = None
    if ask:
        with verifier.observe("look-ups"):
            statuses, vouched, children = await _look_up(run, policy, verified, record, pointer, depth)
    checks[CheckName.STATUS] = _status(run, verified, statuses)
    checks |= _unsupported(verified)
    checks |= _with_children(checks, record, children, asked=ask)

    # 9. Decide.
    findings = Findings(
        checks=checks,
        secured=secured,
        proven=proven,
        verified=verified,
        record=record,
        statuses=statuses,
        trust=vouched,
        children=children,
    )
    return _answer(run, policy, presented, pointer, findings)


async def _prove(run: _Run, secured: Secured) -> tuple[Proven, Verified | None]:
    left = run.budget.deadline - time.monotonic()
    if left > 0:  # a proof that waits for nothing would not notice the time-out
        with suppress(TimeoutError):
            async with asyncio.timeout(left):
                return await prove(secured, run.tools)
    late = Problem(code="deadline-exceeded", detail="the proof could not be checked in time")
    unknown = [_found(name, Outcome.INDETERMINATE, late) for name in AUTHENTICITY[1:]]
    return Proven(data_loss=unknown[0], proof=unknown[1], issuer=unknown[2], document=None), None


async def _look_up(
    run: _Run, policy: Policy | None, verified: Verified, record: Record, pointer: str, depth: int
) -> tuple[tuple[StatusEvidence, ...], tuple[TrustEvidence, ...], tuple[VerificationResult, ...] | None]:
    """Ask about status and trust, and verify what is embedded: concurrently where there is more than one."""
    sources = frozenset[str]() if policy is None else policy.trust_sources()
    statuses = _statuses(run, policy, verified)
    vouched = trust.ask(
        sources, verified.issuer, run.now, run.lookup, run.verifier.trust_configured, run.verifier.trust_sources
    )
    children = _children(run, record, pointer, depth)
    if bool(verified.document.get("credentialStatus")) + bool(sources) + bool(record.children) < 2:  # noqa: PLR2004 — one or none: a task group costs 19 µs
        return await statuses, await vouched, await children
    async with asyncio.TaskGroup() as group:
        tasks = group.create_task(statuses), group.create_task(vouched), group.create_task(children)
    return tasks[0].result(), tasks[1].result(), tasks[2].result()


async def _statuses(run: _Run, policy: Policy | None, verified: Verified) -> tuple[StatusEvidence, ...]:
    accepted = run.verifier.config.status.accepted_issuers
    if policy is not None:
        accepted |= policy.status_issuers()
    read = [
        credential_status.read(
            entry,
            pointer,
            verified,
            run.lists,
            run.verifier.status_methods,
            minimum_entries=run.verifier.config.status.minimum_entries,
            accepted_issuers=accepted,
        )
        for pointer, entry in credential_status.entries(verified.document)
    ]
    if len(read) > 1:
        return tuple(await asyncio.gather(*read))
    return tuple([await one for one in read])


async def _children(run: _Run, record: Record, pointer: str, depth: int) -> tuple[VerificationResult, ...] | None:
    """Verify every embedded record; none of them where there are more than the request may cost.

    No policy decides about a child: a policy decides about the whole, and reads `children`.
    """
    count = len(record.children)
    if count > run.children_left or (count and depth + 1 >= MAX_DEPTH):
        return None
    run.children_left -= count
    turn = asyncio.Semaphore(CHILDREN_AT_ONCE)

    async def examine(where: str, embedded: Any) -> VerificationResult:
        async with turn:
            await asyncio.sleep(0)  # let others be answered in between
            return await _examine(run, Presented(content=embedded), None, pointer + where, depth + 1)

    if count == 0:
        return ()
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(examine(where, embedded)) for where, embedded in record.children]
    return tuple(task.result() for task in tasks)


def _rejects_already(run: _Run, policy: Policy | None, findings: Findings) -> bool:
    """Whether the policy rejects whatever status and trust may say."""
    return policy is not None and policies.first_answer(policy, _facts(run, findings)) is Verdict.REJECT


def _facts(run: _Run, findings: Findings) -> Facts:
    return evidence.facts(findings, run.as_of, run.tools.clock_skew)


def _decide(run: _Run, policy: Policy | None, findings: Findings) -> Decision | None:
    return None if policy is None else policies.evaluate(policy, _facts(run, findings))


def _found(name: CheckName, outcome: Outcome, *problems: Problem) -> CheckResult:
    return CheckResult(name=name, outcome=outcome, problems=problems)


def _unasked(name: CheckName) -> CheckResult:
    return _found(name, Outcome.INDETERMINATE, Problem(code="not-asked", detail=f"{name} was not checked"))


def _worse(one: CheckResult, other: CheckResult) -> CheckResult:
    """Return both as one check of the worse outcome."""
    return CheckResult(
        name=one.name,
        outcome=worst((one.outcome, other.outcome)),
        problems=one.problems + other.problems,
        facts={**one.facts, **other.facts},
    )


def _status(run: _Run, verified: Verified, statuses: tuple[StatusEvidence, ...] | None) -> CheckResult:
    if not credential_status.entries(verified.document):
        return _found(CheckName.STATUS, Outcome.NOT_APPLICABLE)
    return _unasked(CheckName.STATUS) if statuses is None else credential_status.check(statuses, run.stale_within)


def _unsupported(verified: Verified) -> dict[CheckName, CheckResult]:
    """Say what the credential asks for that is not done here; neither counts towards the outcome."""
    found = {}
    for name, member, code in (
        (CheckName.SCHEMA, "credentialSchema", "unknown-schema"),
        (CheckName.REFRESH, "refreshService", "refresh-not-supported"),
    ):
        if verified.document.get(member):
            problem = Problem(code=code, detail=f"{member} is not used", pointer=f"/{member}")
            found[name] = _found(name, Outcome.INDETERMINATE, problem)
    return found


def _with_children(
    checks: Mapping[CheckName, CheckResult],
    record: Record,
    children: tuple[VerificationResult, ...] | None,
    *,
    asked: bool,
) -> dict[CheckName, CheckResult]:
    """Fold the embedded records in: each check of authenticity is as good as its worst child's."""
    if not record.children:
        return {}
    if children is None:
        code, name = ("too-many-children", CheckName.STRUCTURE) if asked else ("not-asked", CheckName.PROOF)
        problem = Problem(code=code, detail=f"{len(record.children)} embedded records were not verified")
        return {name: _worse(checks[name], _found(name, Outcome.INDETERMINATE, problem))}
    folded: dict[CheckName, CheckResult] = {}
    for name in AUTHENTICITY:
        for child in children:
            outcome = child.check(name).outcome
            if outcome in (Outcome.FAIL, Outcome.INDETERMINATE):
                detail = f"{name} of the embedded record: {outcome}"
                problem = Problem(code="child-not-authentic", detail=detail, pointer=child.pointer)
                folded[name] = _worse(folded.get(name, checks[name]), _found(name, outcome, problem))
    return folded


def _unverified_record(verifier: Verifier, secured: Secured, proven: Proven) -> Record | None:
    """Read what could not be checked, for showing it as such; nothing of what was found to be wrong."""
    if Outcome.FAIL in (proven.proof.outcome, proven.data_loss.outcome):
        return None
    document = secured.document
    issuer = document.get("issuer")
    issuer = issuer.get("id") if isinstance(issuer, dict) else issuer
    claims = Unverified(
        document=document,
        issuer=issuer if isinstance(issuer, str) else None,
        format=secured.format.name,
        vcdm=secured.vcdm,
    )
    return verifier.normalizer(document).normalize(claims)


def _answer(
    run: _Run, policy: Policy | None, presented: Presented, pointer: str, findings: Findings
) -> VerificationResult:
    """Sum up, decide, and keep claims back after a failed proof."""
    secured, proven, verified = findings.secured, findings.proven, findings.verified
    given = findings.checks
    checks = tuple(
        given.get(name) or (_unasked(name) if name in COUNTED else _found(name, Outcome.NOT_APPLICABLE))
        for name in CheckName
    )
    by_name = {check.name: check for check in checks}
    outcome = worst(by_name[name].outcome for name in COUNTED)
    document = None
    if verified is not None:
        document = verified.document
    elif findings.record is not None and secured is not None:
        document = secured.document
    warnings = (*(secured.warnings if secured else ()), *(proven.warnings if proven else ()))
    warnings += tuple(
        Problem(code="child-not-current", detail=f"the embedded record is {child.outcome}", pointer=child.pointer)
        for child in findings.children or ()
        if child.authentic and child.outcome is not Outcome.PASS
    )
    return VerificationResult(
        id=uuid.uuid4().urn,
        reference=None if pointer else run.request.reference,
        verified_at=run.now,
        as_of=run.as_of,
        outcome=outcome,
        authentic=all(by_name[name].outcome in (Outcome.PASS, Outcome.NOT_APPLICABLE) for name in AUTHENTICITY),
        verified=outcome is Outcome.PASS,
        decision=_decide(run, policy, findings),
        recheck_after=_recheck_after(run, outcome, findings),
        format=FormatInfo(
            name=None if secured is None else secured.format.name,
            vcdm=None if secured is None else secured.vcdm,
            media_type=presented.media_type,
            detected_by=None if secured is None else "content",
            contexts={} if proven is None else proven.contexts,
        ),
        checks=checks,
        document=document,
        record=findings.record,
        claims_unverified=verified is None and findings.record is not None,
        issuer=None if verified is None else verified.issuer,
        proofs=() if proven is None else proven.proofs,
        statuses=findings.statuses or (),
        trust=findings.trust,
        children=findings.children or (),
        warnings=warnings,
        pointer=pointer,
    )


def _recheck_after(run: _Run, outcome: Outcome, findings: Findings) -> datetime | None:
    """Say when another answer could be had: soon after an outage, at the end of validity, on a change of status."""
    if outcome is Outcome.INDETERMINATE:
        return run.now + LOOK_AGAIN
    if outcome is Outcome.FAIL or findings.verified is None:
        return None
    end = validity_period(findings.verified.document).end
    change = run.now + STATUS_CHANGES if any(s.state is StatusState.ACTIVE for s in findings.statuses or ()) else None
    return min((instant for instant in (end, change) if instant is not None), default=None)
