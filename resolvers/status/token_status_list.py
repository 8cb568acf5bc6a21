"""`status_list`: Token Status List, for tokens (draft-ietf-oauth-status-list, section 8.3)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from resolvers.model import StatusEvidence, StatusMethod, StatusState
from resolvers.problems import Invalid, Problem, Unavailable
from resolvers.status._problems import list_problems, retrieval_problems
from resolvers.token_status_list import TokenStatusList, decode, decode_past

if TYPE_CHECKING:
    from resolvers.model import StatusAccess, StatusQuestion

_NAME: Final = "status_list"
_PURPOSE: Final = "status"
"""One value says it all: a list has no purposes."""
_STATES: Final = {0: StatusState.ACTIVE, 1: StatusState.REVOKED, 2: StatusState.SUSPENDED}
"""VALID, INVALID, SUSPENDED (section 7.1). Whatever else a value may come to mean, it does not mean valid."""


async def check(question: StatusQuestion, access: StatusAccess) -> StatusEvidence:
    """Read one entry from its list.

    Raises:
        Invalid: `MALFORMED_VALUE_ERROR`: the entry itself is malformed; nothing is retrieved.
    """
    uri, index = _read_entry(question)
    evidence = partial(StatusEvidence, type=_NAME, purpose=_PURPOSE, list_url=uri)
    if question.expired:
        # "The processing rules for Referenced Tokens … MUST precede any evaluation of a Referenced Token's
        # status": one that has expired is refused by them, and whoever fetched would only be seen to.
        problem = Problem(code="not-asked", detail="the token has expired", pointer=question.pointer)
        return evidence(state=StatusState.UNKNOWN, problems=(problem,))
    try:
        if question.at is None:
            retrieved = await access.retrieve_token(uri, decode, question)
        else:
            then = f"{uri}{'&' if '?' in uri else '?'}time={int(question.at.timestamp())}"  # section 8.4
            retrieved = await access.retrieve_token(then, decode_past, question)
    except (Invalid, Unavailable) as missing:
        return evidence(state=StatusState.UNKNOWN, problems=retrieval_problems(missing, question.pointer))
    status_list: TokenStatusList = retrieved.value
    doubts, reported = list_problems(question, url=uri, list_id=None, list_issuer=status_list.issuer, index=index)
    value = status_list.value(index)
    if value is None:
        # "no statement about the status of the Referenced Token can be made and the Referenced Token MUST
        # be rejected."
        beyond = Problem(code="RANGE_ERROR", detail=f"the list ends before {index}", pointer=f"{question.pointer}/idx")
        doubts.append(beyond)
    return evidence(
        state=_state(value, doubts, question.pointer),
        value=value,
        list_issuer=status_list.issuer,
        source=retrieved.source,
        problems=(*doubts, *reported),
        malformed=value is None,
    )


def _read_entry(question: StatusQuestion) -> tuple[str, int]:
    """Check the members of an entry (section 6.2)."""
    uri, index, pointer = question.entry.get("uri"), question.entry.get("idx"), question.pointer
    if not isinstance(uri, str) or not uri:
        raise Invalid("MALFORMED_VALUE_ERROR", "uri is not a URI", pointer=f"{pointer}/uri")
    if isinstance(index, bool) or not isinstance(index, int) or index < 0:
        raise Invalid("MALFORMED_VALUE_ERROR", "idx is not an integer from 0", pointer=f"{pointer}/idx")
    return uri, index


def _state(value: int | None, doubts: list[Problem], pointer: str) -> StatusState:
    """Return what a value means; a clear one only counts in a list that is in order."""
    if value is None or (value == 0 and doubts):
        return StatusState.UNKNOWN
    if value not in _STATES:
        doubts.append(Problem(code="unknown-status-type", detail=f"status value {value}", pointer=pointer))
    return _STATES.get(value, StatusState.UNKNOWN)


PLUGIN: Final = StatusMethod(name=_NAME, check=check)
