"""Fixtures for every test."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

from tests.shared import SHARED

# Machines are noisy: how long an example takes says nothing about whether it holds.
settings.register_profile("gateway", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("gateway")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what reads third-party vectors where they are missing, and say so; in CI that is an error."""
    if SHARED.is_dir():
        return
    if os.environ.get("CI"):
        message = f"third-party vectors are missing: {SHARED}"
        raise pytest.UsageError(message)
    left_out = pytest.mark.skip(reason="needs the third-party vectors beside the project")
    for item in items:
        if item.get_closest_marker("shared"):
            item.add_marker(left_out)
