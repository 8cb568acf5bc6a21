"""The key of a token at an https `kid` where no document lies, but a bare JSON Web Key or a set of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateway.demo.issuer import Issuer, compact, jwk, new_key
from gateway.model import Outcome
from tests.gateway.proving import codes, credential, proof_tools, proven, serve_document
from tests.internet import FakeInternet

if TYPE_CHECKING:
    from gateway.canonical.rdf import RdfCanonicalizer
    from gateway.model import Proven

PASS, FAIL, INDETERMINATE = Outcome.PASS, Outcome.FAIL, Outcome.INDETERMINATE
ISSUER = "https://badges.example/issuers/1"
KEY_URL = "https://badges.example/keys/1"
KEY_SET = "https://badges.example/.well-known/jwks.json"


class World:
    """An https issuer that publishes its key as a JSON Web Key at a URL of its own."""

    def __init__(self, canonicalizer: RdfCanonicalizer) -> None:
        """Serve the issuer's profile, which is no document of keys, and its key."""
        self.internet = FakeInternet()
        self.key = new_key("RSA")
        self.tools = proof_tools(canonicalizer, self.internet)
        self.internet.serve(ISSUER, {"id": ISSUER, "type": "Profile", "name": "Example University"})
        self.internet.serve(KEY_SET, {"keys": []})
        self.internet.serve(KEY_URL, jwk(self.key))

    async def verify(self, kid: str = KEY_URL, issuer: str = ISSUER) -> Proven:
        """Verify a token that names the key."""
        text = compact(self.key, {"typ": "vc+jwt", "kid": kid}, credential(issuer))
        found, _ = await proven(text, self.tools)
        return found


@pytest.fixture
def world(canonicalizer: RdfCanonicalizer) -> World:
    """Return a world in which nobody vouches for the key."""
    return World(canonicalizer)


@pytest.mark.parametrize(
    "kid", [KEY_URL, "https://keys.example/1", "https://keys.example/set#2"], ids=["bare", "elsewhere", "set"]
)
async def test_key_that_the_issuers_document_lists(world: World, kid: str) -> None:
    """It is the issuer's, wherever it lies: as one key, or in a set by its name."""
    body = {"keys": [jwk(new_key()) | {"kid": "1"}, jwk(world.key) | {"kid": "2"}]} if "#" in kid else jwk(world.key)
    world.internet.serve(kid.partition("#")[0], body)
    world.internet.serve(ISSUER, {"id": ISSUER, "assertionMethod": [kid]})

    found = await world.verify(kid)

    assert (found.proof.outcome, found.issuer.outcome) == (PASS, PASS)
    assert found.issuer.facts["basis"] == "document"
    assert found.issuer.facts["source"]["url"] == kid.partition("#")[0]
    assert KEY_SET not in world.internet.requests


async def test_T28_key_that_is_listed_for_another_purpose(world: World) -> None:
    """A key that only authenticates is not one that the issuer issues with."""
    world.internet.serve(ISSUER, {"id": ISSUER, "authentication": [KEY_URL]})

    found = await world.verify()

    assert (found.proof.outcome, found.issuer.outcome) == (PASS, FAIL)
    assert codes(found, "issuer") == ["issuer-mismatch"]


@pytest.mark.parametrize("name", [KEY_URL, "1"])
async def test_key_that_the_origins_key_set_holds(world: World, name: str) -> None:
    """The origin vouches for it by the key itself, whatever name it has there."""
    world.internet.serve(KEY_SET, {"keys": [jwk(new_key()) | {"kid": "0"}, jwk(world.key) | {"kid": name}]})

    found = await world.verify()

    assert (found.proof.outcome, found.issuer.outcome) == (PASS, PASS)
    assert found.issuer.facts["basis"] == "origin_jwks"


async def test_T28_same_origin_alone_is_not_the_issuer(world: World) -> None:
    """On a shared host anybody may put a key beside the issuer's page: the proof is intact, and that is all."""
    world.internet.serve(KEY_SET, {"keys": [jwk(new_key("RSA")) | {"kid": "1"}]})

    found = await world.verify()

    assert (found.proof.outcome, found.issuer.outcome) == (PASS, FAIL)
    assert codes(found, "issuer") == ["issuer-mismatch"]


async def test_T28_outage_of_the_key_set_binds_nobody(world: World) -> None:
    """Whether the origin vouches for the key is then not known."""
    world.internet.fail(KEY_SET)

    found = await world.verify()

    assert (found.proof.outcome, found.issuer.outcome) == (PASS, INDETERMINATE)
    assert codes(found, "issuer") == ["unreachable"]


async def test_T28_key_elsewhere_is_not_fetched(world: World) -> None:
    """Neither listed nor of the issuer's origin: it is not asked for."""
    kid = "https://attacker.example/keys/1"
    world.internet.serve(kid, jwk(world.key))

    found = await world.verify(kid)

    assert (found.proof.outcome, found.issuer.outcome) == (INDETERMINATE, FAIL)
    assert codes(found, "issuer") == ["issuer-mismatch"]
    assert world.internet.requests == [ISSUER]


async def test_issuer_that_is_its_own_key_set(world: World) -> None:
    """Whoever holds the URL that is the issuer's id has put the key there."""
    issuer = "https://badges.example/jwks.json"
    world.internet.serve(issuer, {"keys": [jwk(world.key) | {"kid": "1"}]})

    found = await world.verify(f"{issuer}#1", issuer)

    assert (found.proof.outcome, found.issuer.outcome) == (PASS, PASS)
    assert found.issuer.facts["basis"] == "document"


@pytest.mark.parametrize(
    ("kid", "body", "outcome", "code"),
    [
        (KEY_URL, {"kty": "oct", "k": "AA"}, FAIL, "INVALID_VERIFICATION_METHOD"),
        (KEY_URL, {"id": KEY_URL}, FAIL, "INVALID_VERIFICATION_METHOD"),
        (KEY_URL, [], FAIL, "INVALID_VERIFICATION_METHOD"),
        (KEY_URL, {"keys": []}, FAIL, "NOT_FOUND"),
        (f"{KEY_URL}#2", {"keys": []}, FAIL, "NOT_FOUND"),
        (f"{KEY_URL}#2", {"name": "x"}, FAIL, "INVALID_CONTROLLED_IDENTIFIER_DOCUMENT"),
        (KEY_URL, {"kty": "AKP"}, INDETERMINATE, "unsupported-key-type"),
        (KEY_URL, b"<html>", INDETERMINATE, "response-malformed"),
        (f"{KEY_URL}#2", b"<html>", INDETERMINATE, "response-malformed"),
    ],
)
async def test_what_is_no_key_proves_nothing(world: World, kid: str, body: Any, outcome: Outcome, code: str) -> None:
    """Symmetric and missing keys fail; what is not known here, and what could not be read, stays open."""
    world.internet.serve(KEY_URL, body)

    found = await world.verify(kid)

    assert (found.proof.outcome, codes(found)) == (outcome, [code])


async def test_document_without_its_key_as_jwk_is_still_refused(world: World) -> None:
    """A controlled identifier document has to give it as `publicKeyJwk`, and falls back on nothing."""
    issuer = Issuer("https://badges.example/issuers/2", new_key(), "https://badges.example/issuers/2#k")
    serve_document(world.internet, issuer)
    text = compact(issuer.key, {"typ": "vc+jwt", "kid": issuer.method}, credential(issuer.did))

    found, _ = await proven(text, world.tools)

    assert codes(found) == ["INVALID_VERIFICATION_METHOD"]
