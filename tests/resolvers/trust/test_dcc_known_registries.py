"""`resolvers.trust.dcc_known_registries`: a list of registries, minted and real."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from resolvers.trust.dcc_known_registries import KnownRegistries
from resolvers.trust_model import Authenticity, Freshness, ListState, TrustQuestion, TrustSourceConfig
from tests.resolvers.trust.minting import NOW, DidRegistry, lookup_at, seconds
from tests.shared import SHARED

if TYPE_CHECKING:
    from resolvers.trust_model import TrustEvidence
    from tests.resolvers.lookup import FakeLookup

LIST = "https://registries.example.org/known-did-registries.json"
SANDBOX = "https://registries.example.org/sandbox.json"
COMMUNITY = "https://registries.example.org/community.json"
DID = "did:web:university.example"
ENTRIES: list[dict[str, Any]] = [
    {"name": "Sandbox", "type": "dcc-legacy", "governanceUrl": "https://g.example", "url": SANDBOX},
    {"name": "Community", "type": "dcc-legacy", "url": COMMUNITY},
    {"name": "IIR", "type": "oidf", "trustAnchorEC": "https://iir.example.org/.well-known/openid-federation"},
]


class World:
    """A list of three registries, in which nobody is."""

    def __init__(self) -> None:
        """Serve the list, two files without entries, and a signing registry that knows nobody."""
        self.lookup: FakeLookup = lookup_at()
        self.internet = self.lookup.internet
        self.signing = DidRegistry(self.internet)
        self.internet.serve(LIST, ENTRIES)
        for url in (SANDBOX, COMMUNITY):
            self.internet.serve(url, {"registry": {}})
        self.signing.publish()
        self.signing.deny(DID)

    def list_in(self, url: str, name: str) -> None:
        """Let an unsigned registry list `DID`, as everybody sees from now on."""
        self.lookup._held.clear()
        self.internet.serve(url, {"registry": {DID: {"name": name, "url": "https://u.example"}}})

    def sign(self) -> None:
        """Let the signing registry list `DID`, as everybody sees from now on."""
        self.lookup._held.clear()
        self.signing.listed[DID] = {"federation_entity": {"organization_name": "University, signed"}}
        self.signing.publish()

    async def ask(self, did: str = DID, **config: Any) -> TrustEvidence:
        """Ask all of them."""
        given = {
            "id": "dcc-known",
            "kind": "dcc_known_registries",
            "url": LIST,
            "keys": {self.signing.signer.id: self.signing.signer.pinned},
            "tiers": {SANDBOX: "sandbox", COMMUNITY: "community", self.signing.signer.id: "member"},
            "tier": "member",
        }
        source = TrustSourceConfig(**{**given, **config})
        return await KnownRegistries().ask(source, TrustQuestion(entity=did, at=NOW), self.lookup)


@pytest.fixture
def world() -> World:
    """Return a world in which nobody is listed."""
    return World()


async def test_says_which_registry_vouches_and_at_which_tier(world: World) -> None:
    """A sandbox is not taken for the members' registry: the operator says what each is."""
    world.list_in(COMMUNITY, "University")

    evidence = await world.ask()

    assert (evidence.state, evidence.authenticity) == (ListState.LISTED, Authenticity.UNVERIFIED)
    assert (evidence.registry, evidence.tier, evidence.entity.name) == ("Community", "community", "University")
    assert (evidence.source, evidence.kind) == ("dcc-known", "dcc_known_registries")


async def test_T61_registry_that_was_added_under_a_known_name_has_no_tier(world: World) -> None:
    """Names are the list's, tiers the operator's: by address. Without tiers the one of the source is that of all."""
    rogue = "https://rogue.example/registry.json"
    world.list_in(rogue, "University")
    world.internet.serve(LIST, [{**ENTRIES[1], "url": rogue}])

    evidence = await world.ask()
    assert (evidence.state, evidence.registry, evidence.tier) == (ListState.LISTED, "Community", None)

    assert (await world.ask(tiers={})).tier == "member"


