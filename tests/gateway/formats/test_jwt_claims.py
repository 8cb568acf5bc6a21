"""T32: what a token says beside the credential in it, in each of the three profiles."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from gateway.demo.issuer import Issuer, base64url, compact
from gateway.model import Outcome, Secured
from gateway.structure import check_structure
from resolvers.problems import Invalid
from tests.gateway.proving import (
    CREDENTIALS_V1,
    CREDENTIALS_V2,
    NOW,
    OPEN_BADGES,
    codes,
    credential,
    proof_tools,
    proven,
    recognize,
)
from tests.internet import FakeInternet

if TYPE_CHECKING:
    from gateway.canonical.rdf import RdfCanonicalizer

ISSUER = Issuer.did_key()
FROM, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
SUBJECT, IDENTIFIER = "did:example:abcdefgh", "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33"

V1: dict[str, Any] = {
    "@context": [CREDENTIALS_V1],
    "id": IDENTIFIER,
    "type": ["VerifiableCredential"],
    "issuer": {"id": ISSUER.did, "name": "Example"},
    "issuanceDate": "2026-01-01T00:00:00Z",
    "expirationDate": "2027-01-01T00:00:00Z",
    "credentialSubject": {"id": SUBJECT, "alumniOf": "Example"},
}
CLAIMS: dict[str, Any] = {
    "iss": ISSUER.did,
    "sub": SUBJECT,
    "jti": IDENTIFIER,
    "nbf": FROM.timestamp(),
    "exp": UNTIL.timestamp(),
}
BADGE: dict[str, Any] = {
    **credential(ISSUER.did),
    "@context": [CREDENTIALS_V2, OPEN_BADGES],
    "type": ["VerifiableCredential", "OpenBadgeCredential"],
}
BADGE_CLAIMS = {name: value for name, value in CLAIMS.items() if name != "exp"}


def read(claims: dict[str, Any], media_type: str | None = None, **header: Any) -> Secured:
    """Return what a token with these claims is read as."""
    given = {"typ": "JWT", "kid": ISSUER.method, **header}
    text = compact(ISSUER.key, {name: value for name, value in given.items() if value is not None}, claims)
    secured = recognize(text, media_type)
    assert secured is not None
    return secured


def without(members: dict[str, Any], *names: str) -> dict[str, Any]:
    """Return a copy without some members."""
    return {name: value for name, value in members.items() if name not in names}


def refusal(claims: dict[str, Any], **header: Any) -> tuple[str, str | None]:
    """Return code and pointer with which a token is refused."""
    with pytest.raises(Invalid) as stopped:
        read(claims, **header)
    return stopped.value.problem.code, stopped.value.problem.pointer


# VCDM 1.1: the claim vc


def test_T32_vc_claim_with_equal_claims_is_the_credential() -> None:
    """Claims that repeat the credential leave it as it is."""
    secured = read({**CLAIMS, "vc": V1})
    assert (secured.format.name, secured.vcdm) == ("vc-jwt", "1.1")
    assert secured.document == V1


@pytest.mark.parametrize(
    ("claim", "member"),
    [
        ("iss", "issuer"),
        ("sub", "credentialSubject"),
        ("jti", "id"),
        ("nbf", "issuanceDate"),
        ("exp", "expirationDate"),
    ],
)
def test_T32_absent_member_of_vc_is_filled(claim: str, member: str) -> None:
    """A member that the credential leaves to the token's claim is there after decoding; null is absent."""
    filled = {"iss": ISSUER.did, "sub": {"id": SUBJECT}}.get(claim, V1[member])
    for vc in (without(V1, member), {**V1, member: None}):
        assert read({claim: CLAIMS[claim], "vc": vc}).document == {**V1, member: filled}


