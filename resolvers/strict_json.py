"""JSON read strictly: what implementations disagree about is refused, before anything is signed over it.

Python's `json`, orjson and msgspec all keep the last of two equal members silently, so a verifier
and the reader behind it could see different credentials (I-JSON, RFC 7493, section 2.3).
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NoReturn

from resolvers.problems import Invalid

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_DEPTH: Final = 64
"""Nesting of the deepest credential that is read; the largest known record nests 15 deep."""

_MAX_INTEGER: Final = 2**53 - 1
_MAX_INTEGER_LENGTH: Final = len(str(-_MAX_INTEGER))
_OPENING: Final = b"[{"
_STRUCTURE: Final = bytes.maketrans(b"{}", b"[]")
_NOT_STRUCTURE: Final = bytes(sorted(set(range(256)) - set(b'[]{}"')))
_ESCAPE: Final = re.compile(rb"\\.", re.DOTALL)
_STRING: Final = re.compile(rb'"[^"]*"')
_SURROGATE_ESCAPE: Final = re.compile(r"\\u[dD][89a-fA-F]")


def loads(raw: bytes | str, *, max_depth: int = MAX_DEPTH, max_bytes: int | None = None, pairs: bool = False) -> Any:
    """Return the JSON value in `raw`: plain dicts, lists, strings, ints, floats, booleans, None.

    Args:
        raw: the whole text; bytes must be UTF-8 without a byte order mark.
        max_depth: how many arrays and objects may be nested in each other.
        max_bytes: the longest text that is read, in bytes of UTF-8.
        pairs: return objects as tuples of (name, value) pairs, for the rare text in which a member
            may stand twice; the caller then says what that means.

    Raises:
        Invalid: `too-large`, `not-utf8`, `too-deep`, `not-json`, `duplicate-key`,
            `number-out-of-range` (NaN, Infinity, 1e400, -0, integers beyond ±(2^53 - 1)) or
            `lone-surrogate`; with a JSON Pointer where the offending value has one.
    """
    octets, text = _both(raw)
    if max_bytes is not None and len(octets) > max_bytes:
        raise Invalid("too-large", f"{len(octets)} bytes, of at most {max_bytes}")
    _check_brackets(octets, max_depth)
    read, locate = _PAIRS_DECODERS if pairs else _DECODERS
    try:
        value = read.decode(text)
    except Invalid:
        raise _located(text, locate) from None
    except json.JSONDecodeError as error:
        raise _not_json(text, error) from None
    if _SURROGATE_ESCAPE.search(text):
        _check_surrogates(value)
    return value


def check_depth(value: Any, max_depth: int = MAX_DEPTH) -> None:
    """Refuse an object or array nested too deeply that was not read by `loads`; this does not recurse either.

    Raises:
        Invalid: `too-deep`.
    """
    level: list[Any] = [value]
    for _ in range(max_depth):
        inside: list[Any] = []
        for item in level:
            for part in item.values() if isinstance(item, dict) else item:
                if type(part) is not str and isinstance(part, (dict, list, tuple)):
                    inside.append(part)  # noqa: PERF401 — a comprehension is a call for each item
        level = inside
        if not level:
            return
    raise _too_deep(max_depth)


def _both(raw: bytes | str) -> tuple[bytes, str]:
    """Return the text as octets and as a string."""
    if isinstance(raw, str):
        try:
            return raw.encode(), raw
        except UnicodeEncodeError as error:
            raise Invalid("lone-surrogate", f"at character {error.start}") from None
    try:
        return raw, raw.decode()
    except UnicodeDecodeError as error:
        raise Invalid("not-utf8", f"at byte {error.start}") from None


def _check_brackets(octets: bytes, max_depth: int) -> None:
    """Refuse nesting beyond `max_depth` without recursion: json's own scanner recurses.

    With strings cut out and both kinds of brackets made one, each round of deleting `[]` takes
    away exactly the innermost level.
    """
    if sum(octets.count(bracket) for bracket in _OPENING) <= max_depth:
        return
    if b"\\" in octets:
        octets = _ESCAPE.sub(b"", octets)
    # Taking out two quotes side by side leaves every bracket inside or outside a string as it was.
    brackets = octets.translate(None, _NOT_STRUCTURE).replace(b'""', b"")
    brackets = _STRING.sub(b"", brackets).translate(_STRUCTURE)
    for _ in range(max_depth):
        if b"[]" not in brackets:
            break
        brackets = brackets.replace(b"[]", b"")
    # Brackets without a partner are no JSON, but json would follow them down all the same.
    if b"[]" in brackets or brackets.count(b"[") > max_depth:
        raise _too_deep(max_depth)


def _too_deep(max_depth: int) -> Invalid:
    return Invalid("too-deep", f"more than {max_depth} levels")


def _object(members: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(members)
    if len(found) == len(members):
        return found
    twice, times = Counter(name for name, _ in members).most_common(1)[0]
    raise Invalid("duplicate-key", f"a member appears {times} times", pointer=f"/{_escaped(twice)}")


def _integer(digits: str) -> int:
    """Read an integer that every IEEE 754 double holds exactly (RFC 7493, section 2.2)."""
    if len(digits) > _MAX_INTEGER_LENGTH or digits == "-0" or abs(value := int(digits)) > _MAX_INTEGER:
        raise Invalid("number-out-of-range", f"{digits[:40]} is not an integer of at most 2^53 - 1")
    return value


def _float(digits: str) -> float:
    """Read a double; Python turns 1e400 into infinity silently, and -0 is 0 to some and -0 to others."""
    value = float(digits)
    if math.isinf(value) or (value == 0 and digits[0] == "-"):
        raise Invalid("number-out-of-range", f"{digits[:40]} is not a number that all agree about")
    return value


def _constant(name: str) -> NoReturn:
    raise Invalid("number-out-of-range", f"{name} is not JSON")


def _leave_in_place(hook: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Make `hook` return what it refuses as a value, so that its place can be found."""

    def parse(value: Any) -> Any:
        try:
            return hook(value)
        except Invalid as refused:
            return refused

    return parse


