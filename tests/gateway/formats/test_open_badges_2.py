"""Open Badges 1.0 to 2.1, hosted and signed: what the issuer vouches for passes, and nothing else."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from gateway.formats._hosted_documents import in_scope, origin
from gateway.formats._linked_record import is_assertion, is_clr
from gateway.model import CheckName, Outcome
from policies.model import Verdict
from resolvers.model import StatusState
from tests.gateway.formats.open_badges import (
    ASSERTION,
    BADGE,
    HOST,
    ISSUER,
    KEY,
    LIST,
    OTHER,
    assertion,
    badge_class,
    clr,
    key_document,
    pem,
    profile,
    publish,
    sign,
)
from tests.issuer import LIMITS, university

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.model import VerificationResult
    from tests.issuer import University

PASS, FAIL, INDETERMINATE = Outcome.PASS, Outcome.FAIL, Outcome.INDETERMINATE
EVIL = "https://evil.example"
POLICY = """
policy: test/signed
version: 1.0.0
title: Wants a signature
description: It must be signed.
jurisdiction: US
owner: {name: Test}
effective: {from: 2026-01-01}
rules:
  - id: signed
    say: It must be signed.
    require: {proof_suite_in: [RS256]}
    fix: Send a signed badge.
"""


@pytest_asyncio.fixture
async def place(tmp_path: Path) -> AsyncIterator[University]:
    """A verifier over the fake internet, on which a guild hosts its badges."""
    async with university(tmp_path, POLICY) as made:
        publish(made.internet)
        yield made


def codes(result: VerificationResult, name: CheckName = CheckName.PROOF) -> list[str]:
    """Return the codes of a check."""
    return [problem.code for problem in result.check(name).problems]


def outcomes(result: VerificationResult) -> tuple[Outcome, Outcome]:
    """Return what proof and issuer came to."""
    return result.check(CheckName.PROOF).outcome, result.check(CheckName.ISSUER).outcome


class TestHosted:
    """What is at the assertion's address is the assertion."""

    async def test_passes(self, place: University) -> None:
        """Four look-ups at most; the result says that nothing but its host proves it."""
        result = await place.verify(assertion())
        assert (result.outcome, result.issuer) == (PASS, ISSUER)
        assert place.internet.requests == [ASSERTION, BADGE, ISSUER]
        assert result.check(CheckName.PROOF).facts["basis"] == "hosted"
        assert [(proof.type, proof.alg) for proof in result.proofs] == [("HostedVerification", None)]

    async def test_a_policy_tells_it_from_a_signed_one(self, place: University) -> None:
        """`proof_suite_in` has another value for a signature than for a website."""
        hosted = await place.verify(assertion(), "test/signed")
        signed = await place.verify(sign(assertion(signed=True)), "test/signed")
        assert hosted.decision is not None
        assert signed.decision is not None
        assert (hosted.decision.verdict, signed.decision.verdict) == (Verdict.REJECT, Verdict.ACCEPT)

    async def test_shows_what_was_fetched(self, place: University) -> None:
        """Nothing that was presented is shown, but what its host has."""
        forged = assertion(
            recipient={"type": "email", "hashed": False, "identity": "eve@mail.example"}, narrative="Best"
        )
        forged["badge"] = badge_class(name="Doctor", issuer=ISSUER)
        result = await place.verify(forged)
        assert result.outcome is PASS
        assert result.record is not None
        assert result.record.subject["identifiers"][0]["value"] == "ana@mail.example"
        assert result.record.achievements[0]["name"] == "Welding"
        assert "eve" not in json.dumps(result.document)

    @pytest.mark.parametrize(
        ("status", "body"), [(410, {"id": ASSERTION, "revoked": True}), (410, ""), (410, "<html>")]
    )
    async def test_gone_is_revoked(self, place: University, status: int, body: Any) -> None:
        """A host that answers 410 has withdrawn it, whatever it says beside that; no claim of it is shown."""
        place.internet.serve(ASSERTION, body, status=status)
        result = await place.verify(assertion())
        assert result.outcome is FAIL
        assert [one.state for one in result.statuses] == [StatusState.REVOKED]
        assert result.record is None or result.record.achievements == ()

    @pytest.mark.parametrize("revoked", [True, "true", 1])
    async def test_revoked_in_its_body(self, place: University, revoked: Any) -> None:
        """A body that declares `revoked` is one of a revoked badge, with the reason."""
        body = assertion(revoked=revoked, revocationReason="Cheated")
        place.internet.serve(ASSERTION, body)
        result = await place.verify(assertion())
        assert (result.outcome, result.authentic) == (FAIL, True)
        assert [(one.state, one.message) for one in result.statuses] == [(StatusState.REVOKED, "Cheated")]

    @pytest.mark.parametrize("missing", [BADGE, ISSUER])
    @pytest.mark.parametrize(("status", "body"), [(410, ""), (200, assertion(revoked=True))])
    async def test_revoked_with_an_issuer_out_of_reach(
        self, place: University, missing: str, status: int, body: Any
    ) -> None:
        """That it was withdrawn is known although the rest of it is not."""
        place.internet.serve(ASSERTION, body, status=status)
        place.internet.fail(missing)
        result = await place.verify(assertion())
        assert (result.outcome, codes(result)) == (FAIL, ["revoked"])

    @pytest.mark.parametrize("url", [ASSERTION, BADGE, ISSUER])
    async def test_T13_an_outage_is_indeterminate(self, place: University, url: str) -> None:
        """Whichever part cannot be had, it is not verified, and not refused."""
        place.internet.fail(url)
        assert (await place.verify(assertion())).outcome is INDETERMINATE

    @pytest.mark.parametrize("status", [404, 500])
    async def test_T13_an_error_page_is_indeterminate(self, place: University, status: int) -> None:
        """A host that answers with an error says nothing about the badge."""
        place.internet.serve(ASSERTION, assertion(), status=status)
        assert (await place.verify(assertion())).outcome is INDETERMINATE

    @pytest.mark.parametrize(
        ("document", "code"),
        [
            (assertion(id=f"{HOST}/assertions/2"), "hosted-record-mismatch"),
            (assertion(id=7), "hosted-record-mismatch"),
            ([assertion()], "hosted-record-mismatch"),
            (badge_class(id=ASSERTION), "hosted-record-mismatch"),
            (clr(id=ASSERTION), "hosted-record-mismatch"),
            (assertion(verification={"type": "SignedBadge"}), "no-proof"),
            (assertion(issuedOn="yesterday"), "MALFORMED_VALUE_ERROR"),
            (assertion(expires=True), "MALFORMED_VALUE_ERROR"),
            (assertion(badge=[BADGE]), "MALFORMED_VALUE_ERROR"),
            (assertion(credentialStatus={"type": "OpenBadgesHostedRecord"}), "MALFORMED_VALUE_ERROR"),
            (json.dumps(assertion())[:-1] + ',"id":"x"}', "duplicate-key"),
        ],
    )
    async def test_what_is_hosted_is_another_thing(self, place: University, document: Any, code: str) -> None:
        """An answer that is not this assertion, in its shape, proves nothing."""
        place.internet.serve(ASSERTION, document)
        result = await place.verify(assertion())
        assert (result.outcome, codes(result), result.record) == (FAIL, [code], None)

    async def test_T7_a_huge_document_is_indeterminate(self, place: University) -> None:
        """Beyond the limit nothing is read."""
        place.internet.serve(ASSERTION, assertion(narrative="x" * (4 * 1024 * 1024)))
        result = await place.verify(assertion())
        assert (result.outcome, codes(result)) == (INDETERMINATE, ["response-too-large"])

    async def test_T25_look_ups_are_bounded(self, place: University) -> None:
        """Within one budget with everything else that the request fetches."""
        result = await place.verify(assertion(), limits=replace(LIMITS, fetches=1))
        assert (result.outcome, codes(result)) == (INDETERMINATE, ["fetch-budget-exceeded"])

    async def test_a_badge_class_that_is_its_own_issuer_ends(self, place: University) -> None:
        """A loop is followed once: a badge class is no profile."""
        place.internet.serve(BADGE, badge_class(issuer=BADGE))
        result = await place.verify(assertion())
        assert (result.outcome, codes(result, CheckName.ISSUER)) == (FAIL, ["issuer-profile-invalid"])
        assert len(place.internet.requests) < 5

    @pytest.mark.parametrize("missing", [{"id": None}, {"id": "urn:uuid:1"}])
    async def test_without_an_address_it_is_not_known(self, place: University, missing: dict[str, Any]) -> None:
        """There is nothing to look up, and nothing is."""
        result = await place.verify(assertion(**missing))
        assert (result.outcome, codes(result)) == (INDETERMINATE, ["hosted-address-missing"])
        assert place.internet.requests == []

    async def test_signed_without_its_signature_proves_nothing(self, place: University) -> None:
        """The JSON of a signed badge could be anybody's."""
        result = await place.verify(assertion(signed=True))
        assert (result.outcome, codes(result), place.internet.requests) == (FAIL, ["no-proof"], [])

    async def test_an_embedded_profile_is_not_believed(self, place: University) -> None:
        """Whoever hosts a badge class may write into it what he likes about a known issuer."""
        evil = {**profile(), "name": "Guild", "verification": {"allowedOrigins": "evil.example"}}
        url = f"{EVIL}/assertion"
        place.internet.serve(url, assertion(id=url, badge=f"{EVIL}/badge"))
        place.internet.serve(f"{EVIL}/badge", badge_class(id=f"{EVIL}/badge", issuer=evil))
        result = await place.verify(assertion(id=url))
        assert (outcomes(result), codes(result, CheckName.ISSUER)) == ((PASS, FAIL), ["hosting-not-allowed"])
        assert not result.authentic


