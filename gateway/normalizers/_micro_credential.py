"""A micro-credential: an achievement of Open Badges' shape, or claims side by side.

The latter are named as in the WE BUILD rulebook, and are the elements of Council Recommendation 2022/C 243/02,
Annex I.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from gateway.normalizers._achievement import blank_achievement
from gateway.normalizers._claims import (
    Members,
    each,
    grade,
    identifier,
    keep,
    link,
    node_type,
    read_members,
    string,
    text,
)
from gateway.normalizers._elm_values import amount, members_of
from gateway.normalizers._result import read_results
from gateway.normalizers._transcript import day, result

if TYPE_CHECKING:
    from collections.abc import Mapping

_EQF: Final = "European Qualifications Framework"
_EQF_LEVEL: Final = re.compile(r"EQF[- ]?(?:level )?([1-8])", re.ASCII | re.IGNORECASE)


def micro_credential(read: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the achievement, of what was read by `ELEMENTS`; None where there is nothing of one."""
    if not any(field and read.get(field) for field, _ in _ACHIEVEMENT.values()):
        return None
    body = {"id": None, "name": read.get("body"), "url": read.get("bodyUrl"), "identifiers": read.get("bodyIds", [])}
    workload = read.get("workload") or {}
    esco = read.get("esco", [])
    outcomes = [_skill(name=name, source="explicit") for name in read.get("outcomes", ())]
    return {
        **blank_achievement(),
        "name": read.get("title"),
        "achievementType": "MicroCredential",
        "criteria": {"id": None, "narrative": read.get("summary")},
        "creator": body if body["name"] or body["url"] or body["identifiers"] else None,
        "educationalLevel": [one for one in (read.get("level"), read.get("nationalLevel")) if one],
        "credits": {"earned": None, "available": workload.get("value"), "unit": workload.get("unit")},
        "alignments": [{**_NO_ALIGNMENT, "targetFramework": "ESCO", "targetUrl": url} for url in esco],
        "skills": [*outcomes, *(_skill(framework="ESCO", url=url, source="alignment") for url in esco)],
        "results": result(read.get("grade")),
        "fieldOfStudy": read.get("field"),
    }


def open_badges(person: Mapping[str, Any], unmapped: list[str]) -> list[dict[str, Any]]:
    """Return the achievements, of what was read by `OPEN_BADGES`; the results are those of the only one."""
    found: list[tuple[str, dict[str, Any]]] = person.get("badges", [])
    result, at = person.get("badgeResult", (None, ""))
    descriptions = [(where, badge.pop("resultDescription", None)) for where, badge in found]
    if len(found) == 1:
        (where, described), (_, badge) = descriptions[0], found[0]
        badge["results"] = read_results(result, at, described, f"{where}/resultDescription", unmapped)
    else:
        unmapped.extend(f"{where}/resultDescription" for where, described in descriptions if described is not None)
        unmapped.extend([at] if result is not None else [])
    return [badge for _, badge in found]


def _badges(value: Any, at: str, unmapped: list[str]) -> list[tuple[str, dict[str, Any]]]:
    found = []
    for where, node in each(value, at):
        if not isinstance(node, dict):
            unmapped.append(where)
            continue
        badge = {**blank_achievement(), "achievementType": "MicroCredential"}
        points = read_members(node, where, unmapped, _BADGE, badge).pop("points", None)
        badge["credits"] |= {"available": points, "unit": None if points is None else "ECTS"}
        found.append((where, badge))
    return found


def _criteria(value: Any, at: str, unmapped: list[str]) -> dict[str, Any]:
    return {"id": None, "narrative": None, **members_of(_CRITERIA)(value, at, unmapped)}


def _located(value: Any, at: str, _unmapped: list[str]) -> tuple[Any, str]:
    return value, at


def _skill(**fields: Any) -> dict[str, Any]:
    return {**dict.fromkeys(("name", "code", "framework", "url", "source")), **fields}


def _level(value: Any, at: str, unmapped: list[str]) -> dict[str, Any] | None:
    """Read a level, of the European framework or of one that it does not name."""
    code = string(value, at, unmapped)
    if code is None:
        return None
    match = _EQF_LEVEL.fullmatch(code)
    return {"framework": _EQF if match else None, "code": match[1] if match else code, "url": None}


def _workload(value: Any, at: str, unmapped: list[str]) -> dict[str, Any]:
    if isinstance(value, dict):
        return read_members(value, at, unmapped, _WORKLOAD, {})
    return {"value": amount(value, at, unmapped)}


def _texts(value: Any, at: str, unmapped: list[str]) -> list[Any]:
    return [found for where, one in each(value, at) if (found := text(one, where, unmapped)) is not None]


def _links(value: Any, at: str, unmapped: list[str]) -> list[str]:
    return [found for where, one in each(value, at) if (found := link(one, where, unmapped)) is not None]


def _body_identifiers(value: Any, at: str, unmapped: list[str]) -> list[dict[str, Any]]:
    found = string(value, at, unmapped)
    return [] if found is None else [{"type": "identifier", "value": found}]


_CRITERIA: Final[Members] = {
    "id": ("id", link),
    "type": (None, node_type("Criteria")),
    "narrative": ("narrative", text),
}
_BADGE: Final[Members] = {
    "id": ("id", identifier),
    "type": (None, node_type("Achievement")),
    "name": ("name", text),
    "description": ("description", text),
    "criteria": ("criteria", _criteria),
    "ECTS": ("points", amount),
    "resultDescription": ("resultDescription", keep),
}

OPEN_BADGES: Final[Members] = {"achievement": ("badges", _badges), "result": ("badgeResult", _located)}
"""Members of the subject."""

_NO_ALIGNMENT: Final[dict[str, Any]] = dict.fromkeys(
    ("targetName", "targetCode", "targetFramework", "targetType", "targetUrl")
)
_WORKLOAD: Final[Members] = {"value": ("value", amount), "unit": ("unit", string)}

_ACHIEVEMENT: Final[Members] = {
    "title": ("title", text),
    "awardingBody": ("body", text),
    "awardingBodyIdentifier": ("bodyIds", _body_identifiers),
    "awardingBodyHomepage": ("bodyUrl", link),
    "learningOutcomes": ("outcomes", _texts),
    "learningOutcomeSummary": ("summary", text),
    "notionalWorkload": ("workload", _workload),
    "level": ("level", _level),
    "nationalQualificationsFrameworkLevel": ("nationalLevel", _level),
    "fieldOfEducation": ("field", string),
    "escoReference": ("esco", _links),
    "grade": ("grade", grade),
}

ELEMENTS: Final[Members] = {
    **_ACHIEVEMENT,
    "identifier": ("identifier", identifier),
    "givenName": ("given", text),
    "familyName": ("family", text),
    "nationalID": ("nationalID", string),
    "mail": ("mail", string),
    "issuanceDate": ("sealed", day),
}
"""How the learner took part, how they were assessed, and what assures the quality has no place in the record."""
