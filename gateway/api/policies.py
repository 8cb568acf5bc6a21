"""`/v1/policies`: which policies there are, what each says, and who sees them."""

from __future__ import annotations

from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from gateway import policy_reports
from gateway.api import openapi
from gateway.api.endpoint import CALLER, VERIFIER, Access, Endpoint
from gateway.api.errors import Refused
from gateway.policy_files import find
from policies import NotInEffect, UnknownPolicy
from policies.explain import Audience, explain
from policies.schema import facts_schema, policy_schema

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from policies import Policy

AUDIENCES: Final = (Audience.RECRUITER, Audience.APPLICANT, Audience.AUDITOR)
FORMATS: Final = {"text": "text/plain", "markdown": "text/markdown"}

_POLICY: Final[dict[str, Any]] = {
    "name": "policy",
    "in": "query",
    "required": True,
    "description": "`us-al/talent-triad`, or a version of it: `us-al/talent-triad@3.1.0`, in effect or not.",
    "schema": {"type": "string"},
}


def choose_policy(request: web.Request, reference: str, as_of: datetime | None, *, status: HTTPStatus) -> Policy:
    """Return the policy `reference` (`id`, `id@N`, `id@x.y.z`), as it is in effect at `as_of`.

    Raises:
        Refused: `unknown-policy`, the same whether there is none or the caller may not see it, and as
            fast (T55); `policy-not-in-effect`.
    """
    verifier = request.app[VERIFIER]
    if not request[CALLER].sees(reference.partition("@")[0]):
        raise _unknown("/policy", status)
    try:
        return verifier.policies.get(reference, as_of or verifier.clock())
    except UnknownPolicy:
        raise _unknown("/policy", status) from None
    except NotInEffect as error:
        raise Refused("policy-not-in-effect", str(error), pointer="/policy", status=status) from None


def study_policy(request: web.Request, reference: str, pointer: str) -> Policy:
    """Return the policy `reference` to work on it: with a whole version also one that is not in effect.

    Raises:
        Refused: as `choose_policy`, with `pointer`.
    """
    verifier = request.app[VERIFIER]
    unknown = _unknown(pointer, HTTPStatus.UNPROCESSABLE_ENTITY)
    if not request[CALLER].sees(reference.partition("@")[0]):
        raise unknown
    try:
        return find(verifier.policies, reference, verifier.clock())
    except UnknownPolicy:
        raise unknown from None
    except NotInEffect as error:
        raise Refused("policy-not-in-effect", str(error), pointer=pointer) from None


def _unknown(pointer: str, status: HTTPStatus) -> Refused:
    return Refused("unknown-policy", "see /v1/policies for those that there are", pointer=pointer, status=status)


def query(request: web.Request, required: Iterable[str] = (), **choices: Iterable[str]) -> dict[str, str]:
    """Return the query's parameters; of `choices` the first is what holds unless another is given.

    Raises:
        Refused: one is missing, not known, given twice, or none of its choices.
    """
    known = [*required, *choices]
    found = {name: next(iter(values)) for name, values in choices.items()}
    for name in request.query:
        values = request.query.getall(name)
        if name not in known or len(values) > 1:
            takes = f"takes {' and '.join(known)}, each once" if known else "takes no parameters"
            raise Refused("malformed-request", f"the query {takes}")
        if name in choices and values[0] not in choices[name]:
            raise Refused("malformed-request", f"{name} is one of {', '.join(choices[name])}")
        found[name] = values[0]
    for name in known:
        if name not in found:
            raise Refused("malformed-request", f"the query needs {name}")
    return found


async def list_policies(request: web.Request) -> web.Response:
    """`GET /v1/policies`: the policies that the caller sees, as they are in effect now."""
    verifier, caller = request.app[VERIFIER], request[CALLER]
    in_force, now = verifier.policies, verifier.clock()
    found = []
    for name in filter(caller.sees, in_force.ids()):
        with suppress(NotInEffect):
            found.append(policy_reports.summary(in_force.get(name, now)))
    return web.json_response({"policies": found})


async def show_policy(request: web.Request) -> web.Response:
    """`GET /v1/policies/{id}`: one policy, with the rules it inherits."""
    policy = choose_policy(request, request.match_info["id"], None, status=HTTPStatus.NOT_FOUND)
    return web.json_response(policy_reports.resolved(policy))


