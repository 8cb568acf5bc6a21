"""A university over the fake internet: issues records, and spoils each in exactly one named way."""

from __future__ import annotations

import copy
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from gateway.config import load
from gateway.demo.issuer import CREDENTIALS_V2, OPEN_BADGES, Issuer, badge
from gateway.model import Presented, RequestLimits, VerificationRequest, VerificationResult
from gateway.pipeline import verify
from gateway.verifier import Verifier
from tests.internet import FakeInternet

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from pathlib import Path

CLR: Final = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json"
STATUS_LIST: Final = "https://university.example/status/1"
LIMITS: Final = RequestLimits(max_children=100, fetches=40, deadline=10.0)


def entry(index: int, url: str = STATUS_LIST, purpose: str = "revocation") -> dict[str, str]:
    """Return a status entry that points at `index` of the list at `url`."""
    return {
        "id": f"{url}#{index}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": purpose,
        "statusListIndex": str(index),
        "statusListCredential": url,
    }


@dataclass(slots=True)
class University:
    """An issuer with its own internet, and a verifier that sees nothing else. Time stands until it is moved."""

    verifier: Verifier
    internet: FakeInternet
    clock: list[datetime]
    issuer: Issuer = field(default_factory=lambda: Issuer.did_web("university.example"))

    @property
    def now(self) -> datetime:
        """The instant."""
        return self.clock[0]

    def pass_time(self, **step: float) -> None:
        """Let time pass (`timedelta`'s arguments)."""
        self.clock[0] += timedelta(**step)

    def publish(self) -> None:
        """Serve the DID document."""
        self.internet.serve(self.issuer.document_url, self.issuer.document)

    async def sign(self, credential: Mapping[str, Any], **options: Any) -> dict[str, Any]:
        """Secure a credential as this issuer."""
        return await self.issuer.secure(credential, self.verifier.canonicalizer, **options)

    async def badge(self, name: str = "Welding", **members: Any) -> dict[str, Any]:
        """Return a signed badge; `status=entry(…)` gives it a status."""
        return await self.sign(badge(self.issuer.did, name, **members))

    async def publish_list(self, revoked: tuple[int, ...] = (), *, url: str = STATUS_LIST, **members: Any) -> None:
        """Serve a signed status list; `members` overlay the list credential's."""
        credential = {**self.issuer.status_list(url, revoked), **members}
        self.internet.serve(url, await self.sign(credential))

    async def clr(self, *children: Any, **members: Any) -> dict[str, Any]:
        """Return a signed Comprehensive Learner Record of those embedded records."""
        record = badge(self.issuer.did, "Transcript")
        record["@context"] = [CREDENTIALS_V2, CLR, OPEN_BADGES]
        record["type"] = ["VerifiableCredential", "ClrCredential"]
        record["credentialSubject"] = {"type": ["ClrSubject"], "verifiableCredential": list(children)}
        return await self.sign({**record, **members})

    async def verify(self, presented: Any, policy: str | None = None, **request: Any) -> VerificationResult:
        """Verify what is presented, by the policy of that name."""
        found = None if policy is None else self.verifier.policies.get(policy, self.now)
        asked = {"presented": Presented(content=presented), "limits": LIMITS, "policy": found, **request}
        return await verify(self.verifier, VerificationRequest(**asked))


def spoiled(credential: Mapping[str, Any], change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """Return a copy with one change, which the proof does not know of."""
    copied: dict[str, Any] = copy.deepcopy(dict(credential))
    change(copied)
    return copied


@asynccontextmanager
async def university(folder: Path, policies: str = "", **flags: Any) -> AsyncIterator[University]:
    """Yield a university whose verifier knows `policies` (YAML documents) beside the library."""
    internet = FakeInternet()
    clock = [datetime(2026, 6, 1, 12, tzinfo=UTC)]
    internet.now = lambda: clock[0]
    own = folder / "policies"
    own.mkdir()
    for number, text in enumerate(policies.split("\n---\n")):
        if text.strip():
            (own / f"{number}.yaml").write_text(text, encoding="utf-8")
    config = load(flags={"cache.folder": folder, "policies.folders": [own], **flags})
    async with Verifier.open(config, fetcher=internet, clock=lambda: clock[0]) as verifier:
        made = University(verifier, internet, clock)
        made.publish()
        yield made
