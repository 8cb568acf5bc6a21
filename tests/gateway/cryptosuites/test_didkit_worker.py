"""The didkit process: no network, one request at a time, and whatever happens to it an answer."""

from __future__ import annotations

import asyncio
import importlib.util
import shutil
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest

from gateway.cryptosuites import _didkit, _didkit_worker
from gateway.cryptosuites._didkit_worker import DidkitWorker
from resolvers.problems import Unavailable
from tests.didkit_issuer import CREDENTIAL, issue, private_jwk

if TYPE_CHECKING:
    from collections.abc import Iterator

needs_didkit = pytest.mark.skipif(
    importlib.util.find_spec("didkit") is None, reason="there is no didkit for this platform"
)
OPTIONS = {"proofPurpose": "assertionMethod"}

FRAMES = """
import json, os, sys, time
source, sink = sys.stdin.buffer, sys.stdout.buffer
def read():
    head = source.read(4)
    return json.loads(source.read(int.from_bytes(head, "big"))) if head else sys.exit()
def write(answer):
    octets = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    sink.write(len(octets).to_bytes(4, "big") + octets)
    sink.flush()
"""


class Watched(DidkitWorker):
    """A worker that says when its process runs."""

    def __init__(self, **given: Any) -> None:
        """Take what a worker takes."""
        super().__init__(**given)
        self.running = asyncio.Event()

    async def _started(self) -> asyncio.subprocess.Process:
        process = await super()._started()
        self.running.set()
        return process


def in_place(script: str) -> tuple[str, ...]:
    """Return the command of a process that does something else than didkit's."""
    return (sys.executable, "-I", "-S", "-c", FRAMES + script)


async def why(worker: DidkitWorker, document: Any = None) -> str:
    """Return the code of the problem that a request ends with."""
    with pytest.raises(Unavailable) as stopped:
        await worker.errors(document or {}, OPTIONS)
    return stopped.value.problem.code


@pytest.fixture(scope="module")
def signed() -> dict[str, Any]:
    """A credential that didkit signed."""
    request = {"method": "key", "key": private_jwk("Ed25519")}
    credential: dict[str, Any] = issue(request)[0]["secured"]
    return credential


@needs_didkit
async def test_good_proof_has_no_errors_and_a_bad_one_has(signed: dict[str, Any]) -> None:
    """What didkit signed it verifies, in one process for all requests, and not once it is changed."""
    worker = DidkitWorker()
    try:
        assert await worker.errors(signed, OPTIONS) == []
        assert await worker.errors({**signed, "issuanceDate": "2026-01-02T00:00:00Z"}, OPTIONS) != []
        assert await worker.errors({**signed, "issuer": 5}, OPTIONS) != []
        assert await worker.errors({}, OPTIONS) != []
        assert await worker.errors({**CREDENTIAL, "issuer": "did:example:1"}, OPTIONS) != []
        assert await worker.errors({**signed, "proof": []}, OPTIONS) != []
        assert await worker.errors(signed, {"proofPurpose": "authentication"}) != []
        assert await worker.errors(signed, OPTIONS) == []
        assert worker.starts == 1
    finally:
        await worker.close()


@contextmanager
def listening() -> Iterator[tuple[int, list[object]]]:
    """Yield a port of this machine, and who has connected to it."""
    hits: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection, address = server.accept()
                    hits.append(address)
                    connection.close()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield server.getsockname()[1], hits
        server.shutdown(socket.SHUT_RDWR)
    thread.join()


