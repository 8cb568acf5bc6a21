"""Verification method → checked public key: Multikey, JSON Web Key and the types that came before them.

Controlled Identifiers 1.0, sections 2.2.2 (Multikey) and 2.2.3 (JsonWebKey); RFC 7517, 7518, 8037, 8812.
"""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from resolvers import accounts, base64url, key_material, multibase
from resolvers.key_material import invalid
from resolvers.model import KeyType, PublicKey
from resolvers.problems import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    _Read = Callable[[Any], PublicKey]

_MAX_MULTIKEY: Final = 160
"""Characters of the longest Multikey that is decoded; BLS12-381 G2 takes 135, P-521 95, P-384 70."""
_MAX_PEM: Final = 8192
"""Characters of the longest PEM text that is read; an 8192-bit RSA key takes 1,500."""
_MAX_CERTIFICATES: Final = 10
"""Certificates of the longest chain that is read; qualified seals have three or four."""
_CURVES: Final[Mapping[str, ec.EllipticCurve]] = {
    "P-256": ec.SECP256R1(),
    "P-384": ec.SECP384R1(),
    "P-521": ec.SECP521R1(),
    "secp256k1": ec.SECP256K1(),
}
"""By the `crv` of a JSON Web Key (RFC 7518, section 6.2.1.1; RFC 8812, section 3.1), which is also our key type."""
_HEX_POINT: Final = re.compile(r"0[23][0-9A-Fa-f]{64}|04[0-9A-Fa-f]{128}", re.ASCII)

_PRIVATE_JWK_MEMBERS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_PRIVATE_METHOD_MEMBERS: Final = frozenset(
    {
        "secretKeyMultibase",
        "secretKeyJwk",
        "privateKeyMultibase",
        "privateKeyJwk",
        "privateKeyBase58",
        "privateKeyHex",
        "privateKeyPem",
    }
)
_JWK_ALGORITHMS: Final = {
    KeyType.ED25519: ("EdDSA", "Ed25519"),
    KeyType.P256: ("ES256",),
    KeyType.P384: ("ES384",),
    KeyType.P521: ("ES512",),
    KeyType.SECP256K1: ("ES256K",),
    KeyType.RSA: ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
}


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
        raise invalid("the verification method holds a private key")
    # Controlled Identifiers 1.0, section 2.2: "A verification method MUST NOT contain multiple
    # verification material properties for the same material."
    given = [name for name in _MATERIAL if name in method]
    if len(given) != 1 or given[0] not in known:
        raise invalid(f"{method_type} holds exactly one key, in {' or '.join(known)}")
    return known[given[0]](method[given[0]])


def from_multikey(text: Any) -> PublicKey:
    """Return the public key of a `publicKeyMultibase` value.

    Raises:
        Invalid: `INVALID_VERIFICATION_METHOD`.
        Unavailable: `unsupported-key-type`: a multicodec that is not verified with here.
    """
    codec, key = _multicodec(text)
    known = _MULTICODECS.get(codec)
    if known is not None:
        return known(key)
    if codec in _KEY_AGREEMENT_CODECS:
        raise invalid(f"multicodec 0x{codec:x} is a key agreement key, which never signs")
    raise Unavailable("unsupported-key-type", f"multicodec 0x{codec:x}")


def is_key_agreement(multikey: str) -> bool:
    """Whether a Multikey is a well-formed one of X25519 or X448, with which nothing is ever signed.

    Raises:
        Invalid: `INVALID_VERIFICATION_METHOD`: no Multikey.
    """
    codec, key = _multicodec(multikey)
    return _KEY_AGREEMENT_CODECS.get(codec) == len(key)


def from_jwk(jwk: Any) -> PublicKey:
    """Return the public key of a JSON Web Key.

    Raises:
        Invalid: `INVALID_VERIFICATION_METHOD`: malformed, private, weak, or not for signatures.
        Unavailable: `unsupported-key-type`.
    """
    if not isinstance(jwk, dict):
        raise invalid("a JSON Web Key is an object")
    # RFC 7517: a published private key signs for everybody.
    if is_private(jwk):
        raise invalid("the JSON Web Key holds private or symmetric key material")
    if jwk.get("use", "sig") != "sig":
        raise invalid("the JSON Web Key's use is not 'sig'")
    operations = jwk.get("key_ops", ["verify"])
    if not isinstance(operations, list) or "verify" not in operations:
        raise invalid("the JSON Web Key's key_ops do not hold 'verify'")
    key = _from_jwk_members(jwk)
    algorithm = jwk.get("alg")
    if algorithm is not None and algorithm not in _JWK_ALGORITHMS[key.type]:
        raise invalid(f"the JSON Web Key's alg does not belong to a key of type {key.type}")
    return replace(key, certificates=_certificates(jwk["x5c"], key)) if "x5c" in jwk else key


