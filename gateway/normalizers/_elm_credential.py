"""A European Learning Model credential: what stands around its claims, and whom they are about."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from gateway.normalizers._claims import Members, each, identifier, ignore, instant, keep, read_members, text
from gateway.normalizers._elm import Claims
from gateway.normalizers._elm_values import evidence, first, identifiers, members_of, note, organisation, types
from gateway.normalizers._subject import full_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def read_subjects(
    value: Any, at: str, unmapped: list[str], *, also: Members | None = None
) -> tuple[dict[str, Any], Claims, dict[str, Any]]:
    """Read whom the credential is about, and what it claims of them.

    The record is about the first subject: nobody must be credited with another's achievement.

    Returns:
        The subject of the record, the claims, and by field what was read by the members `also`.
    """
    members = {**PERSON, **(also or {})}
    claims = Claims()
    person: dict[str, Any] | None = None
    for where, node in each(value, at):
        if not isinstance(node, dict) or person is not None:
            unmapped.append(where)
            continue
        person = read_members(node, where, unmapped, members, {})
        claims.read(person.get("claims"), f"{where}/hasClaim", unmapped)
    return read_person(person or {}), claims, person or {}


def read_person(person: Mapping[str, Any]) -> dict[str, Any]:
    """Return the subject of the record, of what was read by `PERSON`."""
    name = person.get("fullName") or full_name(person.get("givenName"), person.get("familyName"))
    found = [
        {"type": one["type"], "value": one["value"], "hash": None, "salt": None, "hashed": False}
        for one in (*person.get("nationalID", ()), *person.get("identifier", ()))
    ]
    return {"id": person.get("id"), "name": name, "identifiers": found}


def read_dates(envelope: Mapping[str, Any], claims: Claims, unmapped: list[str]) -> dict[str, str | None]:
    """Return the dates of the record, of what was read by `ENVELOPE`."""
    return {
        "awarded": _of_all(claims.awarded, unmapped),
        "validFrom": narrower(envelope, "validFrom", "issuanceDate", max),
        "validUntil": narrower(envelope, "validUntil", "expirationDate", min),
        "activityStart": _of_all(claims.started, unmapped),
        "activityEnd": _of_all(claims.ended, unmapped),
        "issued": envelope.get("issued") or envelope.get("issuanceDate"),
    }


def narrower(read: Mapping[str, Any], newer: str, older: str, choose: Callable[..., str]) -> str | None:
    """Return the narrower of a bound's two names, as `gateway.validity` does; mostly they say the same."""
    found = [read[name] for name in (newer, older) if read.get(name)]
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

PERSON: Final[Members] = {
    "id": ("id", identifier),
    "type": (None, ignore),
    "fullName": ("fullName", text),
    "givenName": ("givenName", text),
    "familyName": ("familyName", text),
    "nationalID": ("nationalID", identifiers("nationalIdentityNumber")),
    "identifier": ("identifier", identifiers("identifier")),
    "hasClaim": ("claims", keep),
}

ENVELOPE: Final[Members] = {
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
