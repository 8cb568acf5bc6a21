"""Processes that verify children ahead of the service: nothing comes out otherwise than without them."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway import children_pool
from gateway._children_process import Children
from gateway.children_pool import FORMAT, LEAST, ChildrenPool, spare_cores
from gateway.config import load
from gateway.demo.issuer import CREDENTIALS_V2, OPEN_BADGES, Issuer, badge
from gateway.formats import data_integrity
from gateway.formats._recognized import explained
from gateway.model import CheckName, Outcome, Presented, Secured
from tests.gateway.proving import STORE
from tests.issuer import CLR, LIMITS, University, entry, spoiled, university

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from gateway.children_pool import Ahead
    from gateway.model import VerificationResult

MANY = LEAST + 5
ALONE: dict[str, Any] = {"server.children_processes": 0}


class Patient(ChildrenPool):
    """A pool that has done all that it can before anything else is done, and counts what passed."""

    def __init__(self) -> None:
        """Prepare a pool of one process."""
        self.passed = 0
        self.helped = 0
        super().__init__(1, None, on_passed=self._count)

    def _count(self, count: int) -> None:
        self.passed += count

    async def help(self, ahead: Ahead) -> None:
        """Work until nothing waits."""
        self.helped += 1
        await super().help(ahead)
        await asyncio.gather(*self._tasks)

    @property
    def worker(self) -> Any:
        """Its one process, as the service holds it."""
        return self._workers[0]

    def run_instead(self, program: str) -> None:
        """Start that program as the process."""
        self.worker._command = (sys.executable, "-I", "-c", program)


@pytest_asyncio.fixture
async def uni(tmp_path: Path) -> AsyncIterator[University]:
    """A university without any process beside its verifier."""
    async with university(tmp_path, **ALONE) as made:
        await made.publish_list(revoked=(7,))
        yield made


@pytest_asyncio.fixture
async def pool() -> AsyncIterator[Patient]:
    """A pool of one process."""
    made = Patient()
    yield made
    await made.close()


def told(result: VerificationResult) -> VerificationResult:
    """Return a result without what differs between any two verifications: the ids."""
    children, endorsements = tuple(map(told, result.children)), tuple(map(told, result.endorsements))
    return replace(result, id="", children=children, endorsements=endorsements)


async def both(uni: University, pool: ChildrenPool, presented: Any, **request: Any) -> VerificationResult:
    """Verify without the pool and with it, and return what both say, if it is the same."""
    alone = await uni.verify(presented, **request)
    verifier, uni.verifier = uni.verifier, replace(uni.verifier, children=pool)
    try:
        helped = await uni.verify(presented, **request)
    finally:
        uni.verifier = verifier
    assert told(helped) == told(alone)
    return helped


# --- nothing comes out otherwise --------------------------------------------------------------


async def test_what_passes_passes_in_the_process_and_is_the_same(uni: University, pool: Patient) -> None:
    """All badges of a record are verified there, with all that is said of each."""
    presented = await uni.clr(*[await uni.badge(f"Badge {number}") for number in range(MANY)])
    result = await both(uni, pool, presented)
    assert result.outcome is Outcome.PASS
    assert pool.passed == MANY
    assert all(child.document is item for child, item in zip(result.children, _children(presented), strict=True))


async def test_an_array_of_records_profits_too(uni: University, pool: Patient) -> None:
    """Whatever holds many records has them verified there."""
    result = await both(uni, pool, [await uni.badge(f"Badge {number}") for number in range(MANY)])
    assert result.outcome is Outcome.PASS
    assert pool.passed == MANY


async def test_what_is_of_another_format_here_is_verified_here(uni: University, pool: Patient) -> None:
    """A process knows one format: what it says of a record that is recognized as of another one does not count."""
    badges = [await uni.badge(f"Badge {number}") for number in range(MANY)]
    presented = await uni.clr(*badges)

    def parse(record: Presented) -> Secured:
        assert isinstance(record.content, dict)
        return Secured(format=other, vcdm="2.0", document=record.content)

    other = replace(
        data_integrity.PLUGIN,
        name="other",
        parse=parse,
        recognize=lambda record: record.content == badges[3],
        verify=explained("unsupported-format", "known to be nothing"),
    )
    uni.verifier = replace(uni.verifier, recognizers=(other, *uni.verifier.recognizers))
    result = await both(uni, pool, presented)
    assert pool.passed == MANY
    assert [child.outcome for child in result.children].count(Outcome.PASS) == MANY - 1
    assert result.children[3].outcome is Outcome.INDETERMINATE


def test_the_one_format_that_a_process_knows_is_the_one_that_counts() -> None:
    """What is taken over is of the format that the process verifies."""
    assert data_integrity.PLUGIN.name == FORMAT


def _under(credential: dict[str, Any], context: Any) -> dict[str, Any]:
    return {**credential, "@context": [*credential["@context"], context]}


async def _by(uni: University, school: Issuer, name: str) -> Any:
    suite = "eddsa-rdfc-2022" if school.did.startswith("did:web") else "ecdsa-rdfc-2019"
    return await school.secure(badge(school.did, name), uni.verifier.canonicalizer, suite=suite)


async def _with_options(uni: University, name: str, **options: str) -> Any:
    return await uni.sign(badge(uni.issuer.did, name), options=options)


async def _twice(uni: University, name: str) -> Any:
    return await uni.sign(await uni.badge(name))


async def _nested(uni: University, name: str) -> Any:
    return await uni.clr(await uni.badge(name), spoiled(await uni.badge(name), _forge))


async def _token(uni: University, name: str) -> Any:
    return uni.issuer.jwt(badge(uni.issuer.did, name))


async def _endorsed(uni: University, name: str) -> Any:
    unsecured = badge(uni.issuer.did, name)
    claim = {
        "@context": unsecured["@context"],
        "id": f"urn:x:{name.replace(' ', '-')}",
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "issuer": {"id": uni.issuer.did, "type": ["Profile"]},
        "validFrom": "2026-02-01T00:00:00Z",
        "name": "Endorsement",
        "credentialSubject": {"id": unsecured["id"], "type": ["EndorsementSubject"], "endorsementComment": "Good"},
    }
    return await uni.sign({**unsecured, "endorsement": [await uni.sign(claim)]})


def _forge(child: dict[str, Any]) -> None:
    child["name"] = "Forged"


_SIGNED: dict[str, Callable[[University, str], Any]] = {
    "good": lambda uni, name: uni.badge(name),
    "jcs": lambda uni, name: uni.sign(badge(uni.issuer.did, name), suite="eddsa-jcs-2022"),
    "Ed25519Signature2020": lambda uni, name: uni.sign(
        _under(badge(uni.issuer.did, name), "https://w3id.org/security/suites/ed25519-2020/v1"),
        suite="Ed25519Signature2020",
    ),
    "P-256": lambda uni, name: _by(uni, Issuer.did_key("P-256"), name),
    "P-384": lambda uni, name: _by(uni, Issuer.did_key("P-384"), name),
    "revoked": lambda uni, name: uni.badge(name, status=entry(7)),
    "current": lambda uni, name: uni.badge(name, status=entry(8)),
    "no list": lambda uni, name: uni.badge(name, status=entry(8, "https://nowhere.example/1")),
    "expired": lambda uni, name: uni.badge(name, validUntil="2026-03-01T00:00:00Z"),
    "schema": lambda uni, name: uni.badge(
        name, credentialSchema=[{"id": "https://nowhere.example/schema", "type": "JsonSchema"}]
    ),
    "endorsed": _endorsed,
}
"""Children whose structure and proof pass with nothing to be said beside it, whatever else there is."""

_ELSE: dict[str, Callable[[University, str], Any]] = {
    "own context": lambda uni, name: uni.sign(
        _under(badge(uni.issuer.did, name, grade="A"), {"grade": "https://university.example/grade"})
    ),
    "unknown context, signed": lambda uni, name: uni.sign(
        _under(badge(uni.issuer.did, name), "https://nowhere.example/context"), suite="eddsa-jcs-2022"
    ),
    "proof from the future": lambda uni, name: _with_options(uni, name, created="2030-01-01T00:00:00Z"),
    "proof expired": lambda uni, name: _with_options(uni, name, expires="2026-03-01T00:00:00Z"),
    "other purpose": lambda uni, name: _with_options(uni, name, proofPurpose="authentication"),
    "no date": lambda uni, name: _with_options(uni, name, created="2026-01-01"),
    "stranger": lambda uni, name: Issuer.did_key().secure(badge(uni.issuer.did, name), uni.verifier.canonicalizer),
    "unreachable": lambda uni, name: _by(uni, Issuer.did_web("lost.example"), name),
    "two proofs": _twice,
    "record of records": _nested,
    "token": _token,
}
_CHANGES: dict[str, Callable[[dict[str, Any]], object]] = {
    "forged": _forge,
    "unsigned": lambda child: child.pop("proof"),
    "unknown suite": lambda child: child["proof"].update(cryptosuite="eddsa-rdf-2022"),
    "no claim": lambda child: child.update(credentialSubject=[]),
    "data loss": lambda child: child.update(undefinedTerm="x"),
    "unknown context": lambda child: child["@context"].append("https://nowhere.example/context"),
    "no signature": lambda child: child["proof"].pop("proofValue"),
    "no record at all": lambda child: [child.pop(name) for name in list(child) if name != "proof"],
    "a presentation": lambda child: child.update(type=["VerifiablePresentation"]),
}
FATES = (*_SIGNED, *_ELSE, *_CHANGES)


async def _child(uni: University, fate: str, name: str) -> Any:
    """Return a child of that fate."""
    if fate in _CHANGES:
        return spoiled(await uni.badge(name), _CHANGES[fate])
    return await {**_SIGNED, **_ELSE}[fate](uni, name)


async def _record(uni: University, *children: Any) -> dict[str, Any]:
    """Return a record of them, signed as JSON: whatever they are, their graph is not looked at for it."""
    around = {**badge(uni.issuer.did, "Transcript"), "type": ["VerifiableCredential", "ClrCredential"]}
    around["@context"] = [CREDENTIALS_V2, CLR, OPEN_BADGES]
    around["credentialSubject"] = {"type": ["ClrSubject"], "verifiableCredential": list(children)}
    return await uni.sign(around, suite="eddsa-jcs-2022")


async def test_every_fate_of_a_child_is_the_same(
    uni: University, pool: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each child alone in a record has the very result that it has without the pool; what passes, passes there."""
    monkeypatch.setattr(children_pool, "LEAST", 1)
    passed = []
    for fate in FATES:
        before = pool.passed
        await both(uni, pool, await _record(uni, await _child(uni, fate, fate)))
        passed += [fate] * (pool.passed - before)
    assert set(passed) == {*_SIGNED, "record of records"}  # of which one passes
    assert pool.worker.starts == 1


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    fates=st.lists(st.sampled_from(FATES), min_size=1, max_size=12),
    spoil=st.sampled_from([None, None, "name"]),
    twice=st.booleans(),
    unknown=st.booleans(),
)
def test_random_records_come_out_alike(
    tmp_path_factory: pytest.TempPathFactory, fates: list[str], spoil: str | None, *, twice: bool, unknown: bool
) -> None:
    """Whatever is in a record, valid or not, even one object in two places: the pool changes nothing about it."""

    async def compare() -> None:
        pool = Patient()
        async with university(tmp_path_factory.mktemp("alike"), **ALONE) as uni:
            if not unknown:
                await uni.publish_list(revoked=(7,))
            children = [await _child(uni, fate, f"{number}") for number, fate in enumerate(fates)]
            presented = await _record(uni, *children, *children[: int(twice)])
            if spoil is not None:
                presented[spoil] = "Spoiled"
            try:
                await both(uni, pool, presented)
            finally:
                await pool.close()

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(children_pool, "LEAST", 1)
        asyncio.run(compare())


