"""Other implementations' credentials, in the one vocabulary."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gateway.model import Record, Verified
from gateway.normalizers.clr_2 import PLUGIN as CLR
from gateway.normalizers.generic import PLUGIN as GENERIC
from gateway.normalizers.open_badges_3 import PLUGIN as OPEN_BADGES
from tests.shared import SHARED, vector

if TYPE_CHECKING:
    from gateway.plugins import Normalizer

pytestmark = pytest.mark.shared

DCC = SHARED / "vectors" / "dcc" / "credentials-v1"
MALFORMED = "ed25519/didKey/legacy-noStatus-noExpiry.json"
"""No JSON, as the vectors' README says."""


def normalized(plugin: Normalizer, path: str) -> Record:
    """Return the record of the vector at `path`, as if its proof had passed."""
    document = vector(path)
    issuer = document["issuer"]
    identifier = issuer["id"] if isinstance(issuer, dict) else issuer
    return plugin.normalize(Verified(document=document, issuer=identifier, format="data_integrity", vcdm=None))


def test_1edtechs_simple_badge() -> None:
    """The certification suite's simplest badge is mapped whole."""
    record = normalized(OPEN_BADGES, "open-badges-3.0/simple.json")
    assert record.name == "Teamwork Badge"
    assert record.issuer["name"] == "Example Corp"
    assert record.subject["id"] == "did:example:ebfeb1f712ebc6f1c276e12ec21"
    assert record.dates["validFrom"] == "2010-01-01T00:00:00Z"
    assert record.achievements[0]["name"] == "Teamwork"
    assert record.achievements[0]["criteria"]["narrative"].startswith("Team members are nominated")
    assert record.unmapped == ()


def test_1edtechs_complete_badge() -> None:
    """Of the badge that uses every member, what matters to an employer is mapped, and the rest is named."""
    record = normalized(OPEN_BADGES, "open-badges-3.0/complete.json")
    (degree,) = record.achievements
    assert degree["achievementType"] == "Degree"
    assert degree["ctid"] == "ce-98cb027b-95ef-4494-908d-6f7790ec6b6b"
    assert degree["credits"] == {"earned": 42, "available": 36, "unit": None}
    assert [result["value"] for result in degree["results"]] == ["A", None, None]
    assert [result["name"] for result in degree["results"]] == ["Final Project Grade"] * 3
    assert [result["status"] for result in degree["results"]] == [None, None, "Completed"]
    # The level is one of another result description, so its id is all there is.
    assert degree["results"][1]["achievedLevel"] == "urn:uuid:d05a0867-d0ad-4b03-bdb5-28fb5d2aab7a"
    assert (degree["licenseNumber"], degree["role"], degree["term"]) == ("A-9320041", "Major Domo", "Fall")
    assert [identity["value"] for identity in record.subject["identifiers"]] == [
        "student@1edtech.edu",
        "somebody@gmail.com",
    ]
    assert record.dates["activityEnd"] == "2010-01-02T00:00:00Z"
    assert [evidence["name"] for evidence in record.evidence] == ["Final Project Report", "Final Project Code"]
    assert [endorsement["issuer"]["name"] for endorsement in record.endorsements] == [
        "Example Accrediting Agency",
        "Example Accrediting Agency",
        "Example Accrediting Agency",
        "Example Accrediting Agency",
        "State Department of Education",
    ]
    assert {endorsement["result"] for endorsement in record.endorsements} == {"indeterminate"}
    achievement, profile = "/credentialSubject/achievement", ("phone", "description", "image", "email", "address")
    endorsed = (
        "/endorsement/0",
        "/issuer/endorsement/0",
        f"{achievement}/endorsement/0",
        f"{achievement}/creator/endorsement/0",
        f"{achievement}/creator/endorsement/1",
    )
    assert set(record.unmapped) == {
        "/image/caption",
        *(f"{at}/{name}" for at in endorsed for name in ("name", "validFrom", "validUntil")),
        *(f"/issuer/{name}" for name in (*profile, "official", "parentOrg")),
        *(f"{achievement}/creator/{name}" for name in (*profile, "official", "parentOrg")),
        *(f"/credentialSubject/{name}" for name in ("image", "narrative", "source")),
        *(f"/credentialSubject/result/{index}/alignment" for index in (0, 1)),
        *(f"{achievement}/alignment/{index}/targetDescription" for index in (0, 1)),
        *(f"{achievement}/{name}" for name in ("humanCode", "image", "image/caption", "otherIdentifier/0", "tag")),
        *(f"{achievement}/resultDescription/0/{name}" for name in ("alignment", "allowedValue", "requiredValue")),
        f"{achievement}/resultDescription/1",
        f"{achievement}/resultDescription/2",
    }


