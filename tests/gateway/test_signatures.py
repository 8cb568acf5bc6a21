"""Checking a signature: by the key's own algorithm, of one length."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.demo.issuer import jwk, new_key, sign
from gateway.signatures import ALGORITHMS, HASHES, LENGTHS, is_valid
from resolvers import keys
from resolvers.model import KeyType, PublicKey

KINDS = ("Ed25519", "P-256", "P-384", "P-521", "secp256k1", "RSA")
PRIVATE = {kind: new_key(kind) for kind in KINDS}
PUBLIC = {kind: keys.from_jwk(jwk(key)) for kind, key in PRIVATE.items()}
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@pytest.mark.parametrize("kind", KINDS)
def test_signature_is_valid_for_its_message_and_key(kind: str) -> None:
    """A signature verifies over its own message with its own key, and otherwise does not."""
    signature = sign(PRIVATE[kind], b"message")
    assert is_valid(PUBLIC[kind], signature, b"message")
    assert not is_valid(PUBLIC[kind], signature, b"another message")
    assert not is_valid(keys.from_jwk(jwk(new_key(kind))), signature, b"message")
    assert not is_valid(PUBLIC[kind], signature[:-1], b"message")
    assert not is_valid(PUBLIC[kind], signature + b"\0", b"message")
    assert not is_valid(PUBLIC[kind], b"", b"message")


@pytest.mark.parametrize("kind", KINDS)
@given(signature=st.binary(max_size=128))
@settings(max_examples=30, deadline=None)
def test_random_octets_are_no_signature(kind: str, signature: bytes) -> None:
    """Whatever is given for a signature, the answer is no, and never an exception."""
    assert not is_valid(PUBLIC[kind], signature, b"message")


@pytest.mark.parametrize("kind", ["P-256", "P-384", "P-521", "secp256k1"])
def test_der_is_no_signature(kind: str) -> None:
    """R and S have a fixed length each; in DER they would have several encodings."""
    signature = sign(PRIVATE[kind], b"message")
    half = len(signature) // 2
    der = encode_dss_signature(int.from_bytes(signature[:half]), int.from_bytes(signature[half:]))
    assert not is_valid(PUBLIC[kind], der, b"message")


def test_T42_ecdsa_signature_has_two_spellings() -> None:
    """S and -S are both valid, so signature octets identify nothing; S out of range is not."""
    signature = sign(PRIVATE["P-256"], b"message")
    r, s = signature[:32], int.from_bytes(signature[32:])
    assert is_valid(PUBLIC["P-256"], r + (P256_ORDER - s).to_bytes(32), b"message")
    for wrong in (0, P256_ORDER):
        assert not is_valid(PUBLIC["P-256"], r + wrong.to_bytes(32), b"message")
        assert not is_valid(PUBLIC["P-256"], wrong.to_bytes(32) + signature[32:], b"message")


@given(message=st.binary(max_size=64), place=st.integers(0, 63), change=st.integers(0, 255))
@settings(max_examples=100, deadline=None)
def test_what_passes_for_ed25519_passes_elsewhere(message: bytes, place: int, change: int) -> None:
    """A signature with any one octet changed is accepted only where OpenSSL accepts it too."""
    signature = bytearray(sign(PRIVATE["Ed25519"], message))
    signature[place] ^= change
    found = is_valid(PUBLIC["Ed25519"], bytes(signature), message)
    assert found is (change == 0)
    if found:
        PUBLIC["Ed25519"].key.verify(bytes(signature), message)


def test_T43_signature_with_a_point_of_small_order_is_refused() -> None:
    """A signature whose R has small order is refused, also where its equation holds: no signer makes one."""
    order = 2**252 + 27742317777372353535851937790883648493
    private = PRIVATE["Ed25519"]
    expanded = hashlib.sha512(private.private_bytes_raw()).digest()[:32]  # RFC 8032, section 5.1.5
    scalar = int.from_bytes(expanded, "little") & ~(1 << 255 | 7) | 1 << 254
    identity = (1).to_bytes(32, "little")
    octets = identity + private.public_key().public_bytes_raw() + b"message"
    hashed = int.from_bytes(hashlib.sha512(octets).digest(), "little")
    forged = identity + (hashed * scalar % order).to_bytes(32, "little")
    PUBLIC["Ed25519"].key.verify(forged, b"message")
    assert not is_valid(PUBLIC["Ed25519"], forged, b"message")


def test_T42_ed25519_signature_has_one_spelling() -> None:
    """S + L, which would verify in a careless implementation, is refused (RFC 8032, section 5.1.7)."""
    order = 2**252 + 27742317777372353535851937790883648493
    signature = sign(PRIVATE["Ed25519"], b"message")
    s = int.from_bytes(signature[32:], "little")
    assert not is_valid(PUBLIC["Ed25519"], signature[:32] + (s + order).to_bytes(32, "little"), b"message")


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "RSA"])
def test_algorithm_of_another_key_never_verifies(kind: str) -> None:
    """Only for RSA is there a choice; any other key has its own algorithm or none."""
    signature = sign(PRIVATE[kind], b"message")
    for algorithm in {*ALGORITHMS.values(), "PS256"}:
        assert is_valid(PUBLIC[kind], signature, b"message", algorithm=algorithm) is (
            algorithm == ALGORITHMS[KeyType(kind)]
        )


def test_rsa_signature_is_of_one_algorithm() -> None:
    """A PSS signature is no PKCS #1 v1.5 signature, and its salt is as long as the hash (RFC 7518, section 3.5)."""
    key = PRIVATE["RSA"]
    for length, expected in ((32, True), (20, False), (padding.PSS.MAX_LENGTH, False)):
        pss = key.sign(b"message", padding.PSS(padding.MGF1(hashes.SHA256()), length), hashes.SHA256())
        assert is_valid(PUBLIC["RSA"], pss, b"message", algorithm="PS256") is expected
        assert not is_valid(PUBLIC["RSA"], pss, b"message")
    assert not is_valid(PUBLIC["RSA"], sign(key, b"message"), b"message", algorithm="PS256")


def test_what_signs_no_message_verifies_none() -> None:
    """A key for many messages at once, and an account, which is no key, verify nothing here."""
    for key_type, key in ((KeyType.BLS12381_G2, b"\x80" * 96), (KeyType.ACCOUNT, "eip155:1:0x00")):
        assert not is_valid(PublicKey(type=key_type, key=key), b"\0" * 64, b"message")


def test_every_key_type_has_one_algorithm() -> None:
    """No type of key that signs messages is without an algorithm, and all but RSA have a length."""
    signing = set(KeyType) - {KeyType.BLS12381_G2, KeyType.ACCOUNT}
    assert set(ALGORITHMS) == signing
    assert set(LENGTHS) == signing - {KeyType.RSA}
    assert set(HASHES) == {KeyType.ED25519, KeyType.P256, KeyType.P384}
