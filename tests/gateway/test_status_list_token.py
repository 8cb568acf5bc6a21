"""A Token Status List is verified as the credential that names it: its kind, its key, its claims."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import cbor2
import pytest

from gateway.demo.issuer import Issuer, base64url, compact, jwk, sign
from gateway.status_list_token import verify_token
from resolvers.model import Fetched, ListCredential, StatusQuestion
from resolvers.problems import Invalid, Unavailable
from tests.gateway.proving import NOW, proof_tools, serve_document
from tests.internet import FakeInternet
from tests.resolvers.lookup import FakeLookup
from tests.resolvers.status.lists import question

if TYPE_CHECKING:
    from gateway.canonical.rdf import RdfCanonicalizer
    from gateway.plugins import ProofTools

URI = "https://issuer.example/statuslists/1"
ISSUER = Issuer.did_key()
CLAIMS = {
    "sub": URI,
    "iat": NOW.timestamp() - 60,
    "status_list": {"bits": 1, "lst": base64url(zlib.compress(b"\0"))},
}


def token(issuer: Issuer = ISSUER, /, **members: Any) -> bytes:
    """Return a list as a JWT; `header` replaces members of its header, one that is None is left out."""
    header = {"typ": "statuslist+jwt", "kid": issuer.method, **members.pop("header", {})}
    given = {name: value for name, value in {**CLAIMS, **members}.items() if value is not None}
    return compact(issuer.key, {name: value for name, value in header.items() if value is not None}, given).encode()


def cwt(issuer: Issuer = ISSUER, /, tag: bytes = b"\xd2", **changes: Any) -> bytes:
    """Return a list as a CWT; `changes` are `protected` and `claims` over its own."""
    protected = cbor2.dumps({1: -8, 16: "application/statuslist+cwt", **changes.get("protected", {})})
    listed = {"bits": 1, "lst": zlib.compress(b"\0")}
    claims = {2: URI, 6: int(NOW.timestamp()) - 60, 65533: listed, **changes.get("claims", {})}
    payload = cbor2.dumps({label: value for label, value in claims.items() if value is not None})
    signature = sign(issuer.key, cbor2.dumps(["Signature1", protected, b"", payload]))
    return tag + cbor2.dumps([protected, {4: issuer.method.encode()}, payload, signature])


def asked(**members: Any) -> StatusQuestion:
    """Return a question of a credential by the issuer."""
    return question({"uri": URI, "idx": 0}, **{"issuer": ISSUER.did, "format": "dc+sd-jwt", **members})


@pytest.fixture
def tools(canonicalizer: RdfCanonicalizer) -> ProofTools:
    """Tools at the present."""
    return proof_tools(canonicalizer, now=NOW)


async def verified(body: bytes, tools: ProofTools, **members: Any) -> ListCredential:
    """Verify a list that was fetched."""
    fetched = Fetched(url=URI, body=body, media_type="application/statuslist+jwt", fetched_at=NOW, fresh_for=1.0)
    return await verify_token(fetched, asked(**members), tools)


async def refused(body: bytes, tools: ProofTools, **members: Any) -> str:
    """Return the code for which a list is refused, as wrong."""
    with pytest.raises(Invalid) as stopped:
        await verified(body, tools, **members)
    return stopped.value.problem.code


@pytest.mark.parametrize("format_", ["dc+sd-jwt", "vc+jwt", "vc-jwt", "vc+sd-jwt"])
@pytest.mark.parametrize("typ", ["statuslist+jwt", "application/statuslist+jwt", "StatusList+JWT"])
async def test_list_of_the_credentials_issuer_is_verified(tools: ProofTools, format_: str, typ: str) -> None:
    """A list that does not say who issued it is the credential's issuer's, if its key is."""
    found = await verified(token(header={"typ": typ}), tools, format=format_)
    assert (found.url, found.issuer, found.document) == (URI, ISSUER.did, CLAIMS)


@pytest.mark.parametrize("tag", [b"\xd2", b"\xd8\x3d\xd2", b""], ids=["COSE_Sign1", "CWT", "untagged"])
async def test_list_of_a_credential_in_cose_is_a_cwt(tools: ProofTools, tag: bytes) -> None:
    """Its claims are given by their JWT names."""
    found = await verified(cwt(tag=tag, claims={65534: 60}), tools, format="vc+cose")
    assert found.issuer == ISSUER.did
    assert {name: found.document[name] for name in ("sub", "iat", "ttl")} == {
        "sub": URI,
        "iat": int(NOW.timestamp()) - 60,
        "ttl": 60,
    }
    assert found.document["status_list"]["bits"] == 1


async def test_T48_list_is_of_the_credentials_kind(tools: ProofTools) -> None:
    """A JWT says nothing about a credential in COSE, and a CWT nothing about one in JOSE."""
    assert await refused(token(), tools, format="vc+cose") == "token-malformed"
    assert await refused(cwt(), tools, format="dc+sd-jwt") == "STATUS_VERIFICATION_ERROR"


@pytest.mark.parametrize("typ", [None, "JWT", "vc+jwt", "status"], ids=str)
async def test_typ_is_that_of_a_list(tools: ProofTools, typ: str | None) -> None:
    """Another token of the same issuer's is not its list."""
    assert await refused(token(header={"typ": typ}), tools) == "STATUS_VERIFICATION_ERROR"
    assert await refused(cwt(protected={16: typ}), tools, format="vc+cose") == "STATUS_VERIFICATION_ERROR"


