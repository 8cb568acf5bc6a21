"""`resolvers.did.jwk`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from resolvers import base64url
from resolvers.did.jwk import PLUGIN
from resolvers.documents import RELATIONSHIPS
from resolvers.model import KeyType
from resolvers.problems import Invalid
from tests.resolvers.lookup import FakeLookup

if TYPE_CHECKING:
    from resolvers.model import VerificationMethod

# The examples of the did:jwk Method Specification.
_P256 = (
    "did:jwk:eyJjcnYiOiJQLTI1NiIsImt0eSI6IkVDIiwieCI6ImFjYklRaXVNczNpOF91c3pFakoydHBUdFJNNEVVM3l6OTFQSDZDZEgyVjAiLCJ5"
    "IjoiX0tjeUxqOXZXTXB0bm1LdG00NkdxRHo4d2Y3NEk1TEtncmwyR3pIM25TRSJ9"
)
_X25519 = (
    "did:jwk:eyJrdHkiOiJPS1AiLCJjcnYiOiJYMjU1MTkiLCJ1c2UiOiJlbmMiLCJ4IjoiM3A3YmZYdDl3YlRUVzJIQzdPUTFOei1EUThoYmVHZE5y"
    "ZngtRkctSUswOCJ9"
)
_OKP = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}


def _did(jwk: Any) -> str:
    return "did:jwk:" + base64url.encode(json.dumps(jwk).encode())


def _ec(name: str, curve: ec.EllipticCurve) -> dict[str, str]:
    numbers = ec.derive_private_key(7, curve).public_key().public_numbers()
    length = (curve.key_size + 7) // 8
    x, y = (base64url.encode(number.to_bytes(length)) for number in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": name, "x": x, "y": y}


async def _retrieve(did: str) -> VerificationMethod:
    document, _ = await PLUGIN.resolve(did, FakeLookup())
    return document.retrieve(f"{did}#0", purpose="assertionMethod", source=None)


async def _code(did: str) -> str:
    with pytest.raises(Invalid) as caught:
        await _retrieve(did)
    return caught.value.problem.code


@pytest.mark.parametrize(
    ("did", "expected"),
    [
        (_P256, KeyType.P256),
        (_did(_OKP), KeyType.ED25519),
        (_did(_ec("P-521", ec.SECP521R1())), KeyType.P521),
        (_did(_ec("secp256k1", ec.SECP256K1())), KeyType.SECP256K1),
    ],
)
async def test_resolves_a_key(did: str, expected: KeyType) -> None:
    """The only method is `#0`, for every purpose where the key states no use."""
    document, source = await PLUGIN.resolve(did, FakeLookup())

    assert source is None
    assert list(document.methods) == [f"{did}#0"]
    assert all(document.lists(f"{did}#0", purpose=purpose) for purpose in RELATIONSHIPS)
    method = document.retrieve(f"{did}#0", purpose="assertionMethod", source=None)
    assert (method.key.type, method.key.jwk) == (expected, True)


async def test_signing_key_does_not_agree() -> None:
    """A key whose use is `sig` has every purpose but key agreement."""
    did = _did(_OKP | {"use": "sig"})
    document, _ = await PLUGIN.resolve(did, FakeLookup())

    assert document.lists(f"{did}#0", purpose="assertionMethod")
    assert not document.lists(f"{did}#0", purpose="keyAgreement")


@pytest.mark.parametrize("did", [_X25519, _did(_OKP | {"use": "enc"})])
async def test_encryption_key_never_signs(did: str) -> None:
    """A key whose use is `enc` is listed for key agreement only, and never imported."""
    document, _ = await PLUGIN.resolve(did, FakeLookup())

    assert not document.lists(f"{did}#0", purpose="assertionMethod")
    assert await _code(did) == "INVALID_VERIFICATION_METHOD"


@pytest.mark.parametrize(
    "did",
    [
        "did:jwk:e30=",
        "did:jwk:%65yJ9",
        "did:jwk:AAAA",
        "did:jwk:" + base64url.encode(b'{"kty":"OKP","kty":"EC"}'),
        "did:jwk:" + base64url.encode(b"[" * 3000),
        _did([_OKP]),
        _did(_OKP | {"d": "AA"}),
        _did({"kty": "oct", "k": "AA"}),
    ],
)
async def test_what_is_no_public_jwk_is_refused(did: str) -> None:
    """Bad encodings, bad JSON and private keys make no did:jwk."""
    assert await _code(did) == "INVALID_DID"
