"""`resolvers.trust.did_configuration`: domain linkage, in both forms."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from gateway.demo.issuer import Issuer, compact, jwk, new_key
from resolvers.cache import DocumentCache
from resolvers.model import Budget
from resolvers.problems import Invalid, Unavailable
from resolvers.request_lookup import RequestLookup
from resolvers.resolution import Resolution
from resolvers.trust.did_configuration import PLUGIN
from resolvers.trust_model import Authenticity, ListState, TrustQuestion, TrustSourceConfig
from tests.resolvers.trust.minting import NOW, lookup_at, seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from resolvers.trust_model import TrustEvidence
    from tests.resolvers.lookup import FakeLookup

CONFIG = TrustSourceConfig(id="domain-linkage", kind="did_configuration")
HOST = "https://university.example"
WHERE = f"{HOST}/.well-known/did-configuration.json"
CONTEXT = "https://identity.foundation/.well-known/did-configuration/v1"


class Linked:
    """An issuer with a did:web, and the resource of its origin."""

    def __init__(self, issuer: Issuer | None = None) -> None:
        """Serve the DID document."""
        self.lookup: FakeLookup = lookup_at()
        self.internet = self.lookup.internet
        self.issuer = issuer or Issuer.did_web("university.example")
        self.services: list[Any] = []
        self.publish()

    def publish(self) -> None:
        """Serve the DID document, with its services, where it is on the web."""
        if self.issuer.did.startswith("did:web:"):
            self.internet.serve(self.issuer.document_url, {**self.issuer.document, "service": self.services})

    def credential(self, **members: Any) -> dict[str, Any]:
        """Return a domain linkage credential without proof; a member that is None is left out."""
        given = {
            "@context": ["https://www.w3.org/2018/credentials/v1", CONTEXT],
            "issuer": self.issuer.did,
            "issuanceDate": "2026-06-01T00:00:00Z",
            "expirationDate": "2027-06-01T00:00:00Z",
            "type": ["VerifiableCredential", "DomainLinkageCredential"],
            "credentialSubject": {"id": self.issuer.did, "origin": HOST},
            **members,
        }
        return {name: value for name, value in given.items() if value is not None}

    def token(
        self,
        key: Any = None,
        header: dict[str, Any] | None = None,
        claims: dict[str, Any] | None = None,
        **members: Any,
    ) -> str:
        """Return the credential as a JWT, with what is given changed."""
        given = {
            "sub": self.issuer.did,
            "iss": self.issuer.did,
            "nbf": seconds(days=-30),
            "exp": seconds(days=300),
            "vc": self.credential(**members),
            **(claims or {}),
        }
        payload = {name: value for name, value in given.items() if value is not None}
        return compact(key or self.issuer.key, {"kid": self.issuer.jose_method, **(header or {})}, payload)

    def serve(self, *entries: Any, where: str = WHERE) -> None:
        """Serve a resource of those credentials."""
        self.internet.serve(where, {"@context": CONTEXT, "linked_dids": list(entries)})

    async def ask(self, entity: str | None = None, **question: Any) -> TrustEvidence:
        """Ask whether the issuer is linked to its domain."""
        asked = TrustQuestion(**{"entity": entity or self.issuer.did, "at": NOW, **question})
        return await PLUGIN.ask(CONFIG, asked, self.lookup)


async def test_origin_and_did_say_so_of_each_other() -> None:
    """The host of a did:web is its origin, and is told; no name is, since none was checked."""
    linked = Linked()
    linked.serve(linked.token())

    evidence = await linked.ask()

    assert (evidence.state, evidence.authenticity) == (ListState.LISTED, Authenticity.AUTHENTICATED)
    assert (evidence.entity.name, evidence.entity.url) == (None, HOST)
    assert evidence.entity.identifiers == (("origin", HOST),)
    assert evidence.provenance is not None
    assert evidence.provenance.url == WHERE


@pytest.mark.parametrize("kind", ["Ed25519", "P-256", "P-384", "RSA"])
async def test_every_key_that_may_sign_verifies(kind: str) -> None:
    """The token's algorithm is that of the key."""
    linked = Linked(Issuer.did_web("university.example", kind=kind))
    linked.serve(linked.token())

    assert (await linked.ask()).state is ListState.LISTED


