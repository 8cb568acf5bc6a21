"""verify(): what each step of the algorithm does with what it is given."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.conclusion import LOOK_AGAIN, STATUS_CHANGES
from gateway.demo.issuer import Issuer, badge, compact
from gateway.model import AUTHENTICITY, CheckName, Outcome, RequestLimits
from policies.model import Verdict
from tests.issuer import STATUS_LIST, University, entry, spoiled, university

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.model import VerificationResult

POLICIES = """
policy: test/listed
version: 1.0.0
title: Issuers that the state lists
rules:
  - id: issuer-listed
    say: The state lists the issuer.
    require: {registry: {in: [state]}}
    on_unknown: review
---
policy: test/one-issuer
version: 1.0.0
title: One issuer only
rules:
  - id: only-them
    say: Only one issuer is accepted.
    require: {issuer_is: ["did:web:elsewhere.example"]}
---
policy: test/within-the-hour
version: 1.0.0
title: Status within the hour
rules:
  - id: fresh-status
    say: Status is at most two days old.
    require: {max_age: P2D}
---
policy: test/other-list-issuer
version: 1.0.0
title: Lists by the college are believed
rules:
  - id: list-issuer
    say: The college may issue the list.
    require: {status_issuer_in: ["did:web:college.example"]}
---
policy: test/all-children
version: 1.0.0
title: Every embedded record is current
rules:
  - id: children
    say: Every embedded record is current.
    require: {children: all_current}
---
policy: test/any-context
version: 1.0.0
title: Unknown contexts are admitted
rules:
  - id: contexts
    say: Contexts that nobody here knows are admitted.
    require: {allow_unknown_contexts: true}
