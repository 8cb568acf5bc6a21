"""Tokens: read strictly, verified by the algorithm of the key, and bound to the issuer's own keys."""

from __future__ import annotations

import hashlib
import hmac
import json
import warnings
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives import serialization
from joserfc import jws
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, OKPKey, RSAKey

from gateway.demo.issuer import Issuer, base64url, compact, jwk, key_kind, multikey, new_key, sign
from gateway.formats import _jose
from gateway.model import Outcome, Presented
from resolvers.problems import Invalid
from tests.gateway.proving import FORMATS, codes, credential, proof_tools, proven, recognize, serve_document
from tests.internet import FakeInternet

if TYPE_CHECKING:
    from gateway.canonical.rdf import RdfCanonicalizer

PASS, FAIL, INDETERMINATE = Outcome.PASS, Outcome.FAIL, Outcome.INDETERMINATE
KEYS: dict[str, Any] = {
    "Ed25519": OKPKey.import_key,
    "P-256": ECKey.import_key,
    "P-384": ECKey.import_key,
    "P-521": ECKey.import_key,
    "secp256k1": ECKey.import_key,
    "RSA": RSAKey.import_key,
}
ALGORITHMS = {
    "Ed25519": "EdDSA",
    "P-256": "ES256",
    "P-384": "ES384",
    "P-521": "ES512",
    "secp256k1": "ES256K",
    "RSA": "RS256",
}


def token(issuer: Issuer, claims: Any = None, **header: Any) -> str:
    """Return a vc+jwt of a credential by `issuer`."""
    given = {"typ": "vc+jwt", "kid": issuer.method, **header}
    payload = credential(issuer.did) if claims is None else claims
    return compact(issuer.key, {name: value for name, value in given.items() if value is not None}, payload)


def spliced(text: str, index: int, segment: str) -> str:
    """Return a token with one of its three parts replaced."""
    parts = text.split(".")
    parts[index] = segment
    return ".".join(parts)


def refused(text: str) -> Invalid:
    """Return why a token is refused before anything is verified."""
    with pytest.raises(Invalid) as stopped:
        recognize(text)
    return stopped.value


def reading(text: str) -> str:
    """Return what reading a token comes to: `read`, `not recognized`, or the code of the problem."""
    try:
        return "not recognized" if recognize(text) is None else "read"
    except Invalid as stopped:
        return stopped.problem.code


def did_web(internet: FakeInternet, host: str = "issuer.example", kind: str = "Ed25519") -> Issuer:
    """Return a did:web issuer whose document gives its key as a JSON Web Key."""
    issuer = Issuer.did_web(host, kind=kind)
    serve_document(internet, issuer, as_jwk=True)
    return issuer


def https(internet: FakeInternet, url: str = "https://example.edu/issuers/1", **members: Any) -> Issuer:
    """Return an https issuer whose controlled identifier document is served at its id."""
    issuer = Issuer(url, new_key(), f"{url}#key-1")
    serve_document(internet, issuer, as_jwk=True, **members)
    return issuer


# Signatures


@pytest.mark.parametrize("kind", ALGORITHMS)
async def test_token_of_each_algorithm_verifies(canonicalizer: RdfCanonicalizer, kind: str) -> None:
    """RS256, ES256, ES384 and EdDSA verify, each with its own type of key, and one bit more does not."""
    internet = FakeInternet()
    text = token(did_web(internet, kind=kind))
    found, verified = await proven(text, proof_tools(canonicalizer, internet))
    assert (found.data_loss.outcome, found.proof.outcome, found.issuer.outcome) == ("not_applicable", "pass", "pass")
    assert found.issuer.facts["basis"] == "document"
    assert [summary.alg for summary in found.proofs] == [ALGORITHMS[kind]]
    assert verified is not None
    assert verified.document == credential("did:web:issuer.example")
    signature = bytearray(_jose.parse(text).signature)
    signature[-1] ^= 1
    found, verified = await proven(spliced(text, 2, base64url(bytes(signature))), proof_tools(canonicalizer, internet))
    assert codes(found) == ["CRYPTOGRAPHIC_SECURITY_ERROR"]
    assert (found.document, verified) == (None, None)


