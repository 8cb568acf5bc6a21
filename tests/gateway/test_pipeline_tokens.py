"""Tokens through the whole pipeline: SD-JWT VC, SD-JWT and COSE of the W3C data model, and Token Status Lists."""

from __future__ import annotations

import zlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import cbor2
import pytest
import pytest_asyncio
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.demo.issuer import Issuer, badge, base64url, compact, jwk, sign
from gateway.model import CheckName, Expected, Outcome
from policies.model import Verdict
from tests.gateway.formats import cose
from tests.gateway.formats.sd_jwt import FAMILY_NAME, NONCE, VERIFIER, bind, claim, digest, issue, vc
from tests.gateway.formats.test_sd_jwt_vc import certified_issuer, sealed
from tests.issuer import University, presentation, university

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.model import VerificationResult

HTTPS = "https://university.example"
METADATA = "https://university.example/.well-known/jwt-vc-issuer"
LIST = "https://university.example/statuslists/1"
EXPECTED = Expected(challenge=NONCE, domain=frozenset({VERIFIER}))

POLICIES = f"""
policy: test/learner
version: 1.0.0
title: Learners of the university
rules:
  - id: type
    say: It is a learner's credential of the university.
    require: {{type_in: [https://issuer.example/learner]}}
---
policy: test/holder
version: 1.0.0
title: The holder presents it
rules:
  - id: holder
    say: Whoever presents it holds it.
    require: {{holder_bound: true}}
---
policy: test/others
version: 1.0.0
title: Nothing of ours
rules:
  - id: issuer
    say: Somebody else issued it.
    require: {{issuer_is: [{HTTPS}/other]}}
"""


@pytest_asyncio.fixture
async def uni(tmp_path: Path) -> AsyncIterator[University]:
    """A university that issues by its https URL."""
    async with university(tmp_path, POLICIES) as made:
        made.issuer = Issuer(HTTPS, made.issuer.key, "key-1")
        made.internet.serve(METADATA, {"issuer": HTTPS, "jwks": {"keys": [{**jwk(made.issuer.key), "kid": "key-1"}]}})
        yield made


def seconds(uni: University, after: float = 0.0) -> int:
    """Return a NumericDate, so many seconds from now."""
    return int(uni.now.timestamp() + after)


def credential(uni: University, index: int | None = None, disclosures: Any = (FAMILY_NAME,), /, **members: Any) -> str:
    """Return an SD-JWT VC of the university, whose status is at `index` of its list."""
    status = None if index is None else {"status_list": {"idx": index, "uri": LIST}}
    claims = vc(uni.issuer, **{"iat": seconds(uni, -3600), "status": status, **members})
    return issue(uni.issuer, claims, disclosures, kid="key-1")


def status_list(uni: University, octets: bytes = b"\0", **members: Any) -> bytes:
    """Return a Token Status List of the university: two bits for each value."""
    listed = {"bits": 2, "lst": base64url(zlib.compress(octets))}
    claims = {"sub": LIST, "iat": seconds(uni), "exp": seconds(uni, 86_400), "status_list": listed, **members}
    return compact(uni.issuer.key, {"typ": "statuslist+jwt", "kid": "key-1"}, claims).encode()


def publish(uni: University, octets: bytes = b"\0", url: str = LIST, **members: Any) -> None:
    """Serve a Token Status List."""
    uni.internet.serve(url, status_list(uni, octets, **members), media_type="application/statuslist+jwt")


def outcomes(result: VerificationResult) -> dict[str, str]:
    """Return every check that applies, by name."""
    return {str(c.name): str(c.outcome) for c in result.checks if c.outcome is not Outcome.NOT_APPLICABLE}


def codes(result: VerificationResult, name: CheckName) -> list[str]:
    """Return the problem codes of one check."""
    return [problem.code for problem in result.check(name).problems]


# What passes


