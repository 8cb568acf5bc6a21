"""`OpenBadgesRevocationList`: the list that the issuer of signed badges names in its profile.

Open Badges 2.0, "RevocationList": unsigned JSON, believed since the issuer's profile names it.
"""

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

_TYPE: Final = "OpenBadgesRevocationList"
_PURPOSE: Final = "revocation"
_MEMBER: Final = "revokedAssertions"
_SIZE_FACTOR: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenBadgesRevocationList:
    """A decoded list."""

    id: str | None
    issuer: str | None
    by_id: Mapping[str, str | None]
    """Id → reason."""
    by_uid: Mapping[str, str | None]
    """The same of records of Open Badges 1.0, which have a uid instead."""
    plain: bool
    """Whether it is one of Open Badges 1.x, of which nothing says that it is a list."""


async def check(question: StatusQuestion, access: StatusAccess) -> StatusEvidence:
    """Look for the record's id in the list, or for its uid.

    Raises:
        Invalid: `MALFORMED_VALUE_ERROR`: the list has no URL, or the record neither id nor uid.
    """
    url, uid, pointer = question.entry.get("id"), question.entry.get("uid"), question.pointer
    uid = uid if isinstance(uid, str) else None
    if not isinstance(url, str) or not url:
        raise Invalid("MALFORMED_VALUE_ERROR", "revocationList is not the URL of a list", pointer=f"{pointer}/id")
    if question.credential_id is None and uid is None:
        raise Invalid("MALFORMED_VALUE_ERROR", "a record without id and uid is in no list", pointer="/id")
    evidence = partial(StatusEvidence, type=_TYPE, purpose=_PURPOSE, list_url=url)
    try:
        retrieved = await access.fetch(url, _decode)
    except (Invalid, Unavailable) as missing:
        return evidence(state=StatusState.UNKNOWN, problems=retrieval_problems(missing, pointer))
    found = retrieved.value
    doubts, reported = list_problems(question, url=url, list_id=found.id, list_issuer=found.issuer)
    if found.plain:
        detail = "nothing says that it is a list"
        doubts.append(Problem(code="status-list-defective", detail=detail, pointer=pointer))
    tables = ((found.by_id, question.credential_id), (found.by_uid, uid))
    reasons = [table[name] for table, name in tables if name is not None and name in table]
    clear = StatusState.UNKNOWN if doubts else StatusState.ACTIVE
    return evidence(
        state=StatusState.REVOKED if reasons else clear,
        value=int(bool(reasons)),
        message=reasons[0] if reasons else None,
        list_issuer=found.issuer,
        source=retrieved.source,
        problems=(*doubts, *reported),
    )


def _decode(fetched: Fetched) -> Loaded[OpenBadgesRevocationList]:
    """Read a list: of 2.0, or of 1.x, which is an object of uids and reasons.

    Raises:
        Unavailable: `response-malformed`: not a list; a host's error page must not clear anybody.
    """
    try:
        content = strict_json.loads(fetched.body)
    except Invalid as refused:
        raise _malformed(fetched.url, refused.problem.code) from None
    if not isinstance(content, dict):
        raise _malformed(fetched.url, "no object")
    by_id: dict[str, str | None] = {}
    by_uid: dict[str, str | None] = {}
    plain = _MEMBER not in content
    if plain:
        by_uid = {uid: reason if isinstance(reason, str) else None for uid, reason in content.items()}
    else:
        entries = content[_MEMBER]
        for entry in entries if isinstance(entries, list) else [entries]:  # "Multiple values allowed"
            _note(entry, by_id, by_uid, fetched.url)
    value = OpenBadgesRevocationList(
        id=_identifier(content.get("id")),
        issuer=_identifier(content.get("issuer")),
        by_id=by_id,
        by_uid=by_uid,
        plain=plain,
    )
    return Loaded(value=value, size=_SIZE_FACTOR * len(fetched.body))


def _note(entry: Any, by_id: dict[str, str | None], by_uid: dict[str, str | None], url: str) -> None:
    if isinstance(entry, str):
        by_id.setdefault(entry, None)
        return
    names = (
        [(table, entry.get(name)) for table, name in ((by_id, "id"), (by_uid, "uid"))]
        if isinstance(entry, dict)
        else []
    )
    if not any(isinstance(name, str) for _, name in names):
        raise _malformed(url, "an entry has neither id nor uid")
    # "true if the Assertion is revoked. Defaults to true if present"; any value but false is read so.
    if entry.get("revoked") is False:
        return
    reason = entry.get("revocationReason")
    for table, name in names:
        if isinstance(name, str):
            table[name] = reason if isinstance(reason, str) else None


def _identifier(value: Any) -> str | None:
    found = value.get("id") if isinstance(value, dict) else value
    return found if isinstance(found, str) else None


def _malformed(url: str, detail: str) -> Unavailable:
    return Unavailable("response-malformed", f"{url[:200]} is not a revocation list: {detail}")


PLUGIN: Final = StatusMethod(name=_TYPE, check=check)
