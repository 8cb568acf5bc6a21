"""SD-JWT VC: whose it is, whose key signed it, what it has to say, and what is seen of it in a result."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509

from gateway.demo.issuer import Issuer, base64url, jwk, new_key
from gateway.model import CheckName, Expected, Outcome, Presented
from gateway.structure import check_structure
from resolvers.problems import Invalid
from tests import certified
from tests.gateway.formats.sd_jwt import FAMILY_NAME, VERIFIER, claim, digest, issue, vc
from tests.gateway.formats.test_sd_jwt import as_json
from tests.gateway.proving import FORMATS, NOW, codes, credential, proof_tools, proven, recognize, serve_document
from tests.internet import FakeInternet
from tests.resolvers.lookup import FakeLookup

if TYPE_CHECKING:
    from gateway.canonical.rdf import RdfCanonicalizer
    from gateway.model import Proven, Verified
    from tests.certified import Certified

PASS, FAIL, INDETERMINATE = Outcome.PASS, Outcome.FAIL, Outcome.INDETERMINATE
ISSUER = Issuer.did_key()
HTTPS = "https://issuer.example/schools/7"
METADATA = "https://issuer.example/.well-known/jwt-vc-issuer/schools/7"


def format_of(content: Any, media_type: str | None = None) -> str | None:
    """Return the name of the one format that recognizes what was presented."""
    presented = Presented(content=content, media_type=media_type)
    found = [name for name, plugin in FORMATS.items() if plugin.recognize(presented)]
    assert len(found) <= 1
    return found[0] if found else None


async def verified(
    text: Any, canonicalizer: RdfCanonicalizer, internet: FakeInternet | None = None, **tools: Any
) -> tuple[Proven, Verified | None]:
    """Verify what was presented with look-ups on that internet."""
    internet = internet or FakeInternet()
    return await proven(text, proof_tools(canonicalizer, internet, now=NOW, lookup=FakeLookup(internet), **tools))


def refused(text: Any) -> str:
    """Return the code for which it is refused as it is read."""
    with pytest.raises(Invalid) as stopped:
        recognize(text)
    return stopped.value.problem.code


# Whose it is


@pytest.mark.parametrize(
    ("typ", "members", "name"),
    [
        ("dc+sd-jwt", {}, "dc+sd-jwt"),
        ("application/dc+sd-jwt", {}, "dc+sd-jwt"),
        ("DC+SD-JWT", {}, "dc+sd-jwt"),
        ("dc+sd-jwt", {"@context": ["x"]}, "dc+sd-jwt"),
        ("vc+sd-jwt", {}, "dc+sd-jwt"),
        ("vc+sd-jwt", {"@context": ["x"]}, "vc+sd-jwt"),
        ("vc+sd-jwt", {"vct": None}, "vc+sd-jwt"),
        ("vp+sd-jwt", {}, "vp+sd-jwt"),
        ("JWT", {}, None),
        ("example+sd-jwt", {}, None),
    ],
)
def test_typ_and_content_say_whose_it_is(typ: str, members: dict[str, Any], name: str | None) -> None:
    """`vc+sd-jwt` was SD-JWT VC's own until November 2024: what has a `vct` and no `@context` still is."""
    text = issue(ISSUER, vc(ISSUER, **members), typ=typ)
    assert format_of(text) == name
    assert format_of(as_json(text)) == name or name is None  # then it is JAdES's to refuse


def test_typ_is_required() -> None:
    """Without it the token is still recognized by what it holds, and refused."""
    assert refused(issue(ISSUER, vc(ISSUER), typ=None)) == "token-malformed"


def test_token_without_a_tilde_is_refused() -> None:
    """An SD-JWT VC in which nothing can be disclosed ends in a tilde all the same."""
    assert refused(issue(ISSUER, vc(ISSUER, _sd=None)).removesuffix("~")) == "token-malformed"
    assert format_of(issue(ISSUER, vc(ISSUER, _sd=None))) == "dc+sd-jwt"


