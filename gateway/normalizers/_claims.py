"""Reading single claims: each reader answers a JSON-ready value, or None and a JSON Pointer in `unmapped`.

A reader is called with the value, its JSON Pointer and the list of pointers; it never raises, since
what an issuer signed may have any shape. Absent, null and "" all become None, and say nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Read: TypeAlias = Callable[[Any, str, list[str]], Any]
"""(value, JSON Pointer of the value, pointers that could not be mapped) → JSON-ready value or None."""

Members: TypeAlias = "Mapping[str, tuple[str | None, Read]]"
"""Member of the credential → (field of the record, how to read it); without field it is only looked at."""

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*", re.ASCII)
"""Near enough to a BCP 47 tag to tell a language map from any other object."""

_VALUE_OBJECT: Final = frozenset({"@value", "@language", "@direction"})
"""VCDM 2.0, section 11.1; the base direction is of no use without the words, and follows from them."""

_INSTANT = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}:\d{2}(?:\.\d+)?)([Zz]|[+-]\d{2}:\d{2})?",
    re.ASCII,
)
"""RFC 3339, section 5.6 `date-time`, but for the time zone, which issuers leave out."""

_LINK = re.compile(r"https?://[^\x00-\x20\x7f\"<>\\^`{|}]+", re.ASCII | re.IGNORECASE)
_PICTURE = re.compile(
    r"(?:https?://|data:image/(?:png|svg\+xml|jpeg|gif|webp)[;,])[^\x00-\x20\x7f\"<>\\^`{|}]+", re.ASCII | re.IGNORECASE
)
_IDENTIFIER = re.compile(
    r"(?:(?:https?|urn|did|mailto|tag|info|ark|doi|hdl|ni|uuid|ipfs):|(?![^:]*:))[^\x00-\x20\x7f\"<>\\^`{|}]+",
    re.ASCII | re.IGNORECASE,
)
"""An allow-list: a user interface may turn an id into a link, and a scheme like `javascript:`, `data:`
or that of some installed program must not get there. Without any scheme it is no link."""


def pointer(parent: str, member: str) -> str:
    """Return the JSON Pointer of `member` in the object at `parent` (RFC 6901, section 3)."""
    return f"{parent}/{member.replace('~', '~0').replace('/', '~1')}"


def read_members(
    node: Mapping[str, Any], at: str, unmapped: list[str], members: Members, record: dict[str, Any]
) -> dict[str, Any]:
    """Fill `record` from the members of `node`, and note every one that has no place in it."""
    for name, value in node.items():
        if value is None or value == "":
            continue
        if name not in members:
            unmapped.append(pointer(at, name))
            continue
        field, read = members[name]
        found = read(value, f"{at}/{name}", unmapped)
        if field is not None:
            record[field] = found
    return record


def each(value: Any, at: str) -> Iterator[tuple[str, Any]]:
    """Yield (JSON Pointer, value): JSON-LD makes no difference between one value and an array of one."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield f"{at}/{index}", item
    elif value is not None:
        yield at, value


def ignore(_value: Any, _at: str, _unmapped: list[str]) -> None:
    """Pass over what the result shows elsewhere: proof, status, schema, contexts."""


def keep(value: Any, _at: str, _unmapped: list[str]) -> Any:
    """Leave a member as it is, for whoever reads it next."""
    return value


def node_type(*expected: str) -> Read:
    """Read the `type` of a node: the expected one says nothing, any other has no place in the record."""
    silent = frozenset(expected)

    def read(value: Any, at: str, unmapped: list[str]) -> None:
        for where, item in each(value, at):
            if not isinstance(item, str) or item not in silent:
                unmapped.append(where)

    return read


