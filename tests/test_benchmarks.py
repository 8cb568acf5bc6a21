"""The benchmarks run, and their rows have the members that are promised. No figure is judged here."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import json
import math
import shutil
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks import __main__ as command
from benchmarks import h2load, load, ours, peer, records, series, wrk
from benchmarks.effort import Effort, Skipped, interleaved, percentile, repeated
from benchmarks.floor import floor, pyld
from benchmarks.processes import served

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.effort import Turn

TINY = Effort(rounds=1, seconds=0.001, count=12)

SERIES = {
    "children", "cold", "cpu", "growth", "issuers", "memory", "paths", "poison", "policies", "saturation", "start",
}  # fmt: skip

ROW = {"name", "ours_ms", "peer_ms", "peer", "signature_ms", "floor_ms", "ratio_peer", "ratio_floor"}
"""The members that every row of the comparison has."""

needs_peer = pytest.mark.skipif(
    shutil.which("node") is None or not (peer.FOLDER / "node_modules").is_dir(),
    reason="needs Node, and `npm ci` in tests/interop",
)


@pytest.fixture
def nothing_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with neither Node nor wrk."""
    monkeypatch.setattr(shutil, "which", lambda _name: None)


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run the command with so little effort that its figures mean nothing."""
    tiny = ["--rounds", "1", "--seconds", "0.001"]
    monkeypatch.setattr(sys, "argv", ["benchmarks", *tiny, *arguments])
    return command.main()


def test_what_runs_without_a_name() -> None:
    """Without names it is one badge and a record of 100 achievements; everything longer is asked for by name."""
    assert command.DEFAULT == ("badge", "record-100")
    assert set(series.ALL) == SERIES
    assert all(records.NAMES.fullmatch(name) for name in ("badge", "badge-jcs", "badge-jwt", "record-1", "record-1000"))
    assert not any(records.NAMES.fullmatch(name) for name in ("badge-xyz", "record-", "record-0", "record", *SERIES))


@pytest.mark.usefixtures("nothing_installed")
def test_rows_without_node(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Without Node the peer's figures are null and the status is 1; all the others are there, and agree."""
    status = run(monkeypatch, "--json", "badge")
    (row,) = json.loads(capsys.readouterr().out)["rows"]
    assert status == 1
    assert row.keys() >= ROW
    assert (row["name"], row["peer_ms"], row["signature_ms"], row["ratio_peer"]) == ("badge", None, None, None)
    assert all(row[figure] > 0 for figure in ("ours_ms", "floor_ms", "http_ms", "pyld_ms"))
    assert math.isclose(row["ratio_floor"], row["ours_ms"] / row["floor_ms"])


