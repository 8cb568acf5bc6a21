"""Each suite: what it signs verifies, and anything else does not."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from gateway.demo.issuer import Issuer, base58btc
from resolvers import multibase
from tests.gateway.proving import OPEN_BADGES, SUITES, codes, credential, proof_tools, proven, with_proof

if TYPE_CHECKING:
    from gateway.canonical.rdf import RdfCanonicalizer

KINDS = [
    ("eddsa-rdfc-2022", "Ed25519"),
    ("eddsa-jcs-2022", "Ed25519"),
    ("ecdsa-rdfc-2019", "P-256"),
    ("ecdsa-rdfc-2019", "P-384"),
    ("ecdsa-jcs-2019", "P-256"),
    ("ecdsa-jcs-2019", "P-384"),
    ("Ed25519Signature2020", "Ed25519"),
]
SUITE_2020 = "https://w3id.org/security/suites/ed25519-2020/v1"


async def signed(canonicalizer: RdfCanonicalizer, suite: str, kind: str, **members: Any) -> dict[str, Any]:
    """Return a badge with one proof by a did:key issuer."""
    issuer = Issuer.did_key(kind)
    contexts = [SUITE_2020] if suite == "Ed25519Signature2020" else []
    badge = credential(issuer.did, name="Teamwork Badge", **members)
    badge["@context"] = [*badge["@context"], OPEN_BADGES, *contexts]
    return await issuer.secure(badge, canonicalizer, suite=suite)


@pytest.mark.parametrize(("suite", "kind"), KINDS)
async def test_signed_credential_verifies(canonicalizer: RdfCanonicalizer, suite: str, kind: str) -> None:
    """A credential verifies as it was signed, and is returned whole."""
    badge = await signed(canonicalizer, suite, kind)
    found, verified = await proven(badge, proof_tools(canonicalizer))
    assert (found.data_loss.outcome, found.proof.outcome, found.issuer.outcome) == (
        "pass" if SUITES[suite].rdf else "not_applicable",
        "pass",
        "pass",
    )
    assert found.issuer.facts["basis"] == "document"
    assert verified is not None
    assert verified.document == badge
    assert found.structure is None
    assert set(found.contexts) >= set(badge["@context"])


SPOILT: dict[str, dict[str, Any]] = {
    "name": {"name": "Leadership Badge"},
    "issuer": {"issuer": "did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"},
    "subject": {"credentialSubject": {"id": "did:example:somebody-else"}},
    "end": {"validUntil": "2036-01-01T00:00:00Z"},
    "id": {"id": "urn:uuid:00000000-0000-4000-8000-000000000000"},
}


@pytest.mark.parametrize("change", SPOILT.values(), ids=SPOILT)
@pytest.mark.parametrize(("suite", "kind"), KINDS)
async def test_spoilt_member_does_not_verify(
    canonicalizer: RdfCanonicalizer, suite: str, kind: str, change: dict[str, Any]
) -> None:
    """One member changed or added, and the proof fails and no document is returned."""
    badge = await signed(canonicalizer, suite, kind)
    found, verified = await proven({**badge, **change}, proof_tools(canonicalizer))
    assert codes(found) == ["PROOF_VERIFICATION_ERROR"]
    assert (found.document, verified) == (None, None)


@pytest.mark.parametrize(
    "change",
    [{"created": "2026-01-01T00:00:01Z"}, {"created": None}, {"expires": "2036-01-01T00:00:00Z"}],
    ids=["created", "created left out", "expires added"],
)
@pytest.mark.parametrize(("suite", "kind"), KINDS)
async def test_spoilt_proof_option_does_not_verify(
    canonicalizer: RdfCanonicalizer, suite: str, kind: str, change: dict[str, Any]
) -> None:
    """The options of a proof are signed with the document."""
    badge = await signed(canonicalizer, suite, kind)
    found, _ = await proven(with_proof(badge, **change), proof_tools(canonicalizer))
    assert codes(found) == ["PROOF_VERIFICATION_ERROR"]


@pytest.mark.parametrize(("suite", "kind"), KINDS)
async def test_key_of_another_type_does_not_fit(canonicalizer: RdfCanonicalizer, suite: str, kind: str) -> None:
    """A suite takes only keys of its own algorithm, whatever the signature."""
    badge = await signed(canonicalizer, suite, kind)
    other = Issuer.did_key("Ed25519" if kind != "Ed25519" else "P-256")
    found, _ = await proven(with_proof(badge, verificationMethod=other.method), proof_tools(canonicalizer))
    assert codes(found) == ["PROOF_VERIFICATION_ERROR"]
    assert found.proof.problems[0].pointer == "/proof"


@pytest.mark.parametrize(("suite", "kind"), KINDS)
async def test_proof_value_has_one_spelling(canonicalizer: RdfCanonicalizer, suite: str, kind: str) -> None:
    """A proofValue is base58btc of exactly as many octets as the signature has."""
    badge = await signed(canonicalizer, suite, kind)
    value = badge["proof"]["proofValue"]
    signature = multibase.decode(value)
    der = b"\x30\x45" + signature
    for wrong in (
        None,
        5,
        "",
        "z",
        value[1:],
        "u" + value[1:],
        f"{value}1",
        f"z1{value[1:]}",
        f"{value} ",
        "z0OIl",
        "z" + base58btc(signature[:-1]),
        "z" + base58btc(der),
        "z" + "2" * 100_000,
    ):
        found, _ = await proven(with_proof(badge, proofValue=wrong), proof_tools(canonicalizer))
        assert codes(found) == ["PROOF_VERIFICATION_ERROR"], wrong
        assert found.proof.problems[0].pointer == "/proof/proofValue"


@pytest.mark.parametrize("suite", ["eddsa-jcs-2022", "ecdsa-jcs-2019"])
async def test_contexts_beyond_the_proofs_are_not_returned(canonicalizer: RdfCanonicalizer, suite: str) -> None:
    """The document may have more contexts than the proof covers; who reads it gets those that are signed."""
    badge = await signed(canonicalizer, suite, "Ed25519" if suite.startswith("eddsa") else "P-256")
    more = {**badge, "@context": [*badge["@context"], SUITE_2020]}
    found, verified = await proven(more, proof_tools(canonicalizer))
    assert found.proof.outcome == "pass"
    assert verified is not None
    assert verified.document == badge


@pytest.mark.parametrize("suite", ["eddsa-jcs-2022", "ecdsa-jcs-2019"])
async def test_contexts_of_the_proof_come_first_and_in_order(canonicalizer: RdfCanonicalizer, suite: str) -> None:
    """A document whose contexts do not start with the proof's is not what was signed."""
    badge = await signed(canonicalizer, suite, "Ed25519" if suite.startswith("eddsa") else "P-256")
    first, second = badge["@context"]
    for contexts in ([second, first], [first], [first, SUITE_2020, second], first, []):
        found, _ = await proven({**badge, "@context": contexts}, proof_tools(canonicalizer))
        assert codes(found) == ["PROOF_VERIFICATION_ERROR"], contexts
        assert found.proof.problems[0].pointer == "/proof/@context"
    found, _ = await proven(with_proof(badge, **{"@context": []}), proof_tools(canonicalizer))
    assert codes(found) == ["PROOF_VERIFICATION_ERROR"]


