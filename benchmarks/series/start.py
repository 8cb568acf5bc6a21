"""From nothing to the first answer."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Final

from benchmarks import load, ours, records
from benchmarks.processes import served
from benchmarks.series._series import Series

if TYPE_CHECKING:
    from benchmarks.effort import Effort, Row


async def run(effort: Effort) -> list[Row]:
    """Measure the interpreter alone, the imports of the service and of the command line, and the first answers."""
    async with ours.opened() as verifier:
        (badge,) = await records.measured(verifier.canonicalizer, ["badge"])
    request = load.submission(badge)
    found: dict[str, list[float]] = {}
    for _ in range(max(1, effort.rounds // 3)):
        for name, code in (
            ("interpreter", "pass"),
            ("import gateway.app", "import gateway.app"),
            ("import gateway.cli", "import gateway.cli"),
        ):
            found.setdefault(name, []).append(_run(code))
        started = time.perf_counter()
        with served() as service:
            found.setdefault("listening", []).append(time.perf_counter() - started)
            async with load.Connection.opened(service.port) as connection:
                for name in ("first answer", "second answer"):
                    await connection.verify(request)
                    found.setdefault(name, []).append(time.perf_counter() - started)
    return [
        {"name": f"start: {name}", "ms": statistics.median(times) * 1000, "worst_ms": max(times) * 1000}
        for name, times in found.items()
    ]


def _run(code: str) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603 — one of the lines above
    return time.perf_counter() - started


PLUGIN: Final = Series(
    name="start",
    title="Milliseconds since the process was started",
    columns={"name": "until", "ms": "median ms", "worst_ms": "worst ms"},
    run=run,
)
