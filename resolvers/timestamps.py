"""XML Schema `dateTimeStamp`, the instants of documents that are signed or that hold keys."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, Final

_DATE_TIME_STAMP: Final = re.compile(
    r"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,12})?(?:Z|[+-](?:0\d|1[0-4]):?[0-5]\d)", re.ASCII
)


def parse(text: Any) -> datetime:
    """Return the instant that `text` names, in UTC.

    A time without a zone names no instant, so it is refused. `+0000` without a colon is read too:
    the registries of the Digital Credentials Consortium write it.

    Raises:
        ValueError: not a `dateTimeStamp` (XML Schema 1.1, part 2, section 3.4.28).
    """
    if not isinstance(text, str) or _DATE_TIME_STAMP.fullmatch(text) is None:
        message = "not a date and time with a zone"
        raise ValueError(message)
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except OverflowError:
        message = "before the year 1 or after the year 9999"
        raise ValueError(message) from None
