"""European Digital Credentials: the European Learning Model 3, whatever secures it.

https://europa.eu/europass/elm-browser/. Its JSON-LD context is read by name (`contexts`): it comes in no
package, and every member that matters is one of those below.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway.model import Record
from gateway.normalizers._claims import read_members
from gateway.normalizers._elm_credential import ENVELOPE, read_dates, read_subjects
from gateway.normalizers._subject import standing
from gateway.plugins import Normalizer

if TYPE_CHECKING:
    from gateway.model import Unverified, Verified

CONTEXT: Final = "http://data.europa.eu/snb/model/context/edc-ap"


def normalize(credential: Verified | Unverified) -> Record:
    """Read a EuropeanDigitalCredential. Parts of a claim follow it, tied to it by an association."""
    unmapped: list[str] = []
    envelope = read_members(credential.document, "", unmapped, ENVELOPE, {})
    display = envelope.get("display") or {}
    subject, claims, _ = read_subjects(envelope.get("subjects"), "/credentialSubject", unmapped)
    verification = standing(credential, subject["id"])
    for achievement in claims.achievements:
        achievement |= {"sourceCredentialId": envelope.get("id"), "verification": verification}
    return Record(
        id=envelope.get("id"),
        types=tuple(envelope.get("types", ())),
        name=display.get("title"),
        description=display.get("description"),
        issuer=envelope.get("issuer") or {"id": None, "name": None, "url": None, "identifiers": []},
        subject=subject,
        achievements=tuple(claims.achievements),
        dates=read_dates(envelope, claims, unmapped),
        evidence=(*envelope.get("evidence", ()), *claims.evidence),
        associations=tuple(claims.associations),
        unmapped=tuple(unmapped),
    )


PLUGIN: Final = Normalizer(
    name="elm_3",
    types=("EuropeanDigitalCredential",),
    normalize=normalize,
    contexts=frozenset({CONTEXT}),
)
