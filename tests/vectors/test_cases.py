"""Every case through the whole pipeline, over an internet that has nothing but the case's documents."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
import yaml
from pydantic import ValidationError

import gateway.cryptosuites
import resolvers.did
import resolvers.status
from gateway.canonical.rdf import canonicalizer
from gateway.config import load
from gateway.model import COUNTED, Outcome
from gateway.pipeline import verify
from gateway.plugins import Cryptosuite
from gateway.verifier import Verifier
from resolvers import registry
from resolvers.contexts import ContextStore
from resolvers.model import DidMethod, ListCredential, StatusMethod
from resolvers.problems import Invalid
from resolvers.status_list import decode
from tests.gateway.canonical.test_hidden_statements import unwatched
from tests.internet import FakeInternet
from tests.vectors import make_cases
from tests.vectors.case import CLEAR, FAIL, INDEX, LIST_URL, SET, SHORT, Recipe, committed, parse, status_list
from tests.vectors.plans import hidden_statements
from tests.vectors.plans.issuers import WEB

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.model import VerificationResult
    from tests.vectors.case import Builder, Case
    from tests.vectors.plans.plan import Plan

FILES = committed()
SPOILED = [plan for plan in make_cases.PLANS if plan.outcome is not Outcome.PASS]

INCIDENTAL = {"per-subject-url"}
"""What is said of every hosted badge: its host learns when it is verified."""

FOLLOWS = {
    "DATA_LOSS_DETECTION_ERROR": {"PROOF_TRANSFORMATION_ERROR"},
    "STATUS_RETRIEVAL_ERROR": {"unreachable"},
}
"""Code → further codes that say the same: of the proof that could not be made, of why a list was not had."""


@pytest_asyncio.fixture
async def builder() -> AsyncIterator[Builder]:
    """What the cases are made with."""
    made = canonicalizer(ContextStore.bundled())
    yield make_cases.builder(made)
    await made.close()


async def run(case: Case, folder: Path) -> tuple[VerificationResult, FakeInternet]:
    """Verify what the case presents, at its instant, by its policy."""
    internet = FakeInternet(now=lambda: case.at)
    for url, body in case.documents.items():
        internet.serve(url, body)
    policies = folder / "policies"
    policies.mkdir()
    if case.policy is not None:
        (policies / "case.yaml").write_text(case.policy, encoding="utf-8")
    config = load(flags={"cache.folder": folder, "policies.folders": [policies]})
    async with Verifier.open(config, fetcher=internet, clock=lambda: case.at) as verifier:
        policy = None if case.policy is None else yaml.safe_load(case.policy)["policy"]
        return await verify(verifier, verifier.request(case.presented, policy=policy)), internet


@pytest.mark.parametrize("name", FILES)
async def test_case(name: str, tmp_path: Path) -> None:
    """The verdict is the one that the case names, for the one reason that it names, and nobody else is asked."""
    case = parse(FILES[name].read_text(encoding="utf-8"))
    expect = case.expect
    result, internet = await run(case, tmp_path)
    found = result.check(expect.check)
    codes = {problem.code for check in COUNTED for problem in result.check(check).problems}
    assert (expect.outcome, expect.outcome) == (result.outcome, found.outcome)
    assert expect.decision == (None if result.decision is None else result.decision.verdict)
    assert expect.warnings == tuple(warning.code for warning in result.warnings)
    if expect.code is None:
        assert codes <= INCIDENTAL
    else:
        assert expect.code in {problem.code for problem in found.problems}
        assert codes - {expect.code, "not-asked"} - INCIDENTAL <= FOLLOWS.get(expect.code, set())
    assert "unreachable" in codes or set(internet.requests) <= set(case.documents)


@pytest.mark.parametrize("plan", SPOILED, ids=lambda plan: plan.id)
async def test_a_case_fails_for_what_was_spoiled_alone(plan: Plan, builder: Builder, tmp_path: Path) -> None:
    """With the one thing put right, and without a policy, every failing case passes."""
    result, _ = await run(await plan.make_unspoiled(builder), tmp_path)
    assert Outcome.PASS is result.outcome


@pytest.mark.parametrize("plan", hidden_statements.PLANS, ids=lambda plan: plan.id)
async def test_what_is_hidden_is_signed_all_the_same(plan: Plan, builder: Builder) -> None:
    """The holder's copy states the very graph that was signed: the signature alone shows nothing."""
    forms = [
        unwatched({name: value for name, value in made.presented.items() if name != "proof"})
        for made in (await plan.make(builder), await plan.make_unspoiled(builder))
        if isinstance(made.presented, dict)
    ]
    assert forms[0] == forms[1]


