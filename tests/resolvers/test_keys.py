"""`resolvers.keys`: only keys that an honest signer can have are imported."""

from __future__ import annotations

import base64
import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID
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
_P521 = ec.derive_private_key(7, ec.SECP521R1()).public_key()
_SECP256K1 = ec.derive_private_key(7, ec.SECP256K1()).public_key()
_BLS = bytes.fromhex(  # the generator of G2
    "93e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e"
    "024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8"
)
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


def _uncompressed(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _pem(key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey) -> str:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


_PEM = _pem(_RSA.public_key())
_SECP = "EcdsaSecp256k1VerificationKey2019"
_RECOVERY = "EcdsaSecp256k1RecoveryMethod2020"
_ACCOUNT = "eip155:1:0xb9c5714089478a327f09197987f16f9e5d936e8a"
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
        ("8224", _compressed(_P521), KeyType.P521),
        ("e701", _compressed(_SECP256K1), KeyType.SECP256K1),
        ("eb01", _BLS, KeyType.BLS12381_G2),
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
        (_ec_jwk("P-521", _P521) | {"alg": "ES512"}, KeyType.P521),
        (_ec_jwk("secp256k1", _SECP256K1) | {"alg": "ES256K"}, KeyType.SECP256K1),
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
        ({"type": "Ed25519VerificationKey2018", "publicKeyJwk": _OKP_JWK}, KeyType.ED25519),
        ({"type": "RsaVerificationKey2018", "publicKeyPem": _PEM}, KeyType.RSA),
        ({"type": "RsaVerificationKey2018", "publicKeyJwk": _RSA_JWK}, KeyType.RSA),
        ({"type": _SECP, "publicKeyJwk": _ec_jwk("secp256k1", _SECP256K1)}, KeyType.SECP256K1),
        ({"type": _SECP, "publicKeyHex": _compressed(_SECP256K1).hex()}, KeyType.SECP256K1),
        ({"type": _SECP, "publicKeyHex": _uncompressed(_SECP256K1).hex().upper()}, KeyType.SECP256K1),
        ({"type": _SECP, "publicKeyBase58": multikey("", _compressed(_SECP256K1))[1:]}, KeyType.SECP256K1),
        ({"type": _SECP, "publicKeyMultibase": multikey("e701", _compressed(_SECP256K1))}, KeyType.SECP256K1),
        ({"type": _RECOVERY, "publicKeyHex": _compressed(_SECP256K1).hex()}, KeyType.SECP256K1),
        ({"type": _RECOVERY, "blockchainAccountId": _ACCOUNT}, KeyType.ACCOUNT),
        ({"type": "Eip712Method2021", "blockchainAccountId": _ACCOUNT}, KeyType.ACCOUNT),
        ({"type": "TezosMethod2021", "blockchainAccountId": _ACCOUNT}, KeyType.ACCOUNT),
        ({"type": "SolanaMethod2021", "publicKeyJwk": _OKP_JWK}, KeyType.ED25519),
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
        {"type": "Ed25519VerificationKey2018", "publicKeyJwk": _P256_JWK},
        {"type": "RsaVerificationKey2018", "publicKeyPem": "-----BEGIN PUBLIC KEY-----"},
        {"type": "RsaVerificationKey2018", "publicKeyPem": _PEM + " " * 8192},
        {"type": "RsaVerificationKey2018", "publicKeyPem": None},
        {"type": "RsaVerificationKey2018", "publicKeyJwk": _OKP_JWK},
        {"type": "RsaVerificationKey2018", "publicKeyPem": _PEM, "privateKeyPem": "x"},
        {"type": _SECP},
        {"type": _SECP, "publicKeyHex": _compressed(_SECP256K1).hex(), "blockchainAccountId": _ACCOUNT},
        {"type": _SECP, "publicKeyHex": _compressed(_SECP256K1).hex(), "privateKeyHex": "00"},
        {"type": _SECP, "publicKeyHex": "0x" + _compressed(_SECP256K1).hex()},
        {"type": _SECP, "publicKeyHex": "02" + "f" * 64},
        {"type": _SECP, "publicKeyHex": _compressed(_SECP256K1).hex()[2:]},
        {"type": _SECP, "publicKeyHex": 7},
        {"type": _SECP, "publicKeyBase58": multikey("e701", _compressed(_SECP256K1))[1:]},
        {"type": _SECP, "publicKeyMultibase": _P256_MULTIKEY},
        {"type": _SECP, "publicKeyJwk": _P256_JWK},
        {"type": _SECP, "blockchainAccountId": _ACCOUNT},
        {"type": _RECOVERY, "blockchainAccountId": "0xb9c5714089478a327f09197987f16f9e5d936e8a"},
        {"type": _RECOVERY, "blockchainAccountId": None},
        {"type": "Multikey", "blockchainAccountId": _ACCOUNT},
        {"type": "SolanaMethod2021", "publicKeyJwk": _P256_JWK},
    ],
)
def test_verification_method_with_other_material_is_invalid(method: dict[str, Any]) -> None:
    """Exactly the one public member that the type asks for may be there, and no secret one."""
    with pytest.raises(Invalid) as caught:
        keys.from_verification_method(method)

    assert caught.value.problem.code == "INVALID_VERIFICATION_METHOD"


