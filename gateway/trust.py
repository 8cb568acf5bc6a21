"""Step 8: ask the trust sources that the policy names, and no others."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from resolvers.model import ListState, TrustEvidence, TrustQuestion, TrustSourceConfig
from resolvers.problems import Invalid, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from resolvers.model import Lookup, TrustSource


async def ask(
    names: Iterable[str],
    issuer: str,
    at: datetime,
    lookup: Lookup,
    configured: Mapping[str, TrustSourceConfig],
    plugins: Mapping[str, TrustSource],
) -> tuple[TrustEvidence, ...]:
    """Ask each configured source in `names` about `issuer`; concurrently where there are several.

    A source that is not configured here has no evidence, and so stays unknown to the policy.
    """
    sources = [configured[name] for name in sorted(names) if name in configured]
    if len(sources) > 1:
        return tuple(await asyncio.gather(*(_ask(source, issuer, at, lookup, plugins) for source in sources)))
    return tuple([await _ask(source, issuer, at, lookup, plugins) for source in sources])


async def _ask(
    source: TrustSourceConfig, issuer: str, at: datetime, lookup: Lookup, plugins: Mapping[str, TrustSource]
) -> TrustEvidence:
    try:
        return await plugins[source.kind].ask(source, TrustQuestion(entity=issuer, at=at), lookup)
    except (Invalid, Unavailable) as problem:
        return TrustEvidence(source=source.id, kind=source.kind, state=ListState.UNKNOWN, problem=problem.problem)
