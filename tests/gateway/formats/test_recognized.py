"""What is not verified here is read, explained and never passed; and what an envelope holds is verified."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from gateway import messages
from gateway.demo.issuer import Issuer
from gateway.formats._recognized import belongs_elsewhere, is_velocity
from gateway.model import CheckName, Outcome, Presented
from policies.model import State, Verdict
from resolvers.problems import Invalid
from tests.gateway.proving import FORMATS, recognize
from tests.gateway.unsigned import ELMO, LER_RS, PESC, blockcerts, resume, velocity
from tests.issuer import entry, spoiled, university

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.issuer import University

BLOCKCERTS_2 = {
    "@context": ["https://w3id.org/openbadges/v2", "https://w3id.org/blockcerts/v2"],
    "type": "Assertion",
    "id": "urn:uuid:1",
    "badge": {"type": "BadgeClass", "name": "Welder"},
    "signature": {"type": ["MerkleProof2017", "Extension"], "merkleRoot": "68f3"},
}
VELOCITY_TOKEN = (
    # {"alg":"ES256K","typ":"JWT","kid":"did:velocity:0x1#key-1"} . {"iss":"did:velocity:0x1","vc":{…}}
    "eyJhbGciOiJFUzI1NksiLCJ0eXAiOiJKV1QiLCJraWQiOiJkaWQ6dmVsb2NpdHk6MHgxI2tleS0xIn0."
    "eyJpc3MiOiJkaWQ6dmVsb2NpdHk6MHgxIiwidmMiOnsiQGNvbnRleHQiOlsiaHR0cHM6Ly93d3cudzMub3JnLzIwMTgvY3JlZGVudGlhbHMv"
    "djEiXSwidHlwZSI6WyJWZXJpZmlhYmxlQ3JlZGVudGlhbCIsIkNvdXJzZUNvbXBsZXRpb25WMS4xIl0sImlzc3VlciI6ImRpZDp2ZWxvY2l0"
    "eToweDEiLCJpc3N1YW5jZURhdGUiOiIyMDI0LTAxLTAxVDAwOjAwOjAwWiIsImNyZWRlbnRpYWxTdWJqZWN0Ijp7InRpdGxlIjoiV2VsZGlu"
    "ZyJ9fX0.AAAA"
)

ION = velocity(issuer="did:ion:1", credentialStatus=None, **{"@context": ["https://velocitynetwork.foundation/c"]})
"""Of a member of the network whose DID is of another method."""

RECORDS = [
    (blockcerts(), "blockcerts", "blockchain-not-consulted"),
    (BLOCKCERTS_2, "blockcerts", "blockchain-not-consulted"),
    (velocity(), "velocity", "velocity-not-consulted"),
    (ION, "velocity", "velocity-not-consulted"),
    (VELOCITY_TOKEN, "velocity", "velocity-not-consulted"),
    (PESC, "pesc", "transcript-unsigned"),
    (PESC.encode(), "pesc", "transcript-unsigned"),
    (ELMO, "elmo", "xml-signature-not-verified"),
    (resume(), "ler-rs", "envelope-unsigned"),
]


POLICY = """
policy: test/degree
version: 1.0.0
title: Wants a degree
description: It must be a degree.
jurisdiction: US
owner: {name: Test}
effective: {from: 2026-01-01}
rules:
  - id: degree
    say: It must be a degree.
    require: {achievement_type_in: [Degree]}
    fix: Send a degree.
"""


@pytest_asyncio.fixture
async def place(tmp_path: Path) -> AsyncIterator[University]:
    """A university over the fake internet."""
    async with university(tmp_path, POLICY) as made:
        yield made


@pytest.mark.parametrize(("content", "name", "code"), RECORDS)
async def test_it_is_explained_and_never_passes(place: University, content: Any, name: str, code: str) -> None:
    """The result says what it is, that it could not be checked and what to do; nobody is asked over the network."""
    before = len(place.internet.requests)
    result = await place.verify(content)
    assert result.format.name == name
    assert (result.outcome, result.authentic, result.verified) == (Outcome.INDETERMINATE, False, False)
    assert [problem.code for problem in result.check(CheckName.PROOF).problems] == [code]
    assert [problem.code for problem in result.check(CheckName.ISSUER).problems] == [code]
    assert result.check(CheckName.STRUCTURE).outcome is Outcome.PASS
    assert result.claims_unverified
    assert result.record is not None
    assert len(result.record.achievements) > 0 or content is BLOCKCERTS_2
    assert {one["verification"] for one in result.record.achievements} <= {"none"}
    assert place.internet.requests[before:] == []
    assert str(messages.catalogue().problems[code].because) in messages.summary(result)


@pytest.mark.parametrize(("content", "name", "code"), RECORDS)
def test_one_format_has_it(content: Any, name: str, code: str) -> None:
    """No other format takes it for a credential of its own."""
    del code
    presented = Presented(content=content)
    assert [format_.name for format_ in FORMATS.values() if format_.recognize(presented)] == [name]
    assert FORMATS[name].verdict == ("verified" if name == "ler-rs" else "recognized")


@pytest.mark.parametrize("name", ["blockcerts", "velocity", "ler-rs", "pesc", "elmo"])
@pytest.mark.parametrize("content", ["a.b.c", "<x/", b"\x00", {}, {"proof": 3, "type": 3, "issuer": 3, "@context": {}}])
def test_what_it_does_not_have_it_refuses(name: str, content: Any) -> None:
    """Asked about anything else, a format says no, and refuses to parse it."""
    assert not FORMATS[name].recognize(Presented(content=content))
    with pytest.raises(Invalid):
        FORMATS[name].parse(Presented(content=content))


def test_a_merkle_proof_beside_another_belongs_to_the_set() -> None:
    """Only where all proofs are anchored in a chain is there nothing to verify."""
    merkle = blockcerts()["proof"]
    both = blockcerts(proof=[merkle, {"type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022"}])
    secured = recognize(both)
    assert secured is not None
    assert secured.format.name == "data-integrity"
    assert belongs_elsewhere(blockcerts(proof=[merkle, merkle]))


@pytest.mark.parametrize("member", [blockcerts(), velocity(), {"@context": [LER_RS]}])
def test_a_presentation_is_the_holders_whatever_it_looks_like(member: dict[str, Any]) -> None:
    """What is around records is read by whoever reads presentations."""
    presentation = {**member, "type": ["VerifiablePresentation"]}
    found = [format_.name for format_ in FORMATS.values() if format_.recognize(Presented(content=presentation))]
    assert found == ["data-integrity-presentation"]


def test_a_token_of_somebody_else_is_not_velocitys() -> None:
    """A DID method that is named in passing makes nothing the network's."""
    assert not is_velocity("a.b.c")
    assert not is_velocity({"issuer": "did:web:velocity.example", "credentialStatus": {"type": 3}})


