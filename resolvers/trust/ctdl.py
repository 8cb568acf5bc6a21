"""`ctdl`: who accredits, recognizes, approves or regulates an organization, by the Credential Registry.

`<registry>/graph/<CTID>` is a JSON-LD graph in the Credential Transparency Description Language. What an
organization says there of its own accreditation (`ceterms:accreditedBy`) is its own word; it counts only
where the accreditor says the same in a record of its own (`ceterms:accredits`). Graphs are unsigned.

A CTID is the issuer's where the operator says so (`entities`), where a registry that signs says so
(`anchor` and `key`, asked as `oidf_did`), or where the issuer's identifier is the CTID itself. What a
credential says about its issuer's CTID is not asked.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from resolvers import strict_json
from resolvers.model import Fetched, Kind, Loaded, Retrieved
from resolvers.problems import Invalid, Problem, Unavailable
from resolvers.trust import _oidf_did
from resolvers.trust._jwt import Newest, pinned
from resolvers.trust._registries import answer, defective, no, not_understood, unknown
from resolvers.trust_model import TrustEntity, TrustEvidence, TrustSource

if TYPE_CHECKING:
    from collections.abc import Mapping

    from resolvers.model import Lookup
    from resolvers.trust_model import TrustQuestion, TrustSourceConfig

_KIND: Final = "ctdl"
_REGISTRY: Final = "https://credentialengineregistry.org"
_CTID: Final = re.compile(r"ce-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII)
_NOT_FOUND: Final = 404
_OVERHEAD_BYTES: Final = 4096

_RELATIONS: Final = {
    "accredited_by": ("ceterms:accreditedBy", "ceterms:accredits"),
    "approved_by": ("ceterms:approvedBy", "ceterms:approves"),
    "recognized_by": ("ceterms:recognizedBy", "ceterms:recognizes"),
    "regulated_by": ("ceterms:regulatedBy", "ceterms:regulates"),
}
"""Term → the property of whoever is accredited, and that of whoever accredits (CTDL, "Quality Assurance")."""
_REVOKES: Final = "ceterms:revokes"
_PROPERTIES: Final = frozenset({_REVOKES}.union(*_RELATIONS.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """What an organization's own record says of it, and of others."""

    url: str
    """Its identifier in the registry."""
    entity: TrustEntity
    related: Mapping[str, frozenset[str]]
    """Property → identifiers."""


class CredentialRegistries:
    """Asks Credential Registries, and remembers the newest statement of each registry that says who is who."""

    def __init__(self) -> None:
        """Start without having seen any statement."""
        self._newest = Newest()

    async def ask(self, config: TrustSourceConfig, question: TrustQuestion, lookup: Lookup) -> TrustEvidence:
        """Say whether the organization is in the registry, and accredited (…) by whom it is asked about."""
        if len(question.terms) > 1 or question.terms.keys() - _RELATIONS.keys():
            return unknown(config, not_understood(question))
        base = (config.url or _REGISTRY).rstrip("/")
        try:
            ctid = await self._ctid(base, config, question, lookup)
            if not question.terms:
                found = await _organization(base, ctid, lookup)
                return answer(config, None if found.value is None else found.value.entity, source=found.source)
            ((term, by),) = question.terms.items()
            return await _related(config, base, ctid, by, _RELATIONS[term], lookup)
        except (Invalid, Unavailable) as missing:
            return unknown(config, missing.problem)

    async def _ctid(self, base: str, config: TrustSourceConfig, question: TrustQuestion, lookup: Lookup) -> str:
        """Return the CTID of the entity.

        Raises:
            Unavailable: `question-not-supported`: nobody says which it is; or whoever does could not be asked.
        """
        found: str | None = config.entities.get(question.entity)
        if found is None:
            found = question.entity.removeprefix(f"{base}/resources/").removeprefix(f"{base}/graph/")
        if _CTID.fullmatch(found) is None and config.anchor is not None:
            key = pinned(config.key, config.anchor)
            listing = await _oidf_did.look_up(config.anchor, key, question.entity, question.at, lookup, self._newest)
            found = dict(listing.entity.identifiers).get("ctid", "") if listing.entity is not None else ""
        if _CTID.fullmatch(found) is None:
            raise Unavailable("question-not-supported", f"nobody says which CTID {question.entity[:200]} has")
        return found


