"""What European Learning Model nodes hold: names, notes, concepts, amounts and periods.

Nearly everything may be single or several, and text is a language map or a Note around one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from gateway.normalizers._claims import (
    Members,
    Read,
    each,
    identifier,
    ignore,
    instant,
    link,
    number,
    read_members,
    string,
    text,
)

if TYPE_CHECKING:
    from collections.abc import Callable

_AMOUNT: Final = re.compile(r"\d{1,9}(?:\.\d{1,6})?", re.ASCII)


def organisation(value: Any, at: str, unmapped: list[str]) -> Any:
    """Read an Organisation as Open Badges' profile: id, name, url, identifiers; of several the first."""
    return first(_organisation, value, at, unmapped)


def _organisation(node: Any, at: str, unmapped: list[str]) -> dict[str, Any] | None:
    if not isinstance(node, dict):
        found = identifier(node, at, unmapped)
        return None if found is None else {"id": found, "name": None, "url": None, "identifiers": []}
    read = read_members(node, at, unmapped, _ORGANISATION, {})
    return {
        "id": read.get("id"),
        "name": read.get("legalName") or read.get("altLabel"),
        "url": read.get("url"),
        "identifiers": [one for name in _IDENTIFIERS for one in read.get(name, ())],
    }


def identifiers(kind: str) -> Read:
    """Return a reader of (Legal)Identifier nodes, of a type that is told by the member they stand in."""

    def read(value: Any, at: str, unmapped: list[str]) -> list[dict[str, Any]]:
        found = []
        for where, node in each(value, at):
            if not isinstance(node, dict):
                unmapped.append(where)
                continue
            members = read_members(node, where, unmapped, _IDENTIFIER, {"value": None})
            scheme = members.get("scheme")
            found.append({"type": f"ext:{scheme}" if isinstance(scheme, str) else kind, "value": members["value"]})
        return found

    return read


def note(value: Any, at: str, unmapped: list[str]) -> Any:
    """Read text for people: a Note with its `noteLiteral`, or a language map; of several the first."""
    return first(_note, value, at, unmapped)


def evidence(value: Any, at: str, unmapped: list[str]) -> list[dict[str, Any]]:
    """Read Evidence nodes."""
    found = []
    for where, node in each(value, at):
        read = members_of(_EVIDENCE)(node, where, unmapped)
        record = dict.fromkeys(("id", "type", "name", "description", "narrative", "genre", "audience"))
        found.append({**record, **read, "type": ["Evidence"], "genre": (read.pop("genre", None) or {}).get("label")})
    return found


def concept(value: Any, at: str, unmapped: list[str]) -> dict[str, Any] | None:
    """Read a Concept of a controlled vocabulary: {url, label, code, scheme}; of several the first."""
    found: dict[str, Any] | None = first(_concept, value, at, unmapped)
    return found


def concepts(value: Any, at: str, unmapped: list[str]) -> list[dict[str, Any]]:
    """Read the Concepts of a controlled vocabulary, each as `concept` does."""
    found = (_concept(node, where, unmapped) for where, node in each(value, at))
    return [one for one in found if one is not None]


def _concept(node: Any, at: str, unmapped: list[str]) -> dict[str, Any] | None:
    blank: dict[str, Any] = dict.fromkeys(("url", "label", "code", "scheme"))
    if isinstance(node, dict):
        return read_members(node, at, unmapped, _CONCEPT, blank)
    url = link(node, at, unmapped)
    return None if url is None else {**blank, "url": url}


def members_of(members: Members) -> Callable[[Any, str, list[str]], dict[str, Any]]:
    """Return a reader of one node with those members; what is no node has none."""

    def read(node: Any, at: str, unmapped: list[str]) -> dict[str, Any]:
        if isinstance(node, dict):
            return read_members(node, at, unmapped, members, {})
        unmapped.append(at)
        return {}

    return read


def first(read: Read, value: Any, at: str, unmapped: list[str]) -> Any:
    """Read the first of several values; the others have no place in the record."""
    found = list(each(value, at))
    unmapped.extend(where for where, _ in found[1:])
    return read(found[0][1], found[0][0], unmapped) if found else None


