"""Ever more distinct issuers: what each costs when first seen, when seen again, and in memory."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import statistics
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from benchmarks import ours
from benchmarks.processes import memory_mb
from benchmarks.series._series import Series
from gateway.demo.issuer import Issuer, badge
from resolvers.model import Fetched
from resolvers.problems import Unavailable

if TYPE_CHECKING:
    from benchmarks.effort import Effort, Row
    from gateway.verifier import Verifier
    from resolvers.model import Kind

MOST: Final = 100_000
AGAIN: Final = 10
"""So many issuers are asked about again, the last that were seen."""


@dataclass(slots=True)
class Directory:
    """A door to the network that knows the latest issuers' documents, and counts who asks."""

    documents: dict[str, bytes] = field(default_factory=dict)
    fetches: int = 0

    def publish(self, issuer: Issuer) -> None:
        """Serve the issuer's document, and that of nobody much earlier."""
        self.documents[issuer.document_url] = json.dumps(issuer.document).encode()
        if len(self.documents) > AGAIN:
            del self.documents[next(iter(self.documents))]

    async def get(
        self, url: str, *, kind: Kind, max_age: float | None = None, also: frozenset[int] = frozenset()
    ) -> Fetched:
        """Answer as `resolvers.model.Fetcher`."""
        del kind, max_age, also
        self.fetches += 1
        if url not in self.documents:
            raise Unavailable("unreachable", f"nothing answers at {url}")
        return Fetched(
            url=url,
            body=self.documents[url],
            media_type="application/did+json",
            fetched_at=datetime.now(UTC),
            fresh_for=3600.0,
        )

    async def post(
        self, url: str, body: bytes, *, media_type: str, kind: Kind, also: frozenset[int] = frozenset()
    ) -> Fetched:
        """Answer nothing: no issuer is posted to."""
        del body, media_type, kind, also
        raise Unavailable("unreachable", f"nothing answers at {url}")


async def run(effort: Effort) -> list[Row]:
    """Count issuers up to 100,000 of each method, and measure at every power of ten."""
    rows: list[Row] = []
    for method in ("key", "web"):
        rows += await _count_up(method, effort.count or MOST)
    return rows


async def _count_up(method: str, most: int) -> list[Row]:
    directory = Directory()
    rows: list[Row] = []
    async with ours.opened(fetcher=directory) as verifier:
        # So that what a first verification imports and compiles is not counted as the issuers'.
        await _first(verifier, directory, "key", 0)
        before = _resident()
        times: list[float] = []
        latest: deque[bytes] = deque(maxlen=AGAIN)
        marks = {10**power for power in range(1, 10) if 10**power < most} | {most}
        for number in range(1, most + 1):
            body, milliseconds = await _first(verifier, directory, method, number)
            latest.append(body)
            times.append(milliseconds)
            await asyncio.sleep(0)  # the event loop gets rid of what has ended, as it does between requests
            if number in marks:
                rows.append(
                    {
                        "name": f"issuers-{method}-{number}",
                        "method": f"did:{method}",
                        "issuers": number,
                        "first_ms": statistics.median(times),
                        "again_ms": statistics.median([await _timed(verifier, body) for body in latest]),
                        "fetches": directory.fetches,
                        "growth_mb": _resident() - before,
                    }
                )
                times.clear()
    return rows


async def _first(verifier: Verifier, directory: Directory, method: str, number: int) -> tuple[bytes, float]:
    """Verify the badge of a new issuer; return its bytes and the milliseconds."""
    issuer = Issuer.did_key() if method == "key" else Issuer.did_web(f"school-{number}.example")
    if method == "web":
        directory.publish(issuer)
    secured = await issuer.secure(badge(issuer.did, "Welding"), verifier.canonicalizer)
    body = json.dumps(secured).encode()
    return body, await _timed(verifier, body)


async def _timed(verifier: Verifier, body: bytes) -> float:
    started = time.perf_counter()
    await ours.verified(verifier, body)
    return (time.perf_counter() - started) * 1000


def _resident() -> float:
    gc.collect()
    return memory_mb(os.getpid())[0]


PLUGIN: Final = Series(
    name="issuers",
    title="Distinct issuers (first: of those since the row before; memory: of this process, from the first on)",
    columns={
        "method": "method",
        "issuers": "issuers",
        "first_ms": "first ms",
        "again_ms": "again ms",
        "fetches": "fetches",
        "growth_mb": "growth MB",
    },
    run=run,
)
