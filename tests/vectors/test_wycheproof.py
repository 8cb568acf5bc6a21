"""Project Wycheproof: the signatures that careless implementations accept, each by its own verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateway.signatures import is_valid
from resolvers import base64url, keys
from tests.shared import SHARED, vector

if TYPE_CHECKING:
    from resolvers.model import PublicKey

pytestmark = pytest.mark.shared


def cases(name: str) -> list[Any]:
    """Return (public key, test) of each case in a file, by group and number; none where it is missing."""
    if not SHARED.is_dir():
        return []
    return [
        pytest.param(group["publicKey"], test, id=str(test["tcId"]))
        for group in vector(f"wycheproof/{name}")["testGroups"]
        for test in group["tests"]
    ]


def ed25519(public: dict[str, Any]) -> PublicKey:
    """Return a group's key, through the import that every key goes through."""
    return keys.from_jwk({"kty": "OKP", "crv": "Ed25519", "x": base64url.encode(bytes.fromhex(public["pk"]))})


def p256(public: dict[str, Any]) -> PublicKey:
    """Return a group's key, through the import that every key goes through."""
    octets = bytes.fromhex(public["uncompressed"])[1:]
    x, y = base64url.encode(octets[:32]), base64url.encode(octets[32:])
    return keys.from_jwk({"kty": "EC", "crv": "P-256", "x": x, "y": y})


@pytest.mark.parametrize(("public", "test"), cases("ed25519_test.json"))
def test_ed25519(public: dict[str, Any], test: dict[str, Any]) -> None:
    """Each Ed25519 case is valid exactly where Wycheproof says so."""
    found = is_valid(ed25519(public), bytes.fromhex(test["sig"]), bytes.fromhex(test["msg"]))
    assert found is (test["result"] == "valid"), test["comment"]


@pytest.mark.parametrize(("public", "test"), cases("ecdsa_secp256r1_sha256_p1363_test.json"))
def test_ecdsa_p256(public: dict[str, Any], test: dict[str, Any]) -> None:
    """Each ECDSA case over P-256 and SHA-256 is valid exactly where Wycheproof says so."""
    found = is_valid(p256(public), bytes.fromhex(test["sig"]), bytes.fromhex(test["msg"]))
    assert found is (test["result"] == "valid"), test["comment"]


def test_no_result_is_a_matter_of_taste() -> None:
    """No case is `acceptable`, so each has a verdict to compare with, and there are both."""
    for name in ("ed25519_test.json", "ecdsa_secp256r1_sha256_p1363_test.json"):
        results = {parameters.values[1]["result"] for parameters in cases(name)}
        assert results == {"valid", "invalid"}
