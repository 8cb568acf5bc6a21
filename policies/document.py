"""One policy file, read: what it says by itself, before its parents are looked at."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final, TypeAlias

from policies.conditions import read_requirement
from policies.conditions.combinators import Combination, Tree, leaves
from policies.conditions.credential import AllowUnknownContexts
from policies.model import Verdict
from policies.reading import Reader, entry
from policies.source import Finding, Node, parse

if TYPE_CHECKING:
    from datetime import datetime

MAX_RULES: Final = 200
"""Rules in one file."""
CORE: Final = "core/current"
"""What every policy without a parent extends."""
_RESERVED: Final = "core/"

_WORD: Final = "[a-z0-9]+(?:-[a-z0-9]+)*"
_NUMBER: Final = "(?:0|[1-9][0-9]{0,5})"
_ID: Final = re.compile(rf"{_WORD}(?:/{_WORD})+")
_VERSION: Final = re.compile(rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}")
_EXTENDS: Final = re.compile(rf"({_ID.pattern})@({_NUMBER})")
REFERENCE: Final = re.compile(rf"({_ID.pattern})(?:@({_NUMBER})(?:\.({_NUMBER})\.({_NUMBER}))?)?")
"""How a policy is asked for: `us-al/talent-triad`, `…@3` or `…@3.1.0`."""
_RULE_ID: Final = re.compile(_WORD)
_RELATIVE: Final = re.compile(r"[^/\\:][^\\:]*")

_VERDICTS: Final = {verdict.value: verdict for verdict in Verdict}
_ON_UNKNOWN: Final = {"review": Verdict.REVIEW, "reject": Verdict.REJECT}
"""There is no `accept`: what is not known is never a reason to accept."""

Version: TypeAlias = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Who answers for a policy."""

    name: str
    contact: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Effective:
    """When a policy is in effect: from the beginning of a day to the end of a day, both in UTC."""

    begins: datetime | None = None
    until: datetime | None = None
    """The beginning of its last day."""

    def includes(self, instant: datetime) -> bool:
        """Whether it is in effect at `instant`."""
        return (self.begins is None or self.begins <= instant) and not self.is_past(instant)

    def is_past(self, instant: datetime) -> bool:
        """Whether it was in effect, and is no longer, at `instant`."""
        return self.until is not None and instant - self.until >= timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule as its file states it. None: not stated, so as its parent says, or else the default."""

    line: int
    id: str
    say: str
    require: Tree
    severity: str | None
    """require | warn."""
    on_unknown: Verdict | None
    fix: str | None
    locked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InlineTest:
    """One `tests` entry: what the policy decides about the facts in a file."""

    line: int
    facts: str
    """Path of the facts, relative to the policy file."""
    expect: Verdict
    because: frozenset[str] | None
    """Exactly the rules (and codes) that decide so; None where the test does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One policy file."""

    path: str
    line: int
    id: str
    version: Version
    name: str
    """Its id@version."""
    title: str | None
    description: str | None
    jurisdiction: str | None
    extends: tuple[str, int] | None
    """Id and major version of the parent."""
    extends_line: int
    owner: Owner | None
    effective: Effective
    rules: tuple[Rule, ...]
    tests: tuple[InlineTest, ...]
    library: bool = False
    """Whether it came with the program; then a source that is not configured is unknown, no error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What came of reading one file: a document, or findings."""

    path: str
    document: Document | None
    findings: tuple[Finding, ...]
    id: str | None
    """The policy's id, also where the rest is wrong."""
    content: bytes = field(default=b"", repr=False)
    """What was read."""


def read(path: str, content: bytes, *, library: bool = False) -> Reading:
    """Read a policy file. `path` is what findings call it."""
    tree, findings = parse(path, content)
    if tree is None:
        empty = Finding(path=path, line=1, message="the file holds no policy")
        return Reading(path=path, document=None, findings=tuple(findings or [empty]), id=None, content=content)
    reader = Reader(path, findings)
    document = _document(tree, reader, library=library)
    sound = None if reader.findings else document
    found = tuple(sorted(reader.findings))
    return Reading(path=path, document=sound, findings=found, id=document.id, content=content)


def _document(tree: Node, reader: Reader, *, library: bool) -> Document:
    optional = ("title", "description", "jurisdiction", "extends", "owner", "effective", "tests")
    value = reader.mapping(tree, "a policy", required=["policy", "version", "rules"], optional=optional)
    entries = value.entries
    form = "lower-case words with a slash between them, such as us-al/talent-triad"
    name = reader.text(entry(value, "policy"), "policy", pattern=_ID, form=form)
    if name.startswith(_RESERVED) and not library:
        reader.note(value.lines["policy"], f'ids that begin with "{_RESERVED}" are kept for the program itself')
    version = reader.text(entry(value, "version"), "version", pattern=_VERSION, form="three numbers, such as 1.0.0")
    return Document(
        path=reader.path,
        line=value.lines.get("policy", value.line),
        id=name,
        version=_version(version),
        name=f"{name}@{version}",
        title=_optional_text(entries.get("title"), "title", reader),
        description=_optional_text(entries.get("description"), "description", reader),
        jurisdiction=_optional_text(entries.get("jurisdiction"), "jurisdiction", reader),
        extends=_extends(entries.get("extends"), reader),
        extends_line=value.lines.get("extends", value.line),
        owner=_owner(entries.get("owner"), reader),
        effective=_effective(entries.get("effective"), reader),
        rules=_rules(entries.get("rules"), reader),
        tests=_tests(entries.get("tests"), reader),
        library=library,
    )


