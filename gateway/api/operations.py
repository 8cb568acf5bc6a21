"""For those who run the service: is it alive, does it take requests, what has it done."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from gateway import telemetry
from gateway.api.endpoint import HEALTH, Access, Endpoint


async def livez(_request: web.Request) -> web.Response:
    """`GET /livez`: 200 as long as the event loop turns."""
    return web.json_response({"status": "live"})


async def readyz(request: web.Request) -> web.Response:
    """`GET /readyz`: 200 while requests are taken. It never depends on third parties: their outage is a verdict.

    Nor does it on a reload of the policies that failed: the last good ones still decide. But it says so.
    """
    health = request.app[HEALTH]
    if health.reason is not None:
        return web.json_response({"status": health.reason}, status=HTTPStatus.SERVICE_UNAVAILABLE)
    outdated = health.policy_files is not None and bool(health.policy_files.failure)
    return web.json_response({"status": "ready", "policies": "outdated"} if outdated else {"status": "ready"})


async def metrics(_request: web.Request) -> web.Response:
    """`GET /metrics`: the figures of all workers together."""
    return web.Response(body=generate_latest(telemetry.all_workers()), headers={"Content-Type": CONTENT_TYPE_LATEST})


def _state(description: str) -> dict[str, object]:
    schema = {
        "type": "object",
        "required": ["status"],
        "properties": {
            "status": {"type": "string"},
            "policies": {"const": "outdated", "description": "Only after a reload of the policies that failed."},
        },
    }
    return {"description": description, "content": {"application/json": {"schema": schema}}}


ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/livez",
        handler=livez,
        access=Access.OPEN,
        operation={
            "operationId": "livez",
            "tags": ["Operations"],
            "summary": "Whether the process lives",
            "responses": {"200": _state("It does.")},
        },
    ),
    Endpoint(
        method="GET",
        path="/readyz",
        handler=readyz,
        access=Access.OPEN,
        operation={
            "operationId": "readyz",
            "tags": ["Operations"],
            "summary": "Whether the process takes requests",
            "responses": {"200": _state("It does."), "503": _state("It starts or ends.")},
        },
    ),
    Endpoint(
        method="GET",
        path="/metrics",
        handler=metrics,
        access=Access.METRICS,
        limited=False,
        operation={
            "operationId": "metrics",
            "tags": ["Operations"],
            "summary": "Figures for Prometheus",
            "responses": {
                "200": {"description": "All figures.", "content": {"text/plain": {"schema": {"type": "string"}}}}
            },
        },
    ),
)
