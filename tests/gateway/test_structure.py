"""The shape of a credential: what the data model demands, and nothing else."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from gateway.model import Outcome, Secured
from gateway.structure import UNDEFINED_TERMS_V2, check_structure, issuer_of, type_names, vcdm_version
from tests.gateway.proving import CREDENTIALS_V1, CREDENTIALS_V2, FORMATS, credential
from tests.shared import SHARED, vector

V1: dict[str, Any] = {
    "@context": [CREDENTIALS_V1],
    "type": ["VerifiableCredential"],
    "issuer": {"id": "did:example:issuer", "name": "Example"},
    "issuanceDate": "2026-01-01T00:00:00Z",
    "credentialSubject": {"id": "did:example:subject"},
}
V2 = credential("did:example:issuer")


def problems(document: dict[str, Any]) -> list[tuple[str, str | None]]:
    """Return code and pointer of each problem of the check, which agrees with its outcome."""
    secured = Secured(format=FORMATS["data-integrity"], vcdm=vcdm_version(document), document=document)
    result = check_structure(secured)
    assert result.outcome is (Outcome.FAIL if result.problems else Outcome.PASS)
    return [(problem.code, problem.pointer) for problem in result.problems]


@pytest.mark.parametrize("document", [V1, V2], ids=["1.1", "2.0"])
def test_minimal_credential_passes(document: dict[str, Any]) -> None:
    """The members that the data model requires are enough."""
    assert problems(document) == []


@pytest.mark.parametrize(
    "change",
    [
        {"@context": CREDENTIALS_V2},
        {"@context": [CREDENTIALS_V2, {"@vocab": "https://example.org/"}, "https://example.org/context"]},
        {"@context": [CREDENTIALS_V2, UNDEFINED_TERMS_V2]},
        {"type": "VerifiableCredential"},
        {"id": None},
        {"issuer": {"id": "https://example.org/issuers/1"}},
        {"validFrom": None},
        {"validFrom": "2026-01-01T00:00:00"},
        {"validUntil": "2026-01-01T00:00:00Z"},
        {"credentialSubject": [{"id": "did:example:1"}, {"name": "somebody"}]},
        {"credentialStatus": []},
        {"credentialStatus": [{"type": "BitstringStatusListEntry"}, {"id": "https://example.org/#2", "type": ["X"]}]},
        {"credentialSchema": {"id": "https://example.org/schema", "type": "JsonSchema"}},
        {"evidence": {"type": ["Evidence"], "narrative": "…"}},
        {"termsOfUse": [{"type": "TrustFrameworkPolicy"}]},
        {"relatedResource": {"id": "https://example.org/image", "digestSRI": "sha384-…"}},
        {"name": "A name", "description": [{"@value": "Une description", "@language": "fr"}, "A description"]},
    ],
    ids=str,
)
def test_everything_but_the_single_members_may_be_an_array(change: dict[str, Any]) -> None:
    """What VCDM 2.0 allows passes: single or several, absent, null or empty."""
    assert problems({**V2, **change}) == []


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"@context": []}, "/@context"),
        ({"@context": ["https://example.org/", CREDENTIALS_V2]}, "/@context"),
        ({"@context": {"@vocab": "https://example.org/"}}, "/@context"),
        ({"@context": [CREDENTIALS_V2, "relative"]}, "/@context/1"),
        ({"@context": [CREDENTIALS_V2, 1]}, "/@context/1"),
        ({"@context": [CREDENTIALS_V2, UNDEFINED_TERMS_V2, "https://example.org/context"]}, "/@context"),
        ({"type": ["OpenBadgeCredential"]}, "/type"),
        ({"type": None}, "/type"),
        ({"type": ["VerifiableCredential", 1]}, "/type"),
        ({"id": "relative"}, "/id"),
        ({"id": ["urn:a:1", "urn:a:2"]}, "/id"),
        ({"id": "urn:a b"}, "/id"),
        ({"issuer": None}, "/issuer"),
        ({"issuer": {"name": "Nobody"}}, "/issuer"),
        ({"issuer": ["did:example:a", "did:example:b"]}, "/issuer"),
        ({"issuer": "Example University"}, "/issuer"),
        ({"credentialSubject": None}, "/credentialSubject"),
        ({"credentialSubject": []}, "/credentialSubject"),
        ({"credentialSubject": {}}, "/credentialSubject"),
        ({"credentialSubject": "did:example:a"}, "/credentialSubject"),
        ({"credentialSubject": [{"id": "did:example:a"}, {"id": "relative"}]}, "/credentialSubject"),
        ({"validFrom": "yesterday"}, "/validFrom"),
        ({"validFrom": ["2026-01-01T00:00:00Z"]}, "/validFrom"),
        ({"validUntil": "2025-12-31T23:59:59Z"}, "/validUntil"),
        ({"credentialStatus": {"id": "https://example.org/#1"}}, "/credentialStatus"),
        ({"credentialStatus": "https://example.org/#1"}, "/credentialStatus"),
        ({"credentialStatus": {"id": "relative", "type": "X"}}, "/credentialStatus"),
        ({"credentialSchema": {"type": "JsonSchema"}}, "/credentialSchema"),
        ({"refreshService": {"type": [1]}}, "/refreshService"),
        ({"termsOfUse": {"id": "urn:a:1"}}, "/termsOfUse"),
        ({"evidence": [{"type": "Evidence"}, {}]}, "/evidence"),
        ({"relatedResource": {"id": "https://example.org/image"}}, "/relatedResource"),
        ({"relatedResource": {"digestSRI": "sha384-…"}}, "/relatedResource"),
        ({"relatedResource": [{"id": "https://example.org/", "digestSRI": "sha384-…"}] * 2}, "/relatedResource"),
        ({"name": 5}, "/name"),
        ({"description": {"en": "A description"}}, "/description"),
    ],
    ids=str,
)
def test_wrong_member_is_named(change: dict[str, Any], pointer: str) -> None:
    """Each member that the data model forbids fails the check, once, with its place."""
    assert problems({**V2, **change}) == [("MALFORMED_VALUE_ERROR", pointer)]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"issuanceDate": None}, "/issuanceDate"),
        ({"expirationDate": "2025-01-01T00:00:00Z"}, "/expirationDate"),
        ({"credentialStatus": {"type": "StatusList2021Entry"}}, "/credentialStatus"),
        ({"refreshService": {"type": "ManualRefreshService2018"}}, "/refreshService"),
    ],
    ids=str,
)
def test_what_only_1_1_demands(change: dict[str, Any], pointer: str) -> None:
    """VCDM 1.1 requires an issuance date, and an id of a status entry and a refresh service."""
    assert problems({**V1, **change}) == [("MALFORMED_VALUE_ERROR", pointer)]


def test_every_wrong_member_is_reported() -> None:
    """Whoever mends a credential sees all that is wrong with it at once."""
    found = problems({"@context": CREDENTIALS_V2, "id": 5, "validFrom": "x"})
    assert [pointer for _, pointer in found] == ["/type", "/id", "/issuer", "/credentialSubject", "/validFrom"]


def test_first_context_tells_the_version() -> None:
    """The version is that of the first context, and unknown by any other."""
    assert vcdm_version({"@context": [CREDENTIALS_V1, CREDENTIALS_V2]}) == "1.1"
    assert vcdm_version({"@context": CREDENTIALS_V2}) == "2.0"
    assert vcdm_version({"@context": [["nested"]]}) is None
    assert vcdm_version({}) is None


def test_issuer_is_a_url_or_an_object() -> None:
    """The issuer's id is found in both forms, and nowhere else."""
    assert issuer_of(V1) == issuer_of(V2) == "did:example:issuer"
    assert issuer_of({"issuer": {"id": 5}}) is None
    assert issuer_of({}) is None


