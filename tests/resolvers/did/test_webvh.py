"""`resolvers.did.webvh`: a history is believed whole, or not at all."""

from __future__ import annotations

import asyncio
import json
import math
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from resolvers.cache import DocumentCache
from resolvers.did import _webvh_log, _webvh_witness
from resolvers.did.webvh import PLUGIN
from resolvers.model import Budget, DidVersion, Kind
from resolvers.problems import Invalid, Unavailable
from resolvers.request_lookup import RequestLookup
from tests.internet import FakeInternet
from tests.resolvers.did.webvh_log import NEXT, OWNER, START, THIEF, WITNESSES, Signer, WebvhLog, witness
from tests.resolvers.lookup import FakeLookup
from tests.shared import SHARED, vector

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_FIRST, _SECOND, _THIRD = WITNESSES
_VECTORS = SHARED / "vectors" / "didwebvh"


@dataclass(slots=True)
class World:
    """Serves a log and its witnesses' proofs, on 1 June 2026 unless told otherwise."""

    now: datetime = datetime(2026, 6, 1, tzinfo=UTC)
    lookup: FakeLookup = field(init=False)

    def __post_init__(self) -> None:
        """Start with an empty internet."""
        self.lookup = FakeLookup(internet=FakeInternet(now=lambda: self.now))

    def serve(self, log: WebvhLog) -> None:
        """Publish a log as it is now."""
        self.lookup.internet.serve(log.url, log.text, media_type="text/jsonl")
        if log.proofs:
            self.lookup.internet.serve(log.witness_url, log.proofs)

    async def resolve(self, log: WebvhLog, did: str | None = None) -> Any:
        """Publish and resolve; returns the document's content."""
        self.serve(log)
        document, _ = await PLUGIN.resolve(did or log.did, self.lookup)
        return document.content

    async def version(self, log: WebvhLog, **version: Any) -> Any:
        """Publish and resolve a version."""
        self.serve(log)
        assert PLUGIN.resolve_version is not None
        document, _ = await PLUGIN.resolve_version(log.did, DidVersion(**version), self.lookup)
        return document.content


@pytest.fixture
def world() -> World:
    """Return a world without any log."""
    return World()


async def _code(awaitable: Awaitable[object], kind: type[Invalid | Unavailable] = Invalid) -> str:
    with pytest.raises(kind) as caught:
        await awaitable
    return caught.value.problem.code


async def test_resolves_the_last_version(world: World) -> None:
    """What is said last holds, with its provenance, and relative ids are read as the document's own."""
    log = WebvhLog().add().add(state=None)
    log.add(state=log.state(log.did, service=[]))
    world.serve(log)

    document, source = await PLUGIN.resolve(log.did, world.lookup)

    assert document.content == log.entries[2]["state"]
    assert document.lists(f"{log.did}#key-1", purpose="assertionMethod")
    assert source is not None
    assert source.url == log.url
    assert world.lookup.kinds == [Kind.DID_LOG]
    assert world.lookup.internet.requests == [log.url]


async def test_document_is_parsed_once(world: World) -> None:
    """The same version is the same object, with the keys that it has imported."""
    log = WebvhLog().add()
    world.serve(log)

    first, _ = await PLUGIN.resolve(log.did, world.lookup)
    second, _ = await PLUGIN.resolve(log.did, world.lookup)

    assert first is second


@pytest.mark.parametrize(
    ("tail", "url"),
    [
        ("example.com", "https://example.com/.well-known/did.jsonl"),
        ("issuer.example.com", "https://issuer.example.com/.well-known/did.jsonl"),
        ("example.com:dids:issuer", "https://example.com/dids/issuer/did.jsonl"),
        ("example.com%3A3000:dids:issuer", "https://example.com:3000/dids/issuer/did.jsonl"),
    ],
)
async def test_log_lies_where_the_specification_says(world: World, tail: str, url: str) -> None:
    """Its examples of the DID-to-HTTPS transformation are asked at the URLs that it gives."""
    did = f"did:webvh:QmdmPkUdYzbr9txmx8gM2rsHPgr5L6m3gHjJGAf4vUFoGE:{tail}"

    assert await _code(PLUGIN.resolve(did, world.lookup), Unavailable) == "unreachable"
    assert world.lookup.internet.requests == [url]


