"""What changes from one policy to another, by meaning."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.diff import Change, PolicyDifference, diff
from policies.evaluate import evaluate
from policies.model import Facts, Verdict
from tests.policies.files import AS_OF, loaded, policy, rule
from tests.policies.strategies import facts, few_leaf_texts, trees, unhurried

STRICTNESS = {Verdict.REJECT: 0, Verdict.REVIEW: 1, Verdict.ACCEPT: 2}


def compared(old: str, new: str) -> PolicyDifference:
    """Compare two policy files, which have the same id and version."""
    return diff(*(loaded(text).get("test/policy", AS_OF) for text in (old, new)))


def changed(old: str, new: str) -> tuple[Change, list[str]]:
    """Compare two rules of the same id; return what becomes of it, and the lines of what differs."""
    found = compared(policy(old), policy(new))
    rules = {each.rule: each for each in found.rules}
    one = rules.get("one")
    return found.change, [] if one is None else list(map(str, one.differences))


@pytest.mark.parametrize(
    ("old", "new", "change", "line"),
    [
        (
            "{all: [{registry: {in: a}}, {assurance_at_least: AL1}]}",
            "{all: [{registry: {in: a}}, {assurance_at_least: AL2}]}",
            Change.NARROWER,
            "assurance_at_least: AL1 → AL2: narrower",
        ),
        ("{issued_within: P1Y}", "{issued_within: P5Y}", Change.WIDER, "issued_within: 1 year → 5 years: wider"),
        ("{did_method_in: web}", "{did_method_in: key}", Change.DIFFERENT, "did_method_in: [web] → [key]: different"),
        (
            "{registry: {in: [a, b]}}",
            "{registry: {in: a, min_tier: member}}",
            Change.NARROWER,
            "registry: {in: [a, b]} → {in: [a], min_tier: member}: narrower",
        ),
    ],
)
def test_one_condition(old: str, new: str, change: Change, line: str) -> None:
    """A condition that is stricter makes its rule, and so the policy, narrower; the line says from what to what."""
    assert changed(rule(old), rule(new)) == (change, [line])


def test_nothing_differs() -> None:
    """The same policy decides the same, and nothing is told."""
    text = policy(rule("{issued_within: P1Y}"))

    assert compared(text, text) == PolicyDifference(
        old="test/policy@1.0.0", new="test/policy@1.0.0", change=Change.SAME, rules=(), differences=()
    )


def test_another_notation_of_the_same() -> None:
    """Twelve months are a year, and an `all` of one is that one."""
    assert changed(rule("{issued_within: P1Y}"), rule("{issued_within: P12M}")) == (Change.SAME, [])
    change, lines = changed(rule("{issued_within: P1Y}"), rule("{all: [{issued_within: P1Y}]}"))
    assert (change, lines) == (Change.SAME, ["combination: issued_within → all (issued_within)"])


def test_rules_that_come_and_go() -> None:
    """A rule more makes a policy narrower, and a rule less makes it wider."""
    one, two = policy(rule()), policy(rule(), rule("{issued_within: P1Y}", name="two"))

    more, less = compared(one, two), compared(two, one)

    assert (more.change, less.change) == (Change.NARROWER, Change.WIDER)
    assert [(each.rule, each.change, list(map(str, each.differences))) for each in more.rules] == [
        ("two", Change.ADDED, ["issued_within: 1 year: added"])
    ]
    assert [list(map(str, each.differences)) for each in less.rules] == [["issued_within: 1 year: removed"]]


def test_a_rule_that_only_warns_decides_nothing() -> None:
    """Whether it comes or goes; but one that begins to block makes the policy narrower, even where it asks for less."""
    warns = rule("{issued_within: P1Y}", name="two", more="severity: warn")
    blocks = rule("{issued_within: P5Y}", name="two", more="on_unknown: reject")

    assert compared(policy(rule()), policy(rule(), warns)).change is Change.SAME
    assert compared(policy(rule(), warns), policy(rule(), blocks)).change is Change.NARROWER
    assert compared(policy(rule(), blocks), policy(rule(), warns)).change is Change.WIDER


def test_what_is_unknown() -> None:
    """Rejecting it is narrower than having it reviewed."""
    review, reject = (rule(more=f"on_unknown: {verdict}") for verdict in ("review", "reject"))

    assert changed(review, reject) == (Change.NARROWER, ["on_unknown: review → reject: narrower"])
    assert changed(reject, review) == (Change.WIDER, ["on_unknown: reject → review: wider"])


def test_two_directions_are_none() -> None:
    """One rule narrower and another wider: nobody can say which policy is the stricter one."""
    old = policy(rule("{issued_within: P1Y}"), rule("{earned_within: P5Y}", name="two"))
    new = policy(rule("{issued_within: P5Y}"), rule("{earned_within: P1Y}", name="two"))

    assert compared(old, new).change is Change.DIFFERENT


def test_conditions_find_their_like() -> None:
    """Of several of a kind each is compared with one that it narrows or widens, however they are ordered."""
    old = "{any: [{type_in: A}, {issuer_is: [a, b]}, {issuer_is: c}, {format_in: x}]}"
    new = "{any: [{issuer_is: [c, d]}, {issuer_is: a}, {type_in: A}, {not_expired: true}]}"

    change, lines = changed(rule(old), rule(new))

    shapes = "any (type_in, issuer_is, issuer_is, format_in)", "any (issuer_is, issuer_is, type_in, not_expired)"
    assert change is Change.DIFFERENT
    assert lines == [
        "issuer_is: [c] → [c, d]: wider",
        "issuer_is: [a, b] → [a]: narrower",
        "not_expired: True: added",
        "format_in: [x]: removed",
        f"combination: {shapes[0]} → {shapes[1]}: different",
    ]


def test_how_many_are_needed() -> None:
    """Of the same conditions more have to hold."""
    of = "of: [{type_in: A}, {format_in: x}, {not_expired: true}]"

    change, lines = changed(rule(f"{{at_least: {{n: 1, {of}}}}}"), rule(f"{{at_least: {{n: 2, {of}}}}}"))

    shapes = [f"at least {n} of (type_in, format_in, not_expired)" for n in (1, 2)]
    assert (change, lines) == (Change.NARROWER, [f"combination: {shapes[0]} → {shapes[1]}: narrower"])


def test_what_a_policy_says_of_itself() -> None:
    """Title, dates and wording are told, and decide nothing."""
    old = policy(rule(more="locked: false"), head="title: Old")
    new = policy(rule(more="fix: Ask."), head="title: New\njurisdiction: US-AL\neffective: {from: 2026-01-01}")

    found = compared(old, new)

    assert found.change is Change.SAME
    assert list(map(str, found.differences)) == [
        "title: Old → New",
        "jurisdiction: none → US-AL",
        "effective: {from: none, until: none} → {from: 2026-01-01, until: none}",
    ]
    assert list(map(str, found.rules[0].differences)) == ["fix: none → Ask.", "locked: False → True"]


def test_what_the_verification_may_believe() -> None:
    """Unknown vocabularies, old statuses and others' status lists: each in its direction."""
    plain = policy(rule())

    def with_(*requires: str) -> str:
        return policy(rule(), *(rule(text, name=f"more-{place}") for place, text in enumerate(requires)))

    def granted(old: str, new: str) -> list[str]:
        return list(map(str, compared(old, new).differences))

    contexts = with_("{allow_unknown_contexts: true}")
    assert granted(plain, contexts) == ["allow_unknown_contexts: False → True: wider"]
    assert granted(contexts, plain) == ["allow_unknown_contexts: True → False: narrower"]
    hour, day = with_("{max_age: PT1H}"), with_("{max_age: P1D}")
    age = "stale status believed within (seconds)"
    assert granted(plain, hour) == [f"{age}: none → 3600.0: wider"]
    assert granted(hour, day) == [f"{age}: 3600.0 → 86400.0: wider"]
    assert granted(day, hour) == [f"{age}: 86400.0 → 3600.0: narrower"]
    assert granted(hour, plain) == [f"{age}: 3600.0 → none: narrower"]
    one, two, other = (with_(f"{{status_issuer_in: {names}}}") for names in ("[x]", "[x, y]", "[z]"))
    assert granted(one, two) == ["status lists believed: [x] → [x, y]: wider"]
    assert granted(two, one) == ["status lists believed: [x, y] → [x]: narrower"]
    assert granted(one, other) == ["status lists believed: [x] → [z]: different"]


