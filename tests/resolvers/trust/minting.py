"""Registries of every kind, minted: a mini-federation, signing registries, a TRQP server, a Credential Registry.

Each is served by the fake internet. A test changes one thing of it at a time; nothing here is checked.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlencode

from gateway.demo.issuer import compact, jwk, new_key
from resolvers.model import Fetched
from resolvers.trust_model import TrustSourceConfig
from tests.internet import FakeInternet
from tests.resolvers.lookup import FakeLookup

if TYPE_CHECKING:
    from collections.abc import Callable

NOW: Final = datetime(2026, 7, 1, 12, tzinfo=UTC)
STATEMENT: Final = "entity-statement+jwt"
WELL_KNOWN: Final = "/.well-known/openid-federation"
ETPL: Final = "https://trust.example.gov/marks/etpl"
"""A type of trust mark: being on a state's list of eligible training providers."""


def seconds(**ahead: float) -> int:
    """Return `NOW`, or so much later, in seconds since 1970."""
    return int((NOW + timedelta(**ahead)).timestamp())


def fetch_url(endpoint: str, subject: str) -> str:
    """Return where a fetch endpoint answers for `subject`."""
    return f"{endpoint}?{urlencode({'sub': subject})}"


def lookup_at(now: datetime = NOW) -> FakeLookup:
    """Return a look-up over a fake internet of its own, at that instant."""
    return FakeLookup(internet=FakeInternet(now=lambda: now))


@dataclass(slots=True)
class Signer:
    """Whoever signs statements: an identifier and a key with a `kid`."""

    id: str
    kind: str = "P-256"
    kid: str = "key-1"
    key: Any = None

    def __post_init__(self) -> None:
        """Make the key."""
        self.key = self.key or new_key(self.kind)

    @property
    def jwks(self) -> dict[str, Any]:
        """The JWK Set that others publish of it."""
        return {"keys": [{**jwk(self.key), "kid": self.kid}]}

    @property
    def pinned(self) -> dict[str, str]:
        """The key as an operator pins it."""
        return {name: str(value) for name, value in jwk(self.key).items()}

    @property
    def endpoint(self) -> str:
        """Where it answers about its subordinates."""
        return f"{self.id}/fetch"

    def sign(self, typ: str | None, claims: dict[str, Any], **header: Any) -> str:
        """Sign `claims` as a JWT of that type."""
        return compact(self.key, {**({"typ": typ} if typ else {}), "kid": self.kid, **header}, claims)

    def configuration(self, **claims: Any) -> dict[str, Any]:
        """Return the claims of its entity configuration; one that is None is left out."""
        return _without_none(
            {
                "iss": self.id,
                "sub": self.id,
                "iat": seconds(hours=-1),
                "exp": seconds(days=1),
                "jwks": self.jwks,
                "metadata": {
                    "federation_entity": {
                        "organization_name": f"{self.id} by its own word",
                        "federation_fetch_endpoint": self.endpoint,
                    }
                },
                **claims,
            }
        )

    def statement(self, about: str, **claims: Any) -> dict[str, Any]:
        """Return the claims of its statement about a subordinate; one that is None is left out."""
        return _without_none({"iss": self.id, "sub": about, "iat": seconds(hours=-1), "exp": seconds(days=1), **claims})


def _without_none(claims: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in claims.items() if value is not None}


@dataclass(slots=True)
class DidRegistry:
    """A registry in the dialect that lists DIDs (`oidf_did`)."""

    internet: FakeInternet
    signer: Signer = field(default_factory=lambda: Signer("https://iir.example.org"))
    listed: dict[str, dict[str, Any]] = field(default_factory=dict)
    """DID → metadata."""

    @property
    def anchor_url(self) -> str:
        """Where its entity configuration is."""
        return f"{self.signer.id}{WELL_KNOWN}"

    def statement_url(self, did: str) -> str:
        """Where it answers about a DID."""
        return fetch_url(self.signer.endpoint, did)

    def publish(self, signer: Signer | None = None, header: dict[str, Any] | None = None, **claims: Any) -> None:
        """Serve its configuration, with those claims changed, and a statement about everybody it lists."""
        signed = (signer or self.signer).sign(STATEMENT, self.signer.configuration(**claims), **(header or {}))
        self.internet.serve(self.anchor_url, signed, media_type="application/entity-statement+jwt")
        for did in self.listed:
            self.state(did)

    def state(
        self, did: str, signer: Signer | None = None, header: dict[str, Any] | None = None, **claims: Any
    ) -> None:
        """Serve its statement about one DID, with those claims changed."""
        said = self.signer.statement(did, metadata=self.listed.get(did), **claims)
        self.internet.serve(self.statement_url(did), (signer or self.signer).sign(STATEMENT, said, **(header or {})))

    def deny(self, did: str) -> None:
        """Answer about a DID that it is not listed."""
        error = {"error": "not_found", "error_description": "no such subordinate"}
        self.internet.serve(self.statement_url(did), error, status=404)

    def config(self, **members: Any) -> TrustSourceConfig:
        """Return how an operator configures it."""
        given = {"id": "ce-iir", "kind": "oidf_did", "url": self.signer.id, "key": self.signer.pinned}
        return TrustSourceConfig(**{**given, **members})


