"""Presentations, containers and what is in them: each record by itself, and the least verdict for the whole."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.demo.issuer import CREDENTIALS_V2, Issuer, badge, compact
from gateway.model import AUTHENTICITY, CheckName, Expected, Outcome, RequestLimits
from policies.model import Verdict
from resolvers.problems import Unavailable
from tests.issuer import (
    CHALLENGE,
    DOMAIN,
    EXPECTED,
    FORMS,
    LIMITS,
    SPOILS,
    University,
    enveloped,
    presentation,
    spoiled,
    university,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.model import VerificationResult

PASS, FAIL, INDETERMINATE, NOT_APPLICABLE = (
    Outcome.PASS,
    Outcome.FAIL,
    Outcome.INDETERMINATE,
    Outcome.NOT_APPLICABLE,
)
TOKENS = ("vp+jwt", "enveloped", "vp-jwt")

POLICIES = """
policy: test/university
version: 1.0.0
title: Badges of the university
rules:
  - id: only-them
    say: Only the university is accepted.
    require: {issuer_is: ["did:web:university.example"]}
---
policy: test/holder
version: 1.0.0
title: Whoever presents it holds it
rules:
  - id: bound
    say: Whoever presents the record proves that it is theirs.
    require: {holder_bound: true}
---
policy: test/unsigned
version: 1.0.0
title: Unsigned presentations will do
rules:
  - id: unsigned
    say: A presentation may be unsigned.
    require: {allow_unsigned_presentation: true}
---
policy: test/candidate
version: 1.0.0
title: It is about the candidate
rules:
  - id: same-address
    say: The record is about the candidate.
    require: {candidate_matches: {fields: [email]}}
"""


@pytest_asyncio.fixture
async def uni(tmp_path: Path) -> AsyncIterator[University]:
    """A university whose badges people present."""
    async with university(tmp_path, POLICIES) as made:
        await made.publish_list()
        yield made


@pytest.fixture
def holder() -> Issuer:
    """Somebody with a wallet."""
    return Issuer.did_key()


def codes(result: VerificationResult, name: CheckName) -> list[str]:
    """Return the problem codes of one check."""
    return [problem.code for problem in result.check(name).problems]


def verdicts(result: VerificationResult) -> list[Verdict | None]:
    """Return the decision about each record in it."""
    return [None if child.decision is None else child.decision.verdict for child in result.children]


def verdict(result: VerificationResult) -> Verdict | None:
    """Return the decision about the whole."""
    return None if result.decision is None else result.decision.verdict


# --- a presentation, in every form ---------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
async def test_a_presentation_passes_and_binds_its_holder(uni: University, holder: Issuer, form: str) -> None:
    """The whole is the presentation; the credential is a child with its own verdict, decision and holder."""
    presented = await uni.present(holder, await uni.held(holder, form), form=form)
    result = await uni.verify(presented, "test/holder", expected=EXPECTED)
    (child,) = result.children
    assert (result.outcome, result.authentic, verdict(result)) == (PASS, True, Verdict.ACCEPT)
    assert (child.outcome, child.authentic, verdict(child)) == (PASS, True, Verdict.ACCEPT)
    assert child.pointer.startswith("/verifiableCredential")
    for one in (result, child):
        assert one.check(CheckName.HOLDER).outcome is PASS
        assert one.check(CheckName.HOLDER).facts == {
            "binding": "holder_proof",
            "unsignedPresentation": False,
            "controller": holder.did,
            "challenge": "caller",
        }
    assert [result.check(name).outcome for name in (CheckName.VALIDITY, CheckName.STATUS)] == [NOT_APPLICABLE] * 2
    assert result.issuer is None
    assert child.issuer == uni.issuer.did


@pytest.mark.parametrize(
    ("form", "spoil"), [(form, spoil) for form in FORMS for spoil in SPOILS if (form, spoil) not in
                        {(token, "assertion") for token in TOKENS}]
)  # fmt: skip
async def test_T38_each_way_to_spoil_a_presentation_fails_it(
    uni: University, holder: Issuer, form: str, spoil: str
) -> None:
    """A missing, other or broader challenge or domain, another purpose, holder or content: nothing in it is shown."""
    presented = await uni.present(holder, await uni.held(holder, form), form=form, spoil=spoil)
    result = await uni.verify(presented, "test/university", expected=EXPECTED)
    code = "CRYPTOGRAPHIC_SECURITY_ERROR" if (spoil, form in TOKENS) == ("altered", True) else SPOILS[spoil]
    check = CheckName.ISSUER if spoil == "other-holder" else CheckName.PROOF
    assert codes(result, check) == [code]
    assert (result.outcome, verdict(result), result.children) == (FAIL, Verdict.REJECT, ())
    assert (result.document, result.record) == (None, None)


@pytest.mark.parametrize("form", FORMS)
async def test_T38_without_an_expected_challenge_the_holder_is_not_known(
    uni: University, holder: Issuer, form: str
) -> None:
    """The presentation is authentic, but it could be a copy: so it binds nobody."""
    presented = await uni.present(holder, await uni.held(holder, form), form=form)
    for expected in (None, Expected(domain=frozenset({DOMAIN}))):
        result = await uni.verify(presented, "test/holder", expected=expected)
        (child,) = result.children
        assert (result.outcome, child.outcome) == (PASS, PASS)
        for one in (result, child):
            assert one.check(CheckName.HOLDER).outcome is INDETERMINATE
            assert codes(one, CheckName.HOLDER) == ["presentation-replayable"]
            assert one.check(CheckName.HOLDER).facts["binding"] == "none"
        assert verdict(result) is Verdict.REVIEW


@pytest.mark.parametrize("form", FORMS)
async def test_T39_somebody_elses_credential_in_my_presentation(uni: University, holder: Issuer, form: str) -> None:
    """It is as authentic as before, but its holder is somebody else: a policy that asks rejects it."""
    stolen = await uni.held(Issuer.did_key(), form)
    presented = await uni.present(holder, stolen, form=form)
    result = await uni.verify(presented, "test/holder", expected=EXPECTED)
    (child,) = result.children
    assert codes(child, CheckName.HOLDER) == ["holder-not-subject"]
    assert child.check(CheckName.HOLDER).facts["binding"] == "none"
    assert (child.outcome, verdict(child), verdict(result)) == (PASS, Verdict.REJECT, Verdict.REJECT)


async def test_a_credential_about_nobody_in_particular_binds_nobody(uni: University, holder: Issuer) -> None:
    """A badge whose subject has no id may be anybody's: unknown, and never a pass."""
    presented = await uni.present(holder, await uni.badge())
    result = await uni.verify(presented, "test/holder", expected=EXPECTED)
    assert codes(result.children[0], CheckName.HOLDER) == ["holder-unbound"]
    assert verdict(result) is Verdict.REVIEW