class TestAnEnvelope:
    """An LER-RS that nobody has signed, with signed records in it."""

    async def test_each_record_inside_is_verified(self, place: University) -> None:
        """The record inside passes by itself; the rows around it stay the applicant's word, and the whole unknown."""
        badge = await place.badge()
        row = {"institution": {"name": "State University"}, "verifications": [badge]}
        result = await place.verify(resume(educationAndLearnings=[row], certifications=[{"verifications": [badge]}]))
        assert [(child.pointer, child.outcome) for child in result.children] == [
            ("/educationAndLearnings/0/verifications/0", Outcome.PASS),
            ("/certifications/0/verifications/0", Outcome.PASS),
        ]
        assert (result.outcome, result.verified) == (Outcome.INDETERMINATE, False)
        assert result.record is not None
        assert {one["claimsUnverified"] for one in result.record.achievements} == {True}

    async def test_a_forged_record_inside_fails_the_whole(self, place: University) -> None:
        """What is wrong inside is wrong with the whole (T37)."""
        forged = spoiled(await place.badge(), lambda badge: badge["credentialSubject"].update(id="did:example:thief"))
        result = await place.verify(resume(skills=[{"name": "Welding", "verifications": [forged]}]))
        assert result.outcome is Outcome.FAIL
        assert "child-not-authentic" in [problem.code for problem in result.check(CheckName.PROOF).problems]

    async def test_a_revoked_record_inside_is_its_own_matter(self, place: University) -> None:
        """A record that is no longer current says so itself, and the whole warns."""
        await place.publish_list(revoked=(7,))
        badge = await place.badge(status=entry(7))
        result = await place.verify(resume(skills=[{"name": "Welding", "verifications": [badge]}]))
        assert [child.outcome for child in result.children] == [Outcome.FAIL]
        assert [warning.code for warning in result.warnings] == ["child-not-current"]
        assert result.outcome is Outcome.INDETERMINATE

    async def test_a_record_inside_that_is_none(self, place: University) -> None:
        """What stands among the verifications and is no credential is never silently left out."""
        result = await place.verify(resume(skills=[{"name": "Welding", "verifications": [{"type": "Note"}, 3]}]))
        assert [child.outcome for child in result.children] == [Outcome.FAIL]
        assert result.outcome is Outcome.FAIL
        assert result.record is not None
        assert "/skills/0/verifications/1" in result.record.unmapped

    async def test_more_records_than_the_limit(self, place: University) -> None:
        """Too many are not verified, and that is said."""
        badge = await place.badge()
        result = await place.verify(resume(skills=[{"name": "Welding", "verifications": [badge] * 101}]))
        assert result.children == ()
        assert "too-many-children" in [problem.code for problem in result.check(CheckName.STRUCTURE).problems]
        assert result.outcome is Outcome.INDETERMINATE

    async def test_a_policy_sees_none_of_its_rows(self, place: University) -> None:
        """A policy that wants a degree is not content with a row that says so."""
        result = await place.verify(resume(), "test/degree")
        assert result.decision is not None
        assert result.decision.verdict is Verdict.REVIEW
        assert [rule.state for rule in result.decision.rules if rule.id == "degree"] == [State.UNKNOWN]

    async def test_signed_by_the_applicant(self, place: University) -> None:
        """As a credential it is verified like any other, and its rows are self-asserted where the applicant signed."""
        applicant = Issuer.did_key()
        badge = await place.badge()
        subject = {**resume(), "id": applicant.did, "skills": [{"name": "Welding", "verifications": [badge]}]}
        credential = {
            "@context": [
                "https://www.w3.org/ns/credentials/v2",
                "http://schema.hropenstandards.org/4.5/recruiting/json/VerifiableCredentialLER-RSType.json",
            ],
            "type": ["VerifiableCredential", LER_RS],
            "issuer": applicant.did,
            "credentialSubject": subject,
        }
        signed = await applicant.secure(credential, place.verifier.canonicalizer, suite="eddsa-jcs-2022")
        result = await place.verify(signed)
        assert (result.outcome, result.format.name) == (Outcome.PASS, "data-integrity")
        assert result.check(CheckName.STRUCTURE).facts["readByName"]
        assert [child.outcome for child in result.children] == [Outcome.PASS]
        assert result.record is not None
        assert {one["verification"] for one in result.record.achievements} == {"self_asserted"}
