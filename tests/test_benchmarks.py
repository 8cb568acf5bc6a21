"""The benchmarks run, and their rows have the members that are promised. No figure is judged here."""

from __future__ import annotations

import json
import math
import shutil
import sys
from typing import TYPE_CHECKING

import pytest

from benchmarks import __main__ as command
from benchmarks import load, ours, peer, records, series
from benchmarks.effort import Effort, interleaved, percentile
from benchmarks.floor import floor, pyld

if TYPE_CHECKING:
    from benchmarks.effort import Turn

TINY = Effort(rounds=1, seconds=0.001, count=12)

SERIES = {
    "children", "cold", "cpu", "growth", "issuers", "memory", "paths", "poison", "policies", "saturation", "start",
}  # fmt: skip

ROW = {"name", "ours_ms", "peer_ms", "floor_ms", "ratio_peer", "ratio_floor"}
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
    assert (row["name"], row["peer_ms"], row["ratio_peer"]) == ("badge", None, None)
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
async def test_peer() -> None:
    """The peer verifies the same record, as often as its turn is long, and at least once."""
    async with ours.opened() as verifier:
        made = await records.measured(verifier.canonicalizer, ["badge", "badge-jwt"])
        with peer.started(made, verifier.contexts, warm_up=0.0) as other:
            assert other is not None
            for one in made:
                times = await other.verifying(one)(0.0)
                assert len(times) == 1
                assert times[0] > 0


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
        (badge,) = await records.measured(verifier.canonicalizer, ["badge"])
        with pytest.raises(RuntimeError, match="PROOF_VERIFICATION_ERROR"):
            await ours.verified(verifier, badge.body.replace(b"Welding", b"Forging"))


async def test_sides_take_turns() -> None:
    """Each round gives every side one turn; a first round warms up and is not counted."""
    turns: list[str] = []

    def side(name: str) -> Turn:
        async def turn(seconds: float) -> list[float]:
            assert seconds == 0.5
            turns.append(name)
            return [1000.0] if len(turns) <= 2 else [len(turns), 100.0, 1.0]

        return turn

    medians = await interleaved({"one": side("one"), "two": side("two")}, Effort(rounds=3, seconds=0.5))
    assert turns == ["one", "two"] * 4
    assert medians == {"one": 5.0, "two": 6.0}


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
