"""Step 5: every `credentialStatus` entry of a verified credential, read from verified lists.

A status list is itself a credential, or a token: it goes through steps 1 to 4 of the pipeline before a
status plugin sees it, and what the plugin decodes is remembered, so a warm check costs no signature.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, TypeVar

from gateway.model import CheckName, CheckResult, Outcome, worst
from gateway.validity import validity_period
from resolvers.model import (
    Fetched,
    Kind,
    ListCredential,
    Loaded,
    Lookup,
    Retrieved,
    StatusEvidence,
    StatusMethod,
    StatusQuestion,
    StatusState,
)
from resolvers.problems import Invalid, Problem, Unavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping
    from datetime import datetime

    from gateway.model import Verified

T = TypeVar("T")

_TOKEN_STATUS_LIST: Final = "status_list"  # noqa: S105 — a claim, not a password

_FAILS = {StatusState.REVOKED: "revoked", StatusState.SUSPENDED: "suspended"}
_INFORMS = {"refresh", "message"}
"""Purposes that say something about the record without invalidating it."""

_LARGE = 64 * 1024
"""Bytes of a fetched list from which it is decoded in a thread: 131,072 entries need 22 KiB at most and
inflate in a tenth of a millisecond, but 4 MiB may inflate to 16, while others want answers."""


class StatusLists:
    """Implements `resolvers.model.StatusAccess` for one request.

    Two methods that name the same URL decode it differently, so each has its own place in the cache.
    `verify_list(url, fetched, question)` takes a fetched list through steps 1 to 4: a credential, or the
    Token Status List that the question is put to.
    """

    __slots__ = ("_lookup", "_max_age", "_verify_list", "as_of", "past")

    def __init__(
        self,
        lookup: Lookup,
        verify_list: Callable[[str, Fetched, StatusQuestion | None], Awaitable[ListCredential]],
        max_age: float | None,
        *,
        as_of: datetime | None = None,
        past: datetime | None = None,
    ) -> None:
        """Read lists through `lookup`, no older than `max_age` seconds where a policy asks that.

        `as_of` is the instant at which credentials are judged, and `past` the same where the caller asks
        about the past: most methods know nothing of it, and answer as of now.
        """
        self._lookup = lookup
        self._verify_list = verify_list
        self._max_age = max_age
        self.as_of = as_of
        self.past = past

    async def retrieve(self, url: str, decode: Callable[[ListCredential], Loaded[T]]) -> Retrieved[T]:
        """Return the verified list of `url`, decoded."""
        return await self._retrieve(url, decode, None, decode.__module__)

    async def retrieve_token(
        self, url: str, decode: Callable[[ListCredential], Loaded[T]], question: StatusQuestion
    ) -> Retrieved[T]:
        """Return the verified Token Status List of `url`, decoded.

        A token need not say who issued it, and is then verified as the credential's issuer's. So what
        one issuer's credential makes of an address is kept apart from what another's does.
        """
        variant = f"{decode.__module__}.{decode.__qualname__} {question.format} {question.issuer}"
        return await self._retrieve(url, decode, question, variant)

    async def _retrieve(
        self, url: str, decode: Callable[[ListCredential], Loaded[T]], question: StatusQuestion | None, variant: str
    ) -> Retrieved[T]:
        async def load(fetched: Fetched) -> Loaded[T]:
            verified = await self._verify_list(url, fetched, question)
            if len(fetched.body) > _LARGE:
                return await asyncio.to_thread(decode, verified)
            return decode(verified)

        return await self._lookup.get(url, Kind.STATUS_LIST, load, max_age=self._max_age, variant=variant)

    async def fetch(self, url: str, decode: Callable[[Fetched], Loaded[T]]) -> Retrieved[T]:
        """Return an unsigned document, decoded."""

        async def load(fetched: Fetched) -> Loaded[T]:
            return decode(fetched)

        return await self._lookup.get(url, Kind.STATUS_LIST, load, max_age=self._max_age, variant=decode.__module__)


def entries(document: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return each status entry with its JSON Pointer: `credentialStatus`, one or an array (VCDM 2.0, 4.10).

    The claim `status` of a token has a member for each mechanism (draft-ietf-oauth-status-list, section 6.1),
    which becomes an entry of that type. It counts in a W3C credential too, if it names a Token Status List.
    """
    found: list[tuple[str, Any]] = []
    status = document.get("credentialStatus")
    if isinstance(status, list):
        found += [(f"/credentialStatus/{index}", entry) for index, entry in enumerate(status)]
    elif status is not None:
        found.append(("/credentialStatus", status))
    claim, is_token = document.get("status"), "vct" in document
    if isinstance(claim, dict) and claim and (is_token or _TOKEN_STATUS_LIST in claim):
        for name, entry in claim.items():
            found.append((f"/status/{name}", {**entry, "type": name} if isinstance(entry, dict) else entry))
    elif claim is not None and is_token:
        found.append(("/status", claim))
    return found