"""

REGISTRY = "https://registry.example/issuers.json"


@pytest_asyncio.fixture
async def uni(tmp_path: Path) -> AsyncIterator[University]:
    """A university, whose state keeps a registry."""
    trust = {"state": {"kind": "dcc_legacy", "url": REGISTRY, "tier": "member"}}
    async with university(tmp_path, POLICIES, trust=trust) as made:
        made.internet.serve(REGISTRY, registry(made.issuer.did))
        await made.publish_list()
        yield made


def registry(*dids: str) -> dict[str, Any]:
    """Return a registry that lists those DIDs."""
    meta = {"created": "2026-01-01T00:00:00Z", "updated": "2026-01-01T00:00:00Z"}
    return {"meta": meta, "registry": {did: {"name": f"Issuer {n}", "url": ""} for n, did in enumerate(dids)}}


def outcomes(result: VerificationResult) -> dict[str, str]:
    """Return every check that applies, by name."""
    return {str(c.name): str(c.outcome) for c in result.checks if c.outcome is not Outcome.NOT_APPLICABLE}


def codes(result: VerificationResult, name: CheckName) -> list[str]:
    """Return the problem codes of one check."""
    return [problem.code for problem in result.check(name).problems]


# --- what passes, and what it says ---------------------------------------------------------------


async def test_a_current_badge_of_a_listed_issuer_passes_and_is_accepted(uni: University) -> None:
    """Every check passes, the policy accepts, and the record says what the badge says."""
    result = await uni.verify(await uni.badge(status=entry(8)), "test/listed", reference="applicant 7")
    assert outcomes(result) == dict.fromkeys(("structure", "dataLoss", "proof", "issuer", "validity", "status"), "pass")
    assert (result.outcome, result.authentic, result.verified) == (Outcome.PASS, True, True)
    assert result.decision is not None
    assert result.decision.verdict is Verdict.ACCEPT
    assert result.record is not None
    assert result.record.name == "Welding"
    assert result.reference == "applicant 7"
    assert [evidence.state for evidence in result.trust] == ["listed"]
    assert result.id.startswith("urn:uuid:")


async def test_without_a_policy_nobody_is_asked_whom_to_trust(uni: University) -> None:
    """No policy: no decision, and no request to a registry."""
    result = await uni.verify(await uni.badge())
    assert result.decision is None
    assert REGISTRY not in uni.internet.requests


async def test_a_warm_verification_asks_nobody(uni: University) -> None:
    """The second verification of the same issuer, list and registry makes no request at all."""
    presented = await uni.badge(status=entry(8))
    await uni.verify(presented, "test/listed")
    before = list(uni.internet.requests)
    await uni.verify(presented, "test/listed")
    assert uni.internet.requests == before
    assert sorted(before) == sorted({uni.issuer.document_url, STATUS_LIST, REGISTRY})


# --- 1. structure ---------------------------------------------------------------------------------


async def test_what_no_format_recognizes_fails_its_structure(uni: University) -> None:
    """An object that is no credential fails, with nothing fetched and nothing shown."""
    result = await uni.verify({"hello": "world"}, "test/listed")
    assert codes(result, CheckName.STRUCTURE) == ["not-a-credential"]
    assert result.outcome is Outcome.FAIL
    assert result.document is None
    assert result.decision is not None
    assert result.decision.verdict is Verdict.REJECT
    assert uni.internet.requests == []


async def test_a_credential_of_the_wrong_shape_stops_before_its_key_is_fetched(uni: University) -> None:
    """A period that ends before it starts fails the structure; the proof is left unasked."""
    result = await uni.verify(await uni.badge(validUntil="2020-01-01T00:00:00Z"))
    assert outcomes(result)["structure"] == "fail"
    assert codes(result, CheckName.PROOF) == ["not-asked"]
    assert uni.internet.requests == []


# --- 2, 3. proof and issuer --------------------------------------------------------------------


async def test_a_changed_claim_fails_the_proof_and_is_not_shown(uni: University) -> None:
    """After a failed proof no claim is shown, and the policy rejects."""
    forged = spoiled(await uni.badge(), lambda c: c["credentialSubject"]["achievement"].update(name="Surgery"))
    result = await uni.verify(forged, "test/listed")
    assert codes(result, CheckName.PROOF) == ["PROOF_VERIFICATION_ERROR"]
    assert result.document is None
    assert result.record is None
    assert result.decision is not None
    assert result.decision.verdict is Verdict.REJECT


async def test_T33_a_key_that_is_not_the_issuers_fails_the_issuer_and_asks_nobody_else(uni: University) -> None:
    """Signed by a stranger under the university's name: the issuer check fails, and no status is fetched."""
    stranger = Issuer.did_key()
    forged = await stranger.secure(badge(uni.issuer.did, "Welding", status=entry(8)), uni.verifier.canonicalizer)
    result = await uni.verify(forged, "test/listed")
    assert codes(result, CheckName.ISSUER) == ["issuer-mismatch"]
    assert codes(result, CheckName.STATUS) == ["not-asked"]
    assert result.verified is False
    assert uni.internet.requests == []


async def test_the_vc_api_may_ask_for_status_whoever_signed(uni: University) -> None:
    """With issuer binding only reported, status is asked all the same, and the issuer check still fails."""
    stranger = Issuer.did_key()
    forged = await stranger.secure(badge(uni.issuer.did, "Welding", status=entry(8)), uni.verifier.canonicalizer)
    result = await uni.verify(forged, require_issuer=False)
    assert outcomes(result) | {"issuer": "fail", "status": "pass"} == outcomes(result)
    assert result.verified is False


async def test_an_unreachable_key_is_indeterminate_and_its_claims_are_shown_as_unverified(uni: University) -> None:
    """An outage of the issuer is no verdict about the credential, and its claims are marked."""
    uni.internet.fail(uni.issuer.document_url)
    result = await uni.verify(await uni.badge(), "test/listed")
    assert codes(result, CheckName.PROOF) == ["unreachable"]
    assert (result.outcome, result.claims_unverified) == (Outcome.INDETERMINATE, True)
    assert result.record is not None
    assert result.decision is not None
    assert result.decision.verdict is Verdict.REVIEW
    assert result.recheck_after == uni.now + LOOK_AGAIN


