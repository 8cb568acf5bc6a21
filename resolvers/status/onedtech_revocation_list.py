"""`1EdTechRevocationList`: an unsigned list of revoked credentials (1EdTech Revocation List Status Method 1.0)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from resolvers import strict_json
from resolvers.model import Fetched, Loaded, StatusEvidence, StatusMethod, StatusState
from resolvers.problems import Invalid, Problem, Unavailable
from resolvers.status._problems import list_problems, retrieval_problems

if TYPE_CHECKING:
    from collections.abc import Mapping

    from resolvers.model import StatusAccess, StatusQuestion

_TYPE: Final = "1EdTechRevocationList"
_PURPOSE: Final = "revocation"
_MEMBERS: Final = ("revokedCredential", "revokedCredentials")
"""The specification's data model has the singular, its prose and 1EdTech's own validator the plural."""
_SIZE_FACTOR: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationList:
    """A decoded list."""

    id: str | None
    issuer: str | None
    revoked: Mapping[str, str | None]
    """Credential id → reason."""


async def check(question: StatusQuestion, access: StatusAccess) -> StatusEvidence:
    """Look for the credential's id in the list.

    Raises:
        Invalid: `MALFORMED_VALUE_ERROR`: the entry has no URL, or the credential no id to look for.
    """
    url, pointer = question.entry.get("id"), question.pointer
    if not isinstance(url, str) or not url:
        raise Invalid("MALFORMED_VALUE_ERROR", "the entry's id is not the URL of a list", pointer=f"{pointer}/id")
    if question.credential_id is None:
        raise Invalid("MALFORMED_VALUE_ERROR", "a credential without an id is in no list", pointer="/id")
    evidence = partial(StatusEvidence, type=_TYPE, purpose=_PURPOSE, list_url=url)
    try:
        retrieved = await access.fetch(url, _decode)
    except (Invalid, Unavailable) as missing:
        return evidence(state=StatusState.UNKNOWN, problems=retrieval_problems(missing, pointer))
    # The cache keeps what was made of a URL, and another entry may have had something else made of it.
    found: object = retrieved.value
    if not isinstance(found, RevocationList):
        problem = Problem(code="STATUS_VERIFICATION_ERROR", detail="the list is of another kind", pointer=pointer)
        return evidence(state=StatusState.UNKNOWN, problems=(problem,))
    doubts, reported = list_problems(question, url=url, list_id=found.id, list_issuer=found.issuer)
    revoked = question.credential_id in found.revoked
    clear = StatusState.UNKNOWN if doubts else StatusState.ACTIVE
    return evidence(
        state=StatusState.REVOKED if revoked else clear,
        value=int(revoked),
        message=found.revoked.get(question.credential_id),
        list_issuer=found.issuer,
        source=retrieved.source,
        problems=(*doubts, *reported),
    )


def _decode(fetched: Fetched) -> Loaded[RevocationList]:
    """Read a list.

    Raises:
        Unavailable: `response-malformed`: not a list; a host's error page must not clear anybody.
    """
    try:
        content = strict_json.loads(fetched.body)
    except Invalid as refused:
        raise _malformed(fetched.url, refused.problem.code) from None
    members = [name for name in _MEMBERS if isinstance(content, dict) and name in content]
    if not members or not all(isinstance(content[name], list) for name in members):
        raise _malformed(fetched.url, f"no {_MEMBERS[0]}")
    revoked: dict[str, str | None] = {}
    for entry in (entry for name in members for entry in content[name]):
        if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
            raise _malformed(fetched.url, "an entry has no id")
        # Revoked "if the value of `revoked` is true or omitted"; any value but false is read so.
        if entry.get("revoked") is not False:
            reason = entry.get("revocationReason")
            revoked[entry["id"]] = reason if isinstance(reason, str) else None
    value = RevocationList(
        id=_identifier(content.get("id")), issuer=_identifier(content.get("issuer")), revoked=revoked
    )
    return Loaded(value=value, size=_SIZE_FACTOR * len(fetched.body))


def _identifier(value: Any) -> str | None:
    found = value.get("id") if isinstance(value, dict) else value
    return found if isinstance(found, str) else None


def _malformed(url: str, detail: str) -> Unavailable:
    return Unavailable("response-malformed", f"{url[:200]} is not a revocation list: {detail}")


PLUGIN: Final = StatusMethod(name=_TYPE, check=check)