@pytest.mark.parametrize(
    "identifier",
    [
        "example.com",
        "QmdmPkUdYzbr9txmx8gM2rsHPgr5L6m3gHjJGAf4vUFoGE",
        "QmdmPkUdYzbr9txmx8gM2rsHPgr5L6m3gHjJGAf4vUFoG:example.com",
        "QmdmPkUdYzbr9txmx8gM2rsHPgr5L6m3gHjJGAf4vUFoG0:example.com",
        "QmdmPkUdYzbr9txmx8gM2rsHPgr5L6m3gHjJGAf4vUFoGE:127.0.0.1",
        "QmdmPkUdYzbr9txmx8gM2rsHPgr5L6m3gHjJGAf4vUFoGE:169.254.169.254",
        "QmdmPkUdYzbr9txmx8gM2rsHPgr5L6m3gHjJGAf4vUFoGE:example.com:..:x",
        "QmdmPkUdYzbr9txmx8gM2rsHPgr5L6m3gHjJGAf4vUFoGE:example.com:%2e%2e",
        "QmdmPkUdYzbr9txmx8gM2rsHPgr5L6m3gHjJGAf4vUFoGE:example.com%2Fx",
        "QmdmPkUdYzbr9txmx8gM2rsHPgr5L6m3gHjJGAf4vUFoGE:example.com?versionNumber=1",
    ],
)
async def test_T49_malformed_did_is_refused(world: World, identifier: str) -> None:
    """Without an identifier of the right form before a DNS name, nothing is fetched."""
    assert await _code(PLUGIN.resolve(f"did:webvh:{identifier}", world.lookup)) == "INVALID_DID"
    assert world.lookup.internet.requests == []


async def test_T51_log_of_another_did_is_refused(world: World) -> None:
    """Whoever holds the host cannot put up a log that he has made himself."""
    victim, own = WebvhLog().add(), WebvhLog().add({"updateKeys": [THIEF.multikey]}, by=[THIEF])
    world.serve(own)

    assert await _code(PLUGIN.resolve(victim.did, world.lookup)) == "did-log-forged"


def _changed(index: int, *path: str | int, value: Any) -> Callable[[WebvhLog], None]:
    """Return a change of one value of one entry, after it was signed."""

    def change(log: WebvhLog) -> None:
        target: Any = log.entries[index]
        for name in path[:-1]:
            target = target[name]
        target[path[-1]] = value

    return change


def _rehashed(index: int, *path: str | int, value: Any, by: Signer = OWNER) -> Callable[[WebvhLog], None]:
    """Return a change after which the entry is hashed and signed anew."""

    def change(log: WebvhLog) -> None:
        _changed(index, *path, value=value)(log)
        log.resign(index, by=by)

    return change


def _proof(index: int, by: Signer = OWNER, **options: Any) -> Callable[[WebvhLog], None]:
    """Return a change to a proof that its signer has made himself."""

    def change(log: WebvhLog) -> None:
        unsigned = {name: value for name, value in log.entries[index].items() if name != "proof"}
        log.entries[index]["proof"] = [by.prove(unsigned, **options)]

    return change


def _with_context(log: WebvhLog) -> None:
    """Let a proof have a context that its document does not have."""
    unsigned = {name: value for name, value in log.entries[1].items() if name != "proof"}
    context: dict[str, Any] = {"@context": "https://www.w3.org/ns/credentials/v2"}
    log.entries[1]["proof"] = [OWNER.prove(unsigned, **context)]