async def test_unverified_claims_do_not_need_an_issuer_object(uni: University) -> None:
    """A credential whose issuer is a string is read as unverified, too."""
    uni.internet.fail(uni.issuer.document_url)
    presented = {**badge(uni.issuer.did, "Welding"), "issuer": uni.issuer.did}
    result = await uni.verify(await uni.sign(presented))
    assert result.claims_unverified is True


async def test_an_unknown_context_leaves_the_structure_of_signed_json_undecided(uni: University) -> None:
    """Under JCS the proof passes and the meaning is unknown, unless the policy admits it."""
    plain = badge(uni.issuer.did, "Welding")
    plain["@context"].append("https://nobody.example/context")
    presented = await uni.sign(plain, suite="eddsa-jcs-2022")
    result = await uni.verify(presented)
    assert (outcomes(result)["proof"], outcomes(result)["structure"]) == ("pass", "indeterminate")
    assert codes(result, CheckName.STRUCTURE) == ["unknown-context"]
    admitted = await uni.verify(presented, "test/any-context")
    assert outcomes(admitted)["structure"] == "pass"
    assert uni.internet.requests.count("https://nobody.example/context") == 0


# --- 4. validity ------------------------------------------------------------------------------


async def test_an_expired_badge_fails_and_its_status_is_fetched_all_the_same(uni: University) -> None:
    """Expiry does not skip the status."""
    result = await uni.verify(await uni.badge(status=entry(8), validUntil="2026-05-01T00:00:00Z"), "test/listed")
    assert codes(result, CheckName.VALIDITY) == ["expired"]
    assert outcomes(result)["status"] == "pass"
    assert (result.authentic, result.verified) == (True, False)
    assert result.recheck_after is None


async def test_as_of_moves_the_validity_period_and_is_reported_beside_now(uni: University) -> None:
    """The same badge is valid at an instant before its end."""
    then = datetime(2026, 4, 1, tzinfo=UTC)
    result = await uni.verify(await uni.badge(validUntil="2026-05-01T00:00:00Z"), as_of=then)
    assert result.outcome is Outcome.PASS
    assert (result.as_of, result.verified_at) == (then, uni.now)


async def test_the_answer_says_when_another_could_be_had(uni: University) -> None:
    """A record with a status may be revoked tomorrow; one that ends sooner changes sooner."""
    with_status = await uni.verify(await uni.badge(status=entry(8)))
    assert with_status.recheck_after == uni.now + STATUS_CHANGES
    end = await uni.verify(await uni.badge(validUntil="2026-06-01T13:00:00Z"))
    assert end.recheck_after == uni.now + timedelta(hours=1)
    assert (await uni.verify(await uni.badge())).recheck_after is None


# --- 5. status --------------------------------------------------------------------------------


async def test_a_revoked_badge_fails(uni: University) -> None:
    """A set revocation bit fails the status, and the policy rejects."""
    await uni.publish_list(revoked=(8,))
    result = await uni.verify(await uni.badge(status=entry(8)), "test/listed")
    assert codes(result, CheckName.STATUS) == ["revoked"]
    assert result.decision is not None
    assert result.decision.verdict is Verdict.REJECT


async def test_every_status_entry_is_read(uni: University) -> None:
    """Of two entries, the one that suspends decides."""
    other = "https://university.example/status/suspended"
    await uni.publish_list(revoked=(3,), url=other, **_suspending(uni, other, 3))
    both = [entry(8), entry(3, other, "suspension")]
    result = await uni.verify(await uni.badge(credentialStatus=both))
    assert [str(status.state) for status in result.statuses] == ["active", "suspended"]
    assert codes(result, CheckName.STATUS) == ["suspended"]