def test_T32_absent_ids_are_filled() -> None:
    """An issuer or subject without an id gets the token's, and keeps what else it has."""
    vc = copy.deepcopy(V1)
    del vc["issuer"]["id"]
    del vc["credentialSubject"]["id"]
    assert read({**CLAIMS, "vc": vc}).document == V1
    several = {**vc, "credentialSubject": [vc["credentialSubject"]]}
    assert read({**CLAIMS, "vc": several}).document == {**V1, "credentialSubject": [V1["credentialSubject"]]}
    assert read({**CLAIMS, "vc": {**V1, "issuer": ISSUER.did}}).document["issuer"] == ISSUER.did


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("iss", "did:example:other"),
        ("sub", "did:example:other"),
        ("jti", "urn:uuid:other"),
        ("nbf", FROM.timestamp() + 1),
        ("exp", UNTIL.timestamp() - 1),
    ],
)
def test_T32_differing_claim_is_refused(claim: str, value: Any) -> None:
    """A claim that contradicts the credential refuses the token."""
    assert refusal({**CLAIMS, claim: value, "vc": V1}) == ("token-claims-mismatch", f"/{claim}")


@pytest.mark.parametrize("name", ["status", "credentialStatus"])
def test_T13_status_beside_vc_is_the_credentials(name: str) -> None:
    """A token that says how it may be revoked beside the credential is asked about; two that differ are refused."""
    status = {"status_list": {"idx": 7, "uri": "https://issuer.example/list"}}
    claims = {**CLAIMS, "vc": V1, name: status}
    assert read(claims).document == {**V1, name: status}
    assert read({**claims, "vc": {**V1, name: status}}).document == {**V1, name: status}
    other = {**V1, name: {"status_list": {"idx": 8, "uri": "https://issuer.example/list"}}}
    assert refusal({**claims, "vc": other}) == ("token-claims-mismatch", f"/{name}")


def test_T32_one_claim_names_no_two_subjects() -> None:
    """`sub` cannot stand for several subjects."""
    vc = {**V1, "credentialSubject": [{"id": SUBJECT}, {"id": "did:example:other"}]}
    assert refusal({**CLAIMS, "vc": vc}) == ("token-claims-mismatch", "/sub")


def test_T32_fractions_of_a_second_are_cut_off() -> None:
    """Issuers cut milliseconds off to make a NumericDate; the credential keeps its own."""
    vc = {**V1, "issuanceDate": "2026-01-01T00:00:00.750Z"}
    assert read({**CLAIMS, "vc": vc}).document["issuanceDate"] == "2026-01-01T00:00:00.750Z"


def test_T32_vc_claim_of_vcdm_2_has_its_names() -> None:
    """A VCDM 2.0 credential in a `vc` claim gets the dates under the names of its version."""
    vc = without(credential(ISSUER.did), "validFrom")
    document = read({**CLAIMS, "vc": vc}).document
    assert (document["validFrom"], document["validUntil"]) == ("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z")


@pytest.mark.parametrize("vc", [None, "text", [V1], 5], ids=["null", "text", "list", "number"])
def test_T32_vc_claim_is_an_object(vc: Any) -> None:
    """A `vc` claim that is no object is no credential."""
    assert refusal({**CLAIMS, "vc": vc}) == ("token-malformed", "/vc")


@pytest.mark.parametrize(
    ("claim", "value"),
    [("iss", 5), ("sub", ["a"]), ("jti", {}), ("nbf", "2026"), ("exp", True), ("exp", 1e15), ("nbf", -1e15)],
    ids=str,
)
def test_T32_malformed_claim_is_refused(claim: str, value: Any) -> None:
    """Names are text and times are numbers of years 1 to 9999."""
    assert refusal({**CLAIMS, claim: value, "vc": V1}) == ("token-malformed", f"/{claim}")


