"""What holds several records: presentations, containers, and records that embed others.

Each record in it is verified by itself, and what is wrong with the authenticity of one is wrong with
the whole. A policy is about credentials and their issuers: so of a presentation or a container it
decides about each credential, with what is known of the holder, and the least verdict is the whole's.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from gateway.checks import found, joined, with_children
from gateway.holder import Presenter, check_holder, unanswered
from gateway.model import AUTHENTICITY, CheckName, CheckResult, Findings, Outcome, Presented, Record, Unverified
from gateway.opening import unpack
from gateway.presentation import check_presentation, holder_of, record_of
from gateway.proof import prove_in_time
from gateway.run import MAX_DEPTH
from gateway.structure import issuer_of
from policies.model import State, Verdict
from resolvers.problems import Invalid, Unavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from typing import TypeAlias

    from gateway.model import Proven, Secured, VerificationResult
    from gateway.plugins import Container
    from gateway.run import Place, Run
    from policies import Policy
    from policies.model import Decision, Facts

    Examine: TypeAlias = Callable[[Run, Presented, Policy | None, Place], Awaitable[VerificationResult]]

AT_ONCE: Final = 8
"""Records of one whole under way together: enough to overlap their look-ups."""

_NOT_ITS_OWN: Final = (CheckName.VALIDITY, CheckName.STATUS)
"""What credentials have, and what holds them has not."""

_LEAST: Final = (Verdict.REJECT, Verdict.REVIEW, Verdict.ACCEPT)
_PASSED: Final = (State.PASS,) * len(AUTHENTICITY)


async def each(
    run: Run, inside: Sequence[tuple[str, Presented]], policy: Policy | None, place: Place, examine: Examine
) -> tuple[VerificationResult, ...] | None:
    """Verify every record of a whole; none of them where there are more than the request may cost.

    `inside` holds (JSON Pointer, record), and `place` is theirs without that pointer.
    """
    count = len(inside)
    if count == 0:
        return ()
    if count > run.children_left or place.depth >= MAX_DEPTH:
        return None
    run.children_left -= count
    await run.begin([presented.content for _, presented in inside])
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(pointer: str, presented: Presented) -> VerificationResult:
        try:
            return await examine(run, presented, policy, place.at(pointer))
        finally:
            turn.release()

    ahead, rest = run.ahead, deque(range(count))
    tasks: dict[int, asyncio.Task[VerificationResult]] = {}
    async with asyncio.TaskGroup() as group:
        while rest:
            await turn.acquire()
            # Other processes begin with the last: what they have done is taken from there.
            index = rest.pop() if ahead is not None and ahead.is_done(inside[rest[-1]][1].content) else rest.popleft()
            tasks[index] = group.create_task(one(*inside[index]))
            await asyncio.sleep(0)  # one in each round of the event loop, so that others are answered in between
    return tuple([tasks[index].result() for index in range(count)])


async def begin_embedded(run: Run, secured: Secured, place: Place) -> None:
    """Begin with the records in a record before its own proof is verified, on cores that nobody uses.

    Nothing comes of it unless that passes, and `each` asks for them. More than the request may cost are
    not begun.
    """
    document = secured.document
    claims = Unverified(document=document, issuer=issuer_of(document), format=secured.format.name, vcdm=secured.vcdm)
    children = run.verifier.normalizer(document).normalize(claims).children
    if len(children) <= run.children_left and place.depth + 1 < MAX_DEPTH:
        await run.begin([child for _, child in children])


async def examine_presentation(
    run: Run, secured: Secured, presented: Presented, policy: Policy | None, place: Place, examine: Examine
) -> VerificationResult:
    """Verify a presentation: its shape, the holder's proof for this request, and each credential in it."""
    checks = {name: found(name, Outcome.NOT_APPLICABLE) for name in _NOT_ITS_OWN}
    structure = checks[CheckName.STRUCTURE] = check_presentation(secured)
    if structure.outcome is Outcome.FAIL:
        findings = Findings(checks=checks, secured=secured)
        return run.answer(presented, place, policy, findings)

    # Its proof, by a key of the holder's own, with the challenge and for the domain that are expected.
    with run.verifier.observe("proof"):
        proven, _ = await prove_in_time(secured, run.tools_for(place, presentation=True), run.seconds_left)
    checks |= {check.name: check for check in (proven.data_loss, proven.proof, proven.issuer)}
    if proven.structure is not None:
        checks[CheckName.STRUCTURE] = joined(structure, proven.structure)
    presenter: Presenter | None = None
    if _holds(proven):
        presenter, spent = await _presenter(run, secured, proven, place)
        if spent is not None:
            checks[CheckName.PROOF] = joined(checks[CheckName.PROOF], spent)
    if presenter is None:
        findings = Findings(checks=checks, secured=secured, proven=proven)
        return run.answer(presented, place, policy, findings)

    # The credentials, as they stand in what was signed.
    document = secured.document if proven.document is None else proven.document
    record = record_of(document)
    inside = [(pointer, Presented(content=item)) for pointer, item in record.children]
    children = await each(run, inside, policy, place.inside(presenter=presenter), examine)
    checks[CheckName.HOLDER] = check_holder(presenter.controller, presenter=presenter, own=None, expected=None)
    findings = Findings(checks=checks, secured=secured, proven=proven, children=children)
    result = _together(run, policy, presented, place, findings, record)
    return replace(result, document=document, record=None if presenter.controller is None else record)


