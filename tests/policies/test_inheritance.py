"""Policies under their parents: what is inherited, and what a child may not do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.evaluate import evaluate
from policies.inheritance import REQUIRE
from policies.model import Facts, State, TrustFact, Verdict
from tests.policies.files import AS_OF, between, facts, loaded, policy, rule, status
from tests.policies.strategies import facts as any_facts
from tests.policies.strategies import few_leaf_texts, trees, unhurried

SEVERITY = {Verdict.REJECT: 0, Verdict.REVIEW: 1, Verdict.ACCEPT: 2}


def parent(*rules: str) -> str:
    """Return a policy that others extend."""
    return policy(*rules, name="us/parent")


def child(*rules: str) -> str:
    """Return a policy that extends it."""
    return policy(*rules, name="us/child", head="extends: us/parent@1")


LOOSER = 'rule "one" is looser than in us/parent@1.0.0 (0.yaml:4): '


@pytest.mark.parametrize(
    ("above", "below", "expected"),
    [
        (rule("{issuer_is: [a, b]}"), rule("{issuer_is: a}"), []),
        (rule("{issuer_is: a}"), rule("{issuer_is: [a, b]}"), ["it can pass where that one does not"]),
        (rule("{issuer_is: a}"), rule("{type_in: a}"), ["it can pass where that one does not"]),
        (rule(), rule(more="severity: warn"), ["it only warns"]),
        (rule(more="severity: warn"), rule(more="severity: require"), []),
        (
            rule(more="on_unknown: reject"),
            rule(more="on_unknown: review"),
            ["it reviews what is unknown, where that one rejects"],
        ),
        (rule(more="on_unknown: review"), rule(more="on_unknown: reject"), []),
        (rule(more="on_unknown: reject"), rule(), []),
        (rule("{issuer_is: a}", more="locked: false"), rule("{type_in: a}", more="severity: warn"), []),
        (
            rule("{issuer_is: a}", more="on_unknown: reject"),
            rule("{issuer_is: b}", more="on_unknown: review, severity: warn"),
            [
                "it can pass where that one does not",
                "it only warns",
                "it reviews what is unknown, where that one rejects",
            ],
        ),
        (
            rule("{issuer_is: a}"),
            rule("{issuer_is: b}", more="locked: false"),
            ["it can pass where that one does not"],
        ),
    ],
)
def test_restated_rule(above: str, below: str, expected: list[str]) -> None:
    """A restated rule is at least as strict, unless its parent left it unlocked; the error names both places."""
    assert between(parent(above), child(below)) == [f"1.yaml:5: {LOOSER}{reason}" for reason in expected]


def test_what_a_restated_rule_leaves_unsaid() -> None:
    """Severity, on_unknown and fix are the parent's; the sentence and the origin are the child's."""
    above = "{id: one, say: Above., require: {issuer_is: [a, b]}, severity: warn, on_unknown: reject, fix: Mend it.}"
    below = "{id: one, say: Below., require: {issuer_is: a}}"
    stated = loaded(parent(above), child(below)).get("us/child", AS_OF).rules[-1]
    assert (stated.severity, stated.on_unknown, stated.fix) == ("warn", Verdict.REJECT, "Mend it.")
    assert (stated.say, stated.origin, stated.path, stated.line) == ("Below.", "us/child@1.0.0", "1.yaml", 5)


def test_rules_keep_the_order_of_the_oldest() -> None:
    """Inherited rules come first, a restated one in its old place."""
    policies = loaded(parent(rule(name="first"), rule(name="second")), child(rule(name="third"), rule(name="first")))
    rules = policies.get("us/child", AS_OF).rules
    assert [each.id for each in rules] == ["core-not-expired", "core-status", "first", "second", "third"]
    assert [each.origin for each in rules][2:] == ["us/child@1.0.0", "us/parent@1.0.0", "us/child@1.0.0"]


def test_a_grandchild_is_bound_by_the_locked_statement_above_an_unlocked_one() -> None:
    """A child that unlocks a rule of its parent's gives its own children no more than the parent gave."""
    texts = (
        parent(rule("{issuer_is: [a, b]}")),
        policy(rule("{issuer_is: a}", more="locked: false"), name="us/child", head="extends: us/parent@1"),
    )
    within = policy(rule("{issuer_is: b}"), name="us/grandchild", head="extends: us/child@1")
    beyond = policy(rule("{issuer_is: c}"), name="us/grandchild", head="extends: us/child@1")
    assert between(*texts, within) == []
    assert between(*texts, beyond) == [f"2.yaml:5: {LOOSER}it can pass where that one does not"]


