"""Steps 5, 6 and 8: everything that is asked of others about a proven credential, concurrently.

Endorsements come after what counts, so that however many there are, they cannot use up what the
record's own status needs; trust is asked about after them, since they may name further parties.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from gateway import credential_status, endorsements, schema, trust
from gateway.attestation import attestation
from gateway.model import Presented
from gateway.several import each

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping

    from gateway.model import CheckName, CheckResult, Proven, Record, VerificationResult, Verified
    from gateway.run import Place, Run
    from gateway.several import Examine
    from policies import Policy
    from resolvers.model import StatusEvidence
    from resolvers.trust_model import TrustEvidence


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedUp:
    """What others have said. None: they were not asked."""

    record: Record
    """With what came of the endorsements in it."""
    statuses: tuple[StatusEvidence, ...] | None = None
    conformance: Mapping[CheckName, CheckResult] = field(default_factory=dict)
    """The check `schema`, if it was made."""
    trust: tuple[TrustEvidence, ...] = ()
    children: tuple[VerificationResult, ...] | None = None
    endorsements: tuple[VerificationResult, ...] | None = None


async def look_up(
    run: Run, policy: Policy | None, first: tuple[Verified, Proven, Record], place: Place, examine: Examine
) -> LookedUp:
    """Ask about status, schema and trust, and verify what is embedded: concurrently where there is more than one."""
    verified, _, record = first
    asked: dict[str, Coroutine[Any, Any, Any]] = {}
    if entries := credential_status.entries(verified.document):
        asked["statuses"] = _statuses(run, policy, verified, entries)
    if verified.document.get("credentialSchema"):
        asked["conformance"] = _conformance(run, policy, verified, place)
    if record.children:
        asked["children"] = embedded(run, record, place, examine)
    if policy is not None and policy.trust_questions() and not record.endorsements:
        asked["trust"] = _trust(run, policy, first, None)
    told = LookedUp(record=record, **{"statuses": (), "children": (), **await _together(asked)})
    if not record.endorsements:
        return told
    found = endorsements.inside(verified.document, record)
    results = await each(run, found, None, place.inside(), examine)
    record, results = endorsements.judged(verified.document, record, results, place.pointer)
    return replace(told, record=record, endorsements=results, trust=await _trust(run, policy, first, results))


async def _together(asked: Mapping[str, Coroutine[Any, Any, Any]]) -> dict[str, Any]:
    """Await them concurrently; a single one as it is, since a task group costs 19 µs."""
    if len(asked) <= 1:
        return {name: await work for name, work in asked.items()}
    async with asyncio.TaskGroup() as group:
        tasks = {name: group.create_task(work) for name, work in asked.items()}
    return {name: task.result() for name, task in tasks.items()}


async def embedded(run: Run, record: Record, place: Place, examine: Examine) -> tuple[VerificationResult, ...] | None:
    """Verify the records in a record. No policy decides about them: it decides about the whole, by `children`."""
    inside = [(pointer, Presented(content=item)) for pointer, item in record.children]
    return await each(run, inside, None, place.inside(), examine)


async def _trust(
    run: Run,
    policy: Policy | None,
    first: tuple[Verified, Proven, Record],
    endorsed: tuple[VerificationResult, ...] | None,
) -> tuple[TrustEvidence, ...]:
    """Ask the sources that the policy names, about the issuer and about who has confirmed the record."""
    if policy is None:
        return ()
    verified, proven, record = first
    confirmed = attestation(verified, record, endorsements=endorsed, children=None)
    return await trust.ask(
        policy.trust_questions(),
        trust.Parties(issuer=verified.issuer, certificates=proven.certificates, attesters=confirmed.attesters),
        run.now,
        run.lookup,
        run.verifier.trust_configured,
        run.verifier.trust_sources,
        as_of=run.as_of,
        resolution=run.verifier.resolution(run.lookup),
        verify=run.verifier.verify_evidence,
    )


async def _conformance(
    run: Run, policy: Policy | None, verified: Verified, place: Place
) -> Mapping[CheckName, CheckResult]:
    """Compare the credential with the schemas that it names, where anybody wants to know."""
    if not verified.document.get("credentialSchema") or not schema.wanted(policy, embedded=place.embedded):
        return {}
    return await schema.check_schema(verified, run.verifier, run.lookup, seconds=run.seconds_left)


async def _statuses(
    run: Run, policy: Policy | None, verified: Verified, entries: list[tuple[str, Any]]
) -> tuple[StatusEvidence, ...]:
    lists, accepted = run.lists, run.verifier.config.status.accepted_issuers
    if policy is not None:
        accepted |= policy.status_issuers()
    read = [
        credential_status.read(
            entry,
            pointer,
            verified,
            lists,
            run.verifier.status_methods,
            minimum_entries=run.verifier.config.status.minimum_entries,
            accepted_issuers=accepted,
        )
        for pointer, entry in entries
    ]
    if len(read) > 1:
        return tuple(await asyncio.gather(*read))
    return tuple([await one for one in read])