async def test_sd_jwt_vc_is_verified_and_decided(uni: University) -> None:
    """Its key is the one at the issuer's well-known address, and a policy sees its type."""
    publish(uni)
    result = await uni.verify(credential(uni, 3), "test/learner")
    assert outcomes(result) == dict.fromkeys(("structure", "proof", "issuer", "validity", "status"), "pass")
    assert result.decision is not None
    assert result.decision.verdict is Verdict.ACCEPT
    assert result.record is not None
    assert (result.record.issuer["id"], result.record.types) == (HTTPS, ("https://issuer.example/learner",))
    assert sorted(set(uni.internet.requests)) == [METADATA, LIST]
    assert (result.format.name, [str(one.state) for one in result.statuses]) == ("dc+sd-jwt", ["active"])


async def test_warm_verification_asks_nobody(uni: University) -> None:
    """The second one of the same issuer and list makes no request."""
    publish(uni)
    await uni.verify(credential(uni, 3))
    before = list(uni.internet.requests)
    assert outcomes(await uni.verify(credential(uni, 2)))["status"] == "pass"
    assert uni.internet.requests == before


@pytest.mark.parametrize("form", ["vc+sd-jwt", "vc+cose"])
async def test_w3c_credential_in_a_token_is_read_as_any(uni: University, form: str) -> None:
    """How it is secured makes no difference to what it says."""
    issuer = Issuer.did_key("P-256")
    document = badge(issuer.did, "Welding")
    presented: Any = cose.message(issuer, document) if form == "vc+cose" else issue(issuer, document, typ=form)
    result = await uni.verify(presented)
    assert outcomes(result) == dict.fromkeys(("structure", "proof", "issuer", "validity"), "pass")
    assert result.record is not None
    assert result.record.name == "Welding"
    assert uni.internet.requests == []


async def test_holder_who_shows_its_key_is_the_holder(uni: University) -> None:
    """A key binding for the caller's challenge and domain."""
    bound = bind(credential(uni), claims={"iat": seconds(uni)})
    result = await uni.verify(bound, "test/holder", expected=EXPECTED)
    assert outcomes(result)["holder"] == "pass"
    assert result.decision is not None
    assert result.decision.verdict is Verdict.ACCEPT


@pytest.mark.parametrize("kind", ["stripped", "other-key", "other-disclosures", "other-nonce"])
async def test_T47_without_the_holders_key_it_is_not_the_holder(uni: University, kind: str) -> None:
    """Whether a binding is needed is the caller's to say, and nothing that is presented."""
    plain = credential(uni)
    bound = {
        "stripped": plain,
        "other-key": bind(plain, key=uni.issuer.key, claims={"iat": seconds(uni)}),
        "other-disclosures": bind(plain, claims={"iat": seconds(uni)}).replace(f"{FAMILY_NAME}~", ""),
        "other-nonce": bind(plain, claims={"iat": seconds(uni), "nonce": "x"}),
    }[kind]
    result = await uni.verify(bound, "test/holder", expected=EXPECTED)
    assert result.outcome is Outcome.FAIL
    assert not result.authentic
    assert result.decision is not None
    assert result.decision.verdict is Verdict.REJECT
    unasked = await uni.verify(plain, "test/holder")
    assert unasked.decision is not None
    assert unasked.decision.verdict is not Verdict.ACCEPT


# The validity period


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"exp": 1}, "expired"),
        ({"exp": 1_780_000_000}, "expired"),
        ({"nbf": 1_900_000_000}, "not-yet-valid"),
        ({"exp": 0.5}, "expired"),
    ],
)
async def test_expired_token_fails(uni: University, claims: dict[str, Any], code: str) -> None:
    """`exp` and `nbf` are its validity period."""
    result = await uni.verify(credential(uni, **claims))
    assert codes(result, CheckName.VALIDITY) == [code]
    assert (outcomes(result)["validity"], result.outcome) == ("fail", Outcome.FAIL)


@pytest.mark.parametrize("claims", [{"exp": "1900000000"}, {"nbf": True}, {"exp": None}])
async def test_date_that_is_none_is_never_a_pass(uni: University, claims: dict[str, Any]) -> None:
    """A NumericDate is a number; a claim that is left out is no bound."""
    result = await uni.verify(credential(uni, **claims))
    assert result.verified == (claims == {"exp": None})


