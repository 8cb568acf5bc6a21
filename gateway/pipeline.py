"""verify(): the whole algorithm, one readable page.

1. Recognize the securing mechanism and parse strictly. Nothing is trusted yet. What holds several
   records (a container, a presentation) is opened, and each of them takes the steps by itself.
2. Dereference each verification method, and require its proof purpose in the controller document.
3. Verify the proof; the issuer must control the method. This alone yields `Verified`.
4. Validity period, 5. credential status and 6. schema. What needs no network is checked inline; what
   does runs concurrently. Before them the policy is asked once with what is known by then: where it
   already rejects, nothing more is fetched.
7. Holder binding: what the presentation around it, or the record itself, shows of whoever presents it.
8. Trust: ask only the sources that this policy names. Embedded records are verified each by itself,
   and so, after all that counts, are endorsements. A credential that has ended may have a newer version.
9. decision = policies.evaluate(policy, facts): pure.
10. Normalize. (The document is verified by then; it stands before 7 since policies read achievements.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway import credential_status, refresh, schema
from gateway.checks import found, joined, unasked, with_children
from gateway.holder import NOT_PRESENTED, check_holder, check_subject, with_identifier
from gateway.lookups import LookedUp, embedded, look_up
from gateway.model import CheckName, Findings, Outcome, Presented, Unverified, VerificationRequest, VerificationResult
from gateway.opening import aside, bounded, read
from gateway.plugins import Securing
from gateway.proof import prove_by_presentation, prove_in_time, verified_by
from gateway.run import WHOLE, Place, Run
from gateway.several import answered, begin_embedded, examine_presentation, open_container
from gateway.structure import check_structure, issuer_of
from gateway.validity import check_validity
from resolvers.problems import Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.children_pool import Passed
    from gateway.model import CheckResult, Proven, Record, Secured, Verified
    from gateway.plugins import Format
    from gateway.verifier import Verifier
    from policies import Policy
    from resolvers.model import StatusEvidence


async def verify(verifier: Verifier, request: VerificationRequest) -> VerificationResult:
    """Verify what was presented, and decide by the request's policy if there is one.

    Whatever is presented gets a result, within the request's deadline; only a defect of ours raises.
    """
    run = Run.start(verifier, request)
    try:
        return await _examine(run, request.presented, request.policy, WHOLE)
    finally:
        if run.ahead is not None:
            run.ahead.end()


async def _examine(run: Run, presented: Presented, policy: Policy | None, place: Place) -> VerificationResult:
    verifier = run.verifier
    checks: dict[CheckName, CheckResult] = {}

    # 1. Recognize and parse; open what holds others.
    try:
        bounded(presented, parsed=place.depth > 0)  # what is inside was measured with the whole, or parsed
        plugin: Format | None = None
        if not (place.embedded or isinstance(presented.content, dict)):
            presented = await read(presented)
            plugin = await aside(presented, verifier.format_of, presented)
            if plugin is None and (container := verifier.container_of(presented)):
                return await open_container(run, container, presented, policy, place, _examine)
        secured = await aside(presented, verifier.recognize, presented, plugin)
    except Invalid as wrong:
        checks[CheckName.STRUCTURE] = found(CheckName.STRUCTURE, Outcome.FAIL, wrong.problem)
        return run.answer(presented, place, policy, Findings(checks=checks))
    if secured.presentation and not place.embedded:
        return await examine_presentation(run, secured, presented, policy, place, _examine)
    known = None if run.ahead is None else run.ahead.take(secured)  # of a child: by another process
    checks[CheckName.STRUCTURE] = known.structure if known else await aside(presented, check_structure, secured)
    if checks[CheckName.STRUCTURE].outcome is Outcome.FAIL:
        return run.answer(presented, place, policy, Findings(checks=checks, secured=secured))

    # 2 and 3. Keys, proof, issuer.
    proven, verified = await _prove(run, secured, place, known)
    checks |= {check.name: check for check in (proven.data_loss, proven.proof, proven.issuer)}
    if proven.structure is not None:
        checks[CheckName.STRUCTURE] = joined(checks[CheckName.STRUCTURE], proven.structure)
    if verified is not None and run.wants_holder(place) and (doubt := await answered(run, proven, place)):
        checks[CheckName.PROOF], verified = joined(checks[CheckName.PROOF], doubt), None
    if verified is None:
        return run.answer(presented, place, policy, await _unproven(run, presented, secured, proven, checks, place))

    # 4. Validity period, and the policy's first answer.
    checks[CheckName.VALIDITY] = check_validity(verified, as_of=run.as_of, clock_skew=run.tools.clock_skew)
    bound = proven.issuer.outcome is Outcome.PASS or not run.request.require_issuer
    findings = Findings(checks=checks, secured=secured, proven=proven, verified=verified)
    ask = bound and not run.rejects_already(policy, findings)

    # 10. Normalize, and 7. holder binding.
    record = known.record if known else await _normalized(run, presented, verified)
    checks |= _holder(run, place, proven, record)

    # 5. Status, 6. schema, 8. trust, embedded records and endorsements.
    told = LookedUp(record=record)
    if ask:
        with verifier.observe("look-ups"):
            told = await look_up(run, policy, (verified, proven, record), place, _examine)
    checks[CheckName.STATUS] = _status(run, verified, told.statuses)
    checks |= told.conformance or schema.not_asked(verified)
    checks |= with_children(checks, record, told.children, asked=ask)

    # 9. Decide.
    findings = Findings(
        checks=checks,
        secured=secured,
        proven=proven,
        verified=verified,
        record=told.record,
        statuses=told.statuses,
        trust=told.trust,
        children=told.children,
        endorsements=told.endorsements,
    )
    result = run.answer(presented, place, policy, findings)
    return await refresh.newest(run, result, policy, place, _examine) if ask else result


async def _unproven(
    run: Run,
    presented: Presented,
    secured: Secured,
    proven: Proven,
    checks: dict[CheckName, CheckResult],
    place: Place,
) -> Findings:
    """Read what could not be proven, to be shown as such; what an envelope holds is verified by itself."""
    record = await aside(presented, _unverified_record, run.verifier, secured, checks)
    inside: tuple[VerificationResult, ...] | None = None
    if record is not None and secured.format.envelope:
        inside = await embedded(run, record, place, _examine)
        checks = checks | with_children(checks, record, inside, asked=True)
    return Findings(checks=checks, secured=secured, proven=proven, record=record, children=inside)


async def _prove(run: Run, secured: Secured, place: Place, known: Passed | None) -> tuple[Proven, Verified | None]:
    """Verify the credential's own proof; the holder's, where it stands unsecured in the holder's presentation."""
    if known:
        return known.proven, verified_by(known.proven, secured)
    if run.verifier.children.size and run.verifier.normalizer(secured.document).embeds:
        await begin_embedded(run, secured, place)
    if (
        place.presenter is not None
        and not place.refreshed
        and secured.format.secured_by is Securing.CRYPTOSUITE  # whatever other formats show is no statement
        and "proof" not in secured.document
    ):
        return prove_by_presentation(secured, place.presenter)
    with run.verifier.observe("proof"):
        return await prove_in_time(secured, run.tools_for(place), run.seconds_left)


