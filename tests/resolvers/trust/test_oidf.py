"""`resolvers.trust.oidf`: membership of a minted federation."""

from __future__ import annotations

import itertools
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from resolvers.cache import DocumentCache
from resolvers.model import Budget
from resolvers.request_lookup import RequestLookup
from resolvers.trust import _trust_chain
from resolvers.trust.oidf import Federations
from resolvers.trust_model import Authenticity, Freshness, ListState, TrustQuestion
from tests.resolvers.trust.minting import (
    NOW,
    STATEMENT,
    WELL_KNOWN,
    Federation,
    Signer,
    fetch_url,
    lookup_at,
    seconds,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from resolvers.trust_model import TrustEvidence

    Change = Callable[[Federation], object]

LEAF = "https://university.example"
ROGUE = Signer("https://rogue.example")


async def answer(
    change: Change = lambda _: None,
    *,
    entity: str = LEAF,
    at: Any = NOW,
    after: Change = lambda _: None,
    **config: Any,
) -> TrustEvidence:
    """Ask a federation about `entity`; `change` is made before everything is signed, `after` after that."""
    lookup = lookup_at()
    federation = Federation(lookup.internet)
    change(federation)
    federation.publish()
    after(federation)
    return await Federations().ask(federation.config(**config), TrustQuestion(entity=entity, at=at), lookup)


def stating(superior: str = "anchor", **claims: Any) -> Change:
    """Return the change by which a superior states something in addition."""

    def change(federation: Federation) -> None:
        anchor, board, university = federation.entities
        pair = (anchor.id, board.id) if superior == "anchor" else (board.id, university.id)
        federation.statements[pair].update(claims)

    return change


def hinting(*superiors: str) -> Change:
    """Return the change by which the university names other superiors, `board` being the true one."""

    def change(federation: Federation) -> None:
        hints = [federation.board.id if each == "board" else each for each in superiors]
        federation.configurations[federation.university.id]["authority_hints"] = hints

    return change


async def test_member_is_listed_in_its_superiors_words() -> None:
    """A valid chain over an intermediate lists it; its name is the superior's, not its own."""
    evidence = await answer(tier="member", assurance="AL3")

    assert (evidence.state, evidence.authenticity) == (ListState.LISTED, Authenticity.AUTHENTICATED)
    assert (evidence.entity.name, evidence.entity.url) == ("University of Example", "https://u.example/")
    assert evidence.entity.identifiers == (("openid_federation", LEAF),)
    assert (evidence.freshness, evidence.tier, evidence.assurance) == (Freshness.FRESH, "member", "AL3")
    assert evidence.provenance is not None
    assert evidence.provenance.url == fetch_url("https://board.example.gov/fetch", LEAF)


async def test_T50_name_that_no_superior_states_is_not_shown() -> None:
    """What a member calls itself, nobody vouches for."""
    evidence = await answer(stating("board", metadata=None))

    assert (evidence.state, evidence.entity.name) == (ListState.LISTED, None)


@pytest.mark.parametrize(
    ("entity", "state"),
    [
        ("did:web:university.example", ListState.LISTED),
        ("https://federation.example.gov", ListState.LISTED),
        ("https://board.example.gov", ListState.LISTED),
        ("did:key:z6MkuL7x2mTEoBmUuuaQ2hvEUd2YsEtmsHeX9JzqJZ8VYaVH", ListState.NOT_LISTED),
        ("did:web:127.0.0.1", ListState.NOT_LISTED),
        ("http://university.example", ListState.NOT_LISTED),
        ("https://university.example?x=1", ListState.NOT_LISTED),
        ("https://a@university.example", ListState.NOT_LISTED),
        ("https://university.example.", ListState.NOT_LISTED),
        ("https://un\u0456versity.example", ListState.NOT_LISTED),
        ("urn:uuid:0", ListState.NOT_LISTED),
        ("", ListState.NOT_LISTED),
    ],
)
async def test_T50_issuer_is_known_by_its_https_url_or_the_folder_of_its_did(entity: str, state: ListState) -> None:
    """The folder of a did:web is its entity identifier; what is none is in no federation."""
    assert (await answer(entity=entity)).state is state


async def test_did_with_a_path_is_the_entity_at_that_path() -> None:
    """Two departments on one host are two entities."""
    department = Signer("https://university.example/dept")

    def after(federation: Federation) -> None:
        claims = department.configuration(authority_hints=[federation.board.id])
        federation.internet.serve(f"{department.id}{WELL_KNOWN}", department.sign(STATEMENT, claims))
        said = federation.board.statement(department.id, jwks=department.jwks)
        where = fetch_url(federation.board.endpoint, department.id)
        federation.internet.serve(where, federation.board.sign(STATEMENT, said))

    assert (await answer(after=after, entity="did:web:university.example:dept")).state is ListState.LISTED
    assert (await answer(entity="did:web:university.example:dept")).state is ListState.UNKNOWN


@pytest.mark.parametrize("kind", ["Ed25519", "P-256", "P-384", "P-521", "RSA"])
async def test_every_key_that_may_sign_verifies(kind: str) -> None:
    """The statements of a chain may be signed with different algorithms."""

    def change(federation: Federation) -> None:
        federation.board.key = Signer("x", kind).key
        stating("anchor", jwks=federation.board.jwks)(federation)

    assert (await answer(change)).state is ListState.LISTED


async def test_superior_says_that_it_knows_no_such_entity() -> None:
    """Where every superior that an entity names says so, it is in no federation."""
    evidence = await answer(after=lambda f: f.deny(f.board, f.university))

    assert (evidence.state, evidence.authenticity) == (ListState.NOT_LISTED, Authenticity.AUTHENTICATED)


async def test_entity_that_names_no_superior_is_not_listed() -> None:
    """Nothing leads from it to the anchor, by its own word."""
    assert (await answer(lambda f: f.configurations.pop(f.university.id))).state is ListState.NOT_LISTED


@pytest.mark.parametrize("first", ["https://down.example", "https://federation.example.gov"])
async def test_second_way_up_is_taken_where_the_first_is_closed(first: str) -> None:
    """A superior that is down, or that knows it not, does not hide another that vouches."""
    evidence = await answer(hinting(first, "board"), after=lambda f: f.deny(f.anchor, f.university))

    assert evidence.state is ListState.LISTED


async def test_T13_superior_that_is_down_leaves_it_unknown() -> None:
    """That another superior knows it not is no answer for the one that could not be asked."""
    evidence = await answer(hinting("board", "https://down.example"), after=lambda f: f.deny(f.board, f.university))

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "unreachable")