async def open_container(
    run: Run, container: Container, presented: Presented, policy: Policy | None, place: Place, examine: Examine
) -> VerificationResult:
    """Open a container: its one record is the result, and of several each is a child."""
    checks = {name: found(name, Outcome.NOT_APPLICABLE) for name in (*AUTHENTICITY, *_NOT_ITS_OWN)}
    checks[CheckName.STRUCTURE] = found(CheckName.STRUCTURE, Outcome.PASS)
    try:
        inside = await _unpacked(run, container, presented, place)
    except (Invalid, Unavailable) as stopped:
        outcome = Outcome.FAIL if isinstance(stopped, Invalid) else Outcome.INDETERMINATE
        findings = Findings(checks={CheckName.STRUCTURE: found(CheckName.STRUCTURE, outcome, stopped.problem)})
        return _named(run.answer(presented, place, policy, findings), container)
    within = replace(place.inside(embedded=False), fetched=place.fetched or container.fetches)
    if len(inside) == 1:
        return _named(await examine(run, inside[0], policy, within), container)
    items = [(f"/{index}", one) for index, one in enumerate(inside)]
    children = await each(run, items, policy, within, examine)
    findings = Findings(checks=checks, children=children)
    record = Record(children=tuple((pointer, one.content) for pointer, one in items))
    result = _together(run, policy, presented, place, findings, record)
    return replace(result, format=replace(result.format, name=container.name, detected_by="content"))


async def answered(run: Run, proven: Proven, place: Place) -> CheckResult | None:
    """Return what is wrong with a credential that comes by itself where its holder's proof is wanted.

    It can be none at all, or a key binding of its own (SD-JWT), which has to be as good as a presentation's.
    """
    doubt = unanswered(proven.holder, run.expected(place))
    return doubt if doubt is not None else (await _use_challenge(run, place))[1]


async def _use_challenge(run: Run, place: Place) -> tuple[str | None, CheckResult | None]:
    """Take the challenge that a proof has answered out of those that may be used.

    Return who keeps account of it (`issued` here, or the `caller`; None if none was expected), and what is
    wrong with it. A proof that failed never comes here: so nobody can use up a challenge that they
    cannot answer, and what has been answered once is used up whatever the credentials come to.
    """
    expected, spend = run.expected(place), run.request.spend
    if expected is None or expected.challenge is None:
        return None, None
    if spend is None:
        return "caller", None
    try:
        return ("issued" if await spend() else "caller"), None
    except Invalid as wrong:
        return None, found(CheckName.PROOF, Outcome.FAIL, wrong.problem)
    except Unavailable as unknown:
        return None, found(CheckName.PROOF, Outcome.INDETERMINATE, unknown.problem)


def _holds(proven: Proven) -> bool:
    """Whether the presentation is its holder's, or nobody's where that will do."""
    outcomes = {check.outcome for check in (proven.data_loss, proven.proof, proven.issuer)}
    return outcomes <= {Outcome.PASS, Outcome.NOT_APPLICABLE}


async def _presenter(
    run: Run, secured: Secured, proven: Proven, place: Place
) -> tuple[Presenter | None, CheckResult | None]:
    if proven.proof.outcome is Outcome.NOT_APPLICABLE:
        return Presenter(controller=None), None
    challenge, spent = await _use_challenge(run, place)
    if spent is not None:
        return None, spent
    holder = holder_of(secured.document)
    return Presenter(controller=proven.controller or holder, named=holder is not None, challenge=challenge), None


async def _unpacked(run: Run, container: Container, presented: Presented, place: Place) -> tuple[Presented, ...]:
    """Open the container within what the request may still cost."""
    if place.depth + 1 >= MAX_DEPTH:
        raise Unavailable("too-deep", f"containers and records are nested more than {MAX_DEPTH} deep")
    late = Unavailable("deadline-exceeded", f"the {container.name} could not be opened in time")
    if run.seconds_left <= 0:  # what waits for nothing would not notice the time-out
        raise late
    try:
        async with asyncio.timeout(run.seconds_left):
            inside, size = await unpack(container, presented, run.container_tools(place))
    except TimeoutError:
        raise late from None
    run.octets_left -= size
    return inside


def _named(result: VerificationResult, container: Container) -> VerificationResult:
    """Return the result of a container's one record, which says in what it was found."""
    inner = result.format.detected_by
    path = container.name if inner in (None, "content") else f"{container.name}/{inner}"
    return replace(result, format=replace(result.format, detected_by=path))


def _together(
    run: Run, policy: Policy | None, presented: Presented, place: Place, findings: Findings, record: Record
) -> VerificationResult:
    """Return the result of a whole, with the authenticity of what is in it folded in, and the least decision."""
    own = run.facts(findings) if policy is not None else None
    folded = with_children(findings.checks, record, findings.children, asked=True)
    findings = replace(findings, checks={**findings.checks, **folded})
    decision = None if policy is None or own is None else _least(run, policy, own, findings)
    return run.conclude(presented, place, findings, decision)


def _least(run: Run, policy: Policy, own: Facts, findings: Findings) -> Decision:
    """Return the least of the decisions about the credentials; `own` are the facts of what holds them.

    Each is a decision as the policy makes it from facts, so that it can be made again from them.
    """
    decisions = [child.decision for child in findings.children or () if child.decision is not None]
    if findings.children == ():
        # A whole without any credential has not the shape of anything that could be accepted (T60).
        decisions.append(run.verifier.decide(policy, replace(own, structure=State.FAIL)))
    elif findings.children is None:  # more than the request may cost
        decisions.append(run.verifier.decide(policy, run.facts(findings)))
    elif (own.structure, own.data_loss, own.proof, own.issuer_binding) != _PASSED:
        decisions.append(run.verifier.decide(policy, own))
    return min(decisions, key=lambda decision: _LEAST.index(decision.verdict))
