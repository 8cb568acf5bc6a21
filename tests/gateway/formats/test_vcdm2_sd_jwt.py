"""vc+sd-jwt and vp+sd-jwt: VCDM 2.0 in an SD-JWT (VC-JOSE-COSE, section 3.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateway.demo.issuer import Issuer
from gateway.model import Expected, Outcome
from gateway.plugins import AUTHENTICATION
from gateway.structure import check_structure
from resolvers.problems import Invalid
from tests.gateway.formats.sd_jwt import NONCE, VERIFIER, bind, claim, digest, element, issue
from tests.gateway.formats.test_sd_jwt import as_json
from tests.gateway.formats.test_sd_jwt_vc import format_of
from tests.gateway.proving import CREDENTIALS_V2, NOW, codes, credential, proof_tools, proven, recognize

if TYPE_CHECKING:
    from gateway.canonical.rdf import RdfCanonicalizer

PASS, FAIL = Outcome.PASS, Outcome.FAIL
ISSUER = Issuer.did_key()
HOLDER = Issuer.did_key("P-256")


def vc(document: Any = None, *disclosures: str, **header: Any) -> str:
    """Return a vc+sd-jwt."""
    return issue(
        ISSUER, credential(ISSUER.did) if document is None else document, disclosures, **{"typ": "vc+sd-jwt", **header}
    )


def vp(*credentials: Any, **members: Any) -> dict[str, Any]:
    """Return a presentation for the verifier, None leaves a member out."""
    document = {
        "@context": [CREDENTIALS_V2],
        "type": ["VerifiablePresentation"],
        "holder": HOLDER.did,
        "verifiableCredential": list(credentials),
        "nonce": NONCE,
        "aud": VERIFIER,
        **members,
    }
    return {name: value for name, value in document.items() if value is not None}


def signed(document: dict[str, Any], *disclosures: str, issuer: Issuer = HOLDER) -> str:
    """Return a vp+sd-jwt."""
    return issue(issuer, document, disclosures, typ="vp+sd-jwt")


def envelope(token: str, kind: str = "Credential", media_type: str = "application/vc+sd-jwt") -> dict[str, Any]:
    """Return a token in its envelope."""
    return {
        "@context": CREDENTIALS_V2,
        "type": f"EnvelopedVerifiable{kind}",
        "id": f"data:{media_type},{token}",
    }


def refused(content: Any) -> str:
    """Return the code for which it is refused as it is read."""
    with pytest.raises(Invalid) as stopped:
        recognize(content)
    return stopped.value.problem.code


async def test_credential_is_what_was_signed_and_disclosed(canonicalizer: RdfCanonicalizer) -> None:
    """The specification's own example discloses `type` and ids; what comes out is a credential like any other."""
    document = credential(ISSUER.did)
    types, subject = claim("type", document.pop("type")), claim("id", "did:example:abcdefgh")
    document |= {
        "_sd": [digest(types)],
        "credentialSubject": {"_sd": [digest(subject)]},
        "iat": 1,
        "_sd_alg": "sha-256",
    }
    for typ in ("vc+sd-jwt", "application/vc+sd-jwt", None):
        text = vc(document, types, subject, typ=typ)
        for content in (text, envelope(text), as_json(text)):
            found, verified = await proven(content, proof_tools(canonicalizer))
            assert (found.proof.outcome, found.issuer.outcome) == (PASS, PASS)
            assert verified is not None
            assert (verified.document, verified.vcdm, verified.format) == (credential(ISSUER.did), "2.0", "vc+sd-jwt")


async def test_hidden_claim_is_missing(canonicalizer: RdfCanonicalizer) -> None:
    """What the holder does not show is not there: a credential without its type is none."""
    document = credential(ISSUER.did)
    types = claim("type", document.pop("type"))
    secured = recognize(vc({**document, "_sd": [digest(types)]}))
    assert secured is not None
    assert check_structure(secured).outcome is FAIL
    language = element("fr")
    shown = {**credential(ISSUER.did), "termsOfUse": [{"type": "X"}, {"...": digest(language)}]}
    _, verified = await proven(vc(shown), proof_tools(canonicalizer))
    assert verified is not None
    assert verified.document["termsOfUse"] == [{"type": "X"}]


@pytest.mark.parametrize(
    "name",
    [
        *("iss", "exp", "nbf", "cnf", "aud", "issuer", "validFrom", "validUntil", "credentialStatus"),
        *("status", "issuanceDate", "expirationDate"),
    ],
)
def test_T46_holder_does_not_choose_validity_and_status(name: str) -> None:
    """Whoever could hide the status would hide a revocation (RFC 9901, section 9.7)."""
    text = claim(name, "x")
    document = {key: value for key, value in credential(ISSUER.did).items() if key != name}
    assert refused(vc({**document, "_sd": [digest(text)]}, text)) == "disclosure-invalid"


def test_T46_status_entry_is_not_hidden() -> None:
    """Neither in part: of two entries both are shown."""
    document = {**credential(ISSUER.did), "credentialStatus": [{"...": digest("entry")}]}
    assert refused(vc(document)) == "disclosure-invalid"