async def _related(
    config: TrustSourceConfig, base: str, ctid: str, by: str, properties: tuple[str, str], lookup: Lookup
) -> TrustEvidence:
    """Say whether the organization `by` itself says that it accredits (…) the one with that CTID."""
    if _CTID.fullmatch(by) is None:
        raise Unavailable("question-not-supported", f"{by[:100]!r} is no CTID")
    passive, active = properties
    accreditor, organization = await asyncio.gather(_organization(base, by, lookup), _organization(base, ctid, lookup))
    if accreditor.value is None:
        raise defective(f"{base} knows no {by}")
    if organization.value is None:
        return answer(config, None, source=organization.source)
    said, claimed = accreditor.value.related, organization.value.related
    stale = accreditor.source.stale or organization.source.stale
    if organization.value.url in said[_REVOKES]:
        return answer(config, None, source=accreditor.source, stale=stale)
    if organization.value.url in said[active]:
        return answer(config, organization.value.entity, source=accreditor.source, stale=stale)
    if accreditor.value.url in claimed[passive]:
        detail = f"{ctid} names {by} in {passive}, which does not name it in {active}"
        return unknown(
            config, Problem(code="accreditation-self-asserted", detail=detail), provenance=organization.source
        )
    return answer(config, None, source=accreditor.source, stale=stale)


async def _organization(base: str, ctid: str, lookup: Lookup) -> Retrieved[Organization | None]:
    """Return the record of a CTID, None where the registry says that it has none."""
    load = partial(_load, f"{base}/resources/{ctid}", ctid)
    return await lookup.get(f"{base}/graph/{ctid}", Kind.REGISTRY, load, variant=_KIND, also=frozenset({_NOT_FOUND}))


async def _load(url: str, ctid: str, fetched: Fetched) -> Loaded[Organization | None]:
    """Read the graph of one organization.

    Raises:
        Unavailable: `registry-defective`: malformed, or the record of another; `unreachable`.
    """
    try:
        content = strict_json.loads(fetched.body)
    except Invalid as refused:
        content = refused.problem.code
    if fetched.status == _NOT_FOUND:
        if isinstance(content, dict) and content.get("errors"):
            return no(fetched)
        raise Unavailable("unreachable", f"HTTP status {fetched.status}")
    graph = content.get("@graph") if isinstance(content, dict) else None
    if not isinstance(graph, list):
        raise defective(f"{fetched.url} is not a graph")
    nodes = [node for node in graph if isinstance(node, dict) and node.get("@id") == url]
    if len(nodes) != 1 or nodes[0].get("ceterms:ctid") != ctid:
        raise defective(f"{fetched.url} is not the record of {ctid}")
    related = {name: frozenset(_identifiers(nodes[0].get(name, []))) for name in _PROPERTIES}
    webpage = nodes[0].get("ceterms:subjectWebpage")
    entity = TrustEntity(
        name=_text(nodes[0].get("ceterms:name")),
        url=webpage if isinstance(webpage, str) else None,
        identifiers=(("ctid", ctid),),
    )
    size = _OVERHEAD_BYTES + sum(2 * len(each) for of_one in related.values() for each in of_one)
    return Loaded(value=Organization(url=url, entity=entity, related=related), size=size)


def _identifiers(value: Any) -> list[str]:
    """Return what a property points at, be it by identifier or by an object that has one."""
    entries = value if isinstance(value, list) else [value]
    found = (entry.get("@id") if isinstance(entry, dict) else entry for entry in entries)
    return [each for each in found if isinstance(each, str)]


def _text(value: Any) -> str | None:
    """Return a language map's English text, else any; a plain string as it is."""
    if isinstance(value, dict):
        value = next((value[tag] for tag in ("en-US", "en") if tag in value), next(iter(value.values()), None))
    return value if isinstance(value, str) else None


PLUGIN: Final = TrustSource(
    kind=_KIND,
    ask=CredentialRegistries().ask,
    needs=frozenset(),
    takes=frozenset({"url", "anchor", "key", "entities"}),
)
