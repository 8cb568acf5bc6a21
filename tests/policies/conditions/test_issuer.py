"""Conditions over the issuer's own identifier."""

from __future__ import annotations

import pytest

from policies.model import ABSENT, State
from tests.policies.files import facts, found

PASS, FAIL, UNKNOWN = State.PASS, State.FAIL, State.UNKNOWN


@pytest.mark.parametrize(
    ("issuer", "expected"),
    [
        ("did:web:a.example", (PASS, "The issuer is one of those that the policy names.")),
        ("did:web:A.example", (FAIL, "The issuer is none of those that the policy names.")),
        ("did:web:a.example#key", (FAIL, "The issuer is none of those that the policy names.")),
        (None, (UNKNOWN, "It is not known who the issuer is.")),
    ],
)
def test_issuer_is(issuer: str | None, expected: tuple[State, str]) -> None:
    """Identifiers are compared exactly."""
    assert found("issuer_is: ['did:web:a.example', 'did:web:b.example']", facts(issuer=issuer)) == expected


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("web", (PASS, "The issuer's identifier is a did:web.")),
        ("key", (FAIL, "The issuer's identifier is a did:key; did:web or did:webvh is needed.")),
        (ABSENT, (FAIL, "The issuer's identifier is not a DID; did:web or did:webvh is needed.")),
        (None, (UNKNOWN, "It is not known what kind of identifier the issuer has.")),
    ],
)
def test_did_method_in(method: object, expected: tuple[State, str]) -> None:
    """An issuer that is no DID fails."""
    assert found("did_method_in: [web, webvh]", facts(did_method=method)) == expected
