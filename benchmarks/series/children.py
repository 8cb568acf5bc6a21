"""A Comprehensive Learner Record of signed badges, on one core and on all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from benchmarks import ours, records
from benchmarks.effort import interleaved
from benchmarks.processes import bound, cores
from benchmarks.series._series import Series

if TYPE_CHECKING:
    from benchmarks.effort import Effort, Row

COUNTS: Final = (1, 10, 20, 100)


async def run(effort: Effort) -> list[Row]:
    """Measure each record with a verifier that lives on one core, and with one that has them all.

    As a worker of the service has it: what the others verify, they do on cores that no worker uses.
    """
    every = cores()
    none: dict[str, Any] = {"server.children_processes": 0}
    async with ours.opened(**none) as alone, ours.opened() as free:
        (badge,) = await records.measured(free.canonicalizer, ["badge"])
        sides = {"badge": ours.verifying(free, badge)}
        made = [await records.learner_record(free.canonicalizer, count) for count in COUNTS]
        for one in made:
            sides[f"{one.name} alone"] = bound(ours.verifying(alone, one), every[:1])
            sides[f"{one.name} free"] = bound(ours.verifying(free, one), every)
        times = await interleaved(sides, effort)
    return [
        {
            "name": one.name,
            "children": count,
            "bytes": len(one.body),
            "one_core_ms": times[f"{one.name} alone"],
            "ours_ms": times[f"{one.name} free"],
            "speed_up": times[f"{one.name} alone"] / times[f"{one.name} free"],
            "badges": times[f"{one.name} free"] / times["badge"],
            "cores": len(every),
        }
        for count, one in zip(COUNTS, made, strict=True)
    ]


PLUGIN: Final = Series(
    name="children",
    title="A learner record of signed children",
    columns={
        "name": "record",
        "children": "children",
        "bytes": "bytes",
        "one_core_ms": "one core ms",
        "ours_ms": "all cores ms",
        "speed_up": "speed-up",
        "badges": "in single badges",
        "cores": "cores",
    },
    run=run,
)
