"""SD-JWT VCs of education: diplomas, European Learning Model credentials and micro-credentials; and of any type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.model import Unverified, Verified
from gateway.normalizers import education_sd_jwt, generic

if TYPE_CHECKING:
    from gateway.model import Record

ISSUER = "https://university.example"
TOKEN = {
    "iss": ISSUER,
    "sub": "did:example:learner",
    "iat": 1_750_000_000,
    "nbf": 1_750_000_060,
    "exp": 1_900_000_000,
    "cnf": {"jwk": {"kty": "EC"}},
    "status": {"status_list": {"idx": 1, "uri": "https://university.example/list"}},
}
DEGREE = {
    "type": "LearningAchievement",
    "title": {"nl": "Bachelor Natuurkunde"},
    "awardedBy": {
        "awardingBody": {
            "legalName": {"nl": "Universiteit van Voorbeeld"},
            "registration": {"notation": "NL-1"},
            "location": {"address": {"countryCode": {"prefLabel": {"en": "NL"}}}},
        },
        "awardingDate": "2025-06-01T00:00:00+02:00",
    },
    "specifiedBy": {
        "id": "urn:epass:qualification:1",
        "type": "Qualification",
        "eqfLevel": {"id": "http://data.europa.eu/snb/eqf/6"},
        "learningOutcome": [{"relatedESCOSkill": {"id": "http://data.europa.eu/esco/skill/1"}}],
    },
}
PERSON = {"givenName": {"und": "Alex"}, "familyName": {"und": "Learner"}, "dateOfBirth": "2000-01-01"}


def record(vct: str, /, **claims: Any) -> Record:
    """Return what is read of a proven token with these claims."""
    credential = Verified(document={**TOKEN, "vct": vct, **claims}, issuer=ISSUER, format="sd_jwt_vc", vcdm=None)
    return education_sd_jwt.normalize(credential)


def test_diploma_is_read_as_the_claim_that_it_holds() -> None:
    """Its issuer is who signs it, and its awarding body the achievement's creator."""
    found = record("urn:eudi:diploma:1", credentialSubject={**PERSON, "hasClaim": DEGREE})
    (degree,) = found.achievements
    assert found.types == ("urn:eudi:diploma:1",)
    assert found.issuer == {"id": ISSUER, "name": None, "url": None, "identifiers": []}
    assert found.subject == {"id": "did:example:learner", "name": {"und": "Alex Learner"}, "identifiers": []}
    assert (degree["name"], degree["id"]) == ({"nl": "Bachelor Natuurkunde"}, "urn:epass:qualification:1")
    assert (degree["achievementType"], degree["verification"]) == ("ext:Qualification", "verified")
    assert degree["creator"]["name"] == {"nl": "Universiteit van Voorbeeld"}
    assert degree["creator"]["identifiers"] == [{"type": "ext:registration", "value": "NL-1"}]
    assert [level["code"] for level in degree["educationalLevel"]] == ["6"]
    assert [one["targetUrl"] for one in degree["alignments"]] == ["http://data.europa.eu/esco/skill/1"]
    assert found.unmapped == (
        "/credentialSubject/dateOfBirth",
        "/credentialSubject/hasClaim/awardedBy/awardingBody/location",
    )


def test_dates_are_those_of_the_token_and_of_the_award() -> None:
    """NumericDates are instants in UTC; of two names for one bound the narrower counts."""
    found = record("urn:eudi:diploma:1", credentialSubject={"hasClaim": DEGREE})
    assert found.dates == {
        "awarded": "2025-06-01T00:00:00+02:00",
        "validFrom": "2025-06-15T15:07:40Z",
        "validUntil": "2030-03-17T17:46:40Z",
        "activityStart": None,
        "activityEnd": None,
        "issued": "2025-06-15T15:06:40Z",
    }
    found = record("urn:eudi:diploma:1", validFrom="2026-01-01T00:00:00Z", validUntil="2027-01-01T00:00:00Z")
    assert (found.dates["validFrom"], found.dates["validUntil"]) == ("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z")
    assert record("urn:eudi:diploma:1", nbf=None).dates["validFrom"] == "2025-06-15T15:06:40Z"


