"""Open Badges 3.0: every member has a place, or is listed as having none."""

from __future__ import annotations

import copy
import dataclasses
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.normalizers.clr_2 import PLUGIN as CLR
from gateway.normalizers.generic import PLUGIN as GENERIC
from gateway.normalizers.open_badges_3 import PLUGIN
from tests.gateway.normalizers.badge import ISSUER, badge, unverified, verified

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.model import Record
    from gateway.plugins import Normalizer

ELSEWHERE = ("@context", "credentialStatus", "proof", "type")
"""Members that the result shows as contexts, statuses, proofs and types."""


def spoil(**members: Any) -> Record:
    """Return the record of the badge with `members` of its subject's achievement replaced."""
    document = badge()
    document["credentialSubject"]["achievement"] |= members
    return PLUGIN.normalize(verified(document))


def test_a_complete_badge_is_mapped_whole() -> None:
    """Every member of the badge is in the record, in Open Badges' words, and nothing is left over."""
    record = PLUGIN.normalize(verified(badge()))
    assert record.unmapped == ()
    assert record.id == "urn:uuid:badge"
    assert record.types == ("VerifiableCredential", "OpenBadgeCredential")
    assert record.name == "Welding, level 2"
    assert record.description == "What a level 2 welder can do"
    assert record.image == "https://university.example/badge.png"
    assert record.issuer == {
        "id": ISSUER,
        "name": "University of Example",
        "url": "https://university.example/",
        "identifiers": [{"type": "sourcedId", "value": "U-1"}],
    }
    assert record.subject == {
        "id": "did:example:learner",
        "name": "Alex Learner",
        "identifiers": [
            {
                "type": "emailAddress",
                "value": None,
                "hash": "sha256$" + 64 * "a",
                "salt": "deadsea",
                "hashed": True,
            },
            {"type": "name", "value": "Alex Learner", "hash": None, "salt": "unused", "hashed": False},
        ],
    }
    assert record.dates == {
        "awarded": "2025-05-01T09:00:00-05:00",
        "validFrom": "2025-05-02T00:00:00Z",
        "validUntil": "2035-05-02T00:00:00Z",
        "activityStart": "2025-01-10T00:00:00Z",
        "activityEnd": "2025-04-20T00:00:00Z",
        "issued": None,
    }
    assert record.evidence == (badge()["evidence"][0],)
    assert (record.associations, record.partial, record.children) == ((), None, ())


def test_a_complete_achievement_has_every_field() -> None:
    """The one achievement carries what its subject says of it, its results joined with their descriptions."""
    (achievement,) = PLUGIN.normalize(verified(badge())).achievements
    competency, level = badge()["credentialSubject"]["achievement"]["alignment"]
    assert achievement == {
        "id": "urn:uuid:achievement",
        "ctid": "ce-98cb027b-95ef-4494-908d-6f7790ec6b6b",
        "name": "Welder",
        "achievementType": "Certification",
        "description": "Welds steel",
        "criteria": {"id": "https://university.example/criteria", "narrative": "Weld a butt joint."},
        "creator": {"id": "did:web:guild.example", "name": "Guild of Welders", "url": None, "identifiers": []},
        "educationalLevel": [
            {
                "framework": "European Qualifications Framework",
                "code": "4",
                "url": "http://data.europa.eu/snb/eqf/4",
            }
        ],
        "credits": {"earned": 3.5, "available": 4, "unit": None},
        "alignments": [
            {name: value for name, value in alignment.items() if name != "type"} for alignment in (competency, level)
        ],
        "skills": [
            {
                "name": "Weld joints",
                "code": "S3.2",
                "framework": "Welding competencies",
                "url": "https://credentialfinder.example/competency/1",
                "source": "alignment",
            }
        ],
        "results": [
            {
                "name": "Theory",
                "resultType": "Percent",
                "value": "92",
                "achievedLevel": None,
                "status": "Completed",
                "valueMin": "0",
                "valueMax": "100",
            },
            {
                "name": "Practice",
                "resultType": "RubricCriterionLevel",
                "value": None,
                "achievedLevel": "Mastered",
                "status": None,
                "valueMin": None,
                "valueMax": None,
            },
        ],
        "fieldOfStudy": "Metalwork",
        "specialization": "MIG",
        "licenseNumber": "W-77",
        "role": "Apprentice",
        "term": "Spring 2025",
        "sourceCredentialId": "urn:uuid:badge",
        "verification": "verified",
    }


