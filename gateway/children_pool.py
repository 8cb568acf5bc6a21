"""Processes that verify the children of a record ahead of this one, on cores that no worker uses.

Most of the time of a learner record goes into the proofs of its children and the reading of their
claims, which asks nobody anything. So that is begun elsewhere, from the last child on, while this process
verifies the record's own proof and then the children from the first on. What has come of a child by
then is taken over; every other one is verified here as ever, so that nobody waits for a process that is
slow, starting or dead, and no outcome depends on it. (100 badges on two cores: 38 ms, of 61 without.)

A process is asked for nothing but that: it is sent keys that this one has found without fetching
anything, and policy, validity, status, schema, trust and the conclusion stay here. It says only that a
child passes, without anything beside it; whatever there is to be said against one is found here.
Nothing of it is used before the proof of the record around has passed. (Begun it may be: whoever sends
a record could have sent its children by themselves.)
"""

from __future__ import annotations

import asyncio
import base64
import os
import sys
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.formats import _checks
from gateway.formats._embedded_proof import summarize
from gateway.framed_worker import ENDED, FramedWorker, encoded
from gateway.model import CheckName, CheckResult, Outcome, Proven, Record
from gateway.plugins import ASSERTION
from resolvers.model import KeyType
from resolvers.problems import Invalid, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from gateway.model import Secured
    from gateway.plugins import KeyResolver, ProofTools
    from resolvers.model import VerificationMethod

MOST_BESIDE_A_WORKER: Final = 3
"""Processes beside one worker that pay: what it has to do itself of each child is a third of the whole."""

LEAST: Final = 20
"""Children of one record from which it pays: with 10 the record takes as long as without, with 15 it is 1.2 times as
fast and with 20 1.3 times; where something else uses that core as well, there is nothing to be won of so few."""

FORMAT: Final = "data-integrity"
"""The name of the one format whose records a process verifies."""

