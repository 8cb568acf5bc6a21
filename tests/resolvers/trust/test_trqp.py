"""`resolvers.trust.trqp`, against a server of the Trust Registry Query Protocol."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from resolvers.cache import DocumentCache
from resolvers.model import Budget
from resolvers.request_lookup import RequestLookup
from resolvers.trust.trqp import PLUGIN
from resolvers.trust_model import Authenticity, ListState, TrustQuestion
from tests.resolvers.trust.minting import NOW, TrqpServer, lookup_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from resolvers.trust_model import TrustEvidence

DID = "did:web:school.example"
AUTHORIZATION = "https://trqp.example.gov/authorization"


async def answer(
    change: Callable[[TrqpServer], object] = lambda _: None,
    *,
    entity: str = DID,
    at: datetime = NOW,
    terms: dict[str, str] | None = None,
    **config: Any,
) -> TrustEvidence:
    """Ask a registry that lets `DID` issue nursing licences, after that change."""
    lookup = lookup_at()
    server = TrqpServer(lookup.internet, granted={(DID, "issue", "nursing-licence")})
    server.publish()
    change(server)
    question = TrustQuestion(entity=entity, at=at, terms=terms or {})
    return await PLUGIN.ask(server.config(**config), question, lookup)


@pytest.mark.parametrize("query", ["authorization", "recognition"])
async def test_authority_says_yes(query: str) -> None:
    """To either query; nothing protects the answer but TLS."""
    evidence = await answer(query=query, tier="member", assurance="AL2")

    assert (evidence.state, evidence.authenticity) == (ListState.LISTED, Authenticity.UNVERIFIED)
    assert (evidence.freshness, evidence.tier, evidence.assurance) == (None, "member", "AL2")
    assert evidence.provenance is not None
    assert evidence.provenance.url == f"https://trqp.example.gov/{query}"


@pytest.mark.parametrize(
    ("entity", "terms"),
    [
        ("did:web:other.example", {}),
        (DID, {"resource": "medical-licence"}),
        (DID, {"action": "revoke"}),
        ("did:web:SCHOOL.example", {}),
    ],
)
async def test_authority_says_no(entity: str, terms: dict[str, str]) -> None:
    """To another entity, resource or action; what the policy asks goes before what is configured."""
    evidence = await answer(entity=entity, terms=terms)

    assert (evidence.state, evidence.problem) == (ListState.NOT_LISTED, None)


async def test_query_is_the_protocols_own() -> None:
    """Exactly its members; the instant in UTC with a Z, as the protocol wants it; as JSON."""
    lookup = lookup_at()
    server = TrqpServer(lookup.internet)
    server.publish()
    at = NOW.astimezone(timezone(timedelta(hours=-5))) + timedelta(microseconds=7)
    terms = {"action": "issue", "resource": "welding"}

    await PLUGIN.ask(
        server.config(url="https://trqp.example.gov/"), TrustQuestion(entity=DID, at=at, terms=terms), lookup
    )

    ((url, body, media_type),) = lookup.internet.posted
    assert (url, media_type) == (AUTHORIZATION, "application/json")
    assert json.loads(body) == {
        "entity_id": DID,
        "authority_id": "did:web:board.example.gov",
        "action": "issue",
        "resource": "welding",
        "context": {"time": "2026-07-01T12:00:00Z"},
    }


async def test_every_question_is_asked_anew() -> None:
    """An answer is for its own instant, and is kept nowhere."""
    lookup = lookup_at()
    server = TrqpServer(lookup.internet, granted={(DID, "issue", "nursing-licence")})
    server.publish()
    states = []
    for _ in range(2):
        states.append((await PLUGIN.ask(server.config(), TrustQuestion(entity=DID, at=NOW), lookup)).state)
        server.granted.clear()
    assert states == [ListState.LISTED, ListState.NOT_LISTED]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"entity_id": "did:web:other.example"}, "another entity"),
        ({"authority_id": "did:web:rogue.example"}, "another authority"),
        ({"action": "revoke"}, "another action"),
        ({"resource": "medical-licence"}, "another resource"),
        ({"entity_id": None}, "no entity"),
        ({"authorized": None}, "no answer"),
        ({"authorized": "true"}, "an answer in words"),
        ({"authorized": 1}, "an answer in numbers"),
        ({"authorized": None, "recognized": True}, "an answer to the other query"),
        ({"time_evaluated": None}, "no instant"),
        ({"time_evaluated": "2026-07-01T12:00:00"}, "an instant without a zone"),
        ({"time_evaluated": "2026-07-01T11:00:00Z"}, "an old answer"),
        ({"time_evaluated": "2027-07-01T12:00:00Z"}, "an answer of the future"),
    ],
)
async def test_T61_answer_to_something_else_is_unknown(changed: dict[str, Any], why: str) -> None:
    """The fields that it echoes must be those of the query, and its instant the one that was asked about."""
    del why
    evidence = await answer(lambda s: s.changed.update(changed))

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "registry-defective")


async def test_instant_in_another_zone_is_the_same_instant() -> None:
    """A few minutes between two clocks are none."""
    assert (
        await answer(lambda s: s.changed.update(time_evaluated="2026-07-01T08:03:00-04:00"))
    ).state is ListState.LISTED


async def test_past_is_asked_for_and_has_to_be_answered() -> None:
    """A registry that knows only the present does not answer for a past instant."""
    past = datetime(2025, 1, 1, tzinfo=UTC)

    assert (await answer(at=past)).state is ListState.LISTED
    evidence = await answer(lambda s: s.changed.update(time_evaluated="2026-07-01T12:00:00Z"), at=past)
    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "registry-defective")


@pytest.mark.parametrize("media_type", ["application/problem+json", "application/json"])
async def test_404_with_a_problem_document_is_a_no(media_type: str) -> None:
    """The protocol says so where entity, authority, action or resource are not recognized."""
    evidence = await answer(
        lambda s: s.internet.receive(AUTHORIZATION, lambda _: s.refusal(404, "entity not found", media_type))
    )

    assert (evidence.state, evidence.problem) == (ListState.NOT_LISTED, None)


@pytest.mark.parametrize(
    ("status", "body", "media_type"),
    [
        (404, b"<html>Not Found", "text/html"),
        (404, b"<html>Not Found", "application/problem+json"),
        (404, b"{}", "application/json"),
        (404, b'{"status":404}', "application/json"),
        (404, b'{"title":"x","status":403}', "application/json"),
        (400, b'{"title":"x","status":400}', "application/problem+json"),
        (401, b'{"title":"x","status":401}', "application/problem+json"),
        (403, b'{"title":"x","status":403}', "application/problem+json"),
        (410, b'{"title":"x","status":410}', "application/problem+json"),
        (429, b'{"title":"x","status":429}', "application/problem+json"),
        (500, b'{"title":"x","status":500}', "application/problem+json"),
    ],
)
async def test_T13_any_other_error_is_unknown(status: int, body: bytes, media_type: str) -> None:
    """Another 4xx, a 5xx, or a 404 that is a web server's own is no answer."""
    evidence = await answer(
        lambda s: s.internet.receive(AUTHORIZATION, lambda _: body, status=status, media_type=media_type)
    )

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "unreachable")