async def test_jcs_proof_without_a_context_covers_the_documents(canonicalizer: RdfCanonicalizer) -> None:
    """Where the proof has no context, the document's own is what was signed, all of it."""
    badge = await signed(canonicalizer, "eddsa-jcs-2022", "Ed25519")
    found, _ = await proven(with_proof(badge, **{"@context": None}), proof_tools(canonicalizer))
    assert codes(found) == ["PROOF_VERIFICATION_ERROR"]  # the options have changed
    assert found.proof.problems[0].pointer == "/proof/proofValue"


async def test_context_of_the_proof_is_not_used_by_an_rdf_suite(canonicalizer: RdfCanonicalizer) -> None:
    """The proof is read under the document's context, so one of its own can change nothing."""
    badge = await signed(canonicalizer, "eddsa-rdfc-2022", "Ed25519")
    found, _ = await proven(
        with_proof(badge, **{"@context": [{"created": "https://example.org/forged"}]}), proof_tools(canonicalizer)
    )
    assert found.proof.outcome == "pass"


@pytest.mark.parametrize(("suite", "kind"), [pair for pair in KINDS if SUITES[pair[0]].rdf])
async def test_T19_member_that_no_context_defines_is_data_loss(
    canonicalizer: RdfCanonicalizer, suite: str, kind: str
) -> None:
    """A member that the graph would drop is not covered by the signature."""
    badge = await signed(canonicalizer, suite, kind)
    found, verified = await proven({**badge, "admin": True}, proof_tools(canonicalizer))
    assert codes(found, "data_loss") == ["DATA_LOSS_DETECTION_ERROR"]
    assert codes(found) == ["PROOF_TRANSFORMATION_ERROR"]
    assert found.data_loss.problems[0].pointer == "/admin"
    assert verified is None


