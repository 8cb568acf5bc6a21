"""vc+cose and vp+cose: read strictly, verified by the algorithm of the key, and bound to its controller."""

from __future__ import annotations

import base64
import contextlib
import json
from typing import TYPE_CHECKING, Any

import cbor2
import pytest
from cwt import COSE, COSEHeaders, COSEKey
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.demo.issuer import Issuer, base64url, jwk, sign
from gateway.formats import _cose
from gateway.model import Expected, Outcome
from gateway.plugins import AUTHENTICATION
from gateway.proof import prove
from resolvers.problems import Invalid
from tests.gateway.formats.cose import ALGORITHMS, envelope, message, text
from tests.gateway.formats.test_sd_jwt_vc import format_of
from tests.gateway.proving import CREDENTIALS_V2, NOW, codes, credential, proof_tools, proven, recognize, serve_document
from tests.internet import FakeInternet
from tests.shared import SHARED

if TYPE_CHECKING:
    from gateway.canonical.rdf import RdfCanonicalizer

PASS, FAIL, INDETERMINATE = Outcome.PASS, Outcome.FAIL, Outcome.INDETERMINATE
ISSUER = Issuer.did_key()
HOLDER = Issuer.did_key("P-256")
DOCUMENT = credential(ISSUER.did)
HEADER = {1: -8, 16: "application/vc+cose"}


def refused(content: Any) -> tuple[str, str]:
    """Return the code and the detail for which it is refused as it is read."""
    with pytest.raises(Invalid) as stopped:
        recognize(content if isinstance(content, (str, dict)) else text(content), "application/vc+cose")
    return stopped.value.problem.code, stopped.value.problem.detail


# What verifies


@pytest.mark.parametrize("kind", list(ALGORITHMS))
async def test_credential_verifies(canonicalizer: RdfCanonicalizer, kind: str) -> None:
    """Under each kind of key, as octets, as text of either alphabet and in an envelope."""
    internet, issuer = FakeInternet(), Issuer.did_web("issuer.example", kind=kind)
    serve_document(internet, issuer, as_jwk=True)
    octets = message(issuer, credential(issuer.did), unprotected={4: issuer.method.encode()})
    for content in (octets, text(octets), base64.b64encode(octets).decode(), envelope(octets)):
        found, verified = await proven(content, proof_tools(canonicalizer, internet))
        assert (found.proof.outcome, found.issuer.outcome) == (PASS, PASS)
        assert verified is not None
        assert (verified.document, verified.vcdm, verified.format) == (credential(issuer.did), "2.0", "vc+cose")
        assert (found.proofs[0].type, found.proofs[0].verification_method) == ("CoseSign1", issuer.method)


async def test_untagged_message_is_told_by_its_media_type(canonicalizer: RdfCanonicalizer) -> None:
    """Without the tag a message is an array like any other."""
    octets = message(ISSUER, DOCUMENT, tag=b"")
    for content in (octets, text(octets)):
        assert format_of(content) is None
        assert format_of(content, "application/cbor") is None
        assert format_of(content, "application/vc+cose") == "vc+cose"
        secured = recognize(content, "application/vc+cose")
        assert secured is not None
        found, _ = await prove(secured, proof_tools(canonicalizer))
        assert (found.proof.outcome, found.issuer.outcome) == (PASS, PASS)


@pytest.mark.parametrize(("kind", "alg"), [("Ed25519", -19), ("P-256", -9), ("P-384", -51)])
async def test_fully_specified_algorithms_verify(canonicalizer: RdfCanonicalizer, kind: str, alg: int) -> None:
    """RFC 9864 gives each curve an algorithm of its own, which is the same signature."""
    issuer = Issuer.did_key(kind)
    octets = message(issuer, credential(issuer.did), protected={1: alg})
    found, _ = await proven(text(octets), proof_tools(canonicalizer))
    assert (found.proof.outcome, found.issuer.outcome) == (PASS, PASS)


@pytest.mark.parametrize("protected", [True, False], ids=["protected", "unprotected"])
async def test_kid_is_a_hint_wherever_it_stands(canonicalizer: RdfCanonicalizer, protected: bool) -> None:  # noqa: FBT001 — a parameter of the test
    """It leads to a key of the issuer's own, or nowhere."""
    for issuer, outcome in ((ISSUER, PASS), (HOLDER, FAIL)):
        hint = {4: issuer.method.encode()}
        headers: dict[str, Any] = {"protected": hint, "unprotected": {}} if protected else {"unprotected": hint}
        octets = message(issuer, DOCUMENT, **headers)
        found, _ = await proven(text(octets), proof_tools(canonicalizer))
        assert (found.proof.outcome, found.issuer.outcome) == (PASS, outcome)