async def test_status_of_an_expired_token_is_not_asked(uni: University) -> None:
    """What its validity rejects is rejected, and whoever fetched would only be seen to."""
    publish(uni)
    result = await uni.verify(credential(uni, 3, exp=1))
    assert codes(result, CheckName.STATUS) == ["not-asked"]
    assert outcomes(result)["status"] == "indeterminate"
    assert LIST not in uni.internet.requests
    then = await uni.verify(credential(uni, 3, exp=seconds(uni, 60)))
    assert outcomes(then)["status"] == "pass"


# Token Status Lists


@pytest.mark.parametrize(
    ("octets", "outcome", "code"),
    [
        (b"\x40", "fail", ["revoked"]),
        (b"\x80", "fail", ["suspended"]),
        (b"\xc0", "indeterminate", ["unknown-status-type"]),
    ],
)
async def test_value_of_the_list_decides(uni: University, octets: bytes, outcome: str, code: list[str]) -> None:
    """Two bits for each, the first in the lowest; a value without a meaning is not valid."""
    publish(uni, octets)
    result = await uni.verify(credential(uni, 3))
    assert (outcomes(result)["status"], codes(result, CheckName.STATUS)) == (outcome, code)
    assert outcomes(await uni.verify(credential(uni, 2)))["status"] == "pass"


async def test_T13_list_that_cannot_be_had_is_indeterminate(uni: University) -> None:
    """An outage makes nothing valid."""
    uni.internet.fail(LIST)
    result = await uni.verify(credential(uni, 3))
    assert outcomes(result)["status"] == "indeterminate"


@pytest.mark.parametrize("body", [b"", b"{}", b"a.b.c", b"\xff", b"eyJhbGciOiJub25lIn0.e30."])
async def test_T13_list_that_is_garbage_is_indeterminate(uni: University, body: bytes) -> None:
    """And so does what is no list."""
    uni.internet.serve(LIST, body)
    result = await uni.verify(credential(uni, 3))
    assert outcomes(result)["status"] == "indeterminate"
    assert codes(result, CheckName.STATUS)[0] == "STATUS_VERIFICATION_ERROR"


async def test_T12_list_under_another_key_says_nothing(uni: University) -> None:
    """It is signed by a key of the issuer, or it is no list of the issuer."""
    stranger = Issuer.did_key()
    claims = {"sub": LIST, "iat": seconds(uni), "status_list": {"bits": 1, "lst": base64url(zlib.compress(b"\0"))}}
    uni.internet.serve(LIST, compact(stranger.key, {"typ": "statuslist+jwt", "kid": "key-1"}, claims).encode())
    assert outcomes(await uni.verify(credential(uni, 3)))["status"] == "indeterminate"
    uni.internet.serve(LIST, compact(stranger.key, {"typ": "statuslist+jwt", "kid": stranger.method}, claims).encode())
    uni.pass_time(hours=2)
    assert codes(await uni.verify(credential(uni, 3)), CheckName.STATUS) == ["status-issuer-mismatch"]


async def test_T14_list_that_was_rolled_back_does_not_undo_a_revocation(uni: University) -> None:
    """An older list, replayed after a newer one was seen, is refused; the newer one's value still counts."""
    publish(uni, b"\x40", iat=seconds(uni, -60))
    assert codes(await uni.verify(credential(uni, 3)), CheckName.STATUS) == ["revoked"]
    publish(uni, iat=seconds(uni, -120))
    uni.pass_time(hours=2)
    assert codes(await uni.verify(credential(uni, 3)), CheckName.STATUS) == ["revoked"]


async def test_T14_expired_list_is_not_used(uni: University) -> None:
    """`exp` ends what HTTP would still let be used, and `ttl` how long it is kept."""
    publish(uni, exp=seconds(uni, -1))
    assert codes(await uni.verify(credential(uni, 3)), CheckName.STATUS) == ["STATUS_VERIFICATION_ERROR"]
    publish(uni, ttl=60)
    uni.pass_time(hours=2)
    publish(uni, ttl=60)
    assert outcomes(await uni.verify(credential(uni, 3)))["status"] == "pass"
    publish(uni, b"\x40", ttl=60)
    uni.pass_time(seconds=61)
    assert codes(await uni.verify(credential(uni, 3)), CheckName.STATUS) == ["revoked"]


