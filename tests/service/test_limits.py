"""What one request may cost, and what happens when all together cost too much."""

from __future__ import annotations

import asyncio
import io
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from gateway.demo.issuer import CREDENTIALS_V2, Issuer, badge
from tests.service.conftest import Gateway, problem

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

CLR = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json"
OPEN_BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"


class SlowWorld:
    """A host on loopback that answers nobody until it is told to, and counts who came."""

    def __init__(self) -> None:
        """Hold everybody."""
        self.release = asyncio.Event()
        self.came = 0
        self.enough = asyncio.Event()
        self.expected = 0

    async def answer(self, _request: web.Request) -> web.Response:
        """Wait, and then know nothing."""
        self.came += 1
        if self.came >= self.expected:
            self.enough.set()
        await self.release.wait()
        raise web.HTTPNotFound

    @asynccontextmanager
    async def running(self, *hosts: str) -> AsyncIterator[dict[str, Any]]:
        """Yield the flags under which the gateway takes it for `hosts`."""
        app = web.Application()
        app.router.add_get("/{path:.*}", self.answer)
        async with TestServer(app) as server:
            origin = f"http://127.0.0.1:{server.port}"
            yield {"environment": "development", "development.hosts": dict.fromkeys(hosts, origin)}
            self.release.set()


def record(issuer: Issuer, children: list[Any]) -> str:
    """Return a signed CLR with those embedded records."""
    return issuer.jwt(
        {
            "@context": [CREDENTIALS_V2, CLR, OPEN_BADGES],
            "id": "urn:uuid:00000000-0000-4000-8000-000000000000",
            "type": ["VerifiableCredential", "ClrCredential"],
            "issuer": {"id": issuer.did, "type": ["Profile"]},
            "validFrom": "2026-02-01T00:00:00Z",
            "name": "Transcript",
            "credentialSubject": {"type": ["ClrSubject"], "verifiableCredential": children},
        }
    )


async def test_T25_a_record_of_ten_thousand_records_is_not_followed(gateway: Gateway, issuer: Issuer) -> None:
    """More records than the limit are none: the whole is not verified, and nothing is fetched."""
    world = SlowWorld()
    async with world.running("down.example") as flags:
        client = await gateway(flags)
        child = {"type": ["VerifiableCredential"], "issuer": "did:web:down.example", "credentialSubject": {}}
        body = io.BytesIO(record(issuer, [child] * 10_000).encode())

        response = await client.post("/v1/verify", data=body, headers={"Content-Type": "application/vc+jwt"})
        result = await response.json()

    assert response.status == 200
    assert result["verified"] is False
    assert "too-many-children" in {one["code"] for check in result["checks"] for one in check["problems"]}
    assert result["children"] == []
    assert world.came == 0


async def test_T25_embedded_records_share_one_budget_of_look_ups(gateway: Gateway, issuer: Issuer) -> None:
    """Thirty records by thirty issuers cause no more fetches than one request may."""
    world = SlowWorld()
    world.release.set()
    issuers = [Issuer.did_web(f"issuer-{number}.example") for number in range(30)]
    async with world.running(*(one.did.removeprefix("did:web:") for one in issuers)) as flags:
        client = await gateway({**flags, "limits.fetches_per_request": 5})
        children = [one.jwt(badge(one.did, "x")) for one in issuers]

        response = await client.post("/v1/verify", json={"credential": record(issuer, envelop(children))})
        body = await response.json()

    assert body["verified"] is False
    assert len(body["children"]) == 30
    assert world.came == 5


def envelop(tokens: list[str]) -> list[Any]:
    """Return tokens as EnvelopedVerifiableCredential objects (VCDM 2.0, section 4.13)."""
    return [
        {
            "@context": CREDENTIALS_V2,
            "type": "EnvelopedVerifiableCredential",
            "id": f"data:application/vc+jwt,{token}",
        }
        for token in tokens
    ]


async def test_a_full_queue_of_look_ups_is_503(gateway: Gateway) -> None:
    """Where we ourselves have no place for a look-up, the caller is asked to come again."""
    world = SlowWorld()
    world.expected = 1
    issuers = [Issuer.did_web(f"issuer-{number}.example") for number in range(3)]
    async with world.running(*(one.did.removeprefix("did:web:") for one in issuers)) as flags:
        client = await gateway({**flags, "fetch.threads": 1, "fetch.queue": 1})

        async def verify(one: Issuer) -> Any:
            return await client.post("/v1/verify", json={"credential": one.jwt(badge(one.did, "x"))})

        waiting = [asyncio.create_task(verify(issuers[0]))]
        await world.enough.wait()
        waiting.append(asyncio.create_task(verify(issuers[1])))
        await asyncio.sleep(0)
        refused = await verify(issuers[2])
        world.release.set()
        others = await asyncio.gather(*waiting)

    assert await problem(refused) == (503, "overloaded", None)
    assert refused.headers["Retry-After"] == "1"
    assert [one.status for one in others] == [200, 200]


async def test_a_request_ends_within_its_deadline(gateway: Gateway) -> None:
    """An issuer that never answers makes the result indeterminate, and not late."""
    world = SlowWorld()
    issuer = Issuer.did_web("slow.example")
    async with world.running("slow.example") as flags:
        client = await gateway({**flags, "limits.deadline_seconds": 0.2})

        response = await client.post("/v1/verify", json={"credential": issuer.jwt(badge(issuer.did, "x"))})
        body = await response.json()

    assert body["outcome"] == "indeterminate"
    assert "deadline-exceeded" in {one["code"] for check in body["checks"] for one in check["problems"]}
