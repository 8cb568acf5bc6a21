"""A result as HR Open LER-RS 4.5 JSON, which HR systems read: person, skills, education, certifications, licences.

https://schema.hropenstandards.org/4.5/recruiting/json/LER-RSType.json. A row has `verifications` where the
record that states it is verified, and holds that record; a row without is nobody's but the applicant's.
What the result says beyond that (outcome, policy, reasons) has no place in LER-RS: `documentId` is the
result's id, under which the gateway's log has it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.messages.languages import display
from gateway.plugins import Projection

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateway.model import Record, VerificationResult

TYPE: Final = "http://schema.hropenstandards.org/4.4/recruiting/json/ler-rs/LER-RSType.json"
"""The one value that the schema of release 4.5 allows: it still names 4.4."""

_DEGREES: Final = frozenset(
    {
        *("AssociateDegree", "BachelorDegree", "Degree", "Diploma", "DoctoralDegree", "GeneralEducationDevelopment"),
        *("MasterDegree", "ProfessionalDoctorate", "ResearchDoctorate", "SecondarySchoolDiploma", "ext:Qualification"),
    }
)
_LEARNINGS: Final = frozenset(
    {
        *("Assessment", "Assignment", "Course", "CoCurricular", "Fieldwork", "LearningProgram"),
        *("ext:EducationAndLearning", "ext:LearningActivity", "ext:Module", "ext:EducationDegreeStudy"),
    }
)
"""What is learned without a degree at its end: `programs` of an education."""
_LICENSES: Final = frozenset({"License", "JourneymanCertificate"})
_OTHERS: Final = frozenset({"Competency", "ext:Employment"})
"""Skills, which are told as such, and employments, which no issuer of achievements states."""


def project(verification: VerificationResult, language: str = "") -> dict[str, Any]:
    """Return the result as an LER-RS document, text in one language.

    Nothing is said of records that are not what they claim to be; the others are told with their rows.
    """
    document: dict[str, Any] = {"type": TYPE, "documentId": {"value": verification.id}}
    rows: dict[str, list[dict[str, Any]]] = {
        "skills": [],
        "educationAndLearnings": [],
        "certifications": [],
        "licenses": [],
        "employmentHistories": [],
    }
    for result, record in _records(verification):
        for name, value in _whole(record, language).items():
            document.setdefault(name, value)
        verified = [result.document] if result.verified and result.document is not None else []
        for achievement in record.achievements:
            own = verified if achievement.get("verification") == "verified" else []
            _add(rows, achievement, record, own, language)
    if not rows["employmentHistories"]:
        del rows["employmentHistories"]
    return {**document, **rows}


def _records(verification: VerificationResult) -> Iterator[tuple[VerificationResult, Record]]:
    """Yield the record and those in it, each with its own verdict; of one that failed its proof there is none."""
    if verification.record is not None:
        yield verification, verification.record
    for child in verification.children:
        yield from _records(child)


def _whole(record: Record, language: str) -> dict[str, Any]:
    """Return whom the record is about."""
    found: dict[str, Any] = {}
    name = display(record.subject.get("name"), language)
    if name:
        found["person"] = {"name": {"formattedName": name}}
    emails = [
        {"address": one["value"]}
        for one in record.subject.get("identifiers", ())
        if one["type"] == "emailAddress" and one["value"]
    ]
    if emails:
        found["communication"] = {"email": emails}
    return found


def _add(
    rows: dict[str, list[dict[str, Any]]],
    achievement: Mapping[str, Any],
    record: Record,
    verifications: list[Any],
    language: str,
) -> None:
    kind = achievement["achievementType"] or ""
    for skill in achievement["skills"]:
        _add_skill(rows["skills"], skill, verifications, language)
    if kind in _DEGREES or kind in _LEARNINGS:
        rows["educationAndLearnings"].append(_education(achievement, record, verifications, language))
    elif kind in _LICENSES:
        rows["licenses"].append(_certification(achievement, record, verifications, language))
    elif kind == "ext:Employment":
        rows["employmentHistories"].append(_employment(achievement, record, verifications, language))
    elif kind not in _OTHERS:
        rows["certifications"].append(_certification(achievement, record, verifications, language))


def _add_skill(skills: list[dict[str, Any]], skill: Mapping[str, Any], verifications: list[Any], language: str) -> None:
    """Add a skill; one that several achievements show is told once, with each record that verifies it."""
    row = _present(
        name=display(skill["name"], language), definitionReference=skill["url"], schemeReference=skill["framework"]
    )
    if "name" not in row:
        return
    same = next((one for one in skills if {k: v for k, v in one.items() if k != "verifications"} == row), None)
    if same is None:
        skills.append({**row, **_present(verifications=list(verifications))})
    elif verifications:
        same.setdefault("verifications", []).extend(one for one in verifications if one not in same["verifications"])


def _education(
    achievement: Mapping[str, Any], record: Record, verifications: list[Any], language: str
) -> dict[str, Any]:
    name, dates = display(achievement["name"], language), record.dates
    row = _present(
        institution=_organization(achievement, record, language),
        start=dates.get("activityStart"),
        end=dates.get("activityEnd"),
        descriptions=_texts(achievement["description"], language),
        verifications=verifications,
    )
    if achievement["achievementType"] in _LEARNINGS:
        return {**row, **_present(programs=[name] if name else [])}
    degree = _present(
        name=name,
        date=dates.get("awarded") or dates.get("validFrom"),
        specializations=[{"name": text} for text in _texts(achievement["fieldOfStudy"], language)],
        score=_present(scoresText=[{"value": one["value"]} for one in achievement["results"] if one["value"]]),
    )
    return {**row, "educationDegrees": [degree]}


def _certification(
    achievement: Mapping[str, Any], record: Record, verifications: list[Any], language: str
) -> dict[str, Any]:
    dates, number = record.dates, achievement["licenseNumber"]
    return _present(
        name=display(achievement["name"], language),
        issuingAuthority=_organization(achievement, record, language),
        firstIssued=dates.get("awarded") or dates.get("validFrom"),
        effectiveTimePeriod=_present(validFrom=dates.get("validFrom"), validTo=dates.get("validUntil")),
        identifiers=[{"value": number}] if number else [],
        descriptions=_texts(achievement["description"], language),
        verifications=verifications,
    )


def _employment(
    achievement: Mapping[str, Any], record: Record, verifications: list[Any], language: str
) -> dict[str, Any]:
    title = display(achievement["role"] or achievement["name"], language)
    return _present(
        organization=_organization(achievement, record, language),
        positionHistories=[{"title": title}] if title else [],
        descriptions=_texts(achievement["description"], language),
        verifications=verifications,
    )


def _organization(achievement: Mapping[str, Any], record: Record, language: str) -> dict[str, Any]:
    """Return who awarded it: the achievement's creator where there is one, else the record's issuer."""
    who = achievement["creator"] or record.issuer
    return _present(name=display(who.get("name"), language))


def _texts(value: Any, language: str) -> list[str]:
    text = display(value, language)
    return [text] if text else []


def _present(**members: Any) -> dict[str, Any]:
    """Return the members that have a value: LER-RS has no null, and an empty text says nothing."""
    return {name: value for name, value in members.items() if value not in (None, "", [], {})}


PLUGIN: Final = Projection(name="ler-rs", project=project)