_KEY = OWNER.multikey


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        # content
        (_changed(0, "state", "service", value=[]), "did-log-forged"),
        (_changed(1, "state", "service", value=[]), "did-log-forged"),
        (_changed(1, "parameters", "ttl", value=5), "did-log-forged"),
        (_changed(1, "versionTime", value="2026-01-03T00:00:01Z"), "did-log-forged"),
        (_rehashed(0, "state", "service", value=[]), "did-log-forged"),  # no longer what the identifier commits to
        (_rehashed(1, "state", "service", value=[], by=THIEF), "did-log-forged"),
        (_rehashed(1, "parameters", "updateKeys", value=[THIEF.multikey], by=THIEF), "did-log-forged"),
        # proofs
        (_changed(1, "proof", value=[]), "did-log-forged"),
        (_changed(1, "proof", value={}), "did-log-forged"),
        (_changed(1, "proof", value=["x"]), "did-log-forged"),
        (_changed(1, "proof", 0, "proofValue", value="z" + "1" * 64), "did-log-forged"),
        (_changed(1, "proof", 0, "proofValue", value="z11"), "did-log-forged"),
        (_changed(1, "proof", 0, "proofValue", value="u" + "A" * 86), "did-log-forged"),
        (_changed(1, "proof", 0, "proofValue", value=None), "did-log-forged"),
        (_changed(1, "proof", 0, "created", value="2026-01-02T00:00:00Z"), "did-log-forged"),
        (_proof(1, by=THIEF), "did-log-forged"),
        (_proof(1, proofPurpose="authentication"), "did-log-forged"),
        (_proof(1, cryptosuite="eddsa-rdfc-2022"), "did-log-forged"),
        (_proof(1, type="Ed25519Signature2020"), "did-log-forged"),
        (_proof(1, expires="2026-05-31T23:59:59Z"), "did-log-forged"),
        (_proof(1, expires="tomorrow"), "did-log-forged"),
        (_proof(1, created="2026-01-02"), "did-log-forged"),
        (_with_context, "did-log-forged"),
        (_proof(1, verificationMethod=f"did:key:{_KEY}#{THIEF.multikey}"), "did-log-forged"),
        (_proof(1, by=THIEF, verificationMethod=f"did:key:{_KEY}#{_KEY}"), "did-log-forged"),
        (_proof(1, verificationMethod=f"#{_KEY}"), "did-log-forged"),
        (_proof(1, verificationMethod=f"did:web:thief.example#{_KEY}"), "did-log-forged"),
        (_proof(1, verificationMethod=None), "did-log-forged"),
        # order
        (_rehashed(1, "versionTime", value="2026-01-02T00:00:00Z"), "did-log-out-of-order"),
        (_rehashed(1, "versionTime", value="2025-12-31T00:00:00Z"), "did-log-out-of-order"),
        (_rehashed(1, "versionTime", value="2026-06-01T00:01:01Z"), "did-log-out-of-order"),
        (lambda log: log.entries.pop(1), "did-log-out-of-order"),
        (lambda log: log.entries.insert(1, log.entries[1]), "did-log-out-of-order"),
        (lambda log: log.entries.reverse(), "did-log-malformed"),
        (lambda log: log.entries.pop(0), "did-log-malformed"),
        (_changed(1, "versionId", value="3-QmdmPkUdYzbr9txmx8gM2rsHPgr5L6m3gHjJGAf4vUFoGE"), "did-log-out-of-order"),
        # form
        (_changed(1, "versionId", value="2"), "did-log-malformed"),
        (_changed(1, "versionId", value="02-QmdmPkUdYzbr9txmx8gM2rsHPgr5L6m3gHjJGAf4vUFoGE"), "did-log-malformed"),
        (_changed(1, "versionId", value="2-zQmdmPkUdYzbr9txmx8gM2rsHPgr5L6m3gHjJGAf4vUFoG"), "did-log-malformed"),
        (_changed(1, "versionId", value=2), "did-log-malformed"),
        (_changed(1, "state", value=[]), "did-log-malformed"),
        (_changed(1, "more", value=1), "did-log-malformed"),
        (lambda log: log.entries[1].pop("proof"), "did-log-malformed"),
        (_rehashed(1, "versionTime", value="2026-01-03T00:00:00"), "did-log-malformed"),
        (_rehashed(1, "versionTime", value="2026-01-03T01:00:00+01:00"), "did-log-malformed"),
        (_rehashed(1, "versionTime", value=None), "did-log-malformed"),
        (_rehashed(1, "state", "id", value="did:web:issuer.example"), "did-log-malformed"),
        (_rehashed(1, "state", "id", value=None), "did-log-malformed"),
    ],
)
async def test_T51_spoilt_log_is_refused(world: World, spoil: Callable[[WebvhLog], object], code: str) -> None:
    """Whatever is changed in one entry, before or after it is signed, ends the whole history."""
    log = WebvhLog().add().add().add()
    did = log.did
    spoil(log)

    assert await _code(world.resolve(log, did)) == code


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        ({"method": ...}, {}, "did-log-malformed"),
        ({"updateKeys": ...}, {}, "did-log-malformed"),
        ({"method": "did:web"}, {}, "did-log-malformed"),
        ({"method": None}, {}, "did-log-malformed"),
        ({"updateKeys": []}, {}, "did-log-forged"),
        ({"updateKeys": None}, {}, "did-log-forged"),
        ({"updateKeys": _KEY}, {}, "did-log-malformed"),
        ({"updateKeys": [7]}, {}, "did-log-malformed"),
        ({}, {"method": "did:webvh:0.5"}, "did-log-malformed"),
        ({}, {"scid": "QmdmPkUdYzbr9txmx8gM2rsHPgr5L6m3gHjJGAf4vUFoGE"}, "did-log-malformed"),
        ({}, {"portable": True}, "did-log-malformed"),
        ({"portable": "yes"}, {}, "did-log-malformed"),
        ({}, {"deactivated": "no"}, "did-log-malformed"),
        ({"ttl": -1}, {}, "did-log-malformed"),
        ({"ttl": 2**31 + 1}, {}, "did-log-malformed"),
        ({"ttl": True}, {}, "did-log-malformed"),
        ({"ttl": "3600"}, {}, "did-log-malformed"),
        ({"prerotation": True}, {}, "did-log-malformed"),
        ({"nextKeyHashes": "x"}, {}, "did-log-malformed"),
        ({}, {"witness": []}, "did-log-malformed"),
    ],
)
async def test_T51_parameters_out_of_bounds_are_refused(
    world: World, first: dict[str, Any], second: dict[str, Any], code: str
) -> None:
    """A parameter that the method does not have, of another type, or set when it may not be."""
    log = WebvhLog().add(first).add(second)

    assert await _code(world.resolve(log)) == code


async def test_parameters_that_are_not_objects_are_refused(world: World) -> None:
    """An entry without parameters says `{}`."""
    log = WebvhLog().add().add()
    log.entries[1]["parameters"] = []

    assert await _code(world.resolve(log)) == "did-log-malformed"


async def test_later_version_of_the_method_is_undecided(world: World) -> None:
    """Rules that are not known here are no reason to call a log wrong."""
    log = WebvhLog().add().add({"method": "did:webvh:1.1"})

    assert await _code(world.resolve(log), Unavailable) == "METHOD_NOT_SUPPORTED"


