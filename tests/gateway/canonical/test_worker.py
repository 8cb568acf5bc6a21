"""The worker process: one job at a time, killed rather than waited for, and never a pass."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import TYPE_CHECKING, Any

import pytest

from gateway.canonical.worker import Worker
from resolvers.problems import Invalid, Unavailable
from tests.gateway.canonical.paths import STORE, VC2

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gateway.canonical._terms import Quad

CONTEXTS = {VC2: (STORE.revisions(VC2)[0].sha256, STORE.load(VC2))}
DOCUMENT: dict[str, Any] = {"@context": VC2, "id": "urn:c", "type": "VerifiableCredential", "issuer": "did:x:y"}
ENTANGLED: list[Quad] = [(f"_:p{parent}", "<urn:p>", f"_:c{parent}{child}", "") for parent in "ab" for child in "xy"]
SLOW = {
    "@context": VC2,
    "type": "VerifiableCredential",
    "credentialSubject": [{"name": str(number), "description": {"@value": "x"}} for number in range(5_000)],
}
"""Takes PyLD seconds, and is nothing but large."""


@pytest.fixture
async def worker() -> AsyncIterator[Worker]:
    """Return a worker, which is ended with the test."""
    made = Worker(seconds=60)
    yield made
    await made.close()


def pid(worker: Worker) -> int:
    """Return the process of a worker that runs."""
    assert worker._process is not None
    return worker._process.pid


def alive(process: int) -> bool:
    """Whether there is such a process."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


async def until_sent(worker: Worker) -> int:
    """Give way until the worker's process is started, and return it."""
    while worker._process is None:  # noqa: ASYNC110 — nobody is told that it has started
        await asyncio.sleep(0)
    return pid(worker)


async def test_it_starts_with_the_first_job_and_stays(worker: Worker) -> None:
    """Nothing is started before it is needed, and jobs share the process."""
    assert worker.starts == 0
    quads = await worker.expand(DOCUMENT, CONTEXTS)
    assert ("<urn:c>", "<https://www.w3.org/2018/credentials#issuer>", "<did:x:y>", "") in quads
    assert (await worker.label(ENTANGLED, "sha256")).count(b"\n") == 4
    assert worker.starts == 1


async def test_fates_come_back_whole(worker: Worker) -> None:
    """Code, detail and pointer cross the pipe, in both directions of blame."""
    with pytest.raises(Invalid) as invalid:
        await worker.expand(DOCUMENT | {"admin": True}, CONTEXTS)
    problem = invalid.value.problem
    assert (problem.code, problem.pointer) == ("DATA_LOSS_DETECTION_ERROR", "/admin")
    assert "'admin'" in problem.detail
    clique: list[Quad] = [(f"_:{a}", "<urn:p>", f"_:{b}", "") for a in range(10) for b in range(10) if a != b]
    with pytest.raises(Unavailable) as unavailable:
        await worker.label(clique, "sha256")
    assert unavailable.value.problem.code == "canonicalization-limit"
    assert worker.starts == 1


async def test_depth_does_not_end_it(worker: Worker) -> None:
    """A document too deep for PyLD is a limit, and the process lives on."""
    deep: dict[str, Any] = {"id": "urn:x"}
    for _ in range(400):
        deep = {"type": "VerifiableCredential", "evidence": deep}
    with pytest.raises(Unavailable) as caught:
        await worker.expand(DOCUMENT | deep, CONTEXTS)
    assert caught.value.problem.code == "canonicalization-limit"
    await worker.expand(DOCUMENT, CONTEXTS)
    assert worker.starts == 1


async def test_a_context_is_sent_once(worker: Worker) -> None:
    """The process remembers texts by their digest; a new process is sent them again."""
    await worker.expand(DOCUMENT, CONTEXTS)
    assert worker._sent == {CONTEXTS[VC2][0]}
    os.kill(pid(worker), signal.SIGKILL)
    assert worker._process is not None
    await worker._process.wait()
    await worker.expand(DOCUMENT, CONTEXTS)
    assert worker.starts == 2