async def test_vc_claim_verifies(canonicalizer: RdfCanonicalizer) -> None:
    """A VC-JWT verifies, and the decoded credential is what is verified."""
    text = compact(ISSUER.key, {"typ": "JWT", "kid": ISSUER.method}, {**CLAIMS, "vc": without(V1, "issuer", "id")})
    found, verified = await proven(text, proof_tools(canonicalizer))
    assert (found.proof.outcome, found.issuer.outcome) == ("pass", "pass")
    assert verified is not None
    assert verified.document == {**V1, "issuer": ISSUER.did}


# Open Badges 3.0: the payload is the credential


def test_T32_open_badge_repeats_the_claims() -> None:
    """The badge is the payload without the token's claims."""
    secured = read({**BADGE, **BADGE_CLAIMS})
    assert (secured.format.name, secured.vcdm) == ("vc-jwt", "2.0")
    assert secured.document == BADGE
    assert secured.warnings == ()


@pytest.mark.parametrize("claim", ["iss", "sub", "jti", "nbf"])
def test_T32_open_badge_requires_its_claims(claim: str) -> None:
    """Each of the four is there, and is what the badge says."""
    mismatch = ("token-claims-mismatch", f"/{claim}")
    assert refusal({**BADGE, **without(BADGE_CLAIMS, claim)}) == mismatch
    other = 1.0 if claim == "nbf" else "urn:other"
    assert refusal({**BADGE, **BADGE_CLAIMS, claim: other}) == mismatch


@pytest.mark.parametrize(("member", "claim"), [("id", "jti"), ("validFrom", "nbf"), ("credentialSubject", "sub")])
def test_T32_open_badge_requires_what_its_claims_repeat(member: str, claim: str) -> None:
    """A claim cannot stand in for what the badge lacks."""
    assert refusal({**without(BADGE, member), **BADGE_CLAIMS}) == ("token-claims-mismatch", f"/{claim}")


def test_T32_exp_sets_the_end_of_an_open_badge() -> None:
    """`exp` is the end of validity, also where the badge names another, which is a warning."""
    secured = read({**BADGE, **CLAIMS})
    assert secured.document == {**BADGE, "validUntil": "2027-01-01T00:00:00Z"}
    assert secured.warnings == ()
    secured = read({**BADGE, **CLAIMS, "validUntil": "2036-01-01T00:00:00Z"})
    assert secured.document["validUntil"] == "2027-01-01T00:00:00Z"
    assert [warning.code for warning in secured.warnings] == ["token-claims-mismatch"]


def test_T32_open_badge_of_vcdm_1_1_has_its_names() -> None:
    """A badge of VCDM 1.1 is compared by issuanceDate, and ends at expirationDate."""
    badge = {**without(V1, "expirationDate"), "type": ["VerifiableCredential", "OpenBadgeCredential"]}
    assert read({**badge, **CLAIMS}).document["expirationDate"] == "2027-01-01T00:00:00Z"


@pytest.mark.parametrize("header", [{"cty": "vc"}, {"jku": "https://attacker.example/"}, {"x5c": []}], ids=str)
def test_open_badge_header_has_nothing_more(header: dict[str, Any]) -> None:
    """Additional JOSE Headers are NOT allowed."""
    assert refusal({**BADGE, **BADGE_CLAIMS}, **header) == ("token-malformed", None)


async def test_open_badge_verifies(canonicalizer: RdfCanonicalizer) -> None:
    """An Open Badges 3.0 VC-JWT verifies, with and without a `typ`."""
    for header in ({"typ": "JWT"}, {}):
        text = compact(ISSUER.key, {"kid": ISSUER.method, **header}, {**BADGE, **BADGE_CLAIMS})
        found, verified = await proven(text, proof_tools(canonicalizer))
        assert (found.proof.outcome, found.issuer.outcome) == ("pass", "pass")
        assert verified is not None
        assert verified.format == "vc-jwt"


# VC-JOSE-COSE: vc+jwt


