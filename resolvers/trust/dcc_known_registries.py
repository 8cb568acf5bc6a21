"""`dcc_known_registries`: the consortium's list of registries, each of which is asked.

A JSON array of `{"name", "type": "oidf" | "dcc-legacy", "governanceUrl", "trustAnchorEC" | "url"}`.
Credential Engine's Issuer Identity Registry is one of them. The list is unsigned: whoever holds its
host can add a registry, though none that counts as more than `unverified`, since the key of every
signing registry is pinned by the operator (`keys`). The tier of a registry is the operator's word
too (`tiers`, by address, since names are the list's), so that a sandbox is never taken for the
members' registry; where tiers are given, a registry without one has none, and no assurance either.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from resolvers import strict_json
from resolvers.model import Fetched, Kind, Loaded
from resolvers.problems import Invalid, Problem, Unavailable
from resolvers.trust import _dcc_registry, _oidf_did
from resolvers.trust._entity_statements import WELL_KNOWN
from resolvers.trust._jwt import Ended, Newest, pinned
from resolvers.trust._registries import answer, defective, not_understood, unknown
from resolvers.trust_model import Authenticity, Freshness, ListState, TrustEvidence, TrustSource

if TYPE_CHECKING:
    from resolvers.model import Lookup
    from resolvers.trust_model import TrustQuestion, TrustSourceConfig

_KIND: Final = "dcc_known_registries"
_MAX_REGISTRIES: Final = 16
"""Registries that are asked. The consortium's list has six."""
_SIZE_FACTOR: Final = 4
_ADDRESS: Final = {"oidf": "trustAnchorEC", "dcc-legacy": "url"}
_STRONGEST_FIRST: Final = tuple(reversed(Authenticity))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """One registry of the list."""

    name: str
    type: str
    url: str | None
    """Where it is; of one that signs its entity identifier. None for a type that is not known here."""


class KnownRegistries:
    """Asks all registries of a list, and remembers the newest statement of each signing one."""

    def __init__(self) -> None:
        """Start without having seen any statement."""
        self._newest = Newest()

    async def ask(self, config: TrustSourceConfig, question: TrustQuestion, lookup: Lookup) -> TrustEvidence:
        """Say which registry lists exactly the DID that is asked about: the best protected one, then the first.

        Where none does, but one could not be asked, it is unknown.
        """
        if question.terms:
            return unknown(config, not_understood(question))
        try:
            known = await lookup.get(config.url, Kind.REGISTRY, _load, variant=_KIND)
        except (Invalid, Unavailable) as missing:
            return unknown(config, missing.problem)
        answers = await asyncio.gather(*(self._ask(registry, config, question, lookup) for registry in known.value))
        answers = [replace(each, freshness=Freshness.STALE) if known.source.stale else each for each in answers]
        listed = [each for each in answers if each.state is ListState.LISTED]
        if listed:
            return min(listed, key=lambda each: _STRONGEST_FIRST.index(each.authenticity))
        unsure = next((each for each in answers if each.state is ListState.UNKNOWN), None)
        # That no registry lists somebody is only as well protected as the list that says which there are.
        return unsure or answer(config, None, source=known.source)

    async def _ask(
        self, registry: _Known, config: TrustSourceConfig, question: TrustQuestion, lookup: Lookup
    ) -> TrustEvidence:
        try:
            found = await self._look_up(registry, config, question, lookup)
        except Ended as ended:
            found = unknown(config, _of(registry, ended.problem), freshness=Freshness.EXPIRED)
        except (Invalid, Unavailable) as missing:
            found = unknown(config, _of(registry, missing.problem))
        if config.tiers:
            tier = config.tiers.get(registry.url or "")
            found = replace(found, tier=tier, assurance=None if tier is None else config.assurance)
        return replace(found, registry=registry.name)

    async def _look_up(
        self, registry: _Known, config: TrustSourceConfig, question: TrustQuestion, lookup: Lookup
    ) -> TrustEvidence:
        if registry.url is None:
            raise defective(f"registries of type {registry.type[:40]!r} are not known here")
        if registry.type == "dcc-legacy":
            retrieved = await _dcc_registry.registry(registry.url, lookup)
            return answer(config, retrieved.value.entities.get(question.entity), source=retrieved.source)
        key = pinned(config.keys.get(registry.url), registry.url)
        found = await _oidf_did.look_up(registry.url, key, question.entity, question.at, lookup, self._newest)
        return answer(
            config, found.entity, authenticity=Authenticity.AUTHENTICATED, source=found.source, stale=found.stale
        )


async def _load(fetched: Fetched) -> Loaded[tuple[_Known, ...]]:
    """Read the list of registries; an empty one is no list, lest everybody be known to be in none."""
    try:
        content = strict_json.loads(fetched.body)
    except Invalid as refused:
        raise defective(f"{fetched.url} is not usable JSON: {refused.problem.code}") from None
    if not isinstance(content, list) or not 0 < len(content) <= _MAX_REGISTRIES:
        raise defective(f"{fetched.url} is not a list of 1 to {_MAX_REGISTRIES} registries")
    known = tuple(_known(entry) for entry in content)
    return Loaded(value=known, size=_SIZE_FACTOR * len(fetched.body))


def _known(entry: Any) -> _Known:
    name, of_type = (entry.get("name"), entry.get("type")) if isinstance(entry, dict) else (None, None)
    if not isinstance(name, str) or not isinstance(of_type, str):
        raise defective("a registry of the list has no name or no type")
    url = entry.get(_ADDRESS[of_type]) if of_type in _ADDRESS else None
    if of_type in _ADDRESS and not isinstance(url, str):
        raise defective(f"the registry {name[:100]!r} has no {_ADDRESS[of_type]}")
    return _Known(name=name, type=of_type, url=None if url is None else url.removesuffix(WELL_KNOWN))


def _of(registry: _Known, problem: Problem) -> Problem:
    return replace(problem, detail=f"{registry.name[:100]}: {problem.detail}")


PLUGIN: Final = TrustSource(
    kind=_KIND, ask=KnownRegistries().ask, takes=frozenset({"keys", "tiers"}), ranked_by="tiers"
)
