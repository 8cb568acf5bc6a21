"""Around every endpoint: request id, the door, the three fates of an error, and what is logged of it."""

from __future__ import annotations

import math
import secrets
import time
from typing import TYPE_CHECKING, Final

from aiohttp import web
from structlog.contextvars import bind_contextvars, reset_contextvars

from gateway import telemetry
from gateway.api import rendering
from gateway.api.endpoint import CALLER, RECORDED, REQUEST_ID, TENANTS, Access
from gateway.api.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gateway.api.endpoint import Endpoint

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_HEADERS: Final = {
    # A verdict is about one person at one instant.
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Give every answer what holds for all of them. A signal of aiohttp."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["Server"] = "ler-gateway"  # instead of the versions of Python and aiohttp
    identifier = request.get(REQUEST_ID)
    if identifier is not None:
        response.headers["X-Request-Id"] = identifier


@web.middleware
async def observed(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Name the request, answer its errors, and count, time and log it.

    The id is made here and never taken from the caller, who could put a person's name into the log.
    """
    identifier = request[REQUEST_ID] = secrets.token_hex(16)
    resource = request.match_info.route.resource
    route = "unmatched" if resource is None else resource.canonical
    method = request.method if request.method in _METHODS else "other"
    started = time.perf_counter()
    bound = bind_contextvars(request_id=identifier)  # `bound_contextvars` first looks at all that are bound: 2 µs
    try:
        response = await _answer(request, handler)
        caller = request.get(CALLER)
        telemetry.answered(
            method,
            route,
            response.status,
            time.perf_counter() - started,
            tenant=None if caller is None else caller.name,
            **request.get(RECORDED, {}),
        )
    finally:
        reset_contextvars(**bound)
    return response


async def _answer(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Refused as refused:
        return _refusal(request, refused)
    except web.HTTPMethodNotAllowed as error:
        allowed = ", ".join(sorted(error.allowed_methods))
        return _refusal(request, Refused("method-not-allowed", f"allowed here: {allowed}", headers={"Allow": allowed}))
    except web.HTTPNotFound:
        return _refusal(request, Refused("not-found", "see /docs for the addresses that there are"))
    except Exception:  # noqa: BLE001 — the third fate: our own mistake, told without internals
        telemetry.log.error("defect", exc_info=True)
        detail = "the mistake has been logged under this request's id"
        return _refusal(request, Refused("internal-error", detail))


def _refusal(request: web.Request, refused: Refused) -> web.Response:
    """Return the answer to a refused request (RFC 9457)."""
    telemetry.REFUSALS.labels(refused.problem.code).inc()
    body = rendering.problem(
        refused.problem,
        refused.status,
        request_id=request[REQUEST_ID],
        language=request.headers.get("Accept-Language", ""),
    )
    return web.json_response(
        body,
        status=refused.status,
        headers=refused.headers,
        content_type="application/problem+json",
    )


def guarded(endpoint: Endpoint) -> Handler:
    """Return the handler of `endpoint` behind its door: whose key, which right, how often."""
    if endpoint.access is Access.OPEN:
        return endpoint.handler

    async def enter(request: web.Request) -> web.StreamResponse:
        caller = request.app[TENANTS].authenticate(request.headers.get("Authorization"))
        if caller is None:
            detail = "send a valid key as `Authorization: Bearer …`"
            raise Refused("unauthorized", detail, headers={"WWW-Authenticate": "Bearer"})
        request[CALLER] = caller
        if endpoint.access is Access.METRICS and not caller.reads_metrics:
            raise Refused("forbidden", "this tenant does not read metrics")
        if endpoint.access is Access.POLICY_ADMIN and not caller.works_on_policies:
            raise Refused("forbidden", "this tenant does not work on policies")
        if endpoint.limited and caller.bucket is not None and (wait := caller.bucket.take()) > 0:
            detail = f"{caller.limits.requests_per_second:g} requests per second on average are allowed"
            raise Refused("rate-limited", detail, headers={"Retry-After": str(math.ceil(wait))})
        return await endpoint.handler(request)

    return enter
