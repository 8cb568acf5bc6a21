"""Selective disclosure: what the holder shows verifies if the issuer signed it, and nothing else does."""

from __future__ import annotations

import copy
import re
import sys
from itertools import permutations
from typing import TYPE_CHECKING, Any

import cbor2
import pytest

from gateway.canonical.rdf import canonicalizer as new_canonicalizer
from gateway.cryptosuites import _bbs
from gateway.demo.issuer import Issuer, base64url, multikey
from gateway.demo.issuer import new_key as new_ecdsa_key
from resolvers import multibase
from tests.gateway.cryptosuites.test_suites import CHANGED, changed_context
from tests.gateway.proving import CREDENTIALS_V2, OPEN_BADGES, codes, proof_tools, proven, with_proof
from tests.internet import FakeInternet
from tests.selective_disclosure import Derived, Signed, issue, issuer_for, public_multikey, spoil

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.canonical.rdf import RdfCanonicalizer

SUITES = ["ecdsa-sd-2023", "bbs-2023"]
NODE = re.compile(r"_:c14n(\d+) <")


def badge(issuer: Issuer, *, with_status: bool = False) -> dict[str, Any]:
    """Return an unsecured badge for two achievements, which are blank nodes."""
    status = {
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "94567",
        "statusListCredential": "https://university.example/status/1",
    }
    return {
        "@context": [CREDENTIALS_V2, OPEN_BADGES],
        "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": issuer.did,
        "validFrom": "2026-01-01T00:00:00Z",
        **({"credentialStatus": status} if with_status else {}),
        "name": "Welding _:c14n0",  # looks like a node, and is text
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "achievement": {
                "type": ["Achievement"],
                "name": "Welding",
                "description": "Joins steel.",
                "criteria": {"narrative": "Passed the test."},
            },
        },
    }


def mandatory(whole: dict[str, Any]) -> dict[str, Any]:
    """Return what the holder of the badge cannot leave out."""
    return {name: whole[name] for name in ("@context", "id", "type", "issuer", "validFrom")}


def shown(whole: dict[str, Any]) -> dict[str, Any]:
    """Return the badge without what the achievement describes."""
    part = copy.deepcopy(whole)
    del part["credentialSubject"]["achievement"]["description"]
    return part


async def signed(canonicalizer: RdfCanonicalizer, suite: str, **options: Any) -> Signed:
    """Return the badge as a did:key issuer signs it."""
    issuer = issuer_for(suite)
    whole = badge(issuer)
    return await issue(issuer, whole, mandatory(whole), canonicalizer, suite=suite, options=options)


async def derived(canonicalizer: RdfCanonicalizer, suite: str) -> Derived:
    """Return a proof that shows most of the badge."""
    made = await signed(canonicalizer, suite)
    return await made.derive(shown(made.whole))


@pytest.mark.parametrize("suite", SUITES)
async def test_any_part_verifies(canonicalizer: RdfCanonicalizer, suite: str) -> None:
    """All, most or only the mandatory part: each verifies, is the issuer's, and is returned as it was shown."""
    made = await signed(canonicalizer, suite)
    for part in (made.whole, shown(made.whole), mandatory(made.whole)):
        credential = (await made.derive(part)).credential()
        found, verified = await proven(credential, proof_tools(canonicalizer))
        assert [found.data_loss.outcome, found.proof.outcome, found.issuer.outcome] == ["pass"] * 3
        assert [(warning.code, warning.pointer) for warning in found.warnings] == [("selectively-disclosed", "/proof")]
        assert verified is not None
        assert verified.document == credential


