"""The validity period, and the dates that it is written in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model import Outcome, Verified
from gateway.validity import check_validity, instant, read_instant, rfc3339
from resolvers.problems import Invalid

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def check(as_of: datetime = NOON, skew: float = 60.0, **members: Any) -> tuple[Outcome, list[str]]:
    """Return outcome and problem codes of the check on a credential with these members."""
    verified = Verified(document=members, issuer="did:example:a", format="data-integrity", vcdm="2.0")
    result = check_validity(verified, as_of=as_of, clock_skew=skew)
    return result.outcome, [problem.code for problem in result.problems]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-06-01T12:00:00Z", NOON),
        ("2026-06-01T14:00:00+02:00", NOON),
        ("2026-06-01T00:00:00-12:00", NOON),
        ("2026-06-01T12:00:00.5Z", NOON + timedelta(milliseconds=500)),
        ("2026-06-01T12:00:00.1234567891Z", NOON + timedelta(microseconds=123456)),
        ("2026-05-31T24:00:00Z", datetime(2026, 6, 1, tzinfo=UTC)),
        ("2026-06-02T02:00:00+14:00", NOON),
        ("0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
    ],
)
def test_date_time_is_read(text: str, expected: datetime) -> None:
    """Every spelling of an xsd:dateTime with a zone names its instant, without a warning."""
    assert read_instant(text, "/validFrom") == (expected, ())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-06-01",
        "2026-06-01 12:00:00Z",
        "2026-06-01t12:00:00Z",
        "2026-06-01T12:00:00z",
        "2026-06-01T12:00Z",
        "2026-06-01T12:00:60Z",
        "2026-06-01T24:00:01Z",
        "2026-06-01T12:00:00.Z",
        "2026-06-01T12:00:00+0200",
        "2026-06-01T12:00:00+14:01",
        "2026-02-30T12:00:00Z",
        "2026-13-01T12:00:00Z",
        "26-06-01T12:00:00Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T24:00:00Z",
        "2026-06-01T12:00:00Z\n",
        "٢٠٢٦-06-01T12:00:00Z",
        1780315200,
        None,
        ["2026-06-01T12:00:00Z"],
    ],
)
def test_what_is_no_date_time_is_refused(text: Any) -> None:
    """Anything but an xsd:dateTime that exists is a malformed value, with its place."""
    with pytest.raises(Invalid) as refused:
        read_instant(text, "/validFrom")
    assert (refused.value.problem.code, refused.value.problem.pointer) == ("MALFORMED_VALUE_ERROR", "/validFrom")
    assert not isinstance(text, str) or instant(text) is None


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"nbf": NOON.timestamp(), "exp": NOON.timestamp() + 61}, (Outcome.PASS, [])),
        ({"nbf": NOON.timestamp() + 60.5}, (Outcome.FAIL, ["not-yet-valid"])),
        ({"exp": NOON.timestamp() - 60}, (Outcome.FAIL, ["expired"])),
        ({"exp": 1}, (Outcome.FAIL, ["expired"])),
        ({"exp": 1, "validUntil": "2027-01-01T00:00:00Z"}, (Outcome.FAIL, ["expired"])),
        ({"exp": 4e9, "validUntil": "2026-01-01T00:00:00Z"}, (Outcome.FAIL, ["expired"])),
        ({"exp": None}, (Outcome.PASS, [])),
        ({"exp": 1e18}, (Outcome.FAIL, ["MALFORMED_VALUE_ERROR"])),
        ({"nbf": "0"}, (Outcome.FAIL, ["MALFORMED_VALUE_ERROR"])),
        ({"nbf": True}, (Outcome.FAIL, ["MALFORMED_VALUE_ERROR"])),
        ({"iat": 4e9}, (Outcome.PASS, [])),
    ],
    ids=str,
)
def test_claims_of_a_token_are_a_period(members: dict[str, Any], expected: tuple[Outcome, list[str]]) -> None:
    """`nbf` and `exp` bound what has a `vct`; in a W3C credential its token's are compared with its own dates."""
    assert check(vct="urn:x", **members) == expected
    assert check(**{name: value for name, value in members.items() if name in {"nbf", "exp"}}) == (Outcome.PASS, [])


@given(st.datetimes(timezones=st.just(UTC)))
def test_rfc3339_is_read_back(moment: datetime) -> None:
    """What is written is read as the same instant."""
    assert instant(rfc3339(moment)) == moment


def test_T41_missing_zone_is_utc_with_a_warning() -> None:
    """A date without a zone is UTC, and the passing check says so."""
    assert check(validFrom="2026-06-01T12:00:00") == (Outcome.PASS, ["missing-time-zone"])
    assert check(validFrom="2026-06-01T12:02:00") == (Outcome.FAIL, ["not-yet-valid", "missing-time-zone"])


@pytest.mark.parametrize(
    ("as_of", "outcome"),
    [
        (NOON - timedelta(seconds=61), Outcome.FAIL),
        (NOON - timedelta(seconds=60), Outcome.PASS),
        (NOON, Outcome.PASS),
    ],
)
def test_T41_start_within_the_skew(as_of: datetime, outcome: Outcome) -> None:
    """A credential is valid from its start, less the skew to the second."""
    assert check(as_of, validFrom="2026-06-01T12:00:00Z")[0] is outcome


@pytest.mark.parametrize(
    ("as_of", "outcome"),
    [
        (NOON, Outcome.PASS),
        (NOON + timedelta(seconds=59), Outcome.PASS),
        (NOON + timedelta(seconds=60), Outcome.FAIL),
    ],
)
def test_T41_end_within_the_skew(as_of: datetime, outcome: Outcome) -> None:
    """A credential ceases to be valid at its end, plus the skew to the second."""
    assert check(as_of, validUntil="2026-06-01T12:00:00Z")[0] is outcome


def test_without_skew_the_period_is_half_open() -> None:
    """The first instant is inside the period, and the last is not."""
    period = {"validFrom": "2026-06-01T12:00:00Z", "validUntil": "2026-06-01T12:00:01Z"}
    assert check(NOON - SECOND, 0, **period) == (Outcome.FAIL, ["not-yet-valid"])
    assert check(NOON, 0, **period) == (Outcome.PASS, [])
    assert check(NOON + SECOND, 0, **period) == (Outcome.FAIL, ["expired"])


def test_no_bound_is_valid_for_ever() -> None:
    """VCDM 2.0 makes both ends optional; null is absent."""
    assert check(validFrom=None) == (Outcome.PASS, [])


def test_the_narrowest_of_both_vocabularies_counts() -> None:
    """A badge with the dates of both versions is valid only while both say so."""
    assert check(validUntil="2027-01-01T00:00:00Z", expirationDate="2026-01-01T00:00:00Z") == (
        Outcome.FAIL,
        ["expired"],
    )
    assert check(issuanceDate="2027-01-01T00:00:00Z", validFrom="2026-01-01T00:00:00Z")[1] == ["not-yet-valid"]


def test_malformed_date_fails() -> None:
    """A date that cannot be read is never no bound."""
    assert check(validUntil="never") == (Outcome.FAIL, ["MALFORMED_VALUE_ERROR"])


def test_facts_are_instants_in_utc() -> None:
    """The facts name the period in RFC 3339, and None where it is open."""
    verified = Verified(
        document={"issuanceDate": "2026-06-01T14:00:00+02:00"}, issuer="did:example:a", format="x", vcdm="1.1"
    )
    result = check_validity(verified, as_of=NOON, clock_skew=0)
    assert result.facts == {"validFrom": "2026-06-01T12:00:00Z", "validUntil": None}
