"""Records that nothing here verifies, in the one vocabulary: read as far as they go, and marked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.formats import _xml
from gateway.normalizers import blockcerts as of_blockcerts
from gateway.normalizers import elmo, ler_rs, pesc
from gateway.normalizers import velocity as of_velocity
from tests.gateway.normalizers.badge import unverified, verified
from tests.gateway.unsigned import ELMO, LER_RS, PESC, blockcerts, resume, velocity

if TYPE_CHECKING:
    from gateway.model import Record
    from gateway.plugins import Normalizer


def of_xml(plugin: Normalizer, text: str) -> Record:
    """Return the record of an XML transcript."""
    name, tree = _xml.parse(text)
    return plugin.normalize(unverified({"type": [plugin.types[0]], name: tree}))


def test_pesc() -> None:
    """Degrees and courses are achievements; what joins them, and what has no place, is named."""
    record = of_xml(pesc.PLUGIN, PESC)
    degree, metals, plans = record.achievements
    assert (record.id, record.dates["issued"]) == ("D-1", "2024-05-02T10:00:00Z")
    assert record.issuer["name"] == "State University"
    assert record.subject["name"] == "Alex Learner"
    assert [(one["type"], one["value"]) for one in record.subject["identifiers"]] == [("sisSourcedId", "S-1")]
    assert (degree["name"], degree["achievementType"], degree["fieldOfStudy"]) == (
        *("Bachelor of Science", "Degree", "Welding"),
    )
    assert (metals["id"], metals["name"], metals["achievementType"]) == ("ME101", "Metals", "Course")
    assert metals["credits"] == {"earned": 3.0, "available": 3.0, "unit": "Semester"}
    assert [one["value"] for one in metals["results"]] == ["A"]
    assert plans["id"] is None
    assert {one["claimsUnverified"] for one in record.achievements} == {True}
    student = "/CollegeTranscript/Student"
    assert set(record.unmapped) == {
        f"{student}/Person/Birth",
        f"{student}/AcademicRecord/AcademicAward/AcademicAwardDate",
        f"{student}/AcademicRecord/AcademicSession/Course/1/OriginalCourseID",
    }


def test_elmo() -> None:
    """A programme and the course in it hang together, in the languages that they are told in."""
    record = of_xml(elmo.PLUGIN, ELMO)
    programme, course = record.achievements
    assert record.dates["issued"] == "2024-01-01T00:00:00+01:00"
    assert record.issuer == {
        "id": None,
        "name": {"en": "University"},
        "url": "https://uni.example/",
        "identifiers": [{"type": "ext:schac", "value": "uni.example"}],
    }
    assert record.subject["name"] == "Ana Andromeda"
    assert (programme["name"], programme["achievementType"]) == ({"en": "Bachelor", "no": "Grad"}, "Degree")
    assert (course["name"], course["credits"]["earned"], course["credits"]["unit"]) == ("Metals", 7.5, "ects")
    assert [(one["value"], one["status"]) for one in course["results"]] == [("B", "Completed")]
    assert record.associations == ({"type": "isPartOf", "sourceId": "C1", "targetId": "P1"},)
    assert record.unmapped == ("/elmo/learner/bday",)


def test_elmo_within_elmo_ends_somewhere() -> None:
    """Opportunities within opportunities are read to a depth."""
    inner = "<learningOpportunitySpecification><title>deep</title></learningOpportunitySpecification>"
    for _ in range(20):
        inner = (
            f"<learningOpportunitySpecification><title>x</title><hasPart>{inner}</hasPart>"
            "</learningOpportunitySpecification>"
        )
    record = of_xml(elmo.PLUGIN, f"<elmo><report>{inner}</report></elmo>")
    assert len(record.achievements) == elmo.MAX_PARTS
    assert len(record.unmapped) == 1


def test_blockcerts_3() -> None:
    """What the subject claims is an achievement."""
    record = of_blockcerts.PLUGIN.normalize(unverified(blockcerts()))
    assert [(one["name"], one["description"]) for one in record.achievements] == [("Welder", "Welds")]
    assert record.issuer["id"] == "https://blockcerts.example/issuer.json"
    assert record.unmapped == ("/credentialSubject/claim/type",)


def test_velocity() -> None:
    """The subject is person and degree in one."""
    record = of_velocity.PLUGIN.normalize(unverified(velocity()))
    (degree,) = record.achievements
    assert (degree["name"], degree["achievementType"]) == ("Bachelor of Science", "Degree")
    assert degree["creator"] == {"id": "did:ion:1", "name": "State University", "url": None, "identifiers": []}
    assert degree["fieldOfStudy"] == "Welding, Metals"
    assert [one["value"] for one in degree["results"]] == ["3.9"]
    assert (record.dates["awarded"], record.dates["activityStart"], record.dates["activityEnd"]) == (
        *("2024-05-01T00:00:00Z", "2020-09-01T00:00:00Z", "2024-04-30T00:00:00Z"),
    )
    assert record.unmapped == ("/credentialSubject/alignment",)


def test_velocity_says_a_thing_once() -> None:
    """A second name of the same is unmapped, and text in several languages stays so."""
    subject = {
        "title": {"localized": {"en": "Course", "es": "Curso"}},
        "degreeName": "Other",
        "grade": [4, {"value": "A"}],
    }
    record = of_velocity.PLUGIN.normalize(
        unverified(velocity(credentialSubject=subject, type=["VerifiableCredential", "CourseCompletionV1.1"]))
    )
    (course,) = record.achievements
    assert (course["name"], course["achievementType"]) == ({"en": "Course", "es": "Curso"}, "Course")
    assert [one["value"] for one in course["results"]] == ["4", "A"]
    assert record.unmapped == ("/credentialSubject/degreeName",)


class TestLerRs:
    """A résumé: each row an achievement that nobody but the applicant states."""

    def test_by_itself(self) -> None:
        """Skills, education, certifications, licences and employments each have their place."""
        record = ler_rs.PLUGIN.normalize(unverified(resume()))
        skill, degree, certification, license_, job = record.achievements
        assert record.id == "71202e91-a760-4173-a595-97bdfb514a63"
        assert record.subject["name"] == "Lia Andrews"
        assert [(one["type"], one["value"]) for one in record.subject["identifiers"]] == [
            ("emailAddress", "lia@mail.example")
        ]
        assert skill["skills"] == [
            {
                "name": "Welding",
                "code": None,
                "framework": "ESCO",
                "url": "https://skills.example/1",
                "source": "explicit",
            }
        ]
        assert (degree["name"], degree["achievementType"], degree["fieldOfStudy"]) == (
            *("Bachelor of Science", "Degree", "Welding, Metals"),
        )
        assert degree["creator"]["name"] == "State University"
        assert [one["value"] for one in degree["results"]] == ["3.5"]
        assert degree["educationalLevel"] == [{"framework": "ISCED", "code": "6", "url": None}]
        assert (certification["name"], certification["creator"]["name"]) == ("Welder", "Guild")
        assert (license_["achievementType"], license_["licenseNumber"]) == ("License", "L-1")
        assert (job["achievementType"], job["role"], job["creator"]["name"]) == ("ext:Employment", "Welder", "Yard")
        assert {(one["verification"], one["claimsUnverified"]) for one in record.achievements} == {("none", True)}
        assert record.unmapped == ("/communication/phone", "/certifications/0/status")
        assert record.dates["awarded"] is None

    def test_around_a_subject(self) -> None:
        """As a credential it is read from its subject; rows of the applicant's own are self-asserted."""
        document = {
            "@context": ["https://www.w3.org/2018/credentials/v1", next(iter(sorted(ler_rs.CONTEXTS)))],
            "id": "urn:uuid:1",
            "type": ["VerifiableCredential", LER_RS],
            "issuer": {"id": "did:example:lia", "name": "Lia"},
            "issuanceDate": "2026-01-01T00:00:00Z",
            "credentialSubject": {**resume(), "id": "did:example:lia"},
        }
        record = ler_rs.PLUGIN.normalize(verified(document, "did:example:lia"))
        assert (record.id, record.subject["id"], record.dates["validFrom"]) == (
            *("urn:uuid:1", "did:example:lia", "2026-01-01T00:00:00Z"),
        )
        assert {one["verification"] for one in record.achievements} == {"self_asserted"}
        assert "/credentialSubject/certifications/0/status" in record.unmapped
        another = ler_rs.PLUGIN.normalize(verified(document, "did:web:wallet.example"))
        assert {one["verification"] for one in another.achievements} == {"none"}

    def test_as_its_first_issuers_wrote_it(self) -> None:
        """A subject with the résumé in `lerrsType` is read like any other."""
        document = {"type": "LER-RS VC", "credentialSubject": {"id": "did:example:lia", "lerrsType": resume()}}
        record = ler_rs.PLUGIN.normalize(unverified(document))
        assert (record.subject["id"], len(record.achievements)) == ("did:example:lia", 5)

    def test_records_inside_are_found_wherever_they_stand(self) -> None:
        """Objects, tokens and wrappers, of each row and beside the rows; the row names the first."""
        inside = {"id": "urn:uuid:2", "type": ["VerifiableCredential"]}
        rows = [{"name": "Welding", "verifications": [{"verifiableCredential": inside}, "a.b.c"]}, {"name": "Plans"}]
        record = ler_rs.PLUGIN.normalize(
            unverified({"type": LER_RS, "skills": rows, "verifications": [inside, 3], "licenses": 7})
        )
        assert record.children == (
            ("/skills/0/verifications/0/verifiableCredential", inside),
            ("/skills/0/verifications/1", "a.b.c"),
            ("/verifications/0", inside),
        )
        assert [one["sourceCredentialId"] for one in record.achievements] == ["urn:uuid:2", None]
        assert record.unmapped == ("/verifications/1", "/licenses")


