"""European credentials, transcripts and résumés over HTTP, also in the shape of another standard."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from tests.certified import root, seal
from tests.gateway.unsigned import ELMO, PESC, blockcerts, resume, velocity
from tests.sealed import ORGANIZATION, sealed
from tests.service.conftest import Client, Gateway, problem

if TYPE_CHECKING:
    from pathlib import Path

ROOT = root()
SEALED = sealed(seal(ROOT))
AT = {"asOf": "2026-06-01T12:00:00Z"}


@pytest.fixture
async def european(gateway: Gateway, tmp_path: Path) -> Client:
    """The service, which believes one authority for seals."""
    pem = tmp_path / "authorities.pem"
    pem.write_bytes(ROOT.certificate.public_bytes(Encoding.PEM))
    return await gateway({"trust": {"eu-seals": {"kind": "x509_anchors", "path": str(pem)}}})


async def answer(client: Client, body: Any, media_type: str = "application/json", **query: str) -> dict[str, Any]:
    """Return what is answered, always with status 200."""
    data = json.dumps(body) if isinstance(body, dict) else body
    response = await client.post("/v1/verify", data=data, headers={"Content-Type": media_type}, params=query)
    assert response.status == 200
    found: dict[str, Any] = await response.json()
    return found


@pytest.mark.parametrize("media_type", ["application/jose+json", "application/json"])
async def test_a_european_credential_is_verified(european: Client, media_type: str) -> None:
    """Under the configured authority it passes, and the issuer is known by its certified number."""
    result = await answer(european, SEALED, media_type, **AT)
    assert (result["outcome"], result["format"]["name"]) == ("pass", "jades")
    assert result["issuer"]["id"] == ORGANIZATION
    assert [one["verification"] for one in result["achievements"]] == ["verified"]
    assert result["claimsUnverified"] is False


async def test_without_the_authority_it_is_not_known(client: Client) -> None:
    """Whoever configures nobody believes nobody."""
    result = await answer(client, SEALED, **AT)
    assert result["outcome"] == "indeterminate"
    (issuer,) = [check for check in result["checks"] if check["name"] == "issuer"]
    assert [one["code"] for one in issuer["problems"]] == ["certificate-untrusted"]
    assert result["claimsUnverified"] is True


async def test_an_authority_that_cannot_be_read_vouches_for_nobody(gateway: Gateway, tmp_path: Path) -> None:
    """A file that is damaged is as if it were not there, and never a pass."""
    (tmp_path / "authorities.pem").write_text("damaged", encoding="utf-8")
    path = str(tmp_path / "authorities.pem")
    client = await gateway({"trust": {"eu-seals": {"kind": "x509_anchors", "path": path}}})
    assert (await answer(client, SEALED, **AT))["outcome"] == "indeterminate"


@pytest.mark.parametrize(
    ("body", "media_type", "code"),
    [
        (PESC, "application/xml", "transcript-unsigned"),
        (ELMO, "text/xml", "xml-signature-not-verified"),
        (ELMO, "text/plain", "xml-signature-not-verified"),
        ({"credential": PESC}, "application/json", "transcript-unsigned"),
        (blockcerts(), "application/json", "blockchain-not-consulted"),
        (velocity(), "application/json", "velocity-not-consulted"),
        (resume(), "application/json", "envelope-unsigned"),
    ],
)
async def test_what_is_not_verified_is_explained(client: Client, body: Any, media_type: str, code: str) -> None:
    """It is an answer with a remedy, and never an error of the request."""
    result = await answer(client, body, media_type)
    assert (result["outcome"], result["verified"], result["claimsUnverified"]) == ("indeterminate", False, True)
    (proof,) = [check for check in result["checks"] if check["name"] == "proof"]
    assert [one["code"] for one in proof["problems"]] == [code]
    assert proof["problems"][0]["fix"].startswith(("Ask", "Check", "Open", "Rely"))
    assert {one["verification"] for one in result["achievements"]} == {"none"}


async def test_T54_an_entity_bomb_is_an_answer(client: Client) -> None:
    """Not one entity is expanded, and the record is refused for it."""
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    result = await answer(client, f'<!DOCTYPE elmo [<!ENTITY l0 "lol">{laughs}]><elmo>&l9;</elmo>', "application/xml")
    assert (result["outcome"], [one["code"] for one in result["checks"][0]["problems"]]) == ("fail", ["PARSING_ERROR"])


class TestProjection:
    """The same result in the shape of another standard."""

    async def test_in_the_query_and_in_an_envelope(self, european: Client) -> None:
        """Both ask for it; the row has the record that verifies it."""
        in_query = await answer(european, SEALED, projection="ler-rs", **AT)
        in_envelope = await answer(european, {"credential": SEALED, "projection": "ler-rs", **AT})
        for document in (in_query, in_envelope):
            assert document["person"] == {"name": {"formattedName": "Ana Andromeda"}}
            (row,) = document["certifications"]
            assert row["name"] == "Engineer"
            assert row["issuingAuthority"] == {"name": "University of Example"}
            assert [one["id"] for one in row["verifications"]] == ["urn:credential:1"]

    async def test_of_what_is_not_verified(self, client: Client) -> None:
        """Without the authority there is nothing that verifies the row."""
        (row,) = (await answer(client, SEALED, projection="ler-rs", **AT))["certifications"]
        assert "verifications" not in row

    @pytest.mark.parametrize("name", ["", "ler", "LER-RS"])
    async def test_that_there_is_none_of(self, client: Client, name: str) -> None:
        """A name that is not known is refused, before anything is verified."""
        response = await client.post("/v1/verify", json=SEALED, params={"projection": name})
        assert (await problem(response))[:2] == (400, "malformed-request")
