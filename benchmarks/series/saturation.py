"""How many badges one worker and two serve, and how late the answers are at half of that."""

from __future__ import annotations

import asyncio
import statistics
import sys
from collections import defaultdict
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from benchmarks import h2load, load, ours, records, wrk
from benchmarks.effort import Skipped, percentile, undisturbed
from benchmarks.processes import bound, cores, served
from benchmarks.series._series import Series

if TYPE_CHECKING:
    from benchmarks.effort import Effort, Row
    from benchmarks.processes import Service
    from benchmarks.records import Measured

WORKERS: Final = (1, 2)
TURN_SECONDS: Final = 1
"""The shortest that wrk has."""

Loads: TypeAlias = defaultdict[str, list[float]]
"""Of each round what wrk saw of a service: its rate, its latencies, its own cores, and those of the service."""


async def run(effort: Effort) -> list[Row]:
    """Load each service with wrk, in turn with `verify()` in this process, then at half of its rate with h2load.

    What is told of throughput are the fastest turns of each, as in the comparison. One worker and `verify()` have
    the same core; wrk and h2load, and two workers, have all.
    """
    wrk.found()
    core = cores()[-1]
    async with ours.opened() as verifier:
        (badge,) = await records.measured(verifier.canonicalizer, ["badge"])
        in_process = bound(ours.verifying(verifier, badge), {core})
        with ExitStack() as stack:
            services = [
                stack.enter_context(served(workers=workers, core=core if workers == 1 else None)) for workers in WORKERS
            ]
            for service in services:
                await _warm(service, badge)
            rates: list[float] = []
            loads: list[Loads] = [defaultdict(list) for _ in services]
            for _ in range(max(1, effort.rounds // 2)):
                rates.append(1000 / statistics.fmean(await in_process(TURN_SECONDS)))
                for service, seen in zip(services, loads, strict=True):
                    await _load(service, badge, seen)
            return [
                await _row(service, badge, rates, seen, loads[0], effort)
                for service, seen in zip(services, loads, strict=True)
            ]


async def _warm(service: Service, badge: Measured) -> None:
    """See that the badge passes, which wrk does not look at; then load the service for a turn that does not count."""
    async with load.connections(service.port) as open_:
        for connection in open_:
            await connection.verify(load.submission(badge))
    await asyncio.to_thread(wrk.saturate, service.port, badge, TURN_SECONDS)


async def _load(service: Service, badge: Measured, into: Loads) -> None:
    """Load the service for a turn, and note what wrk saw and how many cores the service used."""
    before = service.cpu_seconds
    seen = await asyncio.to_thread(wrk.saturate, service.port, badge, TURN_SECONDS)
    into["service"].append((service.cpu_seconds - before) / TURN_SECONDS)
    into["own"].append(seen.own_cpu)
    into["rate"].append(seen.per_second)
    into["p50"].append(seen.p50_ms)
    into["p99"].append(seen.p99_ms)


async def _row(service: Service, badge: Measured, rates: list[float], seen: Loads, alone: Loads, effort: Effort) -> Row:
    """Return the row of a service, from the rates in process, what it did, and what one worker did in each round."""
    workers = len(service.workers)
    means = {name: statistics.fmean(values) for name, values in seen.items()}
    rate, in_process, to_one = (
        1 / undisturbed([1 / value for value in values]) for values in (seen["rate"], rates, alone["rate"])
    )
    return {
        "name": f"saturation-{workers}",
        "workers": workers,
        "requests_per_second": rate,
        "in_process_per_second": in_process,
        "share_of_in_process": rate / in_process,
        "to_one_worker": rate / to_one,
        "service_cpu": means["service"],
        "wrk_cpu": means["own"],
        "saturated_p50_ms": means["p50"],
        "saturated_p99_ms": means["p99"],
        **await _half(service, badge, rate / 2, effort.seconds * effort.rounds * 5),
    }


async def _half(service: Service, badge: Measured, rate: float, seconds: float) -> dict[str, Any]:
    """Return the latencies at that rate; nothing, and why on standard error, where there is no h2load."""
    try:
        seen = await asyncio.to_thread(h2load.pace, service.port, badge, rate, seconds)
    except Skipped as why:
        print(f"latency at half of the rate is left out: {why}", file=sys.stderr)
        return {}
    p50, p99 = percentile(seen.latencies, 0.5), percentile(seen.latencies, 0.99)
    return {
        "half_rate": seen.rate,
        "half_gap_p50_ms": seen.gap_p50_ms,
        "half_gap_p99_ms": seen.gap_p99_ms,
        "half_p50_ms": p50,
        "half_p99_ms": p99,
        "p99_to_p50": p99 / p50,
        "h2load_cpu": seen.own_cpu,
    }


PLUGIN: Final = Series(
    name="saturation",
    title="Badges a second over HTTP (wrk), and latency at half of that rate (h2load)",
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
        "h2load_cpu": "h2load, cores",
    },
    run=run,
)