def test_a_bare_badge_has_every_field_too() -> None:
    """What a badge does not say is null or empty, and present."""
    full, bare = (
        PLUGIN.normalize(verified(badge())),
        PLUGIN.normalize(verified({"credentialSubject": {"achievement": {}}})),
    )
    assert list(full.achievements[0]) == list(bare.achievements[0])
    assert full.dates.keys() == bare.dates.keys()
    assert bare.subject == {"id": None, "name": None, "identifiers": []}
    assert bare.issuer == {"id": None, "name": None, "url": None, "identifiers": []}


def test_version_1_1_dates_are_read_as_those_of_2_0() -> None:
    """Its issuanceDate is when it was issued and begins to be valid, expirationDate when it ends."""
    document = badge()
    del document["validFrom"], document["validUntil"], document["awardedDate"]
    document |= {"issuanceDate": "2020-01-01T00:00:00Z", "expirationDate": "2021-01-01T00:00:00"}
    record = PLUGIN.normalize(verified(document))
    assert record.dates["issued"] == record.dates["validFrom"] == "2020-01-01T00:00:00Z"
    assert record.dates["validUntil"] == "2021-01-01T00:00:00Z"
    assert record.dates["awarded"] is None
    assert record.unmapped == ()


@pytest.mark.parametrize(
    ("members", "expected", "unmapped"),
    [
        (
            {"expirationDate": "2050-01-01T00:00:00Z"},
            ("2025-05-02T00:00:00Z", "2035-05-02T00:00:00Z"),
            "/expirationDate",
        ),
        ({"expirationDate": "2030-01-01T00:00:00Z"}, ("2025-05-02T00:00:00Z", "2030-01-01T00:00:00Z"), "/validUntil"),
        ({"issuanceDate": "2026-01-01T00:00:00Z"}, ("2026-01-01T00:00:00Z", "2035-05-02T00:00:00Z"), "/validFrom"),
        ({"issuanceDate": "2020-01-01T00:00:00Z"}, ("2025-05-02T00:00:00Z", "2035-05-02T00:00:00Z"), None),
        (
            {"issuanceDate": "2020-01-01T00:00:00Z", "issued": "2020-01-02T00:00:00Z"},
            ("2025-05-02T00:00:00Z", "2035-05-02T00:00:00Z"),
            "/issuanceDate",
        ),
    ],
)
def test_of_both_versions_dates_the_narrower_count(
    members: dict[str, str], expected: tuple[str, str], unmapped: str | None
) -> None:
    """Where both versions' members stand side by side, the record shows the period that is checked."""
    record = PLUGIN.normalize(verified(badge() | members))
    assert (record.dates["validFrom"], record.dates["validUntil"]) == expected
    assert record.unmapped == ((unmapped,) if unmapped else ())


def test_an_endorsement_is_listed_and_not_believed() -> None:
    """Embedded endorsements are read as unverified, until they are verified themselves."""
    (endorsement,) = PLUGIN.normalize(verified(badge())).endorsements
    assert endorsement == {
        "id": "urn:uuid:endorsement",
        "issuer": {"id": "did:web:guild.example", "name": "Guild of Welders", "url": None, "identifiers": []},
        "target": "urn:uuid:achievement",
        "comment": "We accept it.",
        "result": "indeterminate",
        "claimsUnverified": True,
        "pointer": "/endorsement/0",
    }


def test_an_endorsement_token_is_listed_unread() -> None:
    """Of a compact token nothing is shown but that it is there."""
    document = badge() | {"endorsement": [], "endorsementJwt": ["eyJ.e30.c2ln"]}
    record = PLUGIN.normalize(verified(document))
    assert [endorsement["comment"] for endorsement in record.endorsements] == [None]
    assert record.unmapped == ("/endorsementJwt/0",)


