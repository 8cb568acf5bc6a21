"""Policies over HTTP: which there are, which decide, and who sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aiohttp.test_utils import TestServer

from gateway.app import create_app
from gateway.config import ConfigError
from tests.service.conftest import Client, Gateway, bearer, configured, problem, tenant

if TYPE_CHECKING:
    from pathlib import Path

OWN = """\
policy: employer/secret-plans
version: 1.0.0
title: Secret plans
effective: {from: 2026-01-01, until: 2026-12-31}
rules:
  - id: issuer
    say: The issuer must be ours.
    require: {issuer_is: ["did:web:ours.example"]}
    on_unknown: review
"""


@pytest.fixture(name="own")
def _own(tmp_path: Path) -> dict[str, Any]:
    """Flags for a folder with one policy of the operator's own."""
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "secret-plans.yaml").write_text(OWN)
    return {"policies.folders": [folder]}


async def test_the_library_is_listed(client: Client) -> None:
    """Each policy shows what it is, and by which digest it is known."""
    listed = (await (await client.get("/v1/policies")).json())["policies"]

    by_id = {one["id"]: one for one in listed}
    assert "us/ler-baseline" in by_id
    assert len(by_id["us/ler-baseline"]["digest"]) == 64


@pytest.mark.parametrize("path", ["us/ler-baseline", "us%2Fler-baseline", "us/ler-baseline@1"])
async def test_one_policy_shows_its_rules_with_those_it_inherits(client: Client, path: str) -> None:
    """The slash may be escaped, and a version may be named."""
    body = await (await client.get(f"/v1/policies/{path}")).json()

    assert body["id"] == "us/ler-baseline"
    assert body["rules"]
    assert all(rule["say"] and rule["require"] for rule in body["rules"])


async def test_a_policy_decides(gateway: Gateway, own: dict[str, Any], token: str) -> None:
    """A verified badge of another issuer is rejected by the policy, and stays verified."""
    client = await gateway(own)

    response = await client.post(
        "/v1/verify", json={"credential": token, "policy": "employer/secret-plans@1", "asOf": "2026-06-01T00:00:00Z"}
    )
    body = await response.json()

    assert (body["outcome"], body["decision"]) == ("pass", "reject")
    assert body["policy"]["id"] == "employer/secret-plans"


async def test_a_policy_that_is_not_in_effect_is_422(gateway: Gateway, own: dict[str, Any]) -> None:
    """The instant of the request counts, not that of the clock."""
    client = await gateway(own)
    request = {"credential": "x", "policy": "employer/secret-plans", "asOf": "2025-06-01T00:00:00Z"}

    response = await client.post("/v1/verify", json=request)

    assert await problem(response) == (422, "policy-not-in-effect", "/policy")


async def test_T55_an_invisible_policy_and_none_are_the_same(gateway: Gateway, own: dict[str, Any]) -> None:
    """Tenant B cannot learn that A's policy exists: not by status, body, list or address."""
    key, config = tenant(policies=["us/*"])
    client = await gateway({**own, "tenants.b": config})
    answers = []

    for name in ("employer/secret-plans", "employer/no-plans"):
        verify = await client.post("/v1/verify", json={"credential": "x", "policy": name}, headers=bearer(key))
        shown = await client.get(f"/v1/policies/{name}", headers=bearer(key))
        bodies = [{**await answer.json(), "requestId": None} for answer in (verify, shown)]
        answers.append((bodies[0], verify.status, bodies[1], shown.status))

    listed = await (await client.get("/v1/policies", headers=bearer(key))).json()

    assert answers[0] == answers[1]
    assert answers[0][1] == 422
    assert answers[0][3] == 404
    assert {one["id"].partition("/")[0] for one in listed["policies"]} == {"us"}


async def test_a_request_without_a_policy_takes_the_tenants_default(
    gateway: Gateway, own: dict[str, Any], token: str
) -> None:
    """Null asks for no decision, and so does an empty parameter."""
    key, config = tenant(policies=["employer/*"], default_policy="employer/secret-plans")
    client = await gateway({**own, "tenants.a": config})
    raw = {"headers": {**bearer(key), "Content-Type": "application/jwt"}, "data": token}

    async def decision(query: str = "", **kinds: Any) -> str | None:
        body = await (await client.post(f"/v1/verify{query}", **{"headers": bearer(key), **kinds})).json()
        decided: str | None = body["decision"]
        return decided

    at = "2026-06-01T00:00:00Z"
    assert await decision(json={"credential": token, "asOf": at}) == "reject"
    assert await decision(json={"credential": token, "asOf": at, "policy": None}) is None
    assert await decision(f"?asOf={at}", **raw) == "reject"
    assert await decision(f"?asOf={at}&policy=", **raw) is None


async def test_a_default_policy_that_does_not_exist_stops_the_start(tmp_path: Path) -> None:
    """A misspelt default would refuse each of the tenant's requests."""
    config = tenant(policies=["*"], default_policy="us/no-such-policy")[1]
    server = TestServer(create_app(configured(tmp_path, {"tenants.a": config})))

    with pytest.raises(ConfigError, match=r"tenants\.a\.default_policy"):
        await server.start_server()
    await server.close()


async def test_a_default_policy_that_has_ended_is_told_per_request(gateway: Gateway, own: dict[str, Any]) -> None:
    """The service starts again also on the day after, for everybody else."""
    folder: Path = own["policies.folders"][0]
    (folder / "secret-plans.yaml").write_text(OWN.replace("2026", "2020"))
    key, config = tenant(policies=["*"], default_policy="employer/secret-plans")
    client = await gateway({**own, "tenants.a": config})

    response = await client.post("/v1/verify", json={"credential": "x"}, headers=bearer(key))

    assert await problem(response) == (422, "policy-not-in-effect", "/policy")
    listed = await (await client.get("/v1/policies", headers=bearer(key))).json()
    assert "employer/secret-plans" not in {one["id"] for one in listed["policies"]}