@pytest.mark.parametrize(
    "service",
    [
        {"type": "LinkedDomains", "serviceEndpoint": "https://other.example"},
        {"type": "LinkedDomains", "serviceEndpoint": "https://OTHER.example/"},
        {"type": "LinkedDomains", "serviceEndpoint": ["https://other.example:443"]},
        {"type": ["LinkedDomains"], "serviceEndpoint": {"origins": ["https://down.example", "https://other.example"]}},
    ],
)
async def test_did_may_claim_other_origins(service: dict[str, Any]) -> None:
    """In each way in which the specification, and its users, write them."""
    linked = Linked()
    linked.services = [{"id": "#domains", **service}]
    linked.publish()
    linked.serve()
    linked.serve(
        linked.token(credentialSubject={"id": linked.issuer.did, "origin": "https://other.example"}),
        where="https://other.example/.well-known/did-configuration.json",
    )

    evidence = await linked.ask()

    assert (evidence.state, evidence.entity.url) == (ListState.LISTED, "https://other.example")


async def test_did_that_claims_no_origin_is_not_linked() -> None:
    """A did:key has no service and no host; an https address is no DID."""
    linked = Linked(Issuer.did_key())

    assert (await linked.ask()).state is ListState.NOT_LISTED
    assert (await linked.ask("https://university.example/issuer")).state is ListState.NOT_LISTED
    assert linked.internet.requests == []


@pytest.mark.parametrize(
    "services",
    [
        "https://other.example",
        ["https://other.example"],
        [{"type": "LinkedDomains"}],
        [{"type": "Other", "serviceEndpoint": "https://other.example"}],
        [{"type": "LinkedDomains", "serviceEndpoint": "http://other.example"}],
        [{"type": "LinkedDomains", "serviceEndpoint": "https://other.example/path"}],
        [{"type": "LinkedDomains", "serviceEndpoint": "https://a@other.example"}],
        [{"type": "LinkedDomains", "serviceEndpoint": "https://other.example?x"}],
        [{"type": "LinkedDomains", "serviceEndpoint": {"origins": [7, {}]}}],
        [{"type": "LinkedDomains", "serviceEndpoint": ["https://[", "https://other.example:99999"]}],
    ],
)
async def test_T1_what_is_no_origin_is_not_asked(services: Any) -> None:
    """Only https origins are: no path, no query, no user, no other scheme."""
    linked = Linked()
    linked.services = services
    linked.publish()
    linked.serve(linked.token())

    assert (await linked.ask()).state is ListState.LISTED
    assert linked.internet.requests == [linked.issuer.document_url, WHERE]


async def test_T25_few_origins_are_asked() -> None:
    """A stranger's document may claim a thousand."""
    linked = Linked()
    linked.services = [
        {"type": "LinkedDomains", "serviceEndpoint": {"origins": [f"https://o{n}.example" for n in range(1000)]}}
    ]
    linked.publish()

    await linked.ask()

    assert len(linked.internet.requests) == 5


async def test_origin_that_names_other_dids_is_not_linked() -> None:
    """Nor one that names none, or that has taken its resource away for good."""
    linked = Linked()
    other = Linked(Issuer.did_web("other.example"))
    linked.serve(other.token(), {"credentialSubject": {"id": other.issuer.did}}, 7, "no token")
    assert (await linked.ask()).state is ListState.NOT_LISTED

    again = Linked()
    again.internet.serve(WHERE, b"", status=410)
    assert (await again.ask()).state is ListState.NOT_LISTED


async def test_one_good_credential_is_enough() -> None:
    """Credentials are independent from one another: a bad one spoils nothing."""
    linked = Linked()
    linked.serve(linked.token(key=new_key()), linked.token(claims={"exp": None}), linked.token())

    assert (await linked.ask()).state is ListState.LISTED


