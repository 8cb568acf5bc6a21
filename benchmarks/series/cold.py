"""An issuer never seen: round trips per document, and a thousand requests for it at once.

A real server on loopback answers for every host, each time after `DELAY`; the gateway reaches it
through its guarded fetcher, as `[development] hosts` says.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from benchmarks import ours
from benchmarks.series._series import Series
from gateway.demo.issuer import Issuer, badge
from gateway.demo.world import REGISTRY, STATUS_LIST, UNIVERSITY, World

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from benchmarks.effort import Effort, Row
    from gateway.verifier import Verifier

DELAY: Final = 0.05
"""Seconds: an origin 50 ms away."""
AT_ONCE: Final = (1, 10, 1000)


async def run(effort: Effort) -> list[Row]:
    """Verify with empty caches, on disk and in memory: once, and many at once; then once more, warm."""
    rows = []
    for at_once in AT_ONCE:
        times, counted = [], Counter[str]()
        for _ in range(max(1, effort.rounds // 5)):
            async with _world() as (verifier, body, asked):
                started = time.perf_counter()
                await asyncio.gather(*(ours.verified(verifier, body) for _ in range(at_once)))
                times.append(time.perf_counter() - started)
                counted = asked.copy()
                started = time.perf_counter()
                await ours.verified(verifier, body)
                warm = time.perf_counter() - started
                assert asked == counted, "what is cached was fetched again"
        best = min(times)
        rows.append(
            {
                "name": f"cold-{at_once}",
                "at_once": at_once,
                "documents": len(counted),
                "round_trips": counted.total(),
                "one_after_another": int(best / DELAY) if at_once == 1 else None,
                "ms": best * 1000,
                "delay_ms": DELAY * 1000,
                "warm_ms": warm * 1000,
            }
        )
    return rows


@asynccontextmanager
async def _world() -> AsyncIterator[tuple[Verifier, bytes, Counter[str]]]:
    """Yield a verifier that has seen nothing, a badge with a status, and the URLs that were asked for."""
    world = World()
    asked = Counter[str]()

    async def answer(request: web.Request) -> web.Response:
        host = request.host.partition(":")[0]
        asked[f"{host}{request.path}"] += 1
        await asyncio.sleep(DELAY)
        media_type, body = world.pages[host, request.path]
        return web.Response(body=body, content_type=media_type)

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None, handle_signals=False)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
        trust = {name: table for name, table in world.trust().items() if name in ("ce-iir", "dcc-members")}
        flags: dict[str, Any] = {
            "environment": "development",
            "development.hosts": dict.fromkeys((UNIVERSITY, REGISTRY), origin),
            "trust": trust,
        }
        async with ours.opened(**flags) as verifier:
            yield verifier, await _badge(verifier, world), asked
    finally:
        await runner.cleanup()


async def _badge(verifier: Verifier, world: World) -> bytes:
    """Return a badge of a did:web university, with the world's documents that its verification needs."""
    university = Issuer.did_web(UNIVERSITY)
    now = datetime.now(UTC)
    world.serve(university.document_url, university.document, "application/did+json")
    statuses = await university.secure(university.status_list(STATUS_LIST), verifier.canonicalizer)
    world.serve(STATUS_LIST, statuses, "application/vc")
    world.list_in(f"https://{REGISTRY}/credential-engine", {university.did: "University"}, now)
    stamp = now.replace(microsecond=0).isoformat()
    world.serve(f"https://{REGISTRY}/dcc", {"meta": {"created": stamp, "updated": stamp}, "registry": {}})
    entry = {
        "id": f"{STATUS_LIST}#94567",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "94567",
        "statusListCredential": STATUS_LIST,
    }
    secured = await university.secure(badge(university.did, "Welding", status=entry), verifier.canonicalizer)
    return json.dumps(secured).encode()


PLUGIN: Final = Series(
    name="cold",
    title=f"An issuer never seen, every document {DELAY * 1000:.0f} ms away",
    columns={
        "at_once": "requests at once",
        "documents": "documents",
        "round_trips": "round trips",
        "one_after_another": "one after another",
        "ms": "all answered ms",
        "warm_ms": "then, warm ms",
    },
    run=run,
)
