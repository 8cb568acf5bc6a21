"""wrk, the load from a C client, whose own processor time is told."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.effort import Skipped
from benchmarks.load import PATH
from benchmarks.processes import PATIENCE, children_cpu_seconds

if TYPE_CHECKING:
    from benchmarks.records import Measured

CONNECTIONS: Final = 16
"""More than workers and cores, so that none is ever idle, and fewer than the service has places."""

_SCRIPT: Final = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "{media_type}"
wrk.body = io.open("{body}", "rb"):read("*a")
done = function(summary, latency, requests)
  local bad = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.status
  io.stderr:write(string.format('{{"seconds": %.6f, "requests": %d, "bad": %d, "p50_ms": %.4f, "p99_ms": %.4f}}',
    summary.duration / 1e6, summary.requests, bad, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What wrk saw."""

    per_second: float
    p50_ms: float
    p99_ms: float
    own_cpu: float
    """Share of one core that wrk itself used."""


def found() -> str:
    """Return where wrk is.

    Raises:
        Skipped: it is not here.
    """
    path = shutil.which("wrk")
    if path is None:
        raise Skipped("wrk is not installed (Debian: apt-get install wrk)")
    return path


def saturate(port: int, one: Measured, seconds: float) -> Load:
    """Send a record over and over on many connections, and return what came of it.

    Raises:
        Skipped: there is no wrk here.
        RuntimeError: a request was not answered well.
    """
    wrk = found()
    with tempfile.TemporaryDirectory() as folder:
        body, script = Path(folder) / "body", Path(folder) / "load.lua"
        body.write_bytes(one.body)
        script.write_text(_SCRIPT.format(media_type=one.media_type, body=body), encoding="utf-8")
        before = children_cpu_seconds()
        done = subprocess.run(  # noqa: S603 — our own arguments
            [
                wrk,
                "-t1",
                f"-c{CONNECTIONS}",
                f"-d{max(1, round(seconds))}s",
                "-s",
                script,
                f"http://127.0.0.1:{port}{PATH}",
            ],
            check=True,
            capture_output=True,
            text=True,
            timeout=seconds + PATIENCE,
        )
        used = children_cpu_seconds() - before
    seen: dict[str, Any] = json.loads(done.stderr)
    if seen["bad"] or not seen["requests"]:
        message = f"the service did not answer well: {seen}"
        raise RuntimeError(message)
    return Load(
        per_second=seen["requests"] / seen["seconds"],
        p50_ms=seen["p50_ms"],
        p99_ms=seen["p99_ms"],
        own_cpu=used / seen["seconds"],
    )