WRONG: dict[str, Callable[[Linked], Any]] = {
    "another's key": lambda w: w.token(key=new_key()),
    "another's kid": lambda w: w.token(header={"kid": "did:web:other.example#key-1"}),
    "a kid that is no URL": lambda w: w.token(header={"kid": "key-1"}),
    "a kid that the document lacks": lambda w: w.token(header={"kid": f"{w.issuer.did}#key-9"}),
    "a type in its header": lambda w: w.token(header={"typ": "JWT"}),
    "a key in its header": lambda w: w.token(header={"jwk": jwk(w.issuer.key)}),
    "no signature": lambda w: w.token(header={"alg": "none"}),
    "another member": lambda w: w.token(claims={"aud": "x"}),
    "another iss": lambda w: w.token(claims={"iss": "did:web:other.example"}),
    "no vc": lambda w: w.token(claims={"vc": None}),
    "a vc of no object": lambda w: w.token(claims={"vc": "x"}),
    "no nbf": lambda w: w.token(claims={"nbf": None}),
    "no exp": lambda w: w.token(claims={"exp": None}),
    "an exp in words": lambda w: w.token(claims={"exp": "2030"}),
    "a past exp": lambda w: w.token(claims={"exp": seconds(days=-1)}),
    "a future nbf": lambda w: w.token(claims={"nbf": seconds(days=1)}),
    "another origin": lambda w: w.token(credentialSubject={"id": w.issuer.did, "origin": "https://other.example"}),
    "a part of the origin": lambda w: w.token(credentialSubject={"id": w.issuer.did, "origin": "university.example"}),
    "another subject": lambda w: w.token(credentialSubject={"id": "did:web:other.example", "origin": HOST}),
    "no subject": lambda w: w.token(credentialSubject=None),
    "another issuer": lambda w: w.token(issuer="did:web:other.example"),
    "another type": lambda w: w.token(type=["VerifiableCredential"]),
    "an id": lambda w: w.token(id="urn:uuid:1"),
    "no issuanceDate": lambda w: w.token(issuanceDate=None),
    "no expirationDate": lambda w: w.token(expirationDate=None),
    "a past expirationDate": lambda w: w.token(expirationDate="2026-06-30T00:00:00Z"),
    "a future issuanceDate": lambda w: w.token(issuanceDate="2026-07-02T00:00:00Z"),
}


@pytest.mark.parametrize("how", WRONG)
async def test_T61_credential_with_one_thing_wrong_links_nothing(how: str) -> None:
    """Whoever signs, for whomever, for wherever, whenever, and in whatever other shape."""
    linked = Linked()
    linked.serve(WRONG[how](linked))

    assert (await linked.ask()).state is ListState.NOT_LISTED


async def test_T35_key_for_another_purpose_links_nothing() -> None:
    """Only keys of assertionMethod make claims."""
    linked = Linked()
    document = {**linked.issuer.document, "assertionMethod": [], "authentication": [linked.issuer.jose_method]}
    linked.internet.serve(linked.issuer.document_url, document)
    linked.serve(linked.token())

    assert (await linked.ask()).state is ListState.NOT_LISTED


async def test_T52_key_that_has_been_revoked_links_nothing() -> None:
    """Nor one that has expired."""
    linked = Linked()
    document = linked.issuer.document
    for method in document["verificationMethod"]:
        method["revoked"] = "2026-06-30T00:00:00Z"
    linked.internet.serve(linked.issuer.document_url, document)
    linked.serve(linked.token())

    assert (await linked.ask()).state is ListState.NOT_LISTED


@pytest.mark.parametrize("at", [NOW + timedelta(days=299), NOW + timedelta(days=334), NOW + timedelta(days=400)])
async def test_T14_linkage_that_has_ended_by_then_is_none(at: datetime) -> None:
    """At the instant that is asked about, by the token's end and by the credential's."""
    linked = Linked()
    linked.serve(linked.token())

    assert (await linked.ask(at=at)).state is (
        ListState.LISTED if at < NOW + timedelta(days=300) else ListState.NOT_LISTED
    )


@pytest.mark.parametrize("which", ["document", "resource"])
@pytest.mark.parametrize("code", ["unreachable", "response-too-large", "egress-refused"])
async def test_T13_what_is_out_of_reach_is_unknown(which: str, code: str) -> None:
    """An outage of either, and a 404 that may be a server that is not set up."""
    linked = Linked()
    linked.serve(linked.token())
    linked.internet.fail(WHERE if which == "resource" else linked.issuer.document_url, code)

    evidence = await linked.ask()

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, code)


@pytest.mark.parametrize(
    "served",
    [
        b"<html>",
        b"[]",
        b"{}",
        {"@context": CONTEXT},
        {"@context": CONTEXT, "linked_dids": {}},
        {"@context": CONTEXT, "linked_dids": [], "entries": []},
    ],
)
async def test_T13_resource_that_is_none_is_unknown(served: Any) -> None:
    """Both members must be there, and no others."""
    linked = Linked()
    linked.internet.serve(WHERE, served)

    evidence = await linked.ask()

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "registry-defective")