@pytest.mark.parametrize("typ", ["vc+jwt", "VC+JWT", "application/vc+jwt"])
def test_envelope_is_known_by_its_type(typ: str) -> None:
    """A media type is compared without case, and its "application/" may be left out."""
    secured = read({**credential(ISSUER.did), "iat": 5}, typ=typ)
    assert (secured.format.name, secured.vcdm) == ("vc+jwt", "2.0")
    assert secured.document == credential(ISSUER.did)


def test_envelope_needs_no_type() -> None:
    """`typ` is only recommended: a plain credential, or the request's media type, tells."""
    assert read(credential(ISSUER.did), typ=None).format.name == "vc+jwt"
    assert read({**BADGE, **BADGE_CLAIMS}, "application/vc+jwt", typ=None).format.name == "vc+jwt"
    assert read({**BADGE, **BADGE_CLAIMS}, typ=None).format.name == "vc-jwt"


@pytest.mark.parametrize("claim", ["vc", "vp"])
def test_T32_envelope_has_no_vc_or_vp(claim: str) -> None:
    """The JWT Claim Names vc and vp MUST NOT be present."""
    assert refusal({**credential(ISSUER.did), claim: {}}, typ="vc+jwt") == ("token-malformed", f"/{claim}")


def test_T32_envelope_has_no_other_issuer() -> None:
    """`iss` may be left out, and else is the credential's issuer."""
    assert read({**credential(ISSUER.did), "iss": ISSUER.did}, typ="vc+jwt").document == credential(ISSUER.did)
    claims = {**credential(ISSUER.did), "iss": "did:example:other"}
    assert refusal(claims, typ="vc+jwt") == ("token-claims-mismatch", "/iss")


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"exp": NOW.timestamp() - 59}, None),
        ({"exp": NOW.timestamp() - 60}, "proof-expired"),
        ({"nbf": NOW.timestamp() + 60}, None),
        ({"nbf": NOW.timestamp() + 61}, "not-yet-valid"),
        ({"exp": (NOW + timedelta(days=1)).timestamp(), "validUntil": "2036-01-01T00:00:00Z"}, None),
    ],
    ids=str,
)
async def test_T32_times_of_an_envelope_are_the_signatures(
    canonicalizer: RdfCanonicalizer, claims: dict[str, Any], code: str | None
) -> None:
    """`exp` and `nbf` bound the signature within the skew, and are never compared with the credential's dates."""
    text = compact(ISSUER.key, {"typ": "vc+jwt", "kid": ISSUER.method}, {**credential(ISSUER.did), **claims})
    found, verified = await proven(text, proof_tools(canonicalizer))
    assert found.proof.outcome is (Outcome.PASS if code is None else Outcome.FAIL)
    assert code is None or codes(found) == [code]
    assert (verified is None) is (code is not None)


async def test_key_of_an_expired_token_is_not_fetched(canonicalizer: RdfCanonicalizer) -> None:
    """What no key can mend is refused before one is looked up."""
    internet, issuer = FakeInternet(), Issuer.did_web("issuer.example")
    text = compact(issuer.key, {"typ": "vc+jwt", "kid": issuer.method}, {**credential(issuer.did), "exp": 1})
    found, _ = await proven(text, proof_tools(canonicalizer, internet))
    assert (codes(found), codes(found, "issuer")) == (["proof-expired"], ["proof-expired"])
    assert found.proof.outcome is Outcome.FAIL
    assert internet.requests == []


@pytest.mark.parametrize("claim", ["exp", "nbf"])
def test_envelope_with_a_malformed_time_is_refused(claim: str) -> None:
    """A time that cannot be read is never no bound."""
    assert refusal({**credential(ISSUER.did), claim: "never"}, typ="vc+jwt") == ("token-malformed", f"/{claim}")


