"""Work on policies over HTTP: for tenants that may, on what they may see, and on nothing of the machine."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest

import policies
from gateway.api.policy_bodies import MAX_FACTS, MAX_FILES, MAX_POLICIES
from gateway.api.schemas import SCHEMAS
from policies import facts as facts_json
from policies.facts import from_json, to_json
from policies.source import MAX_BYTES
from tests.policies.files import facts, policy, rule
from tests.service.conftest import Client, Gateway, bearer, problem, tenant
from tests.service.test_schemathesis import undescribed

if TYPE_CHECKING:
    from pathlib import Path

    from policies import Facts

SECRET = policy(rule("{issuer_is: 'did:web:secret.example'}"), name="employer/secret-plans")
LIBRARY_ID = "us/ler-baseline"
DRAFT = policy(rule("{issued_within: P1Y}"), name="employer/draft", head=f"extends: {LIBRARY_ID}@1")
VERBS = ("lint", "test", "diff", "simulate")
READS = ("source?policy=us/ler-baseline", "explain?policy=us/ler-baseline", "schema", "facts-schema")


@pytest.fixture(name="folders")
def _folders(tmp_path: Path) -> dict[str, Any]:
    """Flags for a folder with a policy that only its owner sees."""
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "secret.yaml").write_text(SECRET)
    return {"policies.folders": [folder]}


class Admin:
    """A tenant that works on policies, and sees those of the United States."""

    def __init__(self, client: Client, key: str) -> None:
        """Send with this key."""
        self.client = client
        self.headers = bearer(key)

    async def post(self, verb: str, **body: Any) -> Any:
        """Return an answer to what is sent; it is as described, to its last field."""
        response = await self.client.post(f"/v1/policies/{verb}", json=body, headers=self.headers)
        answer = await response.json()
        assert response.status == 200, answer
        name = {"lint": "Findings", "test": "PolicyTests", "diff": "PolicyDifference", "simulate": "Simulation"}[verb]
        schema = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": SCHEMAS}}
        jsonschema_rs.validator_for(schema).validate(answer)
        assert undescribed(answer, SCHEMAS[name]) == []
        return answer

    async def refused(self, verb: str, **body: Any) -> tuple[int, str, str | None]:
        """Return how a request is refused."""
        return await problem(await self.client.post(f"/v1/policies/{verb}", json=body, headers=self.headers))


@pytest.fixture(name="admin")
async def _admin(gateway: Gateway, folders: dict[str, Any]) -> Admin:
    key, config = tenant(policies=["us/*", "us-al/*"], policy_admin=True)
    return Admin(await gateway({**folders, "tenants.a": config}), key)


class TestWho:
    """Who may, and who sees what."""

    @pytest.mark.parametrize("verb", VERBS)
    async def test_other_tenants_may_not(self, gateway: Gateway, verb: str) -> None:
        """Nor does anybody without a key."""
        key, config = tenant(policies=["*"])
        client = await gateway({"tenants.a": config})

        assert (await problem(await client.post(f"/v1/policies/{verb}", json={}, headers=bearer(key))))[:2] == (
            403,
            "forbidden",
        )
        assert (await problem(await client.post(f"/v1/policies/{verb}", json={})))[:2] == (401, "unauthorized")

    @pytest.mark.parametrize("address", READS)
    async def test_other_tenants_read_no_sources(self, gateway: Gateway, address: str) -> None:
        """The list and each policy's rules they still see."""
        key, config = tenant(policies=["*"])
        client = await gateway({"tenants.a": config})

        assert (await client.get(f"/v1/policies/{address}", headers=bearer(key))).status == 403
        assert (await client.get(f"/v1/policies/{LIBRARY_ID}", headers=bearer(key))).status == 200

    async def test_T55_an_invisible_policy_is_none_in_every_answer(self, admin: Admin) -> None:
        """By address, as a side of a comparison, as a parent, and as something with the same name."""
        draft = policy(rule(), name="employer/draft", head="extends: PARENT@1")
        answers = []

        for name in ("employer/secret-plans", "employer/no-plans"):
            found: list[Any] = []
            for read in ("source", "explain"):
                response = await admin.client.get(f"/v1/policies/{read}?policy={name}", headers=admin.headers)
                found.append((response.status, {**await response.json(), "requestId": None}))
            for verb, body in (
                ("diff", {"old": name, "new": LIBRARY_ID}),
                ("diff", {"old": LIBRARY_ID, "new": name}),
                ("simulate", {"policy": name, "facts": []}),
                ("test", {"policy": name}),
            ):
                found.append(await admin.refused(verb, **body))
            lint = await admin.post("lint", files={"a.yaml": draft.replace("PARENT", name)})
            same = await admin.post("lint", files={"a.yaml": policy(rule(), name=name)})
            close = await admin.post("lint", files={"a.yaml": draft.replace("PARENT", name + "s")})
            text = json.dumps([found, lint, same, close]).replace(name, "NAME")
            answers.append(text)

        assert answers[0] == answers[1]
        assert "unknown-policy" in answers[0]
        assert 'there is no policy \\"NAME\\"' in answers[0]

    async def test_T55_what_is_inherited_is_seen_as_far_as_it_is_inherited(
        self, gateway: Gateway, folders: dict[str, Any]
    ) -> None:
        """A policy that a tenant sees can be a parent although its own parents are not listed for it."""
        key, config = tenant(policies=["us-al/*"], policy_admin=True)
        admin = Admin(await gateway({**folders, "tenants.a": config}), key)
        draft = policy(rule("{issued_within: P1Y}"), name="employer/draft", head="extends: us-al/talent-triad@3")

        assert await admin.post("lint", files={"a.yaml": draft}) == {"findings": []}

    async def test_nothing_tells_where_files_lie(self, admin: Admin, tmp_path: Path) -> None:
        """A finding names a parent by its id and version."""
        loose = policy(
            rule("{max_age: P9D}", name="status-today"), name="employer/draft", head=f"extends: {LIBRARY_ID}@1"
        )

        lint = await admin.post("lint", files={"a.yaml": loose})
        tests = await admin.post("test", policy=LIBRARY_ID)

        assert "is looser than in us/ler-baseline@1.0.0 (us/ler-baseline@1.0.0:" in lint["findings"][0]["message"]
        assert {each["path"] for each in tests["policies"][0]["tests"]} == {"us/ler-baseline@1.0.0"}
        for answer in (lint, tests):
            assert str(tmp_path) not in json.dumps(answer)
            assert str(policies.LIBRARY) not in json.dumps(answer)

    async def test_without_tenants_everybody_on_this_machine_may(self, client: Client) -> None:
        """As everywhere."""
        for address in READS:
            assert (await client.get(f"/v1/policies/{address}")).status == 200


