"""Conditions over who presents the credential."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from policies.conditions.credential import AllowUnknownContexts
from policies.conditions.presentation import AllowUnsignedPresentation
from policies.model import State
from tests.policies.files import facts, found

if TYPE_CHECKING:
    from policies.conditions.base import Permission

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


@pytest.mark.parametrize(
    ("condition", "allowed", "refused"),
    [
        (AllowUnsignedPresentation, "the record may come in a presentation that nobody has signed", "is signed"),
        (AllowUnknownContexts, "a token may use a vocabulary that is not known here", "is known here"),
    ],
)
def test_a_permission_says_what_it_permits(condition: type[Permission], allowed: str, refused: str) -> None:
    """Given, it says what is taken; withheld, what has to be the case."""
    assert condition(allowed=True).describe() == allowed
    assert condition(allowed=False).describe().endswith(refused)
