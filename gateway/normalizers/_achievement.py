"""One achievement, as Open Badges 3.0 describes it (B.1.1), and the skills and levels that it is aligned with."""

from __future__ import annotations

import re
from typing import Any, Final

from gateway.normalizers._claims import (
    Members,
    each,
    identifier,
    keep,
    link,
    node_type,
    number,
    picture,
    read_members,
    string,
    term,
    text,
)
from gateway.normalizers._credential import endorsement_tokens, endorsements, profile

ACHIEVEMENT_TYPE: Final = term(
    *("Achievement", "ApprenticeshipCertificate", "Assessment", "Assignment", "AssociateDegree", "Award", "Badge"),
    *("BachelorDegree", "Certificate", "CertificateOfCompletion", "Certification", "CommunityService", "Competency"),
    *("Course", "CoCurricular", "Degree", "Diploma", "DoctoralDegree", "Fieldwork", "GeneralEducationDevelopment"),
    *("JourneymanCertificate", "LearningProgram", "License", "Membership", "ProfessionalDoctorate"),
    *("QualityAssuranceCredential", "MasterCertificate", "MasterDegree", "MicroCredential", "ResearchDoctorate"),
    "SecondarySchoolDiploma",
)
"""Open Badges 3.0, AchievementType: 31 terms, extensible."""

_TARGET_TYPE: Final = term(
    *("ceasn:Competency", "ceterms:Credential", "CFItem", "CFRubric", "CFRubricCriterion", "CFRubricCriterionLevel"),
    "CTDL",
)
"""Open Badges 3.0, AlignmentTargetType."""

