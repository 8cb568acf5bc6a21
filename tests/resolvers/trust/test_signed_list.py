"""`resolvers.trust.signed_list`, and the example in docs/trust-lists.md."""

from __future__ import annotations

import asyncio
import json
import re
import tomllib
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from joserfc import jws
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from resolvers import base64url
from resolvers.model import Kind
from resolvers.trust.signed_list import SignedLists
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

_URL = "https://registry.example/issuers.jwt"
_DID = "did:web:university.example"
_NOW = datetime(2026, 7, 1, tzinfo=UTC)
_KEY = OKPKey.generate_key("Ed25519")
_P256 = ECKey.generate_key("P-256")
_DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "trust-lists.md"


def _payload(**members: Any) -> dict[str, Any]:
    entity = {
        "id": _DID,
        "name": "University",
        "url": "https://university.example/",
        "identifiers": [{"type": "ctid", "value": "ce-1"}],
        **members.pop("entity", {}),
    }
    return {
        "version": 1,
        "id": _URL,
        "revision": 7,
        "issued": "2026-06-30T00:00:00Z",
        "nextUpdate": "2026-07-08T00:00:00Z",
        "entities": [entity],
        **members,
    }


def _sign(payload: Any, key: Any = _KEY, alg: str = "EdDSA", **header: Any) -> str:
    text = payload if isinstance(payload, str) else json.dumps(payload)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)
        return jws.serialize_compact({"alg": alg, "typ": "ler-trust-list+jwt", **header}, text, key, algorithms=[alg])


def _config(key: Any = _KEY, **members: Any) -> TrustSourceConfig:
    jwk = {name: str(value) for name, value in key.as_dict(private=False).items()}
    return TrustSourceConfig(**{"id": "state", "kind": "signed_list", "url": _URL, "key": jwk, **members})


def _lookup(token: Any) -> FakeLookup:
    lookup = FakeLookup()
    lookup.internet.now = lambda: _NOW
    lookup.internet.serve(_URL, token)
    return lookup


async def _ask(token: Any, did: str = _DID, at: datetime = _NOW, **members: Any) -> TrustEvidence:
    return await SignedLists().ask(_config(**members), TrustQuestion(entity=did, at=at), _lookup(token))


@pytest.mark.parametrize(
    ("key", "alg"), [(_KEY, "EdDSA"), (_KEY, "Ed25519"), (_P256, "ES256")], ids=["EdDSA", "Ed25519", "ES256"]
)
async def test_lists_an_issuer_under_the_pinned_key(key: Any, alg: str) -> None:
    """A list under the pinned key is authenticated, in each of the algorithms."""
    evidence = await _ask(_sign(_payload(), key, alg, kid="1") + "\n", key=key, tier="community", assurance="AL2")

    assert (evidence.state, evidence.authenticity) == (ListState.LISTED, Authenticity.AUTHENTICATED)
    assert (evidence.freshness, evidence.tier, evidence.assurance) == (Freshness.FRESH, "community", "AL2")
    assert evidence.entity == TrustEntity(
        name="University", url="https://university.example/", identifiers=(("ctid", "ce-1"),)
    )
    assert evidence.provenance is not None


async def test_the_lists_own_tier_goes_before_the_configured_one() -> None:
    """The operator's tier is for entities of which the list says none."""
    evidence = await _ask(_sign(_payload(entity={"tier": "member"})), tier="community")

    assert evidence.tier == "member"


async def test_a_list_of_many_thousand_issuers_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """As large as a fetched list may be, not as a library's default has it (128,000 octets); beside the event loop."""
    beside = []

    async def counted(*work: Any) -> Any:
        beside.append(work)
        return await in_thread(*work)

    in_thread = asyncio.to_thread
    monkeypatch.setattr(asyncio, "to_thread", counted)
    others = [{"id": f"did:web:provider-{number}.example", "name": "Provider"} for number in range(5_000)]

    evidence = await _ask(_sign(_payload(entities=[*others, {"id": _DID}])))

    assert evidence.problem is None
    assert evidence.state is ListState.LISTED
    assert len(beside) == 1