async def test_a_holder_with_a_document_signs_for_authentication(uni: University) -> None:
    """The key has to be listed for authentication, by the holder's own document (T35)."""
    person = Issuer.did_web("wallet.example")
    presented = await uni.present(person, await uni.held(person))
    uni.internet.serve(person.document_url, person.document)
    result = await uni.verify(presented, expected=EXPECTED)
    assert codes(result, CheckName.PROOF) == ["INVALID_RELATIONSHIP_FOR_VERIFICATION_METHOD"]
    uni.internet.serve(person.document_url, {**person.document, "authentication": [person.method]})
    uni.pass_time(days=1)
    assert (await uni.verify(presented, expected=EXPECTED)).outcome is PASS


async def test_an_unreachable_holder_is_indeterminate(uni: University) -> None:
    """What cannot be checked never passes, and is never accepted."""
    person = Issuer.did_web("wallet.example")
    result = await uni.verify(await uni.present(person, await uni.held(person)), "test/university", expected=EXPECTED)
    assert codes(result, CheckName.PROOF) == ["unreachable"]
    assert (result.outcome, verdict(result)) == (INDETERMINATE, Verdict.REVIEW)


@pytest.mark.parametrize("form", ["data-integrity", "vp+jwt", "vp-jwt"])
async def test_a_presentation_need_not_name_its_holder(uni: University, holder: Issuer, form: str) -> None:
    """Then whoever's key signed holds it."""
    presented = await uni.present(holder, await uni.held(holder, form), form=form, holder=None)
    result = await uni.verify(presented, expected=EXPECTED)
    assert result.outcome is PASS
    assert result.children[0].check(CheckName.HOLDER).facts["controller"] == holder.did