def test_1edtechs_simple_learner_record() -> None:
    """The learner record gives out its child, its two definitions and how they hang together."""
    record = normalized(CLR, "clr-2.0/simple.json")
    assert record.name == "Sample Transcript"
    assert [pointer for pointer, _ in record.children] == ["/credentialSubject/verifiableCredential/0"]
    assert [achievement["name"] for achievement in record.achievements] == ["Achievement 1", "Achievement 2"]
    assert record.associations == (
        {
            "type": "isParentOf",
            "sourceId": "urn:uuid:a7467ef6-56cb-11ec-bf63-0242ac130002",
            "targetId": "urn:uuid:dd887f0a-56cb-11ec-bf63-0242ac130002",
        },
    )
    assert record.partial is None
    assert record.unmapped == tuple(f"/credentialSubject/achievement/{index}/image" for index in (0, 1))


def test_a_school_districts_learner_record() -> None:
    """A real transcript of version 1.1 gives out its children, each of which is a badge with a course."""
    record = normalized(CLR, "clr-2.0/complex.json")
    assert record.dates["issued"] == "2022-12-05T21:39:07Z"
    assert [association["type"] for association in record.associations] == 4 * ["isParentOf"] + ["isPartOf"]
    assert record.unmapped == ("/issuer/address", "/issuer/parentOrg")
    children = [
        OPEN_BADGES.normalize(
            Verified(document=child, issuer=child["issuer"]["id"], format="data_integrity", vcdm="1.1")
        )
        for _, child in record.children
    ]
    assert [pointer for pointer, _ in record.children] == [
        f"/credentialSubject/verifiableCredential/{index}" for index in range(6)
    ]
    assert [(child.achievements[0]["name"], child.achievements[0]["achievementType"]) for child in children] == [
        ("Nurse Assistant 1 Program with Licensure", "Diploma"),
        ("Health Careers 1", "Course"),
        ("Human Anatomy and Physiology", "Course"),
        ("Intro to Health Careers", "Course"),
        ("Nurse Assisting 1", "Course"),
        ("Oregon State Board of Nursing - Certified Nursing Assistant", "Badge"),
    ]
    assert children[2].achievements[0]["fieldOfStudy"] == "Health Care"
    assert children[2].unmapped == (
        "/issuer/address",
        "/issuer/parentOrg",
        "/credentialSubject/achievement/resultDescription/0",
    )


def test_a_consortium_badge_with_a_bare_issuer() -> None:
    """An issuer may be nothing but its DID; the achievement's picture serves for the badge."""
    record = normalized(OPEN_BADGES, "dcc/credentials-v1/ed25519/didKey/legacy-noStatus-noExpiry-stringIssuerId.json")
    assert record.issuer == {
        "id": "did:key:z6MknNQD1WHLGGraFi6zcbGevuAgkVfdyCdtZnQTGWVVvR5Q",
        "name": None,
        "url": None,
        "identifiers": [],
    }
    assert record.subject["name"] == "Jane Doe"
    assert (record.image or "").startswith("https://user-images.githubusercontent.com/752326/")
    assert record.achievements[0]["achievementType"] == "Diploma"
    assert record.dates["issued"] == record.dates["validFrom"] == "2025-01-09T15:06:31Z"
    assert record.unmapped == ()


def test_a_consortium_credential_from_before_open_badges() -> None:
    """A plain credential with schema.org's `hasCredential` still says what was achieved."""
    record = normalized(
        GENERIC,
        "dcc/credentials-v1/dataIntegrityProof/didKey/legacyRegistry-noStatus-noExpiry-oldDCCExample.json",
    )
    assert record.types == ("VerifiableCredential",)
    assert record.subject["name"] == "Ya Ya Na"
    assert record.achievements[0]["name"] == "GT Guide"
    assert record.dates["issued"] == "2021-09-06T00:00:00.000Z"
    assert record.unmapped == ()


@pytest.mark.parametrize(
    "path",
    sorted(str(path.relative_to(DCC)) for path in DCC.rglob("*.json") if str(path.relative_to(DCC)) != MALFORMED),
)
def test_of_the_consortiums_badges_hardly_anything_is_unmapped(path: str) -> None:
    """Every fixture is mapped but for the issuer's own picture and description."""
    plugin = GENERIC if Path(path).stem.endswith("oldDCCExample") else OPEN_BADGES
    record = normalized(plugin, f"dcc/credentials-v1/{path}")
    assert set(record.unmapped) <= {"/issuer/image", "/issuer/description"}
    assert record.achievements[0]["name"]
    assert record.dates["validFrom"]
    assert bool(record.dates["validUntil"]) is ("-expired" in path)
