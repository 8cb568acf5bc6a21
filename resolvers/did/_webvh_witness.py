"""The witnesses of a did:webvh: whether enough of them have approved each entry (did:webvh 1.0, "DID Witnesses")."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from resolvers import strict_json
from resolvers.did import _webvh_proof
from resolvers.did._webvh_parameters import malformed
from resolvers.model import Loaded
from resolvers.problems import Invalid, Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from resolvers.did._webvh_log import Log
    from resolvers.model import Fetched

MAX_CHECKED: Final = 4096
"""Proofs of one file that are verified: what fits into it. A controller that prunes keeps two for each witness."""

_LARGE: Final = 64 * 1024
"""Bytes from which on the file is read in a thread: 2 to 12 ms. Pruned ones have 1 to 5 KiB."""
_SIZE_FACTOR: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessProofs:
    """A `did-witness.json`. Its proofs are verified when first needed: only some are of published entries."""

    proofs: Mapping[str, tuple[Any, ...]]
    """`versionId` → proofs over it."""
    fetched_at: datetime
    _verified: dict[str, frozenset[str]] = field(default_factory=dict, repr=False, compare=False)

    async def approve(self, log: Log) -> bool:
        """Whether each entry of `log` has been approved by enough of those who were its witnesses.

        "A valid proof from a witness carries the implication that ALL prior DID Log entries are also
        approved by that witness": so the log is read from its end, and approvals add up.
        """
        named = frozenset(did for entry in log.entries if entry.witness for did in entry.witness.weights)
        approved: frozenset[str] = frozenset()
        for entry in reversed(log.entries):
            approved |= await self._approved(entry.version_id, named)
            if entry.witness is not None and not entry.witness.is_met_by(approved):
                return False
        return True

    async def _approved(self, version_id: str, named: frozenset[str]) -> frozenset[str]:
        """Return those of `named` whose proof over `version_id` verifies; what does not verify is left out."""
        known = self._verified.get(version_id)
        if known is not None:
            return known & named
        digest = _webvh_proof.canonical_hash({"versionId": version_id})
        found = set()
        for proof in self.proofs.get(version_id, ()):
            did = _webvh_proof.signer(proof)
            if did is None or did not in named or did in found:
                continue
            try:
                found.add(_webvh_proof.verify(digest, proof, now=self.fetched_at))
            except Invalid:
                continue
            finally:
                await asyncio.sleep(0)  # others are answered in between
        return self._verified.setdefault(version_id, frozenset(found))


async def load(fetched: Fetched) -> Loaded[WitnessProofs]:
    """Read a `did-witness.json`, for `Lookup.get`.

    Raises:
        Invalid: `did-log-malformed`.
        Unavailable: `response-malformed`: not even JSON; `response-too-large`.
    """
    try:
        if len(fetched.body) > _LARGE:
            content = await asyncio.to_thread(strict_json.loads, fetched.body)
        else:
            content = strict_json.loads(fetched.body)
    except Invalid as refused:
        raise Unavailable("response-malformed", f"{fetched.url}: {refused.problem.code}") from None
    if not isinstance(content, list):
        raise malformed("the witnesses' proofs are not an array")
    proofs: dict[str, tuple[Any, ...]] = {}
    for entry in content:
        version_id = entry.get("versionId") if isinstance(entry, dict) else None
        if not isinstance(version_id, str):
            raise malformed("a member of the witnesses' proofs has no versionId")
        given = entry.get("proof", [])
        proofs[version_id] = proofs.get(version_id, ()) + tuple(given if isinstance(given, list) else [given])
    if sum(len(same) for same in proofs.values()) > MAX_CHECKED:
        raise Unavailable("response-too-large", f"more than {MAX_CHECKED} proofs of witnesses")
    return Loaded(
        value=WitnessProofs(proofs=proofs, fetched_at=fetched.fetched_at), size=_SIZE_FACTOR * len(fetched.body)
    )
