"""`resolvers.did.key`."""

from __future__ import annotations

import pytest

from resolvers.did.key import PLUGIN
from resolvers.documents import RELATIONSHIPS
from resolvers.model import KeyType
from resolvers.problems import Invalid, Unavailable
from tests.resolvers.lookup import FakeLookup

_SIGNING = [relationship for relationship in RELATIONSHIPS if relationship != "keyAgreement"]


@pytest.mark.parametrize(
    ("multikey", "expected"),
    [
        # "The did:key Method", test vectors: Ed25519, P-256, P-384
        ("z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp", KeyType.ED25519),
        ("zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169", KeyType.P256),
        ("z82Lm1MpAkeJcix9K8TMiLd5NMAhnwkjjCBeWHXyu3U4oT2MVJJKXkcVBgjGhnLBn2Kaau9", KeyType.P384),
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


@pytest.mark.parametrize(
    ("multikey", "kind", "code"),
    [
        ("z6LShs9GGnqk85isEBzzshkuVWrVKsRp24GnDuHk8QWkARMW", Invalid, "INVALID_VERIFICATION_METHOD"),
        ("z6Mk", Unavailable, "unsupported-key-type"),
    ],
    ids=["X25519", "no known codec"],
)
async def test_T44_key_of_another_type_does_not_sign(
    multikey: str, kind: type[Invalid | Unavailable], code: str
) -> None:
    """A key agreement key never signs; a type that is not supported here stays undecided."""
    did = f"did:key:{multikey}"
    document, _ = await PLUGIN.resolve(did, FakeLookup())

    with pytest.raises(kind) as caught:
        document.retrieve(f"{did}#{multikey}", purpose="assertionMethod", source=None)

    assert caught.value.problem.code == code
