"""A result as LER-RS: a row has the record that verifies it, or none; and nothing is told of a forgery."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
import pytest_asyncio

from gateway.model import CheckName, Outcome
from gateway.normalizers.ler_rs import PLUGIN as NORMALIZER
from gateway.projections.ler_rs import PLUGIN, TYPE, project
from tests.gateway.normalizers.badge import badge, unverified
from tests.gateway.results import check, verification
from tests.gateway.unsigned import PESC, resume
from tests.issuer import spoiled, university

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.issuer import University

_TEXT = {"type": "string", "minLength": 1}
_ORGANIZATION = {"type": "object", "properties": {"name": _TEXT}, "additionalProperties": False}
_VERIFICATIONS = {"type": "array", "minItems": 1, "items": {"type": "object", "required": ["@context", "type"]}}


def _rows(**members: Any) -> dict[str, Any]:
    row = {"type": "object", "properties": {**members, "verifications": _VERIFICATIONS}, "additionalProperties": False}
    return {"type": "array", "items": row}


_TEXTS = {"type": "array", "minItems": 1, "items": _TEXT}
_DATE = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T"}
SCHEMA = {
    "type": "object",
    "required": ["type", "documentId", "skills", "educationAndLearnings", "certifications", "licenses"],
    "additionalProperties": False,
    "properties": {
        "type": {"enum": ["http://schema.hropenstandards.org/4.4/recruiting/json/ler-rs/LER-RSType.json"]},
        "documentId": {"type": "object", "required": ["value"], "properties": {"value": _TEXT}},
        "person": {"type": "object", "properties": {"name": {"properties": {"formattedName": _TEXT}}}},
        "communication": {"properties": {"email": {"items": {"required": ["address"]}}}},
        "skills": _rows(name=_TEXT, definitionReference=_TEXT, schemeReference=_TEXT),
        "educationAndLearnings": _rows(
            institution=_ORGANIZATION,
            start=_DATE,
            end=_DATE,
            programs=_TEXTS,
            descriptions=_TEXTS,
            educationDegrees={
                "type": "array",
                "minItems": 1,
                "items": {
                    "additionalProperties": False,
                    "properties": {"name": _TEXT, "date": _DATE, "specializations": {}, "score": {}},
                },
            },
        ),
        "certifications": _rows(
            name=_TEXT,
            issuingAuthority=_ORGANIZATION,
            firstIssued=_DATE,
            effectiveTimePeriod={"properties": {"validFrom": _DATE, "validTo": _DATE}, "additionalProperties": False},
            identifiers={},
            descriptions=_TEXTS,
        ),
        "licenses": {"type": "array"},
        "employmentHistories": _rows(organization=_ORGANIZATION, positionHistories={}, descriptions=_TEXTS),
    },
}
"""The members of release 4.5 that are written here, by the names that public implementations and the one
value of `type` in its schema show: the schema itself comes in no package."""


def told(result: Any, language: str = "") -> dict[str, Any]:
    """Return a result as LER-RS, which has its shape."""
    document = project(result, language)
    jsonschema_rs.Draft202012Validator(SCHEMA).validate(document)
    return document


@pytest_asyncio.fixture
async def place(tmp_path: Path) -> AsyncIterator[University]:
    """A university over the fake internet."""
    async with university(tmp_path) as made:
        yield made


def test_a_verified_certification() -> None:
    """Who it is about, what they can do, who says so and until when; and the record itself as what verifies it."""
    result = verification()
    document = told(result)
    assert document == {
        "type": TYPE,
        "documentId": {"value": result.id},
        "person": {"name": {"formattedName": "Alex Learner"}},
        "skills": [
            {
                "name": "Weld joints",
                "definitionReference": "https://credentialfinder.example/competency/1",
                "schemeReference": "Welding competencies",
                "verifications": [badge()],
            }
        ],
        "educationAndLearnings": [],
        "certifications": [
            {
                "name": "Welder",
                "issuingAuthority": {"name": "Guild of Welders"},
                "firstIssued": "2025-05-01T09:00:00-05:00",
                "effectiveTimePeriod": {"validFrom": "2025-05-02T00:00:00Z", "validTo": "2035-05-02T00:00:00Z"},
                "identifiers": [{"value": "W-77"}],
                "descriptions": ["Welds steel"],
                "verifications": [badge()],
            }
        ],
        "licenses": [],
    }


@pytest.mark.parametrize("outcome", [Outcome.FAIL, Outcome.INDETERMINATE])
def test_what_is_not_verified_has_no_verification(outcome: Outcome) -> None:
    """An expired record, or one whose status is not known, is a row like any that the applicant writes."""
    document = told(verification(check(CheckName.VALIDITY, outcome, "expired")))
    assert [row.get("verifications") for row in (*document["certifications"], *document["skills"])] == [None, None]


def test_what_the_applicant_says_has_none_either() -> None:
    """A row that the proven record only passes on is not verified with it."""
    record = NORMALIZER.normalize(unverified(resume()))
    document = told(verification(record=record))
    rows = [row for name, found in document.items() if isinstance(found, list) for row in found]
    assert len(rows) == 5
    assert [row for row in rows if "verifications" in row] == []


def test_a_resume_comes_back_as_it_was() -> None:
    """What is read of an LER-RS and told again says the same."""
    document = told(verification(record=NORMALIZER.normalize(unverified(resume()))))
    assert document["skills"] == resume()["skills"]
    assert document["person"] == {"name": {"formattedName": "Lia Andrews"}}
    assert document["communication"] == {"email": [{"address": "lia@mail.example"}]}
    (education,) = document["educationAndLearnings"]
    assert education["institution"] == {"name": "State University"}
    assert education["educationDegrees"][0]["name"] == "Bachelor of Science"
    assert education["educationDegrees"][0]["score"] == {"scoresText": [{"value": "3.5"}]}
    assert document["licenses"] == [
        {"name": "Crane", "issuingAuthority": {"name": "State"}, "identifiers": [{"value": "L-1"}]}
    ]
    assert document["employmentHistories"] == [
        {"organization": {"name": "Yard"}, "positionHistories": [{"title": "Welder"}]}
    ]


@pytest.mark.parametrize(
    ("kind", "section"),
    [
        ("BachelorDegree", "educationAndLearnings"),
        ("Course", "educationAndLearnings"),
        ("License", "licenses"),
        ("Certification", "certifications"),
        ("Badge", "certifications"),
        ("ext:Anything", "certifications"),
        (None, "certifications"),
    ],
)
def test_each_type_has_its_section(kind: str | None, section: str) -> None:
    """Whatever an issuer calls it, it is told once."""
    result = verification()
    assert result.record is not None
    achievement = {**result.record.achievements[0], "achievementType": kind, "skills": []}
    document = told(dataclasses.replace(result, record=dataclasses.replace(result.record, achievements=(achievement,))))
    assert {name for name, rows in document.items() if isinstance(rows, list) and rows} == {section}


def test_text_is_in_the_readers_language() -> None:
    """Of several languages the one that is asked for is told."""
    result = verification()
    assert result.record is not None
    achievement = {**result.record.achievements[0], "name": {"en": "Welder", "es": "Soldador"}}
    record = dataclasses.replace(result.record, achievements=(achievement,))
    document = told(dataclasses.replace(result, record=record), "es")
    assert document["certifications"][0]["name"] == "Soldador"


async def test_records_in_records_are_verified_each_by_itself(place: University) -> None:
    """Of a transcript's badges, each has its own verdict; one that is forged is not told at all."""
    good = await place.badge("Welding")
    clr = await place.clr(good, await place.badge("Cutting", validUntil="2026-02-01T00:00:00Z"))
    document = told(await place.verify(clr))
    assert [(row["name"], "verifications" in row) for row in document["certifications"]] == [
        ("Welding", True),
        ("Cutting", False),
    ]
    forged = spoiled(good, lambda badge: badge["credentialSubject"].update(id="did:example:thief"))
    assert told(await place.verify(forged))["certifications"] == []


