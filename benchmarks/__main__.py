"""`python -m benchmarks [--json] [NAME …]`: the gateway beside its peers and the floor, and longer series by name."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from typing import TYPE_CHECKING

from benchmarks import comparison, records, series
from benchmarks.effort import Effort, Skipped
from benchmarks.table import show
from gateway.server import new_event_loop, settle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.effort import Row

DEFAULT = ("badge", "record-100")


async def run(names: Sequence[str], effort: Effort, *, as_json: bool = False) -> list[Row]:
    """Measure what is named, print each table unless it is to be JSON, and return all rows."""
    settle()  # as a service does
    found: list[Row] = []
    beside = [name for name in names if name not in series.ALL]
    if beside:
        found += await comparison.rows(beside, effort)
        if not as_json:
            show(comparison.TITLE, comparison.COLUMNS, found)
    for one in (series.ALL[name] for name in names if name in series.ALL):
        try:
            rows = await one.run(effort)
        except Skipped as why:
            print(f"{one.name} is left out: {why}", file=sys.stderr)
            rows = [{"name": one.name, "skipped": str(why)}]
        else:
            if not as_json:
                show(one.title, one.columns, rows)
        found += rows
    return found


def main() -> int:
    """Run, print, and return 1 where the peer is missing."""
    usual = Effort()
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        epilog="series: " + "; ".join(f"{one.name}: {one.title}" for one in series.ALL.values()),
    )
    parser.add_argument("--json", action="store_true", help='print {"rows": […]} instead of tables')
    parser.add_argument("--rounds", type=int, default=usual.rounds, help="turns of each side (%(default)s)")
    parser.add_argument("--seconds", type=float, default=usual.seconds, help="length of a turn (%(default)s)")
    parser.add_argument("--count", type=int, help="verifications of `memory` and `cpu`, issuers of `issuers`")
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help="badge, badge-jcs, badge-jwt, record-N (default: badge record-100), or a series",
    )
    arguments = parser.parse_args()
    names = arguments.names or DEFAULT
    for name in names:
        if name not in series.ALL and not records.NAMES.fullmatch(name):
            parser.error(f"there is no {name!r}; series: {', '.join(series.ALL)}")
    load = os.getloadavg()[0]
    if load > (os.cpu_count() or 1) / 2:
        print(f"The load average is {load:.1f}: on a busy machine only ratios mean much.", file=sys.stderr)
    effort = Effort(rounds=arguments.rounds, seconds=arguments.seconds, count=arguments.count)
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        found = runner.run(run(names, effort, as_json=arguments.json))
    if arguments.json:
        print(json.dumps({"rows": found}))
    return 1 if any("peer_ms" in row and row["peer_ms"] is None for row in found) else 0


if __name__ == "__main__":
    sys.exit(main())
