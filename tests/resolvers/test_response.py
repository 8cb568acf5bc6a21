"""What an answer's headers say about its freshness, and what is kept of them."""

from __future__ import annotations

import pytest
from urllib3 import HTTPHeaderDict

from resolvers._response import FETCHED_AT, FRESH_FOR, kept_headers
from resolvers.freshness import RULES, FreshnessRule
from resolvers.model import Kind

NOW = 1_000_000.0
RULE = FreshnessRule(
    minimum=10, maximum=1000, unstated=100, while_revalidate=0, if_error=0, negative=0, refresh_interval=0
)
DATE = "Mon, 23 Nov 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "cache_control", "stated"),
    [
        ({}, "max-age=100", ""),
        ({"Cache-Control": "max-age=500"}, "max-age=500", "500.0"),
        ({"Cache-Control": 'public, Max-Age = "500", must-revalidate'}, "max-age=500", "500.0"),
        ({"Cache-Control": "max-age=5"}, "max-age=10", "5.0"),
        ({"Cache-Control": "immutable, max-age=31536000"}, "max-age=1000", "31536000.0"),
        ({"Cache-Control": f"max-age={'9' * 400}"}, "max-age=1000", "9999999999.0"),
        ({"Cache-Control": "max-age=-1"}, "max-age=10", "0.0"),
        ({"Cache-Control": "max-age=\u0665"}, "max-age=10", "0.0"),
        ({"Cache-Control": "no-cache, max-age=500"}, "max-age=10", "0.0"),
        ({"Cache-Control": "no-store"}, "no-store", "0.0"),
        ({"Cache-Control": "private, max-age=500"}, "no-store", "500.0"),
        ({"Cache-Control": "max-age=500", "Vary": "*"}, "no-store", "500.0"),
        ({"Cache-Control": "max-age=500", "Vary": "Origin, Accept-Encoding"}, "max-age=500", "500.0"),
        ({"Cache-Control": "max-age=500", "Age": "200"}, "max-age=300", "500.0"),
        ({"Cache-Control": "max-age=500", "Age": "700"}, "max-age=0", "500.0"),
        ({"Expires": "Mon, 23 Nov 2026 12:05:00 GMT", "Date": DATE}, "max-age=300", "300.0"),
        ({"Expires": "Mon, 23 Nov 2026 11:00:00 GMT", "Date": DATE}, "max-age=10", "0.0"),
        ({"Expires": "0", "Date": DATE}, "max-age=10", "0.0"),
        ({"Expires": "Mon, 23 Nov 2026 12:05:00 GMT"}, "max-age=10", "0.0"),
    ],
)
def test_one_clamped_lifetime_replaces_what_the_origin_says(
    headers: dict[str, str], cache_control: str, stated: str
) -> None:
    """What the origin says about caching is read by RFC 9111, clamped, and handed on as one directive."""
    kept = kept_headers(HTTPHeaderDict(headers), RULE, NOW)
    assert (kept["Cache-Control"], kept[FRESH_FOR]) == (cache_control, stated)


def test_the_age_tells_when_the_origin_sent_it() -> None:
    """An `Age` moves the instant of fetching back; a malformed one does not."""
    assert float(kept_headers(HTTPHeaderDict({"Age": "40"}), RULE, NOW)[FETCHED_AT]) == NOW - 40
    assert float(kept_headers(HTTPHeaderDict({"Age": "old"}), RULE, NOW)[FETCHED_AT]) == NOW


def test_hardly_a_header_is_kept() -> None:
    """Only the type and validators of bearable length are; an origin cannot forge our own."""
    kept = kept_headers(
        HTTPHeaderDict(
            {
                "Content-Type": "application/json",
                "ETag": '"a"',
                "Last-Modified": "x" * 257,
                "Set-Cookie": "who=you",
                FETCHED_AT: "9e9",
                FRESH_FOR: "9e9",
            }
        ),
        RULE,
        NOW,
    )
    assert kept == {
        FETCHED_AT: repr(NOW),
        FRESH_FOR: "",
        "Cache-Control": "max-age=100",
        "Content-Type": "application/json",
        "ETag": '"a"',
    }


def test_every_kind_has_a_rule_that_makes_sense() -> None:
    """No kind is without a rule; nothing is believed beyond its maximum; what is about a person is never kept."""
    assert set(RULES) == set(Kind)
    for rule in RULES.values():
        assert 0 <= rule.minimum <= rule.unstated <= rule.maximum
        assert rule.while_revalidate <= rule.if_error
        assert rule.clamp(10.0**12) == rule.maximum
    record = RULES[Kind.RECORD]
    assert record.maximum == record.if_error == record.while_revalidate == record.negative == 0
    assert RULES[Kind.STATUS_LIST].while_revalidate == 0