async def test_a_skill_that_two_records_show_is_told_once(place: University) -> None:
    """It has both records as what verifies it."""
    one, two = await place.badge("One"), await place.badge("Two")
    result = await place.verify(await place.clr(one, two))
    shown = [
        dataclasses.replace(
            child,
            record=dataclasses.replace(
                child.record,
                achievements=tuple(
                    {
                        **achievement,
                        "skills": [
                            {"name": "Weld", "code": None, "framework": None, "url": "https://skills.example/1"}
                        ],
                    }
                    for achievement in child.record.achievements
                ),
            ),
        )
        for child in result.children
        if child.record is not None
    ]
    (row,) = told(dataclasses.replace(result, children=tuple(shown)))["skills"]
    assert row["name"] == "Weld"
    assert [record["id"] for record in row["verifications"]] == [one["id"], two["id"]]


async def test_of_what_nobody_verifies_nothing_is_verified(place: University) -> None:
    """A transcript without a signature is told as the applicant's word."""
    document = told(await place.verify(PESC))
    assert [row["educationDegrees"][0]["name"] for row in document["educationAndLearnings"][:1]] == [
        "Bachelor of Science"
    ]
    assert [row for row in document["educationAndLearnings"] if "verifications" in row] == []


def test_the_plugin_is_asked_for_by_its_name() -> None:
    """A request names it so."""
    assert (PLUGIN.name, PLUGIN.project) == ("ler-rs", project)
