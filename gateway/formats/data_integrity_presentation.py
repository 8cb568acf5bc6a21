"""Verifiable presentations with embedded proofs (Data Integrity 1.0), which are the holder's, or with none.

A presentation without a proof is an envelope that anybody could have made; whether that will do is
for the policy to say.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from gateway.formats import _checks
from gateway.formats._proof_set import examine_all, proofs_of, proven, unexamined
from gateway.model import CheckName, Outcome, Presented, Proven, Secured
from gateway.plugins import Format, KeySource, Securing
from gateway.presentation import ENVELOPED, PRESENTATION, embedded_credentials, holder_of, types_of
from gateway.structure import vcdm_version
from resolvers.problems import Invalid, Unavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.formats._embedded_proof import Examined
    from gateway.plugins import ProofTools


def _recognize(presented: Presented) -> bool:
    content = presented.content
    if not isinstance(content, dict):
        return False
    types = types_of(content)
    return PRESENTATION in types and types.isdisjoint(ENVELOPED)


def _parse(presented: Presented) -> Secured:
    content = presented.content
    if not isinstance(content, dict):
        raise Invalid("PARSING_ERROR", "not a JSON object")
    return Secured(format=PLUGIN, vcdm=vcdm_version(content), document=content, presentation=True)


async def _verify(secured: Secured, tools: ProofTools) -> Proven:
    document = secured.document
    if tools.allow_unsigned_presentation and embedded_credentials(document) and not proofs_of(document):
        return _unsigned(secured, tools)
    try:
        examined = await examine_all(document, tools)
    except (Invalid, Unavailable) as stopped:
        return unexamined(document, stopped)
    holder = holder_of(document) or _only_signer(examined)
    found = proven(document, examined, holder, _checks.not_the_holders, tools)
    return replace(found, controller=holder) if found.issuer.outcome is Outcome.PASS else found


def _unsigned(secured: Secured, tools: ProofTools) -> Proven:
    """Return that there is nothing to verify, unless a proof had to answer something."""
    try:
        _checks.check_expected(None, None, tools.expected, {"challenge": "/proof", "domain": "/proof"})
    except Invalid as missing:
        return unexamined(secured.document, missing)
    nothing = Outcome.NOT_APPLICABLE
    return Proven(
        data_loss=_checks.result(CheckName.DATA_LOSS, nothing),
        proof=_checks.result(CheckName.PROOF, nothing, unsigned=True),
        issuer=_checks.result(CheckName.ISSUER, nothing),
        document=secured.document,
    )


def _only_signer(examined: Sequence[Examined]) -> str | None:
    """Return whose document every key stands in: who holds a presentation that does not name its holder."""
    documents = {one.document for one in examined}
    return documents.pop() if len(documents) == 1 else None


PLUGIN: Final = Format(
    name="data-integrity-presentation",
    media_types=("application/vp", "application/vp+ld+json"),
    recognize=_recognize,
    parse=_parse,
    verify=_verify,
    title="presentation of VCDM 1.1 and 2.0, embedded proof",
    secured_by=Securing.CRYPTOSUITE,
    keys=(KeySource.DID, KeySource.HTTPS),
)