@pytest.mark.parametrize("entities", [_payload()["entities"], []])
async def test_issuer_that_is_not_there_is_not_listed(entities: list[Any]) -> None:
    """A list in order says so with the same authority, also when it is empty."""
    evidence = await _ask(_sign(_payload(entities=entities)), "did:web:other.example")

    assert (evidence.state, evidence.authenticity) == (ListState.NOT_LISTED, Authenticity.AUTHENTICATED)


@pytest.mark.parametrize(
    "did", ["did:web:un\u0456versity.example", f"{_DID}:a", f"{_DID}#k", "did:web:UNIVERSITY.example"]
)
async def test_T50_only_the_exact_identifier_is_listed(did: str) -> None:
    """What looks like a listed issuer is another one."""
    assert (await _ask(_sign(_payload()), did)).state is ListState.NOT_LISTED


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC), ListState.NOT_LISTED),
        (datetime(2026, 1, 1, tzinfo=UTC), ListState.LISTED),
        (datetime(2026, 6, 30, 23, 59, 59, tzinfo=UTC), ListState.LISTED),
        (datetime(2026, 7, 1, tzinfo=UTC), ListState.NOT_LISTED),
    ],
)
async def test_entity_is_listed_only_in_its_time(at: datetime, expected: ListState) -> None:
    """`validFrom` belongs to the time of listing, `validUntil` no longer does; another time shows no entity."""
    period = {"validFrom": "2026-01-01T00:00:00Z", "validUntil": "2026-07-01T00:00:00Z"}

    evidence = await _ask(_sign(_payload(entity=period)), at=at)

    assert evidence.state is expected
    assert (evidence.entity == TrustEntity()) is (expected is ListState.NOT_LISTED)


_GOOD = _sign(_payload())
_HEADER, _PAYLOAD, _SIGNATURE = _GOOD.split(".")
_NONE = base64url.encode(b'{"alg":"none","typ":"ler-trust-list+jwt"}')
_TWICE = base64url.encode(b'{"alg":"EdDSA","typ":"ler-trust-list+jwt","typ":"ler-trust-list+jwt"}')
_PINNED_AS_SECRET = OctKey.import_key(base64url.decode(str(_KEY.as_dict(private=False)["x"])))


@pytest.mark.parametrize(
    "token",
    [
        "",
        "<html>",
        json.dumps(_payload()),
        f"{_HEADER}.{_PAYLOAD}.",
        f"{_HEADER}.{_PAYLOAD}",
        f"{_NONE}.{_PAYLOAD}.",
        f"{_TWICE}.{_PAYLOAD}.{_SIGNATURE}",
        f"{_HEADER}.{base64url.encode(json.dumps(_payload(revision=8)).encode())}.{_SIGNATURE}",
        f"{_HEADER}.{_PAYLOAD}.{_SIGNATURE}=",
        _sign(_payload(), OKPKey.generate_key("Ed25519")),
        _sign(_payload(), _P256, "ES256"),
        _sign(_payload(), _PINNED_AS_SECRET, "HS256"),
        _sign(_payload(), typ="JWT"),
        _sign(_payload(), typ="entity-statement+jwt"),
        _sign(_payload(), jwk=OKPKey.generate_key("Ed25519").as_dict(private=False)),
        _sign(_payload(), jku="https://attacker.example/jwks.json"),
        _sign(_payload(), x5u="https://attacker.example/cert.pem"),
    ],
)
async def test_T26_what_the_pinned_key_did_not_sign_is_unknown(token: str) -> None:
    """Unsigned, spoiled, foreign and confused tokens list nobody and unlist nobody, and no URL in them is fetched."""
    lookup = _lookup(token)

    evidence = await SignedLists().ask(_config(), TrustQuestion(entity=_DID, at=_NOW), lookup)

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "registry-defective")
    assert evidence.authenticity is Authenticity.UNVERIFIED
    assert lookup.internet.requests == [_URL]