def _suspending(uni: University, url: str, index: int) -> dict[str, Any]:
    return {"credentialSubject": uni.issuer.status_list(url, (index,), purpose="suspension")["credentialSubject"]}


@pytest.mark.parametrize("outage", ["unreachable", "response-malformed", "response-too-large", "overloaded"])
async def test_T13_a_status_that_cannot_be_had_is_indeterminate(uni: University, outage: str) -> None:
    """No outage of the list is ever read as "not revoked"; the policy sends it to review."""
    uni.internet.fail(STATUS_LIST, outage)
    result = await uni.verify(await uni.badge(status=entry(8)), "test/listed")
    assert outcomes(result)["status"] == "indeterminate"
    assert result.verified is False
    assert result.decision is not None
    assert result.decision.verdict is Verdict.REVIEW


@pytest.mark.parametrize("garbage", [b"", b"<html>", b"{}", b'{"@context": []}', b"a.b.c", b"\xff\xfe"])
async def test_T13_a_list_that_is_garbage_is_indeterminate(uni: University, garbage: bytes) -> None:
    """Whatever a list's address answers, only a verified list says anything."""
    uni.internet.serve(STATUS_LIST, garbage)
    result = await uni.verify(await uni.badge(status=entry(8)))
    assert outcomes(result)["status"] == "indeterminate"


async def test_T12_an_unsigned_list_says_nothing(uni: University) -> None:
    """A list without a proof is STATUS_VERIFICATION_ERROR, even if its bit is clear."""
    uni.internet.serve(STATUS_LIST, uni.issuer.status_list(STATUS_LIST))
    result = await uni.verify(await uni.badge(status=entry(8)))
    assert codes(result, CheckName.STATUS) == ["STATUS_VERIFICATION_ERROR"]
    assert outcomes(result)["status"] == "indeterminate"


async def test_T12_a_list_by_another_issuer_counts_only_where_it_is_named(uni: University) -> None:
    """A stranger's clear list is indeterminate; where the policy names its issuer, it passes."""
    college = Issuer.did_web("college.example")
    uni.internet.serve(college.document_url, college.document)
    signed = await college.secure(college.status_list(STATUS_LIST), uni.verifier.canonicalizer)
    uni.internet.serve(STATUS_LIST, signed)
    presented = await uni.badge(status=entry(8))
    assert codes(await uni.verify(presented), CheckName.STATUS) == ["status-issuer-mismatch"]
    assert outcomes(await uni.verify(presented, "test/other-list-issuer"))["status"] == "pass"


async def test_a_list_may_be_a_token(uni: University) -> None:
    """A status list secured with JOSE is a credential like any other."""
    uni.internet.serve(STATUS_LIST, uni.issuer.jwt(uni.issuer.status_list(STATUS_LIST, (8,))))
    assert codes(await uni.verify(await uni.badge(status=entry(8))), CheckName.STATUS) == ["revoked"]


async def test_T14_a_list_past_its_own_end_is_not_used(uni: University) -> None:
    """An expired list credential is STATUS_VERIFICATION_ERROR."""
    await uni.publish_list(validUntil="2026-05-01T00:00:00Z")
    assert codes(await uni.verify(await uni.badge(status=entry(8))), CheckName.STATUS) == ["STATUS_VERIFICATION_ERROR"]


async def test_T14_a_list_that_was_rolled_back_does_not_undo_a_revocation(uni: University) -> None:
    """An older list, replayed after a newer one was seen, is refused; the newer one's bit still counts."""
    await uni.publish_list(revoked=(8,), validFrom="2026-05-02T00:00:00Z")
    presented = await uni.badge(status=entry(8))
    assert codes(await uni.verify(presented), CheckName.STATUS) == ["revoked"]
    await uni.publish_list(validFrom="2026-05-01T00:00:00Z")
    uni.pass_time(hours=2)
    assert codes(await uni.verify(presented), CheckName.STATUS) == ["revoked"]


