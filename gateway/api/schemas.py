"""JSON Schemas (2020-12) of what is sent and answered, for the OpenAPI document."""

from __future__ import annotations

from typing import Any, Final

from gateway.api.envelope import Envelope
from gateway.api.policy_schemas import POLICY_SCHEMAS
from gateway.model import CheckName, Outcome
from policies.model import State, Verdict
from resolvers.model import StatusState
from resolvers.trust_model import Authenticity, Freshness, ListState

_Schema = dict[str, Any]

_STRING: Final[_Schema] = {"type": "string"}
_DIGEST: Final[_Schema] = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_WORDS: Final[_Schema] = {"type": ["string", "object", "null"], "description": "Text, or language tag → text."}
_TEXT: Final[_Schema] = {"type": ["string", "null"]}
_FLAG: Final[_Schema] = {"type": "boolean"}
_INSTANT: Final[_Schema] = {"type": ["string", "null"], "format": "date-time"}
_OBJECT: Final[_Schema] = {"type": ["object", "null"]}
_OBJECTS: Final[_Schema] = {"type": "array", "items": {"type": "object"}}
_CREDENTIAL: Final[_Schema] = {"type": ["object", "string"], "description": "An object, or a compact token."}
_RECORD: Final[_Schema] = {
    "type": ["object", "array", "string"],
    "description": "An object, several, or a text: a token, an address, a data: URL or base64.",
}


def _object(
    required: dict[str, _Schema], optional: dict[str, _Schema] | None = None, *, nullable: bool = False, **more: Any
) -> _Schema:
    kind = ["object", "null"] if nullable else "object"
    return {"type": kind, "required": list(required), "properties": {**required, **(optional or {})}, **more}


def _array(items: _Schema) -> _Schema:
    return {"type": "array", "items": items}


def _one_of(values: Any, *, or_null: bool = False) -> _Schema:
    return {"enum": [*(value.value for value in values), *([None] if or_null else [])]}


def _ref(name: str) -> _Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _envelope() -> _Schema:
    """Return what `/v1/verify` takes beside a raw record; its own fields as they are parsed."""
    own = Envelope.model_json_schema(by_alias=True)
    parts = own.pop("$defs")
    own["properties"]["options"] = parts["Options"]
    parts["Options"]["properties"]["candidate"] = parts["Candidate"]
    own["properties"]["credential"] = _RECORD
    own["properties"]["presentation"] = _RECORD
    one = [{"required": [name]} for name in ("credential", "presentation")]
    return {**own, "title": "Envelope", "oneOf": one}


def _form() -> _Schema:
    """Return the same as the fields of a form, whose record is a file."""
    file = {"type": "string", "format": "binary"}
    fields = {"credential": file, "presentation": file, "options": {"type": "string", "description": "As JSON."}}
    texts = dict.fromkeys(("policy", "asOf", "reference", "projection"), _STRING)
    return {"type": "object", "properties": {**fields, **texts}, "additionalProperties": False}


_RULE: Final = _object(
    {
        "id": _STRING,
        "from": {"type": "string", "description": "The policy, as id@version, that states it."},
        "severity": {"enum": ["require", "warn"]},
        "state": _one_of(State),
        "say": _STRING,
        "found": _STRING,
        "fix": _TEXT,
    }
)
_CHANGE: Final = _object(
    {"rule": _STRING, "from": _STRING, "condition": _STRING, "state": {"enum": ["fail", "unknown"]}, "say": _STRING}
)
_DECIDED: Final = _object(
    {
        "id": _STRING,
        "version": _STRING,
        "digest": _DIGEST,
        "title": _STRING,
        "jurisdiction": _TEXT,
        "reasons": _array(_STRING),
        "rules": _array(_RULE),
        "passed": _array(_STRING),
        "warnings": _array(_STRING),
        "wouldChange": _array(_CHANGE),
    },
    nullable=True,
)
_FORMAT: Final = _object(
    {
        "name": _TEXT,
        "version": _TEXT,
        "vcdm": {"enum": ["1.1", "2.0", None]},
        "mediaType": _TEXT,
        "detectedBy": _TEXT,
        "contexts": {"type": "object", "additionalProperties": _STRING, "description": "URL → SHA-256 of its text."},
    }
)
_CREDENTIAL_SHOWN: Final = _object(
    {
        "id": _TEXT,
        "type": _array(_STRING),
        "name": _WORDS,
        "displayName": _TEXT,
        "description": _WORDS,
        "image": {},
    }
)
_TRUST_SOURCE: Final = _object(
    {
        "id": {"type": "string", "description": "As the operator has configured it."},
        "state": _one_of(ListState),
        "authenticity": _one_of(Authenticity),
        "freshness": _one_of(Freshness, or_null=True),
        "tier": _TEXT,
        "registry": {**_TEXT, "description": "Which registry vouches, where the source asks several."},
        "listedAs": _TEXT,
        "fetchedAt": _INSTANT,
        "digest": _TEXT,
        "problem": {"oneOf": [_ref("Problem"), {"type": "null"}]},
    }
)
_ISSUER: Final = _object(
    {
        "id": _TEXT,
        "name": _WORDS,
        "displayName": _TEXT,
        "displayNameSource": {"enum": ["registry", "credential", None]},
        "url": _TEXT,
        "identifiers": _OBJECTS,
        "trust": _object(
            {
                "basis": {"enum": ["registry", "trust_mark", "pinned_key", "x509", "did_domain", "none"]},
                "sources": _array(_TRUST_SOURCE),
            }
        ),
    }
)
_SUBJECT: Final = _object(
    {
        "id": _TEXT,
        "name": _WORDS,
        "displayName": _TEXT,
        "identifiers": _OBJECTS,
        "binding": {"enum": ["holder_proof", "identifier_match", "none"]},
    }
)
_STATUS: Final = _object(
    {
        "purpose": _STRING,
        "state": _one_of(StatusState),
        "value": {"type": ["integer", "null"]},
        "message": _TEXT,
        "type": _STRING,
        "checkedAt": _INSTANT,
        "listAge": {"type": ["number", "null"], "description": "Seconds since the list was fetched."},
        "stale": {"type": ["boolean", "null"]},
        "source": _TEXT,
    }
)
_PROOF: Final = _object(
    {
        "type": _STRING,
        "cryptosuite": _TEXT,
        "alg": _TEXT,
        "verificationMethod": _TEXT,
        "created": _TEXT,
        "outcome": _one_of(Outcome),
    }
)
_DATES: Final = ("awarded", "validFrom", "validUntil", "activityStart", "activityEnd", "issued")

