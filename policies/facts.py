"""Facts as JSON: fixtures of tests, stored facts, and the digest that a decision carries.

Strict: an unknown or repeated key, a value of another type or an instant without a time zone is an
error, since a misspelt fact would otherwise be an unknown one. What is unknown is left out (or null).
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import MISSING, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

from policies.canonical import sha256_of
from policies.model import ABSENT, Absent, Facts, State, StatusFact, TrustFact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

T = TypeVar("T")
Decoder: TypeAlias = "Callable[[Any, str], Any]"

_MAX_NUMBER: Final = 1e12
"""More seconds than the calendar has."""
_INSTANT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?(?:Z|[+-]\d{2}:\d{2})", re.ASCII)


class FactsError(ValueError):
    """The JSON is not facts; the message says where (a path of keys) and why."""


def loads(content: str | bytes) -> Facts:
    """Parse facts from JSON text.

    Raises:
        FactsError: it is not JSON, or not facts.
    """
    try:
        value = json.loads(content, object_pairs_hook=_once, parse_constant=_no_constant, parse_int=float)
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FactsError(f"facts: this is not JSON: {error}") from error
    return from_json(value)


def from_json(value: Any) -> Facts:
    """Return the facts that a JSON object states.

    Raises:
        FactsError: it does not state facts.
    """
    return _object(Facts, DECODERS)(value, "facts")


def to_json(facts: Facts) -> dict[str, Any]:
    """Return facts as a JSON object, without what is unknown."""
    return {name: _encoded(value) for name, value in _members(facts)}


def digest(facts: Facts) -> str:
    """Return the SHA-256 (hex) of the facts, the same for the same facts in whatever order."""
    return sha256_of(to_json(facts))


def _encoded(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_encoded(item) for item in value]
    if isinstance(value, (StatusFact, TrustFact)):
        return {name: _encoded(member) for name, member in _members(value)}
    if isinstance(value, (str, bool)) or value is None:
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    return {key: _encoded(item) for key, item in value.items()}


def _members(value: Facts | StatusFact | TrustFact) -> Iterator[tuple[str, Any]]:
    for name in _NAMES[type(value)]:
        member = getattr(value, name)
        if member is not None:
            yield name, member


_NAMES: Final = {kind: tuple(member.name for member in fields(kind)) for kind in (Facts, StatusFact, TrustFact)}


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise FactsError(f'facts: "{twice}" stands twice in one object')
    return members


def _no_constant(name: str) -> float:
    raise FactsError(f"facts: {name} is not JSON")


def _text(value: Any, at: str) -> str:
    if not isinstance(value, str):
        raise FactsError(f"{at}: must be a string")
    return value


def _flag(value: Any, at: str) -> bool:
    if not isinstance(value, bool):
        raise FactsError(f"{at}: must be true or false")
    return value


def _number(value: Any, at: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) <= _MAX_NUMBER:
        raise FactsError(f"{at}: must be a number of seconds")
    return float(value)


def _instant(value: Any, at: str) -> datetime:
    text = _text(value, at)
    if _INSTANT.fullmatch(text) is not None:
        with suppress(ValueError):  # no such day
            return datetime.fromisoformat(text)
    raise FactsError(f"{at}: must be an instant with its time zone, such as 2026-07-01T00:00:00Z")


def _state(value: Any, at: str) -> State:
    return State(_among(*State)(value, at))


def _among(*known: str) -> Callable[[Any, str], str]:
    def decode(value: Any, at: str) -> str:
        if value not in known:
            raise FactsError(f"{at}: must be one of {', '.join(known)}")
        return str(value)

    return decode


def _or_absent(decode: Callable[[Any, str], T]) -> Callable[[Any, str], T | Absent]:
    return lambda value, at: ABSENT if value == ABSENT.value else decode(value, at)


def _list(decode: Callable[[Any, str], T]) -> Callable[[Any, str], tuple[T, ...]]:
    def decode_items(value: Any, at: str) -> tuple[T, ...]:
        if not isinstance(value, list):
            raise FactsError(f"{at}: must be a list")
        return tuple(decode(item, f"{at}[{place}]") for place, item in enumerate(value))

    return decode_items


def _alignment(value: Any, at: str) -> tuple[str | None, str | None]:
    if not isinstance(value, list) or len(value) != 2:  # noqa: PLR2004 — framework and target
        raise FactsError(f"{at}: must be a framework and a target")
    framework, target = (None if each is None else _text(each, at) for each in value)
    return framework, target


def _by_source(value: Any, at: str) -> dict[str, TrustFact]:
    if not isinstance(value, dict):
        raise FactsError(f"{at}: must be an object")
    return {source: _object(TrustFact, _TRUST)(fact, f"{at}.{source}") for source, fact in value.items()}


def _object(kind: type[T], decoders: Mapping[str, Decoder]) -> Callable[[Any, str], T]:
    required = [
        member.name
        for member in fields(kind)  # type: ignore[arg-type]  # T is one of the fact classes
        if member.default is MISSING and member.default_factory is MISSING
    ]

    def decode(value: Any, at: str) -> T:
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

    return decode


_STATUS: Final[dict[str, Decoder]] = {
    "purpose": _text,
    "state": _among("active", "revoked", "suspended", "refresh", "message", "unknown"),
    "age": _number,
    "stale": _flag,
    "issuer": _text,
}
_TRUST: Final[dict[str, Decoder]] = {
    "state": _among("listed", "not_listed", "unknown"),
    "authenticity": _among("unverified", "integrity_verified", "authenticated"),
    "freshness": _among("fresh", "stale", "expired"),
    "tier": _text,
    "assurance": _text,
}
DECODERS: Final[Mapping[str, Decoder]] = {
    "as_of": _instant,
    "clock_skew": _number,
    "structure": _state,
    "data_loss": _state,
    "proof": _state,
    "issuer_binding": _state,
    "issuer": _text,
    "did_method": _or_absent(_text),
    "format": _text,
    "proof_suites": _list(_text),
    "types": _list(_text),
    "achievement_types": _list(_text),
    "inline_context": _flag,
    "unknown_contexts": _flag,
    "valid_from": _or_absent(_instant),
    "valid_until": _or_absent(_instant),
    "earned": _or_absent(_instant),
    "schema": _or_absent(_state),
    "statuses": _list(_object(StatusFact, _STATUS)),
    "trust": _by_source,
    "alignments": _list(_alignment),
    "children_current": _or_absent(_flag),
    "holder_bound": _flag,
}
"""Every fact by its name → what reads its JSON value; its second argument is what an error calls the place."""
