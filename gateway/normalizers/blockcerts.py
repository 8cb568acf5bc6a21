"""Blockcerts 3: a certificate as a W3C credential, often with no more than a name and a page that shows it.

https://www.blockcerts.org/schema/3.2/context.json. Blockcerts 2 are Open Badges 2 assertions, and read as such.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.normalizers._achievement import blank_achievement, read_achievements
from gateway.normalizers._claims import Members, each, identifier, node_type, read_members, text
from gateway.normalizers._subject import PERSON, read_record
from gateway.plugins import Normalizer

if TYPE_CHECKING:
    from gateway.model import Record, Unverified, Verified


def normalize(credential: Verified | Unverified) -> Record:
    """Read a BlockcertsCredential: what its subject claims, or the achievement that it has."""
    return read_record(credential, _SUBJECT)


def _claims(value: Any, at: str, unmapped: list[str]) -> list[tuple[str, dict[str, Any]]]:
    found = []
    for where, item in each(value, at):
        if isinstance(item, dict):
            found.append((where, read_members(item, where, unmapped, _CLAIM, blank_achievement())))
        else:
            unmapped.append(where)
    return found


_CLAIM: Final[Members] = {
    "id": ("id", identifier),
    "type": (None, node_type()),
    "name": ("name", text),
    "description": ("description", text),
}

_SUBJECT: Final[Members] = {
    **PERSON,
    "type": (None, node_type("Person", "AchievementSubject")),
    "claim": ("achievements", _claims),
    "achievement": ("achievements", read_achievements),
}

PLUGIN: Final = Normalizer(name="blockcerts", types=("BlockcertsCredential",), normalize=normalize)