@dataclass(slots=True)
class Federation:
    """An anchor, a board below it, and a university below that; the board issues trust marks."""

    internet: FakeInternet
    anchor: Signer = field(default_factory=lambda: Signer("https://federation.example.gov", "P-384"))
    board: Signer = field(default_factory=lambda: Signer("https://board.example.gov"))
    university: Signer = field(default_factory=lambda: Signer("https://university.example", "Ed25519"))
    configurations: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Entity identifier → claims that are changed in its configuration."""
    statements: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    """(superior, subordinate) → claims that are changed in the statement."""
    marks: list[str] = field(default_factory=list)
    """The trust marks that the university shows."""

    def __post_init__(self) -> None:
        """Put the university below the board, and the board below the anchor."""
        self.configurations = {
            self.anchor.id: {"trust_mark_issuers": {ETPL: [self.board.id]}},
            self.board.id: {"authority_hints": [self.anchor.id]},
            self.university.id: {"authority_hints": [self.board.id]},
        }
        name = {
            "federation_entity": {
                "organization_name": "University of Example",
                "organization_uri": "https://u.example/",
            }
        }
        self.statements = {
            (self.anchor.id, self.board.id): {"jwks": self.board.jwks},
            (self.board.id, self.university.id): {"jwks": self.university.jwks, "metadata": name},
        }

    @property
    def entities(self) -> tuple[Signer, ...]:
        """All of them, the anchor first."""
        return self.anchor, self.board, self.university

    def configuration_url(self, entity: Signer) -> str:
        """Where an entity's configuration is."""
        return f"{entity.id}{WELL_KNOWN}"

    def publish(self) -> None:
        """Serve every configuration and every statement."""
        for entity in self.entities:
            shown = {"trust_marks": self.shown()} if entity is self.university and self.marks else {}
            claims = entity.configuration(**{**shown, **self.configurations.get(entity.id, {})})
            self.internet.serve(self.configuration_url(entity), entity.sign(STATEMENT, claims))
        for superior, subordinate in self.statements:
            self.state(superior, subordinate)

    def state(
        self,
        superior: str,
        subordinate: str,
        signer: Signer | None = None,
        typ: str = STATEMENT,
        header: dict[str, Any] | None = None,
        **claims: Any,
    ) -> None:
        """Serve one statement, with those claims changed."""
        by = next(entity for entity in self.entities if entity.id == superior)
        said = by.statement(subordinate, **{**self.statements.get((superior, subordinate), {}), **claims})
        self.internet.serve(fetch_url(by.endpoint, subordinate), (signer or by).sign(typ, said, **(header or {})))

    def deny(self, superior: Signer, subordinate: Signer) -> None:
        """Let a superior answer that it knows no such subordinate."""
        self.internet.serve(fetch_url(superior.endpoint, subordinate.id), {"error": "not_found"}, status=404)

    def shown(self, mark_type: str = ETPL) -> list[dict[str, Any]]:
        """Return the `trust_marks` claim of the university."""
        return [{"trust_mark_type": mark_type, "trust_mark": mark} for mark in self.marks]

    def mark(self, signer: Signer | None = None, typ: str = "trust-mark+jwt", **claims: Any) -> str:
        """Return a trust mark of the board for the university, with those claims changed."""
        given = {
            "iss": self.board.id,
            "sub": self.university.id,
            "trust_mark_type": ETPL,
            "iat": seconds(hours=-1),
            "exp": seconds(days=30),
            **claims,
        }
        return (signer or self.board).sign(typ, _without_none(given))

    def delegation(self, owner: Signer, typ: str = "trust-mark-delegation+jwt", **claims: Any) -> str:
        """Return an owner's leave for the board to issue its marks, with those claims changed."""
        given = {
            "iss": owner.id,
            "sub": self.board.id,
            "trust_mark_type": ETPL,
            "iat": seconds(hours=-1),
            "exp": seconds(days=30),
            **claims,
        }
        return owner.sign(typ, _without_none(given))

    def answer_status(
        self,
        status: str = "active",
        *,
        signer: Signer | None = None,
        typ: str = "trust-mark-status-response+jwt",
        **claims: Any,
    ) -> str:
        """Let the board say at an endpoint how each of its marks stands, and return that endpoint."""
        url = f"{self.board.id}/status"

        def respond(body: bytes) -> str:
            (mark,) = parse_qs(body.decode())["trust_mark"]
            given = {"iss": self.board.id, "iat": seconds(), "trust_mark": mark, "status": status, **claims}
            return (signer or self.board).sign(typ, _without_none(given))

        self.internet.receive(url, respond)
        metadata = self.board.configuration()["metadata"]
        metadata["federation_entity"]["federation_trust_mark_status_endpoint"] = url
        self.configurations[self.board.id]["metadata"] = metadata
        return url

    def config(self, **members: Any) -> TrustSourceConfig:
        """Return how an operator configures it."""
        given = {"id": "al-federation", "kind": "oidf", "url": self.anchor.id, "key": self.anchor.pinned}
        return TrustSourceConfig(**{**given, **members})


