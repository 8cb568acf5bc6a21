"""Step 8: put the policy's questions to the trust sources that it names, and to no others."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from policies.model import ATTESTER, DOMAIN_LINKAGE
from resolvers.problems import Invalid, Unavailable
from resolvers.trust_model import ListState, TrustEvidence, TrustQuestion, TrustSourceConfig

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
    from datetime import datetime

    from policies import TrustQuestion as PolicyQuestion
    from resolvers.model import Lookup
    from resolvers.resolution import Resolution
    from resolvers.trust_model import TrustSource

MAX_ATTESTERS: Final = 8
"""Parties that are asked about for one record, whose issuer chooses how many it names."""

_OWN: Final = {DOMAIN_LINKAGE: TrustSourceConfig(id=DOMAIN_LINKAGE, kind="did_configuration", url="")}
"""Sources that need no configuration: the issuer's own domain says where to ask."""
_ASKED_BY_KIND: Final = {"domain_linked": "did_configuration", "x5c_chain": "x509_anchors"}
"""Terms that say what a kind of source answers anyhow; put to any other kind they stay, and it cannot tell."""
_BEST_FIRST: Final = (ListState.LISTED, ListState.UNKNOWN, ListState.NOT_LISTED)
"""Of several attesters one that is listed is enough, and one that is unknown may be that one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """Whom a record's questions are about, as its verified proofs name them."""

    issuer: str
    certificates: tuple[bytes, ...] = ()
    """The issuer's X.509 chain in DER, leaf first."""
    attesters: tuple[str | None, ...] | None = None
    """Who confirmed what the record says (`gateway.attestation`); None among them is one who could not
    be made sure of."""


async def ask(  # noqa: PLR0913 — everything that a source may use, each by its name
    questions: Iterable[PolicyQuestion],
    parties: Parties,
    at: datetime,
    lookup: Lookup,
    configured: Mapping[str, TrustSourceConfig],
    plugins: Mapping[str, TrustSource],
    *,
    as_of: datetime | None = None,
    resolution: Resolution | None = None,
    verify: Callable[[Mapping[str, Any]], Awaitable[Mapping[str, Any]]] | None = None,
) -> tuple[TrustEvidence, ...]:
    """Put each question to its source, concurrently; one piece of evidence a question, in the order of the keys.

    A source that is not configured here has no evidence, and so stays unknown to the policy. Nor has
    a question about the attester where there is none to ask about. What is listed is asked as of `at`, and
    certificates are judged as of `as_of`, where the caller names another instant. `resolution` and `verify` are for
    the sources' own use (`resolvers.trust_model.TrustQuestion`).
    """
    sources = {**configured, **_OWN}
    put = [
        question
        for question in sorted(questions, key=lambda question: question.key)
        if question.source in sources
        and sources[question.source].kind in plugins
        and (question.about != ATTESTER or any(parties.attesters or ()))
    ]
    if not put:
        return ()
    issuer = TrustQuestion(
        entity=parties.issuer,
        at=at,
        as_of=as_of or at,
        certificates=parties.certificates,
        resolution=resolution,
        verify=verify,
    )
    return await _all(
        _answer(question, sources[question.source], _about(question, issuer, parties), lookup, plugins)
        for question in put
    )


def _about(question: PolicyQuestion, issuer: TrustQuestion, parties: Parties) -> tuple[TrustQuestion | None, ...]:
    """Return the question about each party that it is about; None stands for one who cannot be asked about."""
    if question.about != ATTESTER:
        return (issuer,)
    named = tuple(dict.fromkeys(parties.attesters or ()))
    unsure: tuple[None, ...] = (None,) if None in named or len(named) > MAX_ATTESTERS else ()
    asked = [each for each in named if each is not None][:MAX_ATTESTERS]
    return (*(replace(issuer, entity=each, certificates=()) for each in asked), *unsure)


async def _answer(
    question: PolicyQuestion,
    source: TrustSourceConfig,
    about: tuple[TrustQuestion | None, ...],
    lookup: Lookup,
    plugins: Mapping[str, TrustSource],
) -> TrustEvidence:
    terms = {name: value for name, value in question.terms if _ASKED_BY_KIND.get(name) != source.kind}
    found = await _all(_ask(source, replace(each, terms=terms), lookup, plugins) for each in about if each is not None)
    best = next(each for state in _BEST_FIRST for each in found if each.state is state)
    if None in about and best.state is ListState.NOT_LISTED:
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
