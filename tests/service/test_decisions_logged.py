"""The decision log of the running service: every decision, and nothing of whom it is about."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp.test_utils import TestServer

from gateway.app import create_app
from gateway.config import ConfigError
from gateway.decision_audit import Chain, chains, replay
from gateway.decision_log import segments
from gateway.demo.issuer import Issuer, badge
from policies import PolicySet
from tests.service.conftest import Client, Gateway, configured, problem
from tests.service.test_operations import CANARIES, about_ada

if TYPE_CHECKING:
    from pathlib import Path

POLICY = "us/ler-baseline"


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    return tmp_path / "decisions"


@pytest.fixture(name="logging")
async def _logging(gateway: Gateway, folder: Path) -> Client:
    return await gateway({"decision_log.folder": folder})


def records(folder: Path) -> list[dict[str, Any]]:
    """Return what was logged, in which nothing is wrong."""
    chain = Chain(folder)
    found = [dict(record) for record in chain.records()]
    assert (chain.problems, chain.notes) == ([], [])
    return found


async def test_each_decision_is_logged_before_it_is_answered(logging: Client, folder: Path, token: str) -> None:
    """By the result's id, with the same verdict; a verification without a policy decides nothing."""
    answers = [
        await (await logging.post("/v1/verify", json={"credential": each, "policy": POLICY})).json()
        for each in (token, f"{token[:-8]}AAAAAAAA")
    ]
    await logging.post("/v1/verify", json={"credential": token})
    await logging.post("/credentials/verify", json={"verifiableCredential": token})

    found = records(folder)

    assert [record["result"] for record in found] == [answer["id"] for answer in answers]
    assert [record["decision"]["verdict"] for record in found] == [answer["decision"] for answer in answers]
    assert {record["policyDigest"] for record in found} == {answers[0]["policy"]["digest"]}
    assert all(len(record["factsDigest"]) == 64 for record in found)


async def test_T58_the_log_holds_nothing_of_a_person(logging: Client, folder: Path, issuer: Issuer) -> None:
    """Neither names, addresses, DIDs and tokens, nor what the caller calls the request."""
    for body in about_ada(issuer):
        if isinstance(body, dict):
            await logging.post("/v1/verify", json={"policy": POLICY, **body})

    written = b"".join(path.read_bytes() for path in segments(folder))

    assert len(records(folder)) >= 4
    for canary in (*CANARIES, issuer.did, "Ada", "eyJ", "did:"):
        assert canary.encode() not in written


async def test_without_the_option_nothing_is_written(gateway: Gateway, tmp_path: Path, token: str) -> None:
    """And decisions carry no digest of their facts, which would cost as much as the decision."""
    client = await gateway()

    await client.post("/v1/verify", json={"credential": token, "policy": POLICY})

    assert chains(tmp_path) == []


async def test_a_decision_that_cannot_be_logged_is_not_given_out(
    logging: Client, folder: Path, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The caller is asked to come again; when there is room again, the chain goes on."""
    request = {"credential": token, "policy": POLICY}

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        refused = await logging.post("/v1/verify", json=request)

    assert (await problem(refused))[:2] == (503, "overloaded")
    assert refused.headers["Retry-After"] == "1"
    assert (await logging.post("/v1/verify", json=request)).status == 200
    assert len(records(folder)) == 1


async def test_what_was_decided_can_be_decided_again(logging: Client, folder: Path, issuer: Issuer) -> None:
    """Without the facts nothing can be said; the policy is found by its digest."""
    for name in ("Welding", "Baking"):
        await logging.post("/v1/verify", json={"credential": issuer.jwt(badge(issuer.did, name)), "policy": POLICY})
    known = {policy.digest: policy for policy in PolicySet.load().policies()}

    found = replay(iter(records(folder)), {}, known)

    assert (found.without_facts, dict(found.without_policy)) == (2, {})


@pytest.mark.usefixtures("logging")
async def test_a_folder_that_another_service_writes_stops_the_start(folder: Path, tmp_path: Path) -> None:
    """Two writers would tear the chain."""
    server = TestServer(create_app(configured(tmp_path, {"decision_log.folder": folder})))

    with pytest.raises(ConfigError, match="another process writes"):
        await server.start_server()
    await server.close()
