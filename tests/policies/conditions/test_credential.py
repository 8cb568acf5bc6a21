"""Conditions over the credential itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from policies.model import ABSENT, State
from tests.policies.files import AS_OF, facts, found

PASS, FAIL, UNKNOWN = State.PASS, State.FAIL, State.UNKNOWN


def day(text: str) -> datetime:
    """Return the beginning of a day."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


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
        ("not_expired: true", {"valid_until": AS_OF}, (PASS, "The credential is valid until 2026-11-23.")),
        (
            "not_expired: true",
            {"valid_until": AS_OF - timedelta(seconds=1)},
            (FAIL, "The credential expired on 2026-11-23."),
        ),
        (
            "not_expired: true",
            {"valid_until": AS_OF - timedelta(seconds=60), "clock_skew": 60.0},
            (PASS, "The credential is valid until 2026-11-23."),
        ),
        (
            "not_expired: true",
            {"valid_until": AS_OF - timedelta(seconds=61), "clock_skew": 60.0},
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