# --- who is asked, and when -------------------------------------------------------------------


async def test_nothing_of_a_child_is_used_where_the_record_around_it_fails(uni: University, pool: Patient) -> None:
    """Its children may have passed in the process by then: they are in no result."""
    presented = await uni.clr(*[await uni.badge(f"Badge {number}") for number in range(MANY)])
    result = await both(uni, pool, spoiled(presented, lambda record: record.update(name="Forged")))
    assert result.check(CheckName.PROOF).outcome is Outcome.FAIL
    assert result.children == ()
    assert pool.passed == MANY


async def test_more_children_than_a_request_may_have_are_not_begun(uni: University, pool: Patient) -> None:
    """What is not verified at all is not verified elsewhere either."""
    presented = await uni.clr(*[await uni.badge(f"Badge {number}") for number in range(MANY)])
    result = await both(uni, pool, presented, limits=replace(LIMITS, max_children=MANY - 1))
    assert [problem.code for problem in result.check(CheckName.STRUCTURE).problems] == ["too-many-children"]
    assert pool.helped == 0


async def test_few_children_are_verified_here(uni: University, pool: Patient) -> None:
    """Below the measured number nothing is begun."""
    await both(uni, pool, await uni.clr(*[await uni.badge(f"Badge {number}") for number in range(LEAST - 1)]))
    assert pool.helped == 0


