"""What the readers of XML transcripts share: the tree that `gateway.formats` makes of XML, read as claims.

An element is a string, or an object of its parts; one that stands several times is an array.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from gateway.model import Record
from gateway.normalizers._achievement import blank_achievement
from gateway.normalizers._claims import Members, each, identifier, instant, read_members, string

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_DAY: Final = re.compile(r"(\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))(Z|[+-]\d{2}:\d{2})?", re.ASCII)
_AMOUNT: Final = re.compile(r"\d{1,9}(?:\.\d{1,6})?", re.ASCII)


def node(value: Any, at: str, unmapped: list[str], members: Members) -> dict[str, Any]:
    """Read one element with those parts; of several the first, and what is no such element has none."""
    found = list(each(value, at))
    unmapped.extend(where for where, _ in found[1:])
    if not found:
        return {}
    where, first = found[0]
    if not isinstance(first, dict):
        unmapped.append(where)
        return {}
    return read_members(first, where, unmapped, members, {})


def nodes(value: Any, at: str, unmapped: list[str], members: Members) -> list[tuple[str, dict[str, Any]]]:
    """Read elements with those parts, each with its JSON Pointer."""
    found = []
    for where, one in each(value, at):
        if isinstance(one, dict):
            found.append((where, read_members(one, where, unmapped, members, {})))
        else:
            unmapped.append(where)
    return found


def inside(members: Members) -> Callable[[Any, str, list[str]], dict[str, Any]]:
    """Return a reader of one element with those parts."""
    return lambda value, at, unmapped: node(value, at, unmapped, members)


def words(value: Any, at: str, unmapped: list[str]) -> str | None:
    """Read the text of an element, whatever attributes it has; of several the first."""
    found = list(each(value, at))
    unmapped.extend(where for where, _ in found[1:])
    if not found:
        return None
    where, first = found[0]
    return string(first.get("#text") if isinstance(first, dict) else first, where, unmapped)


def code(value: Any, at: str, unmapped: list[str]) -> str | None:
    """Read the text of an element that is to be an id."""
    found = words(value, at, unmapped)
    return None if found is None else identifier(found, at, unmapped)


def texts(value: Any, at: str, unmapped: list[str]) -> str | dict[str, str] | None:
    """Read text that may stand in several languages (`xml:lang`)."""
    found: dict[str, str] = {}
    for where, one in each(value, at):
        tag = one.get("@lang", "und") if isinstance(one, dict) else "und"
        text = one.get("#text") if isinstance(one, dict) else one
        if not isinstance(text, str) or not isinstance(tag, str) or tag in found:
            unmapped.append(where)
        else:
            found[tag] = text
    if set(found) == {"und"}:
        return found["und"] or None
    return found or None


def amount(value: Any, at: str, unmapped: list[str]) -> int | float | None:
    """Read an amount."""
    text = words(value, at, unmapped)
    if text is None:
        return None
    if _AMOUNT.fullmatch(text):
        return float(text) if "." in text else int(text)
    unmapped.append(at)
    return None


def day(value: Any, at: str, unmapped: list[str]) -> str | None:
    """Read a day, or an instant, as RFC 3339; a day begins at midnight UTC where it names no zone."""
    text = words(value, at, unmapped)
    if text is None:
        return None
    match = _DAY.fullmatch(text)
    return instant(text if match is None else f"{match[1]}T00:00:00{match[2] or 'Z'}", at, unmapped)


def identity(kind: str, value: str) -> dict[str, Any]:
    """Return an identifier of the subject."""
    return {"type": kind, "value": value, "hash": None, "salt": None, "hashed": False}


def result(value: str | None, name: Any = None, status: str | None = None) -> list[dict[str, Any]]:
    """Return a grade as the results of an achievement; none where there is none."""
    if value is None and status is None:
        return []
    blank = dict.fromkeys(("resultType", "achievedLevel", "valueMin", "valueMax"))
    return [{"name": name, "value": value, "status": status, **blank}]


def achievement(**fields: Any) -> dict[str, Any]:
    """Return an achievement that nothing here verifies."""
    return {**blank_achievement(), "claimsUnverified": True, **fields}


def record(
    document: Mapping[str, Any],
    *,
    id_: str | None,
    issuer: dict[str, Any] | None,
    subject: dict[str, Any],
    achievements: list[dict[str, Any]],
    issued: str | None,
    unmapped: list[str],
    associations: tuple[dict[str, Any], ...] = (),
) -> Record:
    """Return the record of a transcript."""
    dates = dict.fromkeys(("awarded", "validFrom", "validUntil", "activityStart", "activityEnd"))
    return Record(
        id=id_,
        types=tuple(name for _, name in each(document.get("type"), "") if isinstance(name, str)),
        issuer=issuer or {"id": None, "name": None, "url": None, "identifiers": []},
        subject=subject,
        achievements=tuple(achievements),
        associations=associations,
        dates={**dates, "issued": issued},
        unmapped=tuple(unmapped),
    )
