"""Each suite: what it signs verifies, and anything else does not."""

from __future__ import annotations

import copy
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from gateway.canonical.rdf import canonicalizer as new_canonicalizer
from gateway.demo.issuer import Issuer, base58btc
from resolvers import multibase
from resolvers.contexts import ContextStore, Revision
from tests.gateway.proving import (
    CREDENTIALS_V2,
    OPEN_BADGES,
    STORE,
    SUITES,
    codes,
    credential,
    proof_tools,
    proven,
    with_proof,
)

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


@pytest.mark.parametrize("addition", ["https://w3id.org/security/v1", "https://w3id.org/security/v2"])
@pytest.mark.parametrize(("suite", "kind"), [pair for pair in KINDS if SUITES[pair[0]].rdf])
async def test_T62_end_of_the_proof_has_no_second_name(
    canonicalizer: RdfCanonicalizer, suite: str, kind: str, addition: str
) -> None:
    """A context that is added to the document knows `expires` as `expiration` too: a holder must not use it."""
    issuer = Issuer.did_key(kind)
    badge = credential(issuer.did)
    badge["@context"] += [SUITE_2020] if suite == "Ed25519Signature2020" else []
    badge = await issuer.secure(badge, canonicalizer, suite=suite, options={"expires": "2026-02-01T00:00:00Z"})
    found, _ = await proven(badge, proof_tools(canonicalizer))
    assert codes(found) == ["proof-expired"]
    hidden = with_proof(badge, expires=None, expiration="2026-02-01T00:00:00Z")
    hidden["@context"] = [*badge["@context"], addition]
    found, verified = await proven(hidden, proof_tools(canonicalizer))
    assert codes(found, "data_loss") == ["DATA_LOSS_DETECTION_ERROR"]
    assert found.data_loss.problems[0].pointer == "/proof"
    assert verified is None


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


SMALL_ORDER = [
    "00" * 32,
    "01" + "00" * 31,
    "ec" + "ff" * 30 + "7f",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
]


@pytest.mark.parametrize("point", SMALL_ORDER)
@pytest.mark.parametrize("suite", ["eddsa-rdfc-2022", "eddsa-jcs-2022"])
async def test_T43_key_of_small_order_never_verifies(canonicalizer: RdfCanonicalizer, suite: str, point: str) -> None:
    """Under such a key everybody can make a signature: R = the key itself and S = 0 are one."""
    octets = bytes.fromhex(point)
    multikey = "z" + base58btc(b"\xed\x01" + octets)
    badge = await signed(canonicalizer, suite, "Ed25519")
    for top in (0, 0x80):
        value = "z" + base58btc(octets[:-1] + bytes([octets[-1] | top]) + bytes(32))
        forged = with_proof(badge, verificationMethod=f"did:key:{multikey}#{multikey}", proofValue=value)
        found, verified = await proven(forged, proof_tools(canonicalizer))
        assert codes(found) == ["INVALID_DID"]
        assert found.proof.outcome == "fail"
        assert verified is None


@pytest.mark.parametrize(
    ("header", "length", "code"),
    [
        (b"\xec\x01", 32, "INVALID_VERIFICATION_METHOD"),  # X25519
        (b"\xed\x01", 33, "INVALID_DID"),
        (b"\xed\x01", 31, "INVALID_DID"),
        (b"\x80\x24", 49, "INVALID_DID"),  # P-256 with the length of P-384
        (b"\x81\x24", 33, "INVALID_DID"),
        (b"\x80\x24", 33, "INVALID_DID"),  # no point
        (b"\xed\x81\x00", 32, "INVALID_DID"),  # not the shortest varint
        (b"\xe7\x01", 33, "INVALID_DID"),  # secp256k1, no point
        (b"\x85\x24", 33, "unsupported-key-type"),  # RSA
    ],
    ids=str,
)
async def test_T44_multikey_is_what_its_header_says(
    canonicalizer: RdfCanonicalizer, header: bytes, length: int, code: str
) -> None:
    """A key whose header, length or point do not fit is no key, and one of another kind is not supported."""
    multikey = "z" + base58btc(header + b"\x07" * length)
    badge = await signed(canonicalizer, "eddsa-jcs-2022", "Ed25519")
    found, verified = await proven(
        with_proof(badge, verificationMethod=f"did:key:{multikey}#{multikey}"), proof_tools(canonicalizer)
    )
    assert codes(found) == [code]
    assert verified is None


@pytest.mark.parametrize(("suite", "kind"), [pair for pair in KINDS if pair[1] != "Ed25519"])
async def test_T42_other_spelling_of_an_ecdsa_proof_verifies_alike(
    canonicalizer: RdfCanonicalizer, suite: str, kind: str
) -> None:
    """R || -S is another spelling of the same proof: it verifies, and secures the same document."""
    order = {
        "P-256": 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
        "P-384": 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
    }[kind]
    badge = await signed(canonicalizer, suite, kind)
    signature = multibase.decode(badge["proof"]["proofValue"])
    half = len(signature) // 2
    other = signature[:half] + (order - int.from_bytes(signature[half:])).to_bytes(half)
    found, verified = await proven(with_proof(badge, proofValue="z" + base58btc(other)), proof_tools(canonicalizer))
    assert found.proof.outcome == "pass"
    assert verified is not None
    assert {**verified.document, "proof": badge["proof"]} == badge


CHANGED = "https://example.org/changed"


def changed_context(url: str, newer: dict[str, Any], older: dict[str, Any]) -> ContextStore:
    """Return the bundled contexts, and one whose text has changed under its URL."""
    texts = [
        Revision(
            url=url,
            sha256=str(number) * 64,
            jcs_sha256=str(number) * 64,
            document={"@context": terms},
            source="test",
            published=date(2024 + number, 1, 1),
        )
        for number, terms in enumerate((older, newer))
    ]
    return ContextStore([*texts, *(revision for known in STORE.urls for revision in STORE.revisions(known))])


@pytest.mark.parametrize(
    "newer",
    [{"nickname": "https://example.org/new#nickname"}, {"other": "https://example.org/new#other"}],
    ids=["redefined", "gone"],
)
async def test_older_revision_of_a_context_is_tried(newer: dict[str, str]) -> None:
    """A credential signed under an older text of a context verifies, and says which text that was."""
    issuer, older = Issuer.did_key(), {"nickname": "https://example.org/old#nickname"}
    document = credential(issuer.did, nickname="Ada", **{"@context": [CREDENTIALS_V2, CHANGED]})
    signer = new_canonicalizer(changed_context(CHANGED, older, older))
    verifier = new_canonicalizer(changed_context(CHANGED, newer, older))
    try:
        badge = await issuer.secure(document, signer)
        found, verified = await proven(badge, proof_tools(verifier))
        assert found.proof.outcome == "pass"
        assert found.contexts[CHANGED] == "0" * 64
        assert verified is not None
        found, verified = await proven({**badge, "nickname": "Eve"}, proof_tools(verifier))
        assert found.proof.outcome == "fail"
        assert verified is None
    finally:
        await signer.close()
        await verifier.close()


async def test_malformed_context_under_jcs_fails_the_structure(canonicalizer: RdfCanonicalizer) -> None:
    """What is neither a URL nor an object is no context, though it is signed."""
    issuer = Issuer.did_key()
    badge = credential(issuer.did, **{"@context": [CREDENTIALS_V2, 5]})
    found, _ = await proven(
        await issuer.secure(badge, canonicalizer, suite="eddsa-jcs-2022"), proof_tools(canonicalizer)
    )
    assert found.proof.outcome == "pass"
    assert found.structure is not None
    assert found.structure.outcome == "fail"
