"""HR Open LER-RS 4.4 and 4.5: a résumé whose rows are the applicant's own word, and the signed records beside them.

http://schema.hropenstandards.org/4.5/recruiting/json/LER-RSType.json. Each entry of a row's `verifications`
is a record of its own, verified by itself. A row says no more for having one: its text is not what was signed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.model import Record, Verified
from gateway.normalizers._achievement import blank_achievement
from gateway.normalizers._claims import (
    Members,
    each,
    grade,
    identifier,
    ignore,
    instant,
    keep,
    link,
    node_type,
    read_members,
    string,
    text,
)
from gateway.normalizers._credential import profile
from gateway.plugins import Normalizer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.model import Unverified

_SCHEMAS: Final = ("http://schema.hropenstandards.org/", "https://schema.hropenstandards.org/")
_TYPES: Final = tuple(
    f"{base}{path}"
    for base in _SCHEMAS
    for path in ("4.4/recruiting/json/ler-rs/LER-RSType.json", "4.5/recruiting/json/LER-RSType.json")
)
_NAMES: Final = ("LER-RS VC", "LER-RS", "LERRS", "LER-RSType")
CONTEXTS: Final = frozenset(
    f"{base}{path}"
    for base in _SCHEMAS
    for path in (
        "4.4/recruiting/json/ler-rs/ProvisionalVerifiableCredentialLER-RSType.json",
        "4.4/recruiting/json/ler-rs/VerifiableCredentialLER-RSType.json",
        "4.4/recruiting/json/ler-rs/LER-RSType.json",
        "4.5/recruiting/json/VerifiableCredentialLER-RSType.json",
        "4.5/recruiting/json/LER-RSType.json",
    )
)
"""Each is a JSON Schema, and no JSON-LD context, though it stands in `@context`."""


def normalize(credential: Verified | Unverified) -> Record:
    """Read an LER-RS, by itself or as the subject of a credential."""
    unmapped: list[str] = []
    document = credential.document
    if "credentialSubject" in document:
        envelope = read_members(document, "", unmapped, _ENVELOPE, {})
        at, subject = "/credentialSubject", envelope.pop("subject", None)
        subjects = list(each(subject, at))
        unmapped.extend(where for where, _ in subjects[1:])
        at, subject = subjects[0] if subjects else (at, {})
    else:
        envelope, at, subject = {}, "", document
    if isinstance(subject, dict) and isinstance(subject.get("lerrsType"), dict):  # as the first issuers wrote it
        at, subject = f"{at}/lerrsType", {"id": subject.get("id"), **subject["lerrsType"]}
    rows = _Rows(unmapped)
    read = read_members(subject, at, unmapped, rows.members(), {}) if isinstance(subject, dict) else {}
    person = _person(read)
    own = isinstance(credential, Verified) and person["id"] == credential.issuer
    for achievement in rows.achievements:
        achievement["verification"] = "self_asserted" if own else "none"
    return Record(
        id=envelope.get("id") or read.get("documentId"),
        types=tuple(name for _, name in each(document.get("type"), "") if isinstance(name, str)),
        name=envelope.get("name"),
        issuer=envelope.get("issuer") or {"id": None, "name": None, "url": None, "identifiers": []},
        subject=person,
        achievements=tuple(rows.achievements),
        dates={
            "awarded": None,
            "validFrom": envelope.get("validFrom") or envelope.get("issuanceDate"),
            "validUntil": envelope.get("validUntil") or envelope.get("expirationDate"),
            "activityStart": None,
            "activityEnd": None,
            "issued": envelope.get("issuanceDate"),
        },
        children=tuple(rows.children),
        unmapped=tuple(unmapped),
    )


class _Rows:
    """The rows of a résumé as achievements, and the records in their `verifications`."""

    __slots__ = ("achievements", "children", "unmapped")

    def __init__(self, unmapped: list[str]) -> None:
        self.achievements: list[dict[str, Any]] = []
        self.children: list[tuple[str, Any]] = []
        self.unmapped = unmapped

    def members(self) -> Members:
        """Return how each member of the résumé is read."""
        return {
            **_RESUME,
            "verifications": (None, self._loose),
            "skills": (None, self._read(_SKILL, self._skill)),
            "educationAndLearnings": (None, self._read(_EDUCATION, self._education)),
            "certifications": (None, self._read(_CERTIFICATION, self._certification("Certification"))),
            "licenses": (None, self._read(_CERTIFICATION, self._certification("License"))),
            "employmentHistories": (None, self._read(_EMPLOYMENT, self._employment)),
        }

    def _read(self, members: Members, add: Any) -> Any:
        def read(value: Any, at: str, unmapped: list[str]) -> None:
            for where, row in each(value, at):
                if not isinstance(row, dict):
                    unmapped.append(where)
                    continue
                found = read_members(row, where, unmapped, members, {})
                embedded = self._verifications(found.pop("verifications", None), f"{where}/verifications")
                add(found, where, embedded)

        return read

    def _loose(self, value: Any, at: str, _unmapped: list[str]) -> None:
        """Note records that stand beside all rows."""
        self._verifications(value, at)

    def _verifications(self, value: Any, at: str) -> str | None:
        """Note the records that are said to verify a row, and return the id of the first."""
        first = None
        for where, item in each(value, at):
            pointer, record = where, item
            if isinstance(item, dict) and "verifiableCredential" in item and "type" not in item:
                pointer, record = f"{where}/verifiableCredential", item["verifiableCredential"]
            if not isinstance(record, (dict, str)):
                self.unmapped.append(where)
                continue
            self.children.append((pointer, record))
            named = record.get("id") if isinstance(record, dict) else None
            first = first or (named if isinstance(named, str) else pointer)
        return first

    def _add(self, kind: str, embedded: str | None, **fields: Any) -> None:
        self.achievements.append(
            {
                **blank_achievement(),
                "achievementType": kind,
                "sourceCredentialId": embedded,
                "claimsUnverified": True,
                **{name: value for name, value in fields.items() if value is not None},
            }
        )

    def _skill(self, row: dict[str, Any], _where: str, embedded: str | None) -> None:
        skill = {
            "name": row.get("name"),
            "code": None,
            "framework": row.get("framework"),
            "url": row.get("url"),
            "source": "explicit",
        }
        self._add("Competency", embedded, name=row.get("name"), description=row.get("description"), skills=[skill])

    def _education(self, row: dict[str, Any], where: str, embedded: str | None) -> None:
        degrees = list(each(row.get("degrees"), f"{where}/educationDegrees"))
        institution, programs = row.get("institution"), row.get("programs")
        if not degrees:
            self._add(
                "ext:EducationAndLearning", embedded, name=programs, creator=institution, description=row.get("text")
            )
        for at, degree in degrees:
            if not isinstance(degree, dict):
                self.unmapped.append(at)
                continue
            found = read_members(degree, at, self.unmapped, _DEGREE, {})
            level = found.get("level")
            self._add(
                "Degree",
                embedded,
                id=found.get("id"),
                name=found.get("name"),
                creator=institution,
                description=row.get("text"),
                fieldOfStudy=found.get("specialization"),
                results=found.get("results"),
                educationalLevel=level and [{"framework": "ISCED", "code": level, "url": None}],
            )

    def _certification(self, kind: str) -> Any:
        def add(row: dict[str, Any], _where: str, embedded: str | None) -> None:
            self._add(
                kind,
                embedded,
                id=row.get("id"),
                name=row.get("name"),
                creator=row.get("authority"),
                description=row.get("text"),
                licenseNumber=row.get("number"),
            )

        return add

    def _employment(self, row: dict[str, Any], where: str, embedded: str | None) -> None:
        for at, position in list(each(row.get("positions"), f"{where}/positionHistories")) or [(where, {})]:
            if not isinstance(position, dict):
                self.unmapped.append(at)
                continue
            title = read_members(position, at, self.unmapped, _POSITION, {}).get("title")
            self._add(
                "ext:Employment",
                embedded,
                name=title,
                role=title,
                creator=row.get("organization"),
                description=row.get("text"),
            )


def _person(read: Mapping[str, Any]) -> dict[str, Any]:
    name = read.get("person") or {}
    both = " ".join(part for part in (name.get("given"), name.get("family")) if part)
    emails = [
        {"type": "emailAddress", "value": email, "hash": None, "salt": None, "hashed": False}
        for email in read.get("emails", ())
    ]
    return {"id": read.get("id"), "name": name.get("formattedName") or both or None, "identifiers": emails}


def _organization(value: Any, at: str, unmapped: list[str]) -> dict[str, Any] | None:
    """Read an OrganizationType, or only its name."""
    if isinstance(value, str):
        return {"id": None, "name": value or None, "url": None, "identifiers": []}
    if not isinstance(value, dict):
        unmapped.append(at)
        return None
    found = read_members(value, at, unmapped, _ORGANIZATION, {})
    name = found.get("name") or found.get("tradeName") or found.get("legalName")
    return {"id": None, "name": name, "url": None, "identifiers": []}


def _name(value: Any, at: str, unmapped: list[str]) -> dict[str, Any]:
    return read_members(value, at, unmapped, _NAME, {}) if isinstance(value, dict) else {}


def _named(value: Any, at: str, unmapped: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = read_members(value, at, unmapped, _PERSON, {}) if isinstance(value, dict) else {}
    return found.get("name") or {}


def _emails(value: Any, at: str, unmapped: list[str]) -> list[str]:
    """Read the e-mail addresses of a communication; how else the person is reached has no place in the record."""
    if not isinstance(value, dict):
        unmapped.append(at)
        return []
    found = []
    for name, member in value.items():
        if name not in ("email", "emails"):
            unmapped.append(f"{at}/{name}")
            continue
        for where, email in each(member, f"{at}/{name}"):
            address = email.get("address") if isinstance(email, dict) else email
            if (read := string(address, where, unmapped)) is not None:
                found.append(read)
    return found


def _value(value: Any, at: str, unmapped: list[str]) -> str | None:
    """Read an identifier: an object around its value, or only that; of several the first."""
    found = list(each(value, at))
    unmapped.extend(where for where, _ in found[1:])
    if not found:
        return None
    where, one = found[0]
    return identifier(one.get("value") if isinstance(one, dict) else one, where, unmapped)


def _lines(value: Any, at: str, unmapped: list[str]) -> str | None:
    """Read texts, one after the other."""
    found = [line for where, item in each(value, at) if (line := string(item, where, unmapped)) is not None]
    return "\n".join(found) or None


def _specialization(value: Any, at: str, unmapped: list[str]) -> str | None:
    found = []
    for where, item in each(value, at):
        if (name := string(item.get("name") if isinstance(item, dict) else item, where, unmapped)) is not None:
            found.append(name)
    return ", ".join(found) or None


def _score(value: Any, at: str, unmapped: list[str]) -> list[dict[str, Any]]:
    """Read what was reached: a plain grade, or a ScoreType, whose texts are grades."""
    inside = value.get("scoresText") if isinstance(value, dict) else value
    found = []
    for where, item in each(inside, at):
        reached = grade(item.get("value") if isinstance(item, dict) else item, where, unmapped)
        if reached is not None:
            fields = ("name", "resultType", "achievedLevel", "status", "valueMin", "valueMax")
            found.append({**dict.fromkeys(fields), "value": reached})
    return found


def _code(value: Any, at: str, unmapped: list[str]) -> str | None:
    return grade(value.get("value") if isinstance(value, dict) else value, at, unmapped)


_NAME: Final[Members] = {
    "formattedName": ("formattedName", string),
    "given": ("given", string),
    "givenName": ("given", string),
    "family": ("family", string),
    "familyName": ("family", string),
}
_PERSON: Final[Members] = {"name": ("name", _name)}
_ORGANIZATION: Final[Members] = {
    "name": ("name", text),
    "tradeName": ("tradeName", text),
    "legalName": ("legalName", text),
}
_RESUME: Final[Members] = {
    "id": ("id", identifier),
    "type": (None, ignore),
    "documentId": ("documentId", _value),
    "person": ("person", _named),
    "communication": ("emails", _emails),
}
_ROW: Final[Members] = {"verifications": ("verifications", keep), "descriptions": ("text", _lines)}
_SKILL: Final[Members] = {
    **_ROW,
    "name": ("name", text),
    "description": ("description", text),
    "definitionReference": ("url", link),
    "schemeReference": ("framework", string),
}
_EDUCATION: Final[Members] = {
    **_ROW,
    "institution": ("institution", _organization),
    "programs": ("programs", _lines),
    "educationDegrees": ("degrees", keep),
}
_DEGREE: Final[Members] = {
    "id": ("id", identifier),
    "name": ("name", text),
    "specializations": ("specialization", _specialization),
    "score": ("results", _score),
    "iscedEducationLevelCode": ("level", _code),
}
_CERTIFICATION: Final[Members] = {
    **_ROW,
    "id": ("id", identifier),
    "name": ("name", text),
    "issuingAuthority": ("authority", _organization),
    "identifiers": ("number", _value),
}
_EMPLOYMENT: Final[Members] = {
    **_ROW,
    "organization": ("organization", _organization),
    "positionHistories": ("positions", keep),
}
_POSITION: Final[Members] = {"title": ("title", text)}
_ENVELOPE: Final[Members] = {
    "@context": (None, ignore),
    "proof": (None, ignore),
    "credentialSchema": (None, ignore),
    "credentialStatus": (None, ignore),
    "refreshService": (None, ignore),
    "id": ("id", identifier),
    "type": (None, node_type("VerifiableCredential", *_TYPES, *_NAMES)),
    "name": ("name", text),
    "issuer": ("issuer", profile),
    "validFrom": ("validFrom", instant),
    "validUntil": ("validUntil", instant),
    "issuanceDate": ("issuanceDate", instant),
    "expirationDate": ("expirationDate", instant),
    "credentialSubject": ("subject", keep),
}

PLUGIN: Final = Normalizer(name="ler_rs", types=(*_TYPES, *_NAMES), normalize=normalize, contexts=CONTEXTS)