@pytest.mark.parametrize("suite", SUITES)
async def test_key_of_a_served_document_is_used(canonicalizer: RdfCanonicalizer, suite: str) -> None:
    """The key is that of the issuer's document; under another one nothing verifies."""
    issuer, internet = issuer_for(suite, "did:web:university.example"), FakeInternet()
    whole = badge(issuer)
    made = await issue(issuer, whole, mandatory(whole), canonicalizer, suite=suite)
    credential = (await made.derive(shown(whole))).credential()
    for key, outcome in ((issuer.key, "pass"), (issuer_for(suite).key, "fail")):
        method = {"id": issuer.method, "type": "Multikey", "controller": issuer.did}
        method["publicKeyMultibase"] = public_multikey(suite, key)
        document = {"id": issuer.did, "verificationMethod": [method], "assertionMethod": [issuer.method]}
        internet.serve(issuer.document_url, document)
        found, _ = await proven(credential, proof_tools(canonicalizer, internet))
        assert found.proof.outcome == outcome


@pytest.mark.parametrize("suite", SUITES)
async def test_key_of_another_type_does_not_fit(canonicalizer: RdfCanonicalizer, suite: str) -> None:
    """A suite takes keys of its own curve alone."""
    credential = (await derived(canonicalizer, suite)).credential()
    for kind in ("Ed25519", "P-384"):
        found, _ = await proven(
            with_proof(credential, verificationMethod=Issuer.did_key(kind).method), proof_tools(canonicalizer)
        )
        assert codes(found) == ["PROOF_VERIFICATION_ERROR"]
        assert found.proof.problems[0].pointer == "/proof"


SPOILT: dict[str, Callable[[dict[str, Any]], Any]] = {
    "mandatory changed": lambda part: part.update(validFrom="2026-01-02T00:00:00Z"),
    "mandatory left out": lambda part: part.pop("validFrom"),
    "issuer": lambda part: part.update(issuer="did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"),
    "shown changed": lambda part: part["credentialSubject"]["achievement"].update(name="Surgery"),
    "shown left out": lambda part: part["credentialSubject"]["achievement"].pop("name"),
    "never signed": lambda part: part.update(validUntil="2036-01-01T00:00:00Z"),
    "text that looks like a node": lambda part: part.update(name="Welding _:c14n1"),
}


@pytest.mark.parametrize("change", SPOILT.values(), ids=SPOILT)
@pytest.mark.parametrize("suite", SUITES)
async def test_what_the_issuer_did_not_sign_so_does_not_verify(
    canonicalizer: RdfCanonicalizer, suite: str, change: Callable[[dict[str, Any]], Any]
) -> None:
    """Nothing shown can be changed, added or taken away after the proof was derived."""
    proof = await derived(canonicalizer, suite)
    part = copy.deepcopy(proof.document)
    change(part)
    found, verified = await proven(spoil(proof, document=part), proof_tools(canonicalizer))
    assert codes(found) == ["PROOF_VERIFICATION_ERROR"]
    assert verified is None


@pytest.mark.parametrize("suite", SUITES)
async def test_options_of_the_proof_are_signed(canonicalizer: RdfCanonicalizer, suite: str) -> None:
    """The issuer signed the proof's options with the mandatory part."""
    credential = (await derived(canonicalizer, suite)).credential()
    for change in ({"created": "2026-01-02T00:00:00Z"}, {"created": None}, {"domain": "a.example"}):
        found, _ = await proven(with_proof(credential, **change), proof_tools(canonicalizer))
        assert codes(found) == ["PROOF_VERIFICATION_ERROR"], change


@pytest.mark.parametrize("suite", SUITES)
async def test_base_proof_is_refused(canonicalizer: RdfCanonicalizer, suite: str) -> None:
    """A base proof, with which anybody can make any disclosure, is not what is shown."""
    made = await signed(canonicalizer, suite)
    found, verified = await proven(made.base_proof(), proof_tools(canonicalizer))
    assert (found.proof.outcome, codes(found)) == ("fail", ["base-proof"])
    assert found.proof.problems[0].pointer == "/proof/proofValue"
    assert verified is None


@pytest.mark.parametrize("suite", SUITES)
async def test_T19_unsigned_member_is_data_loss(canonicalizer: RdfCanonicalizer, suite: str) -> None:
    """A member that no context defines is in no statement, so nobody signed it."""
    proof = await derived(canonicalizer, suite)
    found, _ = await proven(spoil(proof, document={**proof.document, "admin": True}), proof_tools(canonicalizer))
    assert codes(found, "data_loss") == ["DATA_LOSS_DETECTION_ERROR"]
    assert found.data_loss.problems[0].pointer == "/admin"


