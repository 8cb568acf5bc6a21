"""For those who run the service: life, readiness, figures, and what the log says of people."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from typing import TYPE_CHECKING, Any

import pytest
import structlog
from aiohttp.test_utils import TestServer

from gateway import telemetry
from gateway.api import native
from gateway.api.endpoint import HEALTH
from gateway.app import create_app, create_operations_app
from gateway.demo.issuer import Issuer, badge
from tests.service.conftest import Client, Gateway, configured

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_aiohttp import AiohttpClient

CANARIES = ("Ada Lovelace", "ada.lovelace@example.org", "did:example:ada", "Analytical Engine", "ler_canary22")


async def test_a_started_process_lives_and_is_ready(client: Client) -> None:
    """Both are plain answers."""
    assert await (await client.get("/livez")).json() == {"status": "live"}
    assert await (await client.get("/readyz")).json() == {"status": "ready"}


async def test_a_process_that_ends_lives_and_is_not_ready(client: Client) -> None:
    """A load balancer sends nothing more, and nobody kills it."""
    client.server.app[HEALTH].reason = "draining"  # type: ignore[attr-defined]  # a test server has one

    response = await client.get("/readyz")

    assert response.status == 503
    assert await response.json() == {"status": "draining"}
    assert (await client.get("/livez")).status == 200


async def test_operations_can_have_an_address_of_their_own(aiohttp_client: AiohttpClient, tmp_path: Path) -> None:
    """Then the public address does not know them, and the other one knows nothing else."""
    config = configured(tmp_path, {"server.operations_host": "127.0.0.1"})
    main = create_app(config)
    public, private = await aiohttp_client(main), await aiohttp_client(create_operations_app(config, main))

    for path in ("/livez", "/readyz", "/metrics"):
        assert (await public.get(path)).status == 404
        assert (await private.get(path)).status == 200
    assert (await private.get("/v1/policies")).status == 404


async def test_figures_count_what_was_verified(client: Client, token: str) -> None:
    """By outcome, route, step and problem code; by nobody's name."""
    before = await figures(client)
    await client.post("/v1/verify", json={"credential": token})
    await client.post("/v1/verify", json={"credential": "nonsense"})
    await client.post("/v1/verify", data=b"{", headers={"Content-Type": "application/json"})
    after = await figures(client)

    for name, more in (
        ('ler_gateway_verifications_total{outcome="pass"}', 1),
        ('ler_gateway_verifications_total{outcome="fail"}', 1),
        ('ler_gateway_problems_total{check="structure",code="not-a-credential",outcome="fail"}', 1),
        ('ler_gateway_requests_refused_total{code="not-json"}', 1),
        ('ler_gateway_step_seconds_count{step="proof"}', 1),
        ('ler_gateway_http_requests_total{method="POST",route="/v1/verify",status="200"}', 2),
    ):
        assert after[name] - before.get(name, 0.0) == more, name


async def figures(client: Client) -> dict[str, float]:
    """Return the metrics by name with labels."""
    response = await client.get("/metrics")
    assert response.content_type == "text/plain"
    lines = (await response.text()).splitlines()
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")}


@pytest.fixture(name="written")
def _written() -> Iterator[io.StringIO]:
    """Write the log, at its most talkative, into memory."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    telemetry.configure("debug", stream=stream)
    root.setLevel(logging.DEBUG)
    yield stream
    logging.captureWarnings(capture=False)
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def about_ada(issuer: Issuer) -> list[Any]:
    """Return what can be sent about one person, right and wrong."""
    subject = {
        "id": "did:example:ada",
        "type": ["AchievementSubject"],
        "name": "Ada Lovelace",
        "email": "ada.lovelace@example.org",
        "achievement": {"id": "urn:x", "type": ["Achievement"], "name": "Analytical Engine"},
    }
    credential = badge(issuer.did, "Analytical Engine", credentialSubject=subject)
    token = issuer.jwt(credential)
    return [
        {"credential": token, "reference": "Ada Lovelace"},
        {"credential": f"{token[:-8]}AAAAAAAA"},
        {"credential": credential},
        {"credential": {**credential, "issuer": "did:web:ada.lovelace@example.org"}},
        {"credential": {**credential, "@context": ["https://example.org/Ada Lovelace"]}},
        {"credential": "Ada Lovelace"},
        {"credential": token, "policy": "Ada Lovelace"},
        {"credential": token, "Ada Lovelace": 1},
        {"credential": token, "asOf": "Ada Lovelace"},
        ["Ada Lovelace"],
    ]


async def test_T58_nothing_of_a_person_is_logged_or_counted(
    gateway: Gateway, issuer: Issuer, written: io.StringIO
) -> None:
    """Names, addresses, DIDs, tokens and keys are absent from log and metrics, whatever goes wrong."""
    client = await gateway()
    headers = {"Authorization": "Bearer ler_canary22_" + "x" * 43, "User-Agent": "Ada Lovelace"}

    for body in about_ada(issuer):
        for path in ("/v1/verify", "/credentials/verify", "/v1/verify?policy=Ada Lovelace"):
            await client.post(path, json=body, headers=headers)
    await client.get("/Ada Lovelace/ada.lovelace@example.org", headers=headers)
    await client.get("/v1/policies/Ada Lovelace", headers=headers)
    metrics = await (await client.get("/metrics")).text()

    events = [json.loads(line) for line in written.getvalue().splitlines()]
    assert any(event["event"] == "request" and "result_id" in event for event in events)
    for canary in (
        *CANARIES,
        *(part for part in issuer.jwt({"@context": [""], "credentialSubject": 1}).split(".")[:1]),
    ):
        assert canary not in written.getvalue()
        assert canary not in metrics


async def test_T58_a_defect_is_logged_without_what_it_was_about(
    client: Client, written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log has the type and the place of our mistake, under the id that the caller was given."""

    async def broken(_verifier: object, request: Any) -> None:
        raise RuntimeError(f"cannot read {request.presented.content}")

    monkeypatch.setattr(native, "verify", broken)

    response = await client.post("/v1/verify", json={"credential": "Ada Lovelace"})

    events = [json.loads(line) for line in written.getvalue().splitlines()]
    (defect,) = (event for event in events if event["event"] == "defect")
    assert "Ada" not in written.getvalue()
    assert defect["exception"]["type"] == "RuntimeError"
    assert any(frame.endswith(" broken") for frame in defect["exception"]["frames"])
    assert defect["request_id"] == response.headers["X-Request-Id"]


async def test_T58_a_malformed_http_request_is_not_quoted(tmp_path: Path, written: io.StringIO) -> None:
    """What the HTTP parser refuses is logged by place only."""
    async with TestServer(create_app(configured(tmp_path))) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"GET / HTTP/1.1\r\nAda Lovelace\r\n\r\n")
        answer = await reader.read()
        writer.close()

    assert b" 400 " in answer.splitlines()[0]
    assert "Ada" not in written.getvalue()
