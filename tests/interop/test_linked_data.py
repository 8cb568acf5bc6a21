"""The Linked Data suites of before Data Integrity, between JavaScript, didkit and here."""

from __future__ import annotations

import copy
import hashlib
import importlib.util
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.canonical.rdf import canonicalizer as new_canonicalizer
from gateway.cryptosuites._detached_jws import proof_configurations
from gateway.cryptosuites._didkit_worker import DidkitWorker
from gateway.demo.issuer import Issuer, base58btc, detached
from tests.didkit_issuer import CREDENTIAL, issue, private_jwk
from tests.gateway.proving import STORE, proof_tools, proven
from tests.interop.node import run
from tests.issuer import University, university

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.canonical.rdf import RdfCanonicalizer

needs_didkit = pytest.mark.skipif(
    importlib.util.find_spec("didkit") is None, reason="there is no didkit for this platform"
)
ISSUED = [
    "RsaSignature2018 jsonld-signatures 5 VCDM 1.1",
    "Ed25519Signature2018 jsonld-signatures 5 VCDM 1.1",
    "Ed25519Signature2018 4 VCDM 1.1",
    "Ed25519Signature2018 4 VCDM 2.0",
]
DIDKIT = [
    ("Ed25519Signature2018", "key", "Ed25519"),
    ("Ed25519Signature2018", "jwk", "Ed25519"),
    ("Ed25519Signature2018", "pkh:sol", "Ed25519"),
    ("EcdsaSecp256k1Signature2019", "key", "secp256k1"),
    ("JsonWebSignature2020", "key", "Ed25519"),
    ("JsonWebSignature2020", "key", "P-256"),
    ("JsonWebSignature2020", "key", "secp256k1"),
    ("JsonWebSignature2020", "jwk", "RSA"),
]
OURS = [
    ("Ed25519Signature2018", "Ed25519"),
    ("EcdsaSecp256k1Signature2019", "secp256k1"),
    ("JsonWebSignature2020", "Ed25519"),
    ("JsonWebSignature2020", "P-256"),
    ("JsonWebSignature2020", "secp256k1"),
]


@pytest.fixture(scope="module")
def issued() -> dict[str, dict[str, Any]]:
    """Credentials freshly issued by the JavaScript implementations."""
    return {item["suite"]: item for item in run("issue_linked_data.js")}


@pytest_asyncio.fixture
async def relying_party(tmp_path: Path) -> AsyncIterator[University]:
    """A verifier over the fake internet."""
    async with university(tmp_path) as made:
        yield made


@pytest_asyncio.fixture
async def canonicalizer() -> AsyncIterator[RdfCanonicalizer]:
    """The real canonicalizer."""
    made = new_canonicalizer(STORE)
    yield made
    await made.close()


@pytest.mark.parametrize("name", ISSUED)
async def test_what_the_peer_issues_verifies(
    name: str, issued: dict[str, dict[str, Any]], relying_party: University
) -> None:
    """A fresh credential of the other implementation passes every check, and not with a claim changed."""
    item = issued[name]
    for url, document in item["documents"].items():
        relying_party.internet.serve(url, document)
    assert (await relying_party.verify(item["credential"])).outcome == "pass"
    changed = copy.deepcopy(item["credential"])
    changed["credentialSubject"]["achievement"]["name"] = "Surgery"
    assert (await relying_party.verify(changed)).outcome == "fail"


async def test_what_is_issued_here_verifies_with_the_peer(canonicalizer: RdfCanonicalizer) -> None:
    """The old jsonld-signatures accepts what is signed here, and not with a claim changed."""
    requests: list[dict[str, Any]] = []
    for kind, suite in (("RSA", "RsaSignature2018"), ("Ed25519", "Ed25519Signature2018")):
        issuer = Issuer.did_web("university.example", kind=kind)
        public = issuer.key.public_key()
        if kind == "RSA":
            material = {"publicKeyPem": public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()}
        else:
            material = {"publicKeyBase58": base58btc(public.public_bytes_raw())}
        document = {**CREDENTIAL, "issuer": issuer.did}
        signed = await issuer.secure(document, canonicalizer, suite=suite)
        if kind == "RSA":  # whose other padding is the peer's
            parts = proof_configurations(document, signed["proof"])[0], document
            digests = [hashlib.sha256((await canonicalizer.canonicalize(part)).nquads).digest() for part in parts]
            signed["proof"]["jws"] = detached(issuer.key, b"".join(digests), alg="PS256")
        verification_type = suite.replace("Signature", "VerificationKey")
        url = signed["proof"]["verificationMethod"]
        method = {"id": url, "type": verification_type, "controller": issuer.did, **material}
        requests.append({"method": method, "credential": signed})
        requests.append({"method": method, "credential": {**signed, "issuanceDate": "2026-01-02T00:00:00Z"}})
    assert run("verify_linked_data.js", requests) == [True, False] * 2


@needs_didkit
@pytest.mark.parametrize(("suite", "method", "kind"), DIDKIT)
async def test_what_didkit_issues_verifies(canonicalizer: RdfCanonicalizer, suite: str, method: str, kind: str) -> None:
    """What didkit signs in the suites that are ours verifies here, and not with a claim changed."""
    [answer] = issue({"method": method, "key": private_jwk(kind), "type": suite})
    credential, later = answer["secured"], datetime(2100, 1, 1, tzinfo=UTC)
    found, _ = await proven(credential, proof_tools(canonicalizer, as_of=later))
    assert (found.proof.outcome, found.issuer.outcome) == ("pass", "pass")
    changed = {**credential, "issuanceDate": "2026-01-02T00:00:00Z"}
    found, _ = await proven(changed, proof_tools(canonicalizer, as_of=later))
    assert found.proof.outcome != "pass"


@needs_didkit
async def test_what_is_issued_here_verifies_with_didkit(canonicalizer: RdfCanonicalizer) -> None:
    """The Rust implementation accepts what is signed here, and not with a claim changed."""
    worker = DidkitWorker()
    try:
        for suite, kind in OURS:
            issuer = Issuer.did_key(kind)
            signed = await issuer.secure({**CREDENTIAL, "issuer": issuer.did}, canonicalizer, suite=suite)
            if suite == "JsonWebSignature2020":  # didkit does not know the type otherwise
                signed["proof"]["@context"] = "https://w3id.org/security/suites/jws-2020/v1"
            options = {"proofPurpose": "assertionMethod"}
            assert await worker.errors(signed, options) == [], suite
            assert await worker.errors({**signed, "issuanceDate": "2026-01-02T00:00:00Z"}, options) != [], suite
    finally:
        await worker.close()