async def show_source(request: web.Request) -> web.Response:
    """`GET /v1/policies/source`: the file that states a policy, as it was loaded."""
    in_force = request.app[VERIFIER].policy_files.current
    policy = study_policy(request, query(request, ["policy"])["policy"], "/policy")
    return web.Response(body=in_force.texts[policy.path], content_type="application/yaml", charset="utf-8")


async def explain_policy(request: web.Request) -> web.Response:
    """`GET /v1/policies/explain`: a policy in plain words."""
    asked = query(request, ["policy"], audience=AUDIENCES, format=FORMATS)
    policy = study_policy(request, asked["policy"], "/policy")
    text = explain(policy, audience=Audience(asked["audience"]), markdown=asked["format"] == "markdown")
    return web.Response(text=text, content_type=FORMATS[asked["format"]], charset="utf-8")


async def show_policy_schema(request: web.Request) -> web.Response:
    """`GET /v1/policies/schema`."""
    query(request)
    return web.json_response(policy_schema(), content_type="application/schema+json")


async def show_facts_schema(request: web.Request) -> web.Response:
    """`GET /v1/policies/facts-schema`."""
    query(request)
    return web.json_response(facts_schema(), content_type="application/schema+json")


def _text(*media_types: str) -> dict[str, Any]:
    return {
        "description": "As it was asked for.",
        "content": {name: {"schema": {"type": "string"}} for name in media_types},
    }


_SCHEMA_ANSWER: Final[dict[str, Any]] = {
    "description": "A JSON Schema (2020-12).",
    "content": {"application/schema+json": {"schema": {"type": "object"}}},
}


def _parameter(name: str, choices: Iterable[str], meaning: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": meaning, "schema": {"enum": list(map(str, choices))}}


ENDPOINTS: Final = (
    Endpoint(
        method="GET",
        path="/v1/policies",
        handler=list_policies,
        access=Access.KEY,
        operation={
            "operationId": "listPolicies",
            "tags": ["Policies"],
            "summary": "The policies that the caller sees",
            "responses": {"200": openapi.json_answer("As they are in effect now.", "Policies")},
        },
    ),
    Endpoint(
        method="GET",
        path="/v1/policies/source",
        handler=show_source,
        access=Access.POLICY_ADMIN,
        operation={
            "operationId": "showPolicySource",
            "tags": ["Policies"],
            "summary": "The file that states a policy",
            "parameters": [_POLICY],
            "responses": {"200": _text("application/yaml"), **openapi.problems(400, 422)},
        },
    ),
    Endpoint(
        method="GET",
        path="/v1/policies/explain",
        handler=explain_policy,
        access=Access.POLICY_ADMIN,
        operation={
            "operationId": "explainPolicy",
            "tags": ["Policies"],
            "summary": "A policy in plain words, with the rules it inherits",
            "parameters": [
                _POLICY,
                _parameter("audience", AUDIENCES, "For whom it is written; by default for a recruiter."),
                _parameter("format", FORMATS, "How it is written; by default as plain text."),
            ],
            "responses": {"200": _text(*FORMATS.values()), **openapi.problems(400, 422)},
        },
    ),
    Endpoint(
        method="GET",
        path="/v1/policies/schema",
        handler=show_policy_schema,
        access=Access.POLICY_ADMIN,
        operation={
            "operationId": "showPolicySchema",
            "tags": ["Policies"],
            "summary": "The schema of policy files, for editors",
            "responses": {"200": _SCHEMA_ANSWER, **openapi.problems(400)},
        },
    ),
    Endpoint(
        method="GET",
        path="/v1/policies/facts-schema",
        handler=show_facts_schema,
        access=Access.POLICY_ADMIN,
        operation={
            "operationId": "showFactsSchema",
            "tags": ["Policies"],
            "summary": "The schema of the facts that policies see",
            "responses": {"200": _SCHEMA_ANSWER, **openapi.problems(400)},
        },
    ),
    Endpoint(
        method="GET",
        path="/v1/policies/{id:.+(?:/|%2[Ff]).+}",  # every id has a slash, which keeps it apart from the verbs
        handler=show_policy,
        access=Access.KEY,
        operation={
            "operationId": "showPolicy",
            "tags": ["Policies"],
            "summary": "One policy, with the rules it inherits",
            "parameters": [
                {
                    "name": "id",
                    "in": "path",
                    "required": True,
                    "description": "`us-al/talent-triad`, or `us-al/talent-triad@3`; the slash may be escaped.",
                    "schema": {"type": "string", "pattern": "^.+/.+$"},
                }
            ],
            "responses": {"200": openapi.json_answer("The policy.", "Policy"), **openapi.problems(404)},
        },
    ),
)
