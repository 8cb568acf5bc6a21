"""A whole policy in plain words: everything that it requires, inherited rules included, and where each comes from.

For three audiences. An applicant reads what to have and what to do; a recruiter what is required, by
whom, and what happens where something cannot be found out; an auditor all of it, to the last condition.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeAlias

from policies.conditions.base import both
from policies.conditions.combinators import Combination
from policies.duration import Duration
from policies.inheritance import WARN
from policies.model import ATTESTER, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from policies.compile import Policy
    from policies.conditions.combinators import Tree
    from policies.inheritance import ResolvedRule
    from policies.model import TrustQuestion


class Audience(StrEnum):
    """Who reads it."""

    APPLICANT = "applicant"
    RECRUITER = "recruiter"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True)
class _Heading:
    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class _Paragraph:
    text: str


@dataclass(frozen=True, slots=True)
class _Item:
    text: str
    depth: int = 0


_Block: TypeAlias = _Heading | _Paragraph | _Item

_BEFORE: Final = (
    "Before any of this the record itself must be genuine: complete, signed, unchanged, and signed by the "
    "issuer that it names."
)
_ASIDE: Final = "An unmet recommendation never turns a record down."


def explain(policy: Policy, *, audience: Audience = Audience.RECRUITER, markdown: bool = False) -> str:
    """Return what `policy` requires, as text or as Markdown, ending in a line end."""
    blocks = {Audience.APPLICANT: _to_applicant, Audience.RECRUITER: _to_recruiter, Audience.AUDITOR: _to_auditor}
    return _written(blocks[audience](policy), _markdown if markdown else _text)


def _to_applicant(policy: Policy) -> Iterator[_Block]:
    yield from _opening(policy)
    required, recommended = _rules(policy)
    yield _Heading("What your record must show")
    for rule in required:
        yield _Item(rule.say)
        if rule.fix:
            yield _Item(f"If it does not: {rule.fix}", 1)
        if rule.on_unknown is Verdict.REJECT:
            yield _Item("If this cannot be found out, the record is not accepted.", 1)
    yield _Paragraph(f"{_BEFORE} Where something else cannot be found out at the time, a person looks at it.")
    if recommended:
        yield _Heading("What helps")
        for rule in recommended:
            yield _Item(rule.say)
        yield _Paragraph(_ASIDE)


def _to_recruiter(policy: Policy) -> Iterator[_Block]:
    yield from _opening(policy)
    yield _Paragraph(_BEFORE)
    required, recommended = _rules(policy)
    for heading, rules in (("What is required", required), ("What is recommended", recommended)):
        if not rules:
            continue
        yield _Heading(heading)
        for rule in rules:
            yield _Item(rule.say)
            yield _Item(f"Checked: {rule.require.describe()}.", 1)
            if rule.severity != WARN:
                unknown = "the record is rejected" if rule.on_unknown is Verdict.REJECT else "a person looks at it"
                yield _Item(f"Where that cannot be found out, {unknown}.", 1)
            if rule.origin != policy.lineage[-1]:
                yield _Item(f"From: {policy.titles[rule.origin]}.", 1)
    if recommended:
        yield _Paragraph(_ASIDE)
    yield from _asked(policy)


def _to_auditor(policy: Policy) -> Iterator[_Block]:
    yield from _opening(policy)
    yield _Heading("Identity")
    yield _Item(f"policy: {policy.id}")
    yield _Item(f"version: {policy.version}")
    yield _Item(f"digest (SHA-256): {policy.digest}")
    if policy.owner is not None:
        contact = f", {policy.owner.contact}" if policy.owner.contact else ""
        yield _Item(f"owner: {policy.owner.name}{contact}")
    yield _Item("inherits, from the root down:")
    for name in policy.lineage:
        yield _Item(f"{name}: {policy.titles[name]}", 1)
    yield _Heading("Before the rules")
    yield _Item("structure, data loss, proof or issuer failed: reject; not found out: review at best.")
    bound = policy.stale_status_within
    stale = "never believed" if bound is None else f"believed up to an age of {_words(bound)}"
    yield _Item(f"a status past its freshness that says nothing against the record is {stale}.")
    for issuer in sorted(policy.status_issuers()):
        yield _Item(f"a status list that {issuer} issued is believed, beside the issuer's own.")
    unknown_terms = "permitted" if policy.allow_unknown_contexts else "not permitted"
    yield _Item(f"a vocabulary that is not known here, under a token or JCS proof: {unknown_terms}.")
    unsigned = "permitted" if policy.allow_unsigned_presentation else "not permitted"
    yield _Item(f"an unsigned presentation: {unsigned}.")
    yield _Heading("Rules")
    for rule in policy.rules:
        yield _Item(f"{rule.id}: {rule.say}")
        yield _Item(f"from {rule.origin}; {'locked' if rule.locked else 'not locked'} for whoever extends it", 1)
        consequence = "never blocks" if rule.severity == WARN else f"failed: reject; unknown: {rule.on_unknown}"
        yield _Item(f"{rule.severity}: {consequence}", 1)
        yield from _tree(rule.require, 1)
        if rule.fix:
            yield _Item(f"remedy: {rule.fix}", 1)
    yield from _asked(policy)


def _opening(policy: Policy) -> Iterator[_Block]:
    yield _Heading(policy.title, 1)
    if policy.description:
        yield _Paragraph(policy.description)
    places = [f"Jurisdiction: {policy.jurisdiction}."] if policy.jurisdiction else []
    effective = policy.in_effect
    begins = [f"from {effective.begins.date()}"] if effective.begins else []
    until = [f"until {effective.until.date()}"] if effective.until else []
    if begins or until:
        places.append(f"In effect {' '.join([*begins, *until])} (UTC).")
    if places:
        yield _Paragraph(" ".join(places))


def _rules(policy: Policy) -> tuple[list[ResolvedRule], list[ResolvedRule]]:
    """Return the rules that are required, and those that are recommended."""
    recommended = [rule for rule in policy.rules if rule.severity == WARN]
    return [rule for rule in policy.rules if rule.severity != WARN], recommended


def _tree(tree: Tree, depth: int) -> Iterator[_Item]:
    if isinstance(tree, Combination):
        yield _Item(f"{tree.heading()}:", depth)
        for each in tree.of:
            yield from _tree(each, depth + 1)
    else:
        yield _Item(f"{tree.key}: {tree.describe()}", depth)


def _asked(policy: Policy) -> Iterator[_Block]:
    questions = sorted(policy.trust_questions(), key=lambda question: question.key)
    yield _Heading("Who is asked")
    if not questions:
        yield _Paragraph("Nobody: the policy names no trust source.")
    for question in questions:
        yield _Item(_question(question))


def _question(question: TrustQuestion) -> str:
    about = "whoever has confirmed the record" if question.about == ATTESTER else "the issuer"
    terms = both(f"{name} {value}" for name, value in question.terms) if question.terms else ""
    return f"{question.source}, about {about}{f': {terms}' if terms else ''}"


def _words(seconds: float) -> str:
    return Duration(text="", months=0, seconds=int(seconds)).in_words()


def _text(block: _Block) -> str:
    if isinstance(block, _Heading):
        return f"{block.text}\n{('=' if block.level == 1 else '-') * len(block.text)}"
    return f"{'  ' * block.depth}- {block.text}" if isinstance(block, _Item) else block.text


def _markdown(block: _Block) -> str:
    """Return it as CommonMark, in which nothing that a policy says is markup."""
    escaped = _LEADING.sub(r"\g<1>\\\g<2>", _MARKUP.sub(r"\\\g<0>", block.text))
    if isinstance(block, _Heading):
        return f"{'#' * block.level} {escaped}"
    return f"{'  ' * block.depth}- {escaped}" if isinstance(block, _Item) else escaped


_MARKUP: Final = re.compile(r"[\\`*_\[\]<>~|&$#]")
_LEADING: Final = re.compile(r"^([0-9]*)([-+=.)])")
"""What makes a list or a heading only at the beginning of a line."""


def _written(blocks: Iterable[_Block], write: Callable[[_Block], str]) -> str:
    """Join them: an empty line before each, but not between the items of a list."""
    lines: list[str] = []
    before: _Block | None = None
    for block in blocks:
        if before is not None and not (isinstance(block, _Item) and isinstance(before, _Item)):
            lines.append("")
        lines.append(write(block))
        before = block
    return "\n".join([*lines, ""])
