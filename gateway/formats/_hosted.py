"""Hosted verification: what the issuer's own website has at the record's address is the record.

Open Badges 2.0, "HostedBadge Verification": "upon loading the hosted verification file, the retrieved data
should be used as the Assertion value". So nothing of what was presented is believed but that address, and
what proves the record is control of an https origin, for as long as it lasts.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from gateway.formats import _checks, _hosted_documents
from gateway.formats._linked_record import (
    address,
    check_issuer,
    completed,
    is_hosted,
    is_signed,
    link,
    require_shape,
)
from gateway.model import CheckName, Outcome, ProofSummary, Proven
from resolvers.problems import Invalid, Problem, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateway.formats._hosted_documents import Hosted
    from gateway.formats._linked_record import Linked
    from gateway.model import Secured
    from gateway.plugins import ProofTools

TYPE: Final = "HostedVerification"
STATUS: Final = "OpenBadgesHostedRecord"
"""The status method that reads what was found at the record's address (`resolvers.status.open_badges_2_hosted`)."""


async def verify(secured: Secured, tools: ProofTools, is_kind: Callable[[Any], bool]) -> Proven:
    """Look the record up where it is hosted; `is_kind` tells whether what is there is one of this format."""
    presented = secured.document
    where: str | None = None
    hosted: Hosted | None = None
    try:
        _require_hosting(presented, "it says that it is signed, and comes without its signature")
        where = address(presented)
        hosted = await _hosted_documents.fetch(where, tools, gone=True)
        if _is_bare_revocation(hosted):
            linked = await _of_revoked(hosted, presented, tools)
        else:
            linked = await _of_record(hosted, tools, is_kind)
        if linked.profile is None and linked.stopped is not None and _is_revoked(hosted):
            raise linked.stopped  # without an issuer nobody would look at the status
    except (Invalid, Unavailable) as stopped:
        problem: Invalid | Unavailable = stopped
        if hosted is not None and _is_revoked(hosted):
            # Whatever else cannot be had: the record is no more.
            problem = Invalid("revoked", f"its host has withdrawn {hosted.url[:200]}")
        return _stopped(problem, where)
    facts = {"basis": "hosted", "url": hosted.url, "source": _checks.provenance(hosted.source)}
    status = {
        "id": hosted.url,
        "type": STATUS,
        "statusPurpose": "revocation",
        "revoked": _is_revoked(hosted),
        "revocationReason": hosted.content.get("revocationReason"),
        "source": facts["source"],
    }
    return Proven(
        data_loss=_checks.result(CheckName.DATA_LOSS, Outcome.NOT_APPLICABLE),
        proof=_checks.result(CheckName.PROOF, Outcome.PASS, **facts),
        issuer=check_issuer(linked, hosted.places),
        document=completed(linked.document, at=hosted.url, status=status),
        proofs=(ProofSummary(type=TYPE, verification_method=hosted.url, outcome=Outcome.PASS),),
        issued_by=linked.issuer,
    )


async def _of_record(hosted: Hosted, tools: ProofTools, is_kind: Callable[[Any], bool]) -> Linked:
    record = hosted.content
    if not is_kind(record):
        raise Invalid("hosted-record-mismatch", f"{hosted.url[:200]} holds no such record")
    if "id" not in record and address(record) != hosted.url:
        raise Invalid("hosted-record-mismatch", f"{hosted.url[:200]} holds a record of another address")
    _require_hosting(record, "its issuer signs it, and does not vouch for it by hosting it")
    require_shape(record)
    return _with_issuer(await link(record, tools, signed=False))


async def _of_revoked(hosted: Hosted, presented: Mapping[str, Any], tools: ProofTools) -> Linked:
    """Return the little that is left of a record, and whose it was by what was presented.

    "For revoked Assertions, only id and revoked are required." The rest of what was presented nobody
    vouches for any longer, so none of it is kept.
    """
    members = ("@context", "type", "revoked", "revocationReason")
    left = {name: hosted.content[name] for name in members if name in hosted.content}
    linked = _with_issuer(await link(presented, tools, signed=False))
    return replace(linked, document={"type": presented.get("type", "Assertion"), **left, "id": hosted.url})


def _with_issuer(linked: Linked) -> Linked:
    """Refuse a record of nobody."""
    if linked.issuer is None:
        raise Invalid("issuer-not-named", "the record names no issuer")
    return linked


def _require_hosting(record: Mapping[str, Any], otherwise: str) -> None:
    """Refuse a record that says that it is verified by its signature alone."""
    if is_signed(record) and not is_hosted(record):
        raise Invalid("no-proof", otherwise)


def _is_revoked(hosted: Hosted) -> bool:
    """Whether it is: "410 Gone" or a body "declaring revoked true"; what is neither true nor false is read as true."""
    return hosted.gone or hosted.content.get("revoked") not in (None, False)


def _is_bare_revocation(hosted: Hosted) -> bool:
    whole = not {"badge", "publisher", "achievement"}.isdisjoint(hosted.content)
    return _is_revoked(hosted) and not whole


def _stopped(problem: Invalid | Unavailable, where: str | None) -> Proven:
    outcome = _checks.outcome_of(problem)
    found: Problem = problem.problem
    return Proven(
        data_loss=_checks.result(CheckName.DATA_LOSS, Outcome.NOT_APPLICABLE),
        proof=_checks.result(CheckName.PROOF, outcome, found, basis="hosted", url=where),
        issuer=_checks.result(CheckName.ISSUER, Outcome.INDETERMINATE, found),
        document=None,
        proofs=(ProofSummary(type=TYPE, verification_method=where, outcome=outcome),),
    )
