"""Fixtures for the tests of resolvers."""

from __future__ import annotations

from tests.hostile import authority as authority
from tests.hostile import hostile as hostile
