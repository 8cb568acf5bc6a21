"""Octets and numbers → checked public key: only what an honest signer can have is imported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from resolvers.model import KeyType, PublicKey
from resolvers.problems import Invalid

if TYPE_CHECKING:
    from collections.abc import Callable

_MIN_RSA_BITS: Final = 2048
"""RFC 7518, section 3.3: "A key of size 2048 bits or larger MUST be used"."""
_MAX_RSA_BITS: Final = 8192
"""Larger moduli only cost the verifier time."""
_RSA_EXPONENTS: Final = range(2**16 + 1, 2**32)
"""FIPS 186-5 demands more than 2^16; the upper end bounds the work of one verification."""


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


def ed25519_key(octets: bytes, *, jwk: bool = False) -> PublicKey:
    """Import an Ed25519 key after the checks that `cryptography` leaves out.

    Under a key of small order, signatures exist that verify for every message, and everybody can
    make them (RFC 8032 leaves the check to the application).
    """
    if len(octets) != 32:  # noqa: PLR2004 — RFC 8032, section 5.1.5
        raise invalid(f"an Ed25519 key has 32 bytes, not {len(octets)}")
    y = int.from_bytes(octets, "little") & (2**255 - 1)
    if y >= _FIELD:
        raise invalid("the Ed25519 key is not canonically encoded")
    if y in _SMALL_ORDER_Y:
        raise invalid("the Ed25519 key is a point of small order")
    # Whether y lies on the curve at all is left to the verification, which decodes it anyway.
    return PublicKey(type=KeyType.ED25519, key=ed25519.Ed25519PublicKey.from_public_bytes(octets), jwk=jwk)


def compressed(key_type: KeyType, curve: ec.EllipticCurve) -> Callable[[bytes], PublicKey]:
    """Return the importer of compressed points (SEC 1, section 2.3.4), which Multikey demands."""
    length = 1 + (curve.key_size + 7) // 8

    def read(octets: bytes) -> PublicKey:
        if len(octets) != length or octets[0] not in (2, 3):
            raise invalid(f"a {key_type} Multikey is a compressed point of {length} bytes")
        return point(key_type, curve, octets, jwk=False)

    return read


def point(key_type: KeyType, curve: ec.EllipticCurve, octets: bytes, *, jwk: bool) -> PublicKey:
    """Import a point in either encoding of SEC 1, section 2.3.4; one that is not of the curve is refused."""
    try:
        key = ec.EllipticCurvePublicKey.from_encoded_point(curve, octets)
    except ValueError:
        raise invalid(f"the {key_type} key is not a point of the curve") from None
    return PublicKey(type=key_type, key=key, jwk=jwk)


def rsa_key(modulus: int, exponent: int, *, jwk: bool) -> PublicKey:
    """Import an RSA key whose numbers are neither weak nor there to cost time."""
    if not _MIN_RSA_BITS <= modulus.bit_length() <= _MAX_RSA_BITS:
        raise invalid(f"an RSA key has {_MIN_RSA_BITS} to {_MAX_RSA_BITS} bits, not {modulus.bit_length()}")
    if exponent not in _RSA_EXPONENTS or exponent % 2 == 0 or modulus % 2 == 0:
        raise invalid("the RSA key's numbers cannot be an RSA key's")
    return PublicKey(type=KeyType.RSA, key=rsa.RSAPublicNumbers(exponent, modulus).public_key(), jwk=jwk)


def bls12381_g2(octets: bytes) -> PublicKey:
    """Take a BLS12-381 G2 key by its length and its flags; its curve is the business of whoever computes on it.

    Compressed points have the first bit set, and the second only for the point at infinity, which is
    no key (BBS Signature Scheme, "octets_to_pubkey": "If W == Identity_E2, return INVALID").
    """
    if len(octets) != 96 or octets[0] >> 6 != 0b10:  # noqa: PLR2004 — two coordinates of 48 octets
        raise invalid("a BLS12-381 G2 Multikey is a compressed point of 96 bytes, and not that at infinity")
    return PublicKey(type=KeyType.BLS12381_G2, key=octets)


def invalid(detail: str) -> Invalid:
    """Return the problem of a key that nobody can have made honestly, or that is not encoded as it should be."""
    return Invalid("INVALID_VERIFICATION_METHOD", detail)
