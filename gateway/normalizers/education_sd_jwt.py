"""Diplomas and micro-credentials of European wallets: SD-JWT VCs with claims of the European Learning Model.

The types are those that the EU's large-scale pilots issue. A diploma has the members of an ELM credential at
its top, `urn:eudi:elm:1` a whole one in `elm`, and a micro-credential an achievement of Open Badges' shape or
claims side by side. All of it is read wherever it is, since it is the holder who chooses what is disclosed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.model import Record
from gateway.normalizers._claims import Members, ignore, read_members, string, text
from gateway.normalizers._elm_credential import ENVELOPE, narrower, read_dates, read_subjects
from gateway.normalizers._elm_values import organisation
from gateway.normalizers._micro_credential import ELEMENTS, OPEN_BADGES, micro_credential, open_badges
from gateway.normalizers._sd_jwt_claims import REGISTERED
from gateway.normalizers._subject import full_name, standing
from gateway.normalizers._transcript import identity
from gateway.plugins import Normalizer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.model import Unverified, Verified
    from gateway.normalizers._elm import Claims


def normalize(credential: Verified | Unverified) -> Record:
    """Read what was disclosed. Who awarded it is the achievement's creator, and need not be the issuer."""
    document, unmapped = credential.document, list[str]()
    whole = document.get("elm")
    if isinstance(whole, dict):
        read = read_members(document, "", unmapped, {**_TOKEN, "elm": (None, ignore)}, {})
        envelope, at = read_members(whole, "/elm", unmapped, {**ENVELOPE, "issuer": ("issuer", _issuer)}, {}), "/elm"
    else:
        read = envelope = read_members(document, "", unmapped, {**_TOP, **_TOKEN}, {})
        at = ""
    subject, claims, person = read_subjects(
        envelope.get("subjects"), f"{at}/credentialSubject", unmapped, also=OPEN_BADGES
    )
    issuer = envelope.get("issuer") or {}
    for told, claim, where in ((issuer, "iss", "issuer"), (subject, "sub", "credentialSubject")):
        if told.get("id") and read.get(claim) and told["id"] != read[claim]:
            unmapped.append(f"{at}/{where}/id")
    subject = _subject(read, subject)
    achievements = [*claims.achievements, *open_badges(person, unmapped)]
    if (alone := micro_credential(read)) is not None:
        achievements.append(alone)
    identifier = read.get("jti") or envelope.get("id") or read.get("identifier")
    verification = standing(credential, subject["id"])
    for achievement in achievements:
        achievement |= {"sourceCredentialId": identifier, "verification": verification}
    display = envelope.get("display") or {}
    return Record(
        id=identifier,
        types=tuple([name for name in (read.get("vct"), *envelope.get("types", ())) if name]),
        name=display.get("title"),
        description=display.get("description"),
        issuer={"name": None, "url": None, "identifiers": [], **issuer, "id": read.get("iss")},
        subject=subject,
        achievements=tuple(achievements),
        dates=_dates(read, envelope, claims, unmapped),
        evidence=(*envelope.get("evidence", ()), *claims.evidence),
        associations=tuple(claims.associations),
        unmapped=tuple(unmapped),
    )


def _subject(read: Mapping[str, Any], subject: dict[str, Any]) -> dict[str, Any]:
    """Add what the token itself says of its subject to what an ELM credential does."""
    found = [identity(kind, read[field]) for field, kind in _IDENTIFIERS.items() if read.get(field)]
    return {
        "id": read.get("sub") or subject["id"],
        "name": subject["name"] or full_name(read.get("given"), read.get("family")),
        "identifiers": [*subject["identifiers"], *found],
    }


def _dates(
    read: Mapping[str, Any], envelope: Mapping[str, Any], claims: Claims, unmapped: list[str]
) -> dict[str, str | None]:
    """Return the dates; of two names for one of them the narrower counts, as in `gateway.validity`."""
    dates = read_dates(envelope, claims, unmapped)
    both = {**dates, "nbf": read.get("nbf"), "exp": read.get("exp")}
    return {
        **dates,
        "validFrom": narrower(both, "nbf", "validFrom", max) or read.get("iat"),
        "validUntil": narrower(both, "exp", "validUntil", min),
        "issued": read.get("sealed") or dates["issued"] or read.get("iat"),
    }


def _issuer(value: Any, at: str, unmapped: list[str]) -> dict[str, Any] | None:
    """Read what the issuer says of itself. Who it is `iss` says, and no other name goes under its proof."""
    if not isinstance(value, dict) or "name" not in value:
        found: dict[str, Any] | None = organisation(value, at, unmapped)
        return found
    name = text(value["name"], f"{at}/name", unmapped)
    found = organisation({member: each for member, each in value.items() if member != "name"}, at, unmapped)
    return None if found is None else {**found, "name": name or found["name"]}


_IDENTIFIERS: Final = {
    "administrative": "nationalIdentityNumber",
    "nationalID": "nationalIdentityNumber",
    "mail": "emailAddress",
}
"""Field → Open Badges 3.0, IdentifierTypeEnum."""

_TOKEN: Final[Members] = {
    **REGISTERED,
    **ELEMENTS,
    "personal_administrative_number": ("administrative", string),
}
_TOP: Final[Members] = {
    **{member: how for member, how in ENVELOPE.items() if how[0] is not None},
    "issuer": ("issuer", _issuer),
}
"""Without the members that only a W3C credential has a meaning for."""

PLUGIN: Final = Normalizer(
    name="education_sd_jwt",
    types=("urn:eudi:diploma:1", "urn:eudi:elm:1", "urn:eudi:micro_credential:1", "VerifiableMicroCredential"),
    normalize=normalize,
)
