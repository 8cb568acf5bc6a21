"""`resolvers.base64url`: one octet string, one spelling."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolvers import base64url


@given(st.binary())
@settings(max_examples=100)
def test_decodes_what_it_encodes(octets: bytes) -> None:
    """Decoding undoes encoding."""
    assert octets == base64url.decode(base64url.encode(octets))


@pytest.mark.parametrize(
    "text",
    ["QQ==", "QQ=", "QR", "QUF", "Q", "QQ\n", " QQ", "Q Q", "Q+8", "Q/8", "QQ.", "Q\u00e9", "\uff31Q", "=", "Q=Q="],
)
def test_T30_other_spellings_are_refused(text: str) -> None:
    """Padding, white space, the other alphabet, junk and trailing bits are refused."""
    with pytest.raises(ValueError, match="base64url"):
        base64url.decode(text)
