"""VC-JWT: the JWT encoding of VC Data Model 1.1, and that of Open Badges 3.0."""

from __future__ import annotations

from typing import Final

from gateway.formats import _jose
from gateway.formats._jwt_claims import Profile, decode_open_badge, decode_vc_claim, profile_of
from gateway.formats._recognized import is_velocity
from gateway.model import Presented, Secured
from gateway.plugins import Format, KeySource, Securing
from gateway.structure import vcdm_version
from resolvers.problems import Invalid


def _recognize(presented: Presented) -> bool:
    own = profile_of(presented) in (Profile.VC_CLAIM, Profile.OPEN_BADGES)
    return own and not is_velocity(presented.content)


def _parse(presented: Presented) -> Secured:
    if not isinstance(presented.content, str):
        raise Invalid("PARSING_ERROR", "not a compact token")
    token = _jose.parse(presented.content)
    if profile_of(presented) is Profile.OPEN_BADGES:
        document, warnings = decode_open_badge(token)
    else:
        document, warnings = decode_vc_claim(token), ()
    return Secured(format=PLUGIN, vcdm=vcdm_version(document), document=document, token=token, warnings=warnings)


PLUGIN: Final = Format(
    name="vc-jwt",
    media_types=("application/jwt",),
    recognize=_recognize,
    parse=_parse,
    verify=_jose.prove,
    title="VCDM 1.1 and Open Badges 3.0 as JWT",
    secured_by=Securing.JOSE,
    keys=(KeySource.DID, KeySource.HTTPS),
    statuses=None,
)