RELAXED = "{id: core-status, say: Revoked is no matter here., require: {status_not: suspended}"


def test_core_rules_are_locked() -> None:
    """A policy without a parent loosens a core rule only where it says so."""
    (message,) = between(policy(f"{RELAXED}}}"))
    assert message.startswith('0.yaml:4: rule "core-status" is looser than in core/current@1.0.0 (core.yaml:')
    assert message.endswith("): it can pass where that one does not")
    assert between(policy(f"{RELAXED}, locked: false}}")) == []
    relaxed = loaded(policy(f"{RELAXED}, locked: false}}")).get("test/policy", AS_OF)
    assert evaluate(relaxed, facts(statuses=(status("revoked"),))).verdict is Verdict.ACCEPT


def test_core_rules_stay_locked_for_a_policy_with_a_parent() -> None:
    """`locked: false` relaxes a core rule only in a policy without a parent."""
    (message,) = between(parent(), child(f"{RELAXED}, locked: false}}"))
    assert message.startswith('1.yaml:5: rule "core-status" is looser than in core/current@1.0.0 (core.yaml:')


def test_leaving_status_out_never_accepts_a_revoked_badge() -> None:
    """Every policy without a parent extends core/current, whether it says so or not."""
    for text in (policy(), policy(head="extends: core/current@1")):
        found = loaded(text).get("test/policy", AS_OF)
        assert found.lineage == ("core/current@1.0.0", "test/policy@1.0.0")
        assert evaluate(found, facts(statuses=(status("revoked"),))).verdict is Verdict.REJECT
        assert evaluate(found, facts(statuses=None)).verdict is Verdict.REVIEW


@pytest.mark.parametrize(
    ("above", "below", "expected"),
    [
        ("{allow_unknown_contexts: true}", "{allow_unknown_contexts: true}", []),
        ("{allow_unknown_contexts: true}", "{allow_unknown_contexts: false}", []),
        ("{not_expired: true}", "{allow_unknown_contexts: false}", []),
        ("{not_expired: true}", "{allow_unknown_contexts: true}", ["allow_unknown_contexts"]),
        ("{status_issuer_in: [a, b]}", "{status_issuer_in: [a]}", []),
        ("{status_issuer_in: [a]}", "{any: [{status_issuer_in: [c, b, a]}]}", ["status lists issued by b, c"]),
        ("{not_expired: true}", "{status_issuer_in: [b]}", ["status lists issued by b"]),
    ],
)
def test_permissions(above: str, below: str, expected: list[str]) -> None:
    """What a rule lets the verification take for good is granted by the parent, or not at all."""
    assert between(parent(rule(above)), child(rule(below, name="two"))) == [
        f'1.yaml:5: rule "two" permits what us/parent@1.0.0 (0.yaml:1) does not: {what}' for what in expected
    ]


def test_a_warning_permits_nothing() -> None:
    """A rule that only warns is no permission, and so is no error either."""
    texts = parent(), child(rule("{status_issuer_in: [b]}", name="two", more="severity: warn"))
    assert between(*texts) == []
    found = loaded(*texts).get("us/child", AS_OF)
    assert found.status_issuers() == frozenset()


def test_permissions_of_a_resolved_policy() -> None:
    """Permissions are read off the rules that bind, inherited ones included."""
    texts = (
        parent(rule("{allow_unknown_contexts: true}", name="a"), rule("{status_issuer_in: [x, y]}", name="b")),
        child(rule("{status_issuer_in: [x]}", name="b")),
        policy(rule("{allow_unknown_contexts: false}", name="c"), name="us/other", head="extends: us/parent@1"),
    )
    policies = loaded(*texts)
    above, below, other = (policies.get(name, AS_OF) for name in ("us/parent", "us/child", "us/other"))
    assert (above.allow_unknown_contexts, above.status_issuers()) == (True, frozenset("xy"))
    assert (below.allow_unknown_contexts, below.status_issuers()) == (True, frozenset("x"))
    assert (other.allow_unknown_contexts, other.status_issuers()) == (False, frozenset("xy"))


