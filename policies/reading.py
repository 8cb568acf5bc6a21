"""Typed reading of the YAML tree, which finds everything that is wrong in one pass.

What is read wrongly is noted, and a harmless placeholder is returned in its place, so that reading
goes on. A document with any finding is dropped whole, so no placeholder is ever used.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final, TypeVar

from policies.duration import MAX_YEARS, Duration
from policies.source import Finding, Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

T = TypeVar("T")

MAX_TEXT: Final = 500
"""Characters of one text."""

_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_WHOLE: Final = re.compile(r"0|[1-9]\d{0,8}", re.ASCII)
_NOWHERE: Final = Scalar(line=0, text="", plain=True)
_KINDS: Final = {Scalar: "a single value", Sequence: "a list", Mapping: "keys with values"}


@dataclass(slots=True)
class Reader:
    """Reads one file's tree; `findings` is what is wrong in it so far."""

    path: str
    findings: list[Finding] = field(default_factory=list)

    def note(self, line: int, message: str) -> None:
        """Note that something is wrong in `line`, unless it is about a missing value, which `mapping` has noted."""
        if line == _NOWHERE.line:
            return
        self.findings.append(Finding(path=self.path, line=line, message=message))

    def mapping(self, node: Node, what: str, *, required: Iterable[str] = (), optional: Iterable[str] = ()) -> Mapping:
        """Read keys with values, of which only the named ones may stand there."""
        if not isinstance(node, Mapping):
            self.note(node.line, f"{what} takes keys with values, not {_KINDS[type(node)]}")
            return Mapping(line=node.line)
        known = [*required, *optional]
        unknown = [key for key in node.entries if key not in known]
        for key in unknown:
            self.note(node.lines[key], f'{what} has no key "{key}"{did_you_mean(key, known)}')
        for key in required:
            if key not in node.entries:
                self.note(node.line, f'{what} needs "{key}"')
        return node

    def items(self, node: Node, what: str) -> list[Node]:
        """Read a list that is not empty."""
        if not isinstance(node, Sequence):
            self.note(node.line, f"{what} takes a list, not {_KINDS[type(node)]}")
            return []
        if not node.items:
            self.note(node.line, f"{what} must not be empty")
        return node.items

    def text(self, node: Node, what: str, *, pattern: re.Pattern[str] | None = None, form: str = "") -> str:
        """Read a text of one line or several (joined by spaces), of the given form."""
        if not isinstance(node, Scalar):
            self.note(node.line, f"{what} takes a single value, not {_KINDS[type(node)]}")
            return ""
        text = " ".join(node.text.split())
        if not text or (node.plain and text in _NULLS):
            self.note(node.line, f"{what} has no value")
        elif len(text) > MAX_TEXT:
            self.note(node.line, f"{what} is longer than {MAX_TEXT} characters")
        elif not text.isprintable():
            self.note(node.line, f"{what} holds a control character")
        elif pattern is not None and pattern.fullmatch(text) is None:
            self.note(node.line, f'{what} must be {form}, not "{text}"')
        return text

    def choice(self, node: Node, what: str, choices: Iterable[str]) -> str:
        """Read one of `choices`."""
        known = list(choices)
        text = self.text(node, what)
        if text and text not in known:
            self.note(node.line, f'{what} is one of {", ".join(known)}, not "{text}"{did_you_mean(text, known)}')
        return text

    def texts(self, node: Node, what: str, one: Callable[[Node, Reader, str], str]) -> frozenset[str]:
        """Read a list of texts without repetition, `one` reading each; a single one may stand without brackets."""
        nodes = [node] if isinstance(node, Scalar) else self.items(node, what)
        found: set[str] = set()
        for item in nodes:
            text = one(item, self, what)
            if text in found:
                self.note(item.line, f'{what} names "{text}" twice')
            found.add(text)
        return frozenset(found)

    def yes(self, node: Node, what: str) -> None:
        """Read `true`, the only value that a condition without parameters takes."""
        if self.text(node, what) not in {"true", ""}:
            self.note(node.line, f"{what} takes only true; leave it out where it is not required")

    def flag(self, node: Node, what: str) -> bool:
        """Read `true` or `false`."""
        return self.choice(node, what, ("true", "false")) == "true"

    def whole(self, node: Node, what: str, *, most: int) -> int:
        """Read a whole number from 1 to `most`."""
        text = self.text(node, what)
        number = int(text) if _WHOLE.fullmatch(text) else 0
        if text and not 1 <= number <= most:
            self.note(node.line, f'{what} must be a whole number from 1 to {most}, not "{text}"')
        return number

    def day(self, node: Node, what: str) -> datetime:
        """Read a calendar day (`2026-07-01`); return its beginning in UTC."""

        def parse(text: str) -> datetime:
            if _DATE.fullmatch(text) is None:
                raise ValueError(text)
            day = date.fromisoformat(text)
            return datetime(day.year, day.month, day.day, tzinfo=UTC)

        return self._parsed(node, what, parse, datetime.min.replace(tzinfo=UTC), "a day such as 2026-07-01")

    def duration(self, node: Node, what: str) -> Duration:
        """Read an ISO 8601 duration (`P5Y`, `PT1H`)."""
        form = f"an ISO 8601 duration such as P5Y or PT1H, up to {MAX_YEARS} years"
        return self._parsed(node, what, Duration.parse, Duration(text="", months=0, seconds=0), form)

    def _parsed(self, node: Node, what: str, parse: Callable[[str], T], placeholder: T, form: str) -> T:
        text = self.text(node, what)
        try:
            return parse(text)
        except ValueError:
            if text:
                self.note(node.line, f'{what} must be {form}, not "{text}"')
            return placeholder


def entry(mapping: Mapping, key: str) -> Node:
    """Return the value of `key`; an empty one where it is missing, which `mapping` has noted."""
    return mapping.entries.get(key, _NOWHERE)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean "…"?` where a known word is much like `word`, else nothing."""
    close = get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)
    return f'; did you mean "{close[0]}"?' if close else ""
