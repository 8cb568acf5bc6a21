"""SIGHUP on the real process: policies are read again by every worker, and a mistake changes nothing."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession

from tests.service.test_server import Process, serving

if TYPE_CHECKING:
    from pathlib import Path

POLICY = """\
policy: employer/ours
version: %s
rules: [{id: issuer, say: Ours., require: {issuer_is: ["did:web:ours.example"]}}]
"""


async def version(port: int) -> tuple[str, dict[str, str]]:
    """Return the policy's version as one worker has it, and what that one says of itself."""
    async with ClientSession() as session:  # a new connection may reach another worker
        async with session.get(f"http://127.0.0.1:{port}/v1/policies/employer/ours") as response:
            found: str = (await response.json())["version"]
        async with session.get(f"http://127.0.0.1:{port}/readyz") as response:
            assert response.status == 200
            return found, await response.json()


async def reloaded(server: Process, event: str, count: int) -> None:
    """Send SIGHUP, and wait until so many workers have said what came of it."""
    already = len([line for line in server.events if line["event"] == event])
    server.process.send_signal(signal.SIGHUP)
    await server.until(event, already + count)


@pytest.mark.parametrize("workers", [1, 2])
async def test_sighup_reloads_every_worker(tmp_path: Path, workers: int) -> None:
    """A good set is in force everywhere, a bad one nowhere, and /readyz says which it is."""
    folder = tmp_path / "policies"
    folder.mkdir()
    file = folder / "ours.yaml"
    file.write_text(POLICY % "1.0.0")
    variables = {"LER_GATEWAY_POLICIES_FOLDERS": f'["{folder}"]'}
    async with serving(tmp_path / "cache", "--workers", str(workers), **variables) as server:
        port = (await server.until("listening", workers))[0]["port"]

        file.write_text(POLICY % "1.1.0")
        await reloaded(server, "policies-reloaded", workers)
        assert [await version(port) for _ in range(6)] == [("1.1.0", {"status": "ready"})] * 6

        file.write_text(POLICY.replace("issuer_is", "issuer_iss") % "1.2.0")
        await reloaded(server, "policies-not-reloaded", workers)
        assert [await version(port) for _ in range(6)] == [("1.1.0", {"status": "ready", "policies": "outdated"})] * 6
        told = {(line["source"], line["finding"]) for line in server.events if line["event"] == "policies-not-reloaded"}
        assert told == {("ours.yaml:3", 'there is no condition "issuer_iss"; did you mean "issuer_is"?')}

        file.write_text(POLICY % "1.2.0")
        await reloaded(server, "policies-reloaded", workers)
        assert [await version(port) for _ in range(6)] == [("1.2.0", {"status": "ready"})] * 6
        assert await server.end() == 0


async def test_a_signal_while_workers_start_ends_none_of_them(tmp_path: Path) -> None:
    """It waits until somebody listens: by default it would end the process."""
    async with serving(tmp_path, "--workers", "2") as server:
        await server.until("started")
        for _ in range(3):
            server.process.send_signal(signal.SIGHUP)
        await server.until("listening", 2)
        await server.until("policies-reloaded", 2)

        assert await server.end() == 0
    assert not [line for line in server.events if line["event"] == "worker-ended"]


async def test_files_are_looked_at_where_that_is_asked_for(tmp_path: Path) -> None:
    """Without any signal."""
    folder = tmp_path / "policies"
    folder.mkdir()
    variables = {"LER_GATEWAY_POLICIES_FOLDERS": f'["{folder}"]', "LER_GATEWAY_POLICIES_RELOAD_SECONDS": "0.05"}
    async with serving(tmp_path / "cache", **variables) as server:
        port = (await server.until("listening"))[0]["port"]
        (folder / "ours.yaml").write_text(POLICY % "1.0.0")
        await server.until("policies-reloaded")

        assert (await version(port))[0] == "1.0.0"
        assert await server.end() == 0
