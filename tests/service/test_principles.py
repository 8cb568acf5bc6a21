"""`GET /v1/principles` and `ler-gateway principles`: the figures of the running service, told to whom they concern."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import jsonschema_rs
import pytest
from aiohttp import ClientSession
from typer.testing import CliRunner

from gateway.api.principles import NoAnswer, ask
from gateway.api.schemas import SCHEMAS
from gateway.cli import app
from tests.service.conftest import Client, Gateway, bearer, problem, tenant
from tests.service.test_server import serving

if TYPE_CHECKING:
    from pathlib import Path

POLICY = "us/ler-baseline"


async def test_the_page_is_as_described(client: Client, token: str) -> None:
    """Seven principles, each with a measure that has moved where something was verified."""
    before = {each["id"]: each for each in (await (await client.get("/v1/principles")).json())["principles"]}

    await client.post("/v1/verify", json={"credential": token, "policy": POLICY})
    page = await (await client.get("/v1/principles")).json()

    schema = {"$ref": "#/components/schemas/Principles", "components": {"schemas": SCHEMAS}}
    jsonschema_rs.validator_for(schema).validate(page)
    after = {each["id"]: each for each in page["principles"]}
    named = [each["public-private-partnerships"]["measure"] for each in (before, after)]
    assert len(after) == 7
    assert named[1]["decisions"] == named[0]["decisions"] + 1
    assert named[1]["naming"] == named[0]["naming"] + 1
    assert after["privacy-and-security"]["measure"]["value"] == 0
    assert (page["scope"]["workers"], page["scope"]["since"][:2]) == (1, "20")


async def test_only_who_reads_metrics_is_told(gateway: Gateway) -> None:
    """It counts all tenants together."""
    one, reads = tenant(policies=["*"], metrics=True)
    other, does_not = tenant(policies=["*"])
    client = await gateway({"tenants.a": reads, "tenants.b": does_not})

    assert (await client.get("/v1/principles", headers=bearer(one))).status == 200
    assert (await problem(await client.get("/v1/principles", headers=bearer(other))))[:2] == (403, "forbidden")
    assert (await problem(await client.get("/v1/principles")))[:2] == (401, "unauthorized")


async def test_all_workers_are_counted_together(tmp_path: Path, token: str) -> None:
    """Whichever is asked; and a worker's own share is nobody's figure."""
    async with serving(tmp_path, "--workers", "2") as server:
        port = (await server.until("listening", 2))[0]["port"]
        url = f"http://127.0.0.1:{port}"
        for _ in range(8):
            async with (
                ClientSession() as session,
                session.post(f"{url}/v1/verify", json={"credential": token, "policy": POLICY}) as response,
            ):
                assert response.status == 200
        pages = [await ask(url, None) for _ in range(6)]
        assert await server.end() == 0

    decisions = {
        each["measure"]["decisions"]
        for page in pages
        for each in page["principles"]
        if each["id"] == "public-private-partnerships"
    }
    assert decisions == {8}
    assert {page["scope"]["workers"] for page in pages} == {2}
    assert len({page["scope"]["since"] for page in pages}) == 1


class TestCommand:
    """The command asks the running service."""

    async def run(self, *arguments: str) -> tuple[int, str]:
        """Run it in a thread, beside the service."""
        result = await asyncio.to_thread(CliRunner().invoke, app, ["principles", *arguments])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.output

    async def test_for_people_and_for_machines(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        """The same page."""
        monkeypatch.setenv("COLUMNS", "200")
        url = str(client.make_url("/"))

        status, text = await self.run("--url", url)
        assert status == 0
        for words in ("Open standards", "Global mobility", "personalMembersFound", "all workers of this service"):
            assert words in text
        status, printed = await self.run("--url", url, "--json")
        page = json.loads(printed[printed.index("{\n") :])  # what stands before is the service's own log
        assert (status, len(page["principles"])) == (0, 7)

    async def test_with_a_key(self, gateway: Gateway, tmp_path: Path) -> None:
        """Without one it is not told, and the status says that nothing is known."""
        key, config = tenant(policies=["*"], metrics=True)
        url = str((await gateway({"tenants.a": config})).make_url("/"))
        file = tmp_path / "key"
        file.write_text(key + "\n")

        assert (await self.run("--url", url))[0] == 3
        assert (await self.run("--url", url, "--key-file", str(file), "--json"))[0] == 0

    async def test_nobody_answers(self, client: Client) -> None:
        """Nor does somebody else who does."""
        with pytest.raises(NoAnswer, match="cannot be asked"):
            await ask("http://127.0.0.1:9", None)
        with pytest.raises(NoAnswer, match="answers 404"):
            await ask(str(client.make_url("/nowhere")), None)
        assert (await self.run("--url", "http://127.0.0.1:9"))[0] == 3