class TestReading:
    """What a policy says."""

    async def test_the_source_is_what_was_loaded(self, admin: Admin) -> None:
        """To the byte, also of a version by its number."""
        (installed,) = policies.LIBRARY.glob("us/ler-baseline.yaml")

        for reference in (LIBRARY_ID, f"{LIBRARY_ID}@1", f"{LIBRARY_ID}@1.0.0"):
            response = await admin.client.get(f"/v1/policies/source?policy={reference}", headers=admin.headers)
            assert response.content_type == "application/yaml"
            assert await response.read() == installed.read_bytes()

    @pytest.mark.parametrize("audience", ["applicant", "recruiter", "auditor"])
    @pytest.mark.parametrize("form", ["text", "markdown"])
    async def test_an_explanation(self, admin: Admin, audience: str, form: str) -> None:
        """As it was asked for."""
        address = f"/v1/policies/explain?policy={LIBRARY_ID}&audience={audience}&format={form}"

        response = await admin.client.get(address, headers=admin.headers)

        assert response.content_type == {"text": "text/plain", "markdown": "text/markdown"}[form]
        assert "United States" in await response.text()

    @pytest.mark.parametrize(
        "address",
        [
            "explain", "source", "source?policy=", "explain?policy=us/ler-baseline&audience=nobody", "schema?x=1",
            "explain?policy=us/ler-baseline&odd=1", "source?policy=us/ler-baseline&policy=us/ler-baseline",
        ],
    )  # fmt: skip
    async def test_a_query_that_is_wrong(self, admin: Admin, address: str) -> None:
        """It is refused, and nothing is guessed."""
        response = await admin.client.get(f"/v1/policies/{address}", headers=admin.headers)

        assert (await problem(response))[:2] in {(400, "malformed-request"), (422, "unknown-policy")}

    async def test_schemas(self, admin: Admin) -> None:
        """Of policy files, and of the facts that they see."""
        for name in ("schema", "facts-schema"):
            response = await admin.client.get(f"/v1/policies/{name}", headers=admin.headers)
            assert response.content_type == "application/schema+json"
            jsonschema_rs.meta.validate(json.loads(await response.text()))