@pytest.mark.parametrize("kind", ALGORITHMS)
async def test_token_of_another_implementation_verifies(canonicalizer: RdfCanonicalizer, kind: str) -> None:
    """What joserfc signs verifies here, and with another credential in it does not."""
    internet = FakeInternet()
    issuer = did_web(internet, kind=kind)
    pem = issuer.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    header = {"alg": ALGORITHMS[kind], "typ": "vc+jwt", "kid": issuer.method}
    key = KEYS[kind](pem)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)  # RFC 9864 deprecates the name EdDSA, which the field uses
        text = jws.serialize_compact(header, json.dumps(credential(issuer.did)), key, algorithms=[header["alg"]])
    found, _ = await proven(text, proof_tools(canonicalizer, internet))
    assert (found.proof.outcome, found.issuer.outcome) == (PASS, PASS)
    forged = spliced(text, 1, base64url(json.dumps(credential(issuer.did, name="forged")).encode()))
    found, _ = await proven(forged, proof_tools(canonicalizer, internet))
    assert codes(found) == ["CRYPTOGRAPHIC_SECURITY_ERROR"]


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "HS256", "HS384", "HS512", ""])
async def test_T26_no_signature_is_no_proof(canonicalizer: RdfCanonicalizer, alg: str) -> None:
    """`none` or a MAC is refused, signed or not, and no key is looked up for it."""
    internet = FakeInternet()
    issuer = did_web(internet)
    text = token(issuer, alg=alg)
    for unsigned in (text, spliced(text, 2, "")):
        found, verified = await proven(unsigned, proof_tools(canonicalizer, internet))
        assert codes(found) == ["unsupported-algorithm"]
        assert found.proof.outcome is (INDETERMINATE if alg in ("", "None", "NONE") else FAIL)
        assert verified is None
    assert internet.requests == []


async def test_T26_token_without_an_algorithm_is_no_proof(canonicalizer: RdfCanonicalizer) -> None:
    """The header has to name the algorithm (RFC 7515, section 4.1.1)."""
    issuer = Issuer.did_key()
    text = spliced(token(issuer), 0, base64url(json.dumps({"typ": "vc+jwt", "kid": issuer.method}).encode()))
    found, _ = await proven(text, proof_tools(canonicalizer))
    assert (found.proof.outcome, codes(found)) == (FAIL, ["unsupported-algorithm"])


@pytest.mark.parametrize("secret", ["jwk", "pem", "raw"])
async def test_T26_public_key_is_never_a_secret(canonicalizer: RdfCanonicalizer, secret: str) -> None:
    """A MAC made with the issuer's public key, in whatever form, is refused under any algorithm."""
    internet = FakeInternet()
    issuer = did_web(internet)
    public = issuer.key.public_key()
    forms = {
        "jwk": json.dumps(jwk(issuer.key)).encode(),
        "pem": public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo),
        "raw": public.public_bytes_raw(),
    }
    for alg in ("HS256", "EdDSA"):
        signed = token(issuer, alg=alg).rpartition(".")[0]
        mac = hmac.new(forms[secret], signed.encode(), hashlib.sha256).digest()
        found, _ = await proven(f"{signed}.{base64url(mac)}", proof_tools(canonicalizer, internet))
        assert found.proof.outcome is FAIL


@pytest.mark.parametrize("alg", ["ES256K-R", "PS256", "RS512", "Ed448", "X"])
async def test_unknown_algorithm_is_indeterminate(canonicalizer: RdfCanonicalizer, alg: str) -> None:
    """An algorithm that is not verified here could not be checked."""
    found, _ = await proven(token(Issuer.did_key(), alg=alg), proof_tools(canonicalizer))
    assert (found.proof.outcome, codes(found)) == (INDETERMINATE, ["unsupported-algorithm"])


