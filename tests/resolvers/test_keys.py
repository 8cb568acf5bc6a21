"""`resolvers.keys`: only keys that an honest signer can have are imported."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.bindings import crypto_core_ed25519_is_valid_point

from resolvers import base64url, keys
from resolvers.model import KeyType
from resolvers.problems import Invalid, Unavailable

_FIELD = 2**255 - 19
_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_ED25519 = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32))).public_key().public_bytes_raw()
_P256 = ec.derive_private_key(7, ec.SECP256R1()).public_key()
_P384 = ec.derive_private_key(7, ec.SECP384R1()).public_key()
_RSA = rsa.generate_private_key(65537, 2048).public_key().public_numbers()


def multikey(header: str, octets: bytes) -> str:
    """Encode a Multikey by the book."""
    number, text = int.from_bytes(bytes.fromhex(header) + octets, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = _ALPHABET[digit] + text
    return "z" + text


def _compressed(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)


def _uint(number: int, length: int | None = None) -> str:
    return base64url.encode(number.to_bytes(length or (number.bit_length() + 7) // 8, "big"))


def _ec_jwk(curve: str, key: ec.EllipticCurvePublicKey) -> dict[str, Any]:
    length = (key.curve.key_size + 7) // 8
    numbers = key.public_numbers()
    return {"kty": "EC", "crv": curve, "x": _uint(numbers.x, length), "y": _uint(numbers.y, length)}


_OKP_JWK = {"kty": "OKP", "crv": "Ed25519", "x": base64url.encode(_ED25519)}
_P256_JWK = _ec_jwk("P-256", _P256)
_RSA_JWK = {"kty": "RSA", "n": _uint(_RSA.n), "e": "AQAB"}
_ED25519_MULTIKEY = multikey("ed01", _ED25519)
_P256_MULTIKEY = multikey("8024", _compressed(_P256))


@pytest.mark.parametrize(
    ("header", "octets", "expected"),
    [
        ("ed01", _ED25519, KeyType.ED25519),
        ("8024", _compressed(_P256), KeyType.P256),
        ("8124", _compressed(_P384), KeyType.P384),
    ],
)
def test_multikey_of_every_type(header: str, octets: bytes, expected: KeyType) -> None:
    """A Multikey of each supported type is imported, and is not marked as a JWK."""
    key = keys.from_multikey(multikey(header, octets))

    assert (expected, False) == (key.type, key.jwk)


@pytest.mark.parametrize(
    ("jwk", "expected"),
    [
        (_OKP_JWK, KeyType.ED25519),
        (_OKP_JWK | {"use": "sig", "alg": "EdDSA", "key_ops": ["verify"], "kid": "1"}, KeyType.ED25519),
        (_P256_JWK | {"alg": "ES256"}, KeyType.P256),
        (_ec_jwk("P-384", _P384), KeyType.P384),
        (_RSA_JWK | {"alg": "PS256"}, KeyType.RSA),
    ],
)
def test_jwk_of_every_type(jwk: dict[str, Any], expected: KeyType) -> None:
    """A JSON Web Key of each supported type is imported, and is marked as such."""
    key = keys.from_jwk(jwk)

    assert (expected, True) == (key.type, key.jwk)


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ({"type": "Multikey", "publicKeyMultibase": _P256_MULTIKEY}, KeyType.P256),
        ({"type": "JsonWebKey", "publicKeyJwk": _OKP_JWK}, KeyType.ED25519),
        ({"type": "JsonWebKey2020", "publicKeyJwk": _P256_JWK}, KeyType.P256),
        ({"type": "Ed25519VerificationKey2020", "publicKeyMultibase": _ED25519_MULTIKEY}, KeyType.ED25519),
        ({"type": "Ed25519VerificationKey2018", "publicKeyBase58": multikey("", _ED25519)[1:]}, KeyType.ED25519),
    ],
)
def test_verification_method_of_every_type(method: dict[str, Any], expected: KeyType) -> None:
    """Each type's own member is read."""
    assert expected == keys.from_verification_method(method).type