async def test_T40_every_proof_of_a_presentation_counts(uni: University, holder: Issuer) -> None:
    """A second proof that is bad fails it, one of an unknown suite leaves it indeterminate."""
    presented = await uni.present(holder, await uni.held(holder))
    options = {"proofPurpose": "authentication", "challenge": CHALLENGE, "domain": DOMAIN}
    later = {**options, "created": "2026-02-01T00:00:00Z"}
    both = await holder.secure(presented, uni.verifier.canonicalizer, options=later)
    assert (await uni.verify(both, expected=EXPECTED)).outcome is PASS

    def spoil(document: dict[str, Any]) -> None:
        document["proof"][1]["proofValue"] = document["proof"][0]["proofValue"]

    assert codes(await uni.verify(spoiled(both, spoil), expected=EXPECTED), CheckName.PROOF) == [
        "PROOF_VERIFICATION_ERROR"
    ]
    strange = spoiled(both, lambda document: document["proof"][1].update(cryptosuite="made-up-2030"))
    assert (await uni.verify(strange, expected=EXPECTED)).outcome is INDETERMINATE
    without = await holder.secure(
        presented, uni.verifier.canonicalizer, options={"proofPurpose": "authentication", "domain": DOMAIN}
    )
    assert codes(await uni.verify(without, expected=EXPECTED), CheckName.PROOF) == ["INVALID_CHALLENGE_ERROR"]


async def test_two_signers_and_no_holder_are_nobody(uni: University, holder: Issuer) -> None:
    """Whose a presentation is that two people signed, it has to say."""
    presented = await uni.present(holder, await uni.held(holder), holder=None)
    options = {"proofPurpose": "authentication", "challenge": CHALLENGE, "domain": DOMAIN}
    both = await Issuer.did_key().secure(presented, uni.verifier.canonicalizer, options=options)
    result = await uni.verify(both, expected=EXPECTED)
    assert codes(result, CheckName.ISSUER) == ["holder-mismatch"]
    assert result.children == ()


# --- what a presentation is made of ---------------------------------------------------------------


async def test_credentials_of_the_second_data_model_are_objects(uni: University, holder: Issuer) -> None:
    """A token as a string stands in presentations of VCDM 1.1 only (requirement 13)."""
    token = uni.issuer.jwt(badge(uni.issuer.did, "Welding"))
    result = await uni.verify(await uni.present(holder, token, form="vp+jwt"), expected=EXPECTED)
    assert codes(result, CheckName.STRUCTURE) == ["MALFORMED_VALUE_ERROR"]
    assert [p.pointer for p in result.check(CheckName.STRUCTURE).problems] == ["/verifiableCredential/0"]


async def test_T48_what_a_presentation_holds_is_a_credential(uni: University, holder: Issuer) -> None:
    """No presentation, no envelope around one, and no envelope of another type around a credential."""
    inner = await uni.present(holder, await uni.held(holder))
    token = await uni.present(holder, await uni.held(holder, "vp+jwt"), form="vp+jwt")
    vc = uni.issuer.jwt(badge(uni.issuer.did, "Welding"))
    for wrong in (
        inner,
        enveloped(token),
        enveloped(vc),
        {**(await uni.badge()), "type": ["VerifiableCredential", "VerifiablePresentation"]},
    ):
        result = await uni.verify(await uni.present(holder, wrong, form="data-integrity-jcs"), expected=EXPECTED)
        assert codes(result, CheckName.STRUCTURE) == ["MALFORMED_VALUE_ERROR"]
    disguised = enveloped(token, "EnvelopedVerifiableCredential", "vc+jwt")
    result = await uni.verify(await uni.present(holder, disguised, form="vp+jwt"), expected=EXPECTED)
    assert codes(result.children[0], CheckName.STRUCTURE) == ["token-malformed"]
    assert result.outcome is FAIL


@pytest.mark.parametrize("media_type", ["vc+jwt", "vp+sd-jwt", "vc+ld+json", "json", ""])
async def test_T48_an_envelope_holds_what_it_says(uni: University, holder: Issuer, media_type: str) -> None:
    """A vp+jwt under another media type is not what the envelope says."""
    token = await uni.present(holder, await uni.held(holder, "vp+jwt"), form="vp+jwt")
    result = await uni.verify(enveloped(token, media_type=media_type), expected=EXPECTED)
    assert result.outcome is FAIL
    assert result.children == ()