class TestLint:
    """What is wrong in drafts."""

    async def test_a_draft_and_its_parent_are_in_order(self, admin: Admin) -> None:
        """The parent is one that is in force."""
        assert await admin.post("lint", files={"draft.yaml": DRAFT}) == {"findings": []}

    async def test_everything_that_is_wrong(self, admin: Admin) -> None:
        """With file and line."""
        answer = await admin.post(
            "lint", files={"a.yaml": DRAFT.replace("issued_within", "issued_wthin"), "b.yaml": "policy: ["}
        )

        assert [(each["path"], each["line"]) for each in answer["findings"]] == [("a.yaml", 5), ("b.yaml", 2)]
        assert 'did you mean "issued_within"?' in answer["findings"][0]["message"]

    async def test_nothing_is_kept(self, admin: Admin) -> None:
        """A draft is not in force, and the next request does not know it."""
        await admin.post("lint", files={"draft.yaml": DRAFT})

        child = policy(rule(), name="employer/child", head="extends: employer/draft@1")
        assert (await admin.post("lint", files={"a.yaml": child}))["findings"]
        assert (await admin.client.get("/v1/policies/employer/draft", headers=admin.headers)).status == 404

    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            ({}, (400, "malformed-request", "")),
            ({"files": {}}, (400, "malformed-request", "/files")),
            ({"files": []}, (400, "malformed-request", "/files")),
            ({"files": {"a.yaml": 1}}, (400, "malformed-request", "/files/a.yaml")),
            ({"files": {"../a.yaml": ""}}, (400, "malformed-request", "/files/..~1a.yaml")),
            ({"files": {"a.txt": ""}}, (400, "malformed-request", "/files/a.txt")),
            ({"files": {"a.json": ""}}, (400, "malformed-request", "/files")),
            ({"files": {"a.yaml": ""}, "odd": 1}, (400, "malformed-request", "/odd")),
            ({"files": {"a.yaml": "x" * (MAX_BYTES + 1)}}, (400, "malformed-request", "/files/a.yaml")),
            ({"files": {f"{n}.yaml": "" for n in range(MAX_POLICIES + 1)}}, (413, "too-large", "/files")),
            ({"files": {"a.yaml": "x" * MAX_BYTES, "b.yaml": "x"}}, (413, "too-large", "/files")),
            ({"files": {f"{n}.json": "" for n in range(MAX_FILES + 1)}}, (400, "malformed-request", "/files")),
        ],
    )
    async def test_what_is_refused(self, admin: Admin, body: dict[str, Any], expected: tuple[int, str, str]) -> None:
        """With where it is wrong."""
        assert await admin.refused("lint", **body) == expected


class TestTests:
    """The tests that policies carry."""

    async def test_the_tests_of_a_policy_in_force(self, admin: Admin) -> None:
        """With the facts that came with it."""
        (found,) = (await admin.post("test", policy=LIBRARY_ID))["policies"]

        assert (found["policy"], found["passed"], found["uncovered"]) == ("us/ler-baseline@1.0.0", True, [])
        assert len(found["tests"]) >= 5

    async def test_facts_that_are_missing_do_not_tell_where_they_would_lie(
        self, gateway: Gateway, folders: dict[str, Any], tmp_path: Path
    ) -> None:
        """A policy in force whose facts the operator has not installed."""
        (tmp_path / "policies" / "own.yaml").write_text(
            policy(rule(), name="us/own") + "tests: [{facts: missing.json, expect: accept}]\n"
        )
        key, config = tenant(policies=["us/*"], policy_admin=True)
        admin = Admin(await gateway({**folders, "tenants.a": config}), key)

        (report,) = (await admin.post("test", policy="us/own"))["policies"]

        assert [each["problem"] for each in report["tests"]] == [
            "missing.json cannot be used: No such file or directory"
        ]

    async def test_the_tests_of_a_draft(self, admin: Admin) -> None:
        """With the facts that were sent."""
        tests = "tests:\n  - {facts: ../facts/good.json, expect: accept}\n  - {facts: none.json, expect: reject}\n"
        draft = policy(rule("{issued_within: P9Y}"), name="employer/draft")
        files = {"own/draft.yaml": draft + tests, "facts/good.json": json.dumps(to_json(facts()))}

        (found,) = (await admin.post("test", files=files))["policies"]

        assert [each["problem"] for each in found["tests"]] == [
            None,
            "none.json cannot be used: it was not sent",
        ]
        assert found["passed"] is False
        assert "no test in which issued_within does not pass" in found["uncovered"][0]["message"]

    @pytest.mark.parametrize("path", ["../../../../etc/passwd", "/etc/passwd", "fixtures/good.json", "draft.yaml"])
    async def test_a_draft_reads_nothing_of_the_machine(self, admin: Admin, path: str) -> None:
        """Whatever its tests name: the answer is the same whether there is such a file or not."""
        answers = []
        for name in (path, path.replace("passwd", "no-such-file").replace("good", "no-such-file")):
            text = policy(rule()) + f"tests:\n  - {{facts: {name}, expect: accept}}\n"
            answer = await admin.post("test", files={"draft.yaml": text})
            answers.append(json.dumps(answer).replace(name, "NAME"))

        assert answers[0] == answers[1]
        assert "root:" not in answers[0]


