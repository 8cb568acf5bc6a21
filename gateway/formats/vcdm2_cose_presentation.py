"""vp+cose: a VCDM 2.0 presentation in a COSE_Sign1, which its holder signs (VC-JOSE-COSE, section 3.3.2)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from gateway.formats import _checks, _cose, _jose
from gateway.formats._envelope import PRESENTATION
from gateway.formats._jwt_presentation import holders_key
from gateway.formats._vcdm_cose import PRESENTATION_TYPE, is_recognized, read
from gateway.model import Outcome, Presented, Proven, Secured
from gateway.plugins import Format, KeySource, Securing
from gateway.presentation import holder_of
from gateway.structure import vcdm_version
from resolvers.problems import Invalid

if TYPE_CHECKING:
    from gateway.plugins import ProofTools

_EXPECTED: Final = {"challenge": "/nonce", "domain": "/aud"}


def _recognize(presented: Presented) -> bool:
    return is_recognized(presented, PRESENTATION_TYPE, PRESENTATION)


def _parse(presented: Presented) -> Secured:
    message, document = read(presented, PRESENTATION_TYPE, PRESENTATION)
    issuer, holder = message.claims.get(_cose.ISS), holder_of(document)
    if issuer is not None and (not isinstance(issuer, str) or holder not in (None, issuer)):
        raise _jose.mismatch("iss is not the presentation's holder", "/holder")
    return Secured(format=PLUGIN, vcdm=vcdm_version(document), document=document, token=message, presentation=True)


async def _verify(secured: Secured, tools: ProofTools) -> Proven:
    message: _cose.Sign1 = secured.token
    holder, find = holders_key(message.hints, holder_of(secured.document) or message.claims.get(_cose.ISS), tools)
    found = await _cose.prove(
        secured, tools, message=message, overdue=_unexpected(message, tools) or _cose.overdue(message, tools), find=find
    )
    return replace(found, controller=holder if found.issuer.outcome is Outcome.PASS else None)


def _unexpected(message: _cose.Sign1, tools: ProofTools) -> Invalid | None:
    """Return what shows that the message was made for another request, or for none."""
    nonce = message.claims.get(_cose.NONCE)
    try:
        challenge = nonce.decode() if isinstance(nonce, bytes) else nonce  # EAT's nonce is octets (RFC 9711)
        _checks.check_expected(challenge, message.claims.get(_cose.AUD), tools.expected, _EXPECTED)
    except UnicodeDecodeError:
        return Invalid("INVALID_CHALLENGE_ERROR", "the nonce is no text", pointer=_EXPECTED["challenge"])
    except Invalid as other:
        return other
    return None


PLUGIN: Final = Format(
    name=PRESENTATION_TYPE,
    media_types=(f"application/{PRESENTATION_TYPE}",),
    recognize=_recognize,
    parse=_parse,
    verify=_verify,
    title="presentation of VCDM 2.0 as COSE",
    secured_by=Securing.COSE,
    keys=(KeySource.DID, KeySource.HTTPS),
)
