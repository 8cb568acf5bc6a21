"""The HTTP cache on disk: requests-cache with a store that cannot run code, hang or grow without end.

Its default serializer is pickle, which runs what a poisoned row says, so rows are JSON. Its own SQLite
store waits for foreign locks and has no size limit. Here any trouble with the store is a cache miss.
"""

from __future__ import annotations

import hashlib
import logging
import sqlite3
import threading
import time
from typing import TYPE_CHECKING, Any, Final, NoReturn

from requests_cache import CachedSession
from requests_cache.backends.base import BaseCache, BaseStorage, DictStorage
from requests_cache.models.response import CachedResponse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from requests import PreparedRequest

_log = logging.getLogger(__name__)

_LOCK_SECONDS: Final = 0.05
"""Seconds to wait for another writer's lock; asking the origin is not much slower."""
_TRIMS_PER_FILL: Final = 16
"""Looks at the file's size in the time that it takes to write as much as it may hold."""
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS rows (key TEXT PRIMARY KEY, value TEXT NOT NULL, written REAL NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS rows_by_age ON rows (written);
"""
_USED_BYTES: Final = """
SELECT page_size * (page_count - freelist_count) FROM pragma_page_size, pragma_page_count, pragma_freelist_count
"""
_DELETE_OLDEST_QUARTER: Final = """
DELETE FROM rows WHERE key IN (SELECT key FROM rows ORDER BY written LIMIT (SELECT count(*) / 4 + 1 FROM rows))
"""


class Rows(BaseStorage[str, CachedResponse]):
    """One SQLite table of answers, for one process. Any trouble is a miss, never an error and never a wait."""

    def __init__(self, path: Path, *, max_bytes: int) -> None:
        """Open the file at `path`, or begin it anew where it is damaged; keep it near `max_bytes`."""
        super().__init__(serializer="json")
        self._path = path
        self._max_bytes = max_bytes
        self._local = threading.local()
        self._lock = threading.Lock()
        self._connections: list[sqlite3.Connection] = []
        self._written = 0
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # who can write here can forge answers
            self._create()
        except (OSError, sqlite3.Error) as error:
            _log.warning("the HTTP cache at %s cannot be used: %s", path, error)

    def __getitem__(self, key: str) -> CachedResponse:
        """Return the answer under `key`; KeyError where there is none that can be read."""
        try:
            row = self._connection().execute("SELECT value FROM rows WHERE key = ?", (key,)).fetchone()
            answer = None if row is None else self.deserialize(key, row[0])
        except Exception as error:
            # Whatever a damaged or forged row makes the deserializer raise, it is a miss.
            raise KeyError(key) from error
        if not isinstance(answer, CachedResponse):
            raise KeyError(key)
        return answer

    def __setitem__(self, key: str, value: CachedResponse) -> None:
        """Keep an answer, if that can be done at once."""
        try:
            text = self.serialize(value)
            self._connection().execute("INSERT OR REPLACE INTO rows VALUES (?, ?, ?)", (key, text, time.time()))
            self._written += len(text)  # an update lost between threads only shifts the next trim
            if self._written * _TRIMS_PER_FILL > self._max_bytes:
                self._written = 0
                self._trim()
        except sqlite3.Error as error:
            _log.debug("an answer was not kept: %s", error)

    def __delitem__(self, key: str) -> None:
        """Forget an answer, if that can be done at once."""
        try:
            self._connection().execute("DELETE FROM rows WHERE key = ?", (key,))
        except sqlite3.Error as error:
            _log.debug("an answer was not deleted: %s", error)

    def __iter__(self) -> Iterator[str]:
        """Yield the keys."""
        return iter([key for (key,) in self._connection().execute("SELECT key FROM rows")])

    def __len__(self) -> int:
        """Return the number of answers."""
        count: int = self._connection().execute("SELECT count(*) FROM rows").fetchone()[0]
        return count

    def close(self) -> None:
        """Close every thread's connection."""
        with self._lock:
            connections, self._connections = self._connections, []
        for connection in connections:
            connection.close()
        self._local = threading.local()

    def _trim(self) -> None:
        """Delete the oldest until the file holds no more than its limit."""
        connection = self._connection()
        while connection.execute(_USED_BYTES).fetchone()[0] > self._max_bytes:
            if connection.execute(_DELETE_OLDEST_QUARTER).rowcount == 0:
                break

    def _create(self) -> None:
        """Create what is missing, and the whole file where it is no database."""
        try:
            self._connection().executescript("PRAGMA journal_mode = WAL;" + _SCHEMA)
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            self.close()
            for suffix in ("", "-wal", "-shm"):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
            self._connection().executescript("PRAGMA journal_mode = WAL;" + _SCHEMA)

    def _connection(self) -> sqlite3.Connection:
        """Return this thread's connection: SQLite's are not for sharing."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            # Used by this thread alone; only closed by another, when the fetcher closes.
            connection = sqlite3.connect(
                self._path, timeout=_LOCK_SECONDS, isolation_level=None, check_same_thread=False
            )
            try:
                connection.execute("PRAGMA synchronous = OFF")  # what a power cut loses is fetched again
            except sqlite3.Error:
                connection.close()  # the file is no database: nobody would close it later
                raise
            self._local.connection = connection
            with self._lock:
                self._connections.append(connection)
        return connection


class Store(BaseCache):
    """What requests-cache stores in. Redirects are never stored: each is a hop of its own."""

    def __init__(self, rows: BaseStorage[str, CachedResponse]) -> None:
        super().__init__()
        self.responses = rows
        self.redirects = DictStorage()  # type: ignore[no-untyped-call]  # requests-cache's own


class GuardedCache(CachedSession):
    """requests-cache, with all that is unsafe in it turned off."""

    def __init__(self, store: Store) -> None:
        super().__init__(
            backend=store,
            expire_after=0,  # the default is never; each answer has a Cache-Control of ours anyway
            cache_control=True,
            allowable_codes=(200,),
            allowable_methods=("GET",),
            ignored_parameters=(),
            match_headers=False,
            key_fn=exact_key,
            stale_if_error=False,
            stale_while_revalidate=False,
        )

    def _handle_error(self, *_: Any) -> NoReturn:
        """Let a failed refresh fail: what a stale answer is worth is decided in `resolvers.cache`."""
        raise  # noqa: PLE0704 — requests-cache calls this in its except clause


def exact_key(request: PreparedRequest, **_: Any) -> str:
    """Return the SHA-256 of method and exact URL; requests-cache's own key merges URLs that differ."""
    return hashlib.sha256(f"{request.method} {request.url}".encode()).hexdigest()
