"""`python -m tests.fuzz [--seconds N] [--seed S] [--atheris] [NAME…]`: exits with 1 where anything crashed."""

from __future__ import annotations

import argparse
import random
import sys
import time
import traceback
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.fuzz.targets import Target

SHOWN = 2000
"""Characters of an input that are printed."""


def fuzz(target: Target, *, seconds: float, first: int) -> tuple[int, int, int | None]:
    """Return (executions, how many were taken, the seed that crashed) after so many seconds."""
    end, executions, taken = time.monotonic() + seconds, 0, 0
    while executions == 0 or time.monotonic() < end:
        seed = first + executions
        executions += 1
        value = target.make(random.Random(seed))  # noqa: S311 — what to spoil is no secret
        try:
            taken += target.attempt(value)
        except Exception:  # noqa: BLE001 — whatever it is, it is a crash
            traceback.print_exc()
            sys.stdout.write(f"{target.name}: CRASH, --seed {seed}: {value!r:.{SHOWN}}\n")
            return executions, taken, seed
    return executions, taken, None


def by_octets(target: Target, seconds: float, first: int) -> None:
    """Let libFuzzer choose the octets; it ends the process, with 77 where something crashed."""
    import atheris  # noqa: PLC0415 — an extra

    seeds = [target.make(random.Random(first + number)) for number in range(50)]  # noqa: S311 — no secret

    def take(data: bytes) -> None:
        # libFuzzer starts with an empty corpus: the first octet chooses what the others are laid over.
        base = seeds[data[0] % len(seeds)] if data else b""
        at = int.from_bytes(data[1:3]) % (len(base) + 1)
        target.attempt(base[:at] + data[3:] + base[at + len(data[3:]) :])

    atheris.Setup([sys.argv[0], f"-max_total_time={max(1, int(seconds))}", "-max_len=4096"], take)
    atheris.Fuzz()


def instrumented() -> AbstractContextManager[Any]:
    """Let what is imported within count which ways it has taken: this project's own modules."""
    import atheris  # noqa: PLC0415 — an extra

    found: AbstractContextManager[Any] = atheris.instrument_imports(include=["gateway", "resolvers", "policies"])
    return found


def main() -> int:
    """Run the targets that are named, or all."""
    options = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    options.add_argument("names", nargs="*", metavar="NAME", help="a target; all, if none is named")
    options.add_argument("--seconds", type=float, default=60.0, help="for each target")
    options.add_argument("--seed", type=int, default=None, help="the first seed; repeats a crash")
    options.add_argument("--atheris", action="store_true", help="let libFuzzer choose, for one target of octets")
    given = options.parse_args()
    with instrumented() if given.atheris else nullcontext():
        from tests.fuzz.targets import TARGETS, close  # noqa: PLC0415 — may have to be instrumented
    unknown = [name for name in given.names if name not in TARGETS]
    if unknown:
        options.error(f"there is no target {', '.join(unknown)}, but {', '.join(TARGETS)}")
    if given.atheris and (len(given.names) != 1 or not TARGETS[given.names[0]].octets):
        options.error("libFuzzer takes one target, whose inputs are octets")
    first = random.SystemRandom().getrandbits(32) if given.seed is None else given.seed
    if given.atheris:
        by_octets(TARGETS[given.names[0]], given.seconds, first)
    crashed = 0
    for name in given.names or TARGETS:
        executions, taken, seed = fuzz(TARGETS[name], seconds=given.seconds, first=first)
        crashed += seed is not None
        sys.stdout.write(f"{name}: {executions} executions, {taken} taken, {'CRASH' if seed is not None else 'ok'}\n")
        sys.stdout.flush()
    close()
    return 1 if crashed else 0


if __name__ == "__main__":
    raise SystemExit(main())
