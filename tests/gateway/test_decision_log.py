"""The decision log: what is in it, how it survives crashes, and what shows that it was changed."""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import policies
from gateway import decision_log
from gateway.config import ConfigError
from gateway.decision_audit import Chain, chains, replay
from gateway.decision_log import DecisionLog, end_of, segments
from gateway.decision_records import DamagedRecord, canonical, of_decision, read, written
from gateway.options import DecisionLog as Options
from policies.document import MAX_RULES
from policies.facts import digest, loads, to_json
from policies.model import State
from policies.policy_set import MAX_GENERATIONS
from tests.gateway.results import verification
from tests.policies.files import AS_OF, facts, loaded, policy, rule
from tests.policies.strategies import facts as any_facts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gateway.model import VerificationResult
    from policies.model import Facts

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
POLICY = loaded(policy(rule("{registry: {in: a}}"), rule("{issued_within: P5Y}", name="recent"))).get(
    "test/policy", AS_OF
)
ABOUT = [facts(), facts(trust={}), facts(proof=State.FAIL), facts(valid_from=None)]


def decided(about: Facts, **members: Any) -> VerificationResult:
    """Return a result with the decision about some facts."""
    decision = policies.evaluate(POLICY, about, facts_digest=digest(about))
    return verification(decision=decision, verified_at=NOW, as_of=NOW, **members)


async def logged(folder: Path, *about: Facts, **options: Any) -> None:
    """Log decisions in one run of a process."""
    async with DecisionLog.open(Options(folder=folder, **options), clock=lambda: NOW) as log:
        assert log is not None
        for each in about:
            await log.append(decided(each))


def examined(folder: Path) -> tuple[list[dict[str, Any]], list[str], list[str]]:
    """Return the records of a chain, its problems and its notes."""
    chain = Chain(folder)
    records = [dict(record) for record in chain.records()]
    return records, chain.problems, chain.notes


class TestWriting:
    """One line a decision, in a chain."""

    async def test_off_it_is_nothing(self) -> None:
        """No file, and no work."""
        async with DecisionLog.open(Options(), clock=lambda: NOW) as log:
            assert log is None

    async def test_a_record_is_all_that_the_decision_rests_on(self, tmp_path: Path) -> None:
        """Ids, digests, states and reasons: exactly these members."""
        await logged(tmp_path, ABOUT[2])

        (record,) = examined(tmp_path)[0]

        chained = {name: record.pop(name) for name in ("v", "n", "prev", "hash")}
        assert (chained["v"], chained["n"]) == (1, 2)
        assert record == {
            "at": "2026-11-23T12:00:00Z",
            "asOf": "2026-11-23T12:00:00Z",
            "result": verification().id,
            "policy": "test/policy",
            "version": "1.0.0",
            "policyDigest": POLICY.digest,
            "factsDigest": digest(ABOUT[2]),
            "decision": {
                "verdict": "reject",
                "reasons": ["proof-failed"],
                "rules": [
                    {"id": "core-not-expired", "from": "core/current@1.0.0", "state": "pass", "verdict": "accept"},
                    {"id": "core-status", "from": "core/current@1.0.0", "state": "pass", "verdict": "accept"},
                    {"id": "one", "from": "test/policy@1.0.0", "state": "pass", "verdict": "accept"},
                    {"id": "recent", "from": "test/policy@1.0.0", "state": "pass", "verdict": "accept"},
                ],
            },
        }

    async def test_the_chain_goes_on_over_restarts_and_files(self, tmp_path: Path) -> None:
        """Each start begins a file, and so does one that is full; the numbers and hashes go on."""
        await logged(tmp_path, *ABOUT[:2])
        await logged(tmp_path, *ABOUT, segment_bytes=1000)

        records, problems, notes = examined(tmp_path)

        assert (problems, notes) == ([], [])
        assert [record["decision"]["verdict"] for record in records] == [
            "accept", "review", "accept", "review", "reject", "review",
        ]  # fmt: skip
        assert [path.name for path in segments(tmp_path)] == [f"00000{number}.jsonl" for number in range(1, 6)]
        assert {path.stat().st_mode & 0o777 for path in segments(tmp_path)} == {0o600}

    async def test_a_result_without_a_decision_is_not_logged(self, tmp_path: Path) -> None:
        """There is nothing to say."""
        async with DecisionLog.open(Options(folder=tmp_path), clock=lambda: NOW) as log:
            assert log is not None
            await log.append(verification())

        assert examined(tmp_path)[0] == []

    async def test_one_writer_a_chain(self, tmp_path: Path) -> None:
        """A second process that is configured alike does not start."""
        async with DecisionLog.open(Options(folder=tmp_path), clock=lambda: NOW):
            with pytest.raises(ConfigError, match="another process writes"):
                async with DecisionLog.open(Options(folder=tmp_path), clock=lambda: NOW):
                    pass

    async def test_a_folder_that_cannot_be_made(self, tmp_path: Path) -> None:
        """It is told at the start, and not with the first decision."""
        (tmp_path / "file").write_text("")

        with pytest.raises(ConfigError, match="cannot be written"):
            async with DecisionLog.open(Options(folder=tmp_path / "file" / "log"), clock=lambda: NOW):
                pass

    async def test_each_worker_has_a_chain_of_its_own(self, tmp_path: Path) -> None:
        """And the auditor finds them all."""
        options = Options(folder=tmp_path)
        for index in range(2):
            async with DecisionLog.open(options.of_worker(index), clock=lambda: NOW) as log:
                assert log is not None
                await log.append(decided(ABOUT[index]))

        assert [path.name for path in chains(tmp_path)] == ["worker-0", "worker-1"]
        assert Options().of_worker(1).folder is None