async def _normalized(run: Run, presented: Presented, verified: Verified) -> Record:
    with run.verifier.observe("normalize"):
        return await aside(presented, run.verifier.normalizer(verified.document).normalize, verified)


def _holder(run: Run, place: Place, proven: Proven, record: Record) -> dict[CheckName, CheckResult]:
    """Check whose the record is, as far as anything is known of whoever presents it."""
    candidate = run.request.candidate
    if place.presenter is None and proven.holder is None and not candidate:
        return {CheckName.HOLDER: NOT_PRESENTED}
    identifier = record.subject.get("id")
    holder = check_holder(identifier, presenter=place.presenter, own=proven.holder, expected=run.expected(place))
    if not candidate:
        return {CheckName.HOLDER: holder}
    subject = check_subject(record, candidate)
    return {CheckName.HOLDER: with_identifier(holder, subject), CheckName.SUBJECT: subject}


def _status(run: Run, verified: Verified, statuses: tuple[StatusEvidence, ...] | None) -> CheckResult:
    if not credential_status.entries(verified.document):
        return found(CheckName.STATUS, Outcome.NOT_APPLICABLE)
    return unasked(CheckName.STATUS) if statuses is None else credential_status.check(statuses, run.stale_within)


def _unverified_record(verifier: Verifier, secured: Secured, checks: Mapping[CheckName, CheckResult]) -> Record | None:
    """Read what could not be checked, for showing it as such; nothing of what was found to be wrong."""
    if Outcome.FAIL in (checks[CheckName.PROOF].outcome, checks[CheckName.DATA_LOSS].outcome):
        return None
    document = secured.document
    claims = Unverified(document=document, issuer=issuer_of(document), format=secured.format.name, vcdm=secured.vcdm)
    return verifier.normalizer(document).normalize(claims)
