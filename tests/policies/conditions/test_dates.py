"""Conditions over when the record was issued, earned and valid."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.validity import is_before, is_over
from policies.model import ABSENT, State
from tests.policies.files import AS_OF, facts, found

PASS, FAIL, UNKNOWN = State.PASS, State.FAIL, State.UNKNOWN


def day(text: str) -> datetime:
    """Return the beginning of a day."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("yaml", "changes", "expected"),
    [
        ("issued_after: 2025-05-20", {}, (PASS, "The credential was issued on 2025-05-20.")),
        (
            "issued_after: 2025-05-21",
            {},
            (FAIL, "The credential was issued on 2025-05-20, before 2025-05-21."),
        ),
        ("issued_after: 2025-01-01", {"valid_from": ABSENT}, (FAIL, "The credential does not say when it was issued.")),
        (
            "issued_after: 2025-01-01",
            {"valid_from": None},
            (UNKNOWN, "It is not known when the credential was issued."),
        ),
        ("issued_within: P2Y", {}, (PASS, "The credential was issued on 2025-05-20.")),
        ("issued_within: P1Y", {}, (FAIL, "The credential was issued on 2025-05-20, more than 1 year ago.")),
        (
            "issued_within: P1Y",
            {"valid_from": day("2026-11-24")},
            (FAIL, "The credential is dated 2026-11-24, which lies in the future."),
        ),
        ("issued_within: P1Y", {"valid_from": ABSENT}, (FAIL, "The credential does not say when it was issued.")),
        ("issued_within: P1Y", {"valid_from": None}, (UNKNOWN, "It is not known when the credential was issued.")),
        ("earned_within: P2Y", {}, (PASS, "This was earned on 2025-05-16.")),
        ("earned_within: P1Y", {}, (FAIL, "This was earned on 2025-05-16, more than 1 year ago.")),
        (
            "earned_within: P1Y",
            {"earned": day("2027-01-01")},
            (FAIL, "The record says this was earned on 2027-01-01, which lies in the future."),
        ),
        ("earned_within: P1Y", {"earned": ABSENT}, (UNKNOWN, "The record does not say when this was earned.")),
        ("earned_within: P1Y", {"earned": None}, (UNKNOWN, "The record does not say when this was earned.")),
        ("not_expired: true", {}, (PASS, "The credential has no end date.")),
        (
            "not_expired: true",
            {"valid_until": day("2027-01-01")},
            (PASS, "The credential is valid until 2027-01-01."),
        ),
        ("not_expired: true", {"valid_until": AS_OF}, (FAIL, "The credential expired on 2026-11-23.")),
        (
            "not_expired: true",
            {"valid_until": AS_OF + timedelta(seconds=1)},
            (PASS, "The credential is valid until 2026-11-23."),
        ),
        (
            "not_expired: true",
            {"valid_until": AS_OF - timedelta(seconds=59), "clock_skew": 60.0},
            (PASS, "The credential is valid until 2026-11-23."),
        ),
        (
            "not_expired: true",
            {"valid_until": AS_OF - timedelta(seconds=60), "clock_skew": 60.0},
            (FAIL, "The credential expired on 2026-11-23."),
        ),
        (
            "not_expired: true",
            {"valid_from": AS_OF + timedelta(seconds=61), "clock_skew": 60.0},
            (FAIL, "The credential is not valid before 2026-11-23."),
        ),
        (
            "not_expired: true",
            {"valid_from": AS_OF + timedelta(seconds=60), "clock_skew": 60.0},
            (PASS, "The credential has no end date."),
        ),
        ("not_expired: true", {"valid_from": ABSENT}, (PASS, "The credential has no end date.")),
        ("not_expired: true", {"valid_until": None}, (UNKNOWN, "It is not known how long the credential is valid.")),
        ("not_expired: true", {"valid_from": None}, (UNKNOWN, "It is not known how long the credential is valid.")),
        (
            "not_expired: true",
            {"valid_from": None, "valid_until": day("2020-01-01")},
            (FAIL, "The credential expired on 2020-01-01."),
        ),
    ],
)
def test_found(yaml: str, changes: dict[str, Any], expected: tuple[State, str]) -> None:
    """Each condition comes to its state, and says what it found in a sentence."""
    assert found(yaml, facts(**changes)) == expected


@pytest.mark.parametrize("as_of", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
@pytest.mark.parametrize("yaml", ["not_expired: true", "issued_within: P150Y", "earned_within: P1D"])
def test_the_ends_of_the_calendar(yaml: str, as_of: datetime) -> None:
    """Arithmetic at the ends of the calendar does not raise."""
    for instant in (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)):
        about = facts(as_of=as_of, valid_from=instant, valid_until=instant, earned=instant, clock_skew=600.0)
        assert found(yaml, about)[0] in {PASS, FAIL}


@pytest.mark.parametrize("seconds", [-61, -60, -59, -1, 0, 1, 59, 60, 61])
@pytest.mark.parametrize("skew", [0.0, 60.0])
def test_expiry_is_that_of_the_check(seconds: int, skew: float) -> None:
    """At each end of the period the condition and the check of the validity period turn at the same instant."""
    end = AS_OF + timedelta(seconds=seconds)
    over, before = is_over(AS_OF, end, skew), is_before(AS_OF, end, skew)
    about = facts(valid_from=ABSENT, valid_until=end, clock_skew=skew)
    assert found("not_expired: true", about)[0] is (FAIL if over else PASS)
    about = facts(valid_from=end, valid_until=ABSENT, clock_skew=skew)
    assert found("not_expired: true", about)[0] is (FAIL if before else PASS)
