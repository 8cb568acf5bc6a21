"""The HTTP cache on disk: nothing in it can run, hang, grow without end, or pass for what it is not."""

from __future__ import annotations

import base64
import json
import pickle
import sqlite3
import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from requests import Request
from requests_cache.models.response import CachedResponse

from resolvers._http_cache import GuardedCache, Rows, Store, exact_key
from resolvers._response import FETCHED_AT, FRESH_FOR
from resolvers.model import Kind
from resolvers.problems import Unavailable
from tests.hostile import GOOD, answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.hostile import HostileWorld

MIB = 1 << 20


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the cache file goes."""
    return tmp_path / "cache" / "http.sqlite"


@pytest.fixture
def rows(path: Path) -> Iterator[Rows]:
    """Open an empty store."""
    store = Rows(path, max_bytes=4 * MIB)
    yield store
    store.close()


def stored(body: bytes = GOOD) -> CachedResponse:
    """Return an answer as it is stored."""
    response = CachedResponse(status_code=200, url="https://issuer.example/")
    response._content = body
    return response


def sql(path: Path, statement: str, *values: Any) -> list[Any]:
    """Run SQL on the file, as somebody else."""
    with closing(sqlite3.connect(path)) as connection, connection:
        return connection.execute(statement, values).fetchall()


class Canary:
    """Runs code when it is unpickled."""

    def __init__(self, path: Path) -> None:
        """Remember what to touch."""
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        """Touch the path on load."""
        return Path.touch, (self.path,)


def test_an_answer_comes_back_as_it_was(rows: Rows) -> None:
    """What is stored is read again, byte for byte, until it is deleted."""
    body = bytes(range(256))
    rows["key"] = stored(body)
    assert rows["key"].content == body
    assert list(rows) == ["key"]
    assert len(rows) == 1
    del rows["key"]
    assert "key" not in rows


def test_rows_are_json(rows: Rows, path: Path) -> None:
    """A row is a JSON text, which no reader can be made to run."""
    rows["key"] = stored()
    [(text,)] = sql(path, "SELECT value FROM rows")
    assert base64.b64decode(json.loads(text)["_content"]) == GOOD


def test_T14_a_pickle_in_a_row_is_never_run(rows: Rows, path: Path, tmp_path: Path) -> None:
    """A row that holds a pickle is a miss, in every encoding that a reader might try."""
    canary = tmp_path / "canary"
    attack = pickle.dumps(Canary(canary))
    pickle.loads(attack)  # noqa: S301 — shows that the canary works
    canary.unlink()
    rows["key"] = stored()
    for value in (attack, attack.decode("latin-1"), base64.b64encode(attack).decode(), json.dumps([attack.hex()])):
        sql(path, "UPDATE rows SET value = ?", value)
        with pytest.raises(KeyError):
            rows["key"]
    assert not canary.exists()


@pytest.mark.parametrize("value", ["", "{}", "[]", "null", "not json", "[" * 100_000, '{"headers": 7}', b"\xff", 7])
def test_T14_a_damaged_row_is_a_miss(rows: Rows, path: Path, value: str | bytes | int) -> None:
    """Whatever a row holds, reading it neither raises nor yields an answer with a body."""
    rows["key"] = stored()
    sql(path, "UPDATE rows SET value = ?", value)
    found = rows.get("key")
    assert found is None or not found.content


def test_a_foreign_lock_costs_no_wait(rows: Rows, path: Path) -> None:
    """While another process holds the write lock, a hit is a hit, and a write is given up."""
    rows["key"] = stored()
    with closing(sqlite3.connect(path, isolation_level=None)) as foreign:
        foreign.execute("BEGIN IMMEDIATE")
        started = time.monotonic()
        assert rows["key"].content == GOOD
        rows["other"] = stored()
        del rows["key"]
        assert time.monotonic() - started < 1.0
        foreign.execute("ROLLBACK")
    assert list(rows) == ["key"]


def test_an_unusable_file_is_a_cache_that_always_misses(tmp_path: Path) -> None:
    """Where nothing can be written the store keeps nothing, and raises nothing but KeyError."""
    (tmp_path / "file").touch()
    rows = Rows(tmp_path / "file" / "http.sqlite", max_bytes=MIB)
    rows["key"] = stored()
    with pytest.raises(KeyError):
        rows["key"]
    del rows["key"]
    rows.close()


def test_a_file_that_is_no_database_is_begun_anew(path: Path) -> None:
    """Garbage in place of the file is replaced."""
    path.parent.mkdir()
    path.write_bytes(b"garbage" * 1000)
    rows = Rows(path, max_bytes=MIB)
    rows["key"] = stored()
    assert rows["key"].content == GOOD
    rows.close()


def test_the_file_is_trimmed(path: Path) -> None:
    """The oldest rows go when the file holds more than its limit; the newest stay."""
    rows = Rows(path, max_bytes=2 * MIB)
    body = bytes(64 * 1024)
    for index in range(200):
        rows[f"{index:03}"] = stored(body)
    keys = list(rows)
    assert 8 <= len(keys) < 40
    assert keys == [f"{index:03}" for index in range(200 - len(keys), 200)]
    assert path.stat().st_size < 3 * MIB
    rows.close()


def test_threads_share_the_file_but_no_connection(rows: Rows) -> None:
    """Eight threads write and read at once, and nothing is lost or mixed up."""

    def work(name: str) -> None:
        for index in range(20):
            rows[f"{name}{index}"] = stored(f"{name}{index}".encode())

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcdefgh"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {key: rows[key].content.decode() for key in rows} == {key: key for key in rows}


def test_keys_are_of_the_exact_url() -> None:
    """URLs that requests-cache would merge have different keys, and a key is hexadecimal, whatever the URL."""
    urls = [
        "https://issuer.example/list?b=1&a=2",
        "https://issuer.example/list?a=2&b=1",
        "https://issuer.example/list?a=2&b=1&api_key=x",
        "https://issuer.example/list?a=2&b=1#",
        "https://issuer.example/'; DROP TABLE rows; --",
    ]
    keys = {exact_key(Request("GET", url).prepare(), timeout=1) for url in urls}
    assert len(keys) >= len(urls) - 1
    assert all(len(key) == 64 and int(key, 16) for key in keys)


def test_no_unsafe_setting_of_requests_cache_is_on(rows: Rows) -> None:
    """Nothing expires late, stale answers are never served, and only a 200 to a GET is stored, as JSON."""
    cache = GuardedCache(Store(rows))
    settings = cache.settings
    assert (settings.expire_after, settings.cache_control, settings.key_fn) == (0, True, exact_key)
    assert (settings.stale_if_error, settings.stale_while_revalidate) == (False, False)
    assert (settings.allowable_codes, settings.allowable_methods) == ((200,), ("GET",))
    serializer = rows.serializer
    assert serializer is not None
    assert serializer.name == "json"
    assert pickle not in [getattr(stage, "obj", None) for stage in serializer.stages]


async def change_row(world: HostileWorld, path: Path, change: Callable[[dict[str, Any]], object]) -> bytes:
    """Have an answer stored, change its row, and return the body that a second fetch gets."""
    world.server.serve("/list", answer(GOOD, "Cache-Control: max-age=600"))
    async with world.fetcher(cache_path=path) as fetcher:
        await fetcher.get(world.url("/list"), kind=Kind.STATUS_LIST)
        [(key, text)] = sql(path, "SELECT key, value FROM rows")
        row = json.loads(text)
        row["_content"] = base64.b64encode(b"poison").decode()
        change(row)
        sql(path, "UPDATE rows SET value = ? WHERE key = ?", json.dumps(row), key)
        return (await fetcher.get(world.url("/list"), kind=Kind.STATUS_LIST)).body


@pytest.mark.parametrize(
    "change",
    [
        lambda row: row.update(url="https://other.example/list"),
        lambda row: row.update(status_code=404),
        lambda row: row["headers"].pop(FETCHED_AT),
        lambda row: row["headers"].update({FETCHED_AT: repr(time.time() + 3600)}),
        lambda row: row["headers"].update({FETCHED_AT: "-1e300"}),
        lambda row: row["headers"].update({FETCHED_AT: "nan"}),
        lambda row: row["headers"].update({FETCHED_AT: "soon"}),
        lambda row: row["headers"].update({FRESH_FOR: "-1"}),
        lambda row: row["headers"].update({FRESH_FOR: "nan"}),
        lambda row: row["headers"].clear(),
        lambda row: row.update(_content=base64.b64encode(bytes(5 * MIB)).decode(), url="https://other.example/"),
    ],
)
async def test_T14_a_forged_row_is_fetched_anew(
    hostile: HostileWorld, path: Path, change: Callable[[dict[str, Any]], object]
) -> None:
    """A row of another URL or status, from the future, or without what the guard wrote, is no answer."""
    assert await change_row(hostile, path, change) == GOOD
    assert hostile.server.paths() == ["/list", "/list"]


async def test_T14_a_row_larger_than_its_limit_is_no_answer(hostile: HostileWorld, path: Path) -> None:
    """The byte limit of a kind holds for what is on disk as well."""
    large = base64.b64encode(bytes(5 * MIB)).decode()
    with pytest.raises(Unavailable) as refused:
        await change_row(hostile, path, lambda row: row.update(_content=large))
    assert refused.value.problem.code == "response-too-large"


async def test_T14_an_expired_row_cannot_prolong_itself(hostile: HostileWorld, path: Path) -> None:
    """A row that says that it never expires is as old as the guard's own header says."""
    old = repr(time.time() - 10 * 3600)

    def change(row: dict[str, Any]) -> None:
        row["headers"].update({FETCHED_AT: old, FRESH_FOR: "31536000.0"})
        row["expires"] = "2099-01-01T00:00:00+00:00"

    assert await change_row(hostile, path, change) == GOOD


async def test_no_pickle_is_loaded_on_the_way(
    hostile: HostileWorld, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fetch, a hit and a revalidation run with pickle made unusable."""

    def forbidden(*_: Any, **__: Any) -> Any:
        pytest.fail("pickle was used")

    for name in ("loads", "load", "Unpickler", "dumps", "dump", "Pickler"):
        monkeypatch.setattr(sys.modules["pickle"], name, forbidden)
    hostile.server.serve("/list", answer(GOOD, "Cache-Control: max-age=600", 'ETag: "1"'))
    async with hostile.fetcher(cache_path=path) as fetcher:
        for max_age in (None, None, 0):
            await fetcher.get(hostile.url("/list"), kind=Kind.STATUS_LIST, max_age=max_age)
    assert len(hostile.server.requests) == 2
