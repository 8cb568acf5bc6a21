"""vc+jwt: a VCDM 2.0 credential in a JWS (VC-JOSE-COSE), as a token or as an EnvelopedVerifiableCredential."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.formats import _jose
from gateway.formats._jwt_claims import Profile, decode_envelope, overdue, profile_of
from gateway.model import Presented, Proven, Secured
from gateway.plugins import Format, KeySource, Securing
from gateway.structure import CREDENTIALS_V2, vcdm_version
from resolvers.problems import Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.plugins import ProofTools

_DATA_URL: Final = "data:application/vc+jwt,"


def _recognize(presented: Presented) -> bool:
    content = presented.content
    if isinstance(content, str):
        return profile_of(presented) is Profile.ENVELOPE
    return isinstance(content, dict) and _is_enveloped(content)


def _is_enveloped(content: Mapping[str, Any]) -> bool:
    """Whether this is an envelope around a token of this format; those of others are not recognized here."""
    kind, identifier = content.get("type"), content.get("id")
    types = kind if isinstance(kind, list) else [kind]
    return "EnvelopedVerifiableCredential" in types and str(identifier).lower().startswith(_DATA_URL)


def _parse(presented: Presented) -> Secured:
    content = presented.content
    if isinstance(content, dict):
        content = _unwrap(content)
    if not isinstance(content, str):
        raise Invalid("PARSING_ERROR", "neither a compact token nor an envelope")
    token = _jose.parse(content)
    # What is inside must be what the envelope says: never a token of another kind, and, since a
    # payload is a credential, never another envelope.
    if profile_of(Presented(content=content, media_type="application/vc+jwt")) is not Profile.ENVELOPE:
        raise _jose.malformed("the token is not a vc+jwt")
    document = decode_envelope(token)
    return Secured(format=PLUGIN, vcdm=vcdm_version(document), document=document, token=token)


def _unwrap(envelope: Mapping[str, Any]) -> str:
    """Return the token in an envelope (VC Data Model 2.0, Enveloped Verifiable Credentials).

    Nothing else in the envelope is looked at: it is not signed.
    """
    context = envelope.get("@context")
    if (context[0] if isinstance(context, list) and context else context) != CREDENTIALS_V2:
        raise Invalid("MALFORMED_VALUE_ERROR", "the envelope's first @context is not VCDM 2.0's", pointer="/@context")
    token: str = envelope["id"][len(_DATA_URL) :]
    return token


async def _verify(secured: Secured, tools: ProofTools) -> Proven:
    return await _jose.prove(secured, tools, overdue=overdue(secured.token, tools))


PLUGIN: Final = Format(
    name="vc+jwt",
    media_types=("application/vc+jwt",),
    recognize=_recognize,
    parse=_parse,
    verify=_verify,
    title="VCDM 2.0 as JWT",
    secured_by=Securing.JOSE,
    keys=(KeySource.DID, KeySource.HTTPS),
    statuses=None,
)
