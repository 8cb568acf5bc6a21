"""Step 6: schemas, honest and hostile, through the whole pipeline."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from gateway.demo.issuer import CREDENTIALS_V2, badge
from gateway.model import CheckName, Outcome
from gateway.schema import MAX_DOCUMENTS, MAX_SCHEMAS
from gateway.schema_worker import SchemaText, SchemaWorker
from policies.model import Verdict
from resolvers.problems import Unavailable
from tests.issuer import University, university

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.model import VerificationResult

URL = "https://university.example/schema.json"
DRAFT = "https://json-schema.org/draft/2020-12/schema"
CONFORMS: dict[str, Any] = {"$schema": DRAFT, "type": "object", "required": ["name"]}
DEMANDS_MORE: dict[str, Any] = {"$schema": DRAFT, "properties": {"name": {"const": "Another"}}}

POLICIES = """
policy: test/conforms
version: 1.0.0
title: The record conforms to its schema
rules:
  - id: schema
    say: The record conforms to its schema.
    require: {schema_valid: true}
---
policy: test/anything
version: 1.0.0
title: Whatever it is
rules:
  - id: status
    say: It is not revoked.
    require: {status_not: [revoked]}
"""


@pytest_asyncio.fixture
async def uni(tmp_path: Path) -> AsyncIterator[University]:
    """A university whose schema every badge conforms to."""
    async with university(tmp_path, POLICIES) as made:
        made.internet.serve(URL, CONFORMS)
        yield made


async def verified(
    uni: University, schema: Any = None, policy: str | None = None, **members: Any
) -> VerificationResult:
    """Verify a badge that names a schema."""
    named = {"id": URL, "type": "JsonSchema"} if schema is None else schema
    credential = badge(uni.issuer.did, "Welding", credentialSchema=named, **members)
    return await uni.verify(uni.issuer.jwt(credential), policy)


def outcome(result: VerificationResult) -> tuple[str, list[str]]:
    """Return what the check came to."""
    check = result.check(CheckName.SCHEMA)
    return check.outcome.value, [problem.code for problem in check.problems]


@pytest.mark.parametrize("kind", ["JsonSchema", "1EdTechJsonSchemaValidator2019"])
async def test_a_record_that_conforms_passes(uni: University, kind: str) -> None:
    """Both types are a schema at an address; the facts name it and its digest."""
    result = await verified(uni, {"id": URL, "type": kind}, "test/conforms")
    assert outcome(result) == ("pass", [])
    (fact,) = result.check(CheckName.SCHEMA).facts["schemas"]
    assert (fact["id"], fact["type"]) == (URL, kind)
    assert fact["sha256"] == hashlib.sha256(json.dumps(CONFORMS).encode()).hexdigest()
    assert result.decision is not None
    assert result.decision.verdict is Verdict.ACCEPT


async def test_T58_what_does_not_conform_is_named_by_place_only(uni: University) -> None:
    """The place and the keyword, no claim; the outcome of the whole stays what it is, and the policy rejects."""
    uni.internet.serve(URL, DEMANDS_MORE)
    result = await verified(uni, policy="test/conforms")
    assert outcome(result) == ("fail", ["schema-not-met"])
    (problem,) = result.check(CheckName.SCHEMA).problems
    assert (problem.pointer, problem.detail) == ("/name", "const is not met")
    assert result.outcome is Outcome.PASS
    assert result.decision is not None
    assert result.decision.verdict is Verdict.REJECT


async def test_every_schema_counts(uni: University) -> None:
    """Of several the worst is the check's."""
    uni.internet.serve(f"{URL}?2", DEMANDS_MORE)
    several = [{"id": URL, "type": "JsonSchema"}, {"id": f"{URL}?2", "type": "JsonSchema"}]
    assert outcome(await verified(uni, several)) == ("fail", ["schema-not-met"])


async def test_a_schema_is_fetched_where_it_matters(uni: University) -> None:
    """A policy that does not ask for it fetches nothing; a record that conforms once is compared without a fetch."""
    result = await verified(uni, policy="test/anything")
    assert outcome(result) == ("indeterminate", ["not-asked"])
    assert URL not in uni.internet.requests
    for _ in range(3):
        assert outcome(await verified(uni)) == ("pass", [])
    assert uni.internet.requests.count(URL) == 1


async def test_the_schemas_of_embedded_records_are_not_fetched(uni: University) -> None:
    """No policy decides about those, so nobody wants to know."""
    child = await uni.badge(credentialSchema={"id": URL, "type": "JsonSchema"})
    result = await uni.verify(await uni.clr(child))
    assert outcome(result.children[0]) == ("indeterminate", ["not-asked"])
    assert URL not in uni.internet.requests


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"type": "object"}, "schema-malformed"),  # "Schemas without a $schema property … MUST NOT be processed"
        ({"$schema": "http://json-schema.org/draft-03/schema#"}, "unknown-schema"),
        ({"$schema": "https://attacker.example/meta"}, "unknown-schema"),
        ({"$schema": DRAFT, "type": 7}, "schema-malformed"),
        ({"$schema": DRAFT, "$ref": "#/$defs/none"}, "schema-malformed"),
        ([], "schema-malformed"),
        (b"$schema: yaml", "schema-malformed"),
        (b"[" * 100_000, "schema-malformed"),
    ],
)
async def test_a_schema_that_cannot_be_used_is_indeterminate(uni: University, body: Any, code: str) -> None:
    """It says nothing about the credential: neither a pass nor a fail."""
    uni.internet.serve(URL, body)
    assert outcome(await verified(uni)) == ("indeterminate", [code])


