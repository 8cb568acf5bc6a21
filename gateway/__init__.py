"""Verifies, normalizes and serves learning and employment records.

>>> import asyncio
>>> from gateway import Config, Verifier, verify
>>> async def outcome(credential: object) -> str:
...     async with Verifier.open(Config()) as verifier:
...         result = await verify(verifier, verifier.request(credential, policy="us/ler-baseline"))
...     return f"{result.outcome}, {result.decision.verdict}: {result.checks[0].problems[0].code}"
>>> asyncio.run(outcome({"hello": "world"}))
'fail, reject: not-a-credential'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from gateway.app import create_app
    from gateway.config import Config
    from gateway.model import VerificationResult
    from gateway.pipeline import verify
    from gateway.verifier import Verifier

__all__ = ["Config", "VerificationResult", "Verifier", "create_app", "verify"]

_HOMES: Final = {
    "Config": "gateway.config",
    "VerificationResult": "gateway.model",
    "Verifier": "gateway.verifier",
    "create_app": "gateway.app",
    "verify": "gateway.pipeline",
}
"""Imported when asked for: the canonicalization worker, which imports this package, needs none of them."""


def __getattr__(name: str) -> Any:
    """Import a public name from where it lives (PEP 562)."""
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(_HOMES[name]), name)
