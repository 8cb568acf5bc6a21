"""One line of the decision log: what is written of a decision, and how lines are chained.

A line is a JSON object in canonical form. `hash` is the SHA-256 of the rest of it, and `prev` the
`hash` of the line before: so no line can be changed, removed from the middle or put elsewhere without
all after it. (Whoever can write the folder can still cut its end off, or write it anew: against that
the last `hash` is kept elsewhere now and then.)

Nothing of a person is in it, nor of the record (T58): ids of policies and rules, states, codes, digests.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

from gateway.validity import rfc3339
from resolvers import strict_json
from resolvers.problems import Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from gateway.model import VerificationResult
    from policies.model import Decision

VERSION: Final = 1
BEGINNING: Final = "0" * 64
"""The `prev` of the first line of all."""

_DECISION: Final = frozenset({"asOf", "at", "decision", "factsDigest", "policy", "policyDigest", "result", "version"})
_CHAIN: Final = frozenset({"v", "n", "prev", "hash"})
_OPENED: Final = frozenset({"after", "at", "program"})


class DamagedRecord(ValueError):
    """The line is not one that this program has written."""


def of_decision(result: VerificationResult, decision: Decision) -> dict[str, Any]:
    """Return what is written of a decision."""
    return {
        "at": rfc3339(result.verified_at),
        "asOf": rfc3339(result.as_of),
        "result": result.id,
        "policy": decision.policy,
        "version": decision.version,
        "policyDigest": decision.digest,
        "factsDigest": decision.facts_digest,
        "decision": decided(decision),
    }


def decided(decision: Decision) -> dict[str, Any]:
    """Return the decision itself: what a replay has to come to, bit for bit."""
    return {
        "verdict": decision.verdict.value,
        "reasons": list(decision.reasons),
        "rules": [
            {"id": rule.id, "from": rule.origin, "state": rule.state.value, "verdict": rule.verdict.value}
            for rule in decision.rules
        ],
    }


def of_opening(at: datetime, program: str, after: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the first line of a file; `after` is {file, bytes, torn}: the file before, and what was wrong at its end.

    `bytes` are those of its whole lines, and `torn` those of what follows them: half a line that a
    crash has left, which is no record and is never continued.
    """
    return {"at": rfc3339(at), "program": program, "after": after}


def written(content: Mapping[str, Any], number: int, previous: str) -> tuple[bytes, str]:
    """Return the line of a record, its line feed included, and its hash."""
    chained = {**content, "v": VERSION, "n": number, "prev": previous}
    digest = hashlib.sha256(canonical(chained)).hexdigest()
    return canonical({**chained, "hash": digest}) + b"\n", digest


def read(line: bytes) -> dict[str, Any]:
    """Return the record in a line without its line feed.

    Raises:
        DamagedRecord: it is not one that was written so.
    """
    try:
        record = strict_json.loads(line)
    except Invalid as refused:
        raise DamagedRecord(f"it is not JSON ({refused.problem.code})") from None
    if (
        not isinstance(record, dict)
        or record.keys() - _CHAIN not in (_DECISION, _OPENED)
        or not record.keys() >= _CHAIN
    ):
        raise DamagedRecord("it has not the members of a record")
    if record["v"] != VERSION or canonical(record) != line:
        raise DamagedRecord("it is not written as records are")
    digest = record["hash"]
    if hashlib.sha256(canonical({name: record[name] for name in record if name != "hash"})).hexdigest() != digest:
        raise DamagedRecord("its hash is not that of what it says")
    return record


def is_decision(record: Mapping[str, Any]) -> bool:
    """Whether a record is of a decision, and not of a file's opening."""
    return "decision" in record


def canonical(value: Any) -> bytes:
    """Return JSON, compact, sorted and in ASCII."""
    return json.dumps(value, separators=(",", ":"), sort_keys=True, allow_nan=False).encode("ascii")
