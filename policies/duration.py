"""ISO 8601 durations, and the calendar arithmetic that policies use."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_YEARS: Final = 150
"""Longer than any career; keeps arithmetic away from the ends of the calendar."""

_DAY: Final = 86_400
# ISO 8601:2004, 4.4.3.2: designators in order, whole numbers only here; weeks stand alone.
_FORM: Final = re.compile(
    r"P(?:(?P<weeks>[0-9]{1,6})W|(?=[0-9T])(?:(?P<years>[0-9]{1,6})Y)?(?:(?P<months>[0-9]{1,6})M)?(?:(?P<days>[0-9]{1,6})D)?"
    r"(?:T(?=[0-9])(?:(?P<hours>[0-9]{1,6})H)?(?:(?P<minutes>[0-9]{1,6})M)?(?:(?P<seconds>[0-9]{1,6})S)?)?)"
)

FORM: Final = re.sub(r"\?P<\w+>", "?:", _FORM.pattern)
"""The same as JSON Schema writes patterns; it does not know `MAX_YEARS`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """A length of time: calendar months, whose length varies, and seconds.

    A day is 86,400 seconds; a month back from the 31st is the last day of a shorter month.
    """

    text: str
    """As written: `P5Y`, `PT1H`."""
    months: int
    seconds: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse `text`.

        Raises:
            ValueError: it is not an ISO 8601 duration of whole numbers, is zero, or passes `MAX_YEARS`.
        """
        match = _FORM.fullmatch(text)
        if match is None:
            raise ValueError(text)
        number = {name: int(value or 0) for name, value in match.groupdict().items()}
        months = 12 * number["years"] + number["months"]
        days = 7 * number["weeks"] + number["days"]
        seconds = _DAY * days + 3600 * number["hours"] + 60 * number["minutes"] + number["seconds"]
        if not 0 < months / 12 + seconds / (365 * _DAY) <= MAX_YEARS:
            raise ValueError(text)
        return cls(text=text, months=months, seconds=seconds)

    def before(self, instant: datetime) -> datetime:
        """Return the instant that lies this long before `instant`: first the months, then the seconds."""
        try:
            year, month = divmod(instant.year * 12 + instant.month - 1 - self.months, 12)
            day = min(instant.day, monthrange(year, month + 1)[1])
            return instant.replace(year=year, month=month + 1, day=day) - timedelta(seconds=self.seconds)
        except (ValueError, OverflowError):  # before the year 1
            return datetime.min.replace(tzinfo=UTC)

    def reaching(self) -> Callable[[datetime, datetime], bool]:
        """Return whether an instant lies no longer than this before another.

        Most do not lie anywhere near the end of it, and need no calendar.
        """
        before, least = self.before, timedelta(seconds=self._shortest())

        def reaches(instant: datetime, back_from: datetime) -> bool:
            return back_from - instant <= least or instant >= before(back_from)

        return reaches

    def no_longer_than(self, other: Duration) -> bool:
        """Whether this is no longer than `other`, counted back from any instant whatsoever."""
        if self.months <= other.months and self.seconds <= other.seconds:
            return True
        return self._longest() <= other._shortest()

    def _longest(self) -> int:
        years, months = divmod(self.months, 12)
        return (366 * years + 31 * months) * _DAY + self.seconds

    def _shortest(self) -> int:
        years, months = divmod(self.months, 12)
        return (365 * years + 28 * months) * _DAY + self.seconds

    def in_words(self) -> str:
        """Return this as a reader says it: `5 years`, `1 hour`."""
        years, months = divmod(self.months, 12)
        days, rest = divmod(self.seconds, _DAY)
        hours, rest = divmod(rest, 3600)
        minutes, seconds = divmod(rest, 60)
        units = {"year": years, "month": months, "day": days, "hour": hours, "minute": minutes, "second": seconds}
        parts = [f"{count} {unit}{'' if count == 1 else 's'}" for unit, count in units.items() if count]
        return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
