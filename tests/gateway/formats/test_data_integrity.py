"""Embedded proofs: their options, sets and chains of them, and whose they are."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from gateway.demo.issuer import Issuer
from gateway.formats._proof_set import MAX_PROOFS
from gateway.model import Outcome
from gateway.proof import prove
from gateway.structure import check_structure
from tests.gateway.proving import (
    CREDENTIALS_V1,
    CREDENTIALS_V2,
    NOW,
    OPEN_BADGES,
    codes,
    credential,
    material,
    proof_tools,
    proven,
    recognize,
    serve_document,
    sign_over,
    with_proof,
)
from tests.internet import FakeInternet

if TYPE_CHECKING:
    from gateway.canonical.rdf import RdfCanonicalizer

PASS, FAIL, INDETERMINATE = Outcome.PASS, Outcome.FAIL, Outcome.INDETERMINATE
SUITE_2020 = "https://w3id.org/security/suites/ed25519-2020/v1"


async def signed(canonicalizer: RdfCanonicalizer, issuer: Issuer | None = None, **options: Any) -> dict[str, Any]:
    """Return a credential with one eddsa-jcs-2022 proof, whose options are overlaid."""
    issuer = issuer or Issuer.did_key()
    suite = options.pop("suite", "eddsa-jcs-2022")
    return await issuer.secure(credential(issuer.did), canonicalizer, suite=suite, options=options)


# What is recognized


@pytest.mark.parametrize(
    "content",
    [{}, {"name": "x"}, {"@context": CREDENTIALS_V2}, {"type": "EnvelopedVerifiablePresentation"}, "text", "a.b.c"],
    ids=str,
)
def test_what_is_no_credential_is_not_recognized(content: Any) -> None:
    """An object without proof and type, an envelope around nothing, or a text is nobody's here."""
    assert recognize(content) is None


@pytest.mark.parametrize(
    "content", [{"proof": {}}, {"type": "VerifiableCredential"}, {"type": ["VerifiableCredential"]}]
)
def test_credential_is_recognized_by_proof_or_type(content: dict[str, Any]) -> None:
    """A proof or the type is enough to say that it means to be a credential."""
    secured = recognize(content)
    assert secured is not None
    assert secured.format.name == "data-integrity"


@pytest.mark.parametrize("proof", [None, []])
async def test_credential_without_proof_fails(canonicalizer: RdfCanonicalizer, proof: Any) -> None:
    """No proof is not a passing set of none."""
    found, verified = await proven(credential("did:example:a", proof=proof), proof_tools(canonicalizer))
    assert codes(found) == ["no-proof"]
    assert found.proof.outcome is FAIL
    assert found.issuer.outcome is not PASS
    assert verified is None


# The options of a proof


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        ({"type": None}, "PROOF_VERIFICATION_ERROR", "/proof/type"),
        ({"cryptosuite": None}, "PROOF_VERIFICATION_ERROR", "/proof/cryptosuite"),
        ({"cryptosuite": ["eddsa-jcs-2022"]}, "PROOF_VERIFICATION_ERROR", "/proof/cryptosuite"),
        ({"proofPurpose": None}, "PROOF_VERIFICATION_ERROR", "/proof/proofPurpose"),
        ({"created": "today"}, "PROOF_VERIFICATION_ERROR", "/proof/created"),
        ({"created": 5}, "PROOF_VERIFICATION_ERROR", "/proof/created"),
        ({"expires": "never"}, "PROOF_VERIFICATION_ERROR", "/proof/expires"),
        ({"verificationMethod": None}, "INVALID_VERIFICATION_METHOD_URL", "/proof/verificationMethod"),
        (
            {"verificationMethod": {"id": "did:example:a#b"}},
            "INVALID_VERIFICATION_METHOD_URL",
            "/proof/verificationMethod",
        ),
        ({"verificationMethod": "#key-1"}, "INVALID_VERIFICATION_METHOD_URL", "/proof"),
    ],
    ids=str,
)
async def test_malformed_option_fails(
    canonicalizer: RdfCanonicalizer, change: dict[str, Any], code: str, pointer: str
) -> None:
    """A proof whose options are missing or malformed is wrong, not unknown, and nothing is looked up for it."""
    internet = FakeInternet()
    found, _ = await proven(with_proof(await signed(canonicalizer), **change), proof_tools(canonicalizer, internet))
    assert codes(found) == [code]
    assert found.proof.outcome is FAIL
    assert found.proof.problems[0].pointer == pointer
    assert internet.requests == []