class TestScope:
    """Where an issuer hosts its records is for its profile to say."""

    @pytest.mark.parametrize(
        "url",
        [
            f"{EVIL}/1",
            "https://badges.example.evil.example/1",
            "https://evil-badges.example/1",
            "https://badges.example@evil.example/1",
            "https://badges.example:8443/1",
            "https://evil.example/https://badges.example/1",
            "https://evil.example#badges.example/1",
        ],
    )
    async def test_another_host_is_not_the_issuers(self, place: University, url: str) -> None:
        """No name that looks like the issuer's is the issuer's."""
        place.internet.serve(url, assertion(id=url))
        result = await place.verify(assertion(id=url))
        assert result.outcome in (FAIL, INDETERMINATE)
        assert not result.authentic

    async def test_T3_a_redirect_elsewhere_counts(self, place: University) -> None:
        """An open redirect on the issuer's host does not make what lies elsewhere the issuer's."""
        for url, at in ((ASSERTION, CheckName.ISSUER), (BADGE, CheckName.ISSUER)):
            publish(place.internet)
            place.internet.serve(f"{EVIL}/1", assertion() if url == ASSERTION else badge_class())
            place.internet.redirect(url, f"{EVIL}/1")
            result = await place.verify(assertion())
            assert (result.outcome, codes(result, at)) == (FAIL, ["hosting-not-allowed"])

    async def test_T3_a_profile_is_at_its_own_origin(self, place: University) -> None:
        """A profile that a redirect leads away from its own origin is not believed."""
        place.internet.serve(f"{EVIL}/issuer", profile())
        place.internet.redirect(ISSUER, f"{EVIL}/issuer")
        result = await place.verify(assertion())
        assert (result.outcome, codes(result, CheckName.ISSUER)) == (FAIL, ["issuer-profile-invalid"])

    async def test_badge_class_elsewhere(self, place: University) -> None:
        """An assertion of the issuer about a badge class that others host and change is not the issuer's."""
        url = f"{EVIL}/badge"
        place.internet.serve(ASSERTION, assertion(badge=url))
        place.internet.serve(url, badge_class(id=url))
        result = await place.verify(assertion())
        assert (result.outcome, codes(result, CheckName.ISSUER)) == (FAIL, ["hosting-not-allowed"])

    @pytest.mark.parametrize(
        ("declared", "place_", "allowed"),
        [
            (None, f"{HOST}/1", True),
            (None, "https://BADGES.example/1", True),
            (None, "http://badges.example/1", False),
            (None, "https://badges.example:443/1", True),
            ({}, f"{HOST}/1", True),
            ("x", f"{HOST}/1", True),
            ({"allowedOrigins": "other.example"}, "https://other.example/1", True),
            ({"allowedOrigins": ["a.example", "Other.example"]}, "https://other.example/1", True),
            ({"allowedOrigins": "other.example"}, f"{HOST}/1", False),
            ({"allowedOrigins": []}, f"{HOST}/1", False),
            ({"allowedOrigins": 7}, f"{HOST}/1", False),
            ({"allowedOrigins": "example"}, "https://other.example/1", False),
            ({"allowedOrigins": "other.example"}, "https://other.example:8443/1", False),
            ({"allowedOrigins": "other.example"}, "https://x@other.example/1", False),
            ({"startsWith": f"{HOST}/a"}, f"{HOST}/a/1", True),
            ({"startsWith": f"{HOST}/a"}, f"{HOST}/b/1", False),
            ({"startsWith": f"{HOST}/a/"}, f"{HOST}/a/../b/1", False),
            ({"startsWith": f"{HOST}/a/"}, f"{HOST}/a/%2e%2E/b/1", False),
            ({"startsWith": f"{HOST}/a/"}, f"{HOST}/a/..%2Fb/1", False),
            ({"startsWith": f"{HOST}/a/"}, f"{HOST}/a/x%5C%252e%252e%255cb", False),
            ({"startsWith": f"{HOST}/a/"}, f"{HOST}/a/https%3A%2F%2Fb.example%2F1..2", True),
            ({"startsWith": HOST}, "https://badges.example.evil.example/1", False),
            ({"startsWith": HOST}, "https://badges.example@evil.example/1", False),
            ({"startsWith": "https://"}, f"{EVIL}/1", False),
            ({"startsWith": ""}, f"{EVIL}/1", False),
            ({"startsWith": [f"{HOST}/b", "https://other.example/a"]}, "https://other.example/a1", True),
            ({"startsWith": HOST, "allowedOrigins": "other.example"}, f"{HOST}/1", False),
        ],
    )
    def test_what_a_profile_declares(self, declared: Any, place_: str, *, allowed: bool) -> None:
        """`startsWith` and `allowedOrigins` are compared by parts of addresses, never by letters alone."""
        given = {} if declared is None else {"verification": declared}
        assert in_scope((place_,), given, ISSUER, record=True) is allowed

    def test_what_is_no_address_has_no_origin(self) -> None:
        """What browsers and libraries read differently is nobody's."""
        odd = [
            "https:///x",
            "ftp://a.example/",
            "https://a.example:x/",
            "https://a.example\\@b.example/",
            "https://a b/",
            7,
        ]
        assert [origin(one) for one in odd] == [None] * len(odd)


