"""The decision log: opt-in, append-only, hash-chained; one chain of files a worker, one writer a chain.

Each start begins a new file (`000001.jsonl`, …), whose first line says where the one before ended. A
crash in the middle of a write leaves half a line: it is seen at the next start, stated there in its
length, and never written on to. A record is with the operating system before its request is answered,
so a crash of the process loses none; it is on the disk within `sync_seconds`, and at 0 before the answer.
"""

from __future__ import annotations

import asyncio
import errno
import os
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from gateway import telemetry
from gateway.config import ConfigError
from gateway.decision_records import BEGINNING, DamagedRecord, of_decision, of_opening, read, written
from gateway.file_lock import locked

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
    from datetime import datetime
    from pathlib import Path

    from gateway.model import VerificationResult
    from gateway.options import DecisionLog as Options

SEGMENT: Final = re.compile(r"(\d{6})\.jsonl", re.ASCII)
MAX_LINE: Final = 512 * 1024
"""Bytes of the longest line: a policy has at most 1,600 rules, its parents' included, of 270 bytes each."""
_LAST: Final = 999_999
_THREADS: Final = ThreadPoolExecutor(4, "decision-log")
"""They wait for the disk, and for nobody who computes."""


class DecisionLog:
    """Writes one chain. Made by `open`."""

    def __init__(
        self, folder: Path, options: Options, clock: Callable[[], datetime], sleep: Callable[[float], Awaitable[object]]
    ) -> None:
        """Write into `folder`, which nobody else does."""
        self._folder = folder
        self._sync_seconds = options.sync_seconds
        self._segment_bytes = options.segment_bytes
        self._clock = clock
        self._sleep = sleep
        self._descriptor: int | None = None
        self._written = 0
        """Bytes in the file."""
        self._next = 1
        """The number of the next record."""
        self._head = BEGINNING
        self._syncing: asyncio.Task[None] | None = None

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        options: Options,
        *,
        clock: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> AsyncIterator[DecisionLog | None]:
        """Yield the log of the configuration, or None where none is asked for.

        Raises:
            ConfigError: the folder cannot be written, or another process writes it.
        """
        folder = options.folder
        if folder is None:
            yield None
            return
        log = cls(folder, options, clock, sleep)
        with ExitStack() as stack:
            try:
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                stack.enter_context(locked(folder / "lock", wait=False))
                log._begin()
            except BlockingIOError:
                raise ConfigError((f"decision_log.folder: another process writes {folder}",)) from None
            except OSError as error:
                raise ConfigError((f"decision_log.folder: {folder} cannot be written: {error.strerror}",)) from None
            try:
                yield log
            finally:
                await log._close()

    async def append(self, result: VerificationResult) -> None:
        """Write the decision of `result`, if it has one.

        Raises:
            OSError: it could not be written; then it must not be given out either.
        """
        if result.decision is None:
            return
        try:
            descriptor = self._descriptor
            if descriptor is None or self._written >= self._segment_bytes:
                descriptor = self._begin()
            self._write(descriptor, of_decision(result, result.decision))
            if self._sync_seconds == 0:
                await _synced(descriptor)
        except OSError:
            self._give_up()
            raise
        if self._sync_seconds > 0 and self._syncing is None:
            self._syncing = asyncio.create_task(self._sync_later())

    def _begin(self) -> int:
        """Begin the next file where the last one ended, and return its descriptor.

        Raises:
            OSError: it cannot be made.
        """
        self._end_file()
        files = segments(self._folder)
        number = int(files[-1].stem) if files else 0
        after = self._resume(files) if files else None
        if number >= _LAST:
            raise OSError(errno.ENOSPC, "the folder has all the files that it can have", str(self._folder))
        path = self._folder / f"{number + 1:06}.jsonl"
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        self._descriptor, self._written = descriptor, 0
        self._write(descriptor, of_opening(self._clock(), version("ler-gateway"), after))
        os.fsync(descriptor)
        _sync_folder(self._folder)
        return descriptor

    def _resume(self, files: Sequence[Path]) -> dict[str, Any]:
        """Take up the chain at the last whole record of all; return how the last file ends."""
        ends = ((path, *end_of(path)) for path in reversed(files))
        path, kept, record = next(ends)
        after = {"file": path.name, "bytes": kept, "torn": path.stat().st_size - kept}
        if after["torn"]:
            telemetry.log.error("decision-log-torn", count=after["torn"])
        while record is None and (before := next(ends, None)) is not None:
            record = before[2]  # a crash has left a file without any
        if record is not None:
            self._next, self._head = record["n"] + 1, record["hash"]
        return after

    def _write(self, descriptor: int, content: dict[str, Any]) -> None:
        """Write one record at once, and take it into the chain only when it is written whole."""
        line, digest = written(content, self._next, self._head)
        if os.write(descriptor, line) != len(line):
            raise OSError(errno.ENOSPC, "the record was not written whole", str(self._folder))
        self._written += len(line)
        self._next, self._head = self._next + 1, digest

    async def _sync_later(self) -> None:
        await self._sleep(self._sync_seconds)
        self._syncing = None  # what is written from here on asks again
        if self._descriptor is None:
            return
        try:
            await _synced(self._descriptor)
        except OSError:
            telemetry.log.error("decision-log-not-synced", exc_info=True)
            self._give_up()

    def _give_up(self) -> None:
        """Leave a file that could not be written: the next record begins another, which says how this one ends."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    def _end_file(self) -> None:
        if self._descriptor is not None:
            os.fsync(self._descriptor)
        self._give_up()

    async def _close(self) -> None:
        if self._syncing is not None:
            self._syncing.cancel()
            await asyncio.gather(self._syncing, return_exceptions=True)
        try:
            self._end_file()
        except OSError:
            telemetry.log.error("decision-log-not-synced", exc_info=True)


def segments(folder: Path) -> list[Path]:
    """Return the files of a chain, in their order."""
    return sorted(path for path in folder.iterdir() if SEGMENT.fullmatch(path.name))


def end_of(path: Path) -> tuple[int, dict[str, Any] | None]:
    """Return how many bytes of a file are whole records, and the last of them; (0, None) where there is none.

    Looked for from the end. What comes after it is torn, or damaged.
    """
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        back = MAX_LINE
        while True:
            start = max(0, size - back)
            file.seek(start)
            block = file.read(size - start)
            end = len(block)
            while (feed := block.rfind(b"\n", 0, end)) >= 0:
                begin = block.rfind(b"\n", 0, feed) + 1
                if begin == 0 and start > 0:
                    break  # the line begins before this block
                try:
                    return start + feed + 1, read(block[begin:feed])
                except DamagedRecord:
                    end = feed
            if start == 0:
                return 0, None
            back *= 2


async def _synced(descriptor: int) -> None:
    """Wait until what is written is on the disk. Of a copy, since the file may be left meanwhile."""
    await asyncio.get_running_loop().run_in_executor(_THREADS, _sync_and_close, os.dup(descriptor))


def _sync_and_close(descriptor: int) -> None:
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    _sync_and_close(os.open(folder, os.O_RDONLY))
