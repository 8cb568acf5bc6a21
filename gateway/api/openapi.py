"""The interface in OpenAPI 3.1, made from the declarations that the routes are made from."""

from __future__ import annotations

from http import HTTPStatus
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from gateway.api.schemas import SCHEMAS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateway.api.endpoint import Endpoint

_DESCRIPTION = """\
Verifies learning and employment records: whether a credential is authentic and current (`outcome`),
and whether a policy accepts it (`decision`). The two are never merged.

A credential that does not verify is an answer, not an error: HTTP 200. Only a request that is wrong in
itself is refused, with a problem document (RFC 9457) whose `code` is stable.
"""


def ref(name: str) -> dict[str, str]:
    """Return a reference to a schema of `gateway.api.schemas`."""
    return {"$ref": f"#/components/schemas/{name}"}


def body(content: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return a required Request Body Object; `content` is media type → schema."""
    return {"required": True, "content": {media_type: {"schema": schema} for media_type, schema in content.items()}}


def json_answer(description: str, *schemas: str) -> dict[str, Any]:
    """Return a Response Object whose body is JSON of that schema, or of one of those."""
    schema = ref(schemas[0]) if len(schemas) == 1 else {"anyOf": [ref(name) for name in schemas]}
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def problems(*statuses: int) -> dict[str, Any]:
    """Return Response Objects for refusals with these statuses."""
    return {
        str(status): {
            "description": HTTPStatus(status).phrase,
            "content": {"application/problem+json": {"schema": ref("Problem")}},
        }
        for status in statuses
    }


def document(endpoints: Iterable[Endpoint], *, keys: bool) -> dict[str, Any]:
    """Return the OpenAPI document of `endpoints`; `keys` is whether API keys are asked."""
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        paths.setdefault(endpoint.template, {})[endpoint.method.lower()] = _operation(endpoint, keys=keys)
    components: dict[str, Any] = {"schemas": SCHEMAS}
    if keys:
        components["securitySchemes"] = {"apiKey": {"type": "http", "scheme": "bearer"}}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Learning and employment record gateway",
            "version": version("ler-gateway"),
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": components,
    }


def _operation(endpoint: Endpoint, *, keys: bool) -> dict[str, Any]:
    """Return the operation with what follows from who may use it."""
    responses = {**endpoint.operation["responses"], **problems(500)}
    if not keys or endpoint.access == "open":
        return {**endpoint.operation, "responses": responses}
    responses |= problems(401)
    if endpoint.access in ("metrics", "policy_admin"):
        responses |= problems(403)
    if endpoint.limited:
        responses |= problems(429)
    return {**endpoint.operation, "responses": responses, "security": [{"apiKey": []}]}