async def test_without_time_nothing_is_begun(uni: University, pool: Patient) -> None:
    """After the deadline everything is indeterminate, and no process is asked."""
    presented = await uni.clr(*[await uni.badge(f"Badge {number}") for number in range(MANY)])
    result = await both(uni, pool, presented, limits=replace(LIMITS, deadline=0.0))
    assert result.outcome is Outcome.INDETERMINATE
    assert pool.helped == 0


async def test_the_pool_costs_no_look_up(uni: University, pool: Patient) -> None:
    """A key that is not at hand is not fetched for it: with the pool there are as many look-ups as without."""
    schools = [Issuer.did_web(f"school{number}.example") for number in range(3)]
    for school in schools:
        uni.internet.serve(school.document_url, school.document)
    children = [
        await schools[number % 3].secure(badge(schools[number % 3].did, f"{number}"), uni.verifier.canonicalizer)
        for number in range(3 * LEAST)
    ]
    uni.verifier = replace(uni.verifier, children=pool)
    result = await uni.verify(await uni.clr(*children))
    assert result.outcome is Outcome.PASS
    assert sorted(uni.internet.requests) == sorted(one.document_url for one in (uni.issuer, *schools))
    assert pool.helped == 0
    assert (await uni.verify(await uni.clr(*children))).outcome is Outcome.PASS
    assert pool.passed == 3 * LEAST


