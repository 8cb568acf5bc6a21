"""Open Badges 0.5 to 2.1: one assertion, with the badge class and the issuer that it points to in their places.

https://www.imsglobal.org/sites/default/files/Badges/OBv2p0Final/index.html. The assertions of CLR 1.0 have the
same type, and an achievement where badges have a badge class.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.model import Record
from gateway.normalizers import _clr_1
from gateway.normalizers._achievement import ACHIEVEMENT_TYPE, align, blank_achievement
from gateway.normalizers._claims import Members, each, identifier, ignore, instant, keep, node_type, read_members, text
from gateway.normalizers._open_badges_2 import (
    TECHNICAL,
    alignments,
    criteria,
    endorsements,
    evidence,
    image,
    in_language,
    organization,
    recipient,
)
from gateway.normalizers._subject import standing
from gateway.plugins import Normalizer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.model import Unverified, Verified

_TYPES: Final = ("Assertion", "obi:Assertion", "https://w3id.org/openbadges#Assertion")


def normalize(credential: Verified | Unverified) -> Record:
    """Read an assertion."""
    document = credential.document
    if "achievement" in document and "badge" not in document:
        return _clr_1.read_assertion(credential)
    unmapped: list[str] = []
    read = read_members(in_language(document, "narrative"), "", unmapped, _ASSERTION, {"evidence": []})
    achievement, badge_image, endorsed = _badge_class(read.get("badge"), unmapped)
    issuer = achievement["creator"] or {"id": None, "name": None, "url": None, "identifiers": []}
    endorsed = [*read.get("endorsements", ()), *endorsed, *issuer.pop("endorsements", ())]
    identities = recipient(document.get("recipient"), document.get("salt"), "/recipient", unmapped)
    plain = next((one["value"] for one in identities if one["type"] == "id"), None)
    subject = {"id": plain, "name": None, "identifiers": identities}
    achievement |= {
        "sourceCredentialId": read.get("id"),
        "verification": standing(credential, plain),
    }
    return Record(
        id=read.get("id"),
        types=tuple(name for _, name in each(document.get("type"), "") if isinstance(name, str)),
        name=achievement["name"],
        description=read.get("narrative"),
        image=read.get("image") or badge_image,
        issuer=issuer,
        subject=subject,
        achievements=(achievement,) if "badge" in document else (),
        dates=_dates(document, read),
        evidence=tuple(read["evidence"]),
        endorsements=tuple(endorsed),
        unmapped=tuple(unmapped),
    )


def _badge_class(badge: Any, unmapped: list[str]) -> tuple[dict[str, Any], str | None, list[dict[str, Any]]]:
    """Return the achievement that a badge class describes, its image, and who endorses it."""
    record = blank_achievement()
    if not isinstance(badge, dict):
        record["id"] = None if badge is None else identifier(badge, "/badge", unmapped)
        return record, None, []
    # Of Open Badges 0.5, whose issuer has an origin instead of an address.
    read_members(in_language(badge, "name", "description"), "/badge", unmapped, _BADGE_CLASS, record)
    align(record)
    return record, record.pop("image", None), record.pop("endorsements", [])


def _dates(document: Mapping[str, Any], read: Mapping[str, Any]) -> dict[str, str | None]:
    """Return the dates: as the format wrote them in full, or of what no format has read as they are."""
    start = read.get("validFrom") or instant(document.get("issuedOn"), "", [])
    return {
        "awarded": start,
        "validFrom": start,
        "validUntil": read.get("validUntil") or instant(document.get("expires"), "", []),
        "activityStart": None,
        "activityEnd": None,
        "issued": start,
    }


def _issuer(value: Any, at: str, unmapped: list[str]) -> dict[str, Any] | None:
    if isinstance(value, dict) and "origin" in value and "url" not in value:  # Open Badges 0.5
        value = {("url" if name == "origin" else name): member for name, member in value.items()}
    return organization(value, at, unmapped)


_ASSERTION: Final[Members] = {
    **TECHNICAL,
    "id": ("id", identifier),
    "type": (None, node_type(*_TYPES)),
    "recipient": (None, ignore),
    "badge": ("badge", keep),
    "image": ("image", image),
    "issuedOn": (None, ignore),
    "issued_on": (None, ignore),
    "expires": (None, ignore),
    "validFrom": ("validFrom", instant),
    "validUntil": ("validUntil", instant),
    "evidence": ("evidence", evidence),
    "narrative": ("narrative", text),
    "endorsement": ("endorsements", endorsements),
}
_BADGE_CLASS: Final[Members] = {
    **TECHNICAL,
    "id": ("id", identifier),
    "type": (None, node_type("BadgeClass")),
    "name": ("name", text),
    "description": ("description", text),
    "achievementType": ("achievementType", ACHIEVEMENT_TYPE),
    "image": ("image", image),
    "criteria": ("criteria", criteria),
    "issuer": ("creator", _issuer),
    "alignment": ("alignments", alignments),
    "endorsement": ("endorsements", endorsements),
}

PLUGIN: Final = Normalizer(name="open_badges_2", types=_TYPES, normalize=normalize)
