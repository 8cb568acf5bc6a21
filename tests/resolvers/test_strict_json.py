"""`resolvers.strict_json`: JSON that implementations could disagree about is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolvers import strict_json
from resolvers.problems import Invalid
from tests.shared import SHARED

if TYPE_CHECKING:
    from collections.abc import Callable

_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False).filter(lambda number: number != 0)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
    max_leaves=20,
)


def _refusal(raw: bytes | str, *, max_bytes: int | None = None) -> tuple[str, str | None]:
    with pytest.raises(Invalid) as caught:
        strict_json.loads(raw, max_bytes=max_bytes)
    return caught.value.problem.code, caught.value.problem.pointer


@given(_JSON, st.booleans())
@settings(max_examples=100)
def test_reads_what_json_reads(value: Any, ascii_only: bool) -> None:  # noqa: FBT001 — hypothesis passes it
    """Every value that has one meaning is read as the standard library reads it, escaped or not."""
    text = json.dumps(value, ensure_ascii=ascii_only)

    assert value == strict_json.loads(text)
    assert value == strict_json.loads(text.encode())


@given(st.text(st.sampled_from('[]{}",:\\u1d8 '), max_size=40))
@settings(max_examples=300)
def test_never_accepts_what_json_refuses(text: str) -> None:
    """Whatever brackets, quotes and escapes are strewn about, the verdict agrees with json's."""
    try:
        expected = json.loads(text)
    except ValueError:
        with pytest.raises(Invalid):
            strict_json.loads(text)
    else:
        try:
            assert expected == strict_json.loads(text)
        except Invalid as refused:
            assert refused.problem.code in {"duplicate-key", "lone-surrogate"}  # noqa: PT017 — either verdict is right


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'["\\"",' * 100_000,
        b"[" * 65 + b"]" * 65,
        b'[{"a":' * 33 + b"1" + b"}]" * 33,
        b'["]","[","]",' * 65 + b"1" + b"]" * 65,
    ],
    ids=["open arrays", "open objects", "closed", "quotes", "one too many", "mixed", "brackets in strings"],
)
def test_T21_deep_json_is_refused(raw: bytes) -> None:
    """Nesting beyond the limit is a clean refusal, whatever brackets stand inside strings."""
    assert _refusal(raw) == ("too-deep", None)


@pytest.mark.parametrize("wrap", [lambda inner: [inner], lambda inner: {"a": inner}, lambda inner: (1, inner)])
def test_T21_what_was_not_parsed_here_is_bounded_alike(wrap: Callable[[Any], Any]) -> None:
    """An object that a program built may nest as deep as a text, and no deeper, nor contain itself."""
    value: Any = wrap("x")
    for _ in range(63):
        value = wrap(value)
    strict_json.check_depth(value)
    endless: list[Any] = [1]
    endless.append(endless)
    for deeper in (wrap(value), endless):
        with pytest.raises(Invalid) as caught:
            strict_json.check_depth(deeper)
        assert caught.value.problem.code == "too-deep"


@pytest.mark.parametrize(
    "text",
    [
        "[" * 64 + "]" * 64,
        '["' + "[" * 100 + '"]',
        '["\\"' + "[{" * 100 + '\\\\"]',
        "[" + ",".join(["[{}]"] * 1000) + "]",
    ],
    ids=["at the limit", "brackets in a string", "escapes", "wide"],
)
def test_T21_wide_json_and_brackets_in_strings_are_read(text: str) -> None:
    """Only nesting counts: neither the number of arrays nor what strings hold."""
    assert json.loads(text) == strict_json.loads(text)


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        ('{"a":1,"a":1}', "/a"),
        ('{"a":{"b/c":[0,{"x~":1,"x~":2}]}}', "/a/b~1c/1/x~0"),
        ('[{"\\u0061":1,"a":2}]', "/0/a"),
        ('{"":1,"":2}', "/"),
        ('{"a":{"b":1,"b":2},"a":3}', "/a"),
    ],
)
def test_T22_duplicate_member_is_refused_at_every_level(text: str, pointer: str) -> None:
    """A member that appears twice is refused with its JSON Pointer, however it is spelt."""
    assert ("duplicate-key", pointer) == _refusal(text)