@pytest.mark.parametrize("suite", SUITES)
async def test_T62_status_has_no_second_name(canonicalizer: RdfCanonicalizer, suite: str) -> None:
    """A status that is shown cannot be shown where no reader looks."""
    issuer = issuer_for(suite)
    whole = badge(issuer, with_status=True)
    made = await issue(issuer, whole, mandatory(whole), canonicalizer, suite=suite)
    proof = await made.derive(shown(whole))
    found, _ = await proven(proof.credential(), proof_tools(canonicalizer))
    assert found.proof.outcome == "pass"
    status = proof.document["credentialStatus"]
    rest = {name: value for name, value in proof.document.items() if name != "credentialStatus"}
    iri = "https://www.w3.org/2018/credentials#credentialStatus"
    alias = {"@context": [*rest["@context"], {"other": {"@id": iri, "@type": "@id"}}]}
    for hidden in ({iri: status}, {"cred:credentialStatus": status}, {"other": status, **alias}):
        found, verified = await proven(spoil(proof, document={**rest, **hidden}), proof_tools(canonicalizer))
        assert codes(found, "data_loss") == ["DATA_LOSS_DETECTION_ERROR"], hidden
        assert verified is None


@pytest.mark.parametrize("suite", SUITES)
async def test_one_thing_is_not_made_two(canonicalizer: RdfCanonicalizer, suite: str) -> None:
    """Two nodes under one label would part what the issuer said of one thing, each statement signed."""
    proof = await derived(canonicalizer, suite)
    subject = proof.document["credentialSubject"]
    criteria = subject["achievement"].pop("criteria")
    subject["achievement"] = [subject["achievement"], {"type": ["Achievement"], "criteria": criteria}]
    nodes = (await canonicalizer.canonicalize(proof.document)).nquads.decode()
    found = sorted({int(name) for name in NODE.findall(nodes)})
    assert len(found) == len(proof.labels) + 1
    labels = list(proof.labels.values())
    for twice in labels:
        for arranged in permutations([*labels, twice]):
            if len(set(map(str, arranged))) != len(labels):
                continue
            again = dict(zip(found, arranged, strict=True))
            result, verified = await proven(spoil(proof, labels=again), proof_tools(canonicalizer))
            assert codes(result) == ["PROOF_VERIFICATION_ERROR"]
            assert result.proof.problems[0].detail == "proofValue: two nodes have one label"
            assert verified is None
        break


@pytest.mark.parametrize("suite", SUITES)
async def test_labels_and_indexes_fit_the_document(canonicalizer: RdfCanonicalizer, suite: str) -> None:
    """Every node has its label, and every index of a mandatory statement is that of one."""
    proof = await derived(canonicalizer, suite)
    first, second, *_ = proof.labels
    swapped = {**proof.labels, first: proof.labels[second], second: proof.labels[first]}
    short = {number: label for number, label in proof.labels.items() if number != first}
    wrongs: list[dict[str, Any]] = [
        {"labels": swapped},
        {"labels": short},
        {"labels": {}},
        {"mandatory": []},
        {"mandatory": proof.mandatory[1:]},
        {"mandatory": [*proof.mandatory, proof.mandatory[0]]},
        {"mandatory": [*proof.mandatory, 10_000]},
        {"mandatory": [*range(14)]},
    ]
    for wrong in wrongs:
        found, _ = await proven(spoil(proof, **wrong), proof_tools(canonicalizer))
        assert codes(found) == ["PROOF_VERIFICATION_ERROR"], wrong