async def test_T61_registry_that_was_added_has_no_assurance(world: World) -> None:
    """Whoever holds the list's host could else vouch at the level that the operator has set for the source."""
    rogue = "https://rogue.example/registry.json"
    world.list_in(rogue, "University")
    world.internet.serve(LIST, [{**ENTRIES[1], "url": rogue}])
    assert (await world.ask(assurance="AL3")).assurance is None

    assert (await world.ask(assurance="AL3", tiers={})).assurance == "AL3"


async def test_registry_with_a_tier_has_the_sources_assurance(world: World) -> None:
    """The operator has named it, so the level is meant for it."""
    world.list_in(COMMUNITY, "University")

    assert (await world.ask(assurance="AL2")).assurance == "AL2"


async def test_signed_registry_goes_before_an_unsigned_one(world: World) -> None:
    """The best protected answer counts, wherever in the list it stands."""
    world.list_in(SANDBOX, "Anybody")
    world.sign()

    evidence = await world.ask()

    assert (evidence.registry, evidence.authenticity) == ("IIR", Authenticity.AUTHENTICATED)
    assert (evidence.tier, evidence.entity.name) == ("member", "University, signed")


async def test_among_equals_the_first_of_the_list_counts(world: World) -> None:
    """The list is in the order of authority."""
    world.list_in(SANDBOX, "First")
    world.list_in(COMMUNITY, "Second")

    assert (await world.ask()).entity.name == "First"


async def test_who_is_in_none_is_not_listed(world: World) -> None:
    """Where every registry could be asked; and only as well protected as the list itself."""
    evidence = await world.ask()

    assert (evidence.state, evidence.authenticity) == (ListState.NOT_LISTED, Authenticity.UNVERIFIED)


@pytest.mark.parametrize("url", [SANDBOX, "https://iir.example.org/.well-known/openid-federation"])
async def test_T13_one_registry_out_of_reach_leaves_it_unknown(world: World, url: str) -> None:
    """It might be the one that lists it; what the others list, they list all the same."""
    world.internet.fail(url)

    evidence = await world.ask()
    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "unreachable")
    assert evidence.registry in {"Sandbox", "IIR"}
    assert evidence.problem.detail.startswith(f"{evidence.registry}: ")

    world.list_in(COMMUNITY, "University")
    assert (await world.ask()).state is ListState.LISTED


async def test_T61_registry_whose_key_is_not_pinned_is_unknown(world: World) -> None:
    """A list that is not signed cannot say whose key to believe."""
    world.sign()

    evidence = await world.ask(keys={})

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "registry-defective")


async def test_T61_registry_that_was_added_to_the_list_is_never_more_than_unverified(world: World) -> None:
    """Whoever holds the list's host signs with a key that the operator has pinned for nobody."""
    rogue = DidRegistry(world.internet, listed={DID: {}})
    rogue.signer.id = "https://rogue.example"
    rogue.publish()
    world.internet.serve(LIST, [{"name": "Rogue", "type": "oidf", "trustAnchorEC": rogue.anchor_url}])

    evidence = await world.ask()

    assert (evidence.state, evidence.authenticity) == (ListState.UNKNOWN, Authenticity.UNVERIFIED)


async def test_T14_expired_statement_of_a_registry_is_unknown(world: World) -> None:
    """And said to be expired."""
    world.sign()
    world.signing.state(DID, iat=seconds(days=-2), exp=seconds(days=-1))

    evidence = await world.ask()

    assert (evidence.state, evidence.freshness) == (ListState.UNKNOWN, Freshness.EXPIRED)


