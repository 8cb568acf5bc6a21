"""A policy in plain words: complete, with where each rule comes from, and in which nothing is markup."""

from __future__ import annotations

import re

import pytest

from policies.conditions import CONDITIONS
from policies.conditions.combinators import leaves
from policies.explain import Audience, explain
from policies.policy_set import PolicySet
from tests.policies.files import AS_OF, loaded, policy, requirement, rule
from tests.policies.strategies import LEAVES, PERMISSIONS

STATE = policy(
    "{id: listed, say: It must be listed., require: {any: [{registry: {in: [b, a]}}, {domain_linked: true}]},"
    " fix: Ask to be listed., on_unknown: reject}",
    rule("{issuer_is: a}", name="known", more="severity: warn"),
    name="us/state",
    head="title: The state\njurisdiction: US-XX\neffective: {from: 2026-01-01, until: 2027-12-31}",
)
SHOP = policy(
    rule("{max_age: PT1H}", name="fresh"),
    rule("{attested_by: {registry: c}}", name="attested", more="locked: false"),
    name="employer/shop",
    head="title: The shop\ndescription: Who works here.\nextends: us/state@1\n"
    "owner: {name: Ann, contact: ann@shop.example}\neffective: {from: 2025-01-01, until: 2027-01-31}",
)
SHOP_POLICY = loaded(STATE, SHOP).get("employer/shop", AS_OF)

APPLICANT = """\
The shop
========

Who works here.

Jurisdiction: US-XX. In effect from 2026-01-01 until 2027-01-31 (UTC).

What your record must show
--------------------------

- The record must be within its validity period.
  - If it does not: Ask the issuer for a renewed record.
- The issuer must not have revoked or suspended the record.
  - If it does not: Try again later if the status could not be had; otherwise ask the issuer why it was withdrawn.
- It must be listed.
  - If it does not: Ask to be listed.
  - If this cannot be found out, the record is not accepted.
- It must be so.
- It must be so.

Before any of this the record itself must be genuine: complete, signed, unchanged, and signed by the issuer that it \
names. Where something else cannot be found out at the time, a person looks at it.

What helps
----------

- It must be so.

An unmet recommendation never turns a record down.
"""


def test_for_applicants() -> None:
    """What to have and what to do, without an id; in effect is what all of its parents are, too."""
    assert explain(SHOP_POLICY, audience=Audience.APPLICANT) == APPLICANT


def test_for_recruiters() -> None:
    """What is checked, what happens where it cannot be found out, and whose rule it is."""
    text = explain(SHOP_POLICY)
    assert (
        """\
- It must be listed.
  - Checked: one of these: the issuer is listed by a or b; the issuer's web domain confirms the issuer's identifier \
as its own.
  - Where that cannot be found out, the record is rejected.
  - From: The state.
- It must be so.
  - Checked: the record's status, if it has one, was checked no longer than 1 hour ago.
  - Where that cannot be found out, a person looks at it.
- It must be so.
"""
        in text
    )
    assert (
        """\
- It must be so.
  - Checked: the issuer is a.
  - From: The state.

An unmet recommendation never turns a record down.
"""
        in text
    )
    assert text.endswith("""\
Who is asked
------------

- a, about the issuer
- b, about the issuer
- c, about whoever has confirmed the record
- domain-linkage, about the issuer: domain_linked true
""")


def test_for_auditors() -> None:
    """Every id, every condition and everything that acts outside the rules."""
    text = explain(SHOP_POLICY, audience=Audience.AUDITOR)
    for line in (
        "- policy: employer/shop",
        f"- digest (SHA-256): {SHOP_POLICY.digest}",
        "- owner: Ann, ann@shop.example",
        "  - core/current@1.0.0: Current records only",
        "  - us/state@1.0.0: The state",
        "- an unsigned presentation: not permitted.",
        "- a status past its freshness that says nothing against the record is never believed.",
        "  - from us/state@1.0.0; locked for whoever extends it",
        "  - from employer/shop@1.0.0; not locked for whoever extends it",
        "  - require: failed: reject; unknown: reject",
        "  - warn: never blocks",
        "  - one of these:",
        "    - registry: the issuer is listed by a or b",
        "  - remedy: Ask to be listed.",
    ):
        assert line in text.splitlines()


