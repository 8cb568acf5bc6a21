"""`/v1/policies/lint`, `/test`, `/diff` and `/simulate`: work on policies that are not in force.

Nothing is kept, and nothing is put in force. Parents are looked for among what was sent, then among what
the caller sees; nothing on disk is read for a draft, whatever path its tests name (T55).
"""

from __future__ import annotations

import errno
import posixpath
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

import policies
from gateway import policy_reports
from gateway.api import openapi, requests
from gateway.api.endpoint import CALLER, POLICY_WORK, VERIFIER, Access, Endpoint
from gateway.api.errors import Refused
from gateway.api.policies import study_policy
from gateway.api.policy_bodies import MAX_POLICIES, Comparison, Draft, Files, Installed, Population
from gateway.long_work import long_work
from policies import facts as facts_json
from policies.diff import diff
from policies.drafts import Drafts
from policies.facts import FactsError
from policies.inline_tests import from_disk
from policies.simulate import flips, simulate
from policies.source import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from policies import Facts, Policy
    from policies.document import Document

T = TypeVar("T")
B = TypeVar("B", bound=BaseModel)

_DRAFT: Final = "draft.yaml"


async def lint(request: web.Request) -> web.Response:
    """`POST /v1/policies/lint`."""
    body = await _read(request, Files)
    drafts = await _drafts(request, body.files)
    return web.json_response({"findings": policy_reports.findings(drafts.findings)})


async def test(request: web.Request) -> web.Response:
    """`POST /v1/policies/test`."""
    content = await requests.json_object(request)
    if "policy" in content:
        policy = study_policy(request, _validated(Installed, content).policy, "/policy")
        texts = request.app[VERIFIER].policy_files.current.texts
        return web.json_response(
            {"findings": [], "policies": [await _work(request, _tested_as_installed, policy, texts)]}
        )
    body = _validated(Files, content)
    drafts = await _drafts(request, body.files)
    sent = {posixpath.normpath(name): text.encode() for name, text in body.files.items()}
    reports = [await _work(request, _tested, policy, sent) for policy in drafts.policies]
    return web.json_response({"findings": policy_reports.findings(drafts.findings), "policies": reports})


async def compare(request: web.Request) -> web.Response:
    """`POST /v1/policies/diff`."""
    body = await _read(request, Comparison)
    old, new = await _chosen(request, body.old, "/old"), await _chosen(request, body.new, "/new")
    about = await _work(request, _facts, body.facts)
    found = await _work(request, diff, old, new)
    counted = await _work(request, flips, old, new, about) if about else None
    return web.json_response(policy_reports.difference(found, counted))


async def simulate_policy(request: web.Request) -> web.Response:
    """`POST /v1/policies/simulate`."""
    body = await _read(request, Population)
    policy = await _chosen(request, body.policy, "/policy")
    about = await _work(request, _facts, body.facts)
    return web.json_response(policy_reports.simulation(policy, await _work(request, simulate, policy, about)))


async def _read(request: web.Request, kind: type[B]) -> B:
    return _validated(kind, await requests.json_object(request))


def _validated(kind: type[B], content: Mapping[str, Any]) -> B:
    """Return a body of that kind.

    Raises:
        Refused: it is none.
    """
    try:
        return kind.model_validate(content)
    except ValidationError as invalid:
        (first, *_) = invalid.errors(include_url=False, include_input=False)
        raise Refused("malformed-request", first["msg"][:300], pointer=_pointer(content, first["loc"])) from None


def _pointer(content: Any, where: tuple[int | str, ...]) -> str:
    """Return the JSON Pointer of an error, as far as it leads to something that was sent."""
    pointer = ""
    for part in where:
        if isinstance(content, dict):
            content = content.get(part)
        else:
            content = content[part] if isinstance(content, list) and isinstance(part, int) else None
        if content is None:
            break
        pointer += "/" + str(part).replace("~", "~0").replace("/", "~1")
    return pointer


async def _work(request: web.Request, task: Callable[..., T], *arguments: Any) -> T:
    """Do `task` in a thread, where there is a place for it: others get their answers meanwhile.

    Raises:
        Refused: `overloaded`.
    """
    with request.app[POLICY_WORK]:
        return await long_work(task, *arguments)


