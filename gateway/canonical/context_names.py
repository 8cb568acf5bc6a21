"""What the names in a set of contexts may stand for, at any depth, whatever is active where.

This is deliberately coarser than JSON-LD: it asks whether a context inside a document could give a
name or an IRI of a pinned context a second meaning anywhere, not what it means in one place.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from gateway.canonical._pointer import data_loss

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_LONGEST_CHAIN: Final = 64
"""Definitions of which each names the next. Those of published contexts are at most four."""


class Names:
    """Every term that some contexts define, scoped ones included, with each of its definitions."""

    def __init__(self, texts: Iterable[Mapping[str, Any]]) -> None:
        """Read context documents, `{"@context": …}`."""
        self._definitions: dict[str, dict[str, Any]] = {}
        """Name → its different definitions, by their JSON text."""
        self._vocabularies: set[str] = set()
        self._expanded: dict[str, frozenset[str]] = {}
        self._chain = 0
        """Definitions that are being followed, each from the one before."""
        for text in texts:
            self._read(text.get("@context"))

    def _read(self, context: Any) -> None:
        for part in context if isinstance(context, list) else [context]:
            if isinstance(part, dict):
                if isinstance(part.get("@vocab"), str):
                    self._vocabularies.add(part["@vocab"])
                for name, definition in part.items():
                    if name[:1] != "@":
                        self._definitions.setdefault(name, {})[json.dumps(definition, sort_keys=True)] = definition
                        if isinstance(definition, dict):
                            self._read(definition.get("@context"))

    def __contains__(self, name: str) -> bool:
        """Whether any of the contexts defines `name`."""
        return name in self._definitions

    def count(self, name: str) -> int:
        """Return how many different definitions `name` has."""
        return len(self._definitions.get(name, ()))

    def iris(self) -> frozenset[str]:
        """Return every IRI and keyword that a name stands for."""
        return frozenset().union(*(self.expand(name) for name in self._definitions))

    def same(self, name: str, definition: Any, names: Names) -> bool:
        """Whether `definition` is the only one that `name` has here, read among all `names`."""
        return all(
            _parts(name, known, self) == _parts(name, definition, names) for known in self._definitions[name].values()
        )

    def expand(self, text: str) -> frozenset[str]:
        """Return everything that a term, a compact IRI or an IRI may stand for.

        Raises:
            Invalid: `DATA_LOSS_DETECTION_ERROR`: one definition leads to another too often.
        """
        if text[:1] == "@":
            return frozenset({text})
        if text not in self._expanded:
            self._expanded[text] = frozenset()  # a definition that leads back to itself adds nothing
            self._chain += 1
            if self._chain > _LONGEST_CHAIN:
                raise data_loss("a context of the document's own leads from term to term without end")
            self._expanded[text] = self._expand(text)
            self._chain -= 1
        return self._expanded[text]

    def _expand(self, text: str) -> frozenset[str]:
        found: set[str] = set()
        for definition in self._definitions.get(text, {}).values():
            identifier = definition
            if isinstance(definition, dict):
                identifier = definition.get("@id", definition.get("@reverse", text))
            if isinstance(identifier, str):
                found |= self._resolve(text) if identifier == text else self.expand(identifier)
        return frozenset(found) if text in self._definitions else self._resolve(text)

    def _resolve(self, text: str) -> frozenset[str]:
        """Return what `text` may stand for other than as a term."""
        prefix, colon, rest = text.partition(":")
        if not colon:
            return frozenset(f"{vocabulary}{text}" for vocabulary in self._vocabularies)
        if prefix in self._definitions and not rest.startswith("//"):
            return frozenset({text, *(f"{iri}{rest}" for iri in self.expand(prefix))})
        return frozenset({text})


def _parts(name: str, definition: Any, names: Names) -> tuple[Any, ...]:
    """Return a definition in a form in which two that mean the same are equal."""
    # Only a plain string makes a term a prefix by itself, so the two forms are not the same.
    simple = not isinstance(definition, dict)
    members = {"@id": definition} if simple else dict(definition)
    members.pop("@protected", None)
    identifier = members.pop("@id", name)
    coercion = members.pop("@type", None)
    containers = members.pop("@container", [])
    return (
        simple,
        names.expand(identifier) if isinstance(identifier, str) else identifier,
        names.expand(coercion) if isinstance(coercion, str) else coercion,
        sorted(map(str, containers if isinstance(containers, list) else [containers])),
        members,
    )
