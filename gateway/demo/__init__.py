"""A small issuer world on loopback, for the demonstration and the tests."""

from __future__ import annotations

import asyncio
import json
import socket
import tempfile
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
from rich.console import Console
from rich.table import Table

from gateway import telemetry
from gateway.app import serving
from gateway.canonical.rdf import canonicalizer
from gateway.config import Config, load
from gateway.demo.world import HOSTS, SILENT, World, build
from resolvers.contexts import ContextStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_STYLES = {"accept": "green", "review": "yellow", "reject": "red"}

POLICIES = Path(__file__).resolve().parent / "policies"


def run(*, keep: bool = False) -> int:
    """Verify one record of each fate by two policies, and print why each was decided as it was.

    Nothing outside this machine is contacted. With `keep` the gateway runs on until it is interrupted.

    Returns:
        0 if every decision was as expected, else 1.
    """
    telemetry.configure("error")
    try:
        return asyncio.run(_run(Console(), keep=keep))
    except KeyboardInterrupt:
        return 0


async def _run(console: Console, *, keep: bool) -> int:
    with tempfile.TemporaryDirectory() as folder:
        world = await _world()
        async with world.running() as origin, gateway_for(world, origin, Path(folder), port=8080 if keep else 0) as url:
            console.print(f"Issuers, status lists and registries answer on {origin}; the gateway on {url}.\n")
            async with aiohttp.ClientSession() as session:
                answers = [
                    await _ask(session, url, case.credential, policy)
                    for case in world.cases
                    for policy in case.policies
                ]
            as_expected = _show(console, world, answers)
            example = Path(folder) / "badge.json"
            example.write_text(json.dumps(world.cases[0].credential), encoding="utf-8")
            console.print(_how_to(url if keep else "http://127.0.0.1:8080", example if keep else Path("badge.json")))
            if keep:
                await asyncio.Event().wait()
    return 0 if as_expected else 1


async def _world() -> World:
    made = canonicalizer(ContextStore.bundled())
    try:
        return await build(made, datetime.now(UTC))
    finally:
        await made.close()


def configured(world: World, origin: str, folder: Path) -> Config:
    """Return the configuration of a gateway in that world: hosts mapped to it, and its registries pinned."""
    nobody = "http://127.0.0.1:9"  # the discard port: nothing listens there
    return load(
        flags={
            "environment": "development",
            "development.hosts": {**dict.fromkeys(HOSTS, origin), SILENT: nobody},
            "trust": world.trust(),
            "policies.folders": [POLICIES],
            "cache.folder": folder,
            "log.level": "error",
            "server.drain_notice_seconds": 0.0,
        }
    )


@asynccontextmanager
async def gateway_for(world: World, origin: str, folder: Path, *, port: int = 0) -> AsyncIterator[str]:
    """Run the whole service in that world, and yield its address."""
    with _listening(port) as listening:
        async with serving(configured(world, origin, folder), listening):
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def _listening(port: int) -> socket.socket:
    """Return a socket on loopback that listens on `port`, or on any other where that is taken."""
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError:
        return socket.create_server(("127.0.0.1", 0))


async def _ask(session: aiohttp.ClientSession, url: str, credential: Any, policy: str) -> dict[str, Any]:
    async with session.post(f"{url}/v1/verify", json={"credential": credential, "policy": policy}) as response:
        answer: dict[str, Any] = await response.json()
        return answer


def _show(console: Console, world: World, answers: list[dict[str, Any]]) -> bool:
    """Print the table, and return whether every decision was as expected."""
    table = Table(title="Each record by a state's policy and by an employer's", show_lines=True, expand=True)
    table.add_column("record, and what is true of it", ratio=2)
    table.add_column("decision", ratio=2)
    table.add_column("why", ratio=4)
    right = True
    for number, case in enumerate(world.cases):
        pair = answers[2 * number : 2 * number + 2]
        right = right and all(answer["decision"] == case.expected for answer in pair)
        decisions = [
            f"[{_STYLES[answer['decision']]}]{answer['decision']}[/] {policy}"
            for answer, policy in zip(pair, case.policies, strict=True)
        ]
        reasons = dict.fromkeys([*reasons_of(pair[0]), *reasons_of(pair[1])[1:]])
        table.add_row(f"[bold]{case.title}[/]\n{case.truth}", "\n".join(decisions), "\n".join(reasons))
    console.print(table)
    console.print("Every decision was as expected.\n" if right else "NOT every decision was as expected.\n")
    return right


def reasons_of(answer: dict[str, Any]) -> list[str]:
    """Return why it was decided so: the summary, and what the rules that decided have found."""
    policy = answer["policy"]
    deciding = {"reject": "fail", "review": "unknown"}.get(answer["decision"])
    rules = [rule for rule in policy["rules"] if rule["severity"] == "require" and rule["state"] == deciding]
    return [answer["summary"], *(rule["found"] for rule in rules if not policy["reasons"])]


def _how_to(url: str, badge: Path) -> str:
    return (
        f"Ask it yourself (the interface: {url}/docs):\n\n"
        f"  curl -s -H 'Content-Type: application/vc' --data-binary @{badge} \\\n"
        f"    '{url}/v1/verify?policy=us-al/talent-triad'\n"
    )
