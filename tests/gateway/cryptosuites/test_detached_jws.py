"""The suites of before Data Integrity: a graph under a JWS whose payload is detached."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from gateway.cryptosuites._detached_jws import proof_configurations
from gateway.demo.issuer import Issuer, base64url, detached, sign
from resolvers import base64url as strict
from tests.gateway.proving import CREDENTIALS_V1, codes, credential, proof_tools, proven, with_proof
from tests.internet import FakeInternet

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.canonical.rdf import RdfCanonicalizer

KINDS = [
    ("Ed25519Signature2018", "Ed25519"),
    ("RsaSignature2018", "RSA"),
    ("EcdsaSecp256k1Signature2019", "secp256k1"),
    ("JsonWebSignature2020", "Ed25519"),
    ("JsonWebSignature2020", "secp256k1"),
    ("JsonWebSignature2020", "P-256"),
    ("JsonWebSignature2020", "P-384"),
    ("JsonWebSignature2020", "RSA"),
]
SECURITY_V2 = "https://w3id.org/security/v2"


def served(kind: str) -> tuple[Issuer, FakeInternet]:
    """Return an issuer with a key of that kind, and the internet that has its document."""
    issuer, internet = Issuer.did_web("university.example", kind=kind), FakeInternet()
    internet.serve(issuer.document_url, issuer.document)
    return issuer, internet


def unsecured(issuer: Issuer, **members: Any) -> dict[str, Any]:
    """Return an unsecured VCDM 1.1 credential."""
    made = {**credential(issuer.did), "@context": [CREDENTIALS_V1], "issuanceDate": "2026-01-01T00:00:00Z", **members}
    del made["validFrom"]
    return made


async def sign_under(
    issuer: Issuer, document: dict[str, Any], configuration: dict[str, Any], canonicalizer: RdfCanonicalizer
) -> str:
    """Return the JWS over a document and a proof configuration, each canonicalized as it is."""
    parts = [(await canonicalizer.canonicalize(part)).nquads for part in (configuration, document)]
    return detached(issuer.key, b"".join(hashlib.sha256(part).digest() for part in parts))


@pytest.mark.parametrize(("suite", "kind"), KINDS)
async def test_signed_credential_verifies(canonicalizer: RdfCanonicalizer, suite: str, kind: str) -> None:
    """A credential verifies as it was signed, is its issuer's, and is returned whole."""
    issuer, internet = served(kind)
    signed = await issuer.secure(unsecured(issuer), canonicalizer, suite=suite)
    found, verified = await proven(signed, proof_tools(canonicalizer, internet))
    assert [found.data_loss.outcome, found.proof.outcome, found.issuer.outcome] == ["pass"] * 3
    assert verified is not None
    assert verified.document == signed


@pytest.mark.parametrize(
    "change",
    [
        {"issuanceDate": "2026-01-02T00:00:00Z"},
        {"credentialSubject": {"id": "did:example:somebody-else"}},
        {"id": "urn:uuid:00000000-0000-4000-8000-000000000000"},
        {"expirationDate": "2036-01-01T00:00:00Z"},
    ],
    ids=str,
)
@pytest.mark.parametrize(("suite", "kind"), KINDS)
async def test_spoilt_member_does_not_verify(
    canonicalizer: RdfCanonicalizer, suite: str, kind: str, change: dict[str, Any]
) -> None:
    """With one member changed or added, the signature is another document's."""
    issuer, internet = served(kind)
    signed = await issuer.secure(unsecured(issuer), canonicalizer, suite=suite)
    found, verified = await proven({**signed, **change}, proof_tools(canonicalizer, internet))
    assert codes(found) == ["PROOF_VERIFICATION_ERROR"]
    assert verified is None


@pytest.mark.parametrize(("suite", "kind"), KINDS)
async def test_options_of_the_proof_are_signed(canonicalizer: RdfCanonicalizer, suite: str, kind: str) -> None:
    """What the proof says is signed with the document: neither changed nor added to."""
    issuer, internet = served(kind)
    signed = await issuer.secure(unsecured(issuer), canonicalizer, suite=suite)
    for change in ({"created": "2026-01-02T00:00:00Z"}, {"created": None}, {"nonce": "1"}, {"domain": "a.example"}):
        found, _ = await proven(with_proof(signed, **change), proof_tools(canonicalizer, internet))
        assert codes(found) == ["PROOF_VERIFICATION_ERROR"], change


