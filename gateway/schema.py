"""Step 6: whether a credential conforms to the schemas that it names.

It is a matter for a policy (`schema_valid`) and never counts towards the outcome: of the field's badges
most break the published schema. So schemas are looked at where the policy asks for them, or where no
policy says what matters; of embedded records, which no policy decides about, never.

Verifiable Credentials JSON Schema Specification: `JsonSchema` (2.1), `JsonSchemaCredential` (2.2), which is
verified before the schema in it is used; 1EdTech Credential Schema Service: `1EdTechJsonSchemaValidator2019`.
Fail is a credential that does not conform, or another schema than the issuer has pinned; whatever keeps
it from being found out is indeterminate.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urldefrag

from gateway.checks import found, unasked
from gateway.model import CheckName, CheckResult, Outcome, worst
from gateway.related_resources import check_digests, pinned
from gateway.schema_worker import SchemaText
from gateway.structure import several, type_names
from policies.conditions.combinators import leaves
from policies.conditions.credential import SchemaValid
from resolvers import strict_json
from resolvers.model import Kind, Loaded
from resolvers.problems import Invalid, Problem, Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.model import Verified
    from gateway.schema_worker import SchemaWorker
    from gateway.verifier import Verifier
    from policies import Policy
    from resolvers.model import Fetched, Lookup, Retrieved

MAX_SCHEMAS: Final = 8
"""Schemas that one credential may name; real ones name one or two."""
MAX_DOCUMENTS: Final = 16
"""Documents that one schema may refer to, at all depths together; 1EdTech's refer to none."""
MAX_OCTETS: Final = 2 * 1024 * 1024
"""Octets of a schema and all that it refers to; CLR 2.0's, the largest in use, has 300 KiB."""

_DIRECT: Final = frozenset({"JsonSchema", "1EdTechJsonSchemaValidator2019"})
_IN_A_CREDENTIAL: Final = "JsonSchemaCredential"
_DRAFTS: Final = frozenset(
    {
        "https://json-schema.org/draft/2020-12/schema",
        "https://json-schema.org/draft/2019-09/schema",
        "http://json-schema.org/draft-07/schema",
    }
)
"""Section 3, "JSON Schema Specifications": 2020-12 is required, the others are optional."""
_LARGE: Final = 128 * 1024
"""Octets from which a schema is parsed in a thread: some milliseconds, in which others want answers."""
_NEEDED: Final = "the schema is not in an authentic, current credential"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Published:
    """A schema as it goes into the cache, with the octets that digests are of."""

    schema: SchemaText
    content: bytes
    issuer: str | None = None
    """Who issued the credential that it is in."""


def wanted(policy: Policy | None, *, embedded: bool) -> bool:
    """Whether anybody wants to know."""
    if policy is None:
        return not embedded
    return any(isinstance(leaf, SchemaValid) for rule in policy.rules for leaf in leaves(rule.require))


def not_asked(verified: Verified) -> dict[CheckName, CheckResult]:
    """Say of a credential that names a schema that it was not compared with it."""
    return {CheckName.SCHEMA: unasked(CheckName.SCHEMA)} if verified.document.get("credentialSchema") else {}


async def check_schema(
    verified: Verified, verifier: Verifier, lookup: Lookup, *, seconds: float
) -> dict[CheckName, CheckResult]:
    """Check the credential against every schema that it names, concurrently; nothing where it names none.

    What has not ended after `seconds` is indeterminate.

    Facts: `schemas`, for each {id, type, outcome, sha256, issuer of its credential}.
    """
    entries = several(verified.document.get("credentialSchema"))
    if not entries:
        return {}
    if len(entries) > MAX_SCHEMAS:
        return _unknown("schema-limit", f"it names {len(entries)} schemas, of at most {MAX_SCHEMAS}")
    single = len(entries) == 1 and not isinstance(verified.document["credentialSchema"], list)
    pointers = ["/credentialSchema"] if single else [f"/credentialSchema/{index}" for index in range(len(entries))]
    work = [_check(entry, at, verified, verifier, lookup) for at, entry in zip(pointers, entries, strict=True)]
    try:
        async with asyncio.timeout(max(0.0, seconds)):
            checked = await asyncio.gather(*work)
    except TimeoutError:
        return _unknown("deadline-exceeded", "the schemas could not be checked in time")
    return {
        CheckName.SCHEMA: CheckResult(
            name=CheckName.SCHEMA,
            outcome=worst(each.outcome for each in checked),
            problems=tuple([problem for each in checked for problem in each.problems]),
            facts={"schemas": [dict(each.facts) for each in checked]},
        )
    }


def _unknown(code: str, detail: str) -> dict[CheckName, CheckResult]:
    problem = Problem(code=code, detail=detail, pointer="/credentialSchema")
    return {CheckName.SCHEMA: found(CheckName.SCHEMA, Outcome.INDETERMINATE, problem)}


