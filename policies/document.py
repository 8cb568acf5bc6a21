"""One policy file, read: what it says by itself, before its parents are looked at."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final, TypeAlias

from policies.conditions import Requirement
from policies.model import Verdict
from policies.reading import Reader
from policies.shapes import Choice, Day, Flag, Items, Keys, Member, Text, Texts
from policies.source import Finding, Mapping, Node, parse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Mapping as MappingOf
    from datetime import datetime
    from typing import Any

    from policies.conditions.combinators import Tree

MAX_RULES: Final = 200
"""Rules in one file."""
CORE: Final = "core/current"
"""What every policy without a parent extends."""
_RESERVED: Final = "core/"

_WORD: Final = "[a-z0-9]+(?:-[a-z0-9]+)*"
_NUMBER: Final = "(?:0|[1-9][0-9]{0,5})"
_ID: Final = rf"{_WORD}(?:/{_WORD})+"
_POLICY_ID: Final = rf"(?=.{{3,120}}$){_ID}"
_RULE_ID: Final = rf"(?=.{{1,64}}$){_WORD}"
"""Both stand in every decision and in its log, once for each rule."""
_VERSION: Final = rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}"
_EXTENDS: Final = re.compile(rf"({_ID})@({_NUMBER})")
REFERENCE: Final = re.compile(rf"({_ID})(?:@({_NUMBER})(?:\.({_NUMBER})\.({_NUMBER}))?)?")
"""How a policy is asked for: `us-al/talent-triad`, `…@3` or `…@3.1.0`."""

_VERDICTS: Final = {verdict.value: verdict for verdict in Verdict}
_ON_UNKNOWN: Final = {"review": Verdict.REVIEW, "reject": Verdict.REJECT}
"""There is no `accept`: what is not known is never a reason to accept."""

Version: TypeAlias = tuple[int, int, int]

_RULE: Final = Keys(
    {
        "id": Member(
            Text(_RULE_ID, "lower-case words with hyphens, of 64 characters at most"),
            "What the rule is called; the same id in a child restates the rule of its parent.",
            required=True,
            called="a rule's id",
        ),
        "say": Member(Text(), "What it demands, in a sentence for everybody.", required=True, called="say"),
        "require": Member(Requirement(), "What has to be the case.", required=True),
        "severity": Member(
            Choice(("require", "warn")),
            "A rule that only warns never blocks; require where nothing is said.",
            called="severity",
        ),
        "on_unknown": Member(
            Choice(tuple(_ON_UNKNOWN)),
            "What is decided where it cannot be found out; review where nothing is said.",
            called="on_unknown",
        ),
        "fix": Member(Text(), "What the applicant can do where it is not met.", called="fix"),
        "locked": Member(Flag(), "Whether a child may only narrow it; true where nothing is said.", called="locked"),
    },
    called="a rule",
)
_TEST: Final = Keys(
    {
        "facts": Member(
            Text(r"[^/\\:][^\\:]*", "a path relative to this file"),
            "The file that holds the facts, relative to this one.",
            required=True,
            called="facts",
        ),
        "expect": Member(
            Choice(tuple(_VERDICTS)), "What the policy has to decide about them.", required=True, called="expect"
        ),
        "because": Member(Texts(), "Exactly the rules that have to decide so.", called="because"),
    },
    called="a test",
)
POLICY: Final = Keys(
    {
        "policy": Member(
            Text(
                _POLICY_ID,
                "lower-case words with a slash between them, such as us-al/talent-triad, of 120 characters at most",
            ),
            "The policy's id: the authority, then the policy.",
            required=True,
            called="policy",
        ),
        "version": Member(
            Text(_VERSION, "three numbers, such as 1.0.0"),
            "Three numbers; a child extends the first of them.",
            required=True,
            called="version",
        ),
        "title": Member(Text(), "What it is called for people.", called="title"),
        "description": Member(Text(), "What it is for.", called="description"),
        "jurisdiction": Member(Text(), "Where it applies, such as US-AL.", called="jurisdiction"),
        "extends": Member(
            Text(_EXTENDS.pattern, "an id and a major version, such as us/ler-baseline@1"),
            "The policy whose rules it inherits, and may narrow but not loosen.",
            called="extends",
        ),
        "owner": Member(
            Keys(
                {
                    "name": Member(Text(), "Who answers for it.", required=True),
                    "contact": Member(Text(), "Where to write to."),
                }
            ),
            "Who answers for the policy.",
            called="owner",
        ),
        "effective": Member(
            Keys(
                {
                    "from": Member(Day(), "The first day on which it is in effect, in UTC."),
                    "until": Member(Day(), "The last day on which it is in effect, in UTC."),
                }
            ),
            "When it is in effect; always, where nothing is said.",
            called="effective",
        ),
        "rules": Member(
            Items(_RULE, most=MAX_RULES, too_many=f"a policy has at most {MAX_RULES} rules"),
            "What it demands, beside what its parents demand.",
            required=True,
            called="rules",
        ),
        "tests": Member(Items(_TEST), "What it decides about some facts; `policy test` runs them.", called="tests"),
    },
    called="a policy",
)
"""A policy file."""


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

    def turns(self) -> Iterator[datetime]:
        """Yield the instants from which on it is in effect, and from which on it is past."""
        if self.begins is not None:
            yield self.begins
        if self.until is not None and self.until.date() != date.max:
            yield self.until + timedelta(days=1)

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
    value = POLICY.read(tree, reader, "a policy")
    lines = tree.lines if isinstance(tree, Mapping) else {}
    line = lines.get("policy", tree.line)
    if value["policy"].startswith(_RESERVED) and not library:
        reader.note(line, f'ids that begin with "{_RESERVED}" are kept for the program itself')
    return Document(
        path=reader.path,
        line=line,
        id=value["policy"],
        version=_version(value["version"]),
        name=f"{value['policy']}@{value['version']}",
        title=value.get("title"),
        description=value.get("description"),
        jurisdiction=value.get("jurisdiction"),
        extends=_extends(value.get("extends")),
        extends_line=lines.get("extends", tree.line),
        owner=Owner(**value["owner"]) if "owner" in value else None,
        effective=_effective(value.get("effective", {}), lines.get("effective", tree.line), reader),
        rules=_rules(value["rules"], reader),
        tests=tuple(_test(line, test) for line, test in value.get("tests", ())),
        library=library,
    )


def _version(text: str) -> Version:
    if re.fullmatch(_VERSION, text) is None:
        return (0, 0, 0)
    major, minor, patch = map(int, text.split("."))
    return (major, minor, patch)


def _extends(text: str | None) -> tuple[str, int] | None:
    match = None if text is None else _EXTENDS.fullmatch(text)
    return None if match is None else (match[1], int(match[2]))


def _effective(value: MappingOf[str, datetime], line: int, reader: Reader) -> Effective:
    effective = Effective(begins=value.get("from"), until=value.get("until"))
    if effective.begins and effective.until and effective.until < effective.begins:
        reader.note(line, "effective.until lies before effective.from")
    return effective


def _rules(stated: tuple[tuple[int, dict[str, Any]], ...], reader: Reader) -> tuple[Rule, ...]:
    rules = [_rule(line, value) for line, value in stated if value["require"] is not None]
    first: dict[str, int] = {}
    for rule in rules:
        if rule.id in first:
            reader.note(rule.line, f'rule "{rule.id}" stands twice (first in line {first[rule.id]})')
        first.setdefault(rule.id, rule.line)
    return tuple(rules)


def _rule(line: int, value: MappingOf[str, Any]) -> Rule:
    return Rule(
        line=line,
        id=value["id"],
        say=value["say"],
        require=value["require"],
        severity=value.get("severity"),
        on_unknown=_ON_UNKNOWN.get(value.get("on_unknown", "")),
        fix=value.get("fix"),
        locked=value.get("locked", True),
    )


def _test(line: int, value: MappingOf[str, Any]) -> InlineTest:
    return InlineTest(
        line=line,
        facts=value["facts"],
        expect=_VERDICTS.get(value["expect"], Verdict.REJECT),
        because=value.get("because"),
    )