@pytest.mark.parametrize("kind", ALGORITHMS)
async def test_T27_algorithm_is_the_keys(canonicalizer: RdfCanonicalizer, kind: str) -> None:
    """A header that names another algorithm than the key's is refused, however good the signature."""
    internet = FakeInternet()
    issuer = did_web(internet, kind=kind)
    for alg in set(ALGORITHMS.values()) - {ALGORITHMS[kind]}:
        found, _ = await proven(token(issuer, alg=alg), proof_tools(canonicalizer, internet))
        assert (found.proof.outcome, codes(found)) == (FAIL, ["CRYPTOGRAPHIC_SECURITY_ERROR"])


@pytest.mark.parametrize("kind", ["P-256", "P-384"])
async def test_der_signature_is_refused(canonicalizer: RdfCanonicalizer, kind: str) -> None:
    """An ECDSA signature in a token is R || S (RFC 7518, section 3.4), and never anything longer or shorter."""
    internet = FakeInternet()
    text = token(did_web(internet, kind=kind))
    signature = _jose.parse(text).signature
    for wrong in (b"", signature[:-1], signature + b"\0", b"\0" + signature, b"\x30\x46\x02\x21\0" + signature):
        found, _ = await proven(spliced(text, 2, base64url(wrong)), proof_tools(canonicalizer, internet))
        assert codes(found) == ["CRYPTOGRAPHIC_SECURITY_ERROR"]


# Reading


@pytest.mark.parametrize("where", [0, 1])
def test_T22_member_twice_is_refused(where: int) -> None:
    """A token whose header or payload has a member twice could be read in two ways."""
    text = token(Issuer.did_key())
    raw = ('{"alg":"EdDSA","alg":"EdDSA","typ":"vc+jwt"}', '{"type":["VerifiableCredential"],"id":"a","id":"b"}')
    assert refused(spliced(text, where, base64url(raw[where].encode()))).problem.code == "duplicate-key"


@pytest.mark.parametrize("raw", ['{"a":NaN}', '{"a":9007199254740993}', '{"a":1e400}'])
def test_T23_number_out_of_range_is_refused(raw: str) -> None:
    """What implementations read differently is refused inside a token too."""
    text = spliced(token(Issuer.did_key()), 1, base64url(raw.encode()))
    assert refused(text).problem.code == "number-out-of-range"


@pytest.mark.parametrize("header", [{"crit": []}, {"crit": ["exp"], "exp": 1}, {"b64": False}, {"b64": True}], ids=str)
def test_T29_crit_and_b64_are_refused(header: dict[str, Any]) -> None:
    """Extensions that are not understood here refuse the token before its key is looked up."""
    assert refused(token(Issuer.did_key(), **header)).problem.code == "token-malformed"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda segment: segment + "=",
        lambda segment: segment + "==",
        lambda segment: segment + "\n",
        lambda segment: segment[:8] + " " + segment[8:],
        lambda segment: segment[:-1] + chr(ord(segment[-1]) + 1),
    ],
    ids=["padding", "more padding", "line break", "space", "trailing bits"],
)
def test_T30_signature_has_one_spelling(spoil: Any) -> None:
    """A signature of 64 octets in another spelling of base64url is refused."""
    parts = token(Issuer.did_key()).split(".")
    parts[2] = spoil(base64url(bytes(64)))
    assert refused(".".join(parts)).problem.code == "token-malformed"


@pytest.mark.parametrize("where", [0, 1, 2])
@pytest.mark.parametrize("junk", ["=", "\n", " ", "+", "/", "é"])
def test_T30_every_part_has_one_spelling(where: int, junk: str) -> None:
    """Padding or junk in any part is refused, or makes it no token at all."""
    text = token(Issuer.did_key())
    assert reading(spliced(text, where, text.split(".")[where] + junk)) in ("token-malformed", "not recognized")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32-le", "latin-1", "utf-8-sig"])
def test_T24_payload_is_utf_8(encoding: str) -> None:
    """A payload in another encoding is refused, with or without a byte order mark."""
    text = token(Issuer.did_key())
    payload = json.dumps(credential("did:example:é"), ensure_ascii=False).encode(encoding)
    assert reading(spliced(text, 1, base64url(payload))) in ("not-utf8", "not-json", "not recognized")


