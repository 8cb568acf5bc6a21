"""`RevocationList2020Status`: Revocation List 2020 (W3C Credentials Community Group), the first of the bitstrings.

Its text does not say from which end of an octet the bits are counted, and both are in use: ssi and
`@digitalbazaar/vc-revocation-list` before 6.0 count from the right, later ones from the left. Where the two
readings disagree about a credential, its status is unknown.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from resolvers.model import StatusEvidence, StatusMethod, StatusState
from resolvers.problems import Invalid, Problem
from resolvers.status import _bitstring
from resolvers.status_list import decode

if TYPE_CHECKING:
    from resolvers.model import StatusAccess, StatusQuestion

_ENTRY: Final = "RevocationList2020Status"
_LIST: Final = "RevocationList2020"
_MEMBERS: Final = {
    # its successor's name → its own
    "statusListIndex": "revocationListIndex",
    "statusListCredential": "revocationListCredential",
}


async def _check(question: StatusQuestion, access: StatusAccess) -> StatusEvidence:
    """Read the entry as its successor's, whose purpose is revocation, and then from the other end of the octet."""
    entry = {new: question.entry.get(own) for new, own in _MEMBERS.items()}
    successor = replace(question, entry={**entry, "statusPurpose": "revocation"})
    try:
        evidence = await _bitstring.check(successor, access, entry_type=_ENTRY, list_type=_LIST)
    except Invalid as wrong:
        problem = _in_its_words(wrong.problem)
        raise Invalid(problem.code, problem.detail, pointer=problem.pointer) from None
    problems = tuple(map(_in_its_words, evidence.problems))
    if evidence.value is None or await _mirrored(entry, access) == evidence.value:
        return replace(evidence, problems=problems)
    detail = "the bit is set when counted from one end of its octet, and clear from the other"
    unclear = Problem(code="status-list-defective", detail=detail, pointer=question.pointer)
    return replace(evidence, state=StatusState.UNKNOWN, value=None, problems=(*problems, unclear))


async def _mirrored(entry: dict[str, str | None], access: StatusAccess) -> int | None:
    """Return the bit at the same index of the same octet, counted from its right end."""
    status_list = (await access.retrieve(str(entry["statusListCredential"]), decode)).value
    index = int(str(entry["statusListIndex"]))
    return status_list.value(index ^ 7, 1)


def _in_its_words(problem: Problem) -> Problem:
    """Return a problem with the names that the entry has."""
    detail, pointer = problem.detail, problem.pointer
    for new, own in _MEMBERS.items():
        detail = detail.replace(new, own)
        pointer = None if pointer is None else pointer.replace(new, own)
    return replace(problem, detail=detail, pointer=pointer)


PLUGIN: Final = StatusMethod(name=_ENTRY, check=_check)
