"""What can be wrong with a status list, whichever method reads it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from resolvers.problems import Invalid, Problem, Unavailable

if TYPE_CHECKING:
    from resolvers.model import StatusQuestion

_NOT_TO_BE_HAD: Final = frozenset({"unreachable", "egress-refused", "response-too-large", "response-malformed"})
_EMAIL: Final = re.compile(r"[^/?&=@]@[^/?&=@]+\.[A-Za-z]{2}")
"""The middle of one; what is before and after it would only be walked again from each place in a long URL."""
_PART: Final = re.compile(r"[/?&=#:;]")
_TELLING: Final = 8
"""Characters from which on the last part of a credential's id can hardly stand in a list's URL by chance."""
_TELLING_INDEX: Final = 1000
"""An index from which on it can hardly be the number of a list."""


def retrieval_problems(missing: Invalid | Unavailable, pointer: str) -> tuple[Problem, ...]:
    """Return the specification's own code for a list that could not be used, and what was the matter.

    Section 3.2: "If the dereference fails, raise a STATUS_RETRIEVAL_ERROR. If any of the proof
    verifications fail, raise a STATUS_VERIFICATION_ERROR."
    """
    cause = missing.problem
    if isinstance(missing, Invalid):
        code = "STATUS_VERIFICATION_ERROR"
    elif cause.code in _NOT_TO_BE_HAD:
        code = "STATUS_RETRIEVAL_ERROR"
    else:
        return (Problem(code=cause.code, detail=cause.detail, pointer=pointer),)
    own = Problem(code=code, detail=f"{cause.title} {cause.detail}", pointer=pointer)
    return (own,) if cause.code == code else (own, cause)


def list_problems(
    question: StatusQuestion, *, url: str, list_id: str | None, list_issuer: str | None, index: int | None = None
) -> tuple[list[Problem], list[Problem]]:
    """Return what makes a clear bit doubtful, and what is only reported.

    A valid list in the place of another, or somebody else's, could hide a revocation. An issuer of
    lists whom the operator or the policy names may serve its lists under another address.
    """
    pointer = question.pointer
    doubts: list[Problem] = []
    reported: list[Problem] = []
    named = list_issuer in question.accepted_issuers
    if list_issuer is not None and list_issuer != question.issuer and not named:
        detail = f"it was issued by {list_issuer[:200]}"
        doubts.append(Problem(code="status-issuer-mismatch", detail=detail, pointer=pointer))
    if list_id is not None and list_id != url:
        defect = Problem(code="status-list-defective", detail=f"its id is {list_id[:200]}", pointer=pointer)
        (reported if named else doubts).append(defect)
    if _names_one_person(url, question.credential_id, index):
        reported.append(Problem(code="per-subject-url", detail="the issuer learns who is looked up", pointer=pointer))
    return doubts, reported


def _names_one_person(url: str, credential_id: str | None, index: int | None) -> bool:
    """Whether `url` holds the index, the credential's own id, or an e-mail address."""
    address = unquote(url.partition("#")[0])
    if _EMAIL.search(address.partition("://")[2]) is not None:
        return True
    parts = set(_PART.split(address))
    if index is not None and index >= _TELLING_INDEX and str(index) in parts:
        return True
    tail = _PART.split(unquote(credential_id))[-1] if credential_id else ""
    return len(tail) >= _TELLING and tail in parts
