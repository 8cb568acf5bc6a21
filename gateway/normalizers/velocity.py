"""Velocity Network credentials: a degree, a course, a certification, a licence or an employment.

https://velocitynetwork.foundation/schemas/. A type has a version in its name, and each subject is of one kind.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from gateway.normalizers._achievement import blank_achievement
from gateway.normalizers._claims import Members, Read, each, grade, identifier, ignore, read_members, text
from gateway.normalizers._subject import PERSON, read_record
from gateway.normalizers._transcript import day, result
from gateway.plugins import Normalizer

if TYPE_CHECKING:
    from gateway.model import Record, Unverified, Verified

_KINDS: Final = {
    "EducationDegreeGraduation": "Degree",
    "EducationDegreeStudy": "ext:EducationDegreeStudy",
    "EducationDegreeRegistration": "ext:EducationDegreeRegistration",
    "CourseCompletion": "Course",
    "CourseAttendance": "Course",
    "CourseRegistration": "ext:CourseRegistration",
    "Certification": "Certification",
    "License": "License",
    "Assessment": "Assessment",
    "AssessmentDec2020": "Assessment",
    "Badge": "Badge",
    "OpenBadge": "Badge",
    "EmploymentCurrent": "ext:Employment",
    "EmploymentPast": "ext:Employment",
}
"""Types of credentials, without their version → Open Badges 3.0, AchievementType."""

_VERSIONS: Final = ("V1.0", "V1.1", "V2.0", "V2.1")
_KIND_OF: Final = {f"{name}{version}": kind for name, kind in _KINDS.items() for version in _VERSIONS}


def normalize(credential: Verified | Unverified) -> Record:
    """Read a Velocity credential, whose subject is the person and the achievement in one."""
    fields: dict[str, Any] = {}

    def into(name: str, read: Read) -> Read:
        def note(value: Any, at: str, unmapped: list[str]) -> None:
            if name in fields:
                unmapped.append(at)
            else:
                fields[name] = read(value, at, unmapped)

        return note

    record = read_record(credential, {**PERSON, **{name: (None, into(*how)) for name, how in _SUBJECT.items()}})
    kind = next((_KIND_OF[name] for name in record.types if name in _KIND_OF), None)
    achievement = {
        **blank_achievement(),
        "name": fields.get("name"),
        "achievementType": kind,
        "description": fields.get("description"),
        "creator": fields.get("creator"),
        "fieldOfStudy": fields.get("field"),
        "role": fields.get("role"),
        "results": fields.get("results") or [],
        "sourceCredentialId": record.id,
        "claimsUnverified": True,
    }
    dates = {"awarded": fields.get("awarded"), "activityStart": fields.get("start"), "activityEnd": fields.get("end")}
    return replace(record, achievements=(achievement,), dates={**record.dates, **dates})


def _title(value: Any, at: str, unmapped: list[str]) -> Any:
    """Read a title: text, or an object with it in several languages."""
    if isinstance(value, dict) and "localized" in value:
        return text(value["localized"], f"{at}/localized", unmapped)
    return text(value, at, unmapped)


def _organization(value: Any, at: str, unmapped: list[str]) -> dict[str, Any]:
    blank: dict[str, Any] = {"id": None, "name": None, "url": None, "identifiers": []}
    if isinstance(value, dict):
        return read_members(value, at, unmapped, _ORGANIZATION, blank)
    return {**blank, "name": text(value, at, unmapped)}


def _score(value: Any, at: str, unmapped: list[str]) -> list[dict[str, Any]]:
    found = []
    for where, one in each(value, at):
        reached = read_members(one, where, unmapped, _SCORE, {}).get("value") if isinstance(one, dict) else one
        found += result(grade(reached, where, unmapped) if reached is not None else None)
    return found


def _fields(value: Any, at: str, unmapped: list[str]) -> Any:
    """Read fields of study, one after the other; several languages only of one."""
    found = [_title(one, where, unmapped) for where, one in each(value, at)]
    if len(found) == 1:
        return found[0]
    return ", ".join(one for one in found if isinstance(one, str)) or None


_ORGANIZATION: Final[Members] = {"name": ("name", text), "did": ("id", identifier), "type": (None, ignore)}
_SCORE: Final[Members] = {"type": (None, ignore), "score": ("value", grade), "value": ("value", grade)}
_SUBJECT: Final[dict[str, tuple[str, Read]]] = {
    "type": ("type", ignore),
    "degreeName": ("name", _title),
    "title": ("name", _title),
    "role": ("role", text),
    "description": ("description", text),
    "institution": ("creator", _organization),
    "organization": ("creator", _organization),
    "authority": ("creator", _organization),
    "legalEmployer": ("creator", _organization),
    "degreeMajor": ("field", _fields),
    "grade": ("results", _score),
    "score": ("results", _score),
    "conferredDate": ("awarded", day),
    "startDate": ("start", day),
    "endDate": ("end", day),
}
"""Member of the subject → what it is of the achievement, and how it is read. What is there twice is said once."""

PLUGIN: Final = Normalizer(name="velocity", types=tuple(_KIND_OF), normalize=normalize)
