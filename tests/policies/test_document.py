"""Reading one policy file: what it may say, and every way in which it can be wrong."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from policies.conditions import MAX_CONDITIONS, MAX_DEPTH
from policies.document import MAX_RULES, Effective, InlineTest, Owner, read
from policies.model import Verdict
from tests.policies.files import policy, problems, rule
from tests.policies.strategies import unhurried

ID = "lower-case words with a slash between them, such as us-al/talent-triad, of 120 characters at most"
DURATION = "an ISO 8601 duration such as P5Y or PT1H, up to 150 years"
SOURCE = "the id of a trust source, such as ce-iir"
CTID = "a CTID such as ce-00000000-0000-0000-0000-000000000000"
FIELDS = "email, name, phone, studentId, userName, nationalId, url"
ONE_KEY = "4: a condition has exactly one key; several conditions stand in a list under all or any"
WHOLE = """\
policy: us-xx/some-program
version: 3.1.0
title: >
  Some program:
  accepted records
description: What it is for.
jurisdiction: US-XX
extends: us/ler-baseline@1
owner: {name: The office, contact: policy@example.gov}
effective: {from: 2026-07-01, until: 2027-06-30}
rules:
  - id: current
    severity: warn
    say: It should be current.
    require: {not_expired: true}
    on_unknown: reject
    fix: Renew it.
    locked: false
  - {id: bare, say: It must not be revoked., require: {status_not: revoked}}
tests:
  - {facts: fixtures/good.json, expect: accept}
  - {facts: ../down.json, expect: review, because: [current, bare]}
"""


def test_everything_that_a_policy_can_say() -> None:
    """Every key is read; what a rule leaves unsaid stays unsaid, since a parent may say it."""
    document = read("p.yaml", WHOLE.encode()).document
    assert document is not None
    assert (document.path, document.line, document.name) == ("p.yaml", 1, "us-xx/some-program@3.1.0")
    assert (document.id, document.version) == ("us-xx/some-program", (3, 1, 0))
    assert (document.title, document.description) == ("Some program: accepted records", "What it is for.")
    assert (document.jurisdiction, document.extends, document.extends_line) == ("US-XX", ("us/ler-baseline", 1), 8)
    assert document.owner == Owner(name="The office", contact="policy@example.gov")
    assert document.effective == Effective(
        begins=datetime(2026, 7, 1, tzinfo=UTC), until=datetime(2027, 6, 30, tzinfo=UTC)
    )
    current, bare = document.rules
    assert (current.line, current.id, current.severity, current.on_unknown) == (12, "current", "warn", Verdict.REJECT)
    assert (current.say, current.fix, current.locked) == ("It should be current.", "Renew it.", False)
    assert (bare.line, bare.severity, bare.on_unknown, bare.fix, bare.locked) == (19, None, None, None, True)
    assert document.tests == (
        InlineTest(line=21, facts="fixtures/good.json", expect=Verdict.ACCEPT, because=None),
        InlineTest(line=22, facts="../down.json", expect=Verdict.REVIEW, because=frozenset({"current", "bare"})),
    )


def test_little_is_needed() -> None:
    """An id, a version and one rule make a policy."""
    document = read("p.yaml", policy().encode()).document
    assert document is not None
    assert (document.title, document.extends, document.owner, document.tests) == (None, None, None, ())
    assert document.effective == Effective()


def test_all_errors_at_once() -> None:
    """Every error of a file is reported, in the order of its lines."""
    text = """\
polcy: us/x
version: 1.0
extends: us/ler-baseline
effective: {from: 2026-13-01, until: soon}
rules:
  - id: One
    say:
    requires: {not_expired: true}
  - id: two
    say: Two.
    require: {any: [{statusnot: [revoked]}, {type_in: []}, {not_expired: false}]}
    severity: fatal
    on_unknown: accept
tests:
  - {facts: /etc/passwd, expect: acept}