def from_pem(text: Any) -> PublicKey:
    """Return the public key of a `publicKeyPem` value: RSA keys are what is given so.

    Raises:
        Invalid: `INVALID_VERIFICATION_METHOD`.
        Unavailable: `unsupported-key-type`: a key of another type.
    """
    if not isinstance(text, str) or len(text) > _MAX_PEM:
        raise invalid(f"a PEM key is a string of at most {_MAX_PEM} characters")
    try:
        key = load_pem_public_key(text.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise invalid("the PEM text is not a public key") from None
    if not isinstance(key, rsa.RSAPublicKey):
        raise Unavailable("unsupported-key-type", "a PEM key that is not RSA")
    numbers = key.public_numbers()
    return key_material.rsa_key(numbers.n, numbers.e, jwk=False)


def is_private(jwk: Mapping[str, Any]) -> bool:
    """Whether a JSON Web Key holds private or symmetric key material."""
    return not _PRIVATE_JWK_MEMBERS.isdisjoint(jwk)


def _from_jwk_members(jwk: Mapping[str, Any]) -> PublicKey:
    match jwk.get("kty"), jwk.get("crv"):
        case "OKP", "Ed25519":
            return key_material.ed25519_key(_octets(jwk, "x"), jwk=True)
        case "EC", str(curve) if curve in _CURVES:
            return _uncompressed(KeyType(curve), _CURVES[curve], jwk)
        case "RSA", None:
            return key_material.rsa_key(_unsigned(jwk, "n"), _unsigned(jwk, "e"), jwk=True)
        case "OKP", ("X25519" | "X448") as curve:
            raise invalid(f"{curve} is a key agreement curve, which never signs")
        case (("OKP" | "EC"), str(curve)):
            raise Unavailable("unsupported-key-type", f"curve {curve[:40]!r}")
        case (("OKP" | "EC" | "RSA" | None), _):
            raise invalid("the JSON Web Key's kty and crv do not make a key")
        case key_type, _:
            raise Unavailable("unsupported-key-type", f"kty {str(key_type)[:40]!r}")


def _multicodec(text: Any) -> tuple[int, bytes]:
    """Decode a Multikey, and split its header, an unsigned varint of least length, from the key."""
    # Multibase knows more bases, but Multikey is base58btc alone (Controlled Identifiers 1.0, section 2.2.2).
    if not isinstance(text, str) or not text.startswith("z"):
        raise invalid("a Multikey is a string that begins with 'z' (base58btc)")
    try:
        octets = multibase.decode(text, max_base58=_MAX_MULTIKEY)
    except ValueError as error:
        raise invalid(f"the Multikey is not multibase: {error}") from None
    codec = shift = 0
    for position, octet in enumerate(octets[:9]):
        codec |= (octet & 0x7F) << shift
        shift += 7
        if octet < 0x80:  # noqa: PLR2004 — the varint's continuation bit
            if octet == 0 and position > 0:
                break
            key = octets[position + 1 :]
            if not key:
                raise invalid("the Multikey is a header without a key")
            return codec, key
    raise invalid("the Multikey does not begin with a canonical multicodec varint")


def _uncompressed(key_type: KeyType, curve: ec.EllipticCurve, jwk: Mapping[str, Any]) -> PublicKey:
    """Import `x` and `y`, each of the full length of a coordinate (RFC 7518, section 6.2.1.2)."""
    x, y = _octets(jwk, "x"), _octets(jwk, "y")
    length = (curve.key_size + 7) // 8
    if len(x) != length or len(y) != length:
        raise invalid(f"a {key_type} coordinate has {length} bytes")
    return key_material.point(key_type, curve, b"\x04" + x + y, jwk=True)


def _octets(jwk: Mapping[str, Any], member: str) -> bytes:
    text = jwk.get(member)
    if not isinstance(text, str):
        raise invalid(f"the JSON Web Key has no {member}")
    try:
        return base64url.decode(text)
    except ValueError as error:
        raise invalid(f"the JSON Web Key's {member}: {error}") from None


def _unsigned(jwk: Mapping[str, Any], member: str) -> int:
    """Return a Base64urlUInt: "the minimum number of octets" (RFC 7518, section 2)."""
    octets = _octets(jwk, member)
    if octets[:1] in (b"", b"\0"):
        raise invalid(f"the JSON Web Key's {member} is not of least length")
    return int.from_bytes(octets, "big")


def _certificates(chain: Any, key: PublicKey) -> tuple[bytes, ...]:
    """Read the `x5c` of a JSON Web Key (RFC 7517, section 4.7): base64 DER, the leaf first.

    "The key in the first certificate MUST match the public key represented by other members of the
    JWK." Whether anybody trusts the chain is not asked here.
    """
    from cryptography import x509  # noqa: PLC0415 — 15 ms at start-up, for what few keys have

    if not isinstance(chain, list) or not 0 < len(chain) <= _MAX_CERTIFICATES:
        raise invalid(f"x5c is not an array of 1 to {_MAX_CERTIFICATES} certificates")
    try:
        octets = tuple(base64.b64decode(text, validate=True) for text in chain)
        leaf = x509.load_der_x509_certificate(octets[0]).public_key()
        certified = leaf.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion):
        raise invalid("x5c does not begin with an X.509 certificate in base64") from None
    if certified != key.key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo):
        raise invalid("the first certificate of x5c certifies another key than the JSON Web Key's")
    return octets


