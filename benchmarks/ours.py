"""The gateway's own time: `verify()` in this process, and the service on one core."""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp

from gateway.config import load
from gateway.model import Outcome, Presented, RequestLimits, VerificationRequest
from gateway.pipeline import verify
from gateway.verifier import Verifier
from resolvers import strict_json

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from benchmarks.records import Measured

LIMITS = RequestLimits(max_children=500, fetches=40, deadline=30.0)

POLICY = """
policy: benchmark/state
version: 1.0.0
title: A policy of three levels, as an employer has it
extends: us/ler-baseline@1
rules:
  - id: proof-kind
    say: The proof must be one that we know.
    require: {proof_suite_in: [eddsa-rdfc-2022, eddsa-jcs-2022, EdDSA]}
"""


@asynccontextmanager
async def opened() -> AsyncIterator[Verifier]:
    """Yield a verifier with the default configuration, a policy, and a cache of its own."""
    with tempfile.TemporaryDirectory() as folder:
        policies = Path(folder) / "policies"
        policies.mkdir()
        (policies / "benchmark.yaml").write_text(POLICY, encoding="utf-8")
        async with Verifier.open(load(flags={"cache.folder": folder, "policies.folders": [str(policies)]})) as verifier:
            yield verifier


async def verify_ms(verifier: Verifier, one: Measured, seconds: float) -> float:
    """Return the median time from the request's bytes to the result: JSON, proof, policy, normalization.

    Raises:
        RuntimeError: the record does not verify, so its time would mean nothing.
    """
    body = one.body
    policy = verifier.policies.get("benchmark/state@1", verifier.clock())

    async def once() -> None:
        content: Any = body.decode() if isinstance(one.credential, str) else strict_json.loads(body)
        result = await verify(
            verifier, VerificationRequest(presented=Presented(content=content), limits=LIMITS, policy=policy)
        )
        if result.outcome is not Outcome.PASS or result.decision is None:
            message = f"{one.name}: {result.outcome} {[check for check in result.checks if check.problems]}"
            raise RuntimeError(message)

    times: list[float] = []
    await once()
    end = time.perf_counter() + seconds
    while len(times) < 5 or time.perf_counter() < end:
        started = time.perf_counter()
        await once()
        times.append(time.perf_counter() - started)
    return statistics.median(times) * 1000


@contextmanager
def served() -> Iterator[str]:
    """Run the service on the last core, and yield its address."""
    cores = sorted(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "log").open("w+", encoding="utf-8") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "gateway", "serve", "--port", "0"],
            env={**os.environ, "LER_GATEWAY_CACHE_FOLDER": folder},
            stderr=log,
        )
        try:
            os.sched_setaffinity(process.pid, {cores[-1]})
            yield f"http://127.0.0.1:{_port(Path(log.name))}"
        finally:
            process.terminate()
            process.wait()


def _port(log: Path) -> int:
    """Return the port that the service says it listens on.

    Raises:
        TimeoutError: it does not start.
    """
    end = time.monotonic() + 30
    while time.monotonic() < end:
        for line in log.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            if entry["event"] == "listening":
                return int(entry["port"])
        time.sleep(0.05)
    message = "the service did not start"
    raise TimeoutError(message)


async def http_ms(origin: str, one: Measured, seconds: float) -> float:
    """Return 1 / throughput of the service in milliseconds, four requests under way at a time."""
    headers = {"Content-Type": "application/jwt" if isinstance(one.credential, str) else "application/vc"}
    count = 0

    async with aiohttp.ClientSession(origin, headers=headers) as session:

        async def once() -> None:
            async with session.post("/v1/verify?policy=us/ler-baseline", data=one.body) as answer:
                text = await answer.text()
                assert answer.status == 200, text
                assert '"outcome": "pass"' in text or '"outcome":"pass"' in text, text

        async def again(end: float) -> None:
            nonlocal count
            while time.perf_counter() < end:
                await once()
                count += 1

        for _ in range(10):
            await once()
        started = time.perf_counter()
        await asyncio.gather(*(again(started + seconds) for _ in range(4)))
        return (time.perf_counter() - started) / count * 1000
