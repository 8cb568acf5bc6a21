"""The policies that come with the program."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given

from gateway.config import load
from gateway.pipeline import verify
from gateway.verifier import Verifier
from policies.conditions.combinators import leaves
from policies.evaluate import evaluate
from policies.explain import Audience, explain
from policies.facts import loads
from policies.inline_tests import from_disk, run_inline_tests
from policies.model import Facts, State, Verdict
from policies.policy_set import LIBRARY, PolicySet
from tests.certified import root, seal
from tests.internet import FakeInternet
from tests.policies.files import AS_OF
from tests.policies.strategies import facts as any_facts
from tests.policies.strategies import unhurried
from tests.sealed import Sealing

POLICIES = PolicySet.load()
IDS = POLICIES.ids()
STATES = ("us-al", "us-co", "us-mn", "us-nd", "us-nj", "us-tx")
NEVER_FAIL = frozenset({"max_age"})
"""What a condition says that finds an old status: nothing about now, which is unknown."""
RANK = {State.FAIL: 0, State.UNKNOWN: 1, State.PASS: 2}


def test_what_there_is() -> None:
    """The national baseline, six states, five employers, the European Union, and the root of all."""
    assert IDS == (
        "core/current",
        "employer/acme-shipyard-welder",
        "employer/construction-trades",
        "employer/federal-general-schedule",
        "employer/general",
        "employer/hospital-registered-nurse",
        "eu/european-digital-credentials",
        "us-al/talent-triad",
        "us-co/non-degree-credentials",
        "us-mn/licensed-schools",
        "us-nd/digital-credentials",
        "us-nj/eligible-training-providers",
        "us-tx/workforce-training",
        "us/ler-baseline",
    )


@pytest.mark.parametrize("name", IDS)
def test_inline_tests_pass(name: str) -> None:
    """Each policy's own tests hold, and see each of its conditions pass and not pass."""
    report = run_inline_tests(POLICIES.get(name, AS_OF))
    assert [result.problem for result in report.results if result.problem] == []
    assert report.results
    assert [str(finding) for finding in report.uncovered] == []


@pytest.mark.parametrize("name", IDS)
def test_every_condition_is_seen_both_to_pass_and_to_fail(name: str) -> None:
    """Not knowing is not enough: the tests of a policy see each of its own conditions fail too, if it can."""
    policy = POLICIES.get(name, AS_OF)
    seen = [loads(from_disk(policy.path, test.facts)) for test in policy.tests]
    for rule in policy.rules:
        for leaf in leaves(rule.require) if rule.origin == policy.lineage[-1] else ():
            states = {leaf.compile()(about)[0] for about in seen}
            short = State.UNKNOWN if leaf.key in NEVER_FAIL else State.FAIL
            assert {State.PASS, short} <= states, (rule.id, leaf.key)


@pytest.mark.parametrize("name", IDS)
def test_an_outage_of_all_that_is_asked_is_never_a_pass(name: str) -> None:
    """What a policy accepts, it does not accept once no trust source and no status list has answered."""
    policy = POLICIES.get(name, AS_OF)
    accepted = [loads(from_disk(policy.path, test.facts)) for test in policy.tests if test.expect is Verdict.ACCEPT]
    assert accepted
    for about in accepted:
        assert evaluate(policy, replace(about, trust={}, statuses=None)).verdict is not Verdict.ACCEPT
        if policy.questions:
            assert evaluate(policy, replace(about, trust={})).verdict is not Verdict.ACCEPT


@pytest.mark.parametrize("name", IDS)
def test_an_expired_list_is_never_a_pass(name: str) -> None:
    """What a policy accepts on the word of trust sources, it does not accept on lists that have expired."""
    policy = POLICIES.get(name, AS_OF)
    for test in policy.tests:
        about = loads(from_disk(policy.path, test.facts))
        if policy.questions and test.expect is Verdict.ACCEPT:
            expired = {key: replace(answer, freshness="expired") for key, answer in about.trust.items()}
            assert evaluate(policy, replace(about, trust=expired)).verdict is not Verdict.ACCEPT