class TestSigned:
    """A JWS by a key that the issuer lists, and that names the issuer as its owner."""

    async def test_passes(self, place: University) -> None:
        """The assertion itself is nowhere looked up."""
        result = await place.verify(sign(assertion(signed=True, id="urn:uuid:1")))
        assert (result.outcome, result.issuer) == (PASS, ISSUER)
        assert place.internet.requests == [BADGE, ISSUER, KEY]
        assert result.check(CheckName.ISSUER).facts["basis"] == "profile"

    async def test_a_key_in_the_profile_itself(self, place: University) -> None:
        """A key document may stand in the profile instead of elsewhere."""
        place.internet.serve(ISSUER, profile(publicKey=key_document()))
        result = await place.verify(sign(assertion(signed=True)))
        assert result.outcome is PASS
        assert KEY not in place.internet.requests

    async def test_without_creator_each_listed_key_is_tried(self, place: University) -> None:
        """Each key that the profile lists is tried; where it lists none, nothing can be known."""
        other = f"{HOST}/key2"
        place.internet.serve(other, key_document(id=other, publicKeyPem=pem(OTHER)))
        place.internet.serve(ISSUER, profile(publicKey=[other, KEY]))
        token = sign(assertion(verification={"type": "signed"}))
        assert (await place.verify(token)).outcome is PASS
        place.internet.serve(ISSUER, profile(publicKey=None))
        place.pass_time(hours=2)
        result = await place.verify(token)
        assert (result.outcome, codes(result)) == (INDETERMINATE, ["INVALID_VERIFICATION_METHOD_URL"])

    async def test_T33_a_key_that_the_profile_does_not_list(self, place: University) -> None:
        """It is not even looked up, and the record is nobody's."""
        evil = f"{EVIL}/key"
        place.internet.serve(evil, key_document(id=evil, publicKeyPem=pem(OTHER)))
        result = await place.verify(sign(assertion(verification={"type": "signed", "creator": evil}), OTHER))
        assert (outcomes(result), codes(result, CheckName.ISSUER)) == ((INDETERMINATE, FAIL), ["issuer-mismatch"])
        assert evil not in place.internet.requests

    async def test_T33_a_key_of_another_owner(self, place: University) -> None:
        """A key that says that it is somebody else's is not the issuer's, though the issuer lists it."""
        place.internet.serve(KEY, key_document(owner=f"{EVIL}/issuer"))
        result = await place.verify(sign(assertion(signed=True)))
        assert (outcomes(result), result.authentic) == ((PASS, FAIL), False)

    @pytest.mark.parametrize(
        ("key", "code"),
        [
            ({"id": f"{HOST}/other"}, "hosted-record-mismatch"),
            ({"type": "BadgeClass"}, "INVALID_VERIFICATION_METHOD"),
            ({"publicKeyPem": "x"}, "INVALID_VERIFICATION_METHOD"),
            ({"publicKeyPem": pem(OTHER)}, "CRYPTOGRAPHIC_SECURITY_ERROR"),
        ],
    )
    async def test_a_key_document_that_is_none(self, place: University, key: dict[str, Any], code: str) -> None:
        """Without the right key nothing is proven."""
        place.internet.serve(KEY, key_document(**key))
        result = await place.verify(sign(assertion(signed=True)))
        assert (result.outcome, codes(result)) == (FAIL, [code])

    @pytest.mark.parametrize("header", [{"alg": "none"}, {"alg": "HS256"}, {"alg": "ES256"}])
    async def test_T26_other_algorithms(self, place: University, header: dict[str, str]) -> None:
        """The key alone says with which algorithm it signs."""
        result = await place.verify(sign(assertion(signed=True), **header))
        assert result.outcome is FAIL

    async def test_altered(self, place: University) -> None:
        """Another payload under the same signature fails, and none of its claims is shown."""
        head, _, signature = sign(assertion(signed=True)).split(".")
        other = sign(assertion(signed=True, narrative="Best")).split(".")[1]
        result = await place.verify(f"{head}.{other}.{signature}")
        assert (result.outcome, codes(result), result.record) == (FAIL, ["CRYPTOGRAPHIC_SECURITY_ERROR"], None)

    async def test_T22_duplicate_keys(self, place: University) -> None:
        """A payload that readers read differently is refused."""
        raw = json.dumps(assertion(signed=True))[:-1] + ',"badge":"x"}'
        assert (await place.verify(sign(raw.encode()))).outcome is FAIL

    @pytest.mark.parametrize(
        ("entries", "outcome", "state"),
        [
            ([], PASS, StatusState.ACTIVE),
            ([ASSERTION], FAIL, StatusState.REVOKED),
            ([{"id": ASSERTION, "revocationReason": "x"}], FAIL, StatusState.REVOKED),
            ([{"uid": "abc"}], PASS, StatusState.ACTIVE),
            ("<html>", INDETERMINATE, StatusState.UNKNOWN),
        ],
    )
    async def test_revocation_list(self, place: University, entries: Any, outcome: Outcome, state: StatusState) -> None:
        """The list of the profile is asked, and what is no list clears nobody."""
        place.internet.serve(ISSUER, profile(revocationList=LIST))
        listed = {"type": "RevocationList", "id": LIST, "issuer": ISSUER, "revokedAssertions": entries}
        place.internet.serve(LIST, entries if isinstance(entries, str) else listed)
        result = await place.verify(sign(assertion(signed=True)))
        assert (result.outcome, [one.state for one in result.statuses]) == (outcome, [state])

    async def test_hosted_in_a_token_is_refused(self, place: University) -> None:
        """A record that is verified where it is hosted is not verified by a signature."""
        result = await place.verify(sign(assertion()))
        assert (result.outcome, codes(result, CheckName.STRUCTURE)) == (FAIL, ["token-malformed"])