async def test_T14_a_stale_status_is_indeterminate_unless_the_policy_bears_its_age(uni: University) -> None:
    """After an outage of two hours the last state is a fact, and no more; `max_age` of two days admits it."""
    presented = await uni.badge(status=entry(8))
    await uni.verify(presented)
    uni.internet.fail(STATUS_LIST)
    uni.pass_time(hours=2)
    result = await uni.verify(presented)
    assert codes(result, CheckName.STATUS) == ["status-stale"]
    assert [str(status.state) for status in result.statuses] == ["active"]
    admitted = await uni.verify(presented, "test/within-the-hour")
    assert outcomes(admitted)["status"] == "pass"
    assert admitted.check(CheckName.STATUS).facts == {"admittedBy": "max_age"}


async def test_T61_a_list_that_names_another_address_is_not_this_list(uni: University) -> None:
    """A valid list of the same issuer under another list's address is defective: its clear bit says nothing."""
    uni.internet.serve(STATUS_LIST, await uni.sign(uni.issuer.status_list("https://university.example/status/2")))
    result = await uni.verify(await uni.badge(status=entry(8)))
    assert outcomes(result)["status"] == "indeterminate"


@pytest.mark.parametrize(
    ("strange", "check", "outcome", "code"),
    [
        ({"type": "FutureStatus2030"}, CheckName.STATUS, Outcome.INDETERMINATE, "unknown-status-type"),
        ({"type": ["A", "B"]}, CheckName.STATUS, Outcome.FAIL, "MALFORMED_VALUE_ERROR"),
        ({}, CheckName.STRUCTURE, Outcome.FAIL, "MALFORMED_VALUE_ERROR"),
        ("https://x.example", CheckName.STRUCTURE, Outcome.FAIL, "MALFORMED_VALUE_ERROR"),
    ],
)
async def test_a_status_that_is_not_understood_is_never_skipped(
    uni: University, strange: Any, check: CheckName, outcome: Outcome, code: str
) -> None:
    """Beside a clear entry, an unknown one is indeterminate and a malformed one fails."""
    presented = badge(uni.issuer.did, "Welding", credentialStatus=[entry(8), strange])
    presented["@context"] = presented["@context"][:1]
    presented["credentialSubject"] = {"id": "did:example:learner"}
    presented["type"] = ["VerifiableCredential"]
    result = await uni.verify(uni.issuer.jwt(presented))
    assert (result.check(check).outcome, codes(result, check)) == (outcome, [code])
    assert result.outcome is outcome


# --- the policy's first answer -------------------------------------------------------------------


async def test_T15_what_the_policy_rejects_anyway_is_not_looked_up(uni: University) -> None:
    """A policy that rejects the issuer asks for no status and no registry; what was not asked says so."""
    result = await uni.verify(await uni.badge(status=entry(8)), "test/one-issuer")
    assert result.decision is not None
    assert result.decision.verdict is Verdict.REJECT
    assert uni.internet.requests == [uni.issuer.document_url]
    assert codes(result, CheckName.STATUS) == ["not-asked"]
    assert result.authentic is True
    assert result.outcome is Outcome.INDETERMINATE


# --- 8. trust ---------------------------------------------------------------------------------


async def test_an_issuer_that_nobody_lists_is_rejected(uni: University) -> None:
    """Not listed is a failed rule; the badge stays authentic."""
    uni.internet.serve(REGISTRY, registry("did:web:somebody.example"))
    result = await uni.verify(await uni.badge(), "test/listed")
    assert result.decision is not None
    assert result.decision.verdict is Verdict.REJECT
    assert result.verified is True


async def test_an_unreachable_registry_is_unknown_and_goes_to_review(uni: University) -> None:
    """An outage of the registry is never "not listed"."""
    uni.internet.fail(REGISTRY)
    result = await uni.verify(await uni.badge(), "test/listed")
    assert result.decision is not None
    assert result.decision.verdict is Verdict.REVIEW
    assert [str(evidence.state) for evidence in result.trust] == ["unknown"]


