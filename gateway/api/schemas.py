"""JSON Schemas (2020-12) of what is sent and answered, for the OpenAPI document."""

from __future__ import annotations

from typing import Any, Final

from gateway.api.requests import Envelope
from gateway.model import CheckName, Outcome
from policies.model import State, Verdict
from resolvers.model import StatusState

_Schema = dict[str, Any]

_TEXT: Final[_Schema] = {"type": ["string", "null"]}
_FLAG: Final[_Schema] = {"type": "boolean"}
_INSTANT: Final[_Schema] = {"type": ["string", "null"], "format": "date-time"}
_OBJECT: Final[_Schema] = {"type": ["object", "null"]}
_OBJECTS: Final[_Schema] = {"type": "array", "items": {"type": "object"}}
_CREDENTIAL: Final[_Schema] = {"type": ["object", "string"], "description": "An object, or a compact token."}


def _object(required: dict[str, _Schema], optional: dict[str, _Schema] | None = None, **more: Any) -> _Schema:
    return {"type": "object", "required": list(required), "properties": {**required, **(optional or {})}, **more}


def _array(items: _Schema) -> _Schema:
    return {"type": "array", "items": items}


def _one_of(values: Any, *, or_null: bool = False) -> _Schema:
    return {"enum": [*(value.value for value in values), *([None] if or_null else [])]}


def _ref(name: str) -> _Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _envelope() -> _Schema:
    """Return what `/v1/verify` takes beside a raw credential; its own fields as they are parsed."""
    own = Envelope.model_json_schema(by_alias=True)
    own["properties"]["options"] = own.pop("$defs")["Options"]
    own["properties"]["credential"] = _CREDENTIAL
    return {**own, "title": "Envelope", "required": ["credential"]}


_RULE: Final = _object(
    {"id": {"type": "string"}, "from": _TEXT, "state": _one_of(State), "say": _TEXT, "found": _TEXT, "fix": _TEXT}
)

SCHEMAS: Final[dict[str, _Schema]] = {
    "Envelope": _envelope(),
    "Problem": _object(
        {
            "type": {"type": "string", "format": "uri-reference"},
            "title": {"type": "string"},
            "code": {"type": "string", "description": "Stable; the same as the last part of `type`."},
        },
        {
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "pointer": {"type": ["string", "null"], "description": "JSON Pointer (RFC 6901) into what was sent."},
        },
    ),
    "Check": _object(
        {"name": _one_of(CheckName), "outcome": _one_of(Outcome), "problems": _array(_ref("Problem"))},
        {"facts": {"type": "object", "description": "What the outcome rests on: ages, sources, admissions."}},
    ),
    "Result": _object(
        {
            "resultVersion": {"type": ["string", "integer"]},
            "id": {"type": "string", "pattern": "^urn:uuid:"},
            "reference": _TEXT,
            "outcome": _one_of((Outcome.PASS, Outcome.FAIL, Outcome.INDETERMINATE)),
            "authentic": {"type": "boolean", "description": "Structure, data loss, proof and issuer all pass."},
            "verified": {"type": "boolean", "description": "The outcome is pass: authentic and current."},
            "decision": _one_of(Verdict, or_null=True),
            "verifiedAt": {"type": "string", "format": "date-time"},
            "asOf": {"type": "string", "format": "date-time"},
            "recheckAfter": _INSTANT,
            "summary": {"type": "string", "description": "One plain sentence."},
            "policy": {
                "type": ["object", "null"],
                "properties": {"id": _TEXT, "version": _TEXT, "digest": _TEXT, "rules": _array(_RULE)},
            },
            "format": _OBJECT,
            "checks": _array(_ref("Check")),
            "credential": _OBJECT,
            "issuer": _OBJECT,
            "subject": _OBJECT,
            "achievements": _OBJECTS,
            "dates": _OBJECT,
            "evidence": {"type": "array"},
            "endorsements": {"type": "array"},
            "associations": {"type": "array"},
            "partial": {"type": ["boolean", "null"]},
            "children": _array(_ref("Result")),
            "status": _one_of(
                (StatusState.ACTIVE, StatusState.REVOKED, StatusState.SUSPENDED, StatusState.UNKNOWN), or_null=True
            ),
            "statuses": _OBJECTS,
            "proof": _OBJECTS,
            "unmapped": _array({"type": "string"}),
        },
        {"claimsUnverified": _FLAG},
    ),
    "VcApiRequest": _object(
        {"verifiableCredential": _CREDENTIAL},
        {
            "options": {
                "type": "object",
                "properties": {
                    "returnCredential": _FLAG,
                    "returnProblemDetails": _FLAG,
                    "returnResults": _FLAG,
                    "checks": {"type": "array", "description": "Of older clients: accepted, and skips no check."},
                },
            }
        },
        additionalProperties=False,
    ),
    "VcApiResponse": _object(
        {"verified": _FLAG},
        {"credential": _CREDENTIAL, "problemDetails": _array(_ref("Problem")), "results": {"type": "object"}},
    ),
    "Policy": _object(
        {
            "id": {"type": "string"},
            "version": {"type": "string"},
            "title": _TEXT,
            "jurisdiction": _TEXT,
            "digest": {"type": "string", "description": "SHA-256 of the resolved policy, inherited rules included."},
        },
        {
            "description": _TEXT,
            "owner": _OBJECT,
            "effective": _OBJECT,
            "lineage": {
                "type": "array",
                "items": {"type": "string"},
                "description": "The id@version of each policy in it, from the root to itself.",
            },
            "rules": _OBJECTS,
        },
    ),
    "Policies": _object({"policies": _array(_ref("Policy"))}),
}
"""Every schema by name."""