@pytest.mark.parametrize("suite", sorted({suite for suite, _ in KINDS}))
async def test_key_of_another_type_does_not_fit(canonicalizer: RdfCanonicalizer, suite: str) -> None:
    """A suite takes only keys of the types that it is defined for, whatever the signature."""
    fitting = {kind for name, kind in KINDS if name == suite}
    for kind in {"Ed25519", "P-256", "P-384", "P-521", "secp256k1", "RSA"} - fitting:
        issuer, internet = served(kind)
        signed = await issuer.secure(unsecured(issuer), canonicalizer, suite=suite)
        found, _ = await proven(signed, proof_tools(canonicalizer, internet))
        assert codes(found) == ["PROOF_VERIFICATION_ERROR"], kind
        assert found.proof.problems[0].pointer == "/proof"


HEADERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "no b64": lambda header: {name: value for name, value in header.items() if name != "b64"},
    "b64 true": lambda header: {**header, "b64": True},
    "b64 0": lambda header: {**header, "b64": 0},
    "no crit": lambda header: {name: value for name, value in header.items() if name != "crit"},
    "more crit": lambda header: {**header, "crit": ["b64", "exp"]},
    "crit twice": lambda header: {**header, "crit": ["b64", "b64"]},
    "crit text": lambda header: {**header, "crit": "b64"},
    "more members": lambda header: {**header, "kid": "did:web:university.example#key-1"},
    "no alg": lambda header: {name: value for name, value in header.items() if name != "alg"},
    "alg none": lambda header: {**header, "alg": "none"},
    "alg HS256": lambda header: {**header, "alg": "HS256"},
    "alg of another key": lambda header: {**header, "alg": "ES384" if header["alg"] != "ES384" else "ES256"},
    "alg list": lambda header: {**header, "alg": [header["alg"]]},
    "array": lambda header: [header],
    "number": lambda _: 1,
}


@pytest.mark.parametrize("change", HEADERS.values(), ids=HEADERS)
@pytest.mark.parametrize(("suite", "kind"), KINDS)
async def test_T29_header_is_exactly_what_the_suite_makes(
    canonicalizer: RdfCanonicalizer, suite: str, kind: str, change: Callable[[dict[str, Any]], Any]
) -> None:
    """`b64` is false and alone critical, `alg` is the key's, and nothing else is there, however well it is signed."""
    issuer, internet = served(kind)
    document = unsecured(issuer)
    signed = await issuer.secure(document, canonicalizer, suite=suite)
    honest = strict.decode(signed["proof"]["jws"].partition(".")[0])
    protected = base64url(json.dumps(change(json.loads(honest))).encode())
    parts = (proof_configurations(document, signed["proof"])[0], document)
    digests = [hashlib.sha256((await canonicalizer.canonicalize(part)).nquads).digest() for part in parts]
    signature = sign(issuer.key, f"{protected}.".encode() + b"".join(digests), pss="PS256" in honest.decode())
    wrong = with_proof(signed, jws=f"{protected}..{base64url(signature)}")
    found, _ = await proven(wrong, proof_tools(canonicalizer, internet))
    assert codes(found) == ["PROOF_VERIFICATION_ERROR"]
    assert found.proof.problems[0].pointer == "/proof/jws"


async def test_T22_header_has_no_member_twice(canonicalizer: RdfCanonicalizer) -> None:
    """Of two equal members, implementations read different ones."""
    issuer, internet = served("Ed25519")
    signed = await issuer.secure(unsecured(issuer), canonicalizer, suite="Ed25519Signature2018")
    header = base64url(b'{"alg":"EdDSA","b64":true,"b64":false,"crit":["b64"]}')
    wrong = with_proof(signed, jws=f"{header}..{signed['proof']['jws'].rpartition('.')[2]}")
    found, _ = await proven(wrong, proof_tools(canonicalizer, internet))
    assert codes(found) == ["PROOF_VERIFICATION_ERROR"]


