"""The W3C VC API: POST /credentials/verify."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateway.demo.issuer import Issuer, badge
from tests.service.conftest import Client, Gateway, problem

if TYPE_CHECKING:
    from aiohttp import ClientResponse

ENDPOINT = "/credentials/verify"


async def verify(client: Client, credential: Any, **options: Any) -> ClientResponse:
    """Ask for a verdict."""
    return await client.post(ENDPOINT, json={"verifiableCredential": credential, "options": options})


async def test_a_good_credential_is_verified(client: Client, token: str) -> None:
    """The verdict is the native one."""
    response = await verify(client, token)

    assert response.status == 200
    assert (await response.json())["verified"] is True


@pytest.mark.parametrize("status", [200, 400])
async def test_the_status_of_what_does_not_verify_is_configured(gateway: Gateway, issuer: Issuer, status: int) -> None:
    """An expired credential, and one whose issuer cannot be reached, are both not verified."""
    down = {"environment": "development", "development.hosts": {"down.example": "http://127.0.0.1:9"}}
    client = await gateway({"vc_api.failure_status": status, **down})
    expired = issuer.jwt(badge(issuer.did, "Welding", validUntil="2026-03-01T00:00:00Z"))
    unreachable = Issuer.did_web("down.example")

    for credential in (expired, unreachable.jwt(badge(unreachable.did, "Welding"))):
        response = await verify(client, credential)

        assert response.status == status
        assert response.content_type == "application/json"
        assert (await response.json())["verified"] is False


async def test_issuer_binding_can_be_reported_instead_of_required(gateway: Gateway, issuer: Issuer) -> None:
    """A proof by somebody else's key fails by default; `report` leaves that to the caller, here only."""
    foreign = issuer.jwt(badge(Issuer.did_key().did, "Welding"))
    strict, lenient = await gateway(), await gateway({"vc_api.issuer_binding": "report"})

    assert (await (await verify(strict, foreign)).json())["verified"] is False
    assert (await (await verify(lenient, foreign)).json())["verified"] is True
    native = await lenient.post("/v1/verify", json={"credential": foreign})
    assert (await native.json())["verified"] is False


async def test_checks_of_older_clients_skip_none(client: Client, issuer: Issuer) -> None:
    """Asking for `proof` only does not make an expired credential verified."""
    expired = issuer.jwt(badge(issuer.did, "Welding", validUntil="2026-03-01T00:00:00Z"))

    assert (await (await verify(client, expired, checks=["proof"])).json())["verified"] is False


async def test_an_unknown_option_is_a_warning(client: Client, token: str) -> None:
    """It is never an error, and never silent."""
    body = await (await verify(client, token, returnProblemDetails=True, colour="blue")).json()

    assert body["verified"] is True
    assert [one["type"] for one in body["problemDetails"]] == ["https://www.w3.org/TR/vcalm#UNKNOWN_OPTION_PROVIDED"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/verifiableCredential"),
        ({"verifiableCredential": 7}, "/verifiableCredential"),
        ({"verifiableCredential": "x", "options": []}, "/options"),
        ({"verifiableCredential": "x", "policy": "x"}, "/policy"),
    ],
)
async def test_a_malformed_request_is_400(client: Client, body: dict[str, Any], pointer: str) -> None:
    """The pointer says where."""
    assert await problem(await client.post(ENDPOINT, json=body)) == (400, "malformed-request", pointer)


async def test_a_body_that_is_no_json_object_is_refused(client: Client, token: str) -> None:
    """A raw token is for the native interface."""
    as_list = await client.post(ENDPOINT, json=[token])
    as_token = await client.post(ENDPOINT, data=token, headers={"Content-Type": "application/jwt"})

    assert (await problem(as_list))[:2] == (400, "malformed-request")
    assert (await problem(as_token))[:2] == (415, "unsupported-media-type")