def test_T48_envelope_holds_what_it_says() -> None:
    """An enveloped dc+sd-jwt is read as one, and as nothing else."""
    text = issue(ISSUER, vc(ISSUER), [FAMILY_NAME])
    envelope = {
        "@context": "https://www.w3.org/ns/credentials/v2",
        "type": "EnvelopedVerifiableCredential",
        "id": f"data:application/dc+sd-jwt,{text}",
    }
    assert format_of(envelope) == "dc+sd-jwt"
    assert refused({**envelope, "@context": "https://www.w3.org/2018/credentials/v1"}) == "MALFORMED_VALUE_ERROR"
    assert refused({**envelope, "id": f"data:application/vc+sd-jwt,{text}"}) == "token-malformed"
    for other in (credential(ISSUER.did), {**credential(ISSUER.did), "vct": "x"}):
        inside = issue(ISSUER, other, typ="vc+sd-jwt")
        assert refused({**envelope, "id": f"data:application/dc+sd-jwt,{inside}"}) == "token-malformed"
    assert format_of({**envelope, "id": f"data:application/dc+sd-jwt;base64,{text}"}) is None


# What it has to say


async def test_claims_are_those_that_were_signed_and_disclosed(canonicalizer: RdfCanonicalizer) -> None:
    """In its own terms, with what was disclosed in place and no digest left."""
    found, trusted = await verified(issue(ISSUER, vc(ISSUER), [FAMILY_NAME]), canonicalizer)
    assert (found.proof.outcome, found.issuer.outcome, found.issuer.facts["basis"]) == (PASS, PASS, "document")
    assert trusted is not None
    claims = {name: value for name, value in vc(ISSUER).items() if name != "_sd"}
    assert trusted.document == {**claims, "family_name": "Mustermann"}
    assert (trusted.issuer, trusted.format, trusted.vcdm) == (ISSUER.did, "dc+sd-jwt", None)


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"vct": None}, "/vct"),
        ({"vct": ""}, "/vct"),
        ({"vct": 5}, "/vct"),
        ({"iss": 5}, "/iss"),
        ({"sub": ["a"]}, "/sub"),
        ({"jti": 5}, "/jti"),
        ({"cnf": "x"}, "/cnf"),
        ({"vct#integrity": 5}, "/vct#integrity"),
        ({"iat": "2026"}, "/iat"),
        ({"nbf": True}, "/nbf"),
        ({"exp": 1e300}, "/exp"),
    ],
    ids=str,
)
def test_malformed_claim_fails_the_structure(members: dict[str, Any], pointer: str) -> None:
    """Each claim that the specification defines is of its type, and `vct` is there."""
    secured = recognize(issue(ISSUER, vc(ISSUER, **members)))
    assert secured is not None
    found = check_structure(secured)
    assert (found.outcome, [(p.code, p.pointer) for p in found.problems]) == (
        FAIL,
        [("MALFORMED_VALUE_ERROR", pointer)],
    )


