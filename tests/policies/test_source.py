"""The strict YAML tree."""

from __future__ import annotations

import pytest

from policies.source import MAX_BYTES, MAX_NESTING, Finding, Mapping, Scalar, Sequence, parse


def wrong(content: bytes) -> list[str]:
    """Return what is wrong, as `file:line: message`."""
    return [str(finding) for finding in parse("p.yaml", content)[1]]


def test_scalars_are_not_interpreted() -> None:
    """NO stays NO, 3.10 keeps its zero, a date stays text; whether it was quoted is kept."""
    tree, findings = parse("p.yaml", b"state: NO\nversion: 3.10\nday: '2026-07-01'\nlist:\n  - {a: 1}\n")
    assert findings == []
    assert tree == Mapping(
        line=1,
        entries={
            "state": Scalar(line=1, text="NO", plain=True),
            "version": Scalar(line=2, text="3.10", plain=True),
            "day": Scalar(line=3, text="2026-07-01", plain=False),
            "list": Sequence(
                line=5, items=[Mapping(line=5, entries={"a": Scalar(line=5, text="1", plain=True)}, lines={"a": 5})]
            ),
        },
        lines={"state": 1, "version": 2, "day": 3, "list": 4},
    )


def test_byte_order_mark_is_skipped() -> None:
    """A file saved by Notepad reads like any other."""
    tree, findings = parse("p.yaml", b"\xef\xbb\xbfa: 1\n")
    assert findings == []
    assert tree == Mapping(line=1, entries={"a": Scalar(line=1, text="1", plain=True)}, lines={"a": 1})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a: 1\nb: &x 2\n", "p.yaml:2: YAML anchors and aliases are not allowed; write the value out"),
        (b"a: 1\nb: *x\n", "p.yaml:2: YAML anchors and aliases are not allowed; write the value out"),
        (b"a:\n  <<: *x\n", "p.yaml:2: YAML anchors and aliases are not allowed; write the value out"),
        (b"&x a: 1\n", "p.yaml:1: YAML anchors and aliases are not allowed; write the value out"),
        (b"a: !!python/object:os.system {}\n", "p.yaml:1: YAML tags are not allowed"),
        (b"a: !own 1\n", "p.yaml:1: YAML tags are not allowed"),
        (b"a: 1\n---\nb: 2\n", "p.yaml:2: a file holds one policy; here a second document begins"),
        (b"a: 1\nb: 2\na: 3\n", 'p.yaml:3: "a" stands twice (first in line 1)'),
        (b"a:\n  - {x: 1, x: 2}\n", 'p.yaml:2: "x" stands twice (first in line 2)'),
        (b"{[a]: 1}\n", "p.yaml:1: a key must be a plain word"),
        (b"a: 1\n? {b: 2}\n: 3\n", "p.yaml:2: a key must be a plain word"),
        (b"a: 1\nb: c: d\n", "p.yaml:2: this is not YAML: mapping values are not allowed in this context"),
        (b"a: 1\nb: \x07\n", "p.yaml:2: this is not YAML: a control character"),
        (b"a: 1\nb: \xff\n", "p.yaml:2: the file is not UTF-8"),
        (b"\xff\xfea\x00:\x00", "p.yaml:1: the file is not UTF-8"),
        (b"[" * 100, f"p.yaml:1: this is nested more than {MAX_NESTING} levels deep"),
        (b"#" * (MAX_BYTES + 1), "p.yaml:1: the file is larger than 64 KiB"),
    ],
)
def test_refused(content: bytes, message: str) -> None:
    """Whatever could mean something else to somebody else is refused, with its line."""
    assert wrong(content) == [message]


def test_end_of_file_inside_a_list() -> None:
    """A file cut off is no YAML, whatever the parser calls it."""
    (message,) = wrong(b"a: [1, 2\n")
    assert message.startswith("p.yaml:2: this is not YAML: ")


def test_the_largest_and_deepest_that_is_allowed() -> None:
    """Both limits are inclusive."""
    assert wrong(b"[" * MAX_NESTING + b"]" * MAX_NESTING) == []
    assert wrong(b"a: 1 #" + b"x" * (MAX_BYTES - 6)) == []


def test_every_duplicate_is_found() -> None:
    """A duplicate key does not end the reading."""
    assert wrong(b"a: 1\na: 2\na: [3]\nb: 4\nb: 5\n") == [
        'p.yaml:2: "a" stands twice (first in line 1)',
        'p.yaml:3: "a" stands twice (first in line 1)',
        'p.yaml:5: "b" stands twice (first in line 4)',
    ]


def test_findings_sort_by_file_and_line() -> None:
    """Line 10 comes after line 9."""
    findings = [Finding(path="a", line=line, message="x") for line in (10, 9)]
    assert sorted(findings) == findings[::-1]