async def test_T48_presentations_do_not_nest(uni: University, holder: Issuer) -> None:
    """A token that holds an envelope around a token is not unwrapped again."""
    token = await uni.present(holder, await uni.held(holder, "vp+jwt"), form="vp+jwt")
    for _ in range(3):
        claims = {**enveloped(token), "nonce": CHALLENGE, "aud": DOMAIN}
        token = compact(holder.key, {"kid": holder.jose_method, "typ": "vp+jwt"}, claims)
    result = await uni.verify(token, expected=EXPECTED)
    assert codes(result, CheckName.STRUCTURE) == ["MALFORMED_VALUE_ERROR"]


async def test_T36_a_presentation_is_no_credential_wherever_one_stands(uni: University, holder: Issuer) -> None:
    """Inside a learner record it fails, whatever issuer it names."""
    inside = await uni.present(holder, await uni.held(holder), form="data-integrity-jcs", issuer=uni.issuer.did)
    unsigned = spoiled(await uni.clr(), lambda document: document.pop("proof"))
    unsigned["credentialSubject"]["verifiableCredential"] = [inside]
    result = await uni.verify(await uni.sign(unsigned, suite="eddsa-jcs-2022"))
    assert codes(result.children[0], CheckName.STRUCTURE) == ["MALFORMED_VALUE_ERROR"]
    assert result.outcome is FAIL


async def test_an_empty_presentation_is_authentic_but_never_accepted(uni: University, holder: Issuer) -> None:
    """It proves who holds a key, and no policy finds a credential in it (T60)."""
    result = await uni.verify(await uni.present(holder), "test/university", expected=EXPECTED)
    assert (result.outcome, verdict(result), result.children) == (PASS, Verdict.REJECT, ())


# --- self-asserted credentials ---------------------------------------------------------------------


async def test_what_the_holder_states_is_secured_by_the_presentation(uni: University, holder: Issuer) -> None:
    """A credential without a proof, issued by the holder that the presentation names."""
    own = badge(holder.did, "Self-taught")
    result = await uni.verify(await uni.present(holder, own), "test/university", expected=EXPECTED)
    (child,) = result.children
    assert (child.outcome, child.issuer) == (PASS, holder.did)
    assert child.check(CheckName.PROOF).facts == {"securedBy": "presentation"}
    assert verdict(result) is Verdict.REJECT


@pytest.mark.parametrize("case", ["no-holder", "other-issuer"])
async def test_what_has_no_proof_is_otherwise_nobodys(uni: University, holder: Issuer, case: str) -> None:
    """Without `holder`, or of another issuer, it fails, and with it the whole (VCDM 2.0)."""
    own = badge(holder.did if case == "no-holder" else uni.issuer.did, "Self-taught")
    members: dict[str, Any] = {"holder": None} if case == "no-holder" else {}
    result = await uni.verify(await uni.present(holder, own, **members), "test/university", expected=EXPECTED)
    assert codes(result.children[0], CheckName.PROOF) == ["no-proof"]
    assert (result.outcome, verdict(result)) == (FAIL, Verdict.REJECT)


# --- unsigned presentations ------------------------------------------------------------------------


async def test_an_unsigned_presentation_fails_unless_the_policy_allows_it(uni: University, holder: Issuer) -> None:
    """It is an envelope that anybody could have made."""
    unsigned = presentation(holder, await uni.held(holder))
    for policy in (None, "test/university"):
        result = await uni.verify(unsigned, policy)
        assert codes(result, CheckName.PROOF) == ["no-proof"]
        assert (result.outcome, result.children) == (FAIL, ())
    allowed = await uni.verify(unsigned, "test/unsigned")
    assert (allowed.outcome, verdict(allowed)) == (PASS, Verdict.ACCEPT)
    assert allowed.children[0].check(CheckName.HOLDER).facts == {"binding": "none", "unsignedPresentation": True}
    assert allowed.record is None
    assert (await uni.verify(unsigned, allow_unsigned_presentation=True)).outcome is PASS


async def test_T38_an_unsigned_presentation_answers_nothing(uni: University, holder: Issuer) -> None:
    """Where a challenge or a domain is expected, a presentation without a proof fails all the same."""
    unsigned = presentation(holder, await uni.held(holder))
    for expected, code in (
        (EXPECTED, "INVALID_CHALLENGE_ERROR"),
        (Expected(domain=frozenset({DOMAIN})), "INVALID_DOMAIN_ERROR"),
    ):
        result = await uni.verify(unsigned, "test/unsigned", expected=expected)
        assert codes(result, CheckName.PROOF) == [code]
        assert (result.outcome, result.children) == (FAIL, ())


