"""The Validate Algorithm of Bitstring Status List 1.0, section 3.2, for it and for Status List 2021."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from resolvers.model import StatusEvidence, StatusState
from resolvers.problems import Invalid, Problem, Unavailable
from resolvers.status._problems import list_problems, retrieval_problems
from resolvers.status_list import StatusList, decode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from resolvers.model import StatusAccess, StatusQuestion

_INDEX: Final = re.compile(r"[0-9]{1,64}", re.ASCII)
_HEXADECIMAL: Final = re.compile(r"0x[0-9A-Fa-f]{1,8}", re.ASCII)
_MAX_STATUS_SIZE: Final = 16
"""Bits of the largest entry: it comes with a message for each of its 65,536 values."""

_WHEN_SET: Final = {
    "revocation": StatusState.REVOKED,
    "suspension": StatusState.SUSPENDED,
    "refresh": StatusState.REFRESH,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """A well-formed `credentialStatus` entry."""

    purpose: str
    url: str
    index: int
    size: int
    messages: Mapping[int, str]


async def check(question: StatusQuestion, access: StatusAccess, *, entry_type: str, list_type: str) -> StatusEvidence:
    """Read one entry from its list.

    A set bit under a valid proof always counts. A clear one counts only in a list that is in order:
    whatever is wrong with it makes the state unknown.

    Raises:
        Invalid: `MALFORMED_VALUE_ERROR`: the entry itself is malformed; nothing is retrieved.
    """
    entry = _read_entry(question, sized=list_type == "BitstringStatusList")
    try:
        retrieved = await access.retrieve(entry.url, decode)
    except (Invalid, Unavailable) as missing:
        return StatusEvidence(
            type=entry_type,
            purpose=entry.purpose,
            state=StatusState.UNKNOWN,
            list_url=entry.url,
            problems=retrieval_problems(missing, question.pointer),
        )
    # The cache keeps what was made of a URL, and another entry may have had something else made of it.
    found: object = retrieved.value
    status_list = found if isinstance(found, StatusList) and found.type == list_type else None
    value, doubts = _value(entry, status_list, question)
    reported: list[Problem] = []
    if status_list is not None:
        doubtful, reported = list_problems(
            question,
            url=entry.url,
            list_id=status_list.id,
            list_issuer=status_list.issuer,
            index=entry.index,
        )
        doubts += [*status_list.defects, *doubtful]
    state = _state(entry, value, doubts, question.pointer)
    return StatusEvidence(
        type=entry_type,
        purpose=entry.purpose,
        state=state,
        value=value,
        message=None if value is None else entry.messages.get(value),
        list_url=entry.url,
        list_issuer=None if status_list is None else status_list.issuer,
        source=retrieved.source,
        problems=(*doubts, *reported),
    )


def _read_entry(question: StatusQuestion, *, sized: bool) -> _Entry:
    """Check the members of an entry (section 2.1); Status List 2021 knows no `statusSize`."""
    raw, pointer = question.entry, question.pointer
    purpose, url, index = raw.get("statusPurpose"), raw.get("statusListCredential"), raw.get("statusListIndex")
    if not isinstance(purpose, str) or not purpose:
        raise _malformed("statusPurpose is not a string", f"{pointer}/statusPurpose")
    if not isinstance(url, str) or not url:
        raise _malformed("statusListCredential is not a URL", f"{pointer}/statusListCredential")
    # "an arbitrary size integer greater than or equal to 0, expressed as a string in base 10"
    if not isinstance(index, str) or _INDEX.fullmatch(index) is None:
        raise _malformed("statusListIndex is not a number in base 10, as a string", f"{pointer}/statusListIndex")
    size = raw.get("statusSize", 1) if sized else 1
    if isinstance(size, bool) or not isinstance(size, int) or not 1 <= size <= _MAX_STATUS_SIZE:
        raise _malformed(f"statusSize is not an integer from 1 to {_MAX_STATUS_SIZE}", f"{pointer}/statusSize")
    messages = _messages(raw.get("statusMessage") if sized else None, size, f"{pointer}/statusMessage")
    return _Entry(purpose=purpose, url=url, index=int(index), size=size, messages=messages)


def _messages(raw: Any, size: int, pointer: str) -> Mapping[int, str]:
    """Return message by value; there must be one for each, and they are required from two bits on."""
    if raw is None and size == 1:
        return {}
    if not isinstance(raw, list) or len(raw) != 1 << size:
        raise _malformed(f"statusMessage has not the {1 << size} entries that statusSize asks for", pointer)
    messages: dict[int, str] = {}
    for number, entry in enumerate(raw):
        status = entry.get("status") if isinstance(entry, dict) else None
        message = entry.get("message") if isinstance(entry, dict) else None
        if not isinstance(status, str) or _HEXADECIMAL.fullmatch(status) is None or not isinstance(message, str):
            raise _malformed("not a hexadecimal status with its message", f"{pointer}/{number}")
        messages[int(status, 16)] = message
    if set(messages) != set(range(1 << size)):
        raise _malformed("the statuses are not the values that statusSize allows", pointer)
    return messages


def _value(entry: _Entry, status_list: StatusList | None, question: StatusQuestion) -> tuple[int | None, list[Problem]]:
    """Return the entry's value, None where it cannot be read; and what is doubtful about it."""
    pointer = question.pointer
    if status_list is None:
        return None, [_problem("STATUS_VERIFICATION_ERROR", "the list is of another kind", pointer)]
    if entry.purpose not in status_list.purposes:
        return None, [_problem("STATUS_VERIFICATION_ERROR", "the list is not for this statusPurpose", pointer)]
    if status_list.status_size not in (None, entry.size):
        return None, [_problem("status-list-defective", "list and entry disagree about statusSize", pointer)]
    value = status_list.value(entry.index, entry.size)
    doubts = []
    held = status_list.entries(entry.size)
    if held < question.minimum_entries:
        detail = f"{held} entries, of at least {question.minimum_entries}"
        doubts.append(_problem("STATUS_LIST_LENGTH_ERROR", detail, pointer))
    if value is None:
        doubts.append(
            _problem("RANGE_ERROR", f"the list ends before entry {entry.index}", f"{pointer}/statusListIndex")
        )
    return value, doubts


def _state(entry: _Entry, value: int | None, doubts: list[Problem], pointer: str) -> StatusState:
    """Return what the value means for the entry's purpose (section 2.1)."""
    if value is None or (value == 0 and doubts):
        return StatusState.UNKNOWN
    if entry.purpose == "message":
        return StatusState.UNKNOWN if doubts else StatusState.MESSAGE
    if value == 0:
        return StatusState.ACTIVE
    state = _WHEN_SET.get(entry.purpose)
    if state is None:
        doubts.append(_problem("unknown-status-type", f"statusPurpose {entry.purpose[:60]!r}", pointer))
        return StatusState.UNKNOWN
    return state


def _problem(code: str, detail: str, pointer: str) -> Problem:
    return Problem(code=code, detail=detail, pointer=pointer)


def _malformed(detail: str, pointer: str) -> Invalid:
    return Invalid("MALFORMED_VALUE_ERROR", detail, pointer=pointer)
