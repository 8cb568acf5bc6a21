"""vp+sd-jwt: a VCDM 2.0 presentation in an SD-JWT, which its holder signs (VC-JOSE-COSE, section 3.2.2)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from gateway.formats import _jose, _jwt_presentation, _sd_jwt
from gateway.formats._envelope import PRESENTATION, check_context, enveloped
from gateway.formats._sd_jwt_kind import Kind, kind_of
from gateway.model import Presented, Proven, Secured
from gateway.plugins import Format, KeySource, Securing
from gateway.structure import vcdm_version

if TYPE_CHECKING:
    from gateway.plugins import ProofTools

_MEDIA_TYPE: Final = "application/vp+sd-jwt"
_NEVER_DISCLOSED: Final = _sd_jwt.NEVER_DISCLOSED | {"holder", "nonce"}


def _recognize(presented: Presented) -> bool:
    if enveloped(presented.content, PRESENTATION, _MEDIA_TYPE) is not None:
        return True
    return kind_of(presented) is Kind.VCDM_PRESENTATION


def _parse(presented: Presented) -> Secured:
    content = presented.content
    token = enveloped(content, PRESENTATION, _MEDIA_TYPE)
    if token is not None and isinstance(content, dict):
        check_context(content)
        presented = Presented(content=token, media_type=_MEDIA_TYPE)
        if kind_of(presented) is not Kind.VCDM_PRESENTATION:  # what is inside must be what the envelope says
            raise _jose.malformed("the token is not a vp+sd-jwt")
    read = _sd_jwt.read(presented, never=_NEVER_DISCLOSED)
    if read.key_binding is not None:  # whose signature would say what the holder's own says already, or otherwise
        raise _jose.malformed("a presentation has a key binding JWT")
    document = _jwt_presentation.decode_envelope(read.token)
    return Secured(format=PLUGIN, vcdm=vcdm_version(document), document=document, token=read, presentation=True)


async def _verify(secured: Secured, tools: ProofTools) -> Proven:
    read: _sd_jwt.SdJwt = secured.token
    return await _jwt_presentation.prove(replace(secured, token=read.token), tools)


PLUGIN: Final = Format(
    name="vp+sd-jwt",
    media_types=(_MEDIA_TYPE,),
    recognize=_recognize,
    parse=_parse,
    verify=_verify,
    title="presentation of VCDM 2.0 as SD-JWT",
    secured_by=Securing.JOSE,
    keys=(KeySource.DID, KeySource.HTTPS),
)