@pytest.mark.parametrize("kind", ["ShaclValidator2017", "Zk2019", 7, ["A", "B"]])
async def test_a_schema_of_another_type_is_indeterminate(uni: University, kind: Any) -> None:
    """Nothing is fetched for a type that nobody here knows."""
    credential = badge(uni.issuer.did, "Welding", credentialSchema={"id": URL, "type": kind})
    result = await uni.verify(uni.issuer.jwt(credential))
    if result.check(CheckName.STRUCTURE).outcome is Outcome.PASS:
        assert outcome(result) == ("indeterminate", ["unknown-schema"])
    assert URL not in uni.internet.requests


async def test_a_schema_out_of_reach_is_indeterminate(uni: University) -> None:
    """An outage is never a pass."""
    uni.internet.fail(URL)
    assert outcome(await verified(uni)) == ("indeterminate", ["unreachable"])


@pytest.mark.parametrize(("content", "expected"), [(None, ("pass", [])), (b"other", ("fail", ["digest-mismatch"]))])
async def test_a_digest_pins_the_schema(
    uni: University, content: bytes | None, expected: tuple[str, list[str]]
) -> None:
    """Another schema than the issuer has signed for is an error, whatever it says."""
    digest = hashlib.sha384(content or json.dumps(CONFORMS).encode()).digest()
    pin = f"sha384-{base64.b64encode(digest).decode()}"
    assert outcome(await verified(uni, {"id": URL, "type": "JsonSchema", "digestSRI": pin})) == expected
    assert outcome(await verified(uni, relatedResource={"id": URL, "digestSRI": pin})) == expected


async def test_too_many_schemas_are_not_fetched(uni: University) -> None:
    """A credential that names a hundred makes nobody fetch them."""
    many = [{"id": f"{URL}?{n}", "type": "JsonSchema"} for n in range(MAX_SCHEMAS + 1)]
    assert outcome(await verified(uni, many)) == ("indeterminate", ["schema-limit"])
    assert not [url for url in uni.internet.requests if url.startswith(URL)]


# --- schemas in credentials -----------------------------------------------------------------------


def schema_credential(issuer: str, schema: Any, **members: Any) -> dict[str, Any]:
    """Return an unsecured JsonSchemaCredential."""
    credential = {
        "@context": [CREDENTIALS_V2],
        "id": URL,
        "type": ["VerifiableCredential", "JsonSchemaCredential"],
        "issuer": issuer,
        "credentialSubject": {"type": "JsonSchema", "jsonSchema": schema},
    }
    return {**credential, **members}


@pytest.mark.parametrize(
    ("schema", "expected"), [(CONFORMS, ("pass", [])), (DEMANDS_MORE, ("fail", ["schema-not-met"]))]
)
async def test_a_schema_in_a_credential_is_used_once_that_is_verified(
    uni: University, schema: Any, expected: tuple[str, list[str]]
) -> None:
    """The facts say who issued it."""
    uni.internet.serve(URL, uni.issuer.jwt(schema_credential(uni.issuer.did, schema)))
    result = await verified(uni, {"id": URL, "type": "JsonSchemaCredential"})
    assert outcome(result) == expected
    assert result.check(CheckName.SCHEMA).facts["schemas"][0]["issuer"] == uni.issuer.did


async def test_a_schema_in_a_forged_credential_is_not_used(uni: University) -> None:
    """Unsigned, signed by somebody else, expired, or of another type: none says what the record has to be."""
    good = schema_credential(uni.issuer.did, CONFORMS)
    forged: list[Any] = [
        good,
        uni.issuer.jwt(schema_credential("did:web:somebody.example", CONFORMS)),
        uni.issuer.jwt({**good, "validUntil": "2020-01-01T00:00:00Z"}),
        uni.issuer.jwt({**good, "type": ["VerifiableCredential"]}),
        uni.issuer.jwt({**good, "credentialSubject": [{"type": "JsonSchema"}]}),
    ]
    for body in forged:
        uni.verifier.cache._entries.clear()
        uni.verifier.cache._failures.clear()
        uni.internet.serve(URL, body)
        assert outcome(await verified(uni, {"id": URL, "type": "JsonSchemaCredential"})) == (
            "indeterminate",
            ["schema-malformed"],
        )


# --- what a schema refers to ----------------------------------------------------------------------