async def test_an_unsigned_presentation_secures_nothing(uni: University, holder: Issuer) -> None:
    """Neither what its holder states, nor a presentation of nothing."""
    own = await uni.verify(presentation(holder, badge(holder.did, "Self-taught")), "test/unsigned")
    assert codes(own.children[0], CheckName.PROOF) == ["no-proof"]
    assert own.outcome is FAIL
    assert codes(await uni.verify(presentation(holder), "test/unsigned"), CheckName.PROOF) == ["no-proof"]


# --- a credential by itself where a presentation is wanted -----------------------------------------


async def test_T38_a_bare_credential_is_no_answer(uni: University) -> None:
    """A challenge or a presentation that is asked for and not there fails, however authentic the rest."""
    bare = await uni.badge()
    for request, code in (
        ({"expected": EXPECTED}, "INVALID_CHALLENGE_ERROR"),
        ({"expected": Expected(domain=frozenset({DOMAIN}))}, "INVALID_DOMAIN_ERROR"),
        ({"require_presentation": True}, "MALFORMED_VALUE_ERROR"),
    ):
        result = await uni.verify(bare, "test/university", **request)
        assert codes(result, CheckName.PROOF) == [code]
        assert (result.outcome, result.record, verdict(result)) == (FAIL, None, Verdict.REJECT)
    inside = await uni.verify([bare, bare], "test/university", expected=EXPECTED)
    assert [codes(child, CheckName.PROOF) for child in inside.children] == [["INVALID_CHALLENGE_ERROR"]] * 2
    assert (inside.outcome, verdict(inside)) == (FAIL, Verdict.REJECT)


# --- decisions ---------------------------------------------------------------------------------------


async def test_each_credential_is_decided_by_itself_and_the_least_is_the_wholes(
    uni: University, holder: Issuer
) -> None:
    """A policy is about credentials and their issuers: one of another issuer rejects the whole, and says why."""
    college = Issuer.did_key()
    other = await college.secure(badge(college.did, "Baking"), uni.verifier.canonicalizer)
    presented = await uni.present(holder, await uni.held(holder), other)
    result = await uni.verify(presented, "test/university", expected=EXPECTED)
    assert verdicts(result) == [Verdict.ACCEPT, Verdict.REJECT]
    assert result.decision == result.children[1].decision
    assert result.decision is not None
    assert [rule.id for rule in result.decision.rules if rule.verdict is Verdict.REJECT] == ["only-them"]


async def test_an_expired_credential_is_its_own_verdict_and_a_warning(uni: University, holder: Issuer) -> None:
    """The presentation stays authentic and current; the decision about the credential is the whole's."""
    old = await uni.held(holder, validUntil="2026-03-01T00:00:00Z")
    result = await uni.verify(await uni.present(holder, old), "test/university", expected=EXPECTED)
    assert (result.outcome, result.children[0].outcome) == (PASS, FAIL)
    assert [warning.code for warning in result.warnings] == ["child-not-current"]
    assert verdict(result) is Verdict.REJECT


async def test_an_unknown_context_of_a_token_keeps_the_whole_from_being_accepted(
    uni: University, holder: Issuer
) -> None:
    """The holder signed it, but what the presentation means is not known: review at best."""
    held = await uni.held(holder, "vp+jwt")
    members: dict[str, Any] = {"@context": [CREDENTIALS_V2, "https://unknown.example/context"]}
    presented = await uni.present(holder, held, form="vp+jwt", **members)
    result = await uni.verify(presented, "test/university", expected=EXPECTED)
    assert codes(result, CheckName.STRUCTURE) == ["unknown-context"]
    assert verdicts(result) == [Verdict.ACCEPT]
    assert (result.outcome, verdict(result)) == (INDETERMINATE, Verdict.REVIEW)


