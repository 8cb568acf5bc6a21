"""The shapes that a policy file is made of: each reads a value, and says as JSON Schema what it reads.

One table of shapes reads policy files and describes them to editors (`policies.schema`), so that the
two cannot drift. What is read wrongly is noted in the reader, and a harmless placeholder returned.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol, TypeVar

from policies.duration import FORM, Duration
from policies.reading import MAX_TEXT, entry

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from policies.reading import Reader
    from policies.source import Node

T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")


class Shape(Protocol[T_co]):
    """What a value of a policy file has to look like."""

    def read(self, node: Node, reader: Reader, what: str) -> T_co:
        """Read a value; `what` is what findings call it."""
        ...

    def schema(self) -> dict[str, Any]:
        """Return it as JSON Schema (draft 2020-12)."""
        ...


@dataclass(frozen=True, slots=True)
class Text:
    """A text of one line or several, of a form where one is given (`form` says it in words).

    Patterns are written so that Python and ECMA 262 (which JSON Schema goes by) read them alike.
    """

    pattern: str = ""
    form: str = ""

    def read(self, node: Node, reader: Reader, what: str) -> str:
        """Read it, its lines joined by spaces."""
        return reader.text(node, what, pattern=re.compile(self.pattern) if self.pattern else None, form=self.form)

    def schema(self) -> dict[str, Any]:
        """Return a string that is not blank."""
        if self.pattern:
            return {"type": "string", "maxLength": MAX_TEXT, "pattern": f"^(?:{self.pattern})$"}
        return dict(_TEXT)


# Spaces and line ends are joined to one space; then nothing may be left that cannot be printed.
_TEXT: Final = {
    "type": "string",
    "maxLength": MAX_TEXT,
    "allOf": [{"pattern": r"\S"}, {"pattern": r"^(?:\P{C}|\s)*$"}],
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words."""

    choices: tuple[str, ...]

    def read(self, node: Node, reader: Reader, what: str) -> str:
        """Read it."""
        return reader.choice(node, what, self.choices)

    def schema(self) -> dict[str, Any]:
        """Return the words."""
        return {"enum": list(self.choices)}


@dataclass(frozen=True, slots=True)
class Texts:
    """A list of texts without repetition; a single one may stand without brackets."""

    of: Text | Choice = field(default_factory=Text)

    def read(self, node: Node, reader: Reader, what: str) -> frozenset[str]:
        """Read the texts."""
        return reader.texts(node, what, self.of.read)

    def schema(self) -> dict[str, Any]:
        """Return one or a list of them."""
        one = self.of.schema()
        return {"anyOf": [one, {"type": "array", "items": one, "minItems": 1, "uniqueItems": True}]}


@dataclass(frozen=True, slots=True)
class Flag:
    """`true` or `false`."""

    def read(self, node: Node, reader: Reader, what: str) -> bool:
        """Read it."""
        return reader.flag(node, what)

    def schema(self) -> dict[str, Any]:
        """Return a boolean."""
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Yes:
    """`true`: what is not required is left out."""

    def read(self, node: Node, reader: Reader, what: str) -> None:
        """Read it."""
        reader.yes(node, what)

    def schema(self) -> dict[str, Any]:
        """Return true."""
        return {"const": True}


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number from 1 to `most`."""

    most: int

    def read(self, node: Node, reader: Reader, what: str) -> int:
        """Read it."""
        return reader.whole(node, what, most=self.most)

    def schema(self) -> dict[str, Any]:
        """Return the numbers."""
        return {"type": "integer", "minimum": 1, "maximum": self.most}


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar day, such as `2026-07-01`: its beginning in UTC."""

    def read(self, node: Node, reader: Reader, what: str) -> datetime:
        """Read it."""
        return reader.day(node, what)

    def schema(self) -> dict[str, Any]:
        """Return the form of a day."""
        return {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "format": "date"}


@dataclass(frozen=True, slots=True)
class Length:
    """An ISO 8601 duration; `fixed` where it may hold no months or years, whose length varies."""

    fixed: bool = False

    def read(self, node: Node, reader: Reader, what: str) -> Duration:
        """Read it."""
        duration = reader.duration(node, what)
        if self.fixed and duration.months:
            reader.note(node.line, f"{what} takes weeks, days, hours, minutes or seconds: a month has no fixed length")
        return duration

    def schema(self) -> dict[str, Any]:
        """Return the form of a duration that is not zero."""
        unit = {"not": {"pattern": "^P[^T]*[YM]"}} if self.fixed else {}
        return {"type": "string", "pattern": f"^(?=.*[1-9])(?:{FORM})$", **unit}


@dataclass(frozen=True, slots=True)
class Member(Generic[T]):
    """One key of `Keys`: the shape of its value, and what it is for."""

    shape: Shape[T]
    description: str
    required: bool = False
    called: str = ""
    """What findings call its value; the key itself where nothing is said."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys with values, of which no others may stand there."""

    members: Mapping[str, Member[Any]]
    called: str = ""
    """What findings call the whole; as the reader is told where nothing is said."""

    def read(self, node: Node, reader: Reader, what: str) -> dict[str, Any]:
        """Read the keys that are there; a placeholder for one that is required and missing, which is noted."""
        required = [key for key, member in self.members.items() if member.required]
        optional = [key for key, member in self.members.items() if not member.required]
        value = reader.mapping(node, self.called or what, required=required, optional=optional)
        return {
            key: member.shape.read(entry(value, key), reader, member.called or f"{what}.{key}")
            for key, member in self.members.items()
            if member.required or key in value.entries
        }

    def schema(self) -> dict[str, Any]:
        """Return an object of these members."""
        return {
            "type": "object",
            "properties": {
                key: {**member.shape.schema(), "description": member.description}
                for key, member in self.members.items()
            },
            "required": [key for key, member in self.members.items() if member.required],
            "additionalProperties": False,
        }


@dataclass(frozen=True, slots=True)
class OneKey:
    """Exactly one of several keys."""

    members: Mapping[str, Member[Any]]

    def read(self, node: Node, reader: Reader, what: str) -> tuple[str, Any]:
        """Read the key, and its value."""
        value = reader.mapping(node, what, optional=self.members)
        stated = [key for key in self.members if key in value.entries]
        if len(stated) != 1 and value is node:
            reader.note(node.line, f"{what} takes exactly one of {', '.join(self.members)}")
        key = next(iter([*stated, *self.members]))
        member = self.members[key]
        return key, member.shape.read(entry(value, key), reader, member.called or f"{what}.{key}")

    def schema(self) -> dict[str, Any]:
        """Return an object of one of these members."""
        return {**Keys(self.members).schema(), "minProperties": 1, "maxProperties": 1}


@dataclass(frozen=True, slots=True)
class Items(Generic[T]):
    """A list that is not empty."""

    of: Shape[T]
    most: int | None = None
    too_many: str = ""
    """What a finding says of more than `most`; then none is read."""
    called: str = ""
    """What findings call one of them."""

    def read(self, node: Node, reader: Reader, what: str) -> tuple[tuple[int, T], ...]:
        """Read each, with its line."""
        nodes = reader.items(node, what)
        if self.most is not None and len(nodes) > self.most:
            reader.note(nodes[self.most].line, self.too_many)
            return ()
        return tuple((each.line, self.of.read(each, reader, self.called or what)) for each in nodes)

    def schema(self) -> dict[str, Any]:
        """Return a list of them."""
        most = {} if self.most is None else {"maxItems": self.most}
        return {"type": "array", "items": self.of.schema(), "minItems": 1, **most}