@pytest.mark.parametrize("proof", ["z1234", 5, [["nested"]], [None], {}], ids=str)
async def test_proof_that_is_no_object_fails(canonicalizer: RdfCanonicalizer, proof: Any) -> None:
    """Whatever stands in the place of a proof is looked at, and fails."""
    found, _ = await proven(credential("did:example:a", proof=proof), proof_tools(canonicalizer))
    assert found.proof.outcome is FAIL
    assert codes(found) == ["PROOF_VERIFICATION_ERROR"]


@pytest.mark.parametrize(
    "change",
    [
        {"cryptosuite": "bbs-2032"},
        {"cryptosuite": "Ed25519Signature2020"},
        {"type": "eddsa-jcs-2022"},
        {"type": "ChainedProof2021"},
        {"type": "BbsBlsSignature2020", "jws": "…"},
    ],
    ids=str,
)
async def test_unsupported_suite_is_indeterminate(canonicalizer: RdfCanonicalizer, change: dict[str, Any]) -> None:
    """A suite that is not known here, or is named in the other way, could not be checked; nothing is fetched."""
    internet = FakeInternet()
    issuer = Issuer.did_web("issuer.example")
    badge = with_proof(await signed(canonicalizer, issuer), **change)
    found, verified = await proven(badge, proof_tools(canonicalizer, internet))
    assert (found.proof.outcome, found.issuer.outcome) == (INDETERMINATE, INDETERMINATE)
    assert codes(found) == ["unsupported-cryptosuite"]
    assert verified is None
    assert internet.requests == []


async def test_misspelt_suite_is_named_and_not_accepted(canonicalizer: RdfCanonicalizer) -> None:
    """eddsa-rdf-2022 is in the field, but no specification says what it would mean."""
    badge = with_proof(await signed(canonicalizer, suite="eddsa-rdfc-2022"), cryptosuite="eddsa-rdf-2022")
    found, _ = await proven(badge, proof_tools(canonicalizer))
    assert codes(found) == ["unsupported-cryptosuite"]
    assert "misspelling of eddsa-rdfc-2022" in found.proof.problems[0].detail


@pytest.mark.parametrize("purpose", ["authentication", "keyAgreement", "https://w3id.org/security#assertionMethod", 5])
async def test_T36_purpose_is_the_one_expected(canonicalizer: RdfCanonicalizer, purpose: Any) -> None:
    """What a proof is for is what is asked of it, never what it says."""
    found, _ = await proven(await signed(canonicalizer, proofPurpose=purpose), proof_tools(canonicalizer))
    assert codes(found) == ["PROOF_VERIFICATION_ERROR"]
    assert found.proof.problems[0].pointer == "/proof/proofPurpose"


async def test_T36_presentation_is_never_taken_for_a_credential(canonicalizer: RdfCanonicalizer) -> None:
    """A presentation under assertionMethod, whatever issuer it names, has not the shape of a credential."""
    issuer = Issuer.did_key()
    presentation = {"@context": [CREDENTIALS_V2], "type": ["VerifiablePresentation"], "holder": issuer.did}
    for types in (["VerifiablePresentation"], ["VerifiableCredential", "VerifiablePresentation"]):
        both = credential("did:web:trusted.example") | presentation | {"type": types}
        secured = recognize(await issuer.secure(both, canonicalizer, suite="eddsa-jcs-2022"))
        assert secured is not None
        assert check_structure(secured).outcome is FAIL
        assert (await prove(secured, proof_tools(canonicalizer)))[1] is None


async def test_T35_key_for_another_purpose_is_refused(canonicalizer: RdfCanonicalizer) -> None:
    """A key that its document lists for authentication only cannot issue."""
    internet, issuer = FakeInternet(), Issuer.did_web("issuer.example")
    serve_document(internet, issuer, assertionMethod=[], authentication=[issuer.method])
    found, _ = await proven(await signed(canonicalizer, issuer), proof_tools(canonicalizer, internet))
    assert codes(found) == ["INVALID_RELATIONSHIP_FOR_VERIFICATION_METHOD"]
    assert found.proof.outcome is FAIL


async def test_T34_fragment_of_a_did_key_is_its_key(canonicalizer: RdfCanonicalizer) -> None:
    """did:key:A#B never gives the key B."""
    issuer, attacker = Issuer.did_key(), Issuer.did_key()
    split = Issuer(issuer.did, attacker.key, f"{issuer.did}#{attacker.did.removeprefix('did:key:')}")
    found, verified = await proven(await signed(canonicalizer, split), proof_tools(canonicalizer))
    assert found.proof.outcome is FAIL
    assert verified is None


