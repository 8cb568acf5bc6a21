"""JSON Schemas (2020-12) of work on policies and of the principles, for the OpenAPI document."""

from __future__ import annotations

from typing import Any, Final

from gateway.api.policy_bodies import Comparison, Files, Installed, Population
from policies.diff import Change
from policies.model import Verdict

_Schema = dict[str, Any]

_STRING: Final[_Schema] = {"type": "string"}
_COUNT: Final[_Schema] = {"type": "integer", "minimum": 0}
_CHANGE: Final[_Schema] = {"enum": [change.value for change in Change]}
_VERDICT: Final[_Schema] = {"enum": [verdict.value for verdict in Verdict]}


def _object(members: dict[str, _Schema], **more: Any) -> _Schema:
    return {"type": "object", "required": list(members), "properties": members, **more}


def _array(items: _Schema) -> _Schema:
    return {"type": "array", "items": items}


def _bodies() -> dict[str, _Schema]:
    """Return what is sent, as it is parsed."""
    found: dict[str, _Schema] = {}
    for kind in (Files, Installed, Comparison, Population):
        schema = kind.model_json_schema(ref_template="#/components/schemas/{model}")
        found |= schema.pop("$defs", {})
        found[kind.__name__] = schema
    return found


_FINDINGS: Final = _array(_object({"path": _STRING, "line": {"type": "integer"}, "message": _STRING}))
_COUNTS: Final[_Schema] = {"type": "object", "additionalProperties": _COUNT, "description": "Rule or code → facts."}
_DIFFERENCES: Final = _array(
    _object(
        {"name": _STRING, "change": _CHANGE, "old": {}, "new": {}, "text": {**_STRING, "description": "In a line."}}
    )
)
_TEST: Final = _object(
    {
        "path": _STRING,
        "line": {"type": "integer"},
        "facts": _STRING,
        "expected": _VERDICT,
        "verdict": {"enum": [*_VERDICT["enum"], None]},
        "because": _array(_STRING),
        "problem": {"type": ["string", "null"]},
    }
)
_FLIPS: Final = _object(
    {
        "total": _COUNT,
        "flipped": _COUNT,
        "verdicts": _array(_object({"old": _VERDICT, "new": _VERDICT, "count": _COUNT})),
    }
)

POLICY_SCHEMAS: Final[dict[str, _Schema]] = {
    **_bodies(),
    "PolicyTestRequest": {
        "oneOf": [{"$ref": "#/components/schemas/Files"}, {"$ref": "#/components/schemas/Installed"}]
    },
    "Principles": _object(
        {
            "computedAt": {"type": "string", "format": "date-time"},
            "scope": _object({"workers": _COUNT, "since": {"type": ["string", "null"]}, "says": _STRING}),
            "principles": _array(
                _object(
                    {
                        "id": _STRING,
                        "name": _STRING,
                        "asks": {**_STRING, "description": "What it asks for."},
                        "measure": _object(
                            {
                                "value": {
                                    "type": ["number", "null"],
                                    "description": "Null where there is nothing to go by.",
                                }
                            }
                        ),
                        "how": {**_STRING, "description": "How its measure is computed."},
                    }
                )
            ),
        }
    ),
    "Findings": _object({"findings": _FINDINGS}),
    "PolicyTests": _object(
        {
            "findings": _FINDINGS,
            "policies": _array(
                _object(
                    {"policy": _STRING, "passed": {"type": "boolean"}, "tests": _array(_TEST), "uncovered": _FINDINGS}
                )
            ),
        }
    ),
    "PolicyDifference": _object(
        {
            "old": _STRING,
            "new": _STRING,
            "change": _CHANGE,
            "rules": _array(_object({"id": _STRING, "change": _CHANGE, "differences": _DIFFERENCES})),
            "differences": _DIFFERENCES,
            "flips": {"oneOf": [_FLIPS, {"type": "null"}]},
        }
    ),
    "Simulation": _object(
        {
            "policy": _STRING,
            "digest": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "total": _COUNT,
            "verdicts": _object(dict.fromkeys(_VERDICT["enum"], _COUNT)),
            "failed": _COUNTS,
            "unknown": _COUNTS,
            "incomplete": {**_COUNT, "description": "Facts about which at least one rule is unknown."},
        }
    ),
}
