"""Presentations, files and several records over HTTP; challenges, and the W3C VC API."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import FormData

from gateway import telemetry
from gateway.api import native
from gateway.challenges import PREFIX
from gateway.demo.issuer import Issuer, badge, compact
from tests.issuer import enveloped, presentation
from tests.service.conftest import Client, Gateway, bearer, problem, tenant

if TYPE_CHECKING:
    from collections.abc import Iterator


DOMAIN = "employer.example"
FIELD = b'--B\r\nContent-Disposition: form-data; name="credential"\r\n\r\nx\r\n'


@pytest.fixture
def holder() -> Issuer:
    """Somebody with a wallet."""
    return Issuer.did_key()


def held(issuer: Issuer, holder: Issuer, name: str = "Welding", **members: Any) -> dict[str, Any]:
    """Return a badge about the holder, in an envelope."""
    credential = badge(issuer.did, name, **members)
    credential["credentialSubject"] = {"id": holder.did, **credential["credentialSubject"]}
    return enveloped(issuer.jwt(credential), "EnvelopedVerifiableCredential", "vc+jwt")


def present(holder: Issuer, *credentials: Any, **claims: Any) -> dict[str, Any]:
    """Return a presentation in an envelope, signed by its holder."""
    header = {"kid": holder.jose_method, "typ": "vp+jwt"}
    return enveloped(compact(holder.key, header, {**presentation(holder, *credentials), **claims}))


async def challenge(client: Client, **options: Any) -> str:
    """Ask for a challenge."""
    response = await client.post("/challenges", **options)
    body = await response.json()
    assert (response.status, list(body)) == (200, ["challenge"])
    assert response.headers["Cache-Control"] == "no-store"
    issued: str = body["challenge"]
    return issued


async def verify(client: Client, content: Any, **options: Any) -> dict[str, Any]:
    """Return the native result of a presentation."""
    response = await client.post("/v1/verify", json={"presentation": content, "options": options})
    assert response.status == 200, await response.text()
    body: dict[str, Any] = await response.json()
    return body


async def vc_api(client: Client, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Return the status and the answer of the W3C VC API."""
    response = await client.post("/presentations/verify", json=body)
    return response.status, await response.json()


def check(result: dict[str, Any], name: str) -> dict[str, Any]:
    """Return one check of a result."""
    found: dict[str, Any] = next(one for one in result["checks"] if one["name"] == name)
    return found


def codes(result: dict[str, Any], name: str) -> list[str]:
    """Return the problem codes of one check."""
    return [one["code"] for one in check(result, name)["problems"]]


