"""Whom a credential is about, what they achieved, and the records embedded in theirs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from gateway.model import Record, Verified
from gateway.normalizers._achievement import read_achievements
from gateway.normalizers._claims import (
    Members,
    boolean,
    each,
    identifier,
    instant,
    keep,
    node_type,
    number,
    read_members,
    string,
    term,
    text,
)
from gateway.normalizers._credential import IDENTIFIER_TYPE, read_envelope
from gateway.normalizers._result import read_results

if TYPE_CHECKING:
    from gateway.model import Unverified

_HASHED = re.compile(r"(?:sha256|md5)\$[0-9A-Fa-f]+", re.ASCII)
"""Open Badges 3.0, IdentityHash; how a value is told that does not say whether it is hashed."""

_OF_ONE_ACHIEVEMENT: Final = ("creditsEarned", "licenseNumber", "result", "role", "term")
"""Members of the subject that speak of its achievement, and of none in particular where there are several."""

_ASSOCIATION_TYPE: Final = term(
    *("exactMatchOf", "exemplar", "hasSkillLevel", "isChildOf", "isParentOf", "isPartOf", "isPeerOf", "isRelatedTo"),
    *("precedes", "replacedBy"),
)
"""CLR 2.0, AssociationType."""


def read_record(credential: Verified | Unverified, members: Members) -> Record:
    """Read a credential whose subjects have `members`: `ACHIEVEMENT_SUBJECT`, or a table of a plugin's own.

    Version 2.0 of the data model allows several subjects. The record is about the first, and what is
    said of anybody else is unmapped: nobody must be credited with another's achievement.
    """
    unmapped: list[str] = []
    envelope = read_envelope(credential.document, unmapped)
    dates, endorsements = envelope["dates"], envelope["endorsements"]
    images: list[tuple[str, str]] = []
    subject: dict[str, Any] | None = None
    achievements: list[dict[str, Any]] = []
    associations: list[dict[str, Any]] = []
    children: list[tuple[str, Any]] = []
    for at, node in each(envelope["subjects"], "/credentialSubject"):
        if not isinstance(node, dict) or (subject and (subject["id"] is None or subject["id"] != node.get("id"))):
            unmapped.append(at)
            continue
        read = read_members(node, at, unmapped, members, _blank())
        person = {name: read.pop(name) for name in _PERSON}
        if subject is None:
            subject = person
        else:
            unmapped.extend(f"{at}/{member}" for name, member in _PERSON.items() if name != "id" and person[name])
        for date in ("activityStart", "activityEnd"):
            dates[date], spare = (dates[date], read.get(date)) if dates[date] else (read.get(date), None)
            if spare:
                unmapped.append(f"{at}/{date}Date")
        found = read.get("achievements", [])
        _complete(found, read, at, unmapped)
        for where, achievement in found:
            achievement["sourceCredentialId"] = envelope["id"]
            achievement["verification"] = standing(credential, subject["id"])
            endorsements += achievement.pop("endorsements", ())
            if (image := achievement.pop("image", None)) is not None:
                images.append((f"{where}/image", image))
            achievements.append(achievement)
        associations += read.get("associations", ())
        children += read.get("children", ())
    if envelope["image"] is None and len(achievements) == 1 and images:
        envelope["image"] = images.pop()[1]
    unmapped.extend(where for where, _ in images)
    subject = subject or _blank()
    subject["name"] = subject["name"] or _name_among(subject["identifiers"])
    return Record(
        id=envelope["id"],
        types=tuple(envelope["types"]),
        name=envelope["name"],
        description=envelope["description"],
        image=envelope["image"],
        issuer=envelope["issuer"],
        subject=subject,
        achievements=tuple(achievements),
        dates=dates,
        evidence=tuple(envelope["evidence"]),
        endorsements=tuple(endorsements),
        associations=tuple(associations),
        partial=envelope["partial"],
        children=tuple(children),
        unmapped=tuple(unmapped),
    )


def _blank() -> dict[str, Any]:
    return {"id": None, "name": None, "identifiers": []}


def standing(credential: Verified | Unverified, subject_id: str | None) -> str:
    """Return who stands behind an achievement: a proven issuer, the learner alone, or nobody yet."""
    if not isinstance(credential, Verified):
        return "none"
    return "self_asserted" if subject_id == credential.issuer else "verified"


def full_name(given: Any, family: Any) -> Any:
    """Return both names, in each language that has both, or the one that there is."""
    if isinstance(given, dict) and isinstance(family, dict):
        both = {tag: f"{words} {family[tag]}" for tag, words in given.items() if tag in family}
        return both or family
    if isinstance(given, str) and isinstance(family, str):
        return f"{given} {family}"
    return family or given


def _complete(found: list[tuple[str, dict[str, Any]]], subject: dict[str, Any], at: str, unmapped: list[str]) -> None:
    """Add what the subject says of its one achievement; where there are several it could mean any of them."""
    if len(found) == 1:
        where, achievement = found[0]
        achievement["credits"]["earned"] = subject.get("creditsEarned")
        for field in ("licenseNumber", "role", "term"):
            achievement[field] = subject.get(field)
        descriptions = achievement.pop("resultDescription", None)
        achievement["results"] = read_results(
            subject.get("result"), f"{at}/result", descriptions, f"{where}/resultDescription", unmapped
        )
        return
    unmapped.extend(f"{at}/{name}" for name in _OF_ONE_ACHIEVEMENT if subject.get(name) is not None)
    for where, achievement in found:
        if achievement.pop("resultDescription", None) is not None:
            unmapped.append(f"{where}/resultDescription")


def _identities(value: Any, at: str, unmapped: list[str]) -> list[dict[str, Any]]:
    """Read Open Badges' IdentityObjects: plain, or hashed with the salt that a comparison needs."""
    found = []
    for where, item in each(value, at):
        if not isinstance(item, dict):
            unmapped.append(where)
            continue
        read = read_members(item, where, unmapped, _IDENTITY, {"type": None, "identity": None, "salt": None})
        identity, hashed = read["identity"], read.get("hashed")
        if hashed is None:
            hashed = identity is not None and _HASHED.fullmatch(identity) is not None
        found.append(
            {
                "type": read["type"],
                "value": None if hashed else identity,
                "hash": identity if hashed else None,
                "salt": read["salt"],
                "hashed": hashed,
            }
        )
    return found


