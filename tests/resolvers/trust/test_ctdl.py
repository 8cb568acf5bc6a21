"""`resolvers.trust.ctdl`, against a minted Credential Registry."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from resolvers.cache import DocumentCache
from resolvers.model import Budget
from resolvers.request_lookup import RequestLookup
from resolvers.trust.ctdl import CredentialRegistries
from resolvers.trust_model import Authenticity, Freshness, ListState, TrustQuestion, TrustSourceConfig
from tests.resolvers.trust.minting import NOW, CredentialRegistry, DidRegistry, lookup_at, seconds

if TYPE_CHECKING:
    from collections.abc import Callable

    from resolvers.trust_model import TrustEvidence
    from tests.resolvers.lookup import FakeLookup

DID = "did:web:university.example"
UNIVERSITY = "ce-00000000-0000-4000-8000-000000000001"
ACCREDITOR = "ce-00000000-0000-4000-8000-000000000002"
OTHER = "ce-00000000-0000-4000-8000-000000000003"
BY = {"accredited_by": ACCREDITOR}


async def ask(lookup: FakeLookup, terms: dict[str, str], entity: str = DID, **config: Any) -> TrustEvidence:
    """Ask the registry; the operator knows the university's CTID."""
    given = {"id": "ctdl", "kind": "ctdl", "entities": {DID: UNIVERSITY}}
    question = TrustQuestion(entity=entity, at=NOW, terms=terms)
    return await CredentialRegistries().ask(TrustSourceConfig(**{**given, **config}), question, lookup)


async def answer(
    terms: dict[str, str] | None = None,
    *,
    university: dict[str, Any] | None = None,
    accreditor: dict[str, Any] | None = None,
    change: Callable[[CredentialRegistry], object] = lambda _: None,
    **options: Any,
) -> TrustEvidence:
    """Ask a registry in which both have a record with those properties."""
    lookup = lookup_at()
    registry = CredentialRegistry(lookup.internet)
    registry.publish(UNIVERSITY, "University of Example", **(university or {}))
    registry.publish(ACCREDITOR, "Accreditor", **(accreditor or {}))
    change(registry)
    return await ask(lookup, BY if terms is None else terms, **options)


@pytest.mark.parametrize(
    ("term", "active"),
    [
        ("accredited_by", "accredits"),
        ("approved_by", "approves"),
        ("recognized_by", "recognizes"),
        ("regulated_by", "regulates"),
    ],
)
async def test_accreditor_itself_says_so(term: str, active: str) -> None:
    """It lists the university in a record of its own; then what the university says does not matter."""
    evidence = await answer({term: ACCREDITOR}, accreditor={active: [OTHER, UNIVERSITY]}, assurance="AL2")

    assert (evidence.state, evidence.authenticity) == (ListState.LISTED, Authenticity.UNVERIFIED)
    assert (evidence.entity.name, evidence.assurance) == ("University of Example", "AL2")
    assert evidence.entity.identifiers == (("ctid", UNIVERSITY),)
    assert evidence.provenance is not None
    assert evidence.provenance.url.endswith(ACCREDITOR)


async def test_T61_university_that_alone_says_so_is_unknown() -> None:
    """What somebody says of its own accreditation is its own word."""
    evidence = await answer(university={"accreditedBy": [ACCREDITOR]})

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "accreditation-self-asserted")


@pytest.mark.parametrize(
    ("university", "accreditor"),
    [
        ({}, {}),
        ({}, {"accredits": [OTHER]}),
        ({"accreditedBy": [OTHER]}, {}),
        ({"recognizedBy": [ACCREDITOR]}, {"recognizes": [UNIVERSITY]}),
    ],
)
async def test_neither_says_so(university: dict[str, Any], accreditor: dict[str, Any]) -> None:
    """Nor does another relation count, or another party."""
    assert (await answer(university=university, accreditor=accreditor)).state is ListState.NOT_LISTED