def test_permissions_are_told() -> None:
    """What a policy permits, and whose status lists it believes, stands before its rules."""
    rules = (
        rule("{allow_unsigned_presentation: true}", name="a"),
        rule("{allow_unknown_contexts: true}", name="b"),
        rule("{status_issuer_in: x}", name="c"),
        rule("{max_age: P1D}", name="d"),
    )
    text = explain(loaded(policy(*rules)).get("test/policy", AS_OF), audience=Audience.AUDITOR)
    for line in (
        "- an unsigned presentation: permitted.",
        "- a vocabulary that is not known here, under a token or JCS proof: permitted.",
        "- a status list that x issued is believed, beside the issuer's own.",
        "- a status past its freshness that says nothing against the record is believed up to an age of 1 day.",
    ):
        assert line in text.splitlines()
    assert "Nobody: the policy names no trust source." in text


@pytest.mark.parametrize("audience", Audience)
@pytest.mark.parametrize("name", PolicySet.load().ids())
def test_every_rule_of_the_library_is_told(name: str, audience: Audience) -> None:
    """For every audience the whole policy, inherited rules included, as text and as Markdown."""
    found = next(each for each in PolicySet.load().policies() if each.id == name)
    text, markdown = explain(found, audience=audience), explain(found, audience=audience, markdown=True)
    assert [each.say for each in found.rules if each.say not in text] == []
    assert text.splitlines()[0] == found.title
    assert markdown.splitlines()[0].startswith("# ")
    assert markdown.replace("\\", "").count("\n- ") == text.count("\n- ")


def test_what_a_policy_says_is_no_markup() -> None:
    """Links, pictures, HTML and headings in a policy's own words stay words."""
    wild = "# <script>alert(1)</script> ![x](https://x.example) [y](javascript:z) `a` *b* _c_ | ~~d~~ &amp;"
    texts = [f"{{id: one, say: '{wild}', require: {{issuer_is: ['{wild}']}}, fix: '1. {wild}'}}"]
    found = loaded(policy(*texts, head=f"title: '{wild}'")).get("test/policy", AS_OF)
    for audience in Audience:
        for line in explain(found, audience=audience, markdown=True).splitlines():
            assert re.findall(r"(?<!\\)[<>`*_|&\[\]]|(?<!\\)~|- #|- [0-9]+[.]", line) == []
    assert wild in explain(found)


@pytest.mark.parametrize("key", CONDITIONS)
def test_every_condition_describes_itself(key: str) -> None:
    """In a clause: not a sentence, and not Python."""
    example = {
        "registry": "{in: [a, b], min_authenticity: authenticated, min_tier: member}",
        "trust_mark": "{type: M, anchor: a}",
        "trqp": "{authority: a, action: issue, resource: License}",
        "accredited_by": "{ctid: ce-00000000-0000-0000-0000-000000000001}",
        "x5c_chain": "{anchors: a}",
        "assurance_at_least": "AL2",
        "attested_by": "{issuer_is: a}",
        "learner_verification": "platform_verified",
        "credential_in": "{list: x}",
        "aligned_to": "{framework: F, at_least: 2}",
        "issued_after": "2020-01-01",
        "issued_within": "P1Y",
        "earned_within": "P1Y",
        "max_age": "PT1H",
        "children": "all_current",
        "status_not": "revoked",
        "candidate_matches": "{fields: [email, name]}",
    }
    plain = "true" if key in {**PERMISSIONS} or "true" in repr(LEAVES[key]) else "[a, b]"
    (leaf,) = leaves(requirement(f"{key}: {example.get(key, plain)}"))
    words = leaf.describe()
    assert words
    assert not words.endswith((".", " "))
    assert not re.search(r"frozenset|None|[{}]|\bTrue\b|\bFalse\b", words)
