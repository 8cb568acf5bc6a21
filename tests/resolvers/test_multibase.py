"""`resolvers.multibase`: base58btc and base64url with their prefixes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolvers import base64url, multibase

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def _base58(octets: bytes) -> str:
    """Encode by the book: leading zeros as ones, the rest as a number in base 58."""
    number, text = int.from_bytes(octets, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = _ALPHABET[digit] + text
    return "1" * (len(octets) - len(octets.lstrip(b"\0"))) + text


@given(st.binary(min_size=1, max_size=100))
@settings(max_examples=100)
def test_decodes_both_bases(octets: bytes) -> None:
    """What is encoded in either base comes back, leading zeros included."""
    assert octets == multibase.decode("z" + _base58(octets))
    assert octets == multibase.decode("u" + base64url.encode(octets))


@given(st.binary(max_size=100))
@settings(max_examples=100)
def test_encodes_base58(octets: bytes) -> None:
    """What is encoded is what the book says."""
    assert multibase.encode_base58(octets) == _base58(octets)


@pytest.mark.parametrize(
    ("text", "octets"),
    [("z2NEpo7TZRRrLZSi2U", b"Hello World!"), ("z11233QC4", bytes.fromhex("0000287fb4cd"))],
)
def test_decodes_published_values(text: str, octets: bytes) -> None:
    """The test vectors of draft-msporny-base58 decode as published."""
    assert octets == multibase.decode(text)


@pytest.mark.parametrize("text", ["", "z", "m6Mk", "M6Mk", "z0", "zO", "zI", "zl", "z 1", "z\u00e9", "uQQ=="])
def test_T10_other_prefixes_and_characters_are_refused(text: str) -> None:
    """A base that is not asked for, and a character outside the alphabet, are refused."""
    with pytest.raises(ValueError, match=r"multibase|base58|base64url"):
        multibase.decode(text)


def test_long_base58_is_refused_unread() -> None:
    """Base58 costs quadratic time, so its length is bounded."""
    with pytest.raises(ValueError, match="at most 256"):
        multibase.decode("z" + "2" * 1_000_000)
