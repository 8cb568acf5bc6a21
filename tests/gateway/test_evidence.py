"""Facts: what was not found out is unknown, and never looks like absence."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from gateway import evidence
from gateway.demo.issuer import Issuer, badge
from gateway.holder import FIELDS
from gateway.model import CheckName, CheckResult, Findings, Outcome, Presented
from gateway.proof import prove
from gateway.structure import check_structure
from gateway.validity import check_validity
from policies import PolicySet
from policies.conditions.presentation import CANDIDATE_FIELDS
from policies.model import ABSENT, State
from resolvers.model import Provenance, StatusEvidence, StatusState
from resolvers.trust_model import Authenticity, Freshness, ListState, TrustEvidence
from tests.gateway.proving import proof_tools
from tests.issuer import university

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.plugins import Canonicalizer

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


async def findings(canonicalizer: Canonicalizer, folder: Path, **members: Any) -> Findings:
    """Return what is found about a badge, status and trust not asked yet."""
    issuer = Issuer.did_key()
    async with university(folder) as uni:
        signed = await issuer.secure(badge(issuer.did, "Welding", **members), canonicalizer)
        secured = uni.verifier.recognize(Presented(content=signed))
        proven, verified = await prove(secured, proof_tools(canonicalizer))
        assert verified is not None
        checks = {check.name: check for check in (check_structure(secured), proven.data_loss, proven.proof)}
        checks[CheckName.ISSUER] = proven.issuer
        checks[CheckName.VALIDITY] = check_validity(verified, as_of=NOW, clock_skew=60.0)
        record = uni.verifier.normalizer(signed).normalize(verified)
        return Findings(checks=checks, secured=secured, proven=proven, verified=verified, record=record)


def test_without_a_proof_no_claim_is_a_fact() -> None:
    """Where nothing was verified, only the checks that were made are known."""
    failed = CheckResult(name=CheckName.STRUCTURE, outcome=Outcome.FAIL)
    facts = evidence.facts(Findings(checks={CheckName.STRUCTURE: failed}), NOW, 60.0)
    assert (facts.structure, facts.data_loss, facts.proof, facts.issuer_binding) == (State.FAIL, None, None, None)
    assert (facts.issuer, facts.types, facts.statuses, facts.valid_until, dict(facts.trust)) == (None,) * 4 + ({},)


async def test_the_first_question_knows_no_dates_and_no_claims(canonicalizer: Canonicalizer, tmp_path: Path) -> None:
    """Before normalization the policy sees issuer, method, suites, format and types, and nothing else."""
    full = await findings(canonicalizer, tmp_path)
    first = Findings(checks=full.checks, secured=full.secured, proven=full.proven, verified=full.verified)
    facts = evidence.facts(first, NOW, 60.0)
    assert (facts.did_method, facts.format, facts.proof_suites) == ("key", "data-integrity", ("eddsa-rdfc-2022",))
    assert facts.types == ("VerifiableCredential", "OpenBadgeCredential")
    assert (facts.valid_from, facts.valid_until, facts.achievement_types, facts.schema) == (None,) * 4


async def test_absence_is_said_and_an_unasked_status_is_unknown(canonicalizer: Canonicalizer, tmp_path: Path) -> None:
    """No end date is ABSENT, no status entry is (), and a status that nobody asked for is None."""
    found = await findings(canonicalizer, tmp_path)
    unasked = evidence.facts(found, NOW, 60.0)
    assert (unasked.valid_until, unasked.schema, unasked.earned) == (ABSENT, ABSENT, ABSENT)
    assert (unasked.statuses, unasked.children_current) == (None, None)
    asked = Findings(
        checks=found.checks,
        proven=found.proven,
        verified=found.verified,
        record=found.record,
        statuses=(),
        children=(),
    )
    facts = evidence.facts(asked, NOW, 60.0)
    assert (facts.statuses, facts.children_current) == ((), ABSENT)
    assert facts.valid_from == datetime(2026, 2, 1, tzinfo=UTC)
    assert facts.achievement_types == ("Certificate",)
    assert facts.alignments == (("Structural welding", "https://credentialfinder.example/competency/ce-0001"),)


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"validUntil": "2027-01-01T01:00:00.5+01:00"}, datetime(2027, 1, 1, 0, 0, 0, 500_000, tzinfo=UTC)),
        ({"validUntil": "2020-01-01T00:00:00Z"}, datetime(2020, 1, 1, tzinfo=UTC)),
        ({}, ABSENT),
    ],
)
async def test_the_period_is_as_its_check_has_read_it(
    members: dict[str, str], expected: object, canonicalizer: Canonicalizer, tmp_path: Path
) -> None:
    """To the fraction of a second, also where it is over."""
    found = await findings(canonicalizer, tmp_path, **members)
    assert evidence.facts(found, NOW, 60.0).valid_until == expected


async def test_a_malformed_period_is_unknown_and_not_without_end(canonicalizer: Canonicalizer, tmp_path: Path) -> None:
    """A date that is none must not look like a credential that never expires."""
    found = await findings(canonicalizer, tmp_path)
    assert found.verified is not None
    spoiled = replace(found.verified, document={**found.verified.document, "validUntil": "soon"})
    check = check_validity(spoiled, as_of=NOW, clock_skew=60.0)
    facts = evidence.facts(replace(found, checks={**found.checks, CheckName.VALIDITY: check}), NOW, 60.0)
    assert (check.outcome, facts.valid_from, facts.valid_until) == (Outcome.FAIL, None, None)
    unasked = dict(found.checks)
    del unasked[CheckName.VALIDITY]
    assert evidence.facts(replace(found, checks=unasked), NOW, 60.0).valid_until is None


async def test_a_schema_that_was_not_checked_is_unknown(canonicalizer: Canonicalizer, tmp_path: Path) -> None:
    """A declared schema without a verdict is neither passed nor absent."""
    schema = {"id": "https://university.example/schema.json", "type": "JsonSchema"}
    found = await findings(canonicalizer, tmp_path, credentialSchema=schema)
    assert evidence.facts(found, NOW, 60.0).schema is None


async def test_what_others_say_keeps_its_age_its_staleness_and_its_source(
    canonicalizer: Canonicalizer, tmp_path: Path
) -> None:
    """Status and trust evidence reach the policy with everything that it may ask about them."""
    found = await findings(canonicalizer, tmp_path)
    source = Provenance(url="https://x.example", sha256="", fetched_at=NOW, age=90.0, stale=True)
    status = StatusEvidence(
        type="BitstringStatusListEntry",
        purpose="revocation",
        state=StatusState.ACTIVE,
        list_issuer="did:web:x.example",
        source=source,
    )
    trust = TrustEvidence(
        source="state",
        kind="signed_list",
        state=ListState.LISTED,
        authenticity=Authenticity.AUTHENTICATED,
        freshness=Freshness.FRESH,
        tier="member",
        assurance="AL2",
    )
    asked = Findings(
        checks=found.checks,
        proven=found.proven,
        verified=found.verified,
        record=found.record,
        statuses=(status,),
        trust=(trust,),
    )
    facts = evidence.facts(asked, NOW, 60.0)
    assert facts.statuses is not None
    (one,) = facts.statuses
    assert (one.state, one.age, one.stale, one.issuer) == ("active", 90.0, True, "did:web:x.example")
    listed = facts.trust["state"]
    assert (listed.state, listed.authenticity, listed.freshness) == ("listed", "authenticated", "fresh")
    assert (listed.tier, listed.assurance) == ("member", "AL2")


@pytest.mark.parametrize(("name", "state"), [("proof", State.PASS), ("data_loss", State.PASS)])
async def test_checks_that_passed_or_do_not_apply_are_passed(
    name: str, state: State, canonicalizer: Canonicalizer, tmp_path: Path
) -> None:
    """A check that does not apply stands in no rule's way; an indeterminate one is unknown."""
    found = await findings(canonicalizer, tmp_path)
    assert getattr(evidence.facts(found, NOW, 60.0), name) is state
    undecided = CheckResult(name=CheckName.PROOF, outcome=Outcome.INDETERMINATE)
    facts = evidence.facts(Findings(checks={CheckName.PROOF: undecided}), NOW, 60.0)
    assert facts.proof is None


