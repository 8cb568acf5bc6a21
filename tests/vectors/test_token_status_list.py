"""The Token Status List of the specification, as the token that it is."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from gateway.formats import _jose
from resolvers.model import ListCredential
from resolvers.token_status_list import decode
from tests.shared import SHARED

pytestmark = pytest.mark.shared

FOLDER = SHARED / "vectors" / "token-status-list"


def test_the_example_is_read_and_says_what_its_text_does() -> None:
    """Header, claims and the sixteen values are those that the specification prints."""
    text = (FOLDER / "status_list_jwt_raw.md").read_text(encoding="ascii")
    token = _jose.parse(re.sub(r"\s", "", text))
    header, claims = printed()
    # "iss" stands in the token and not in the print of it.
    assert (token.header, {**claims, "iss": "https://example.com"}) == (header, token.claims)
    listed = decode(ListCredential(url=claims["sub"], document=token.claims, issuer="https://example.com")).value
    values = [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]
    assert [listed.value(index) for index in range(16)] == values


def printed() -> list[Any]:
    """Return the header and the claims, as the specification prints them."""
    text = (FOLDER / "status_list_jwt.md").read_text(encoding="utf-8")
    return [json.loads(part) for part in text.split("\n.\n")]
