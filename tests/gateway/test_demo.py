"""The demonstration does the main job, by itself, and says so in its exit status."""

from __future__ import annotations

import socket
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import aiohttp
from rich.console import Console

from gateway import demo
from gateway.demo.world import World, build

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.plugins import Canonicalizer


def test_it_decides_as_expected_and_exits_by_itself() -> None:
    """`ler-gateway demo` verifies one record of each fate, says why, and exits with 0."""
    done = subprocess.run(
        [sys.executable, "-m", "gateway", "demo"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "Every decision was as expected." in done.stdout
    for word in ("accept", "reject", "review", "revoked", "expired", "signature", "us-al/talent-triad", "curl"):
        assert word in done.stdout


async def test_a_decision_that_is_not_as_expected_is_an_error(
    canonicalizer: Canonicalizer, capsys: Any, tmp_path: Path
) -> None:
    """Where a verdict differs from what is true, the demonstration says so: it cannot succeed by accident."""
    world = await build(canonicalizer, datetime.now(UTC))
    world.cases = world.cases[:1]
    async with (
        world.running() as origin,
        demo.gateway_for(world, origin, tmp_path) as url,
        aiohttp.ClientSession() as session,
    ):
        answers = [
            await demo._ask(session, url, world.cases[0].credential, policy) for policy in world.cases[0].policies
        ]
    console = Console()
    assert demo._show(console, world, answers) is True
    answers[1] |= {"decision": "review"}
    assert demo._show(console, world, answers) is False
    assert "NOT every decision" in capsys.readouterr().out


async def test_a_world_serves_what_it_was_given_and_nothing_else() -> None:
    """Hosts are told apart by name, and an unknown page is a 404."""
    world = World()
    world.serve("https://one.example/a", {"x": 1})
    async with world.running() as origin, aiohttp.ClientSession(origin) as session:
        async with session.get("/a", headers={"Host": "one.example"}) as answer:
            assert await answer.json() == {"x": 1}
        async with session.get("/a", headers={"Host": "two.example"}) as answer:
            assert answer.status == 404


def test_a_port_that_is_taken_is_replaced_by_another() -> None:
    """`--keep` prefers port 8080, and does without it."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with demo._listening(port) as other:
            assert other.getsockname()[1] != port