async def test_unknown_context_in_a_token_leaves_the_structure_open(canonicalizer: RdfCanonicalizer) -> None:
    """A token is covered whole whatever its contexts say; what it means is a policy's to accept."""
    document = credential(ISSUER.did, **{"@context": [CREDENTIALS_V2, "https://example.org/unknown"]})
    text = compact(ISSUER.key, {"typ": "vc+jwt", "kid": ISSUER.method}, document)
    for allowed, outcome in ((False, Outcome.INDETERMINATE), (True, Outcome.PASS)):
        found, _ = await proven(text, proof_tools(canonicalizer, allow_unknown_contexts=allowed))
        assert found.proof.outcome is Outcome.PASS
        assert found.structure is not None
        assert found.structure.outcome is outcome
        assert found.structure.problems[0].code == "unknown-context"


# EnvelopedVerifiableCredential


def envelope(text: str, media_type: str = "application/vc+jwt", **members: Any) -> dict[str, Any]:
    """Return a token in an EnvelopedVerifiableCredential."""
    identifier = f"data:{media_type},{text}"
    return {"@context": CREDENTIALS_V2, "type": "EnvelopedVerifiableCredential", "id": identifier, **members}


def enveloped(claims: Any, **header: Any) -> str:
    """Return a vc+jwt of these claims."""
    return compact(ISSUER.key, {"typ": "vc+jwt", "kid": ISSUER.method, **header}, claims)


async def test_enveloped_credential_verifies(canonicalizer: RdfCanonicalizer) -> None:
    """The credential in the envelope is verified, and nothing of the envelope itself is read."""
    content = envelope(enveloped(credential(ISSUER.did)), name="forged", proof={"type": "X"}, issuer="did:x:y")
    found, verified = await proven(content, proof_tools(canonicalizer))
    assert (found.proof.outcome, found.issuer.outcome) == ("pass", "pass")
    assert verified is not None
    assert verified.document == credential(ISSUER.did)


@pytest.mark.parametrize(
    "content",
    [
        envelope(enveloped(credential(ISSUER.did)), "application/jwt"),
        envelope(enveloped(credential(ISSUER.did)), "application/vc+jwt;base64"),
        {**envelope(""), "id": "https://example.org/credential"},
        {**envelope(""), "id": None},
        {**envelope(""), "id": ["data:application/vc+jwt,"]},
    ],
    ids=["jwt", "base64", "https", "null", "list"],
)
def test_T48_envelope_of_another_media_type_is_not_recognized(content: dict[str, Any]) -> None:
    """An envelope is read as what its data: URL says, and only that."""
    assert recognize(content) is None


@pytest.mark.parametrize(
    "text",
    [
        enveloped({**CLAIMS, "vc": V1}, typ="JWT"),
        enveloped({**BADGE, **BADGE_CLAIMS}, typ="JWT"),
        enveloped({"vp": {}}, typ="vp+jwt"),
        "",
        "a.b.c",
        base64url(b"{}"),
    ],
    ids=["vc claim", "open badge", "presentation", "nothing", "junk", "no token"],
)
def test_T48_token_in_an_envelope_is_of_its_media_type(text: str) -> None:
    """A token of another kind in an envelope is refused, not read by its own rules."""
    with pytest.raises(Invalid) as stopped:
        recognize(envelope(text))
    assert stopped.value.problem.code == "token-malformed"


def test_T48_envelope_in_an_envelope_is_no_credential() -> None:
    """What a token holds is a credential: another envelope in it has not the shape of one, at any depth."""
    content = envelope(enveloped(credential(ISSUER.did)))
    for _ in range(5):
        content = envelope(enveloped(content))
        secured = recognize(content)
        assert secured is not None
        assert check_structure(secured).outcome is Outcome.FAIL


def test_T48_envelope_has_the_context_of_vcdm_2() -> None:
    """An envelope is a VCDM 2.0 object."""
    with pytest.raises(Invalid) as stopped:
        recognize({**envelope(enveloped(credential(ISSUER.did))), "@context": [CREDENTIALS_V1]})
    assert (stopped.value.problem.code, stopped.value.problem.pointer) == ("MALFORMED_VALUE_ERROR", "/@context")
