"""ELMO XML: what one or more institutions report of a learner's studies, programmes with their courses in them.

https://github.com/emrex-eu/elmo-schemas, version 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.normalizers._claims import Members, each, ignore, keep, link
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
    texts,
    words,
)
from gateway.plugins import Normalizer

if TYPE_CHECKING:
    from gateway.model import Record, Unverified, Verified

MAX_PARTS: Final = 8
"""Learning opportunities within learning opportunities: a programme, its modules, their courses."""

_TYPE: Final = "ext:Elmo"
_KINDS: Final = {
    "Degree Programme": "Degree",
    "Module": "ext:Module",
    "Course": "Course",
    "Course Unit Grade": "Course",
}


def normalize(credential: Verified | Unverified) -> Record:
    """Read every report; the first one's institution is the record's issuer, and each is its achievements' creator."""
    unmapped: list[str] = []
    document = credential.document
    read = node(document.get("elmo"), "/elmo", unmapped, _ELMO)
    achievements: list[dict[str, Any]] = []
    associations: list[dict[str, Any]] = []
    issuer: dict[str, Any] | None = None
    for where, report in nodes(read.get("reports"), "/elmo/report", unmapped, _REPORT):
        creator = report.get("issuer")
        issuer = issuer or creator
        at = f"{where}/learningOpportunitySpecification"
        _opportunities(report.get("opportunities"), at, creator, achievements, associations, unmapped)
    return record(
        document,
        id_=None,
        issuer=issuer,
        subject=_subject(read.get("learner") or {}),
        achievements=achievements,
        issued=read.get("date"),
        unmapped=unmapped,
        associations=tuple(associations),
    )


def _subject(learner: dict[str, Any]) -> dict[str, Any]:
    parts = [learner[part] for part in ("given", "family") if learner.get(part)]
    return {"id": None, "name": " ".join(parts) or None, "identifiers": learner.get("identifiers", [])}


def _opportunities(
    value: Any,
    at: str,
    creator: dict[str, Any] | None,
    achievements: list[dict[str, Any]],
    associations: list[dict[str, Any]],
    unmapped: list[str],
    whole: str | None = None,
    depth: int = 0,
) -> None:
    if depth >= MAX_PARTS:
        unmapped.append(at)
        return
    for where, found in nodes(value, at, unmapped, _OPPORTUNITY):
        instance = (found.get("specifies") or {}).get("instance") or {}
        credit = instance.get("credit") or {}
        identifier = found.get("id")
        achievements.append(
            achievement(
                id=identifier,
                name=found.get("title"),
                achievementType=_KINDS.get(
                    found.get("type") or "", f"ext:{found['type']}" if found.get("type") else None
                ),
                description=found.get("description"),
                creator=creator,
                fieldOfStudy=found.get("field"),
                credits={"earned": credit.get("value"), "available": None, "unit": credit.get("scheme")},
                results=result(instance.get("grade"), status=_status(instance.get("status"))),
            )
        )
        if whole is not None and identifier is not None:
            associations.append({"type": "isPartOf", "sourceId": identifier, "targetId": whole})
        for part, inner in each(found.get("parts"), f"{where}/hasPart"):
            if isinstance(inner, dict):
                parts, place = inner.get("learningOpportunitySpecification"), f"{part}/learningOpportunitySpecification"
                _opportunities(parts, place, creator, achievements, associations, unmapped, identifier, depth + 1)
            else:
                unmapped.append(part)


def _status(value: str | None) -> str | None:
    return {"passed": "Completed", "failed": "Failed", "in-progress": "InProgress"}.get(value or "")


def _identifiers(value: Any, at: str, unmapped: list[str]) -> list[dict[str, Any]]:
    found = []
    for where, one in each(value, at):
        text = words(one, where, unmapped)
        kind = one.get("@type") if isinstance(one, dict) else None
        if text is not None:
            found.append(identity(f"ext:{kind}" if isinstance(kind, str) else "identifier", text))
    return found


def _issuer(value: Any, at: str, unmapped: list[str]) -> dict[str, Any]:
    found = node(value, at, unmapped, _ISSUER)
    identifiers = [{"type": one["type"], "value": one["value"]} for one in found.get("identifiers", ())]
    return {"id": None, "name": found.get("title"), "url": found.get("url"), "identifiers": identifiers}


_LEARNER: Final[Members] = {
    "givenNames": ("given", words),
    "familyName": ("family", words),
    "identifier": ("identifiers", _identifiers),
}
_ISSUER: Final[Members] = {"identifier": ("identifiers", _identifiers), "title": ("title", texts), "url": ("url", link)}
_ELMO: Final[Members] = {
    "@schemaLocation": (None, ignore),
    "generatedDate": ("date", day),
    "learner": ("learner", inside(_LEARNER)),
    "report": ("reports", keep),
    "Signature": (None, ignore),
}
_REPORT: Final[Members] = {"issuer": ("issuer", _issuer), "learningOpportunitySpecification": ("opportunities", keep)}
_CREDIT: Final[Members] = {"scheme": ("scheme", words), "value": ("value", amount)}
_INSTANCE: Final[Members] = {
    "status": ("status", words),
    "resultLabel": ("grade", words),
    "credit": ("credit", inside(_CREDIT)),
}
_SPECIFIES: Final[Members] = {"learningOpportunityInstance": ("instance", inside(_INSTANCE))}
_OPPORTUNITY: Final[Members] = {
    "identifier": ("id", code),
    "title": ("title", texts),
    "type": ("type", words),
    "subjectArea": ("field", words),
    "description": ("description", texts),
    "specifies": ("specifies", inside(_SPECIFIES)),
    "hasPart": ("parts", keep),
}

PLUGIN: Final = Normalizer(name="elmo", types=(_TYPE,), normalize=normalize)