def _version(text: str) -> Version:
    if _VERSION.fullmatch(text) is None:
        return (0, 0, 0)
    major, minor, patch = map(int, text.split("."))
    return (major, minor, patch)


def _optional_text(node: Node | None, what: str, reader: Reader) -> str | None:
    return None if node is None else reader.text(node, what)


def _extends(node: Node | None, reader: Reader) -> tuple[str, int] | None:
    if node is None:
        return None
    form = "an id and a major version, such as us/ler-baseline@1"
    match = _EXTENDS.fullmatch(reader.text(node, "extends", pattern=_EXTENDS, form=form))
    return None if match is None else (match[1], int(match[2]))


def _owner(node: Node | None, reader: Reader) -> Owner | None:
    if node is None:
        return None
    value = reader.mapping(node, "owner", required=["name"], optional=["contact"])
    return Owner(
        name=reader.text(entry(value, "name"), "owner.name"),
        contact=_optional_text(value.entries.get("contact"), "owner.contact", reader),
    )


def _effective(node: Node | None, reader: Reader) -> Effective:
    if node is None:
        return Effective()
    value = reader.mapping(node, "effective", optional=["from", "until"])
    begins, until = value.entries.get("from"), value.entries.get("until")
    effective = Effective(
        begins=None if begins is None else reader.day(begins, "effective.from"),
        until=None if until is None else reader.day(until, "effective.until"),
    )
    if effective.begins and effective.until and effective.until < effective.begins:
        reader.note(node.line, "effective.until lies before effective.from")
    return effective


def _rules(node: Node | None, reader: Reader) -> tuple[Rule, ...]:
    if node is None:
        return ()
    nodes = reader.items(node, "rules")
    if len(nodes) > MAX_RULES:
        reader.note(nodes[MAX_RULES].line, f"a policy has at most {MAX_RULES} rules")
        return ()
    rules = [rule for each in nodes if (rule := _rule(each, reader)) is not None]
    first: dict[str, int] = {}
    for rule in rules:
        if rule.id in first:
            reader.note(rule.line, f'rule "{rule.id}" stands twice (first in line {first[rule.id]})')
        first.setdefault(rule.id, rule.line)
    return tuple(rules)


def _rule(node: Node, reader: Reader) -> Rule | None:
    optional = ("severity", "on_unknown", "fix", "locked")
    value = reader.mapping(node, "a rule", required=["id", "say", "require"], optional=optional)
    entries = value.entries
    name = reader.text(entry(value, "id"), "a rule's id", pattern=_RULE_ID, form="lower-case words with hyphens")
    say = reader.text(entry(value, "say"), "say")
    severity = reader.choice(entries["severity"], "severity", ("require", "warn")) if "severity" in entries else None
    on_unknown = reader.choice(entries["on_unknown"], "on_unknown", _ON_UNKNOWN) if "on_unknown" in entries else ""
    locked = reader.flag(entries["locked"], "locked") if "locked" in entries else True
    fix = _optional_text(entries.get("fix"), "fix", reader)
    require = _requirement(entries["require"], reader) if "require" in entries else None
    if require is None:
        return None
    return Rule(
        line=node.line,
        id=name,
        say=say,
        require=require,
        severity=severity,
        on_unknown=_ON_UNKNOWN.get(on_unknown),
        fix=fix,
        locked=locked,
    )


def _requirement(node: Node, reader: Reader) -> Tree | None:
    tree = read_requirement(node, reader)
    if isinstance(tree, Combination) and any(isinstance(leaf, AllowUnknownContexts) for leaf in leaves(tree)):
        reader.note(node.line, "allow_unknown_contexts stands alone in its rule")
    return tree


def _tests(node: Node | None, reader: Reader) -> tuple[InlineTest, ...]:
    return () if node is None else tuple(_test(each, reader) for each in reader.items(node, "tests"))


def _test(node: Node, reader: Reader) -> InlineTest:
    value = reader.mapping(node, "a test", required=["facts", "expect"], optional=["because"])
    because = value.entries.get("because")
    expect = reader.choice(entry(value, "expect"), "expect", _VERDICTS)
    form = "a path relative to this file"
    return InlineTest(
        line=node.line,
        facts=reader.text(entry(value, "facts"), "facts", pattern=_RELATIVE, form=form),
        expect=_VERDICTS.get(expect, Verdict.REJECT),
        because=None if because is None else reader.texts(because, "because"),
    )