class TestFirstVersions:
    """Open Badges 0.5 to 1.1."""

    async def test_hosted_by_verify_url(self, place: University) -> None:
        """Without context, type and id, with a time in seconds, it is known by `verify.url`."""
        old = {
            "uid": "abc",
            "recipient": {"type": "email", "hashed": "true", "salt": "s", "identity": "sha256$" + "0" * 64},
            "badge": BADGE,
            "issuedOn": 1767225600,
            "verify": {"type": "hosted", "url": ASSERTION},
        }
        badge = {"name": "Welding", "description": "Welds", "criteria": f"{HOST}/criteria", "issuer": ISSUER}
        publish(place.internet, assertion=old, badge=badge, profile={"name": "Guild", "url": HOST})
        result = await place.verify(old)
        assert (result.outcome, result.issuer) == (PASS, ISSUER)
        assert result.record is not None
        assert result.record.id == ASSERTION
        assert result.record.dates["awarded"] == "2026-01-01T00:00:00Z"
        assert result.record.subject["identifiers"][0]["hashed"] is True

    async def test_verify_url_of_another(self, place: University) -> None:
        """What is at one address and says that it is at another is refused."""
        old = {"recipient": {}, "badge": BADGE, "verify": {"type": "hosted", "url": f"{HOST}/2"}}
        publish(place.internet, assertion=old)
        result = await place.verify({**old, "verify": {"type": "hosted", "url": ASSERTION}})
        assert (result.outcome, codes(result)) == (FAIL, ["hosted-record-mismatch"])

    @pytest.mark.parametrize(("key", "outcome"), [(KEY, PASS), (f"{EVIL}/key", FAIL)])
    async def test_signed_by_a_bare_key(self, place: University, key: str, outcome: Outcome) -> None:
        """Until 1.1 `verify.url` is the key itself, which has to be at the issuer's own origin."""
        publish(place.internet, profile=profile(publicKey=None), key=pem())
        place.internet.serve(f"{EVIL}/key", pem())
        old = assertion(verification=None, id=None, uid="abc", verify={"type": "signed", "url": key})
        result = await place.verify(sign(old))
        assert result.outcome is outcome

    async def test_revoked_by_uid(self, place: University) -> None:
        """A list of 1.x is an object of uids; who is not in it is not known to be in no list."""
        publish(place.internet, profile=profile(revocationList=LIST), revoked={"abc": "Issued in error"})
        old = assertion(id=None, uid="abc", signed=True)
        revoked, clear = await place.verify(sign(old)), await place.verify(sign({**old, "uid": "def"}))
        assert [(one.state, one.message) for one in revoked.statuses] == [(StatusState.REVOKED, "Issued in error")]
        assert (clear.outcome, [one.state for one in clear.statuses]) == (INDETERMINATE, [StatusState.UNKNOWN])

    async def test_half_a_badge_is_recognized(self, place: University) -> None:
        """Open Badges 0.5 does not say where it is hosted: it is shown, and not verified."""
        issuer = {"origin": HOST, "name": "Guild", "contact": "guild@badges.example"}
        badge = {"version": "0.5.0", "name": "Welding", "image": "/b.png", "criteria": "/c", "issuer": issuer}
        old = {"recipient": "sha256$" + "0" * 64, "salt": "s", "badge": badge, "issued_on": "2012-01-01"}
        result = await place.verify(old)
        assert (result.outcome, result.claims_unverified) == (INDETERMINATE, True)
        assert result.record is not None
        assert result.record.issuer["url"] == HOST
        assert result.record.subject["identifiers"][0]["hash"] == "sha256$" + "0" * 64


