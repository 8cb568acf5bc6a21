"""Conditions over who presents the credential."""

from __future__ import annotations

from typing import Any

import pytest

from policies.model import State
from tests.policies.files import facts, found

PASS, FAIL, UNKNOWN = State.PASS, State.FAIL, State.UNKNOWN


@pytest.mark.parametrize(
    ("yaml", "changes", "expected"),
    [
        (
            "holder_bound: true",
            {"holder_bound": True},
            (PASS, "Whoever presented the credential has shown that it is theirs."),
        ),
        (
            "holder_bound: true",
            {"holder_bound": False},
            (FAIL, "Whoever presented the credential has not shown that it is theirs."),
        ),
        (
            "holder_bound: true",
            {},
            (UNKNOWN, "It is not known whether the credential belongs to whoever presented it."),
        ),
        (
            "candidate_matches: {fields: [email, name]}",
            {"candidate": {"email": "match", "name": "match", "phone": "mismatch"}},
            (PASS, "The record is about the candidate: email and name match."),
        ),
        (
            "candidate_matches: {fields: email}",
            {"candidate": {"email": "match"}},
            (PASS, "The record is about the candidate: email matches."),
        ),
        (
            "candidate_matches: {fields: [email, name]}",
            {"candidate": {"email": "match", "name": "mismatch"}},
            (FAIL, "The record is about somebody else than the candidate, by name."),
        ),
        (
            "candidate_matches: {fields: [email, name]}",
            {"candidate": {"name": "mismatch"}},
            (FAIL, "The record is about somebody else than the candidate, by name."),
        ),
        (
            "candidate_matches: {fields: [email, name]}",
            {"candidate": {"email": "match", "name": "unknown"}},
            (UNKNOWN, "The candidate's name could not be compared."),
        ),
        (
            "candidate_matches: {fields: [email, name]}",
            {"candidate": {}},
            (UNKNOWN, "The candidate's email and name could not be compared."),
        ),
        ("candidate_matches: {fields: email}", {}, (UNKNOWN, "The candidate's email could not be compared.")),
        (
            "allow_unsigned_presentation: true",
            {"unsigned_presentation": True},
            (PASS, "The credential came in an unsigned presentation, which this policy allows."),
        ),
        (
            "allow_unsigned_presentation: false",
            {"unsigned_presentation": True},
            (FAIL, "The credential came in a presentation that nobody has signed."),
        ),
        (
            "allow_unsigned_presentation: false",
            {"unsigned_presentation": False},
            (PASS, "The credential did not come in an unsigned presentation."),
        ),
        (
            "allow_unsigned_presentation: true",
            {},
            (UNKNOWN, "It is not known whether the credential came in an unsigned presentation."),
        ),
    ],
)
def test_found(yaml: str, changes: dict[str, Any], expected: tuple[State, str]) -> None:
    """Each condition comes to its state, and says what it found in a sentence."""
    assert found(yaml, facts(**changes)) == expected
