"""Endorsements: credentials in their own right, by which others speak for a record, its achievement or its issuer.

Open Badges 3.0, section 9.1, step 6, and 9.2: each EndorsementCredential is verified like any other
credential, by its own proof, period and status. It never changes the outcome of what carries it, and
is verified after everything that does, so that a hundred endorsements cannot use up what the record's
own status needs. It counts only if it is about what carries it: `endorsement` of a credential holds claims
"about the credential, and the achievement and profiles in the credential" (B.1.1), that of an
achievement or a profile claims about that alone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from gateway.model import Outcome, Presented
from gateway.structure import several, type_names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateway.model import Record, VerificationResult

TYPE: Final = "EndorsementCredential"
_MISPLACED: Final = "endorsement-misplaced"


def inside(document: Mapping[str, Any], record: Record) -> list[tuple[str, Presented]]:
    """Return each endorsement with its JSON Pointer, as it stands in the verified document.

    An endorsement's own endorsements have no place in the record: they say nothing about it.
    """
    if TYPE in type_names(document):
        return []
    pointers = [each["pointer"] for each in record.endorsements if "pointer" in each]
    return [(pointer, Presented(content=_at(document, pointer))) for pointer in pointers]


def judged(
    document: Mapping[str, Any], record: Record, results: Sequence[VerificationResult] | None, at: str
) -> tuple[Record, tuple[VerificationResult, ...] | None]:
    """Return the record with what came of its endorsements, and those results that may speak for it.

    `at` is the record's own JSON Pointer. Without results (None) none was verified: that is indeterminate.
    One that is about something else is reported as such, and not among the results.
    """
    if not results:
        return record, None
    by_pointer = {result.pointer.removeprefix(at): result for result in results}
    told: list[Mapping[str, Any]] = []
    counted: list[VerificationResult] = []
    for each in record.endorsements:
        result = by_pointer.get(each.get("pointer", ""))
        if result is None:
            told.append(each)
            continue
        placed = result.document is None or _is_about(result.document, _carrier(document, each["pointer"]))
        told.append(_told(each, result, placed=placed, issuer=record.issuer, subject=record.subject))
        if placed:
            counted.append(result)
    return replace(record, endorsements=tuple(told)), tuple(counted)


def _told(
    listed: Mapping[str, Any],
    result: VerificationResult,
    *,
    placed: bool,
    issuer: Mapping[str, Any],
    subject: Mapping[str, Any],
) -> dict[str, Any]:
    """Say what came of one endorsement. After a failed proof none of its claims is shown."""
    problem = next((problem.code for check in result.checks for problem in check.problems), None)
    outcome = result.outcome
    if not placed and outcome is Outcome.PASS:
        outcome, problem = Outcome.FAIL, _MISPLACED
    told = {**listed, "result": outcome.value, "problem": None if outcome is Outcome.PASS else problem}
    if result.document is None:
        return {**told, "id": None, "issuer": None, "target": None, "comment": None}
    if result.claims_unverified or result.issuer is None:
        return told
    claim = _subject(result.document)
    endorser = listed.get("issuer") or {"name": None, "url": None, "identifiers": []}
    return {
        **told,
        "id": result.document.get("id"),
        "issuer": {**endorser, "id": result.issuer},
        "target": claim.get("id"),
        "comment": claim.get("endorsementComment"),
        "claimsUnverified": False,
        # Whoever speaks for themselves confirms nothing (`gateway.attestation`).
        "independent": result.issuer not in {issuer.get("id"), subject.get("id")},
    }


def _is_about(endorsement: Mapping[str, Any], carrier: set[str]) -> bool:
    """Whether it is an endorsement, and about what carries it."""
    return TYPE in type_names(endorsement) and _subject(endorsement).get("id") in carrier


def _carrier(document: Mapping[str, Any], pointer: str) -> set[str]:
    """Return the ids of what the endorsement at `pointer` may be about."""
    parent = pointer.rpartition("/endorsement")[0]
    if parent:
        return _ids([_at(document, parent)])
    subjects = [one for one in several(document.get("credentialSubject")) if isinstance(one, dict)]
    achievements = [each for one in subjects for each in several(one.get("achievement"))]
    profiles = [document.get("issuer"), *[one.get("source") for one in subjects]]
    profiles += [each.get("creator") for each in achievements if isinstance(each, dict)]
    return _ids([document, *achievements, *profiles])


def _ids(nodes: list[Any]) -> set[str]:
    found = [node.get("id") if isinstance(node, dict) else node for node in nodes]
    return {one for one in found if isinstance(one, str)}


def _subject(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the one subject of an endorsement; of several it is about none in particular."""
    subjects = several(document.get("credentialSubject"))
    return subjects[0] if len(subjects) == 1 and isinstance(subjects[0], dict) else {}


def _at(document: Any, pointer: str) -> Any:
    """Return the value at a JSON Pointer of this document's own."""
    value = document
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        value = value[int(name)] if isinstance(value, list) else value[name]
    return value
