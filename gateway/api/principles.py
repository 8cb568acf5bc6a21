"""`GET /v1/principles`: how far this gateway lives up to the field's interoperability principles, in figures."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from aiohttp import ClientError, ClientSession, ClientTimeout, web

from gateway import telemetry
from gateway.api import openapi
from gateway.api.endpoint import CONFIG, POLICY_WORK, VERIFIER, Access, Endpoint
from gateway.long_work import long_work
from gateway.principles import Running, measured, samples
from gateway.stored import look
from gateway.validity import rfc3339

if TYPE_CHECKING:
    from gateway.config import Config
    from gateway.verifier import Verifier

_PATH: Final = "/v1/principles"
_SECONDS: Final = 10.0


class NoAnswer(Exception):
    """The gateway that was asked has not answered with its principles; the message says why."""


async def principles(request: web.Request) -> web.Response:
    """`GET /v1/principles`."""
    with request.app[POLICY_WORK]:  # it may look through files for seconds
        found = await long_work(page, request.app[CONFIG], request.app[VERIFIER])
    return web.json_response(found)


def page(config: Config, verifier: Verifier) -> dict[str, Any]:
    """Return the principles with their measures, of all workers together, since the service was started."""
    registry = telemetry.all_workers()
    running = Running(
        plugins=verifier.plugins(),
        counts=samples(registry),
        stored=look(config),
        policies=[(policy.id, policy.jurisdiction) for policy in verifier.policies.policies()],
    )
    started = registry.get_sample_value("ler_gateway_start_time_seconds")
    return {
        "computedAt": rfc3339(verifier.clock()),
        "scope": {
            "workers": config.server.workers,
            "since": None if not started else rfc3339(datetime.fromtimestamp(started, UTC)),
            "says": "The counts are those of all workers of this service, since it was started. Nothing is kept "
            "when it ends, and nothing is counted of whom a record is about.",
        },
        "principles": measured(running),
    }


async def ask(origin: str, key: str | None) -> dict[str, Any]:
    """Return the page of a running gateway of the operator's own at `origin`, such as http://127.0.0.1:8080.

    Raises:
        NoAnswer: it is not reached, or does not tell whoever has `key`.
    """
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    try:
        async with (
            ClientSession(timeout=ClientTimeout(total=_SECONDS)) as session,
            session.get(origin.rstrip("/") + _PATH, headers=headers, allow_redirects=False) as response,
        ):
            if response.status != HTTPStatus.OK:
                raise NoAnswer(f"{origin} answers {response.status}")
            found = await response.json()
    except (ClientError, TimeoutError, ValueError) as error:
        raise NoAnswer(f"{origin} cannot be asked: {error}") from None
    if not isinstance(found, dict) or not isinstance(found.get("principles"), list):
        raise NoAnswer(f"{origin} answers with something else")
    return found


ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path=_PATH,
        handler=principles,
        access=Access.METRICS,
        operation={
            "operationId": "principles",
            "tags": ["Principles"],
            "summary": "The seven interoperability principles, each with its measure",
            "description": "The principles are those of the Competency-Based Education Network. As `/metrics`, this "
            "counts all tenants together.",
            "responses": {"200": openapi.json_answer("The principles.", "Principles"), **openapi.problems(503)},
        },
    ),
)