@pytest.mark.parametrize("payload", [[], [{}], "text", 5, True, None], ids=str)
@pytest.mark.parametrize("typ", ["vc+jwt", "JWT", None])
def test_T31_payload_is_an_object(payload: Any, typ: str | None) -> None:
    """A payload that is anything but an object is refused."""
    issuer = Issuer.did_key()
    text = compact(issuer.key, {"kid": issuer.method} | ({"typ": typ} if typ else {}), payload)
    assert refused(text).problem.code == "token-malformed"


@pytest.mark.parametrize("header", [{"typ": 5}, {"alg": ["EdDSA"]}, {"alg": {}}], ids=str)
def test_malformed_header_is_refused(header: dict[str, Any]) -> None:
    """What a header says about the type and the algorithm is text."""
    issuer = Issuer.did_key()
    text = compact(issuer.key, {"typ": "vc+jwt", **header}, credential(issuer.did))
    assert reading(text) in ("token-malformed", "not recognized")


@pytest.mark.parametrize("kid", [5, [], {}, True])
async def test_malformed_kid_names_no_key(canonicalizer: RdfCanonicalizer, kid: Any) -> None:
    """Neither does it stand for the only key of an issuer who has but one."""
    found, verified = await proven(token(Issuer.did_key(), kid=kid), proof_tools(canonicalizer))
    assert (found.proof.outcome, codes(found), verified) == (FAIL, ["token-malformed"], None)


@pytest.mark.parametrize("claim", ["iss", "sub", "aud"])
def test_claim_in_the_header_is_the_payloads(claim: str) -> None:
    """A claim that is repeated in the header says the same there (RFC 7519, section 5.3)."""
    assert refused(token(Issuer.did_key(), **{claim: "did:example:other"})).problem.code == "token-malformed"


@pytest.mark.parametrize(
    "text", ["", ".", "..", "a.b", "a.b.c.d", "e30.e30.", "Zm9v.e30.AA", "é.e30.AA", "e30.W10.AA\n"]
)
def test_what_is_no_token_is_nobodys_or_refused(text: str) -> None:
    """Text that is not three parts of base64url is not recognized, or refused as malformed."""
    assert reading(text) in ("token-malformed", "not recognized")


@pytest.mark.parametrize("claims", [{"type": "Assertion"}, {"scope": "read"}], ids=str)
def test_other_tokens_are_not_recognized(claims: dict[str, Any]) -> None:
    """An Open Badges 2.0 assertion or an access token is somebody else's."""
    assert recognize(token(Issuer.did_key(), claims, typ="JWT")) is None
    assert recognize(token(Issuer.did_key(), claims, typ="at+jwt")) is None
    assert recognize(token(Issuer.did_key(), claims, typ=None)) is None


# Keys


@pytest.mark.parametrize("kid", ["#key-1", "key-1"])
async def test_kid_may_be_a_fragment_of_the_issuers_document(canonicalizer: RdfCanonicalizer, kid: str) -> None:
    """A `kid` that is no URL names a method of the issuer's own document."""
    internet = FakeInternet()
    found, _ = await proven(token(did_web(internet), kid=kid), proof_tools(canonicalizer, internet))
    assert (found.proof.outcome, found.issuer.outcome) == (PASS, PASS)


@pytest.mark.parametrize("kind", ["Ed25519", "P-256"])
async def test_did_of_one_key_needs_no_kid(canonicalizer: RdfCanonicalizer, kind: str) -> None:
    """A did:key or did:jwk issuer has but one key, so a token need not name it."""
    issuer = Issuer.did_key(kind)
    encoded = base64url(json.dumps(jwk(issuer.key)).encode())
    for one in (issuer, Issuer(f"did:jwk:{encoded}", issuer.key, f"did:jwk:{encoded}#0")):
        for kid in (None, one.method):
            found, _ = await proven(token(one, kid=kid), proof_tools(canonicalizer))
            assert (found.proof.outcome, found.issuer.outcome) == (PASS, PASS)


async def test_token_that_names_no_key_is_indeterminate(canonicalizer: RdfCanonicalizer) -> None:
    """An issuer may have several keys; which one signed is not guessed, and nothing is fetched."""
    internet = FakeInternet()
    found, _ = await proven(token(did_web(internet), kid=None), proof_tools(canonicalizer, internet))
    assert (found.proof.outcome, codes(found)) == (INDETERMINATE, ["INVALID_VERIFICATION_METHOD_URL"])
    assert internet.requests == []