# Times


@pytest.mark.parametrize(
    ("created", "outcome"),
    [(NOW + timedelta(seconds=60), PASS), (NOW + timedelta(seconds=61), FAIL), (NOW - timedelta(days=9999), PASS)],
    ids=str,
)
async def test_T41_proof_from_the_future(canonicalizer: RdfCanonicalizer, created: datetime, outcome: Outcome) -> None:
    """A proof may have been created as far in the future as clocks differ, and no further."""
    badge = await signed(canonicalizer, created=f"{created:%Y-%m-%dT%H:%M:%SZ}")
    found, _ = await proven(badge, proof_tools(canonicalizer))
    assert found.proof.outcome is outcome
    assert outcome is PASS or codes(found) == ["not-yet-valid"]


async def test_proof_made_after_the_instant_asked_about(canonicalizer: RdfCanonicalizer) -> None:
    """Who asks about last year may hold a proof of this year; one of next year is from the future all the same."""
    badge = await signed(canonicalizer, created="2026-05-01T00:00:00Z")
    past = datetime(2025, 1, 1, tzinfo=UTC)
    found, _ = await proven(badge, proof_tools(canonicalizer, as_of=past, now=NOW))
    assert found.proof.outcome is PASS
    found, _ = await proven(badge, proof_tools(canonicalizer, as_of=past, now=past))
    assert codes(found) == ["not-yet-valid"]


@pytest.mark.parametrize(
    ("expires", "outcome"),
    [
        (NOW + timedelta(seconds=1), PASS),
        (NOW - timedelta(seconds=59), PASS),
        (NOW - timedelta(seconds=60), FAIL),
    ],
    ids=str,
)
async def test_T41_proof_that_expires(canonicalizer: RdfCanonicalizer, expires: datetime, outcome: Outcome) -> None:
    """A proof is good until it expires, plus what clocks differ."""
    badge = await signed(canonicalizer, expires=f"{expires:%Y-%m-%dT%H:%M:%SZ}")
    found, _ = await proven(badge, proof_tools(canonicalizer))
    assert found.proof.outcome is outcome
    assert outcome is PASS or codes(found) == ["proof-expired"]


async def test_T41_proof_without_a_zone(canonicalizer: RdfCanonicalizer) -> None:
    """A time of the proof without a zone is UTC, with a warning that names it."""
    badge = await signed(canonicalizer, created="2026-01-01T00:00:00")
    found, _ = await proven({**badge, "proof": [badge["proof"]]}, proof_tools(canonicalizer))
    assert found.proof.outcome is PASS
    assert [(warning.code, warning.pointer) for warning in found.warnings] == [
        ("missing-time-zone", "/proof/0/created")
    ]


@pytest.mark.parametrize("member", ["expires", "revoked"])
@pytest.mark.parametrize(("at", "outcome"), [("2026-06-01T12:00:00Z", FAIL), ("2026-06-01T12:00:01Z", PASS)])
async def test_key_at_its_end_is_refused(
    canonicalizer: RdfCanonicalizer, member: str, at: str, outcome: Outcome
) -> None:
    """No verification at or after the time that the key's document names, whatever clocks say."""
    internet, issuer = FakeInternet(), Issuer.did_web("issuer.example")
    method = {"id": issuer.method, "controller": issuer.did, **material(issuer), member: at}
    serve_document(internet, issuer, verificationMethod=[method])
    found, _ = await proven(await signed(canonicalizer, issuer), proof_tools(canonicalizer, internet))
    assert found.proof.outcome is outcome
    assert outcome is PASS or codes(found) == ["key-expired"]


# Whose proof


async def test_T33_issuer_is_who_controls_the_key(canonicalizer: RdfCanonicalizer) -> None:
    """Whoever signs in a trusted issuer's name is not the issuer, and nothing more is fetched to find out."""
    internet = FakeInternet()
    trusted, attacker = Issuer.did_web("trusted.example"), Issuer.did_web("attacker.example")
    serve_document(internet, trusted)
    serve_document(internet, attacker)
    forged = await attacker.secure(credential(trusted.did), canonicalizer, suite="eddsa-jcs-2022")
    found, _ = await proven(forged, proof_tools(canonicalizer, internet))
    assert (found.proof.outcome, found.issuer.outcome) == (PASS, FAIL)
    assert codes(found, "issuer") == ["issuer-mismatch"]
    assert internet.requests == [attacker.document_url]


