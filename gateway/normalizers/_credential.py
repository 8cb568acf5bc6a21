"""What every W3C credential says around its subject, in both versions of the data model."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from gateway.normalizers._claims import (
    Members,
    boolean,
    each,
    identifier,
    ignore,
    instant,
    keep,
    link,
    node_type,
    picture,
    read_members,
    string,
    term,
    text,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

IDENTIFIER_TYPE: Final = term(
    *("name", "sourcedId", "systemId", "productId", "userName", "accountId", "emailAddress"),
    *("nationalIdentityNumber", "isbn", "issn", "lisSourcedId", "oneRosterSourcedId", "sisSourcedId"),
    *("ltiContextId", "ltiDeploymentId", "ltiToolId", "ltiPlatformId", "ltiUserId", "identifier"),
)
"""Open Badges 3.0, B.7.6 IdentifierTypeEnum."""


def read_envelope(document: Mapping[str, Any], unmapped: list[str]) -> dict[str, Any]:
    """Read the members of the credential itself.

    Returns id, types, name, description, image, issuer, dates, evidence, endorsements, partial, and
    `subjects`: the credentialSubject as it is, still to be read.
    """
    read = read_members(
        document,
        "",
        unmapped,
        _ENVELOPE,
        {
            "id": None,
            "types": [],
            "name": None,
            "description": None,
            "image": None,
            "issuer": None,
            "evidence": [],
            "endorsement": [],
            "endorsementJwt": [],
            "partial": None,
            "subjects": None,
        },
    )
    issuer = read["issuer"] or _profile()
    read["issuer"] = issuer
    read["endorsements"] = [*read["endorsement"], *read["endorsementJwt"], *issuer.pop("endorsements", ())]
    read["dates"] = _dates(read, unmapped)
    return read


def _dates(read: Mapping[str, Any], unmapped: list[str]) -> dict[str, str | None]:
    """Return the dates; of both versions' names for one of them the narrower counts, as in `gateway.validity`."""
    issuance = read.get("issuanceDate")
    return {
        "awarded": read.get("awardedDate"),
        "validFrom": _of_both(read, "validFrom", "issuanceDate", max, unmapped),
        "validUntil": _of_both(read, "validUntil", "expirationDate", min, unmapped),
        "activityStart": None,
        "activityEnd": None,
        "issued": read.get("issued") or issuance,
    }


def _of_both(
    read: Mapping[str, Any], newer: str, older: str, choose: Callable[..., str], unmapped: list[str]
) -> str | None:
    """Return the date that version 2.0 of the data model calls `newer`, and 1.1 `older`."""
    found = [name for name in (newer, older) if read.get(name) is not None]
    if len(found) < 2:  # noqa: PLR2004 — the two names
        return read[found[0]] if found else None
    chosen = choose(found, key=lambda name: datetime.fromisoformat(read[name]))
    other = older if chosen == newer else newer
    if other != "issuanceDate" or read.get("issued"):
        unmapped.append(f"/{other}")
    date: str = read[chosen]
    return date


def profile(value: Any, at: str, unmapped: list[str]) -> dict[str, Any] | None:
    """Read a person or organization: an object, or only its id. `endorsements` are for the caller to take out."""
    return _read_profile(value, at, unmapped, _PROFILE)


def endorser(value: Any, at: str, unmapped: list[str]) -> dict[str, Any] | None:
    """Read who endorses; who in turn endorses them has no place in the record."""
    return _read_profile(value, at, unmapped, _ENDORSER)


def _read_profile(value: Any, at: str, unmapped: list[str], members: Members) -> dict[str, Any] | None:
    if not isinstance(value, dict):
        found = identifier(value, at, unmapped)
        return None if found is None else {**_profile(), "id": found}
    read = read_members(value, at, unmapped, members, _profile())
    endorsed = [*read.pop("endorsement", ()), *read.pop("endorsementJwt", ())]
    if endorsed:
        read["endorsements"] = endorsed
    return read


def _profile() -> dict[str, Any]:
    return {"id": None, "name": None, "url": None, "identifiers": []}


def _other_identifiers(value: Any, at: str, unmapped: list[str]) -> list[dict[str, Any]]:
    found = []
    for where, item in each(value, at):
        if isinstance(item, dict):
            found.append(read_members(item, where, unmapped, _OTHER_IDENTIFIER, {"type": None, "value": None}))
        else:
            unmapped.append(where)
    return found


