"""XML read as plain JSON: elements by their local names, bounded in size, depth and number.

An element with only text is a string, any other an object; attributes are members that begin with `@`, and
text beside them is `#text`. A document type, and with it every entity, is refused before it is read (T54).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from xml.etree.ElementTree import ParseError

from resolvers.problems import Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_BYTES: Final = 4 * 1024 * 1024
"""Of the largest transcript that is read; one with a scanned document in it has about two million."""
MAX_DEPTH: Final = 64
MAX_ELEMENTS: Final = 10_000

_HEAD: Final = 4096
"""Characters in which the root element has to begin, after a declaration and comments."""
_ROOT: Final = re.compile(
    r"\s*+(?:<\?xml[^>]{0,200}+>\s*+)?(?:<!--(?:(?!-->).){0,2000}+-->\s*+){0,4}+"
    r"(?:<!DOCTYPE[^\[>]{0,200}+(?:\[[^\]]{0,3000}+\])?\s*+>\s*+)?<(?:[A-Za-z_][\w.-]*+:)?([A-Za-z_][\w.-]*+)([^>]*+)>",
    re.DOTALL,
)


def peek_root(content: Any) -> tuple[str, str] | None:
    """Return the name of the root element and the text of its attributes, as they seem to be; None if it is no XML.

    Loose, since what is malformed is to be refused by whoever it belongs to; nothing else may use it.
    """
    if isinstance(content, bytes):
        content = content[:_HEAD].removeprefix(b"\xef\xbb\xbf").decode("latin-1")
    if not isinstance(content, str) or not content[:1024].lstrip("\ufeff \t\r\n").startswith("<"):
        return None
    match = _ROOT.match(content[:_HEAD].lstrip("\ufeff"))
    return None if match is None else (match[1], match[2])


def parse(content: Any) -> tuple[str, Mapping[str, Any]]:
    """Return the name of the root element, and what is in it.

    Raises:
        Invalid: `PARSING_ERROR`, `too-large`, `too-deep`.
    """
    from defusedxml.common import DefusedXmlException  # noqa: PLC0415 — few records are XML
    from defusedxml.ElementTree import XMLParser  # noqa: PLC0415 — as above

    if not isinstance(content, (str, bytes)):
        raise Invalid("PARSING_ERROR", "not XML")
    if len(content) > MAX_BYTES:
        raise Invalid("too-large", f"{len(content)} characters, of at most {MAX_BYTES}")
    target = _Tree()
    parser = XMLParser(target=target, forbid_dtd=True)
    try:
        parser.feed(content)
        parser.close()
    except DefusedXmlException:
        raise Invalid("PARSING_ERROR", "the XML has a document type or an entity, which are never read") from None
    except (ParseError, ValueError, LookupError) as error:
        raise Invalid("PARSING_ERROR", f"not well-formed XML: {str(error)[:100]}") from None
    (name, tree) = target.root
    return name, tree if isinstance(tree, dict) else {"#text": tree}


class _Tree:
    """Builds the tree as the parser reports elements, which ElementTree would keep as objects of 100 bytes each."""

    def __init__(self) -> None:
        self.root: tuple[str, Any] = ("", {})
        self._open: list[tuple[str, dict[str, Any], list[str]]] = []
        self._count = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._count += 1
        if len(self._open) >= MAX_DEPTH:
            raise Invalid("too-deep", f"more than {MAX_DEPTH} levels")
        if self._count > MAX_ELEMENTS:
            raise Invalid("too-large", f"more than {MAX_ELEMENTS} elements")
        members = {f"@{_local(name)}": value for name, value in attributes.items()}
        self._open.append((_local(tag), members, []))

    def data(self, text: str) -> None:
        if self._open:
            self._open[-1][2].append(text)

    def end(self, _tag: str) -> None:
        name, members, parts = self._open.pop()
        text = "".join(parts).strip()
        value: Any = members
        if not members:
            value = text
        elif text:
            members["#text"] = text
        if not self._open:
            self.root = (name, value)
            return
        inside = self._open[-1][1]
        if name not in inside:
            inside[name] = value
        elif isinstance(inside[name], list):
            inside[name].append(value)
        else:
            inside[name] = [inside[name], value]

    def close(self) -> None:
        """Nothing is left to do: `end` has closed the root."""


def _local(name: str) -> str:
    return name.rpartition("}")[2]