def test_verification_says_who_stands_behind_it() -> None:
    """A proven issuer verifies, a learner that issues to themselves asserts, and an unproven record is neither."""
    mine = badge()
    mine["credentialSubject"]["id"] = ISSUER
    assert PLUGIN.normalize(verified(mine)).achievements[0]["verification"] == "self_asserted"
    assert PLUGIN.normalize(verified(badge())).achievements[0]["verification"] == "verified"
    assert PLUGIN.normalize(unverified(badge())).achievements[0]["verification"] == "none"


def test_an_undeclared_hash_is_recognized() -> None:
    """An identity that does not say whether it is hashed is hashed if it looks so; it is never shown as a value."""
    document = badge()
    for identity in document["credentialSubject"]["identifier"]:
        del identity["hashed"]
    hashed, plain = PLUGIN.normalize(verified(document)).subject["identifiers"]
    assert (hashed["value"], hashed["hashed"]) == (None, True)
    assert (plain["value"], plain["hashed"]) == ("Alex Learner", False)


def test_nobody_is_credited_with_another_persons_achievement() -> None:
    """Of several subjects only those with the first one's id are read."""
    document = badge()
    first = document["credentialSubject"]
    other = copy.deepcopy(first) | {"id": "did:example:somebody-else"}
    document["credentialSubject"] = [first, other]
    record = PLUGIN.normalize(verified(document))
    assert len(record.achievements) == 1
    assert record.unmapped == ("/credentialSubject/1",)


def test_one_person_may_be_the_subject_twice() -> None:
    """Achievements of the same id are one person's; what differs between the two is named, and the first counts."""
    document = badge()
    first = document["credentialSubject"]
    again = {
        "id": first["id"],
        "name": "Somebody",
        "activityEndDate": "2001-01-01T00:00:00Z",
        "achievement": {"id": "urn:uuid:second", "image": "https://university.example/second.png"},
    }
    document["credentialSubject"] = [first, again, "https://university.example/third"]
    record = PLUGIN.normalize(verified(document))
    assert [achievement["id"] for achievement in record.achievements] == ["urn:uuid:achievement", "urn:uuid:second"]
    assert record.subject["name"] == "Alex Learner"
    assert record.dates["activityEnd"] == "2025-04-20T00:00:00Z"
    assert record.unmapped == (
        "/credentialSubject/1/name",
        "/credentialSubject/1/activityEndDate",
        "/credentialSubject/2",
        "/credentialSubject/1/achievement/image",
    )


def test_results_go_to_no_achievement_in_particular_where_there_are_two() -> None:
    """What the subject says of "its" achievement is not guessed to be of one of several."""
    document = badge()
    subject = document["credentialSubject"]
    subject["achievement"] = [subject["achievement"], {"id": "urn:uuid:other"}]
    record = PLUGIN.normalize(verified(document))
    assert [achievement["results"] for achievement in record.achievements] == [[], []]
    assert {f"/credentialSubject/{name}" for name in ("creditsEarned", "licenseNumber", "result", "role", "term")} | {
        "/credentialSubject/achievement/0/resultDescription"
    } == set(record.unmapped)


def test_an_achievement_may_be_only_named() -> None:
    """An achievement, an issuer and an image may be given as a URL alone."""
    document = badge() | {"issuer": ISSUER, "image": "https://university.example/badge.png"}
    document["credentialSubject"] = {"achievement": "https://university.example/achievements/1"}
    record = PLUGIN.normalize(verified(document))
    assert record.achievements[0]["id"] == "https://university.example/achievements/1"
    assert record.issuer == {"id": ISSUER, "name": None, "url": None, "identifiers": []}
    assert record.image == "https://university.example/badge.png"
    assert record.unmapped == ()


def test_the_achievements_image_serves_where_the_badge_has_none() -> None:
    """Most badges carry their picture at the achievement."""
    picture = {"id": "https://university.example/welder.png", "type": "Image"}
    document = badge()
    document["credentialSubject"]["achievement"]["image"] = picture
    assert PLUGIN.normalize(verified(document)).unmapped == ("/credentialSubject/achievement/image",)
    del document["image"]
    record = PLUGIN.normalize(verified(document))
    assert (record.image, record.unmapped) == ("https://university.example/welder.png", ())