def _types(value: Any, at: str, unmapped: list[str]) -> list[str]:
    found = []
    for where, item in each(value, at):
        if isinstance(item, str):
            found.append(item)
        else:
            unmapped.append(where)
    return found


def _evidence(value: Any, at: str, unmapped: list[str]) -> list[dict[str, Any]]:
    found = []
    for where, item in each(value, at):
        record: dict[str, Any] = {
            "id": None,
            "type": [],
            "name": None,
            "description": None,
            "narrative": None,
            "genre": None,
            "audience": None,
        }
        if isinstance(item, dict):
            found.append(read_members(item, where, unmapped, _EVIDENCE, record))
        elif (url := identifier(item, where, unmapped)) is not None:
            found.append({**record, "id": url})
    return found


def _endorsement(pointer: str) -> dict[str, Any]:
    """Describe an endorsement that is listed, and not verified yet (`gateway.endorsements` does it)."""
    return {
        "id": None,
        "issuer": None,
        "target": None,
        "comment": None,
        "result": "indeterminate",
        "claimsUnverified": True,
        "pointer": pointer,
    }


def endorsements(value: Any, at: str, unmapped: list[str]) -> list[dict[str, Any]]:
    """Read embedded EndorsementCredentials."""
    found = []
    for where, item in each(value, at):
        if not isinstance(item, dict):
            unmapped.append(where)
            continue
        record = read_members(item, where, unmapped, _ENDORSEMENT, _endorsement(where))
        subject = record.pop("subject", None)
        if isinstance(subject, dict):
            read_members(subject, f"{where}/credentialSubject", unmapped, _ENDORSED, record)
        elif subject is not None:
            unmapped.append(f"{where}/credentialSubject")
        found.append(record)
    return found


def endorsement_tokens(value: Any, at: str, unmapped: list[str]) -> list[dict[str, Any]]:
    """List EndorsementCredentials that are compact tokens: that they are there, and nothing of what they say."""
    tokens = [where for where, _ in each(value, at)]
    unmapped.extend(tokens)
    return [_endorsement(where) for where in tokens]


_OTHER_IDENTIFIER: Final[Members] = {
    "type": (None, node_type("IdentifierEntry")),
    "identifierType": ("type", IDENTIFIER_TYPE),
    "identifier": ("value", string),
}

_ENDORSER: Final[Members] = {
    "id": ("id", identifier),
    "type": (None, node_type("Profile")),
    "name": ("name", text),
    "url": ("url", link),
    "otherIdentifier": ("identifiers", _other_identifiers),
}

_PROFILE: Final[Members] = {
    **_ENDORSER,
    "endorsement": ("endorsement", endorsements),
    "endorsementJwt": ("endorsementJwt", endorsement_tokens),
}

_EVIDENCE: Final[Members] = {
    "id": ("id", identifier),
    "type": ("type", _types),
    "name": ("name", text),
    "description": ("description", text),
    "narrative": ("narrative", text),
    "genre": ("genre", text),
    "audience": ("audience", text),
}

_TECHNICAL: Final[Members] = {
    "@context": (None, ignore),
    "credentialSchema": (None, ignore),
    "credentialStatus": (None, ignore),
    "proof": (None, ignore),
    "refreshService": (None, ignore),
}
"""What the result shows as contexts, checks, statuses and proofs."""

_ENDORSEMENT: Final[Members] = {
    **_TECHNICAL,
    "id": ("id", identifier),
    "type": (None, node_type("VerifiableCredential", "EndorsementCredential")),
    "issuer": ("issuer", endorser),
    "credentialSubject": ("subject", keep),
}

_ENDORSED: Final[Members] = {
    "id": ("target", identifier),
    "type": (None, node_type("EndorsementSubject")),
    "endorsementComment": ("comment", text),
}

_ENVELOPE: Final[Members] = {
    **_TECHNICAL,
    "id": ("id", identifier),
    "type": ("types", _types),
    "name": ("name", text),
    "description": ("description", text),
    "image": ("image", picture),
    "issuer": ("issuer", profile),
    "validFrom": ("validFrom", instant),
    "validUntil": ("validUntil", instant),
    "issuanceDate": ("issuanceDate", instant),
    "expirationDate": ("expirationDate", instant),
    "issued": ("issued", instant),
    "awardedDate": ("awardedDate", instant),
    "evidence": ("evidence", _evidence),
    "endorsement": ("endorsement", endorsements),
    "endorsementJwt": ("endorsementJwt", endorsement_tokens),
    "partial": ("partial", boolean),
    "credentialSubject": ("subjects", keep),
}
