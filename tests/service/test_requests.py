"""What is a request, and what is refused as malformed whatever credential it carries."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gateway.demo.issuer import badge
from tests.service.conftest import Client, Gateway, problem

if TYPE_CHECKING:
    from gateway.demo.issuer import Issuer

JSON = {"Content-Type": "application/json"}


class TestForms:
    """The ways to send a credential."""

    async def test_an_envelope_carries_a_token(self, client: Client, token: str) -> None:
        """The plain way: a credential, and nothing else."""
        response = await client.post("/v1/verify", json={"credential": token, "reference": "applicant 7"})

        body = await response.json()

        assert response.status == 200
        assert (body["outcome"], body["verified"], body["decision"]) == ("pass", True, None)
        assert body["reference"] == "applicant 7"

    async def test_an_envelope_carries_an_object(self, client: Client, issuer: Issuer) -> None:
        """An embedded proof verifies through the whole stack."""
        from gateway.api.endpoint import VERIFIER  # noqa: PLC0415 — the running application's own canonicalizer

        verifier = client.server.app[VERIFIER]  # type: ignore[attr-defined]  # a test server has one
        credential = await issuer.secure(badge(issuer.did, "Welding"), verifier.canonicalizer)

        response = await client.post("/v1/verify", json={"credential": credential})

        assert (await response.json())["outcome"] == "pass"

    @pytest.mark.parametrize("media_type", ["application/vc+jwt", "application/jwt", "text/plain; charset=utf-8"])
    async def test_a_raw_token_is_taken_by_its_media_type(self, client: Client, token: str, media_type: str) -> None:
        """White space around it, as editors leave it, does not matter."""
        response = await client.post("/v1/verify", data=f"{token}\n", headers={"Content-Type": media_type})

        assert (await response.json())["verified"] is True

    @pytest.mark.parametrize(
        "media_type", ["application/vc", "application/ld+json", "application/json", "text/plain", "Application/JSON"]
    )
    async def test_a_raw_object_is_taken_by_its_media_type(self, client: Client, media_type: str) -> None:
        """An object with a context is a credential; here one without a proof."""
        raw = json.dumps(badge("did:key:z6Mk", "Welding"))

        response = await client.post("/v1/verify", data=raw, headers={"Content-Type": media_type})

        assert response.status == 200
        assert (await response.json())["verified"] is False

    async def test_a_context_makes_a_credential_of_what_looks_like_an_envelope(self, client: Client) -> None:
        """With `@context`, a member named `credential` is the credential's own."""
        raw = {**badge("did:key:z6Mk", "Welding"), "credential": "x"}

        assert (await client.post("/v1/verify", json=raw)).status == 200

    async def test_an_object_that_is_neither_is_a_credential_that_fails(self, client: Client) -> None:
        """What was sent is a request in order; what is in it is no credential."""
        response = await client.post("/v1/verify", json={"hello": "world"})

        body = await response.json()

        assert response.status == 200
        assert body["outcome"] == "fail"
        assert body["checks"][0]["problems"][0]["code"] == "not-a-credential"

    async def test_a_raw_credential_takes_its_parameters_from_the_query(self, client: Client, token: str) -> None:
        """Reference and instant work without an envelope."""
        response = await client.post(
            "/v1/verify?reference=r&asOf=2026-06-01T00:00:00Z&policy=",
            data=token,
            headers={"Content-Type": "application/jwt"},
        )

        body = await response.json()

        assert (body["reference"], body["asOf"], body["decision"]) == ("r", "2026-06-01T00:00:00Z", None)