@pytest.mark.parametrize("issuer", [None, 5, {"name": "Nobody"}, [], "did:key:z6Mk"], ids=str)
async def test_T33_issuer_that_names_nobody(canonicalizer: RdfCanonicalizer, issuer: Any) -> None:
    """A credential that names no issuer, or not quite the key's, has none."""
    signer = Issuer.did_key()
    badge = await signer.secure({**credential("x"), "issuer": issuer}, canonicalizer, suite="eddsa-jcs-2022")
    found, _ = await proven(badge, proof_tools(canonicalizer))
    assert codes(found, "issuer") == ["issuer-mismatch"]


async def test_https_issuer_is_bound_by_its_document(canonicalizer: RdfCanonicalizer) -> None:
    """An https issuer's key stands in the document that is served at its id."""
    internet = FakeInternet()
    made = Issuer.did_key()
    issuer = Issuer("https://example.edu/issuers/1", made.key, "https://example.edu/issuers/1#key-1")
    serve_document(internet, issuer)
    found, verified = await proven(await signed(canonicalizer, issuer), proof_tools(canonicalizer, internet))
    assert (found.proof.outcome, found.issuer.outcome) == (PASS, PASS)
    assert found.issuer.facts["basis"] == "document"
    assert found.issuer.facts["source"]["url"] == "https://example.edu/issuers/1"
    assert verified is not None
    assert verified.issuer == issuer.did


async def test_key_in_the_fragment_is_never_taken(canonicalizer: RdfCanonicalizer) -> None:
    """A Multikey in the fragment of an https URL proves nothing where no document lists it."""
    internet = FakeInternet()
    made = Issuer.did_key()
    url = "https://example.edu/issuers/1"
    issuer = Issuer(url, made.key, f"{url}#{made.did.removeprefix('did:key:')}")
    serve_document(internet, issuer, verificationMethod=[], assertionMethod=[])
    found, _ = await proven(await signed(canonicalizer, issuer), proof_tools(canonicalizer, internet))
    assert found.proof.outcome is FAIL


async def test_unreachable_issuer_is_indeterminate(canonicalizer: RdfCanonicalizer) -> None:
    """An outage is no verdict, on the proof or on the issuer."""
    internet, issuer = FakeInternet(), Issuer.did_web("issuer.example")
    found, verified = await proven(await signed(canonicalizer, issuer), proof_tools(canonicalizer, internet))
    assert (found.proof.outcome, found.issuer.outcome) == (INDETERMINATE, INDETERMINATE)
    assert codes(found) == codes(found, "issuer") == ["unreachable"]
    assert verified is None


# Sets and chains


SUITES = ("eddsa-jcs-2022", "eddsa-rdfc-2022")


async def chained(canonicalizer: RdfCanonicalizer, suite: str = "eddsa-jcs-2022") -> dict[str, Any]:
    """Return a credential with two proofs of a set, one the issuer's, and a third over both, named in a list."""
    issuer, witness, notary = Issuer.did_key(), Issuer.did_key(), Issuer.did_key()
    document = credential(issuer.did)
    first = await sign_over(issuer, document, canonicalizer, suite, id="urn:p:1")
    second = await sign_over(witness, document, canonicalizer, suite, id="urn:p:2")
    over = {**document, "proof": [first, second]}
    third = await sign_over(notary, over, canonicalizer, suite, id="urn:p:3", previousProof=["urn:p:1", "urn:p:2"])
    over = {**document, "proof": [third]}
    fourth = await sign_over(notary, over, canonicalizer, suite, previousProof="urn:p:3")
    return {**document, "proof": [first, second, third, fourth]}


@pytest.mark.parametrize("suite", SUITES)
async def test_T40_chain_verifies_in_any_order(canonicalizer: RdfCanonicalizer, suite: str) -> None:
    """Four proofs verify however they are ordered: one names its previous proofs in a list, one as a string."""
    badge = await chained(canonicalizer, suite)
    for order in itertools.permutations(badge["proof"]):
        found, verified = await proven({**badge, "proof": list(order)}, proof_tools(canonicalizer))
        assert (found.proof.outcome, found.issuer.outcome) == (PASS, PASS)
        assert verified is not None
        assert verified.document["proof"] == list(order)


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("index", range(4))
async def test_T40_one_bad_proof_fails_the_whole(canonicalizer: RdfCanonicalizer, suite: str, index: int) -> None:
    """Every proof has to verify, and the one that does not is named."""
    badge = await chained(canonicalizer, suite)
    badge["proof"][index] = {**badge["proof"][index], "proofValue": badge["proof"][index - 1]["proofValue"]}
    for order in ([0, 1, 2, 3], [3, 2, 1, 0]):
        proofs = [badge["proof"][number] for number in order]
        found, verified = await proven({**badge, "proof": proofs}, proof_tools(canonicalizer))
        assert set(codes(found)) == {"PROOF_VERIFICATION_ERROR"}
        assert found.proof.outcome is FAIL
        assert f"/proof/{order.index(index)}/proofValue" in [problem.pointer for problem in found.proof.problems]
        assert verified is None


