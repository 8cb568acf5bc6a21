"""Conditions over the credential itself."""

from __future__ import annotations

from typing import Any

import pytest

from policies.model import State
from tests.policies.files import facts, found

PASS, FAIL, UNKNOWN = State.PASS, State.FAIL, State.UNKNOWN


@pytest.mark.parametrize(
    ("yaml", "changes", "expected"),
    [
        ("type_in: [OpenBadgeCredential, X]", {}, (PASS, "The credential is of an accepted type.")),
        ("type_in: [A, C, B]", {}, (FAIL, "The credential is not of type A, B or C.")),
        ("type_in: A", {"types": ()}, (FAIL, "The credential is not of type A.")),
        ("type_in: A", {"types": None}, (UNKNOWN, "The credential's type is not known.")),
        ("format_in: data-integrity", {}, (PASS, "The credential's format is data-integrity.")),
        ("format_in: [b, a]", {}, (FAIL, "The credential's format is data-integrity; a or b is needed.")),
        ("format_in: a", {"format": None}, (UNKNOWN, "The credential's format is not known.")),
        ("proof_suite_in: eddsa-rdfc-2022", {}, (PASS, "The credential is signed with eddsa-rdfc-2022.")),
        (
            "proof_suite_in: [a, b]",
            {"proof_suites": ("b", "a")},
            (PASS, "The credential is signed with a or b."),
        ),
        (
            "proof_suite_in: a",
            {"proof_suites": ("a", "weak")},
            (FAIL, "The credential is signed with weak; a is needed."),
        ),
        (
            "proof_suite_in: a",
            {"proof_suites": ()},
            (FAIL, "The credential carries no digital signature that was verified."),
        ),
        ("proof_suite_in: a", {"proof_suites": None}, (UNKNOWN, "It is not known how the credential is signed.")),
        (
            "achievement_type_in: [License, Certificate]",
            {"achievement_types": ("Badge", "License")},
            (PASS, "The credential holds an achievement of type License."),
        ),
        ("achievement_type_in: License", {}, (FAIL, "The credential holds no achievement of type License.")),
        (
            "achievement_type_in: License",
            {"achievement_types": ()},
            (FAIL, "The credential holds no achievement of type License."),
        ),
        (
            "achievement_type_in: License",
            {"achievement_types": None},
            (UNKNOWN, "It is not known which kinds of achievement the credential holds."),
        ),
        (
            "credential_in: {list: [ce-1, ce-2]}",
            {"achievement_ids": (("id", "ce-1"), ("ctid", "ce-2"))},
            (PASS, "The credential holds an achievement that the policy names."),
        ),
        (
            "credential_in: {list: ce-1, by: ctid}",
            {"achievement_ids": (("id", "ce-1"),)},
            (FAIL, "The credential holds no achievement that the policy names."),
        ),
        (
            "credential_in: {list: ce-1, by: id}",
            {"achievement_ids": (("id", "ce-1"),)},
            (PASS, "The credential holds an achievement that the policy names."),
        ),
        (
            "credential_in: {list: ce-1}",
            {"achievement_ids": ()},
            (FAIL, "The credential holds no achievement that the policy names."),
        ),
        (
            "credential_in: {list: ce-1}",
            {"achievement_ids": None},
            (UNKNOWN, "It is not known which achievements the credential holds."),
        ),
        (
            "aligned_to: {framework: F}",
            {"alignments": (("F", "1"), ("G", "1"))},
            (PASS, "1 of the credential's alignments is to F."),
        ),
        (
            "aligned_to: {framework: F, at_least: 2}",
            {"alignments": (("F", "1"), ("F", "2"), ("F", "2"))},
            (PASS, "2 of the credential's alignments are to F."),
        ),
        (
            "aligned_to: {framework: F, at_least: 2}",
            {"alignments": (("F", "1"), ("F", "1"))},
            (FAIL, "1 of the credential's alignments is to F; 2 needed."),
        ),
        ("aligned_to: {framework: F}", {}, (FAIL, "0 of the credential's alignments are to F; 1 needed.")),
        (
            "aligned_to: {framework: F}",
            {"alignments": None},
            (UNKNOWN, "It is not known what the credential is aligned to."),
        ),
        ("schema_valid: true", {"schema": PASS}, (PASS, "The credential conforms to the schema that it names.")),
        (
            "schema_valid: true",
            {"schema": FAIL},
            (FAIL, "The credential does not conform to the schema that it names."),
        ),
        ("schema_valid: true", {}, (FAIL, "The credential names no schema.")),
        (
            "schema_valid: true",
            {"schema": UNKNOWN},
            (UNKNOWN, "It is not known whether the credential conforms to its schema."),
        ),
        (
            "schema_valid: true",
            {"schema": None},
            (UNKNOWN, "It is not known whether the credential conforms to its schema."),
        ),
        ("no_inline_context: true", {}, (PASS, "The credential uses published vocabularies only.")),
        (
            "no_inline_context: true",
            {"inline_context": True},
            (FAIL, "The credential defines terms of its own, which only its issuer can explain."),
        ),
        (
            "no_inline_context: true",
            {"inline_context": None},
            (UNKNOWN, "It is not known whether the credential defines terms of its own."),
        ),
        ("allow_unknown_contexts: true", {}, (PASS, "Every vocabulary that the credential uses is known here.")),
        (
            "allow_unknown_contexts: true",
            {"unknown_contexts": True},
            (PASS, "The credential uses a vocabulary that is not known here, which this policy allows."),
        ),
        (
            "allow_unknown_contexts: false",
            {"unknown_contexts": True},
            (FAIL, "The credential uses a vocabulary that is not known here."),
        ),
        (
            "allow_unknown_contexts: true",
            {"unknown_contexts": None},
            (UNKNOWN, "It is not known which vocabularies the credential uses."),
        ),
        ("children: all_current", {"children_current": True}, (PASS, "Every record inside this one is current.")),
        (
            "children: all_current",
            {"children_current": False},
            (FAIL, "A record inside this one is expired, revoked or suspended."),
        ),
        ("children: all_current", {}, (FAIL, "There is no record inside this one.")),
        (
            "children: all_current",
            {"children_current": None},
            (UNKNOWN, "It is not known whether every record inside this one is current."),
        ),
    ],
)
def test_found(yaml: str, changes: dict[str, Any], expected: tuple[State, str]) -> None:
    """Each condition comes to its state, and says what it found in a sentence."""
    assert found(yaml, facts(**changes)) == expected