@pytest.mark.parametrize(
    "number",
    ["NaN", "Infinity", "-Infinity", "1e400", "-1e400", "-0", "-0.0", "-1e-400", "9007199254740992", "9" * 5000],
)
def test_T23_number_without_one_meaning_is_refused(number: str) -> None:
    """Numbers that some implementations round, refuse or sign differently are refused."""
    assert _refusal(f'{{"a":[0,{number}]}}') == ("number-out-of-range", "/a/1")


@pytest.mark.parametrize("number", ["9007199254740991", "-9007199254740991", "1E30", "4.50", "2e-3", "1e-400", "0"])
def test_T23_number_with_one_meaning_is_read(number: str) -> None:
    """Integers to 2^53 - 1 and every finite double are read."""
    assert json.loads(number) == strict_json.loads(number)


@pytest.mark.parametrize(
    ("raw", "pointer"),
    [
        (b'["\\ud800"]', "/0"),
        (b'{"a":"\\udc00\\ud800"}', "/a"),
        (b'{"\\uDFFF":1}', ""),
        ('"\ud800"', None),
    ],
)
def test_T23_lone_surrogate_is_refused(raw: bytes | str, pointer: str | None) -> None:
    """Half of a surrogate pair has no UTF-8 form, so nothing could be hashed over it."""
    assert ("lone-surrogate", pointer) == _refusal(raw)


def test_T23_escaped_surrogate_pair_is_read() -> None:
    """A whole pair is one character, and a backslash before `u` may itself be escaped."""
    assert strict_json.loads(b'["\\ud83d\\ude00","\\\\ud800"]') == ["😀", "\\ud800"]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"\xef\xbb\xbf{}", "not-json"),
        ("\ufeff{}", "not-json"),
        ("{}".encode("utf-16"), "not-utf8"),
        ("{}".encode("utf-16-le"), "not-json"),
        (b'"\xff"', "not-utf8"),
        (b'"\xc0\xaf"', "not-utf8"),
        (b'"\xed\xa0\x80"', "not-utf8"),
        (b'"\x00"', "not-json"),
        (b"", "not-json"),
        (b"{} {}", "not-json"),
        (b"[1,]", "not-json"),
        (b"{'a':1}", "not-json"),
        (b'{"a":1,"a":1', "not-json"),
        (b"[-0", "not-json"),
    ],
)
def test_T24_other_encodings_are_refused(raw: bytes | str, code: str) -> None:
    """Only UTF-8 without a byte order mark is read, and only the grammar of RFC 8259."""
    assert code == _refusal(raw)[0]


def test_T24_text_is_never_normalized() -> None:
    """Composed and decomposed letters stay what they were, since signatures cover their bytes."""
    assert strict_json.loads('["\u00e9","e\u0301"]'.encode()) == ["\u00e9", "e\u0301"]


def test_too_large_is_refused_before_it_is_read() -> None:
    """The byte limit counts UTF-8 and comes before the grammar."""
    assert _refusal("\u00e9" * 3, max_bytes=5) == ("too-large", None)
    assert strict_json.loads(b"[1]", max_bytes=3) == [1]


@pytest.mark.shared
@pytest.mark.parametrize("name", ["arrays", "french", "structures", "unicode", "values", "weird"])
def test_reads_the_jcs_inputs(name: str) -> None:
    """The published inputs of RFC 8785 are read as they are."""
    raw = (SHARED / "vectors" / "jcs" / "input" / f"{name}.json").read_bytes()

    assert json.loads(raw) == strict_json.loads(raw)


def test_pairs_keep_what_stands_twice_and_refuse_the_rest() -> None:
    """With `pairs`, objects come as they are written, and every other rule holds."""
    read = strict_json.loads('{"a":1,"a":{"b":[{}]}}', pairs=True)

    assert read == (("a", 1), ("a", (("b", [()]),)))
    for refused, expected in (('{"a":1,"a":[-0]}', "/a/0"), ('{"a":{"b":"\\ud800"}}', "/a/b")):
        with pytest.raises(Invalid) as caught:
            strict_json.loads(refused, pairs=True)
        assert caught.value.problem.pointer == expected