async def test_log_of_version_0_5_resolves(world: World) -> None:
    """It says `null` for what is not in use, gives its witnesses a weight, and goes on as version 1.0."""
    weighted = {"threshold": 3, "witnesses": [{"id": _FIRST.did, "weight": 2}, {"id": _SECOND.did, "weight": 1}]}
    log = WebvhLog().add(
        {"method": "did:webvh:0.5", "nextKeyHashes": None, "witness": weighted, "watchers": None},
        witnessed_by=[_FIRST, _SECOND],
    )
    log.add({"method": "did:webvh:1.0", "witness": None}, witnessed_by=[_FIRST, _SECOND]).add()

    assert (await world.resolve(log))["id"] == log.did


async def test_T51_weight_counts_no_more_since_version_1_0(world: World) -> None:
    """Every witness counts once, whatever weight it is given."""
    rule = {"threshold": 2, "witnesses": [{"id": _FIRST.did, "weight": 2}, {"id": _SECOND.did}]}
    log = WebvhLog().add({"witness": rule}, witnessed_by=[_FIRST])

    assert await _code(world.resolve(log)) == "did-log-not-witnessed"


async def test_rotated_key_signs_the_entry_after(world: World) -> None:
    """New update keys take effect after their entry, which the old ones sign."""
    log = WebvhLog().add().add({"updateKeys": [NEXT.multikey]}).add(by=[NEXT])

    assert (await world.resolve(log))["id"] == log.did


@pytest.mark.parametrize("by", [[NEXT], [OWNER, THIEF]])
async def test_T51_entry_signed_by_a_key_to_come_is_refused(world: World, by: list[Signer]) -> None:
    """A key does not authorize itself, and one good proof does not carry a bad one."""
    log = WebvhLog().add().add({"updateKeys": [NEXT.multikey]}, by=by)

    assert await _code(world.resolve(log)) == "did-log-forged"


async def test_T51_rotated_key_signs_no_more(world: World) -> None:
    """Whoever has stolen a key that was replaced since cannot go on with it."""
    log = WebvhLog().add().add({"updateKeys": [NEXT.multikey]}).add({"updateKeys": [OWNER.multikey]})

    assert await _code(world.resolve(log)) == "did-log-forged"


async def test_T51_too_many_proofs_are_refused(world: World) -> None:
    """An entry cannot make the verifier check without end."""
    log = WebvhLog().add().add(by=[OWNER] * (_webvh_log.MAX_PROOFS + 1))

    assert await _code(world.resolve(log)) == "did-log-forged"


class TestPreRotation:
    """The next keys are committed to before anybody can have stolen them."""

    async def test_committed_key_signs_its_own_entry(self, world: World) -> None:
        """Under pre-rotation the entry's own keys sign it."""
        log = WebvhLog().add({"nextKeyHashes": [NEXT.hash]})
        log.add({"updateKeys": [NEXT.multikey], "nextKeyHashes": [OWNER.hash]}, by=[NEXT])
        log.add({"updateKeys": [OWNER.multikey], "nextKeyHashes": []}, by=[OWNER]).add()

        assert (await world.resolve(log))["id"] == log.did

    @pytest.mark.parametrize(
        ("parameters", "by", "code"),
        [
            ({"updateKeys": [NEXT.multikey], "nextKeyHashes": []}, OWNER, "did-log-forged"),
            ({"updateKeys": [THIEF.multikey], "nextKeyHashes": []}, THIEF, "did-log-forged"),
            ({"updateKeys": [THIEF.multikey], "nextKeyHashes": []}, OWNER, "did-log-forged"),
            ({"updateKeys": [NEXT.multikey, THIEF.multikey], "nextKeyHashes": []}, NEXT, "did-log-forged"),
            ({"updateKeys": [OWNER.multikey], "nextKeyHashes": []}, OWNER, "did-log-forged"),
            ({"updateKeys": [], "nextKeyHashes": []}, OWNER, "did-log-forged"),
            ({"nextKeyHashes": []}, OWNER, "did-log-malformed"),
            ({"updateKeys": [NEXT.multikey]}, NEXT, "did-log-malformed"),
            ({}, OWNER, "did-log-malformed"),
        ],
    )
    async def test_T51_key_without_commitment_is_refused(
        self, world: World, parameters: dict[str, Any], by: Signer, code: str
    ) -> None:
        """A stolen update key cannot name the next one, nor end pre-rotation by leaving it out."""
        log = WebvhLog().add({"nextKeyHashes": [NEXT.hash]}).add(parameters, by=[by])

        assert await _code(world.resolve(log)) == code