async def test_T3_origin_that_lets_another_answer_is_unknown() -> None:
    """What another origin serves is not this one's word; within the origin it may move."""
    linked = Linked()
    moved = "https://university.example/did-configuration.json"
    linked.serve(linked.token(), where=moved)
    linked.internet.redirect(WHERE, moved)
    assert (await linked.ask()).state is ListState.LISTED

    again = Linked()
    again.serve(again.token(), where="https://university.example.evil.example/x")
    again.internet.redirect(WHERE, "https://university.example.evil.example/x")
    evidence = await again.ask()
    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "registry-defective")


async def test_T13_slow_origin_is_unknown_at_the_deadline() -> None:
    """Whoever does not answer in time has not answered."""
    linked = Linked()
    linked.serve(linked.token())
    linked.internet.hold(WHERE)
    cache = DocumentCache(linked.internet, clock=NOW.timestamp)
    hurried = RequestLookup(cache=cache, budget=Budget(fetches=9, deadline=time.monotonic() + 0.02))

    evidence = await PLUGIN.ask(CONFIG, TrustQuestion(entity=linked.issuer.did, at=NOW), hurried)

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "deadline-exceeded")
    await cache.close()


async def test_T13_key_that_cannot_be_checked_here_is_unknown() -> None:
    """A signature that nobody has looked at is neither good nor bad."""
    linked = Linked(Issuer.did_web("university.example", kind="secp256k1"))
    linked.serve(linked.token())

    evidence = await linked.ask()

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "unsupported-key-type")


async def test_dids_are_resolved_as_the_operator_has_configured() -> None:
    """By the request's own resolution where one is given."""
    linked = Linked()
    linked.serve(linked.token())

    evidence = await linked.ask(resolution=Resolution({}, linked.lookup))

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "METHOD_NOT_SUPPORTED")


class TestEmbeddedProof:
    """Credentials with a proof of their own, which the pipeline verifies."""

    async def test_credential_that_is_verified_links(self) -> None:
        """What its proof protects is what counts."""
        linked = Linked()
        linked.serve({**linked.credential(), "proof": {}, "unsigned": True})
        seen: list[Mapping[str, Any]] = []

        async def verify(credential: Mapping[str, Any]) -> Mapping[str, Any]:
            seen.append(credential)
            return {name: value for name, value in credential.items() if name not in {"proof", "unsigned"}}

        assert (await linked.ask(verify=verify)).state is ListState.LISTED
        assert [each["unsigned"] for each in seen] == [True]

    async def test_T61_what_the_proof_does_not_protect_is_not_read(self) -> None:
        """A credential whose protected part is for another origin links nothing, whatever it looks like."""
        linked = Linked()
        linked.serve(linked.credential())

        async def verify(credential: Mapping[str, Any]) -> Mapping[str, Any]:
            return {**credential, "credentialSubject": {"id": linked.issuer.did, "origin": "https://other.example"}}

        assert (await linked.ask(verify=verify)).state is ListState.NOT_LISTED

    @pytest.mark.parametrize(
        ("fate", "state"),
        [
            (Invalid("PROOF_VERIFICATION_ERROR", "x"), ListState.NOT_LISTED),
            (Unavailable("unknown-context", "x"), ListState.UNKNOWN),
        ],
    )
    async def test_credential_that_is_not_verified_does_not_link(self, fate: Exception, state: ListState) -> None:
        """Checked and wrong is no; could not be checked is unknown."""
        linked = Linked()
        linked.serve(linked.credential())

        async def verify(_: Mapping[str, Any]) -> Mapping[str, Any]:
            raise fate

        assert (await linked.ask(verify=verify)).state is state

    async def test_T13_without_a_pipeline_it_is_unknown(self) -> None:
        """Nobody could check its proof."""
        linked = Linked()
        linked.serve(linked.credential())

        evidence = await linked.ask()

        assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "unsupported-format")


async def test_T13_question_that_it_has_no_answer_for_is_unknown() -> None:
    """A domain knows no trust marks."""
    evidence = await Linked().ask(terms={"trust_mark": "x"})

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "question-not-supported")
