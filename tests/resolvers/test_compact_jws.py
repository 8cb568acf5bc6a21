"""`resolvers.compact_jws`."""

from __future__ import annotations

import json
import warnings

import pytest
from joserfc import jws
from joserfc.errors import SecurityWarning
from joserfc.jwk import OctKey, OKPKey

from resolvers import base64url, compact_jws

_KEY = OKPKey.generate_key("Ed25519")
_ALGORITHMS = ("Ed25519", "EdDSA")


def _signed(payload: bytes, key: OKPKey = _KEY, alg: str = "Ed25519", **header: str) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)
        return jws.serialize_compact({"alg": alg, **header}, payload, key, algorithms=[alg])


@pytest.mark.parametrize("alg", _ALGORITHMS)
def test_what_was_signed_is_split_and_verifies(alg: str) -> None:
    """By either name of the algorithm, and without a warning."""
    token = _signed(b"what is said", alg=alg, kid="1")

    compact_jws.check_signature(token, _KEY, _ALGORITHMS)

    assert compact_jws.split(token) == ({"alg": alg, "kid": "1"}, b"what is said")


def test_neither_a_long_payload_nor_a_long_header_hinders() -> None:
    """Whoever fetched it has bounded it; a library's default would refuse 128,000 octets, or 512 of the header."""
    compact_jws.check_signature(_signed(b"a" * 1_000_000, kid="k" * 2_000), _KEY, _ALGORITHMS)


def test_T26_only_the_key_and_its_algorithms_count() -> None:
    """Another key, a MAC, and no algorithm at all are refused."""
    secret = OctKey.import_key(b"x" * 32)
    mac = jws.serialize_compact({"alg": "HS256"}, b"said", secret, algorithms=["HS256"])
    none = ".".join((base64url.encode(json.dumps({"alg": "none"}).encode()), base64url.encode(b"said"), ""))

    for token in (_signed(b"said", OKPKey.generate_key("Ed25519")), mac, none, _signed(b"said")[:-4] + "AAAA"):
        with pytest.raises(ValueError, match="does not verify"):
            compact_jws.check_signature(token, _KEY, _ALGORITHMS)


@pytest.mark.parametrize(
    "token",
    ["", "a.b", "a.b.c.d", "e30.e30", "W10.YQ.YQ", "e30=.YQ.YQ", "e30.YR.YQ", "e30.YQ.Y", "eyJhIjoxLCJhIjoyfQ.YQ.YQ"],
)
def test_T30_what_is_no_compact_jws_is_not_split(token: str) -> None:
    """Parts missing or too many, padding, trailing bits, a header that is a list or has a member twice."""
    with pytest.raises(ValueError, match=r".+"):
        compact_jws.split(token)
