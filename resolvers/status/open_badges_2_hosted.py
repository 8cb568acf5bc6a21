"""`OpenBadgesHostedRecord`: what a record's host says of it, which was found out when it was looked up there.

Open Badges 2.0, "Revoking Hosted Assertions": "If either the 410 Gone status or a response body declaring
revoked true is returned, the Assertion should be treated as revoked and thus invalid." Nothing is fetched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from resolvers import timestamps
from resolvers.model import Provenance, StatusEvidence, StatusMethod, StatusState
from resolvers.problems import Invalid, Problem

if TYPE_CHECKING:
    from resolvers.model import StatusAccess, StatusQuestion

_TYPE: Final = "OpenBadgesHostedRecord"


async def check(question: StatusQuestion, access: StatusAccess) -> StatusEvidence:
    """Read what was found.

    Raises:
        Invalid: `MALFORMED_VALUE_ERROR`: the entry is not one that the format made.
    """
    del access
    entry, source = question.entry, question.entry.get("source")
    revoked, url, reason = entry.get("revoked"), entry.get("id"), entry.get("revocationReason")
    own = question.format.endswith("-hosted")  # in any other record somebody wrote it
    if not own or not isinstance(revoked, bool) or not isinstance(url, str) or not isinstance(source, dict):
        raise Invalid("MALFORMED_VALUE_ERROR", f"{_TYPE} is no method of other records", pointer=question.pointer)
    return StatusEvidence(
        type=_TYPE,
        purpose="revocation",
        state=StatusState.REVOKED if revoked else StatusState.ACTIVE,
        value=int(revoked),
        message=reason if revoked and isinstance(reason, str) else None,
        list_url=url,
        list_issuer=question.issuer,
        source=Provenance(
            url=source["url"],
            sha256=source["sha256"],
            fetched_at=timestamps.parse(source["fetchedAt"]),
            age=source["age"],
            stale=source["stale"],
        ),
        problems=(Problem(code="per-subject-url", detail="its host learns of it", pointer=question.pointer),),
    )


PLUGIN: Final = StatusMethod(name=_TYPE, check=check)
