"""Conditions over who has confirmed the record."""

from __future__ import annotations

from typing import Any

import pytest

from policies.model import State, TrustFact
from tests.policies.files import facts, found, requirement

PASS, FAIL, UNKNOWN = State.PASS, State.FAIL, State.UNKNOWN
KEY = "al-providers?about=attester"
LISTED, NOT_LISTED = TrustFact(state="listed"), TrustFact(state="not_listed")
NOBODY = (FAIL, "The record does not say that anybody besides the issuer has confirmed it.")
UNSURE = (UNKNOWN, "It is not known who has confirmed the record.")
SCHOOL = "did:web:school.example"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"attesters": (SCHOOL,), "trust": {KEY: LISTED}},
            (PASS, "al-providers lists a provider that has confirmed the record."),
        ),
        (
            {"attesters": (SCHOOL, None), "trust": {KEY: LISTED}},
            (PASS, "al-providers lists a provider that has confirmed the record."),
        ),
        (
            {"attesters": (SCHOOL,), "trust": {KEY: NOT_LISTED}},
            (FAIL, "al-providers does not list whoever has confirmed the record."),
        ),
        ({"attesters": (SCHOOL, None), "trust": {KEY: NOT_LISTED}}, UNSURE),
        (
            {"attesters": (SCHOOL,), "trust": {"al-providers": LISTED}},
            (UNKNOWN, "al-providers gave no answer about whoever has confirmed the record."),
        ),
        ({"attesters": (), "trust": {KEY: LISTED}}, NOBODY),
        ({"attesters": None, "trust": {KEY: LISTED}}, UNSURE),
    ],
)
def test_attested_by_a_listed_party(changes: dict[str, Any], expected: tuple[State, str]) -> None:
    """It is the attester who has to be listed, not the issuer; nobody fails, and not being sure is unknown."""
    assert found("attested_by: {registry: al-providers}", facts(**changes)) == expected


@pytest.mark.parametrize(
    ("attesters", "expected"),
    [
        (("did:web:x.example", SCHOOL), (PASS, "The record was confirmed by a provider that the policy names.")),
        ((SCHOOL, None), (PASS, "The record was confirmed by a provider that the policy names.")),
        (("did:web:x.example",), (FAIL, "The record was confirmed by nobody whom the policy names.")),
        (("did:web:x.example", None), UNSURE),
        ((), NOBODY),
        (None, UNSURE),
    ],
)
def test_attested_by_a_named_party(attesters: tuple[str | None, ...] | None, expected: tuple[State, str]) -> None:
    """Identifiers are compared exactly."""
    assert found(f"attested_by: {{issuer_is: ['{SCHOOL}', b]}}", facts(attesters=attesters)) == expected


def test_only_a_registry_is_asked() -> None:
    """A list of identifiers asks nobody."""
    assert {question.key for question in requirement("attested_by: {registry: [a, b]}").questions()} == {
        "a?about=attester",
        "b?about=attester",
    }
    assert requirement("attested_by: {issuer_is: a}").questions() == frozenset()


@pytest.mark.parametrize(
    ("level", "fact", "expected"),
    [
        ("provider_verified", "provider_verified", PASS),
        ("provider_verified", "platform_verified", FAIL),
        ("platform_verified", "provider_verified", PASS),
        ("platform_verified", "platform_verified", PASS),
        ("provider_verified", None, UNKNOWN),
        ("platform_verified", None, UNKNOWN),
        ("platform_verified", "self_verified", UNKNOWN),
    ],
)
def test_learner_verification(level: str, fact: str | None, expected: State) -> None:
    """A provider's word is more than the platform's; what is not known here is unknown."""
    assert found(f"learner_verification: {level}", facts(learner_verification=fact))[0] is expected
