"""CLR 1.0: what stands in it stands under its own proof, and what is signed in it is verified by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from gateway.model import CheckName, Outcome
from resolvers.model import StatusState
from tests.gateway.formats.open_badges import (
    CLR,
    ISSUER,
    KEY,
    LIST,
    OTHER,
    assertion,
    clr,
    clr_assertion,
    profile,
    publish,
    sign,
)
from tests.issuer import university

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.issuer import University

PASS, FAIL, INDETERMINATE = Outcome.PASS, Outcome.FAIL, Outcome.INDETERMINATE


@pytest_asyncio.fixture
async def place(tmp_path: Path) -> AsyncIterator[University]:
    """A verifier over the fake internet, on which a school hosts its records."""
    async with university(tmp_path) as made:
        publish(made.internet)
        yield made


async def test_hosted(place: University) -> None:
    """It is looked up at its id; its publisher is who its own profile says, and not who the record says."""
    result = await place.verify(clr(name="Forged"))
    assert (result.outcome, result.format.name, result.issuer) == (PASS, "clr-1-hosted", ISSUER)
    record = result.record
    assert record is not None
    assert (record.name, record.issuer["name"], record.partial) == ("Transcript", "Guild of Welders", True)
    assert (record.subject["id"], record.subject["name"]) == ("urn:uuid:ana", "Ana")
    assert [(one["type"], one["value"]) for one in record.subject["identifiers"]] == [
        ("emailAddress", "ana@mail.example"),
        ("studentId", "7"),
    ]
    achievement = record.achievements[0]
    assert (achievement["name"], achievement["achievementType"], achievement["verification"]) == (
        *("Welding", "Course", "verified"),
    )
    assert achievement["credits"] == {"earned": 3.0, "available": 3.0, "unit": None}
    assert achievement["results"][0]["value"] == "A"
    assert achievement["results"][0]["name"] == "Grade"
    assert achievement["criteria"]["narrative"] == "Weld."
    assert [one["targetId"] for one in record.associations] == ["urn:uuid:degree"]


async def test_signed(place: University) -> None:
    """A token by a key of its publisher needs no host."""
    result = await place.verify(sign(clr(signed=True)))
    assert (result.outcome, result.format.name, result.issuer) == (PASS, "clr-1", ISSUER)
    assert place.internet.requests == [ISSUER, KEY]


async def test_signed_by_another(place: University) -> None:
    """A key that the publisher does not list signs nothing for it."""
    result = await place.verify(sign(clr(signed=True), OTHER))
    assert (result.outcome, result.record) == (FAIL, None)


async def test_T33_of_two_issuers_none_is_shown_for_the_other(place: University) -> None:
    """The issuer of an achievement beside the publisher's place would sign, and the publisher would be shown."""
    forged = clr(signed=True, publisher={"id": "https://famous.example/profile", "type": "Profile", "name": "Famous"})
    forged["achievement"] = clr_assertion()["achievement"]
    result = await place.verify(sign(forged))
    assert (result.outcome, result.record) == (FAIL, None)
    assert [(problem.code, problem.pointer) for problem in result.check(CheckName.STRUCTURE).problems] == [
        ("MALFORMED_VALUE_ERROR", "/publisher")
    ]
    assert place.internet.requests == []


@pytest.mark.parametrize(
    ("claims", "code"),
    [({"exp": 1}, "proof-expired"), ({"nbf": 4_000_000_000}, "not-yet-valid"), ({"exp": "x"}, "token-malformed")],
    ids=str,
)
async def test_token_that_is_over_is_refused(place: University, claims: dict[str, Any], code: str) -> None:
    """Beside the dates of its record a token may have its own; for one that is over nothing is looked up."""
    result = await place.verify(sign({**clr(signed=True), **claims}))
    assert result.outcome is FAIL
    assert [problem.code for problem in result.check(CheckName.PROOF).problems] == [code]
    assert place.internet.requests == []


async def test_signed_assertions_are_children(place: University) -> None:
    """Each signed assertion is verified by itself: of this standard, and a badge."""
    inside = [sign(clr_assertion("Cutting", signed=True)), sign(assertion(signed=True))]
    place.internet.serve(CLR, clr(signedAssertions=inside))
    result = await place.verify(clr())
    assert result.outcome is PASS
    assert [(child.format.name, child.outcome, child.pointer) for child in result.children] == [
        ("clr-1", PASS, "/signedAssertions/0"),
        ("open-badges-2", PASS, "/signedAssertions/1"),
    ]
    record = result.children[0].record
    assert record is not None
    assert (record.name, record.subject["id"], record.issuer["name"]) == ("Cutting", "urn:uuid:ana", "Guild of Welders")


async def test_T37_a_forged_child_fails_the_whole(place: University) -> None:
    """One assertion that its issuer did not sign makes the whole not authentic."""
    place.internet.serve(CLR, clr(signedAssertions=[sign(clr_assertion(signed=True), OTHER)]))
    result = await place.verify(clr())
    assert (result.outcome, result.authentic) == (FAIL, False)


async def test_child_revoked_in_its_issuers_list(place: University) -> None:
    """A revoked child is authentic and revoked, and the whole says so."""
    child = clr_assertion(signed=True)
    publish(
        place.internet,
        profile=profile(revocationList=LIST),
        clr=clr(signedAssertions=[sign(child)]),
        revoked={"type": "RevocationList", "id": LIST, "revokedAssertions": [{"id": child["id"]}]},
    )
    result = await place.verify(clr())
    assert [one.state for one in result.children[0].statuses] == [StatusState.REVOKED]
    assert [problem.code for problem in result.warnings] == ["child-not-current"]


@pytest.mark.parametrize(("status", "revoked"), [(410, None), (200, True)])
async def test_revoked_where_it_is_hosted(place: University, status: int, revoked: object) -> None:
    """Its host has withdrawn it."""
    place.internet.serve(CLR, clr(revoked=revoked), status=status)
    result = await place.verify(clr())
    assert (result.outcome, [one.state for one in result.statuses]) == (FAIL, [StatusState.REVOKED])


async def test_revoked_assertion_inside_is_no_achievement(place: University) -> None:
    """What its publisher has withdrawn in a record that stands is not shown as achieved."""
    place.internet.serve(CLR, clr(assertions=[clr_assertion(revoked=True), clr_assertion("Cutting")]))
    result = await place.verify(clr())
    assert result.record is not None
    assert [one["name"] for one in result.record.achievements] == ["Cutting"]
    assert "/assertions/0" in result.record.unmapped


async def test_without_a_publisher_that_can_be_looked_up(place: University) -> None:
    """Whoever names himself by nothing that can be looked up is not known."""
    place.internet.serve(CLR, clr(publisher={"id": "urn:uuid:school", "name": "School"}))
    result = await place.verify(clr())
    assert (result.check(CheckName.PROOF).outcome, result.outcome) == (PASS, INDETERMINATE)
    assert [problem.code for problem in result.check(CheckName.ISSUER).problems] == ["issuer-not-named"]


async def test_an_assertion_whose_achievement_names_no_issuer(place: University) -> None:
    """By itself nothing says who could have signed it."""
    alone = clr_assertion(signed=True)
    del alone["achievement"]["issuer"]
    result = await place.verify(sign(alone))
    assert (result.outcome, place.internet.requests) == (INDETERMINATE, [])
