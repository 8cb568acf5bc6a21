"""What holds for every answer: headers, ids, refusals, and our own mistakes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from gateway.api import native
from gateway.api.endpoint import GATE
from tests.service.conftest import Client, Gateway, bearer, problem, tenant

if TYPE_CHECKING:
    from aiohttp import web


def application(client: Client) -> web.Application:
    """Return the running application."""
    app: web.Application = client.server.app  # type: ignore[attr-defined]  # a test server has one
    return app


@pytest.mark.parametrize("path", ["/livez", "/v1/policies", "/docs", "/nothing", "/v1/verify"])
async def test_no_answer_is_stored_and_each_has_an_id(client: Client, path: str) -> None:
    """Whatever is asked, no cache keeps the answer, and no version is told."""
    response = await client.get(path)

    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert response.headers["Server"] == "ler-gateway"
    assert len(response.headers["X-Request-Id"]) == 32


async def test_the_request_id_is_never_the_callers(client: Client) -> None:
    """A caller cannot write into the log."""
    response = await client.get("/livez", headers={"X-Request-Id": "ada-lovelace"})

    assert response.headers["X-Request-Id"] != "ada-lovelace"


async def test_an_unknown_address_is_404(client: Client) -> None:
    """The answer is a problem like any other."""
    assert await problem(await client.get("/nothing")) == (404, "not-found", None)


async def test_another_method_is_405_with_those_allowed(client: Client) -> None:
    """The answer says which there are."""
    response = await client.get("/v1/verify")

    assert await problem(response) == (405, "method-not-allowed", None)
    assert response.headers["Allow"] == "POST"


async def test_a_defect_is_500_without_internals(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own mistake shows neither its text nor its place."""

    async def broken(*_: object) -> None:
        raise RuntimeError("ada.lovelace@example.org")

    monkeypatch.setattr(native, "verify", broken)

    response = await client.post("/v1/verify", json={"credential": "x"})
    text = await response.text()

    assert await problem(response) == (500, "internal-error", None)
    assert "ada" not in text
    assert "RuntimeError" not in text
    assert response.headers["X-Request-Id"]


async def test_a_full_house_is_503_with_the_time_to_wait(gateway: Gateway, token: str) -> None:
    """One verification more than the process bears is turned away at once, and let in when one has ended."""
    client = await gateway({"server.max_concurrent": 1, "server.retry_after_seconds": 3})

    with application(client)[GATE]:
        refused = await client.post("/v1/verify", json={"credential": token})
    allowed = await client.post("/v1/verify", json={"credential": token})

    assert await problem(refused) == (503, "overloaded", None)
    assert refused.headers["Retry-After"] == "3"
    assert allowed.status == 200


async def test_a_slow_body_is_408(gateway: Gateway) -> None:
    """A sender that does not go on is not waited for."""
    client = await gateway({"server.body_seconds": 0.01})
    assert client.port is not None

    reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
    writer.write(b"POST /v1/verify HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{")
    head = await reader.readuntil(b"\r\n\r\n")
    writer.close()

    assert head.startswith(b"HTTP/1.1 408 ")


class TestTenants:
    """Who is let in, and how often."""

    @pytest.mark.parametrize("path", ["/livez", "/readyz", "/openapi.json", "/docs"])
    async def test_four_addresses_are_open(self, gateway: Gateway, path: str) -> None:
        """They say nothing about anybody."""
        client = await gateway({"tenants.acme": tenant()[1]})

        assert (await client.get(path)).status == 200

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("POST", "/v1/verify"),
            ("POST", "/credentials/verify"),
            ("GET", "/v1/policies"),
            ("GET", "/v1/policies/us/ler-baseline"),
            ("GET", "/metrics"),
        ],
    )
    async def test_all_others_need_a_key(self, gateway: Gateway, method: str, path: str) -> None:
        """The answer without a key and with a wrong one is the same, and comes before the body is read."""
        client = await gateway({"tenants.acme": tenant()[1]})
        wrong = bearer(tenant()[0])

        for headers in ({}, wrong):
            response = await client.request(method, path, headers=headers)

            assert await problem(response) == (401, "unauthorized", None)
            assert response.headers["WWW-Authenticate"] == "Bearer"

    async def test_a_key_opens(self, gateway: Gateway, token: str) -> None:
        """With its key a tenant verifies."""
        key, config = tenant()
        client = await gateway({"tenants.acme": config})

        response = await client.post("/v1/verify", json={"credential": token}, headers=bearer(key))

        assert (await response.json())["verified"] is True

    async def test_metrics_need_a_tenant_that_may(self, gateway: Gateway) -> None:
        """They count all tenants together, so not each reads them."""
        (key, config), (operator, operator_config) = tenant(), tenant(metrics=True)
        client = await gateway({"tenants.acme": config, "tenants.operator": operator_config})

        assert await problem(await client.get("/metrics", headers=bearer(key))) == (403, "forbidden", None)
        assert (await client.get("/metrics", headers=bearer(operator))).status == 200

    async def test_too_many_requests_are_429_for_their_tenant_only(self, gateway: Gateway) -> None:
        """After the burst the answer says how long to wait; another tenant is not held up."""
        slow = {"limits": {"requests_per_second": 0.1, "burst": 2}}
        (key, config), (other, other_config) = tenant(**slow), tenant(**slow)
        client = await gateway({"tenants.acme": config, "tenants.other": other_config})

        answers = [await client.get("/v1/policies", headers=bearer(key)) for _ in range(3)]

        assert [answer.status for answer in answers] == [200, 200, 429]
        assert await problem(answers[2]) == (429, "rate-limited", None)
        assert 1 <= int(answers[2].headers["Retry-After"]) <= 10
        assert (await client.get("/v1/policies", headers=bearer(other))).status == 200

    async def test_a_tenants_own_limits_hold(self, gateway: Gateway) -> None:
        """Its body limit is its own."""
        key, config = tenant(limits={"body_bytes": 10})
        client = await gateway({"tenants.acme": config})

        response = await client.post("/v1/verify", json={"credential": "x"}, headers=bearer(key))

        assert await problem(response) == (413, "too-large", None)
