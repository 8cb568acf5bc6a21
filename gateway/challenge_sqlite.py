"""Challenges in one SQLite file, which all workers of one machine share.

The standard library's `sqlite3` and two statements: what makes a use single is one UPDATE, and SQLite
lets one process write at a time. An engine and a pool of connections would add nothing to that.
"""

from __future__ import annotations

import asyncio
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

from gateway.challenges import Spent
from resolvers.problems import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_LOCK_SECONDS: Final = 2.0
"""Seconds to wait while another worker writes, which takes it a millisecond."""

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS challenges (
    digest TEXT PRIMARY KEY, tenant TEXT NOT NULL, domain TEXT NOT NULL, expires REAL NOT NULL, used INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS challenges_by_age ON challenges (expires);
CREATE INDEX IF NOT EXISTS challenges_by_tenant ON challenges (tenant);
"""
_ADD: Final = """
INSERT INTO challenges (digest, tenant, domain, expires, used)
SELECT ?, ?, ?, ?, 0 WHERE (SELECT count(*) FROM challenges WHERE tenant = ?) < ?
"""
_SPEND: Final = """
UPDATE challenges SET used = 1
WHERE digest = ? AND tenant = ? AND domain IN ('', ?) AND expires > ? AND used = 0
"""
_GIVE_BACK: Final = "UPDATE challenges SET used = 0 WHERE digest = ? AND tenant = ? AND expires > ?"
_LOOK: Final = "SELECT domain, used FROM challenges WHERE digest = ? AND tenant = ? AND expires > ?"


class SqliteStore:
    """Implements `gateway.challenges.Store`. Every statement runs in one thread of its own."""

    __slots__ = ("_connection", "_most", "_thread")

    def __init__(self, connection: sqlite3.Connection, thread: ThreadPoolExecutor, *, most: int) -> None:
        """Keep at most `most` challenges a tenant; made by `open`."""
        self._connection = connection
        self._thread = thread
        self._most = most

    @classmethod
    async def open(cls, path: Path, *, most: int) -> SqliteStore:
        """Open the file at `path`, or make it.

        Raises:
            OSError: it cannot be used.
        """

        def connect() -> sqlite3.Connection:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            connection = sqlite3.connect(path, timeout=_LOCK_SECONDS, isolation_level=None)
            try:
                # A commit is on disk before it is answered (synchronous=FULL): after a crash, what was used stays used.
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = FULL")
                connection.executescript(_SCHEMA)
            except sqlite3.Error:
                connection.close()
                raise
            return connection

        thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="challenges")
        try:
            connection = await asyncio.get_running_loop().run_in_executor(thread, connect)
        except sqlite3.Error as error:
            thread.shutdown(wait=False)
            message = f"{path}: {error}"
            raise OSError(message) from error
        return cls(connection, thread, most=most)

    async def add(self, tenant: str, digest: str, domain: str, *, now: float, seconds: float) -> bool:
        """Keep a challenge, and forget those that have expired."""

        def add() -> bool:
            self._connection.execute("DELETE FROM challenges WHERE expires <= ?", (now,))
            row = (digest, tenant, domain, now + seconds, tenant, self._most)
            return self._connection.execute(_ADD, row).rowcount == 1

        return bool(await self._do(add))

    async def spend(self, tenant: str, digest: str, domain: str, *, now: float) -> Spent:
        """Use a challenge up by one UPDATE, and only then look why it could not be."""

        def spend() -> Spent:
            if self._connection.execute(_SPEND, (digest, tenant, domain, now)).rowcount == 1:
                return Spent.SPENT
            found = self._connection.execute(_LOOK, (digest, tenant, now)).fetchone()
            if found is None:
                return Spent.UNKNOWN
            return Spent.USED if found[1] else Spent.OTHER_DOMAIN

        spent: Spent = await self._do(spend)
        return spent

    async def give_back(self, tenant: str, digest: str, *, now: float) -> None:
        """Let a challenge be used once more."""
        await self._do(lambda: self._connection.execute(_GIVE_BACK, (digest, tenant, now)))

    async def close(self) -> None:
        """Close the file."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._connection.close)
        self._thread.shutdown(wait=False)

    async def _do(self, work: Callable[[], Any]) -> Any:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except sqlite3.Error:
            raise Unavailable("challenge-unavailable", "the store of challenges does not answer") from None
