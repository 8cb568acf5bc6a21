"""Badges and records of the field: their proofs, with the documents that their issuers would serve.

Status, validity and the verdict as a whole are tested elsewhere; here it is whether the proof
verifies, and whether it is the issuer's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from gateway.model import Outcome
from tests.gateway.proving import codes, proven
from tests.internet import FakeInternet
from tests.shared import SHARED, vector
from tests.vectors.specification import examples_canonicalizer, examples_tools

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gateway.canonical.rdf import RdfCanonicalizer

pytestmark = pytest.mark.shared

PASS, FAIL = Outcome.PASS, Outcome.FAIL
MALFORMED = "dcc/credentials-v1/ed25519/didKey/legacy-noStatus-noExpiry.json"  # no JSON, as the README says
SAMPLES = ("open-badges-3.0/simple.json", "open-badges-3.0/complete.json", "clr-2.0/simple.json")
DIDS = {"oidf": "dcc/dids/oidf/did.json", "legacy": "dcc/dids/legacy/did.json"}


def dcc_credentials() -> list[str]:
    """Return the paths of the Digital Credentials Consortium's credentials; none where they are missing."""
    root = SHARED / "vectors"
    found = sorted(str(path.relative_to(root)) for path in (root / "dcc/credentials-v1").rglob("*.json"))
    return [path for path in found if path != MALFORMED]


@pytest_asyncio.fixture
async def canonicalizer() -> AsyncIterator[RdfCanonicalizer]:
    """The real canonicalizer."""
    made = examples_canonicalizer()
    yield made
    await made.close()


@pytest.fixture
def internet() -> FakeInternet:
    """The DID documents of the consortium's issuers, where their DIDs say."""
    served = FakeInternet()
    for path in DIDS.values():
        document = vector(path)
        host, *parts = document["id"].removeprefix("did:web:").split(":")
        served.serve(f"https://{host}/{'/'.join(parts)}/did.json", document)
    return served


def serve_method(served: FakeInternet, credential: dict[str, Any]) -> None:
    """Serve the controlled identifier document that a 1EdTech sample means: its key is in the fragment."""
    issuer = credential["issuer"]["id"]
    (proof,) = credential["proof"]
    url, _, key = proof["verificationMethod"].partition("#")
    assert url == issuer
    method = {"id": f"{url}#{key}", "type": "Multikey", "controller": url, "publicKeyMultibase": key}
    served.serve(url, {"id": url, "verificationMethod": [method], "assertionMethod": [method["id"]]})


@pytest.mark.parametrize("path", SAMPLES)
async def test_1edtech_sample_verifies(canonicalizer: RdfCanonicalizer, internet: FakeInternet, path: str) -> None:
    """The samples verify with the document that their issuer would serve, and are the issuer's."""
    credential = vector(path)
    serve_method(internet, credential)
    found, verified = await proven(credential, examples_tools(canonicalizer, internet))
    assert (found.data_loss.outcome, found.proof.outcome, found.issuer.outcome) == (PASS, PASS, PASS)
    assert verified is not None
    assert verified.document == credential
    assert internet.requests == [credential["issuer"]["id"]]


@pytest.mark.parametrize("path", SAMPLES)
async def test_1edtech_sample_without_its_document(
    canonicalizer: RdfCanonicalizer, internet: FakeInternet, path: str
) -> None:
    """The key in the fragment alone is never enough."""
    found, verified = await proven(vector(path), examples_tools(canonicalizer, internet))
    assert (found.proof.outcome, codes(found)) == (Outcome.INDETERMINATE, ["unreachable"])
    assert verified is None


@pytest.mark.parametrize("path", SAMPLES)
async def test_spoilt_1edtech_sample_does_not_verify(
    canonicalizer: RdfCanonicalizer, internet: FakeInternet, path: str
) -> None:
    """With another name, the sample is not what was signed."""
    credential = vector(path)
    serve_method(internet, credential)
    found, _ = await proven({**credential, "name": "Forged"}, examples_tools(canonicalizer, internet))
    assert codes(found) == ["PROOF_VERIFICATION_ERROR"]


@pytest.mark.parametrize("path", ["clr-2.0/simple-noproof.json"])
async def test_sample_without_proof_fails(canonicalizer: RdfCanonicalizer, path: str) -> None:
    """A record that nobody signed is not verified."""
    found, verified = await proven(vector(path), examples_tools(canonicalizer))
    assert codes(found) == ["no-proof"]
    assert verified is None


@pytest.mark.parametrize("path", dcc_credentials())
async def test_dcc_credential_verifies(canonicalizer: RdfCanonicalizer, internet: FakeInternet, path: str) -> None:
    """Every credential of the consortium verifies, under one suite or both, and is its issuer's."""
    credential = vector(path)
    found, verified = await proven(credential, examples_tools(canonicalizer, internet))
    assert (found.data_loss.outcome, found.proof.outcome, found.issuer.outcome) == (PASS, PASS, PASS)
    assert verified is not None
    assert verified.document == credential
    assert len(found.proofs) == (2 if "bothSignatureTypes" in path else 1)


@pytest.mark.parametrize("path", dcc_credentials())
async def test_spoilt_dcc_credential_does_not_verify(
    canonicalizer: RdfCanonicalizer, internet: FakeInternet, path: str
) -> None:
    """With another date of issue, every proof of it fails."""
    credential = {**vector(path), "issuanceDate": "2020-02-03T04:05:06Z"}
    found, verified = await proven(credential, examples_tools(canonicalizer, internet))
    assert set(codes(found)) == {"PROOF_VERIFICATION_ERROR"}
    assert found.proof.outcome is FAIL
    assert verified is None


def test_there_are_credentials_of_all_kinds() -> None:
    """The consortium's set is there whole: one suite, the other, and both."""
    kinds = [path.split("/")[2] for path in dcc_credentials()]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "bothSignatureTypes": 14,
        "dataIntegrityProof": 15,
        "ed25519": 15,
    }
