"""A fake internet: serves documents from memory through the real `Fetcher` protocol."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

from resolvers.fetch import FetchLimits
from resolvers.model import Fetched, Kind
from resolvers.problems import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

_LIMITS: Final = FetchLimits()
_OK: Final = 200


@dataclass(slots=True)
class FakeInternet:
    """Answers the URLs it was given, notes every request, and knows nothing else."""

    pages: dict[str, Callable[[], Fetched]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    asked: list[tuple[str, Kind, float | None]] = field(default_factory=list)
    """Every request with its kind and `max_age`."""
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    posted: list[tuple[str, bytes, str]] = field(default_factory=list)
    """Every POST: URL, body and the body's media type."""
    _copies: dict[str, Fetched] = field(default_factory=dict)
    _gates: dict[str, asyncio.Event] = field(default_factory=dict)
    _receivers: dict[str, Callable[[bytes], Fetched]] = field(default_factory=dict)
    _redirects: dict[str, str] = field(default_factory=dict)

    def serve(
        self,
        url: str,
        body: object,
        *,
        media_type: str = "application/json",
        fresh_for: float = 300.0,
        age: float = 0.0,
        status: int = _OK,
    ) -> None:
        """Answer `url` with `body`, sent `age` seconds ago: bytes and strings as they are, anything else as JSON."""
        self._redirects.pop(url, None)
        raw = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
        self.pages[url] = lambda: Fetched(
            url=url,
            body=raw,
            media_type=media_type,
            fetched_at=self.now() - timedelta(seconds=age),
            fresh_for=fresh_for,
            status=status,
        )

    def receive(
        self, url: str, respond: Callable[[bytes], object], *, media_type: str = "application/json", status: int = _OK
    ) -> None:
        """Answer a POST to `url` with what `respond` makes of its body, written as `serve` does.

        What `respond` makes may be a `Fetched`, which then goes out as it is.
        """

        def receiver(body: bytes) -> Fetched:
            made = respond(body)
            if isinstance(made, Fetched):
                return made
            raw = made if isinstance(made, bytes) else (made if isinstance(made, str) else json.dumps(made)).encode()
            return Fetched(
                url=url, body=raw, media_type=media_type, fetched_at=self.now(), fresh_for=0.0, status=status
            )

        self._receivers[url] = receiver

    def redirect(self, url: str, to: str) -> None:
        """Send whoever asks `url` to `to`; whoever posts there is refused, as the guard does."""
        self._redirects[url] = to

    def keep(self, url: str) -> None:
        """Answer `url` from now on with what it has now, as the disk does, unless somebody wants newer."""
        self._copies[url] = self.pages[url]()

    def fail(self, url: str, code: str = "unreachable") -> None:
        """Let `url` be out of reach."""

        def refuse() -> Fetched:
            raise Unavailable(code, f"{url} is down in this test")

        self.pages[url] = refuse

    def hold(self, url: str) -> asyncio.Event:
        """Let every request of `url` wait until the event is set."""
        return self._gates.setdefault(url, asyncio.Event())

    async def get(
        self, url: str, *, kind: Kind, max_age: float | None = None, also: frozenset[int] = frozenset()
    ) -> Fetched:
        """Answer like `resolvers.fetch.GuardedFetcher.get`."""
        for _ in range(_LIMITS.redirects + 1):
            fetched = await self._hop(url, kind, max_age)
            if isinstance(fetched, Fetched):
                return _let_through(fetched, kind, also)
            url = fetched
        raise Unavailable("egress-refused", "there were too many redirects")

    async def post(
        self, url: str, body: bytes, *, media_type: str, kind: Kind, also: frozenset[int] = frozenset()
    ) -> Fetched:
        """Answer like `resolvers.fetch.GuardedFetcher.post`."""
        self.requests.append(url)
        self.posted.append((url, body, media_type))
        if url in self._gates:
            await self._gates[url].wait()
        if url in self._redirects:
            raise Unavailable("egress-refused", f"{url} redirects what was sent to it")
        receiver = self._receivers.get(url)
        if receiver is None:
            raise Unavailable("unreachable", f"nothing answers at {url}")
        return _let_through(receiver(body), kind, also)

    async def _hop(self, url: str, kind: Kind, max_age: float | None) -> Fetched | str:
        """Return what is at `url`, or where it is."""
        self.requests.append(url)
        self.asked.append((url, kind, max_age))
        if url in self._gates:
            await self._gates[url].wait()
        copy = self._copies.get(url)
        if copy is not None and (max_age is None or self.now() - copy.fetched_at <= timedelta(seconds=max_age)):
            return copy
        page = self.pages.get(url)
        if url in self._redirects:
            to = urljoin(url, self._redirects[url])
            if not to.startswith("https://"):
                raise Unavailable("egress-refused", f"{url} redirects to {to}")
            return to
        if page is None:
            raise Unavailable("unreachable", f"nothing answers at {url}")
        return replace(page(), url=url)


def _let_through(fetched: Fetched, kind: Kind, also: frozenset[int]) -> Fetched:
    """Refuse what the door refuses: statuses that nobody asked for, and bodies above the kind's limit."""
    if fetched.status != _OK and fetched.status not in also:
        raise Unavailable("unreachable", f"HTTP status {fetched.status}")
    if len(fetched.body) > _LIMITS.of(kind):
        raise Unavailable("response-too-large", f"the answer has more than {_LIMITS.of(kind)} bytes")
    return fetched
