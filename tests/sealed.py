"""European Digital Credentials of the tests' own: sealed under a certificate, and spoiled in one way each."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from resolvers import base64url
from tests.stamped import token

if TYPE_CHECKING:
    from datetime import datetime

    from tests.certified import Certified

ORGANIZATION: Final = "VATES-A00000000"
EDC_CONTEXT: Final = "http://data.europa.eu/snb/model/context/edc-ap"


def diploma(**members: Any) -> dict[str, Any]:
    """Return an unsealed credential of the European Learning Model, with no more than it has to have."""
    return {
        "@context": ["https://www.w3.org/2018/credentials/v1", EDC_CONTEXT],
        "id": "urn:credential:1",
        "type": ["VerifiableCredential", "EuropeanDigitalCredential"],
        "issuer": {
            "id": "urn:epass:org:1",
            "type": "Organisation",
            "legalName": {"en": "University of Example"},
            "eIDASIdentifier": {"id": "urn:epass:id:1", "type": "LegalIdentifier", "notation": ORGANIZATION},
        },
        "issuanceDate": "2025-09-27T12:07:01Z",
        "validFrom": "2025-09-27T12:07:01Z",
        "displayParameter": {"type": "DisplayParameter", "title": {"en": "Diploma"}},
        "credentialSubject": {
            "id": "urn:epass:person:1",
            "type": "Person",
            "fullName": {"en": "Ana Andromeda"},
            "hasClaim": {"id": "urn:epass:claim:1", "type": "LearningAchievement", "title": {"en": "Engineer"}},
        },
        **members,
    }


@dataclass(slots=True, kw_only=True)
class Sealing:
    """How a credential is sealed; a test changes one thing."""

    by: Certified
    document: Any = field(default_factory=diploma)
    protected: dict[str, Any] = field(default_factory=dict)
    """Members that are laid over the protected header; None leaves one out."""
    header: dict[str, Any] = field(default_factory=dict)
    text: str | None = None
    """The payload, where it is not the document as JSON."""
    encoded: bool = False
    """Whether the payload is in base64url."""
    flattened: bool = False
    algorithm: str | None = None
    """The one that is signed with, where it is not the header's."""

    def seal(self) -> dict[str, Any]:
        """Return the JWS in JSON serialization."""
        text = json.dumps(self.document) if self.text is None else self.text
        payload = base64url.encode(text.encode()) if self.encoded else text
        protected = self._protected()
        encoded = base64url.encode(json.dumps(protected).encode())
        octets = f"{encoded}.{payload}".encode()
        signature = base64url.encode(sign(self.by.key, self.algorithm or str(protected.get("alg")), octets))
        one = {"protected": encoded, "signature": signature, **({"header": self.header} if self.header else {})}
        return {"payload": payload, **one} if self.flattened else {"payload": payload, "signatures": [one]}

    def _protected(self) -> dict[str, Any]:
        leaf = hashlib.sha256(self.by.der[0]).digest()
        members: dict[str, Any] = {
            "alg": algorithm_of(self.by.key),
            "typ": "jose+json",
            "x5c": [base64.b64encode(der).decode() for der in self.by.der],
            "x5t#S256": base64url.encode(leaf),
            "sigT": "2025-09-27T12:07:01Z",
            **({} if self.encoded else {"b64": False}),
            "crit": ["sigT"] if self.encoded else ["b64", "sigT"],
            **self.protected,
        }
        return {name: value for name, value in members.items() if value is not None}


def sealed(by: Certified, **how: Any) -> dict[str, Any]:
    """Return a sealed credential."""
    return Sealing(by=by, **how).seal()


def stamped(credential: dict[str, Any], clock: Certified, at: datetime, *, over: str | None = None) -> dict[str, Any]:
    """Return the credential with a time-stamp over its signature, or over something else."""
    (signature,) = credential["signatures"]
    octets = token(clock, (over or signature["signature"]).encode(), at)
    component = {"sigTst": {"tstTokens": [{"val": base64.b64encode(octets).decode()}]}}
    added = base64url.encode(json.dumps(component).encode())
    return {**credential, "signatures": [{**signature, "header": {"etsiU": [added]}}]}


def algorithm_of(key: Any) -> str:
    """Return the JOSE algorithm of a private key."""
    if isinstance(key, rsa.RSAPrivateKey):
        return "RS256"
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return "EdDSA"
    return {256: "ES256", 384: "ES384", 521: "ES512"}[key.curve.key_size]


def sign(key: Any, algorithm: str, octets: bytes) -> bytes:
    """Return a JOSE signature."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(octets)
    if isinstance(key, rsa.RSAPrivateKey):
        sha256 = hashes.SHA256()
        pss = padding.PSS(mgf=padding.MGF1(sha256), salt_length=sha256.digest_size)
        return key.sign(octets, pss if algorithm == "PS256" else padding.PKCS1v15(), sha256)
    size = (key.curve.key_size + 7) // 8
    digest = {256: hashes.SHA256(), 384: hashes.SHA384(), 521: hashes.SHA512()}[key.curve.key_size]
    r, s = decode_dss_signature(key.sign(octets, ec.ECDSA(digest)))
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")