async def test_key_of_a_document_is_a_json_web_key(canonicalizer: RdfCanonicalizer) -> None:
    """In a document that somebody wrote, the key of a token is given as publicKeyJwk."""
    internet, issuer = FakeInternet(), Issuer.did_web("issuer.example")
    serve_document(internet, issuer)
    found, _ = await proven(token(issuer), proof_tools(canonicalizer, internet))
    assert codes(found) == ["INVALID_VERIFICATION_METHOD"]


async def test_T28_bare_jwk_says_nothing_about_the_issuer(canonicalizer: RdfCanonicalizer) -> None:
    """A key in the header shows that the token is intact, and no more; the issuer is not even asked."""
    internet = FakeInternet()
    issuer = did_web(internet)
    found, _ = await proven(token(issuer, kid=None, jwk=jwk(issuer.key)), proof_tools(canonicalizer, internet))
    assert (found.proof.outcome, found.issuer.outcome) == (PASS, FAIL)
    assert codes(found, "issuer") == ["issuer-mismatch"]
    assert internet.requests == []


@pytest.mark.parametrize("injected", ["jwk", "jku", "x5u", "x5c"])
async def test_T28_injected_key_is_not_used(canonicalizer: RdfCanonicalizer, injected: str) -> None:
    """Beside the issuer's `kid`, no other key of the header counts, and none is fetched."""
    internet, attacker = FakeInternet(), new_key()
    trusted = did_web(internet)
    internet.serve("https://attacker.example/keys", {"keys": [{**jwk(attacker), "kid": trusted.method}]})
    values = {"jwk": jwk(attacker), "x5c": ["MIIB"]}
    forger = Issuer(trusted.did, attacker, trusted.method)
    text = token(forger, **{injected: values.get(injected, "https://attacker.example/keys")})
    found, verified = await proven(text, proof_tools(canonicalizer, internet))
    assert codes(found) == ["CRYPTOGRAPHIC_SECURITY_ERROR"]
    assert verified is None
    assert internet.requests == [trusted.document_url]


@pytest.mark.parametrize("injected", ["jku", "x5u"])
async def test_T28_key_url_alone_is_not_fetched(canonicalizer: RdfCanonicalizer, injected: str) -> None:
    """Without a `kid`, a URL for keys in the header is not looked at."""
    internet = FakeInternet()
    text = token(did_web(internet), kid=None, **{injected: "https://attacker.example/keys"})
    found, _ = await proven(text, proof_tools(canonicalizer, internet))
    assert found.proof.outcome is INDETERMINATE
    assert internet.requests == []


async def test_private_jwk_is_refused(canonicalizer: RdfCanonicalizer) -> None:
    """A private key in the header signs for everybody."""
    issuer = Issuer.did_key()
    private = {**jwk(issuer.key), "d": base64url(bytes(32))}
    found, _ = await proven(token(issuer, kid=None, jwk=private), proof_tools(canonicalizer))
    assert codes(found) == ["INVALID_VERIFICATION_METHOD"]


@pytest.mark.parametrize("host", ["attacker.example", "issuer.example.attacker.example"])
async def test_T28_https_kid_elsewhere_is_not_fetched(canonicalizer: RdfCanonicalizer, host: str) -> None:
    """A key that the issuer's document does not list is not even asked for where its origin is another."""
    internet = FakeInternet()
    trusted = https(internet, "https://issuer.example/issuers/1")
    attacker = https(internet, f"https://{host}/issuers/1")
    forged = token(attacker, credential(trusted.did))
    found, _ = await proven(forged, proof_tools(canonicalizer, internet))
    assert (found.proof.outcome, codes(found)) == (INDETERMINATE, ["not-asked"])
    assert (found.issuer.outcome, codes(found, "issuer")) == (FAIL, ["issuer-mismatch"])
    assert internet.requests == [trusted.did]


