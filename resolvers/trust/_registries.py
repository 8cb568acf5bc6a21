"""How trust sources of all kinds answer, and what they raise."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from resolvers.model import Loaded
from resolvers.problems import Problem, Unavailable
from resolvers.trust_model import Authenticity, Freshness, ListState, TrustEntity, TrustEvidence

if TYPE_CHECKING:
    from resolvers.model import Fetched, Provenance
    from resolvers.trust_model import TrustQuestion, TrustSourceConfig

LARGE: Final = 128 * 1024
"""Bytes of a list from which on it is read in a thread, which takes longer, but holds nobody up."""
_NO_HOLDS: Final = timedelta(minutes=1)
"""For which an answer that somebody is not there is believed: whoever has just been listed shall soon be found."""


def answer(
    config: TrustSourceConfig,
    listed: TrustEntity | None,
    *,
    authenticity: Authenticity = Authenticity.UNVERIFIED,
    source: Provenance | None = None,
    stale: bool = False,
) -> TrustEvidence:
    """Return the answer of a source that could be read: whom it lists, None for "not listed".

    A source that is not signed says nothing about its own freshness; only that a refresh failed is known.
    """
    fresh = Freshness.FRESH if authenticity is not Authenticity.UNVERIFIED else None
    return TrustEvidence(
        source=config.id,
        kind=config.kind,
        state=ListState.NOT_LISTED if listed is None else ListState.LISTED,
        authenticity=authenticity,
        freshness=Freshness.STALE if stale or (source is not None and source.stale) else fresh,
        tier=config.tier,
        assurance=config.assurance,
        entity=listed or TrustEntity(),
        provenance=source,
    )


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


def no(fetched: Fetched) -> Loaded[None]:
    """Return a "no" that was said with a status, as a document that ends soon and is never served stale."""
    return Loaded(value=None, size=0, fresh_for=0.0, not_after=fetched.fetched_at + _NO_HOLDS)


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
