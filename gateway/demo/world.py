"""A small issuer world on loopback: universities, their status lists, and the registries that list them.

Everything is made anew at each start: keys, documents, credentials. The one server answers for all
hosts; the gateway reaches it as `[development] hosts` says, and through its guarded fetcher as always.
"""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from gateway.demo.issuer import Issuer, badge, compact, jwk, new_key

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from gateway.plugins import Canonicalizer

UNIVERSITY: Final = "university.example"
ACADEMY: Final = "academy.example"
REGISTRY: Final = "registry.example"
HOSTS: Final = (UNIVERSITY, ACADEMY, REGISTRY)
SILENT: Final = "silent.example"
"""The host of the registry that does not answer."""

ALABAMA: Final = ("us-al/talent-triad", "employer/acme-shipyard-welder")
NORTH_DAKOTA: Final = ("us-nd/digital-credentials", "employer/prairie-cranes")
"""A state's policy, and an employer's that builds on it."""

STATUS_LIST: Final = f"https://{UNIVERSITY}/status/1"
REVOKED: Final = 4711
ACTIVE: Final = 94567


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One applicant's record, and what is true of it."""

    title: str
    credential: Mapping[str, Any]
    truth: str
    """What happened to it, in a few words."""
    expected: str
    """What both policies decide."""
    policies: tuple[str, str] = ALABAMA


@dataclass(slots=True)
class World:
    """What the hosts serve, by (host, path): (media type, body); and who signs the registries."""

    pages: dict[tuple[str, str], tuple[str, bytes]] = field(default_factory=dict)
    registry_key: Any = field(default_factory=new_key)
    cases: list[Case] = field(default_factory=list)

    def serve(self, url: str, body: Any, media_type: str = "application/json") -> None:
        """Serve `body` (text, or an object as JSON) at an https URL."""
        host, _, path = url.removeprefix("https://").partition("/")
        raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.pages[host, f"/{path}"] = (media_type, raw)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        """Answer on loopback; yields the origin, such as `http://127.0.0.1:9900`."""

        async def answer(request: web.Request) -> web.Response:
            page = self.pages.get((request.host.partition(":")[0], request.path))
            if page is None:
                raise web.HTTPNotFound
            return web.Response(body=page[1], content_type=page[0])

        app = web.Application()
        app.router.add_get("/{path:.*}", answer)
        runner = web.AppRunner(app, access_log=None, handle_signals=False)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            port = runner.addresses[0][1]
            yield f"http://127.0.0.1:{port}"
        finally:
            await runner.cleanup()

    @property
    def registry_jwk(self) -> dict[str, str]:
        """The public key under which the signed registries verify, as an operator pins it."""
        return jwk(self.registry_key)

    def trust(self) -> dict[str, dict[str, Any]]:
        """Return the `[trust.…]` tables of an operator in this world."""
        signed = {"kind": "signed_list", "key": self.registry_jwk}
        return {
            "al-providers": {**signed, "url": f"https://{REGISTRY}/alabama/providers", "assurance": "AL2"},
            "ce-iir": {**signed, "url": f"https://{REGISTRY}/credential-engine", "assurance": "AL2"},
            "nd-publishers": {**signed, "url": f"https://{SILENT}/north-dakota/publishers"},
            "dcc-members": {"kind": "dcc_legacy", "url": f"https://{REGISTRY}/dcc", "tier": "member"},
        }

    def list_in(self, url: str, issuers: Mapping[str, str], now: datetime) -> None:
        """Serve a signed trust list of those issuers (DID → name) at `url`."""
        payload = {
            "version": 1,
            "id": url,
            "revision": 1,
            "issued": _rfc3339(now),
            "nextUpdate": _rfc3339(now + timedelta(days=30)),
            "entities": [{"id": did, "name": name} for did, name in issuers.items()],
        }
        token = compact(self.registry_key, {"typ": "ler-trust-list+jwt"}, payload)
        self.serve(url, token, "application/jwt")


def _rfc3339(instant: datetime) -> str:
    return instant.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def _entry(index: int) -> dict[str, str]:
    return {
        "id": f"{STATUS_LIST}#{index}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": str(index),
        "statusListCredential": STATUS_LIST,
    }


async def build(canonicalizer: Canonicalizer, now: datetime) -> World:
    """Return a world with one record of each fate, issued around `now`."""
    world = World()
    university = Issuer.did_web(UNIVERSITY)
    academy = Issuer.did_web(ACADEMY)
    for issuer in (university, academy):
        world.serve(issuer.document_url, issuer.document, "application/did+json")
    world.serve(
        STATUS_LIST,
        await university.secure(university.status_list(STATUS_LIST, [REVOKED]), canonicalizer),
        "application/vc",
    )

    async def issue(issuer: Issuer, name: str, **members: Any) -> dict[str, Any]:
        members = {"validFrom": _rfc3339(now - timedelta(days=200)), **members}
        credential = badge(issuer.did, name, **members)
        # Who has assessed the learner: Alabama asks whether that is a provider on its list.
        credential["credentialSubject"]["source"] = {"id": issuer.did, "type": ["Profile"]}
        return await issuer.secure(credential, canonicalizer)

    good = await issue(university, "Structural Welding", status=_entry(ACTIVE))
    tampered = await issue(university, "Pipe Welding", status=_entry(ACTIVE))
    tampered["credentialSubject"]["achievement"]["name"] = "Underwater Welding"
    unlisted = Issuer.did_key()
    name = "Mobile Bay Technical University"
    world.list_in(f"https://{REGISTRY}/alabama/providers", {university.did: name}, now)
    world.list_in(f"https://{REGISTRY}/credential-engine", {}, now)
    world.serve(
        f"https://{REGISTRY}/dcc", {"meta": {"created": _rfc3339(now), "updated": _rfc3339(now)}, "registry": {}}
    )
    expired = _rfc3339(now - timedelta(days=30))
    world.cases = [
        Case(title="Structural Welding", credential=good, truth="authentic, listed, current", expected="accept"),
        Case(
            title="Blueprint Reading",
            credential=await issue(university, "Blueprint Reading", status=_entry(REVOKED)),
            truth="revoked by the university",
            expected="reject",
        ),
        Case(
            title="First Aid",
            credential=await issue(university, "First Aid", status=_entry(ACTIVE), validUntil=expired),
            truth="expired a month ago",
            expected="reject",
        ),
        Case(title="Underwater Welding", credential=tampered, truth="edited after it was signed", expected="reject"),
        Case(
            title="Rocket Surgery",
            credential=await issue(unlisted, "Rocket Surgery"),
            truth="authentic, by an issuer that nobody lists",
            expected="reject",
        ),
        Case(
            title="Crane Operation",
            credential=await issue(academy, "Crane Operation"),
            truth="its registry does not answer",
            expected="review",
            policies=NORTH_DAKOTA,
        ),
    ]
    return world
