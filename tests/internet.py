"""A fake internet: serves documents from memory through the real `Fetcher` protocol."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from resolvers.model import Fetched, Kind
from resolvers.problems import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(slots=True)
class FakeInternet:
    """Answers the URLs it was given, notes every request, and knows nothing else."""

    pages: dict[str, Callable[[], Fetched]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    asked: list[tuple[str, Kind, float | None]] = field(default_factory=list)
    """Every request with its kind and `max_age`."""
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    _copies: dict[str, Fetched] = field(default_factory=dict)
    _gates: dict[str, asyncio.Event] = field(default_factory=dict)

    def serve(
        self,
        url: str,
        body: object,
        *,
        media_type: str = "application/json",
        fresh_for: float = 300.0,
        age: float = 0.0,
    ) -> None:
        """Answer `url` with `body`, sent `age` seconds ago: bytes and strings as they are, anything else as JSON."""
        raw = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
        self.pages[url] = lambda: Fetched(
            url=url,
            body=raw,
            media_type=media_type,
            fetched_at=self.now() - timedelta(seconds=age),
            fresh_for=fresh_for,
        )

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

    async def get(self, url: str, *, kind: Kind, max_age: float | None = None) -> Fetched:
        """Answer like `resolvers.fetch.GuardedFetcher.get`."""
        self.requests.append(url)
        self.asked.append((url, kind, max_age))
        if url in self._gates:
            await self._gates[url].wait()
        copy = self._copies.get(url)
        if copy is not None and (max_age is None or self.now() - copy.fetched_at <= timedelta(seconds=max_age)):
            return copy
        page = self.pages.get(url)
        if page is None:
            raise Unavailable("unreachable", f"nothing answers at {url}")
        return page()