@pytest.mark.parametrize(
    "method",
    [
        {"type": _RECOVERY, "ethereumAddress": "0xb9c5714089478a327f09197987f16f9e5d936e8a"},
        {"type": "RsaVerificationKey2018", "publicKeyPem": _pem(_P256)},
    ],
)
def test_key_of_a_kind_that_is_not_read_is_unavailable(method: dict[str, Any]) -> None:
    """An address without its chain, and a PEM key of another type than RSA, stay undecided."""
    with pytest.raises(Unavailable) as caught:
        keys.from_verification_method(method)

    assert caught.value.problem.code == "unsupported-key-type"


def test_account_is_given_as_it_is() -> None:
    """It is no key: what signatures are compared with is its text."""
    key = keys.from_verification_method({"type": _RECOVERY, "blockchainAccountId": _ACCOUNT})

    assert (key.key, key.jwk, key.certificates) == (_ACCOUNT, False, ())


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
        multikey("8224", _compressed(_P384)),
        multikey("e701", _uncompressed(_SECP256K1)),
        multikey("e701", b"\x02" + b"\xff" * 32),
        multikey("eb01", _BLS[:-1]),
        multikey("eb01", _BLS[:48]),
        multikey("eb01", bytes([_BLS[0] & 0x7F]) + _BLS[1:]),
        multikey("eb01", b"\xc0" + bytes(95)),
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
        _ec_jwk("secp256k1", _SECP256K1) | {"alg": "ES256"},
        _ec_jwk("secp256k1", _P256),
        _ec_jwk("P-521", _P521) | {"x": _uint(7)},
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


def _certificate(key: Any, *, valid: timedelta = timedelta(days=1)) -> str:
    """Return a self-signed certificate of the public part of `key`, in base64 DER."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "issuer")])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + valid)
        .sign(key, SHA256())
    )
    return base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()


_P256_PRIVATE = ec.derive_private_key(7, ec.SECP256R1())
_CERTIFICATE = _certificate(_P256_PRIVATE)
_FOREIGN = _certificate(ec.derive_private_key(8, ec.SECP256R1()))


def test_certified_key_exposes_its_chain() -> None:
    """The first certificate is the key's; the others are handed on unread, and nobody is trusted for it."""
    key = keys.from_jwk(_P256_JWK | {"x5c": [_CERTIFICATE, _FOREIGN]})

    assert key.certificates == (base64.b64decode(_CERTIFICATE), base64.b64decode(_FOREIGN))


@pytest.mark.parametrize(
    "chain",
    [
        [_FOREIGN],
        [_FOREIGN, _CERTIFICATE],
        [_certificate(ec.derive_private_key(7, ec.SECP384R1()))],
        [],
        [""],
        ["AAAA"],
        [_CERTIFICATE.rstrip("=") + "!"],
        [_CERTIFICATE.replace("+", "-").replace("/", "_") + "-_"],
        [7],
        [None],
        _CERTIFICATE,
        None,
        [_CERTIFICATE] * 11,
        [_CERTIFICATE, "not base64"],
    ],
)
def test_T27_certificate_of_another_key_is_refused(chain: Any) -> None:
    """A certificate vouches for the key that it is of, and for no other that is put beside it."""
    with pytest.raises(Invalid) as caught:
        keys.from_jwk(_P256_JWK | {"x5c": chain})

    assert caught.value.problem.code == "INVALID_VERIFICATION_METHOD"


def test_which_multikeys_are_for_key_agreement() -> None:
    """X25519 and X448 of their own length, and no others."""
    assert keys.is_key_agreement(multikey("ec01", _ED25519))
    assert keys.is_key_agreement(multikey("8424", b"\1" * 56))
    assert not keys.is_key_agreement(multikey("ec01", _ED25519[:-1]))
    assert not keys.is_key_agreement(_ED25519_MULTIKEY)
