"""The JSON Schemas for editors say what the loader says, as far as a schema can."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from policies import facts as facts_json
from policies.conditions import CONDITIONS, MAX_CONDITIONS, MAX_DEPTH
from policies.document import MAX_RULES
from policies.model import Facts, StatusFact, TrustFact
from policies.policy_set import LIBRARY
from policies.schema import facts_schema, policy_schema
from tests.policies.files import policy, problems, rule
from tests.policies.strategies import LEAVES, PERMISSIONS, leaf_texts, stated, trees, unhurried
from tests.policies.strategies import facts as any_facts

if TYPE_CHECKING:
    from pathlib import Path

VALIDATOR = jsonschema_rs.Draft202012Validator(policy_schema(), validate_formats=True)
FACTS = jsonschema_rs.Draft202012Validator(facts_schema(), validate_formats=True)


class _Yaml12(yaml.SafeLoader):
    """Reads YAML as editors do, by version 1.2: a date is a string, and so is `yes`."""


_Yaml12.yaml_implicit_resolvers = {
    first: [
        (tag, re.compile("true|false") if tag == "tag:yaml.org,2002:bool" else pattern)
        for tag, pattern in resolvers
        if tag != "tag:yaml.org,2002:timestamp"
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def conforms(text: str | bytes) -> bool:
    """Whether a policy file conforms to the schema."""
    return VALIDATOR.is_valid(yaml.load(text, _Yaml12))  # noqa: S506 — it is a safe loader


@pytest.mark.parametrize("path", sorted(LIBRARY.rglob("*.yaml")), ids=lambda path: path.stem)
def test_every_file_of_the_library_conforms(path: Path) -> None:
    """An editor finds nothing wrong in what the program itself loads."""
    assert conforms(path.read_bytes())


@pytest.mark.parametrize("schema", [policy_schema(), facts_schema()])
def test_it_is_a_schema_with_descriptions(schema: dict[str, Any]) -> None:
    """Draft 2020-12, and an editor has something to show for every member and condition."""
    jsonschema_rs.meta.validate(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert all(member["description"] for member in schema["properties"].values())
    assert all(schema["$defs"][key]["description"] for key in CONDITIONS if "$defs" in schema)


@unhurried
@given(st.lists(st.one_of(trees(leaf_texts), stated(PERMISSIONS)), min_size=1, max_size=3))
def test_whatever_loads_conforms(texts: list[str]) -> None:
    """The schema refuses nothing that the loader takes."""
    text = policy(*(rule(f"{{{each}}}", name=f"r{place}") for place, each in enumerate(texts)))
    assert problems(text) == []
    assert conforms(text)


def nested(depth: int) -> str:
    """Return a requirement of so many levels of conditions."""
    return "{any: [" * (depth - 1) + "{not_expired: true}" + "]}" * (depth - 1)


ONE = "{not_expired: true}"
WRONG = [
    "{}",
    "[]",
    "policy: a/b\nversion: 1.0.0\n",
    "policy: a/b\nversion: 1.0.0\nrules: []\n",
    "policy: a/b\nversion: 1.0.0\nrules: {id: x}\n",
    policy(name="talent-triad"),
    policy(name="US/X"),
    policy(version="1.02.0"),
    policy(version="1.0"),
    policy(head="titel: x"),
    policy(head="title: ~"),
    policy(head='title: ""'),
    policy(head='title: "  "'),
    policy(head='title: "a\\u0007b"'),
    policy(head=f"title: {'x' * 501}"),
    policy(head="extends: us/x@1.2"),
    policy(head="extends: us/x"),
    policy(head="owner: Somebody"),
    policy(head="owner: {contact: x}"),
    policy(head="effective: {from: 2026-07-01, to: 2027-01-01}"),
    policy(head="effective: {from: 2026-02-30}"),
    policy(head="effective: {until: 20260701}"),
    policy("text"),
    policy(rule(name="One")),
    policy(rule(more="severity: fatal")),
    policy(rule(more="on_unknown: accept")),
    policy(rule(more="locked: maybe")),
    policy(rule(more="fix: ~")),
    policy("{id: one, say: It must be so.}"),
    policy(*[rule(name=f"r{place}") for place in range(MAX_RULES + 1)]),
    policy() + "tests: []\n",
    policy() + "tests: [{facts: a.json}]\n",
    policy() + "tests: [{facts: /etc/passwd, expect: accept}]\n",
    policy() + "tests: [{facts: a, expect: acept}]\n",
    policy() + "tests: [{facts: a, expect: accept, because: []}]\n",
    *(
        policy(rule(require))
        for require in (
            "[]",
            "{}",
            "not_expired",
            "{not_expired: true, schema_valid: true}",
            "{none: [{not_expired: true}]}",
            "{registery: {in: [a]}}",
            "{all: []}",
            "{any: {not_expired: true}}",
            "{at_least: {n: 0, of: [{not_expired: true}]}}",
            "{at_least: {n: two, of: [{not_expired: true}]}}",
            "{at_least: {of: [{not_expired: true}]}}",
            "{at_least: {n: 1, off: []}}",
            "{not_expired: yes}",
            "{not_expired: false}",
            "{not_expired: }",
            "{schema_valid: [true]}",
            "{registry: a}",
            "{registry: {}}",
            "{registry: {in: []}}",
            "{registry: {in: [a, a]}}",
            "{registry: {in: 'a?about=attester'}}",
            "{registry: {in: a, min_authenticity: signed}}",
            "{registry: {in: a, min_tier: members}}",
            "{trust_mark: {type: M}}",
            "{trust_mark: {type: M, anchor: [a, b]}}",
            "{trqp: {authority: a, action: b}}",
            "{accredited_by: {ctid: ce-1}}",
            "{accredited_by: {in: a}}",
            "{x5c_chain: a}",
            "{attested_by: {}}",
            "{attested_by: {registry: a, issuer_is: b}}",
            "{learner_verification: verified}",
            "{credential_in: {list: [], by: ctid}}",
            "{credential_in: {list: a, by: name}}",
            "{assurance_at_least: AL4}",
            "{issuer_is: {a: b}}",
            "{issuer_is: [[a]]}",
            "{issued_within: }",
            "{issued_within: 5 years}",
            "{issued_within: P0D}",
            "{issued_within: P1YT}",
            "{issued_after: 2026-02-30}",
            "{max_age: P1M}",
            "{max_age: P1YT1H}",
            "{aligned_to: {at_least: 2}}",
            "{aligned_to: {framework: f, at_least: 101}}",
            "{children: current}",
            "{status_not: [revoked, expired]}",
            "{candidate_matches: {fields: shoeSize}}",
            "{allow_unknown_contexts: perhaps}",
            "{any: [{allow_unknown_contexts: true}, {not_expired: true}]}",
            "{any: [{allow_unsigned_presentation: true}, {not_expired: true}]}",
            nested(MAX_DEPTH + 1),
            f"{{all: [{', '.join([ONE] * (MAX_CONDITIONS + 1))}]}}",
        )
    ),
]


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_shape_is_refused_by_both(text: str) -> None:
    """What the loader refuses for its shape is refused by the schema."""
    assert problems(text) != []
    assert not conforms(text)


def test_the_deepest_requirement_conforms() -> None:
    """Six levels of conditions are allowed."""
    assert conforms(policy(rule(nested(MAX_DEPTH))))
    assert set(LEAVES) | set(PERMISSIONS) == set(CONDITIONS)


@pytest.mark.parametrize("kind", [Facts, StatusFact, TrustFact])
def test_no_fact_is_left_out(kind: type[Any]) -> None:
    """Every member of the facts is read, and described."""
    schema = facts_schema()["properties"]
    described = {
        Facts: schema,
        StatusFact: schema["statuses"]["anyOf"][1]["items"]["properties"],
        TrustFact: schema["trust"]["anyOf"][1]["additionalProperties"]["properties"],
    }[kind]
    assert set(described) == set(kind.__dataclass_fields__)
    assert all(member["description"] for member in described.values())


@unhurried
@given(any_facts)
def test_facts_conform(about: Facts) -> None:
    """Whatever facts are written as JSON conform to their schema, and are read back as they were."""
    text = json.dumps(facts_json.to_json(about))
    assert FACTS.is_valid(json.loads(text))
    assert facts_json.loads(text) == about


@pytest.mark.parametrize(
    "change",
    [
        {"as_of": None},
        {"as_of": "2026-07-01"},
        {"as_of": "2026-07-01T00:00:00"},
        {"as_off": "x"},
        {"clock_skew": "60"},
        {"clock_skew": 1e13},
        {"proof": "passed"},
        {"issuer": 1},
        {"types": "A"},
        {"valid_until": "never"},
        {"statuses": [{"purpose": "revocation"}]},
        {"statuses": [{"purpose": "revocation", "state": "fine"}]},
        {"trust": {"a": {"state": "maybe"}}},
        {"trust": []},
        {"alignments": [["F"]]},
        {"alignments": [["F", "1", "2"]]},
        {"achievement_ids": [["name", "x"]]},
        {"attesters": "a"},
        {"attesters": [1]},
        {"learner_verification": "verified"},
        {"candidate": {"email": True}},
        {"holder_bound": "yes"},
    ],
)
def test_what_is_no_fact_is_refused_by_both(change: dict[str, Any]) -> None:
    """What the reader of facts refuses, the schema refuses."""
    value = {"as_of": "2026-07-01T00:00:00Z", **change}
    with pytest.raises(facts_json.FactsError):
        facts_json.from_json(value)
    assert not FACTS.is_valid(value)