async def test_kid_may_be_left_out_of_a_did_of_one_key(canonicalizer: RdfCanonicalizer) -> None:
    """And so may one that is no text, which names nothing."""
    for unprotected in ({}, {4: b"\xff"}, {4: 5}):
        found, _ = await proven(text(message(ISSUER, DOCUMENT, unprotected=unprotected)), proof_tools(canonicalizer))
        assert (found.proof.outcome, found.issuer.outcome) == (PASS, PASS)


async def test_message_of_the_other_library_verifies(canonicalizer: RdfCanonicalizer) -> None:
    """What cwt signs is read as it meant it."""
    public = jwk(HOLDER.key)
    number = HOLDER.key.private_numbers().private_value.to_bytes(32, "big")
    key = COSEKey.from_jwk({**public, "d": base64url(number), "kid": HOLDER.jose_method, "alg": "ES256"})
    made = COSE.new().encode(
        b'{"@context": ["https://www.w3.org/ns/credentials/v2"]}',
        key,
        protected={COSEHeaders.ALG: -7, 16: "application/vc+cose"},
        unprotected={COSEHeaders.KID: HOLDER.jose_method.encode()},
    )
    parsed = _cose.parse(made)
    assert (parsed.alg, parsed.typ, parsed.key_id) == ("ES256", "vc+cose", HOLDER.jose_method)
    found, _ = await proven(text(made), proof_tools(canonicalizer))
    assert codes(found) == ["INVALID_VERIFICATION_METHOD_URL"]  # names no issuer


# What is malformed


def raw(*parts: Any, tag: bytes = b"\xd2") -> bytes:
    """Return an array of those parts, tagged."""
    return tag + cbor2.dumps(list(parts))


ENCODED = cbor2.dumps(HEADER)


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\xd2",
        raw(),
        raw(ENCODED, {}, b"{}"),
        raw(ENCODED, {}, b"{}", b"s", b"x"),
        raw(HEADER, {}, b"{}", b"s"),
        raw(ENCODED, [], b"{}", b"s"),
        raw(ENCODED, {}, None, b"s"),
        raw(ENCODED, {}, "{}", b"s"),
        raw(ENCODED, {}, b"{}", "s"),
        raw(cbor2.dumps([1, -8]), {}, b"{}", b"s"),
        raw(b"\xff", {}, b"{}", b"s"),
        raw(ENCODED, {}, b"{}", b"s", tag=b"\xd1"),
        raw(ENCODED, {}, b"{}", b"s", tag=b"\xd8\x62"),
        raw(ENCODED, {}, b"{}", b"s", tag=b"\xd8\x3d"),
        raw(ENCODED, {}, b"[]", b"s"),
        raw(ENCODED, {}, b"5", b"s"),
    ],
    ids=lambda octets: octets.hex(),
)
def test_malformed_message_is_refused(octets: bytes) -> None:
    """Four parts of their types, a payload that is there, and it a JSON object; a MAC has another tag."""
    assert refused(octets)[0] == "token-malformed"


def test_T22_payload_is_strict_json() -> None:
    """What implementations read differently is refused here too."""
    assert refused(message(ISSUER, b'{"a": 1, "a": 2}'))[0] == "duplicate-key"
    assert refused(message(ISSUER, b"\xff"))[0] == "not-utf8"


@pytest.mark.parametrize(
    ("protected", "unprotected", "detail"),
    [
        (None, {1: -8}, "a label stands in both headers"),
        ({1: None}, {1: -8}, "alg, crit or CWT claims are not protected"),
        (None, {2: [1]}, "alg, crit or CWT claims are not protected"),
        (None, {15: {4: 1}}, "alg, crit or CWT claims are not protected"),
        ({4: b"1"}, {4: b"2"}, "a label stands in both headers"),
        ({2: [99], 99: 1}, {}, "crit names a label that is absent, or not understood here"),
        ({2: ["b64"], "b64": 1}, {}, "crit names a label that is absent, or not understood here"),
        ({2: [4]}, {4: b"1"}, "crit names a label that is absent, or not understood here"),
        ({2: []}, {}, "crit is not an array of labels"),
        ({2: 1}, {}, "crit is not an array of labels"),
        ({2: [b"x"]}, {}, "crit is not an array of labels"),
        ({15: []}, {}, "the CWT claims are not a map"),
    ],
    ids=str,
)
def test_T29_T26_headers_hold_what_they_may(
    protected: dict[Any, Any] | None, unprotected: dict[Any, Any], detail: str
) -> None:
    """How to verify is protected, every label is in one header, and what is critical is understood."""
    octets = message(ISSUER, DOCUMENT, protected=protected, unprotected=unprotected)
    assert refused(octets) == ("token-malformed", detail)


