"""JWT VP: the JWT encoding of a VCDM 1.1 presentation, in the claim `vp` (section 6.3.1)."""

from __future__ import annotations

from typing import Final

from gateway.formats import _jose
from gateway.formats._jwt_claims import CREDENTIAL_MEDIA_TYPE
from gateway.formats._jwt_presentation import decode_vp_claim, has_vp_claim, prove
from gateway.model import Presented, Secured
from gateway.plugins import Format, KeySource, Securing
from gateway.structure import vcdm_version
from resolvers.problems import Invalid


def _recognize(presented: Presented) -> bool:
    content = presented.content
    if not isinstance(content, str) or (header := _jose.peek_header(content)) is None:
        return False
    typ, payload = header.get("typ"), _jose.peek_payload(content)
    if typ is not None and not (isinstance(typ, str) and typ.lower().removeprefix("application/") == "jwt"):
        return False
    return has_vp_claim(payload) and (typ is not None or presented.media_type != CREDENTIAL_MEDIA_TYPE)


def _parse(presented: Presented) -> Secured:
    if not isinstance(presented.content, str):
        raise Invalid("PARSING_ERROR", "not a compact token")
    token = _jose.parse(presented.content)
    document = decode_vp_claim(token)
    return Secured(format=PLUGIN, vcdm=vcdm_version(document), document=document, token=token, presentation=True)


PLUGIN: Final = Format(
    name="vp-jwt",
    # No media type is registered for it; this is OpenID4VP's identifier, from before its version 1.0.
    media_types=("jwt_vp_json",),
    recognize=_recognize,
    parse=_parse,
    verify=prove,
    title="presentation of VCDM 1.1 as JWT",
    secured_by=Securing.JOSE,
    keys=(KeySource.DID, KeySource.HTTPS),
)