async def test_T28_did_kid_elsewhere_is_not_fetched(canonicalizer: RdfCanonicalizer) -> None:
    """The same holds for a DID that would be fetched; one that follows from itself is only not the issuer's."""
    internet = FakeInternet()
    trusted, attacker = did_web(internet), did_web(internet, "attacker.example")
    found, _ = await proven(token(attacker, credential(trusted.did)), proof_tools(canonicalizer, internet))
    assert codes(found, "issuer") == ["issuer-mismatch"]
    assert internet.requests == [trusted.document_url]
    found, _ = await proven(token(Issuer.did_key(), credential(trusted.did)), proof_tools(canonicalizer, internet))
    assert (found.proof.outcome, codes(found, "issuer")) == (PASS, ["issuer-mismatch"])


async def test_T28_key_that_the_issuers_document_lists(canonicalizer: RdfCanonicalizer) -> None:
    """A key elsewhere is the issuer's if its own document lists it."""
    internet = FakeInternet()
    keys = https(internet, "https://keys.example/issuer")
    trusted = https(internet, "https://issuer.example/issuers/1", assertionMethod=[keys.method])
    found, _ = await proven(token(keys, credential(trusted.did)), proof_tools(canonicalizer, internet))
    assert (found.proof.outcome, found.issuer.outcome) == (PASS, PASS)
    assert found.issuer.facts["basis"] == "document"


async def test_T28_same_origin_alone_is_not_the_issuer(canonicalizer: RdfCanonicalizer) -> None:
    """On a shared host, issuer A cannot sign as B: its key may be fetched, but is not B's."""
    internet = FakeInternet()
    a, b = https(internet, "https://shared.example/a"), https(internet, "https://shared.example/b")
    internet.serve("https://shared.example/.well-known/jwks.json", {"keys": []})
    found, _ = await proven(token(a, credential(b.did)), proof_tools(canonicalizer, internet))
    assert (found.proof.outcome, found.issuer.outcome) == (PASS, FAIL)
    assert codes(found, "issuer") == ["issuer-mismatch"]


async def test_T28_key_set_of_the_origin(canonicalizer: RdfCanonicalizer) -> None:
    """A key at the issuer's origin is the issuer's if the origin's own key set names it, and the result says so."""
    internet, key = FakeInternet(), new_key()
    url = "https://example.edu/keys/1"
    issuer = Issuer("https://example.edu/issuers/1", key, url)
    internet.serve("https://example.edu/.well-known/jwks.json", {"keys": [{**jwk(key), "kid": url}]})
    internet.serve(issuer.did, {"id": issuer.did, "name": "Example University"})
    found, _ = await proven(token(issuer), proof_tools(canonicalizer, internet))
    assert (found.proof.outcome, found.issuer.outcome) == (PASS, PASS)
    assert found.issuer.facts["basis"] == "origin_jwks"


async def test_outage_leaves_the_issuer_unknown(canonicalizer: RdfCanonicalizer) -> None:
    """A document or key set that cannot be had neither binds nor refutes."""
    internet, key = FakeInternet(), new_key()
    issuer = Issuer("https://example.edu/issuers/1", key, "https://elsewhere.example/keys#1")
    found, _ = await proven(token(issuer), proof_tools(canonicalizer, internet))
    assert (found.issuer.outcome, codes(found, "issuer")) == (INDETERMINATE, ["unreachable"])
    assert internet.requests == [issuer.did]
    internet = FakeInternet()
    neighbour = https(internet, "https://example.edu/issuers/2")
    internet.serve(issuer.did, {"id": issuer.did})
    found, _ = await proven(token(neighbour, credential(issuer.did)), proof_tools(canonicalizer, internet))
    assert (found.proof.outcome, found.issuer.outcome) == (PASS, INDETERMINATE)


async def test_T28_malformed_urls_share_no_origin(canonicalizer: RdfCanonicalizer) -> None:
    """What has no host and port has no origin, and two of that kind not the same one."""
    internet = FakeInternet()
    for issuer, kid in (
        ("https://[broken/issuer", "https://[broken/key#1"),
        ("https://example.edu:99999/issuer", "https://example.edu:99999/key#1"),
        ("did:web:example.edu", "https://[broken/key#1"),
    ):
        text = token(Issuer(issuer, new_key(), kid))
        found, _ = await proven(text, proof_tools(canonicalizer, internet))
        assert (found.proof.outcome, codes(found)) == (INDETERMINATE, ["not-asked"])
    assert not [url for url in internet.requests if "key" in url or "jwks" in url]


