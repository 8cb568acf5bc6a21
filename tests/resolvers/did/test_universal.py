"""`resolvers.did.universal`: what a third party resolves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from resolvers.did.universal import PLUGIN, through
from resolvers.problems import Invalid, Unavailable
from tests.resolvers.lookup import FakeLookup

if TYPE_CHECKING:
    from collections.abc import Awaitable

_ENDPOINT = "https://resolver.example"
_DID = "did:ion:EiClkZMDxPKqC9c-umQfTkR8vvZ9JPhl_xLDI9Nfk38w5w"
_URL = f"{_ENDPOINT}/1.0/identifiers/{_DID}"
_DOCUMENT = {"id": _DID, "assertionMethod": [f"{_DID}#k"]}


async def _code(awaitable: Awaitable[object], kind: type[Invalid | Unavailable]) -> str:
    with pytest.raises(kind) as caught:
        await awaitable
    return caught.value.problem.code


@pytest.mark.parametrize(
    "answer",
    [
        _DOCUMENT,
        {"didDocument": _DOCUMENT},
        {"didDocument": _DOCUMENT, "didResolutionMetadata": {}, "didDocumentMetadata": {"deactivated": False}},
        {"didDocument": _DOCUMENT, "didResolutionMetadata": {"error": None}, "didDocumentMetadata": None},
    ],
)
@pytest.mark.parametrize("endpoint", [_ENDPOINT, f"{_ENDPOINT}/"])
async def test_asks_for_a_document(answer: dict[str, Any], endpoint: str) -> None:
    """A resolution result and a document alone are both read, and the provenance is the endpoint's."""
    lookup = FakeLookup()
    lookup.internet.serve(_URL, answer)

    document, source = await through(endpoint).resolve(_DID, lookup)

    assert document.content == _DOCUMENT
    assert source is not None
    assert source.url == _URL
    assert lookup.internet.requests == [_URL]


async def test_percent_escapes_of_a_did_arrive_as_they_are() -> None:
    """They are part of its name, so they are escaped themselves."""
    lookup = FakeLookup()
    did = "did:example:a%2Fb%3Fc"
    lookup.internet.serve(f"{_ENDPOINT}/1.0/identifiers/did:example:a%252Fb%253Fc", {"id": did})

    document, _ = await through(_ENDPOINT).resolve(did, lookup)

    assert document.id == did


@pytest.mark.parametrize(
    ("status", "answer", "kind", "code"),
    [
        (200, {"didDocument": _DOCUMENT, "didDocumentMetadata": {"deactivated": True}}, Invalid, "did-deactivated"),
        (410, {"didDocument": _DOCUMENT, "didDocumentMetadata": {}}, Invalid, "did-deactivated"),
        (410, b"Gone", Invalid, "did-deactivated"),
        (200, {"didDocument": _DOCUMENT | {"deactivated": True}}, Invalid, "did-deactivated"),
        (400, {"didResolutionMetadata": {"error": "invalidDid"}}, Invalid, "INVALID_DID"),
        (
            400,
            {"didResolutionMetadata": {"error": {"type": "https://www.w3.org/ns/did#INVALID_DID"}}},
            Invalid,
            "INVALID_DID",
        ),
        (501, {"didResolutionMetadata": {"error": "methodNotSupported"}}, Unavailable, "METHOD_NOT_SUPPORTED"),
        (404, {"didResolutionMetadata": {"error": "notFound"}}, Unavailable, "NOT_FOUND"),
        (
            200,
            {"didDocument": _DOCUMENT, "didResolutionMetadata": {"error": "internalError"}},
            Unavailable,
            "NOT_FOUND",
        ),
        (404, b"<html>", Unavailable, "NOT_FOUND"),
        (404, _DOCUMENT, Unavailable, "NOT_FOUND"),
        (406, {}, Unavailable, "NOT_FOUND"),
        (500, _DOCUMENT, Unavailable, "unreachable"),
        (200, b"<html>", Unavailable, "response-malformed"),
        (200, {"didDocument": None}, Invalid, "INVALID_CONTROLLED_IDENTIFIER_DOCUMENT"),
        (200, {}, Invalid, "INVALID_CONTROLLED_IDENTIFIER_DOCUMENT"),
        (200, [], Invalid, "INVALID_CONTROLLED_IDENTIFIER_DOCUMENT"),
    ],
)
async def test_what_it_does_not_resolve(status: int, answer: Any, kind: type[Invalid | Unavailable], code: str) -> None:
    """A definite no is believed; that something was not found is not, since another might find it."""
    lookup = FakeLookup()
    lookup.internet.serve(_URL, answer, status=status)

    assert await _code(through(_ENDPOINT).resolve(_DID, lookup), kind) == code


async def test_nobody_is_asked_by_default() -> None:
    """The plugin alone names nobody whom to ask."""
    lookup = FakeLookup()

    assert await _code(PLUGIN.resolve(_DID, lookup), Unavailable) == "METHOD_NOT_SUPPORTED"
    assert lookup.internet.requests == []
