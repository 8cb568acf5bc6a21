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
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import policies
from gateway import credential_status, evidence, trust
from gateway.checks import found, joined, unasked, unsupported, with_children
from gateway.conclusion import conclude
from gateway.model import (
    AUTHENTICITY,
    CheckName,
    CheckResult,
    Findings,
    Outcome,
    Presented,
    Proven,
    Unverified,
    VerificationRequest,
    VerificationResult,
)
from gateway.proof import prove
from gateway.structure import check_structure, issuer_of
from gateway.validity import check_validity
from policies.model import Verdict
from resolvers.model import Budget
from resolvers.problems import Invalid, Problem

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from gateway.model import ProofTools, Record, Secured, Verified
    from gateway.verifier import Verifier
    from policies import Policy, TrustQuestion
    from policies.model import Decision, Facts
    from resolvers.model import Lookup, StatusEvidence, TrustEvidence

MAX_DEPTH = 4
"""Records within records; a CLR holds badges, and a badge holds nothing."""

CHILDREN_AT_ONCE = 8
"""Embedded records under way together: enough to overlap their look-ups, and few enough that the
event loop answers others in between (8 signature checks take about a millisecond)."""


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
        checks[CheckName.STRUCTURE] = found(CheckName.STRUCTURE, Outcome.FAIL, wrong.problem)
        return _answer(run, policy, presented, pointer, Findings(checks=checks))
    checks[CheckName.STRUCTURE] = check_structure(secured)
    if checks[CheckName.STRUCTURE].outcome is Outcome.FAIL:
        return _answer(run, policy, presented, pointer, Findings(checks=checks, secured=secured))

    # 2 and 3. Keys, proof, issuer.
    with verifier.observe("proof"):
        proven, verified = await _prove(run, secured)
    checks |= {check.name: check for check in (proven.data_loss, proven.proof, proven.issuer)}
    if proven.structure is not None:
        checks[CheckName.STRUCTURE] = joined(checks[CheckName.STRUCTURE], proven.structure)
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
    checks |= unsupported(verified)
    checks |= with_children(checks, record, children, asked=ask)

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
    unknown = [found(name, Outcome.INDETERMINATE, late) for name in AUTHENTICITY[1:]]
    return Proven(data_loss=unknown[0], proof=unknown[1], issuer=unknown[2], document=None), None


async def _look_up(
    run: _Run, policy: Policy | None, verified: Verified, record: Record, pointer: str, depth: int
) -> tuple[tuple[StatusEvidence, ...], tuple[TrustEvidence, ...], tuple[VerificationResult, ...] | None]:
    """Ask about status and trust, and verify what is embedded: concurrently where there is more than one."""
    questions: frozenset[TrustQuestion] = frozenset() if policy is None else policy.trust_questions()
    statuses = _statuses(run, policy, verified)
    parties = trust.Parties(issuer=verified.issuer)
    vouched = trust.ask(
        questions, parties, run.now, run.lookup, run.verifier.trust_configured, run.verifier.trust_sources
    )
    children = _children(run, record, pointer, depth)
    if bool(verified.document.get("credentialStatus")) + bool(questions) + bool(record.children) < 2:  # noqa: PLR2004 — one or none: a task group costs 19 µs
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
    return None if policy is None else run.verifier.decide(policy, _facts(run, findings))


def _status(run: _Run, verified: Verified, statuses: tuple[StatusEvidence, ...] | None) -> CheckResult:
    if not credential_status.entries(verified.document):
        return found(CheckName.STATUS, Outcome.NOT_APPLICABLE)
    return unasked(CheckName.STATUS) if statuses is None else credential_status.check(statuses, run.stale_within)


def _unverified_record(verifier: Verifier, secured: Secured, proven: Proven) -> Record | None:
    """Read what could not be checked, for showing it as such; nothing of what was found to be wrong."""
    if Outcome.FAIL in (proven.proof.outcome, proven.data_loss.outcome):
        return None
    document = secured.document
    claims = Unverified(document=document, issuer=issuer_of(document), format=secured.format.name, vcdm=secured.vcdm)
    return verifier.normalizer(document).normalize(claims)


def _answer(
    run: _Run, policy: Policy | None, presented: Presented, pointer: str, findings: Findings
) -> VerificationResult:
    return conclude(
        findings,
        presented=presented,
        pointer=pointer,
        reference=None if pointer else run.request.reference,
        now=run.now,
        as_of=run.as_of,
        decision=_decide(run, policy, findings),
    )
