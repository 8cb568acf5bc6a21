"""Step 8: each question goes to the source that the policy names, and each answer back to its question."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from gateway.trust import MAX_ATTESTERS, Parties, ask
from policies.model import DOMAIN_LINKAGE, TrustQuestion
from resolvers.problems import Unavailable
from resolvers.trust import ctdl, did_configuration, signed_list, trqp, x509_anchors
from resolvers.trust_model import ListState, TrustEvidence, TrustSource, TrustSourceConfig
from resolvers.trust_model import TrustQuestion as Asked
from tests.resolvers.lookup import FakeLookup

if TYPE_CHECKING:
    from resolvers.model import Lookup

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
ISSUER, SCHOOL, COLLEGE = "did:web:platform.example", "did:web:school.example", "did:web:college.example"
LISTED, NOT_LISTED, UNKNOWN = ListState.LISTED, ListState.NOT_LISTED, ListState.UNKNOWN


@dataclass(slots=True)
class Source:
    """A source that lists some, does not know some, and remembers what it was asked."""

    listed: frozenset[str] = frozenset()
    down: frozenset[str] = frozenset()
    asked: list[tuple[str, Asked]] = field(default_factory=list)
    together: asyncio.Barrier | None = None

    async def ask(self, config: TrustSourceConfig, question: Asked, lookup: Lookup) -> TrustEvidence:
        """Answer at once, or when as many are asked as have to be."""
        del lookup
        self.asked.append((config.id, question))
        if self.together is not None:
            await self.together.wait()
        if question.entity in self.down:
            raise Unavailable("unreachable", "down")
        state = LISTED if question.entity in self.listed else NOT_LISTED
        return TrustEvidence(source=config.id, kind=config.kind, state=state)


def configured(*names: str, kind: str = "list") -> dict[str, TrustSourceConfig]:
    """Return sources of these ids."""
    return {name: TrustSourceConfig(id=name, kind=kind, url=f"https://{name}.example") for name in names}


async def put(
    source: Source, *questions: TrustQuestion, parties: Parties | None = None, names: tuple[str, ...] = ("a", "b")
) -> dict[str, ListState]:
    """Put questions to sources of one kind; return the states by question."""
    plugins = {"list": TrustSource(kind="list", ask=source.ask)}
    asked = parties or Parties(issuer=ISSUER)
    found = await ask(questions, asked, NOW, FakeLookup(), configured(*names), plugins)
    return {evidence.question: evidence.state for evidence in found}


async def test_only_the_sources_that_are_named_and_configured_are_asked() -> None:
    """Of two configured sources the one that is named is asked; one that is not configured stays without answer."""
    source = Source(listed=frozenset({ISSUER}))
    found = await put(source, TrustQuestion(source="a"), TrustQuestion(source="other"))
    assert found == {"a": LISTED}
    assert [(name, asked.entity, asked.at, dict(asked.terms)) for name, asked in source.asked] == [
        ("a", ISSUER, NOW, {})
    ]


async def test_each_question_has_its_own_answer() -> None:
    """The terms are put to the source, and the answer carries the policy's key for the question."""
    source = Source(listed=frozenset({ISSUER}))
    mark = TrustQuestion(source="a", terms=(("trust_mark", "https://m.example"),))
    found = await put(source, mark, TrustQuestion(source="a"))
    assert found == {"a": LISTED, "a?trust_mark=https%3A%2F%2Fm.example": LISTED}
    assert [dict(asked.terms) for _, asked in source.asked] == [{}, {"trust_mark": "https://m.example"}]


async def test_sources_are_asked_at_the_same_time() -> None:
    """Three answers that each wait for the others come."""
    source = Source(together=asyncio.Barrier(3))
    async with asyncio.timeout(5):
        found = await put(source, *(TrustQuestion(source=name) for name in "abc"), names=("a", "b", "c"))
    assert set(found.values()) == {NOT_LISTED}


@pytest.mark.parametrize(
    ("attesters", "listed", "down", "expected"),
    [
        ((SCHOOL,), {SCHOOL}, (), LISTED),
        ((SCHOOL,), {ISSUER}, (), NOT_LISTED),
        ((SCHOOL, COLLEGE), {COLLEGE}, (), LISTED),
        ((SCHOOL, COLLEGE), {COLLEGE}, (SCHOOL,), LISTED),
        ((SCHOOL, COLLEGE), (), (SCHOOL,), UNKNOWN),
        ((SCHOOL, COLLEGE), (), (), NOT_LISTED),
        ((SCHOOL, None), {SCHOOL}, (), LISTED),
        ((SCHOOL, None), (), (), UNKNOWN),
        ((SCHOOL, SCHOOL), (), (), NOT_LISTED),
    ],
)
async def test_one_listed_attester_is_enough(
    attesters: tuple[str | None, ...], listed: set[str], down: tuple[str, ...], expected: ListState
) -> None:
    """It is the attesters who are asked about: one listed will do, and one in doubt leaves it unknown."""
    source = Source(listed=frozenset(listed), down=frozenset(down))
    question = TrustQuestion(source="a", about="attester")
    found = await put(source, question, parties=Parties(issuer=ISSUER, certificates=(b"x",), attesters=attesters))
    assert found == {"a?about=attester": expected}
    assert [asked.entity for _, asked in source.asked] == list(dict.fromkeys(each for each in attesters if each))
    assert {asked.certificates for _, asked in source.asked} == {()}