"""
    assert problems(text) == [
        '1: a policy has no key "polcy"; did you mean "policy"?',
        '1: a policy needs "policy"',
        '2: version must be three numbers, such as 1.0.0, not "1.0"',
        '3: extends must be an id and a major version, such as us/ler-baseline@1, not "us/ler-baseline"',
        '4: effective.from must be a day such as 2026-07-01, not "2026-13-01"',
        '4: effective.until must be a day such as 2026-07-01, not "soon"',
        '6: a rule needs "require"',
        '6: a rule\'s id must be lower-case words with hyphens, of 64 characters at most, not "One"',
        "7: say has no value",
        '8: a rule has no key "requires"; did you mean "require"?',
        "11: not_expired takes only true; leave it out where it is not required",
        '11: there is no condition "statusnot"; did you mean "status_not"?',
        "11: type_in must not be empty",
        '12: severity is one of require, warn, not "fatal"',
        '13: on_unknown is one of review, reject, not "accept"',
        '15: expect is one of accept, review, reject, not "acept"; did you mean "accept"?',
        '15: facts must be a path relative to this file, not "/etc/passwd"',
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["1: the file holds no policy"]),
        ("# nothing\n", ["1: the file holds no policy"]),
        ("- a\n", ["1: a policy takes keys with values, not a list"]),
        ("just text", ["1: a policy takes keys with values, not a single value"]),
        (policy(name="talent-triad"), [f'1: policy must be {ID}, not "talent-triad"']),
        (policy(name="US/X"), [f'1: policy must be {ID}, not "US/X"']),
        (policy(name="core/mine"), ['1: ids that begin with "core/" are kept for the program itself']),
        (policy(version="1.02.0"), ['2: version must be three numbers, such as 1.0.0, not "1.02.0"']),
        (policy(version="[1, 0, 0]"), ["2: version takes a single value, not a list"]),
        (policy(head="title: ~"), ["3: title has no value"]),
        (policy(head='title: ""'), ["3: title has no value"]),
        (policy(head=f"title: {'x' * 501}"), ["3: title is longer than 500 characters"]),
        (policy(head='title: "a\\u0007b"'), ["3: title holds a control character"]),
        (policy(head="title: {a: b}"), ["3: title takes a single value, not keys with values"]),
        (policy(head="owner: Somebody"), ["3: owner takes keys with values, not a single value"]),
        (policy(head="owner: {contact: x}"), ['3: owner needs "name"']),
        (policy(head="effective: {from: 2026-07-01, to: 2027-01-01}"), ['3: effective has no key "to"']),
        (
            policy(head="effective: {from: 2026-07-01, until: 2026-06-30}"),
            ["3: effective.until lies before effective.from"],
        ),
        (
            policy(head="effective: {until: 20260701}"),
            ['3: effective.until must be a day such as 2026-07-01, not "20260701"'],
        ),
        (
            policy(head="extends: us/x@1.2"),
            ['3: extends must be an id and a major version, such as us/ler-baseline@1, not "us/x@1.2"'],
        ),
        ("policy: a/b\nversion: 1.0.0\n", ['1: a policy needs "rules"']),
        ("policy: a/b\nversion: 1.0.0\nrules: []\n", ["3: rules must not be empty"]),
        ("policy: a/b\nversion: 1.0.0\nrules: {id: x}\n", ["3: rules takes a list, not keys with values"]),
        (policy("text"), ["4: a rule takes keys with values, not a single value"]),
        (policy(rule(), rule()), ['5: rule "one" stands twice (first in line 4)']),
        (policy(rule(more="locked: maybe")), ['4: locked is one of true, false, not "maybe"']),
        (policy(rule(more="fix: ~")), ["4: fix has no value"]),
        (
            policy(*[rule(name=f"r{i}") for i in range(MAX_RULES + 1)]),
            [f"{MAX_RULES + 4}: a policy has at most {MAX_RULES} rules"],
        ),
        (policy() + "tests: []\n", ["5: tests must not be empty"]),
        (policy() + "tests: [{facts: a.json}]\n", ['5: a test needs "expect"']),
        (
            policy() + "tests: [{facts: 'c:\\a', expect: accept}]\n",
            ['5: facts must be a path relative to this file, not "c:\\a"'],
        ),
        (policy() + "tests: [{facts: a, expect: accept, because: []}]\n", ["5: because must not be empty"]),
    ],
)
def test_wrong(text: str, expected: list[str]) -> None:
    """Each mistake has its line and a sentence that says what to write instead."""
    assert problems(text) == expected


@pytest.mark.parametrize(
    ("require", "expected"),
    [
        ("[]", [ONE_KEY]),
        ("{}", [ONE_KEY]),
        ("not_expired", [ONE_KEY]),
        ("{not_expired: true, schema_valid: true}", [ONE_KEY]),
        ("{none: [{not_expired: true}]}", ['4: there is no condition "none"']),
        ("{ALL: [{not_expired: true}]}", ['4: there is no condition "ALL"; did you mean "all"?']),
        ("{registery: {in: [a]}}", ['4: there is no condition "registery"; did you mean "registry"?']),
        ("{all: []}", ["4: all must not be empty"]),
        ("{any: {not_expired: true}}", ["4: any takes a list, not keys with values"]),
        (
            "{at_least: {n: 0, of: [{not_expired: true}]}}",
            ['4: at_least.n must be a whole number from 1 to 1, not "0"'],
        ),
        (
            "{at_least: {n: 3, of: [{not_expired: true}, {schema_valid: true}]}}",
            ['4: at_least.n must be a whole number from 1 to 2, not "3"'],
        ),
        (
            "{at_least: {n: two, of: [{not_expired: true}]}}",
            ['4: at_least.n must be a whole number from 1 to 1, not "two"'],
        ),
        ("{at_least: {of: [{not_expired: true}]}}", ['4: at_least needs "n"']),
        ("{at_least: {n: 1, off: []}}", ['4: at_least has no key "off"; did you mean "of"?', '4: at_least needs "of"']),
        ("{at_least: 1}", ["4: at_least takes keys with values, not a single value"]),
        ("{not_expired: yes}", ["4: not_expired takes only true; leave it out where it is not required"]),
        ("{not_expired: }", ["4: not_expired has no value"]),
        ("{schema_valid: [true]}", ["4: schema_valid takes a single value, not a list"]),
        ("{registry: a}", ["4: registry takes keys with values, not a single value"]),
        ("{registry: {}}", ['4: registry needs "in"']),
        ("{registry: {in: [a, a]}}", ['4: registry.in names "a" twice']),
        (
            "{registry: {in: a, min_authenticity: signed}}",
            ['4: registry.min_authenticity is one of unverified, integrity_verified, authenticated, not "signed"'],
        ),
        (
            "{registry: {in: a, min_tier: members}}",
            ['4: registry.min_tier is one of sandbox, community, member, not "members"; did you mean "member"?'],
        ),
        ("{registry: {in: 'a b'}}", [f'4: registry.in must be {SOURCE}, not "a b"']),
        ("{trust_mark: {type: M}}", ['4: trust_mark needs "anchor"']),
        ("{trust_mark: {type: M, anchor: [a]}}", ["4: trust_mark.anchor takes a single value, not a list"]),
        (
            "{trqp: {authority: a, actoin: b, resource: c}}",
            ['4: trqp has no key "actoin"; did you mean "action"?', '4: trqp needs "action"'],
        ),
        ("{domain_linked: false}", ["4: domain_linked takes only true; leave it out where it is not required"]),
        ("{accredited_by: {ctid: ce-1}}", [f'4: accredited_by.ctid must be {CTID}, not "ce-1"']),
        (
            "{accredited_by: {ctid: ce-00000000-0000-0000-0000-000000000001, also: aproved}}",
            [
                (
                    '4: accredited_by.also is one of approved, recognized, regulated, not "aproved"; '
                    'did you mean "approved"?'
                )
            ],
        ),
        ("{x5c_chain: [a]}", ["4: x5c_chain takes keys with values, not a list"]),
        ("{attested_by: {}}", ["4: attested_by takes exactly one of registry, issuer_is"]),
        ("{attested_by: {registry: a, issuer_is: b}}", ["4: attested_by takes exactly one of registry, issuer_is"]),
        (
            "{learner_verification: provider}",
            [
                (
                    '4: learner_verification is one of platform_verified, provider_verified, not "provider"; '
                    'did you mean "provider_verified"?'
                )
            ],
        ),
        ("{credential_in: {by: ctid}}", ['4: credential_in needs "list"']),
        ("{credential_in: {list: x, by: name}}", ['4: credential_in.by is one of ctid, id, not "name"']),
        (
            "{candidate_matches: {fields: [emial]}}",
            [f'4: candidate_matches.fields is one of {FIELDS}, not "emial"; did you mean "email"?'],
        ),
        (
            "{all: [{allow_unsigned_presentation: true}, {holder_bound: true}]}",
            ["4: allow_unsigned_presentation stands alone in its rule"],
        ),
        ("{assurance_at_least: AL4}", ['4: assurance_at_least is one of AL1, AL2, AL3, not "AL4"']),
        ("{issuer_is: {a: b}}", ["4: issuer_is takes a list, not keys with values"]),
        ("{issuer_is: [[a]]}", ["4: issuer_is takes a single value, not a list"]),
        ("{issued_within: }", ["4: issued_within has no value"]),
        ("{issued_after: 2026-02-30}", ['4: issued_after must be a day such as 2026-07-01, not "2026-02-30"']),
        (
            "{issued_after: 2026-07-01T00:00:00Z}",
            ['4: issued_after must be a day such as 2026-07-01, not "2026-07-01T00:00:00Z"'],
        ),
        ("{issued_within: 5 years}", [f'4: issued_within must be {DURATION}, not "5 years"']),
        ("{earned_within: P200Y}", [f'4: earned_within must be {DURATION}, not "P200Y"']),
        ("{max_age: P1M}", ["4: max_age takes weeks, days, hours, minutes or seconds: a month has no fixed length"]),
        ("{aligned_to: {at_least: 2}}", ['4: aligned_to needs "framework"']),
        (
            "{aligned_to: {framework: f, at_least: 101}}",
            ['4: aligned_to.at_least must be a whole number from 1 to 100, not "101"'],
        ),
        ("{children: current}", ['4: children is one of all_current, not "current"; did you mean "all_current"?']),
        ("{status_not: [revoked, expired]}", ['4: status_not is one of revoked, suspended, not "expired"']),
        ("{allow_unknown_contexts: perhaps}", ['4: allow_unknown_contexts is one of true, false, not "perhaps"']),
        (
            "{any: [{allow_unknown_contexts: true}, {not_expired: true}]}",
            ["4: allow_unknown_contexts stands alone in its rule"],
        ),
    ],
)
def test_wrong_condition(require: str, expected: list[str]) -> None:
    """Each condition says what it takes."""
    assert problems(policy(rule(require))) == expected


def nested(depth: int) -> str:
    """Return a requirement of so many levels of conditions."""
    return "{any: [" * (depth - 1) + "{not_expired: true}" + "]}" * (depth - 1)


def test_depth() -> None:
    """Six levels of conditions are allowed, the seventh is not."""
    assert problems(policy(rule(nested(MAX_DEPTH)))) == []
    assert problems(policy(rule(nested(MAX_DEPTH + 1)))) == ["4: conditions are nested more than 6 levels deep"]


def test_number_of_conditions() -> None:
    """A rule has a bounded number of conditions."""
    one = "{not_expired: true}"
    assert problems(policy(rule(f"{{all: [{', '.join([one] * MAX_CONDITIONS)}]}}"))) == []
    assert problems(policy(rule(f"{{all: [{', '.join([one] * (MAX_CONDITIONS + 1))}]}}"))) == [
        f"4: a rule has at most {MAX_CONDITIONS} conditions"
    ]


def test_the_id_is_known_where_the_rest_is_wrong() -> None:
    """So nothing is said about its children, whose parent may well be there once it is mended."""
    reading = read("p.yaml", policy(name="a/b", version="x").encode())
    assert (reading.document, reading.id) == (None, "a/b")


@unhurried
@given(st.integers(0, len(WHOLE)), st.integers(0, len(WHOLE)), st.text(alphabet="{}[]:,&*!\"' \n-~abc019", max_size=8))
@example(0, 0, "")
@example(0, len(WHOLE), "- - -")
@example(0, len(WHOLE), "? a")
def test_any_spoiled_file_is_read_or_refused(start: int, end: int, put: str) -> None:
    """Whatever is cut out of a policy and put in its place, it is read whole, or refused with a reason."""
    text = WHOLE[: min(start, end)] + put + WHOLE[max(start, end) :]
    reading = read("p.yaml", text.encode())
    assert (reading.document is None) == bool(reading.findings)


@pytest.mark.parametrize(
    ("name", "rule_id", "sound"),
    [("a/" + "b" * 118, "r" * 64, True), ("a/" + "b" * 119, "r", False), ("a/b", "r" * 65, False)],
)
def test_T17_ids_are_bounded(name: str, rule_id: str, sound: bool) -> None:  # noqa: FBT001 — parametrized; threat id
    """They stand in every decision, and in its log, once for each rule."""
    assert (problems(policy(rule(name=rule_id), name=name)) == []) is sound
