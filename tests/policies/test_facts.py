"""Facts as JSON, and their digest."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
import rfc8785
from hypothesis import given

from policies.facts import FactsError, digest, from_json, loads, to_json
from policies.model import ABSENT, Facts, State, StatusFact, TrustFact
from tests.policies.files import AS_OF
from tests.policies.files import facts as good
from tests.policies.strategies import facts as any_facts
from tests.policies.strategies import unhurried

INSTANT = "facts.as_of: must be an instant with its time zone, such as 2026-07-01T00:00:00Z"
STATUS = "facts.statuses[0].state: must be one of active, revoked, suspended, refresh, message, unknown"
WHOLE = {
    "as_of": "2026-11-23T12:00:00Z",
    "clock_skew": 60,
    "structure": "pass",
    "data_loss": "fail",
    "proof": "unknown",
    "issuer_binding": None,
    "issuer": "did:web:a.example",
    "did_method": "web",
    "format": "data-integrity",
    "proof_suites": ["eddsa-rdfc-2022"],
    "types": ["VerifiableCredential"],
    "achievement_types": [],
    "inline_context": False,
    "unknown_contexts": True,
    "valid_from": "2025-05-20T00:00:00+02:00",
    "valid_until": "absent",
    "earned": "2025-05-20T00:00:00.5Z",
    "schema": "absent",
    "statuses": [{"purpose": "revocation", "state": "active", "age": 1.5, "issuer": "did:web:a.example"}],
    "trust": {"a": {"state": "listed", "authenticity": "authenticated", "freshness": "fresh", "assurance": "AL2"}},
    "alignments": [["F", None], [None, "x"]],
    "children_current": "absent",
    "holder_bound": True,
}


def test_every_fact_is_read() -> None:
    """Each member has its type; null and what is left out are unknown, `absent` is absent."""
    about = loads(json.dumps(WHOLE))
    assert about.as_of == AS_OF
    assert (about.structure, about.data_loss) == (State.PASS, State.FAIL)
    assert (about.proof, about.issuer_binding) == (State.UNKNOWN, None)
    assert (about.valid_until, about.schema, about.children_current) == (ABSENT, ABSENT, ABSENT)
    assert about.statuses == (StatusFact(purpose="revocation", state="active", age=1.5, issuer="did:web:a.example"),)
    assert about.trust == {
        "a": TrustFact(state="listed", authenticity="authenticated", freshness="fresh", assurance="AL2")
    }
    assert about.alignments == (("F", None), (None, "x"))
    assert (about.clock_skew, about.holder_bound, about.inline_context) == (60.0, True, False)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"isuer": "x"}, 'facts: there is no fact "isuer"'),
        ({"as_of": None}, 'facts: needs "as_of"'),
        ({"as_of": "2026-11-23T12:00:00"}, INSTANT),
        ({"as_of": "2026-02-30T12:00:00Z"}, INSTANT),
        ({"as_of": "2026-11-23"}, INSTANT),
        ({"as_of": 1}, "facts.as_of: must be a string"),
        ({"as_of": "absent"}, INSTANT),
        ({"clock_skew": "60"}, "facts.clock_skew: must be a number of seconds"),
        ({"clock_skew": True}, "facts.clock_skew: must be a number of seconds"),
        ({"clock_skew": 10**400}, "facts.clock_skew: must be a number of seconds"),
        ({"clock_skew": float("nan")}, "facts.clock_skew: must be a number of seconds"),
        ({"proof": "passed"}, "facts.proof: must be one of pass, fail, unknown"),
        ({"proof": ["pass"]}, "facts.proof: must be one of pass, fail, unknown"),
        ({"proof": "absent"}, "facts.proof: must be one of pass, fail, unknown"),
        ({"inline_context": 0}, "facts.inline_context: must be true or false"),
        ({"types": "VerifiableCredential"}, "facts.types: must be a list"),
        ({"types": ["a", 1]}, "facts.types[1]: must be a string"),
        ({"statuses": [{"state": "active"}]}, 'facts.statuses[0]: needs "purpose"'),
        ({"statuses": [[]]}, "facts.statuses[0]: must be an object"),
        ({"statuses": [{"purpose": "revocation", "state": "ok"}]}, STATUS),
        (
            {"statuses": [{"purpose": "revocation", "state": "active", "stat": 1}]},
            'facts.statuses[0]: there is no fact "stat"',
        ),
        ({"trust": []}, "facts.trust: must be an object"),
        ({"trust": {"a": {}}}, 'facts.trust.a: needs "state"'),
        ({"trust": {"a": {"state": "Listed"}}}, "facts.trust.a.state: must be one of listed, not_listed, unknown"),
        ({"alignments": [["F"]]}, "facts.alignments[0]: must be a framework and a target"),
        ({"alignments": ["FG"]}, "facts.alignments[0]: must be a framework and a target"),
        ({"alignments": [[1, 2]]}, "facts.alignments[0]: must be a string"),
    ],
)
def test_wrong(change: dict[str, Any], message: str) -> None:
    """A misspelt or mistyped fact is an error that says where, never an unknown fact."""
    with pytest.raises(FactsError) as caught:
        from_json({**WHOLE, **change})
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "facts: must be an object"),
        (
            '{"as_of": "2026-11-23T12:00:00Z", "as_of": "2026-11-23T12:00:00Z"}',
            'facts: "as_of" stands twice in one object',
        ),
        ('{"clock_skew": NaN}', "facts: NaN is not JSON"),
        ('{"issuer": "\\ud800"}', "facts.issuer: holds half a character (a lone surrogate)"),
        ('{"candidate": {"\\udfff": "match"}}', "facts.candidate: holds half a character (a lone surrogate)"),
        ('{"clock_skew": 1e400, "as_of": "2026-11-23T12:00:00Z"}', "facts.clock_skew: must be a number of seconds"),
        ("{", "facts: this is not JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
    ],
)
def test_not_facts(text: str, message: str) -> None:
    """JSON is read strictly."""
    with pytest.raises(FactsError) as caught:
        loads(text)
    assert str(caught.value) == message


@pytest.mark.parametrize("content", [b"\xff\xff\xff", b"[" * 200_000, b'{"clock_skew": ' + b"1" * 5000 + b"}"])
def test_hostile_json(content: bytes) -> None:
    """Bytes that are no text, endless nesting and endless numbers are errors like any other."""
    with pytest.raises(FactsError):
        loads(content)


@unhurried
@given(any_facts)
def test_there_and_back(about: Facts) -> None:
    """Facts written and read again are the same facts, and have the same digest."""
    again = loads(json.dumps(to_json(about)))
    assert again == about
    assert digest(again) == digest(about)


@unhurried
@given(any_facts)
def test_the_digest_is_over_canonical_json(about: Facts) -> None:
    """For facts as they occur it is the SHA-256 of the JSON Canonicalization Scheme (RFC 8785)."""
    assert digest(about) == hashlib.sha256(rfc8785.dumps(to_json(about))).hexdigest()


def test_what_is_unknown_is_not_in_the_digest() -> None:
    """So a new kind of fact, unknown to those before it, leaves old digests as they are."""
    assert "holder_bound" not in to_json(good())
    assert digest(good()) != digest(replace(good(), holder_bound=True))
    assert digest(good()) != digest(replace(good(), statuses=()))