async def test_T13_registry_of_a_type_that_is_not_known_leaves_it_unknown(world: World) -> None:
    """It may list whoever is asked about."""
    world.internet.serve(LIST, [*ENTRIES, {"name": "New", "type": "ledger", "address": "x"}])

    evidence = await world.ask()
    assert (evidence.state, evidence.registry, evidence.problem.code) == (
        ListState.UNKNOWN,
        "New",
        "registry-defective",
    )

    world.sign()
    assert (await world.ask()).registry == "IIR"


@pytest.mark.parametrize(
    "served",
    [
        b"<html>",
        b"{}",
        b"[]",
        b"[1]",
        [{"name": "A"}],
        [{"name": "A", "type": "dcc-legacy"}],
        [{"name": "A", "type": "oidf", "url": SANDBOX}],
        [{"name": 7, "type": "oidf"}],
        ENTRIES * 6,
    ],
)
async def test_T13_defective_list_is_unknown(world: World, served: Any) -> None:
    """What cannot be read says nothing; and of an empty list nobody is known to be missing."""
    world.internet.serve(LIST, served)

    evidence = await world.ask()

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "registry-defective")
    assert world.internet.requests == [LIST]


@pytest.mark.parametrize("code", ["unreachable", "response-too-large", "egress-refused", "deadline-exceeded"])
async def test_T13_list_out_of_reach_is_unknown(world: World, code: str) -> None:
    """Without the list it is not known whom to ask."""
    world.internet.fail(LIST, code)

    evidence = await world.ask()

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, code)


async def test_T1_registries_of_a_hostile_list_meet_the_guard(world: World) -> None:
    """The list's addresses go through the guarded door like a stranger's, and one that is refused is unknown."""
    inside = "https://10.0.0.1/registry.json"
    world.internet.fail(inside, "egress-refused")
    world.internet.serve(LIST, [{"name": "Inside", "type": "dcc-legacy", "url": inside}])

    evidence = await world.ask()

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "egress-refused")


async def test_stale_list_makes_the_answer_stale(world: World) -> None:
    """A registry that was added since would be missing."""
    world.list_in(COMMUNITY, "University")
    await world.ask()
    world.internet.fail(LIST)
    world.lookup.age, world.lookup.fresh_for = 4000, 3600

    evidence = await world.ask()

    assert (evidence.state, evidence.freshness) == (ListState.LISTED, Freshness.STALE)


async def test_T13_question_that_it_has_no_answer_for_is_unknown(world: World) -> None:
    """Registries of issuers know no accreditors."""
    source = TrustSourceConfig(id="dcc-known", kind="dcc_known_registries", url=LIST)
    question = TrustQuestion(entity=DID, at=NOW, terms={"accredited_by": "ce-1"})

    evidence = await KnownRegistries().ask(source, question, world.lookup)

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "question-not-supported")
    assert world.internet.requests == []


@pytest.mark.shared
async def test_real_registries_load() -> None:
    """A list of the consortium's real registries finds the issuer that is in several, by the first of them."""
    lookup = lookup_at()
    entries = []
    for name in ("sandbox", "community", "issuer"):
        url = f"https://registries.example.org/{name}.json"
        text = (SHARED / "vectors" / "registries" / f"dcc-{name}-registry.json").read_text()
        lookup.internet.serve(url, text)
        entries.append({"name": name, "type": "dcc-legacy", "url": url, "dids": list(json.loads(text)["registry"])})
    lookup.internet.serve(LIST, entries)
    source = TrustSourceConfig(id="dcc", kind="dcc_known_registries", url=LIST)
    first = {did: entry["name"] for entry in reversed(entries) for did in entry["dids"]}
    for did, registry in first.items():
        evidence = await KnownRegistries().ask(source, TrustQuestion(entity=did, at=NOW), lookup)
        assert (evidence.state, evidence.registry) == (ListState.LISTED, registry)
    evidence = await KnownRegistries().ask(source, TrustQuestion(entity=f"{did}x", at=NOW), lookup)
    assert evidence.state is ListState.NOT_LISTED
