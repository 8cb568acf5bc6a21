"""`resolvers.trust.oidf_did`, against a minted registry and the real statements of one."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from resolvers.cache import DocumentCache
from resolvers.model import Budget, Kind
from resolvers.problems import Unavailable
from resolvers.request_lookup import RequestLookup
from resolvers.trust import _jwt
from resolvers.trust._entity_statements import check_period, fetch_endpoint
from resolvers.trust.oidf_did import SignedRegistries
from resolvers.trust_model import Authenticity, Freshness, ListState, TrustQuestion, TrustSourceConfig
from tests.resolvers.trust.minting import NOW, STATEMENT, DidRegistry, Signer, fetch_url, lookup_at, seconds
from tests.shared import SHARED

if TYPE_CHECKING:
    from collections.abc import Callable

    from resolvers.trust_model import TrustEvidence
    from tests.resolvers.lookup import FakeLookup

DID = "did:web:university.example"
METADATA = {
    "federation_entity": {"organization_name": "University", "homepage_uri": "https://university.example"},
    "institution_additional_information": {"legal_name": "Board of Trustees of the University"},
    "credential_registry_entity": {"ctid": "ce-1", "ce_url": "https://credentialengineregistry.org/resources/ce-1"},
    "ror_entity": {"rorid": "042nb2s44", "ror_url": "https://ror.org/042nb2s44"},
}
ROGUE = Signer("https://iir.example.org")


def minted(lookup: FakeLookup) -> DidRegistry:
    """Return a registry that lists `DID`, served."""
    registry = DidRegistry(lookup.internet, listed={DID: METADATA})
    registry.publish()
    return registry


async def answer(
    change: Callable[[DidRegistry], object] = lambda _: None, did: str = DID, at: datetime = NOW, **config: Any
) -> TrustEvidence:
    """Ask a registry about `did`, after that change."""
    lookup = lookup_at()
    registry = minted(lookup)
    change(registry)
    return await SignedRegistries().ask(registry.config(**config), TrustQuestion(entity=did, at=at), lookup)


async def test_lists_an_issuer_by_the_registrys_word() -> None:
    """Name, address and identifiers are the registry's, and signed by it."""
    evidence = await answer(tier="member", assurance="AL2")

    assert (evidence.state, evidence.authenticity) == (ListState.LISTED, Authenticity.AUTHENTICATED)
    assert (evidence.freshness, evidence.tier, evidence.assurance) == (Freshness.FRESH, "member", "AL2")
    assert (evidence.entity.name, evidence.entity.url) == ("University", "https://university.example")
    assert evidence.entity.identifiers == (("ctid", "ce-1"), ("ror", "042nb2s44"))
    assert evidence.provenance is not None
    assert evidence.provenance.url == "https://iir.example.org/fetch?sub=did%3Aweb%3Auniversity.example"


@pytest.mark.parametrize(
    ("metadata", "name"),
    [
        ({"institution_additional_information": {"legal_name": "The Trustees"}}, "The Trustees"),
        ({"federation_entity": {"organization_name": 7}}, None),
        (None, None),
    ],
)
async def test_name_is_whatever_the_registry_says(metadata: Any, name: str | None) -> None:
    """Without a name of the organization its legal name serves; without either it is listed by none."""

    def change(registry: DidRegistry) -> None:
        registry.listed[DID] = metadata
        registry.publish()

    evidence = await answer(change)

    assert (evidence.state, evidence.entity.name) == (ListState.LISTED, name)


async def test_who_is_not_found_is_not_listed() -> None:
    """The protocol's own "not_found" is a no; it is believed for a minute, and served stale never."""
    lookup = lookup_at()
    registry = minted(lookup)
    other = "did:web:other.example"
    registry.deny(other)

    evidence = await SignedRegistries().ask(registry.config(), TrustQuestion(entity=other, at=NOW), lookup)

    assert (evidence.state, evidence.authenticity) == (ListState.NOT_LISTED, Authenticity.AUTHENTICATED)
    loaded = lookup.loaded(registry.statement_url(other), Kind.JWKS)
    assert loaded.not_after == NOW + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("status", "body"),
    [(404, b"<html>Not Found"), (404, b"{}"), (404, {"error": "server_error"}), (500, {"error": "not_found"})],
)
async def test_T13_any_other_error_is_unknown(status: int, body: Any) -> None:
    """A web server's own page, or another error, says nothing about anybody."""
    evidence = await answer(lambda r: r.internet.serve(r.statement_url(DID), body, status=status))

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "unreachable")


