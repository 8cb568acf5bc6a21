"""An issuer of Open Badges 2 and CLR 1.0 over the fake internet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.demo.issuer import compact
from tests.certified import rsa_key

if TYPE_CHECKING:
    from tests.internet import FakeInternet

HOST: Final = "https://badges.example"
ISSUER: Final = f"{HOST}/issuer"
BADGE: Final = f"{HOST}/badge"
ASSERTION: Final = f"{HOST}/assertions/1"
KEY: Final = f"{HOST}/key"
LIST: Final = f"{HOST}/revoked"
CLR: Final = f"{HOST}/clrs/1"
CONTEXT: Final = "https://w3id.org/openbadges/v2"
CLR_CONTEXT: Final = "https://purl.imsglobal.org/spec/clr/v1p0/context/clr_v1p0.jsonld"
SIGNER: Final = rsa_key()
OTHER: Final = rsa_key()


def pem(key: Any = SIGNER) -> str:
    """Return a public key as PEM text."""
    return str(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())


def assertion(*, signed: bool = False, **members: Any) -> dict[str, Any]:
    """Return an assertion; one of `members` that is None is left out."""
    document = {
        "@context": CONTEXT,
        "type": "Assertion",
        "id": ASSERTION,
        "recipient": {"type": "email", "hashed": False, "identity": "ana@mail.example"},
        "issuedOn": "2026-01-01T00:00:00Z",
        "badge": BADGE,
        "verification": {"type": "SignedBadge", "creator": KEY} if signed else {"type": "HostedBadge"},
        **members,
    }
    return {name: value for name, value in document.items() if value is not None}


def profile(**members: Any) -> dict[str, Any]:
    """Return the issuer's profile."""
    document = {
        "@context": CONTEXT,
        "type": "Issuer",
        "id": ISSUER,
        "name": "Guild of Welders",
        "url": HOST,
        "email": "guild@badges.example",
        "publicKey": KEY,
        **members,
    }
    return {name: value for name, value in document.items() if value is not None}


def badge_class(**members: Any) -> dict[str, Any]:
    """Return the badge class."""
    return {
        "@context": CONTEXT,
        "type": "BadgeClass",
        "id": BADGE,
        "name": "Welding",
        "description": "Welds",
        "image": f"{HOST}/badge.png",
        "criteria": {"narrative": "Weld."},
        "issuer": ISSUER,
        **members,
    }


def key_document(**members: Any) -> dict[str, Any]:
    """Return the document of the issuer's key."""
    return {
        "@context": CONTEXT,
        "type": "CryptographicKey",
        "id": KEY,
        "owner": ISSUER,
        "publicKeyPem": pem(),
        **members,
    }


def publish(internet: FakeInternet, **documents: Any) -> None:
    """Serve everything that the issuer hosts; `documents` are served instead, by their name here."""
    served = {
        "assertion": (ASSERTION, assertion()),
        "badge": (BADGE, badge_class()),
        "profile": (ISSUER, profile()),
        "key": (KEY, key_document()),
        "revoked": (LIST, {"@context": CONTEXT, "type": "RevocationList", "id": LIST, "revokedAssertions": []}),
        "clr": (CLR, clr()),
    }
    for name, (url, document) in served.items():
        internet.serve(url, documents.get(name, document))


def sign(payload: Any, key: Any = SIGNER, **header: Any) -> str:
    """Return a compact JWS."""
    return compact(key, header, payload)


def clr_assertion(name: str = "Welding", *, signed: bool = False, **members: Any) -> dict[str, Any]:
    """Return an assertion of a CLR 1.0, with its achievement in it."""
    document = {
        "id": f"urn:uuid:{name.lower()}",
        "type": "Assertion",
        "issuedOn": "2026-01-01T00:00:00Z",
        "recipient": {"id": "urn:uuid:r", "type": "id", "identity": "urn:uuid:ana", "hashed": False},
        "creditsEarned": 3.0,
        "results": [{"resultDescription": "urn:uuid:grade", "value": "A"}],
        "achievement": {
            "id": f"urn:uuid:achievement:{name.lower()}",
            "type": "Achievement",
            "achievementType": "Course",
            "name": name,
            "level": "Beginner",
            "requirement": {"id": f"{HOST}/criteria", "narrative": "Weld."},
            "creditsAvailable": 3.0,
            "alignments": [{"targetName": "Weld", "targetType": "CFItem", "targetUrl": f"{HOST}/item"}],
            "associations": [{"associationType": "isChildOf", "targetId": "urn:uuid:degree", "title": "Degree"}],
            "resultDescriptions": [{"id": "urn:uuid:grade", "name": "Grade", "resultType": "LetterGrade"}],
            "issuer": {"id": ISSUER, "type": "Profile", "name": "Guild of Welders"},
        },
        **({"verification": {"type": "Signed", "creator": KEY}} if signed else {}),
        **members,
    }
    return {name: value for name, value in document.items() if value is not None}


def clr(*, signed: bool = False, **members: Any) -> dict[str, Any]:
    """Return a Comprehensive Learner Record 1.0."""
    return {
        "@context": CLR_CONTEXT,
        "id": CLR,
        "type": "Clr",
        "name": "Transcript",
        "issuedOn": "2026-01-02T00:00:00Z",
        "partial": True,
        "learner": {
            "id": "urn:uuid:ana",
            "type": "Profile",
            "name": "Ana",
            "email": "ana@mail.example",
            "studentId": "7",
        },
        "publisher": {"id": ISSUER, "type": "Profile", "name": "Somebody else"},
        "assertions": [clr_assertion()],
        "verification": {"type": "Signed", "creator": KEY} if signed else {"type": "Hosted"},
        **members,
    }
