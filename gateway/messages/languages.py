"""Which of several languages a reader gets (RFC 9110, section 12.5.4; RFC 4647, section 3.4)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

DEFAULT: Final = "en"

_MAX_HEADER: Final = 200
"""Characters of an Accept-Language header that are looked at; browsers send some 50."""


@lru_cache(maxsize=256)
def preferences(accepted: str) -> tuple[str, ...]:
    """Return the language ranges of an Accept-Language header (or a plain tag), in lower case, the best first."""
    ranked = []
    for part in accepted[:_MAX_HEADER].split(","):
        tag, _, parameters = part.strip().lower().partition(";")
        quality = _quality(parameters)
        if tag.strip() and quality > 0:
            ranked.append((quality, tag.strip()))
    ranked.sort(key=lambda pair: -pair[0])
    return tuple(tag for _, tag in ranked)


def _quality(parameters: str) -> float:
    name, _, value = parameters.partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


def lookup(accepted: str, available: Iterable[str]) -> str | None:
    """Return the tag among `available` that suits best; None where there is none at all.

    Nothing suits: English, then text without a language, then whatever comes first.
    """
    tags = {tag.lower(): tag for tag in reversed(list(available))}
    if not tags:
        return None
    for wanted in (*preferences(accepted), DEFAULT, "und"):
        range_ = wanted
        while range_:
            if range_ in tags:
                return tags[range_]
            # A reader of es-MX reads es-ES as well.
            for tag in sorted(tags):
                if tag.startswith(f"{range_}-"):
                    return tags[tag]
            range_ = range_.rpartition("-")[0]
    return next(reversed(tags.values()))


def display(text: Any, accepted: str) -> str | None:
    """Return one string of `text`: itself, or of a language map the entry that suits `accepted` best."""
    if isinstance(text, str) or text is None:
        return text
    tag = lookup(accepted, text)
    return None if tag is None else str(text[tag])