class TestDeactivation:
    """An end is an end."""

    async def test_T52_deactivated_did_is_refused(self, world: World) -> None:
        """A deactivated DID has no document, whatever its last entry holds."""
        log = WebvhLog().add().add({"deactivated": True, "updateKeys": []})

        assert await _code(world.resolve(log)) == "did-deactivated"

    @pytest.mark.parametrize("parameters", [{}, {"deactivated": False}, {"deactivated": True}])
    async def test_T51_entry_after_deactivation_is_refused(self, world: World, parameters: dict[str, Any]) -> None:
        """A key that was stolen before does not bring the DID back to life."""
        log = WebvhLog().add().add({"deactivated": True}).add(parameters)

        assert await _code(world.resolve(log)) == "did-log-out-of-order"

    async def test_versions_before_it_can_be_resolved(self, world: World) -> None:
        """They are history, and are asked for by name."""
        log = WebvhLog().add().add({"deactivated": True})

        assert (await world.version(log, number=1))["id"] == log.did
        assert await _code(world.version(log, number=2)) == "did-deactivated"


class TestPortability:
    """A DID may move if it said so from the beginning."""

    @staticmethod
    def _moved(first: dict[str, Any], **members: Any) -> tuple[WebvhLog, str]:
        log = WebvhLog("old.example").add(first)
        before = log.did
        log.location = "new.example"
        return log.add(state=log.state(log.did, **members)), before

    async def test_moved_did_resolves_at_its_new_place(self, world: World) -> None:
        """Its identifier stays, and it names its old place."""
        log, before = self._moved({"portable": True})
        log.entries.pop()
        log.add(state=log.state(log.did, alsoKnownAs=[before]))

        assert (await world.resolve(log))["id"] == log.did

    @pytest.mark.parametrize(
        ("first", "members", "code"),
        [
            ({}, {"alsoKnownAs": ["old"]}, "did-log-forged"),
            ({"portable": False}, {"alsoKnownAs": ["old"]}, "did-log-forged"),
            ({"portable": True}, {}, "did-log-malformed"),
            ({"portable": True}, {"alsoKnownAs": "old"}, "did-log-malformed"),
            ({"portable": True}, {"alsoKnownAs": ["did:web:old.example"]}, "did-log-malformed"),
        ],
    )
    async def test_T51_move_against_the_rules_is_refused(
        self, world: World, first: dict[str, Any], members: dict[str, Any], code: str
    ) -> None:
        """Only a portable DID moves, and it says where it was."""
        log, _ = self._moved(first, **members)

        assert await _code(world.resolve(log)) == code

    async def test_T51_move_to_an_address_is_refused(self, world: World) -> None:
        """The new place has to be one that the method allows."""
        log = WebvhLog("old.example").add({"portable": True})
        before = log.did
        log.add(state=log.state(f"did:webvh:{log.scid}:127.0.0.1", alsoKnownAs=[before]))

        assert await _code(world.resolve(log)) == "INVALID_DID"

    async def test_history_at_the_old_place_is_not_the_document_of_the_old_did(self, world: World) -> None:
        """The old DID's last document is another DID's: `resolvers.resolution` refuses it."""
        log, before = self._moved({"portable": True})
        log.entries.pop()
        log.add(state=log.state(log.did, alsoKnownAs=[before]))
        world.lookup.internet.serve("https://old.example/.well-known/did.jsonl", log.text)

        document, _ = await PLUGIN.resolve(before, world.lookup)

        assert document.id == log.did != before


