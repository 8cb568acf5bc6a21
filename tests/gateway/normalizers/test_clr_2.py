"""CLR 2.0: children, associations, and definitions of achievements."""

from __future__ import annotations

from typing import Any

from gateway.normalizers.clr_2 import PLUGIN
from tests.gateway.normalizers.badge import badge, verified


def transcript(**subject: Any) -> dict[str, Any]:
    """Return a learner record with `subject` in its subject."""
    return {
        "id": "urn:uuid:transcript",
        "type": ["VerifiableCredential", "ClrCredential"],
        "name": {"en": "Transcript", "es": "Expediente"},
        "partial": True,
        "credentialSubject": {"id": "did:example:learner", "type": ["ClrSubject"], **subject},
    }


def test_children_are_found_and_not_read() -> None:
    """Every embedded credential, object or compact token, is given out with its pointer, to be verified."""
    record = PLUGIN.normalize(verified(transcript(verifiableCredential=[badge(), "eyJ.e30.c2ln", 7])))
    assert record.children == (
        ("/credentialSubject/verifiableCredential/0", badge()),
        ("/credentialSubject/verifiableCredential/1", "eyJ.e30.c2ln"),
    )
    assert record.achievements == ()
    assert record.unmapped == ("/credentialSubject/verifiableCredential/2",)


def test_a_single_child_needs_no_array() -> None:
    """One value stands for an array of one."""
    record = PLUGIN.normalize(verified(transcript(verifiableCredential=badge())))
    assert record.children == (("/credentialSubject/verifiableCredential", badge()),)


def test_associations_and_definitions_are_mapped() -> None:
    """Achievements that the record itself defines are its own, and how they hang together is kept."""
    association = {"type": "Association", "associationType": "isParentOf", "sourceId": "urn:a", "targetId": "urn:b"}
    other = {"associationType": "loves", "sourceId": "urn:a", "targetId": "javascript:x"}
    definitions = [{"id": "urn:a", "type": ["Achievement"], "name": "A"}, {"id": "urn:b", "name": "B"}]
    record = PLUGIN.normalize(verified(transcript(achievement=definitions, association=[association, other, 7])))
    assert record.associations == (
        {"type": "isParentOf", "sourceId": "urn:a", "targetId": "urn:b"},
        {"type": "ext:loves", "sourceId": "urn:a", "targetId": None},
    )
    assert [achievement["id"] for achievement in record.achievements] == ["urn:a", "urn:b"]
    assert record.unmapped == ("/credentialSubject/association/1/targetId", "/credentialSubject/association/2")


def test_partial_and_languages_are_kept() -> None:
    """A learner record says whether it is whole, and its name in every language it has."""
    record = PLUGIN.normalize(verified(transcript()))
    assert record.partial is True
    assert record.name == {"en": "Transcript", "es": "Expediente"}
