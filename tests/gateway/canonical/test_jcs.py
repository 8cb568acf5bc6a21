"""JCS refuses what two JSON implementations would not sign alike."""

from __future__ import annotations

from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.canonical.jcs import canonicalize
from resolvers.problems import Invalid


def nested(depth: int) -> dict[str, Any]:
    """Return an object nested `depth` deep."""
    document: dict[str, Any] = {}
    for _ in range(depth):
        document = {"a": document}
    return document


def test_members_are_sorted_by_utf16() -> None:
    """RFC 8785, section 3.2.3: by UTF-16 code units, so a character beyond the first plane precedes U+FB33."""
    assert '{"a":1,"😀":2,"\ufb33":3}'.encode() == canonicalize({"\ufb33": 3, "😀": 2, "a": 1})


@pytest.mark.parametrize("number", [2**53, -(2**53), 10**21, float("inf"), float("nan")])
def test_T23_a_number_that_implementations_differ_about_is_refused(number: float) -> None:
    """Integers beyond 2^53 - 1, infinity and NaN are no I-JSON numbers."""
    with pytest.raises(Invalid) as caught:
        canonicalize({"a": [number]})
    assert caught.value.problem.code == "number-out-of-range"


@pytest.mark.parametrize("document", [{"a": "\ud800"}, {"\udfff": 1}, {"a": ["x\udc00y"]}])
def test_T23_a_lone_surrogate_is_refused(document: dict[str, Any]) -> None:
    """Half a surrogate pair has no UTF-8, in values and in names."""
    with pytest.raises(Invalid) as caught:
        canonicalize(document)
    assert caught.value.problem.code == "lone-surrogate"


def test_T21_depth_is_refused_and_does_not_crash() -> None:
    """A document too deep to walk is refused."""
    with pytest.raises(Invalid) as caught:
        canonicalize(nested(100_000))
    assert caught.value.problem.code == "too-deep"


def test_what_is_no_json_is_refused() -> None:
    """An object that JSON cannot have never becomes bytes."""
    with pytest.raises(Invalid) as caught:
        canonicalize({"a": object()})
    assert caught.value.problem.code == "PROOF_TRANSFORMATION_ERROR"


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=400)
@given(value=JSON)
def test_both_ways_of_writing_come_to_the_same(value: Any) -> None:
    """What the standard encoder writes of a plain value is what RFC 8785 says, and nothing else is left to it."""
    assert rfc8785.dumps(value) == canonicalize(value)


@pytest.mark.parametrize("text", ["\x00\x1f\x7f\x80", '\b\t\n\f\r"\\/', "\u2028\u2029\ufeff", "é😀\ufb33"])
def test_strings_are_escaped_as_the_specification_says(text: str) -> None:
    """Short escapes, lower-case hex for other controls, and everything else as it is (section 3.2.2.2)."""
    assert rfc8785.dumps([text]) == canonicalize([text])