@pytest.mark.parametrize(
    "payload",
    [
        "[]",
        "not JSON",
        '{"version":1,"version":1}',
        _payload(version=2),
        _payload(version="1"),
        _payload(id="https://registry.example/other.jwt"),
        _payload(revision=0),
        _payload(revision="7"),
        _payload(revision=True),
        _payload(issued="2026-07-01T00:05:01Z"),
        _payload(issued="2026-06-30"),
        _payload(nextUpdate=None),
        _payload(entities={}),
        _payload(entities=None),
        _payload(entities=[_DID]),
        _payload(entities=[{"id": _DID}, {"id": _DID}]),
        _payload(suspended=[_DID]),
        _payload(entity={"status": "suspended"}),
        _payload(entity={"id": 7}),
        _payload(entity={"name": 7}),
        _payload(entity={"url": []}),
        _payload(entity={"tier": 1}),
        _payload(entity={"identifiers": 7}),
        _payload(entity={"identifiers": {"type": "ctid", "value": "ce-1"}}),
        _payload(entity={"identifiers": ["ce-1"]}),
        _payload(entity={"identifiers": [{"type": "ctid"}]}),
        _payload(entity={"validUntil": "2027"}),
        _payload(entity={"validUntil": None}),
        {name: value for name, value in _payload().items() if name != "nextUpdate"},
    ],
)
async def test_T61_list_that_is_not_as_documented_is_unknown(payload: Any) -> None:
    """Another list of the same signer, an unknown member (which may restrict), a list from the future: no answer."""
    evidence = await _ask(_sign(payload))

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "registry-defective")


@pytest.mark.parametrize(
    ("revision", "name", "expected"),
    [(6, "University", False), (7, "Another", False), (7, "University", True), (8, "Another", True)],
)
async def test_T14_rolled_back_list_is_unknown(revision: int, name: str, expected: bool) -> None:  # noqa: FBT001 — parametrized; threat id
    """After revision 7, an older one and another of the same number are refused; 7 again and 8 are not."""
    lists = SignedLists()
    assert (await lists.ask(_config(), TrustQuestion(entity=_DID, at=_NOW), _lookup(_GOOD))).state is ListState.LISTED

    token = _sign(_payload(revision=revision, entity={"name": name}))
    evidence = await lists.ask(_config(), TrustQuestion(entity=_DID, at=_NOW), _lookup(token))

    assert (evidence.state is ListState.LISTED) is expected
    assert (evidence.problem is None) is expected


@pytest.mark.parametrize(
    ("now", "at", "expired"),
    [
        (datetime(2026, 7, 7, 23, 59, 59, tzinfo=UTC), _NOW, False),
        (datetime(2026, 7, 8, tzinfo=UTC), _NOW, True),
        (_NOW, datetime(2026, 7, 8, tzinfo=UTC), True),
    ],
)
async def test_T14_expired_list_is_unknown(now: datetime, at: datetime, expired: bool) -> None:  # noqa: FBT001 — parametrized; threat id
    """From `nextUpdate` on a list says nothing, neither today nor about a day after it."""
    lookup = _lookup(_GOOD)
    lookup.internet.now = lambda: now

    evidence = await SignedLists().ask(_config(), TrustQuestion(entity=_DID, at=at), lookup)

    assert evidence.state is (ListState.UNKNOWN if expired else ListState.LISTED)
    assert evidence.freshness is (Freshness.EXPIRED if expired else Freshness.FRESH)


async def test_T14_age_in_the_cache_counts_towards_expiry() -> None:
    """A cached list expires while it is held, and the cache is told when."""
    lookup = _lookup(_GOOD)
    lists = SignedLists()
    await lists.ask(_config(), TrustQuestion(entity=_DID, at=_NOW), lookup)
    lookup.age = timedelta(days=7).total_seconds()

    evidence = await lists.ask(_config(), TrustQuestion(entity=_DID, at=_NOW), lookup)

    assert (evidence.state, evidence.freshness) == (ListState.UNKNOWN, Freshness.EXPIRED)
    assert lookup.loaded(_URL, Kind.REGISTRY).not_after == datetime(2026, 7, 8, tzinfo=UTC)


