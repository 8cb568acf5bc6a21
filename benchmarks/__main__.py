"""`python -m benchmarks [--json] [NAME …]`: the gateway beside its peers and the floor."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import floor, ours, peer, records
from resolvers.contexts import ContextStore

DEFAULT = ["badge", "record-100"]
SECONDS = 1.5
"""How long each figure is measured; the default run ends within 30 s."""


async def rows(names: list[str]) -> list[dict[str, Any]]:
    """Measure each record on every side, and return the rows of the table."""
    store = ContextStore.bundled()
    async with ours.opened() as verifier:
        made = await records.measured(verifier.canonicalizer, names)
        peers = peer.peer_ms(made, store, {one.name: 20 if one.name.startswith("record-") else 200 for one in made})
        found = []
        with ours.served() as origin:
            for one in made:
                ours_ms = await ours.verify_ms(verifier, one, SECONDS)
                floor_ms = await floor.floor_ms(one, verifier.canonicalizer, SECONDS / 3)
                peer_ms = peers[one.name]
                found.append(
                    {
                        "name": one.name,
                        "ours_ms": ours_ms,
                        "http_ms": await ours.http_ms(origin, one, SECONDS),
                        "peer_ms": peer_ms,
                        "pyld_ms": floor.pyld_ms(one, store, SECONDS),
                        "floor_ms": floor_ms,
                        "ratio_peer": None if peer_ms is None else peer_ms / ours_ms,
                        "ratio_floor": ours_ms / floor_ms,
                    }
                )
    return found


def show(found: list[dict[str, Any]]) -> None:
    """Print the rows as a table."""
    table = Table(title="Milliseconds for one verification")
    columns = {
        "name": "record",
        "ours_ms": "verify()",
        "http_ms": "HTTP, one core",
        "peer_ms": "@digitalbazaar/vc",
        "pyld_ms": "PyLD alone",
        "floor_ms": "floor",
        "ratio_peer": "peer / ours",
        "ratio_floor": "ours / floor",
    }
    for title in columns.values():
        table.add_column(title, justify="left" if title == "record" else "right")
    for row in found:
        cells = (row[name] for name in columns)
        table.add_row(*("-" if cell is None else cell if isinstance(cell, str) else f"{cell:.3f}" for cell in cells))
    Console().print(table)


def main() -> int:
    """Run, print, and return 1 where the peer is missing."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--json", action="store_true", help='print {"rows": […]} instead of a table')
    parser.add_argument("names", nargs="*", help="badge, badge-jcs, badge-jwt, record-N (default: badge record-100)")
    arguments = parser.parse_args()
    found = asyncio.run(rows(arguments.names or DEFAULT))
    if arguments.json:
        print(json.dumps({"rows": found}))
    else:
        show(found)
    return 1 if any(row["peer_ms"] is None for row in found) else 0


if __name__ == "__main__":
    sys.exit(main())