def test_a_competency_is_a_skill() -> None:
    """An achievement of the type Competency is itself a skill, said explicitly."""
    (achievement,) = spoil(achievementType="Competency", alignment=[]).achievements
    assert achievement["skills"] == [
        {"name": "Welder", "code": None, "framework": None, "url": None, "source": "explicit"}
    ]


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"id": "https://credentialengineregistry.org/resources/ce-00000000-1111-2222-3333-444444444444"}, "ce-0"),
        ({}, "ce-9"),
        (
            {
                "otherIdentifier": [],
                "alignment": [
                    {"targetType": "CTDL", "targetUrl": "https://a.example/ce-11111111-1111-1111-1111-111111111111"}
                ],
            },
            "ce-1",
        ),
        ({"otherIdentifier": [], "alignment": []}, ""),
    ],
)  # fmt: skip
def test_the_ctid_is_found_where_issuers_put_it(members: dict[str, Any], expected: str) -> None:
    """The achievement's own id comes first, then another identifier, then the one CTDL entry it is aligned with."""
    (achievement,) = spoil(**members).achievements
    assert (achievement["ctid"] or "")[:4] == expected


def test_what_no_result_refers_to_is_unmapped() -> None:
    """Result descriptions and rubric levels that nobody reached are named, and no level is taken from elsewhere."""
    document = badge()
    document["credentialSubject"]["result"] = [
        {"resultDescription": "urn:uuid:grade", "achievedLevel": "urn:uuid:mastered"},
    ]
    record = PLUGIN.normalize(verified(document))
    assert record.achievements[0]["results"][0]["achievedLevel"] == "urn:uuid:mastered"
    assert record.unmapped == ("/credentialSubject/achievement/resultDescription/1",)


def _paths(value: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the path of every member and item, but of those that the result shows elsewhere."""
    if isinstance(value, dict):
        members: Any = value.items()
    else:
        members = enumerate(value) if isinstance(value, list) else ()
    for name, item in members:
        if name not in ELSEWHERE:
            yield (*at, name)
            yield from _paths(item, (*at, name))


def _replaced(document: Any, path: tuple[str | int, ...], value: Any) -> Any:
    spoilt = copy.deepcopy(document)
    node = spoilt
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    return spoilt


def _shown(record: Record) -> str:
    fields = dataclasses.asdict(dataclasses.replace(record, unmapped=(), children=()))
    return json.dumps([fields, [embedded for _, embedded in record.children]])


@pytest.mark.parametrize("path", list(_paths(badge())), ids=lambda path: "/".join(map(str, path)))
@pytest.mark.parametrize(
    "value",
    ["CANARY", ["CANARY"], {"canary": "CANARY"}, {"@value": "CANARY"}, [[{"CANARY": 1}]]],
    ids=["string", "array", "object", "value object", "nested"],
)
@pytest.mark.parametrize("plugin", [PLUGIN, CLR, GENERIC], ids=lambda plugin: plugin.name)
def test_nothing_is_silently_dropped(plugin: Normalizer, path: tuple[str | int, ...], value: Any) -> None:
    """Whatever stands anywhere in a badge is either in the record, or below a pointer of `unmapped`."""
    record = plugin.normalize(verified(_replaced(badge(), path, value)))
    pointer = "".join(f"/{step}" for step in path)
    covered = any(f"{pointer}/".startswith(f"{at}/") or at.startswith(f"{pointer}/") for at in record.unmapped)
    assert covered or "CANARY" in _shown(record)


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
)
NAMES = st.sampled_from(["id", "type", "name", "@value", "en", "identifier"]) | st.text(max_size=4)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(path=st.sampled_from(list(_paths(badge()))), value=JSON)
def test_normalizing_never_raises(path: tuple[str | int, ...], value: Any) -> None:
    """A claim of any shape, anywhere, gives a record that is JSON."""
    for plugin in (PLUGIN, CLR, GENERIC):
        _shown(plugin.normalize(verified(_replaced(badge(), path, value))))


@settings(max_examples=50, deadline=None)
@given(document=st.dictionaries(st.sampled_from([*badge(), "partial", "issuanceDate"]), JSON, max_size=6))
def test_normalizing_any_object_never_raises(document: dict[str, Any]) -> None:
    """Even an object that no credential ever looked like gives a record."""
    for plugin in (PLUGIN, CLR, GENERIC):
        _shown(plugin.normalize(unverified(document)))
