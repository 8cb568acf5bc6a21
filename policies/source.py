"""YAML text → a tree of scalars, sequences and mappings, each with its line.

Strict, so that a file means what it seems to mean: no anchors, aliases, tags, merge keys or second
document, no duplicate key, UTF-8 only, bounded in size and depth. No scalar is interpreted here:
`NO` stays a string, and `3.10` keeps its zero; a reader says what it expects instead.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeAlias

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BYTES: Final = 64 * 1024
"""Size of a policy file."""
MAX_NESTING: Final = 32
"""Levels of YAML in a policy file; a condition of the deepest kind that is allowed needs about 20."""

# libyaml's parser where PyYAML was built with it (every published wheel), which is 10 times as fast.
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Finding:
    """Something that is wrong in a file, and where."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        """Return `file:line: message`."""
        return f"{self.path}:{self.line}: {self.message}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar:
    """A value as written. `plain` is False where it stood in quotes or in a block."""

    line: int
    text: str
    plain: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """A list."""

    line: int
    items: list[Node] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """Keys and values, in the order of the file."""

    line: int
    entries: dict[str, Node] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    """The line of each key."""


Node: TypeAlias = Scalar | Sequence | Mapping


def parse(path: str, content: bytes) -> tuple[Node | None, list[Finding]]:
    """Return the tree of a YAML file, and what is wrong with it; None where there is no tree to read."""
    findings: list[Finding] = []
    if len(content) > MAX_BYTES:
        return None, [Finding(path=path, line=1, message=f"the file is larger than {MAX_BYTES // 1024} KiB")]
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return None, [Finding(path=path, line=line, message="the file is not UTF-8")]
    try:
        tree = _Builder(path, findings).build(yaml.parse(text, Loader=_LOADER))
    except _Refused as refused:
        return None, [*findings, refused.finding]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = 1 if mark is None else mark.line + 1
        return None, [*findings, Finding(path=path, line=line, message=f"this is not YAML: {error.problem}")]
    except yaml.YAMLError:  # the reader's: a character that YAML does not allow
        line = next((number for number, row in enumerate(text.split("\n"), 1) if not _allowed(row)), 1)
        return None, [*findings, Finding(path=path, line=line, message="this is not YAML: a control character")]
    return tree, findings


def _allowed(row: str) -> bool:
    return all(character.isprintable() or character in "\t\r" for character in row)


class _Refused(Exception):
    def __init__(self, finding: Finding) -> None:
        super().__init__(str(finding))
        self.finding = finding


class _Builder:
    """Builds the tree from the parser's events, without recursion."""

    def __init__(self, path: str, findings: list[Finding]) -> None:
        self._path = path
        self._findings = findings
        self._open: list[Sequence | Mapping] = []
        self._keys: list[tuple[str, int] | None] = []
        """Per open node: the key that waits for its value."""

    def build(self, events: Iterator[Any]) -> Node | None:
        root: Node | None = None
        for event in events:
            line: int = event.start_mark.line + 1
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    self._refuse(line, "a file holds one policy; here a second document begins")
            elif isinstance(event, yaml.CollectionEndEvent):
                self._open.pop()
                self._keys.pop()
            elif isinstance(event, yaml.NodeEvent):
                node = self._node(event, line)
                if not self._open:
                    root = node
                elif not self._place(node):
                    continue
                if not isinstance(node, Scalar):
                    self._open.append(node)
                    self._keys.append(None)
        return root

    def _node(self, event: Any, line: int) -> Node:
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            self._refuse(line, "YAML anchors and aliases are not allowed; write the value out")
        if event.tag is not None:
            self._refuse(line, "YAML tags are not allowed")
        if isinstance(event, yaml.ScalarEvent):
            return Scalar(line=line, text=event.value, plain=event.implicit[0])
        if len(self._open) == MAX_NESTING:
            self._refuse(line, f"this is nested more than {MAX_NESTING} levels deep")
        return Sequence(line=line) if isinstance(event, yaml.SequenceStartEvent) else Mapping(line=line)

    def _place(self, node: Node) -> bool:
        """Put `node` into the innermost open one; False where it was a key and waits for its value."""
        into = self._open[-1]
        if isinstance(into, Sequence):
            into.items.append(node)
            return True
        waiting = self._keys[-1]
        if waiting is None:
            if not isinstance(node, Scalar):
                self._refuse(node.line, "a key must be a plain word")
            self._keys[-1] = (node.text, node.line)
            return False
        self._keys[-1] = None
        key, line = waiting
        if key in into.entries:
            self._findings.append(
                Finding(path=self._path, line=line, message=f'"{key}" stands twice (first in line {into.lines[key]})')
            )
        else:
            into.entries[key] = node
            into.lines[key] = line
        return True

    def _refuse(self, line: int, message: str) -> NoReturn:
        raise _Refused(Finding(path=self._path, line=line, message=message))