_SKILL_TYPES: Final = frozenset({"ceasn:Competency", "CFItem"})
_SKILL_URLS: Final = ("http://data.europa.eu/esco/skill/", "https://lightcast.io/open-skills/skills/")
_LEVEL_URLS: Final = ("http://data.europa.eu/snb/eqf/",)
_LEVEL_FRAMEWORKS: Final = frozenset(
    {"eqf", "european qualifications framework", "isced", "international standard classification of education"}
)
_CTDL_TYPES: Final = frozenset({"CTDL", "ceterms:Credential"})
_CTID = re.compile(r"\bce-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.ASCII)
"""A Credential Transparency Identifier, by which the Credential Registry names what it describes."""


def blank_achievement() -> dict[str, Any]:
    """Return an achievement of which nothing is known: every field, in the result's order."""
    return {
        "id": None,
        "ctid": None,
        "name": None,
        "achievementType": None,
        "description": None,
        "criteria": {"id": None, "narrative": None},
        "creator": None,
        "educationalLevel": [],
        "credits": {"earned": None, "available": None, "unit": None},
        "alignments": [],
        "skills": [],
        "results": [],
        "fieldOfStudy": None,
        "specialization": None,
        "licenseNumber": None,
        "role": None,
        "term": None,
        "sourceCredentialId": None,
        "verification": "none",
    }


def read_achievements(value: Any, at: str, unmapped: list[str]) -> list[tuple[str, dict[str, Any]]]:
    """Read achievements, objects or only their ids, each with its JSON Pointer.

    Besides the result's fields one has, where there are any, `image`, `endorsements` and
    `resultDescription` (as it is), for the caller to take out.
    """
    found = []
    for where, item in each(value, at):
        if isinstance(item, dict):
            found.append((where, _read_achievement(item, where, unmapped)))
        elif (name := identifier(item, where, unmapped)) is not None:
            found.append((where, {**blank_achievement(), "id": name}))
    return found


def _read_achievement(node: dict[str, Any], at: str, unmapped: list[str]) -> dict[str, Any]:
    record = blank_achievement()
    read_members(node, at, unmapped, _ACHIEVEMENT, record)
    record["credits"]["available"] = record.pop("creditsAvailable", None)
    endorsed = [*record.pop("endorsement", ()), *record.pop("endorsementJwt", ())]
    if record["creator"] is not None:
        endorsed += record["creator"].pop("endorsements", ())
    if endorsed:
        record["endorsements"] = endorsed
    align(record)
    record["ctid"] = _ctid(record, record.pop("otherIdentifier", None), f"{at}/otherIdentifier", unmapped)
    return record


def align(record: dict[str, Any]) -> None:
    """Draw skills and educational levels out of the alignments, where they stay as well."""
    if record["achievementType"] == "Competency" and record["name"] is not None:
        skill = {"name": record["name"], "code": None, "framework": None, "url": None, "source": "explicit"}
        record["skills"].append(skill)
    for alignment in record["alignments"]:
        code, framework, url = alignment["targetCode"], alignment["targetFramework"], alignment["targetUrl"]
        where = url or ""
        if where.startswith(_LEVEL_URLS) or (framework or "").casefold() in _LEVEL_FRAMEWORKS:
            record["educationalLevel"].append({"framework": framework, "code": code, "url": url})
        elif alignment["targetType"] in _SKILL_TYPES or where.startswith(_SKILL_URLS):
            name = alignment["targetName"]
            record["skills"].append(
                {"name": name, "code": code, "framework": framework, "url": url, "source": "alignment"}
            )


def _ctid(record: dict[str, Any], others: Any, at: str, unmapped: list[str]) -> str | None:
    """Find the achievement's CTID: its own id, another identifier, or the one CTDL entry it is aligned with."""
    found = _CTID.search(record["id"] or "")
    ctid = found[0] if found else None
    for where, other in each(others, at):
        value = other.get("identifier") if isinstance(other, dict) else None
        if ctid is None and isinstance(value, str) and _CTID.fullmatch(value):
            ctid = value
            read_members(other, where, unmapped, _CTID_ENTRY, {})
        else:
            unmapped.append(where)
    if ctid is None:
        aligned = {
            found[0]
            for alignment in record["alignments"]
            if alignment["targetType"] in _CTDL_TYPES and (found := _CTID.search(alignment["targetUrl"] or ""))
        }
        ctid = aligned.pop() if len(aligned) == 1 else None
    return ctid


def _alignments(value: Any, at: str, unmapped: list[str]) -> list[dict[str, Any]]:
    found = []
    for where, item in each(value, at):
        if not isinstance(item, dict):
            unmapped.append(where)
            continue
        record = {
            "targetName": None,
            "targetCode": None,
            "targetFramework": None,
            "targetType": None,
            "targetUrl": None,
        }
        found.append(read_members(item, where, unmapped, _ALIGNMENT, record))
    return found


def _criteria(value: Any, at: str, unmapped: list[str]) -> dict[str, Any]:
    record: dict[str, Any] = {"id": None, "narrative": None}
    if isinstance(value, dict):
        return read_members(value, at, unmapped, _CRITERIA, record)
    record["id"] = link(value, at, unmapped)
    return record


_ALIGNMENT: Final[Members] = {
    "type": (None, node_type("Alignment")),
    "targetName": ("targetName", text),
    "targetCode": ("targetCode", string),
    "targetFramework": ("targetFramework", string),
    "targetType": ("targetType", _TARGET_TYPE),
    "targetUrl": ("targetUrl", link),
}

_CRITERIA: Final[Members] = {
    "id": ("id", link),
    "type": (None, node_type("Criteria")),
    "narrative": ("narrative", text),
}

_CTID_ENTRY: Final[Members] = {
    "type": (None, node_type("IdentifierEntry")),
    "identifier": (None, string),
    "identifierType": (None, node_type("identifier", "ext:CTID", "ext:ctid")),
}

_ACHIEVEMENT: Final[Members] = {
    "id": ("id", identifier),
    "type": (None, node_type("Achievement")),
    "name": ("name", text),
    "achievementType": ("achievementType", ACHIEVEMENT_TYPE),
    "description": ("description", text),
    "criteria": ("criteria", _criteria),
    "creator": ("creator", profile),
    "creditsAvailable": ("creditsAvailable", number),
    "alignment": ("alignments", _alignments),
    "fieldOfStudy": ("fieldOfStudy", text),
    "specialization": ("specialization", text),
    "image": ("image", picture),
    "endorsement": ("endorsement", endorsements),
    "endorsementJwt": ("endorsementJwt", endorsement_tokens),
    "otherIdentifier": ("otherIdentifier", keep),
    "resultDescription": ("resultDescription", keep),
}