@pytest.mark.parametrize("body", [b"<html>", b"", b"[]", b"true", b'{"authorized":true,"authorized":false}'])
async def test_T13_answer_that_cannot_be_read_is_unknown(body: bytes) -> None:
    """It says neither yes nor no."""
    evidence = await answer(lambda s: s.internet.receive(AUTHORIZATION, lambda _: body))

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "registry-defective")


async def test_T13_oversized_answer_is_unknown() -> None:
    """A registry answers a query with some hundred bytes, not with megabytes."""
    evidence = await answer(lambda s: s.internet.receive(AUTHORIZATION, lambda _: bytes(17 << 20)))

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "response-too-large")


async def test_T3_redirected_question_is_unknown() -> None:
    """What was meant for one registry is not handed to another."""
    evidence = await answer(lambda s: s.internet.redirect(AUTHORIZATION, "https://elsewhere.example/authorization"))

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "egress-refused")


async def test_T13_silent_registry_is_unknown() -> None:
    """Nothing answers."""
    evidence = await answer(url="https://down.example")

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "unreachable")


async def test_T13_slow_registry_is_unknown_at_the_deadline() -> None:
    """Whoever does not answer in time has not answered; and a question costs one look-up."""
    lookup = lookup_at()
    server = TrqpServer(lookup.internet)
    server.publish()
    lookup.internet.hold(AUTHORIZATION)
    cache = DocumentCache(lookup.internet)
    hurried = RequestLookup(cache=cache, budget=Budget(fetches=1, deadline=time.monotonic() + 0.02))

    evidence = await PLUGIN.ask(server.config(), TrustQuestion(entity=DID, at=NOW), hurried)
    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "deadline-exceeded")

    evidence = await PLUGIN.ask(server.config(), TrustQuestion(entity=DID, at=NOW), hurried)
    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "fetch-budget-exceeded")


@pytest.mark.parametrize(
    ("terms", "config"),
    [({"trust_mark": "x"}, {}), ({}, {"action": None}), ({}, {"resource": ""}), ({"action": ""}, {})],
)
async def test_T13_question_without_all_its_parts_is_not_asked(terms: dict[str, str], config: dict[str, Any]) -> None:
    """An action and a resource are needed, from the policy or from the configuration."""
    lookup = lookup_at()
    server = TrqpServer(lookup.internet)

    evidence = await PLUGIN.ask(server.config(**config), TrustQuestion(entity=DID, at=NOW, terms=terms), lookup)

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "question-not-supported")
    assert lookup.internet.requests == []