async def test_T52_accreditor_that_has_revoked_it_is_believed() -> None:
    """Whatever else either record still says."""
    evidence = await answer(
        university={"accreditedBy": [ACCREDITOR]}, accreditor={"accredits": [UNIVERSITY], "revokes": [UNIVERSITY]}
    )

    assert evidence.state is ListState.NOT_LISTED


async def test_without_a_relation_it_is_asked_whether_there_is_a_record() -> None:
    """An organization with a record is listed, one without is not."""
    assert (await answer({})).state is ListState.LISTED
    assert (await answer({}, change=lambda r: r.deny(UNIVERSITY))).state is ListState.NOT_LISTED


async def test_who_has_no_record_is_not_accredited() -> None:
    """The registry says that it knows no such organization."""
    assert (await answer(change=lambda r: r.deny(UNIVERSITY))).state is ListState.NOT_LISTED


async def test_T13_accreditor_without_a_record_is_unknown() -> None:
    """Who is not there asserts nothing, and denies nothing."""
    evidence = await answer(change=lambda r: r.deny(ACCREDITOR))

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "registry-defective")


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ({"en-US": "University"}, "University"),
        ({"es": "Universidad", "en": "University"}, "University"),
        ({"es": "Universidad"}, "Universidad"),
        ("University", "University"),
        ({}, None),
        ({"en": 7}, None),
        (None, None),
    ],
)
async def test_name_is_the_registrys(names: Any, expected: str | None) -> None:
    """In English where there is English."""

    def change(registry: CredentialRegistry) -> None:
        node = {"@id": registry.resource(UNIVERSITY), "ceterms:ctid": UNIVERSITY, "ceterms:name": names}
        registry.serve(UNIVERSITY, [node])

    assert (await answer({}, change=change)).entity.name == expected


async def test_relation_may_point_with_an_object() -> None:
    """JSON-LD writes a reference in either way, and a single one without an array."""
    for value in ({"@id": f"https://credentialengineregistry.org/resources/{UNIVERSITY}"},):

        def change(registry: CredentialRegistry, value: Any = value) -> None:
            node = {"@id": registry.resource(ACCREDITOR), "ceterms:ctid": ACCREDITOR, "ceterms:accredits": value}
            registry.serve(ACCREDITOR, [node])

        assert (await answer(change=change)).state is ListState.LISTED


class TestWhoIsWho:
    """Which CTID an issuer has."""

    async def test_issuer_may_be_the_record_itself(self) -> None:
        """A CTID, or the registry's own address of it."""
        for entity in (UNIVERSITY, f"https://credentialengineregistry.org/resources/{UNIVERSITY}"):
            assert (await answer({}, entity=entity, entities={})).state is ListState.LISTED

    async def test_T13_issuer_whose_ctid_nobody_says_is_unknown(self) -> None:
        """No other registry's address will do, nor what looks like a CTID."""
        for entity in ("did:web:other.example", f"https://rogue.example/resources/{UNIVERSITY}", UNIVERSITY.upper()):
            evidence = await answer(entity=entity, entities={})
            assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "question-not-supported")

    async def test_registry_that_signs_may_say_so(self) -> None:
        """The registry of DIDs is asked, under its pinned key, for the issuer's CTID."""
        lookup = lookup_at()
        registry = CredentialRegistry(lookup.internet)
        registry.publish(UNIVERSITY, "University of Example")
        registry.publish(ACCREDITOR, accredits=[UNIVERSITY])
        signing = DidRegistry(lookup.internet, listed={DID: {"credential_registry_entity": {"ctid": UNIVERSITY}}})
        signing.publish()
        config: dict[str, Any] = {"entities": {}, "anchor": signing.signer.id, "key": signing.signer.pinned}

        assert (await ask(lookup, BY, **config)).state is ListState.LISTED

        signing.deny(DID)
        evidence = await ask(lookup_of(lookup), BY, **config)
        assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "question-not-supported")

        signing.state(DID, iat=seconds(days=-2), exp=seconds(days=-1))
        evidence = await ask(lookup_of(lookup), BY, **config)
        assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "registry-defective")


