"""Velocity Network credentials: their issuers' keys are on the network's own ledger, which is never asked here.

https://docs.velocitynetwork.foundation/. A VC-JWT, or the credential that was in it.
"""

from __future__ import annotations

from typing import Final

from gateway.formats import _jose
from gateway.formats._jwt_claims import Profile, decode_vc_claim, profile_of
from gateway.formats._recognized import explained, is_velocity, readable
from gateway.model import Presented, Secured
from gateway.plugins import Format
from gateway.structure import vcdm_version
from resolvers.problems import Invalid


def _recognize(presented: Presented) -> bool:
    return profile_of(presented) is not Profile.ENVELOPE and is_velocity(presented.content)


def _parse(presented: Presented) -> Secured:
    content = presented.content
    if isinstance(content, str):
        token = _jose.parse(content)
        document = decode_vc_claim(token)
        return Secured(format=PLUGIN, vcdm=vcdm_version(document), document=document, token=token)
    if not isinstance(content, dict) or not is_velocity(content):
        raise Invalid("PARSING_ERROR", "not a Velocity credential")
    return Secured(format=PLUGIN, vcdm=vcdm_version(content), document=content)


PLUGIN: Final = Format(
    name="velocity",
    media_types=("application/velocity+jwt",),
    recognize=_recognize,
    parse=_parse,
    verify=explained("velocity-not-consulted", "the issuer's key is on the Velocity Network's ledger"),
    verdict="recognized",
    structure=readable,
    title="Velocity Network credential",
)
