"""The proof step: the only place that makes a `Verified`."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from gateway.checks import found
from gateway.in_time import in_time
from gateway.model import AUTHENTICITY, CheckName, CheckResult, Outcome, Proven, Verified
from gateway.structure import issuer_of
from resolvers.problems import Problem

if TYPE_CHECKING:
    from gateway.holder import Presenter
    from gateway.model import Secured
    from gateway.plugins import ProofTools


async def prove(secured: Secured, tools: ProofTools) -> tuple[Proven, Verified | None]:
    """Verify the proofs of what was presented; without a `Verified`, no claim in it may be believed.

    `Verified` holds the document as the proofs secure it, which may be less than what was presented.
    It says that somebody signed exactly this; that it was the issuer, `Proven.issuer` alone says.
    """
    proven = await secured.format.verify(secured, tools)
    return proven, verified_by(proven, secured)


def verified_by(proven: Proven, secured: Secured) -> Verified | None:
    """Return the credential as its proofs secure it, if they do."""
    intact = (Outcome.PASS, Outcome.NOT_APPLICABLE)
    if secured.presentation:  # is the holder's, and states no claim of an issuer
        return None
    if proven.document is None or proven.proof.outcome is not Outcome.PASS or proven.data_loss.outcome not in intact:
        return None
    issuer = proven.issued_by or issuer_of(proven.document)
    if issuer is None:
        return None
    return Verified(document=proven.document, issuer=issuer, format=secured.format.name, vcdm=secured.vcdm)


async def prove_in_time(secured: Secured, tools: ProofTools, seconds: float) -> tuple[Proven, Verified | None]:
    """Verify the proofs within `seconds`; what takes longer is indeterminate."""
    if seconds > 0:  # a proof that waits for nothing would not notice the time-out
        with suppress(TimeoutError):
            return await in_time(prove(secured, tools), seconds)
    late = Problem(code="deadline-exceeded", detail="the proof could not be checked in time")
    unknown = [found(name, Outcome.INDETERMINATE, late) for name in AUTHENTICITY[1:]]
    return Proven(data_loss=unknown[0], proof=unknown[1], issuer=unknown[2], document=None), None


def prove_by_presentation(secured: Secured, presenter: Presenter) -> tuple[Proven, Verified | None]:
    """Return what the proof of the presentation around it shows of a credential that has none itself.

    "A verifiable presentation that includes a self-asserted verifiable credential, which is secured only
    using the same mechanism as the verifiable presentation, MUST include a holder property." and "the
    value of the issuer property of the verifiable credential MUST be identical to the holder property of
    the verifiable presentation." (VCDM 2.0, Presentations Including Holder Claims) Anything else without
    a proof is anybody's.
    """
    issuer = issuer_of(secured.document)
    data_loss = found(CheckName.DATA_LOSS, Outcome.NOT_APPLICABLE)
    if issuer is None or not presenter.named or issuer != presenter.controller:
        detail = "there is no proof, and it is not the holder's own statement in a presentation that names its holder"
        missing = Problem(code="no-proof", detail=detail, pointer="/proof")
        proof = found(CheckName.PROOF, Outcome.FAIL, missing)
        unknown = found(CheckName.ISSUER, Outcome.INDETERMINATE, missing)
        return Proven(data_loss=data_loss, proof=proof, issuer=unknown, document=None), None
    proven = Proven(
        data_loss=data_loss,
        proof=CheckResult(name=CheckName.PROOF, outcome=Outcome.PASS, facts={"securedBy": "presentation"}),
        issuer=CheckResult(name=CheckName.ISSUER, outcome=Outcome.PASS, facts={"basis": "presentation"}),
        document=secured.document,
    )
    return proven, Verified(document=secured.document, issuer=issuer, format=secured.format.name, vcdm=secured.vcdm)
