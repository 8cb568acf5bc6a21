"""`resolvers.did.key`."""

from __future__ import annotations

import pytest

from resolvers.did.key import PLUGIN
from resolvers.documents import RELATIONSHIPS
from resolvers.model import KeyType
from resolvers.multibase import encode_base58
from resolvers.problems import Invalid, Unavailable
from tests.resolvers.lookup import FakeLookup

_SIGNING = [relationship for relationship in RELATIONSHIPS if relationship != "keyAgreement"]


@pytest.mark.parametrize(
    ("multikey", "expected"),
    [
        # "The did:key Method", test vectors: Ed25519, P-256, P-384, P-521, secp256k1, BLS12-381 G2
        ("z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp", KeyType.ED25519),
        ("zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169", KeyType.P256),
        ("z82Lm1MpAkeJcix9K8TMiLd5NMAhnwkjjCBeWHXyu3U4oT2MVJJKXkcVBgjGhnLBn2Kaau9", KeyType.P384),
        (
            "z2J9gaYxrKVpdoG9A4gRnmpnRCcxU6agDtFVVBVdn1JedouoZN7SzcyREXXzWgt3gGiwpoHq7K68X4m32D8HgzG8wv3sY5j7",
            KeyType.P521,
        ),
        ("zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme", KeyType.SECP256K1),
        (
            "zUC7K4ndUaGZgV7Cp2yJy6JtMoUHY6u7tkcSYUvPrEidqBmLCTLmi6d5WvwnUqejscAkERJ3bfjEiSYtdPkRSE8kSa11hFBr4sTgnbZ95SJj19PN2jdvJjyzpSZgxkyyxNnBNnY",
            KeyType.BLS12381_G2,
        ),
    ],
)
async def test_resolves_the_published_examples(multikey: str, expected: KeyType) -> None:
    """Each key type's document follows from the DID, and allows every purpose but key agreement."""
    did = f"did:key:{multikey}"

    document, source = await PLUGIN.resolve(did, FakeLookup())

    assert source is None
    for purpose in _SIGNING:
        method = document.retrieve(f"{did}#{multikey}", purpose=purpose, source=None)
        assert method.key.type is expected
    assert not document.lists(f"{did}#{multikey}", purpose="keyAgreement")


async def test_the_same_did_has_the_same_document() -> None:
    """The document and its imported key are kept, since the same issuers come again."""
    did = "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp"

    assert (await PLUGIN.resolve(did, FakeLookup()))[0] is (await PLUGIN.resolve(did, FakeLookup()))[0]


@pytest.mark.parametrize(
    "did",
    [
        "did:key:",
        "did:key:z",
        "did:key:6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp",
        "did:key:u7QE",
        "did:key:z6Mk0",
        "did:key:z6Mk:z6Mk",
        "did:key:1.1:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp",
        "did:key:z" + "2" * 200,
        "did:web:z6Mk",
    ],
)
async def test_malformed_did_is_refused(did: str) -> None:
    """Another base, another length or characters outside the alphabet make no did:key."""
    with pytest.raises(Invalid) as caught:
        await PLUGIN.resolve(did, FakeLookup())

    assert caught.value.problem.code == "INVALID_DID"


async def test_T44_key_of_another_type_does_not_sign() -> None:
    """The document of an X25519 key is for key agreement alone, and its key is never imported for a signature."""
    did = "did:key:z6LShs9GGnqk85isEBzzshkuVWrVKsRp24GnDuHk8QWkARMW"
    document, _ = await PLUGIN.resolve(did, FakeLookup())
    method = f"{did}#{did.removeprefix('did:key:')}"

    assert [name for name in RELATIONSHIPS if document.lists(method, purpose=name)] == ["keyAgreement"]
    with pytest.raises(Invalid) as caught:
        document.retrieve(method, purpose="assertionMethod", source=None)
    assert caught.value.problem.code == "INVALID_VERIFICATION_METHOD"


async def test_key_of_an_unknown_type_is_undecided() -> None:
    """A multicodec that is not known here is no fault of the DID's."""
    with pytest.raises(Unavailable) as caught:
        await PLUGIN.resolve("did:key:z6Mk", FakeLookup())

    assert caught.value.problem.code == "unsupported-key-type"


@pytest.mark.parametrize(
    "multikey",
    [
        "z6",
        "z" + encode_base58(b"\xed\x01" + bytes(31)),
        "z" + encode_base58(b"\xed\x01" + bytes(32)),
        "z" + encode_base58(b"\x80\x24\x02" + b"\xff" * 32),
        "z" + encode_base58(b"\xec\x01" + bytes(31)),
        "z" + encode_base58(b"\xeb\x01\xc0" + bytes(95)),
    ],
    ids=["no key", "too short", "small order", "not on the curve", "short X25519", "point at infinity"],
)
async def test_T44_did_whose_key_is_none_is_refused(multikey: str) -> None:
    """A Multikey without a key, of another length, or that names no point to sign with makes no did:key."""
    with pytest.raises(Invalid) as caught:
        await PLUGIN.resolve(f"did:key:{multikey}", FakeLookup())

    assert caught.value.problem.code == "INVALID_DID"