async def test_stale_list_says_so() -> None:
    """What is served because a refresh failed is marked, and still counts until `nextUpdate`."""
    lookup = _lookup(_GOOD)
    lists = SignedLists()
    await lists.ask(_config(), TrustQuestion(entity=_DID, at=_NOW), lookup)
    lookup.internet.fail(_URL)
    lookup.age, lookup.fresh_for = 4000, 3600

    evidence = await lists.ask(_config(), TrustQuestion(entity=_DID, at=_NOW), lookup)

    assert (evidence.state, evidence.freshness) == (ListState.LISTED, Freshness.STALE)


async def test_T13_unreachable_list_is_unknown() -> None:
    """An outage is not an absence."""
    evidence = await SignedLists().ask(_config(), TrustQuestion(entity=_DID, at=_NOW), FakeLookup())

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "unreachable")


async def test_T61_list_verified_under_another_key_is_not_used() -> None:
    """One cached list serves only the source that pinned the key that verified it."""
    lookup = _lookup(_GOOD)
    lists = SignedLists()
    await lists.ask(_config(), TrustQuestion(entity=_DID, at=_NOW), lookup)

    evidence = await lists.ask(_config(OKPKey.generate_key("Ed25519")), TrustQuestion(entity=_DID, at=_NOW), lookup)

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "registry-defective")


@pytest.mark.parametrize(
    ("key", "code"),
    [
        (None, "registry-defective"),
        (RSAKey.generate_key(2048).as_dict(private=False), "registry-defective"),
        (ECKey.generate_key("P-384").as_dict(private=False), "registry-defective"),
        (_KEY.as_dict(private=True), "INVALID_VERIFICATION_METHOD"),
        ({"kty": "oct", "k": "AA"}, "INVALID_VERIFICATION_METHOD"),
        ({"kty": "OKP", "crv": "Ed25519", "x": base64url.encode(bytes(32))}, "INVALID_VERIFICATION_METHOD"),
        ({}, "INVALID_VERIFICATION_METHOD"),
    ],
    ids=["none", "RSA", "P-384", "private", "secret", "small order", "empty"],
)
async def test_T43_list_under_an_unusable_key_is_unknown(key: Any, code: str) -> None:
    """Without a usable pinned key nothing is even fetched."""
    lookup = _lookup(_GOOD)
    config = TrustSourceConfig(id="state", kind="signed_list", url=_URL, key=key)

    evidence = await SignedLists().ask(config, TrustQuestion(entity=_DID, at=_NOW), lookup)

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, code)
    assert lookup.internet.requests == []


def _block(language: str) -> str:
    found = re.findall(rf"```{language}\n(.*?)```", _DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    assert len(found) == 1
    return str(found[0])


async def test_the_documented_list_verifies_under_the_documented_key() -> None:
    """The example of docs/trust-lists.md is a real one: configuration, payload and list belong together."""
    ((source, table),) = tomllib.loads(_block("toml"))["trust"].items()
    config = TrustSourceConfig(id=source, **table)
    lookup = FakeLookup()
    lookup.internet.now = lambda: _NOW + timedelta(days=1)
    lookup.internet.serve(config.url, _block("text"))
    payload = json.loads(_block("json"))

    for entity in payload["entities"]:
        evidence = await SignedLists().ask(config, TrustQuestion(entity=entity["id"], at=_NOW), lookup)
        assert (evidence.state, evidence.entity.name) == (ListState.LISTED, entity["name"])
    assert (await SignedLists().ask(config, TrustQuestion(entity=_DID, at=_NOW), lookup)).state is ListState.NOT_LISTED
    assert base64url.decode(_block("text").split(".")[1]).decode() == _block("json").rstrip("\n")


async def test_the_documented_program_makes_a_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lines of docs/trust-lists.md that publish a list make one that is read here."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "private.jwk").write_text(json.dumps(_KEY.as_dict(private=True)))
    (tmp_path / "issuers.json").write_text(json.dumps(_payload()))

    exec(compile(_block("python"), str(_DOCUMENT), "exec"), {})  # noqa: S102 — the documentation's own lines

    assert (await _ask((tmp_path / "issuers.jwt").read_text())).state is ListState.LISTED
