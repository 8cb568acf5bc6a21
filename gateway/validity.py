"""The validity period, and the instants that it is made of.

A period is half-open: valid from its first instant until just before its last, which is when the
credential "ceases to be valid" (VC Data Model 2.0, Validity Period). The clock of another may be off by
the configured skew, to the credential's favour at both ends.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from gateway.model import CheckName, CheckResult, Outcome
from resolvers.problems import Invalid, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.model import Verified

_DATE_TIME: Final = re.compile(
    r"(\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))T"
    r"(?:((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.(\d{1,64}))?|24:00:00(?:\.0{1,64})?)"
    r"(Z|[+-](?:0\d|1[0-3]):[0-5]\d|[+-]14:00)?",
    re.ASCII,
)
"""`xsd:dateTime` (XML Schema 1.1-2, section 3.3.7) of years 0001 to 9999; zone optional, as field data has it.

Fractions have an end, since the texts are remembered."""

_STARTS: Final = ("validFrom", "issuanceDate")
_ENDS: Final = ("validUntil", "expirationDate")
"""VCDM 2.0's name and 1.1's. The 1.1 context defines all but `issuanceDate` twice, and badges carry both."""
_STARTING_CLAIM: Final = "nbf"
_ENDING_CLAIM: Final = "exp"
"""What says the same in a record that is the claims of a token, whose type is its `vct` (RFC 7519, section 4.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """When a credential says it is valid; None is no bound."""

    start: datetime | None
    end: datetime | None
    warnings: tuple[Problem, ...] = ()


def read_instant(value: Any, pointer: str) -> tuple[datetime, tuple[Problem, ...]]:
    """Return the instant that `value` names, and a warning where it names no zone.

    "Time values that are incorrectly serialized without an offset are to be interpreted as UTC"
    (VC Data Model 2.0, Representing Time).

    Raises:
        Invalid: `MALFORMED_VALUE_ERROR`, if it is no `xsd:dateTime`.
    """
    if not isinstance(value, str):
        raise Invalid("MALFORMED_VALUE_ERROR", "not a date and time", pointer=pointer)
    try:
        moment, has_zone = _parse(value)
    except ValueError as wrong:
        raise Invalid("MALFORMED_VALUE_ERROR", str(wrong), pointer=pointer) from None
    if has_zone:
        return moment, ()
    detail = "the time has no zone and was read as UTC"
    return moment, (Problem(code="missing-time-zone", detail=detail, pointer=pointer),)


@lru_cache(maxsize=1024)  # one verification reads each of its dates four times, 3 µs each
def _parse(text: str) -> tuple[datetime, bool]:
    """Return the instant in UTC, and whether it names a zone.

    Raises:
        ValueError: it is no `xsd:dateTime`.
    """
    match = _DATE_TIME.fullmatch(text)
    if match is None:
        raise ValueError("not a date and time")
    day, clock, fraction, zone = match.groups()
    try:
        moment = datetime.fromisoformat(
            f"{day}T{clock or '00:00:00'}.{(fraction or '0')[:6].ljust(6, '0')}{zone or 'Z'}"
        )
        if clock is None:  # 24:00:00 is the first instant of the following day
            moment += timedelta(days=1)
        return moment.astimezone(UTC), zone is not None
    except (ValueError, OverflowError):
        raise ValueError("a date that does not exist") from None


def instant(value: str) -> datetime | None:
    """Return the instant that `value` names, in UTC; None if it names none."""
    try:
        return read_instant(value, "")[0]
    except Invalid:
        return None


def is_before(moment: datetime, start: datetime, skew: float) -> bool:
    """Whether `moment` lies before `start` by more than clocks may differ."""
    return (start - moment).total_seconds() > skew


def is_over(moment: datetime, end: datetime, skew: float) -> bool:
    """Whether `moment` is at `end` or after it, by as much as clocks may differ."""
    return (moment - end).total_seconds() >= skew


def validity_period(document: Mapping[str, Any]) -> Period:
    """Return the period: the latest of its starts, and the earliest of its ends.

    Raises:
        Invalid: `MALFORMED_VALUE_ERROR`.
    """
    warnings: list[Problem] = []
    starts = _instants(document, _STARTS, _STARTING_CLAIM, warnings)
    ends = _instants(document, _ENDS, _ENDING_CLAIM, warnings)
    return Period(start=max(starts, default=None), end=min(ends, default=None), warnings=tuple(warnings))


def _instants(
    document: Mapping[str, Any], names: tuple[str, ...], claim: str, warnings: list[Problem]
) -> list[datetime]:
    found = []
    for name in names:
        value = document.get(name)
        if value is not None:
            moment, doubts = read_instant(value, f"/{name}")
            found.append(moment)
            warnings.extend(doubts)
    if "vct" in document and document.get(claim) is not None:
        found.append(_numeric_date(document[claim], f"/{claim}"))
    return found


def _numeric_date(value: Any, pointer: str) -> datetime:
    try:
        if not isinstance(value, bool) and isinstance(value, int | float):
            return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    raise Invalid("MALFORMED_VALUE_ERROR", "not a NumericDate of the years 1 to 9999", pointer=pointer)


def check_validity(verified: Verified, *, as_of: datetime, clock_skew: float) -> CheckResult:
    """Check the validity period at `as_of`. The problems of a passing check are warnings.

    Facts: `validFrom` and `validUntil`, RFC 3339 in UTC or None.
    """
    try:
        period = validity_period(verified.document)
    except Invalid as wrong:
        return CheckResult(name=CheckName.VALIDITY, outcome=Outcome.FAIL, problems=(wrong.problem,))
    problems: list[Problem] = []
    if period.start is not None and is_before(as_of, period.start, clock_skew):
        detail = f"valid from {rfc3339(period.start)}"
        pointer = _pointer(verified, *_STARTS, _STARTING_CLAIM)
        problems.append(Problem(code="not-yet-valid", detail=detail, pointer=pointer))
    if period.end is not None and is_over(as_of, period.end, clock_skew):
        detail = f"valid until {rfc3339(period.end)}"
        pointer = _pointer(verified, *_ENDS, _ENDING_CLAIM)
        problems.append(Problem(code="expired", detail=detail, pointer=pointer))
    return CheckResult(
        name=CheckName.VALIDITY,
        outcome=Outcome.FAIL if problems else Outcome.PASS,
        problems=(*problems, *period.warnings),
        facts={
            "validFrom": None if period.start is None else rfc3339(period.start),
            "validUntil": None if period.end is None else rfc3339(period.end),
        },
    )


def rfc3339(moment: datetime) -> str:
    """Return `moment` as RFC 3339 writes it in UTC, without fractions that are zero."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def _pointer(verified: Verified, *names: str) -> str:
    return "/" + next(name for name in names if verified.document.get(name) is not None)