def test_a_child_cannot_grant_itself_a_stale_status() -> None:
    """The smallest max_age bounds freshness; belief in a stale status has to come down from the root."""
    texts = (
        policy(rule("{max_age: P1D}"), name="us/strict"),
        policy(rule("{max_age: PT1H}", name="two"), name="us/a", head="extends: us/strict@1"),
        policy(rule(), name="us/silent"),
        policy(rule("{max_age: P30D}", name="two"), name="us/b", head="extends: us/silent@1"),
        policy(rule("{max_age: PT1S}", more="severity: warn"), name="us/warns"),
    )
    policies = loaded(*texts)
    bounds = {
        name: (policies.get(name, AS_OF).max_age(), policies.get(name, AS_OF).stale_status_within)
        for name in ("us/strict", "us/a", "us/silent", "us/b", "us/warns")
    }
    assert bounds == {
        "us/strict": (86_400.0, 86_400.0),
        "us/a": (3600.0, 3600.0),
        "us/silent": (None, None),
        "us/b": (2_592_000.0, None),
        "us/warns": (None, None),
    }


def vouched(level: str) -> TrustFact:
    """Return that a source of this level lists the issuer."""
    return TrustFact(state="listed", authenticity="authenticated", freshness="fresh", assurance=level)


def test_a_child_cannot_bring_in_a_more_generous_registry() -> None:
    """Assurance counts only from the sources that were named where the rule was first stated."""
    state = parent(
        rule("{registry: {in: [strict, other]}}", more="locked: false"),
        rule("{assurance_at_least: AL2}", name="assured"),
    )
    employer = child(rule("{registry: {in: [strict, generous]}}"), rule("{assurance_at_least: AL3}", name="assured"))
    policies = loaded(state, employer)
    about = facts(trust={"strict": vouched("AL1"), "generous": vouched("AL3")})
    decision = evaluate(policies.get("us/child", AS_OF), about)
    assert [(each.id, each.state) for each in decision.rules[2:]] == [("one", State.PASS), ("assured", State.FAIL)]
    assert {question.key for question in policies.get("us/child", AS_OF).trust_questions()} == {"strict", "generous"}


def test_a_relaxed_rule_counts_the_sources_of_whoever_relaxes_it() -> None:
    """Where the parent left the rule unlocked, the child's own registries may vouch."""
    state = parent(rule("{registry: {in: [a]}}"), rule("{assurance_at_least: AL2}", name="x", more="locked: false"))
    employer = child(rule("{registry: {in: [b]}}", name="two"), rule("{assurance_at_least: AL1}", name="x"))
    about = facts(trust={"a": TrustFact(state="not_listed"), "b": vouched("AL1")})
    decision = evaluate(loaded(state, employer).get("us/child", AS_OF), about)
    assert {each.id: each.state for each in decision.rules}["x"] is State.PASS


def test_assurance_needs_a_registry() -> None:
    """A policy that asks for assurance and names no source could never pass."""
    sources = "assurance is that of the sources named there"
    assert between(policy(rule("{assurance_at_least: AL1}"))) == [
        f'0.yaml:4: rule "one" needs a registry condition, here or in a parent: {sources}'
    ]
    assert between(parent(rule("{registry: {in: a}}")), child(rule("{assurance_at_least: AL1}", name="x"))) == []


FIRMNESS = st.sampled_from(["", "on_unknown: reject", "on_unknown: review", "severity: warn"])


@unhurried
@given(st.lists(st.tuples(trees(few_leaf_texts), FIRMNESS), min_size=3, max_size=3), any_facts)
def test_no_child_is_looser_than_its_parent(stated: list[tuple[str, str]], about: Facts) -> None:
    """National ≥ state ≥ employer: a family that loads, and unlocks nothing, is never kinder further down."""
    names = ("us/national", "us/state", "us/employer")
    texts: list[str] = []
    for name, above, (tree, more) in zip(names, (None, *names), stated, strict=False):
        head = "" if above is None else f"extends: {above}@1"
        restated = policy(rule(f"{{{tree}}}", more=more), rule(f"{{{tree}}}", name=name[3:]), name=name, head=head)
        added = policy(rule(f"{{{tree}}}", name=name[3:], more=more), name=name, head=head)
        texts.append(added if between(*texts, restated) else restated)
    policies = loaded(*texts)
    severities = [SEVERITY[evaluate(policies.get(name, AS_OF), about).verdict] for name in names]
    assert severities == sorted(severities, reverse=True)


def test_the_property_is_not_empty() -> None:
    """Restating is both taken and refused by the terms, so the property above tests both."""
    assert between(parent(rule("{issuer_is: [a, b]}")), child(rule("{issuer_is: a}"))) == []
    assert between(parent(rule("{issuer_is: a}")), child(rule("{issuer_is: [a, b]}"))) != []
    assert all(each.severity == REQUIRE for each in loaded(parent()).get("us/parent", AS_OF).rules)