@pytest.mark.parametrize("claims", [{"vc": {}}, {"vp": {}}], ids=str)
def test_T32_claims_vc_and_vp_are_refused(claims: dict[str, Any]) -> None:
    """The JWT Claim Names vc and vp MUST NOT be present."""
    assert refused(vc({**credential(ISSUER.did), **claims})) == "token-malformed"


async def test_T32_times_are_the_signatures(canonicalizer: RdfCanonicalizer) -> None:
    """`exp` and `nbf` bound the signature, as in a vc+jwt; `iss` is the issuer."""
    for claims, code in (({"exp": 1}, "proof-expired"), ({"nbf": NOW.timestamp() + 61}, "not-yet-valid")):
        found, _ = await proven(vc({**credential(ISSUER.did), **claims}), proof_tools(canonicalizer))
        assert (found.proof.outcome, codes(found)) == (FAIL, [code])
    assert refused(vc({**credential(ISSUER.did), "iss": "did:example:other"})) == "token-claims-mismatch"


async def test_T33_key_is_the_issuers(canonicalizer: RdfCanonicalizer) -> None:
    """A good signature by another key is not the issuer's."""
    document = credential("did:web:issuer.example")
    found, _ = await proven(vc(document), proof_tools(canonicalizer))
    assert codes(found, "issuer") in (["issuer-mismatch"], ["unreachable"])


@pytest.mark.parametrize(
    ("kind", "media_type", "token"),
    [
        ("Credential", "application/vc+sd-jwt", issue(ISSUER, {"vct": "x"})),
        ("Credential", "application/vc+sd-jwt", signed(vp())),
        ("Credential", "application/vc+sd-jwt", ""),
        ("Credential", "application/vc+sd-jwt", "a.b.c~"),
        ("Presentation", "application/vp+sd-jwt", vc()),
        ("Presentation", "application/vp+sd-jwt", ""),
    ],
    ids=["sd-jwt-vc", "presentation", "nothing", "no token", "credential", "no presentation"],
)
def test_T48_token_in_an_envelope_is_of_its_media_type(kind: str, media_type: str, token: str) -> None:
    """A token of another kind in an envelope is refused, not read by its own rules."""
    assert refused(envelope(token, kind, media_type)) == "token-malformed"


def test_T48_envelope_of_one_kind_is_not_that_of_the_other() -> None:
    """A presentation does not stand in the envelope of a credential, nor the reverse."""
    assert format_of(envelope(vc(), "Presentation")) is None
    assert format_of(envelope(signed(vp()), "Credential", "application/vp+sd-jwt")) is None


# Presentations


async def test_presentation_is_its_holders(canonicalizer: RdfCanonicalizer) -> None:
    """The holder's key signed it for this request; what it says of that is no part of the presentation."""
    hidden = claim("termsOfUse", {"type": "X"})
    inside = envelope(vc())
    text = signed(vp(inside, _sd=[digest(hidden)]), hidden)
    expected = Expected(challenge=NONCE, domain=frozenset({VERIFIER}))
    tools = proof_tools(canonicalizer, purpose=AUTHENTICATION, expected=expected)
    for content in (text, envelope(text, "Presentation", "application/vp+sd-jwt")):
        found, _ = await proven(content, tools)
        assert (found.proof.outcome, found.issuer.outcome, found.controller) == (PASS, PASS, HOLDER.did)
        assert found.document is not None
        assert found.document.keys() == {"@context", "type", "holder", "verifiableCredential", "termsOfUse"}
        assert found.document["verifiableCredential"] == [inside]


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"nonce": None}, "INVALID_CHALLENGE_ERROR"),
        ({"nonce": "other"}, "INVALID_CHALLENGE_ERROR"),
        ({"aud": None}, "INVALID_DOMAIN_ERROR"),
        ({"aud": "https://other.example"}, "INVALID_DOMAIN_ERROR"),
        ({"exp": 1}, "proof-expired"),
    ],
    ids=str,
)
async def test_T38_presentation_for_another_request(
    canonicalizer: RdfCanonicalizer, members: dict[str, Any], code: str
) -> None:
    """What is expected and absent is wrong, and so is what answers somebody else."""
    expected = Expected(challenge=NONCE, domain=frozenset({VERIFIER}))
    tools = proof_tools(canonicalizer, purpose=AUTHENTICATION, expected=expected)
    found, _ = await proven(signed(vp(**members)), tools)
    assert (found.proof.outcome, codes(found), found.controller) == (FAIL, [code], None)


async def test_T39_presentation_signed_by_another(canonicalizer: RdfCanonicalizer) -> None:
    """A key that is not the holder's holds nothing."""
    found, _ = await proven(signed(vp(), issuer=ISSUER), proof_tools(canonicalizer, purpose=AUTHENTICATION))
    assert (found.issuer.outcome, codes(found, "issuer"), found.controller) == (FAIL, ["holder-mismatch"], None)


def test_presentation_has_no_second_signature() -> None:
    """A key binding after the holder's own signature would say the same again, or something else."""
    assert refused(bind(signed(vp()))) == "token-malformed"


@pytest.mark.parametrize("name", ["holder", "nonce", "aud", "iss"])
def test_T46_what_binds_a_presentation_is_signed_in_plain(name: str) -> None:
    """Nobody may take away what a presentation was made for."""
    text = claim(name, "x")
    assert refused(signed(vp(**{name: None, "_sd": [digest(text)]}), text)) == "disclosure-invalid"
