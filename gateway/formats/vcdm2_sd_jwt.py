"""vc+sd-jwt: a VCDM 2.0 credential in an SD-JWT (VC-JOSE-COSE, section 3.2), as a token or in an envelope."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway.formats import _jose, _sd_jwt
from gateway.formats._envelope import CREDENTIAL, check_context, enveloped
from gateway.formats._jwt_claims import decode_envelope, overdue
from gateway.formats._key_binding import with_key_binding
from gateway.formats._sd_jwt_kind import Kind, kind_of
from gateway.model import Presented, Proven, Secured
from gateway.plugins import Format, KeySource, Securing
from gateway.structure import vcdm_version

if TYPE_CHECKING:
    from gateway.plugins import ProofTools

_MEDIA_TYPE: Final = "application/vc+sd-jwt"

_NEVER_DISCLOSED: Final = _sd_jwt.NEVER_DISCLOSED | {
    *("issuer", "validFrom", "validUntil", "issuanceDate", "expirationDate", "credentialStatus", "status"),
}
"""What this application needs in order to judge authenticity and validity (RFC 9901, section 9.7): whoever
could choose whether to show the status would not show a revocation. `type` and `@context` are needed
too, but without them a credential is refused anyway, and the specification's own example discloses one."""


def _recognize(presented: Presented) -> bool:
    if enveloped(presented.content, CREDENTIAL, _MEDIA_TYPE) is not None:
        return True
    return kind_of(presented) is Kind.VCDM_CREDENTIAL


def _parse(presented: Presented) -> Secured:
    content = presented.content
    token = enveloped(content, CREDENTIAL, _MEDIA_TYPE)
    if token is not None and isinstance(content, dict):
        check_context(content)
        presented = Presented(content=token, media_type=_MEDIA_TYPE)
        # What is inside must be what the envelope says.
        if kind_of(presented) is not Kind.VCDM_CREDENTIAL:
            raise _jose.malformed("the token is not a vc+sd-jwt")
    read = _sd_jwt.read(presented, never=_NEVER_DISCLOSED)
    document = decode_envelope(read.token)
    return Secured(format=PLUGIN, vcdm=vcdm_version(document), document=document, token=read)


async def _verify(secured: Secured, tools: ProofTools) -> Proven:
    read: _sd_jwt.SdJwt = secured.token
    proven = await _jose.prove(secured, tools, token=read.token, overdue=overdue(read.token, tools))
    return with_key_binding(proven, read, tools)


PLUGIN: Final = Format(
    name="vc+sd-jwt",
    media_types=(_MEDIA_TYPE,),
    recognize=_recognize,
    parse=_parse,
    verify=_verify,
    title="VCDM 2.0 as SD-JWT",
    secured_by=Securing.JOSE,
    keys=(KeySource.DID, KeySource.HTTPS),
    statuses=None,
)
