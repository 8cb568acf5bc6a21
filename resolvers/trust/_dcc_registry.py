"""The mechanism of `dcc_legacy`: one unsigned JSON file of issuers."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from resolvers import strict_json
from resolvers.model import Fetched, Kind, Loaded, Retrieved
from resolvers.problems import Invalid
from resolvers.trust._registries import LARGE, defective, optional_text
from resolvers.trust_model import TrustEntity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from resolvers.model import Lookup

_SIZE_FACTOR: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """A parsed registry: the entities by DID."""

    entities: Mapping[str, TrustEntity]


async def registry(url: str, lookup: Lookup) -> Retrieved[Registry]:
    """Return the registry at `url`.

    Raises:
        Unavailable: `registry-defective`, or it could not be had.
    """
    return await lookup.get(url, Kind.REGISTRY, _load, variant="dcc_legacy")


async def _load(fetched: Fetched) -> Loaded[Registry]:
    """Read a registry, a large one beside the event loop: twelve megabytes take most of a second."""
    return await asyncio.to_thread(_read, fetched) if len(fetched.body) > LARGE else _read(fetched)


def _read(fetched: Fetched) -> Loaded[Registry]:
    """Read its objects as pairs, since the same DID may be there twice."""
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
