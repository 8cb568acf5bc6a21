"""Whatever is presented, a format answers: it refuses with a problem, and nothing else is ever raised."""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.canonical.rdf import canonicalizer
from gateway.demo.issuer import base64url
from gateway.model import Outcome
from gateway.proof import prove
from gateway.structure import check_structure
from resolvers.problems import Invalid
from tests.gateway.proving import STORE, SUITES, credential, proof_tools, recognize

if TYPE_CHECKING:
    from gateway.model import Secured

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=9,
)
MEMBERS = st.sampled_from(["@context", "id", "type", "issuer", "credentialSubject", "validFrom", "credentialStatus"])
OPTIONS = ("@context", "id", "created", "expires", "proofPurpose", "previousProof", "proofValue")
PROOF = st.fixed_dictionaries(
    {"type": st.just("DataIntegrityProof") | JSON, "cryptosuite": st.sampled_from(["eddsa-jcs-2022", "x"]) | JSON},
    optional=dict.fromkeys(
        ("@context", "id", "created", "expires", "proofPurpose", "previousProof", "proofValue"), JSON
    )
    | {"verificationMethod": JSON | st.just("did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2#z6Mkr")},
)
QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def answer(content: Any) -> None:
    """Take what was presented through recognition, shape and proof."""
    try:
        secured = recognize(content)
    except Invalid:
        return
    if secured is None:
        return
    check_structure(secured)
    asyncio.run(_prove(secured))


async def _prove(secured: Secured) -> None:
    """Nothing here was signed, so nothing is ever proven."""
    graphless = {name: suite for name, suite in SUITES.items() if not suite.rdf}
    found, verified = await prove(secured, proof_tools(canonicalizer(STORE), suites=graphless))
    assert found.proof.outcome in (Outcome.FAIL, Outcome.INDETERMINATE)
    assert found.proof.problems
    assert (found.document, verified) == (None, None)


@given(st.dictionaries(MEMBERS, JSON), PROOF | st.lists(PROOF, max_size=3) | JSON)
@QUICK
def test_any_object_with_a_proof(members: dict[str, Any], proof: Any) -> None:
    """An embedded proof of any shape over a document of any shape is answered."""
    answer({**credential("did:example:a"), **members, "proof": proof})


@given(
    st.dictionaries(
        st.sampled_from(["typ", "kid", "jwk", "crit", "alg", "iss"]), JSON | st.sampled_from(["JWT", "vc+jwt"])
    ),
    st.dictionaries(MEMBERS, JSON) | JSON,
    st.dictionaries(st.sampled_from(["iss", "sub", "jti", "nbf", "exp", "vc", "vp"]), JSON),
    st.binary(max_size=70),
)
@QUICK
def test_any_token(header: dict[str, Any], payload: Any, claims: dict[str, Any], signature: bytes) -> None:
    """A token with any header, payload and signature is answered."""
    if isinstance(payload, dict):
        payload = {**credential("did:example:a"), **payload, **claims}
    parts = [json.dumps({"alg": "EdDSA", **header}).encode(), json.dumps(payload).encode(), signature]
    answer(".".join(map(base64url, parts)))


TYP = st.sampled_from(["dc+sd-jwt", "vc+sd-jwt", "vp+sd-jwt", "kb+jwt"])
DIGESTED = st.recursive(
    JSON,
    lambda inner: st.fixed_dictionaries(
        {}, optional={"_sd": st.lists(inner, max_size=3), "...": inner, "_sd_alg": inner, "a": inner}
    ),
    max_leaves=5,
)


@given(
    st.fixed_dictionaries({"typ": TYP | JSON}, optional={"kid": JSON, "alg": JSON, "x5c": JSON}),
    st.dictionaries(st.sampled_from(["vct", "iss", "_sd", "_sd_alg", "cnf", "exp", "status", "x", "aud"]), DIGESTED),
    st.lists(JSON, max_size=3),
    st.booleans(),
)
@QUICK
def test_any_sd_jwt(header: dict[str, Any], claims: dict[str, Any], disclosures: list[Any], refer: bool) -> None:  # noqa: FBT001 — drawn
    """An SD-JWT with any claims, digests and disclosures is answered."""
    parts = [base64url(json.dumps(disclosure).encode()) for disclosure in disclosures]
    if refer:
        digests = [base64url(hashlib.sha256(part.encode()).digest()) for part in parts]
        claims = {**claims, "_sd": digests[:1], "a": [{"...": digest} for digest in digests[1:]]}
    payload = {"iss": "did:example:a", "vct": "urn:x", **claims}
    token = ".".join(base64url(json.dumps(part).encode()) for part in ({"alg": "EdDSA", **header}, payload)) + ".AAAA"
    for binding in ("", token):
        answer("~".join((token, *parts, binding)))
    protected, content, signature = token.split(".")
    answer({"payload": content, "protected": protected, "signature": signature, "header": {"disclosures": disclosures}})


@given(st.text(max_size=40) | st.from_regex(r"[A-Za-z0-9_-]{0,9}\.[A-Za-z0-9_-]{0,9}\.[A-Za-z0-9_=-]{0,9}"))
@QUICK
def test_any_text(text: str) -> None:
    """Any text is answered."""
    answer(text)
