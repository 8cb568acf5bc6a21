"""The gateway's own interface: `/v1/verify`."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from gateway import principle_counts, telemetry
from gateway.api import bodies, openapi, rendering, requests
from gateway.api.answers import encoded_answer
from gateway.api.endpoint import CALLER, CHALLENGES, DECISION_LOG, GATE, RECORDED, VERIFIER, Access, Endpoint
from gateway.api.envelope import PROJECTIONS
from gateway.api.errors import Refused
from gateway.api.policies import choose_policy
from gateway.challenges import Use
from gateway.model import VerificationRequest
from gateway.opening import aside
from gateway.pipeline import verify

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aiohttp import web

    from gateway.model import VerificationResult


async def verify_record(request: web.Request) -> web.Response:
    """`POST /v1/verify`: verify a credential, a presentation or a file with some, and decide by a policy."""
    submission = await requests.submission(request)
    policy = None
    if submission.policy is not None:
        policy = choose_policy(request, submission.policy, submission.as_of, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    result = await run(
        request,
        VerificationRequest(
            presented=submission.presented,
            limits=request[CALLER].limits.of_request,
            policy=policy,
            as_of=submission.as_of,
            reference=submission.reference,
            require_presentation=submission.is_presentation,
            expected=submission.options.expected,
            candidate=submission.options.known,
            refresh=submission.options.refresh,
        ),
    )
    language = request.headers.get("Accept-Language", "")
    return encoded_answer(await aside(submission.presented, _told, result, submission.projection, language))


def _told(result: VerificationResult, projection: str | None, language: str) -> bytes:
    """Write a result, in the shape of that standard or in our own: of 1,000 achievements 10 ms of work."""
    if projection is not None:
        return rendering.encoded(PROJECTIONS[projection].project(result, language))
    return rendering.encoded(rendering.result(result, language=language))


async def run(request: web.Request, asked: VerificationRequest) -> VerificationResult:
    """Verify what is asked for, and count what came of it.

    Raises:
        Refused: `overloaded`.
    """
    use = None if asked.expected is None else Use(request.app[CHALLENGES], request[CALLER].name, asked.expected)
    try:
        with request.app[GATE]:
            result = await verify(request.app[VERIFIER], asked if use is None else replace(asked, spend=use))
        request[RECORDED] = telemetry.record(result)
        principle_counts.count(result)
        if _overloaded(result):
            raise request.app[GATE].refusal("a look-up found no place in the queue")
        await _log_decision(request, result)
    except Refused:  # the caller is asked to come again, with the same challenge
        if use is not None:
            await use.give_back()
        raise
    return result


async def _log_decision(request: web.Request, result: VerificationResult) -> None:
    """Write the decision down before it is given out, where that is configured; of several, each.

    Raises:
        Refused: `overloaded`, it could not be written.
    """
    log = request.app.get(DECISION_LOG)
    if log is None or result.decision is None:
        return
    try:
        for decided in _decided(result):
            await log.append(decided)
    except OSError:
        telemetry.log.error("decision-not-logged", exc_info=True, result_id=result.id)
        raise request.app[GATE].refusal("the decision could not be written into the decision log") from None


def _decided(result: VerificationResult) -> Iterator[VerificationResult]:
    """Yield the results with a decision of their own: that of a whole is the least of its records', or its own."""
    own = True
    for child in result.children:
        if child.decision is not None:
            own = own and child.decision is not result.decision
            yield from _decided(child)
    if own:
        yield result


def _overloaded(result: VerificationResult) -> bool:
    """Whether we ourselves could not look something up: ask again, rather than take that for an answer."""
    problems = [problem for check in result.checks for problem in check.problems]
    problems += [evidence.problem for evidence in result.trust if evidence.problem is not None]
    return any(problem.code == "overloaded" for problem in problems) or any(map(_overloaded, result.children))


ENDPOINTS: Final = (
    Endpoint(
        method="POST",
        path="/v1/verify",
        handler=verify_record,
        access=Access.KEY,
        operation={
            "operationId": "verify",
            "tags": ["Verification"],
            "summary": "Verify a credential or a presentation, and decide by a policy",
            "description": "Send an envelope, a form with a file, or a record as it is with its parameters in the "
            "query: a credential, a presentation, an array of several, an image or another file that holds some. "
            "A JSON object with `credential` or `presentation` and without `@context` is an envelope. "
            "Of several records each is a child of the result with a decision of its own; the least is the whole's.",
            "parameters": [
                {
                    "name": name,
                    "in": "query",
                    "description": f"{meaning} For raw records only.",
                    "schema": schema,
                }
                for name, meaning, schema in (
                    ("policy", "Id of a policy; empty asks for no decision.", {"type": "string"}),
                    ("asOf", "Instant at which validity is judged.", {"type": "string", "format": "date-time"}),
                    ("reference", "Comes back in the result.", {"type": "string", "maxLength": 64}),
                    (
                        "projection",
                        "The standard in whose shape the result is told.",
                        {"type": "string", "enum": list(PROJECTIONS)},
                    ),
                )
            ],
            "requestBody": openapi.body(
                {
                    **{
                        name: {"oneOf": [openapi.ref("Envelope"), {"type": "object"}, {"type": "array"}]}
                        for name in bodies.JSON_TYPES
                    },
                    **{name: {"type": "string"} for name in bodies.TOKEN_TYPES + bodies.TEXT_TYPES},
                    **{name: {"type": "string", "format": "binary"} for name in bodies.FILE_TYPES},
                    bodies.FORM_TYPE: openapi.ref("Form"),
                }
            ),
            "responses": {
                "200": openapi.json_answer("The result, whatever the verdict.", "Result", "Projection"),
                **openapi.problems(400, 408, 413, 415, 422, 503),
            },
        },
    ),
)