_CHUNK: Final = 6
"""Children of one frame: about 2 ms of work, after which the answer comes."""
_AT_FIRST: Final = 8
"""Frames that a process is sent at first: they last while the record's own proof holds up the event loop."""
_IN_FLIGHT: Final = 3
"""Frames that it has later on: it is never idle, and in the end little is done twice."""
_LARGE: Final = 128 * 1024
"""Octets of a frame after which others are answered: it took a millisecond to write."""
_NO_DER: Final = (KeyType.ACCOUNT, KeyType.BLS12381_G2)
"""Keys that are sent to nobody, having no SubjectPublicKeyInfo."""
_KEPT_VARIABLES: Final = ("SYSTEMROOT", "PATH")
"""All that a process sees of the environment: it needs no secret, and Windows needs these."""
_LARGEST_ANSWER: Final = 16 << 20
_SECONDS_BETWEEN_STARTS: Final = 60.0
"""A child that ends a process may come again with every request, and a start costs 0.7 s of processor time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """What was found of a child whose structure and proof pass, without anything to be said beside it."""

    structure: CheckResult
    proven: Proven
    record: Record


def passed(
    document: Mapping[str, Any],
    method: VerificationMethod,
    *,
    vcdm: str | None,
    data_loss: str,
    contexts: Mapping[str, str],
    record: Mapping[str, Any],
) -> Passed:
    """Return what is known of a child that passes; both processes make it of the same few words.

    Whoever verifies the child compares it with what was really found, so that nothing is left out.

    Raises:
        AttributeError, TypeError, ValueError: the words have not the shape that they should have.
    """
    if data_loss not in (Outcome.PASS, Outcome.NOT_APPLICABLE):
        raise ValueError(data_loss)
    members: dict[str, Any] = {name: tuple(it) if type(it) is list else it for name, it in record.items()}
    return Passed(
        structure=CheckResult(name=CheckName.STRUCTURE, outcome=Outcome.PASS, facts={"vcdm": vcdm}),
        proven=Proven(
            data_loss=_checks.result(CheckName.DATA_LOSS, Outcome(data_loss)),
            proof=_checks.result(CheckName.PROOF, Outcome.PASS),
            issuer=_checks.bound("document", method),
            document=document,
            proofs=(summarize(document["proof"], Outcome.PASS),),
            contexts=contexts,
        ),
        record=Record(**members),
    )


class Ahead:
    """The children of one request: those that wait for a process, and what the others have come to."""

    __slots__ = ("_begun", "_found", "_keys", "_pool", "_terms", "_waiting", "deadline")

    def __init__(self, pool: ChildrenPool, keys: Callable[[], KeyResolver], terms: ProofTools, deadline: float) -> None:
        """Prepare, but begin nothing.

        Args:
            pool: the processes.
            keys: makes what finds keys without fetching anything.
            terms: what the proof step of an embedded credential goes by.
            deadline: seconds of the event loop's clock until when a process may work on them.
        """
        self._pool = pool
        self._keys = keys
        self._terms = terms
        # All by the identity of the object: what is said of a child is said of that very one.
        self._begun: dict[int, Mapping[str, Any]] = {}
        self._waiting: dict[int, _Child] = {}
        self._found: dict[int, Passed | None] = {}
        self.deadline = deadline

    async def begin(self, children: Iterable[Any]) -> None:
        """Have them verified where a process is free, if they are many, not begun yet, and their keys at hand."""
        new = [one for one in children if isinstance(one, dict) and id(one) not in self._begun]
        if len(new) < LEAST or time.monotonic() >= self.deadline:
            return
        keys = self._keys()
        for one in new:
            method = await self._method(keys, one.get("proof"))
            if method is not None:
                self._begun[id(one)] = one  # kept, so that no other object gets its id
                self._waiting[id(one)] = _Child(document=one, method=method)
        if self._waiting:
            await self._pool.help(self)

    def is_done(self, child: Any) -> bool:
        """Whether a process has answered about that very object, be it that it knows nothing."""
        return id(child) in self._found

    def take(self, secured: Secured) -> Passed | None:
        """Return what was found of that very object; None where it has to be verified here, and at once.

        So it has where it was recognized here as of another format than the one that a process knows.
        """
        self._waiting.pop(id(secured.document), None)
        if secured.format.name != FORMAT:
            return None
        found = self._found.get(id(secured.document))
        return found if found is None or time.monotonic() < self.deadline else None

    def end(self) -> None:
        """Begin no other: the request has its answer."""
        self._waiting.clear()
        self._found.clear()
        self._begun.clear()

    def chunk(self) -> list[_Child]:
        """Return the next children, from the last on; none when none waits."""
        return [self._waiting.popitem()[1] for _ in range(min(_CHUNK, len(self._waiting)))]

    def request(self, chunk: Sequence[_Child]) -> bytes:
        """Return the frame that asks about children."""
        terms = self._terms
        return encoded(
            {
                "asOf": terms.as_of.isoformat(),
                "now": (terms.now or terms.as_of).isoformat(),
                "clockSkew": terms.clock_skew,
                "allowUnknownContexts": terms.allow_unknown_contexts,
                "children": [(one.document, described(one.method)) for one in chunk],
            }
        )

    def told(self, chunk: Sequence[_Child], found: Sequence[Any]) -> int:
        """Keep what was found of children, and return of how many it was something.

        Raises:
            AttributeError, TypeError, ValueError: as `passed`, or of another number.
        """
        for one, words in zip(chunk, found, strict=True):
            if id(one.document) in self._begun:
                self._found[id(one.document)] = None if words is None else passed(one.document, one.method, **words)
        return sum(words is not None for words in found)

    async def _method(self, keys: KeyResolver, proof: Any) -> VerificationMethod | None:
        """Return the method of a child's one proof, if it is known here already and its key may be used."""
        url = proof.get("verificationMethod") if isinstance(proof, dict) else None
        if not isinstance(url, str):
            return None
        try:
            method = await keys.dereference(url, purpose=ASSERTION)
            _checks.check_usable(method, self._terms)
        except (Invalid, Unavailable):
            return None
        return None if method.key.type in _NO_DER else method


