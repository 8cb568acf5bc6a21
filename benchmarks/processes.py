"""The service in processes of its own, and what the system says of a process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.effort import Skipped
from benchmarks.ours import policy_folder

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from benchmarks.effort import Turn

_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
START_SECONDS = 30.0
PATIENCE = 60.0
"""Seconds for what comes late: a load's last answers, the end of a service. Then it is taken for stuck."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A running service."""

    port: int
    workers: tuple[int, ...]
    """Process ids of what serves; not that of a supervisor."""

    @property
    def cpu_seconds(self) -> float:
        """Processor time that the workers have used so far."""
        return sum(cpu_seconds(pid) for pid in self.workers)


@contextmanager
def served(*, workers: int = 1, core: int | None = None) -> Iterator[Service]:
    """Run the service, on one core if given, and yield it once every worker listens."""
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "log").open("w+", encoding="utf-8") as log:
        process = subprocess.Popen(  # noqa: S603 — the service itself
            [sys.executable, "-m", "gateway", "serve", "--port", "0", "--workers", str(workers)],
            env={
                **os.environ,
                "LER_GATEWAY_CACHE_FOLDER": folder,
                "LER_GATEWAY_POLICIES_FOLDERS": json.dumps([str(policy_folder(folder))]),
                "LER_GATEWAY_SERVER_DRAIN_NOTICE_SECONDS": "0",
            },
            stderr=log,
        )
        try:
            if core is not None:
                os.sched_setaffinity(process.pid, {core})
            said = _listening(process, Path(log.name), workers)
            yield Service(port=said[0]["port"], workers=tuple(entry["pid"] for entry in said))
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE)
            finally:
                process.kill()


def _listening(process: subprocess.Popen[bytes], log: Path, workers: int) -> list[dict[str, Any]]:
    """Wait until every worker says in the log that it listens.

    Raises:
        RuntimeError: one does not.
    """
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        lines = log.read_text(encoding="utf-8").splitlines()
        said = [entry for entry in map(json.loads, lines) if entry["event"] == "listening"]
        if len(said) == workers:
            return said
        time.sleep(0.005)
    message = f"the service did not start: {log.read_text(encoding='utf-8')}"
    raise RuntimeError(message)


def cores() -> list[int]:
    """Return the cores that this process may use.

    Raises:
        Skipped: this system does not say.
    """
    if not hasattr(os, "sched_getaffinity"):
        raise Skipped("needs a system that can bind a process to a core (Linux)")
    return sorted(os.sched_getaffinity(0))


def bound(turn: Turn, to: Collection[int]) -> Turn:
    """Return the turn on those cores only; processes that it starts inherit them."""

    async def there(seconds: float) -> list[float]:
        before = os.sched_getaffinity(0)
        os.sched_setaffinity(0, to)
        try:
            return await turn(seconds)
        finally:
            os.sched_setaffinity(0, before)

    return there


def children_cpu_seconds() -> float:
    """Return the processor time of the processes that this one has started and seen end."""
    import resource  # noqa: PLC0415 — absent on Windows

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def cpu_seconds(pid: int) -> float:
    """Return the processor time that a process has used, its waited-for children aside."""
    fields = _proc(pid, "stat").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def memory_mb(pid: int) -> tuple[float, float]:
    """Return what a process has in memory now, and at its peak, in MB (10^6 bytes)."""
    status = dict(line.split(":", 1) for line in _proc(pid, "status").splitlines())
    now, peak = (int(status[name].split()[0]) * 1024 / 1e6 for name in ("VmRSS", "VmHWM"))
    return now, peak


def _proc(pid: int, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_text(encoding="utf-8")
    except FileNotFoundError:
        raise Skipped("needs /proc (Linux)") from None