@pytest.mark.parametrize("attesters", [None, (), (None,)])
async def test_nobody_to_ask_about_is_no_answer(attesters: tuple[None, ...] | None) -> None:
    """Without a known attester no source is asked; the policy goes by the attesters themselves."""
    source = Source()
    question = TrustQuestion(source="a", about="attester")
    assert await put(source, question, parties=Parties(issuer=ISSUER, attesters=attesters)) == {}
    assert source.asked == []


async def test_T25_an_issuer_cannot_have_any_number_of_parties_asked_about() -> None:
    """Beyond a few they are not asked about, and so may be listed or not."""
    many = tuple(f"did:web:{number}.example" for number in range(MAX_ATTESTERS + 1))
    source = Source()
    question = TrustQuestion(source="a", about="attester")
    assert await put(source, question, parties=Parties(issuer=ISSUER, attesters=many)) == {"a?about=attester": UNKNOWN}
    assert len(source.asked) == MAX_ATTESTERS


async def test_T13_an_unreachable_source_is_unknown() -> None:
    """What a source raises becomes the problem that makes its answer unknown."""
    plugins = {"list": TrustSource(kind="list", ask=Source(down=frozenset({ISSUER})).ask)}
    parties = Parties(issuer=ISSUER)
    (found,) = await ask([TrustQuestion(source="a")], parties, NOW, FakeLookup(), configured("a"), plugins)
    assert (found.state, found.problem.code, found.source, found.question) == (UNKNOWN, "unreachable", "a", "a")


LINKED = TrustQuestion(source=DOMAIN_LINKAGE, terms=(("domain_linked", "true"),))
CHAIN = TrustQuestion(source="a", terms=(("x5c_chain", "true"),))


@pytest.mark.parametrize(("question", "kind"), [(LINKED, "did_configuration"), (CHAIN, "x509_anchors")])
async def test_what_a_kind_answers_anyhow_is_not_a_term_to_it(question: TrustQuestion, kind: str) -> None:
    """Domain linkage needs no configuration; the issuer's certificates reach the anchors."""
    source = Source(listed=frozenset({ISSUER}))
    plugins = {kind: TrustSource(kind=kind, ask=source.ask)}
    parties = Parties(issuer=ISSUER, certificates=(b"leaf", b"root"))
    (found,) = await ask([question], parties, NOW, FakeLookup(), configured("a", kind=kind), plugins)
    assert (found.state, found.question) == (LISTED, question.key)
    ((_, asked),) = source.asked
    assert (dict(asked.terms), asked.certificates) == ({}, (b"leaf", b"root"))


async def test_a_configured_source_cannot_take_the_place_of_the_issuers_domain() -> None:
    """The id is reserved: whatever an operator configures under it, the issuer's own domain is asked."""
    source, own = Source(listed=frozenset({ISSUER})), Source()
    plugins = {
        "list": TrustSource(kind="list", ask=source.ask),
        "did_configuration": TrustSource(kind="did_configuration", ask=own.ask),
    }
    parties = Parties(issuer=ISSUER)
    (found,) = await ask([LINKED], parties, NOW, FakeLookup(), configured(DOMAIN_LINKAGE), plugins)
    assert (found.state, found.kind, source.asked) == (NOT_LISTED, "did_configuration", [])


REAL = {each.PLUGIN.kind: each.PLUGIN for each in (signed_list, trqp, ctdl, did_configuration, x509_anchors)}


@pytest.mark.parametrize("kind", ["signed_list", "trqp", "ctdl", "x509_anchors"])
@pytest.mark.parametrize(
    "terms", [("trust_mark", "M"), ("x5c_chain", "true"), ("domain_linked", "true"), ("accredited_by", "ce-1")]
)
async def test_T13_a_source_that_cannot_tell_never_says_yes(kind: str, terms: tuple[str, str]) -> None:
    """A question that a kind has no answer for is unknown, although the source may well list the issuer."""
    if (kind, terms[0]) in {("ctdl", "accredited_by"), ("x509_anchors", "x5c_chain")}:
        return
    parties = Parties(issuer=ISSUER)
    question = TrustQuestion(source="a", terms=(terms,))
    lookup = FakeLookup()
    (found,) = await ask([question], parties, NOW, lookup, configured("a", kind=kind), REAL)
    assert (found.state, found.problem.code) == (UNKNOWN, "question-not-supported")
    assert lookup.internet.requests == []