@pytest.mark.parametrize(
    "url",
    [
        f"https://federation.example.gov{WELL_KNOWN}",
        f"https://board.example.gov{WELL_KNOWN}",
        f"https://university.example{WELL_KNOWN}",
        fetch_url("https://board.example.gov/fetch", LEAF),
        fetch_url("https://federation.example.gov/fetch", "https://board.example.gov"),
    ],
)
@pytest.mark.parametrize("code", ["unreachable", "response-too-large", "egress-refused"])
async def test_T13_anything_out_of_reach_is_unknown(url: str, code: str) -> None:
    """Each of the five look-ups of a chain, failing in whatever way."""
    evidence = await answer(after=lambda f: f.internet.fail(url, code))

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, code)


async def test_T13_nobody_is_outside_a_federation_that_is_down() -> None:
    """Not even who could not be in any."""
    evidence = await answer(after=lambda f: f.internet.fail(f.configuration_url(f.anchor)), entity="did:key:z6Mk")

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "unreachable")


def anchor_by(signer: Signer, **claims: Any) -> Change:
    """Return the change by which the anchor's configuration is another's work."""
    return lambda f: f.internet.serve(
        f.configuration_url(f.anchor), signer.sign(STATEMENT, f.anchor.configuration(**claims))
    )


def board_by(signer: Signer | None = None, **claims: Any) -> Change:
    """Return the change by which the board's configuration is another's work, or has other claims."""

    def change(federation: Federation) -> None:
        said = federation.board.configuration(**{"authority_hints": [federation.anchor.id], **claims})
        url = federation.configuration_url(federation.board)
        federation.internet.serve(url, (signer or federation.board).sign(STATEMENT, said))

    return change


def leaf(**claims: Any) -> Change:
    """Return the change by which the university's configuration has other claims."""

    def change(federation: Federation) -> None:
        own = federation.configurations[federation.university.id]
        said = federation.university.configuration(**{**own, **claims})
        url = federation.configuration_url(federation.university)
        federation.internet.serve(url, federation.university.sign(STATEMENT, said))

    return change