@needs_didkit
async def test_T1_process_has_no_network(signed: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """A DID that would be fetched makes no connection, where the bare library makes one at once.

    A proxy that both are told of stands for the network, since didkit connects to no port that a test may open.
    """
    did = "did:web:university.example"
    proof = {**signed["proof"], "verificationMethod": f"{did}#key-1"}
    credential = {**signed, "issuer": did, "proof": proof}
    env = shutil.which("env")
    assert env is not None
    with listening() as (port, hits):
        proxy = f"http://127.0.0.1:{port}"
        for name in ("HTTP_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, proxy)
        issue(credential, verify=True)
        assert len(hits) > 0
        hits.clear()
        command = (env, f"HTTP_PROXY={proxy}", f"HTTPS_PROXY={proxy}", *_didkit.COMMAND, "serve")
        worker = DidkitWorker(command=command)
        try:
            assert await worker.errors(credential, OPTIONS) != []
            assert await worker.errors(signed, OPTIONS) == []
            assert (hits, worker.starts) == ([], 1)
        finally:
            await worker.close()


@needs_didkit
async def test_crash_is_no_answer_and_the_next_request_has_one(signed: dict[str, Any]) -> None:
    """A signature that makes didkit panic ends its process; the request is indeterminate, and nothing is lost."""
    key = private_jwk("secp256k1", "ES256K-R")
    [answer] = issue({"method": "pkh:eth", "key": key, "type": "EthereumEip712Signature2021"})
    secured = answer["secured"]
    worker = DidkitWorker()
    try:
        assert await worker.errors(secured, OPTIONS) == []
        assert await why(worker, {**secured, "proof": {**secured["proof"], "proofValue": "0x"}}) == "internal-error"
        assert await worker.errors(signed, OPTIONS) == []
        assert worker.starts == 2
        process = worker._process
        assert process is not None
        process.kill()
        assert await why(worker, signed) == "internal-error"
        assert await worker.errors(signed, OPTIONS) == []
        assert worker.starts == 3
    finally:
        await worker.close()


async def test_hanging_process_is_killed_at_the_deadline() -> None:
    """What does not answer in time is ended, and the next request starts anew."""
    worker = DidkitWorker(seconds=0.3, command=in_place("while True: pass"))
    for starts in (1, 2):
        assert await why(worker) == "deadline-exceeded"
        assert (worker.starts, worker._process) == (starts, None)


async def test_answer_never_reaches_the_next_caller() -> None:
    """Where a caller goes away, so does the process, and with it the answer that was under way."""
    script = "while True:\n name = read()['document']['name']\n time.sleep(0.2)\n write({'errors': [name]})"
    worker = Watched(command=in_place(script))
    first = asyncio.create_task(worker.errors({"name": "first"}, OPTIONS))
    await worker.running.wait()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    try:
        assert await worker.errors({"name": "second"}, OPTIONS) == ["second"]
        assert worker.starts == 2
    finally:
        await worker.close()


async def test_requests_wait_for_one_another() -> None:
    """Each caller gets its own answer, in whatever order they came."""
    worker = DidkitWorker(command=in_place("while True: write({'errors': [read()['document']['name']]})"))
    try:
        answers = await asyncio.gather(*(worker.errors({"name": str(number)}, OPTIONS) for number in range(10)))
        assert answers == [[str(number)] for number in range(10)]
        assert worker.starts == 1
    finally:
        await worker.close()


async def test_too_many_requests_are_turned_away() -> None:
    """The queue has an end."""
    worker = Watched(waiting=0, command=in_place("while True: read()"))
    first = asyncio.create_task(worker.errors({}, OPTIONS))
    await worker.running.wait()
    assert await why(worker) == "overloaded"
    first.cancel()
    with suppress(asyncio.CancelledError):
        await first


@pytest.mark.parametrize(
    "script",
    [
        "os.abort()",
        "sys.exit(1)",
        "read(); sys.exit()",
        "read(); write(b'no JSON')",
        "read(); write(b'\\xff\\xfe')",
        "read(); write([])",
        "read(); write({})",
        "read(); write({'errors': [], 'more': 1})",
        "read(); write({'errors': None})",
        "read(); write({'errors': ''})",
        "read(); sink.write(b'\\xff' * 8); sink.flush(); time.sleep(60)",
        "read(); sink.write(b'\\0\\0\\0\\x09{}'); sink.flush()",
    ],
)
async def test_nonsense_is_no_answer(script: str) -> None:
    """Whatever is not exactly an answer is none, and never a pass."""
    worker = DidkitWorker(command=in_place(script))
    assert await why(worker) == "internal-error"
    assert worker._process is None


async def test_process_that_cannot_be_started_is_no_answer() -> None:
    """A missing interpreter is no exception either."""
    assert await why(DidkitWorker(command=("/nonexistent/python",))) == "internal-error"


async def test_missing_library_is_told() -> None:
    """Where didkit has no wheel, the process says so, and every request is told."""
    worker = DidkitWorker(command=(sys.executable, "-I", "-S", _didkit.__file__, "serve"))
    try:
        for _ in range(2):
            with pytest.raises(Unavailable) as stopped:
                await worker.errors({}, OPTIONS)
            assert stopped.value.problem.code == "unsupported-cryptosuite"
            assert stopped.value.problem.detail == "only didkit verifies it, and didkit is not installed"
        assert worker.starts == 1
    finally:
        await worker.close()


async def test_process_sees_no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that the service was told reaches the process."""
    monkeypatch.setenv("LER_GATEWAY_SECRET", "canary")
    worker = DidkitWorker(command=in_place("read(); write({'errors': sorted(os.environ)})"))
    try:
        seen = await worker.errors({}, OPTIONS)
    finally:
        await worker.close()
    assert "LER_GATEWAY_SECRET" not in seen
    assert {"PATH", "HOME", "HTTP_PROXY"}.isdisjoint(seen)


def test_process_is_isolated() -> None:
    """The interpreter ignores the caller's paths and variables, and the service never loads didkit."""
    assert _didkit.COMMAND[1:] == ("-I", _didkit.__file__)
    loads = "import sys, gateway.app, gateway.cryptosuites._didkit_worker; sys.exit('didkit' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", loads], check=False).returncode == 0


async def test_suites_of_an_event_loop_share_one_worker() -> None:
    """There is one process for all suites, and closing it twice, or without any, is no mistake."""
    assert _didkit_worker.worker() is _didkit_worker.worker()
    await _didkit_worker.close()
    await _didkit_worker.close()