@pytest.mark.shared
def test_real_credentials_have_the_shape() -> None:
    """No credential of the field that other implementations verify is refused for its shape."""
    folders = ("dcc/credentials-v1", "open-badges-3.0", "clr-2.0")
    malformed = "ed25519/didKey/legacy-noStatus-noExpiry.json"  # no JSON at all, as the README says
    paths = [path for folder in folders for path in (SHARED / "vectors" / folder).rglob("*.json")]
    read = [path for path in paths if not str(path).endswith(malformed)]
    assert len(read) > 40
    for path in read:
        assert problems(copy.deepcopy(vector(str(path.relative_to(SHARED / "vectors"))))) == [], path


@pytest.mark.parametrize(
    ("document", "pointers"),
    [
        (V2, None),
        ({**V2, "@context": [CREDENTIALS_V2, {"x": "https://example.org/x"}]}, ["/@context/1"]),
        (
            {**V2, "credentialSubject": [{"id": "did:example:1", "@context": {"x": "https://example.org/x"}}]},
            ["/credentialSubject/0/@context"],
        ),
    ],
    ids=["none", "of the whole", "of a node"],
)
def test_contexts_of_the_documents_own_are_named(document: dict[str, Any], pointers: list[str] | None) -> None:
    """Where a document defines terms of its own, at any depth, the facts say where."""
    secured = Secured(format=FORMATS["data-integrity"], vcdm="2.0", document=document)
    assert check_structure(secured).facts.get("inlineContexts") == pointers


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"type": ["A", 1, "B"]}, ("A", "B")),
        ({"vct": "urn:x"}, ("urn:x",)),
        ({"vct": "urn:x", "type": "Car"}, ("urn:x",)),
        ({"vct": "urn:x", "type": "A", "@context": []}, ("urn:x", "A")),
        ({}, ()),
        ({"vct": 5, "type": "A"}, ()),
    ],
    ids=str,
)
def test_types_are_the_data_models_or_the_tokens(document: dict[str, Any], expected: tuple[str, ...]) -> None:
    """Among claims that are not JSON-LD `type` may mean anything."""
    assert type_names(document) == expected
