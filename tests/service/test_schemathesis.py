"""The service against its own description: generated requests, right and wrong, for every operation."""

from __future__ import annotations

import asyncio
import json
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
import schemathesis
from aiohttp.test_utils import TestServer
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from gateway.api.bodies import FILE_TYPES, FORM_TYPE, JSON_TYPES, TEXT_TYPES, TOKEN_TYPES
from gateway.api.endpoint import DESCRIPTION
from gateway.api.schemas import SCHEMAS
from gateway.app import create_app
from gateway.config import load
from gateway.demo.issuer import Issuer, badge
from tests.service.conftest import Client, bearer, configured, tenant

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from schemathesis import CheckFunction

ALL = {"policies": ["*"], "metrics": True, "policy_admin": True}
KEY, TENANT = tenant(**ALL, limits={"requests_per_second": 1e6, "burst": 10**6})
FLAGS = {"tenants.all": TENANT}
NOT_JSON = {*TOKEN_TYPES, *TEXT_TYPES, *FILE_TYPES, FORM_TYPE}


@contextmanager
def running(folder: Path, flags: dict[str, Any]) -> Iterator[str]:
    """Run the real application in a thread of its own, since schemathesis is synchronous; yield its address."""
    started = threading.Event()
    address: list[str] = []
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def serve() -> None:
        async with TestServer(create_app(configured(folder, flags))) as server:
            address.append(f"http://127.0.0.1:{server.port}")
            started.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    try:
        assert started.wait(30)
        yield address[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


@pytest.fixture(scope="module", name="address")
def _address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a service with one tenant that may do everything."""
    with running(tmp_path_factory.mktemp("service"), FLAGS) as address:
        yield address


schemathesis.serializer.alias([name for name in JSON_TYPES if name != "application/json"], "application/json")
schemathesis.serializer.alias([*TOKEN_TYPES, *FILE_TYPES], "text/plain")

described = schemathesis.openapi.from_dict(json.loads(create_app(load(flags=FLAGS))[DESCRIPTION].document))


@described.parametrize()
@settings(max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck))
def test_every_answer_is_as_described(case: schemathesis.Case[Any], address: str) -> None:
    """Status, media type and body of every answer stand in the description, whatever is sent; none is a 500."""
    # No schema can say which policies there are, nor that 2^53 is no number that all JSON readers agree about.
    excluded: list[CheckFunction] = [positive_data_acceptance]
    if case.media_type in NOT_JSON or "Authorization" not in (case.headers or {}):
        # Whatever is sent as text or file is a string: a body cannot break the schema of one. And where the
        # missing key is what is wrong, this test has put it there.
        excluded.append(negative_data_rejection)
    case.call_and_validate(base_url=address, headers=bearer(KEY), excluded_checks=excluded)


@pytest.mark.parametrize("good", [True, False])
async def test_a_result_is_described_to_its_last_field(client: Client, issuer: Issuer, good: bool) -> None:  # noqa: FBT001 — a case of the table
    """A real result has exactly the fields that the description names, and each is of its type."""
    credential = issuer.jwt(badge(issuer.did, "Welding")) if good else "nonsense"

    result = await (await client.post("/v1/verify", json={"credential": credential})).json()

    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$ref": "#/components/schemas/Result",
        "components": {"schemas": SCHEMAS},
    }
    jsonschema_rs.validator_for(schema).validate(result)
    assert undescribed(result, SCHEMAS["Result"]) == []


def undescribed(value: Any, schema: dict[str, Any], at: str = "") -> list[str]:
    """Return the paths of members of `value` that a schema with named members does not name."""
    if "$ref" in schema:
        schema = SCHEMAS[schema["$ref"].rpartition("/")[2]]
    found = []
    if isinstance(value, dict) and "properties" in schema:
        for name, member in value.items():
            if name in schema["properties"]:
                found += undescribed(member, schema["properties"][name], f"{at}/{name}")
            else:
                found.append(f"{at}/{name}")
    if isinstance(value, list) and "items" in schema:
        for index, item in enumerate(value):
            found += undescribed(item, schema["items"], f"{at}/{index}")
    return found
