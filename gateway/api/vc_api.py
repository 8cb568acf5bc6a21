"""The W3C VC API (now VCALM): `POST /credentials/verify`.

https://w3c-ccg.github.io/vcalm/#verify-credential
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from aiohttp import web

from gateway.api import openapi, rendering, requests
from gateway.api.endpoint import CONFIG, Access, Endpoint
from gateway.api.errors import Refused
from gateway.api.native import run
from gateway.model import Presented

_MEMBERS: Final = frozenset({"verifiableCredential", "options"})


async def verify_credential(request: web.Request) -> web.Response:
    """Verify a credential. No policy is applied, and `verified` is the native one.

    `options.checks` of older clients is accepted and never skips a check.
    """
    config = request.app[CONFIG].vc_api
    body = await requests.json_object(request)
    if "verifiableCredential" not in body:
        raise Refused("malformed-request", "verifiableCredential is missing", pointer="/verifiableCredential")
    options = body.get("options", {})
    if not isinstance(options, dict):
        raise Refused("malformed-request", "options is an object", pointer="/options")
    if unknown := sorted(body.keys() - _MEMBERS):
        raise Refused(
            "malformed-request", f"the body takes {' and '.join(sorted(_MEMBERS))} only", pointer=f"/{unknown[0]}"
        )
    result = await run(
        request,
        Presented(content=requests.credential(body["verifiableCredential"], "/verifiableCredential")),
        require_issuer=config.issuer_binding == "require",
    )
    answer = rendering.vc_api(result, options, config.issuer_binding)
    # https://w3c-ccg.github.io/vcalm/: 200 whatever the verdict; published test suites expect 400.
    status = HTTPStatus.OK if answer["verified"] is True else HTTPStatus(config.failure_status)
    return web.json_response(answer, status=status, dumps=rendering.dumps)


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
)
