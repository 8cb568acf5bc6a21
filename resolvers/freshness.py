"""How long a document of each kind is believed. One table, for the HTTP cache and the memory cache."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from resolvers.model import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

_MINUTE: Final = 60.0
_HOUR: Final = 3600.0
_DAY: Final = 86400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FreshnessRule:
    """The freshness of one kind. All figures are seconds."""

    minimum: float
    """A document is believed this long even if its server says less, so that none is asked all the time."""
    maximum: float
    """A document is refreshed after this long even if its server says more (`immutable`, a year)."""
    unstated: float
    """What holds if the server says nothing. RFC 9111 §4.2.2 would allow guessing; a week is too long here."""
    while_revalidate: float
    """So long past its freshness it is served, marked stale, while one refresh runs (RFC 5861 §3)."""
    if_error: float
    """So long past its freshness it is served, marked stale, if the refresh failed (RFC 5861 §4). A hard end."""
    negative: float
    """A failure is remembered this long, so that an outage is not made worse by asking."""
    refresh_interval: float
    """Between two refreshes that callers force with `max_age`, so that a storm of unknown keys is one fetch."""

    def clamp(self, stated: float | None) -> float:
        """Return the seconds for which a document is believed whose server, or which itself, states `stated`."""
        return min(max(self.unstated if stated is None else stated, self.minimum), self.maximum)


RULES: Final[Mapping[Kind, FreshnessRule]] = MappingProxyType(
    {
        # A rotated or withdrawn key must stop working within the hour.
        Kind.DID_DOCUMENT: FreshnessRule(
            minimum=_MINUTE,
            maximum=_HOUR,
            unstated=5 * _MINUTE,
            while_revalidate=_MINUTE,
            if_error=_HOUR,
            negative=10.0,
            refresh_interval=10.0,
        ),
        Kind.DID_LOG: FreshnessRule(
            minimum=_MINUTE,
            maximum=_HOUR,  # also the default `ttl` of did:webvh
            unstated=5 * _MINUTE,
            while_revalidate=_MINUTE,
            if_error=_HOUR,
            negative=10.0,
            refresh_interval=10.0,
        ),
        Kind.JWKS: FreshnessRule(
            minimum=_MINUTE,
            maximum=_HOUR,
            unstated=5 * _MINUTE,
            while_revalidate=_MINUTE,
            if_error=_HOUR,
            negative=10.0,
            refresh_interval=10.0,
        ),
        # Never served while a refresh runs: a stale status is indeterminate, a fresh one a moment later is not.
        Kind.STATUS_LIST: FreshnessRule(
            minimum=15.0,
            maximum=_HOUR,
            unstated=5 * _MINUTE,  # the default `ttl` of Bitstring Status List 1.0, section 2.2
            while_revalidate=0.0,
            if_error=_DAY,  # the state is then only a fact beside "indeterminate"; a set bit still counts
            negative=10.0,
            refresh_interval=10.0,
        ),
        Kind.REGISTRY: FreshnessRule(
            minimum=5 * _MINUTE,
            maximum=_DAY,
            unstated=_HOUR,
            while_revalidate=_HOUR,
            if_error=_DAY,
            negative=30.0,
            refresh_interval=_MINUTE,
        ),
        Kind.SCHEMA: FreshnessRule(
            minimum=_HOUR,
            maximum=7 * _DAY,
            unstated=_DAY,
            while_revalidate=_DAY,
            if_error=7 * _DAY,
            negative=30.0,
            refresh_interval=_MINUTE,
        ),
        # May be about a person: used once, by whoever asked, and never kept.
        Kind.RECORD: FreshnessRule(
            minimum=0.0,
            maximum=0.0,
            unstated=0.0,
            while_revalidate=0.0,
            if_error=0.0,
            negative=0.0,
            refresh_interval=0.0,
        ),
    }
)
"""The defaults; the operator's `[cache] did_max_stale` is `if_error` of `DID_DOCUMENT`, `DID_LOG` and `JWKS`."""
