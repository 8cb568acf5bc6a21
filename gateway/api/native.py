"""The gateway's own interface: `/v1/verify` and `/v1/policies`."""

from __future__ import annotations

from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from gateway import telemetry
from gateway.api import openapi, rendering, requests
from gateway.api.endpoint import CALLER, DECISION_LOG, GATE, RECORDED, VERIFIER, Access, Endpoint
from gateway.api.errors import Refused
from gateway.model import VerificationRequest
from gateway.pipeline import verify
from policies import NotInEffect, UnknownPolicy

if TYPE_CHECKING:
    from datetime import datetime

    from gateway.model import Presented, VerificationResult
    from policies import Policy


async def verify_credential(request: web.Request) -> web.Response:
    """`POST /v1/verify`: verify a credential, and decide by a policy."""
    submission = await requests.submission(request)
    policy = None
    if submission.policy is not None:
        policy = choose_policy(request, submission.policy, submission.as_of, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    result = await run(
        request, submission.presented, policy=policy, as_of=submission.as_of, reference=submission.reference
    )
    answer = rendering.result(result, language=request.headers.get("Accept-Language", ""))
    return web.json_response(answer, dumps=rendering.dumps)


async def run(
    request: web.Request,
    presented: Presented,
    *,
    policy: Policy | None = None,
    as_of: datetime | None = None,
    reference: str | None = None,
    require_issuer: bool = True,
) -> VerificationResult:
    """Verify `presented` within the caller's limits, and count what came of it.

    Raises:
        Refused: `overloaded`.
    """
    caller = request[CALLER]
    with request.app[GATE]:
        result = await verify(
            request.app[VERIFIER],
            VerificationRequest(
                presented=presented,
                policy=policy,
                as_of=as_of,
                reference=reference,
                require_issuer=require_issuer,
                limits=caller.limits.of_request,
            ),
        )
    request[RECORDED] = telemetry.record(result)
    if _overloaded(result):
        raise request.app[GATE].refusal("a look-up found no place in the queue")
    await _log_decision(request, result)
    return result


async def _log_decision(request: web.Request, result: VerificationResult) -> None:
    """Write the decision down before it is given out, where that is configured.

    Raises:
        Refused: `overloaded`, it could not be written.
    """
    log = request.app.get(DECISION_LOG)
    if log is None or result.decision is None:
        return
    try:
        await log.append(result)
    except OSError:
        telemetry.log.error("decision-not-logged", exc_info=True, result_id=result.id)
        raise request.app[GATE].refusal("the decision could not be written into the decision log") from None


def _overloaded(result: VerificationResult) -> bool:
    """Whether we ourselves could not look something up: ask again, rather than take that for an answer."""
    problems = [problem for check in result.checks for problem in check.problems]
    problems += [evidence.problem for evidence in result.trust if evidence.problem is not None]
    return any(problem.code == "overloaded" for problem in problems)


def choose_policy(request: web.Request, reference: str, as_of: datetime | None, *, status: HTTPStatus) -> Policy:
    """Return the policy `reference` (`id`, `id@N`, `id@x.y.z`), as it is in effect at `as_of`.

    Raises:
        Refused: `unknown-policy`, the same whether there is none or the caller may not see it, and as
            fast (T55); `policy-not-in-effect`.
    """
    verifier = request.app[VERIFIER]
    unknown = Refused("unknown-policy", "see /v1/policies for those that there are", pointer="/policy", status=status)
    if not request[CALLER].sees(reference.partition("@")[0]):
        raise unknown
    try:
        return verifier.policies.get(reference, as_of or verifier.clock())
    except UnknownPolicy:
        raise unknown from None
    except NotInEffect as error:
        raise Refused("policy-not-in-effect", str(error), pointer="/policy", status=status) from None


async def list_policies(request: web.Request) -> web.Response:
    """`GET /v1/policies`: the policies that the caller sees, as they are in effect now."""
    verifier, caller = request.app[VERIFIER], request[CALLER]
    now = verifier.clock()
    found = []
    for name in filter(caller.sees, verifier.policies.ids()):
        with suppress(NotInEffect):
            found.append(summary(verifier.policies.get(name, now)))
    return web.json_response({"policies": found})


async def show_policy(request: web.Request) -> web.Response:
    """`GET /v1/policies/{id}`: one policy, with the rules it inherits."""
    policy = choose_policy(request, request.match_info["id"], None, status=HTTPStatus.NOT_FOUND)
    rules = [
        {
            "id": rule.id,
            "from": rule.origin,
            "severity": rule.severity,
            "say": rule.say,
            "fix": rule.fix,
            "onUnknown": rule.on_unknown.value,
            "require": {rule.require.key: rule.require.terms()},
        }
        for rule in policy.rules
    ]
    return web.json_response({**summary(policy), "rules": rules})


def summary(policy: Policy) -> dict[str, Any]:
    """Return what lists show of a policy."""
    begins, until = policy.effective.begins, policy.effective.until
    return {
        "id": policy.id,
        "version": policy.version,
        "title": policy.title,
        "description": policy.description,
        "jurisdiction": policy.jurisdiction,
        "owner": None if policy.owner is None else {"name": policy.owner.name, "contact": policy.owner.contact},
        "effective": {
            "from": None if begins is None else begins.date().isoformat(),
            "until": None if until is None else until.date().isoformat(),
        },
        "lineage": list(policy.lineage),
        "digest": policy.digest,
    }


ENDPOINTS: Final = (
    Endpoint(
        method="POST",
        path="/v1/verify",
        handler=verify_credential,
        access=Access.KEY,
        operation={
            "operationId": "verify",
            "tags": ["Verification"],
            "summary": "Verify a credential, and decide by a policy",
            "description": "Send an envelope, or a credential as it is with its parameters in the query. "
            "A JSON object with `credential` and without `@context` is an envelope.",
            "parameters": [
                {
                    "name": name,
                    "in": "query",
                    "description": f"{meaning} For raw credentials only.",
                    "schema": schema,
                }
                for name, meaning, schema in (
                    ("policy", "Id of a policy; empty asks for no decision.", {"type": "string"}),
                    ("asOf", "Instant at which validity is judged.", {"type": "string", "format": "date-time"}),
                    ("reference", "Comes back in the result.", {"type": "string", "maxLength": 64}),
                )
            ],
            "requestBody": openapi.body(
                {
                    **{name: {"oneOf": [openapi.ref("Envelope"), {"type": "object"}]} for name in requests.JSON_TYPES},
                    **{name: {"type": "string"} for name in requests.TOKEN_TYPES + requests.TEXT_TYPES},
                }
            ),
            "responses": {
                "200": openapi.json_answer("The result, whatever the verdict.", "Result"),
                **openapi.problems(400, 408, 413, 415, 422, 503),
            },
        },
    ),
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
        path="/v1/policies/{id:.+}",
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
                    "schema": {"type": "string"},
                }
            ],
            "responses": {"200": openapi.json_answer("The policy.", "Policy"), **openapi.problems(404)},
        },
    ),
)