@pytest.mark.parametrize(
    "members",
    [
        {"sub": None},
        {"sub": f"{URI}/"},
        {"sub": [URI]},
        {"iat": None},
        {"iat": NOW.timestamp() + 61},
        {"nbf": NOW.timestamp() + 61},
        {"exp": NOW.timestamp()},
        {"ttl": 0},
        {"ttl": -5},
        {"ttl": "60"},
        {"ttl": True},
        {"iss": 5},
    ],
    ids=str,
)
async def test_claims_are_those_of_the_named_current_list(tools: ProofTools, members: dict[str, Any]) -> None:
    """Its sub is the uri, its iat is there and not of the future, it has not expired, its ttl is positive."""
    assert await refused(token(**members), tools) == "STATUS_VERIFICATION_ERROR"


@pytest.mark.parametrize("claims", [{2: None}, {2: "x"}, {6: None}, {4: int(NOW.timestamp())}, {65534: 0}], ids=str)
async def test_claims_of_a_cwt_are_the_same(tools: ProofTools, claims: dict[int, Any]) -> None:
    """A CWT's claims are checked as a JWT's are."""
    assert await refused(cwt(claims=claims), tools, format="vc+cose") == "STATUS_VERIFICATION_ERROR"


@pytest.mark.parametrize("name", ["iat", "exp"])
async def test_malformed_time_is_refused(tools: ProofTools, name: str) -> None:
    """A time that cannot be read is never no bound."""
    assert await refused(token(**{name: "2026"}), tools) == "token-malformed"


async def test_T26_mac_and_none_are_no_signatures(tools: ProofTools) -> None:
    """A list that anybody could have made is refused."""
    for alg in ("none", "HS256"):
        assert await refused(token(header={"alg": alg}), tools) == "unsupported-algorithm"


async def test_tampered_list_is_refused(tools: ProofTools) -> None:
    """One flipped bit of the signature, of a JWT or of a CWT, is enough."""
    jwt, message = token(), cwt()
    assert await refused(jwt[:-2] + (b"AA" if jwt[-2:] != b"AA" else b"BA"), tools) == "CRYPTOGRAPHIC_SECURITY_ERROR"
    changed = message[:-1] + bytes([message[-1] ^ 1])
    assert await refused(changed, tools, format="vc+cose") == "CRYPTOGRAPHIC_SECURITY_ERROR"


@pytest.mark.parametrize("body", [b"", b"{}", b"\xff\xfe", b"a.b.c", b"<html>"], ids=str)
async def test_T13_page_in_the_place_of_a_list_is_refused(tools: ProofTools, body: bytes) -> None:
    """A host's error page clears nobody."""
    assert await refused(body, tools) in ("token-malformed", "STATUS_VERIFICATION_ERROR", "not-json")
    assert await refused(body, tools, format="vc+cose") == "token-malformed"


async def test_T12_key_is_that_of_whoever_the_list_names(tools: ProofTools) -> None:
    """A list that names another issuer is verified as theirs, and one that is signed by another key as nobody's."""
    other = Issuer.did_key()
    found = await verified(token(other, iss=other.did), tools)
    assert found.issuer == other.did
    assert (await verified(token(other), tools)).issuer == other.did
    assert await refused(token(other, iss=ISSUER.did), tools) == "issuer-mismatch"
    assert await refused(cwt(other, claims={1: ISSUER.did}), tools, format="vc+cose") == "issuer-mismatch"


async def test_key_of_an_https_issuer_is_found_as_the_credentials(canonicalizer: RdfCanonicalizer) -> None:
    """By JWT VC Issuer Metadata for an SD-JWT VC, and by the issuer's controller document for the others."""
    internet = FakeInternet()
    issuer = Issuer("https://issuer.example", ISSUER.key, "https://issuer.example#key-1")
    keys = {"keys": [{**jwk(issuer.key), "kid": "1"}]}
    internet.serve("https://issuer.example/.well-known/jwt-vc-issuer", {"issuer": issuer.did, "jwks": keys})
    serve_document(internet, issuer, as_jwk=True)
    tools = proof_tools(canonicalizer, internet, now=NOW, lookup=FakeLookup(internet))
    found = await verified(token(issuer, header={"kid": "1"}), tools, issuer=issuer.did)
    assert (found.issuer, internet.requests) == (issuer.did, ["https://issuer.example/.well-known/jwt-vc-issuer"])
    found = await verified(token(issuer), tools, issuer=issuer.did, format="vc+jwt")
    assert (found.issuer, internet.requests[1:]) == (issuer.did, ["https://issuer.example"])


async def test_T13_key_that_cannot_be_had_leaves_the_list_open(canonicalizer: RdfCanonicalizer) -> None:
    """Where the issuer's keys are out of reach the list is neither good nor bad."""
    internet = FakeInternet()
    tools = proof_tools(canonicalizer, internet, now=NOW, lookup=FakeLookup(internet))
    with pytest.raises(Unavailable) as stopped:
        await verified(token(header={"kid": "1"}), tools, issuer="https://issuer.example")
    assert stopped.value.problem.code == "unreachable"


async def test_list_of_a_past_time_is_of_that_time(tools: ProofTools) -> None:
    """It was issued by then and had not expired; without an end nobody knows until when it was good."""
    then = datetime(2026, 1, 1, tzinfo=UTC)

    def of(start: timedelta, end: timedelta | None) -> bytes:
        exp = None if end is None else (then + end).timestamp()
        return token(iat=(then + start).timestamp(), exp=exp)

    hour = timedelta(hours=1)
    good = [of(-hour, hour), of(timedelta(), hour), of(-hour, timedelta())]
    assert [(await verified(body, tools, at=then)).issuer for body in good] == [ISSUER.did] * 3
    for body in (of(hour, 2 * hour), of(-2 * hour, -hour), of(-hour, None)):
        assert await refused(body, tools, at=then) == "STATUS_VERIFICATION_ERROR"