@pytest.mark.parametrize("name", FILES)
def test_the_name_says_whether_a_case_passes(name: str) -> None:
    """A folder ends in `_fail` if and only if its case names a problem code; a pass has none."""
    expect = parse(FILES[name].read_text(encoding="utf-8")).expect
    assert name.endswith(FAIL) is (expect.code is not None) is (expect.outcome is not Outcome.PASS)


async def test_the_files_are_what_is_made() -> None:
    """Not a byte of any case was written by hand, no case is missing, and none has been left behind."""
    made = await make_cases.texts()
    assert set(made) == set(FILES)
    assert len(made) == len(make_cases.PLANS)
    assert [name for name, text in made.items() if text != FILES[name].read_text(encoding="utf-8")] == []


def test_every_plugin_has_a_case_that_passes() -> None:
    """No suite, no DID method and no status method is without a credential that verifies by it.

    But for suites that are only recognized, and DID methods that an operator has to admit first: a case
    has no configuration.
    """
    methods = registry.scan(resolvers.did, DidMethod, lambda plugin: (plugin.name,))
    suites = registry.scan(gateway.cryptosuites, Cryptosuite, lambda plugin: (plugin.name,))
    passing = [parse(path.read_text(encoding="utf-8")) for name, path in FILES.items() if not name.endswith(FAIL)]
    covered = {feature for case in passing for feature in case.features}
    plugins = {
        *(suite.name for suite in suites.values() if suite.verdict == "verified"),
        *registry.scan(resolvers.status, StatusMethod, lambda plugin: (plugin.name,)),
        *(f"did:{plugin.name}" for plugin in methods.values() if plugin.chain is None and plugin.through is None),
    }
    assert plugins - covered == set()


@pytest.mark.parametrize(
    ("encoded", "entries", "value"), [(CLEAR, 131_072, 0), (SET, 131_072, 1), (SHORT, 131_064, 0)], ids=str
)
def test_the_written_down_lists_are_what_they_are_called(encoded: str, entries: int, value: int) -> None:
    """Each has its number of entries, and no bit is set but the one at the index, where it is."""
    document = status_list(Recipe(issuer=WEB, status="BitstringStatusListEntry"))
    document["credentialSubject"]["encodedList"] = f"u{encoded}"
    found = decode(ListCredential(url=LIST_URL, document=document, issuer=WEB.did)).value
    assert (entries, value) == (found.entries(1), found.value(INDEX, 1))
    assert value == int.from_bytes(found.bits).bit_count()


# --- the model is strict ---------------------------------------------------------------------------


GOOD: dict[str, Any] = {
    "why": "It is a case.",
    "features": ["eddsa-rdfc-2022"],
    "presented": "a.b.c",
    "documents": {},
    "at": "2026-06-01T12:00:00Z",
    "policy": None,
    "expect": {"outcome": "fail", "decision": None, "check": "proof", "code": "no-proof", "warnings": []},
}


@pytest.mark.parametrize(
    "change",
    [
        {"comment": "unknown"},
        {"expect": {**GOOD["expect"], "codes": []}},
        {"expect": {**GOOD["expect"], "code": "no-such-code"}},
        {"expect": {**GOOD["expect"], "warnings": ["no-such-code"]}},
        {"expect": {**GOOD["expect"], "code": None}},
        {"expect": {**GOOD["expect"], "outcome": "pass"}},
        {"expect": {**GOOD["expect"], "check": "proofs"}},
        {"at": "2026-06-01T12:00:00"},
        {"features": "eddsa-rdfc-2022"},
        {"presented": 5},
        {"documents": {"https://a.example": 5}},
        {"why": None},
    ],
    ids=str,
)
def test_a_case_that_is_not_of_the_model_is_an_error(change: dict[str, Any]) -> None:
    """Unknown keys, unknown codes, a pass with a code and values of other types are refused."""
    assert parse(json.dumps(GOOD)).why == GOOD["why"]
    with pytest.raises(ValidationError):
        parse(json.dumps({**GOOD, **change}))


@pytest.mark.parametrize("name", sorted(GOOD))
def test_every_key_of_a_case_has_to_be_there(name: str) -> None:
    """A missing key is an error: a case without a policy says so."""
    with pytest.raises(ValidationError):
        parse(json.dumps({key: value for key, value in GOOD.items() if key != name}))


def test_a_key_that_is_there_twice_is_an_error() -> None:
    """Of two equal keys, none is the last word."""
    with pytest.raises(Invalid, match="duplicate-key"):
        parse(json.dumps(GOOD).replace('"why"', '"why": "Another.", "why"', 1))
