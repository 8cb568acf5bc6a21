"""What the trust sources that publish one list of entities have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from resolvers.model import ListState, TrustEvidence
from resolvers.problems import Problem, Unavailable

if TYPE_CHECKING:
    from resolvers.model import Freshness, Provenance, TrustQuestion, TrustSourceConfig


def unknown(
    config: TrustSourceConfig,
    problem: Problem,
    *,
    freshness: Freshness | None = None,
    provenance: Provenance | None = None,
) -> TrustEvidence:
    """Return the answer of a source that could not be read: never "not listed"."""
    return TrustEvidence(
        source=config.id,
        kind=config.kind,
        state=ListState.UNKNOWN,
        freshness=freshness,
        tier=config.tier,
        assurance=config.assurance,
        provenance=provenance,
        problem=problem,
    )


def defective(detail: str) -> Unavailable:
    """Return what a list raises that cannot be read.

    It is `Unavailable`, so that the cache goes on serving the last list that could be read, for as
    long as that may be.
    """
    return Unavailable("registry-defective", detail)


def not_understood(question: TrustQuestion) -> Problem:
    """Return why a source says nothing to a question whose terms its kind has no answer for.

    Being listed is not an answer to "may it do this?"; so such a question is never answered as if it had no terms.
    """
    return Problem(code="question-not-supported", detail=f"it cannot tell: {', '.join(sorted(question.terms))}")


def optional_text(entry: dict[str, Any], member: str, where: str) -> str | None:
    """Return a member that is a string, where it is there.

    Raises:
        Unavailable: `registry-defective`.
    """
    value = entry.get(member)
    if value is not None and not isinstance(value, str):
        raise defective(f"{where} has a {member} that is not a string")
    return value
