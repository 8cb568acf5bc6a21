"""What a fact's JSON value may be: how it is read, and the JSON Schema of what is read.

One value says both, so that the schema of facts cannot drift from what reads them.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import MISSING, dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from policies.model import ABSENT, State

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Decoder: TypeAlias = "Callable[[Any, str], Any]"
"""(value, what an error calls the place) → what it states."""

_MAX_NUMBER: Final = 1e12
"""More seconds than the calendar has."""
_INSTANT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:[0-9]{2})"
)


class FactsError(ValueError):
    """The JSON is not facts; the message says where (a path of keys) and why."""


@dataclass(frozen=True, slots=True)
class Value:
    """One kind of JSON value."""

    read: Decoder
    """Raises FactsError."""
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fact:
    """One member of facts: its value, and what it is."""

    value: Value
    description: str


def _text(value: Any, at: str) -> str:
    if not isinstance(value, str):
        raise FactsError(f"{at}: must be a string")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise FactsError(f"{at}: holds half a character (a lone surrogate)") from None
    return value


def _flag(value: Any, at: str) -> bool:
    if not isinstance(value, bool):
        raise FactsError(f"{at}: must be true or false")
    return value


def _seconds(value: Any, at: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) <= _MAX_NUMBER:
        raise FactsError(f"{at}: must be a number of seconds")
    return float(value)


def _instant(value: Any, at: str) -> datetime:
    text = _text(value, at)
    if _INSTANT.fullmatch(text) is not None:
        with suppress(ValueError):  # no such day
            return datetime.fromisoformat(text)
    raise FactsError(f"{at}: must be an instant with its time zone, such as 2026-07-01T00:00:00Z")


TEXT: Final = Value(_text, {"type": "string"})
FLAG: Final = Value(_flag, {"type": "boolean"})
SECONDS: Final = Value(_seconds, {"type": "number", "minimum": -_MAX_NUMBER, "maximum": _MAX_NUMBER})
INSTANT: Final = Value(_instant, {"type": "string", "pattern": f"^(?:{_INSTANT.pattern})$", "format": "date-time"})


def among(*known: str) -> Value:
    """Return one of a few words."""

    def read(value: Any, at: str) -> str:
        if value not in known:
            raise FactsError(f"{at}: must be one of {', '.join(known)}")
        return str(value)

    return Value(read, {"enum": list(known)})


_WORD: Final = among(*State)
STATE: Final = Value(lambda value, at: State(_WORD.read(value, at)), _WORD.schema)


def or_absent(of: Value) -> Value:
    """Return `of`, or the word for what is known not to be there."""
    absent: str = ABSENT.value
    schema = {"anyOf": [{"const": absent}, of.schema]}
    return Value(lambda value, at: ABSENT if value == absent else of.read(value, at), schema)


def or_null(of: Value) -> Value:
    """Return `of`, or null for what is not known."""
    return Value(
        lambda value, at: None if value is None else of.read(value, at), {"anyOf": [{"type": "null"}, of.schema]}
    )


def several(of: Value) -> Value:
    """Return a list."""

    def read(value: Any, at: str) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise FactsError(f"{at}: must be a list")
        return tuple([of.read(item, f"{at}[{place}]") for place, item in enumerate(value)])

    return Value(read, {"type": "array", "items": of.schema})


def pair(first: Value, second: Value, words: str) -> Value:
    """Return a list of two; `words` is what an error calls it."""

    def read(value: Any, at: str) -> tuple[Any, Any]:
        if not isinstance(value, list) or len(value) != 2:  # noqa: PLR2004 — a pair
            raise FactsError(f"{at}: must be {words}")
        return first.read(value[0], at), second.read(value[1], at)

    items = {"prefixItems": [first.schema, second.schema], "items": False, "minItems": 2, "maxItems": 2}
    return Value(read, {"type": "array", **items})


def by_name(of: Value) -> Value:
    """Return an object with keys of any name."""

    def read(value: Any, at: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise FactsError(f"{at}: must be an object")
        return {_text(name, at): of.read(member, f"{at}.{name}") for name, member in value.items()}

    return Value(read, {"type": "object", "additionalProperties": of.schema})


def record(kind: type[Any], members: Mapping[str, Fact]) -> Value:
    """Return an object that states a `kind`, a dataclass; null is what is not known, as is what is left out."""
    decoders = {name: fact.value.read for name, fact in members.items()}
    required = [
        member.name for member in fields(kind) if member.default is MISSING and member.default_factory is MISSING
    ]

    def read(value: Any, at: str) -> Any:
        if not isinstance(value, dict):
            raise FactsError(f"{at}: must be an object")
        stated: dict[str, Any] = {}
        for name, member in value.items():
            decoder = decoders.get(name)
            if decoder is None:
                raise FactsError(f'{at}: there is no fact "{name}"')
            if member is not None:
                stated[name] = decoder(member, f"{at}.{name}")
        for name in required:
            if name not in stated:
                raise FactsError(f'{at}: needs "{name}"')
        return kind(**stated)

    properties = {
        name: {**(fact.value if name in required else or_null(fact.value)).schema, "description": fact.description}
        for name, fact in members.items()
    }
    schema = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    return Value(read, schema)
