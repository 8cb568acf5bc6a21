"""Any other credential: what the data model itself defines, and schema.org's `hasCredential`; of a token its claims.

https://www.w3.org/TR/vc-data-model-2.0/, https://schema.org/EducationalOccupationalCredential
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.normalizers._achievement import ACHIEVEMENT_TYPE, blank_achievement
from gateway.normalizers._claims import Members, each, identifier, node_type, picture, read_members, text
from gateway.normalizers._sd_jwt_claims import is_sd_jwt_vc, read_sd_jwt_vc
from gateway.normalizers._subject import PERSON, read_record
from gateway.plugins import Normalizer

if TYPE_CHECKING:
    from gateway.model import Record, Unverified, Verified


def normalize(credential: Verified | Unverified) -> Record:
    """Read a credential of unknown type; nearly all that its subject says is `unmapped`."""
    if is_sd_jwt_vc(credential):
        return read_sd_jwt_vc(credential)
    return read_record(credential, _SUBJECT)


def _credentials(value: Any, at: str, unmapped: list[str]) -> list[tuple[str, dict[str, Any]]]:
    """Read what schema.org calls an EducationalOccupationalCredential as an achievement."""
    found = []
    for where, item in each(value, at):
        if isinstance(item, dict):
            found.append((where, read_members(item, where, unmapped, _EOC, blank_achievement())))
        elif (name := identifier(item, where, unmapped)) is not None:
            found.append((where, {**blank_achievement(), "id": name}))
    return found


_EOC: Final[Members] = {
    "id": ("id", identifier),
    "type": (None, node_type("EducationalOccupationalCredential")),
    "name": ("name", text),
    "description": ("description", text),
    "image": ("image", picture),
    "credentialCategory": ("achievementType", ACHIEVEMENT_TYPE),
}

_SUBJECT: Final[Members] = {
    **PERSON,
    "type": (None, node_type("Person")),
    "hasCredential": ("achievements", _credentials),
}

PLUGIN: Final = Normalizer(name="generic", types=("",), normalize=normalize)