class TestNative:
    """`POST /v1/verify` with a presentation."""

    async def test_it_binds_the_holder_to_each_record(self, client: Client, issuer: Issuer, holder: Issuer) -> None:
        """Whole and children say so, in one sentence and by name."""
        asked = {"challenge": await challenge(client), "domain": DOMAIN}
        content = present(holder, held(issuer, holder), nonce=asked["challenge"], aud=DOMAIN)

        result = await verify(client, content, **asked)

        (child,) = result["children"]
        assert (result["outcome"], child["outcome"]) == ("pass", "pass")
        assert child["subject"]["binding"] == "holder_proof"
        assert check(child, "holder")["facts"]["challenge"] == "issued"
        assert result["credential"]["type"] == ["VerifiablePresentation"]
        assert result["issuer"]["id"] is None
        assert result["summary"].startswith("This presentation is authentic, and each record in it is authentic")

    async def test_T38_a_presentation_is_good_once(self, client: Client, issuer: Issuer, holder: Issuer) -> None:
        """Sent again, it fails with a stable code, and nothing in it is shown."""
        asked = {"challenge": await challenge(client)}
        content = present(holder, held(issuer, holder), nonce=asked["challenge"])

        first = await verify(client, content, **asked)
        again = await verify(client, content, **asked)

        assert first["outcome"] == "pass"
        assert (again["outcome"], codes(again, "proof"), again["children"]) == ("fail", ["challenge-used"], [])

    async def test_T38_of_many_at_once_one_passes(self, client: Client, issuer: Issuer, holder: Issuer) -> None:
        """Sent many times at the same moment, exactly one is believed."""
        asked = {"challenge": await challenge(client)}
        content = present(holder, held(issuer, holder), nonce=asked["challenge"])

        results = await asyncio.gather(*(verify(client, content, **asked) for _ in range(8)))

        assert sorted(result["outcome"] for result in results) == ["fail"] * 7 + ["pass"]

    async def test_T38_a_failed_answer_uses_up_nothing(self, client: Client, issuer: Issuer, holder: Issuer) -> None:
        """Whoever overhears a challenge cannot spoil it for the one it was sent to."""
        asked = {"challenge": await challenge(client)}
        good = present(holder, held(issuer, holder), nonce=asked["challenge"])
        forged = {**good, "id": good["id"][:-8] + "AAAAAAA" + good["id"][-1]}

        assert codes(await verify(client, forged, **asked), "proof") == ["CRYPTOGRAPHIC_SECURITY_ERROR"]
        assert (await verify(client, good, **asked))["outcome"] == "pass"

    async def test_T38_several_in_one_request_may_answer_the_same(
        self, client: Client, issuer: Issuer, holder: Issuer
    ) -> None:
        """An array of presentations is one use; the next request is another."""
        asked = {"challenge": await challenge(client)}
        content = [present(holder, held(issuer, holder, name), nonce=asked["challenge"]) for name in "ABC"]

        assert (await verify(client, content, **asked))["outcome"] == "pass"
        assert (await verify(client, content, **asked))["outcome"] == "fail"

    @pytest.mark.parametrize("domain", [None, "attacker.example", [DOMAIN, "attacker.example"]])
    async def test_T38_a_challenge_for_a_domain_needs_it(
        self, client: Client, issuer: Issuer, holder: Issuer, domain: Any
    ) -> None:
        """Answered for another domain, or for none, it does not do."""
        issued = await challenge(client, json={"domain": DOMAIN})
        content = present(holder, held(issuer, holder), nonce=issued, **({} if domain is None else {"aud": domain}))

        result = await verify(client, content, challenge=issued, **({} if domain is None else {"domain": domain}))

        assert (result["outcome"], codes(result, "proof")) == ("fail", ["INVALID_DOMAIN_ERROR"])

    async def test_T38_a_challenge_that_was_never_issued_is_unknown(
        self, client: Client, issuer: Issuer, holder: Issuer
    ) -> None:
        """One of the caller's own is compared, and is the caller's to keep account of."""
        made_up = f"{PREFIX}AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        for value, code, source in ((made_up, ["challenge-unknown"], None), ("mine-1", [], "caller")):
            content = present(holder, held(issuer, holder), nonce=value)
            result = await verify(client, content, challenge=value)
            assert codes(result, "proof") == code
            assert check(result, "holder")["facts"].get("challenge") == source

    async def test_a_challenge_survives_an_answer_that_could_not_be_given(
        self, client: Client, issuer: Issuer, holder: Issuer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """503 asks the caller to come again, and the same presentation is then good, once."""
        asked = {"challenge": await challenge(client)}
        body = {"presentation": present(holder, held(issuer, holder), nonce=asked["challenge"]), "options": asked}
        monkeypatch.setattr(native, "_overloaded", lambda _result: True)
        assert (await client.post("/v1/verify", json=body)).status == 503
        monkeypatch.undo()

        outcomes = [(await (await client.post("/v1/verify", json=body)).json())["outcome"] for _ in range(2)]

        assert outcomes == ["pass", "fail"]

    async def test_T55_a_challenge_is_its_tenants_own(self, gateway: Gateway, issuer: Issuer, holder: Issuer) -> None:
        """Another tenant can neither use it nor use it up."""
        (one, first), (two, second) = tenant(), tenant()
        client = await gateway({"tenants.one": first, "tenants.two": second})
        issued = await challenge(client, headers=bearer(one))
        body = {
            "presentation": present(holder, held(issuer, holder), nonce=issued),
            "options": {"challenge": issued},
        }

        foreign = await (await client.post("/v1/verify", json=body, headers=bearer(two))).json()
        own = await (await client.post("/v1/verify", json=body, headers=bearer(one))).json()

        assert (foreign["outcome"], codes(foreign, "proof")) == ("fail", ["challenge-unknown"])
        assert own["outcome"] == "pass"

    async def test_T39_the_candidate_is_compared(self, client: Client, issuer: Issuer) -> None:
        """With the hashed identity in a badge that comes by itself."""
        for email, binding, state in (
            ("learner@example.com", "identifier_match", "match"),
            ("else@example.com", "none", "mismatch"),
        ):
            body = {
                "credential": issuer.jwt(badge(issuer.did, "Welding")),
                "options": {"candidate": {"email": email}},
            }
            result = await (await client.post("/v1/verify", json=body)).json()
            assert result["subject"]["binding"] == binding
            assert check(result, "subject")["facts"] == {"fields": {"email": state}}
            assert result["outcome"] == "pass"

    @pytest.mark.parametrize(
        ("options", "pointer"),
        [
            ({"challenge": ""}, "/options/challenge"),
            ({"challenge": 7}, "/options/challenge"),
            ({"domain": []}, "/options/domain"),
            ({"domain": [7]}, "/options/domain"),
            ({"candidate": {"mail": "a@example.com"}}, "/options/candidate/mail"),
            ({"candidate": {"email": ["a@example.com"]}}, "/options/candidate/email"),
            ({"candidate": {"email": ""}}, "/options/candidate/email"),
            ({"candidate": None}, "/options/candidate"),
            ({"chalenge": "x"}, "/options/chalenge"),
        ],
    )
    async def test_an_option_that_would_go_unchecked_is_400(self, client: Client, options: Any, pointer: str) -> None:
        """A misspelt or mistyped expectation never passes silently, and its value is not repeated."""
        response = await client.post("/v1/verify", json={"credential": "x", "options": options})

        status, code, where = await problem(response)
        assert (status, code) == (400, "malformed-request")
        assert where is not None
        assert where.startswith(pointer)
        assert "example.com" not in await response.text()

    async def test_a_bare_credential_is_no_presentation(self, client: Client, token: str) -> None:
        """Sent as `presentation`, with or without a challenge, it fails."""
        assert codes(await verify(client, token), "proof") == ["MALFORMED_VALUE_ERROR"]
        assert codes(await verify(client, token, challenge="n"), "proof") == ["INVALID_CHALLENGE_ERROR"]


class TestFiles:
    """Records that come in something else."""

    async def test_several_records_are_children(self, client: Client, token: str) -> None:
        """An array in an envelope, or as the body itself."""
        for body in ({"credential": [token, token]}, [token, token]):
            result = await (await client.post("/v1/verify", json=body)).json()
            assert [child["outcome"] for child in result["children"]] == ["pass", "pass"]
            assert (result["outcome"], result["format"]["name"]) == ("pass", "json-array")
            assert result["summary"].startswith("What was sent is authentic, and each record in it")

    async def test_text_of_any_kind_is_opened(self, client: Client, token: str) -> None:
        """A data: URL, base64 or JSON in a string; the result says in what it was found."""
        array = base64.b64encode(json.dumps([token]).encode()).decode()
        for text, found in (
            (f"data:application/vc+jwt,{token}", "data-url"),
            (array, "base64/json-array"),
            (json.dumps([token]), "json-array"),
            (token, "content"),
        ):
            result = await (await client.post("/v1/verify", json={"credential": text})).json()
            assert (result["outcome"], result["format"]["detectedBy"]) == ("pass", found)
            raw = await client.post("/v1/verify", data=text, headers={"Content-Type": "text/plain"})
            assert (await raw.json())["format"]["detectedBy"] == found

    async def test_a_file_that_is_none_of_its_kind_fails_as_a_record(self, client: Client) -> None:
        """Anything about what was sent is an answer, not an error."""
        for kind in ("image/png", "application/pdf", "application/zip", "application/vc+cose"):
            response = await client.post("/v1/verify", data=b"\x00\x01", headers={"Content-Type": kind})
            result = await response.json()
            assert (response.status, result["outcome"]) == (200, "fail")

    async def test_a_form_carries_a_file_and_its_parameters(self, client: Client, issuer: Issuer) -> None:
        """As an upload field sends it; an empty policy asks for no decision."""
        form = FormData({"reference": "applicant 7", "policy": "us/ler-baseline"})
        form.add_field("options", json.dumps({"candidate": {"email": "learner@example.com"}}))
        token = issuer.jwt(badge(issuer.did, "Welding"))
        form.add_field("credential", json.dumps([token]).encode(), filename="x.json", content_type="application/json")

        result = await (await client.post("/v1/verify", data=form)).json()

        assert (result["outcome"], result["reference"], result["decision"]) == ("pass", "applicant 7", "review")
        assert result["subject"]["binding"] == "identifier_match"
        bare = FormData({"policy": ""})
        bare.add_field("credential", token.encode(), filename="x.jwt", content_type="application/octet-stream")
        assert (await (await client.post("/v1/verify", data=bare)).json())["decision"] is None

    @pytest.mark.parametrize(
        ("fields", "code"),
        [
            ({"reference": "x"}, "malformed-request"),
            ({"credential": "x", "presentation": "x"}, "malformed-request"),
            ({"credential": "x", "polcy": "x"}, "malformed-request"),
            ({"credential": "x", "options": "{"}, "not-json"),
            ({"credential": "x", "options": '{"a": 1, "a": 1}'}, "duplicate-key"),
            ({"credential": "x", "options": "[]"}, "malformed-request"),
            ({"credential": "x", "asOf": "yesterday"}, "bad-as-of"),
            ({"credential": "x", "policy": "no/such"}, "unknown-policy"),
            ({"credential": "x", "reference": "x" * 65}, "malformed-request"),
            ({"credential": "x", "reference": "x" * 17_000}, "too-large"),
        ],
    )
    async def test_a_malformed_form_is_refused(self, client: Client, fields: dict[str, str], code: str) -> None:
        """Like the envelope that it stands for."""
        form = FormData()
        for name, value in fields.items():
            form.add_field(name, value.encode(), filename=name)
        response = await client.post("/v1/verify", data=form)
        assert (await problem(response))[1] == code

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"--B--",
            b"--B\r\n\r\nx\r\n--B--",
            FIELD + FIELD + b"--B--\r\n",
            b"--B\r\nContent-Type: multipart/mixed; boundary=C\r\n\r\n--C\r\n\r\nx\r\n--C--\r\n--B--\r\n",
            b'--B\r\nContent-Disposition: form-data; name="credential"\r\nContent-Encoding: gzip\r\n\r\nx\r\n--B--\r\n',
        ],
    )
    async def test_what_is_no_form_is_refused(self, client: Client, body: bytes) -> None:
        """Without a part, with one twice, nested or compressed."""
        response = await client.post(
            "/v1/verify", data=body, headers={"Content-Type": "multipart/form-data; boundary=B"}
        )
        assert (await problem(response))[0] in (400, 415)

    async def test_T7_a_form_beyond_the_limit_is_413(self, gateway: Gateway) -> None:
        """Read up to the bound, and no further."""
        client = await gateway({"limits.body_bytes": 1000})
        form = FormData()
        form.add_field("credential", b"x" * 2000, filename="x")
        assert (await problem(await client.post("/v1/verify", data=form)))[:2] == (413, "too-large")


