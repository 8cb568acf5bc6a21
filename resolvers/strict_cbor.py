"""CBOR read strictly (RFC 8949): one item, of definite length, without equal keys, and nothing after it.

cbor2 keeps the last of two equal keys, holds 1 and true for equal ones, ignores what follows the
item, and turns tags into regular expressions, messages and cyclic lists; cwt and pycose read their
messages with it. Signed data needs none of that, and what is left is small.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import Any, Final

MAX_DEPTH: Final = 16
"""Nesting of the deepest item that is read; a status list token nests 4 deep."""

_INDEFINITE: Final = 31
_ONE_OCTET: Final = 24
_LENGTHS: Final = {24: 1, 25: 2, 26: 4, 27: 8}
"""Additional information → octets of the argument that follow (section 3)."""
_FLOATS: Final = {25: ">e", 26: ">f", 27: ">d"}
_SIMPLE: Final[dict[int, bool | None]] = {20: False, 21: True, 22: None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagged:
    """A tagged item (section 3.4). What the tag means is the caller's to know."""

    tag: int
    value: Any


def loads(octets: bytes, *, max_depth: int = MAX_DEPTH) -> Any:
    """Return the one item in `octets`: int, bytes, str, list, dict (keys int or str), bool, None, float, Tagged.

    Raises:
        ValueError: it is malformed, deeper than `max_depth`, or something that a strict reader refuses.
    """
    reader = _Reader(octets)
    value = reader.item(max_depth)
    if reader.position != len(octets):
        raise ValueError("there is more than one item")
    return value


class _Reader:
    """Reads items from `octets`, each at `position`."""

    __slots__ = ("_octets", "position")

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self.position = 0

    def item(self, depth: int) -> Any:
        """Return the next item; `depth` more may be nested in each other."""
        if depth < 0:
            raise ValueError("it is nested too deeply")
        initial = self._take(1)[0]
        kind, additional = initial >> 5, initial & 0x1F
        if kind == 7:  # noqa: PLR2004 — major types are numbers (section 3.1)
            return self._simple(additional)
        argument = self._argument(additional)
        found: Any
        match kind:
            case 0:
                found = argument
            case 1:
                found = -1 - argument
            case 2:
                found = self._take(argument)
            case 3:
                found = self._text(argument)
            case 4:
                found = [self.item(depth - 1) for _ in range(self._counted(argument))]
            case 5:
                found = self._map(self._counted(argument), depth - 1)
            case _:
                found = Tagged(tag=argument, value=self.item(depth - 1))
        return found

    def _map(self, count: int, depth: int) -> dict[int | str, Any]:
        found: dict[int | str, Any] = {}
        for _ in range(count):
            key = self.item(depth)
            if type(key) not in (int, str):  # a bool is an int to Python
                raise ValueError("a map has a key that is neither an integer nor a text")
            if key in found:
                raise ValueError("a map has the same key twice")
            found[key] = self.item(depth)
        return found

    def _simple(self, additional: int) -> bool | float | None:
        if additional in _SIMPLE:
            return _SIMPLE[additional]
        form = _FLOATS.get(additional)
        if form is None:
            raise ValueError("it holds a simple value that says nothing here")
        value: float = struct.unpack(form, self._take(_LENGTHS[additional]))[0]
        if not math.isfinite(value):
            raise ValueError("it holds a number that is none")
        return value

    def _text(self, length: int) -> str:
        try:
            return self._take(length).decode()
        except UnicodeDecodeError:
            raise ValueError("a text is not UTF-8") from None

    def _argument(self, additional: int) -> int:
        if additional < _ONE_OCTET:
            return additional
        if additional == _INDEFINITE:
            raise ValueError("it has an item of indefinite length")
        length = _LENGTHS.get(additional)
        if length is None:
            raise ValueError("it is not well-formed")
        return int.from_bytes(self._take(length), "big")

    def _counted(self, count: int) -> int:
        """Return how many items follow, each of which takes an octet at least."""
        if count > len(self._octets) - self.position:
            raise ValueError("it is cut off")
        return count

    def _take(self, length: int) -> bytes:
        end = self.position + length
        if end > len(self._octets):
            raise ValueError("it is cut off")
        taken = self._octets[self.position : end]
        self.position = end
        return taken
