"""The gateway beside its peer, beside PyLD and beside the floor, record by record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from benchmarks import load, ours, peer, records
from benchmarks.effort import interleaved
from benchmarks.floor import floor, pyld
from benchmarks.processes import cores, served

if TYPE_CHECKING:
    from benchmarks.effort import Effort, Row

TITLE: Final = "Milliseconds for one verification, median"
COLUMNS: Final = {
    "name": "record",
    "ours_ms": "verify()",
    "http_ms": "HTTP, one core",
    "peer_ms": "@digitalbazaar/vc",
    "pyld_ms": "PyLD alone",
    "floor_ms": "floor",
    "ratio_peer": "peer / ours",
    "ratio_floor": "ours / floor",
}


async def rows(names: list[str], effort: Effort) -> list[Row]:
    """Measure each record on every side, side by side; the peer's figures are None without Node."""
    async with ours.opened() as verifier:
        made = await records.measured(verifier.canonicalizer, names)
        with peer.started(made, verifier.contexts) as other, served(core=cores()[-1]) as service:
            async with load.connections(service.port) as open_:
                found = []
                for one in made:
                    sides = {
                        "ours_ms": ours.verifying(verifier, one),
                        "floor_ms": await floor(one, verifier.canonicalizer),
                        "peer_ms": None if other is None else other.verifying(one),
                        "http_ms": load.saturating(open_, one),
                        "pyld_ms": pyld(one, verifier.contexts),
                    }
                    times = await interleaved({name: turn for name, turn in sides.items() if turn}, effort)
                    found.append(_row(one.name, times))
    return found


def _row(name: str, times: dict[str, float]) -> Row:
    ours_ms, peer_ms, floor_ms = times["ours_ms"], times.get("peer_ms"), times["floor_ms"]
    return {
        "name": name,
        "ours_ms": ours_ms,
        "peer_ms": peer_ms,
        "floor_ms": floor_ms,
        "ratio_peer": None if peer_ms is None else peer_ms / ours_ms,
        "ratio_floor": ours_ms / floor_ms,
        "http_ms": times["http_ms"],
        "pyld_ms": times.get("pyld_ms"),
    }
