"""The proof step: what makes a `Verified`, and what does not."""

from __future__ import annotations

import ast
import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import gateway
from gateway.demo.issuer import Issuer
from gateway.model import CheckName, CheckResult, Outcome, Proven, Secured
from gateway.proof import prove
from tests.gateway.proving import FORMATS, credential, proof_tools

if TYPE_CHECKING:
    from gateway.canonical.rdf import RdfCanonicalizer
    from gateway.plugins import Format, ProofTools

DOCUMENT = credential("did:example:issuer")


def found(proof: Outcome, data_loss: Outcome, issuer: Outcome = Outcome.PASS) -> Proven:
    """Return what a format could have found, with the document."""
    return Proven(
        data_loss=CheckResult(name=CheckName.DATA_LOSS, outcome=data_loss),
        proof=CheckResult(name=CheckName.PROOF, outcome=proof),
        issuer=CheckResult(name=CheckName.ISSUER, outcome=issuer),
        document=DOCUMENT,
    )


def secured_as(proven: Proven) -> Secured:
    """Return a credential of a format that always finds `proven`."""

    async def verify(_secured: Secured, _tools: ProofTools) -> Proven:
        return proven

    format_: Format = dataclasses.replace(FORMATS["data-integrity"], verify=verify)
    return Secured(format=format_, vcdm="2.0", document=DOCUMENT)


@pytest.mark.parametrize("proof", Outcome)
@pytest.mark.parametrize("data_loss", Outcome)
async def test_only_a_whole_proof_makes_a_verified(
    canonicalizer: RdfCanonicalizer, proof: Outcome, data_loss: Outcome
) -> None:
    """`Verified` needs a passing proof, and data loss that passes or cannot happen."""
    _, verified = await prove(secured_as(found(proof, data_loss)), proof_tools(canonicalizer))
    whole = proof is Outcome.PASS and data_loss in (Outcome.PASS, Outcome.NOT_APPLICABLE)
    assert (verified is not None) is whole


async def test_without_document_or_issuer_nothing_is_verified(canonicalizer: RdfCanonicalizer) -> None:
    """A passing proof of no document, or of one that names no issuer, makes no `Verified`."""
    passing = found(Outcome.PASS, Outcome.PASS)
    for document in (None, {**DOCUMENT, "issuer": None}, {**DOCUMENT, "issuer": 5}):
        _, verified = await prove(
            secured_as(dataclasses.replace(passing, document=document)), proof_tools(canonicalizer)
        )
        assert verified is None


async def test_verified_is_the_document_as_secured(canonicalizer: RdfCanonicalizer) -> None:
    """`Verified` holds what the proof secures, its issuer, and how it was secured."""
    issuer = Issuer.did_key()
    badge = await issuer.secure(credential(issuer.did), canonicalizer)
    format_ = FORMATS["data-integrity"]
    _, verified = await prove(Secured(format=format_, vcdm="2.0", document=badge), proof_tools(canonicalizer))
    assert verified is not None
    assert verified.document == badge
    assert (verified.issuer, verified.format, verified.vcdm) == (issuer.did, "data-integrity", "2.0")


def test_verified_is_made_in_one_place() -> None:
    """No other module of the gateway calls `Verified(…)`, so no claim is believed that was not proven."""
    root = Path(gateway.__file__).parent
    makers = {
        str(path.relative_to(root))
        for path in root.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "Verified"
    }
    assert makers == {"proof.py"}
