"""The real process: one worker and several, from start to SIGTERM."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import ClientSession

from tests.service.conftest import bearer, tenant

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

PATIENCE = 30.0
"""Seconds until a process that does not do what it should fails the test."""


class Process:
    """A running `ler-gateway serve`, and what it has logged."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        """Read the log of `process`."""
        self.process = process
        self.events: list[dict[str, Any]] = []

    async def until(self, event: str, count: int = 1) -> list[dict[str, Any]]:
        """Read the log until it has `count` such events, and return them."""
        assert self.process.stderr is not None
        while len(found := [line for line in self.events if line["event"] == event]) < count:
            line = await asyncio.wait_for(self.process.stderr.readline(), PATIENCE)
            assert line, f"the process ended without {event!r}: {self.events}"
            self.events.append(json.loads(line))
        return found

    async def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal, and return the exit status; what is left of the log is read."""
        self.process.send_signal(number)
        _, rest = await asyncio.wait_for(self.process.communicate(), PATIENCE)
        self.events += [json.loads(line) for line in rest.splitlines()]
        assert self.process.returncode is not None
        return self.process.returncode


@asynccontextmanager
async def serving(folder: Path, *arguments: str, **variables: str) -> AsyncIterator[Process]:
    """Start the service on any free port, and kill it if the test has not ended it."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "error", "-m", "gateway", "serve", "--port", "0", *arguments),
        env={
            "PATH": os.environ["PATH"],
            "LER_GATEWAY_CACHE_FOLDER": str(folder),
            "LER_GATEWAY_SERVER_DRAIN_NOTICE_SECONDS": "0",
            **variables,
        },
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield Process(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def test_one_process_answers_and_ends_well(tmp_path: Path, token: str) -> None:
    """SIGTERM ends it with status 0, and the log says each step."""
    async with serving(tmp_path) as server, ClientSession() as session:
        (listening,) = await server.until("listening")
        url = f"http://127.0.0.1:{listening['port']}"
        async with session.post(f"{url}/v1/verify", json={"credential": token}) as response:
            assert (await response.json())["verified"] is True

        assert await server.end() == 0

    assert [event["event"] for event in server.events if event["event"] in {"listening", "draining", "stopped"}] == [
        "listening",
        "draining",
        "stopped",
    ]


async def test_ctrl_c_ends_it_as_well(tmp_path: Path) -> None:
    """SIGINT is no traceback."""
    async with serving(tmp_path) as server:
        await server.until("listening")

        assert await server.end(signal.SIGINT) == 0


async def test_what_is_in_flight_ends_before_the_process_does(tmp_path: Path, token: str) -> None:
    """A request that is half sent at SIGTERM is answered, while /readyz turns others away."""
    async with serving(tmp_path, LER_GATEWAY_SERVER_DRAIN_NOTICE_SECONDS="0.5") as server, ClientSession() as session:
        (listening,) = await server.until("listening")
        body = token.encode()
        reader, writer = await asyncio.open_connection("127.0.0.1", listening["port"])
        head = f"POST /v1/verify HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body[:10])
        await writer.drain()
        async with session.get(f"http://127.0.0.1:{listening['port']}/readyz") as before:
            assert before.status == 200

        server.process.terminate()
        await server.until("draining")
        async with session.get(f"http://127.0.0.1:{listening['port']}/readyz") as response:
            assert response.status == 503
        writer.write(body[10:])
        answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE)
        writer.close()
        await server.until("stopped")

        assert answer.startswith(b"HTTP/1.1 200 ")
        assert await asyncio.wait_for(server.process.wait(), PATIENCE) == 0


async def test_workers_share_the_port_and_count_together(tmp_path: Path, token: str) -> None:
    """Two workers answer on one port, /metrics adds them up, and each has a cache file of its own."""
    async with serving(tmp_path, "--workers", "2") as server:
        workers = await server.until("listening", 2)
        (port,) = {worker["port"] for worker in workers}
        url = f"http://127.0.0.1:{port}"

        for _ in range(20):
            async with (
                ClientSession() as session,
                session.post(f"{url}/v1/verify", json={"credential": token}) as answer,
            ):
                assert (await answer.json())["verified"] is True
        async with ClientSession() as session, session.get(f"{url}/metrics") as response:
            text = await response.text()

        assert await server.end() == 0

    answered_by = {event["worker"] for event in server.events if event["event"] == "request"}
    assert {worker["worker"] for worker in workers} == {0, 1}
    assert answered_by == {0, 1}
    assert re.search(r'^ler_gateway_verifications_total\{outcome="pass"\} 20\.0$', text, re.MULTILINE)
    kept = {name.partition(".sqlite-")[0] for name in await asyncio.to_thread(os.listdir, tmp_path)}
    assert {name.removesuffix(".sqlite") for name in kept} == {"worker-0", "worker-1", "challenges"}


async def test_a_worker_that_ends_is_replaced(tmp_path: Path) -> None:
    """A crash costs one worker its requests in flight, and nobody else anything."""
    async with serving(tmp_path, "--workers", "2") as server:
        workers = await server.until("listening", 2)

        os.kill(workers[0]["pid"], signal.SIGKILL)
        (ended,) = await server.until("worker-ended")
        replaced = (await server.until("listening", 3))[2]

        assert ended["status"] == -signal.SIGKILL
        assert replaced["worker"] == workers[0]["worker"]
        assert await server.end() == 0


async def test_operations_and_keys_as_an_image_would_run_them(tmp_path: Path) -> None:
    """With tenants it serves any address, and the operations address gives figures for a key only."""
    key, config = tenant(metrics=True)
    (entry,) = config["keys"]
    expires = entry["expires"].strftime("%Y-%m-%dT%H:%M:%SZ")
    hashed = f'{{prefix = "{entry["prefix"]}", sha256 = "{entry["sha256"]}", expires = {expires}}}'
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    variables = {
        "LER_GATEWAY_TENANTS": f"{{o = {{metrics = true, keys = [{hashed}]}}}}",
        "LER_GATEWAY_SERVER_OPERATIONS_HOST": "127.0.0.1",
        "LER_GATEWAY_SERVER_OPERATIONS_PORT": str(port),
    }
    async with serving(tmp_path, "--host", "0.0.0.0", **variables) as server, ClientSession() as session:  # noqa: S104 — allowed with keys
        await server.until("listening")
        url = f"http://127.0.0.1:{port}"

        async with session.get(f"{url}/readyz") as ready, session.get(f"{url}/metrics") as refused:
            assert (ready.status, refused.status) == (200, 401)
        async with session.get(f"{url}/metrics", headers=bearer(key)) as allowed:
            assert allowed.status == 200
        assert await server.end() == 0


@pytest.mark.parametrize("workers", ["1", "2"])
async def test_an_address_that_is_taken_is_a_usage_error(tmp_path: Path, workers: str) -> None:
    """Nobody shares the port by accident, not even with several workers."""
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        arguments = ("--port", str(taken.getsockname()[1]), "--workers", workers)
        async with serving(tmp_path, *arguments) as server:
            _, told = await asyncio.wait_for(server.process.communicate(), PATIENCE)

    assert server.process.returncode == 2
    assert b"cannot listen" in told


async def test_a_worker_that_cannot_start_ends_the_service(tmp_path: Path) -> None:
    """What is wrong for one worker is wrong for all; it is not tried for ever."""
    (tmp_path / "worker-0").write_text("a file where a folder should be")

    async with serving(tmp_path, "--workers", "2") as server:
        status = await asyncio.wait_for(server.process.wait(), PATIENCE)

    assert status == 1


def test_what_takes_long_keeps_nobody_waiting() -> None:
    """A process that serves leaves what it began with out of collections, and its threads take short turns."""
    told = subprocess.run(  # what is set holds for the whole process, so another one sets it
        [
            sys.executable,
            "-c",
            (
                "import asyncio, gc, sys\n"
                "from gateway import server\n"
                "async def settled():\n"
                "    server.settle()\n"
                "    return await asyncio.to_thread(lambda: gc.get_freeze_count() > 10_000)\n"
                "print(asyncio.run(settled()), round(sys.getswitchinterval(), 6))"
            ),
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    assert told.stdout.split() == ["True", "0.001"]