# --- embedded records -------------------------------------------------------------------------


async def test_every_embedded_record_gets_its_own_verdict(uni: University) -> None:
    """A revoked child keeps its own verdict, and is a warning on the whole."""
    await uni.publish_list(revoked=(7,))
    presented = await uni.clr(await uni.badge("A", status=entry(8)), await uni.badge("B", status=entry(7)))
    result = await uni.verify(presented, "test/all-children")
    assert [child.outcome for child in result.children] == [Outcome.PASS, Outcome.FAIL]
    assert result.outcome is Outcome.PASS
    assert [(warning.code, warning.pointer) for warning in result.warnings] == [
        ("child-not-current", "/credentialSubject/verifiableCredential/1")
    ]
    assert result.decision is not None
    assert result.decision.verdict is Verdict.REJECT


async def test_children_that_are_current_satisfy_the_policy(uni: University) -> None:
    """A record of current children is accepted, tokens among them."""
    token = uni.issuer.jwt(badge(uni.issuer.did, "As a token"))
    result = await uni.verify(await uni.clr(await uni.badge("A"), token), "test/all-children")
    assert [child.outcome for child in result.children] == [Outcome.PASS, Outcome.PASS]
    assert [child.format.name for child in result.children] == ["data-integrity", "vc+jwt"]
    assert result.decision is not None
    assert result.decision.verdict is Verdict.ACCEPT


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    fates=st.lists(st.sampled_from(["good", "forged", "stranger", "unreachable", "garbage"]), min_size=1, max_size=4)
)
def test_T37_no_child_fails_alone(tmp_path_factory: pytest.TempPathFactory, fates: list[str]) -> None:
    """Whatever child fails its structure, data loss, proof or issuer, the whole is not verified; else it is."""

    async def whole() -> VerificationResult:
        async with university(tmp_path_factory.mktemp("t37")) as uni:
            stranger = Issuer.did_key()
            children: list[Any] = []
            for number, fate in enumerate(fates):
                child: Any = await uni.badge(str(number))
                if fate == "forged":
                    child = spoiled(child, lambda c: c.update(name="Forged"))
                elif fate == "stranger":
                    child = await stranger.secure(badge(uni.issuer.did, "x"), uni.verifier.canonicalizer)
                elif fate == "unreachable":
                    lost = Issuer.did_web("lost.example")
                    child = await lost.secure(badge(lost.did, "x"), uni.verifier.canonicalizer)
                elif fate == "garbage":
                    child = uni.issuer.jwt(badge(uni.issuer.did, "x"))[:-4]
                children.append(child)
            return await uni.verify(await uni.clr(*children))

    result = asyncio.run(whole())
    assert result.verified is (set(fates) == {"good"})
    assert result.authentic is (set(fates) == {"good"})
    if set(fates) - {"good", "unreachable"}:
        assert result.outcome is Outcome.FAIL


async def test_T25_more_children_than_the_limit_are_not_verified_at_all(uni: University) -> None:
    """10,000 embedded records cost nothing: the structure is undecided, and says why."""
    children = [{"type": ["VerifiableCredential"], "id": f"urn:x:{n}"} for n in range(10_000)]
    presented = badge(uni.issuer.did, "Transcript")
    presented["@context"] = presented["@context"][:1]
    presented["type"] = ["VerifiableCredential", "ClrCredential"]
    presented["credentialSubject"] = {"verifiableCredential": children}
    result = await uni.verify(await uni.sign(presented, suite="eddsa-jcs-2022"))
    assert codes(result, CheckName.STRUCTURE) == ["too-many-children"]
    assert result.children == ()
    assert result.outcome is Outcome.INDETERMINATE


