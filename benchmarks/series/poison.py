"""Whether /livez answers while the worst documents that a stranger can send are verified in a loop."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from benchmarks import load, ours, records
from benchmarks.effort import percentile
from benchmarks.processes import served
from benchmarks.series._series import Series

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.effort import Effort, Row

ASKED_PER_SECOND: Final = 25.0
SENDERS: Final = 4


def _entangled(badge: Mapping[str, Any], parents: int, children: int) -> dict[str, Any]:
    """Return the badge with evidence whose blank nodes are alike and neighbour one another.

    Each parent has the same children, none of which says anything of its own: as in the W3C's test
    074, only the n-degree hash can tell them apart, in the worst case by every order of them.
    """
    subject = badge["credentialSubject"]
    child = {"type": ["Achievement"], "alignment": [{"type": ["Alignment"]} for _ in range(children)]}
    return {
        **badge,
        "credentialSubject": [subject, *({"type": ["AchievementSubject"], "achievement": child},) * parents],
    }


def _declined(badge: Mapping[str, Any]) -> dict[str, Any]:
    """Return the badge with a member that the direct path declines: PyLD has to expand it."""
    return {**badge, "description": {"@value": "A text", "@language": "EN"}}


async def documents() -> dict[str, bytes]:
    """Return what is sent, by name. No signature fits: the work comes before it is looked at."""
    async with ours.opened() as verifier:
        badge, large = await records.measured(verifier.canonicalizer, ["badge", "record-1000"])
    plain = badge.credential
    made = {
        "nothing": None,
        "badge": plain,
        "entangled, refused": _entangled(plain, 2, 9),
        "entangled, within bounds": _entangled(plain, 4, 3),
        "expanded by PyLD": _declined(plain),
        "1,000 achievements": large.credential,
    }
    return {name: b"" if one is None else json.dumps(one).encode() for name, one in made.items()}


async def run(effort: Effort) -> list[Row]:
    """Send each document on several connections at once, and ask /livez all the while."""
    seconds = effort.seconds * effort.rounds * 5  # 10 as it is usually
    made = await documents()
    with served() as service:
        return [await _under(service.port, name, body, seconds) for name, body in made.items()]


async def _under(port: int, name: str, body: bytes, seconds: float) -> Row:
    """Ask /livez while `body` is sent, or nothing where there is none."""
    request = load.post(body, "application/vc")
    answered: Counter[int] = Counter()
    last: dict[int, bytes] = {}  # read when all is over: to parse each would hold up /livez's own clock by 20 ms

    async def send(connection: load.Connection) -> None:
        while True:
            status, answer = await connection.send(request)
            answered[status] += 1
            last[status] = answer

    async with load.connections(port, SENDERS if body else 0) as open_:
        senders = [asyncio.create_task(send(connection)) for connection in open_]
        latencies = await load.paced(port, load.get("/livez"), ASKED_PER_SECOND, seconds)
        for sender in senders:
            sender.cancel()
        await asyncio.gather(*senders, return_exceptions=True)
    return {
        "name": f"poison: {name}",
        "answered": answered.total(),
        "told": "; ".join(_told(status, json.loads(answer)) for status, answer in last.items()),
        "livez_p50_ms": percentile(latencies, 0.5),
        "livez_p99_ms": percentile(latencies, 0.99),
        "livez_worst_ms": max(latencies),
    }


def _told(status: int, answer: Mapping[str, Any]) -> str:
    """Return what came of a document: the HTTP status where it was refused, else the outcome and why."""
    if status != 200:
        return f"{status} {answer['code']}"
    codes = {problem["code"] for check in answer["checks"] for problem in check["problems"]}
    return " ".join([answer["outcome"], *sorted(codes)])


PLUGIN: Final = Series(
    name="poison",
    title=f"/livez while each of these is sent on {SENDERS} connections",
    columns={
        "name": "document",
        "answered": "answered",
        "told": "told",
        "livez_p50_ms": "p50 ms",
        "livez_p99_ms": "p99 ms",
        "livez_worst_ms": "worst ms",
    },
    run=run,
)