severities = st.sampled_from(["", "severity: warn", "on_unknown: reject", "severity: warn, on_unknown: reject"])
rules = st.lists(st.tuples(trees(few_leaf_texts), severities), min_size=1, max_size=3)


@unhurried
@given(rules, rules, facts)
def test_the_direction_is_kept(old: list[tuple[str, str]], new: list[tuple[str, str]], about: Facts) -> None:
    """A narrower policy never decides better about any facts, a wider one never worse, the same one the same."""
    names = "abc"
    texts = (
        policy(*(rule(f"{{{tree}}}", name=names[place], more=more) for place, (tree, more) in enumerate(each)))
        for each in (old, new)
    )
    before, after = (loaded(text).get("test/policy", AS_OF) for text in texts)

    was, now = (STRICTNESS[evaluate(each, about).verdict] for each in (before, after))

    change = diff(before, after).change
    assert change is not Change.NARROWER or now <= was
    assert change is not Change.WIDER or now >= was
    assert change is not Change.SAME or now == was


def test_other_parents_are_named() -> None:
    """Where the rules come from other policies, or from other versions of them, the difference says so."""
    one = loaded(policy(rule())).get("test/policy", AS_OF)
    other = replace(one, lineage=("core/current@2.0.0", one.lineage[-1]))
    assert list(map(str, diff(one, other).differences)) == ["extends: [core/current@1.0.0] → [core/current@2.0.0]"]