async def _check(entry: Any, pointer: str, verified: Verified, verifier: Verifier, lookup: Lookup) -> CheckResult:
    """Check the credential against one schema. Whatever cannot be found out is indeterminate; none is skipped."""
    facts: dict[str, Any] = {"id": None, "type": None}
    problems: tuple[Problem, ...] = ()
    try:
        url, kind = _named(entry, pointer)
        facts |= {"id": url, "type": kind}
        digests = pinned(verified.document, url, entry)
        published = await _published(url, kind, verifier, lookup)
        facts |= {"sha256": hashlib.sha256(published.value.content).hexdigest(), "age": published.source.age}
        if published.value.issuer is not None:
            facts["issuer"] = published.value.issuer
        check_digests(digests, published.value.content, url)
        errors = await _errors(verified.document, published.value.schema, verifier.schemas, lookup)
        problems = tuple(
            [Problem(code="schema-not-met", detail=f"{keyword} is not met", pointer=at) for at, keyword in errors]
        )
        outcome = Outcome.FAIL if errors else Outcome.PASS
    except (Invalid, Unavailable) as stopped:
        known = stopped.problem
        outcome = Outcome.FAIL if isinstance(stopped, Invalid) else Outcome.INDETERMINATE
        problems = (Problem(code=known.code, detail=known.detail, pointer=known.pointer or pointer),)
    facts["outcome"] = outcome
    return CheckResult(name=CheckName.SCHEMA, outcome=outcome, problems=problems, facts=facts)


def _named(entry: Any, pointer: str) -> tuple[str, str]:
    """Return where the schema is and of what type, which has to be one that is known here."""
    url = entry.get("id") if isinstance(entry, dict) else None
    if not isinstance(url, str):
        raise Invalid("MALFORMED_VALUE_ERROR", "a schema has an id", pointer=pointer)
    for name in several(entry.get("type")):
        if name in _DIRECT or name == _IN_A_CREDENTIAL:
            return urldefrag(url).url, str(name)
    raise Unavailable("unknown-schema", f"schema type {str(entry.get('type'))[:100]!r}", pointer=pointer)


async def _published(url: str, kind: str, verifier: Verifier, lookup: Lookup) -> Retrieved[_Published]:
    """Return the schema at `url`; of one in a credential, as that credential's proof secures it."""

    async def load(fetched: Fetched) -> Loaded[_Published]:
        try:
            value = await _load(fetched, url, kind, verifier)
        except Invalid as wrong:  # with the schema: of the credential it says nothing
            raise Unavailable(wrong.problem.code, wrong.problem.detail) from None
        return Loaded(value=value, size=len(fetched.body) + len(value.schema.text))

    return await lookup.get(url, Kind.SCHEMA, load, variant=kind)


async def _load(fetched: Fetched, url: str, kind: str, verifier: Verifier) -> _Published:
    schema: Any
    issuer: str | None
    if kind == _IN_A_CREDENTIAL:
        verified = await verifier.verify_published(fetched, "schema-malformed", _NEEDED)
        subject = verified.document.get("credentialSubject")
        named = _IN_A_CREDENTIAL in type_names(verified.document)
        if not (named and isinstance(subject, dict) and "JsonSchema" in several(subject.get("type"))):
            raise Unavailable("schema-malformed", f"{url[:200]} is no {_IN_A_CREDENTIAL}")
        schema, issuer = subject.get("jsonSchema"), verified.issuer
    else:
        schema, issuer = await _parsed(fetched.body), None
    _check_draft(schema, url)
    text = json.dumps(schema)
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    return _Published(schema=SchemaText(url=url, text=text, sha256=sha256), content=fetched.body, issuer=issuer)


async def _parsed(body: bytes) -> Any:
    try:
        return await asyncio.to_thread(strict_json.loads, body) if len(body) > _LARGE else strict_json.loads(body)
    except Invalid as wrong:
        raise Unavailable("schema-malformed", f"the schema is not JSON ({wrong.problem.code})") from None


def _check_draft(schema: Any, url: str) -> None:
    """Section 4: "Schemas without a $schema property are not considered valid and MUST NOT be processed"."""
    draft = schema.get("$schema") if isinstance(schema, dict) else None
    if not isinstance(draft, str):
        raise Unavailable("schema-malformed", f"{url[:200]} has no $schema, and so may not be used")
    if draft.rstrip("#") not in _DRAFTS:
        raise Unavailable("unknown-schema", f"{url[:200]} is of the draft {draft[:100]!r}")


async def _errors(
    document: Mapping[str, Any], schema: SchemaText, worker: SchemaWorker, lookup: Lookup
) -> tuple[tuple[str, str], ...]:
    """Validate, and fetch what the schema refers to as soon as that is seen: through the guard like itself."""
    others: dict[str, SchemaText] = {}
    while True:
        conformance = await worker.validate(document, schema, [*others.values()])
        missing = conformance.missing
        if missing is None:
            return conformance.errors
        url = urldefrag(missing).url
        if url in others or len(others) >= MAX_DOCUMENTS:
            raise Unavailable("schema-limit", f"{schema.url[:200]} refers to too many documents")
        others[url] = await _referred(url, lookup)
        if len(schema.text) + sum(len(other.text) for other in others.values()) > MAX_OCTETS:
            raise Unavailable("schema-limit", f"{schema.url[:200]} refers to more than {MAX_OCTETS} octets")


async def _referred(url: str, lookup: Lookup) -> SchemaText:
    """Return a document that a schema refers to; it may leave `$schema` to the one that does."""

    async def load(fetched: Fetched) -> Loaded[SchemaText]:
        text = json.dumps(await _parsed(fetched.body))
        value = SchemaText(url=url, text=text, sha256=hashlib.sha256(text.encode()).hexdigest())
        return Loaded(value=value, size=len(text))

    return (await lookup.get(url, Kind.SCHEMA, load, variant="referred")).value