class TestWitnesses:
    """Those whom the controller has named have to have approved each entry."""

    async def test_threshold_is_met(self, world: World) -> None:
        """Two of three suffice, and proofs of entries that are not published count for nothing."""
        log = WebvhLog().add({"witness": witness(2, *WITNESSES)}, witnessed_by=[_FIRST, _THIRD])
        log.approve(_SECOND, version_id="2-QmdmPkUdYzbr9txmx8gM2rsHPgr5L6m3gHjJGAf4vUFoGE")

        assert (await world.resolve(log))["id"] == log.did
        assert world.lookup.internet.requests == [log.url, log.witness_url]

    async def test_later_approval_covers_earlier_entries(self, world: World) -> None:
        """A valid proof from a witness implies that it has approved all prior entries as well."""
        log = WebvhLog().add({"witness": witness(2, _FIRST, _SECOND)}).add(witnessed_by=[_FIRST])
        log.add(witnessed_by=[_SECOND, _FIRST])

        assert (await world.resolve(log))["id"] == log.did

    @pytest.mark.parametrize(
        "log",
        [
            WebvhLog().add({"witness": witness(2, *WITNESSES)}, witnessed_by=[_FIRST]),
            WebvhLog().add({"witness": witness(2, *WITNESSES)}, witnessed_by=[_FIRST, _FIRST]),
            WebvhLog().add({"witness": witness(1, _FIRST)}, witnessed_by=[_SECOND]),
            WebvhLog().add({"witness": witness(1, _FIRST)}, witnessed_by=[OWNER, THIEF]),
            WebvhLog().add({"witness": witness(1, _FIRST)}, witnessed_by=[_FIRST]).add(),
            WebvhLog().add({"witness": witness(2, _FIRST, _SECOND)}).approve(_FIRST).add().approve(_FIRST),
            # who is introduced later has to approve its own introduction
            WebvhLog().add().approve(_SECOND).add({"witness": witness(1, _FIRST)}),
            # who is to be replaced has to approve the entry that does it
            WebvhLog()
            .add({"witness": witness(1, _FIRST)}, witnessed_by=[_FIRST])
            .add({"witness": witness(1, _SECOND)}, witnessed_by=[_SECOND]),
            WebvhLog().add({"witness": witness(1, _FIRST)}, witnessed_by=[_FIRST]).add({"witness": {}}),
        ],
        ids=[
            "too few",
            "one twice",
            "another witness",
            "the controller",
            "an entry since",
            "never the second",
            "introduced",
            "replaced",
            "dismissed",
        ],
    )
    async def test_T51_too_few_witnesses_are_refused(self, world: World, log: WebvhLog) -> None:
        """Each counts once, for what it has seen, as long as it is a witness."""
        assert await _code(world.resolve(log)) == "did-log-not-witnessed"

    @pytest.mark.parametrize(
        "spoil",
        [
            {"proofPurpose": "authentication"},
            {"cryptosuite": "eddsa-rdfc-2022"},
            {"expires": "2026-01-02T00:00:00Z"},
            {"verificationMethod": f"{_FIRST.did}#{THIEF.multikey}"},
        ],
    )
    async def test_T51_bad_proof_of_a_witness_does_not_count(self, world: World, spoil: dict[str, Any]) -> None:
        """It is left out, as if it were not there."""
        log = WebvhLog().add({"witness": witness(1, _FIRST)})
        approved = {"versionId": log.entries[0]["versionId"]}
        log.proofs.append({**approved, "proof": [_FIRST.prove(approved, **spoil), "x", None]})

        assert await _code(world.resolve(log)) == "did-log-not-witnessed"

    async def test_T51_proof_by_a_thief_in_a_witness_name_does_not_count(self, world: World) -> None:
        """The name that a proof gives is not believed before its signature."""
        log = WebvhLog().add({"witness": witness(1, _FIRST)})
        approved = {"versionId": log.entries[0]["versionId"]}
        proof = THIEF.prove(approved, verificationMethod=f"{_FIRST.did}#{_FIRST.multikey}")
        log.proofs.append({**approved, "proof": [proof]})

        assert await _code(world.resolve(log)) == "did-log-not-witnessed"

    @pytest.mark.parametrize(
        "rule",
        [
            witness(2, _FIRST, _FIRST),
            witness(0, _FIRST),
            witness(2, _FIRST),
            witness(-1, _FIRST),
            {"threshold": True, "witnesses": [{"id": _FIRST.did}]},
            {"threshold": "1", "witnesses": [{"id": _FIRST.did}]},
            {"threshold": 1},
            {"threshold": 1, "witnesses": {}},
            {"threshold": 1, "witnesses": [_FIRST.did]},
            {"threshold": 1, "witnesses": [{"id": "did:web:witness.example"}]},
            {"threshold": 2, "witnesses": [{"id": _FIRST.did}, {"id": _FIRST.multikey}]},
        ],
    )
    async def test_T51_rule_that_cannot_be_kept_is_refused(self, world: World, rule: dict[str, Any]) -> None:
        """Nobody is named twice, and the threshold lies between one and all."""
        log = WebvhLog().add({"witness": rule}, witnessed_by=WITNESSES)

        assert await _code(world.resolve(log)) == "did-log-malformed"

    @pytest.mark.parametrize("weight", [0, -1, 1.5, True, "1"])
    async def test_T51_weight_that_is_none_is_refused(self, world: World, weight: Any) -> None:
        """Of version 0.5."""
        rule = {"threshold": 1, "witnesses": [{"id": _FIRST.did, "weight": weight}]}
        log = WebvhLog().add({"method": "did:webvh:0.5", "witness": rule}, witnessed_by=WITNESSES)

        assert await _code(world.resolve(log)) == "did-log-malformed"

    async def test_multikey_names_a_witness_too(self, world: World) -> None:
        """One implementation leaves `did:key:` out; the key is the same."""
        rule = {"threshold": 1, "witnesses": [{"id": _FIRST.multikey}]}
        log = WebvhLog().add({"witness": rule}, witnessed_by=[_FIRST])

        assert (await world.resolve(log))["id"] == log.did

    async def test_T51_missing_proofs_are_undecided(self, world: World) -> None:
        """What could not be had was not checked."""
        log = WebvhLog().add({"witness": witness(1, _FIRST)})

        assert await _code(world.resolve(log), Unavailable) == "unreachable"

    @pytest.mark.parametrize(
        ("body", "kind", "code"),
        [
            (b"<html>", Unavailable, "response-malformed"),
            (b"{}", Invalid, "did-log-malformed"),
            (b"[7]", Invalid, "did-log-malformed"),
            (b'[{"proof": []}]', Invalid, "did-log-malformed"),
            (b'[{"versionId": "1-x"}]', Invalid, "did-log-not-witnessed"),
            (b"[]", Invalid, "did-log-not-witnessed"),
        ],
    )
    async def test_proofs_of_another_form(
        self, world: World, body: bytes, kind: type[Invalid | Unavailable], code: str
    ) -> None:
        """An error page is no evidence; another object is no approval."""
        log = WebvhLog().add({"witness": witness(1, _FIRST)})
        world.lookup.internet.serve(log.witness_url, body)

        assert await _code(world.resolve(log), kind) == code

    async def test_too_many_proofs_are_not_checked(self, world: World) -> None:
        """A controller cannot make the verifier check without end."""
        log = WebvhLog().add({"witness": witness(1, _FIRST)})
        log.proofs = [{"versionId": "1-x", "proof": [0] * (_webvh_witness.MAX_CHECKED + 1)}]

        assert await _code(world.resolve(log), Unavailable) == "response-too-large"

    async def test_approval_is_remembered(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        """The same log and the same proofs are not verified again."""
        log = WebvhLog().add({"witness": witness(1, _FIRST)}, witnessed_by=[_FIRST])
        await world.resolve(log)

        def forbidden(*_: Any, **__: Any) -> str:
            raise AssertionError

        monkeypatch.setattr("resolvers.did._webvh_proof.verify", forbidden)

        assert (await world.resolve(log))["id"] == log.did

    async def test_proofs_older_than_the_log_are_no_reason_to_refuse_it(self, world: World) -> None:
        """They are published first: an outdated copy of them only shows that it is outdated."""
        log = WebvhLog().add({"witness": witness(1, _FIRST)}, witnessed_by=[_FIRST])
        world.serve(log)
        cache = DocumentCache(world.lookup.internet, clock=lambda: datetime.timestamp(world.now))
        lookup = RequestLookup(cache=cache, budget=Budget(fetches=9, deadline=math.inf))
        await PLUGIN.resolve(log.did, lookup)
        log.add(witnessed_by=[_FIRST])
        world.serve(log)
        world.now += timedelta(minutes=10)
        world.lookup.internet.fail(log.witness_url)

        assert await _code(PLUGIN.resolve(log.did, lookup), Unavailable) == "unreachable"

        world.serve(log)
        world.now += timedelta(minutes=1)
        document, _ = await PLUGIN.resolve(log.did, lookup)
        assert document.id == log.did


class TestVersions:
    """Earlier versions, for whoever asks about the past."""

    @pytest.fixture
    def log(self) -> WebvhLog:
        """Return a log of three versions, of 2, 3 and 4 January."""
        log = WebvhLog()
        for number in (1, 2, 3):
            did = "did:webvh:{SCID}:issuer.example" if number == 1 else log.did
            log.add(state=log.state(did, number=number))
        return log

    async def test_by_number_id_and_time(self, world: World, log: WebvhLog) -> None:
        """Each leads to its version, and all together to the one that fits all."""
        noon = START + timedelta(days=2, hours=12)

        for version in (
            {"number": 2},
            {"id": log.entries[1]["versionId"]},
            {"time": noon},
            {"time": START + timedelta(days=2)},
            {"number": 2, "id": log.entries[1]["versionId"], "time": noon},
        ):
            assert (await world.version(log, **version))["number"] == 2

    @pytest.mark.parametrize(
        "version",
        [
            {"number": 4},
            {"id": "2"},
            {"id": "2-QmdmPkUdYzbr9txmx8gM2rsHPgr5L6m3gHjJGAf4vUFoGE"},
            {"time": START},
            {"number": 1, "time": START + timedelta(days=2)},
        ],
    )
    async def test_what_was_never_published_is_not_found(
        self, world: World, log: WebvhLog, version: dict[str, Any]
    ) -> None:
        """No version, an abbreviated id, a time before the first, and what contradicts itself."""
        assert await _code(world.version(log, **version)) == "NOT_FOUND"

    async def test_T51_forged_entry_later_on_ends_the_earlier_ones(self, world: World, log: WebvhLog) -> None:
        """Step 10 allows to invalidate the whole, and that is what is done."""
        log.entries[2]["state"]["number"] = 7

        assert await _code(world.version(log, number=1)) == "did-log-forged"

    async def test_of_another_did(self, world: World, log: WebvhLog) -> None:
        """A log in which the DID never stood has no versions of it."""
        log.location = "other.example"

        assert await _code(world.version(log, number=1)) == "INVALID_CONTROLLED_IDENTIFIER_DOCUMENT_ID"


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [
        (b"<html><body>404</body></html>", Unavailable, "response-malformed"),
        (b"", Unavailable, "response-malformed"),
        (b"\xff", Unavailable, "response-malformed"),
        (b"[]", Invalid, "did-log-malformed"),
        (b"{}", Invalid, "did-log-malformed"),
        (b'{"versionId":"1-x","versionId":"1-y"}', Invalid, "did-log-malformed"),
        (b"{}\n" * (_webvh_log.MAX_ENTRIES + 1), Unavailable, "response-too-large"),
    ],
)
async def test_what_is_no_log(world: World, body: bytes, kind: type[Invalid | Unavailable], code: str) -> None:
    """An error page is no evidence, and neither is what is too long to be checked."""
    log = WebvhLog().add()
    world.lookup.internet.serve(log.url, body)

    assert await _code(PLUGIN.resolve(log.did, world.lookup), kind) == code


