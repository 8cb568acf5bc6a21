"""ELMO XML: results of studies as the EMREX network carries them. Its XML signature is not verified here.

https://github.com/emrex-eu/elmo-schemas. XML signatures need canonical XML and transforms that the signer
chooses, a surface that nothing else here needs; the same results exist as European Digital Credentials.
"""

from __future__ import annotations

from typing import Final

from gateway.formats import _xml
from gateway.formats._recognized import explained, readable
from gateway.model import Presented, Secured
from gateway.plugins import Format

TYPE: Final = "ext:Elmo"


def _recognize(presented: Presented) -> bool:
    root = _xml.peek_root(presented.content)
    return root is not None and root[0] == "elmo"


def _parse(presented: Presented) -> Secured:
    name, tree = _xml.parse(presented.content)
    return Secured(format=PLUGIN, vcdm=None, document={"type": [TYPE], name: tree})


PLUGIN: Final = Format(
    name="elmo",
    media_types=("application/elmo+xml",),
    recognize=_recognize,
    parse=_parse,
    verify=explained("xml-signature-not-verified", "the XML signature of ELMO is not verified"),
    verdict="recognized",
    structure=readable,
    title="ELMO (EMREX)",
)