@pytest.mark.parametrize("suite", SUITES)
async def test_proof_value_has_one_encoding(canonicalizer: RdfCanonicalizer, suite: str) -> None:
    """base64url of a known header and of plain CBOR, of the right types, and nothing else."""
    proof = await derived(canonicalizer, suite)
    honest, components = proof.credential(), proof.components
    value: str = honest["proof"]["proofValue"]
    octets = multibase.decode(value)
    wrong: list[Any] = [None, 5, "", "u", value[1:], f"{value}=", f"z{value[1:]}", f"{value} ", "u" + "A" * 300_000]
    wrong += [
        "u" + base64url(changed) for changed in (octets[:3], octets[:-1], octets + b"\0", octets[3:], b"\xd9\x5d")
    ]
    headers = [b"\xd9\x5d\x63", b"\xd9\x5c" + octets[2:3], b"\xd8\x5d" + octets[2:3]]
    wrong += ["u" + base64url(header + octets[3:]) for header in headers]
    tagged = [cbor2.CBORTag(64, part) if isinstance(part, bytes) else part for part in components]
    payloads: list[Any] = [tagged, components[:-1], [*components, []], components[::-1], {}, 1, [[[[[[]]]]]]]
    for payload in payloads:
        wrong.append("u" + base64url(octets[:3] + cbor2.dumps(payload)))
    for position in range(len(components)):
        for other in (None, -1, "text", b"", 1.5, True, [b""], {"a": b""}, ["text"]):
            changed = [*components[:position], other, *components[position + 1 :]]
            if changed != components:
                wrong.append("u" + base64url(octets[:3] + cbor2.dumps(changed)))
    for spelling in wrong:
        found, _ = await proven(with_proof(honest, proofValue=spelling), proof_tools(canonicalizer))
        assert codes(found) == ["PROOF_VERIFICATION_ERROR"], spelling
        assert found.proof.problems[0].pointer == "/proof/proofValue"


@pytest.mark.parametrize("suite", SUITES)
async def test_proof_in_an_array_is_warned_of_in_its_place(canonicalizer: RdfCanonicalizer, suite: str) -> None:
    """The warning points to the proof as it was presented."""
    credential = (await derived(canonicalizer, suite)).credential()
    found, _ = await proven({**credential, "proof": [credential["proof"]]}, proof_tools(canonicalizer))
    assert [warning.pointer for warning in found.warnings] == ["/proof/0"]


@pytest.mark.parametrize("suite", SUITES)
async def test_older_revision_of_a_context_is_tried(suite: str) -> None:
    """A document that makes more statements under the newest text of a context may be that of an older one."""
    issuer = issuer_for(suite)
    older = {"levels": "https://example.org/levels"}
    newer = {"levels": {"@id": "https://example.org/levels", "@container": "@list"}}
    whole = {**badge(issuer), "levels": ["one", "two"]}
    whole["@context"] = [*whole["@context"], CHANGED]
    signer = new_canonicalizer(changed_context(CHANGED, older, older))
    verifier = new_canonicalizer(changed_context(CHANGED, newer, older))
    try:
        made = await issue(issuer, whole, mandatory(whole), signer, suite=suite)
        credential = (await made.derive(shown(whole))).credential()
        found, _ = await proven(credential, proof_tools(verifier))
        assert found.proof.outcome == "pass"
        assert found.contexts[CHANGED] == "0" * 64
        found, _ = await proven({**credential, "levels": ["one", "three"]}, proof_tools(verifier))
        assert found.proof.outcome == "fail"
    finally:
        await signer.close()
        await verifier.close()


async def test_each_statement_has_its_own_signature(canonicalizer: RdfCanonicalizer) -> None:
    """Under ecdsa-sd-2023 the signatures stand in the order of the statements, as many as there are."""
    proof = await derived(canonicalizer, "ecdsa-sd-2023")
    base, public, signatures = proof.signed
    other = multibase.decode(multikey(new_ecdsa_key("P-256")))
    for wrong in (
        (base, public, signatures[::-1]),
        (base, public, signatures[:-1]),
        (base, public, [*signatures, signatures[0]]),
        (base, public, []),
        (signatures[0], public, signatures),
        (base, other, signatures),
        (base, public[:-1], signatures),
        (base, b"\xed\x01" + public[2:], signatures),
        (base, b"\x80\x24\x02" + b"\xff" * 32, signatures),
        (base, public, [signature[:-1] for signature in signatures]),
    ):
        found, _ = await proven(spoil(proof, signed=wrong), proof_tools(canonicalizer))
        assert codes(found) == ["PROOF_VERIFICATION_ERROR"]


