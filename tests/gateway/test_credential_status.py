"""Several entries come to one check: what is set fails, what is not known is never a pass."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from gateway import credential_status
from gateway.model import Outcome
from resolvers.model import Provenance, StatusEvidence, StatusState
from resolvers.problems import Problem

NOW = datetime(2026, 6, 1, tzinfo=UTC)
PASS, FAIL, INDETERMINATE = Outcome.PASS, Outcome.FAIL, Outcome.INDETERMINATE


def status(
    state: str, purpose: str = "revocation", *, stale_age: float | None = None, **members: Any
) -> StatusEvidence:
    """Return what one entry says; `stale_age` is that of a list that could not be refreshed."""
    source = Provenance(
        url="https://x.example", sha256="", fetched_at=NOW, age=stale_age or 0.0, stale=stale_age is not None
    )
    return StatusEvidence(type="X", purpose=purpose, state=StatusState(state), source=source, **members)


@pytest.mark.parametrize(
    ("statuses", "stale_within", "outcome", "codes"),
    [
        ([status("active")], None, PASS, []),
        ([status("revoked")], None, FAIL, ["revoked"]),
        ([status("suspended", "suspension")], None, FAIL, ["suspended"]),
        ([status("unknown")], None, INDETERMINATE, []),
        ([status("active"), status("unknown")], None, INDETERMINATE, []),
        ([status("revoked"), status("unknown")], None, FAIL, ["revoked"]),
        ([status("refresh", "refresh")], None, PASS, []),
        ([status("unknown", "message")], None, PASS, []),
        ([status("unknown", malformed=True)], None, FAIL, []),
        ([status("unknown", "message", malformed=True)], None, FAIL, []),
        ([status("active", stale_age=60.0)], None, INDETERMINATE, ["status-stale"]),
        ([status("active", stale_age=60.0)], 59.0, INDETERMINATE, ["status-stale"]),
        ([status("active", stale_age=60.0)], 60.0, PASS, []),
        ([status("revoked", stale_age=9e9)], None, FAIL, ["revoked"]),
        ([status("active", stale_age=60.0), status("active", stale_age=90.0)], 60.0, INDETERMINATE, ["status-stale"]),
    ],
)
def test_the_worst_entry_decides(
    statuses: list[StatusEvidence], stale_within: float | None, outcome: Outcome, codes: list[str]
) -> None:
    """Each entry counts by its state, its purpose, its age, and what the policy bears."""
    result = credential_status.check(statuses, stale_within)
    assert (result.outcome, [problem.code for problem in result.problems]) == (outcome, codes)


def test_what_an_entry_reports_is_reported() -> None:
    """A problem beside a set bit is kept."""
    doubt = Problem(code="per-subject-url", detail="the address looks as if it named one person")
    result = credential_status.check([status("revoked", problems=(doubt,))], None)
    assert [problem.code for problem in result.problems] == ["per-subject-url", "revoked"]


@pytest.mark.parametrize(
    ("declared", "pointers"),
    [
        (None, []),
        ({}, ["/credentialStatus"]),
        ([], []),
        ([{}, "x"], ["/credentialStatus/0", "/credentialStatus/1"]),
        ("https://x.example", ["/credentialStatus"]),
    ],
)
def test_entries_are_one_or_several_and_none_is_skipped(declared: Any, pointers: list[str]) -> None:
    """Whatever stands at credentialStatus is an entry, even what no method can read."""
    assert [pointer for pointer, _ in credential_status.entries({"credentialStatus": declared})] == pointers


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"vct": "urn:x"}, []),
        ({"vct": "urn:x", "status": {"status_list": {"idx": 1}}}, [("/status/status_list", "status_list")]),
        ({"vct": "urn:x", "status": {"a": {}, "b": 1}}, [("/status/a", "a"), ("/status/b", None)]),
        ({"vct": "urn:x", "status": {"a": {"type": "b"}}}, [("/status/a", "a")]),
        ({"vct": "urn:x", "status": {}}, [("/status", None)]),
        ({"vct": "urn:x", "status": []}, [("/status", None)]),
        ({"vct": "urn:x", "status": "active"}, [("/status", None)]),
        ({"status": {"status_list": 1}}, [("/status/status_list", None)]),
        ({"status": {"future": {}}}, []),
        ({"status": "Completed"}, []),
        (
            {"credentialStatus": {"type": "A"}, "status": {"status_list": {}}},
            [("/credentialStatus", "A"), ("/status/status_list", "status_list")],
        ),
    ],
    ids=str,
)
def test_claim_of_a_token_is_read_as_entries(document: dict[str, Any], expected: list[tuple[str, str | None]]) -> None:
    """Each mechanism is one; in a W3C credential `status` may be any term, unless it names a status list."""
    found = credential_status.entries(document)
    assert [(at, entry.get("type") if isinstance(entry, dict) else None) for at, entry in found] == expected