def with_check(found: Findings, name: CheckName, outcome: Outcome, **facts: Any) -> Findings:
    """Return findings with one more check."""
    check = CheckResult(name=name, outcome=outcome, facts=facts)
    return replace(found, checks={**found.checks, name: check})


@pytest.mark.parametrize(
    ("outcome", "shown", "expected"),
    [
        (Outcome.PASS, {"binding": "holder_proof", "unsignedPresentation": False}, (True, False)),
        (Outcome.FAIL, {"binding": "none", "unsignedPresentation": False}, (False, False)),
        (Outcome.INDETERMINATE, {"binding": "none", "unsignedPresentation": False}, (None, False)),
        (Outcome.NOT_APPLICABLE, {"binding": "identifier_match", "unsignedPresentation": False}, (False, False)),
        (Outcome.NOT_APPLICABLE, {"binding": "none", "unsignedPresentation": True}, (False, True)),
        (Outcome.PASS, {"binding": "identifier_match"}, (False, None)),
    ],
)
async def test_only_a_holders_proof_binds(
    outcome: Outcome,
    shown: dict[str, Any],
    expected: tuple[bool | None, bool],
    canonicalizer: Canonicalizer,
    tmp_path: Path,
) -> None:
    """Whoever knows the candidate's email address has not shown to be them."""
    found = await findings(canonicalizer, tmp_path)
    facts = evidence.facts(with_check(found, CheckName.HOLDER, outcome, **shown), NOW, 60.0)
    assert (facts.holder_bound, facts.unsigned_presentation) == expected


