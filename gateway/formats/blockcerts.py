"""Blockcerts 2 and 3: their proof is a path to a transaction in a blockchain, which is never looked up here.

https://www.blockcerts.org/. Blockcerts whose only proof is one of Data Integrity are verified like any other.
"""

from __future__ import annotations

from typing import Final

from gateway.formats._recognized import explained, is_blockcerts, readable
from gateway.model import Presented, Secured
from gateway.plugins import Format
from gateway.structure import vcdm_version
from resolvers.problems import Invalid


def _recognize(presented: Presented) -> bool:
    return is_blockcerts(presented.content)


def _parse(presented: Presented) -> Secured:
    content = presented.content
    if not isinstance(content, dict) or not is_blockcerts(content):
        raise Invalid("PARSING_ERROR", "no Merkle proof")
    return Secured(format=PLUGIN, vcdm=vcdm_version(content), document=content)


PLUGIN: Final = Format(
    name="blockcerts",
    media_types=("application/blockcerts+json",),
    recognize=_recognize,
    parse=_parse,
    verify=explained("blockchain-not-consulted", "the Merkle proof leads to a transaction that is not looked up"),
    verdict="recognized",
    structure=readable,
    title="Blockcerts 1 to 3",
)
