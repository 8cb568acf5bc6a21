"""European Digital Credentials in the one vocabulary."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.normalizers.elm_3 import PLUGIN
from tests.gateway.normalizers.badge import unverified, verified
from tests.sealed import diploma
from tests.shared import vector

EQF6 = {
    "id": "http://data.europa.eu/snb/eqf/6",
    "type": "Concept",
    "inScheme": {"id": "http://data.europa.eu/snb/eqf/25831c2", "type": "ConceptScheme"},
    "prefLabel": {"en": "Level 6"},
}
ECTS = {"id": "http://data.europa.eu/snb/education-credit/6fcec5c5af", "type": "Concept", "prefLabel": {"en": "ECTS"}}
SKILL = {
    "id": "http://data.europa.eu/esco/skill/abc",
    "type": "Concept",
    "prefLabel": {"en": "weld metal", "de": "Metall schweißen"},
}


def note(text: Any) -> dict[str, Any]:
    """Return a Note."""
    return {"id": "urn:epass:note:1", "type": "Note", "noteLiteral": text}


def claim(**members: Any) -> dict[str, Any]:
    """Return an achievement with everything that the record has a place for."""
    return {
        "id": "urn:epass:learningAchievement:1",
        "type": "LearningAchievement",
        "title": {"en": "Bachelor of Engineering", "es": "Grado en Ingeniería"},
        "description": note({"en": "Three years"}),
        "awardedBy": {
            "id": "urn:epass:awardingProcess:1",
            "type": "AwardingProcess",
            "awardingBody": {"id": "urn:epass:org:1", "type": "Organisation", "legalName": {"en": "University"}},
            "awardingDate": "2025-06-30T00:00:00+02:00",
        },
        "creditReceived": {"type": "CreditPoint", "framework": ECTS, "point": "180"},
        "provenBy": {
            "id": "urn:epass:learningAssessment:1",
            "type": "LearningAssessment",
            "title": {"en": "Final grade"},
            "grade": note({"en": "1.3"}),
            "gradeStatus": {"id": "http://data.europa.eu/snb/grade/passed", "prefLabel": {"en": "passed"}},
        },
        "influencedBy": {
            "type": "LearningActivity",
            "temporal": {
                "type": "PeriodOfTime",
                "startDate": "2022-09-01T00:00:00Z",
                "endDate": "2025-06-30T00:00:00Z",
            },
        },
        "specifiedBy": {
            "id": "urn:epass:qualification:1",
            "type": ["LearningAchievementSpecification", "Qualification"],
            "title": {"en": "Bachelor"},
            "eqfLevel": EQF6,
            "nqfLevel": [{"id": "http://data.europa.eu/snb/qdr/c_1", "notation": "6", "inScheme": "urn:scheme:nqf"}],
            "creditPoint": [{"type": "CreditPoint", "framework": ECTS, "point": "180.5"}],
            "entryRequirement": note({"en": "A school leaving certificate"}),
            "learningOutcome": [
                {"type": "LearningOutcome", "title": {"en": "Weld"}, "relatedESCOSkill": [SKILL]},
                {"type": "LearningOutcome", "title": {"en": "Plan"}},
            ],
            "thematicArea": {"id": "http://data.europa.eu/snb/isced-f/0715", "prefLabel": {"en": "Mechanics"}},
            "homepage": {"type": "WebResource", "contentURL": "https://university.example/bachelor"},
        },
        **members,
    }


def record_of(**members: Any) -> Any:
    """Return the record of a diploma with that claim."""
    subject = {**diploma()["credentialSubject"], "hasClaim": claim(**members)}
    return PLUGIN.normalize(verified(diploma(credentialSubject=subject)))


def test_a_degree_is_mapped_whole() -> None:
    """Levels, credits, grades, skills and dates each have their place, in each language that they are told in."""
    record = record_of()
    (degree,) = record.achievements
    assert record.unmapped == ()
    assert record.name == {"en": "Diploma"}
    assert record.types == ("VerifiableCredential", "EuropeanDigitalCredential")
    assert record.subject == {"id": "urn:epass:person:1", "name": {"en": "Ana Andromeda"}, "identifiers": []}
    assert degree["name"] == {"en": "Bachelor of Engineering", "es": "Grado en Ingeniería"}
    assert (degree["id"], degree["achievementType"]) == ("urn:epass:qualification:1", "ext:Qualification")
    assert degree["creator"]["name"] == {"en": "University"}
    assert degree["description"] == {"en": "Three years"}
    assert degree["criteria"] == {
        "id": "https://university.example/bachelor",
        "narrative": {"en": "A school leaving certificate"},
    }
    assert degree["credits"] == {"earned": 180, "available": 180.5, "unit": "ECTS"}
    assert degree["educationalLevel"] == [
        {"framework": "European Qualifications Framework", "code": "6", "url": "http://data.europa.eu/snb/eqf/6"},
        {"framework": "urn:scheme:nqf", "code": "6", "url": "http://data.europa.eu/snb/qdr/c_1"},
    ]
    assert [(one["name"], one["value"], one["status"]) for one in degree["results"]] == [
        ({"en": "Final grade"}, "1.3", "ext:passed")
    ]
    assert degree["skills"] == [
        {"name": SKILL["prefLabel"], "code": None, "framework": "ESCO", "url": SKILL["id"], "source": "alignment"},
        {"name": {"en": "Plan"}, "code": None, "framework": None, "url": None, "source": "explicit"},
    ]
    assert [one["targetUrl"] for one in degree["alignments"]] == [SKILL["id"]]
    assert degree["fieldOfStudy"] == {"en": "Mechanics"}
    assert degree["verification"] == "verified"
    assert degree["sourceCredentialId"] == "urn:credential:1"
    assert record.dates == {
        "awarded": "2025-06-30T00:00:00+02:00",
        "validFrom": "2025-09-27T12:07:01Z",
        "validUntil": None,
        "activityStart": "2022-09-01T00:00:00Z",
        "activityEnd": "2025-06-30T00:00:00Z",
        "issued": "2025-09-27T12:07:01Z",
    }


def test_parts_follow_their_whole() -> None:
    """A course in a programme is an achievement of its own, tied to it."""
    course = {"id": "urn:epass:claim:2", "type": "LearningAchievement", "title": {"en": "Metals"}}
    module = {"id": "urn:epass:claim:3", "type": "LearningAssessment", "title": {"en": "Exam"}, "hasPart": [course]}
    right = {"id": "urn:epass:claim:4", "type": "LearningEntitlement", "title": {"en": "Apply for a doctorate"}}
    record = record_of(hasPart=[course, module], entitlesTo=right)
    assert [one["achievementType"] for one in record.achievements] == [
        *("ext:Qualification", "Achievement", "Assessment", "Achievement", "ext:LearningEntitlement")
    ]
    assert [(one["sourceId"], one["targetId"]) for one in record.associations] == [
        ("urn:epass:claim:2", "urn:epass:qualification:1"),
        ("urn:epass:claim:3", "urn:epass:qualification:1"),
        ("urn:epass:claim:2", "urn:epass:claim:3"),
        ("urn:epass:claim:4", "urn:epass:qualification:1"),
    ]


def test_parts_within_parts_end_somewhere() -> None:
    """What is nested deeper than any programme is named, and not read."""
    part: dict[str, Any] = {"type": "LearningAchievement", "title": {"en": "deep"}}
    for _ in range(20):
        part = {"type": "LearningAchievement", "title": {"en": "part"}, "hasPart": part}
    record = record_of(hasPart=part)
    assert len(record.achievements) == 4
    assert record.unmapped == ("/credentialSubject/hasClaim/hasPart/hasPart/hasPart/hasPart",)


def test_the_narrower_bound_counts() -> None:
    """Of both names of a bound the record shows the one that the validity check goes by."""
    document = diploma(
        validFrom="2025-01-01T00:00:00Z", validUntil="2031-01-01T00:00:00Z", expirationDate="2030-01-01T00:00:00Z"
    )
    dates = PLUGIN.normalize(verified(document)).dates
    assert (dates["validFrom"], dates["validUntil"]) == ("2025-09-27T12:07:01Z", "2030-01-01T00:00:00Z")


def test_the_person_by_both_names() -> None:
    """Without a full name both parts are put together in each language; identifiers keep their kind."""
    subject = {
        "id": "urn:epass:person:1",
        "type": "Person",
        "givenName": {"en": "Ana", "el": "Άνα"},
        "familyName": {"en": "Andromeda"},
        "nationalID": {"type": "LegalIdentifier", "notation": "LA-1", "spatial": {"id": "x"}},
        "identifier": [{"type": "Identifier", "notation": "97", "schemeName": "Student ID"}, {"notation": "98"}, 3],
        "dateOfBirth": "1999-10-01T22:00:00Z",
    }
    record = PLUGIN.normalize(verified(diploma(credentialSubject=subject)))
    assert record.subject["name"] == {"en": "Ana Andromeda"}
    assert [(one["type"], one["value"]) for one in record.subject["identifiers"]] == [
        ("nationalIdentityNumber", "LA-1"),
        ("ext:Student ID", "97"),
        ("identifier", "98"),
    ]
    assert record.unmapped == ("/credentialSubject/identifier/2", "/credentialSubject/dateOfBirth")


def test_another_person_is_nobodys_achievement() -> None:
    """The record is about the first subject, and says so of what it leaves out."""
    first = diploma()["credentialSubject"]
    record = PLUGIN.normalize(verified(diploma(credentialSubject=[first, {**first, "id": "urn:epass:person:2"}])))
    assert len(record.achievements) == 1
    assert record.unmapped == ("/credentialSubject/1",)


def test_what_could_not_be_checked_is_nobodys_word() -> None:
    """Read without a proof, each achievement says that nothing verifies it; of the issuer itself it is its own word."""
    assert [one["verification"] for one in PLUGIN.normalize(unverified(diploma())).achievements] == ["none"]
    own = PLUGIN.normalize(verified(diploma(), "urn:epass:person:1"))
    assert [one["verification"] for one in own.achievements] == ["self_asserted"]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("id", "type", "title", "hasClaim", "hasPart", "specifiedBy", "awardedBy", "provenBy", "grade"),
                    *("noteLiteral", "creditReceived", "point", "framework", "eqfLevel", "learningOutcome", "temporal"),
                    *("relatedESCOSkill", "awardingBody", "legalName", "fullName", "issuer", "credentialSubject", "en"),
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=25,
)


@settings(max_examples=150)
@given(JSON)
def test_any_shape_is_read(value: Any) -> None:
    """Whatever an issuer has signed, reading it raises nothing, and the record is plain JSON."""
    for document in (diploma(credentialSubject=value), diploma(issuer=value, evidence=value, displayParameter=value)):
        record = PLUGIN.normalize(verified(document))
        json.dumps([record.achievements, record.subject, record.issuer, record.dates, record.evidence, record.unmapped])
    subject = {**diploma()["credentialSubject"], "hasClaim": value}
    PLUGIN.normalize(verified(diploma(credentialSubject=subject)))


@pytest.mark.shared
def test_the_european_sample() -> None:
    """The Commission's sample, an attended webinar: what has a place is there, and the rest is named."""
    sealed = vector("european-digital-credentials/Sample-CertOfPart-signed.jsonld")
    record = PLUGIN.normalize(verified(json.loads(sealed["payload"])))
    (webinar,) = record.achievements
    assert record.name == {"en": "Certificate of Participation"}
    assert record.issuer["name"] == {"en": "ORGANIZACION TEST"}
    assert {"type": "ext:eIDASIdentifier", "value": "VATES-A00000000"} in record.issuer["identifiers"]
    assert record.subject["name"] == {"en": "Ana Andromeda"}
    assert webinar["name"] == {"en": "EDC Updates Webinar"}
    assert webinar["achievementType"] == "ext:LearningActivity"
    assert webinar["creator"]["name"] == {"en": "European Digital Credentials for Learning Support Team"}
    assert (record.dates["activityStart"], record.dates["activityEnd"]) == (
        "2023-06-28T12:00:00Z",
        "2023-06-28T14:00:00Z",
    )
    assert "/credentialSubject/hasClaim/workload" in record.unmapped
    assert record.evidence[0]["narrative"].startswith("Every claim inside this credential")