@pytest.mark.parametrize("which", ["anchor_url", "statement_url"])
@pytest.mark.parametrize("code", ["unreachable", "response-too-large", "egress-refused", "deadline-exceeded"])
async def test_T13_unreachable_registry_is_unknown(which: str, code: str) -> None:
    """An outage of either part, of whatever kind, is not an absence."""

    def change(registry: DidRegistry) -> None:
        registry.internet.fail(registry.anchor_url if which == "anchor_url" else registry.statement_url(DID), code)

    evidence = await answer(change)

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, code)


HOSTILE: dict[str, Callable[[DidRegistry], object]] = {
    "configuration by another key": lambda r: r.publish(ROGUE),
    "configuration with another's keys, signed by them": lambda r: r.publish(ROGUE, jwks=ROGUE.jwks),
    "configuration of another": lambda r: r.publish(iss="https://other.example", sub="https://other.example"),
    "configuration about another": lambda r: r.publish(sub="https://other.example"),
    "configuration without keys": lambda r: r.publish(jwks=None),
    "configuration without an end": lambda r: r.publish(exp=None),
    "configuration from the future": lambda r: r.publish(iat=seconds(hours=1)),
    "configuration without a fetch endpoint": lambda r: r.publish(metadata={"federation_entity": {}}),
    "fetch endpoint without TLS": lambda r: r.publish(
        metadata={"federation_entity": {"federation_fetch_endpoint": "http://iir.example.org/fetch"}}
    ),
    "statement by another key": lambda r: r.state(DID, ROGUE),
    "statement by an unnamed key": lambda r: r.state(DID, header={"kid": "other"}),
    "statement without a kid": lambda r: r.state(DID, header={"kid": None}),
    "statement of another registry": lambda r: r.state(DID, iss="https://other.example"),
    "statement about another DID": lambda r: r.state(DID, sub="did:web:other.example"),
    "statement of another type": lambda r: r.internet.serve(
        r.statement_url(DID), r.signer.sign("JWT", r.signer.statement(DID))
    ),
    "statement without an end": lambda r: r.state(DID, exp=None),
    "statement without a beginning": lambda r: r.state(DID, iat=None),
    "statement that ends never": lambda r: r.state(DID, exp=1e400),
    "statement that ends in words": lambda r: r.state(DID, exp="2030-01-01"),
    "statement that ends truly": lambda r: r.state(DID, exp=True),
    "statement that ends after all time": lambda r: r.state(DID, exp=10**15),
    "critical header": lambda r: r.state(DID, header={"crit": ["x"], "x": 1}),
    "unencoded payload": lambda r: r.state(DID, header={"b64": False}),
    "no token": lambda r: r.internet.serve(r.statement_url(DID), b"<html>"),
    "cut token": lambda r: r.internet.serve(r.statement_url(DID), b"a.b"),
    "token of no objects": lambda r: r.internet.serve(r.statement_url(DID), "MQ.MQ.MQ"),
    "endless token": lambda r: r.internet.serve(r.statement_url(DID), b"a" * 300_000),
}


@pytest.mark.parametrize("how", HOSTILE)
async def test_T61_what_the_registry_did_not_sign_for_this_did_is_unknown(how: str) -> None:
    """Whoever signs, for whomever, and however malformed: it never lists, and never unlists."""
    evidence = await answer(HOSTILE[how])

    assert evidence.state is ListState.UNKNOWN
    assert evidence.problem.code in {"registry-defective", "response-too-large"}
    assert (evidence.authenticity, evidence.entity.name) == (Authenticity.UNVERIFIED, None)


def _hs256(key: bytes, claims: dict[str, Any]) -> str:
    def encoded(octets: bytes) -> str:
        return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()

    header = {"alg": "HS256", "typ": STATEMENT, "kid": "key-1"}
    message = f"{encoded(json.dumps(header).encode())}.{encoded(json.dumps(claims).encode())}"
    return f"{message}.{encoded(hmac.new(key, message.encode(), hashlib.sha256).digest())}"


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
async def test_T26_unsigned_and_symmetric_statements_are_unknown(algorithm: str) -> None:
    """Neither `none` nor an HMAC under the public key's own octets is a signature."""

    def change(registry: DidRegistry) -> None:
        claims = registry.signer.statement(DID, metadata=METADATA)
        if algorithm == "none":
            forged = registry.signer.sign(STATEMENT, claims, alg="none").rpartition(".")[0] + "."
        else:
            forged = _hs256(json.dumps(registry.signer.pinned).encode(), claims)
        registry.internet.serve(registry.statement_url(DID), forged)

    evidence = await answer(change)

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "registry-defective")


