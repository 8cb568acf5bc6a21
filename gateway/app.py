"""The composition root: what the application is made of, and how it starts and ends."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from aiohttp import web

from gateway import telemetry
from gateway.api import documentation, native, operations, policies, policy_drafts, principles, vc_api
from gateway.api.endpoint import (
    CHALLENGES,
    CONFIG,
    DECISION_LOG,
    DESCRIPTION,
    GATE,
    HEALTH,
    POLICY_WORK,
    TENANTS,
    VERIFIER,
    Endpoint,
    Gate,
    Health,
)
from gateway.api.middleware import add_headers, guarded, observed
from gateway.challenges import open_challenges
from gateway.config import ConfigError
from gateway.decision_log import DecisionLog
from gateway.policy_files import missing_defaults
from gateway.tenants import Tenants
from gateway.verifier import Verifier

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator, Callable

    from gateway.config import Config

_PUBLIC: Final = (
    native.ENDPOINTS
    + policies.ENDPOINTS
    + policy_drafts.ENDPOINTS
    + principles.ENDPOINTS
    + vc_api.ENDPOINTS
    + documentation.ENDPOINTS
)
_OPERATIONS: Final = operations.ENDPOINTS

_POLICY_WORK_AT_ONCE: Final = 2
"""Lints, tests and simulations of a worker at once: each keeps a thread busy, and verifications come first."""


def create_app(config: Config) -> web.Application:
    """Return the application. It opens its verifier when it starts, and closes it when it ends.

    /livez, /readyz and /metrics are part of it unless `[server] operations_host` gives them an
    address of their own.
    """
    alone = config.server.operations_host is not None
    app = _application(config, _PUBLIC if alone else _PUBLIC + _OPERATIONS)
    app[HEALTH] = Health()
    app[TENANTS] = Tenants(config, now=_now)
    app[GATE] = Gate(config.server.max_concurrent, config.server.retry_after_seconds)
    app[POLICY_WORK] = Gate(
        _POLICY_WORK_AT_ONCE, config.server.retry_after_seconds, what="policies", gauge=telemetry.POLICY_WORK
    )
    app.cleanup_ctx.append(_verifier)
    app.cleanup_ctx.append(_challenges)
    app.cleanup_ctx.append(_policy_watch)
    app.cleanup_ctx.append(_event_loop_watch)
    return app


def create_operations_app(config: Config, main: web.Application) -> web.Application:
    """Return the application for `operations_host`, about the same process as `main`."""
    app = _application(config, _OPERATIONS)
    app[HEALTH] = main[HEALTH]
    app[TENANTS] = main[TENANTS]
    return app


@asynccontextmanager
async def serving(config: Config, public: socket.socket, private: socket.socket | None = None) -> AsyncIterator[Health]:
    """Answer on the sockets; on leaving, stop listening and let what is in flight end.

    `private` is the socket of `operations_host`. Yields the health, for the caller to announce the end.
    """
    main = create_app(config)
    async with AsyncExitStack() as stack:
        if private is not None:
            # Entered first, so that it is left last: /readyz answers while the main one drains.
            await stack.enter_async_context(_listening(config, create_operations_app(config, main), private))
        await stack.enter_async_context(_listening(config, main, public))
        yield main[HEALTH]


@asynccontextmanager
async def _listening(config: Config, app: web.Application, on: socket.socket) -> AsyncIterator[None]:
    runner = web.AppRunner(
        app,
        access_log=None,  # telemetry logs each request without its address and query
        keepalive_timeout=config.server.keep_alive_seconds,
        shutdown_timeout=config.server.drain_seconds,
        auto_decompress=False,
    )
    try:
        await runner.setup()
        await web.SockSite(runner, on).start()
        yield
    finally:
        await runner.cleanup()


def _application(config: Config, endpoints: tuple[Endpoint, ...]) -> web.Application:
    app = web.Application(middlewares=[observed])
    app[CONFIG] = config
    app[DESCRIPTION] = documentation.describe(endpoints, keys=bool(config.tenants))
    app.on_response_prepare.append(add_headers)
    for endpoint in endpoints:
        add: Callable[..., web.AbstractRoute] = {"GET": app.router.add_get, "POST": app.router.add_post}[
            endpoint.method
        ]
        add(endpoint.path, guarded(endpoint))
    return app


async def _verifier(app: web.Application) -> AsyncIterator[None]:
    config = app[CONFIG]
    async with Verifier.open(config) as verifier, DecisionLog.open(config.decision_log, clock=_now) as log:
        if missing := missing_defaults(config, verifier.policies, verifier.clock()):
            raise ConfigError(tuple(missing))
        if config.development.hosts:
            telemetry.log.warning("development-hosts", hosts=sorted(config.development.hosts))
        app[VERIFIER] = verifier
        if log is not None:
            app[DECISION_LOG] = log
        app[HEALTH].policy_files = verifier.policy_files
        app[HEALTH].reason = None
        telemetry.STARTED.set_to_current_time()
        yield


async def _challenges(app: web.Application) -> AsyncIterator[None]:
    config = app[CONFIG]
    try:
        async with open_challenges(config.challenges, config.challenges.folder or config.cache.folder, _now) as opened:
            app[CHALLENGES] = opened
            yield
    except (OSError, ModuleNotFoundError) as error:
        raise ConfigError((f"challenges: {error}",)) from None


async def _policy_watch(app: web.Application) -> AsyncIterator[None]:
    """Look at the policy files every now and then, where that is configured."""
    interval = app[CONFIG].policies.reload_seconds
    if interval is None:
        yield
        return
    watch = asyncio.create_task(app[VERIFIER].policy_files.watch(interval))
    yield
    watch.cancel()
    with suppress(asyncio.CancelledError):
        await watch


async def _event_loop_watch(_app: web.Application) -> AsyncIterator[None]:
    watch = asyncio.create_task(telemetry.watch_event_loop())
    yield
    watch.cancel()
    await watch


def _now() -> datetime:
    return datetime.now(UTC)