# --- processes that fail ----------------------------------------------------------------------

_READ = "import sys; source = sys.stdin.buffer; request = source.read(int.from_bytes(source.read(4)))"
_WORDS = {"vcdm": "2.0", "data_loss": "pass", "contexts": {}, "record": {}}


def _saying(answer: Any) -> str:
    """Return the program that answers so, whatever it is asked."""
    raw = json.dumps(answer).encode()
    frame = len(raw).to_bytes(4) + raw
    return f"{_READ}; sys.stdout.buffer.write({frame!r}); sys.stdout.flush(); source.read()"


@pytest.mark.parametrize(
    "program",
    [
        pytest.param("", id="ends at once"),
        pytest.param(_READ, id="ends when it is asked"),
        pytest.param("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", id="is killed"),
        pytest.param("print('{' * 1000, flush=True)", id="garbage"),
        pytest.param(_saying([]), id="no object"),
        pytest.param(_saying({"found": []}), id="too few"),
        pytest.param(_saying({"found": [1] * 8}), id="no words"),
        pytest.param(_saying({"found": [{"verified": True}] * 8}), id="unknown words"),
        pytest.param(_saying({"found": [{**_WORDS, "data_loss": "fine"}] * 8}), id="no outcome"),
        pytest.param(_saying({"found": [{**_WORDS, "data_loss": "fail"}] * 8}), id="what does not pass"),
        pytest.param(_saying({"found": [{**_WORDS, "record": []}] * 8}), id="no record"),
        pytest.param(_saying({"found": [{**_WORDS, "record": {"x": 1}}] * 8}), id="another record"),
    ],
)
async def test_a_process_that_fails_changes_nothing(uni: University, pool: Patient, program: str) -> None:
    """The children are verified here, and no other process is started for a while."""
    pool.run_instead(program)
    presented = await uni.clr(*[await uni.badge(f"Badge {number}") for number in range(MANY)])
    assert (await both(uni, pool, presented)).outcome is Outcome.PASS
    assert (await both(uni, pool, presented)).outcome is Outcome.PASS
    assert pool.worker.starts == 1
    assert pool.worker._process is None