MEMBERS = [
    *("type", "person", "name", "skills", "educationAndLearnings", "educationDegrees", "verifications", "score"),
    *("institution", "certifications", "licenses", "employmentHistories", "positionHistories", "communication"),
    *("email", "documentId", "value", "credentialSubject", "lerrsType", "degreeName", "claim", "elmo", "report"),
    *("learningOpportunitySpecification", "hasPart", "issuer", "#text", "@lang", "Student", "AcademicRecord"),
    *("Course", "localized", "title", "grade", "identifiers", "scoresText", "specializations", "programs"),
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(MEMBERS), inner, max_size=4),
    max_leaves=25,
)


@pytest.mark.parametrize(
    "plugin",
    [ler_rs.PLUGIN, pesc.PLUGIN, elmo.PLUGIN, of_blockcerts.PLUGIN, of_velocity.PLUGIN],
    ids=lambda plugin: plugin.name,
)
@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from(MEMBERS), JSON, max_size=5))
def test_any_shape_is_read(plugin: Normalizer, document: dict[str, Any]) -> None:
    """Whatever stands in a record, reading it raises nothing, and what comes of it is plain JSON."""
    for given_type in ({}, {"type": [plugin.types[0]]}):
        record = plugin.normalize(unverified({**document, **given_type}))
        json.dumps([record.achievements, record.subject, record.issuer, record.dates, record.unmapped])
