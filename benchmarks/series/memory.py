"""What a worker has in memory, from its start to 100,000 verifications of many issuers' badges."""

from __future__ import annotations

import itertools
import json
import math
import time
from typing import TYPE_CHECKING, Final

from benchmarks import load, ours
from benchmarks.processes import memory_mb, served
from benchmarks.series._series import Series
from gateway.demo.issuer import Issuer, badge

if TYPE_CHECKING:
    from benchmarks.effort import Effort, Row
    from gateway.plugins import Canonicalizer

COUNT: Final = 100_000
ISSUERS: Final = 100
BADGES: Final = 10
"""Different ones of each issuer."""


async def run(effort: Effort) -> list[Row]:
    """Ask the memory at the start, then after a hundredth, a tenth, and all of the verifications."""
    count = effort.count or COUNT
    async with ours.opened() as verifier:
        requests = itertools.cycle(await _requests(verifier.canonicalizer))
    rows: list[Row] = []
    with served() as service:
        (pid,) = service.workers
        async with load.connections(service.port) as open_:
            done = 0
            for target in dict.fromkeys((0, count // 100, count // 10, count)):
                started = time.perf_counter()
                await load.in_turn(open_, itertools.islice(requests, target - done), math.inf)
                seconds = time.perf_counter() - started
                now, peak = memory_mb(pid)
                rows.append(
                    {
                        "name": f"memory-{target}",
                        "verifications": target,
                        "rss_mb": now,
                        "peak_mb": peak,
                        "growth_mb": now - rows[-1]["rss_mb"] if rows else None,
                        "per_second": (target - done) / seconds if target > done else None,
                    }
                )
                done = target
    return rows


async def _requests(canonicalizer: Canonicalizer) -> list[bytes]:
    requests = []
    for _ in range(ISSUERS):
        issuer = Issuer.did_key()
        for number in range(BADGES):
            secured = await issuer.secure(badge(issuer.did, f"Welding {number}"), canonicalizer)
            requests.append(load.post(json.dumps(secured).encode(), "application/vc"))
    return requests


PLUGIN: Final = Series(
    name="memory",
    title="Memory of a worker (MB of 10^6 bytes)",
    columns={
        "verifications": "verifications",
        "rss_mb": "resident MB",
        "peak_mb": "peak MB",
        "growth_mb": "growth MB",
        "per_second": "requests/s",
    },
    run=run,
)