async def test_T40_previous_proof_that_was_removed(canonicalizer: RdfCanonicalizer) -> None:
    """A proof that names another as its previous one is worth nothing without it."""
    badge = await chained(canonicalizer)
    for index in range(3):
        proofs = [proof for number, proof in enumerate(badge["proof"]) if number != index]
        found, _ = await proven({**badge, "proof": proofs}, proof_tools(canonicalizer))
        assert codes(found) == ["PROOF_VERIFICATION_ERROR"]
        assert "previousProof" in (found.proof.problems[0].pointer or "")


@pytest.mark.parametrize("links", [["urn:p:1"], ["urn:p:2", "urn:p:1"], ["urn:p:2", "urn:p:3", "urn:p:1"]], ids=len)
async def test_T40_cycle_fails(canonicalizer: RdfCanonicalizer, links: list[str]) -> None:
    """Proofs that rest on each other rest on nothing, and no key is asked for."""
    internet, issuer = FakeInternet(), Issuer.did_web("issuer.example")
    badge = await signed(canonicalizer, issuer)
    proofs = [
        {**badge["proof"], "id": f"urn:p:{number + 1}", "previousProof": link} for number, link in enumerate(links)
    ]
    found, _ = await proven({**badge, "proof": proofs}, proof_tools(canonicalizer, internet))
    assert codes(found) == ["PROOF_VERIFICATION_ERROR"]
    assert found.proof.outcome is FAIL
    assert internet.requests == []


@pytest.mark.parametrize("previous", ["urn:p:9", "", [], ["urn:p:1", "urn:p:9"], None, 5, [["urn:p:1"]], {}], ids=str)
async def test_T40_previous_proof_that_is_none(canonicalizer: RdfCanonicalizer, previous: Any) -> None:
    """What is no id of a proof that is there fails, in every shape."""
    badge = await signed(canonicalizer)
    proofs = [{**badge["proof"], "id": "urn:p:1"}, {**badge["proof"], "previousProof": previous}]
    found, _ = await proven({**badge, "proof": proofs}, proof_tools(canonicalizer))
    assert codes(found) == ["PROOF_VERIFICATION_ERROR"]
    assert found.proof.problems[0].pointer == "/proof/1/previousProof"


async def test_T40_one_id_is_one_proof(canonicalizer: RdfCanonicalizer) -> None:
    """Two proofs with one id could be swapped for each other in a chain."""
    badge = await chained(canonicalizer)
    badge["proof"][1]["id"] = "urn:p:1"
    found, _ = await proven(badge, proof_tools(canonicalizer))
    assert found.proof.problems[0].pointer == "/proof/1/id"


async def test_T40_unsupported_suite_beside_a_good_proof(canonicalizer: RdfCanonicalizer) -> None:
    """One proof that could not be checked leaves the whole unknown, in any order."""
    badge = await signed(canonicalizer)
    unknown = {**badge["proof"], "cryptosuite": "bbs-2032"}
    for proofs in ([badge["proof"], unknown], [unknown, badge["proof"]]):
        found, verified = await proven({**badge, "proof": proofs}, proof_tools(canonicalizer))
        assert (found.proof.outcome, found.issuer.outcome) == (INDETERMINATE, PASS)
        assert codes(found) == ["unsupported-cryptosuite"]
        assert verified is None


async def test_T40_bad_proof_beside_an_unsupported_one_fails(canonicalizer: RdfCanonicalizer) -> None:
    """What is known to be wrong outweighs what is unknown."""
    badge = await signed(canonicalizer)
    unknown = {**badge["proof"], "cryptosuite": "bbs-2032"}
    found, _ = await proven({**badge, "name": "forged", "proof": [badge["proof"], unknown]}, proof_tools(canonicalizer))
    assert found.proof.outcome is FAIL
    assert sorted(codes(found)) == ["PROOF_VERIFICATION_ERROR", "unsupported-cryptosuite"]


