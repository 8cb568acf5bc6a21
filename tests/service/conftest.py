"""The service in one process, on loopback, and credentials to send to it."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from gateway.app import create_app
from gateway.config import Config, load
from gateway.demo.issuer import Issuer, badge
from gateway.tenants import new_key

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_aiohttp import AiohttpClient

Client: TypeAlias = TestClient[web.Request, web.Application]
Gateway: TypeAlias = Callable[..., Awaitable[Client]]


def configured(folder: Path, flags: dict[str, Any] | None = None) -> Config:
    """Return a configuration for tests that keeps its cache in `folder`."""
    return load(flags={"cache.folder": folder, **(flags or {})})


@pytest.fixture
def gateway(aiohttp_client: AiohttpClient, tmp_path: Path) -> Gateway:
    """Start the real application; called with dotted flags, as `gateway.config.load` takes them."""

    async def start(flags: dict[str, Any] | None = None) -> Client:
        return await aiohttp_client(create_app(configured(tmp_path, flags)))

    return start


@pytest.fixture
async def client(gateway: Gateway) -> Client:
    """Start the application as it is without any configuration."""
    return await gateway()


@pytest.fixture(scope="session")
def issuer() -> Issuer:
    """An issuer whose DID is its key, so that verifying needs no network."""
    return Issuer.did_key()


@pytest.fixture
def token(issuer: Issuer) -> str:
    """A badge as `vc+jwt`, authentic and current."""
    return issuer.jwt(badge(issuer.did, "Structural Welding"))


def tenant(**members: Any) -> tuple[str, dict[str, Any]]:
    """Return a new key, and the configuration of its tenant."""
    key, prefix, digest = new_key()
    expires = datetime.now(UTC) + timedelta(days=1)
    assert digest == hashlib.sha256(key.encode()).hexdigest()
    return key, {"keys": [{"prefix": prefix, "sha256": digest, "expires": expires}], **members}


def bearer(key: str) -> dict[str, str]:
    """Return the header that carries a key."""
    return {"Authorization": f"Bearer {key}"}


async def problem(response: Any) -> tuple[int, str, str | None]:
    """Return a refusal's status, code and pointer; it has the shape of RFC 9457."""
    body = await response.json()
    assert response.content_type == "application/problem+json"
    assert body["status"] == response.status
    assert body["type"].endswith(body["code"])
    assert body["title"]
    return response.status, body["code"], body.get("pointer")