@pytest.mark.parametrize(("suite", "kind"), KINDS)
async def test_T30_jws_has_one_spelling(canonicalizer: RdfCanonicalizer, suite: str, kind: str) -> None:
    """A JWS that is spelt otherwise, or has a payload, is none."""
    issuer, internet = served(kind)
    signed = await issuer.secure(unsecured(issuer), canonicalizer, suite=suite)
    jws: str = signed["proof"]["jws"]
    header, _, signature = jws.split(".")
    for wrong in (
        None,
        5,
        "",
        "..",
        header,
        f"{header}.",
        f"{header}.{signature}",
        f"{header}..",
        f"{header}..{signature}=",
        f"{header}=..{signature}",
        f"{header}..{signature} ",
        f" {header}..{signature}",
        f"{header}..{signature}.",
        f"{header}...{signature}",
        f"{header}.{base64url(b'payload')}.{signature}",
        f"{header}..{signature[:-4]}",
        f"{header}..{signature}AAAA",
        f"{header}..{signature[:-1]}é",
        f"{header}..{'A' * 100_000}",
    ):
        found, _ = await proven(with_proof(signed, jws=wrong), proof_tools(canonicalizer, internet))
        assert codes(found) == ["PROOF_VERIFICATION_ERROR"], wrong
        assert found.proof.problems[0].pointer in ("/proof/jws", "/proof/proofValue"), wrong


@pytest.mark.parametrize(("suite", "kind"), KINDS)
async def test_T62_end_of_the_proof_has_no_other_name(canonicalizer: RdfCanonicalizer, suite: str, kind: str) -> None:
    """In security/v2, under which the proof is read, `expires` is `expiration` too: a holder must not use it."""
    issuer, internet = served(kind)
    options = {"expires": "2026-02-01T00:00:00Z"}
    signed = await issuer.secure(unsecured(issuer), canonicalizer, suite=suite, options=options)
    found, _ = await proven(signed, proof_tools(canonicalizer, internet))
    assert codes(found) == ["proof-expired"]
    hidden = with_proof(signed, expires=None, expiration=options["expires"])
    found, verified = await proven(hidden, proof_tools(canonicalizer, internet))
    assert codes(found, "data_loss") == ["DATA_LOSS_DETECTION_ERROR"]
    assert verified is None


def test_readings_of_a_proof() -> None:
    """A proof is read under security/v2, under the document's contexts and its own, and under its own alone."""
    proof: dict[str, Any] = {"type": "JsonWebSignature2020", "created": "2026-01-01T00:00:00Z", "jws": "a..b"}
    document = {"@context": CREDENTIALS_V1}
    under_security = {**proof, "@context": SECURITY_V2, "type": "https://w3id.org/security#JsonWebSignature2020"}
    own = "https://w3id.org/security/suites/jws-2020/v1"
    expected: list[dict[str, Any]] = [under_security, {**proof, "@context": [CREDENTIALS_V1]}]
    assert without_jws(expected) == proof_configurations(document, proof)
    expected = [under_security, {**proof, "@context": [CREDENTIALS_V1, own]}, {**proof, "@context": [own]}]
    assert without_jws(expected) == proof_configurations(document, {**proof, "@context": own})


