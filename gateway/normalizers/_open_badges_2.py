"""What Open Badges 1.x and 2.x and CLR 1.0 have in common: recipients, evidence, alignment, endorsements."""

from __future__ import annotations

import re
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
    text,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_HASHED: Final = re.compile(r"(?:sha256|md5)\$[0-9A-Fa-f]+", re.ASCII)
"""Open Badges 2.0, IdentityHash; how a recipient of 0.5 is told that is nothing but a string."""

TECHNICAL: Final[Members] = {
    "@context": (None, ignore),
    "credentialStatus": (None, ignore),
    "publicKey": (None, ignore),
    "revocationList": (None, ignore),
    "revocationReason": (None, ignore),
    "revoked": (None, ignore),
    "salt": (None, ignore),
    "uid": (None, ignore),
    "verification": (None, ignore),
    "verify": (None, ignore),
}
"""What the result shows as checks, statuses and proofs."""


def in_language(node: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    """Return a node whose texts are in its `@language` (Open Badges 2.0, Internationalization), as language maps."""
    tag = node.get("@language")
    if not isinstance(tag, str):
        return node
    told = {name: {tag: node[name]} for name in names if isinstance(node.get(name), str)}
    return {**{name: value for name, value in node.items() if name != "@language"}, **told}


def recipient(value: Any, salt: Any, at: str, unmapped: list[str]) -> list[dict[str, Any]]:
    """Read an IdentityObject, or the bare string of Open Badges 0.5, whose salt stands beside it."""
    if isinstance(value, str):
        value = {"identity": value, "salt": salt, "type": "email"}
    found = []
    for where, item in each(value, at):
        if not isinstance(item, dict):
            unmapped.append(where)
            continue
        blank: dict[str, Any] = {"type": None, "identity": None, "salt": None}
        read = read_members(item, where, unmapped, _IDENTITY, blank)
        identity, hashed = read["identity"], read.get("hashed")
        if hashed is None or (identity and _HASHED.fullmatch(identity)):
            hashed = bool(identity and _HASHED.fullmatch(identity))
        found.append(
            {
                "type": read["type"],
                "value": None if hashed else identity,
                "hash": identity if hashed else None,
                "salt": read["salt"],
                "hashed": hashed,
            }
        )
    return found


def organization(value: Any, at: str, unmapped: list[str]) -> dict[str, Any] | None:
    """Read a Profile: an object, or only its id. `endorsements` are for the caller to take out."""
    blank: dict[str, Any] = {"id": None, "name": None, "url": None, "identifiers": []}
    if not isinstance(value, dict):
        found = identifier(value, at, unmapped)
        return None if found is None else {**blank, "id": found}
    read = read_members(in_language(value, "name", "description"), at, unmapped, _PROFILE, blank)
    for name, kind in (("email", "emailAddress"), ("sourcedId", "sourcedId"), ("telephone", "ext:telephone")):
        if (found := read.pop(name, None)) is not None:
            read["identifiers"].append({"type": kind, "value": found})
    endorsed = [*read.pop("endorsement", ()), *read.pop("signedEndorsements", ())]
    return {**read, "endorsements": endorsed} if endorsed else read


def endorsements(value: Any, at: str, unmapped: list[str]) -> list[dict[str, Any]]:
    """List Endorsements, which are not verified here: objects, or the addresses at which they are hosted."""
    found = []
    for where, item in each(value, at):
        record = _endorsement()
        if isinstance(item, dict):
            read_members(item, where, unmapped, _ENDORSEMENT, record)
            claim = record.pop("claim", None)
            if isinstance(claim, dict):
                read_members(claim, f"{where}/claim", unmapped, _CLAIM, record)
            elif claim is not None:
                record["target"] = identifier(claim, f"{where}/claim", unmapped)
        else:
            record["id"] = identifier(item, where, unmapped)
        found.append(record)
    return found


def signed_endorsements(value: Any, at: str, unmapped: list[str]) -> list[dict[str, Any]]:
    """List Endorsements that are compact tokens: that they are there, and nothing of what they say."""
    tokens = [where for where, _ in each(value, at)]
    unmapped.extend(tokens)
    return [_endorsement() for _ in tokens]


def _endorsement() -> dict[str, Any]:
    named = dict.fromkeys(("id", "issuer", "target", "comment"))
    return {**named, "result": "indeterminate", "claimsUnverified": True}


def evidence(value: Any, at: str, unmapped: list[str]) -> list[dict[str, Any]]:
    """Read Evidence: objects, or only addresses. The artifacts of CLR 1.0 are evidence by themselves."""
    found = []
    for where, item in each(value, at):
        record: dict[str, Any] = {
            **dict.fromkeys(("id", "type", "name", "description", "narrative", "genre", "audience")),
            "type": [],
        }
        if isinstance(item, dict):
            read = read_members(item, where, unmapped, _EVIDENCE, record)
            artifacts = read.pop("artifacts", None)
            found.append(read)
            found.extend(evidence(artifacts, f"{where}/artifacts", unmapped) if artifacts is not None else ())
        elif (url := identifier(item, where, unmapped)) is not None:
            found.append({**record, "id": url})
    return found


def alignments(value: Any, at: str, unmapped: list[str]) -> list[dict[str, Any]]:
    """Read AlignmentObjects; until Open Badges 1.1 they have `name` and `url`."""
    found = []
    for where, item in each(value, at):
        if not isinstance(item, dict):
            unmapped.append(where)
            continue
        names = ("targetName", "targetCode", "targetFramework", "targetType", "targetUrl")
        found.append(read_members(item, where, unmapped, _ALIGNMENT, dict.fromkeys(names)))
    return found


def criteria(value: Any, at: str, unmapped: list[str]) -> dict[str, Any]:
    """Read Criteria: the address of a page, or an object with a narrative."""
    record: dict[str, Any] = {"id": None, "narrative": None}
    if isinstance(value, dict):
        return read_members(value, at, unmapped, _CRITERIA, record)
    record["id"] = link(value, at, unmapped)
    return record


def image(value: Any, at: str, unmapped: list[str]) -> str | None:
    """Read an image: its address, or an object around that; who drew it has no place in the record."""
    if isinstance(value, dict):
        read = read_members(value, at, unmapped, _IMAGE, {"url": None})
        found: str | None = read["url"]
        return found
    return picture(value, at, unmapped)


def _hashed(value: Any, at: str, unmapped: list[str]) -> bool | None:
    """Read whether it is hashed; issuers of the first years wrote "true"."""
    if value in ("true", "false"):
        return bool(value == "true")
    return boolean(value, at, unmapped)


_IDENTITY: Final[Members] = {
    "id": (None, ignore),
    "@context": (None, ignore),
    "type": ("type", string),
    "identity": ("identity", string),
    "hashed": ("hashed", _hashed),
    "salt": ("salt", string),
}
_PROFILE: Final[Members] = {
    **TECHNICAL,
    "id": ("id", identifier),
    "type": (None, node_type("Issuer", "Profile", "EndorsementProfile")),
    "name": ("name", text),
    "url": ("url", link),
    "email": ("email", string),
    "sourcedId": ("sourcedId", string),
    "telephone": ("telephone", string),
    "endorsement": ("endorsement", endorsements),
    "endorsements": ("endorsement", endorsements),
    "signedEndorsements": ("signedEndorsements", signed_endorsements),
}
_ENDORSEMENT: Final[Members] = {
    **TECHNICAL,
    "id": ("id", identifier),
    "type": (None, node_type("Endorsement")),
    "issuer": ("issuer", organization),
    "issuedOn": (None, instant),
    "claim": ("claim", keep),
}
_CLAIM: Final[Members] = {
    "id": ("target", identifier),
    "type": (None, node_type("EndorsementClaim")),
    "endorsementComment": ("comment", text),
}
_EVIDENCE: Final[Members] = {
    "id": ("id", identifier),
    "url": ("id", identifier),
    "type": (None, ignore),
    "name": ("name", text),
    "description": ("description", text),
    "narrative": ("narrative", text),
    "genre": ("genre", text),
    "audience": ("audience", text),
    "artifacts": ("artifacts", keep),
}
_ALIGNMENT: Final[Members] = {
    "id": (None, ignore),
    "type": (None, node_type("AlignmentObject", "Alignment")),
    "targetName": ("targetName", text),
    "targetCode": ("targetCode", string),
    "targetFramework": ("targetFramework", string),
    "educationalFramework": ("targetFramework", string),
    "frameworkName": ("targetFramework", string),
    "targetType": ("targetType", string),
    "targetUrl": ("targetUrl", link),
    "name": ("targetName", text),
    "url": ("targetUrl", link),
}
_CRITERIA: Final[Members] = {
    "id": ("id", link),
    "type": (None, node_type("Criteria")),
    "narrative": ("narrative", text),
}
_IMAGE: Final[Members] = {
    "id": ("url", picture),
    "type": (None, node_type("Image", "ImageObject", "schema:ImageObject")),
}