def about_leaf(signer: Signer | None = None, **options: Any) -> Change:
    """Return the change by which the statement about the university is another's work, or has other claims."""
    return lambda f: f.state(f.board.id, f.university.id, signer, **options)


HOSTILE: dict[str, Change] = {
    "anchor by another key": anchor_by(ROGUE),
    "anchor with another's keys": anchor_by(ROGUE, jwks=ROGUE.jwks),
    "anchor without keys": anchor_by(ROGUE, jwks=None),
    "superior's configuration by another": board_by(ROGUE),
    "superior with another's keys": board_by(ROGUE, jwks=ROGUE.jwks),
    "superior without a fetch endpoint": board_by(metadata={}),
    "superior with a fetch endpoint that is no address": board_by(
        metadata={"federation_entity": {"federation_fetch_endpoint": "fetch"}}
    ),
    "superior's statement for other keys": lambda f: f.state(f.anchor.id, f.board.id, jwks=ROGUE.jwks),
    "statement by another key": about_leaf(ROGUE),
    "statement signed by its subject": lambda f: f.state(f.board.id, f.university.id, f.university),
    "statement of another superior": about_leaf(iss="https://other.example"),
    "statement about another": about_leaf(sub="https://other.example"),
    "statement with other keys than the subject's": about_leaf(jwks=ROGUE.jwks),
    "statement without keys": about_leaf(jwks=None),
    "statement without an end": about_leaf(exp=None),
    "statement from the future": about_leaf(iat=seconds(hours=2)),
    "statement of another type": about_leaf(typ="JWT"),
    "statement with a critical claim": about_leaf(crit=["x"], x=1),
    "statement with an empty crit": about_leaf(crit=[]),
    "statement with trust marks": about_leaf(trust_marks=[]),
    "statement with authority hints": about_leaf(authority_hints=["https://federation.example.gov"]),
    "statement with an anchor": about_leaf(trust_anchor="https://federation.example.gov"),
    "statement with a chain in its header": about_leaf(header={"trust_chain": []}),
    "statement with metadata that are null": about_leaf(metadata={"federation_entity": {"contacts": None}}),
    "statement with metadata of no type": about_leaf(metadata={"federation_entity": "x"}),
    "leaf with a policy of its own": leaf(metadata_policy={}),
    "leaf with constraints of its own": leaf(constraints={}),
    "leaf without keys": leaf(jwks=None),
    "leaf with other keys than it signs with": leaf(jwks=ROGUE.jwks),
    "leaf with hints of no entities": leaf(authority_hints=["board"]),
    "leaf with no hints in its hints": leaf(authority_hints=[]),
    "leaf whose hints are a text": leaf(authority_hints="https://board.example.gov"),
    "leaf of another": leaf(iss="https://other.example", sub="https://other.example"),
}


@pytest.mark.parametrize("how", HOSTILE)
async def test_T61_chain_with_one_wrong_statement_is_unknown(how: str) -> None:
    """Whoever signs, for whomever, and however malformed: it never lists, and never unlists."""
    evidence = await answer(after=HOSTILE[how])

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "registry-defective")
    assert (evidence.authenticity, evidence.entity.name) == (Authenticity.UNVERIFIED, None)


async def test_T17_very_many_keys_are_not_imported() -> None:
    """A thousand would hold up everybody else for a third of a second, at each step of a stranger's chain."""

    def after(federation: Federation) -> None:
        keys = federation.university.jwks["keys"]
        more = [{**keys[0], "kid": f"more-{number}"} for number in range(40)]
        leaf(jwks={"keys": [*keys, *more]})(federation)

    evidence = await answer(after=after)

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "registry-defective")
    assert "more than 32 keys" in evidence.problem.detail


async def test_T28_key_that_only_the_entity_itself_states_signs_nothing() -> None:
    """A board that adds a key of its own cannot sign with it for others: its superior states no such key."""

    def after(federation: Federation) -> None:
        extra = Signer(federation.board.id, kid="extra")
        board_by(jwks={"keys": [*federation.board.jwks["keys"], *extra.jwks["keys"]]})(federation)
        federation.state(federation.board.id, federation.university.id, extra)

    evidence = await answer(after=after)

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "registry-defective")


async def test_T61_dialect_is_never_accepted_as_a_federation() -> None:
    """A statement without `jwks`, as registries of DIDs make them, is no subordinate statement."""
    evidence = await answer(after=about_leaf(jwks=None, metadata={"federation_entity": {"organization_name": "U"}}))

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "registry-defective")


