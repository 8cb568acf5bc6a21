"""Opening one container by itself, without a pipeline around it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from gateway.model import Presented
from gateway.plugins import ContainerTools
from resolvers.cache import DocumentCache
from resolvers.freshness import RULES
from resolvers.model import Budget
from resolvers.problems import Invalid, Unavailable
from resolvers.request_lookup import RequestLookup
from tests.internet import FakeInternet

if TYPE_CHECKING:
    from gateway.plugins import Container


async def opened(
    container: Container,
    content: bytes | str,
    *,
    internet: FakeInternet | None = None,
    max_bytes: int = 1_000_000,
    max_records: int = 10,
    fetched: bool = False,
) -> tuple[Presented, ...]:
    """Return what is in `content`, which the container has to recognize."""
    presented = Presented(content=content)
    assert container.recognize(presented)
    cache = DocumentCache(internet or FakeInternet(), rules=RULES, max_bytes=1_000_000, clock=lambda: 1.8e9)
    lookup = RequestLookup(cache=cache, budget=Budget(fetches=5, deadline=time.monotonic() + 60))
    tools = ContainerTools(lookup=lookup, max_bytes=max_bytes, max_records=max_records, fetched=fetched)
    try:
        return await container.open(presented, tools)
    finally:
        await cache.close()


async def fate(container: Container, content: bytes) -> str | None:
    """Return the code of the problem with which `content` is refused; None where it is opened."""
    try:
        await opened(container, content)
    except (Invalid, Unavailable) as stopped:
        return stopped.problem.code
    return None