async def _drafts(request: web.Request, files: Mapping[str, str]) -> Drafts:
    stated = {name: text.encode() for name, text in files.items() if not name.endswith(".json")}
    if not stated:
        raise Refused("malformed-request", "none of the files is a policy (.yaml)", pointer="/files")
    if len(stated) > MAX_POLICIES or sum(map(len, stated.values())) > MAX_BYTES:
        detail = f"at most {MAX_POLICIES} policies, of {MAX_BYTES} bytes together"
        raise Refused("too-large", detail, pointer="/files")
    return await _work(request, Drafts.of, stated, _visible(request))


async def _chosen(request: web.Request, given: str | Draft, pointer: str) -> Policy:
    """Return an installed policy, or the draft that was sent.

    Raises:
        Refused: it is not known here, or something is wrong in the draft.
    """
    if isinstance(given, str):
        return study_policy(request, given, pointer)
    drafts = await _drafts(request, {_DRAFT: given.text})
    if drafts.findings:
        detail = "; ".join(map(str, drafts.findings[:5]))
        raise Refused("malformed-request", f"the draft is not in order: {detail}"[:1000], pointer=f"{pointer}/text")
    return drafts.policies[-1]


def _visible(request: web.Request) -> list[Document]:
    """Return the policies that the caller sees, and what they inherit from, without the paths of their files."""
    caller, in_force = request[CALLER], request.app[VERIFIER].policies
    names = {name for policy in in_force.policies() if caller.sees(policy.id) for name in policy.lineage}
    return [replace(each, path=each.name) for each in in_force.documents() if each.name in names]


def _facts(stated: list[dict[str, Any]]) -> list[Facts]:
    found = []
    for index, each in enumerate(stated):
        try:
            found.append(facts_json.from_json(each))
        except FactsError as error:
            raise Refused("malformed-request", str(error)[:300], pointer=f"/facts/{index}") from None
    return found


def _tested(policy: Policy, files: Mapping[str, bytes]) -> dict[str, Any]:
    """Run the tests of a draft on the facts that were sent with it."""

    def read(path: str, facts: str) -> bytes:
        name = posixpath.normpath(posixpath.join(posixpath.dirname(path), facts))
        if name not in files:
            raise FileNotFoundError(errno.ENOENT, "it was not sent", facts)
        return files[name]

    return policy_reports.tests(policy, policies.run_inline_tests(policy, read))


def _tested_as_installed(policy: Policy, texts: Mapping[str, bytes]) -> dict[str, Any]:
    """Run the tests of a policy in force on the facts that came with it; nothing is told of where its file lies."""
    where, name = policy.path, policy.lineage[-1]

    def read(_path: str, facts: str) -> bytes:
        inside = posixpath.normpath(posixpath.join(posixpath.dirname(where), facts))
        return texts[inside] if inside in texts else from_disk(where, facts)

    rules = tuple(replace(rule, path=name) if rule.path == where else rule for rule in policy.rules)
    moved = replace(policy, path=name, rules=rules)
    return policy_reports.tests(moved, policies.run_inline_tests(moved, read))


def _operation(name: str, summary: str, body: type[BaseModel] | str, answer: str) -> dict[str, Any]:
    sent = openapi.ref(body if isinstance(body, str) else body.__name__)
    return {
        "operationId": name,
        "tags": ["Policies"],
        "summary": summary,
        "requestBody": openapi.body({"application/json": sent}),
        "responses": {
            "200": openapi.json_answer("What was found.", answer),
            **openapi.problems(400, 408, 413, 415, 422, 503),
        },
    }


ENDPOINTS: Final = (
    Endpoint(
        method="POST",
        path="/v1/policies/lint",
        handler=lint,
        access=Access.POLICY_ADMIN,
        operation=_operation("lintPolicies", "What is wrong in policy files", Files, "Findings"),
    ),
    Endpoint(
        method="POST",
        path="/v1/policies/test",
        handler=test,
        access=Access.POLICY_ADMIN,
        operation=_operation("testPolicies", "Run the tests that policies carry", "PolicyTestRequest", "PolicyTests"),
    ),
    Endpoint(
        method="POST",
        path="/v1/policies/diff",
        handler=compare,
        access=Access.POLICY_ADMIN,
        operation=_operation("diffPolicies", "What changes between policies", Comparison, "PolicyDifference"),
    ),
    Endpoint(
        method="POST",
        path="/v1/policies/simulate",
        handler=simulate_policy,
        access=Access.POLICY_ADMIN,
        operation=_operation("simulatePolicy", "What a policy would decide", Population, "Simulation"),
    ),
)
