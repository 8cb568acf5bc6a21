"""vp+jwt: a VCDM 2.0 presentation in a JWS (VC-JOSE-COSE), as a token or as an EnvelopedVerifiablePresentation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.formats import _jose
from gateway.formats._jwt_claims import CREDENTIAL_MEDIA_TYPE, PRESENTATION_MEDIA_TYPE
from gateway.formats._jwt_presentation import decode_envelope, is_presentation, prove
from gateway.model import Presented, Secured
from gateway.plugins import Format, KeySource, Securing
from gateway.presentation import types_of
from gateway.structure import CREDENTIALS_V2, vcdm_version
from resolvers.problems import Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

_DATA_URL: Final = f"data:{PRESENTATION_MEDIA_TYPE},"


def _recognize(presented: Presented) -> bool:
    content = presented.content
    if isinstance(content, dict):
        return "EnvelopedVerifiablePresentation" in types_of(content) and str(content.get("id")).lower().startswith(
            _DATA_URL
        )
    return isinstance(content, str) and _is_token(content, presented.media_type)


def _is_token(content: str, media_type: str | None) -> bool:
    """Whether this is a `vp+jwt` by its `typ`; without one, which is only recommended, by what it came as or holds."""
    if (header := _jose.peek_header(content)) is None:
        return False
    typ = header.get("typ")
    if typ is not None:
        return isinstance(typ, str) and typ.lower().removeprefix("application/") == "vp+jwt"
    payload = _jose.peek_payload(content)
    if isinstance(payload, dict) and not payload.keys().isdisjoint({"vc", "vp"}):
        return False
    return media_type == PRESENTATION_MEDIA_TYPE or (media_type != CREDENTIAL_MEDIA_TYPE and is_presentation(payload))


def _parse(presented: Presented) -> Secured:
    content = presented.content
    if isinstance(content, dict):
        content = _unwrap(content)
    if not isinstance(content, str):
        raise Invalid("PARSING_ERROR", "neither a compact token nor an envelope")
    token = _jose.parse(content)
    if not _is_token(content, PRESENTATION_MEDIA_TYPE):  # what is inside must be what the envelope says
        raise _jose.malformed("the token is not a vp+jwt")
    document = decode_envelope(token)
    return Secured(format=PLUGIN, vcdm=vcdm_version(document), document=document, token=token, presentation=True)


def _unwrap(envelope: Mapping[str, Any]) -> str:
    """Return the token in an envelope (VC Data Model 2.0, Enveloped Verifiable Presentations).

    Nothing else in the envelope is looked at: it is not signed.
    """
    context = envelope.get("@context")
    if (context[0] if isinstance(context, list) and context else context) != CREDENTIALS_V2:
        raise Invalid("MALFORMED_VALUE_ERROR", "the envelope's first @context is not VCDM 2.0's", pointer="/@context")
    token: str = envelope["id"][len(_DATA_URL) :]
    return token


PLUGIN: Final = Format(
    name="vp+jwt",
    media_types=(PRESENTATION_MEDIA_TYPE,),
    recognize=_recognize,
    parse=_parse,
    verify=prove,
    title="presentation of VCDM 2.0 as JWT",
    secured_by=Securing.JOSE,
    keys=(KeySource.DID, KeySource.HTTPS),
)