@pytest.mark.parametrize("name", ["iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "status", "aud"])
def test_T46_claim_that_is_never_disclosed(name: str) -> None:
    """These MUST NOT be included in the Disclosures."""
    text = claim(name, "x")
    claims = {key: value for key, value in vc(ISSUER, _sd=[digest(text)]).items() if key != name}
    assert refused(issue(ISSUER, claims, [text])) == "disclosure-invalid"


def test_T46_status_is_not_hidden_in_part() -> None:
    """Nobody may show a status without the list that would say that it is revoked."""
    hidden = claim("status_list", {"idx": 0, "uri": "https://issuer.example/1"})
    assert refused(issue(ISSUER, vc(ISSUER, status={"_sd": [digest(hidden)]}))) == "disclosure-invalid"
    assert refused(issue(ISSUER, vc(ISSUER, status={"_sd": [digest(hidden)]}), [hidden])) == "disclosure-invalid"


async def test_T41_token_of_the_future_is_refused(canonicalizer: RdfCanonicalizer) -> None:
    """It cannot have been issued yet, by more than clocks may differ; asking about the past changes nothing."""
    for seconds, outcome in ((60, PASS), (61, FAIL)):
        made = (NOW + timedelta(seconds=seconds)).timestamp()
        for at in (NOW, NOW - timedelta(days=9)):
            found, _ = await verified(issue(ISSUER, vc(ISSUER, iat=made)), canonicalizer, as_of=at)
            assert found.proof.outcome is outcome
            assert outcome is PASS or codes(found) == ["not-yet-valid"]


@pytest.mark.parametrize("aud", [VERIFIER, [VERIFIER], ["https://a.example", VERIFIER]], ids=str)
async def test_T38_token_for_an_audience_is_for_nobody_else(canonicalizer: RdfCanonicalizer, aud: Any) -> None:
    """Whoever is not named in `aud` refuses the token, and so does whoever does not say who they are."""
    text = issue(ISSUER, vc(ISSUER, aud=aud))
    for expected in (None, Expected(domain=frozenset({"https://other.example"}))):
        found, _ = await verified(text, canonicalizer, expected=expected)
        assert (found.proof.outcome, codes(found)) == (FAIL, ["INVALID_DOMAIN_ERROR"])
    found, _ = await verified(text, canonicalizer, expected=Expected(domain=frozenset({VERIFIER})))
    assert codes(found) == ["key-binding-missing"]


# Whose key signed it: JWT VC Issuer Metadata


def https_issuer(kid: str = "1", **changes: Any) -> tuple[Issuer, FakeInternet]:
    """Return an https issuer, and an internet that serves its metadata."""
    issuer = Issuer(HTTPS, new_key("P-256"), f"{HTTPS}#{kid}")
    internet = FakeInternet()
    keys = {"keys": [{**jwk(issuer.key), "kid": kid}]}
    internet.serve(METADATA, {"issuer": HTTPS, "jwks": keys, **changes})
    return issuer, internet


async def test_key_of_an_https_issuer_is_in_its_metadata(canonicalizer: RdfCanonicalizer) -> None:
    """One fetch, and the result says on what ground the key is the issuer's."""
    issuer, internet = https_issuer()
    found, trusted = await verified(issue(issuer, vc(issuer), kid="1"), canonicalizer, internet)
    assert trusted is not None
    assert (found.proof.outcome, found.issuer.outcome, trusted.issuer) == (PASS, PASS, HTTPS)
    assert (found.issuer.facts["basis"], found.issuer.facts["verificationMethod"]) == (
        "jwt_vc_issuer",
        f"{METADATA}#1",
    )
    assert found.issuer.facts["source"]["url"] == METADATA
    assert internet.requests == [METADATA]


async def test_T33_key_of_another_issuer_is_not_its(canonicalizer: RdfCanonicalizer) -> None:
    """A token that another key signed is a forgery, whatever its header says about keys."""
    _, internet = https_issuer()
    attacker = Issuer.did_key("P-256")
    hints: tuple[dict[str, Any], ...] = (
        {"kid": "1"},
        {"kid": "1", "jwk": jwk(attacker.key)},
        {"kid": "1", "jku": "https://attacker.example/keys", "x5u": "https://attacker.example/x5u"},
    )
    for header in hints:
        found, trusted = await verified(issue(attacker, vc(attacker, iss=HTTPS), **header), canonicalizer, internet)
        assert (found.proof.outcome, codes(found), trusted) == (FAIL, ["CRYPTOGRAPHIC_SECURITY_ERROR"], None)
    for kid in (attacker.method, "2"):
        found, trusted = await verified(issue(attacker, vc(attacker, iss=HTTPS), kid=kid), canonicalizer, internet)
        assert (found.proof.outcome, codes(found), trusted) == (FAIL, ["NOT_FOUND"], None)
    assert set(internet.requests) == {METADATA}


async def test_T13_metadata_out_of_reach_leaves_the_proof_open(canonicalizer: RdfCanonicalizer) -> None:
    """An outage is never a pass, and neither is a caller who may fetch nothing."""
    issuer, internet = https_issuer()
    internet.fail(METADATA)
    text = issue(issuer, vc(issuer), kid="1")
    found, trusted = await verified(text, canonicalizer, internet)
    assert (found.proof.outcome, codes(found), trusted) == (INDETERMINATE, ["unreachable"], None)
    found, trusted = await proven(text, proof_tools(canonicalizer))
    assert (found.proof.outcome, codes(found), trusted) == (INDETERMINATE, ["not-asked"], None)


@pytest.mark.parametrize("iss", [None, "urn:uuid:1", "http://issuer.example", "issuer.example", ""], ids=str)
async def test_issuer_without_a_mechanism_is_refused(canonicalizer: RdfCanonicalizer, iss: str | None) -> None:
    """If no permitted mechanism leads to the issuer's key, the SD-JWT VC MUST be rejected; nothing is fetched."""
    internet = FakeInternet()
    found, trusted = await verified(issue(ISSUER, vc(ISSUER, iss=iss)), canonicalizer, internet)
    assert (found.proof.outcome, codes(found), trusted) == (FAIL, ["INVALID_VERIFICATION_METHOD_URL"], None)
    assert internet.requests == []


async def test_key_of_an_expired_or_misdirected_token_is_not_fetched(canonicalizer: RdfCanonicalizer) -> None:
    """What no key can mend is refused before one is looked up."""
    issuer, internet = https_issuer()
    for members in ({"iat": NOW.timestamp() + 99}, {"aud": "https://other.example"}):
        found, _ = await verified(issue(issuer, vc(issuer, **members), kid="1"), canonicalizer, internet)
        assert found.proof.outcome is FAIL
    text = issue(issuer, vc(issuer, _sd=[digest(FAMILY_NAME)]), kid="1")
    assert refused(text + claim("role", "admin") + "~") == "disclosure-invalid"
    assert internet.requests == []


# DID


async def test_key_of_a_did_is_in_its_document(canonicalizer: RdfCanonicalizer) -> None:
    """As for any other token: a kid is a method of the issuer's own document."""
    internet, issuer = FakeInternet(), Issuer.did_web("issuer.example")
    serve_document(internet, issuer, as_jwk=True)
    for kid in (issuer.method, "#key-1", "key-1"):
        found, trusted = await verified(issue(issuer, vc(issuer), kid=kid), canonicalizer, internet)
        assert trusted is not None
        assert (found.issuer.outcome, trusted.issuer) == (PASS, issuer.did)
    other = Issuer.did_key()
    found, trusted = await verified(issue(other, vc(issuer)), canonicalizer, internet)
    assert (found.proof.outcome, codes(found, "issuer")) == (PASS, ["issuer-mismatch"])


# X.509


def certified_issuer(*names: x509.GeneralName) -> tuple[Certified, Certified]:
    """Return an authority, and an issuer that it certifies under those alternative names."""
    root = certified.root()
    extensions = (*certified.Template().extensions, (x509.SubjectAlternativeName(names), False))
    return root, certified.seal(root, extensions=extensions if names else certified.Template().extensions)


def sealed(seal: Certified, /, **members: Any) -> str:
    """Return an SD-JWT VC that a certified key signed."""
    x5c = [base64.b64encode(der).decode() for der in seal.der]
    issuer = Issuer(HTTPS, seal.key, "")
    return issue(issuer, vc(issuer, **members), kid=None, x5c=x5c)


DNS, URI = x509.DNSName("issuer.example"), x509.UniformResourceIdentifier(HTTPS)


@pytest.mark.parametrize("name", [DNS, x509.DNSName("Issuer.Example"), URI], ids=str)
async def test_certified_issuer_is_followed_to_an_anchor(
    canonicalizer: RdfCanonicalizer, name: x509.GeneralName
) -> None:
    """The leaf is for `iss`, by its host or as the URI that it is, and leads to an authority of the operator's."""
    root, seal = certified_issuer(name)
    internet = FakeInternet()
    found, trusted = await verified(sealed(seal), canonicalizer, internet, anchors=(root.read,))
    assert trusted is not None
    assert (found.proof.outcome, found.issuer.outcome, found.issuer.facts["basis"]) == (PASS, PASS, "x509")
    assert (trusted.issuer, found.certificates) == (HTTPS, seal.der)
    assert internet.requests == []


async def test_certified_issuer_without_an_anchor_is_unknown(canonicalizer: RdfCanonicalizer) -> None:
    """Whoever certifies the key, nobody here believes them: the signature is good, and whose it is is open."""
    _, seal = certified_issuer(DNS)
    other = replace(certified.AUTHORITY, subject=certified.name("Other")).signed(new_key("P-256"), None)
    for anchors in ((), (other.read,)):
        found, _ = await verified(sealed(seal), canonicalizer, anchors=anchors)
        assert (found.proof.outcome, found.issuer.outcome) == (PASS, INDETERMINATE)
        assert codes(found, "issuer") == ["certificate-untrusted"]


@pytest.mark.parametrize(
    "names",
    [
        (),
        (x509.DNSName("attacker.example"),),
        (x509.DNSName("*.example"),),
        (x509.DNSName("sub.issuer.example"),),
        (x509.UniformResourceIdentifier("https://issuer.example/schools/8"),),
    ],
    ids=str,
)
async def test_T33_certificate_for_somebody_else(
    canonicalizer: RdfCanonicalizer, names: tuple[x509.GeneralName, ...]
) -> None:
    """A certificate of a believed authority lets its subject sign in its own name, and in no other."""
    root, seal = certified_issuer(*names)
    found, _ = await verified(sealed(seal), canonicalizer, anchors=(root.read,))
    assert (found.issuer.outcome, codes(found, "issuer")) == (FAIL, ["issuer-mismatch"])


async def test_certificate_names_the_issuer_where_the_token_does_not(canonicalizer: RdfCanonicalizer) -> None:
    """The Issuer is the subject of the end-entity certificate."""
    for names, issuer in (((URI,), HTTPS), ((), "2.5.4.97=VATES-A00000000,CN=University Seal")):
        root, seal = certified_issuer(*names)
        found, trusted = await verified(sealed(seal, iss=None), canonicalizer, anchors=(root.read,))
        assert trusted is not None
        assert (found.issuer.outcome, trusted.issuer) == (PASS, issuer)


@pytest.mark.parametrize("iss", [None, ""])
async def test_T33_certificate_that_names_nobody(canonicalizer: RdfCanonicalizer, iss: str | None) -> None:
    """Where neither iss nor the certificate says who issued it, no other claim of the token does."""
    root = certified.root()
    seal = certified.seal(root, subject=x509.Name([]))
    text = sealed(seal, iss=iss, issuer="did:web:famous.example")
    found, trusted = await verified(text, canonicalizer, anchors=(root.read,))
    assert (found.proof.outcome, codes(found), trusted) == (FAIL, ["issuer-identifier-missing"], None)


async def test_expired_certificate_fails(canonicalizer: RdfCanonicalizer) -> None:
    """At the instant that is asked about, every certificate has to be valid."""
    root, seal = certified_issuer(DNS)
    text = sealed(seal, iat=None)
    found, _ = await verified(text, canonicalizer, anchors=(root.read,), as_of=certified.END + timedelta(days=1))
    assert (found.proof.outcome, codes(found, "issuer")) == (PASS, ["certificate-expired"])


@pytest.mark.parametrize("x5c", [[], "x", ["x"], [5], [base64url(b"x")], None], ids=str)
async def test_malformed_x5c_is_refused(canonicalizer: RdfCanonicalizer, x5c: Any) -> None:
    """And never passed over in favour of another way to find a key."""
    issuer, internet = https_issuer()
    text = issue(issuer, vc(issuer), kid="1", x5c=x5c)
    found, trusted = await verified(text, canonicalizer, internet)
    if x5c is None:  # is left out
        assert found.proof.outcome is PASS
        return
    assert (found.proof.outcome, codes(found), trusted) == (FAIL, ["certificate-malformed"], None)
    assert internet.requests == []


async def test_T27_certified_key_has_its_algorithm(canonicalizer: RdfCanonicalizer) -> None:
    """The signature is that of the leaf's key, by its one algorithm."""
    root, seal = certified_issuer(DNS)
    forged = sealed(replace(seal, key=new_key("P-256")))
    found, trusted = await verified(forged, canonicalizer, anchors=(root.read,))
    assert (found.proof.outcome, codes(found), trusted) == (FAIL, ["CRYPTOGRAPHIC_SECURITY_ERROR"], None)


def test_checks_have_their_names(canonicalizer: RdfCanonicalizer) -> None:
    """The structure of an SD-JWT VC says that it is of no version of the data model, and of which type."""
    del canonicalizer
    secured = recognize(issue(ISSUER, vc(ISSUER)), "application/dc+sd-jwt")
    assert secured is not None
    found = check_structure(secured)
    assert (found.name, found.outcome) == (CheckName.STRUCTURE, PASS)
    assert found.facts == {"vcdm": None, "vct": "https://issuer.example/learner"}
