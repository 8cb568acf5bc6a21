"""The CBOR of proofs: one encoding of few types."""

from __future__ import annotations

from typing import Any

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.cryptosuites._cbor import decode

INTEGERS = st.integers(0, 2**64 - 1)
LEAVES = st.one_of(INTEGERS, st.binary(max_size=300))
VALUES = st.one_of(
    LEAVES,
    st.lists(
        st.one_of(LEAVES, st.lists(LEAVES, max_size=4), st.dictionaries(INTEGERS, LEAVES, max_size=4)), max_size=30
    ),
)


@given(value=VALUES)
@settings(max_examples=200)
def test_what_cbor2_encodes_is_decoded(value: Any) -> None:
    """Another implementation's encoding is read, and only whole."""
    octets = cbor2.dumps(value)
    assert value == decode(octets)
    for wrong in (octets[:-1], octets + b"\0"):
        with pytest.raises(ValueError, match="CBOR"):
            decode(wrong)


@given(octets=st.binary(max_size=60))
@settings(max_examples=500)
def test_any_octets_are_a_value_or_refused(octets: bytes) -> None:
    """What is decoded is what cbor2 decodes, encoded as cbor2 does; all else is a ValueError."""
    try:
        value = decode(octets)
    except ValueError:
        return
    assert cbor2.loads(octets) == value
    assert octets == cbor2.dumps(value)


@pytest.mark.parametrize(
    "octets",
    [
        "",
        "1800",  # not the shortest 0
        "1817",
        "1900ff",
        "1a0000ffff",
        "1b00000000ffffffff",
        "20",  # -1
        "60",  # text
        "c001",  # tags
        "d84041aa",
        "d9d9f700",
        "f4",  # simple values and floats
        "f6",
        "f90000",
        "5f41aaff",  # indefinite lengths
        "9f01ff",
        "bf0101ff",
        "ff",
        "1c",  # reserved
        "a2010201ff",
        "a201020103",  # a key twice
        "a1410102",  # a key that is no integer
        "a18001",
        "9b7fffffffffffffff",  # more than there is
        "5b7fffffffffffffff",
        "bb7fffffffffffffff",
        "818181818101",  # too deep
    ],
)
def test_everything_else_is_refused(octets: str) -> None:
    """Tags, other types, other lengths, equal keys and depth have no place in a proof."""
    with pytest.raises(ValueError, match="CBOR"):
        decode(bytes.fromhex(octets))


def test_depth_does_not_recurse() -> None:
    """A hundred thousand arrays in one another are refused at the fifth."""
    with pytest.raises(ValueError, match="too deeply"):
        decode(b"\x81" * 100_000)