class TestMalformed:
    """4xx is the request, and never the credential."""

    @pytest.mark.parametrize(
        ("raw", "code", "pointer"),
        [
            (b"", "not-json", None),
            (b"{", "not-json", None),
            (b"\xef\xbb\xbf{}", "not-json", None),
            (b'{"a": "\xff"}', "not-utf8", None),
            ('{"credential": "ä"}'.encode("utf-16"), "not-utf8", None),
            (b'{"credential": {"a": 1, "a": 2}}', "duplicate-key", "/credential/a"),
            (b'{"credential": {"a": [NaN]}}', "number-out-of-range", "/credential/a/0"),
            (b'{"credential": {"a": 9007199254740993}}', "number-out-of-range", "/credential/a"),
            (b'{"credential": {"a": 1e400}}', "number-out-of-range", "/credential/a"),
            (b'{"credential": {"a": "\\ud800"}}', "lone-surrogate", "/credential/a"),
            (b"[]", "malformed-request", None),
            (b'"eyJ"', "malformed-request", None),
            (b'{"credential": 7}', "malformed-request", "/credential"),
            (b'{"credential": null}', "malformed-request", "/credential"),
            (b'{"credential": "x", "polcy": "x"}', "malformed-request", "/polcy"),
            (b'{"credential": "x", "reference": 7}', "malformed-request", "/reference"),
            (b'{"credential": "x", "options": {"x": 1}}', "malformed-request", "/options/x"),
            (b'{"presentation": 7}', "malformed-request", "/presentation"),
            (b'{"credential": "x", "presentation": {}}', "malformed-request", "/presentation"),
        ],
    )
    async def test_T22_T23_T24_it_is_400_with_a_code_and_a_pointer(
        self, client: Client, raw: bytes, code: str, pointer: str | None
    ) -> None:
        """Each kind of malformed body has its own stable code."""
        response = await client.post("/v1/verify", data=raw, headers=JSON)

        assert await problem(response) == (400, code, pointer)

    async def test_T21_deep_json_is_400(self, client: Client) -> None:
        """A body of 10^5 levels is refused without recursion."""
        response = await client.post("/v1/verify", data=b"[" * 10**5, headers=JSON)

        assert (await problem(response))[:2] == (400, "too-deep")

    async def test_a_reference_has_at_most_64_characters(self, client: Client) -> None:
        """What is echoed is short."""
        sixty_four, sixty_five = ({"credential": "x", "reference": "x" * length} for length in (64, 65))

        assert (await client.post("/v1/verify", json=sixty_four)).status == 200
        assert await problem(await client.post("/v1/verify", json=sixty_five)) == (
            400,
            "malformed-request",
            "/reference",
        )

    @pytest.mark.parametrize(
        "as_of",
        [
            "",
            "yesterday",
            "2026-07-01",
            "2026-07-01T00:00:00",
            "2026-13-01T00:00:00Z",
            "0001-01-01T00:00:00+14:00",
            7,
            {},
        ],
    )
    async def test_an_instant_that_cannot_be_used_is_422(self, client: Client, as_of: Any) -> None:
        """An instant has a time zone, and lies where dates can be counted."""
        response = await client.post("/v1/verify", json={"credential": "x", "asOf": as_of})

        assert await problem(response) == (422, "bad-as-of", "/asOf")

    @pytest.mark.parametrize("query", ["polcy=x", "policy=a&policy=b", "x"])
    async def test_a_query_that_would_be_without_effect_is_400(self, client: Client, query: str) -> None:
        """A misspelt `policy` must not mean: no policy."""
        response = await client.post(f"/v1/verify?{query}", data="x", headers={"Content-Type": "application/jwt"})

        assert (await problem(response))[:2] == (400, "malformed-request")

    async def test_an_envelope_with_a_query_is_400(self, client: Client) -> None:
        """There is one place for each parameter."""
        response = await client.post("/v1/verify?policy=us-al/talent-triad", json={"credential": "x"})

        assert (await problem(response))[:2] == (400, "malformed-request")

    async def test_a_token_that_is_not_utf8_is_400(self, client: Client) -> None:
        """Signed bytes are never guessed at."""
        response = await client.post("/v1/verify", data=b"\xff\xfee", headers={"Content-Type": "application/jwt"})

        assert await problem(response) == (400, "not-utf8", None)

    async def test_sentences_come_in_the_language_that_is_asked_for(self, client: Client) -> None:
        """A language that there is not is answered in English."""
        headers = {**JSON, "Accept-Language": "tlh, en;q=0.5"}

        body = await (await client.post("/v1/verify", data=b"{", headers=headers)).json()

        assert body["say"].isascii()


class TestMediaTypes:
    """415: what is not read at all."""

    @pytest.mark.parametrize(
        "headers",
        [
            {"Content-Type": "application/x-www-form-urlencoded"},
            {"Content-Type": "image/gif"},
            {"Content-Type": "application/json; charset=utf-16"},
            {"Content-Type": "application/json", "Content-Encoding": "gzip"},
            {"Content-Type": ""},
        ],
    )
    async def test_another_media_type_is_415(self, client: Client, headers: dict[str, str]) -> None:
        """The answer names those that are read."""
        response = await client.post("/v1/verify", data=b"{}", headers=headers)

        assert (await problem(response))[:2] == (415, "unsupported-media-type")


class TestSize:
    """413: what is too large."""

    async def test_a_body_over_the_limit_is_413(self, gateway: Gateway) -> None:
        """The limit itself is allowed; one byte more is not, whether its length is declared or not."""
        client = await gateway({"limits.body_bytes": 100})

        async def chunks(size: int) -> Any:
            for _ in range(size):
                yield b"x"

        headers = {"Content-Type": "application/jwt"}

        assert (await client.post("/v1/verify", data=b"x" * 100, headers=headers)).status == 200
        assert (await client.post("/v1/verify", data=chunks(100), headers=headers)).status == 200
        assert await problem(await client.post("/v1/verify", data=b"x" * 101, headers=headers)) == (
            413,
            "too-large",
            None,
        )
        assert await problem(await client.post("/v1/verify", data=chunks(101), headers=headers)) == (
            413,
            "too-large",
            None,
        )

    async def test_a_large_body_is_parsed_beside_the_event_loop(self, client: Client) -> None:
        """Also there its faults are found."""
        raw = b'{"credential": {"pad": "' + b"x" * 200_000 + b'", "a": 1, "a": 2}}'

        response = await client.post("/v1/verify", data=raw, headers=JSON)

        assert await problem(response) == (400, "duplicate-key", "/credential/a")
