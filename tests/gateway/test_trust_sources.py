"""Trust sources through the whole pipeline: a policy names one, and a record is decided by what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from policies.model import Verdict
from resolvers.trust_model import Authenticity, ListState
from tests.internet import FakeInternet
from tests.issuer import university
from tests.resolvers.trust.minting import ETPL, NOW, CredentialRegistry, DidRegistry, Federation, Signer, TrqpServer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gateway.model import VerificationResult
    from resolvers.trust_model import TrustSourceConfig

DID = "did:web:university.example"
UNIVERSITY = "ce-00000000-0000-4000-8000-000000000001"
ACCREDITOR = "ce-00000000-0000-4000-8000-000000000002"
KNOWN = "https://registries.example.org/known.json"

POLICY = """
policy: test/trust
version: 1.0.0
title: Trust
rules:
  - {{id: trusted, say: The issuer must be vouched for., on_unknown: review, require: {{{condition}}}}}
"""
CONDITIONS = {
    "ce-iir": "registry: {in: [ce-iir], min_authenticity: authenticated}",
    "dcc-known": "registry: {in: [dcc-known], min_authenticity: authenticated}",
    "al-federation": f'trust_mark: {{type: "{ETPL}", anchor: al-federation}}',
    "state-board": "trqp: {authority: state-board, action: issue, resource: welding}",
    "credential-registry": f'accredited_by: {{ctid: ["{ACCREDITOR}"]}}',
}


class World:
    """Every kind of source that is asked over the network, each of which vouches for the university."""

    def __init__(self) -> None:
        """Make their keys, and what they say."""
        self.internet = FakeInternet()
        self.iir = DidRegistry(self.internet)
        self.iir.listed[DID] = {
            "federation_entity": {"organization_name": "University, by the registry"},
            "credential_registry_entity": {"ctid": UNIVERSITY},
        }
        self.federation = Federation(self.internet)
        self.federation.marks = [self.federation.mark()]
        self.board = TrqpServer(self.internet, granted={(DID, "issue", "welding")})
        self.ctdl = CredentialRegistry(self.internet)

    def publish(self, internet: FakeInternet) -> None:
        """Serve all of them on `internet`."""
        self.internet = self.iir.internet = self.federation.internet = internet
        self.board.internet = self.ctdl.internet = internet
        self.iir.publish()
        self.federation.publish()
        self.board.publish()
        self.ctdl.publish(UNIVERSITY, "University, by the Credential Registry")
        self.ctdl.publish(ACCREDITOR, accredits=[UNIVERSITY])
        internet.serve(KNOWN, [{"name": "IIR", "type": "oidf", "trustAnchorEC": self.iir.anchor_url}])

    def configured(self) -> dict[str, dict[str, Any]]:
        """Return the `[trust.<id>]` tables of an operator."""
        pinned = {self.iir.signer.id: self.iir.signer.pinned}
        return {
            "ce-iir": _table(self.iir.config()),
            "al-federation": _table(self.federation.config()),
            "state-board": _table(self.board.config()),
            "credential-registry": {"kind": "ctdl", "anchor": self.iir.signer.id, "key": self.iir.signer.pinned},
            "dcc-known": {"kind": "dcc_known_registries", "url": KNOWN, "keys": pinned},
        }


def _table(source: TrustSourceConfig) -> dict[str, Any]:
    """Return a source's configuration as a table of the file."""
    options = ("kind", "url", "key", "authority", "action", "resource")
    return {name: value for name in options if (value := getattr(source, name))}


async def verified(
    folder: Path, condition: str, spoil: Callable[[World], object] = lambda _: None
) -> VerificationResult:
    """Verify a badge of the university by a policy of that one condition, after that change of the world."""
    world = World()
    flags: dict[str, Any] = {"trust": world.configured()}
    async with university(folder, POLICY.format(condition=condition), **flags) as uni:
        uni.clock[0] = NOW
        uni.publish()
        world.publish(uni.internet)
        spoil(world)
        result = await uni.verify(await uni.badge(), "test/trust")
    assert result.verified
    return result


@pytest.mark.parametrize("source", CONDITIONS)
async def test_record_of_an_issuer_that_is_vouched_for_is_accepted(tmp_path: Path, source: str) -> None:
    """Each kind of source, asked by a policy through the cache and within the request's budget."""
    result = await verified(tmp_path, CONDITIONS[source])

    assert result.decision is not None
    assert result.decision.verdict is Verdict.ACCEPT
    (evidence,) = result.trust
    assert (evidence.source, evidence.state) == (source, ListState.LISTED)


@pytest.mark.parametrize(
    ("source", "spoil"),
    [
        ("ce-iir", lambda w: w.iir.deny(DID)),
        ("dcc-known", lambda w: w.iir.deny(DID)),
        ("al-federation", lambda w: w.federation.deny(w.federation.board, w.federation.university)),
        ("state-board", lambda w: w.board.granted.clear()),
        ("credential-registry", lambda w: w.ctdl.publish(ACCREDITOR)),
    ],
)
async def test_record_of_an_issuer_that_is_not_is_rejected(
    tmp_path: Path, source: str, spoil: Callable[[World], object]
) -> None:
    """Where the source says so itself."""
    result = await verified(tmp_path, CONDITIONS[source], spoil)

    assert result.decision is not None
    assert result.decision.verdict is Verdict.REJECT
    assert result.trust[0].state is ListState.NOT_LISTED


@pytest.mark.parametrize(
    ("source", "spoil"),
    [
        ("ce-iir", lambda w: w.iir.state(DID, Signer("https://rogue.example"))),
        ("ce-iir", lambda w: w.internet.fail(w.iir.anchor_url)),
        ("dcc-known", lambda w: w.internet.fail(KNOWN)),
        ("al-federation", lambda w: w.internet.fail(w.federation.configuration_url(w.federation.board))),
        ("al-federation", lambda w: w.federation.state(w.federation.board.id, w.federation.university.id, exp=0)),
        ("state-board", lambda w: w.board.changed.update(entity_id="did:web:other.example")),
        (
            "credential-registry",
            lambda w: w.ctdl.publish(UNIVERSITY, accreditedBy=[ACCREDITOR]) or w.ctdl.publish(ACCREDITOR),
        ),
    ],
)
async def test_T13_source_that_says_nothing_leaves_it_to_a_human(
    tmp_path: Path, source: str, spoil: Callable[[World], object]
) -> None:
    """Down, forged, expired, for another or by itself alone: review, never accept and never reject."""
    result = await verified(tmp_path, CONDITIONS[source], spoil)

    assert result.decision is not None
    assert result.decision.verdict is Verdict.REVIEW
    assert result.trust[0].state is ListState.UNKNOWN


async def test_T15_sources_that_a_policy_does_not_name_are_not_asked(tmp_path: Path) -> None:
    """However many are configured."""
    requested: list[str] = []

    def note(world: World) -> None:
        requested.append("")
        requested.clear()
        world.internet.requests = requested

    await verified(tmp_path, CONDITIONS["state-board"], note)

    assert [url for url in requested if not url.startswith("https://university.example")] == [
        "https://trqp.example.gov/authorization"
    ]


async def test_name_is_the_one_of_the_source_that_vouches(tmp_path: Path) -> None:
    """Not what the record calls its issuer."""
    result = await verified(tmp_path, CONDITIONS["ce-iir"])

    (evidence,) = result.trust
    assert (evidence.entity.name, evidence.authenticity) == ("University, by the registry", Authenticity.AUTHENTICATED)