@pytest.mark.parametrize(
    "method",
    [
        {"type": "Multikey"},
        {"type": "Multikey", "publicKeyJwk": _OKP_JWK},
        {"type": "Multikey", "publicKeyMultibase": _ED25519_MULTIKEY, "publicKeyJwk": _OKP_JWK},
        {"type": "JsonWebKey", "publicKeyJwk": _OKP_JWK, "publicKeyMultibase": _ED25519_MULTIKEY},
        {"type": "JsonWebKey", "publicKeyJwk": "x"},
        {"type": "Multikey", "publicKeyMultibase": _ED25519_MULTIKEY, "secretKeyMultibase": "z1"},
        {"type": "JsonWebKey", "publicKeyJwk": _OKP_JWK, "secretKeyJwk": {}},
        {"type": "Ed25519VerificationKey2020", "publicKeyMultibase": _P256_MULTIKEY},
        {"type": "Ed25519VerificationKey2020", "publicKeyBase58": "1"},
        {"type": "Ed25519VerificationKey2018", "publicKeyBase58": multikey("", _ED25519[1:])[1:]},
        {"type": "Ed25519VerificationKey2018", "publicKeyBase58": "0"},
        {"type": "Ed25519VerificationKey2018", "publicKeyBase58": None},
    ],
)
def test_verification_method_with_other_material_is_invalid(method: dict[str, Any]) -> None:
    """Exactly the one public member that the type asks for may be there, and no secret one."""
    with pytest.raises(Invalid) as caught:
        keys.from_verification_method(method)

    assert caught.value.problem.code == "INVALID_VERIFICATION_METHOD"


@pytest.mark.parametrize("method_type", ["Bls12381G2Key2020", "", None, ["Multikey"]])
def test_unknown_verification_method_type_is_unavailable(method_type: Any) -> None:
    """A type that is not known here could not be checked, which is not the same as wrong."""
    with pytest.raises(Unavailable) as caught:
        keys.from_verification_method({"type": method_type, "publicKeyMultibase": _ED25519_MULTIKEY})

    assert caught.value.problem.code == "unsupported-key-type"


@pytest.mark.parametrize(
    "text",
    [
        multikey("ec01", _ED25519),
        multikey("8424", bytes(56)),
        multikey("8024", _compressed(_P384)),
        multikey("8124", _compressed(_P256)),
        multikey("ed01", _ED25519[:-1]),
        multikey("ed01", _ED25519 + b"\0"),
        multikey("ed01", b""),
        multikey("ed8100", _ED25519),
        multikey("ed818080808080808001", _ED25519),
        multikey("8024", _P256.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)),
        multikey("8024", b"\x04" + _compressed(_P256)[1:]),
        multikey("8024", b"\x02" + bytes(31) + b"\x01"),
        multikey("8024", b"\x02" + b"\xff" * 32),
        multikey("ed01", (_FIELD + 5).to_bytes(32, "little")),
        "",
        "z",
        "z0",
        _ED25519_MULTIKEY[1:],
        "u" + base64url.encode(bytes.fromhex("ed01") + _ED25519),
        "z" + "6" * 10_000,
        None,
        7,
    ],
)
def test_T44_confused_multikey_is_refused(text: Any) -> None:
    """Headers, lengths, varints and points that do not fit together are refused."""
    with pytest.raises(Invalid) as caught:
        keys.from_multikey(text)

    assert caught.value.problem.code == "INVALID_VERIFICATION_METHOD"


@pytest.mark.parametrize("header", ["ea01", "8524", "b9ea01", "ffffffff0f"])
def test_T44_other_multicodec_is_unavailable(header: str) -> None:
    """A signature key of a type that is not verified with here stays undecided."""
    with pytest.raises(Unavailable) as caught:
        keys.from_multikey(multikey(header, _ED25519))

    assert caught.value.problem.code == "unsupported-key-type"


@pytest.mark.parametrize(
    "jwk",
    [
        None,
        [],
        {},
        {"kty": "OKP"},
        {"kty": "RSA", "crv": "P-256"},
        _OKP_JWK | {"d": "AA"},
        _RSA_JWK | {"p": "AA"},
        {"kty": "oct", "k": "AA"},
        _OKP_JWK | {"use": "enc"},
        _OKP_JWK | {"use": ["sig"]},
        _OKP_JWK | {"key_ops": ["sign"]},
        _OKP_JWK | {"key_ops": "verify"},
        _OKP_JWK | {"alg": "ES256"},
        _OKP_JWK | {"alg": ["EdDSA"]},
        _P256_JWK | {"alg": "ES384"},
        _OKP_JWK | {"crv": "X25519"},
        _OKP_JWK | {"x": _OKP_JWK["x"] + "="},
        _OKP_JWK | {"x": base64url.encode(_ED25519 + b"\0")},
        _OKP_JWK | {"x": 7},
        {"kty": "EC", "crv": "P-256", "x": _P256_JWK["x"]},
        _P256_JWK | {"y": _P256_JWK["x"]},
        _P256_JWK | {"x": base64url.encode(b"\0" + base64url.decode(_P256_JWK["x"]))},
        _P256_JWK | {"crv": "P-384"},
        {"kty": "RSA", "n": _uint(_RSA.n)},
        _RSA_JWK | {"n": _uint(2**2047 - 1)},
        _RSA_JWK | {"n": _uint(2**8192 + 1)},
        _RSA_JWK | {"n": _uint(_RSA.n + 1)},
        _RSA_JWK | {"n": base64url.encode(b"\0" + _RSA.n.to_bytes(256, "big"))},
        _RSA_JWK | {"e": "AQ"},
        _RSA_JWK | {"e": "Aw"},
        _RSA_JWK | {"e": "AQAA"},
        _RSA_JWK | {"e": ""},
        _RSA_JWK | {"e": _uint(2**32 + 1)},
    ],
)
def test_bad_jwk_is_refused(jwk: Any) -> None:
    """Private, weak, misshapen JSON Web Keys, and those not for signatures, are refused."""
    with pytest.raises(Invalid) as caught:
        keys.from_jwk(jwk)

    assert caught.value.problem.code == "INVALID_VERIFICATION_METHOD"


