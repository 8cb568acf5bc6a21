"""The only place where a signature is checked: one algorithm for each type of key.

A key names its algorithm, so what a proof or a token says about itself can never choose another
(RFC 8725, section 3.1). RSA keys alone have two: RSASSA-PSS is what JsonWebSignature2020 makes with
them. Encodings have one length each: R || S of 64 octets (Ed25519, P-256, secp256k1), 96 (P-384) or
132 (P-521), never DER. An ECDSA signature may still be written with -S in place of S (FIPS 186-5
allows both), so nothing may ever be keyed by signature octets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from nacl.bindings import crypto_sign_open
from nacl.exceptions import BadSignatureError

from resolvers.model import KeyType

if TYPE_CHECKING:
    from resolvers.model import PublicKey

ALGORITHMS: Final = {
    KeyType.ED25519: "EdDSA",
    KeyType.P256: "ES256",
    KeyType.P384: "ES384",
    KeyType.P521: "ES512",
    KeyType.SECP256K1: "ES256K",
    KeyType.RSA: "RS256",
}
"""The JOSE algorithm of each type of key that signs messages (RFC 7518, section 3.1; RFC 8037, section 3.1;
RFC 8812, section 3.2). What is missing signs none: many messages at once (BBS), or is no key (an account)."""

HASHES: Final = {KeyType.ED25519: "sha256", KeyType.P256: "sha256", KeyType.P384: "sha384"}
"""The hash, by its `hashlib` name, with which a Data Integrity suite uses a key throughout."""

LENGTHS: Final = {
    KeyType.ED25519: 64,
    KeyType.P256: 64,
    KeyType.P384: 96,
    KeyType.P521: 132,
    KeyType.SECP256K1: 64,
}
"""Octets of a signature; that of an RSA signature is the modulus's, which `cryptography` checks."""

_ECDSA: Final = {
    KeyType.P256: ec.ECDSA(hashes.SHA256()),
    KeyType.P384: ec.ECDSA(hashes.SHA384()),
    KeyType.P521: ec.ECDSA(hashes.SHA512()),
    KeyType.SECP256K1: ec.ECDSA(hashes.SHA256()),
}
_SHA256: Final = hashes.SHA256()
_RSA: Final = {
    "RS256": padding.PKCS1v15(),
    # RFC 7518, section 3.5: "The size of the salt value is the same size as the hash function output."
    "PS256": padding.PSS(mgf=padding.MGF1(_SHA256), salt_length=_SHA256.digest_size),
}


def is_valid(key: PublicKey, signature: bytes, message: bytes, *, algorithm: str | None = None) -> bool:
    """Whether `signature` is the one of `key` over `message`.

    `algorithm` is the JOSE name, where it is not the one that the key has in `ALGORITHMS`; no key but
    RSA verifies with another.
    """
    length = LENGTHS.get(key.type)
    if length is not None and len(signature) != length:
        return False
    own = ALGORITHMS.get(key.type)
    if own is None or (algorithm not in (None, own) and key.type is not KeyType.RSA):
        return False
    try:
        if key.type is KeyType.ED25519:
            # libsodium takes 56 µs where OpenSSL takes 106. It also refuses points of small order and every
            # other encoding of a point, which OpenSSL does not: nothing passes here that fails there.
            crypto_sign_open(signature + message, key.key.public_bytes_raw())
        elif key.type is KeyType.RSA:
            key.key.verify(signature, message, _RSA[algorithm or own], _SHA256)
        else:
            half = len(signature) // 2
            r, s = int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
            key.key.verify(encode_dss_signature(r, s), message, _ECDSA[key.type])
    except (InvalidSignature, BadSignatureError):
        return False
    return True
