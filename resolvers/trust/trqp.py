"""`trqp`: a registry that answers the Trust Registry Query Protocol 2.0 of the Trust over IP Foundation.

POST `/authorization`: does the authority authorize the entity to take the action on the resource? POST
`/recognition`: does it recognize the entity as authoritative for that? Answers are not signed, so they are
never better than `unverified`; and none is kept, since each is for its own instant.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from resolvers import strict_json, timestamps
from resolvers.model import Fetched, Kind, Provenance
from resolvers.problems import Invalid, Problem, Unavailable
from resolvers.trust._registries import answer, defective, not_understood, unknown
from resolvers.trust_model import TrustEntity, TrustEvidence, TrustSource

if TYPE_CHECKING:
    from collections.abc import Mapping

    from resolvers.model import Lookup
    from resolvers.trust_model import TrustQuestion, TrustSourceConfig

_KIND: Final = "trqp"
_ANSWER: Final = {"authorization": "authorized", "recognition": "recognized"}
"""Query → the member of its answer that says yes or no."""
_NOT_FOUND: Final = 404
_PROBLEM: Final = "application/problem+json"
_TIME_TOLERANCE: Final = timedelta(minutes=5)
"""Between the instant that was asked about and the one that was evaluated."""


async def ask(config: TrustSourceConfig, question: TrustQuestion, lookup: Lookup) -> TrustEvidence:
    """Say whether the authority authorizes, or recognizes, the entity for the action on the resource."""
    if question.terms.keys() - {"action", "resource"}:
        return unknown(config, not_understood(question))
    query = {
        "entity_id": question.entity,
        "authority_id": config.authority,
        "action": question.terms.get("action", config.action),
        "resource": question.terms.get("resource", config.resource),
    }
    missing = sorted(name for name, value in query.items() if not value)
    if missing:
        detail = f"neither the policy nor the configuration says: {', '.join(missing)}"
        return unknown(config, Problem(code="question-not-supported", detail=detail))
    try:
        answered = await lookup.post(
            f"{config.url.rstrip('/')}/{config.query}",
            json.dumps({**query, "context": {"time": _zulu(question.at)}}).encode(),
            media_type="application/json",
            kind=Kind.REGISTRY,
            also=frozenset({_NOT_FOUND}),
        )
        listed = _says_yes(answered, query, _ANSWER[config.query], question.at)
    except (Invalid, Unavailable) as unanswered:
        return unknown(config, unanswered.problem)
    return answer(config, TrustEntity() if listed else None, source=_provenance(answered))


def _says_yes(answered: Fetched, query: Mapping[str, str | None], member: str, at: datetime) -> bool:
    """Return the answer to `query`.

    Raises:
        Unavailable: `unreachable`: a 404 that is not the protocol's own; `registry-defective`: an answer
            to something else, or none at all.
    """
    try:
        content = strict_json.loads(answered.body)
    except Invalid:
        content = None
    if answered.status == _NOT_FOUND:
        if _is_problem(answered.media_type, content):
            return False  # "entity, authority, action, or resource not recognized" (HTTPS Binding, "Error Handling")
        raise Unavailable("unreachable", f"HTTP status {answered.status}")
    if not isinstance(content, dict):
        raise defective("the answer is not a JSON object")
    if any(content.get(name) != value for name, value in query.items()):
        raise defective("the answer is one to another query")
    said = content.get(member)
    if not isinstance(said, bool):
        raise defective(f"the answer does not say whether it is {member}")
    try:
        evaluated = timestamps.parse(content.get("time_evaluated"))
    except ValueError as error:
        raise defective(f"its time_evaluated is {error}") from None
    if abs(evaluated - at) > _TIME_TOLERANCE:
        raise defective(f"it was evaluated for {evaluated.isoformat()}")
    return said


def _is_problem(media_type: str, content: Any) -> bool:
    """Whether a 404 carries a problem document (RFC 9457), as no web server's own page does."""
    if not isinstance(content, dict):
        return False
    return media_type == _PROBLEM or (content.get("status") == _NOT_FOUND and isinstance(content.get("title"), str))


def _zulu(at: datetime) -> str:
    """Return an instant as the protocol wants it: "RFC3339 required, using only Z (+00:00) offset"."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _provenance(answered: Fetched) -> Provenance:
    digest = hashlib.sha256(answered.body).hexdigest()
    return Provenance(url=answered.url, sha256=digest, fetched_at=answered.fetched_at, age=0.0)


PLUGIN: Final = TrustSource(
    kind=_KIND,
    ask=ask,
    needs=frozenset({"url", "authority"}),
    takes=frozenset({"action", "resource", "query"}),
)