async def test_critical_label_that_is_understood_is_fine(canonicalizer: RdfCanonicalizer) -> None:
    """`typ` and the CWT claims are."""
    octets = message(ISSUER, DOCUMENT, protected={2: [16, 15], 15: {6: 1}})
    found, _ = await proven(text(octets), proof_tools(canonicalizer))
    assert found.proof.outcome is PASS


def with_signature(encoded: bytes, tail: bytes = b"") -> bytes:
    """Return a message over a protected header that is octets, which is signed well."""
    return message(ISSUER, DOCUMENT, protected=encoded) + tail


@pytest.mark.parametrize(
    "octets",
    [
        with_signature(bytes.fromhex("a201270126")),
        with_signature(bytes.fromhex("a20127") + bytes.fromhex("1b0000000000000001") + b"\x27"),
        with_signature(bytes.fromhex("bf0127ff")),
        with_signature(ENCODED + b"\x00"),
        with_signature(b"\x81" * 100 + b"\x00"),
        with_signature(ENCODED, b"\x00"),
        b"\xd2\x9f" + with_signature(ENCODED)[2:] + b"\xff",
    ],
    ids=[
        "equal labels",
        "equal labels, longer",
        "indefinite",
        "after it",
        "deep",
        "after the message",
        "indefinite array",
    ],
)
def test_T22_what_other_libraries_let_pass_is_refused(octets: bytes) -> None:
    """Each of these is signed well, and would be read by cwt and pycose."""
    code, detail = refused(octets)
    assert (code, "strict CBOR" in detail) == ("token-malformed", True)


@pytest.mark.parametrize("spoil", ["=", "\n", " ", "é", "%3D"])
def test_T30_text_is_canonical(spoil: str) -> None:
    """Of each alphabet, one spelling is read."""
    assert refused(text(message(ISSUER, DOCUMENT)) + spoil)[0] == "token-malformed"


# What is signed otherwise


@pytest.mark.parametrize(
    ("alg", "outcome", "code"),
    [
        (None, FAIL, "unsupported-algorithm"),
        (5, INDETERMINATE, "unsupported-algorithm"),
        (-37, INDETERMINATE, "unsupported-algorithm"),
        ("EdDSA", INDETERMINATE, "unsupported-algorithm"),
        ([], INDETERMINATE, "unsupported-algorithm"),
        (-7, FAIL, "CRYPTOGRAPHIC_SECURITY_ERROR"),
        (-257, FAIL, "CRYPTOGRAPHIC_SECURITY_ERROR"),
    ],
    ids=str,
)
async def test_T27_algorithm_is_that_of_the_key(
    canonicalizer: RdfCanonicalizer, alg: Any, outcome: Outcome, code: str
) -> None:
    """None, a MAC and an unknown one do not verify, and neither does that of another key."""
    found, verified = await proven(text(message(ISSUER, DOCUMENT, protected={1: alg})), proof_tools(canonicalizer))
    assert (found.proof.outcome, codes(found), verified) == (outcome, [code], None)


async def test_tampered_message_is_refused(canonicalizer: RdfCanonicalizer) -> None:
    """One bit of the header, the payload or the signature."""
    encoded, hints, payload, signature = cbor2.loads(message(ISSUER, DOCUMENT)[1:])
    spoiled = (
        raw(cbor2.dumps({**HEADER, 3: "application/vc"}), hints, payload, signature),
        raw(encoded, hints, payload.replace(b"2026", b"2027"), signature),
        raw(encoded, hints, payload, signature[:-1] + bytes([signature[-1] ^ 1])),
        raw(encoded, hints, payload, b""),
    )
    for octets in spoiled:
        found, verified = await proven(text(octets), proof_tools(canonicalizer))
        assert (found.proof.outcome, codes(found), verified) == (FAIL, ["CRYPTOGRAPHIC_SECURITY_ERROR"], None)