class TestVcApi:
    """`POST /presentations/verify` and `POST /challenges` (VCALM)."""

    async def test_a_good_presentation_is_verified(self, client: Client, issuer: Issuer, holder: Issuer) -> None:
        """With what was asked for, and nothing else."""
        issued = await challenge(client, json={})
        content = present(holder, held(issuer, holder), nonce=issued, aud=DOMAIN)
        options: dict[str, Any] = {"challenge": issued, "domain": DOMAIN}

        body = {"verifiablePresentation": content, "options": options}
        assert await vc_api(client, body) == (200, {"verified": True})

    async def test_results_name_challenge_domain_holder_and_each_credential(
        self, client: Client, issuer: Issuer, holder: Issuer
    ) -> None:
        """VerifyPresentationResult: the presentation and its credentials apart."""
        switches = {"returnPresentation": True, "returnProblemDetails": True, "returnResults": True}
        content = present(holder, held(issuer, holder), held(issuer, holder, "Old", validUntil="2026-03-01T00:00:00Z"),
                          nonce="n-1", aud=[DOMAIN])  # fmt: skip
        options = {"challenge": "n-1", "domain": [DOMAIN], **switches}

        status, answer = await vc_api(client, {"verifiablePresentation": content, "options": options})

        assert (status, answer["verified"]) == (200, False)
        assert answer["verifiablePresentation"]["type"] == ["VerifiablePresentation"]
        assert [problem["code"] for problem in answer["problemDetails"]] == ["child-not-current"]
        found = answer["results"]["presentation"]
        assert found["challenge"] == {"verified": True, "input": "n-1"}
        assert found["domain"] == {"verified": True, "input": [DOMAIN]}
        assert found["holder"] == {"verified": True, "input": holder.did}
        assert [proof["verified"] for proof in found["proof"]] == [True]
        good, old = answer["results"]["credentials"]
        assert (good["verified"], good["credential"]["name"], good["problemDetails"]) == (True, "Welding", [])
        assert (old["verified"], old["results"]["validUntil"]["verified"]) == (False, False)
        assert [problem["code"] for problem in old["problemDetails"]] == ["expired"]

    async def test_T38_another_challenge_or_domain_is_not_verified(
        self, client: Client, issuer: Issuer, holder: Issuer
    ) -> None:
        """Neither is a replay; the results say which it is."""
        issued = await challenge(client)
        content = present(holder, held(issuer, holder), nonce=issued, aud=DOMAIN)
        for options, code, part in (
            ({"challenge": "other"}, "INVALID_CHALLENGE_ERROR", "challenge"),
            ({"domain": "attacker.example"}, "INVALID_DOMAIN_ERROR", "domain"),
            ({"challenge": issued, "domain": DOMAIN}, None, "challenge"),
            ({"challenge": issued, "domain": DOMAIN}, "challenge-used", "challenge"),
        ):
            asked = {**options, "returnResults": True, "returnProblemDetails": True, "returnPresentation": True}
            _, answer = await vc_api(client, {"verifiablePresentation": content, "options": asked})
            assert answer["verified"] is (code is None)
            assert answer["results"]["presentation"][part]["verified"] is (code is None)
            assert ("verifiablePresentation" in answer) is (code is None)
            assert (code is None) or code in [one["code"] for one in answer["problemDetails"]]

    async def test_whose_credentials_they_are_is_for_the_caller_to_say(
        self, client: Client, issuer: Issuer, holder: Issuer
    ) -> None:
        """Matching subjects with the holder is a rule of the relying party, outside of this endpoint."""
        content = present(holder, held(issuer, Issuer.did_key()), nonce="n-1")
        _, answer = await vc_api(client, {"verifiablePresentation": content, "options": {"challenge": "n-1"}})
        assert answer["verified"] is True

    async def test_only_as_presentation_may_it_be_unsigned(
        self, client: Client, issuer: Issuer, holder: Issuer
    ) -> None:
        """ProoflessVerifyPresentationRequest: then the verdict is about the credentials; never with a challenge."""
        unsigned = presentation(holder, held(issuer, holder))
        expired = presentation(holder, held(issuer, holder, validUntil="2026-03-01T00:00:00Z"))
        options = {"options": {"challenge": "n-1"}}
        for body, verified in (
            ({"presentation": unsigned}, True),
            ({"verifiablePresentation": unsigned}, False),
            ({"presentation": unsigned, **options}, False),
            ({"presentation": expired}, False),
            ({"presentation": presentation(holder)}, False),
            ({"presentation": present(holder, held(issuer, holder))}, True),
        ):
            assert await vc_api(client, body) == (200, {"verified": verified})

    async def test_a_credential_is_no_presentation(self, client: Client, token: str) -> None:
        """And more credentials than are verified are not verified."""
        assert (await vc_api(client, {"verifiablePresentation": token}))[1] == {"verified": False}

    async def test_credentials_that_were_not_looked_at_are_not_verified(
        self, gateway: Gateway, issuer: Issuer, holder: Issuer
    ) -> None:
        """Too many of them: nothing was found wrong, and nothing is verified."""
        client = await gateway({"limits.max_children": 1})
        content = present(holder, held(issuer, holder), held(issuer, holder, "Baking"))
        assert (await vc_api(client, {"verifiablePresentation": content}))[1] == {"verified": False}

    async def test_an_unknown_option_is_a_warning(self, client: Client, issuer: Issuer, holder: Issuer) -> None:
        """Told even where no problem details were asked for."""
        content = present(holder, held(issuer, holder))
        _, answer = await vc_api(client, {"verifiablePresentation": content, "options": {"returnCredential": True}})
        assert answer["verified"] is True
        assert [one["code"] for one in answer["problemDetails"]] == ["UNKNOWN_OPTION_PROVIDED"]

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({}, "/presentation"),
            ({"verifiablePresentation": {}, "presentation": {}}, "/presentation"),
            ({"verifiablePresentation": 7}, "/verifiablePresentation"),
            ({"presentation": "a.b.c"}, "/presentation"),
            ({"verifiablePresentation": {}, "policy": "x"}, "/policy"),
            ({"verifiablePresentation": {}, "options": []}, "/options"),
            ({"verifiablePresentation": {}, "options": {"challenge": 7}}, "/options/challenge"),
            ({"verifiablePresentation": {}, "options": {"challenge": None}}, "/options/challenge"),
            ({"verifiablePresentation": {}, "options": {"challenge": ""}}, "/options/challenge"),
            ({"verifiablePresentation": {}, "options": {"domain": []}}, "/options/domain"),
            ({"verifiablePresentation": {}, "options": {"domain": None}}, "/options/domain"),
        ],
    )
    async def test_a_malformed_request_is_400(self, client: Client, body: dict[str, Any], pointer: str) -> None:
        """An expectation of another type would go unchecked."""
        response = await client.post("/presentations/verify", json=body)
        assert await problem(response) == (400, "malformed-request", pointer)

    @pytest.mark.parametrize("body", [b"[]", b'{"domain": 7}', b'{"domain": []}', b'{"challenge": "mine"}', b"{"])
    async def test_a_malformed_request_for_a_challenge_is_400(self, client: Client, body: bytes) -> None:
        """It is empty, or names a domain."""
        response = await client.post("/challenges", data=body, headers={"Content-Type": "application/json"})
        assert response.status == 400

    async def test_more_challenges_than_a_caller_may_have_are_503(self, gateway: Gateway) -> None:
        """Later there is room again, since they expire."""
        client = await gateway({"challenges.most_open": 1})
        await challenge(client)
        response = await client.post("/challenges")
        assert (await problem(response))[:2] == (503, "overloaded")
        assert response.headers["Retry-After"] == "1"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What is logged."""
    stream = io.StringIO()
    telemetry.configure("debug", stream=stream)
    with closing(stream):
        yield stream
        telemetry.configure("error")


async def test_T58_neither_candidate_nor_challenge_nor_holder_is_logged(
    gateway: Gateway, issuer: Issuer, log: io.StringIO
) -> None:
    """Whatever comes of it: match, mismatch, refusal or form."""
    client = await gateway()
    holder = Issuer.did_key()
    candidate = {"email": "canary@example.com", "name": "Canary Name", "phone": "+15550100", "studentId": "canary-7"}
    issued = await challenge(client)
    content = present(holder, held(issuer, holder), nonce=issued)
    for known in (candidate, {"email": "learner@example.com"}, {"canary": "canary@example.com"}):
        asked = {"challenge": issued, "candidate": known}
        await client.post("/v1/verify", json={"presentation": content, "options": asked})
    form = FormData({"options": json.dumps({"candidate": candidate})})
    form.add_field("credential", b"canary-file", filename="canary-name.png")
    await client.post("/v1/verify", data=form)
    metrics = await (await client.get("/metrics")).text()

    assert "request" in [json.loads(line)["event"] for line in log.getvalue().splitlines()]
    for secret in ("canary", "Canary", "15550100", "learner@", issued, issued[-12:], holder.did, "did:key:z6Mk"):
        assert secret not in log.getvalue()
        assert secret not in metrics
