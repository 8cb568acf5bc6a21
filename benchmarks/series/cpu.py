"""Processor time of a million verifications of a badge, in process and as a service."""

from __future__ import annotations

import asyncio
import itertools
import math
import time
from typing import TYPE_CHECKING, Final

from benchmarks import load, ours, records
from benchmarks.processes import served
from benchmarks.series._series import Series

if TYPE_CHECKING:
    from benchmarks.effort import Effort, Row

COUNT: Final = 5_000
WARM: Final = 100


async def run(effort: Effort) -> list[Row]:
    """Verify some thousands, and multiply. Processor time counts user and system, all threads together."""
    count = effort.count or COUNT
    async with ours.opened() as verifier:
        (badge,) = await records.measured(verifier.canonicalizer, ["badge"])
        verify = ours.verification(verifier, badge)
        for _ in range(WARM):
            await verify()
        before = time.process_time()
        for _ in range(count):
            await verify()
            await asyncio.sleep(0)
        in_process = time.process_time() - before
    with served() as service:
        async with load.connections(service.port) as open_:
            request = itertools.cycle(load.submissions(badge))
            await load.in_turn(open_, itertools.islice(request, WARM), math.inf)
            before = service.cpu_seconds
            await load.in_turn(open_, itertools.islice(request, count), math.inf)
            over_http = service.cpu_seconds - before
    return [
        {"name": f"cpu: {name}", "verifications": count, "cpu_seconds_per_million": seconds / count * 1e6}
        for name, seconds in (("in process", in_process), ("over HTTP", over_http))
    ]


PLUGIN: Final = Series(
    name="cpu",
    title="CPU-seconds per million verifications of a badge",
    columns={"name": "", "verifications": "measured with", "cpu_seconds_per_million": "CPU-seconds per million"},
    run=run,
)
