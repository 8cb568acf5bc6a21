"""The CBOR of selective disclosure proofs (RFC 8949): unsigned integers, byte strings, arrays and maps of integers.

cbor2 is not used for it: it decodes some twenty tags, where "CBOR tagging MUST NOT be used on any of
the components" (ECDSA Cryptosuites 1.0, section 3.4), keeps the last of two equal keys, does not see
what follows the value, and answers some octets with TypeError. What is left is this page.
"""

from __future__ import annotations

from typing import Any, Final

_MOST_NESTED: Final = 4
_UNSIGNED, _OCTETS, _ARRAY, _MAP = 0, 2, 4, 5
_DIRECT: Final = 24
"""Arguments below it stand in the first octet itself."""
_WIDTHS: Final = {24: 1, 25: 2, 26: 4, 27: 8}


def decode(octets: bytes) -> Any:
    """Return the one value that `octets` encode, with definite lengths, each in its shortest form.

    Raises:
        ValueError: anything else, also where more follows.
    """
    value, end = _item(octets, 0, 0)
    if end != len(octets):
        message = "more follows the CBOR value"
        raise ValueError(message)
    return value


def _item(octets: bytes, start: int, depth: int) -> tuple[Any, int]:
    """Return the value that begins at `start`, and where it ends."""
    kind, argument, position = _head(octets, start)
    if kind == _UNSIGNED:
        return argument, position
    if argument > len(octets) - position or depth == _MOST_NESTED:
        message = "a CBOR value is cut off, or nested too deeply"
        raise ValueError(message)
    if kind == _OCTETS:
        return octets[position : position + argument], position + argument
    if kind == _ARRAY:
        array = []
        for _ in range(argument):
            value, position = _item(octets, position, depth + 1)
            array.append(value)
        return array, position
    if kind == _MAP:
        mapping: dict[int, Any] = {}
        for _ in range(argument):
            key, position = _item(octets, position, depth + 1)
            value, position = _item(octets, position, depth + 1)
            if not isinstance(key, int) or key in mapping:
                message = "a CBOR map has a key that is no integer, or the same key twice"
                raise ValueError(message)
            mapping[key] = value
        return mapping, position
    message = f"CBOR major type {kind} is not used in proofs"
    raise ValueError(message)


def _head(octets: bytes, start: int) -> tuple[int, int, int]:
    """Return major type and argument of the head at `start`, and where it ends (RFC 8949, section 3)."""
    first = octets[start] if start < len(octets) else 0xFF
    kind, information = first >> 5, first & 0x1F
    if information < _DIRECT:
        return kind, information, start + 1
    width = _WIDTHS.get(information, 0)
    end = start + 1 + width
    argument = int.from_bytes(octets[start + 1 : end])
    least = _DIRECT if width == 1 else 1 << 4 * width
    if not width or end > len(octets) or argument < least:
        message = "a CBOR length is cut off, indefinite, or not in its shortest form"
        raise ValueError(message)
    return kind, argument, end
