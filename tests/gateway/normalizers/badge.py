"""A badge that uses every member that the record has a place for."""

from __future__ import annotations

from typing import Any

from gateway.model import Unverified, Verified

ISSUER = "did:web:university.example"


def verified(document: Any, issuer: str = ISSUER) -> Verified:
    """Return `document` as if its proof had passed."""
    return Verified(document=document, issuer=issuer, format="data_integrity", vcdm="2.0")


def unverified(document: Any) -> Unverified:
    """Return `document` as if its proof could not be checked."""
    return Unverified(document=document, issuer=ISSUER, format="blockcerts", vcdm="2.0")


def badge() -> dict[str, Any]:
    """Return a complete Open Badges 3.0 credential."""
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": "urn:uuid:badge",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": "Welding, level 2",
        "description": "What a level 2 welder can do",
        "image": {"id": "https://university.example/badge.png", "type": "Image"},
        "awardedDate": "2025-05-01T09:00:00-05:00",
        "validFrom": "2025-05-02T00:00:00Z",
        "validUntil": "2035-05-02T00:00:00Z",
        "issuer": {
            "id": ISSUER,
            "type": ["Profile"],
            "name": "University of Example",
            "url": "https://university.example/",
            "otherIdentifier": [{"type": "IdentifierEntry", "identifierType": "sourcedId", "identifier": "U-1"}],
        },
        "evidence": [
            {
                "id": "https://university.example/work/1",
                "type": ["Evidence"],
                "name": "Test piece",
                "description": "A butt joint",
                "narrative": "Welded under supervision",
                "genre": "Practical",
                "audience": "Employers",
            }
        ],
        "endorsement": [
            {
                "id": "urn:uuid:endorsement",
                "type": ["VerifiableCredential", "EndorsementCredential"],
                "issuer": {"id": "did:web:guild.example", "type": ["Profile"], "name": "Guild of Welders"},
                "credentialSubject": {
                    "id": "urn:uuid:achievement",
                    "type": ["EndorsementSubject"],
                    "endorsementComment": "We accept it.",
                },
                "proof": {"type": "DataIntegrityProof"},
            }
        ],
        "credentialSubject": {
            "id": "did:example:learner",
            "type": ["AchievementSubject"],
            "identifier": [
                {
                    "type": "IdentityObject",
                    "identityType": "emailAddress",
                    "hashed": True,
                    "identityHash": "sha256$" + 64 * "a",
                    "salt": "deadsea",
                },
                {
                    "type": "IdentityObject",
                    "identityType": "name",
                    "hashed": False,
                    "identityHash": "Alex Learner",
                    "salt": "unused",
                },
            ],
            "activityStartDate": "2025-01-10T00:00:00Z",
            "activityEndDate": "2025-04-20T00:00:00Z",
            "creditsEarned": 3.5,
            "licenseNumber": "W-77",
            "role": "Apprentice",
            "term": "Spring 2025",
            "result": [
                {"type": ["Result"], "resultDescription": "urn:uuid:grade", "value": "92", "status": "Completed"},
                {"type": ["Result"], "resultDescription": "urn:uuid:rubric", "achievedLevel": "urn:uuid:mastered"},
            ],
            "achievement": {
                "id": "urn:uuid:achievement",
                "type": ["Achievement"],
                "name": "Welder",
                "achievementType": "Certification",
                "description": "Welds steel",
                "criteria": {"id": "https://university.example/criteria", "narrative": "Weld a butt joint."},
                "creator": {"id": "did:web:guild.example", "type": ["Profile"], "name": "Guild of Welders"},
                "creditsAvailable": 4,
                "fieldOfStudy": "Metalwork",
                "specialization": "MIG",
                "alignment": [
                    {
                        "type": ["Alignment"],
                        "targetName": "Weld joints",
                        "targetCode": "S3.2",
                        "targetFramework": "Welding competencies",
                        "targetType": "ceasn:Competency",
                        "targetUrl": "https://credentialfinder.example/competency/1",
                    },
                    {
                        "type": ["Alignment"],
                        "targetName": "Level 4",
                        "targetCode": "4",
                        "targetFramework": "European Qualifications Framework",
                        "targetType": "ext:level",
                        "targetUrl": "http://data.europa.eu/snb/eqf/4",
                    },
                ],
                "otherIdentifier": [
                    {
                        "type": "IdentifierEntry",
                        "identifierType": "ext:CTID",
                        "identifier": "ce-98cb027b-95ef-4494-908d-6f7790ec6b6b",
                    }
                ],
                "resultDescription": [
                    {
                        "id": "urn:uuid:grade",
                        "type": ["ResultDescription"],
                        "name": "Theory",
                        "resultType": "Percent",
                        "valueMin": "0",
                        "valueMax": "100",
                    },
                    {
                        "id": "urn:uuid:rubric",
                        "type": ["ResultDescription"],
                        "name": "Practice",
                        "resultType": "RubricCriterionLevel",
                        "rubricCriterionLevel": [
                            {"id": "urn:uuid:mastered", "type": ["RubricCriterionLevel"], "name": "Mastered"}
                        ],
                    },
                ],
            },
        },
        "credentialStatus": {"type": "BitstringStatusListEntry"},
        "proof": {"type": "DataIntegrityProof"},
    }