@pytest.mark.parametrize("jwks", [{}, {"keys": []}, {"keys": [{}]}, {"keys": "none"}, []])
async def test_T28_keys_that_are_none_verify_nothing(jwks: Any) -> None:
    """A configuration whose key set is empty or malformed vouches for no statement."""
    assert (await answer(lambda r: r.publish(jwks=jwks))).problem.code == "registry-defective"


async def test_T28_registry_that_publishes_a_private_key_is_not_believed() -> None:
    """Whoever reads it could sign for it."""

    def change(registry: DidRegistry) -> None:
        (public,) = registry.signer.jwks["keys"]
        registry.publish(jwks={"keys": [{**public, "d": "AA"}]})

    assert (await answer(change)).problem.code == "registry-defective"


async def test_T28_two_keys_of_one_kid_are_none() -> None:
    """Which of them signed could not be told."""

    def change(registry: DidRegistry) -> None:
        registry.publish(jwks={"keys": registry.signer.jwks["keys"] * 2})

    assert (await answer(change)).problem.code == "registry-defective"


@pytest.mark.parametrize(
    ("members", "state"),
    [({"alg": "ES256"}, ListState.LISTED), ({"alg": "ES384"}, ListState.UNKNOWN), ({"use": "enc"}, ListState.UNKNOWN)],
)
async def test_T27_key_signs_only_as_it_is_said_to(members: dict[str, str], state: ListState) -> None:
    """A key that is published for another algorithm, or for encryption, verifies nothing."""

    def change(registry: DidRegistry) -> None:
        (public,) = registry.signer.jwks["keys"]
        registry.publish(jwks={"keys": [{**public, **members}]})

    assert (await answer(change)).state is state


async def test_T27_pinned_key_of_a_kind_that_signs_no_statements_is_unknown() -> None:
    """Nothing could ever verify under it."""
    evidence = await answer(key=Signer("x", "secp256k1").pinned)

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "unsupported-key-type")


async def test_a_key_of_a_kind_that_is_not_known_does_not_spoil_the_others() -> None:
    """It is left out, as RFC 7517 wants it."""

    def change(registry: DidRegistry) -> None:
        strange = {"kty": "AKP", "alg": "ML-DSA-44", "kid": "pq", "pub": "AA"}
        registry.publish(jwks={"keys": [strange, *registry.signer.jwks["keys"]]})

    assert (await answer(change)).state is ListState.LISTED


@pytest.mark.parametrize("at", [NOW + timedelta(days=1), NOW + timedelta(days=400)])
async def test_T14_statement_that_has_ended_is_unknown(at: datetime) -> None:
    """Neither now nor for a later instant is it believed past its `exp`."""
    evidence = await answer(at=at)

    assert (evidence.state, evidence.freshness) == (ListState.UNKNOWN, Freshness.EXPIRED)
    assert evidence.problem.code == "registry-defective"


@pytest.mark.parametrize("part", ["configuration", "statement"])
async def test_T14_expired_statement_is_none_when_it_is_fetched(part: str) -> None:
    """A replayed answer of yesterday is refused at once."""

    def change(registry: DidRegistry) -> None:
        old: dict[str, Any] = {"iat": seconds(days=-2), "exp": seconds(days=-1)}
        if part == "configuration":
            registry.publish(**old)
        else:
            registry.state(DID, **old)

    evidence = await answer(change)

    assert (evidence.state, evidence.freshness) == (ListState.UNKNOWN, Freshness.EXPIRED)