async def test_signature_is_over_sig_structure1(canonicalizer: RdfCanonicalizer) -> None:
    """A signature over another structure of COSE, or over the payload alone, is none of this message."""
    octets = json.dumps(DOCUMENT).encode()
    for over in (
        cbor2.dumps(["Signature", ENCODED, b"", octets]),
        cbor2.dumps(["Signature1", ENCODED, octets]),
        octets,
    ):
        document = raw(ENCODED, {}, octets, sign(ISSUER.key, over))
        found, _ = await proven(text(document), proof_tools(canonicalizer))
        assert found.proof.outcome is FAIL
    assert _cose.parse(raw(ENCODED, {}, octets, b"")).signed == cbor2.dumps(["Signature1", ENCODED, b"", octets])


@given(st.binary(max_size=70_000), st.integers(0, 70_000))
@settings(max_examples=30, deadline=None)
def test_structure_is_encoded_as_the_other_library_does(payload: bytes, length: int) -> None:
    """Every length has its shortest form."""
    payload = payload.ljust(length, b"\0")
    assert _cose.parse(raw(ENCODED, {}, payload, b"")).signed == cbor2.dumps(["Signature1", ENCODED, b"", payload])


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({4: NOW.timestamp() - 60}, "proof-expired"),
        ({5: NOW.timestamp() + 61}, "not-yet-valid"),
        ({4: "never"}, "token-malformed"),
        ({4: True}, "token-malformed"),
    ],
    ids=str,
)
async def test_T32_claims_in_the_header_are_the_signatures(
    canonicalizer: RdfCanonicalizer, claims: dict[int, Any], code: str
) -> None:
    """`exp` and `nbf` bound the signature within the skew."""
    found, _ = await proven(text(message(ISSUER, DOCUMENT, protected={15: claims})), proof_tools(canonicalizer))
    assert (found.proof.outcome, codes(found)) == (FAIL, [code])


def test_T13_status_in_the_header_is_the_credentials() -> None:
    """A message that says how it may be revoked is asked about; what names no list, or another, is refused."""
    status = {"status_list": {"idx": 7, "uri": "https://issuer.example/list"}}

    def read(claim: Any, **members: Any) -> Any:
        secured = recognize(message(ISSUER, {**credential(ISSUER.did), **members}, protected={15: {65535: claim}}))
        assert secured is not None
        return secured.document["status"]

    assert read(status) == status
    assert read(status, status=status) == status
    wrong: tuple[Any, ...] = ({}, [], 7, {"status_list": {"idx": "7", "uri": "u"}}, {"identifier_list": {}})
    for claim in wrong:
        with pytest.raises(Invalid) as refused_one:
            read(claim)
        assert refused_one.value.problem.code == "token-malformed"
    with pytest.raises(Invalid) as other:
        read(status, status={"status_list": {"idx": 8, "uri": "https://issuer.example/list"}})
    assert other.value.problem.code == "token-claims-mismatch"


def test_T32_iss_is_the_issuer() -> None:
    """Another one is refused, be it a text or not."""
    assert format_of(text(message(ISSUER, DOCUMENT, protected={15: {1: ISSUER.did}}))) == "vc+cose"
    for issuer in (HOLDER.did, 5):
        assert refused(message(ISSUER, DOCUMENT, protected={15: {1: issuer}}))[0] == "token-claims-mismatch"


# Whose it is


@pytest.mark.parametrize(
    ("typ", "media_type", "name"),
    [
        ("application/vc+cose", None, "vc+cose"),
        ("vc+cose", None, "vc+cose"),
        ("application/vp+cose", "application/vc+cose", "vp+cose"),
        (None, "application/vp+cose", "vp+cose"),
        (None, "application/cose", "vc+cose"),
        (None, None, "vc+cose"),
        ("application/statuslist+cwt", None, None),
    ],
)
def test_typ_media_type_and_content_say_whose_it_is(typ: str | None, media_type: str | None, name: str | None) -> None:
    """As the message says, as it came, or by what it holds."""
    assert format_of(text(message(ISSUER, DOCUMENT, protected={16: typ})), media_type) == name
    presentation = {"type": ["VerifiablePresentation"]}
    if typ is None and media_type is None:
        assert format_of(text(message(ISSUER, presentation, protected={16: typ}))) == "vp+cose"


