"""An issuer: a key, a DID and its document, status lists, and credentials in every suite that we verify.

For the demonstration and the tests. It signs what it is given, right or wrong: it checks nothing.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import rfc8785
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateway.plugins import Canonicalizer

CREDENTIALS_V2: Final = "https://www.w3.org/ns/credentials/v2"
OPEN_BADGES: Final = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"

_BASE58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_MULTIKEY: Final = {
    "Ed25519": b"\xed\x01",
    "P-256": b"\x80\x24",
    "P-384": b"\x81\x24",
    "P-521": b"\x82\x24",
    "secp256k1": b"\xe7\x01",
}
_ALG: Final = {
    "Ed25519": "EdDSA",
    "P-256": "ES256",
    "P-384": "ES384",
    "P-521": "ES512",
    "secp256k1": "ES256K",
    "RSA": "RS256",
}
_CURVES: Final = {
    "P-256": ec.SECP256R1(),
    "P-384": ec.SECP384R1(),
    "P-521": ec.SECP521R1(),
    "secp256k1": ec.SECP256K1(),
}
_DIGESTS: Final[dict[str, hashes.HashAlgorithm]] = {"P-384": hashes.SHA384(), "P-521": hashes.SHA512()}
"""What an ECDSA key hashes with, where it is not SHA-256."""

SUITES: Final = ("eddsa-rdfc-2022", "eddsa-jcs-2022", "ecdsa-rdfc-2019", "ecdsa-jcs-2019", "Ed25519Signature2020")
LINKED_DATA_SUITES: Final = (
    "Ed25519Signature2018",
    "RsaSignature2018",
    "EcdsaSecp256k1Signature2019",
    "JsonWebSignature2020",
)
"""The suites of before Data Integrity whose proofs have a detached JWS."""
_BY_TYPE: Final = frozenset({"Ed25519Signature2020", *LINKED_DATA_SUITES})
_SECURITY_V2: Final = "https://w3id.org/security/v2"


def base58btc(raw: bytes) -> str:
    """Return `raw` in base58 with the Bitcoin alphabet, without a multibase prefix."""
    number = int.from_bytes(raw)
    digits = ""
    while number:
        number, digit = divmod(number, 58)
        digits = _BASE58[digit] + digits
    return "1" * (len(raw) - len(raw.lstrip(b"\0"))) + digits


def base64url(raw: bytes) -> str:
    """Return `raw` in base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def new_key(kind: str = "Ed25519") -> Any:
    """Return a new private key: Ed25519, P-256, P-384, P-521, secp256k1 or RSA."""
    if kind == "Ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    if kind == "RSA":
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return ec.generate_private_key(_CURVES[kind])


def key_kind(key: Any) -> str:
    """Return the kind of a private key, as `new_key` names it."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return "Ed25519"
    if isinstance(key, rsa.RSAPrivateKey):
        return "RSA"
    return next(name for name, curve in _CURVES.items() if key.curve.name == curve.name)


def multikey(key: Any) -> str:
    """Return the public half of `key` as a Multikey `publicKeyMultibase`."""
    public = key.public_key()
    if isinstance(public, ec.EllipticCurvePublicKey):
        raw = public.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint)
    else:
        raw = public.public_bytes_raw()
    return "z" + base58btc(_MULTIKEY[key_kind(key)] + raw)


def jwk(key: Any) -> dict[str, str]:
    """Return the public half of `key` as a JSON Web Key."""
    public = key.public_key()
    if isinstance(public, ed25519.Ed25519PublicKey):
        return {"kty": "OKP", "crv": "Ed25519", "x": base64url(public.public_bytes_raw())}
    numbers = public.public_numbers()
    if isinstance(numbers, rsa.RSAPublicNumbers):
        return {"kty": "RSA", "n": base64url(numbers.n.to_bytes(256)), "e": base64url(b"\1\0\1")}
    size = (public.curve.key_size + 7) // 8
    return {
        "kty": "EC",
        "crv": key_kind(key),
        "x": base64url(numbers.x.to_bytes(size)),
        "y": base64url(numbers.y.to_bytes(size)),
    }


def sign(key: Any, message: bytes, *, pss: bool = False) -> bytes:
    """Return the raw signature: ECDSA as r ‖ s (IEEE P1363), RSA as PKCS #1 v1.5 or as PSS, with SHA-256."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(message)
    if isinstance(key, rsa.RSAPrivateKey):
        salted = padding.PSS(padding.MGF1(hashes.SHA256()), hashes.SHA256().digest_size)
        return key.sign(message, salted if pss else padding.PKCS1v15(), hashes.SHA256())
    digest = _DIGESTS.get(key_kind(key), hashes.SHA256())
    r, s = decode_dss_signature(key.sign(message, ec.ECDSA(digest)))
    size = (key.curve.key_size + 7) // 8
    return r.to_bytes(size) + s.to_bytes(size)