@pytest.mark.parametrize("name", IDS)
def test_says_where_it_comes_from(name: str) -> None:
    """Each file says that no authority stands behind it, and what is assumed; the root of all makes no claim."""
    policy = POLICIES.get(name, AS_OF)
    head = Path(policy.path).read_text(encoding="utf-8").partition("\npolicy: ")[0]
    if name != "core/current":
        assert "no act of" in head or "does not exist" in head
        assert POLICIES.get(name, AS_OF).owner is not None
    if name.startswith((*STATES, "eu/")):
        assert all(f"# {part}" in head for part in ("Published:", "ASSUMED", "CANNOT BE SAID:"))


@pytest.mark.parametrize("name", IDS)
def test_explains_itself_to_everybody(name: str) -> None:
    """Each rule is told to applicant, recruiter and auditor; what can turn a record down comes with a remedy."""
    policy = POLICIES.get(name, AS_OF)
    for audience in Audience:
        text = explain(policy, audience=audience)
        assert all(rule.say in text for rule in policy.rules)
    for rule in policy.rules:
        assert rule.fix, rule.id
        assert rule.say.endswith("."), rule.id


@pytest.mark.parametrize("state", STATES)
def test_states_build_on_the_baseline(state: str) -> None:
    """Every state says whom it recognises, on top of the national baseline, and reviews where nobody answers."""
    (name,) = [each for each in IDS if each.startswith(f"{state}/")]
    policy = POLICIES.get(name, AS_OF)
    assert policy.jurisdiction == state.upper()
    assert policy.lineage == ("core/current@1.0.0", "us/ler-baseline@1.0.0", policy.lineage[-1])
    recognised = next(rule for rule in policy.rules if rule.id == "issuer-recognised")
    assert (recognised.origin, recognised.on_unknown) == (policy.lineage[-1], Verdict.REVIEW)


def test_alabama_tells_the_issuer_from_the_provider() -> None:
    """An association's badge counts by its provider's word; the platform's word alone does not make up for it."""
    policy = POLICIES.get("us-al/talent-triad", AS_OF)
    good = loads((LIBRARY / "fixtures" / "al-good.json").read_bytes())
    assert good.attesters is not None
    assert good.issuer not in good.attesters
    assert evaluate(policy, good).verdict is Verdict.ACCEPT
    alone = replace(good, attesters=(good.issuer,), learner_verification="platform_verified")
    elsewhere = {**alone.trust, "al-providers?about=attester": alone.trust["al-providers"]}
    assert evaluate(policy, replace(alone, trust=elsewhere)).verdict is Verdict.REJECT


def test_a_provider_named_by_an_unlisted_issuer_helps_nobody() -> None:
    """Whoever is on no list cannot talk itself into Alabama by naming a provider that is."""
    good = loads((LIBRARY / "fixtures" / "al-good.json").read_bytes())
    unlisted = {**good.trust, "ce-iir": replace(good.trust["ce-iir"], state="not_listed")}
    decision = evaluate(POLICIES.get("us-al/talent-triad", AS_OF), replace(good, trust=unlisted))
    assert decision.verdict is Verdict.REJECT
    assert [rule.id for rule in decision.rules if rule.verdict is Verdict.REJECT] == ["issuer-recognised"]