async def test_T17_large_entry_holds_up_nobody(world: World) -> None:
    """While the canonical form of a large entry is made, others are answered."""
    log = WebvhLog()
    log.add(state={**log.state("did:webvh:{SCID}:issuer.example"), "x": [{"y": number} for number in range(20_000)]})
    world.serve(log)
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    others = asyncio.create_task(count())
    document, _ = await PLUGIN.resolve(log.did, world.lookup)
    others.cancel()

    assert document.id == log.did
    assert turns > 10


async def test_large_file_of_proofs_is_read(world: World) -> None:
    """Its size changes nothing but where it is read."""
    log = WebvhLog().add({"witness": witness(1, _FIRST)}, witnessed_by=[_FIRST])
    log.proofs.append({"versionId": "1-x", "proof": ["x" * 100_000]})

    assert (await world.resolve(log))["id"] == log.did


async def test_T22_entry_with_a_member_twice_is_refused(world: World) -> None:
    """Readers that keep the first and readers that keep the last would see two documents."""
    log = WebvhLog().add().add()
    text = log.text.replace('"service"', '"x"').replace('"state":{', '"state":{"id":"did:web:thief.example",')
    world.lookup.internet.serve(log.url, text)

    assert await _code(PLUGIN.resolve(log.did, world.lookup)) == "did-log-malformed"


