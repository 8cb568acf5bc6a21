"""`resolvers.documents`: Retrieve Verification Method, and the documents it reads."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from resolvers import documents
from resolvers.model import Fetched, KeyType
from resolvers.problems import Invalid, Unavailable
from tests.shared import vector

_ID = "https://issuer.example/1"
_KEY = "z6MkjXe1vZvPRqFuc9nRBtZ3e1Y9XKDFSbjFAfzLfW2bD6cZ"
_METHOD = {"id": f"{_ID}#k", "type": "Multikey", "controller": _ID, "publicKeyMultibase": _KEY}


def _document(**members: Any) -> dict[str, Any]:
    return {"id": _ID, "verificationMethod": [_METHOD], "assertionMethod": [f"{_ID}#k"], **members}


def _code(content: Any, url: str = f"{_ID}#k", purpose: str = "assertionMethod") -> str:
    with pytest.raises((Invalid, Unavailable)) as caught:
        documents.parse(content).retrieve(url, purpose=purpose, source=None)
    return caught.value.problem.code


@pytest.mark.parametrize(
    "content",
    [
        _document(),
        _document(verificationMethod=[], assertionMethod=[_METHOD]),
        {"id": _ID, "assertionMethod": [_METHOD]},
        _document(assertionMethod=[_METHOD]),
        _document(verificationMethod=[{**_METHOD, "id": "#k"}], assertionMethod=["#k"]),
        _document(deactivated=False, authentication=["https://elsewhere.example/2#k"]),
    ],
    ids=["by reference", "by value", "no verificationMethod", "both", "relative ids", "other members"],
)
def test_retrieves_a_method(content: dict[str, Any]) -> None:
    """A method is found wherever the document holds it, referred to absolutely or relatively."""
    method = documents.parse(content).retrieve(f"{_ID}#k", purpose="assertionMethod", source=None)

    assert (method.id, method.type, method.document) == (f"{_ID}#k", "Multikey", _ID)
    assert method.key.type is KeyType.ED25519
    assert method.ends is None


@pytest.mark.parametrize(
    "context",
    [
        {"@base": _ID},
        ["https://www.w3.org/ns/did/v1", {"@base": _ID}],
        ["https://www.w3.org/ns/did/v1", {"key": "https://w3id.org/security#key"}],
    ],
)
def test_base_that_is_the_document_itself(context: Any) -> None:
    """Documents with relative ids say so for readers of JSON-LD, and mean what readers of JSON take anyway."""
    content = _document(verificationMethod=[{**_METHOD, "id": "#k"}], assertionMethod=["#k"])

    found = documents.parse(content | {"@context": context})

    assert found.retrieve(f"{_ID}#k", purpose="assertionMethod", source=None).id == f"{_ID}#k"


@pytest.mark.parametrize("base", ["https://attacker.example/", "", None, f"{_ID}/"])
@pytest.mark.parametrize("listed", [True, False])
def test_T34_base_that_is_another_document_is_refused(base: Any, *, listed: bool) -> None:
    """`#k` would be one key to a reader of JSON, and another one to a reader of JSON-LD."""
    context: Any = {"@base": base}

    assert (
        _code(_document() | {"@context": [context] if listed else context}) == "INVALID_CONTROLLED_IDENTIFIER_DOCUMENT"
    )


def test_a_key_is_imported_once() -> None:
    """The imported key stays with the document, so a warm dereference does no arithmetic."""
    document = documents.parse(_document())

    first, second = (document.retrieve(f"{_ID}#k", purpose="assertionMethod", source=None) for _ in range(2))

    assert first.key is second.key


@pytest.mark.parametrize(
    "content",
    [
        None,
        [],
        {},
        {"id": 7},
        {"id": ""},
        _document(verificationMethod=_METHOD),
        _document(verificationMethod=["x"]),
        _document(verificationMethod=[{}]),
        _document(assertionMethod=f"{_ID}#k"),
        _document(assertionMethod=[7]),
        _document(assertionMethod=[{"id": 7}]),
        _document(assertionMethod=None),
        _document(assertionMethod=[{**_METHOD, "type": "JsonWebKey"}]),
        _document(verificationMethod=[_METHOD, {**_METHOD, "id": "#k"}]),
    ],
)
def test_malformed_document_is_refused(content: Any) -> None:
    """What is not a controlled identifier document, or is ambiguous about a method, is refused whole."""
    assert _code(content) == "INVALID_CONTROLLED_IDENTIFIER_DOCUMENT"


@pytest.mark.parametrize(
    "change",
    [
        {"controller": "https://attacker.example/"},
        {"controller": None},
        {"controller": [_ID]},
        {"type": None},
        {"publicKeyMultibase": "z0"},
        {"expires": "2025-01-01"},
        {"revoked": 7},
    ],
)
def test_T33_malformed_method_or_other_controller_is_refused(change: dict[str, Any]) -> None:
    """A method must conform, and the document it stands in must be its controller's."""
    assert _code(_document(verificationMethod=[{**_METHOD, **change}])) == "INVALID_VERIFICATION_METHOD"