class TestDurability:
    """When it is on the disk."""

    async def test_at_zero_seconds_before_the_answer(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Each record is synced before `append` returns."""
        synced = counted_syncs(monkeypatch)
        async with DecisionLog.open(Options(folder=tmp_path, sync_seconds=0), clock=lambda: NOW) as log:
            assert log is not None
            before = len(synced)
            for number in (1, 2):
                await log.append(decided(ABOUT[0]))
                assert len(synced) == before + number

    async def test_else_within_so_many_seconds(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """One sync for all that was written meanwhile; and one at the end."""
        synced = counted_syncs(monkeypatch)
        due, slept = asyncio.Event(), list[float]()

        async def sleep(seconds: float) -> None:
            slept.append(seconds)
            await due.wait()

        options = Options(folder=tmp_path, sync_seconds=3)
        async with DecisionLog.open(options, clock=lambda: NOW, sleep=sleep) as log:
            assert log is not None
            before = len(synced)
            for each in ABOUT:
                await log.append(decided(each))
                await asyncio.sleep(0)
            assert (slept, len(synced)) == ([3], before)
            assert len(examined(tmp_path)[0]) == len(ABOUT)  # a crash of the process loses none
            due.set()
            while len(synced) == before:  # noqa: ASYNC110 — a thread does it, which tells nobody
                await asyncio.sleep(0)
            assert len(synced) == before + 1
        assert len(synced) == before + 2

    async def test_what_cannot_be_written_is_not_answered(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Half a record is left behind, and never written on to: the next one begins a file that says so."""
        write = os.write

        async with DecisionLog.open(Options(folder=tmp_path), clock=lambda: NOW) as log:
            assert log is not None
            await log.append(decided(ABOUT[0]))
            with monkeypatch.context() as patch:
                patch.setattr(os, "write", lambda descriptor, line: write(descriptor, line[:50]))
                with pytest.raises(OSError, match="not written whole"):
                    await log.append(decided(ABOUT[1]))
            await log.append(decided(ABOUT[2]))

        records, problems, notes = examined(tmp_path)
        assert [record["decision"]["verdict"] for record in records] == ["accept", "reject"]
        assert (problems, notes) == ([], ["000001.jsonl: a crash has left 50 bytes that are no record"])

    async def test_a_sync_that_fails(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """What was not synced may be gone: the file is left, and the next record begins another."""

        def failing(_descriptor: int) -> None:
            raise OSError(5, "Input/output error")

        async with DecisionLog.open(Options(folder=tmp_path, sync_seconds=0.001), clock=lambda: NOW) as log:
            assert log is not None
            with monkeypatch.context() as patch:
                patch.setattr(os, "fsync", failing)
                await log.append(decided(ABOUT[0]))
                while log._descriptor is not None:  # noqa: ASYNC110 — a thread does it, which tells nobody
                    await asyncio.sleep(0)
            await log.append(decided(ABOUT[1]))

        assert len(segments(tmp_path)) == 2
        assert examined(tmp_path)[1:] == ([], [])


def counted_syncs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count what is synced."""
    synced: list[int] = []
    fsync = os.fsync

    def counting(descriptor: int) -> None:
        synced.append(descriptor)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", counting)
    return synced


class TestCrashes:
    """A process that ends in the middle of a write."""

    async def test_every_place_at_which_it_may_end(self, tmp_path: Path) -> None:
        """Whatever is left of the last record: it is seen, stated at the next start, and never continued."""
        source = tmp_path / "source"
        await logged(source, *ABOUT)
        content = segments(source)[0].read_bytes()
        lines = content.splitlines(keepends=True)
        last = len(content) - len(lines[-1])

        for place in range(last, len(content)):
            folder = tmp_path / str(place)
            folder.mkdir()
            (folder / "000001.jsonl").write_bytes(content[:place])
            before = examined(folder)
            await logged(folder, ABOUT[0])
            records, problems, notes = examined(folder)

            torn = place - last
            assert [record["n"] for record in records] == [2, 3, 4, 6]
            assert problems == before[1] == []
            assert before[2] == (
                [f"000001.jsonl: its last {torn} bytes are no record, as a crash leaves them"] if torn else []
            )
            assert notes == ([f"000001.jsonl: a crash has left {torn} bytes that are no record"] if torn else [])
            assert (folder / "000001.jsonl").read_bytes() == content[:place]

    async def test_before_the_first_record_of_a_file(self, tmp_path: Path) -> None:
        """The chain goes on where the file before it ended."""
        await logged(tmp_path, ABOUT[0])
        (tmp_path / "000002.jsonl").write_bytes(b'{"after":')
        (tmp_path / "000003.jsonl").write_bytes(b"")

        await logged(tmp_path, ABOUT[1])

        records, problems, notes = examined(tmp_path)
        assert [record["n"] for record in records] == [2, 4]
        assert problems == []
        assert notes == [
            f"00000{number}.jsonl: none of its {size} bytes are a record, as a crash leaves them"
            for number, size in ((2, 9), (3, 0))
        ]

    def test_the_end_of_a_file_is_found_from_behind(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """However long the lines are, and however much is torn."""
        monkeypatch.setattr(decision_log, "MAX_LINE", 64)
        path = tmp_path / "000001.jsonl"
        first, head = written(of_decision(decided(ABOUT[0]), POLICY_DECISION), 1, "0" * 64)
        second, _ = written(of_decision(decided(ABOUT[1]), POLICY_DECISION), 2, head)

        for content, kept, number in (
            (b"", 0, None),
            (b"x" * 500, 0, None),
            (b"\n" * 200, 0, None),
            (first, len(first), 1),
            (first + second, len(first + second), 2),
            (first + second + b"y" * 300, len(first + second), 2),
            (first + second[:-1], len(first), 1),
            (first + b"damaged\n" * 50, len(first), 1),
        ):
            path.write_bytes(content)
            end, record = end_of(path)
            assert (end, None if record is None else record["n"]) == (kept, number)

    async def test_a_folder_that_is_full(self, tmp_path: Path) -> None:
        """It says so, instead of writing a file that nobody reads."""
        await logged(tmp_path, ABOUT[0])
        segments(tmp_path)[0].rename(tmp_path / "999999.jsonl")

        with pytest.raises(ConfigError, match="all the files that it can have"):
            await logged(tmp_path, ABOUT[0])


POLICY_DECISION = policies.evaluate(POLICY, ABOUT[0])


class TestTampering:
    """What shows that the log is not as it was written."""

    @pytest.mark.parametrize(
        ("change", "problem"),
        [
            (lambda lines: lines[2:3] + lines[:2] + lines[3:], "does not follow"),
            (lambda lines: lines[:2] + lines[3:], "does not follow"),
            (lambda lines: [*lines[:2], lines[1], *lines[2:]], "does not follow"),
            (lambda lines: [*lines[:2], lines[2].replace(b"review", b"accept"), *lines[3:]], "is damaged"),
            (lambda lines: [*lines[:2], b"\n", *lines[2:]], "is damaged"),
            (lambda lines: [*lines[:2], b"{}\n", *lines[2:]], "is damaged"),
            (lambda lines: lines[1:], "is not where records of its kind are"),
            (lambda lines: [lines[0].replace(b'"v":1', b'"v": 1'), *lines[1:]], "is damaged"),
        ],
        ids=["moved", "removed", "doubled", "changed", "blank", "added", "headless", "respelt"],
    )
    async def test_a_change_in_the_middle(
        self, tmp_path: Path, change: Callable[[list[bytes]], list[bytes]], problem: str
    ) -> None:
        """Every one is noticed."""
        await logged(tmp_path, *ABOUT)
        path = segments(tmp_path)[0]
        path.write_bytes(b"".join(change(path.read_bytes().splitlines(keepends=True))))

        _, problems, notes = examined(tmp_path)

        assert any(problem in each for each in problems), (problems, notes)

    async def test_an_end_that_was_cut_off_shows_at_the_next_file(self, tmp_path: Path) -> None:
        """And before that only by the hash that was kept elsewhere."""
        await logged(tmp_path, *ABOUT)
        whole = Chain(tmp_path)
        assert len(list(whole.records())) == 4
        await logged(tmp_path, ABOUT[0])
        path = segments(tmp_path)[0]
        lines = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(b"".join(lines[:-1]))

        cut = Chain(tmp_path)
        list(cut.records())

        assert cut.problems == [
            "000002.jsonl: record 6 does not follow the one before it",
            "000002.jsonl: 000001.jsonl did not end as it does now when this file was begun",
        ]
        assert whole.head == json.loads(lines[-1])["hash"]

    async def test_what_is_put_behind_a_file_shows_at_the_next(self, tmp_path: Path) -> None:
        """Also where it looks like what a crash leaves."""
        await logged(tmp_path, ABOUT[0])
        await logged(tmp_path, ABOUT[1])
        with segments(tmp_path)[0].open("ab") as file:
            file.write(b'{"after"')

        assert examined(tmp_path)[1] == [
            "000002.jsonl: 000001.jsonl did not end as it does now when this file was begun"
        ]

    async def test_old_files_may_be_taken_away(self, tmp_path: Path) -> None:
        """That is told, and is no damage."""
        await logged(tmp_path, ABOUT[0])
        await logged(tmp_path, ABOUT[1])
        segments(tmp_path)[0].unlink()

        records, problems, notes = examined(tmp_path)

        assert (len(records), problems) == (1, [])
        assert notes == ["000002.jsonl: the log begins with record 3; what was before it is not here"]

    @pytest.mark.parametrize(
        "line",
        [b"", b"[]", b"null", b"{", b'{"v":1}', b'{"n":1,"n":1}', b"\xff", b'{"hash":"","n":1,"prev":"","v":1}'],
    )
    def test_what_is_no_record(self, line: bytes) -> None:
        """By whatever it lacks."""
        with pytest.raises(DamagedRecord):
            read(line)

    def test_a_record_of_another_version(self) -> None:
        """It is not guessed at."""
        line, _ = written(of_decision(decided(ABOUT[0]), POLICY_DECISION), 1, "0" * 64)
        record = {**read(line[:-1]), "v": 2}

        with pytest.raises(DamagedRecord):
            read(canonical(record))


class TestReplay:
    """The same facts under the policy of that day give the same decision, bit for bit."""

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(any_facts, min_size=1, max_size=4))
    async def test_bit_for_bit(self, tmp_path_factory: pytest.TempPathFactory, population: list[Facts]) -> None:
        """Also after the facts were written down as JSON and read again."""
        folder = tmp_path_factory.mktemp("log")
        await logged(folder, *population)
        kept = [loads(json.dumps(to_json(each))) for each in population]

        found = replay(Chain(folder).records(), {digest(each): each for each in kept}, {POLICY.digest: POLICY})

        assert (found.same, found.different, found.without_facts) == (len(population), 0, 0)
        assert not found.without_policy

    async def test_what_is_not_here_is_told_apart(self, tmp_path: Path) -> None:
        """Facts that nobody kept, and a policy that has changed since."""
        await logged(tmp_path, *ABOUT)
        about = {digest(each): each for each in ABOUT[1:]}

        without_facts = replay(Chain(tmp_path).records(), about, {POLICY.digest: POLICY})
        without_policy = replay(Chain(tmp_path).records(), about, {})

        assert (without_facts.same, without_facts.without_facts) == (3, 1)
        assert without_policy.without_policy == {"test/policy@1.0.0": 4}

    async def test_another_decision_is_told(self, tmp_path: Path) -> None:
        """A program that decides otherwise by the same policy, or a log that says what was never decided."""
        await logged(tmp_path, *ABOUT)
        swapped = dict(zip(map(digest, ABOUT), reversed(ABOUT), strict=True))

        found = replay(Chain(tmp_path).records(), swapped, {POLICY.digest: POLICY})

        assert (found.same, found.different) == (0, 4)
        assert found.differences[0] == "record 2 (test/policy): accept, and now review"


async def test_T17_the_longest_decision_is_a_record_that_is_read_again(tmp_path: Path) -> None:
    """Eight generations of two hundred rules, with ids as long as they may be."""
    text = policy(rule(name="r" * 64), name=f"{'a' * 60}/{'b' * 59}")
    longest = loaded(text).get(f"{'a' * 60}/{'b' * 59}", AS_OF)
    decision = policies.evaluate(longest, facts())
    most = replace(decision, rules=decision.rules[-1:] * MAX_RULES * MAX_GENERATIONS)
    async with DecisionLog.open(Options(folder=tmp_path), clock=lambda: NOW) as log:
        assert log is not None
        await log.append(verification(decision=most, verified_at=NOW, as_of=NOW))

    records, problems, notes = examined(tmp_path)

    assert (len(records), problems, notes) == (1, [], [])
