"""The decision log read again: whether its chains are whole, and whether its decisions can be had again."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import policies
from gateway.decision_log import MAX_LINE, segments
from gateway.decision_records import BEGINNING, DamagedRecord, canonical, decided, is_decision, read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from policies import Facts, Policy

_SHOWN: Final = 20
"""Differences that are told one by one."""


@dataclass(slots=True, kw_only=True)
class Replay:
    """What came of deciding again."""

    same: int = 0
    different: int = 0
    without_facts: int = 0
    without_policy: Counter[str] = field(default_factory=Counter)
    """Policy (id@version) that is not here with that digest → for how many decisions."""
    differences: list[str] = field(default_factory=list)
    """The first of them, with the record's number."""


def chains(folder: Path) -> list[Path]:
    """Return the folders at and below `folder` that hold a chain: one a worker."""
    candidates = [folder, *sorted(path for path in folder.rglob("*") if path.is_dir())]
    return [each for each in candidates if segments(each)]


class Chain:
    """One chain. What it shows is complete once its records have been read to the end."""

    def __init__(self, folder: Path) -> None:
        """Read the chain in `folder`."""
        self.folder = folder
        self.files = 0
        self.decisions = 0
        self.head: str | None = None
        """The last record's hash; kept elsewhere, it shows later whether the end was cut off."""
        self.problems: list[str] = []
        """What shows that the log was changed or damaged."""
        self.notes: list[str] = []
        """What a crash has left, and what was taken away at the beginning."""
        self._next: int | None = None
        self._before: _End | None = None

    def records(self) -> Iterator[Mapping[str, Any]]:
        """Yield the records of decisions; whatever is not as it was written is noted, and left out."""
        for path in segments(self.folder):
            self.files += 1
            yield from self._file(path)
        last = self._before
        if last is not None and last.kept and last.size > last.kept:
            left = last.size - last.kept
            self.notes.append(f"{last.name}: its last {left} bytes are no record, as a crash leaves them")

    def _file(self, path: Path) -> Iterator[Mapping[str, Any]]:
        end = _End(name=path.name)
        for line, whole in _lines(path):
            end.size += len(line) + whole
            try:
                record = read(line) if whole else None
            except DamagedRecord:
                record = None
            if record is None:
                continue
            if end.kept + len(line) + 1 != end.size:
                self.problems.append(f"{path.name}: what stands before record {record['n']} is damaged")
            first, end.kept = end.kept == 0, end.size
            self._follow(path, record)
            if is_decision(record) is first:
                self.problems.append(f"{path.name}: record {record['n']} is not where records of its kind are")
            if is_decision(record):
                self.decisions += 1
                yield record
            else:
                self._compare(path, record["after"])
        if end.kept == 0:
            self.notes.append(f"{path.name}: none of its {end.size} bytes are a record, as a crash leaves them")
        self._before = end

    def _follow(self, path: Path, record: Mapping[str, Any]) -> None:
        """Check that a record follows the one before it."""
        if self._next is None:
            if (record["n"], record["prev"]) != (1, BEGINNING):
                note = f"{path.name}: the log begins with record {record['n']}; what was before it is not here"
                self.notes.append(note)
        elif (record["n"], record["prev"]) != (self._next, self.head):
            self.problems.append(f"{path.name}: record {record['n']} does not follow the one before it")
        self._next, self.head = record["n"] + 1, record["hash"]

    def _compare(self, path: Path, after: Mapping[str, Any] | None) -> None:
        """Compare how the file before ends with what was seen of it when this one was begun."""
        before = self._before
        if before is None:
            return  # it may have been taken away, which `_follow` has noted
        torn = before.size - before.kept
        if after != {"file": before.name, "bytes": before.kept, "torn": torn}:
            self.problems.append(f"{path.name}: {before.name} did not end as it does now when this file was begun")
        elif torn:
            self.notes.append(f"{before.name}: a crash has left {torn} bytes that are no record")


@dataclass(slots=True, kw_only=True)
class _End:
    """How a file ends."""

    name: str
    size: int = 0
    """Bytes in all."""
    kept: int = 0
    """Bytes up to the end of its last whole record."""


def _lines(path: Path) -> Iterator[tuple[bytes, bool]]:
    """Yield each line without its line feed, and whether it had one. No more than a record is held at once."""
    with path.open("rb") as file:
        while line := file.readline(MAX_LINE):
            whole = line.endswith(b"\n")
            yield line[:-1] if whole else line, whole


def replay(records: Iterator[Mapping[str, Any]], facts: Mapping[str, Facts], by_digest: Mapping[str, Policy]) -> Replay:
    """Decide again about each record.

    Args:
        records: decisions, as `examined` yields them.
        facts: the facts by their digest; they are kept elsewhere than the log.
        by_digest: policies by their digest, and so of exactly the version of that day.
    """
    found = Replay()
    for record in records:
        policy, about = by_digest.get(record["policyDigest"]), facts.get(record["factsDigest"])
        if policy is None:
            found.without_policy[f"{record['policy']}@{record['version']}"] += 1
        elif about is None:
            found.without_facts += 1
        else:
            again = decided(policies.evaluate(policy, about))
            if canonical(again) == canonical(record["decision"]):
                found.same += 1
            else:
                found.different += 1
                if len(found.differences) < _SHOWN:
                    verdicts = f"{record['decision']['verdict']}, and now {again['verdict']}"
                    found.differences.append(f"record {record['n']} ({record['policy']}): {verdicts}")
    return found