def _name_among(identifiers: list[dict[str, Any]]) -> str | None:
    return next((item["value"] for item in identifiers if item["type"] == "name" and item["value"]), None)


def associations(value: Any, at: str, unmapped: list[str]) -> list[dict[str, Any]]:
    """Read how the achievements of a learner record hang together."""
    found = []
    for where, item in each(value, at):
        if isinstance(item, dict):
            blank = {"type": None, "sourceId": None, "targetId": None}
            found.append(read_members(item, where, unmapped, _ASSOCIATION, blank))
        else:
            unmapped.append(where)
    return found


def embedded_credentials(value: Any, at: str, unmapped: list[str]) -> list[tuple[str, Any]]:
    """Find the credentials inside this one, objects or compact tokens, each to be verified by itself."""
    found = []
    for where, item in each(value, at):
        if isinstance(item, (dict, str)):
            found.append((where, item))
        else:
            unmapped.append(where)
    return found


_PERSON: Final = {"id": "id", "name": "name", "identifiers": "identifier"}

_IDENTITY: Final[Members] = {
    "type": (None, node_type("IdentityObject")),
    "identityType": ("type", IDENTIFIER_TYPE),
    "identityHash": ("identity", string),
    "hashed": ("hashed", boolean),
    "salt": ("salt", string),
}

_ASSOCIATION: Final[Members] = {
    "type": (None, node_type("Association")),
    "associationType": ("type", _ASSOCIATION_TYPE),
    "sourceId": ("sourceId", identifier),
    "targetId": ("targetId", identifier),
}

PERSON: Final[Members] = {
    "id": ("id", identifier),
    "name": ("name", text),
    "identifier": ("identifiers", _identities),
}
"""Members of any subject."""

ACHIEVEMENT_SUBJECT: Final[Members] = {
    **PERSON,
    "type": (None, node_type("AchievementSubject")),
    "achievement": ("achievements", read_achievements),
    "activityStartDate": ("activityStart", instant),
    "activityEndDate": ("activityEnd", instant),
    "creditsEarned": ("creditsEarned", number),
    "licenseNumber": ("licenseNumber", string),
    "result": ("result", keep),
    "role": ("role", text),
    "term": ("term", text),
}
"""Members of an Open Badges 3.0 AchievementSubject."""