async def test_a_badge_by_itself_shows_nothing_of_its_holder(canonicalizer: Canonicalizer, tmp_path: Path) -> None:
    """Without a presentation nobody has shown anything; without a candidate nothing was compared."""
    facts = evidence.facts(await findings(canonicalizer, tmp_path), NOW, 60.0)
    assert (facts.holder_bound, facts.unsigned_presentation, facts.candidate) == (False, False, None)


async def test_the_candidates_fields_reach_the_policy(canonicalizer: Canonicalizer, tmp_path: Path) -> None:
    """Each field with how the comparison came out, under the names that policies use."""
    found = await findings(canonicalizer, tmp_path)
    fields = {"email": "match", "name": "mismatch"}
    compared = with_check(found, CheckName.SUBJECT, Outcome.FAIL, fields=fields)
    assert evidence.facts(compared, NOW, 60.0).candidate == fields
    assert set(CANDIDATE_FIELDS) == set(FIELDS)


async def test_each_answer_is_kept_by_its_question(canonicalizer: Canonicalizer, tmp_path: Path) -> None:
    """One source that was asked two things has given two answers."""
    found = await findings(canonicalizer, tmp_path)
    plain = TrustEvidence(source="al", kind="signed_list", state=ListState.LISTED, question="al")
    attester = TrustEvidence(source="al", kind="signed_list", state=ListState.NOT_LISTED, question="al?about=attester")
    facts = evidence.facts(replace(found, trust=(plain, attester)), NOW, 60.0)
    assert {key: fact.state for key, fact in facts.trust.items()} == {"al": "listed", "al?about=attester": "not_listed"}


async def test_the_achievements_identifiers_are_facts(canonicalizer: Canonicalizer, tmp_path: Path) -> None:
    """By id and by CTID, as `credential_in` asks for them."""
    found = await findings(canonicalizer, tmp_path)
    assert found.record is not None
    (achievement,) = found.record.achievements
    named = {**achievement, "id": "https://x.example/1", "ctid": "ce-1"}
    facts = evidence.facts(replace(found, record=replace(found.record, achievements=(named,))), NOW, 60.0)
    assert facts.achievement_ids == (("ctid", "ce-1"), ("id", "https://x.example/1"))


async def test_who_confirmed_it_is_a_fact(canonicalizer: Canonicalizer, tmp_path: Path) -> None:
    """The source that the issuer names."""
    found = await findings(canonicalizer, tmp_path)
    assert found.verified is not None
    subject = {**found.verified.document["credentialSubject"], "source": {"id": "did:web:school.example"}}
    changed = replace(found.verified, document={**found.verified.document, "credentialSubject": subject})
    facts = evidence.facts(replace(found, verified=changed), NOW, 60.0)
    assert (facts.attesters, facts.learner_verification) == (("did:web:school.example",), "provider_verified")


POLICIES = """\
policy: test/policy
version: 1.0.0
rules:
  - {id: one, say: One., require: {issuer_is: [%s]}}
"""


async def test_T15_a_policy_rejects_before_anybody_is_asked(canonicalizer: Canonicalizer, tmp_path: Path) -> None:
    """By a failed check or a rule that failed already, and not by what is merely unknown so far."""
    full = await findings(canonicalizer, tmp_path)
    first = replace(full, record=None)
    assert full.verified is not None
    folder = tmp_path / "written"
    folder.mkdir()
    for name, issuer, expected in (("same", full.verified.issuer, False), ("other", "did:web:x.example", True)):
        file = folder / f"{name}.yaml"
        file.write_text(POLICIES % issuer, encoding="utf-8")
        policy = PolicySet.load([file]).get("test/policy", NOW)
        assert evidence.rejects_already(policy, first, NOW, 60.0) is expected
    baseline = PolicySet.load().get("us/ler-baseline", NOW)
    assert evidence.rejects_already(baseline, first, NOW, 60.0) is False
    failed = with_check(first, CheckName.ISSUER, Outcome.FAIL)
    assert evidence.rejects_already(baseline, failed, NOW, 60.0) is True
    assert (
        evidence.rejects_already(baseline, with_check(first, CheckName.ISSUER, Outcome.INDETERMINATE), NOW, 60.0)
        is False
    )