async def test_T25_more_credentials_than_the_request_may_cost_are_not_verified(uni: University, holder: Issuer) -> None:
    """None of them is, so the whole is indeterminate and not accepted."""
    presented = await uni.present(holder, *[await uni.held(holder) for _ in range(4)])
    limits = RequestLimits(max_children=3, fetches=40, deadline=10.0)
    result = await uni.verify(presented, "test/university", expected=EXPECTED, limits=limits)
    assert codes(result, CheckName.STRUCTURE) == ["too-many-children"]
    assert (result.outcome, result.children, verdict(result)) == (INDETERMINATE, (), Verdict.REVIEW)


async def test_a_record_in_a_presentation_is_verified_with_its_own_children(uni: University, holder: Issuer) -> None:
    """A learner record in a presentation: the policy decides about it, and not about the badges inside."""
    record = await uni.clr(await uni.badge("Algebra"), await uni.badge("Biology"))
    result = await uni.verify(await uni.present(holder, record), "test/university", expected=EXPECTED)
    (child,) = result.children
    assert [len(one.children) for one in (result, child)] == [1, 2]
    assert verdicts(result) == [Verdict.ACCEPT]
    assert verdicts(child) == [None, None]
    assert child.children[0].pointer == "/verifiableCredential/0/credentialSubject/verifiableCredential/0"


# --- the candidate -----------------------------------------------------------------------------------


async def test_the_candidates_address_matches_the_hashed_identity(uni: University, holder: Issuer) -> None:
    """Matched without being seen in the badge; it names the weaker binding where no holder is proven."""
    for email, outcome, binding in (
        ("learner@example.com", PASS, "identifier_match"),
        ("Learner@Example.com ", PASS, "identifier_match"),
        ("other@example.com", FAIL, "none"),
    ):
        result = await uni.verify(await uni.badge(), "test/candidate", candidate={"email": email})
        assert result.check(CheckName.SUBJECT).outcome is outcome
        assert result.check(CheckName.HOLDER).facts["binding"] == binding
        assert result.check(CheckName.HOLDER).outcome is NOT_APPLICABLE
        assert (result.outcome, verdict(result)) == (
            PASS,
            Verdict.ACCEPT if outcome is PASS else Verdict.REJECT,
        )
    presented = await uni.present(holder, await uni.held(holder))
    proven = await uni.verify(presented, expected=EXPECTED, candidate={"email": "learner@example.com"})
    assert proven.children[0].check(CheckName.HOLDER).facts["binding"] == "holder_proof"


# --- challenges --------------------------------------------------------------------------------------


class OneChallenge:
    """Takes a challenge once, and counts how often it is asked."""

    def __init__(self) -> None:
        """Begin unused."""
        self.asked = 0
        self.down = False

    async def __call__(self) -> bool:
        """Say that it was issued."""
        self.asked += 1
        if self.down:
            raise Unavailable("challenge-unavailable", "in this test")
        return True


async def test_T38_only_a_proof_that_verifies_uses_up_a_challenge(uni: University, holder: Issuer) -> None:
    """One that fails leaves it to whom it was sent; one that verifies has used it whatever the credentials are."""
    spend = OneChallenge()
    held = await uni.held(holder)
    for spoil in SPOILS:
        await uni.verify(await uni.present(holder, held, spoil=spoil), expected=EXPECTED, spend=spend)
    await uni.verify(held, expected=EXPECTED, spend=spend)
    assert spend.asked == 0
    bad = spoiled(held, lambda document: document.update(name="Forged"))
    result = await uni.verify(await uni.present(holder, bad, form="data-integrity-jcs"), expected=EXPECTED, spend=spend)
    assert (result.outcome, spend.asked) == (FAIL, 1)
    good = await uni.verify(await uni.present(holder, held), expected=EXPECTED, spend=spend)
    assert good.check(CheckName.HOLDER).facts["challenge"] == "issued"


async def test_T38_an_outage_of_the_challenges_is_never_a_pass(uni: University, holder: Issuer) -> None:
    """Whether it is a replay is not known, so nothing in it is looked at."""
    spend = OneChallenge()
    spend.down = True
    presented = await uni.present(holder, await uni.held(holder))
    result = await uni.verify(presented, "test/university", expected=EXPECTED, spend=spend)
    assert codes(result, CheckName.PROOF) == ["challenge-unavailable"]
    assert (result.outcome, result.children, verdict(result)) == (INDETERMINATE, (), Verdict.REVIEW)


# --- containers ----------------------------------------------------------------------------------------


