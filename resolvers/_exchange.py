"""One hop of one fetch, in a worker thread: ask the HTTP cache, and through the guard the origin."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any, Final, TypeVar

from requests import PreparedRequest, Request, Session
from requests.exceptions import RequestException

from resolvers._http_cache import GuardedCache, Store
from resolvers._response import FETCHED_AT, FRESH_FOR
from resolvers.model import Fetched, Kind
from resolvers.problems import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from requests import Response

    from resolvers._guard import Bounds, GuardedAdapter
    from resolvers.freshness import FreshnessRule

_HEADERS: Final = {
    "Accept": "application/vc, application/did+json, application/did+ld+json, application/ld+json, "
    "application/json, application/vc+jwt, application/jwt, application/statuslist+jwt, "
    "application/statuslist+cwt, */*;q=0.1",
    "User-Agent": "ler-gateway",
}
"""One for all kinds: the HTTP cache must not answer one kind with another's representation."""
_CLOCK_SKEW: Final = 60.0
"""Seconds that a row on disk may be ahead of our clock, which may have been set since."""
_OLDEST: Final = 10.0**10
"""Seconds. The largest `Age` that is read; an older row is a forged one."""
_OK: Final = 200

S = TypeVar("S", bound=Session)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """What one fetch asks for, in each of its hops."""

    kind: Kind
    max_age: float | None = None
    also: frozenset[int] = frozenset()
    """Statuses beside 200 whose answers are wanted. Only a 200 is ever kept."""
    body: bytes | None = None
    """What a POST sends; None is a GET."""
    media_type: str = ""
    """Of `body`."""


class Exchange:
    """Two sessions on one guarded transport: a cached one, and a plain one for what must leave no trace."""

    def __init__(
        self,
        adapter: GuardedAdapter,
        store: Store | None,
        rules: Mapping[Kind, FreshnessRule],
        *,
        now: Callable[[], float],
    ) -> None:
        self._adapter = adapter
        self._rules = rules
        self._now = now
        self._plain = _bare(Session(), adapter)
        self._store = store
        self._cached = None if store is None else _bare(GuardedCache(store), adapter)

    def hop(self, url: str, inquiry: Inquiry, bounds: Bounds) -> tuple[Fetched, bool]:
        """Return the answer at `url`, and whether the disk had it so that nothing was asked.

        Raises:
            Redirected: it is answered elsewhere.
            Unavailable: anything else.
        """
        rule = self._rules[inquiry.kind]
        try:
            if self._cached is None or inquiry.kind is Kind.RECORD or inquiry.body is not None:
                response = self._plain.send(_request(url, inquiry), **_one_hop(bounds, rule, inquiry))
                return self._fetched(url, response, rule, bounds), False
            return self._through_cache(self._cached, url, rule, inquiry, bounds)
        except RequestException as error:
            bounds.left()
            raise Unavailable("response-malformed", type(error).__name__) from error

    def close(self) -> None:
        """Close the sessions, the store and the transport."""
        for session in (self._plain, self._cached):
            if session is not None:
                session.close()

    def _through_cache(
        self, session: GuardedCache, url: str, rule: FreshnessRule, inquiry: Inquiry, bounds: Bounds
    ) -> tuple[Fetched, bool]:
        """Answer from disk if the row is genuine and young enough, else have it revalidated or replaced."""
        request, max_age = _request(url, inquiry), inquiry.max_age
        response = session.send(request, **_one_hop(bounds, rule, inquiry))
        if not getattr(response, "from_cache", False):
            return self._fetched(url, response, rule, bounds), False
        conditional = False
        if self._is_genuine(response, request):
            fetched = self._fetched(url, response, rule, bounds)
            if getattr(response, "revalidated", False):
                return fetched, False
            age = self._now() - fetched.fetched_at.timestamp()
            # Its expiry is by the rule of the kind that it was first fetched as, which need not be this one.
            if age <= fetched.fresh_for and (max_age is None or age <= max_age):
                return fetched, True
            conditional = bool({"ETag", "Last-Modified"} & set(response.headers))
        response = session.send(
            _request(url, inquiry),
            refresh=conditional,
            force_refresh=not conditional,
            **_one_hop(bounds, rule, inquiry),
        )
        return self._fetched(url, response, rule, bounds), False

    def _is_genuine(self, response: Response, request: PreparedRequest) -> bool:
        """Whether a row is an answer to `request` that the guard has let through, as far as a row can show."""
        try:
            age = self._now() - float(response.headers[FETCHED_AT])
            stated = float(response.headers[FRESH_FOR] or 0)
        except (KeyError, ValueError, TypeError):
            return False
        return (
            response.status_code == _OK
            and response.url == request.url
            and -_CLOCK_SKEW <= age <= _OLDEST
            and stated >= 0
            and isinstance(response.content, bytes)
        )

    def _fetched(self, url: str, response: Response, rule: FreshnessRule, bounds: Bounds) -> Fetched:
        body = response.content
        if len(body) > bounds.body_bytes:  # kept as a kind with a larger limit
            raise Unavailable("response-too-large", f"the answer has more than {bounds.body_bytes} bytes")
        stated = response.headers[FRESH_FOR]
        return Fetched(
            url=url,
            body=body,
            media_type=response.headers.get("Content-Type", "").partition(";")[0].strip().lower(),
            fetched_at=datetime.fromtimestamp(float(response.headers[FETCHED_AT]), UTC),
            fresh_for=rule.clamp(float(stated) if stated else None),
            status=response.status_code,
        )


def _request(url: str, inquiry: Inquiry) -> PreparedRequest:
    if inquiry.body is None:
        return Request("GET", url, headers=_HEADERS).prepare()
    return Request("POST", url, headers={**_HEADERS, "Content-Type": inquiry.media_type}, data=inquiry.body).prepare()


def _one_hop(bounds: Bounds, rule: FreshnessRule, inquiry: Inquiry) -> dict[str, Any]:
    """Return the options of every `send`; `timeout` is the one that reaches the guard as it is."""
    return {
        "timeout": (bounds, rule, inquiry.also),
        "allow_redirects": False,
        "stream": False,
        "verify": True,
        "proxies": {},
    }


def _bare(session: S, adapter: GuardedAdapter) -> S:
    """Take from `session` all that requests adds by itself: proxies, .netrc, cookies, other transports."""
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers.clear()
    session.adapters.clear()
    session.mount("https://", adapter)
    return session