async def read(
    entry: Any,
    pointer: str,
    verified: Verified,
    access: StatusLists,
    methods: Mapping[str, StatusMethod],
    *,
    minimum_entries: int,
    accepted_issuers: frozenset[str],
) -> StatusEvidence:
    """Read one entry. Whatever cannot be read is `unknown` with its problem; nothing is skipped."""
    name = entry.get("type") if isinstance(entry, dict) else None
    if not isinstance(name, str):
        problem = Problem(code="MALFORMED_VALUE_ERROR", detail="a status entry has one type", pointer=pointer)
        return StatusEvidence(type="", purpose="", state=StatusState.UNKNOWN, problems=(problem,), malformed=True)
    purpose = entry.get("statusPurpose")
    purpose = purpose if isinstance(purpose, str) else "revocation"
    method = methods.get(name)
    if method is None:
        problem = Problem(code="unknown-status-type", detail=f"status type {name[:100]!r}", pointer=pointer)
        return StatusEvidence(type=name, purpose=purpose, state=StatusState.UNKNOWN, problems=(problem,))
    identifier = verified.document.get("id")
    question = StatusQuestion(
        entry=entry,
        pointer=pointer,
        credential_id=identifier if isinstance(identifier, str) else None,
        issuer=verified.issuer,
        minimum_entries=minimum_entries,
        accepted_issuers=accepted_issuers,
        format=verified.format,
        at=access.past,
        expired=_is_over(verified, access.as_of),
    )
    try:
        return await method.check(question, access)
    except (Invalid, Unavailable) as stopped:
        return StatusEvidence(
            type=name,
            purpose=purpose,
            state=StatusState.UNKNOWN,
            problems=(stopped.problem,),
            malformed=isinstance(stopped, Invalid),
        )


def _is_over(verified: Verified, at: datetime | None) -> bool:
    """Whether the credential has expired at `at`; what its period is, the check of validity says."""
    try:
        end = validity_period(verified.document).end
    except Invalid:
        return False
    return end is not None and at is not None and at >= end


def check(statuses: Iterable[StatusEvidence], stale_within: float | None) -> CheckResult:
    """Fold the entries into one check.

    An entry that is itself malformed fails. A set revocation or suspension bit fails, however old the
    list. A clear bit of a list past its freshness passes only where the policy bears its age: up to
    `stale_within` seconds. `refresh` and `message` purposes inform and do not count.
    """
    statuses = tuple(statuses)
    outcomes: list[Outcome] = []
    problems: list[Problem] = []
    admitted = False
    for status in statuses:
        problems.extend(status.problems)
        if status.malformed:
            outcomes.append(Outcome.FAIL)
        elif status.purpose in _INFORMS:
            outcomes.append(Outcome.PASS)
        elif status.state in _FAILS:
            outcomes.append(Outcome.FAIL)
            problems.append(Problem(code=_FAILS[status.state], detail=f"statusPurpose {status.purpose[:40]!r}"))
        elif status.state is StatusState.UNKNOWN:
            outcomes.append(Outcome.INDETERMINATE)
        elif status.source is not None and status.source.stale:
            admitted = stale_within is not None and status.source.age <= stale_within
            outcomes.append(Outcome.PASS if admitted else Outcome.INDETERMINATE)
            if not admitted:
                detail = f"the list was fetched {status.source.age:.0f} seconds ago and could not be refreshed"
                problems.append(Problem(code="status-stale", detail=detail))
        else:
            outcomes.append(Outcome.PASS)
    facts = {"admittedBy": "max_age"} if admitted else {}
    return CheckResult(name=CheckName.STATUS, outcome=worst(outcomes), problems=tuple(problems), facts=facts)
