"""The closed vocabulary of conditions.

A new condition is one class in the module of what it is about, named in that module's `CONDITIONS`.
"""

from __future__ import annotations

from inspect import cleandoc
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from policies.conditions import attestation, credential, dates, issuer, presentation, registry, status, trust
from policies.conditions.combinators import KEYS, Combination, Tree, leaves
from policies.reading import did_you_mean, entry
from policies.source import Mapping

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Mapping as MappingOf

    from policies.conditions.base import Condition
    from policies.reading import Reader
    from policies.source import Node

MAX_DEPTH: Final = 6
"""Levels of conditions in one rule; a condition by itself is one."""
MAX_CONDITIONS: Final = 100
"""Conditions in one rule; comparing two rules takes time in the product of their sizes."""

CONDITIONS: Final[MappingOf[str, type[Condition]]] = MappingProxyType(
    {
        condition.key: condition
        for module in (registry, trust, issuer, attestation, credential, dates, status, presentation)
        for condition in module.CONDITIONS
    }
)
"""Every condition, by its key in a policy file."""


class Requirement:
    """The shape of what a rule requires: a condition, or several of them combined."""

    def read(self, node: Node, reader: Reader, what: str) -> Tree | None:
        """Read it; None where there is nothing to go on with, which `reader` has noted."""
        del what
        tree = _read(node, reader, 1)
        if tree is None:
            return None
        stated = list(leaves(tree))
        if len(stated) > MAX_CONDITIONS:
            reader.note(node.line, f"a rule has at most {MAX_CONDITIONS} conditions")
        for key in sorted({leaf.key for leaf in stated if leaf.permits and leaf is not tree}):
            reader.note(node.line, f"{key} stands alone in its rule")
        return tree

    def schema(self) -> dict[str, Any]:
        """Return a reference to the outermost of `definitions`."""
        return {"$ref": "#/$defs/requirement-1"}


def definitions() -> dict[str, Any]:
    """Return the JSON Schemas that `Requirement` refers to: every condition, and every level of them."""
    defined: dict[str, Any] = {
        key: {**condition.shape.schema(), "description": cleandoc(condition.__doc__ or key)}
        for key, condition in CONDITIONS.items()
    }
    for level in range(1, MAX_DEPTH + 1):
        stated = {
            key: {"$ref": f"#/$defs/{key}"}
            for key, condition in CONDITIONS.items()
            if level == 1 or not condition.permits
        }
        combined = _combinations(level + 1) if level < MAX_DEPTH else {}
        defined[f"requirement-{level}"] = {
            "type": "object",
            "properties": {**stated, **combined},
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": False,
        }
    return defined


def _combinations(level: int) -> dict[str, Any]:
    """Return the three ways to combine conditions of `level`."""
    several = {
        "type": "array",
        "items": {"$ref": f"#/$defs/requirement-{level}"},
        "minItems": 1,
        "maxItems": MAX_CONDITIONS,
    }
    return {
        "all": {**several, "description": "Every one of these must hold."},
        "any": {**several, "description": "One of these must hold."},
        "at_least": {
            "type": "object",
            "description": "So many of these must hold.",
            "properties": {"n": {"type": "integer", "minimum": 1, "maximum": MAX_CONDITIONS}, "of": several},
            "required": ["n", "of"],
            "additionalProperties": False,
        },
    }


def _read(node: Node, reader: Reader, depth: int) -> Tree | None:
    if depth > MAX_DEPTH:
        reader.note(node.line, f"conditions are nested more than {MAX_DEPTH} levels deep")
        return None
    if not isinstance(node, Mapping) or len(node.entries) != 1:
        reader.note(node.line, "a condition has exactly one key; several conditions stand in a list under all or any")
        return None
    ((key, value),) = node.entries.items()
    if key in KEYS:
        return _read_combination(key, value, reader, depth)
    if key not in CONDITIONS:
        hint = did_you_mean(key, [*CONDITIONS, *KEYS])
        reader.note(node.lines[key], f'there is no condition "{key}"{hint}')
        return None
    return CONDITIONS[key].read(value, reader)


def _read_combination(key: str, node: Node, reader: Reader, depth: int) -> Combination:
    of, needed = node, None
    if key == "at_least":
        value = reader.mapping(node, key, required=["n", "of"])
        of, needed = entry(value, "of"), entry(value, "n")
    nodes = reader.items(of, "at_least.of" if needed else key)
    read: Iterable[Tree | None] = [_read(each, reader, depth + 1) for each in nodes]
    conditions = tuple(condition for condition in read if condition is not None)
    if needed is not None:
        return Combination(key, reader.whole(needed, "at_least.n", most=max(1, len(nodes))), conditions)
    return Combination(key, len(nodes) if key == "all" else 1, conditions)