class TestRecognition:
    """Each record has one format."""

    @pytest.mark.parametrize(
        "other",
        [
            {},
            [],
            "x",
            {"type": "BadgeClass"},
            {**assertion(), "proof": {}},
            {**assertion(), "type": ["VerifiableCredential", "Assertion"]},
        ],
    )
    def test_what_is_none(self, other: Any) -> None:
        """What only looks like one belongs to another format, or to none."""
        assert (is_assertion(other), is_clr(other)) == (False, False)

    def test_each_is_one(self) -> None:
        """Badges and learner records are told apart."""
        found = [(is_assertion(one), is_clr(one)) for one in (assertion(), clr(), clr()["assertions"][0])]
        assert found == [(True, False), (False, True), (False, True)]


@pytest.mark.parametrize(
    ("recipient", "binding"),
    [
        ({"type": "email", "hashed": False, "identity": "Ana@mail.example"}, PASS),
        (
            {
                "type": "email",
                "hashed": True,
                "salt": "deadsea",
                "identity": "sha256$d98a3ff2e5dbd2a3dd6dcd4f8c0bb4df4d06ee8c1cbf51f3f49d10b7ba8bcbd7",
            },
            FAIL,
        ),
        ({"type": "email", "hashed": False, "identity": "eve@mail.example"}, FAIL),
    ],
)
async def test_recipient_is_the_candidate(place: University, recipient: dict[str, Any], binding: Outcome) -> None:
    """A recipient is compared with the candidate, in the clear or by its hash and salt."""
    place.internet.serve(ASSERTION, assertion(recipient=recipient))
    result = await place.verify(assertion(), candidate={"email": "ana@mail.example"})
    assert result.check(CheckName.SUBJECT).outcome is binding


async def test_recipient_by_hash(place: University) -> None:
    """A hash is of the address and the salt that stands beside it."""
    digest = hashlib.sha256(b"ana@mail.exampledeadsea").hexdigest()
    hashed = {"type": "email", "hashed": True, "salt": "deadsea", "identity": f"sha256${digest}"}
    place.internet.serve(ASSERTION, assertion(recipient=hashed))
    result = await place.verify(assertion(), candidate={"email": "ana@mail.example"})
    assert result.check(CheckName.SUBJECT).outcome is PASS
    assert result.check(CheckName.HOLDER).facts["binding"] == "identifier_match"
