"""Checking a signature: by the key's own algorithm, of one length."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.demo.issuer import jwk, new_key, sign
from gateway.signatures import ALGORITHMS, HASHES, LENGTHS, is_valid
from resolvers import keys
from resolvers.model import KeyType

KINDS = ("Ed25519", "P-256", "P-384", "RSA")
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


@pytest.mark.parametrize("kind", ["P-256", "P-384"])
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


def test_T42_ed25519_signature_has_one_spelling() -> None:
    """S + L, which would verify in a careless implementation, is refused (RFC 8032, section 5.1.7)."""
    order = 2**252 + 27742317777372353535851937790883648493
    signature = sign(PRIVATE["Ed25519"], b"message")
    s = int.from_bytes(signature[32:], "little")
    assert not is_valid(PUBLIC["Ed25519"], signature[:32] + (s + order).to_bytes(32, "little"), b"message")


def test_every_key_type_has_one_algorithm() -> None:
    """No type of key is without an algorithm, and those that embedded proofs use have hash and length."""
    assert set(ALGORITHMS) == set(KeyType)
    assert set(HASHES) == set(LENGTHS) == set(KeyType) - {KeyType.RSA}