def test_whole_credential_stands_in_elm() -> None:
    """What is in it is read at its place; what stands beside it is of nobody."""
    whole = {
        "id": "urn:credential:1",
        "type": ["VerifiableCredential", "EuropeanDigitalCredential"],
        "issuer": {"id": "urn:epass:org:1", "legalName": {"en": "University of Example"}},
        "displayParameter": {"title": {"en": "Diploma"}},
        "credentialSubject": {**PERSON, "hasClaim": [DEGREE, 5]},
    }
    found = record("urn:eudi:elm:1", elm=whole, credentialSubject={"hasClaim": DEGREE})
    assert (found.id, found.name) == ("urn:credential:1", {"en": "Diploma"})
    assert found.types == ("urn:eudi:elm:1", "VerifiableCredential", "EuropeanDigitalCredential")
    assert (found.issuer["id"], found.issuer["name"]) == (ISSUER, {"en": "University of Example"})
    assert [one["sourceCredentialId"] for one in found.achievements] == ["urn:credential:1"]
    assert found.unmapped == (
        "/credentialSubject",
        "/elm/credentialSubject/dateOfBirth",
        "/elm/credentialSubject/hasClaim/0/awardedBy/awardingBody/location",
        "/elm/credentialSubject/hasClaim/1",
        "/elm/issuer/id",
    )


def test_micro_credential_of_open_badges_shape() -> None:
    """Its credits are in ECTS, and its results those of the subject."""
    achievement = {
        "name": "Data ethics",
        "description": "An introduction",
        "criteria": {"narrative": "Pass the exam"},
        "ECTS": "2.5",
        "participationType": "online",
        "resultDescription": [{"id": "urn:result", "name": "Exam", "valueMax": "10"}],
    }
    subject = {"achievement": achievement, "result": [{"resultDescription": "urn:result", "value": "8"}]}
    found = record(
        "urn:eudi:micro_credential:1",
        issuer={"name": "University of Example", "address": {}},
        credentialSubject=subject,
        given_name="Alex",
        family_name="Learner",
        personal_administrative_number="123",
    )
    (badge,) = found.achievements
    assert (badge["name"], badge["description"]) == ("Data ethics", "An introduction")
    assert (badge["criteria"], badge["achievementType"]) == (
        {"id": None, "narrative": "Pass the exam"},
        "MicroCredential",
    )
    assert badge["credits"] == {"earned": None, "available": 2.5, "unit": "ECTS"}
    assert [(one["name"], one["value"], one["valueMax"]) for one in badge["results"]] == [("Exam", "8", "10")]
    assert found.issuer["name"] == "University of Example"
    assert found.subject["name"] == "Alex Learner"
    assert [(one["type"], one["value"]) for one in found.subject["identifiers"]] == [("nationalIdentityNumber", "123")]
    assert found.unmapped == ("/issuer/address", "/credentialSubject/achievement/participationType")


def test_results_of_several_are_of_none() -> None:
    """Nothing says whose they are."""
    several = [{"name": "A", "resultDescription": [{"id": "urn:a"}]}, {"name": "B"}, "C"]
    found = record(
        "urn:eudi:micro_credential:1", credentialSubject={"achievement": several, "result": [{"value": "1"}]}
    )
    assert [one["results"] for one in found.achievements] == [[], []]
    assert found.unmapped == (
        "/credentialSubject/achievement/2",
        "/credentialSubject/achievement/0/resultDescription",
        "/credentialSubject/result",
    )


def test_micro_credential_of_claims_side_by_side() -> None:
    """The elements of the rulebook's own example."""
    found = record(
        "VerifiableMicroCredential",
        attestation_legal_category="non-qualified-EAA",
        identifier="MC-2026-0007421",
        title="Introduction to Applied Data Ethics",
        givenName="Elena",
        familyName="Kowalska",
        awardingBody="Linköping University",
        awardingBodyIdentifier="SE-1",
        issuanceDate="2026-06-15",
        learningOutcomes=["Applies core ethical frameworks to data-driven decision making", 3],
        learningOutcomeSummary="Applies ethical reasoning.",
        notionalWorkload={"value": 3, "unit": "ECTS"},
        level="EQF-6",
        nationalQualificationsFrameworkLevel="SeQF 6",
        fieldOfEducation="0613",
        escoReference=["http://data.europa.eu/esco/skill/abc12345", "javascript:alert(1)"],
        grade="Pass",
        mail="elena.kowalska@example.edu",
    )
    (learned,) = found.achievements
    assert (found.id, found.dates["issued"]) == ("MC-2026-0007421", "2026-06-15T00:00:00Z")
    assert (found.subject["name"], found.subject["identifiers"][0]["type"]) == ("Elena Kowalska", "emailAddress")
    assert (learned["name"], learned["fieldOfStudy"]) == ("Introduction to Applied Data Ethics", "0613")
    assert learned["creator"]["name"] == "Linköping University"
    assert learned["creator"]["identifiers"] == [{"type": "identifier", "value": "SE-1"}]
    assert learned["credits"] == {"earned": None, "available": 3, "unit": "ECTS"}
    assert learned["educationalLevel"] == [
        {"framework": "European Qualifications Framework", "code": "6", "url": None},
        {"framework": None, "code": "SeQF 6", "url": None},
    ]
    assert [(one["name"], one["url"], one["source"]) for one in learned["skills"]] == [
        ("Applies core ethical frameworks to data-driven decision making", None, "explicit"),
        (None, "http://data.europa.eu/esco/skill/abc12345", "alignment"),
    ]
    assert [one["targetFramework"] for one in learned["alignments"]] == ["ESCO"]
    assert learned["criteria"]["narrative"] == "Applies ethical reasoning."
    assert [one["value"] for one in learned["results"]] == ["Pass"]
    assert found.unmapped == ("/attestation_legal_category", "/learningOutcomes/1", "/escoReference/1")