async def test_a_schema_may_refer_to_others(uni: University) -> None:
    """They are fetched like itself, relative to it, and remembered."""
    uni.internet.serve(URL, {"$schema": DRAFT, "$ref": "parts.json#/$defs/named"})
    uni.internet.serve("https://university.example/parts.json", {"$defs": {"named": {"required": ["name", "grade"]}}})
    for _ in range(2):
        assert outcome(await verified(uni)) == ("fail", ["schema-not-met"])
    assert uni.internet.requests.count("https://university.example/parts.json") == 1


@pytest.mark.parametrize(
    "reference",
    ["http://169.254.169.254/latest/meta-data", "file:///etc/passwd", "https://127.0.0.1/x", "urn:example:schema"],
)
async def test_T1_a_schema_cannot_make_anybody_look_elsewhere(uni: University, reference: str) -> None:
    """What it refers to goes through the one door, which has nothing for it: no library fetches by itself."""
    uni.internet.serve(URL, {"$schema": DRAFT, "$ref": reference})
    assert outcome(await verified(uni)) == ("indeterminate", ["unreachable"])
    assert uni.internet.requests[-1] == reference


async def test_T25_a_chain_of_schemas_ends(uni: University) -> None:
    """Each refers to the next, without end."""
    for n in range(MAX_DOCUMENTS + 10):
        url = URL if n == 0 else f"https://university.example/{n}.json"
        uni.internet.serve(url, {"$schema": DRAFT, "$ref": f"https://university.example/{n + 1}.json"})
    assert outcome(await verified(uni)) == ("indeterminate", ["schema-limit"])
    assert len(uni.internet.requests) <= MAX_DOCUMENTS + 2


# --- bombs ----------------------------------------------------------------------------------------


def doubling(depth: int) -> dict[str, Any]:
    """Return a schema whose every definition refers to the next one twice."""
    twice = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(depth)}
    return {"$schema": DRAFT, "$defs": {**twice, f"d{depth}": {"type": "object"}}, "$ref": "#/$defs/d0"}


def text(schema: Any, url: str = URL) -> SchemaText:
    """Return a schema as it was published."""
    raw = json.dumps(schema)
    return SchemaText(url=url, text=raw, sha256=hashlib.sha256(raw.encode()).hexdigest())


async def test_T17_a_schema_bomb_ends_with_its_process() -> None:
    """2^60 steps are not taken: the process is killed at the deadline, and the next record gets a new one."""
    worker = SchemaWorker(seconds=0.5)
    try:
        with pytest.raises(Unavailable, match="schema-limit"):
            await worker.validate({}, text(doubling(60)), [])
        worker._seconds = 10.0
        assert (await worker.validate({"name": 1}, text(CONFORMS), [])).errors == ()
        assert worker.starts == 2
    finally:
        await worker.close()


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"$ref": "#"}, None),
        ({"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"}, None),
        ({"properties": {"a": {"pattern": "^(?=a)(a|aa)+$(?!b)c"}}}, "schema-limit"),
        ({"properties": {"a": {"pattern": "(a{1000}){1000}"}}}, "schema-malformed"),
    ],
)
async def test_T17_recursion_and_patterns_are_bounded(schema: dict[str, Any], expected: str | None) -> None:
    """A reference to itself ends; a pattern that backtracks for ever is given up, which is no mismatch."""
    worker = SchemaWorker(seconds=10.0)
    try:
        document = {"a": "a" * 5000}
        if expected is None:
            assert (await worker.validate(document, text({"$schema": DRAFT, **schema}), [])).errors == ()
        else:
            with pytest.raises(Unavailable, match=expected):
                await worker.validate(document, text({"$schema": DRAFT, **schema}), [])
        assert worker.starts == 1
    finally:
        await worker.close()


async def test_a_process_that_cannot_answer_is_indeterminate() -> None:
    """Whatever it does instead: nothing, garbage, or more than an answer may have."""
    for program in ("", "print('x' * 100)", "import sys; sys.stdout.buffer.write(b'\\xff\\xff\\xff\\xff')"):
        worker = SchemaWorker(seconds=10.0, command=("python3", "-I", "-c", program))
        with pytest.raises(Unavailable, match="schema-limit"):
            await worker.validate({}, text(CONFORMS), [])
        await worker.close()


async def test_who_waits_too_long_is_told_so() -> None:
    """The queue is bounded."""
    worker = SchemaWorker(waiting=-1)
    with pytest.raises(Unavailable, match="overloaded"):
        await worker.validate({}, text(CONFORMS), [])


async def test_T25_what_a_schema_refers_to_is_bounded_in_size(uni: University) -> None:
    """Many large documents are as bad as many."""
    for n in range(4):
        url = URL if n == 0 else f"https://university.example/{n}.json"
        large = {"$schema": DRAFT, "description": "x" * 900_000, "$ref": f"https://university.example/{n + 1}.json"}
        uni.internet.serve(url, large)
    assert outcome(await verified(uni)) == ("indeterminate", ["schema-limit"])
    assert "https://university.example/3.json" not in uni.internet.requests
