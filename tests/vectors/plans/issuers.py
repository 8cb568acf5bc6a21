"""The issuers of the cases. Their keys follow from their names, so that they are always the same."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from gateway.demo.issuer import Issuer, base64url, jwk, multikey
from tests import bbs
from tests.selective_disclosure import public_multikey

_RSA: Final = b"""
-----BEGIN PRIVATE KEY-----
MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQC7Ku9SfYtPuVuB
McaoC0lfahtMYI1Y5RrpCZFa1WZ5VFADtDsBiADnaHGwmwkoBZ2ljXjonhj2hHPp
PxPcmJisGCmNEqAr68QL6tZDKRNl3djrMEhAJAg9F8RTrj6bzuCtpPK7MiBRoR3A
GVgw3UQntgFxxmx6LjEPYPhHAgtrGFt2NIEE++3+rhmC6c6va0yEkZanQH5jzhkq
17mA7D7fxyagt6m0KeycoY1WCHXHPAnOeyfKzDbVatk3oR5miJWQF18IvP4zV/vX
oUA6mUzwmyIuDYJY6OkJNN9sUNOpbh3Um3dOozTBW5655CrnkvGeaUZuLn/ALGWH
FI6RGZkBAgMBAAECggEADOO4ez/4GM8C54DweheSmv1pPm5Jf/QmCCNHiuaR7DDU
q4pYpDda0JTpxSfu/DUH8UiccpUtQFltXhag+IiSUMH/goxR9zju58zpYWU7My7a
a0kapT8Dt2A1fgnMnJBJ+stfrI4FUJ5iStSPbBqg0xdH0MGdB7NMqMYKYM81YT1O
celiNG5nHrM3Nnlp4kp9IO10kpNdZ0PsyBSnvVF3JetZFAzXEWSIylW+YNWH+0Hj
WIDVHHxnSYUhbBBqcmcEnQxPE7fWTNHx/oo3XWQH0xwcWYhwnGgw3063G2XbDnue
i3TIY21CbFOg3Ji1xg85W2c9b6q7u5dff8BPSGdj/QKBgQDhq1M+8mR/w5ZCr30o
vj9/P/0w4A2qj1l+dYEjhhrAda6YvjZENlI4oNEnaGB7dZotSZjaVSnKoSJamMYb
U1MCKk+gcfAZilI27aWpLDExKoNXHPnMViGtgkejmelQ/pPASnFeuF4iWayMXpjF
bkAQOffNj9PhCNBjRtgQSNdONwKBgQDUUuANX2oiuH5GX73zQQFwhVzpb1Ue7P04
ImFyMKbL8FwcDgHfM9oPC4936J8GuoJthoTQq6cWMc/3ATg7qTHjUoo1+mAqUUCh
22CRVWAKtXortTNBkgkP6ZSekUYoIP9vcXSxi3CV8wNZW+0xicwipKRw/2ekq3dZ
+9t5MY52hwKBgQCkobtaabU9rC97uNDjH1/tcn5A4MO3kVqlsg2jH9t2WqQkVGf8
fXCgVVogmLoCd3oh3dZAOe8CH2mTlG66UqB1LO7oSxbxWwK9hcPcVhwRFUW6EK6A
DroE/c1LoiYfa4nYt7Zbdr9d6fPCd+SV6+eart+EPJBDVI3KT02jG7DPIwKBgQDB
ojMi/vlUYN0IYRhiV85wR6/MU/RVF9x27SPhd+0l4Dagf0XFwQwE3I4i1Mry3/VC
3YMSqvjejN8UbNBT2KHeps/VGlnJPgCrm94drLbCDW81nTL5ga0yDdu0INjSkAVk
JRw/LuOmXNGZFPTkUL8SeQRe6Q4kZxuZvM8TX9aE0QKBgAszsN+JuxyEhCIItvbg
8CGz3QGcOvFXPf6msBhOyMLx/PAn3OXWjn5bBY603a/O1VkkU5d3N5UIlDbHdsX4
BP8hPn/y1QFLU+uYbgEeQQUlyzaEWHeFLbqPu2eFFi0j3HAbMWJWUvBWsg7bCnAp
WI7tc8zu5HGsMtPszOMTvLWG
-----END PRIVATE KEY-----
"""
"""No RSA key can be made from a name. This one was made for these cases, and protects nothing."""


_CURVES: Final = {"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1(), "secp256k1": ec.SECP256K1()}


class _Deterministic:
    """An elliptic curve key that signs as RFC 6979 says: the same octets always get the same signature."""

    def __init__(self, name: str, curve: ec.EllipticCurve) -> None:
        self.curve = curve
        self._key = ec.derive_private_key(int.from_bytes(_seed(name)), curve)

    def public_key(self) -> ec.EllipticCurvePublicKey:
        """Return the public half."""
        return self._key.public_key()

    def sign(self, message: bytes, algorithm: ec.ECDSA) -> bytes:
        """Sign with the hash of `algorithm`."""
        return self._key.sign(message, ec.ECDSA(algorithm.algorithm, deterministic_signing=True))


def _seed(name: str) -> bytes:
    return hashlib.sha256(f"tests/vectors {name}".encode()).digest()


def _key(name: str, kind: str) -> Any:
    if kind == "RSA":
        return load_pem_private_key(_RSA.strip(), None)
    if kind == "Ed25519":
        return ed25519.Ed25519PrivateKey.from_private_bytes(_seed(name))
    return _Deterministic(name, _CURVES[kind])


def _did_key(name: str, kind: str = "Ed25519") -> Issuer:
    key = _key(name, kind)
    return Issuer(f"did:key:{multikey(key)}", key, f"did:key:{multikey(key)}#{multikey(key)}")


def _did_jwk(name: str, kind: str) -> Issuer:
    key = _key(name, kind)
    did = "did:jwk:" + base64url(json.dumps(jwk(key)).encode())
    return Issuer(did, key, f"{did}#0")


def _at(url: str, name: str, kind: str = "Ed25519") -> Issuer:
    """Return an issuer whose document is served: a did:web, or an https URL."""
    return Issuer(url, _key(name, kind), f"{url}#key-1")


def _did_key_bbs(name: str) -> Issuer:
    key = bbs.new_key(_seed(name))
    public = public_multikey("bbs-2023", key)
    return Issuer(f"did:key:{public}", key, f"did:key:{public}#{public}")


KEY: Final = _did_key("an issuer")
KEY_SECP256K1: Final = _did_key("an issuer", "secp256k1")
KEY_BBS: Final = _did_key_bbs("an issuer")


def _account(did: str, fragment: str, curve: str, algorithm: str) -> Issuer:
    """Return a blockchain account, whose key is a JWK, for didkit to sign with; the DID is what didkit makes of it."""
    if curve == "Ed25519":
        key = ed25519.Ed25519PrivateKey.from_private_bytes(_seed("an account"))
        octets = {"x": key.public_key().public_bytes_raw(), "d": key.private_bytes_raw()}
        members = {"kty": "OKP", "crv": curve, **{name: base64url(value) for name, value in octets.items()}}
    else:
        secret = ec.derive_private_key(int.from_bytes(_seed("an account")), _CURVES[curve]).private_numbers()
        numbers = {"x": secret.public_numbers.x, "y": secret.public_numbers.y, "d": secret.private_value}
        members = {
            "kty": "EC",
            "crv": curve,
            **{name: base64url(value.to_bytes(32)) for name, value in numbers.items()},
        }
    return Issuer(did, {**members, "alg": algorithm}, f"{did}#{fragment}")


_TZ1: Final = "did:pkh:tz:tz1ZktsPEdwsHxj5Ew9auAdVQHWfNJFKHLFp"
_TZ3: Final = "did:pkh:tz:tz3SXYRw3XB4RPx1CrTiWXYSsETY4yFLAyGA"
_ETH: Final = "did:pkh:eth:0x711c5984e0dbead354948516273f758351581906"
ETHEREUM: Final = _account(_ETH, "Recovery2020", "secp256k1", "ES256K-R")
TEZOS_1: Final = _account(_TZ1, "TezosMethod2021", "Ed25519", "EdBlake2b")
TEZOS_1_HASHED: Final = _account(_TZ1, "blockchainAccountId", "Ed25519", "EdBlake2b")
TEZOS_3_HASHED: Final = _account(_TZ3, "blockchainAccountId", "P-256", "ESBlake2b")
DOCUMENT_KEY: Final = _key("a document", "P-256")
"""What ecdsa-sd-2023 makes for one document."""
KEY_P256: Final = _did_key("an issuer", "P-256")
WEB: Final = _at("did:web:university.example", "the university")
WEB_P256: Final = _at("did:web:college.example", "the college", "P-256")
SITE: Final = _at("https://academy.example/issuers/1", "the academy")
SITE_P384: Final = _at("https://lyceum.example/issuers/1", "the lyceum", "P-384")
SITE_RSA: Final = _at("https://institute.example/issuers/1", "the institute", "RSA")
JWK: Final = _did_jwk("an issuer", "P-256")
STRANGER: Final = _did_key("a stranger")
ISSUERS: Final = {
    issuer.did: issuer for issuer in (KEY, KEY_P256, WEB, WEB_P256, SITE, SITE_P384, SITE_RSA, JWK, STRANGER)
}
"""By DID."""
