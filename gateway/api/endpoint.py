"""What an endpoint is made of: its declaration, and what it finds in the application.

The routes and the OpenAPI document are made from the same declarations, so they cannot differ.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from aiohttp import web

from gateway import telemetry
from gateway.api.errors import Refused
from gateway.challenges import Challenges
from gateway.config import Config
from gateway.decision_log import DecisionLog
from gateway.tenants import Caller, Tenants
from gateway.verifier import Verifier

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from prometheus_client import Gauge

    from gateway.policy_files import PolicyFiles


class Access(StrEnum):
    """Who may use an endpoint where tenants are configured."""

    OPEN = "open"
    KEY = "key"
    METRICS = "metrics"
    """A key of a tenant that may read metrics."""
    POLICY_ADMIN = "policy_admin"
    """A key of a tenant that may work on policies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One method of one address."""

    method: str
    path: str
    """As the router takes it."""
    handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    access: Access
    operation: Mapping[str, Any]
    """Its OpenAPI 3.1 Operation Object, without what follows from `access`."""
    limited: bool = True
    """Whether it counts towards the tenant's rate."""

    @property
    def template(self) -> str:
        """The path as OpenAPI writes it, without the patterns of its parameters."""
        return re.sub(r":[^}]*}", "}", self.path)


class Gate:
    """Lets so many in at once, and turns the next one away instead of queueing it."""

    __slots__ = ("_free", "_gauge", "_retry_after", "_what")

    def __init__(
        self, places: int, retry_after: int, *, what: str = "verifications", gauge: Gauge = telemetry.IN_FLIGHT
    ) -> None:
        """`retry_after` is what a caller that is turned away is asked to wait, in seconds; `gauge` counts who is in."""
        self._free = places
        self._gauge = gauge
        self._what = what
        self._retry_after = retry_after

    def __enter__(self) -> None:
        """Take a place.

        Raises:
            Refused: `overloaded`, there is none.
        """
        if self._free <= 0:
            raise self.refusal(f"as many {self._what} are under way as this service bears")
        self._free -= 1
        self._gauge.inc()

    def __exit__(self, *_: object) -> None:
        """Give the place back."""
        self._free += 1
        self._gauge.dec()

    def refusal(self, detail: str) -> Refused:
        """Return what a caller is told that should ask again later."""
        return Refused("overloaded", detail, headers={"Retry-After": str(self._retry_after)})


@dataclass(slots=True, kw_only=True)
class Health:
    """How the process is; `reason` is why it takes no requests, None when it does."""

    reason: str | None = "starting"
    policy_files: PolicyFiles | None = None
    """The policies in force, once there are any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """The interface in OpenAPI 3.1, and the same as a page for people."""

    document: bytes
    page: bytes


CONFIG = web.AppKey("config", Config)
VERIFIER = web.AppKey("verifier", Verifier)
DECISION_LOG = web.AppKey("decision_log", DecisionLog)
CHALLENGES = web.AppKey("challenges", Challenges)
"""Only where decisions are logged."""
TENANTS = web.AppKey("tenants", Tenants)
HEALTH = web.AppKey("health", Health)
GATE = web.AppKey("gate", Gate)
POLICY_WORK = web.AppKey("policy_work", Gate)
"""Linting and simulating take whole seconds of a processor."""
DESCRIPTION = web.AppKey("description", Description)

CALLER = web.RequestKey("caller", Caller)
REQUEST_ID = web.RequestKey("request_id", str)
RECORDED = web.RequestKey("recorded", dict[str, Any])
"""What the log says of a verification that the request asked for (`telemetry.record`)."""
