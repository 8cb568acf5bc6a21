"""What the tests of proofs share: real tools over the fake internet, and credentials to spoil."""

from __future__ import annotations

import copy
import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import gateway.cryptosuites
import gateway.formats
import resolvers.did
from gateway.canonical import jcs
from gateway.demo.issuer import Issuer, base58btc, jwk, multikey, sign
from gateway.model import Outcome, Presented
from gateway.plugins import Cryptosuite, Format, ProofTools
from gateway.proof import prove
from resolvers import registry
from resolvers.contexts import ContextStore
from resolvers.model import DidMethod
from resolvers.resolution import Resolution
from tests.internet import FakeInternet
from tests.resolvers.lookup import FakeLookup

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.model import Proven, Secured, Verified
    from gateway.plugins import Canonicalizer

NOW: Final = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
SUITES: Final = registry.scan(gateway.cryptosuites, Cryptosuite, lambda suite: (suite.name,))
FORMATS: Final = registry.scan(gateway.formats, Format, lambda format_: (format_.name,))
METHODS: Final = registry.scan(resolvers.did, DidMethod, lambda method: (method.name,))

STORE: Final = ContextStore.bundled()

CREDENTIALS_V1: Final = "https://www.w3.org/2018/credentials/v1"
CREDENTIALS_V2: Final = "https://www.w3.org/ns/credentials/v2"
OPEN_BADGES: Final = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"


def proof_tools(canonicalizer: Canonicalizer, internet: FakeInternet | None = None, **changes: Any) -> ProofTools:
    """Return tools that see the fake internet only, at noon of 1 June 2026."""
    given: dict[str, Any] = {
        "keys": Resolution(METHODS, FakeLookup(internet or FakeInternet())),
        "canonicalizer": canonicalizer,
        "suites": SUITES,
        "as_of": NOW,
        "clock_skew": 60.0,
    }
    return ProofTools(**given | changes)


def recognize(content: Any, media_type: str | None = None) -> Secured | None:
    """Return what was presented as the one format that recognizes it parses it; None if none does."""
    presented = Presented(content=content, media_type=media_type)
    found = [format_ for format_ in FORMATS.values() if format_.recognize(presented)]
    assert len(found) <= 1
    return found[0].parse(presented) if found else None


async def proven(content: Any, tools: ProofTools) -> tuple[Proven, Verified | None]:
    """Return what the proof step finds in what was presented."""
    secured = recognize(content)
    assert secured is not None
    return await prove(secured, tools)


def codes(found: Proven, check: str = "proof") -> list[str]:
    """Return the problem codes of a check, which has not passed."""
    result = getattr(found, check)
    assert result.outcome is not Outcome.PASS
    return [problem.code for problem in result.problems]


def credential(issuer: str, **members: Any) -> dict[str, Any]:
    """Return an unsecured VCDM 2.0 credential."""
    return {
        "@context": [CREDENTIALS_V2],
        "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
        "type": ["VerifiableCredential"],
        "issuer": issuer,
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:example:abcdefgh"},
        **members,
    }


async def sign_over(
    issuer: Issuer, document: Mapping[str, Any], canonicalizer: Canonicalizer, suite: str, **options: Any
) -> dict[str, Any]:
    """Return a proof by `issuer` over `document` exactly as it is, previous proofs included."""
    kind = {"type": suite} if suite == "Ed25519Signature2020" else {"type": "DataIntegrityProof", "cryptosuite": suite}
    proof = {
        **kind,
        "created": "2026-01-01T00:00:00Z",
        "verificationMethod": issuer.method,
        "proofPurpose": "assertionMethod",
        **options,
    }
    configuration = {**proof, "@context": document["@context"]}
    if "-jcs-" in suite:
        proof = configuration
        forms = [jcs.canonicalize(part) for part in (configuration, document)]
    else:
        forms = [(await canonicalizer.canonicalize(part)).nquads for part in (configuration, document)]
    hashed = b"".join(hashlib.sha256(form).digest() for form in forms)
    return {**proof, "proofValue": "z" + base58btc(sign(issuer.key, hashed))}


def with_proof(secured: dict[str, Any], **members: Any) -> dict[str, Any]:
    """Return a copy whose one proof has other members; one that is None is left out."""
    changed = copy.deepcopy(secured)
    changed["proof"] = {name: value for name, value in {**changed["proof"], **members}.items() if value is not None}
    return changed


def serve_document(internet: FakeInternet, issuer: Issuer, *, as_jwk: bool = False, **members: Any) -> None:
    """Serve the controlled identifier document of `issuer`, its key as a JSON Web Key if asked."""
    method = {"id": issuer.method, "controller": issuer.did, **material(issuer, as_jwk=as_jwk)}
    document = {"id": issuer.did, "verificationMethod": [method], "assertionMethod": [issuer.method]}
    internet.serve(issuer.document_url, {**document, **members})


def material(issuer: Issuer, *, as_jwk: bool = False) -> dict[str, Any]:
    """Return the issuer's public key as a verification method gives it."""
    if as_jwk:
        return {"type": "JsonWebKey", "publicKeyJwk": jwk(issuer.key)}
    return {"type": "Multikey", "publicKeyMultibase": multikey(issuer.key)}