def data_url(content: Any, *, base64_: bool = True) -> str:
    """Return JSON as a data: URL."""
    text = json.dumps(content)
    if base64_:
        return "data:application/json;base64," + base64.b64encode(text.encode()).decode()
    return "data:application/vc," + text.replace("%", "%25")


async def test_the_one_record_of_a_container_is_the_result(uni: University) -> None:
    """It is what it would be by itself, and says in what it was found."""
    signed = await uni.badge()
    text = json.dumps(signed)
    for content, found in (
        ([signed], "json-array"),
        (data_url(signed), "data-url"),
        (data_url(signed, base64_=False), "data-url"),
        (base64.b64encode(text.encode()).decode(), "base64"),
        (base64.urlsafe_b64encode(text.encode()).decode().rstrip("="), "base64"),
        (base64.encodebytes(text.encode()).decode(), "base64"),
        ([data_url([signed])], "json-array/data-url/json-array"),
        (text, "content"),
        (text.encode(), "content"),
        (json.dumps([signed]).encode(), "json-array"),
        (f"  {uni.issuer.jwt(badge(uni.issuer.did, 'Welding'))}\n".encode(), "content"),
    ):
        result = await uni.verify(content, "test/university")
        assert (result.outcome, verdict(result), result.pointer) == (PASS, Verdict.ACCEPT, "")
        assert result.format.detected_by == found
        assert result.format.name in ("data-integrity", "vc+jwt")


async def test_several_records_are_children_each_with_its_decision(uni: University, holder: Issuer) -> None:
    """The whole is the container; presentations and credentials may stand side by side."""
    presented = await uni.present(holder, await uni.held(holder))
    college = Issuer.did_key()
    other = await college.secure(badge(college.did, "Baking"), uni.verifier.canonicalizer)
    mine = [await uni.badge(), uni.issuer.jwt(badge(uni.issuer.did, "Algebra")), presented]
    result = await uni.verify(mine, "test/university")
    assert (result.outcome, verdict(result)) == (PASS, Verdict.ACCEPT)
    assert [child.pointer for child in result.children] == ["/0", "/1", "/2"]
    assert result.children[2].children[0].pointer == "/2/verifiableCredential/0"
    assert (result.format.name, result.format.detected_by) == ("json-array", "content")
    mixed = await uni.verify([*mine, other], "test/university")
    assert verdicts(mixed) == [Verdict.ACCEPT] * 3 + [Verdict.REJECT]
    assert verdict(mixed) is Verdict.REJECT


async def test_a_damaged_or_empty_container_holds_nothing(uni: University) -> None:
    """It fails as what was sent, and no record of it is shown."""
    for content, code in (
        ([], "not-a-credential"),
        ([7], "container-malformed"),
        ([[]], "container-malformed"),
        ("data:application/json;base64", "container-malformed"),
        ("data:;base64,====", "container-malformed"),
        (b'{"a": 1, "a": 2}', "duplicate-key"),
        ('["a", "b"', "not-json"),
        (b"\x00\x01\x02", "not-a-credential"),
        (b"", "not-a-credential"),
    ):
        result = await uni.verify(content, "test/university")
        assert codes(result, CheckName.STRUCTURE) == [code]
        assert (result.outcome, verdict(result)) == (FAIL, Verdict.REJECT)


async def test_T21_what_is_in_a_container_is_bounded_too(uni: University) -> None:
    """A list that the caller built is measured whole, and what is parsed out of a container as it is parsed."""
    deep: Any = "x"
    for _ in range(100):
        deep = {"a": deep}
    for content in ([deep], [data_url(deep)]):
        assert codes(await uni.verify(content), CheckName.STRUCTURE) == ["too-deep"]


