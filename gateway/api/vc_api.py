"""The W3C VC API (now VCALM): `POST /credentials/verify`, `/presentations/verify` and `/challenges`.

https://w3c-ccg.github.io/vcalm/#verifying
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from gateway.api import openapi, rendering, requests
from gateway.api.answers import json_answer
from gateway.api.endpoint import CALLER, CHALLENGES, CONFIG, GATE, Access, Endpoint
from gateway.api.errors import Refused
from gateway.api.native import run
from gateway.model import Expected, Presented, VerificationRequest
from resolvers.problems import Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

_CREDENTIAL: Final = frozenset({"verifiableCredential"})
_PRESENTATION: Final = frozenset({"verifiablePresentation", "presentation"})


async def verify_credential(request: web.Request) -> web.Response:
    """Verify a credential. No policy is applied, and `verified` is the native one.

    `options.checks` of older clients is accepted and never skips a check.
    """
    config = request.app[CONFIG].vc_api
    name, value, options = _read(await requests.json_object(request), _CREDENTIAL)
    asked = VerificationRequest(
        presented=Presented(content=requests.credential(value, f"/{name}")),
        limits=request[CALLER].limits.of_request,
        require_issuer=config.issuer_binding == "require",
    )
    return _answer(request, rendering.vc_api(await run(request, asked), options, config.issuer_binding))


async def verify_presentation(request: web.Request) -> web.Response:
    """Verify a presentation and each credential in it. No policy is applied.

    As `presentation` it may come without a proof ("ProoflessVerifyPresentationRequest"): then `verified`
    is about the credentials alone. Whose they are is not this endpoint's to say: "Business rule
    validation (such as verifying that credential subjects match the presentation holder) is outside".
    """
    config = request.app[CONFIG].vc_api
    name, value, options = _read(await requests.json_object(request), _PRESENTATION)
    if name == "presentation" and not isinstance(value, dict):
        raise Refused("malformed-request", "a presentation is an object", pointer="/presentation")
    asked = VerificationRequest(
        presented=Presented(content=requests.credential(value, f"/{name}")),
        limits=request[CALLER].limits.of_request,
        require_issuer=config.issuer_binding == "require",
        require_presentation=True,
        allow_unsigned_presentation=name == "presentation",
        expected=_expected(options),
    )
    return _answer(request, rendering.vc_api_presentation(await run(request, asked), options, config.issuer_binding))


async def create_challenge(request: web.Request) -> web.Response:
    """Issue a challenge that one presentation may answer, once, within `[challenges] seconds`.

    The body is empty, or names the `domain` that the proof then has to be made for as well.
    """
    fields = await requests.json_object(request) if request.body_exists and request.content_length != 0 else {}
    if unknown := sorted(fields.keys() - {"domain"}):
        raise Refused("malformed-request", "the body is empty, or takes domain only", pointer=f"/{unknown[0]}")
    domain = _domain(fields["domain"], "/domain") if "domain" in fields else frozenset[str]()
    try:
        challenge = await request.app[CHALLENGES].issue(request[CALLER].name, domain)
    except Unavailable as full:
        raise request.app[GATE].refusal(full.problem.detail) from None
    return web.json_response({"challenge": challenge}, headers={"Cache-Control": "no-store"})


def _read(given: Mapping[str, Any], records: frozenset[str]) -> tuple[str, Any, dict[str, Any]]:
    """Return the name of the one record in a body, the record, and the options."""
    options = given.get("options", {})
    if not isinstance(options, dict):
        raise Refused("malformed-request", "options is an object", pointer="/options")
    known = records | {"options"}
    if unknown := sorted(given.keys() - known):
        detail = f"the body takes {' and '.join(sorted(known))} only"
        raise Refused("malformed-request", detail, pointer=f"/{unknown[0]}")
    names = sorted(records & given.keys())
    if len(names) != 1:
        wanted = " or ".join(sorted(records))
        raise Refused("malformed-request", f"the body has one {wanted}", pointer=f"/{min(records)}")
    return names[0], given[names[0]], options


def _expected(options: Mapping[str, Any]) -> Expected | None:
    """Return what the holder's proof has to answer. What is asked for in another type would go unchecked."""
    challenge = options.get("challenge")
    domain = _domain(options["domain"], "/options/domain") if "domain" in options else frozenset[str]()
    if "challenge" in options and (not isinstance(challenge, str) or not challenge):
        raise Refused("malformed-request", "challenge is a string", pointer="/options/challenge")
    return None if challenge is None and not domain else Expected(challenge=challenge, domain=domain)


