"""Facts by the thousand: JSON lines, read as `policies.facts` reads them and several times as fast.

Among the facts of many records most members are alike: so what was read once, strictly, is
remembered by what stood there. Only the time differs: what is refused, and with which words, is the same.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from policies import facts as strict
from policies.facts import DECODERS, FactsError
from policies.model import Facts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_LINE: Final = 256 * 1024
"""Characters of one line; the facts of a large record have some thousand."""
_REMEMBERED: Final = 1024
"""Values kept per member, so that dates and ages cannot fill the memory."""


class _Pairs(tuple[tuple[str, Any], ...]):
    """The members of an object as they stood, so that one that stands twice is not lost."""

    __slots__ = ()


def _no_constant(name: str) -> float:
    raise FactsError(f"facts: {name} is not JSON")


_decode: Final = json.JSONDecoder(object_pairs_hook=_Pairs, parse_constant=_no_constant, parse_int=float).decode


class FactsReader:
    """Reads facts, and remembers the members that it has read."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        """Begin without having read anything."""
        self._known: dict[str, dict[Any, Any]] = {name: {} for name in DECODERS}

    def read(self, line: str) -> Facts:
        """Return the facts in `line`, the same as `policies.facts.loads`.

        Raises:
            FactsError: it is not JSON, or not facts.
        """
        try:
            pairs = _decode(line)
            if pairs.__class__ is not _Pairs:
                return strict.loads(line)
            stated: dict[str, Any] = {}
            for name, value in pairs:
                if value is not None:
                    stated[name] = self._member(name, value)
        except (json.JSONDecodeError, RecursionError, KeyError, FactsError):
            return strict.loads(line)  # which says what is wrong, and in which words
        if len(stated) != len(pairs) or "as_of" not in stated:
            return strict.loads(line)  # a member is null, stands twice or is missing
        return Facts(**stated)

    def _member(self, name: str, value: Any) -> Any:
        known = self._known[name]
        key = _key(value)
        read = known.get(key)
        if read is None:
            read = DECODERS[name](_plain(value), f"facts.{name}")
            if len(known) < _REMEMBERED:
                known[key] = read
        return read


def _key(value: Any) -> Any:
    """Return what a value is remembered by: it is hashable, and no two kinds of value share one."""
    kind = value.__class__
    if kind is str:
        return value
    if kind is list:
        return tuple([_key(item) for item in value])
    if kind is _Pairs:
        return kind, *[(name, _key(item)) for name, item in value]
    return kind, value  # true and 1.0 are equal, and not the same; nor are [] and {}


def _plain(value: Any) -> Any:
    if value.__class__ is list:
        return [_plain(item) for item in value]
    if value.__class__ is not _Pairs:
        return value
    members = {name: _plain(item) for name, item in value}
    if len(members) != len(value):
        raise KeyError  # one stands twice: the strict reader says which
    return members


def read_lines(lines: Iterable[str], *, name: str = "facts", first: int = 1) -> Iterator[tuple[int, Facts]]:
    """Yield the number of each line that is not blank, counted from `first`, and its facts.

    Raises:
        FactsError: a line is not facts; it begins with `name` and the line's number.
    """
    reader = FactsReader()
    for number, line in enumerate(lines, first):
        if not line.strip():
            continue
        try:
            if len(line) > MAX_LINE:
                raise FactsError(f"facts: the line is longer than {MAX_LINE} characters")  # noqa: TRY301 — told with its number, as all
            yield number, reader.read(line)
        except FactsError as error:
            raise FactsError(f"{name}:{number}: {error}") from error
