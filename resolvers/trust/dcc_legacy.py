"""`dcc_legacy`: a registry of the Digital Credentials Consortium, one unsigned JSON file.

`{"meta": {"created", "updated"}, "registry": {"<did>": {"name", "url", "location"}}}`. Nothing
protects it but TLS and its host, so its answers are never better than `unverified`.

The consortium's own registry lists one DID twice, under two names. Such a DID is listed, but by no name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from resolvers import strict_json
from resolvers.model import Fetched, Freshness, Kind, ListState, Loaded, TrustEntity, TrustEvidence, TrustSource
from resolvers.problems import Invalid, Unavailable
from resolvers.trust._registries import defective, not_understood, optional_text, unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from resolvers.model import Lookup, TrustQuestion, TrustSourceConfig

_KIND: Final = "dcc_legacy"
_SIZE_FACTOR: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """A parsed registry: the entities by DID."""

    entities: Mapping[str, TrustEntity]


async def ask(config: TrustSourceConfig, question: TrustQuestion, lookup: Lookup) -> TrustEvidence:
    """Say whether the registry lists exactly the DID that is asked about; it knows only the present."""
    if question.terms:
        return unknown(config, not_understood(question))
    try:
        retrieved = await lookup.get(config.url, Kind.REGISTRY, _load, variant=_KIND)
    except (Invalid, Unavailable) as missing:
        return unknown(config, missing.problem)
    listed = retrieved.value.entities.get(question.entity)
    return TrustEvidence(
        source=config.id,
        kind=_KIND,
        state=ListState.NOT_LISTED if listed is None else ListState.LISTED,
        freshness=Freshness.STALE if retrieved.source.stale else None,
        tier=config.tier,
        assurance=config.assurance,
        entity=listed or TrustEntity(),
        provenance=retrieved.source,
    )


async def _load(fetched: Fetched) -> Loaded[Registry]:
    """Read a registry; its objects as pairs, since the same DID may be there twice."""
    try:
        content = strict_json.loads(fetched.body, pairs=True)
    except Invalid as refused:
        raise defective(f"{fetched.url} is not usable JSON: {refused.problem.code}") from None
    registries = [value for name, value in content if name == "registry"] if isinstance(content, tuple) else []
    if len(registries) != 1 or not isinstance(registries[0], tuple):
        raise defective(f"{fetched.url} holds no registry")
    entities: dict[str, TrustEntity] = {}
    for did, entry in registries[0]:
        entity = _entity(did, entry)
        entities[did] = entity if entities.get(did, entity) == entity else TrustEntity()
    return Loaded(value=Registry(entities=entities), size=_SIZE_FACTOR * len(fetched.body))


def _entity(did: str, entry: Any) -> TrustEntity:
    if not isinstance(entry, tuple):
        raise defective(f"it says nothing about {did[:200]}")
    members = dict(entry)
    return TrustEntity(name=optional_text(members, "name", did[:200]), url=optional_text(members, "url", did[:200]))


PLUGIN: Final = TrustSource(kind=_KIND, ask=ask)
