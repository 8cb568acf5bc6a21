"""Credentials with embedded proofs (Data Integrity 1.0), one of them the issuer's, and those that lack one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway.formats import _checks
from gateway.formats._proof_set import examine_all, proven, unexamined
from gateway.formats._recognized import AROUND, belongs_elsewhere
from gateway.model import Presented, Proven, Secured
from gateway.plugins import Format, KeySource, Securing
from gateway.structure import issuer_of, vcdm_version
from resolvers.problems import Invalid, Unavailable

if TYPE_CHECKING:
    from gateway.plugins import ProofTools


def _recognize(presented: Presented) -> bool:
    content = presented.content
    if not isinstance(content, dict):
        return False
    kind = content.get("type")
    types = {name for name in (kind if isinstance(kind, list) else [kind]) if isinstance(name, str)}
    own = types.isdisjoint(AROUND) and ("proof" in content or "VerifiableCredential" in types)
    return own and not belongs_elsewhere(content)


def _parse(presented: Presented) -> Secured:
    content = presented.content
    if not isinstance(content, dict):
        raise Invalid("PARSING_ERROR", "not a JSON object")
    return Secured(format=PLUGIN, vcdm=vcdm_version(content), document=content)


async def _verify(secured: Secured, tools: ProofTools) -> Proven:
    document = secured.document
    try:
        examined = await examine_all(document, tools)
    except (Invalid, Unavailable) as stopped:
        return unexamined(document, stopped)
    return proven(document, examined, issuer_of(document), _checks.foreign, tools)


PLUGIN: Final = Format(
    name="data-integrity",
    media_types=("application/vc", "application/ld+json", "application/json"),
    recognize=_recognize,
    parse=_parse,
    verify=_verify,
    title="VCDM 1.1 and 2.0 (Open Badges 3.0, CLR 2.0, …), embedded proof",
    secured_by=Securing.CRYPTOSUITE,
    keys=(KeySource.DID, KeySource.HTTPS),
    statuses=None,
)
