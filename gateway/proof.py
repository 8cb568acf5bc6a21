"""The proof step: the only place that makes a `Verified`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.model import Outcome, Verified
from gateway.structure import issuer_of

if TYPE_CHECKING:
    from gateway.model import ProofTools, Proven, Secured


async def prove(secured: Secured, tools: ProofTools) -> tuple[Proven, Verified | None]:
    """Verify the proofs of what was presented; without a `Verified`, no claim in it may be believed.

    `Verified` holds the document as the proofs secure it, which may be less than what was presented.
    It says that somebody signed exactly this; that it was the issuer, `Proven.issuer` alone says.
    """
    proven = await secured.format.verify(secured, tools)
    intact = (Outcome.PASS, Outcome.NOT_APPLICABLE)
    if secured.presentation:  # is the holder's, and states no claim of an issuer
        return proven, None
    if proven.document is None or proven.proof.outcome is not Outcome.PASS or proven.data_loss.outcome not in intact:
        return proven, None
    issuer = proven.issued_by or issuer_of(proven.document)
    if issuer is None:
        return proven, None
    return proven, Verified(document=proven.document, issuer=issuer, format=secured.format.name, vcdm=secured.vcdm)