@pytest.mark.parametrize("part", ["configuration", "statement"])
async def test_T14_older_statement_does_not_take_a_newer_ones_place(part: str) -> None:
    """Rolled back to what it said before, a registry is unknown, though the statement has not ended."""
    registries, question = SignedRegistries(), TrustQuestion(entity=DID, at=NOW)
    lookup = lookup_at()
    registry = minted(lookup)
    assert (await registries.ask(registry.config(), question, lookup)).state is ListState.LISTED

    again = lookup_at()
    registry.internet = again.internet
    registry.publish()
    older: dict[str, Any] = {"iat": seconds(hours=-2)}
    if part == "configuration":
        registry.publish(**older)
    else:
        registry.state(DID, **older)
    evidence = await registries.ask(registry.config(), question, again)

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "registry-defective")
    assert "older" in evidence.problem.detail


@pytest.mark.parametrize("did", ["did:web:un\u0456versity.example", "did:web:university.example#k", ""])
async def test_T50_only_the_exact_did_is_asked_about(did: str) -> None:
    """What looks like a listed issuer gets the answer of a listed one never."""
    evidence = await answer(
        lambda r: r.internet.serve(r.statement_url(did), r.internet.pages[r.statement_url(DID)]().body), did
    )

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "registry-defective")


async def test_T3_redirected_answers_are_believed_by_their_signature_alone() -> None:
    """Where an answer lies does not matter, who signed it does; and never over plain http."""
    elsewhere = "https://cdn.example.net/statement"

    def move(registry: DidRegistry) -> None:
        registry.internet.serve(elsewhere, registry.internet.pages[registry.statement_url(DID)]().body)
        registry.internet.redirect(registry.statement_url(DID), elsewhere)

    assert (await answer(move)).state is ListState.LISTED
    down = await answer(lambda r: r.internet.redirect(r.statement_url(DID), "http://iir.example.org/fetch"))
    assert (down.state, down.problem.code) == (ListState.UNKNOWN, "egress-refused")


async def test_T13_slow_registry_is_unknown_at_the_deadline() -> None:
    """Whoever does not answer in time has not answered."""
    lookup = lookup_at()
    registry = minted(lookup)
    lookup.internet.hold(registry.anchor_url)
    cache = DocumentCache(lookup.internet, clock=NOW.timestamp)
    hurried = RequestLookup(cache=cache, budget=Budget(fetches=9, deadline=time.monotonic() + 0.02))

    evidence = await SignedRegistries().ask(registry.config(), TrustQuestion(entity=DID, at=NOW), hurried)

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "deadline-exceeded")
    await cache.close()


async def test_through_the_cache_a_second_question_asks_nobody() -> None:
    """Both statements are remembered, and a "no" by status as well."""
    lookup = lookup_at()
    registry = minted(lookup)
    registry.deny("did:key:z6Mk")
    cache = DocumentCache(lookup.internet, clock=NOW.timestamp)
    registries = SignedRegistries()
    for _ in range(2):
        states = await asyncio.gather(
            *(
                registries.ask(
                    registry.config(),
                    TrustQuestion(entity=did, at=NOW),
                    RequestLookup(cache=cache, budget=Budget(fetches=9, deadline=time.monotonic() + 9)),
                )
                for did in (DID, "did:key:z6Mk")
            )
        )
        assert [each.state for each in states] == [ListState.LISTED, ListState.NOT_LISTED]
    assert len(lookup.internet.requests) == 3
    await cache.close()


async def test_stale_statement_says_so() -> None:
    """What is served because a refresh failed is marked."""
    lookup = lookup_at()
    registry, registries, question = minted(lookup), SignedRegistries(), TrustQuestion(entity=DID, at=NOW)
    await registries.ask(registry.config(), question, lookup)
    lookup.internet.fail(registry.statement_url(DID))
    lookup.age, lookup.fresh_for = 400, 300

    evidence = await registries.ask(registry.config(), question, lookup)

    assert (evidence.state, evidence.freshness) == (ListState.LISTED, Freshness.STALE)


async def test_T13_registry_without_a_pinned_key_is_unknown() -> None:
    """What it says about its own key proves nothing."""
    lookup = lookup_at()
    registry = minted(lookup)

    evidence = await SignedRegistries().ask(registry.config(key=None), TrustQuestion(entity=DID, at=NOW), lookup)

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "registry-defective")
    assert lookup.internet.requests == []


async def test_T13_question_that_it_has_no_answer_for_is_unknown() -> None:
    """A registry of DIDs knows no trust marks."""
    lookup = lookup_at()
    question = TrustQuestion(entity=DID, at=NOW, terms={"trust_mark": "https://marks.example/etpl"})

    evidence = await SignedRegistries().ask(minted(lookup).config(), question, lookup)

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "question-not-supported")
    assert lookup.internet.requests == []