def flipped(octets: bytes, position: int) -> bytes:
    """Return a copy with one bit changed."""
    return octets[:position] + bytes([octets[position] ^ 1]) + octets[position + 1 :]


async def test_bbs_proof_is_bound_to_everything(canonicalizer: RdfCanonicalizer) -> None:
    """Under bbs-2023 indexes, presentation header and every octet of the proof count."""
    made = await signed(canonicalizer, "bbs-2023")
    proof = await made.derive(shown(made.whole), presentation_header=b"nonce")
    found, _ = await proven(proof.credential(), proof_tools(canonicalizer))
    assert found.proof.outcome == "pass"
    octets, indexes, header = proof.signed
    for wrong in (
        (octets, indexes[::-1], header),
        (octets, indexes[:-1], header),
        (octets, [*indexes[:-1], 10_000], header),
        (octets, [*indexes[:-1], indexes[0]], header),
        (octets, indexes, b""),
        (octets, indexes, b"another"),
        (octets[:-32], indexes, header),
        (octets + bytes(32), indexes, header),
        (octets + b"\0", indexes, header),
        (b"", indexes, header),
        *(
            (octets[:at] + bytes([octets[at] ^ 1]) + octets[at + 1 :], indexes, header)
            for at in range(0, len(octets), 29)
        ),
    ):
        found, _ = await proven(spoil(proof, signed=wrong), proof_tools(canonicalizer))
        assert codes(found) == ["PROOF_VERIFICATION_ERROR"]


@pytest.mark.parametrize(("feature", "code"), [(4, "base-proof"), (6, "base-proof"), (8, "base-proof")])
async def test_base_proofs_of_other_features_are_refused(
    canonicalizer: RdfCanonicalizer, feature: int, code: str
) -> None:
    """The base proof of any feature of bbs-2023 is the holder's alone."""
    proof = await derived(canonicalizer, "bbs-2023")
    found, _ = await proven(spoil(proof, header=bytes([0xD9, 0x5D, feature])), proof_tools(canonicalizer))
    assert (found.proof.outcome, codes(found)) == ("fail", [code])


@pytest.mark.parametrize("feature", [5, 7, 9])
async def test_holder_binding_and_pseudonyms_are_not_judged(canonicalizer: RdfCanonicalizer, feature: int) -> None:
    """What the younger drafts add to bbs-2023 could not be checked, and is neither good nor bad."""
    proof = await derived(canonicalizer, "bbs-2023")
    found, verified = await proven(spoil(proof, header=bytes([0xD9, 0x5D, feature])), proof_tools(canonicalizer))
    assert (found.proof.outcome, codes(found)) == ("indeterminate", ["unsupported-cryptosuite"])
    assert verified is None


async def test_bbs_without_its_library_is_indeterminate(
    canonicalizer: RdfCanonicalizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is no arkworks, bbs-2023 could not be checked, and the answer says why."""
    proof = await derived(canonicalizer, "bbs-2023")
    monkeypatch.setitem(sys.modules, "py_arkworks_bls12381", None)
    found, _ = await proven(proof.credential(), proof_tools(canonicalizer))
    assert (found.proof.outcome, codes(found)) == ("indeterminate", ["unsupported-cryptosuite"])
    assert "py-arkworks-bls12381" in found.proof.problems[0].detail


async def test_bbs_under_the_key_at_infinity_never_verifies(canonicalizer: RdfCanonicalizer) -> None:
    """Keys that are no point, of no order, or at infinity verify nothing."""
    proof = await derived(canonicalizer, "bbs-2023")
    octets, indexes, header = proof.signed
    for key in (b"\xc0" + bytes(95), b"\x80" + bytes(95), bytes(96), b"\xff" * 96, b""):
        assert not _bbs.proof_is_valid(
            public_key=key, proof=octets, header=bytes(64), presentation_header=header, messages=[], indexes=indexes
        )