def test_what_nobody_disclosed_is_not_there() -> None:
    """A token of which only the type is disclosed is a record without achievements."""
    found = record("urn:eudi:micro_credential:1")
    assert (found.achievements, found.unmapped) == ((), ())
    assert record("urn:eudi:micro_credential:1", notionalWorkload=3).achievements[0]["credits"]["available"] == 3
    assert record("urn:eudi:micro_credential:1", title="A", level=6).unmapped == ("/level",)


def test_a_subject_by_another_name_is_told() -> None:
    """The token's subject counts, and the other name has no place in the record."""
    found = record("urn:eudi:diploma:1", credentialSubject={"id": "did:example:other", "hasClaim": DEGREE})
    assert found.subject["id"] == "did:example:learner"
    assert "/credentialSubject/id" in found.unmapped
    alone = record("urn:eudi:diploma:1", sub=None, credentialSubject={"id": "did:example:other"})
    assert (alone.subject["id"], alone.unmapped) == ("did:example:other", ())


def test_any_other_type_is_read_by_registered_claims_alone() -> None:
    """What only its type defines is listed, and nothing is made of it."""
    document = {**TOKEN, "vct": "urn:example:pass", "given_name": "Alex", "achievement": {"name": "x"}, "jti": "urn:1"}
    found = generic.normalize(Verified(document=document, issuer=ISSUER, format="sd_jwt_vc", vcdm=None))
    assert (found.id, found.types, found.issuer["id"]) == ("urn:1", ("urn:example:pass",), ISSUER)
    assert found.subject == {"id": "did:example:learner", "name": "Alex", "identifiers": []}
    assert found.dates["validUntil"] == "2030-03-17T17:46:40Z"
    assert (found.achievements, found.unmapped) == ((), ("/achievement",))


@pytest.mark.parametrize("date", [10**18, -(10**18), True, "1750000000", [1], 1e300])
def test_what_is_no_date_is_unmapped(date: Any) -> None:
    """A NumericDate beyond all years, or of another type, is none."""
    assert "/exp" in record("urn:eudi:diploma:1", exp=date).unmapped


def test_unproven_claims_are_of_nobody() -> None:
    """Where the proof could not be checked nobody stands behind the achievement; of one's own only oneself."""
    document = {**TOKEN, "vct": "urn:eudi:diploma:1", "credentialSubject": {"hasClaim": DEGREE}}
    read = education_sd_jwt.normalize(Unverified(document=document, issuer=None, format="sd_jwt_vc", vcdm=None))
    assert [one["verification"] for one in read.achievements] == ["none"]
    own = record("urn:eudi:diploma:1", sub=ISSUER, credentialSubject={"hasClaim": DEGREE})
    assert [one["verification"] for one in own.achievements] == ["self_asserted"]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.floats(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                (
                    *("hasClaim", "achievement", "result", "id", "title", "ECTS", "criteria", "name", "value", "unit"),
                    *("resultDescription", "awardedBy", "awardingBody", "legalName", "givenName", "familyName", "und"),
                )
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
_MEMBERS = (
    *("vct", "iss", "sub", "iat", "nbf", "exp", "elm", "issuer", "credentialSubject", "validFrom", "title", "grade"),
    *("level", "notionalWorkload", "escoReference", "learningOutcomes", "awardingBody", "given_name", "issuanceDate"),
)


@given(st.dictionaries(st.sampled_from(_MEMBERS), _JSON))
@settings(max_examples=200, deadline=None)
def test_any_claims_are_read(document: dict[str, Any]) -> None:
    """What an issuer signed may have any shape."""
    for credential in (
        Verified(document=document, issuer=ISSUER, format="sd_jwt_vc", vcdm=None),
        Unverified(document=document, issuer=None, format="sd_jwt_vc", vcdm=None),
    ):
        assert isinstance(education_sd_jwt.normalize(credential).unmapped, tuple)
        assert isinstance(generic.normalize(credential).unmapped, tuple)
