"""`oidf_did`: a registry that lists DIDs in signed statements, as deployed in education.

It speaks a dialect of OpenID Federation 1.0 (`_oidf_did`): `/.well-known/openid-federation`, and its
fetch endpoint with `?sub=<DID>`. The registry's key is pinned by the operator, since what a registry
says about its own key proves nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from resolvers.problems import Invalid, Unavailable
from resolvers.trust import _oidf_did
from resolvers.trust._jwt import Ended, Newest, pinned
from resolvers.trust._registries import answer, not_understood, unknown
from resolvers.trust_model import Authenticity, Freshness, TrustEvidence, TrustSource

if TYPE_CHECKING:
    from resolvers.model import Lookup
    from resolvers.trust_model import TrustQuestion, TrustSourceConfig


class SignedRegistries:
    """Asks registries, and remembers the newest statement of each that it has seen."""

    def __init__(self) -> None:
        """Start without having seen any statement."""
        self._newest = Newest()

    async def ask(self, config: TrustSourceConfig, question: TrustQuestion, lookup: Lookup) -> TrustEvidence:
        """Say whether the registry lists exactly the DID that is asked about."""
        if question.terms:
            return unknown(config, not_understood(question))
        try:
            key = pinned(config.key, config.id)
            found = await _oidf_did.look_up(config.url, key, question.entity, question.at, lookup, self._newest)
        except Ended as ended:
            return unknown(config, ended.problem, freshness=Freshness.EXPIRED)
        except (Invalid, Unavailable) as missing:
            return unknown(config, missing.problem)
        return answer(
            config, found.entity, authenticity=Authenticity.AUTHENTICATED, source=found.source, stale=found.stale
        )


PLUGIN: Final = TrustSource(kind="oidf_did", ask=SignedRegistries().ask, needs=frozenset({"url", "key"}))
