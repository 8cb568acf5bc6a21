"""Any W3C credential: what the data model defines, and schema.org's hasCredential."""

from __future__ import annotations

import gateway.normalizers
from gateway.normalizers.generic import PLUGIN
from gateway.plugins import Normalizer
from resolvers.registry import scan
from tests.gateway.normalizers.badge import ISSUER, verified


def test_only_what_the_data_model_defines_is_read() -> None:
    """Of an unknown type the envelope is read; what its subject claims is listed as unmapped."""
    document = {
        "id": "urn:uuid:employment",
        "type": ["VerifiableCredential", "EmploymentCredential"],
        "issuer": ISSUER,
        "validFrom": "2025-01-01T00:00:00Z",
        "termsOfUse": {"type": "Anything"},
        "credentialSubject": {"id": "did:example:worker", "name": "Alex", "jobTitle": "Welder", "a/b": 1},
    }
    record = PLUGIN.normalize(verified(document))
    assert record.types == ("VerifiableCredential", "EmploymentCredential")
    assert record.subject == {"id": "did:example:worker", "name": "Alex", "identifiers": []}
    assert record.achievements == ()
    assert record.unmapped == ("/termsOfUse", "/credentialSubject/jobTitle", "/credentialSubject/a~1b")


def test_schema_orgs_credential_is_an_achievement() -> None:
    """`hasCredential` is what Digital Credentials Consortium issuers used before Open Badges 3.0."""
    held = {"type": "EducationalOccupationalCredential", "name": "Guide", "credentialCategory": "Diploma", "url": "x"}
    record = PLUGIN.normalize(verified({"credentialSubject": {"hasCredential": [held, "https://a.example/1", 3]}}))
    assert [(a["name"], a["achievementType"], a["id"]) for a in record.achievements] == [
        ("Guide", "Diploma", None),
        (None, None, "https://a.example/1"),
    ]
    assert record.unmapped == (
        "/credentialSubject/hasCredential/0/url",
        "/credentialSubject/hasCredential/2",
    )


def test_the_plugins_are_found_by_credential_type() -> None:
    """Each type has one normalizer, and whatever has none goes to the generic one."""
    found = scan(gateway.normalizers, Normalizer, lambda plugin: plugin.types)
    expected = {
        "AchievementCredential": "open_badges_3",
        "OpenBadgeCredential": "open_badges_3",
        "ClrCredential": "clr_2",
        "EuropeanDigitalCredential": "elm_3",
        "http://schema.hropenstandards.org/4.5/recruiting/json/LER-RSType.json": "ler_rs",
        "LER-RS VC": "ler_rs",
        "BlockcertsCredential": "blockcerts",
        "EducationDegreeGraduationV1.1": "velocity",
        "ext:PescTranscript": "pesc",
        "ext:Elmo": "elmo",
        "": "generic",
    }
    assert {type_: found[type_].name for type_ in expected} == expected