async def test_index_beyond_the_list_fails(uni: University) -> None:
    """An entry that the list does not have makes no statement, and "the Referenced Token MUST be rejected"."""
    publish(uni)
    result = await uni.verify(credential(uni, 4))
    assert (outcomes(result)["status"], codes(result, CheckName.STATUS)) == ("fail", ["RANGE_ERROR"])


async def test_list_of_the_past_is_asked_for_where_the_caller_asks_about_it(uni: University) -> None:
    """`time` is asked for, and the answer has to be of then."""
    then = f"{LIST}?time={seconds(uni, -600)}"
    publish(uni, b"\x40")
    publish(uni, url=then, iat=seconds(uni, -1200), exp=seconds(uni, -300))
    past = uni.now - timedelta(seconds=600)
    result = await uni.verify(credential(uni, 3, iat=seconds(uni, -7200)), as_of=past)
    assert outcomes(result)["status"] == "pass"
    assert (then in uni.internet.requests, LIST in uni.internet.requests) == (True, False)
    publish(uni, url=then)
    uni.pass_time(hours=2)
    again = await uni.verify(credential(uni, 3, iat=seconds(uni, -7200)), as_of=past)
    assert outcomes(again)["status"] == "indeterminate"
    assert codes(await uni.verify(credential(uni, 3)), CheckName.STATUS) == ["revoked"]


@pytest.mark.parametrize(
    ("status", "outcome", "code"),
    [
        ({"future_status": {"uri": LIST}}, "indeterminate", "unknown-status-type"),
        ({"status_list": {"uri": LIST}}, "fail", "MALFORMED_VALUE_ERROR"),
        ({"status_list": {"uri": LIST, "idx": -1}}, "fail", "MALFORMED_VALUE_ERROR"),
        ({"status_list": {"uri": LIST, "idx": "1"}}, "fail", "MALFORMED_VALUE_ERROR"),
        ({"status_list": LIST}, "fail", "MALFORMED_VALUE_ERROR"),
        ({}, "fail", "MALFORMED_VALUE_ERROR"),
        (LIST, "fail", "MALFORMED_VALUE_ERROR"),
    ],
)
async def test_status_that_is_not_understood_is_never_skipped(
    uni: University, status: Any, outcome: str, code: str
) -> None:
    """One that a token claims to have and nobody can read leaves it open; one that is malformed fails it."""
    result = await uni.verify(credential(uni, status=status))
    assert (outcomes(result)["status"], codes(result, CheckName.STATUS)) == (outcome, [code])
    assert LIST not in uni.internet.requests


async def test_unknown_mechanism_beside_a_list_leaves_it_open(uni: University) -> None:
    """A clear value says nothing of what another mechanism might."""
    publish(uni)
    both = {"status_list": {"idx": 3, "uri": LIST}, "future_status": {}}
    assert outcomes(await uni.verify(credential(uni, status=both)))["status"] == "indeterminate"
    publish(uni, b"\x40")
    uni.pass_time(hours=2)
    assert outcomes(await uni.verify(credential(uni, status=both)))["status"] == "fail"


@pytest.mark.parametrize("form", ["vc+jwt", "vc+sd-jwt", "vc+cose"])
async def test_list_counts_in_a_w3c_credential_too(uni: University, form: str) -> None:
    """In whatever token: a JWT for what is in JOSE, a CWT for what is in COSE."""
    issuer = Issuer.did_key()
    document = {**badge(issuer.did, "Welding"), "status": {"status_list": {"idx": 0, "uri": LIST}}}
    listed = {"bits": 1, "lst": base64url(zlib.compress(b"\1"))}
    token = compact(
        issuer.key,
        {"typ": "statuslist+jwt", "kid": issuer.method},
        {"sub": LIST, "iat": seconds(uni), "status_list": listed},
    ).encode()
    protected = cbor2.dumps({1: -8, 16: "application/statuslist+cwt"})
    payload = cbor2.dumps({2: LIST, 6: seconds(uni), 65533: {"bits": 1, "lst": zlib.compress(b"\1")}})
    signature = sign(issuer.key, cbor2.dumps(["Signature1", protected, b"", payload]))
    message = b"\xd2" + cbor2.dumps([protected, {4: issuer.method.encode()}, payload, signature])
    presented = {
        "vc+jwt": lambda: issuer.jwt(document),
        "vc+sd-jwt": lambda: issue(issuer, document, typ="vc+sd-jwt"),
        "vc+cose": lambda: cose.text(cose.message(issuer, document)),
    }[form]()
    right, wrong = (message, token) if form == "vc+cose" else (token, message)
    uni.internet.serve(LIST, wrong)
    assert outcomes(await uni.verify(presented))["status"] == "indeterminate"
    uni.internet.serve(LIST, right)
    uni.pass_time(hours=2)
    assert codes(await uni.verify(presented), CheckName.STATUS) == ["revoked"]


