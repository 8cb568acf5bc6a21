"""Comprehensive Learner Record 1.0: what a publisher says that a learner has achieved.

https://www.imsglobal.org/spec/clr/v1p0/imsclr_v1p0_InfoModel.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.model import Record
from gateway.normalizers._achievement import ACHIEVEMENT_TYPE, align, blank_achievement
from gateway.normalizers._claims import (
    Members,
    boolean,
    each,
    grade,
    identifier,
    ignore,
    instant,
    keep,
    node_type,
    number,
    read_members,
    string,
    term,
    text,
)
from gateway.normalizers._open_badges_2 import (
    TECHNICAL,
    alignments,
    criteria,
    endorsements,
    evidence,
    image,
    organization,
    recipient,
    signed_endorsements,
)
from gateway.normalizers._result import read_results
from gateway.normalizers._subject import embedded_credentials, full_name, standing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.model import Unverified, Verified

_DATES: Final = ("awarded", "validFrom", "validUntil", "activityStart", "activityEnd", "issued")
_ASSOCIATION_TYPE: Final = term(
    *("exactMatchOf", "exemplar", "hasSkillLevel", "isChildOf", "isParentOf", "isPartOf", "isPeerOf", "isRelatedTo"),
    *("precedes", "replacedBy"),
)


class _Clr:
    """What is read of one record, or of one assertion of it."""

    __slots__ = ("_by_id", "achievements", "associations", "credential", "endorsements", "evidence", "unmapped")

    def __init__(self, credential: Verified | Unverified) -> None:
        self.credential = credential
        self.unmapped: list[str] = []
        self.achievements: list[dict[str, Any]] = []
        self.evidence: list[dict[str, Any]] = []
        self.endorsements: list[dict[str, Any]] = []
        self.associations: list[dict[str, Any]] = []
        self._by_id: dict[str, tuple[str, Mapping[str, Any]]] = {}

    def index(self, value: Any, at: str) -> None:
        """Note achievements that assertions refer to by their ids."""
        for where, node in each(value, at):
            if isinstance(node, dict) and isinstance(node.get("id"), str):
                self._by_id.setdefault(node["id"], (where, node))
            else:
                self.unmapped.append(where)

    def unreferred(self, used: set[str]) -> None:
        """Note achievements that nobody is said to have reached: they are descriptions and no claims."""
        self.unmapped.extend(where for name, (where, _) in self._by_id.items() if name not in used)

    def assertion(self, node: Mapping[str, Any], at: str, subject: str | None) -> tuple[dict[str, Any], str | None]:
        """Read one assertion, and return its own members and the id of its achievement."""
        read = read_members(node, at, self.unmapped, _ASSERTION, {"evidence": []})
        given, where = read.get("achievement"), f"{at}/achievement"
        name = given.get("id") if isinstance(given, dict) else given
        if isinstance(given, str) and given in self._by_id:
            where, given = self._by_id[given]
        record, descriptions = self._achievement(given, where)
        record["credits"]["earned"] = read.get("creditsEarned")
        for field in ("licenseNumber", "role", "term"):
            record[field] = read.get(field)
        record["results"] = read_results(
            _results(read.get("results")), f"{at}/results", descriptions, f"{where}/resultDescriptions", self.unmapped
        )
        record["sourceCredentialId"] = self.credential.document.get("id")
        record["verification"] = standing(self.credential, subject)
        if at and node.get("expires") is not None:
            self.unmapped.append(f"{at}/expires")  # it has no dates of its own in the record of the whole
        if node.get("revoked") not in (None, False):
            # It is in a record that stands, and no longer stands itself: it must not look like a claim.
            self.unmapped.append(at)
        else:
            self.achievements.append(record)
        self.evidence.extend(read["evidence"])
        self.endorsements.extend((*read.get("endorsements", ()), *read.get("signedEndorsements", ())))
        return read, name if isinstance(name, str) else None

    def _achievement(self, node: Any, at: str) -> tuple[dict[str, Any], Any]:
        record = blank_achievement()
        if not isinstance(node, dict):
            record["id"] = None if node is None else identifier(node, at, self.unmapped)
            return record, None
        read_members(node, at, self.unmapped, _ACHIEVEMENT, record)
        record["credits"]["available"] = record.pop("creditsAvailable", None)
        level = record.pop("level", None)
        if level is not None:
            record["educationalLevel"].append({"framework": None, "code": level, "url": None})
        align(record)
        self.endorsements.extend((*record.pop("endorsements", ()), *record.pop("signedEndorsements", ())))
        if record["creator"] is not None:
            self.endorsements.extend(record["creator"].pop("endorsements", ()))
        for association in record.pop("associations", ()):
            self.associations.append({**association, "sourceId": record["id"]})
        record.pop("image", None)
        descriptions = [_description(one) for _, one in each(record.pop("resultDescriptions", None), "")]
        return record, descriptions or None


def read_clr(credential: Verified | Unverified) -> Record:
    """Read a Clr: its assertions stand under its own proof, the signed ones are verified each by itself."""
    document, clr = credential.document, _Clr(credential)
    read = read_members(document, "", clr.unmapped, _CLR, {})
    subject = _learner(read.get("learner"), clr.unmapped)
    clr.index(read.get("achievements"), "/achievements")
    used: set[str] = set()
    for at, node in each(read.get("assertions"), "/assertions"):
        if not isinstance(node, dict):
            clr.unmapped.append(at)
            continue
        _, name = clr.assertion(node, at, subject["id"])
        used.update(() if name is None else (name,))
        if not subject["identifiers"]:
            subject["identifiers"] = recipient(node.get("recipient"), None, f"{at}/recipient", clr.unmapped)
    clr.unreferred(used)
    issuer = read.get("publisher") or {"id": None, "name": None, "url": None, "identifiers": []}
    endorsed = [*read.get("endorsements", ()), *read.get("signedEndorsements", ()), *issuer.pop("endorsements", ())]
    start = read.get("validFrom")
    return Record(
        id=read.get("id"),
        types=_types(document),
        name=read.get("name"),
        issuer=issuer,
        subject=subject,
        achievements=tuple(clr.achievements),
        dates={**dict.fromkeys(_DATES), "awarded": start, "validFrom": start, "issued": start},
        evidence=tuple(clr.evidence),
        endorsements=(*endorsed, *clr.endorsements),
        associations=tuple(clr.associations),
        partial=read.get("partial"),
        children=tuple(read.get("signedAssertions") or ()),
        unmapped=tuple(clr.unmapped),
    )


def read_assertion(credential: Verified | Unverified) -> Record:
    """Read an assertion of CLR 1.0 that is signed by itself."""
    document, clr = credential.document, _Clr(credential)
    identities = recipient(document.get("recipient"), None, "/recipient", clr.unmapped)
    plain = next((one["value"] for one in identities if one["type"] == "id"), None)
    read, _ = clr.assertion(document, "", plain)
    achievement = clr.achievements[0] if clr.achievements else blank_achievement()
    start = read.get("validFrom")
    return Record(
        id=read.get("id"),
        types=_types(document),
        name=achievement["name"],
        description=read.get("narrative"),
        image=read.get("image"),
        issuer=achievement["creator"] or {"id": None, "name": None, "url": None, "identifiers": []},
        subject={"id": plain, "name": None, "identifiers": identities},
        achievements=tuple(clr.achievements),
        dates={
            "awarded": start,
            "validFrom": start,
            "validUntil": read.get("validUntil"),
            "activityStart": read.get("activityStart"),
            "activityEnd": read.get("activityEnd"),
            "issued": start,
        },
        evidence=tuple(clr.evidence),
        endorsements=tuple(clr.endorsements),
        associations=tuple(clr.associations),
        unmapped=tuple(clr.unmapped),
    )


def _types(document: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(name for _, name in each(document.get("type"), "") if isinstance(name, str))


def _learner(value: Any, unmapped: list[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        found = None if value is None else identifier(value, "/learner", unmapped)
        return {"id": found, "name": None, "identifiers": []}
    read = read_members(value, "/learner", unmapped, _LEARNER, {})
    kinds = (("email", "emailAddress"), ("studentId", "studentId"), ("sourcedId", "sourcedId"))
    identifiers = [
        {"type": kind, "value": read[name], "hash": None, "salt": None, "hashed": False}
        for name, kind in kinds
        if read.get(name) is not None
    ]
    name = read.get("name") or full_name(read.get("givenName"), read.get("familyName"))
    return {"id": read.get("id"), "name": name, "identifiers": identifiers}


def _results(value: Any) -> Any:
    """Return results with their members under the names that they have since Open Badges 3.0."""
    return [
        {name: member for name, member in one.items() if name != "id"} if isinstance(one, dict) else one
        for _, one in each(value, "")
    ] or None


def _description(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    renamed = {"rubricCriterionLevels": "rubricCriterionLevel"}
    return {renamed.get(name, name): member for name, member in value.items()}


def _associations(value: Any, at: str, unmapped: list[str]) -> list[dict[str, Any]]:
    found = []
    for where, item in each(value, at):
        if isinstance(item, dict):
            found.append(read_members(item, where, unmapped, _ASSOCIATION, {"type": None, "targetId": None}))
        else:
            unmapped.append(where)
    return found


_ASSOCIATION: Final[Members] = {
    "associationType": ("type", _ASSOCIATION_TYPE),
    "targetId": ("targetId", identifier),
    "title": (None, ignore),
}
_LEARNER: Final[Members] = {
    "id": ("id", identifier),
    "type": (None, node_type("Profile")),
    "name": ("name", text),
    "givenName": ("givenName", text),
    "familyName": ("familyName", text),
    "email": ("email", string),
    "studentId": ("studentId", string),
    "sourcedId": ("sourcedId", string),
}
_CLR: Final[Members] = {
    **TECHNICAL,
    "id": ("id", identifier),
    "type": (None, node_type("Clr")),
    "name": ("name", text),
    "issuedOn": (None, ignore),
    "validFrom": ("validFrom", instant),
    "partial": ("partial", boolean),
    "publisher": ("publisher", organization),
    "learner": ("learner", keep),
    "achievements": ("achievements", keep),
    "assertions": ("assertions", keep),
    "signedAssertions": ("signedAssertions", embedded_credentials),
    "endorsements": ("endorsements", endorsements),
    "signedEndorsements": ("signedEndorsements", signed_endorsements),
}
_ASSERTION: Final[Members] = {
    **TECHNICAL,
    "id": ("id", identifier),
    "type": (None, node_type("Assertion")),
    "achievement": ("achievement", keep),
    "activityStartDate": ("activityStart", instant),
    "activityEndDate": ("activityEnd", instant),
    "startDate": ("activityStart", instant),
    "endDate": ("activityEnd", instant),
    "creditsEarned": ("creditsEarned", number),
    "endorsements": ("endorsements", endorsements),
    "signedEndorsements": ("signedEndorsements", signed_endorsements),
    "evidence": ("evidence", evidence),
    "expires": (None, ignore),
    "image": ("image", image),
    "issuedOn": (None, ignore),
    "licenseNumber": ("licenseNumber", string),
    "narrative": ("narrative", text),
    "recipient": (None, ignore),
    "results": ("results", keep),
    "role": ("role", text),
    "term": ("term", text),
    "validFrom": ("validFrom", instant),
    "validUntil": ("validUntil", instant),
}
_ACHIEVEMENT: Final[Members] = {
    "id": ("id", identifier),
    "type": (None, node_type("Achievement")),
    "name": ("name", text),
    "achievementType": ("achievementType", ACHIEVEMENT_TYPE),
    "alignments": ("alignments", alignments),
    "associations": ("associations", _associations),
    "creditsAvailable": ("creditsAvailable", number),
    "description": ("description", text),
    "endorsements": ("endorsements", endorsements),
    "signedEndorsements": ("signedEndorsements", signed_endorsements),
    "fieldOfStudy": ("fieldOfStudy", text),
    "image": ("image", image),
    "issuer": ("creator", organization),
    "level": ("level", grade),
    "requirement": ("criteria", criteria),
    "resultDescriptions": ("resultDescriptions", keep),
    "specialization": ("specialization", text),
}
