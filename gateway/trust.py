"""Step 8: put the policy's questions to the trust sources that it names, and to no others."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from policies.model import ATTESTER, DOMAIN_LINKAGE
from resolvers.model import ListState, TrustEvidence, TrustQuestion, TrustSourceConfig
from resolvers.problems import Invalid, Unavailable

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable, Mapping
    from datetime import datetime

    from policies import TrustQuestion as PolicyQuestion
    from resolvers.model import Lookup, TrustSource

_OWN: Final = {DOMAIN_LINKAGE: TrustSourceConfig(id=DOMAIN_LINKAGE, kind="did_configuration", url="")}
"""Sources that need no configuration: the issuer's own domain says where to ask."""
_BEST_FIRST: Final = (ListState.LISTED, ListState.UNKNOWN, ListState.NOT_LISTED)
"""Of several attesters one that is listed is enough, and one that is unknown may be that one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """Whom a record's questions are about, as its verified proofs name them."""

    issuer: str
    certificates: tuple[bytes, ...] = ()
    """The issuer's X.509 chain in DER, leaf first."""
    attesters: tuple[str | None, ...] | None = None
    """Who confirmed what the record says; None among them is one who could not be made sure of."""


async def ask(
    questions: Iterable[PolicyQuestion],
    parties: Parties,
    at: datetime,
    lookup: Lookup,
    configured: Mapping[str, TrustSourceConfig],
    plugins: Mapping[str, TrustSource],
) -> tuple[TrustEvidence, ...]:
    """Put each question to its source, concurrently; one piece of evidence a question, in the order of the keys.

    A source that is not configured here has no evidence, and so stays unknown to the policy. Nor has
    a question about the attester where there is none to ask about.
    """
    sources = {**configured, **_OWN}
    return await _all(
        _answer(question, sources[question.source], parties, at, lookup, plugins)
        for question in sorted(questions, key=lambda question: question.key)
        if question.source in sources and sources[question.source].kind in plugins and _entities(question, parties)
    )


def _entities(question: PolicyQuestion, parties: Parties) -> tuple[str, ...]:
    if question.about != ATTESTER:
        return (parties.issuer,)
    return tuple(dict.fromkeys(each for each in parties.attesters or () if each is not None))


async def _answer(
    question: PolicyQuestion,
    source: TrustSourceConfig,
    parties: Parties,
    at: datetime,
    lookup: Lookup,
    plugins: Mapping[str, TrustSource],
) -> TrustEvidence:
    certificates = () if question.about == ATTESTER else parties.certificates
    terms = dict(question.terms)
    found = await _all(
        _ask(source, TrustQuestion(entity=entity, at=at, terms=terms, certificates=certificates), lookup, plugins)
        for entity in _entities(question, parties)
    )
    best = next(each for state in _BEST_FIRST for each in found if each.state is state)
    unsure = question.about == ATTESTER and parties.attesters is not None and None in parties.attesters
    if unsure and best.state is ListState.NOT_LISTED:
        best = replace(best, state=ListState.UNKNOWN)
    return replace(best, question=question.key)


async def _all(asked: Iterable[Coroutine[Any, Any, TrustEvidence]]) -> tuple[TrustEvidence, ...]:
    """Await them concurrently; a single one as it is, since a task costs 19 µs."""
    each = list(asked)
    return (await each[0],) if len(each) == 1 else tuple(await asyncio.gather(*each))


async def _ask(
    source: TrustSourceConfig, question: TrustQuestion, lookup: Lookup, plugins: Mapping[str, TrustSource]
) -> TrustEvidence:
    try:
        return await plugins[source.kind].ask(source, question, lookup)
    except (Invalid, Unavailable) as problem:
        return TrustEvidence(source=source.id, kind=source.kind, state=ListState.UNKNOWN, problem=problem.problem)
