"""Conditions over the credential status."""

from __future__ import annotations

from typing import Any

import pytest

from policies.model import State, StatusFact
from tests.policies.files import facts, found, status

PASS, FAIL, UNKNOWN = State.PASS, State.FAIL, State.UNKNOWN
OUT_OF_REACH = (UNKNOWN, "The credential's status could not be had.")
NONE = "The issuer publishes no status for this credential."


@pytest.mark.parametrize(
    ("yaml", "statuses", "expected"),
    [
        ("[revoked, suspended]", (status(),), (PASS, "The issuer has not revoked or suspended the credential.")),
        ("[revoked]", (status(),), (PASS, "The issuer has not revoked the credential.")),
        ("[revoked]", (status("suspended"),), (PASS, "The issuer has not revoked the credential.")),
        ("[revoked]", (status(), status("revoked")), (FAIL, "The issuer has revoked the credential.")),
        ("[suspended]", (status("suspended"),), (FAIL, "The issuer has suspended the credential.")),
        ("[revoked]", (status("unknown"), status("revoked")), (FAIL, "The issuer has revoked the credential.")),
        ("[revoked]", (status("unknown"), status()), OUT_OF_REACH),
        ("[revoked]", (status("unknown", purpose="something-new"),), OUT_OF_REACH),
        ("[revoked]", (status("withdrawn"),), OUT_OF_REACH),
        ("[revoked]", (status("message", purpose="revocation"),), OUT_OF_REACH),
        ("[revoked]", None, OUT_OF_REACH),
        ("[revoked]", (), (PASS, NONE)),
        ("[revoked]", (status("refresh", purpose="refresh"), status("message", purpose="message")), (PASS, NONE)),
        ("[revoked]", (status("unknown", purpose="message"),), (PASS, NONE)),
    ],
)
def test_status_not(yaml: str, statuses: tuple[StatusFact, ...] | None, expected: tuple[State, str]) -> None:
    """One set bit fails, whatever else is unknown; messages and refresh hints say nothing against it."""
    assert found(f"status_not: {yaml}", facts(statuses=statuses)) == expected


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ((status(age=3600.0),), (PASS, "The credential's status was checked within 1 hour.")),
        ((status(age=3600.1),), (UNKNOWN, "The credential's status was last checked more than 1 hour ago.")),
        ((status(), status(age=1e9)), (UNKNOWN, "The credential's status was last checked more than 1 hour ago.")),
        ((status(age=float("nan")),), (UNKNOWN, "The credential's status was last checked more than 1 hour ago.")),
        ((status(age=None),), OUT_OF_REACH),
        ((status("unknown"),), OUT_OF_REACH),
        (None, OUT_OF_REACH),
        ((), (PASS, NONE)),
        ((status("message", purpose="message", age=None),), (PASS, NONE)),
    ],
)
def test_max_age(statuses: tuple[StatusFact, ...] | None, expected: tuple[State, str]) -> None:
    """Every entry has to be known that recently; one that is older says nothing about now."""
    assert found("max_age: PT1H", facts(statuses=statuses)) == expected


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ((status("unknown"),), (PASS, "The issuer publishes a status for this credential.")),
        ((), (FAIL, NONE)),
        ((status("message", purpose="message"),), (FAIL, NONE)),
        (None, OUT_OF_REACH),
    ],
)
def test_status_required(statuses: tuple[StatusFact, ...] | None, expected: tuple[State, str]) -> None:
    """Only an entry that can invalidate the credential counts as its status."""
    assert found("status_required: true", facts(statuses=statuses)) == expected


OWN_OR_NAMED = (PASS, "The credential's status list was issued by the issuer, or by somebody whom the policy names.")
STRANGE = (FAIL, "The credential's status list was issued by somebody whom the policy does not name.")
WHOSE = (UNKNOWN, "It is not known who issued the credential's status list.")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, OWN_OR_NAMED),
        ({"statuses": (status(issuer="did:web:lists.example"), status())}, OWN_OR_NAMED),
        ({"statuses": (status(issuer="did:web:other.example"), status())}, STRANGE),
        ({"statuses": (status(issuer=None), status(issuer="did:web:other.example"))}, STRANGE),
        ({"statuses": (status(issuer=None),)}, WHOSE),
        ({"statuses": (status(issuer=None),), "issuer": None}, WHOSE),
        ({"statuses": (status(),), "issuer": None}, WHOSE),
        ({"statuses": (status(issuer="did:web:lists.example"),), "issuer": None}, OWN_OR_NAMED),
        ({"statuses": ()}, (FAIL, NONE)),
        ({"statuses": None}, OUT_OF_REACH),
    ],
)
def test_status_issuer_in(changes: dict[str, Any], expected: tuple[State, str]) -> None:
    """A list is the issuer's own, or of somebody named; where that is not known, neither is this."""
    assert found("status_issuer_in: ['did:web:lists.example']", facts(**changes)) == expected
