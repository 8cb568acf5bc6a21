"""How many badges one worker and two serve, and how late the answers are at half of that."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from benchmarks import load, ours, records, wrk
from benchmarks.effort import median_ms, percentile
from benchmarks.processes import served
from benchmarks.series._series import Series

if TYPE_CHECKING:
    from benchmarks.effort import Effort, Row

WORKERS: Final = (1, 2)


async def run(effort: Effort) -> list[Row]:
    """Load each service with wrk, then at half of its rate with requests at even intervals."""
    wrk.found()
    seconds = effort.seconds * effort.rounds * 8  # about 10 as it is usually
    async with ours.opened() as verifier:
        (badge,) = await records.measured(verifier.canonicalizer, ["badge"])
        in_process = 1000 / await median_ms(ours.verification(verifier, badge), effort)
    rows: list[Row] = []
    for workers in WORKERS:
        with served(workers=workers) as service:
            await asyncio.to_thread(wrk.saturate, service.port, badge, 1)
            before = service.cpu_seconds
            found = await asyncio.to_thread(wrk.saturate, service.port, badge, seconds)
            used = (service.cpu_seconds - before) / max(1, round(seconds))
            rate = found.per_second / 2
            latencies = await load.paced(service.port, load.submission(badge), rate, seconds)
        p50, p99 = percentile(latencies, 0.5), percentile(latencies, 0.99)
        rows.append(
            {
                "name": f"saturation-{workers}",
                "workers": workers,
                "requests_per_second": found.per_second,
                "in_process_per_second": in_process,
                "share_of_in_process": found.per_second / in_process,
                "to_one_worker": found.per_second / rows[0]["requests_per_second"] if rows else 1.0,
                "service_cpu": used,
                "wrk_cpu": found.own_cpu,
                "saturated_p50_ms": found.p50_ms,
                "saturated_p99_ms": found.p99_ms,
                "half_rate": rate,
                "half_p50_ms": p50,
                "half_p99_ms": p99,
                "p99_to_p50": p99 / p50,
            }
        )
    return rows


PLUGIN: Final = Series(
    name="saturation",
    title="Badges a second over HTTP (wrk), and latency at half of that rate",
    columns={
        "workers": "workers",
        "requests_per_second": "requests/s",
        "in_process_per_second": "in-process/s",
        "share_of_in_process": "share",
        "to_one_worker": "to one worker",
        "service_cpu": "service, cores",
        "wrk_cpu": "wrk, cores",
        "half_rate": "half rate/s",
        "half_p50_ms": "p50 ms",
        "half_p99_ms": "p99 ms",
        "p99_to_p50": "p99 / p50",
    },
    run=run,
)