@pytest.mark.parametrize("claims", [{"metadata_policy": {}}, {"metadata_policy_crit": ["regexp"]}])
@pytest.mark.parametrize("superior", ["anchor", "board"])
async def test_chain_with_a_metadata_policy_is_unknown(claims: dict[str, Any], superior: str) -> None:
    """It is not evaluated here, so that nobody can tell whether it would forbid the member."""
    evidence = await answer(stating(superior, **claims))

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "metadata-policy-unevaluated")


@pytest.mark.parametrize(
    ("superior", "longest", "state"),
    [
        ("anchor", 2, ListState.LISTED),
        ("anchor", 1, ListState.LISTED),
        ("anchor", 0, ListState.NOT_LISTED),
        ("board", 0, ListState.LISTED),
    ],
)
async def test_path_is_no_longer_than_a_superior_allows(superior: str, longest: int, state: ListState) -> None:
    """So many intermediates between who says it and the member: one below the anchor, and none below the board."""
    assert (await answer(stating(superior, constraints={"max_path_length": longest}))).state is state


@pytest.mark.parametrize(
    ("permitted", "excluded", "state"),
    [
        (["university.example", "board.example.gov"], None, ListState.LISTED),
        ([".example", ".gov"], None, ListState.LISTED),
        (["UNIVERSITY.example", ".GOV"], None, ListState.LISTED),
        (["university.example"], None, ListState.NOT_LISTED),
        ([".university.example", ".gov"], None, ListState.NOT_LISTED),
        (["example", "gov"], None, ListState.NOT_LISTED),
        ([], None, ListState.NOT_LISTED),
        (None, ["university.example"], ListState.NOT_LISTED),
        (None, ["board.example.gov"], ListState.NOT_LISTED),
        (None, [".example"], ListState.NOT_LISTED),
        (None, ["example"], ListState.LISTED),
        ([".example", ".gov"], ["university.example"], ListState.NOT_LISTED),
        (None, [], ListState.LISTED),
    ],
)
async def test_names_are_within_what_a_superior_allows(permitted: Any, excluded: Any, state: ListState) -> None:
    """As RFC 5280 compares hosts: a name that begins with a period is for what is below it, and excluded wins."""
    naming = {"permitted": permitted, "excluded": excluded}
    said = {name: value for name, value in naming.items() if value is not None}

    assert (await answer(stating("anchor", constraints={"naming_constraints": said}))).state is state


@pytest.mark.parametrize(
    ("allowed", "state"),
    [
        (None, ListState.LISTED),
        (["openid_credential_issuer", "openid_provider"], ListState.LISTED),
        (["openid_provider"], ListState.NOT_LISTED),
        ([], ListState.NOT_LISTED),
    ],
)
async def test_entity_type_that_is_asked_for_has_to_be_allowed(allowed: Any, state: ListState) -> None:
    """A member keeps only the types that every superior allows it."""

    def change(federation: Federation) -> None:
        metadata = {**federation.university.configuration()["metadata"], "openid_credential_issuer": {}}
        federation.configurations[federation.university.id]["metadata"] = metadata
        if allowed is not None:
            stating("board", constraints={"allowed_entity_types": allowed})(federation)
            stating("anchor", constraints={"allowed_entity_types": [*allowed, "oauth_client"]})(federation)

    assert (await answer(change, entity_type="openid_credential_issuer")).state is state


async def test_entity_type_that_only_the_superior_states_is_none() -> None:
    """A superior's metadata are for the types that the member has by its own configuration (section 3.1.1)."""
    change = stating("board", metadata={"openid_credential_issuer": {}})

    assert (await answer(change, entity_type="openid_credential_issuer")).state is ListState.NOT_LISTED


@pytest.mark.parametrize(
    "constraints",
    [
        [],
        {"max_path_length": -1},
        {"max_path_length": "1"},
        {"max_path_length": True},
        {"naming_constraints": []},
        {"naming_constraints": {"permitted": "university.example"}},
        {"naming_constraints": {"excluded": [7]}},
        {"naming_constraints": {"excluded": [""]}},
        {"allowed_entity_types": "openid_provider"},
    ],
)
async def test_T13_constraint_that_cannot_be_applied_is_unknown(constraints: Any) -> None:
    """Malformed, it might forbid the member."""
    evidence = await answer(stating("anchor", constraints=constraints))

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "registry-defective")


