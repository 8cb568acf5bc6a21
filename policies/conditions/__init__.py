"""The closed vocabulary of conditions.

A new condition is one class in the module of what it is about, named in that module's `CONDITIONS`.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from policies.conditions import credential, issuer, presentation, status
from policies.conditions.combinators import KEYS, Combination, Tree, leaves
from policies.reading import did_you_mean, entry
from policies.source import Mapping

if TYPE_CHECKING:
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
        for module in (issuer, credential, status, presentation)
        for condition in module.CONDITIONS
    }
)
"""Every condition, by its key in a policy file."""


def read_requirement(node: Node, reader: Reader) -> Tree | None:
    """Read what a rule requires; None where there is nothing to go on with, which `reader` has noted."""
    tree = _read(node, reader, 1)
    if tree is not None and sum(1 for _ in leaves(tree)) > MAX_CONDITIONS:
        reader.note(node.line, f"a rule has at most {MAX_CONDITIONS} conditions")
    return tree


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
    read = [_read(each, reader, depth + 1) for each in nodes]
    conditions = tuple(condition for condition in read if condition is not None)
    if needed is not None:
        return Combination(key, reader.whole(needed, "at_least.n", most=max(1, len(nodes))), conditions)
    return Combination(key, len(nodes) if key == "all" else 1, conditions)