async def test_kid_without_an_issuer_leads_nowhere(canonicalizer: RdfCanonicalizer) -> None:
    """A token whose credential names no issuer has no key that could be its issuer's."""
    internet = FakeInternet()
    issuer = did_web(internet)
    document = {name: value for name, value in credential(issuer.did).items() if name != "issuer"}
    found, verified = await proven(token(issuer, document), proof_tools(canonicalizer, internet))
    assert codes(found) == ["INVALID_VERIFICATION_METHOD_URL"]
    assert verified is None
    assert internet.requests == []


@pytest.mark.parametrize("name", FORMATS)
def test_format_refuses_what_it_does_not_recognize(name: str) -> None:
    """Asked to parse another kind of input, a format refuses."""
    other: Any = "a.b.c" if name.startswith("data-integrity") else b"{}" if name == "vp+jwt" else {}
    with pytest.raises(Invalid):
        FORMATS[name].parse(Presented(content=other))


@pytest.mark.parametrize("kid", ["http://issuer.example/key#1", "urn:uuid:1", "file:///etc/passwd", "javascript:x#y"])
async def test_T28_kid_of_another_scheme_is_not_fetched(canonicalizer: RdfCanonicalizer, kid: str) -> None:
    """Only a DID or an https URL leads to a key."""
    internet = FakeInternet()
    issuer = did_web(internet)
    found, verified = await proven(token(issuer, kid=kid), proof_tools(canonicalizer, internet))
    assert codes(found, "issuer") == ["issuer-mismatch"]
    assert verified is None
    assert set(internet.requests) <= {issuer.document_url}


async def test_T35_key_for_another_purpose_is_refused(canonicalizer: RdfCanonicalizer) -> None:
    """The document has to list the key for issuing."""
    internet, issuer = FakeInternet(), Issuer.did_web("issuer.example")
    serve_document(internet, issuer, as_jwk=True, assertionMethod=[], authentication=[issuer.method])
    found, _ = await proven(token(issuer), proof_tools(canonicalizer, internet))
    assert codes(found) == ["INVALID_RELATIONSHIP_FOR_VERIFICATION_METHOD"]


async def test_T44_small_or_mismatched_keys_never_verify(canonicalizer: RdfCanonicalizer) -> None:
    """A did:key whose header does not fit its octets is refused."""
    issuer = Issuer.did_key()
    assert key_kind(issuer.key) == "Ed25519"
    wrong = "z" + multikey(issuer.key)[1:][::-1]
    forged = Issuer(f"did:key:{wrong}", issuer.key, f"did:key:{wrong}#{wrong}")
    found, _ = await proven(token(forged), proof_tools(canonicalizer))
    assert found.proof.outcome is not PASS


def test_signature_is_over_what_was_sent() -> None:
    """The signing input is the text of the token, not what was made of it."""
    issuer = Issuer.did_key()
    header = base64url(b'{ "alg": "EdDSA", "typ": "vc+jwt" }')
    payload = base64url(b'{ "type" : ["VerifiableCredential"] }')
    text = f"{header}.{payload}." + base64url(sign(issuer.key, f"{header}.{payload}".encode()))
    assert _jose.parse(text).signing_input == f"{header}.{payload}".encode()


def test_T17_all_formats_together_look_into_a_token_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dozen of them ask what a token seems to be, and a megabyte is decoded for the first."""
    decoded: list[int] = []
    loosely = _jose._loosely

    def counted(segment: str) -> Any:
        decoded.append(len(segment))
        return loosely(segment)

    monkeypatch.setattr(_jose, "_loosely", counted)
    text = token(Issuer.did_key(), typ="JWT", claims={"x": "y"})
    assert not any(plugin.recognize(Presented(content=text)) for plugin in FORMATS.values())
    assert len(decoded) == 2