async def test_T17_the_event_loop_runs_on(worker: Worker) -> None:
    """While a job takes long, everything else in the service has its turn."""
    await worker.expand(DOCUMENT, CONTEXTS)
    job = asyncio.create_task(worker.expand(SLOW, CONTEXTS))
    for _turn in range(1_000):
        await asyncio.sleep(0)
        assert not job.done()
    job.cancel()
    await asyncio.wait([job])


async def test_T17_a_deadline_in_the_middle_of_a_job_kills_the_process(worker: Worker) -> None:
    """The deadline passes while PyLD works; the next job has a new process, and its own answer."""
    await worker.expand(DOCUMENT, CONTEXTS)
    process = pid(worker)
    worker._seconds = 0.01
    with pytest.raises(Unavailable) as caught:
        await worker.expand(SLOW, CONTEXTS)
    assert caught.value.problem.code == "deadline-exceeded"
    assert not alive(process)
    worker._seconds = 60
    assert (await worker.label(ENTANGLED, "sha256")).count(b"\n") == 4
    assert worker.starts == 2


async def test_T17_a_cancelled_caller_kills_its_job(worker: Worker) -> None:
    """The answer to a caller who has gone must not reach the next one."""
    job = asyncio.create_task(worker.expand(SLOW, CONTEXTS))
    process = await until_sent(worker)
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    assert not alive(process)
    quads = await worker.expand(DOCUMENT, CONTEXTS)
    assert len(quads) == 2


async def test_a_caller_who_waits_can_leave(worker: Worker) -> None:
    """Cancelling a caller whose job has not begun leaves the running one alone."""
    running = asyncio.create_task(worker.expand(DOCUMENT, CONTEXTS))
    process = await until_sent(worker)
    waiting = asyncio.create_task(worker.expand(SLOW, CONTEXTS))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    assert len(await running) == 2
    assert pid(worker) == process


async def test_too_many_are_turned_away() -> None:
    """The queue is bounded, and who finds it full is told so at once."""
    worker = Worker(waiting=1)
    jobs = [asyncio.create_task(worker.expand(DOCUMENT, CONTEXTS)) for _ in range(3)]
    results = await asyncio.gather(*jobs, return_exceptions=True)
    codes = [result.problem.code for result in results if isinstance(result, Unavailable)]
    assert codes == ["overloaded"]
    await worker.close()


@pytest.mark.parametrize(
    "program",
    [
        "pass",
        "import os; os.abort()",
        "import sys; sys.stdin.buffer.read(9)",
        "import sys; sys.stdin.buffer.read(9); sys.stdout.buffer.write(b'\\0\\0\\0\\x09{}'); sys.stdout.flush()",
        "import sys; sys.stdin.buffer.read(9); sys.stdout.buffer.write(b'\\xff\\xff\\xff\\xff'); sys.stdout.flush()",
    ],
    ids=["leaves", "crashes", "dies at work", "breaks off", "answers too much"],
)
async def test_a_process_that_ends_is_no_answer(program: str) -> None:
    """Whatever the process does other than to answer is indeterminate."""
    worker = Worker(seconds=60, command=(sys.executable, "-I", "-c", program))
    with pytest.raises(Unavailable) as caught:
        await worker.expand(DOCUMENT, CONTEXTS)
    assert caught.value.problem.code == "internal-error"
    await worker.close()


async def test_a_program_that_is_not_there_is_no_answer() -> None:
    """A process that cannot be started is indeterminate too."""
    worker = Worker(seconds=60, command=("/nonexistent/python",))
    with pytest.raises(Unavailable) as caught:
        await worker.label(ENTANGLED, "sha256")
    assert caught.value.problem.code == "internal-error"
    await worker.close()


async def test_it_sees_no_secret(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the environment the process gets only what it needs to run."""
    monkeypatch.setenv("LER_GATEWAY_SECRET", "canary")
    await worker.expand(DOCUMENT, CONTEXTS)
    if sys.platform == "linux":
        with open(f"/proc/{pid(worker)}/environ", "rb") as environ:  # noqa: PTH123, ASYNC230 — a kernel file
            assert b"canary" not in environ.read()


async def test_closing_ends_it() -> None:
    """Nothing is left behind."""
    worker = Worker(seconds=60)
    await worker.close()
    await worker.expand(DOCUMENT, CONTEXTS)
    process = pid(worker)
    await worker.close()
    assert not alive(process)
