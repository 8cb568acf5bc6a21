"""Verification method → checked public key: Multikey, JSON Web Key and the two older Ed25519 types.

Controlled Identifiers 1.0, sections 2.2.2 (Multikey) and 2.2.3 (JsonWebKey); RFC 7517, 7518, 8037.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from resolvers import base64url, multibase
from resolvers.model import KeyType, PublicKey
from resolvers.problems import Invalid, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_MAX_MULTIKEY: Final = 128
"""Characters of the longest Multikey that is decoded; P-521 takes 96, P-384 70."""

_MIN_RSA_BITS: Final = 2048
"""RFC 7518, section 3.3: "A key of size 2048 bits or larger MUST be used"."""
_MAX_RSA_BITS: Final = 8192
"""Larger moduli only cost the verifier time."""
_RSA_EXPONENTS: Final = range(2**16 + 1, 2**32)
"""FIPS 186-5 demands more than 2^16; the upper end bounds the work of one verification."""

_PRIVATE_JWK_MEMBERS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_PRIVATE_METHOD_MEMBERS: Final = frozenset(
    {"secretKeyMultibase", "secretKeyJwk", "privateKeyMultibase", "privateKeyJwk", "privateKeyBase58"}
)
_JWK_ALGORITHMS: Final = {
    KeyType.ED25519: ("EdDSA", "Ed25519"),
    KeyType.P256: ("ES256",),
    KeyType.P384: ("ES384",),
    KeyType.RSA: ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
}

_FIELD: Final = 2**255 - 19
_SMALL_ORDER_Y: Final = frozenset(
    {
        0,  # order 4
        1,  # order 1, the neutral element
        _FIELD - 1,  # order 2
        2707385501144840649318225287225658788936804267575313519463743609750303402022,
        55188659117513257062467267217118295137698188065244968500265048394206261417927,
        # The last two are of order 8. With either sign of x these are all eight points; what else
        # decodes to them is not canonical, and refused as such.
    }
)


def from_verification_method(method: Mapping[str, Any]) -> PublicKey:
    """Return the public key of a verification method, by its `type`.

    Raises:
        Invalid: `INVALID_VERIFICATION_METHOD`: not exactly the key material that the type asks for,
            a private key, or a key that no honest signer has.
        Unavailable: `unsupported-key-type`.
    """
    method_type = method.get("type")
    known = _TYPES.get(method_type) if isinstance(method_type, str) else None
    if known is None:
        raise Unavailable("unsupported-key-type", f"verification method type {str(method_type)[:60]!r}")
    if not _PRIVATE_METHOD_MEMBERS.isdisjoint(method):
        raise _invalid("the verification method holds a private key")
    member, read = known
    # Controlled Identifiers 1.0, section 2.2: "A verification method MUST NOT contain multiple
    # verification material properties for the same material."
    if [member] != [name for name in _MATERIAL if name in method]:
        raise _invalid(f"{method_type} holds exactly one key, in {member}")
    return read(method[member])


def from_multikey(text: Any) -> PublicKey:
    """Return the public key of a `publicKeyMultibase` value.

    Raises:
        Invalid: `INVALID_VERIFICATION_METHOD`.
        Unavailable: `unsupported-key-type`: a multicodec that is not verified with here.
    """
    # Multibase knows more bases, but Multikey is base58btc alone (Controlled Identifiers 1.0, section 2.2.2).
    if not isinstance(text, str) or not text.startswith("z"):
        raise _invalid("a Multikey is a string that begins with 'z' (base58btc)")
    try:
        octets = multibase.decode(text, max_base58=_MAX_MULTIKEY)
    except ValueError as error:
        raise _invalid(f"the Multikey is not multibase: {error}") from None
    codec, key = _multicodec(octets)
    known = _MULTICODECS.get(codec)
    if known is not None:
        return known(key)
    if codec in _KEY_AGREEMENT_CODECS:
        raise _invalid(f"multicodec 0x{codec:x} is a key agreement key, which never signs")
    raise Unavailable("unsupported-key-type", f"multicodec 0x{codec:x}")


def from_jwk(jwk: Any) -> PublicKey:
    """Return the public key of a JSON Web Key.

    Raises:
        Invalid: `INVALID_VERIFICATION_METHOD`: malformed, private, weak, or not for signatures.
        Unavailable: `unsupported-key-type`.
    """
    if not isinstance(jwk, dict):
        raise _invalid("a JSON Web Key is an object")
    # RFC 7517: a published private key signs for everybody.
    if is_private(jwk):
        raise _invalid("the JSON Web Key holds private or symmetric key material")
    if jwk.get("use", "sig") != "sig":
        raise _invalid("the JSON Web Key's use is not 'sig'")
    operations = jwk.get("key_ops", ["verify"])
    if not isinstance(operations, list) or "verify" not in operations:
        raise _invalid("the JSON Web Key's key_ops do not hold 'verify'")
    key = _from_jwk_members(jwk)
    algorithm = jwk.get("alg")
    if algorithm is not None and algorithm not in _JWK_ALGORITHMS[key.type]:
        raise _invalid(f"the JSON Web Key's alg does not belong to a key of type {key.type}")
    return key


def is_private(jwk: Mapping[str, Any]) -> bool:
    """Whether a JSON Web Key holds private or symmetric key material."""
    return not _PRIVATE_JWK_MEMBERS.isdisjoint(jwk)


def _from_jwk_members(jwk: Mapping[str, Any]) -> PublicKey:
    match jwk.get("kty"), jwk.get("crv"):
        case "OKP", "Ed25519":
            return _ed25519(_octets(jwk, "x"), jwk=True)
        case "EC", "P-256":
            return _uncompressed(KeyType.P256, ec.SECP256R1(), jwk)
        case "EC", "P-384":
            return _uncompressed(KeyType.P384, ec.SECP384R1(), jwk)
        case "RSA", None:
            return _rsa(int.from_bytes(_unsigned(jwk, "n"), "big"), int.from_bytes(_unsigned(jwk, "e"), "big"))
        case "OKP", ("X25519" | "X448") as curve:
            raise _invalid(f"{curve} is a key agreement curve, which never signs")
        case (("OKP" | "EC"), str(curve)):
            raise Unavailable("unsupported-key-type", f"curve {curve[:40]!r}")
        case (("OKP" | "EC" | "RSA" | None), _):
            raise _invalid("the JSON Web Key's kty and crv do not make a key")
        case key_type, _:
            raise Unavailable("unsupported-key-type", f"kty {str(key_type)[:40]!r}")


def _multicodec(octets: bytes) -> tuple[int, bytes]:
    """Split the multicodec header, an unsigned varint of least length, from the key."""
    codec = shift = 0
    for position, octet in enumerate(octets[:9]):
        codec |= (octet & 0x7F) << shift
        shift += 7
        if octet < 0x80:  # noqa: PLR2004 — the varint's continuation bit
            if octet == 0 and position > 0:
                break
            return codec, octets[position + 1 :]
    raise _invalid("the Multikey does not begin with a canonical multicodec varint")


def _ed25519(octets: bytes, *, jwk: bool = False) -> PublicKey:
    """Import an Ed25519 key after the checks that `cryptography` leaves out.

    Under a key of small order, signatures exist that verify for every message, and everybody can
    make them (RFC 8032 leaves the check to the application).
    """
    if len(octets) != 32:  # noqa: PLR2004 — RFC 8032, section 5.1.5
        raise _invalid(f"an Ed25519 key has 32 bytes, not {len(octets)}")
    y = int.from_bytes(octets, "little") & (2**255 - 1)
    if y >= _FIELD:
        raise _invalid("the Ed25519 key is not canonically encoded")
    if y in _SMALL_ORDER_Y:
        raise _invalid("the Ed25519 key is a point of small order")
    # Whether y lies on the curve at all is left to the verification, which decodes it anyway.
    return PublicKey(type=KeyType.ED25519, key=ed25519.Ed25519PublicKey.from_public_bytes(octets), jwk=jwk)


def _compressed(key_type: KeyType, curve: ec.EllipticCurve) -> Callable[[bytes], PublicKey]:
    """Return the importer of compressed points (SEC 1, section 2.3.4), which Multikey demands."""
    length = 1 + (curve.key_size + 7) // 8

    def read(octets: bytes) -> PublicKey:
        if len(octets) != length or octets[0] not in (2, 3):
            raise _invalid(f"a {key_type} Multikey is a compressed point of {length} bytes")
        return _point(key_type, curve, octets, jwk=False)

    return read


def _uncompressed(key_type: KeyType, curve: ec.EllipticCurve, jwk: Mapping[str, Any]) -> PublicKey:
    """Import `x` and `y`, each of the full length of a coordinate (RFC 7518, section 6.2.1.2)."""
    x, y = _octets(jwk, "x"), _octets(jwk, "y")
    length = (curve.key_size + 7) // 8
    if len(x) != length or len(y) != length:
        raise _invalid(f"a {key_type} coordinate has {length} bytes")
    return _point(key_type, curve, b"\x04" + x + y, jwk=True)


def _point(key_type: KeyType, curve: ec.EllipticCurve, octets: bytes, *, jwk: bool) -> PublicKey:
    try:
        key = ec.EllipticCurvePublicKey.from_encoded_point(curve, octets)
    except ValueError:
        raise _invalid(f"the {key_type} key is not a point of the curve") from None
    return PublicKey(type=key_type, key=key, jwk=jwk)


def _rsa(modulus: int, exponent: int) -> PublicKey:
    if not _MIN_RSA_BITS <= modulus.bit_length() <= _MAX_RSA_BITS:
        raise _invalid(f"an RSA key has {_MIN_RSA_BITS} to {_MAX_RSA_BITS} bits, not {modulus.bit_length()}")
    if exponent not in _RSA_EXPONENTS or exponent % 2 == 0 or modulus % 2 == 0:
        raise _invalid("the RSA key's numbers cannot be an RSA key's")
    return PublicKey(type=KeyType.RSA, key=rsa.RSAPublicNumbers(exponent, modulus).public_key(), jwk=True)


def _octets(jwk: Mapping[str, Any], member: str) -> bytes:
    text = jwk.get(member)
    if not isinstance(text, str):
        raise _invalid(f"the JSON Web Key has no {member}")
    try:
        return base64url.decode(text)
    except ValueError as error:
        raise _invalid(f"the JSON Web Key's {member}: {error}") from None


def _unsigned(jwk: Mapping[str, Any], member: str) -> bytes:
    """Return a Base64urlUInt: "the minimum number of octets" (RFC 7518, section 2)."""
    octets = _octets(jwk, member)
    if octets[:1] in (b"", b"\0"):
        raise _invalid(f"the JSON Web Key's {member} is not of least length")
    return octets


def _base58_ed25519(text: Any) -> PublicKey:
    """Read the `publicKeyBase58` of Ed25519VerificationKey2018: the 32 bytes, without a header."""
    try:
        return _ed25519(multibase.decode_base58(text if isinstance(text, str) else "", max_length=_MAX_MULTIKEY))
    except ValueError as error:
        raise _invalid(f"publicKeyBase58: {error}") from None


def _multikey_ed25519(text: Any) -> PublicKey:
    """Read the `publicKeyMultibase` of Ed25519VerificationKey2020, which is always Ed25519."""
    key = from_multikey(text)
    if key.type is not KeyType.ED25519:
        raise _invalid(f"an Ed25519VerificationKey2020 holds a key of type {key.type}")
    return key


def _invalid(detail: str) -> Invalid:
    return Invalid("INVALID_VERIFICATION_METHOD", detail)


_MULTICODECS: Final[dict[int, Callable[[bytes], PublicKey]]] = {
    0xED: _ed25519,
    0x1200: _compressed(KeyType.P256, ec.SECP256R1()),
    0x1201: _compressed(KeyType.P384, ec.SECP384R1()),
}
_KEY_AGREEMENT_CODECS: Final = frozenset({0xEC, 0x1204})
"""x25519-pub, x448-pub."""

_TYPES: Final[dict[str, tuple[str, Callable[[Any], PublicKey]]]] = {
    "Multikey": ("publicKeyMultibase", from_multikey),
    "JsonWebKey": ("publicKeyJwk", from_jwk),
    "JsonWebKey2020": ("publicKeyJwk", from_jwk),
    "Ed25519VerificationKey2020": ("publicKeyMultibase", _multikey_ed25519),
    "Ed25519VerificationKey2018": ("publicKeyBase58", _base58_ed25519),
}
_MATERIAL: Final = ("publicKeyJwk", "publicKeyMultibase", "publicKeyBase58", "publicKeyHex", "publicKeyPem")
