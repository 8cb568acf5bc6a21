"""Comprehensive Learner Record 2.0: many credentials in one, and how their achievements hang together.

https://www.imsglobal.org/spec/clr/v2p0/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway.normalizers._achievement import read_achievements
from gateway.normalizers._claims import Members, node_type
from gateway.normalizers._subject import PERSON, associations, embedded_credentials, read_record
from gateway.plugins import Normalizer

if TYPE_CHECKING:
    from gateway.model import Record, Unverified, Verified

_CLR_SUBJECT: Final[Members] = {
    **PERSON,
    "type": (None, node_type("ClrSubject")),
    "achievement": ("achievements", read_achievements),
    "association": ("associations", associations),
    "verifiableCredential": ("children", embedded_credentials),
}


def normalize(credential: Verified | Unverified) -> Record:
    """Read a ClrCredential. What its children say is in their own records, once they are verified."""
    return read_record(credential, _CLR_SUBJECT)


PLUGIN: Final = Normalizer(name="clr_2", types=("ClrCredential",), normalize=normalize, embeds=True)
