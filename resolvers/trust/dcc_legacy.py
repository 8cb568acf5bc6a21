"""`dcc_legacy`: a registry of the Digital Credentials Consortium, one unsigned JSON file.

`{"meta": {"created", "updated"}, "registry": {"<did>": {"name", "url", "location"}}}`. Nothing
protects it but TLS and its host, so its answers are never better than `unverified`.

The consortium's own registry lists one DID twice, under two names. Such a DID is listed, but by no name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from resolvers.problems import Invalid, Unavailable
from resolvers.trust import _dcc_registry
from resolvers.trust._registries import answer, not_understood, unknown
from resolvers.trust_model import TrustEvidence, TrustSource

if TYPE_CHECKING:
    from resolvers.model import Lookup
    from resolvers.trust_model import TrustQuestion, TrustSourceConfig


async def ask(config: TrustSourceConfig, question: TrustQuestion, lookup: Lookup) -> TrustEvidence:
    """Say whether the registry lists exactly the DID that is asked about; it knows only the present."""
    if question.terms:
        return unknown(config, not_understood(question))
    try:
        retrieved = await _dcc_registry.registry(config.url, lookup)
    except (Invalid, Unavailable) as missing:
        return unknown(config, missing.problem)
    return answer(config, retrieved.value.entities.get(question.entity), source=retrieved.source)


PLUGIN: Final = TrustSource(kind="dcc_legacy", ask=ask)
