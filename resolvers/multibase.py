"""Multibase values (Controlled Identifiers 1.0, section 2.4): base58btc (`z`) and base64url (`u`)."""

from __future__ import annotations

from typing import Final

from resolvers import base64url

MAX_BASE58: Final = 256
"""Characters of the longest base58 text that is decoded by default: its cost grows with the square.

A P-384 signature takes 132, a compressed P-384 Multikey 70.
"""

BASE58_ALPHABET: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_VALUES: Final = {character: value for value, character in enumerate(BASE58_ALPHABET)}


def decode(text: str, *, max_base58: int = MAX_BASE58) -> bytes:
    """Return the octets of a multibase value, whose first character names its base.

    Raises:
        ValueError: another base, or not an encoding in that base.
    """
    prefix, encoded = text[:1], text[1:]
    if prefix == "z":
        return decode_base58(encoded, max_length=max_base58)
    if prefix == "u":
        return base64url.decode(encoded)
    message = f"multibase prefix {prefix!r} is neither 'z' nor 'u'"
    raise ValueError(message)


def decode_base58(text: str, *, max_length: int = MAX_BASE58) -> bytes:
    """Return the octets of base58btc text, without a multibase prefix.

    Raises:
        ValueError: a character outside the alphabet, empty, or longer than `max_length`.
    """
    if not 0 < len(text) <= max_length:
        message = f"base58 of {len(text)} characters, of at most {max_length}"
        raise ValueError(message)
    number = 0
    try:
        for character in text:
            number = number * 58 + _VALUES[character]
    except KeyError:
        message = "a character outside the base58btc alphabet"
        raise ValueError(message) from None
    zeros = len(text) - len(text.lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def encode_base58(octets: bytes) -> str:
    """Return `octets` in base58btc, without a multibase prefix."""
    number, digits = int.from_bytes(octets, "big"), []
    while number:
        number, digit = divmod(number, 58)
        digits.append(BASE58_ALPHABET[digit])
    zeros = len(octets) - len(octets.lstrip(b"\0"))
    return "1" * zeros + "".join(reversed(digits))