def _decoders(members: Callable[[Any], Any]) -> tuple[json.JSONDecoder, json.JSONDecoder]:
    """Return the decoder that refuses, and the one that leaves what it refuses in place."""
    hooks: dict[str, Any] = {
        "object_pairs_hook": members,
        "parse_int": _integer,
        "parse_float": _float,
        "parse_constant": _constant,
    }
    lenient: dict[str, Any] = {name: _leave_in_place(hook) for name, hook in hooks.items()}
    return json.JSONDecoder(**hooks), json.JSONDecoder(**lenient)


_DECODERS: Final = _decoders(_object)
_PAIRS_DECODERS: Final = _decoders(tuple)


def _located(text: str, locate: json.JSONDecoder) -> Invalid:
    """Return what is refused with the JSON Pointer of its place; read again, since only errors need it."""
    try:
        value = locate.decode(text)
    except json.JSONDecodeError as error:
        return _not_json(text, error)
    pointer, refused = next(
        (pointer, found.problem) for pointer, found in _walk(value, "") if isinstance(found, Invalid)
    )
    return Invalid(refused.code, refused.detail, pointer=pointer + (refused.pointer or ""))


def _check_surrogates(value: Any) -> None:
    """Refuse half of a UTF-16 pair, which has no UTF-8 form and so cannot be hashed."""
    for pointer, found in _walk(value, ""):
        if isinstance(found, str):
            try:
                found.encode()
            except UnicodeEncodeError:
                raise Invalid("lone-surrogate", "a string holds half of a surrogate pair", pointer=pointer) from None


def _walk(value: Any, pointer: str) -> list[tuple[str, Any]]:
    """Return every value with its JSON Pointer, member names among the values."""
    found = [(pointer, value)]
    if isinstance(value, dict | tuple):
        for name, member in value.items() if isinstance(value, dict) else value:
            found.append((pointer, name))
            found.extend(_walk(member, f"{pointer}/{_escaped(name)}"))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            found.extend(_walk(member, f"{pointer}/{index}"))
    return found


def _escaped(name: str) -> str:
    """Return a member name as a reference token (RFC 6901), in a form that can be printed."""
    return name.encode(errors="replace").decode().replace("~", "~0").replace("/", "~1")


def _not_json(text: str, error: json.JSONDecodeError) -> Invalid:
    if text.startswith("\ufeff"):
        return Invalid("not-json", "it begins with a byte order mark, which RFC 8259 forbids")
    return Invalid("not-json", f"{error.msg} at line {error.lineno}, column {error.colno}")