async def test_T15_status_of_what_the_policy_rejects_is_not_asked(uni: University) -> None:
    """The issuer is known by then."""
    publish(uni)
    result = await uni.verify(credential(uni, 3), "test/others")
    assert result.decision is not None
    assert result.decision.verdict is Verdict.REJECT
    assert LIST not in uni.internet.requests


# What fails, and what is then not shown or asked


async def test_T45_disclosure_that_nothing_refers_to_fails_before_any_request(uni: University) -> None:
    """It is refused as it is read: no claim of it is seen, and nobody asked."""
    for disclosures in ([claim("admin", value=True)], [FAMILY_NAME, FAMILY_NAME]):
        result = await uni.verify(credential(uni, 3, disclosures))
        assert codes(result, CheckName.STRUCTURE) == ["disclosure-invalid"]
        assert result.outcome is Outcome.FAIL
    assert uni.internet.requests == []


async def test_T33_key_of_another_issuer_is_not_the_issuers(uni: University) -> None:
    """A token that names the issuer, and is signed by somebody else."""
    stranger = Issuer.did_key()
    result = await uni.verify(issue(stranger, vc(uni.issuer), [FAMILY_NAME]))
    assert result.outcome is Outcome.FAIL
    assert not result.authentic


async def test_T46_disclosure_cannot_take_the_place_of_a_claim(uni: University) -> None:
    """`exp`, `status` and the like are the issuer's to show, and the holder's neither to add nor to leave out."""
    for name in ("exp", "status", "iss", "vct", "cnf"):
        hidden = claim(name, value=1)
        members: dict[str, Any] = {name: None, "_sd": [digest(hidden)]}
        result = await uni.verify(credential(uni, None, [hidden], **members))
        assert codes(result, CheckName.STRUCTURE) == ["disclosure-invalid"]


async def test_issuer_that_cannot_be_asked_leaves_it_open(uni: University) -> None:
    """Neither true nor false, and its claims are shown as unverified."""
    uni.internet.fail(METADATA)
    result = await uni.verify(credential(uni))
    assert result.outcome is Outcome.INDETERMINATE
    assert not result.authentic


async def test_embedded_sd_jwt_vc_is_verified_by_itself(uni: University) -> None:
    """In an envelope, as an SD-JWT VC of a presentation is."""
    envelope = {
        "@context": "https://www.w3.org/ns/credentials/v2",
        "type": "EnvelopedVerifiableCredential",
        "id": f"data:application/dc+sd-jwt,{credential(uni)}",
    }
    result = await uni.verify(presentation(Issuer.did_key(), envelope, holder=None), allow_unsigned_presentation=True)
    assert result.children is not None
    assert [child.authentic for child in result.children] == [True]


async def test_certified_issuer_is_followed_to_the_operators_authorities(tmp_path: Path) -> None:
    """A policy's source that is a folder of authorities vouches for the issuer, and without it that is open."""
    root, seal = certified_issuer(x509.DNSName("issuer.example"))
    pem = tmp_path / "authority.pem"
    pem.write_bytes(root.certificate.public_bytes(Encoding.PEM))
    for number, trust in enumerate(({}, {"authorities": {"kind": "x509_anchors", "path": str(pem)}})):
        folder = tmp_path / str(number)
        folder.mkdir()
        async with university(folder, trust=trust) as uni:
            result = await uni.verify(sealed(seal, iat=seconds(uni, -60)))
            assert outcomes(result)["proof"] == "pass"
            assert outcomes(result)["issuer"] == ("pass" if trust else "indeterminate")
            assert (result.outcome is Outcome.PASS) is bool(trust)
            assert uni.internet.requests == []