@pytest.mark.usefixtures("nothing_installed")
def test_series_that_cannot_be_measured(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A series that lacks a program says which, and is no failure."""
    assert run(monkeypatch, "--json", "saturation") == 0
    printed = capsys.readouterr()
    (row,) = json.loads(printed.out)["rows"]
    assert row["name"] == "saturation"
    assert "wrk is not installed" in row["skipped"]
    assert "saturation is left out: wrk is not installed" in printed.err


def test_unknown_name(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A name that nothing has is a mistake in the command, and the series are told."""
    with pytest.raises(SystemExit) as ended:
        run(monkeypatch, "nothing")
    assert ended.value.code == 2
    assert "there is no 'nothing'" in capsys.readouterr().err


@needs_peer
async def test_peers() -> None:
    """Each kind of record has a peer that verifies it, as often as its turn is long, and at least once."""
    async with ours.opened() as verifier:
        made = await records.measured(verifier.canonicalizer, ["badge", "badge-jcs", "badge-jwt"])
        with peer.started(made, verifier.contexts, warm_up=0.0) as others:
            assert others is not None
            for one in made:
                (milliseconds,) = await others.verifying(one)(0.0)
                assert milliseconds > 0
            (milliseconds,) = await others.verifying(made[-1], peer.SIGNATURE)(0.0)
            assert milliseconds > 0


@needs_peer
@pytest.mark.parametrize(
    ("name", "by"),
    [
        ("badge", peer.LINKED_DATA),
        ("badge-jcs", peer.LINKED_DATA),
        ("badge-jwt", peer.TOKENS),
        ("badge-jwt", peer.SIGNATURE),
    ],
)
async def test_peers_look_at_what_they_verify(name: str, by: str) -> None:
    """A record that was changed verifies with no peer: what is measured is a verification."""
    async with ours.opened() as verifier:
        (one,) = await records.measured(verifier.canonicalizer, [name])
        forged = dataclasses.replace(one, credentials=tuple(map(_forged, one.credentials)))
        with peer.started([forged], verifier.contexts, warm_up=0.0) as others:
            assert others is not None
            with pytest.raises(RuntimeError, match=f"{by} does not verify {name}"):
                await others.verifying(forged, by)(0.0)


def _forged(credential: Any) -> Any:
    """Return the credential with another name, its proof as it was."""
    if not isinstance(credential, str):
        return {**credential, "name": "Forging"}
    header, payload, signature = credential.split(".")
    changed = base64.urlsafe_b64decode(payload + "==").replace(b"Welding", b"Forging")
    return f"{header}.{base64.urlsafe_b64encode(changed).rstrip(b'=').decode()}.{signature}"


async def test_every_kind_of_record() -> None:
    """Each kind verifies through the gateway, and has its floor; what is no RDF is nothing to PyLD."""
    async with ours.opened() as verifier:
        for one in await records.measured(verifier.canonicalizer, ["badge", "badge-jcs", "badge-jwt", "record-3"]):
            (milliseconds,) = await ours.verifying(verifier, one)(0.0)
            (least,) = await (await floor(one, verifier.canonicalizer))(0.0)
            assert milliseconds > 0
            assert least > 0
            assert (pyld(one, verifier.contexts) is None) == (one.name in ("badge-jcs", "badge-jwt"))


async def test_what_does_not_verify_is_not_measured() -> None:
    """A record that does not verify ends the measurement: its time would mean nothing."""
    async with ours.opened() as verifier:
        for one in await records.measured(verifier.canonicalizer, ["badge", "badge-jcs", "badge-jwt"]):
            forged = dataclasses.replace(one, credentials=tuple(map(_forged, one.credentials)))
            with pytest.raises(RuntimeError, match=r"(PROOF_VERIFICATION|CRYPTOGRAPHIC_SECURITY)_ERROR"):
                await ours.verifying(verifier, forged)(0.0)


async def test_no_record_is_measured_twice_in_a_row() -> None:
    """The records of a kind differ, and a turn goes through them: what remembers the last one gains nothing."""
    async with ours.opened() as verifier:
        for one in await records.measured(verifier.canonicalizer, ["badge", "badge-jwt", "record-2"]):
            work = ours.verification(verifier, one)
            verified = [json.dumps((await work()).document) for _ in range(records.ALIKE + 1)]
            assert len(set(one.bodies)) == len(set(verified)) == records.ALIKE
            assert verified[0] == verified[-1]


async def test_sides_take_turns() -> None:
    """Each round gives every side one turn, every second round in the other order; the first is not counted.

    A slow piece of work among quick ones, as a garbage collection makes one, counts in its turn.
    """
    turns: list[str] = []

    def side(name: str) -> Turn:
        async def turn(seconds: float) -> list[float]:
            assert seconds == 0.5
            turns.append(name)
            return [1000.0] if len(turns) <= 2 else [len(turns), 100.0, 1.0, 3.0]

        return turn

    means = await interleaved({"one": side("one"), "two": side("two")}, Effort(rounds=3, seconds=0.5))
    assert turns == ["one", "two", "one", "two", "two", "one", "one", "two"]
    assert means == pytest.approx({"one": 26.75, "two": 27.0})  # of so few rounds the fastest


async def test_what_neighbours_slow_down_is_not_told() -> None:
    """Turns that a neighbour has slowed down, however many up to three in four, leave the time of a side as it is."""
    slowness = iter([1.0, 1.0, *(1.8, 1.0, 1.8, 1.0, 1.8, 1.3, 1.3, 1.3)])

    def side(milliseconds: float) -> Turn:
        async def turn(_seconds: float) -> list[float]:
            return [milliseconds * next(slowness)]

        return turn

    means = await interleaved({"one": side(2.0), "two": side(1.0)}, Effort(rounds=4, seconds=0.5))
    assert means == {"one": pytest.approx(2.0), "two": pytest.approx(1.0)}


async def test_pauses_count() -> None:
    """The times of a turn add up to it: what a side does between two pieces of work is not left out."""
    began = time.perf_counter()
    times = await repeated(_busy)(0.02)
    lasted = (time.perf_counter() - began) * 1000
    assert len(times) > 1
    assert 20 <= sum(times) <= lasted


async def _busy() -> None:
    sum(range(1000))


def test_percentile() -> None:
    """The 99th percentile of a hundred values is the last but none: one in a hundred is above it or is it."""
    values = [float(value) for value in range(100, 0, -1)]
    assert (percentile(values, 0.5), percentile(values, 0.99), percentile([7.0], 0.99)) == (51.0, 100.0, 7.0)


async def test_a_series() -> None:
    """A series has rows with its columns: here the issuers, each of whose documents is fetched once."""
    rows = await series.ALL["issuers"].run(TINY)
    columns = series.ALL["issuers"].columns
    assert all(row.keys() >= {"name", *columns} for row in rows)
    assert [(row["method"], row["issuers"], row["fetches"]) for row in rows] == [
        ("did:key", 10, 0),
        ("did:key", 12, 0),
        ("did:web", 10, 10),
        ("did:web", 12, 12),
    ]


def test_requests() -> None:
    """A request is complete: its length is that of its body."""
    head, _, body = load.post(b"{}", "application/vc").partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v1/verify?policy=benchmark/state HTTP/1.1\r\n")
    assert b"Content-Length: 2" in head
    assert body == b"{}"


def test_answers_of_h2load(tmp_path: Path) -> None:
    """Its log is read in the order of sending; an answer that is missing, or is not 200, ends the measurement."""
    log = tmp_path / "log"
    log.write_text("2000\t200\t700\n1000\t200\t2500\n", encoding="ascii")
    assert h2load.answers(log, 2) == [(1.0, 2.5), (2.0, 0.7)]
    with pytest.raises(RuntimeError, match="did not answer well"):
        h2load.answers(log, 3)
    log.write_text("2000\t200\t700\n1000\t503\t2500\n", encoding="ascii")
    with pytest.raises(RuntimeError, match="503"):
        h2load.answers(log, 2)


@pytest.mark.usefixtures("nothing_installed")
def test_programs_that_are_missing() -> None:
    """Each of the load's programs that is missing is named, with the package that has it."""
    with pytest.raises(Skipped, match="apt-get install wrk"):
        wrk.found()
    with pytest.raises(Skipped, match="apt-get install nghttp2-client"):
        h2load.found()


@pytest.mark.skipif(shutil.which("h2load") is None, reason="needs h2load (Debian: nghttp2-client)")
async def test_paced() -> None:
    """h2load sends a record to the service as often as it is asked, nearly, and each answer has its latency."""
    async with ours.opened() as verifier:
        (badge,) = await records.measured(verifier.canonicalizer, ["badge"])
    with served() as service:
        seen = await asyncio.to_thread(h2load.pace, service.port, badge, 500.0, 0.1)
    assert seen.rate > 0
    assert len(seen.latencies) > 1
    assert min(seen.latencies) > 0