def compact(key: Any, header: Mapping[str, Any], payload: Any) -> str:
    """Return a compact JWS over `payload`; `alg` is the key's unless `header` gives one."""
    raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    protected = json.dumps({"alg": _ALG[key_kind(key)], **header}).encode()
    message = f"{base64url(protected)}.{base64url(raw)}"
    return f"{message}.{base64url(sign(key, message.encode()))}"


def detached(key: Any, payload: bytes, **header: Any) -> str:
    """Return a JWS with a detached, unencoded payload (RFC 7797); `alg` is the key's unless `header` gives one."""
    members = {"alg": _ALG[key_kind(key)], "b64": False, "crit": ["b64"], **header}
    protected = base64url(json.dumps(members, separators=(",", ":")).encode())
    signature = sign(key, f"{protected}.".encode() + payload, pss=members["alg"] == "PS256")
    return f"{protected}..{base64url(signature)}"


def encoded_list(bits: bytes) -> str:
    """Return a bitstring as `encodedList` (Bitstring Status List 1.0, section 2.2)."""
    return "u" + base64url(gzip.compress(bits, mtime=0))


@dataclass(frozen=True, slots=True)
class Issuer:
    """One issuer with one key. `did` is a did:key, a did:web, or an https URL."""

    did: str
    key: Any
    method: str
    """URL of its verification method."""

    @classmethod
    def did_key(cls, kind: str = "Ed25519") -> Issuer:
        """Return a new issuer whose DID is its key."""
        key = new_key(kind)
        did = f"did:key:{multikey(key)}"
        return cls(did, key, f"{did}#{multikey(key)}")

    @classmethod
    def did_web(cls, host: str, *path: str, kind: str = "Ed25519") -> Issuer:
        """Return a new issuer at `https://host/path…/did.json`."""
        did = ":".join(("did:web", host.replace(":", "%3A"), *path))
        return cls(did, new_key(kind), f"{did}#key-1")

    @property
    def document_url(self) -> str:
        """Where the DID document of a did:web, or the document of an https issuer, is served."""
        if not self.did.startswith("did:web:"):
            return self.did
        host, *path = self.did.removeprefix("did:web:").split(":")
        where = "/".join(path) if path else ".well-known"
        return f"https://{host.replace('%3A', ':')}/{where}/did.json"

    @property
    def document(self) -> dict[str, Any]:
        """The DID document (or controlled identifier document).

        The key stands in it twice, as VC-JOSE-COSE wants it (`JsonWebKey`) and as Data Integrity does.
        """
        methods = [
            {"id": self.jose_method, "type": "JsonWebKey", "controller": self.did, "publicKeyJwk": jwk(self.key)}
        ]
        if key_kind(self.key) != "RSA":
            multibase = {"type": "Multikey", "publicKeyMultibase": multikey(self.key)}
            methods.insert(0, {"id": self.method, "controller": self.did, **multibase})
        return {
            "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
            "id": self.did,
            "verificationMethod": methods,
            "assertionMethod": [method["id"] for method in methods],
        }

    @property
    def jose_method(self) -> str:
        """URL of the verification method that tokens name."""
        return self.method if self.did.startswith("did:key:") else f"{self.did}#jwk-1"

    async def secure(
        self,
        credential: Mapping[str, Any],
        canonicalizer: Canonicalizer,
        *,
        suite: str = "eddsa-rdfc-2022",
        options: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Return `credential` with one more proof of `suite`; `options` overlay the proof's members."""
        options = {"created": "2026-01-01T00:00:00Z", "proofPurpose": "assertionMethod", **(options or {})}
        kind = {"type": suite} if suite in _BY_TYPE else {"type": "DataIntegrityProof", "cryptosuite": suite}
        method = self.jose_method if key_kind(self.key) == "RSA" else self.method
        proof = {**kind, "verificationMethod": method, **options}
        unsecured = {name: value for name, value in credential.items() if name != "proof"}
        hash_name = "sha384" if key_kind(self.key) == "P-384" and suite not in LINKED_DATA_SUITES else "sha256"
        config = {**proof, "@context": unsecured["@context"]}
        if suite in LINKED_DATA_SUITES:  # under security/v2, where the type is the IRI that its own context gives it
            config |= {"@context": _SECURITY_V2, "type": f"https://w3id.org/security#{suite}"}
        if "-jcs-" in suite:
            proof = config
            canonical = [rfc8785.dumps(config), rfc8785.dumps(unsecured)]
        else:
            canonical = [
                (await canonicalizer.canonicalize(part, hash_name=hash_name)).nquads for part in (config, unsecured)
            ]
        data = b"".join(hashlib.new(hash_name, part).digest() for part in canonical)
        if suite in LINKED_DATA_SUITES:
            header = {"alg": "PS256"} if suite == "JsonWebSignature2020" and key_kind(self.key) == "RSA" else {}
            proof = {**proof, "jws": detached(self.key, data, **header)}
        else:
            proof = {**proof, "proofValue": "z" + base58btc(sign(self.key, data))}
        earlier = credential.get("proof", [])
        earlier = earlier if isinstance(earlier, list) else [earlier]
        return {**unsecured, "proof": [*earlier, proof] if earlier else proof}

    def jwt(self, credential: Mapping[str, Any], **header: Any) -> str:
        """Return `credential` as a `vc+jwt` (VCDM 2.0), or for VCDM 1.1 as a JWT with a `vc` claim."""
        if credential["@context"][0] == CREDENTIALS_V2:
            return compact(self.key, {"kid": self.jose_method, "typ": "vc+jwt", **header}, credential)
        claims = {"iss": self.did, "vc": credential}
        subject = credential["credentialSubject"]
        if isinstance(subject, dict) and "id" in subject:
            claims["sub"] = subject["id"]
        return compact(self.key, {"kid": self.jose_method, "typ": "JWT", **header}, claims)

    def status_list(self, url: str, revoked: Iterable[int] = (), *, purpose: str = "revocation") -> dict[str, Any]:
        """Return an unsecured status list credential of 131,072 entries, with the bits in `revoked` set."""
        bits = bytearray(131_072 // 8)
        for index in revoked:
            bits[index // 8] |= 0x80 >> index % 8
        return {
            "@context": [CREDENTIALS_V2],
            "id": url,
            "type": ["VerifiableCredential", "BitstringStatusListCredential"],
            "issuer": self.did,
            "validFrom": "2026-01-01T00:00:00Z",
            "credentialSubject": {
                "id": f"{url}#list",
                "type": "BitstringStatusList",
                "statusPurpose": purpose,
                "encodedList": encoded_list(bytes(bits)),
            },
        }


def badge(issuer: str, name: str, *, status: Mapping[str, Any] | None = None, **members: Any) -> dict[str, Any]:
    """Return an unsecured Open Badges 3.0 credential; `members` overlay the credential's own."""
    credential = {
        "@context": [CREDENTIALS_V2, OPEN_BADGES],
        "id": f"urn:uuid:{hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()}",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {"id": issuer, "type": ["Profile"], "name": "Mobile Bay Technical University"},
        "validFrom": "2026-02-01T00:00:00Z",
        "name": name,
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": [
                {
                    "type": "IdentityObject",
                    "hashed": True,
                    "identityType": "emailAddress",
                    "identityHash": "sha256$" + hashlib.sha256(b"learner@example.comsalt").hexdigest(),
                    "salt": "salt",
                }
            ],
            "achievement": {
                "id": "https://university.example/achievements/" + name.lower().replace(" ", "-"),
                "type": ["Achievement"],
                "achievementType": "Certificate",
                "name": name,
                "description": f"Shows the competencies of {name}.",
                "criteria": {"narrative": "Passed the practical test and the written examination."},
                "alignment": [
                    {
                        "type": ["Alignment"],
                        "targetName": "Weld steel plate in flat position",
                        "targetUrl": "https://credentialfinder.example/competency/ce-0001",
                        "targetFramework": "Structural welding",
                        "targetType": "CFItem",
                    }
                ],
            },
        },
    }
    if status is not None:
        credential["credentialStatus"] = dict(status)
    return {**credential, **members}