async def test_a_log_asks_to_be_believed_for_its_ttl(world: World) -> None:
    """Where it does not say, as HTTP says; the cache's own bounds come on top."""
    log = WebvhLog().add()
    await world.resolve(log)
    assert world.lookup.loaded(log.url, Kind.DID_LOG).fresh_for is None

    world.lookup.forget(log.url)
    await world.resolve(log.add({"ttl": 0}))
    assert world.lookup.loaded(log.url, Kind.DID_LOG).fresh_for == 0.0


async def test_T41_controllers_clock_may_be_a_minute_ahead(world: World) -> None:
    """An entry of the next minute is taken, one of the minute after is not."""
    log = WebvhLog().add(versionTime="2026-06-01T00:01:00Z")

    assert (await world.resolve(log))["id"] == log.did


def _normalized(document: Any, did: str) -> Any:
    """Return a document without implicit services, and with its relative ids made absolute."""
    text = json.dumps(document).replace('"#', f'"{did}#').replace("did:web:", "")
    content = json.loads(text)
    return {name: value for name, value in content.items() if name not in {"service", "@context"}}


@pytest.mark.shared
@pytest.mark.parametrize(
    "folder",
    sorted(str(path.parent.relative_to(_VECTORS)) for path in _VECTORS.glob("*/*/did.jsonl")),
)
async def test_published_scenarios(world: World, folder: str) -> None:
    """Logs of five implementations resolve to the documents that these give.

    Three take the approval of the *new* list of witnesses for the entry that introduces it, where "that new
    list becomes active AFTER the new DID log entry has been published" ("Witness Lists"); two do not.
    """
    text = (_VECTORS / folder / "did.jsonl").read_text()
    did = json.loads(text.splitlines()[-1])["state"]["id"]
    base = f"https://{did.split(':')[3]}/.well-known/"
    world.lookup.internet.serve(f"{base}did.jsonl", text)
    if (_VECTORS / folder / "did-witness.json").exists():
        world.lookup.internet.serve(f"{base}did-witness.json", vector(f"didwebvh/{folder}/did-witness.json"))
    expected = vector(f"didwebvh/{folder}/resolutionResult.json")

    if folder.startswith("deactivate/"):
        assert await _code(PLUGIN.resolve(did, world.lookup)) == "did-deactivated"
    elif folder.startswith("witness-update/") and not folder.endswith("/rust"):
        assert await _code(PLUGIN.resolve(did, world.lookup)) == "did-log-not-witnessed"
    else:
        document, _ = await PLUGIN.resolve(did, world.lookup)
        assert _normalized(document.content, did) == _normalized(expected["didDocument"], did)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("implementation", "number"),
    [
        (path.parent.name, int(path.suffixes[0][1:]))
        for path in sorted(_VECTORS.glob("multi-update/*/resolutionResult.?.json"))
        if path.parent.name != "python"
    ],
)
async def test_published_versions(world: World, implementation: str, number: int) -> None:
    """Each version of a published log is what its implementation gives for it.

    That in Python leaves `versionNumber` out of account, and gives the last one.
    """
    folder = f"multi-update/{implementation}"
    text = (_VECTORS / folder / "did.jsonl").read_text()
    did = json.loads(text.splitlines()[-1])["state"]["id"]
    world.lookup.internet.serve(f"https://{did.split(':')[3]}/.well-known/did.jsonl", text)
    expected = vector(f"didwebvh/{folder}/resolutionResult.{number}.json")

    assert PLUGIN.resolve_version is not None
    document, _ = await PLUGIN.resolve_version(did, DidVersion(number=number), world.lookup)

    assert _normalized(document.content, did) == _normalized(expected["didDocument"], did)
