"""CBOR: what is read is what an encoder wrote, and what a lenient reader would let pass is refused."""

from __future__ import annotations

from typing import Any

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolvers.strict_cbor import MAX_DEPTH, Tagged, loads

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**64), 2**64 - 1)
    | st.binary(max_size=40)
    | st.text(max_size=40)
    | st.floats(allow_nan=False, allow_infinity=False)
)
ITEMS = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=30) | st.dictionaries(st.integers(-999, 999) | st.text(max_size=9), inner, max_size=30)
    ),
    max_leaves=30,
)


@given(ITEMS, st.booleans())
@settings(max_examples=200, deadline=None)
def test_what_was_written_is_read(item: Any, canonical: bool) -> None:  # noqa: FBT001 — drawn
    """Every item that the other library writes comes back, in its preferred form as well."""
    assert loads(cbor2.dumps(item, canonical=canonical)) == item


@given(st.binary(max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_octets(octets: bytes) -> None:
    """Any octets are read or refused; what is read the other library reads alike."""
    try:
        found = loads(octets)
    except ValueError:
        return
    assert "Tagged" in repr(found) or cbor2.loads(octets) == found


@pytest.mark.parametrize(
    ("octets", "item"),
    [
        ("d28401", None),
        ("1818", 24),
        ("1801", 1),
        ("3bffffffffffffffff", -(2**64)),
        ("f93c00", 1.0),
        ("fa3fc00000", 1.5),
        ("d82a01", Tagged(tag=42, value=1)),
        ("a20102616103", {1: 2, "a": 3}),
    ],
)
def test_items_by_their_octets(octets: str, item: Any) -> None:
    """A length may be longer than it need be, and a tag is kept for whoever knows it."""
    if item is None:
        with pytest.raises(ValueError, match="cut off"):
            loads(bytes.fromhex(octets))
    else:
        assert loads(bytes.fromhex(octets)) == item


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        ("a201020103", "the same key twice"),
        ("a2616101616102", "the same key twice"),
        ("a201020118ff", "the same key twice"),
        ("a1f501", "neither an integer nor a text"),
        ("a1f93c0001", "neither an integer nor a text"),
        ("a1800 1".replace(" ", ""), "neither an integer nor a text"),
        ("a1410001", "neither an integer nor a text"),
        ("0102", "more than one item"),
        ("8000", "more than one item"),
        ("bf0102ff", "indefinite length"),
        ("9f01ff", "indefinite length"),
        ("5f4101ff", "indefinite length"),
        ("7f6161ff", "indefinite length"),
        ("ff", "says nothing"),
        ("f7", "says nothing"),
        ("e0", "says nothing"),
        ("f818", "says nothing"),
        ("f97e00", "a number that is none"),
        ("f97c00", "a number that is none"),
        ("fbfff0000000000000", "a number that is none"),
        ("61ff", "not UTF-8"),
        ("62c328", "not UTF-8"),
        ("1c", "not well-formed"),
        ("3e", "not well-formed"),
        ("fc", "says nothing"),
        ("", "cut off"),
        ("18", "cut off"),
        ("4201", "cut off"),
        ("8201", "cut off"),
        ("a101", "cut off"),
        ("9b0000010000000000", "cut off"),
        ("bb0000010000000000", "cut off"),
        ("5b0000010000000000", "cut off"),
        ("d2", "cut off"),
    ],
)
def test_other_octets_are_refused(octets: str, reason: str) -> None:
    """Equal keys, keys of other types, more than one item, indefinite lengths, and what is malformed or cut off."""
    with pytest.raises(ValueError, match=reason):
        loads(bytes.fromhex(octets))


@pytest.mark.parametrize("opening", [b"\x81", b"\xa1\x01", b"\xc6"], ids=["array", "map", "tag"])
def test_T21_depth_is_bounded(opening: bytes) -> None:
    """Nesting is refused beyond the bound, and long before the interpreter would mind."""
    assert loads(opening * MAX_DEPTH + b"\x00") is not None
    for depth in (MAX_DEPTH + 1, 100_000):
        with pytest.raises(ValueError, match="nested too deeply"):
            loads(opening * depth + b"\x00")


def test_the_other_library_lets_them_pass() -> None:
    """Which is why it is not used to read: it takes the last of equal keys, and ignores what follows."""
    assert cbor2.loads(bytes.fromhex("a201020103")) == {1: 3}
    assert cbor2.loads(bytes.fromhex("0102")) == 1
