"""The only place where a signature is checked: one algorithm for each type of key.

A key names its algorithm, so what a proof or a token says about itself can never choose another
(RFC 8725, section 3.1). Encodings have one length each: R || S of 64 octets (Ed25519, P-256) or 96
(P-384), never DER. An ECDSA signature may still be written with -S in place of S (FIPS 186-5 allows
both), so nothing may ever be keyed by signature octets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from resolvers.model import KeyType

if TYPE_CHECKING:
    from resolvers.model import PublicKey

ALGORITHMS: Final = {
    KeyType.ED25519: "EdDSA",
    KeyType.P256: "ES256",
    KeyType.P384: "ES384",
    KeyType.RSA: "RS256",
}
"""The one JOSE algorithm of each key type (RFC 7518, section 3.1; RFC 8037, section 3.1)."""

HASHES: Final = {KeyType.ED25519: "sha256", KeyType.P256: "sha256", KeyType.P384: "sha384"}
"""The hash, by its `hashlib` name, with which a Data Integrity suite uses a key throughout."""

LENGTHS: Final = {KeyType.ED25519: 64, KeyType.P256: 64, KeyType.P384: 96}
"""Octets of a signature; that of an RSA signature is the modulus's, which `cryptography` checks."""

_ECDSA: Final = {KeyType.P256: ec.ECDSA(hashes.SHA256()), KeyType.P384: ec.ECDSA(hashes.SHA384())}
_PKCS1V15: Final = padding.PKCS1v15()
_SHA256: Final = hashes.SHA256()


def is_valid(key: PublicKey, signature: bytes, message: bytes) -> bool:
    """Whether `signature` is the one of `key` over `message`."""
    length = LENGTHS.get(key.type)
    if length is not None and len(signature) != length:
        return False
    try:
        if key.type is KeyType.ED25519:
            key.key.verify(signature, message)
        elif key.type is KeyType.RSA:
            key.key.verify(signature, message, _PKCS1V15, _SHA256)
        else:
            half = len(signature) // 2
            r, s = int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
            key.key.verify(encode_dss_signature(r, s), message, _ECDSA[key.type])
    except InvalidSignature:
        return False
    return True
