"""JCS refuses what two JSON implementations would not sign alike."""

from __future__ import annotations

from typing import Any

import pytest

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