class TestDiff:
    """What changes between policies."""

    async def test_from_one_in_force_to_a_draft(self, admin: Admin) -> None:
        """By meaning, and for how many records."""
        (installed,) = policies.LIBRARY.glob("us/ler-baseline.yaml")
        text = installed.read_text(encoding="utf-8").replace("PT24H", "PT1H")
        about = [to_json(facts())]

        answer = await admin.post("diff", old=LIBRARY_ID, new={"text": text}, facts=about)

        assert answer["change"] == "narrower"
        (changed,) = answer["rules"]
        assert (changed["id"], changed["differences"][0]["change"]) == ("status-today", "narrower")
        assert (answer["flips"]["total"], answer["flips"]["flipped"]) == (1, 0)

    async def test_T17_facts_are_read_beside_the_event_loop(
        self, admin: Admin, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Four megabytes of them take a fifth of a second."""
        threads = []

        def reading(stated: Any) -> Facts:
            threads.append(threading.current_thread())
            return from_json(stated)

        monkeypatch.setattr(facts_json, "from_json", reading)
        await admin.post("diff", old=LIBRARY_ID, new=LIBRARY_ID, facts=[to_json(facts())])

        assert len(threads) == 1
        assert threading.main_thread() not in threads

    async def test_without_facts_nothing_flips_and_nothing_does_not(self, admin: Admin) -> None:
        """It is not known."""
        answer = await admin.post("diff", old=LIBRARY_ID, new=f"{LIBRARY_ID}@1.0.0")

        assert (answer["change"], answer["flips"]) == ("same", None)

    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            ({"old": LIBRARY_ID, "new": "us/none"}, (422, "unknown-policy", "/new")),
            ({"old": "us/none", "new": LIBRARY_ID}, (422, "unknown-policy", "/old")),
            ({"old": LIBRARY_ID, "new": {"text": "policy: ["}}, (400, "malformed-request", "/new/text")),
            ({"old": LIBRARY_ID}, (400, "malformed-request", "")),
            ({"old": LIBRARY_ID, "new": 1}, (400, "malformed-request", "/new")),
            ({"old": LIBRARY_ID, "new": LIBRARY_ID, "facts": [{}]}, (400, "malformed-request", "/facts/0")),
            ({"old": LIBRARY_ID, "new": LIBRARY_ID, "facts": [1]}, (400, "malformed-request", "/facts/0")),
        ],
    )
    async def test_what_is_refused(self, admin: Admin, body: dict[str, Any], expected: tuple[int, str, str]) -> None:
        """With where it is wrong."""
        assert await admin.refused("diff", **body) == expected


class TestSimulation:
    """What a policy would decide."""

    async def test_counts(self, admin: Admin) -> None:
        """Of a draft, over facts that were sent."""
        draft = policy(rule("{issuer_is: 'did:web:university.example'}"), name="employer/draft")
        about = [to_json(facts()), to_json(facts(issuer="did:web:other.example")), to_json(facts(statuses=None))]

        answer = await admin.post("simulate", policy={"text": draft}, facts=about)

        assert (answer["policy"], answer["total"], answer["incomplete"]) == ("employer/draft@1.0.0", 3, 1)
        assert answer["verdicts"] == {"accept": 1, "review": 1, "reject": 1}
        assert (answer["failed"], answer["unknown"]) == ({"one": 1}, {"core-status": 1})

    async def test_no_more_records_than_a_request_may_cost(self, admin: Admin) -> None:
        """The command line takes any number."""
        body = {"policy": LIBRARY_ID, "facts": [{}] * (MAX_FACTS + 1)}

        assert await admin.refused("simulate", **body) == (400, "malformed-request", "/facts")

    async def test_a_body_is_bounded(self, gateway: Gateway) -> None:
        """As every body."""
        key, config = tenant(policies=["*"], policy_admin=True, limits={"body_bytes": 1000})
        admin = Admin(await gateway({"tenants.a": config}), key)

        assert (await admin.refused("lint", files={"a.yaml": "x" * 1000}))[:2] == (413, "too-large")