def _domain(value: Any, pointer: str) -> frozenset[str]:
    values = value if isinstance(value, list) else [value]
    if not values or not all(isinstance(one, str) and one for one in values):
        raise Refused("malformed-request", "domain is a string, or several", pointer=pointer)
    return frozenset(values)


def _answer(request: web.Request, answer: Mapping[str, Any]) -> web.Response:
    # https://w3c-ccg.github.io/vcalm/: 200 whatever the verdict; published test suites expect 400.
    status = HTTPStatus.OK if answer["verified"] is True else HTTPStatus(request.app[CONFIG].vc_api.failure_status)
    return json_answer(answer, status)


ENDPOINTS: Final = (
    Endpoint(
        method="POST",
        path="/credentials/verify",
        handler=verify_credential,
        access=Access.KEY,
        operation={
            "operationId": "verifyCredentialVcApi",
            "tags": ["W3C VC API"],
            "summary": "Verify a credential, as the W3C VC API does",
            "description": "No policy is applied. An unknown option is reported in `problemDetails`. "
            "A credential that does not verify answers with `[vc_api] failure_status`, as the operator set it.",
            "requestBody": openapi.body({"application/json": openapi.ref("VcApiRequest")}),
            "responses": {
                "200": openapi.json_answer("The verdict.", "VcApiResponse"),
                "400": {
                    "description": "The request is malformed; or, where so configured, the credential does not verify.",
                    "content": {
                        "application/problem+json": {"schema": openapi.ref("Problem")},
                        "application/json": {"schema": openapi.ref("VcApiResponse")},
                    },
                },
                **openapi.problems(408, 413, 415, 503),
            },
        },
    ),
    Endpoint(
        method="POST",
        path="/presentations/verify",
        handler=verify_presentation,
        access=Access.KEY,
        operation={
            "operationId": "verifyPresentationVcApi",
            "tags": ["W3C VC API"],
            "summary": "Verify a presentation and its credentials, as the W3C VC API does",
            "description": "No policy is applied. `options.challenge` and `options.domain` are what the proof has to "
            "be made for; a challenge of `/challenges` is good for one presentation.",
            "requestBody": openapi.body({"application/json": openapi.ref("VcApiPresentationRequest")}),
            "responses": {
                "200": openapi.json_answer("The verdict.", "VcApiPresentationResponse"),
                "400": {
                    "description": "The request is malformed; or, where so configured, the presentation does not "
                    "verify.",
                    "content": {
                        "application/problem+json": {"schema": openapi.ref("Problem")},
                        "application/json": {"schema": openapi.ref("VcApiPresentationResponse")},
                    },
                },
                **openapi.problems(408, 413, 415, 503),
            },
        },
    ),
    Endpoint(
        method="POST",
        path="/challenges",
        handler=create_challenge,
        access=Access.KEY,
        operation={
            "operationId": "createChallenge",
            "tags": ["W3C VC API"],
            "summary": "Issue a challenge for one presentation",
            "description": "Send it to the holder, and then as `options.challenge` with the presentation.",
            "requestBody": {**openapi.body({"application/json": openapi.ref("ChallengeRequest")}), "required": False},
            "responses": {
                "200": openapi.json_answer("The challenge.", "Challenge"),
                **openapi.problems(400, 408, 413, 415, 503),
            },
        },
    ),
)