def without_jws(proofs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the proofs without their JWS."""
    return [{name: value for name, value in proof.items() if name != "jws"} for proof in proofs]


async def test_proof_that_was_read_under_the_documents_context_verifies(canonicalizer: RdfCanonicalizer) -> None:
    """credentials/v1 forgets the prefix `sec` in RsaSignature2018, so that signers differ: either is accepted."""
    issuer, internet = served("RSA")
    document = unsecured(issuer)
    proof = {
        "type": "RsaSignature2018",
        "created": "2026-01-01T00:00:00Z",
        "proofPurpose": "assertionMethod",
        "verificationMethod": issuer.jose_method,
    }
    readings = proof_configurations(document, proof)
    graphs = [(await canonicalizer.canonicalize(reading)).nquads for reading in readings]
    assert graphs[0] != graphs[1]
    assert b"<sec:proofPurpose>" in graphs[1]
    for reading in readings:
        signed = {**document, "proof": {**proof, "jws": await sign_under(issuer, document, reading, canonicalizer)}}
        found, _ = await proven(signed, proof_tools(canonicalizer, internet))
        assert found.proof.outcome == "pass"


@pytest.mark.parametrize("algorithm", ["RS256", "PS256"])
async def test_rsa_signature_2018_has_either_padding(canonicalizer: RdfCanonicalizer, algorithm: str) -> None:
    """Implementations differ in it, and say which in the signed header."""
    issuer, internet = served("RSA")
    document = unsecured(issuer)
    signed = await issuer.secure(document, canonicalizer, suite="RsaSignature2018")
    parts = (proof_configurations(document, signed["proof"])[0], document)
    digests = [hashlib.sha256((await canonicalizer.canonicalize(part)).nquads).digest() for part in parts]
    again = with_proof(signed, jws=detached(issuer.key, b"".join(digests), alg=algorithm))
    found, _ = await proven(again, proof_tools(canonicalizer, internet))
    assert found.proof.outcome == "pass"


async def test_context_in_the_proof_is_not_believed_alone(canonicalizer: RdfCanonicalizer) -> None:
    """A context that is written into the proof cannot give its members a meaning of its own."""
    issuer, internet = served("Ed25519")
    document = unsecured(issuer)
    own = {
        "@version": 1.1,
        "type": "@type",
        "Ed25519Signature2018": "https://w3id.org/security#Ed25519Signature2018",
        "created": {"@id": "http://purl.org/dc/terms/created", "@type": "http://www.w3.org/2001/XMLSchema#dateTime"},
        "challenge": {
            "@id": "https://w3id.org/security#expiration",
            "@type": "http://www.w3.org/2001/XMLSchema#dateTime",
        },
        "proofPurpose": {"@id": "https://w3id.org/security#proofPurpose", "@type": "@vocab"},
        "assertionMethod": "https://w3id.org/security#assertionMethod",
        "verificationMethod": {"@id": "https://w3id.org/security#verificationMethod", "@type": "@id"},
    }
    proof = {
        "type": "Ed25519Signature2018",
        "created": "2026-01-01T00:00:00Z",
        "proofPurpose": "assertionMethod",
        "verificationMethod": issuer.method,
    }
    expired = {**proof, "@context": SECURITY_V2, "expires": "2026-02-01T00:00:00Z"}
    jws = await sign_under(issuer, document, expired, canonicalizer)
    hidden = {**proof, "@context": own, "challenge": "2026-02-01T00:00:00Z", "jws": jws}
    found, verified = await proven({**document, "proof": hidden}, proof_tools(canonicalizer, internet))
    assert found.proof.outcome == "fail"
    assert verified is None


async def test_context_of_json_web_signature_2020_is_needed_by_a_document_only(canonicalizer: RdfCanonicalizer) -> None:
    """In the proof, where ssi writes it, it is not needed; a document that names it could mean anything by it."""
    issuer, internet = served("Ed25519")
    own = "https://w3id.org/security/suites/jws-2020/v1"
    document = unsecured(issuer)
    signed = await issuer.secure(document, canonicalizer, suite="JsonWebSignature2020")
    found, _ = await proven(with_proof(signed, **{"@context": [own]}), proof_tools(canonicalizer, internet))
    assert found.proof.outcome == "pass"
    found, _ = await proven({**signed, "@context": [CREDENTIALS_V1, own]}, proof_tools(canonicalizer, internet))
    assert (found.proof.outcome, codes(found)) == ("indeterminate", ["unknown-context"])
    wrong = with_proof(signed, **{"@context": [own], "created": "2026-01-02T00:00:00Z"})
    found, _ = await proven(wrong, proof_tools(canonicalizer, internet))
    assert (found.proof.outcome, codes(found)) == ("indeterminate", ["unknown-context"])
