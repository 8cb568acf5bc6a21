"""PESC XML transcripts (high school and college): what schools send to each other, and what is not signed.

https://www.pesc.org/. Whoever received it over a trusted network knew whom it came from; the file does not say.
"""

from __future__ import annotations

from typing import Final

from gateway.formats import _xml
from gateway.formats._recognized import explained, readable
from gateway.model import Presented, Secured
from gateway.plugins import Format

TYPE: Final = "ext:PescTranscript"
_NAMESPACE: Final = "urn:org:pesc:"
_ROOTS: Final = frozenset({"CollegeTranscript", "HighSchoolTranscript", "AcademicRecordBatch", "AcademicRecord"})


def _recognize(presented: Presented) -> bool:
    root = _xml.peek_root(presented.content)
    return root is not None and root[0] in _ROOTS and _NAMESPACE in root[1]


def _parse(presented: Presented) -> Secured:
    name, tree = _xml.parse(presented.content)
    return Secured(format=PLUGIN, vcdm=None, document={"type": [TYPE], name: tree})


PLUGIN: Final = Format(
    name="pesc",
    media_types=("application/pesc+xml",),
    recognize=_recognize,
    parse=_parse,
    verify=explained("transcript-unsigned", "a PESC transcript carries no signature of the school"),
    verdict="recognized",
    structure=readable,
    title="PESC transcript",
)