def test_T48_envelope_holds_what_it_says() -> None:
    """A message of another kind in an envelope is refused, and so is one that is not in base64."""
    credential_, presentation = message(ISSUER, DOCUMENT), message(ISSUER, {}, protected={16: "application/vp+cose"})
    assert format_of(envelope(credential_)) == "vc+cose"
    assert refused(envelope(presentation))[0] == "token-malformed"
    assert refused(envelope(credential_, "vp", "Presentation"))[0] == "token-malformed"
    assert refused({**envelope(credential_), "@context": []})[0] == "MALFORMED_VALUE_ERROR"
    assert format_of({**envelope(credential_), "id": f"data:application/vc+cose,{text(credential_)}"}) is None


# Presentations


def vp(issuer: Issuer = HOLDER, claims: dict[int, Any] | None = None, **members: Any) -> bytes:
    """Return a vp+cose for the verifier."""
    document = {"@context": [CREDENTIALS_V2], "type": "VerifiablePresentation", "holder": HOLDER.did, **members}
    bound = {3: "https://verifier.example", 10: b"nonce", **(claims or {})}
    header = {16: "application/vp+cose", 15: {label: value for label, value in bound.items() if value is not None}}
    return message(issuer, document, protected=header)


EXPECTED = Expected(challenge="nonce", domain=frozenset({"https://verifier.example"}))


async def test_presentation_is_its_holders(canonicalizer: RdfCanonicalizer) -> None:
    """The holder's key signed it for this request, which the CWT claims say."""
    tools = proof_tools(canonicalizer, purpose=AUTHENTICATION, expected=EXPECTED)
    for octets in (vp(), vp(claims={10: "nonce", 1: HOLDER.did})):
        for content in (text(octets), envelope(octets, "vp", "Presentation")):
            found, _ = await proven(content, tools)
            assert (found.proof.outcome, found.issuer.outcome, found.controller) == (PASS, PASS, HOLDER.did)


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({10: None}, "INVALID_CHALLENGE_ERROR"),
        ({10: b"other"}, "INVALID_CHALLENGE_ERROR"),
        ({10: b"\xff"}, "INVALID_CHALLENGE_ERROR"),
        ({3: None}, "INVALID_DOMAIN_ERROR"),
        ({3: "https://other.example"}, "INVALID_DOMAIN_ERROR"),
        ({4: 1}, "proof-expired"),
    ],
    ids=str,
)
async def test_T38_presentation_for_another_request(
    canonicalizer: RdfCanonicalizer, claims: dict[int, Any], code: str
) -> None:
    """What is expected and absent is wrong, and so is what answers somebody else."""
    tools = proof_tools(canonicalizer, purpose=AUTHENTICATION, expected=EXPECTED)
    found, _ = await proven(text(vp(claims=claims)), tools)
    assert (found.proof.outcome, codes(found), found.controller) == (FAIL, [code], None)


async def test_T39_presentation_signed_by_another(canonicalizer: RdfCanonicalizer) -> None:
    """A key that is not the holder's holds nothing, and `iss` names nobody else."""
    found, _ = await proven(text(vp(ISSUER)), proof_tools(canonicalizer, purpose=AUTHENTICATION))
    assert (found.issuer.outcome, codes(found, "issuer"), found.controller) == (FAIL, ["holder-mismatch"], None)
    assert refused(vp(claims={1: ISSUER.did}))[0] == "token-claims-mismatch"


@pytest.mark.shared
@pytest.mark.parametrize(("name", "typ"), [("status_list_cwt", "statuslist+cwt"), ("referenced_token_cwt", None)])
def test_messages_of_the_specification_are_read(name: str, typ: str | None) -> None:
    """The CWTs of Token Status List are strict CBOR, and say what their diagnostic form does."""
    path = SHARED / "vectors" / "token-status-list" / f"{name}.md"
    found = _cose.parse(bytes.fromhex("".join(path.read_text(encoding="ascii").split())))
    assert (found.alg, found.typ, found.key_id, len(found.signature)) == ("ES256", typ, "12", 64)


@given(st.binary(max_size=80))
@settings(max_examples=200, deadline=None)
def test_any_message(octets: bytes) -> None:
    """Any octets in base64 are answered."""
    for content in (octets, b"\xd2\x84" + octets, text(octets), text(b"\xd2\x84" + octets), envelope(octets)):
        with contextlib.suppress(Invalid):
            recognize(content, "application/vc+cose")