@pytest.mark.parametrize(
    "jwk",
    [{"kty": "OKP", "crv": "Ed448", "x": "AA"}, {"kty": "EC", "crv": "BP-256"}, {"kty": "AKP"}, {"kty": ["OKP"]}],
)
def test_unknown_jwk_type_is_unavailable(jwk: dict[str, Any]) -> None:
    """A curve or key type that is not known here stays undecided."""
    with pytest.raises(Unavailable) as caught:
        keys.from_jwk(jwk)

    assert caught.value.problem.code == "unsupported-key-type"


def _sqrt_of_ratio(u: int, v: int) -> int | None:
    """Return a square root of u/v, if there is one (RFC 8032, section 5.1.3)."""
    x = u * pow(v, 3, _FIELD) * pow(u * pow(v, 7, _FIELD), (_FIELD - 5) // 8, _FIELD) % _FIELD
    for root in (x, x * pow(2, (_FIELD - 1) // 4, _FIELD) % _FIELD):
        if (v * root * root - u) % _FIELD == 0:
            return root
    return None


def _torsion() -> set[int]:
    """Return the y coordinates of the points whose order divides 8, by halving the point of order 2."""
    d = -121665 * pow(121666, -1, _FIELD) % _FIELD
    found = {0, 1, _FIELD - 1}
    # Doubling (x, y) gives y' = (y² + x²) / (2 - y² + x²); y' = 0 for order 8 means x² = -y², and
    # with that the curve -x² + y² = 1 + d·x²·y² becomes d·y⁴ + 2·y² - 1 = 0.
    root = _sqrt_of_ratio(1 + d, 1)
    assert root is not None
    for sign in (1, -1):
        y = _sqrt_of_ratio((-1 + sign * root) % _FIELD, d)
        if y is not None:
            found |= {y, _FIELD - y}
    return found


_SMALL_ORDER = sorted(
    encoded | sign << 255 for y in _torsion() for encoded in (y, y + _FIELD) if encoded < 2**255 for sign in (0, 1)
)


@pytest.mark.parametrize("encoded", _SMALL_ORDER, ids=hex)
def test_T43_small_order_key_is_refused(encoded: int) -> None:
    """Every spelling of the eight torsion points is refused, derived here from the curve's equation."""
    octets = encoded.to_bytes(32, "little")
    assert not crypto_core_ed25519_is_valid_point(octets)

    for read, given_as in (
        (keys.from_multikey, multikey("ed01", octets)),
        (keys.from_jwk, {"kty": "OKP", "crv": "Ed25519", "x": base64url.encode(octets)}),
    ):
        with pytest.raises(Invalid) as caught:
            read(given_as)
        assert caught.value.problem.code == "INVALID_VERIFICATION_METHOD"


def test_T43_the_list_of_small_order_keys_is_whole() -> None:
    """There are 14 spellings: seven values of y below 2^255, each with either sign bit."""
    assert len(_SMALL_ORDER) == 14


@given(st.integers(0, 2**256 - 1) | st.integers(0, 40).map(lambda low: _FIELD + low - 20))
@settings(max_examples=200)
def test_T43_agrees_with_libsodium(encoded: int) -> None:
    """Whatever libsodium takes for a public key, this takes; what only this takes never verifies a thing."""
    octets = encoded.to_bytes(32, "little")
    try:
        key = keys.from_multikey(multikey("ed01", octets)).key
    except Invalid:
        assert not crypto_core_ed25519_is_valid_point(octets)
        return
    if not crypto_core_ed25519_is_valid_point(octets):
        for r, s in itertools.product((_ED25519, bytes([1]) + bytes(31), bytes(32)), (0, 1)):
            with pytest.raises(InvalidSignature):
                key.verify(r + s.to_bytes(32, "little"), b"anything")