async def test_one_proof_must_be_the_issuers(canonicalizer: RdfCanonicalizer) -> None:
    """Good proofs by others do not make up for the issuer's, not even beside one of its that is unknown."""
    issuer, other = Issuer.did_key(), Issuer.did_key()
    document = credential(issuer.did)
    foreign = await sign_over(other, document, canonicalizer, "eddsa-jcs-2022")
    own = await sign_over(issuer, document, canonicalizer, "eddsa-jcs-2022")
    found, _ = await proven({**document, "proof": [foreign]}, proof_tools(canonicalizer))
    assert codes(found, "issuer") == ["issuer-mismatch"]
    unknown = {**own, "cryptosuite": "bbs-2032"}
    found, _ = await proven({**document, "proof": [foreign, unknown]}, proof_tools(canonicalizer))
    assert found.issuer.outcome is INDETERMINATE
    found, _ = await proven({**document, "proof": [foreign, own]}, proof_tools(canonicalizer))
    assert found.issuer.outcome is PASS


async def test_too_many_proofs_are_not_looked_at(canonicalizer: RdfCanonicalizer) -> None:
    """Each proof costs a canonicalization and a look-up, so their number has an end."""
    internet, issuer = FakeInternet(), Issuer.did_web("issuer.example")
    badge = await signed(canonicalizer, issuer)
    badge["proof"] = [badge["proof"]] * (MAX_PROOFS + 1)
    found, _ = await proven(badge, proof_tools(canonicalizer, internet))
    assert (found.proof.outcome, codes(found)) == (INDETERMINATE, ["too-large"])
    assert internet.requests == []


async def test_graph_and_json_proofs_together(canonicalizer: RdfCanonicalizer) -> None:
    """A JCS proof and two graph proofs of one document verify, and data loss is looked for."""
    issuer = Issuer.did_key()
    document = credential(issuer.did)
    document["@context"] = [CREDENTIALS_V2, OPEN_BADGES, SUITE_2020]
    suites = ("eddsa-jcs-2022", "eddsa-rdfc-2022", "Ed25519Signature2020")
    proofs = [await sign_over(issuer, document, canonicalizer, suite) for suite in suites]
    found, _ = await proven({**document, "proof": proofs}, proof_tools(canonicalizer))
    assert (found.proof.outcome, found.data_loss.outcome) == (PASS, PASS)
    assert [summary.cryptosuite or summary.type for summary in found.proofs] == list(suites)


@pytest.mark.parametrize("issuers_suite", SUITES)
async def test_document_is_what_the_issuer_secured(canonicalizer: RdfCanonicalizer, issuers_suite: str) -> None:
    """Where proofs cover different contexts, those of the issuer's proof count."""
    issuer, other = Issuer.did_key(), Issuer.did_key()
    small = credential(issuer.did)
    large = {**small, "@context": [CREDENTIALS_V2, OPEN_BADGES]}
    signers = {"eddsa-jcs-2022": other, "eddsa-rdfc-2022": other, issuers_suite: issuer}
    proofs = [
        await sign_over(signers["eddsa-jcs-2022"], small, canonicalizer, "eddsa-jcs-2022"),
        await sign_over(signers["eddsa-rdfc-2022"], large, canonicalizer, "eddsa-rdfc-2022"),
    ]
    found, verified = await proven({**large, "proof": proofs}, proof_tools(canonicalizer))
    assert (found.proof.outcome, found.issuer.outcome) == (PASS, PASS)
    assert verified is not None
    assert verified.document["@context"] == (small if "jcs" in issuers_suite else large)["@context"]


async def test_vcdm_1_1_credential_verifies(canonicalizer: RdfCanonicalizer) -> None:
    """A VCDM 1.1 credential verifies under the contexts that it brings for its proof."""
    issuer = Issuer.did_key()
    document = {
        "@context": [CREDENTIALS_V1, SUITE_2020],
        "type": ["VerifiableCredential"],
        "issuer": {"id": issuer.did},
        "issuanceDate": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:example:abcdefgh"},
    }
    badge = await issuer.secure(document, canonicalizer, suite="Ed25519Signature2020")
    found, verified = await proven(badge, proof_tools(canonicalizer))
    assert (found.proof.outcome, found.issuer.outcome) == (PASS, PASS)
    assert verified is not None
    assert verified.vcdm == "1.1"