def lookup_of(lookup: FakeLookup) -> FakeLookup:
    """Return a look-up over the same internet that remembers nothing."""
    fresh = lookup_at()
    fresh.internet = lookup.internet
    return fresh


@pytest.mark.parametrize("ctid", [UNIVERSITY, ACCREDITOR])
@pytest.mark.parametrize(
    "served",
    [
        b"<html>",
        b"[]",
        b"{}",
        {"@graph": {}},
        {"@graph": []},
        {"@graph": [{"@id": "https://credentialengineregistry.org/resources/other"}]},
        {
            "@graph": [
                {"@id": f"https://credentialengineregistry.org/resources/{ctid}"} for ctid in (UNIVERSITY, ACCREDITOR)
            ]
        },
    ],
)
async def test_T61_graph_that_is_not_that_record_is_unknown(ctid: str, served: Any) -> None:
    """Malformed, of another organization, or without the CTID that was asked for."""
    evidence = await answer(
        accreditor={"accredits": [UNIVERSITY]}, change=lambda r: r.internet.serve(r.graph_url(ctid), served)
    )

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "registry-defective")


async def test_T22_record_that_is_there_twice_is_unknown() -> None:
    """Which of the two counts could not be told."""
    evidence = await answer({}, change=lambda r: r.serve(UNIVERSITY, [{"@id": r.resource(UNIVERSITY)}] * 2))

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "registry-defective")


@pytest.mark.parametrize("ctid", [UNIVERSITY, ACCREDITOR])
@pytest.mark.parametrize("code", ["unreachable", "response-too-large", "egress-refused"])
async def test_T13_record_out_of_reach_is_unknown(ctid: str, code: str) -> None:
    """An outage of either record is not an absence."""
    evidence = await answer(change=lambda r: r.internet.fail(r.graph_url(ctid), code))

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, code)


@pytest.mark.parametrize("body", [b"<html>Not Found", b"{}", {"errors": []}, [1]])
async def test_T13_404_that_is_not_the_registrys_own_is_unknown(body: Any) -> None:
    """A web server's own page says nothing about anybody."""
    evidence = await answer({}, change=lambda r: r.internet.serve(r.graph_url(UNIVERSITY), body, status=404))

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "unreachable")


async def test_T13_slow_registry_is_unknown_at_the_deadline() -> None:
    """Whoever does not answer in time has not answered."""
    lookup = lookup_at()
    registry = CredentialRegistry(lookup.internet)
    registry.publish(UNIVERSITY)
    lookup.internet.hold(registry.graph_url(UNIVERSITY))
    cache = DocumentCache(lookup.internet)
    hurried = RequestLookup(cache=cache, budget=Budget(fetches=9, deadline=time.monotonic() + 0.02))
    source = TrustSourceConfig(id="ctdl", kind="ctdl", entities={DID: UNIVERSITY})

    evidence = await CredentialRegistries().ask(source, TrustQuestion(entity=DID, at=NOW), hurried)

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "deadline-exceeded")
    await cache.close()


async def test_stale_record_says_so() -> None:
    """What is served because a refresh failed is marked, be it of either."""
    lookup = lookup_at()
    registry = CredentialRegistry(lookup.internet)
    registry.publish(UNIVERSITY)
    registry.publish(ACCREDITOR, accredits=[UNIVERSITY])
    await ask(lookup, BY)
    lookup.internet.fail(registry.graph_url(UNIVERSITY))
    lookup.age, lookup.fresh_for = 4000, 3600

    evidence = await ask(lookup, BY)

    assert (evidence.state, evidence.freshness) == (ListState.LISTED, Freshness.STALE)


@pytest.mark.parametrize(
    "terms",
    [{"trust_mark": "x"}, {"accredited_by": ACCREDITOR, "approved_by": ACCREDITOR}, {"accredited_by": "not a CTID"}],
)
async def test_T13_question_that_it_has_no_answer_for_is_unknown(terms: dict[str, str]) -> None:
    """One relation to one organization is asked about."""
    evidence = await answer(terms)

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "question-not-supported")