def _note(node: Any, at: str, unmapped: list[str]) -> Any:
    if isinstance(node, dict) and "noteLiteral" in node:
        return read_members(node, at, unmapped, _NOTE, {}).get("text")
    return text(node, at, unmapped)


def web_page(value: Any, at: str, unmapped: list[str]) -> Any:
    """Read the address of a WebResource, of several the first."""
    return first(_page, value, at, unmapped)


def _page(node: Any, at: str, unmapped: list[str]) -> str | None:
    if isinstance(node, dict):
        found: str | None = read_members(node, at, unmapped, _WEB_RESOURCE, {}).get("url")
        return found
    return link(node, at, unmapped)


def amount(value: Any, at: str, unmapped: list[str]) -> int | float | None:
    """Read an amount, which ELM writes as a string."""
    if isinstance(value, str) and _AMOUNT.fullmatch(value):
        return float(value) if "." in value else int(value)
    return number(value, at, unmapped)


def credit_point(value: Any, at: str, unmapped: list[str]) -> dict[str, Any]:
    """Read a CreditPoint: {framework, point}; of several the first."""
    found: dict[str, Any] | None = first(members_of(_CREDIT_POINT), value, at, unmapped)
    return found or {}


def period(value: Any, at: str, unmapped: list[str]) -> tuple[str | None, str | None]:
    """Read a PeriodOfTime as (start, end); of several the first."""
    found = first(members_of(_PERIOD), value, at, unmapped) or {}
    return found.get("start"), found.get("end")


def plain(words: Any) -> str | None:
    """Return text in one language: a grade or a unit is the same in all of them."""
    if isinstance(words, dict):
        return words.get("en") or next(iter(words.values()), None)
    return words if isinstance(words, str) else None


def types(value: Any, at: str, unmapped: list[str]) -> list[str]:
    """Read the types of a node."""
    return [name for where, one in each(value, at) if (name := string(one, where, unmapped)) is not None]


def _scheme(value: Any, at: str, unmapped: list[str]) -> str | None:
    """Read which vocabulary a concept is of: a ConceptScheme, or its address."""
    node = value.get("id") if isinstance(value, dict) else value
    return identifier(node, at, unmapped)


NODE: Final[Members] = {"id": (None, ignore), "type": (None, ignore)}
"""Of inner nodes: identifiers of the document's own, and types that follow from the member they stand in."""

_CONCEPT: Final[Members] = {
    "id": ("url", identifier),
    "type": (None, ignore),
    "inScheme": ("scheme", _scheme),
    "prefLabel": ("label", text),
    "notation": ("code", string),
    "definition": (None, ignore),
}
_NOTE: Final[Members] = {**NODE, "noteLiteral": ("text", text), "noteFormat": (None, ignore)}
_WEB_RESOURCE: Final[Members] = {
    **NODE,
    "contentURL": ("url", link),
    "title": (None, ignore),
    "language": (None, ignore),
}
_IDENTIFIER: Final[Members] = {
    **NODE,
    "notation": ("value", string),
    "schemeName": ("scheme", text),
    "schemeAgency": (None, ignore),
    "spatial": (None, ignore),
}
_IDENTIFIERS: Final = ("eIDASIdentifier", "registration", "vatIdentifier", "taxIdentifier", "identifier")
_ORGANISATION: Final[Members] = {
    "id": ("id", identifier),
    "type": (None, ignore),
    "legalName": ("legalName", text),
    "altLabel": ("altLabel", text),
    "homepage": ("url", web_page),
    "eIDASIdentifier": ("eIDASIdentifier", identifiers("ext:eIDASIdentifier")),
    "registration": ("registration", identifiers("ext:registration")),
    "vatIdentifier": ("vatIdentifier", identifiers("ext:vatIdentifier")),
    "taxIdentifier": ("taxIdentifier", identifiers("ext:taxIdentifier")),
    "identifier": ("identifier", identifiers("identifier")),
}
_CREDIT_POINT: Final[Members] = {**NODE, "framework": ("framework", concept), "point": ("point", amount)}
_PERIOD: Final[Members] = {**NODE, "startDate": ("start", instant), "endDate": ("end", instant)}
_EVIDENCE: Final[Members] = {
    "id": ("id", identifier),
    "type": (None, ignore),
    "evidenceStatement": ("narrative", note),
    "dcType": ("genre", concept),
}