async def test_T19_member_of_the_proof_that_no_context_defines_is_data_loss(canonicalizer: RdfCanonicalizer) -> None:
    """What a proof says is signed too, so nothing in it may get lost; the place is the proof's."""
    badge = await signed(canonicalizer, "eddsa-rdfc-2022", "Ed25519")
    badge["proof"] = [{**badge["proof"], "admin": True}]
    found, _ = await proven(badge, proof_tools(canonicalizer))
    assert codes(found, "data_loss") == ["DATA_LOSS_DETECTION_ERROR"]
    assert found.data_loss.problems[0].pointer == "/proof/0/admin"


async def test_2020_suite_needs_its_context_in_the_document(canonicalizer: RdfCanonicalizer) -> None:
    """Nothing is added for a proof whose type the document's contexts do not define."""
    badge = await signed(canonicalizer, "Ed25519Signature2020", "Ed25519")
    stripped = copy.deepcopy(badge)
    stripped["@context"].remove(SUITE_2020)
    found, _ = await proven(stripped, proof_tools(canonicalizer))
    assert codes(found, "data_loss") == ["DATA_LOSS_DETECTION_ERROR"]


@pytest.mark.parametrize(("suite", "kind"), [pair for pair in KINDS if SUITES[pair[0]].rdf])
async def test_T20_unknown_context_is_indeterminate(canonicalizer: RdfCanonicalizer, suite: str, kind: str) -> None:
    """What a context means that is not pinned is never guessed, and never fetched."""
    badge = await signed(canonicalizer, suite, kind)
    badge["@context"] = [*badge["@context"], "https://attacker.example/context"]
    found, verified = await proven(badge, proof_tools(canonicalizer))
    assert (found.proof.outcome, found.data_loss.outcome) == ("indeterminate", "indeterminate")
    assert codes(found) == ["unknown-context"]
    assert verified is None


@pytest.mark.parametrize("allowed", [False, True])
async def test_unknown_context_under_jcs_leaves_the_structure_open(
    canonicalizer: RdfCanonicalizer, *, allowed: bool
) -> None:
    """A JCS proof covers the document whatever its contexts say; what it means is a policy's to accept."""
    issuer = Issuer.did_key()
    badge = credential(issuer.did)
    badge["@context"] = [*badge["@context"], "https://example.org/unknown"]
    badge = await issuer.secure(badge, canonicalizer, suite="eddsa-jcs-2022")
    found, verified = await proven(badge, proof_tools(canonicalizer, allow_unknown_contexts=allowed))
    assert found.proof.outcome == "pass"
    assert verified is not None
    assert found.structure is not None
    assert found.structure.outcome == ("pass" if allowed else "indeterminate")
    assert [problem.code for problem in found.structure.problems] == ["unknown-context"]