def text(value: Any, at: str, unmapped: list[str]) -> str | dict[str, str] | None:
    """Read text for people: a string, a language map, or language-tagged strings (VCDM 2.0, section 11.1)."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, list):
        return _tagged_strings(value, at, unmapped)
    if isinstance(value, dict):
        if "@value" in value:
            return _tagged_strings([value], at, unmapped)
        # {"id": …} is a node, and no text in Indonesian
        if value and value.keys() != {"id"} and all(_is_text(tag, words) for tag, words in value.items()):
            return {tag: words for tag, words in value.items() if words} or None
    unmapped.append(at)
    return None


def _is_text(tag: Any, words: Any) -> bool:
    return isinstance(words, str) and isinstance(tag, str) and _LANGUAGE.fullmatch(tag) is not None


def _tagged_strings(values: list[Any], at: str, unmapped: list[str]) -> str | dict[str, str] | None:
    found: dict[str, str] = {}
    for value in values:
        node = value if isinstance(value, dict) and value.keys() <= _VALUE_OBJECT else {"@value": value}
        tag: Any = node.get("@language") or "und"
        words: Any = node.get("@value")
        if not _is_text(tag, words) or tag in found:
            unmapped.append(at)
            return None
        found[tag] = words
    if len(found) == 1 and "und" in found:
        return found["und"] or None
    return {tag: words for tag, words in found.items() if words} or None


def string(value: Any, at: str, unmapped: list[str]) -> str | None:
    """Read a code or a name that is no text in a language."""
    if isinstance(value, str):
        return value or None
    unmapped.append(at)
    return None


def grade(value: Any, at: str, unmapped: list[str]) -> str | None:
    """Read a grade, which stays a string; issuers also write numbers."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return string(value, at, unmapped)


def number(value: Any, at: str, unmapped: list[str]) -> int | float | None:
    """Read an amount."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    unmapped.append(at)
    return None


def boolean(value: Any, at: str, unmapped: list[str]) -> bool | None:
    """Read a truth value."""
    if isinstance(value, bool):
        return value
    unmapped.append(at)
    return None


def term(*known: str) -> Read:
    """Read a term of an extensible enumeration; an unknown one passes as `ext:` (Open Badges 3.0, B.4)."""
    terms = frozenset(known)

    def read(value: Any, at: str, unmapped: list[str]) -> str | None:
        if not isinstance(value, str):
            unmapped.append(at)
            return None
        if value in terms or value.startswith("ext:"):
            return value
        return f"ext:{value}" if value else None

    return read


def instant(value: Any, at: str, unmapped: list[str]) -> str | None:
    """Read an instant as RFC 3339 with zone; without one it is UTC, as the validity check says too."""
    if isinstance(value, str) and (match := _INSTANT.fullmatch(value)):
        day, time, zone = match.groups()
        try:
            datetime.fromisoformat(f"{day}T{time}{'+00:00' if zone in (None, 'Z', 'z') else zone}")
        except ValueError:
            pass
        else:
            return f"{day}T{time}{zone.upper() if zone else 'Z'}"
    unmapped.append(at)
    return None


def link(value: Any, at: str, unmapped: list[str]) -> str | None:
    """Read a URL that a user interface may make clickable: http and https only. It is never fetched."""
    if isinstance(value, str) and _LINK.fullmatch(value):
        return value
    unmapped.append(at)
    return None


def identifier(value: Any, at: str, unmapped: list[str]) -> str | None:
    """Read an id: a URL of a scheme that nothing runs, or a plain name."""
    if isinstance(value, str) and _IDENTIFIER.fullmatch(value):
        return value
    unmapped.append(at)
    return None


def picture(value: Any, at: str, unmapped: list[str]) -> str | None:
    """Read an image: its URL, which may be a data URL, or an `Image` node with that as id. It is never fetched."""
    if isinstance(value, dict):
        found: str | None = read_members(value, at, unmapped, _IMAGE, {"url": None})["url"]
        return found
    return _picture_url(value, at, unmapped)


def _picture_url(value: Any, at: str, unmapped: list[str]) -> str | None:
    if isinstance(value, str) and _PICTURE.fullmatch(value):
        return value
    unmapped.append(at)
    return None


_IMAGE: Final[Members] = {"id": ("url", _picture_url), "type": (None, node_type("Image"))}
