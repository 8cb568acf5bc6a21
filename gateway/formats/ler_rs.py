"""HR Open LER-RS 4.4 and 4.5 that nobody has signed: a résumé with the signed records that bear it out.

http://schema.hropenstandards.org/4.5/recruiting/json/LER-RSType.json. An envelope: each record in its rows'
`verifications` is verified by itself, and what the rows say beside them is the applicant's own word. One
that is signed, as a credential whose subject it is, goes to the format that verifies the signature.
"""

from __future__ import annotations

from typing import Final

from gateway.formats._recognized import explained, is_unsigned_ler_rs, readable
from gateway.model import Presented, Secured
from gateway.plugins import Format
from gateway.structure import vcdm_version
from resolvers.problems import Invalid


def _recognize(presented: Presented) -> bool:
    return is_unsigned_ler_rs(presented.content)


def _parse(presented: Presented) -> Secured:
    content = presented.content
    if not isinstance(content, dict) or not is_unsigned_ler_rs(content):
        raise Invalid("PARSING_ERROR", "not an unsigned LER-RS")
    return Secured(format=PLUGIN, vcdm=vcdm_version(content), document=content)


PLUGIN: Final = Format(
    name="ler-rs",
    media_types=("application/ler-rs+json",),
    recognize=_recognize,
    parse=_parse,
    verify=explained("envelope-unsigned", "nobody has signed the résumé itself"),
    structure=readable,
    envelope=True,
    title="HR Open LER-RS 4.4 and 4.5",
)
