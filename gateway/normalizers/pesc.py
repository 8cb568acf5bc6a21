"""PESC XML transcripts: the degrees and the courses of one student at one school.

https://www.pesc.org/, College Transcript 1.8 and High School Transcript 1.5 (the names below are in both).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.normalizers._claims import Members, ignore, keep
from gateway.normalizers._transcript import (
    achievement,
    amount,
    code,
    day,
    identity,
    inside,
    node,
    nodes,
    record,
    result,
    words,
)
from gateway.plugins import Normalizer

if TYPE_CHECKING:
    from gateway.model import Record, Unverified, Verified

_TYPE: Final = "ext:PescTranscript"


def normalize(credential: Verified | Unverified) -> Record:
    """Read a transcript; courses and degrees of each school are achievements, without what joins them."""
    unmapped: list[str] = []
    document = credential.document
    root = next((name for name in document if name != "type"), "")
    read = node(document.get(root), f"/{root}", unmapped, _TRANSCRIPT) if root else {}
    sent, student = read.get("sent") or {}, read.get("student") or {}
    person = student.get("person") or {}
    achievements: list[dict[str, Any]] = []
    issuer: dict[str, Any] | None = None
    at = f"/{root}/Student/AcademicRecord"
    for where, academic in nodes(student.get("records"), at, unmapped, _RECORD):
        school = academic.get("school") or {}
        creator: dict[str, Any] = {"id": None, "name": school.get("name"), "url": None, "identifiers": []}
        issuer = issuer or creator
        achievements += _degrees(academic.get("awards"), f"{where}/AcademicAward", creator, unmapped)
        achievements += _courses(academic.get("courses"), f"{where}/Course", creator, unmapped)
        for session, inner in nodes(academic.get("sessions"), f"{where}/AcademicSession", unmapped, _SESSION):
            achievements += _courses(inner.get("courses"), f"{session}/Course", creator, unmapped)
            achievements += _degrees(inner.get("awards"), f"{session}/AcademicAward", creator, unmapped)
    return record(
        document,
        id_=sent.get("id"),
        issuer=issuer if issuer and issuer["name"] else sent.get("source"),
        subject=_subject(person),
        achievements=achievements,
        issued=sent.get("date"),
        unmapped=unmapped,
    )


def _subject(person: dict[str, Any]) -> dict[str, Any]:
    name = person.get("name") or {}
    parts = [name[part] for part in ("first", "middle", "last") if name.get(part)]
    school_id = person.get("schoolId")
    identifiers = [identity("sisSourcedId", school_id)] if school_id else []
    return {"id": None, "name": " ".join(parts) or None, "identifiers": identifiers}


def _degrees(value: Any, at: str, creator: dict[str, Any], unmapped: list[str]) -> list[dict[str, Any]]:
    found = []
    for where, award in nodes(value, at, unmapped, _AWARD):
        program = award.get("program") or {}
        if award.get("date"):
            unmapped.append(f"{where}/AcademicAwardDate")
        found.append(
            achievement(
                name=award.get("title") or award.get("level"),
                achievementType="Degree",
                creator=creator,
                fieldOfStudy=program.get("name"),
            )
        )
    return found


def _courses(value: Any, at: str, creator: dict[str, Any], unmapped: list[str]) -> list[dict[str, Any]]:
    found = []
    for _, course in nodes(value, at, unmapped, _COURSE):
        credits_ = {"earned": course.get("earned"), "available": course.get("credit"), "unit": course.get("unit")}
        found.append(
            achievement(
                id=course.get("code"),
                name=course.get("title"),
                achievementType="Course",
                creator=creator,
                credits=credits_,
                results=result(course.get("grade")),
            )
        )
    return found


def _source(value: Any, at: str, unmapped: list[str]) -> dict[str, Any]:
    found = node(value, at, unmapped, {"Organization": ("organization", inside(_SCHOOL))})
    name = (found.get("organization") or {}).get("name")
    return {"id": None, "name": name, "url": None, "identifiers": []}


_SCHOOL: Final[Members] = {"OrganizationName": ("name", words)}
_SENT: Final[Members] = {"DocumentID": ("id", code), "CreatedDateTime": ("date", day), "Source": ("source", _source)}
_NAME: Final[Members] = {"FirstName": ("first", words), "MiddleName": ("middle", words), "LastName": ("last", words)}
_PERSON: Final[Members] = {"Name": ("name", inside(_NAME)), "SchoolAssignedPersonID": ("schoolId", words)}
_STUDENT: Final[Members] = {"Person": ("person", inside(_PERSON)), "AcademicRecord": ("records", keep)}
_TRANSCRIPT: Final[Members] = {
    "@schemaLocation": (None, ignore),
    "TransmissionData": ("sent", inside(_SENT)),
    "Student": ("student", inside(_STUDENT)),
}
_RECORD: Final[Members] = {
    "School": ("school", inside(_SCHOOL)),
    "AcademicAward": ("awards", keep),
    "AcademicSession": ("sessions", keep),
    "Course": ("courses", keep),
}
_SESSION: Final[Members] = {"Course": ("courses", keep), "AcademicAward": ("awards", keep)}
_PROGRAM: Final[Members] = {"AcademicProgramName": ("name", words)}
_AWARD: Final[Members] = {
    "AcademicAwardTitle": ("title", words),
    "AcademicAwardLevel": ("level", words),
    "AcademicAwardDate": ("date", day),
    "AcademicAwardProgram": ("program", inside(_PROGRAM)),
}
_COURSE: Final[Members] = {
    "CourseTitle": ("title", words),
    "OriginalCourseID": ("code", code),
    "CourseCreditValue": ("credit", amount),
    "CourseCreditEarned": ("earned", amount),
    "CourseCreditUnits": ("unit", words),
    "CourseAcademicGrade": ("grade", words),
}

PLUGIN: Final = Normalizer(name="pesc", types=(_TYPE,), normalize=normalize)
