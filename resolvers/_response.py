"""What is kept of an HTTP answer: the whole body within its bounds, and a handful of rewritten headers."""

from __future__ import annotations

import zlib
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from resolvers.problems import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from urllib3 import BaseHTTPResponse

    from resolvers.freshness import FreshnessRule

FETCHED_AT: Final = "X-Fetched-At"
"""Our own header in a stored answer: when the origin sent it, in seconds since 1970."""
FRESH_FOR: Final = "X-Fresh-For"
"""Our own header in a stored answer: the seconds that the origin states, "" where it states none."""
_CHUNK: Final = 16 * 1024
_LONGEST_VALIDATOR: Final = 256
"""Characters: a validator is sent back with every revalidation."""
_DIGITS: Final = 10
"""A longer number means as much as ten nines: 300 years, or 9 GiB."""
_GZIP: Final = 31
"""zlib's number for "a gzip header is required"."""


def read_body(raw: BaseHTTPResponse, limit: int, check: Callable[[], object]) -> bytes:
    """Return the body of `raw`, inflated; `check` is called after each part and at the end.

    Raises:
        Unavailable: `response-too-large`: more than `limit` bytes, inflated;
            `response-malformed`: a content coding that was not asked for, or damaged gzip.
    """
    coding = raw.headers.get("content-encoding", "identity").strip().lower()
    if coding not in {"identity", "gzip", "x-gzip"}:
        raise Unavailable("response-malformed", "the answer has a content coding that was not asked for")
    too_large = Unavailable("response-too-large", f"the answer has more than {limit} bytes")
    if (_number(raw.headers.get("content-length", "").strip()) or 0) > limit:
        raise too_large
    inflate = None if coding == "identity" else zlib.decompressobj(_GZIP)
    body = bytearray()
    for part in raw.stream(_CHUNK, decode_content=False):
        check()
        try:
            body += part if inflate is None else inflate.decompress(part, limit - len(body) + 1)
        except zlib.error:
            raise Unavailable("response-malformed", "the answer's gzip coding is damaged") from None
        if len(body) > limit:
            raise too_large
    if inflate is not None and (not inflate.eof or inflate.unused_data or inflate.unconsumed_tail):
        raise Unavailable("response-malformed", "the answer is not one complete gzip member")
    # A body that ends with the connection and was cut off by the deadline looks complete.
    check()
    return bytes(body)


def kept_headers(headers: Mapping[str, str], rule: FreshnessRule, now: float) -> dict[str, str]:
    """Return the headers under which an answer goes to requests-cache, at `now` seconds since 1970.

    requests-cache never expires `immutable`, overflows on a long `max-age` and ignores `Age`; so it
    sees one clamped `Cache-Control`, and nothing else that the origin sent about caching.
    """
    directives = _directives(headers.get("cache-control", ""))
    stated = _stated(headers, directives)
    age = _number(headers.get("age", "").strip()) or 0.0
    kept = {FETCHED_AT: repr(now - age), FRESH_FOR: "" if stated is None else repr(stated)}
    # We always send the same headers, so that only `Vary: *` can matter (RFC 9110 §12.5.5).
    if directives.keys() & {"no-store", "private"} or "*" in headers.get("vary", ""):
        kept["Cache-Control"] = "no-store"
    else:
        kept["Cache-Control"] = f"max-age={int(max(0.0, rule.clamp(stated) - age))}"
    kept["Content-Type"] = headers.get("content-type", "")
    for validator in ("ETag", "Last-Modified"):
        if 0 < len(value := headers.get(validator.lower(), "")) <= _LONGEST_VALIDATOR:
            kept[validator] = value
    return kept


def _directives(cache_control: str) -> dict[str, str]:
    """Return the directives of a `Cache-Control` value (RFC 9111 §5.2)."""
    pairs = (part.partition("=") for part in cache_control.lower().split(","))
    return {name.strip(): value.strip(' "') for name, _, value in pairs}


def _stated(headers: Mapping[str, str], directives: Mapping[str, str]) -> float | None:
    """Return the freshness lifetime that the origin states (RFC 9111 §4.2.1), in seconds."""
    if "no-cache" in directives or "no-store" in directives:
        return 0.0
    if "max-age" in directives:
        return _number(directives["max-age"]) or 0.0
    if "expires" not in headers:
        return None
    try:
        expires = parsedate_to_datetime(headers["expires"])
        lifetime = expires - parsedate_to_datetime(headers.get("date", ""))
    except (ValueError, TypeError, OverflowError):
        # RFC 9111 §5.3: an invalid date, "0" above all, is a time in the past.
        return 0.0
    return max(0.0, lifetime.total_seconds())


def _number(text: str) -> float | None:
    """Return a count of bytes or seconds (RFC 9111 §1.2.2), None where it is malformed."""
    if len(text) > _DIGITS:
        text = "9" * _DIGITS if text.isascii() and text.isdigit() else ""
    return float(text) if text.isascii() and text.isdigit() else None