@dataclass(frozen=True, slots=True, kw_only=True)
class _Child:
    document: Mapping[str, Any]
    method: VerificationMethod


def described(method: VerificationMethod) -> list[Any]:
    """Return a method as it is sent: its key, and what of it a proof is checked against."""
    key = method.key
    der = key.key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return [method.id, method.type, method.document, key.type.value, base64.b64encode(der).decode(), key.jwk]


class ChildrenWorker(FramedWorker):
    """One process, which serves one request at a time, and starts with the first that it could serve."""

    def __init__(self, command: Sequence[str], on_passed: Callable[[int], None]) -> None:
        """Prepare, but start nothing.

        Args:
            command: how the process is started.
            on_passed: is told how many children have passed there.
        """
        environment = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
        super().__init__(
            seconds=0.0, waiting=0, command=command, largest_answer=_LARGEST_ANSWER, environment=environment
        )
        self._on_passed = on_passed
        self._not_before = 0.0

    @property
    def is_free(self) -> bool:
        """Whether it may be asked; not while another request's children are under way, and not soon after an end."""
        return not self._turn.locked() and asyncio.get_running_loop().time() >= self._not_before

    async def work(self, ahead: Ahead) -> None:
        """Have children verified until none waits any more. Whatever goes wrong ends the process, and nothing else."""
        async with self._turn:
            done = False
            try:
                async with asyncio.timeout_at(ahead.deadline):
                    await self._converse(await self._started(), ahead)
                done = True
            except (TimeoutError, AttributeError, TypeError, RuntimeError, *ENDED):
                pass  # uvloop says RuntimeError of a pipe that has been closed
            finally:
                if not done:
                    self._not_before = asyncio.get_running_loop().time() + _SECONDS_BETWEEN_STARTS
                    await self._kill()

    async def _converse(self, process: asyncio.subprocess.Process, ahead: Ahead) -> None:
        sent: deque[list[_Child]] = deque()
        most = _AT_FIRST
        while True:
            while len(sent) < most and (chunk := ahead.chunk()):
                request = ahead.request(chunk)
                self._send(process, request)
                sent.append(chunk)
                if len(request) > _LARGE:
                    await asyncio.sleep(0)
            if not sent:
                return
            answer = await self._receive(process)
            self._on_passed(ahead.told(sent.popleft(), answer["found"]))
            most = _IN_FLIGHT

    def _is_answer(self, answer: Mapping[str, Any]) -> bool:
        return isinstance(answer.get("found"), list)


class ChildrenPool:
    """The processes beside one worker of the service."""

    def __init__(
        self, size: int, contexts: Path | None, *, on_passed: Callable[[int], None] = lambda _count: None
    ) -> None:
        """Prepare, but start nothing.

        Args:
            size: how many processes; with none, everything is done in this one.
            contexts: the operator's folder of pinned contexts.
            on_passed: is told how many children have passed in a process.
        """
        folder = () if contexts is None else (str(contexts),)
        command = (sys.executable, "-I", "-m", "gateway._children_process", *folder)
        self._workers = tuple([ChildrenWorker(command, on_passed) for _ in range(size)])
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def size(self) -> int:
        """How many processes there may be."""
        return len(self._workers)

    async def help(self, ahead: Ahead) -> None:
        """Let every process that is free work on the children of a request."""
        for worker in self._workers:
            if worker.is_free:
                task = asyncio.create_task(worker.work(ahead))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        await asyncio.sleep(0)  # what they are for is sent before this process has work of its own

    async def close(self) -> None:
        """End the processes."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for worker in self._workers:
            await worker.close()


def spare_cores(workers: int) -> int:
    """Return how many cores this process may use beside those that the workers use."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(0, cores - workers)