async def test_constraint_that_is_not_known_is_ignored() -> None:
    """As the specification wants it of additional ones."""
    assert (await answer(stating("anchor", constraints={"max_members": 1}))).state is ListState.LISTED


@pytest.mark.parametrize("at", [NOW + timedelta(days=1), NOW + timedelta(days=400)])
async def test_T14_chain_that_has_ended_is_unknown(at: Any) -> None:
    """A statement is not believed past its `exp`, nor for a later instant."""
    evidence = await answer(at=at)

    assert (evidence.state, evidence.freshness) == (ListState.UNKNOWN, Freshness.EXPIRED)


async def test_T14_older_statement_does_not_take_a_newer_ones_place() -> None:
    """Rolled back to what it said before, a superior is unknown, though the statement has not ended."""
    federations, question, lookup = Federations(), TrustQuestion(entity=LEAF, at=NOW), lookup_at()
    federation = Federation(lookup.internet)
    federation.publish()
    assert (await federations.ask(federation.config(), question, lookup)).state is ListState.LISTED

    again = lookup_at()
    federation.internet = again.internet
    federation.publish()
    federation.state(federation.board.id, federation.university.id, iat=seconds(hours=-2))
    evidence = await federations.ask(federation.config(), question, again)

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "registry-defective")


async def test_T25_superiors_without_end_are_not_followed() -> None:
    """Who names a new superior at each step is given up after a few, and unknown."""
    tower = [Signer(f"https://level{n}.example") for n in range(30)]

    def after(federation: Federation) -> None:
        for lower, upper in itertools.pairwise(tower):
            claims = lower.configuration(authority_hints=[upper.id])
            federation.internet.serve(f"{lower.id}{WELL_KNOWN}", lower.sign(STATEMENT, claims))
            said = upper.sign(STATEMENT, upper.statement(lower.id, jwks=lower.jwks))
            federation.internet.serve(fetch_url(upper.endpoint, lower.id), said)

    evidence = await answer(after=after, entity=tower[0].id)

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "registry-defective")


async def test_T25_look_ups_for_one_entity_are_bounded() -> None:
    """However many superiors it names, about two dozen look-ups are made, and no circle is walked."""
    lookup = lookup_at()
    federation = Federation(lookup.internet)
    federation.publish()
    leaf(authority_hints=[LEAF, *(f"https://down{n}.example" for n in range(300))])(federation)

    evidence = await Federations().ask(federation.config(), TrustQuestion(entity=LEAF, at=NOW), lookup)

    assert evidence.state is ListState.UNKNOWN
    assert len(lookup.internet.requests) <= 2 + 2 * _trust_chain.MAX_STEPS


async def test_T13_slow_superior_is_unknown_at_the_deadline() -> None:
    """Whoever does not answer in time has not answered."""
    lookup = lookup_at()
    federation = Federation(lookup.internet)
    federation.publish()
    lookup.internet.hold(federation.configuration_url(federation.board))
    cache = DocumentCache(lookup.internet, clock=NOW.timestamp)
    hurried = RequestLookup(cache=cache, budget=Budget(fetches=40, deadline=time.monotonic() + 0.05))

    evidence = await Federations().ask(federation.config(), TrustQuestion(entity=LEAF, at=NOW), hurried)

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "deadline-exceeded")
    await cache.close()


async def test_stale_statement_anywhere_makes_the_answer_stale() -> None:
    """What is served because a refresh failed is marked, wherever in the chain it is."""
    lookup = lookup_at()
    federation, federations = Federation(lookup.internet), Federations()
    federation.publish()
    question = TrustQuestion(entity=LEAF, at=NOW)
    await federations.ask(federation.config(), question, lookup)
    lookup.internet.fail(fetch_url(federation.anchor.endpoint, federation.board.id))
    lookup.age, lookup.fresh_for = 400, 300

    evidence = await federations.ask(federation.config(), question, lookup)

    assert (evidence.state, evidence.freshness) == (ListState.LISTED, Freshness.STALE)


async def test_T13_question_that_it_has_no_answer_for_is_unknown() -> None:
    """A federation knows no actions."""
    lookup = lookup_at()
    question = TrustQuestion(entity=LEAF, at=NOW, terms={"action": "issue"})

    evidence = await Federations().ask(Federation(lookup.internet).config(), question, lookup)

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "question-not-supported")
