"""JSON Schemas for editors: of a policy file, and of the facts that it sees.

Both are made from the tables that read them (`policies.shapes`, `policies.fact_values`). What a
schema cannot say is left to loading: that ids do not repeat, that `n` is no more than there are
conditions, how all the conditions of a rule together are bounded, and whatever is between files.

An editor finds the schema by the first line of a policy file:
`# yaml-language-server: $schema=policy.schema.json` (written by `policy schema > policy.schema.json`).
"""

from __future__ import annotations

from typing import Any, Final

from policies.conditions import definitions
from policies.document import POLICY
from policies.facts import facts_schema

__all__ = ["facts_schema", "policy_schema"]

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def policy_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a policy file, with a description of each member."""
    head = {"$schema": _DIALECT, "title": "Policy", "description": "What one authority accepts, and why."}
    return {**head, **POLICY.schema(), "$defs": definitions()}
