"""openvc-core as a second opinion on ecdsa-sd-2023, both ways."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from openvc.keys import P256SigningKey
from openvc.proof.ecdsa_sd import EcdsaSdProofSuite, p256_public_multikey
from openvc.proof.errors import ProofError

from gateway.canonical.rdf import canonicalizer as new_canonicalizer
from gateway.demo.issuer import CREDENTIALS_V2, base58btc
from tests.gateway.proving import NOW, STORE, proof_tools, proven
from tests.selective_disclosure import issue, issuer_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gateway.canonical.rdf import RdfCanonicalizer


@pytest_asyncio.fixture
async def canonicalizer() -> AsyncIterator[RdfCanonicalizer]:
    """The real canonicalizer."""
    made = new_canonicalizer(STORE)
    yield made
    await made.close()


def credential(issuer: str, **subject: str) -> dict[str, Any]:
    """Return an unsecured credential in terms of the data model alone."""
    return {
        "@context": [CREDENTIALS_V2],
        "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
        "type": ["VerifiableCredential"],
        "issuer": issuer,
        "validFrom": "2026-01-01T00:00:00Z",
        "name": "Welding",
        "description": "Joins steel.",
        "credentialSubject": {"name": "Ada", "description": "A learner.", **subject},
    }


async def test_what_openvc_derives_verifies(canonicalizer: RdfCanonicalizer) -> None:
    """What the other implementation signs and derives verifies here, and not with a claim changed.

    Its subject has an identifier, since openvc writes a label of its own into a node that has none, which
    is not signed, and is refused here as such.
    """
    suite, key = EcdsaSdProofSuite(), P256SigningKey.generate(kid="urn:key")
    multikey = "z" + base58btc(p256_public_multikey(key.public_jwk()))
    base = suite.add_base_proof(
        credential(f"did:key:{multikey}", id="did:example:learner"),
        signing_key=key,
        verification_method=f"did:key:{multikey}#{multikey}",
        mandatory_pointers=["/issuer", "/validFrom"],
        created=NOW,
    )
    shown = suite.derive_proof(base, selective_pointers=["/name", "/credentialSubject/name"])
    assert "description" not in shown
    tools = proof_tools(canonicalizer)
    found, _ = await proven(shown, tools)
    assert (found.proof.outcome, found.issuer.outcome) == ("pass", "pass")
    found, _ = await proven({**shown, "name": "Surgery"}, tools)
    assert found.proof.outcome == "fail"
    found, _ = await proven(base, tools)
    assert [problem.code for problem in found.proof.problems] == ["base-proof"]


async def test_what_is_derived_here_verifies_with_openvc(canonicalizer: RdfCanonicalizer) -> None:
    """The other implementation accepts what is derived here, and not with a claim changed."""
    issuer = issuer_for("ecdsa-sd-2023")
    whole = credential(issuer.did)
    mandatory = {name: whole[name] for name in ("@context", "id", "type", "issuer", "validFrom")}
    made = await issue(issuer, whole, mandatory, canonicalizer, suite="ecdsa-sd-2023")
    part = copy.deepcopy(whole)
    del part["description"]
    suite = EcdsaSdProofSuite()
    for shown in (whole, part):
        derived = (await made.derive(shown)).credential()
        assert suite.verify(derived).issuer == issuer.did
        with pytest.raises(ProofError):
            suite.verify({**derived, "name": "Surgery"})
