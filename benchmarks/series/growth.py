"""How the time of one verification grows with the record, from about 15 quads to 13,000."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from benchmarks import ours, records
from benchmarks.effort import interleaved
from benchmarks.floor import floor
from benchmarks.series._series import Series

if TYPE_CHECKING:
    from benchmarks.effort import Effort, Row
    from benchmarks.records import Measured
    from gateway.plugins import Canonicalizer

SIZES: Final = (1, 10, 100, 300, 1000)


async def run(effort: Effort) -> list[Row]:
    """Measure every size by turns, beside its floor."""
    async with ours.opened() as verifier:
        names = ["badge", *(f"record-{size}" for size in SIZES)]
        made = await records.measured(verifier.canonicalizer, names)
        sides = {}
        for one in made:
            sides[one.name] = ours.verifying(verifier, one)
            sides[f"{one.name} floor"] = await floor(one, verifier.canonicalizer)
        times = await interleaved(sides, effort)
        rows: list[Row] = []
        for one in made:
            quads, ours_ms, floor_ms = (
                await _quads(one, verifier.canonicalizer),
                times[one.name],
                times[f"{one.name} floor"],
            )
            before = rows[-1] if rows else None
            rows.append(
                {
                    "name": one.name,
                    "quads": quads,
                    "bytes": len(one.body),
                    "ours_ms": ours_ms,
                    "floor_ms": floor_ms,
                    "ratio_floor": ours_ms / floor_ms,
                    "us_per_quad": ours_ms / quads * 1000,
                    "exponent": None
                    if before is None or before["quads"] >= quads
                    else math.log(ours_ms / before["ours_ms"]) / math.log(quads / before["quads"]),
                }
            )
    return rows


async def _quads(one: Measured, canonicalizer: Canonicalizer) -> int:
    config, document, _, _ = await records.floor_inputs(one, canonicalizer)
    return config.count(b"\n") + document.count(b"\n")


PLUGIN: Final = Series(
    name="growth",
    title="Time against statements (exponent: 1 is linear)",
    columns={
        "name": "record",
        "quads": "quads",
        "bytes": "bytes",
        "ours_ms": "verify() ms",
        "floor_ms": "floor ms",
        "ratio_floor": "ours / floor",
        "us_per_quad": "µs a quad",
        "exponent": "exponent",
    },
    run=run,
)
