"""The gateway's own side: `verify()` in this process, from the bytes of a request to its result."""

from __future__ import annotations

import itertools
import tempfile
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.effort import repeated
from gateway.config import load
from gateway.model import Outcome, Presented, RequestLimits, VerificationRequest
from gateway.pipeline import verify
from gateway.verifier import Verifier
from resolvers import strict_json

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from benchmarks.effort import Turn
    from benchmarks.records import Measured
    from gateway.model import VerificationResult
    from resolvers.model import Fetcher

LIMITS: Final = RequestLimits(max_children=500, fetches=40, deadline=30.0)

POLICY: Final = "benchmark/state@1"
_POLICY_FILE: Final = """
policy: benchmark/state
version: 1.0.0
title: A policy of three levels, as an employer has it
extends: us/ler-baseline@1
rules:
  - id: proof-kind
    say: The proof must be one that we know.
    require: {proof_suite_in: [eddsa-rdfc-2022, eddsa-jcs-2022, EdDSA]}
"""


def policy_folder(folder: str) -> Path:
    """Write the policy that every side of the gateway decides by, and return the folder to configure."""
    policies = Path(folder) / "policies"
    policies.mkdir()
    (policies / "benchmark.yaml").write_text(_POLICY_FILE, encoding="utf-8")
    return policies


@asynccontextmanager
async def opened(*, fetcher: Fetcher | None = None, **flags: Any) -> AsyncIterator[Verifier]:
    """Yield a verifier with the default configuration, the policy, and caches of its own."""
    with tempfile.TemporaryDirectory() as folder:
        config = load(flags={"cache.folder": folder, "policies.folders": [str(policy_folder(folder))], **flags})
        async with Verifier.open(config, fetcher=fetcher) as verifier:
            yield verifier


async def verified(verifier: Verifier, body: bytes, *, is_token: bool = False) -> VerificationResult:
    """Verify what a request's body holds: JSON, proof, status, policy, normalization.

    Raises:
        RuntimeError: it does not verify, so its time would mean nothing.
    """
    content: Any = body.decode() if is_token else strict_json.loads(body)
    policy = verifier.policies.get(POLICY, verifier.clock())
    result = await verify(
        verifier,
        VerificationRequest(presented=Presented(content=content, octets=len(body)), limits=LIMITS, policy=policy),
    )
    if result.outcome is not Outcome.PASS or result.decision is None:
        message = f"{result.outcome}: {[check for check in result.checks if check.problems]}"
        raise RuntimeError(message)
    return result


def verification(verifier: Verifier, one: Measured) -> Callable[[], Awaitable[VerificationResult]]:
    """Return the work of verifying a record, each time the next of those that are alike."""
    bodies = itertools.cycle(one.bodies)

    async def work() -> VerificationResult:
        return await verified(verifier, next(bodies), is_token=one.is_token)

    return work


def verifying(verifier: Verifier, one: Measured) -> Turn:
    """Return the turn that verifies a record."""
    return repeated(verification(verifier, one))