async def test_T25_containers_are_opened_within_bounds(uni: University) -> None:
    """Depth, number and octets: beyond them it is indeterminate, and nothing was verified."""
    signed = await uni.badge()
    deep: Any = signed
    for _ in range(6):
        deep = [data_url(deep)]
    cases: tuple[tuple[Any, dict[str, Any], str], ...] = (
        (deep, {}, "too-deep"),
        ([signed] * 4, {"max_children": 3}, "too-many-children"),
        (data_url(signed), {"max_bytes": 100}, "too-large"),
        ([data_url(signed), data_url(signed)], {"max_bytes": 3 * len(json.dumps(signed)) // 2}, "too-large"),
        (data_url(signed), {"deadline": 0.0}, "deadline-exceeded"),
    )
    for content, limits, code in cases:
        bounds = replace(LIMITS, **limits)
        result = await uni.verify(content, "test/university", limits=bounds)
        found = [codes(one, CheckName.STRUCTURE) for one in (result, *result.children)]
        assert [code] in found
        assert (result.outcome, verdict(result)) == (INDETERMINATE, Verdict.REVIEW)


async def test_nothing_is_opened_for_an_embedded_record(uni: University) -> None:
    """A record inside a record is a credential: text in its place is no container, and no address is fetched."""
    for text in ("https://attacker.example/record", data_url(await uni.badge()), json.dumps(await uni.badge())):
        before = list(uni.internet.requests)
        result = await uni.verify(await uni.clr(text))
        assert codes(result.children[0], CheckName.STRUCTURE) == ["not-a-credential"]
        assert "https://attacker.example/record" not in uni.internet.requests
        assert set(uni.internet.requests) - set(before) <= {uni.issuer.document_url}


# --- nobody fails alone --------------------------------------------------------------------------------

CHILDREN = ("good", "altered", "unsigned", "other-issuer", "unknown-suite", "malformed", "unreachable", "expired")


async def child(uni: University, holder: Issuer, kind: str) -> Any:
    """Return a credential of that kind."""
    if kind == "other-issuer":
        return await Issuer.did_key().secure(badge(uni.issuer.did, "Welding"), uni.verifier.canonicalizer)
    if kind == "unreachable":
        away = Issuer.did_web("away.example")
        return await away.secure(badge(away.did, "Welding"), uni.verifier.canonicalizer)
    if kind == "expired":
        return await uni.held(holder, validUntil="2026-03-01T00:00:00Z")
    held = await uni.held(holder)
    changes: dict[str, Any] = {
        "altered": lambda document: document.update(name="Forged"),
        "unsigned": lambda document: document.pop("proof"),
        "unknown-suite": lambda document: document["proof"].update(cryptosuite="made-up-2030"),
        "malformed": lambda document: document.pop("credentialSubject"),
    }
    return spoiled(held, changes[kind]) if kind in changes else held


@given(
    kinds=st.lists(st.sampled_from(CHILDREN), min_size=1, max_size=4),
    form=st.sampled_from(["data-integrity-jcs", "array"]),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_T37_no_credential_of_a_presentation_or_a_container_fails_alone(
    uni: University, kinds: list[str], form: str
) -> None:
    """Any child with failing structure, data loss, proof or issuer: the whole is not verified, and not accepted."""
    holder = Issuer.did_key()
    inside = [await child(uni, holder, kind) for kind in kinds]
    if form == "array":
        result = await uni.verify([*inside, await child(uni, holder, "good")], "test/university")
    else:
        presented = await uni.present(holder, *inside, form=form)
        result = await uni.verify(presented, "test/university", expected=EXPECTED)
    authentic = [one.authentic for one in result.children]
    assert result.authentic == all(authentic)
    assert result.verified == all(authentic)
    for name in AUTHENTICITY:
        outcomes = {one.check(name).outcome for one in result.children}
        for worst in (FAIL, INDETERMINATE):
            if worst in outcomes:
                assert result.check(name).outcome is worst
                break
    decided = verdicts(result)
    order = [Verdict.REJECT, Verdict.REVIEW, Verdict.ACCEPT]
    assert verdict(result) is min((one for one in decided if one is not None), key=order.index)
    if set(kinds) - {"good"}:
        assert verdict(result) is not Verdict.ACCEPT


@pytest.mark.parametrize(
    "members", [{"type": ["VerifiableCredential", "LER-RS VC"]}, {"signature": {"type": "MerkleProof2017"}}]
)
async def test_T39_what_no_format_verifies_is_no_statement_of_the_holder(
    uni: University, members: dict[str, Any]
) -> None:
    """A presentation vouches for its holder's own W3C statements, and for nothing that is only recognized."""
    holder = Issuer.did_key()
    claimed = {
        "@context": [CREDENTIALS_V2],
        "type": ["VerifiableCredential"],
        "issuer": holder.did,
        "credentialSubject": {"id": holder.did},
        **members,
    }
    presented = await uni.present(holder, claimed, form="data-integrity-jcs")
    result = await uni.verify(presented, expected=EXPECTED)
    assert [child.verified for child in result.children] in ([], [False])
    assert not result.verified
