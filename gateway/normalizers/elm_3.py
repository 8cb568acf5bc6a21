"""European Digital Credentials: the European Learning Model 3, whatever secures it.

https://europa.eu/europass/elm-browser/. Its JSON-LD context is read by name (`contexts`): it comes in no
package, and every member that matters is one of those below.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from gateway.model import Normalizer, Record, Verified
from gateway.normalizers._claims import Members, each, identifier, ignore, instant, keep, read_members, text
from gateway.normalizers._elm import Claims
from gateway.normalizers._elm_values import evidence, first, identifiers, members_of, note, organisation, types

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateway.model import Unverified

CONTEXT: Final = "http://data.europa.eu/snb/model/context/edc-ap"


def normalize(credential: Verified | Unverified) -> Record:
    """Read a EuropeanDigitalCredential. Parts of a claim follow it, tied to it by an association."""
    unmapped: list[str] = []
    envelope = read_members(credential.document, "", unmapped, _ENVELOPE, {})
    display = envelope.get("display") or {}
    claims = Claims()
    subject: dict[str, Any] | None = None
    for at, node in each(envelope.get("subjects"), "/credentialSubject"):
        # The record is about the first subject: nobody must be credited with another's achievement.
        if not isinstance(node, dict) or subject is not None:
            unmapped.append(at)
            continue
        person = read_members(node, at, unmapped, _PERSON, {})
        subject = _subject(person)
        claims.read(person.get("claims"), f"{at}/hasClaim", unmapped)
    subject = subject or _subject({})
    standing = _standing(credential, subject["id"])
    for achievement in claims.achievements:
        achievement |= {"sourceCredentialId": envelope.get("id"), "verification": standing}
    return Record(
        id=envelope.get("id"),
        types=tuple(envelope.get("types", ())),
        name=display.get("title"),
        description=display.get("description"),
        issuer=envelope.get("issuer") or {"id": None, "name": None, "url": None, "identifiers": []},
        subject=subject,
        achievements=tuple(claims.achievements),
        dates=_dates(envelope, claims, unmapped),
        evidence=(*envelope.get("evidence", ()), *claims.evidence),
        associations=tuple(claims.associations),
        unmapped=tuple(unmapped),
    )


def _subject(person: Mapping[str, Any]) -> dict[str, Any]:
    name = person.get("fullName") or _joined(person.get("givenName"), person.get("familyName"))
    found = [
        {"type": one["type"], "value": one["value"], "hash": None, "salt": None, "hashed": False}
        for one in (*person.get("nationalID", ()), *person.get("identifier", ()))
    ]
    return {"id": person.get("id"), "name": name, "identifiers": found}


def _joined(given: Any, family: Any) -> Any:
    """Return both names in each language that has both, or the one that there is."""
    if isinstance(given, dict) and isinstance(family, dict):
        both = {tag: f"{words} {family[tag]}" for tag, words in given.items() if tag in family}
        return both or family
    if isinstance(given, str) and isinstance(family, str):
        return f"{given} {family}"
    return family or given


def _standing(credential: Verified | Unverified, subject: str | None) -> str:
    if not isinstance(credential, Verified):
        return "none"
    return "self_asserted" if subject == credential.issuer else "verified"


def _dates(envelope: Mapping[str, Any], claims: Claims, unmapped: list[str]) -> dict[str, str | None]:
    return {
        "awarded": _of_all(claims.awarded, unmapped),
        "validFrom": _of_both(envelope, "validFrom", "issuanceDate", max),
        "validUntil": _of_both(envelope, "validUntil", "expirationDate", min),
        "activityStart": _of_all(claims.started, unmapped),
        "activityEnd": _of_all(claims.ended, unmapped),
        "issued": envelope.get("issued") or envelope.get("issuanceDate"),
    }


def _of_both(envelope: Mapping[str, Any], newer: str, older: str, choose: Callable[..., str]) -> str | None:
    """Return the narrower of a bound's two names, as `gateway.validity` does; mostly they say the same."""
    found = [envelope[name] for name in (newer, older) if envelope.get(name)]
    return choose(found, key=datetime.fromisoformat) if found else None


def _of_all(dates: list[tuple[str, str]], unmapped: list[str]) -> str | None:
    """Return the date of the first claim; one of another claim that differs has no place in the record."""
    if not dates:
        return None
    first = dates[0][0]
    unmapped.extend(where for date, where in dates[1:] if date != first)
    return first


def _display(value: Any, at: str, unmapped: list[str]) -> Any:
    return first(members_of(_DISPLAY), value, at, unmapped)


_DISPLAY: Final[Members] = {
    "id": (None, ignore),
    "type": (None, ignore),
    "title": ("title", text),
    "description": ("description", note),
    "language": (None, ignore),
    "primaryLanguage": (None, ignore),
    "individualDisplay": (None, ignore),
    "summaryDisplay": (None, ignore),
}
"""Pages that are pictures of the record say nothing that it does not say itself."""

_PERSON: Final[Members] = {
    "id": ("id", identifier),
    "type": (None, ignore),
    "fullName": ("fullName", text),
    "givenName": ("givenName", text),
    "familyName": ("familyName", text),
    "nationalID": ("nationalID", identifiers("nationalIdentityNumber")),
    "identifier": ("identifier", identifiers("identifier")),
    "hasClaim": ("claims", keep),
}

_ENVELOPE: Final[Members] = {
    "@context": (None, ignore),
    "proof": (None, ignore),
    "credentialSchema": (None, ignore),
    "credentialStatus": (None, ignore),
    "id": ("id", identifier),
    "type": ("types", types),
    "issuer": ("issuer", organisation),
    "displayParameter": ("display", _display),
    "credentialSubject": ("subjects", keep),
    "issuanceDate": ("issuanceDate", instant),
    "issued": ("issued", instant),
    "validFrom": ("validFrom", instant),
    "validUntil": ("validUntil", instant),
    "expirationDate": ("expirationDate", instant),
    "evidence": ("evidence", evidence),
}

PLUGIN: Final = Normalizer(
    name="elm_3",
    types=("EuropeanDigitalCredential",),
    normalize=normalize,
    contexts=frozenset({CONTEXT}),
)
