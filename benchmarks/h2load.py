"""h2load, requests at a constant rate from a C++ client, which writes down when each was sent and answered.

asyncio is no clock for that: its timers have a millisecond, and what else its loop does lies in every latency.
"""

from __future__ import annotations

import csv
import itertools
import shutil
import statistics
import subprocess
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.effort import Skipped, percentile
from benchmarks.load import PATH
from benchmarks.processes import PATIENCE, children_cpu_seconds

if TYPE_CHECKING:
    from benchmarks.records import Measured

CONNECTIONS: Final = 16
"""Each with a request at a time, as with wrk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paced:
    """What h2load saw."""

    rate: float
    """Requests a second, as they were really sent."""
    latencies: list[float]
    """Milliseconds, of each request."""
    gap_p50_ms: float
    gap_p99_ms: float
    """From the beginning of one request to that of the next: the evenness of the load."""
    own_cpu: float
    """Share of one core that h2load itself used."""


def found() -> str:
    """Return where h2load is.

    Raises:
        Skipped: it is not here.
    """
    path = shutil.which("h2load")
    if path is None:
        raise Skipped("h2load is not installed (Debian: apt-get install nghttp2-client)")
    return path


def pace(port: int, one: Measured, rate: float, seconds: float) -> Paced:
    """Send a record about `rate` times a second, and return what came of it.

    Every connection sends at even intervals. The connections begin one by one, each an interval and a
    `CONNECTIONS`-th of it after the one before, so that together they are even as well. That step is of whole
    milliseconds, so the rate is only nearly the one that was asked for.

    Raises:
        Skipped: there is no h2load here.
        RuntimeError: a request was not answered well.
    """
    step_ms = max(1, round((CONNECTIONS + 1) / rate * 1000))
    rate = (CONNECTIONS + 1) / step_ms * 1000
    count = int(rate * seconds) + CONNECTIONS * (CONNECTIONS + 2)  # those while the load is not whole, and some
    with tempfile.TemporaryDirectory() as folder:
        body, log = Path(folder) / "body", Path(folder) / "log"
        body.write_bytes(one.body)
        before = children_cpu_seconds()
        subprocess.run(  # noqa: S603 — our own arguments
            [
                found(),
                "--h1",
                "--threads=1",
                f"--clients={CONNECTIONS}",
                f"--requests={count}",
                f"--rps={rate / CONNECTIONS}",
                "--rate=1",
                f"--rate-period={step_ms}ms",
                f"--header=Content-Type: {one.media_type}",
                f"--data={body}",
                f"--log-file={log}",
                f"http://127.0.0.1:{port}{PATH}",
            ],
            check=True,
            capture_output=True,
            timeout=seconds + PATIENCE,
        )
        used = children_cpu_seconds() - before
        seen = answers(log, count)
    lasted = seen[-1][0] - seen[0][0]
    # While the connections begin, and while the last of them end, the load is not yet whole, or no longer.
    edge = CONNECTIONS * step_ms
    whole = [one for one in seen if edge <= one[0] - seen[0][0] <= lasted - edge]
    gaps = [later - sooner for (sooner, _), (later, _) in itertools.pairwise(whole)]
    return Paced(
        rate=1000 / statistics.fmean(gaps),
        latencies=[took for _, took in whole],
        gap_p50_ms=percentile(gaps, 0.5),
        gap_p99_ms=percentile(gaps, 0.99),
        own_cpu=used / lasted * 1000,
    )


def answers(log: Path, count: int) -> list[tuple[float, float]]:
    """Return when each request was sent and how long its answer took, in milliseconds and in that order.

    Raises:
        RuntimeError: there are not `count`, or one is not 200.
    """
    with log.open(encoding="ascii", newline="") as file:
        rows = [tuple(map(int, row)) for row in csv.reader(file, "excel-tab")]
    statuses = Counter(status for _, status, _ in rows)
    if statuses != {200: count}:
        message = f"the service did not answer well: {dict(statuses)} of {count}"
        raise RuntimeError(message)
    return sorted((sent / 1000, took / 1000) for sent, _, took in rows)
