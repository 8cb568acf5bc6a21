"""What a European Learning Model claim says: an achievement, an activity, an assessment or an entitlement.

https://europa.eu/europass/elm-browser/. One claim is specified by what could be reached, proven by
assessments, awarded by somebody, influenced by activities, and made of parts, which are claims again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.normalizers._achievement import blank_achievement
from gateway.normalizers._claims import Members, each, identifier, instant, keep, read_members, text
from gateway.normalizers._elm_values import (
    NODE,
    concept,
    concepts,
    credit_point,
    evidence,
    first,
    members_of,
    note,
    organisation,
    period,
    plain,
    types,
    web_page,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_PARTS: Final = 4
"""Parts within parts: a programme has courses, and a course has modules."""

_ESCO: Final = "http://data.europa.eu/esco/skill/"
_EQF: Final = "European Qualifications Framework"
_KINDS: Final = {
    "LearningAchievement": "Achievement",
    "LearningActivity": "ext:LearningActivity",
    "LearningAssessment": "Assessment",
    "LearningEntitlement": "ext:LearningEntitlement",
}
"""Types of claims → Open Badges 3.0, AchievementType."""


class Claims:
    """The claims of one record, collected with their parts, and what hangs together among them."""

    __slots__ = ("achievements", "associations", "awarded", "ended", "evidence", "started")

    def __init__(self) -> None:
        self.achievements: list[dict[str, Any]] = []
        self.associations: list[dict[str, Any]] = []
        self.evidence: list[dict[str, Any]] = []
        self.awarded: list[tuple[str, str]] = []
        """(date, JSON Pointer), likewise `started` and `ended`: of the outermost claims only."""
        self.started: list[tuple[str, str]] = []
        self.ended: list[tuple[str, str]] = []

    def read(self, value: Any, at: str, unmapped: list[str], whole: str | None = None, depth: int = 0) -> None:
        """Read claims, and their parts after them."""
        for where, node in each(value, at):
            if not isinstance(node, dict) or depth >= MAX_PARTS:
                unmapped.append(where)
                continue
            members = read_members(node, where, unmapped, _CLAIM, {})
            achievement = _achievement(members, where, unmapped)
            self.achievements.append(achievement)
            if whole is not None and achievement["id"] is not None:
                self.associations.append({"type": "isPartOf", "sourceId": achievement["id"], "targetId": whole})
            self._note_dates(members, where, unmapped, outermost=depth == 0)
            self.evidence.extend(members.get("evidence", ()))
            for part, pointer in ((members.get("parts"), "hasPart"), (members.get("entitles"), "entitlesTo")):
                self.read(part, f"{where}/{pointer}", unmapped, achievement["id"], depth + 1)

    def _note_dates(self, members: dict[str, Any], where: str, unmapped: list[str], *, outermost: bool) -> None:
        start, end = members.get("temporal") or (None, None)
        if start is None and end is None:
            start, end = members.get("influenced") or (None, None)
        award = members.get("award") or {}
        found = ((award.get("date"), self.awarded), (start, self.started), (end, self.ended))
        for date, dates in found:
            if date is not None and outermost:
                dates.append((date, where))
            elif date is not None:
                unmapped.append(where)


def _award(value: Any, at: str, unmapped: list[str]) -> dict[str, Any]:
    """Read an AwardingProcess: {body, date}; of several the first."""
    return first(members_of(_AWARD), value, at, unmapped) or {}


def _influence(value: Any, at: str, unmapped: list[str]) -> tuple[str | None, str | None]:
    """Read when the activity was that led to the claim; what else it was has no place here."""
    found = first(members_of(_ACTIVITY), value, at, unmapped) or {}
    return found.get("temporal") or (None, None)


def _specification(value: Any, at: str, unmapped: list[str]) -> dict[str, Any]:
    return first(members_of(_SPECIFICATION), value, at, unmapped) or {}


def _outcomes(value: Any, at: str, unmapped: list[str]) -> list[dict[str, Any]]:
    """Read learning outcomes: each a skill of its own, and one for each concept that it is related to."""
    found = []
    for where, node in each(value, at):
        if not isinstance(node, dict):
            unmapped.append(where)
            continue
        read = read_members(node, where, unmapped, _OUTCOME, {})
        related = [(one, True) for one in read.get("esco", ())] + [(one, False) for one in read.get("related", ())]
        found.append({"name": read.get("title"), "related": related})
    return found


def _assessments(value: Any, at: str, unmapped: list[str]) -> list[dict[str, Any]]:
    """Read LearningAssessments as results: what was graded, and the grade, which stays a string."""
    found = []
    for where, node in each(value, at):
        if not isinstance(node, dict):
            unmapped.append(where)
            continue
        read = read_members(node, where, unmapped, _ASSESSMENT, {})
        status = read.get("status")
        found.append(
            {
                "name": read.get("title") or (read.get("specification") or {}).get("title"),
                "resultType": None,
                "value": plain(read.get("grade")),
                "achievedLevel": None,
                "status": None if status is None else f"ext:{plain(status['label']) or status['url']}",
                "valueMin": None,
                "valueMax": None,
            }
        )
    return found


def _achievement(claim: dict[str, Any], at: str, unmapped: list[str]) -> dict[str, Any]:
    specification = claim.get("specification") or {}
    record = blank_achievement()
    earned, available = claim.get("creditReceived") or {}, specification.get("creditPoint") or {}
    framework = earned.get("framework") or available.get("framework") or {}
    narrative = specification.get("entryRequirement") or specification.get("summary")
    if specification.get("entryRequirement") and specification.get("summary"):
        unmapped.append(f"{at}/specifiedBy/learningOutcomeSummary")
    record |= {
        "id": specification.get("id") or claim.get("id"),
        "name": claim.get("title") or specification.get("title"),
        "achievementType": _kind(claim, specification),
        "description": claim.get("description") or specification.get("description"),
        "criteria": {"id": specification.get("homepage"), "narrative": narrative},
        "creator": (claim.get("award") or {}).get("body"),
        "educationalLevel": _levels(specification),
        "credits": {
            "earned": earned.get("point"),
            "available": available.get("point"),
            "unit": plain(framework.get("label")) or framework.get("url"),
        },
        "results": claim.get("assessments", []),
        "fieldOfStudy": specification.get("field"),
    }
    _align(record, specification.get("outcomes", ()))
    return record


def _kind(claim: dict[str, Any], specification: dict[str, Any]) -> str | None:
    if "Qualification" in specification.get("types", ()):
        return "ext:Qualification"
    return next((_KINDS[name] for name in claim.get("types", ()) if name in _KINDS), None)


def _levels(specification: dict[str, Any]) -> list[dict[str, Any]]:
    eqf = [{**one, "scheme": _EQF} for one in specification.get("eqf", ())]
    return [
        {
            "framework": one["scheme"],
            "code": one["code"] or _last(one["url"]) or plain(one["label"]),
            "url": one["url"],
        }
        for one in (*eqf, *specification.get("nqf", ()))
    ]


def _last(url: str | None) -> str | None:
    """Return the last segment of an EQF level's URL, which is its number."""
    return url.rsplit("/", 1)[-1] if url and "/eqf/" in url else None