def test_a_defective_method_does_not_spoil_the_others() -> None:
    """A key of an unknown type beside the one asked for is no reason to refuse that."""
    other = {"id": "#other", "type": "Unknown"}
    document = documents.parse(_document(verificationMethod=[_METHOD, other]))

    assert document.retrieve(f"{_ID}#k", purpose="assertionMethod", source=None).id == f"{_ID}#k"
    assert _code(document.content, f"{_ID}#other") == "INVALID_VERIFICATION_METHOD"


@pytest.mark.parametrize("purpose", ["authentication", "keyAgreement", "", "verificationMethod", "id"])
def test_T35_key_of_another_relationship_is_refused(purpose: str) -> None:
    """A key that stands in one relationship only serves no other purpose."""
    assert _code(_document(), purpose=purpose) == "INVALID_RELATIONSHIP_FOR_VERIFICATION_METHOD"


def test_T35_key_in_no_relationship_is_refused() -> None:
    """To stand among the verification methods allows nothing by itself."""
    assert _code({"id": _ID, "verificationMethod": [_METHOD]}) == "INVALID_RELATIONSHIP_FOR_VERIFICATION_METHOD"


@pytest.mark.parametrize("url", [f"{_ID}#other", f"{_ID}#", _ID, "https://attacker.example/#k"])
def test_method_that_is_not_there_is_not_found(url: str) -> None:
    """Only a method with exactly that id counts."""
    assert _code(_document(), url) == "NOT_FOUND"


def test_T52_deactivated_did_has_no_document() -> None:
    """A document that says it is deactivated yields no keys, whatever it still holds."""
    assert _code(_document(deactivated=True)) == "did-deactivated"


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"expires": "2025-06-01T00:00:00Z"}, datetime(2025, 6, 1, tzinfo=UTC)),
        ({"revoked": "2025-06-01T02:00:00+02:00"}, datetime(2025, 6, 1, tzinfo=UTC)),
        ({"expires": "2026-01-01T00:00:00Z", "revoked": "2025-06-01T00:00:00Z"}, datetime(2025, 6, 1, tzinfo=UTC)),
    ],
)
def test_a_method_ends_at_the_earlier_of_expiry_and_revocation(members: dict[str, str], expected: datetime) -> None:
    """Both ends of a method are told, so that nothing verifies at or after the earlier."""
    document = documents.parse(_document(verificationMethod=[{**_METHOD, **members}]))

    assert document.retrieve(f"{_ID}#k", purpose="assertionMethod", source=None).ends == expected


def _fetched(body: bytes) -> Fetched:
    return Fetched(url=_ID, body=body, media_type="application/json", fetched_at=datetime.now(UTC), fresh_for=300.0)


async def test_loads_a_fetched_document_with_its_size() -> None:
    """The size is more than that of the text, since the cache is bounded by it."""
    body = json.dumps(_document()).encode()

    loaded = await documents.load(_fetched(body))

    assert loaded.value.id == _ID
    assert loaded.size > len(body)


@pytest.mark.parametrize("body", [b"<html>Service unavailable</html>", b"", b"\xff\xfe{\0}\0"])
async def test_T13_error_page_is_no_evidence(body: bytes) -> None:
    """What is not JSON is a host in trouble, not an issuer without keys."""
    with pytest.raises(Unavailable) as caught:
        await documents.load(_fetched(body))

    assert caught.value.problem.code == "response-malformed"


async def test_T22_document_with_a_duplicate_member_is_refused() -> None:
    """Two readers could take different keys from it."""
    with pytest.raises(Invalid) as caught:
        await documents.load(_fetched(b'{"id":"https://issuer.example/1","id":"https://attacker.example/"}'))

    assert caught.value.problem.code == "INVALID_CONTROLLED_IDENTIFIER_DOCUMENT"


@pytest.mark.shared
@pytest.mark.parametrize("name", ["legacy", "oidf"])
def test_reads_published_did_documents(name: str) -> None:
    """Documents that are in use, one with its only method embedded in assertionMethod, yield their key."""
    content = vector(f"dcc/dids/{name}/did.json")
    document = documents.parse(content)

    method = document.retrieve(content["assertionMethod"][0]["id"], purpose="assertionMethod", source=None)

    assert method.document == content["id"]
    assert method.key.type is KeyType.ED25519
