"""Whether didkit can be used, asked of a process that can be killed."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest

from gateway.cryptosuites import _didkit
from gateway.cryptosuites._didkit import probe


@pytest.mark.skipif(importlib.util.find_spec("didkit") is None, reason="there is no didkit for this platform")
def test_didkit_verifies_without_a_network() -> None:
    """Where a wheel is installed, didkit verifies before and after its descriptors are taken away."""
    state = probe()
    assert state.usable, state.detail
    assert state.version


def test_didkit_is_not_loaded_into_this_process() -> None:
    """Asking leaves no trace of didkit here."""
    script = "import sys; from gateway.cryptosuites._didkit import probe; probe(); print('didkit' in sys.modules)"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("script", "detail"),
    [
        ("import os; os.abort()", "ended with -6: no word"),
        ("raise SystemExit('libssl is missing')", "ended with 1: libssl is missing"),
        ("print('[]')", "ended with 0: no word"),
        ('print(\'{"version": "0.3", "problem": "didkit is not installed"}\')', "didkit is not installed"),
        ('print(\'{"version": "0.3", "problem": "signature error"}\')', "signature error"),
    ],
)
def test_whatever_goes_wrong_is_told(script: str, detail: str) -> None:
    """A crash, an error and nonsense all mean that didkit cannot be used, and the detail says why."""
    state = probe(command=(sys.executable, "-I", "-S", "-c", script))
    assert not state.usable
    assert detail in state.detail


def test_hanging_process_is_killed() -> None:
    """A process that does not answer in time is ended, and that is told."""
    state = probe(0.1, command=(sys.executable, "-I", "-S", "-c", "while True: pass"))
    assert not state.usable
    assert "was killed" in state.detail


def test_process_that_cannot_be_started_is_told() -> None:
    """A missing interpreter is no exception either."""
    state = probe(command=("/nonexistent/python",))
    assert not state.usable
    assert "could not be started" in state.detail


def test_plugin_scan_passes_it_by() -> None:
    """It is no suite: its name begins with an underscore."""
    assert not hasattr(_didkit, "PLUGIN")