SCHEMAS: Final[dict[str, _Schema]] = {
    "Envelope": _envelope(),
    "Form": _form(),
    "Problem": _object(
        {
            "type": {"type": "string", "format": "uri-reference"},
            "title": _STRING,
            "code": {"type": "string", "description": "Stable; the same as the last part of `type`."},
        },
        {
            "status": {"type": "integer"},
            "detail": _STRING,
            "say": {"type": "string", "description": "One plain sentence, in the language that was asked for."},
            "fix": {"type": ["string", "null"], "description": "What can be done."},
            "pointer": {"type": ["string", "null"], "description": "JSON Pointer (RFC 6901) into what was sent."},
            "requestId": _STRING,
        },
    ),
    "Check": _object(
        {
            "name": _one_of(CheckName),
            "outcome": _one_of(Outcome),
            "problems": _array(_ref("Problem")),
            "facts": {"type": "object", "description": "What the outcome rests on: ages, sources, admissions."},
        },
    ),
    "Result": _object(
        {
            "resultVersion": {"type": "string", "description": "Of this shape. A new field is a new minor version."},
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
            "policy": _DECIDED,
            "format": _FORMAT,
            "pointer": {"type": "string", "description": "Where an embedded record lies in the whole; empty for it."},
            "checks": _array(_ref("Check")),
            "warnings": _array(_ref("Problem")),
            "claimsUnverified": {"type": "boolean", "description": "What is shown below could not be verified."},
            "credential": _CREDENTIAL_SHOWN,
            "issuer": _ISSUER,
            "subject": _SUBJECT,
            "achievements": _OBJECTS,
            "dates": _object(dict.fromkeys(_DATES, _TEXT)),
            "evidence": {"type": "array"},
            "endorsements": {"type": "array"},
            "associations": {"type": "array"},
            "partial": {"type": ["boolean", "null"]},
            "children": _array(_ref("Result")),
            "status": _one_of(
                (StatusState.ACTIVE, StatusState.REVOKED, StatusState.SUSPENDED, StatusState.UNKNOWN), or_null=True
            ),
            "statuses": _array(_STATUS),
            "refreshed": _FLAG,
            "proof": _array(_PROOF),
            "unmapped": _array({"type": "string", "description": "JSON Pointer of a member without a place here."}),
        },
    ),
    "VcApiRequest": _object(
        {"verifiableCredential": _CREDENTIAL},
        {
            "options": {
                "type": "object",
                "description": "An option of another name or type is a warning in `problemDetails`, never an error.",
                "properties": {
                    "returnCredential": {"description": "Boolean: answer with `credential`."},
                    "returnProblemDetails": {"description": "Boolean: answer with `problemDetails`."},
                    "returnResults": {"description": "Boolean: answer with `results`."},
                    "checks": {"description": "Of older clients: accepted, and skips no check."},
                },
            }
        },
        additionalProperties=False,
    ),
    "VcApiPresentationRequest": _object(
        {},
        {
            "verifiablePresentation": {**_CREDENTIAL, "description": "Signed by its holder."},
            "presentation": {"type": "object", "description": "One that may be unsigned."},
            "options": {
                "type": "object",
                "description": "As those of a credential.",
                "properties": {
                    "challenge": {"description": "String: what the proof has to answer."},
                    "domain": {"description": "String, or several: for whom it has to be made."},
                    "returnPresentation": {"description": "Boolean: answer with `verifiablePresentation`."},
                    "returnProblemDetails": {"description": "Boolean: answer with `problemDetails`."},
                    "returnResults": {"description": "Boolean: answer with `results`."},
                },
            },
        },
        additionalProperties=False,
        oneOf=[{"required": ["verifiablePresentation"]}, {"required": ["presentation"]}],
    ),
    "VcApiPresentationResponse": _object(
        {"verified": _FLAG},
        {
            "verifiablePresentation": _CREDENTIAL,
            "problemDetails": _array(_ref("Problem")),
            "results": {"type": "object"},
        },
    ),
    "Challenge": _object({"challenge": {"type": "string", "description": "Good for one use, for a while."}}),
    "ChallengeRequest": _object(
        {},
        {"domain": {"type": ["string", "array"], "description": "For which the proof has to be made."}},
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
    "Projection": {
        "type": "object",
        "description": "The result in the shape of another standard, which `projection` names.",
        "required": ["type"],
    },
    **POLICY_SCHEMAS,
}
"""Every schema by name."""
