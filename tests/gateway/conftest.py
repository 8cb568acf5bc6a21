"""Fixtures for the tests of the gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest_asyncio

from gateway.canonical.rdf import canonicalizer as new_canonicalizer
from tests.gateway.proving import STORE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gateway.canonical.rdf import RdfCanonicalizer


@pytest_asyncio.fixture
async def canonicalizer() -> AsyncIterator[RdfCanonicalizer]:
    """The real canonicalizer over the bundled contexts."""
    made = new_canonicalizer(STORE)
    yield made
    await made.close()