def _base58(read: _Read) -> _Read:
    """Return the reader of a `publicKeyBase58`: a key without a header."""

    def from_base58(text: Any) -> PublicKey:
        try:
            return read(multibase.decode_base58(text if isinstance(text, str) else "", max_length=_MAX_MULTIKEY))
        except ValueError as error:
            raise invalid(f"publicKeyBase58: {error}") from None

    return from_base58


def _hex_secp256k1(text: Any) -> PublicKey:
    """Read a `publicKeyHex`: the point of secp256k1, compressed or not (SEC 1, section 2.3.4)."""
    if not isinstance(text, str) or _HEX_POINT.fullmatch(text) is None:
        raise invalid("publicKeyHex is not a point of secp256k1 in hex")
    return key_material.point(KeyType.SECP256K1, _CURVES["secp256k1"], bytes.fromhex(text), jwk=False)


def _only(key_type: KeyType, read: _Read) -> _Read:
    """Return a reader that refuses every other type of key than the one that the method's type is for."""

    def checked(value: Any) -> PublicKey:
        key = read(value)
        if key.type is not key_type:
            raise invalid(f"the method is for keys of type {key_type}, not {key.type}")
        return key

    return checked


def _account(text: Any) -> PublicKey:
    """Read a `blockchainAccountId`, which names a key by its hash: only who recovers the key can compare."""
    if not isinstance(text, str) or not accounts.is_account_id(text):
        raise invalid("blockchainAccountId is not a CAIP-10 account id")
    return PublicKey(type=KeyType.ACCOUNT, key=text)


def _ethereum_address(text: Any) -> PublicKey:
    del text
    raise Unavailable("unsupported-key-type", "an ethereumAddress, which names no chain")


def _compressed(curve: str) -> _Read:
    return key_material.compressed(KeyType(curve), _CURVES[curve])


_SECP256K1: Final = _compressed("secp256k1")
_MULTICODECS: Final[Mapping[int, _Read]] = {
    0xED: key_material.ed25519_key,
    0x1200: _compressed("P-256"),
    0x1201: _compressed("P-384"),
    0x1202: _compressed("P-521"),
    0xE7: _SECP256K1,
    0xEB: key_material.bls12381_g2,
}
_KEY_AGREEMENT_CODECS: Final = {0xEC: 32, 0x1204: 56}
"""x25519-pub, x448-pub; and the octets of such a key (RFC 7748, section 5)."""

_JWK: Final[Mapping[str, _Read]] = {"publicKeyJwk": from_jwk}
_OF_ACCOUNT: Final[Mapping[str, _Read]] = {"blockchainAccountId": _account}
_SECP256K1_MEMBERS: Final[Mapping[str, _Read]] = {
    "publicKeyJwk": _only(KeyType.SECP256K1, from_jwk),
    "publicKeyHex": _hex_secp256k1,
    "publicKeyBase58": _base58(_SECP256K1),
    "publicKeyMultibase": _only(KeyType.SECP256K1, from_multikey),
}
_TYPES: Final[Mapping[str, Mapping[str, _Read]]] = {
    "Multikey": {"publicKeyMultibase": from_multikey},
    "JsonWebKey": _JWK,
    "JsonWebKey2020": _JWK,
    "Ed25519VerificationKey2020": {"publicKeyMultibase": _only(KeyType.ED25519, from_multikey)},
    "Ed25519VerificationKey2018": {
        "publicKeyBase58": _base58(key_material.ed25519_key),
        "publicKeyJwk": _only(KeyType.ED25519, from_jwk),
    },
    "RsaVerificationKey2018": {"publicKeyPem": from_pem, "publicKeyJwk": _only(KeyType.RSA, from_jwk)},
    "EcdsaSecp256k1VerificationKey2019": _SECP256K1_MEMBERS,
    "EcdsaSecp256k1RecoveryMethod2020": {
        **_SECP256K1_MEMBERS,
        **_OF_ACCOUNT,
        "ethereumAddress": _ethereum_address,
    },
    "Eip712Method2021": _OF_ACCOUNT,
    "Ed25519PublicKeyBLAKE2BDigestSize20Base58CheckEncoded2021": _OF_ACCOUNT,
    "P256PublicKeyBLAKE2BDigestSize20Base58CheckEncoded2021": _OF_ACCOUNT,
    "TezosMethod2021": _OF_ACCOUNT,
    "SolanaMethod2021": {"publicKeyJwk": _only(KeyType.ED25519, from_jwk)},
}
"""Type → the members in which it may hold its key, with their readers."""

_MATERIAL: Final = (
    "publicKeyJwk",
    "publicKeyMultibase",
    "publicKeyBase58",
    "publicKeyHex",
    "publicKeyPem",
    "blockchainAccountId",
    "ethereumAddress",
)