@dataclass(slots=True)
class TrqpServer:
    """A registry that answers the Trust Registry Query Protocol for one authority."""

    internet: FakeInternet
    url: str = "https://trqp.example.gov"
    authority: str = "did:web:board.example.gov"
    granted: set[tuple[str, str, str]] = field(default_factory=set)
    """(entity, action, resource)."""
    changed: dict[str, Any] = field(default_factory=dict)
    """What is changed in each answer; None takes a member away."""

    def publish(self) -> None:
        """Answer both queries."""
        self.internet.receive(f"{self.url}/authorization", self._respond("authorized"))
        self.internet.receive(f"{self.url}/recognition", self._respond("recognized"))

    def _respond(self, member: str) -> Callable[[bytes], object]:
        def respond(body: bytes) -> object:
            query = json.loads(body)
            asked = query["entity_id"], query["action"], query["resource"]
            if query["authority_id"] != self.authority:
                return self.refusal(404, "authority not found")
            echoed = {name: query[name] for name in ("entity_id", "authority_id", "action", "resource")}
            evaluated = {"time_evaluated": query["context"]["time"], "message": "as of the board's own records"}
            return _without_none({**echoed, member: asked in self.granted, **evaluated, **self.changed})

        return respond

    def refusal(self, status: int, title: str, media_type: str = "application/problem+json") -> Fetched:
        """Return an answer with a problem document."""
        body = json.dumps({"type": "about:blank", "title": title, "status": status}).encode()
        return Fetched(
            url=self.url, body=body, media_type=media_type, fetched_at=self.internet.now(), fresh_for=0.0, status=status
        )

    def config(self, **members: Any) -> TrustSourceConfig:
        """Return how an operator configures it."""
        given = {"id": "state-board", "kind": "trqp", "url": self.url, "authority": self.authority}
        return TrustSourceConfig(**{**given, "action": "issue", "resource": "nursing-licence", **members})


@dataclass(slots=True)
class CredentialRegistry:
    """A Credential Registry: organizations by CTID, in graphs."""

    internet: FakeInternet
    url: str = "https://credentialengineregistry.org"

    def resource(self, ctid: str) -> str:
        """Return the identifier of an organization."""
        return f"{self.url}/resources/{ctid}"

    def graph_url(self, ctid: str) -> str:
        """Return where its graph is."""
        return f"{self.url}/graph/{ctid}"

    def publish(self, ctid: str, name: str = "An organization", **properties: Any) -> None:
        """Serve the graph of an organization; `accreditedBy=[ctid]` and the like are its properties."""
        node = {
            "@id": self.resource(ctid),
            "@type": "ceterms:CredentialOrganization",
            "ceterms:ctid": ctid,
            "ceterms:name": {"en-US": name},
            "ceterms:subjectWebpage": f"https://{ctid}.example",
            **{f"ceterms:{key}": [self.resource(each) for each in value] for key, value in properties.items()},
        }
        self.serve(ctid, [node, {"@id": "_:1", "@type": "ceterms:QACredentialOrganization"}])

    def serve(self, ctid: str, graph: Any) -> None:
        """Serve a graph as it is."""
        context = "https://credreg.net/ctdl/schema/context/json"
        self.internet.serve(self.graph_url(ctid), {"@context": context, "@id": self.graph_url(ctid), "@graph": graph})

    def deny(self, ctid: str) -> None:
        """Answer that there is no such record."""
        self.internet.serve(self.graph_url(ctid), {"errors": ["Couldn't find Envelope"]}, status=404)
