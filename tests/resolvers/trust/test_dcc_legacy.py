"""`resolvers.trust.dcc_legacy`."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from resolvers.model import Kind
from resolvers.trust import signed_list
from resolvers.trust.dcc_legacy import PLUGIN
from resolvers.trust_model import (
    Authenticity,
    Freshness,
    ListState,
    TrustEntity,
    TrustEvidence,
    TrustQuestion,
    TrustSourceConfig,
)
from tests.resolvers.lookup import FakeLookup
from tests.shared import SHARED

_URL = "https://registry.example/registry.json"
_DID = "did:web:university.example"
_AT = datetime(2026, 7, 1, tzinfo=UTC)
_CONFIG = TrustSourceConfig(id="dcc-members", kind="dcc_legacy", url=_URL, tier="member", assurance="AL2")
_REGISTRY = {
    "meta": {"created": "2020-12-02T02:32:16+0000", "updated": "2025-03-01T23:07:03+0000"},
    "registry": {_DID: {"name": "University", "url": "https://university.example", "location": "Somewhere"}},
}


async def _ask(served: Any, did: str = _DID, lookup: FakeLookup | None = None) -> TrustEvidence:
    lookup = lookup or FakeLookup()
    if served is not None:
        lookup.internet.serve(_URL, served)
    return await PLUGIN.ask(_CONFIG, TrustQuestion(entity=did, at=_AT), lookup)


async def test_lists_an_issuer_in_its_own_words() -> None:
    """What it says of an issuer is told, and that nothing but TLS protects it."""
    evidence = await _ask(_REGISTRY)

    assert (evidence.state, evidence.authenticity) == (ListState.LISTED, Authenticity.UNVERIFIED)
    assert evidence.entity == TrustEntity(name="University", url="https://university.example")
    assert (evidence.source, evidence.kind) == ("dcc-members", "dcc_legacy")
    assert (evidence.tier, evidence.assurance, evidence.freshness) == ("member", "AL2", None)
    assert evidence.provenance is not None
    assert evidence.problem is None


@pytest.mark.parametrize("registry", [_REGISTRY, {"registry": {}}])
async def test_issuer_that_is_not_there_is_not_listed(registry: Any) -> None:
    """A registry that could be read says so, also when it is empty."""
    evidence = await _ask(registry, "did:web:other.example")

    assert (evidence.state, evidence.entity) == (ListState.NOT_LISTED, TrustEntity())


@pytest.mark.parametrize(
    "did",
    [
        "did:web:un\u0456versity.example",
        "did:web:university.example:",
        "did:web:university.example:a",
        "did:web:UNIVERSITY.example",
        "did:web:university.example#k",
        "did:web:university.exampl",
        " did:web:university.example",
        "",
    ],
)
async def test_T50_only_the_exact_did_is_listed(did: str) -> None:
    """What looks like a listed issuer, or begins like it, is another one."""
    assert (await _ask(_REGISTRY, did)).state is ListState.NOT_LISTED


@pytest.mark.parametrize(
    ("names", "expected"), [(["One", "Other"], None), (["One", "One"], "One"), (["One", "Other", "One"], None)]
)
async def test_T22_issuer_that_is_there_twice_is_listed_by_no_name(names: list[str], expected: str | None) -> None:
    """Who is listed under two names is listed, but none of them is shown as his."""
    entries = ",".join(f'"{_DID}":{{"name":"{name}"}}' for name in names)

    evidence = await _ask(f'{{"registry":{{{entries}}}}}'.encode())

    assert (evidence.state, evidence.entity.name) == (ListState.LISTED, expected)


@pytest.mark.parametrize(
    "served",
    [
        b"<html>",
        b"",
        b"[]",
        b"{}",
        b'{"registry":[]}',
        b'{"registry":null}',
        b'{"registry":{"did:web:university.example":"University"}}',
        b'{"registry":{"did:web:university.example":{"name":7}}}',
        b'{"registry":{"did:a:b":{}},"registry":{}}',
    ],
)
async def test_T13_defective_registry_is_unknown(served: bytes) -> None:
    """What cannot be read says nothing about anybody."""
    evidence = await _ask(served)

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "registry-defective")


async def test_T13_unreachable_registry_is_unknown() -> None:
    """An outage is not an absence, for listed and unlisted issuers alike."""
    evidence = await _ask(None)

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "unreachable")


async def test_T13_question_that_it_has_no_answer_for_is_unknown() -> None:
    """Being listed is no answer to whether an issuer has a trust mark."""
    lookup = FakeLookup()
    lookup.internet.serve(_URL, _REGISTRY)
    question = TrustQuestion(entity=_DID, at=_AT, terms={"trust_mark": "https://marks.example/etpl"})

    evidence = await PLUGIN.ask(_CONFIG, question, lookup)

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "question-not-supported")
    assert lookup.internet.requests == []


async def test_stale_registry_says_so() -> None:
    """What is served because a refresh failed is marked."""
    lookup = FakeLookup()
    await _ask(_REGISTRY, lookup=lookup)
    lookup.internet.fail(_URL)
    lookup.age, lookup.fresh_for = 4000, 3600

    evidence = await _ask(None, lookup=lookup)

    assert (evidence.state, evidence.freshness) == (ListState.LISTED, Freshness.STALE)


async def test_T61_list_decoded_for_another_kind_is_not_used() -> None:
    """One URL configured as two kinds is read by each as its own, so an unsigned registry never passes for signed."""
    lookup = FakeLookup()
    await _ask(_REGISTRY, lookup=lookup)
    key = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
    config = TrustSourceConfig(id="signed", kind="signed_list", url=_URL, key=key)

    evidence = await signed_list.PLUGIN.ask(config, TrustQuestion(entity=_DID, at=_AT), lookup)

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "registry-defective")
    assert lookup.kinds == [Kind.REGISTRY, Kind.REGISTRY]


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "did", "entity"),
    [
        ("community", "did:web:network.learncard.com", "Learning Economy Foundation"),
        ("issuer", "did:web:c21u.gatech.edu", "Georgia Tech Center for 21st Century Universities"),
        ("issuer", "did:key:z6MkpMKDNykeb9hSQkz8RWCRrqHoo3y56gQb3Lj78xWgkNZh", None),
        ("sandbox", "did:web:digitalcredentials.github.io:vc-test-fixtures:dids:legacy", "DCC did:web for testing"),
    ],
)
async def test_reads_the_published_registries(name: str, did: str, entity: str | None) -> None:
    """Each of the three registries lists its members, also the one whom it lists twice, and nobody else."""
    registry = (SHARED / "vectors" / "registries" / f"dcc-{name}-registry.json").read_bytes()

    evidence = await _ask(registry, did)

    assert (evidence.state, evidence.entity.name) == (ListState.LISTED, entity)
    assert (await _ask(registry, f"{did}x")).state is ListState.NOT_LISTED


async def test_T17_a_large_registry_is_read_beside_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve megabytes take most of a second."""
    beside = []

    async def counted(*work: Any) -> Any:
        beside.append(work)
        return await in_thread(*work)

    in_thread = asyncio.to_thread
    monkeypatch.setattr(asyncio, "to_thread", counted)
    others = {f"did:web:provider-{number}.example": {"name": "Provider"} for number in range(5_000)}

    evidence = await _ask({"registry": {**others, _DID: {"name": "University"}}})

    assert (evidence.state, len(beside)) == (ListState.LISTED, 1)