async def test_T25_children_share_one_fetch_budget(uni: University) -> None:
    """Children of ten issuers with three look-ups left: three are looked up, and the rest is undecided."""
    strangers = [Issuer.did_web(f"issuer{number}.example") for number in range(10)]
    children = []
    for stranger in strangers:
        uni.internet.serve(stranger.document_url, stranger.document)
        children.append(await stranger.secure(badge(stranger.did, "x"), uni.verifier.canonicalizer))
    limits = RequestLimits(max_children=100, fetches=4, deadline=10.0)
    result = await uni.verify(await uni.clr(*children), limits=limits)
    assert len(uni.internet.requests) == limits.fetches
    assert sorted(child.outcome for child in result.children) == ["indeterminate"] * 7 + ["pass"] * 3
    assert result.outcome is Outcome.INDETERMINATE


async def test_records_within_records_end_somewhere(uni: University) -> None:
    """A record four levels deep is undecided at the level that is too deep."""
    presented: Any = await uni.badge()
    for level in range(4):
        presented = await uni.clr(presented, id=f"urn:example:{level}")
    result = await uni.verify(presented)
    assert result.outcome is Outcome.INDETERMINATE


async def test_T21_an_object_that_the_caller_built_is_bounded(uni: University) -> None:
    """It may nest no deeper than what is parsed, so that nothing that walks it recurses too far."""
    badge: Any = await uni.badge()
    deep: Any = "x"
    for _ in range(100_000):
        deep = [deep]
    for presented in (badge | {"description": deep}, [badge, deep]):
        result = await uni.verify(presented)
        assert codes(result, CheckName.STRUCTURE) == ["too-deep"]
        assert result.outcome is Outcome.FAIL


async def test_children_of_what_is_rejected_are_not_verified(uni: University) -> None:
    """A policy that rejects the whole leaves its children unasked."""
    result = await uni.verify(await uni.clr(await uni.badge("A")), "test/one-issuer")
    assert result.children == ()
    assert codes(result, CheckName.PROOF) == ["not-asked"]


# --- limits -----------------------------------------------------------------------------------


async def test_a_deadline_that_has_passed_is_indeterminate(uni: University) -> None:
    """Without time left nothing is checked, and nothing passes."""
    result = await uni.verify(await uni.badge(), limits=RequestLimits(max_children=1, fetches=1, deadline=0.0))
    assert codes(result, CheckName.PROOF) == ["deadline-exceeded"]
    assert result.outcome is Outcome.INDETERMINATE


async def test_a_key_server_that_never_answers_ends_at_the_deadline(uni: University) -> None:
    """A look-up that hangs is cut off, and the proof is undecided."""

    async def hang(_url: str, **_: Any) -> Any:
        await asyncio.Event().wait()

    object.__setattr__(uni.verifier.cache, "_fetcher", _Hanging(hang))
    result = await uni.verify(await uni.badge(), limits=RequestLimits(max_children=1, fetches=1, deadline=0.05))
    assert codes(result, CheckName.PROOF) == ["deadline-exceeded"]


class _Hanging:
    def __init__(self, get: Any) -> None:
        self.get = get


# --- what does not count --------------------------------------------------------------------------


async def test_authentic_means_four_checks(uni: University) -> None:
    """A token has no data loss to look for, and is authentic all the same."""
    result = await uni.verify(uni.issuer.jwt(badge(uni.issuer.did, "Welding")))
    assert result.check(CheckName.DATA_LOSS).outcome is Outcome.NOT_APPLICABLE
    assert result.authentic is True
    assert [result.check(name).outcome for name in AUTHENTICITY].count(Outcome.FAIL) == 0


async def test_a_token_that_is_no_jws_fails(uni: University) -> None:
    """A compact string of nonsense is a failed structure, not an error."""
    assert (await uni.verify(compact(uni.issuer.key, {"alg": "none"}, [1, 2]))).outcome is Outcome.FAIL
