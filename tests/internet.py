"""A fake internet: serves documents from memory through the real `Fetcher` protocol."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
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
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def serve(self, url: str, body: object, *, media_type: str = "application/json", fresh_for: float = 300.0) -> None:
        """Answer `url` with `body`: bytes and strings as they are, anything else as JSON."""
        raw = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
        self.pages[url] = lambda: Fetched(
            url=url, body=raw, media_type=media_type, fetched_at=self.now(), fresh_for=fresh_for
        )

    def fail(self, url: str, code: str = "unreachable") -> None:
        """Let `url` be out of reach."""

        def refuse() -> Fetched:
            raise Unavailable(code, f"{url} is down in this test")

        self.pages[url] = refuse

    async def get(self, url: str, *, kind: Kind, max_age: float | None = None) -> Fetched:
        """Answer like `resolvers.fetch.Fetcher.get`."""
        del kind, max_age
        self.requests.append(url)
        page = self.pages.get(url)
        if page is None:
            raise Unavailable("unreachable", f"nothing answers at {url}")
        return page()