async def test_a_process_comes_back_after_a_while(uni: University, pool: Patient) -> None:
    """One that has ended is started again, when the pause is over."""
    pool.run_instead("")
    presented = await uni.clr(*[await uni.badge(f"Badge {number}") for number in range(MANY)])
    await both(uni, pool, presented)
    pool.worker._command = ChildrenPool(1, None)._workers[0]._command
    pool.worker._not_before = 0.0
    await both(uni, pool, presented)
    assert pool.worker.starts == 2
    assert pool.passed == MANY


async def test_nobody_waits_for_a_process(uni: University) -> None:
    """The answer is there while a process has not said anything; what it may say later, nobody hears."""
    pool = ChildrenPool(1, None)
    worker: Any = pool._workers[0]
    worker._command = (sys.executable, "-I", "-c", "import sys; sys.stdin.read()")
    result = await both(uni, pool, await uni.clr(*[await uni.badge(f"Badge {number}") for number in range(MANY)]))
    assert result.outcome is Outcome.PASS
    (working,) = pool._tasks
    assert not working.done()
    await pool.close()


async def test_a_process_ends_at_the_deadline_of_the_request(uni: University, pool: Patient) -> None:
    """One that is still at work then is killed, and the children are indeterminate as they are without it."""
    pool.run_instead("import sys; sys.stdin.read()")
    await uni.verify(await uni.badge())
    presented = await uni.clr(*[await uni.badge(f"Badge {number}") for number in range(MANY)])
    uni.verifier = replace(uni.verifier, children=pool)
    result = await uni.verify(presented, limits=replace(LIMITS, deadline=0.3))
    assert result.outcome is Outcome.INDETERMINATE
    assert pool.worker.starts == 1
    assert pool.worker._process is None


async def test_closing_ends_what_is_at_work(uni: University) -> None:
    """A service that stops leaves no process behind."""
    pool = ChildrenPool(2, None)
    workers: Any = pool._workers
    for worker in workers:
        worker._command = (sys.executable, "-I", "-c", "import sys; sys.stdin.read()")
    uni.verifier = replace(uni.verifier, children=pool)
    await uni.verify(await uni.clr(*[await uni.badge(f"Badge {number}") for number in range(MANY)]))
    await asyncio.sleep(0)
    processes = [worker._process for worker in workers if worker._process is not None]
    await pool.close()
    assert processes
    assert all(process.returncode is not None for process in processes)


async def test_the_process_says_nothing_of_what_it_cannot_read(uni: University) -> None:
    """Whatever it is sent, it answers, and lets the service look for itself."""
    children = Children(STORE)
    good = await uni.badge()
    terms = {"asOf": "2026-06-01T12:00:00+00:00", "now": "2026-06-01T12:00:00+00:00", "clockSkew": 60.0}
    terms["allowUnknownContexts"] = False
    method = [uni.issuer.method, "Multikey", uni.issuer.did, "Ed25519", "AAAA", False]
    documents: tuple[Any, ...] = (good, {}, [], None, "x", {"proof": []}, {"proof": {"type": {}}})
    for document in documents:
        request = {**terms, "children": [[document, method], [document, []]]}
        assert await children.answer(request) == {"found": [None, None]}


# --- how many ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cores", "workers", "processes"), [(1, 1, 0), (2, 1, 1), (2, 2, 0), (4, 3, 0), (8, 2, 3), (64, 1, 3), (64, 64, 0)]
)
def test_there_are_as_many_processes_as_cores_are_left(
    monkeypatch: pytest.MonkeyPatch, cores: int, workers: int, processes: int
) -> None:
    """Each worker has its share of the cores that no worker uses, where there is a whole one."""
    monkeypatch.setattr("gateway.config.spare_cores", lambda used: max(0, cores - used))
    assert load(flags={"server.workers": workers}).children_processes == processes


def test_the_operator_says_how_many() -> None:
    """A number that is given is that of all workers together."""
    assert load(flags={"server.workers": 2, "server.children_processes": 5}).children_processes == 2
    assert load(flags={"server.children_processes": 0}).children_processes == 0
    assert spare_cores(10_000) == 0


def _children(presented: Any) -> list[Any]:
    found: list[Any] = presented["credentialSubject"]["verifiableCredential"]
    return found