def _align(record: dict[str, Any], outcomes: Iterable[dict[str, Any]]) -> None:
    for outcome in outcomes:
        if not outcome["related"] and outcome["name"] is not None:
            skill = {"name": outcome["name"], "code": None, "framework": None, "url": None, "source": "explicit"}
            record["skills"].append(skill)
        for one, esco in outcome["related"]:
            framework = "ESCO" if esco or (one["url"] or "").startswith(_ESCO) else one["scheme"]
            name = one["label"] or outcome["name"]
            record["alignments"].append(
                {
                    "targetName": name,
                    "targetCode": one["code"],
                    "targetFramework": framework,
                    "targetType": "ext:skos:Concept",
                    "targetUrl": one["url"],
                }
            )
            record["skills"].append(
                {"name": name, "code": one["code"], "framework": framework, "url": one["url"], "source": "alignment"}
            )


_AWARD: Final[Members] = {
    **NODE,
    "awardingBody": ("body", organisation),
    "awardingDate": ("date", instant),
}
_ACTIVITY: Final[Members] = {**NODE, "temporal": ("temporal", period)}
_OUTCOME: Final[Members] = {
    **NODE,
    "title": ("title", text),
    "relatedESCOSkill": ("esco", concepts),
    "relatedSkill": ("related", concepts),
}
_SPECIFICATION: Final[Members] = {
    "id": ("id", identifier),
    "type": ("types", types),
    "title": ("title", text),
    "description": ("description", note),
    "definition": ("description", note),
    "homepage": ("homepage", web_page),
    "entryRequirement": ("entryRequirement", note),
    "learningOutcomeSummary": ("summary", note),
    "learningOutcome": ("outcomes", _outcomes),
    "eqfLevel": ("eqf", concepts),
    "nqfLevel": ("nqf", concepts),
    "creditPoint": ("creditPoint", credit_point),
    "thematicArea": ("field", lambda value, at, unmapped: (concept(value, at, unmapped) or {}).get("label")),
}
_ASSESSMENT: Final[Members] = {
    **NODE,
    "title": ("title", text),
    "grade": ("grade", note),
    "gradeStatus": ("status", concept),
    "specifiedBy": ("specification", _specification),
}
_CLAIM: Final[Members] = {
    "id": ("id", identifier),
    "type": ("types", types),
    "title": ("title", text),
    "description": ("description", note),
    "specifiedBy": ("specification", _specification),
    "awardedBy": ("award", _award),
    "provenBy": ("assessments", _assessments),
    "creditReceived": ("creditReceived", credit_point),
    "temporal": ("temporal", period),
    "influencedBy": ("influenced", _influence),
    "evidence": ("evidence", evidence),
    "hasPart": ("parts", keep),
    "entitlesTo": ("entitles", keep),
}
