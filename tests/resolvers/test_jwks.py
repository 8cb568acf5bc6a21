"""`resolvers.jwks`: one key, or a set of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from resolvers import jwks
from resolvers.model import Fetched, PublicKey
from resolvers.problems import Invalid, Unavailable

_JWK = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
_URL = "https://issuer.example/keys"


def _fetched(content: Any) -> Fetched:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    now = datetime(2026, 6, 1, tzinfo=UTC)
    return Fetched(url=_URL, body=body, media_type="application/json", fetched_at=now, fresh_for=60.0)


async def test_a_set_is_no_bare_key_and_a_bare_key_no_set() -> None:
    """Where a set is asked for a bare key is refused; where a key is, either will do."""
    assert isinstance((await jwks.load_key(_fetched(_JWK))).value, PublicKey)
    assert list((await jwks.load_set(_fetched({"keys": [_JWK | {"kid": "1"}]}))).value) == ["1"]
    with pytest.raises(Invalid) as caught:
        await jwks.load_set(_fetched(_JWK))
    assert caught.value.problem.code == "INVALID_VERIFICATION_METHOD"


async def test_error_page_is_no_evidence() -> None:
    """What is not JSON says nothing about any key."""
    for load in (jwks.load_set, jwks.load_key):
        with pytest.raises(Unavailable) as caught:
            await load(_fetched(b"<html>"))
        assert caught.value.problem.code == "response-malformed"


@pytest.mark.parametrize(
    ("kids", "fragment", "found"),
    [
        (["a"], "", True),
        (["a"], "#a", True),
        (["a"], "#b", False),
        (["a", "b"], "", False),
        (["a", "b"], "#b", True),
        (["a", "a"], "#a", False),
        (["a", _URL], "", True),
        (["a", f"{_URL}#b"], "#b", True),
        ([], "", False),
    ],
)
async def test_chooses_by_name(kids: list[str], fragment: str, *, found: bool) -> None:
    """The whole URL, or its fragment, names one key of a set; a set of one needs no name, and is given none wrong."""
    loaded = await jwks.load_key(_fetched({"keys": [_JWK | {"kid": kid} for kid in kids]}))

    assert (jwks.chosen(loaded.value, _URL + fragment) is not None) is found