def test_memory_of_statements_is_bounded() -> None:
    """Strangers choose about whom is asked; what was seen longest ago is forgotten first."""
    newest = _jwt.Newest()
    for index in range(5000):
        newest.admit((str(index),), NOW)
    assert len(newest._issued) == 4096
    newest.admit(("0",), NOW - timedelta(days=1))


REGISTRY = "https://test.registry.dcconsortium.org"


def _real() -> dict[str, list[str]]:
    statements: dict[str, list[str]] = json.loads(
        (SHARED / "vectors" / "registries" / "oidf-entity-statements.json").read_text()
    )
    return statements


def _real_config(statements: dict[str, list[str]]) -> TrustSourceConfig:
    """Pin the key of the registry, which its operator would have sent by other means."""
    (key,) = _jwt.decode(statements["oidfECResponseDCC"][0], typ=STATEMENT).claims["jwks"]["keys"]
    return TrustSourceConfig(id="dcc", kind="oidf_did", url=REGISTRY, key=key)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "did"),
    [("oidfFetchResponseA", "did:web:oneuni.testuni.edu"), ("oidfFetchResponseB", "did:web:twotr.testschool.edu")],
)
def test_real_statements_verify_under_the_anchors_key(name: str, did: str) -> None:
    """Under a clock that stands within their time; and not after it, nor under any other key."""
    statements = _real()
    key = _jwt.pinned(_real_config(statements).key, REGISTRY)
    for text in statements[name]:
        token = _jwt.decode(text, typ=STATEMENT)
        key.check(token)
        assert (token.claims["iss"], token.claims["sub"]) == (REGISTRY, did)
        frozen = datetime.fromtimestamp(token.claims["iat"] + 60, UTC)
        assert check_period(token, now=frozen, at=frozen) == frozen - timedelta(seconds=60)
        with pytest.raises(_jwt.Ended):
            check_period(token, now=frozen + timedelta(days=2), at=frozen)
        with pytest.raises(Unavailable):
            _jwt.pinned(ROGUE.pinned, REGISTRY).check(token)


@pytest.mark.shared
async def test_real_registry_is_read_at_its_time_and_the_one_with_hs256_never() -> None:
    """Its configuration verifies under a frozen clock; the one that is signed with HMAC, without keys, is refused."""
    statements = _real()
    did = "did:web:oneuni.testuni.edu"
    itself = _jwt.decode(statements["oidfECResponseDCC"][0], typ=STATEMENT)
    frozen = datetime.fromtimestamp(itself.claims["iat"] + 60, UTC)
    outcomes = {}
    for name in ("oidfECResponseDCC", "oidfECResponseDCC2"):
        lookup = lookup_at(frozen)
        lookup.internet.serve(f"{REGISTRY}/.well-known/openid-federation", statements[name][0])
        lookup.internet.serve(fetch_url(fetch_endpoint(itself), did), {"error": "not_found"}, status=404)
        evidence = await SignedRegistries().ask(_real_config(statements), TrustQuestion(entity=did, at=frozen), lookup)
        outcomes[name] = evidence.state
    assert outcomes == {"oidfECResponseDCC": ListState.NOT_LISTED, "oidfECResponseDCC2": ListState.UNKNOWN}


@pytest.mark.shared
async def test_real_statement_of_days_before_the_configuration_has_ended() -> None:
    """The samples were taken on different days; together they are a registry that replays an old statement."""
    statements = _real()
    did = "did:web:oneuni.testuni.edu"
    itself = _jwt.decode(statements["oidfECResponseDCC"][0], typ=STATEMENT)
    frozen = datetime.fromtimestamp(itself.claims["iat"] + 60, UTC)
    lookup = lookup_at(frozen)
    lookup.internet.serve(f"{REGISTRY}/.well-known/openid-federation", statements["oidfECResponseDCC"][0])
    lookup.internet.serve(fetch_url(fetch_endpoint(itself), did), statements["oidfFetchResponseA"][0])

    evidence = await SignedRegistries().ask(_real_config(statements), TrustQuestion(entity=did, at=frozen), lookup)

    assert (evidence.state, evidence.freshness) == (ListState.UNKNOWN, Freshness.EXPIRED)