@pytest.mark.parametrize(
    ("anchored", "verdict"), [("its own", Verdict.ACCEPT), ("a namesake", Verdict.REJECT), ("none", Verdict.REVIEW)]
)
async def test_europe_believes_seals_under_configured_anchors_only(
    tmp_path: Path, anchored: str, verdict: Verdict
) -> None:
    """A sealed diploma is accepted under its own authority, not under a namesake; without any, a person decides."""
    authority = root()
    trusted = {"its own": authority, "a namesake": root()}.get(anchored)
    trust: dict[str, Any] = {}
    if trusted is not None:
        anchors = tmp_path / "anchors.pem"
        anchors.write_bytes(trusted.certificate.public_bytes(Encoding.PEM))
        trust["eu-trusted-lists"] = {"kind": "x509_anchors", "path": str(anchors)}
    internet = FakeInternet()
    config = load(flags={"cache.folder": tmp_path, "trust": trust})
    now = datetime(2026, 6, 1, tzinfo=UTC)
    async with Verifier.open(config, fetcher=internet, clock=lambda: now) as verifier:
        sealed = Sealing(by=seal(authority)).seal()
        result = await verify(verifier, verifier.request(sealed, policy="eu/european-digital-credentials"))
    assert result.decision is not None
    assert result.decision.verdict is verdict
    assert internet.requests == []


@pytest.mark.parametrize("name", IDS)
def test_what_is_not_known_is_not_accepted(name: str) -> None:
    """Each policy reviews, not accepts and not rejects by mistake, when nothing but the proof is known."""
    about = Facts(
        as_of=AS_OF,
        structure=State.PASS,
        data_loss=State.PASS,
        proof=State.PASS,
        issuer_binding=State.PASS,
    )
    decision = evaluate(POLICIES.get(name, AS_OF), about)
    expected = Verdict.REJECT if name == "employer/acme-shipyard-welder" else Verdict.REVIEW
    assert decision.verdict is expected


def test_no_fixture_lies_idle() -> None:
    """Every file of facts is named by a test."""
    named = {test.facts.rpartition("/")[2] for name in IDS for test in POLICIES.get(name, AS_OF).tests}
    assert {path.name for path in (LIBRARY / "fixtures").iterdir()} == named


def test_the_file_name_is_the_id() -> None:
    """A policy is found where its id says."""
    for name in IDS:
        assert POLICIES.get(name, AS_OF).path == str(LIBRARY / f"{name}.yaml")


def test_alabama_and_its_employer() -> None:
    """The rules of the state, in their order, and what the employer adds."""
    rules = [(rule.id, rule.origin) for rule in POLICIES.get("employer/acme-shipyard-welder", AS_OF).rules]
    assert rules == [
        ("core-not-expired", "core/current@1.0.0"),
        ("core-status", "core/current@1.0.0"),
        ("issuer-recognised", "us-al/talent-triad@3.1.0"),
        ("status-today", "us/ler-baseline@1.0.0"),
        ("learning-record", "us/ler-baseline@1.0.0"),
        ("published-terms", "us/ler-baseline@1.0.0"),
        ("learner-verified", "us-al/talent-triad@3.1.0"),
        ("aligned", "us-al/talent-triad@3.1.0"),
        ("not-revoked", "employer/acme-shipyard-welder@1.0.2"),
        ("recent", "employer/acme-shipyard-welder@1.0.2"),
    ]


def test_an_outage_of_the_registries_goes_to_review() -> None:
    """Alabama reviews where no registry answers, and names both rules that need one."""
    about = loads((LIBRARY / "fixtures" / "al-registry-down.json").read_bytes())
    decision = evaluate(POLICIES.get("us-al/talent-triad", AS_OF), about)
    assert decision.verdict is Verdict.REVIEW
    assert {rule.id for rule in decision.rules if rule.state is State.UNKNOWN} == {
        "issuer-recognised",
        "learner-verified",
    }


@unhurried
@given(any_facts)
def test_locked_rules_are_never_looser_further_down(about: Facts) -> None:
    """Every locked rule of every policy is at least as strict in each of its children."""
    for policy in POLICIES.policies():
        below = {rule.id: rule for rule in policy.rules}
        for name in policy.lineage[:-1]:
            for rule in POLICIES.get(name, AS_OF).rules:
                if rule.locked:
                    own = below[rule.id].require.compile()(about)[0]
                    assert RANK[own] <= RANK[rule.require.compile()(about)[0]]
