"""The only door to the network, as the rest of the program sees it."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import ssl
import threading
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from resolvers._guard import Network
from resolvers.fetch import Egress, FetchLimits, GuardedFetcher
from resolvers.model import Kind
from resolvers.problems import Unavailable
from tests.hostile import BEHAVIOURS, GOOD, HostileServer, answer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.hostile import HostileWorld

HOUR = 3600.0


class Gate:
    """A page that is answered when the test says so."""

    def __init__(self, world: HostileWorld, path: str) -> None:
        """Hold every answer to `path` back."""
        self.opened = threading.Event()
        self._arrived = threading.Semaphore(0)
        world.server.pages[path] = self._page

    def _page(self) -> Iterator[bytes]:
        self._arrived.release()
        self.opened.wait(10)
        yield answer()

    async def arrivals(self, count: int) -> None:
        """Wait until `count` more requests have arrived."""
        for _ in range(count):
            assert await asyncio.to_thread(self._arrived.acquire, timeout=10)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """Return where the cache file goes."""
    return tmp_path / "http.sqlite"


async def test_an_answer_tells_what_it_is_and_when_it_was_sent(hostile: HostileWorld) -> None:
    """Body, media type without parameters, last URL, the instant of fetching, and the clamped lifetime."""
    hostile.server.serve("/did.json", answer(GOOD, "Cache-Control: max-age=600", media_type="Application/DID; a=b"))
    before = datetime.now(UTC)
    async with hostile.fetcher() as fetcher:
        fetched = await fetcher.get(hostile.url("/did.json"), kind=Kind.DID_DOCUMENT)
    assert (fetched.url, fetched.body, fetched.media_type) == (hostile.url("/did.json"), GOOD, "application/did")
    assert before <= fetched.fetched_at <= datetime.now(UTC)
    assert fetched.fresh_for == 600.0


async def test_a_wrong_content_type_is_told_not_judged(hostile: HostileWorld) -> None:
    """A parked domain's page comes back as what it is; whoever asked decides that it is no document."""
    async with hostile.fetcher() as fetcher:
        assert (await fetcher.get(hostile.url("/html"), kind=Kind.DID_DOCUMENT)).media_type == "text/html"


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.RECORD])
async def test_the_disk_answers_and_tells_the_true_age(hostile: HostileWorld, cache: Path, kind: Kind) -> None:
    """A second fetcher on the same file asks nobody, and says when the origin sent it, `Age` included."""
    hostile.server.serve("/doc", answer(GOOD, "Cache-Control: max-age=900", "Age: 100"))
    async with hostile.fetcher(cache_path=cache) as fetcher:
        first = await fetcher.get(hostile.url("/doc"), kind=kind)
    async with hostile.fetcher(cache_path=cache) as fetcher:
        second = await fetcher.get(hostile.url("/doc"), kind=kind)
    assert first == second
    assert abs(datetime.now(UTC) - first.fetched_at - timedelta(seconds=100)) < timedelta(seconds=10)
    assert len(hostile.server.requests) == 1


async def test_records_leave_no_trace(hostile: HostileWorld, cache: Path) -> None:
    """What may be about a person is fetched every time, and neither it nor its URL is found on disk."""
    hostile.server.serve("/share/maria", answer(b'{"name":"Maria"}', "Cache-Control: max-age=900", 'ETag: "1"'))
    async with hostile.fetcher(cache_path=cache) as fetcher:
        for _ in range(2):
            fetched = await fetcher.get(hostile.url("/share/maria"), kind=Kind.RECORD)
        await fetcher.get(hostile.url("/good"), kind=Kind.JWKS)
    assert fetched.fresh_for == 0.0
    assert hostile.server.paths() == ["/share/maria"] * 2 + ["/good"]
    written = b"".join(path.read_bytes() for path in cache.parent.iterdir())
    assert b"issuer.example/good" in written
    assert b"maria" not in written.lower()


async def test_an_old_copy_is_revalidated(hostile: HostileWorld, cache: Path) -> None:
    """With `max_age` an older row is asked for again, with its validator; a 304 makes it new."""
    hostile.server.serve("/list", answer(GOOD, "Cache-Control: max-age=900", 'ETag: "one"'))
    async with hostile.fetcher(cache_path=cache) as fetcher:
        first = await fetcher.get(hostile.url("/list"), kind=Kind.STATUS_LIST)
        await fetcher.get(hostile.url("/list"), kind=Kind.STATUS_LIST, max_age=60)
        assert len(hostile.server.requests) == 1
        hostile.server.serve("/list", answer(b"", status="304 Not Modified"))
        second = await fetcher.get(hostile.url("/list"), kind=Kind.STATUS_LIST, max_age=0)
        third = await fetcher.get(hostile.url("/list"), kind=Kind.STATUS_LIST)
    assert 'If-None-Match: "one"' in hostile.server.requests[1]
    assert (second.body, third.body) == (GOOD, GOOD)
    assert first.fetched_at < second.fetched_at == third.fetched_at
    assert len(hostile.server.requests) == 2


async def test_an_old_copy_without_validator_is_replaced(hostile: HostileWorld, cache: Path) -> None:
    """Where nothing can be revalidated, the whole document is fetched."""
    hostile.server.serve("/list", answer(GOOD, "Cache-Control: max-age=900"))
    async with hostile.fetcher(cache_path=cache) as fetcher:
        await fetcher.get(hostile.url("/list"), kind=Kind.STATUS_LIST)
        hostile.server.serve("/list", answer(b"new"))
        assert (await fetcher.get(hostile.url("/list"), kind=Kind.STATUS_LIST, max_age=0)).body == b"new"


@pytest.mark.parametrize("validator", [(), ('ETag: "one"',)])
async def test_T14_a_failed_revalidation_is_a_failure(
    hostile: HostileWorld, cache: Path, validator: tuple[str, ...]
) -> None:
    """The disk never answers in place of an origin that was to be asked; the row survives the outage."""
    hostile.server.serve("/list", answer(GOOD, "Cache-Control: max-age=900", *validator))
    async with hostile.fetcher(cache_path=cache) as fetcher:
        await fetcher.get(hostile.url("/list"), kind=Kind.STATUS_LIST)
        hostile.server.pages["/list"] = BEHAVIOURS["/broken"]
        with pytest.raises(Unavailable) as refused:
            await fetcher.get(hostile.url("/list"), kind=Kind.STATUS_LIST, max_age=0)
        assert refused.value.problem.code == "unreachable"
        assert (await fetcher.get(hostile.url("/list"), kind=Kind.STATUS_LIST)).body == GOOD


async def test_T14_a_row_ends_with_its_lifetime(hostile: HostileWorld, cache: Path) -> None:
    """Past the clamped lifetime of the kind that asks, a row is no answer, whatever the origin once said."""
    hostile.server.serve("/doc", answer(GOOD, "Cache-Control: max-age=31536000, immutable"))
    ahead = 0.0

    def now() -> float:
        return time.time() + ahead

    network = Network(getaddrinfo=hostile.names.getaddrinfo, may_contact=hostile.names.may_contact, now=now)
    async with hostile.fetcher(cache_path=cache, network=network) as fetcher:
        assert (await fetcher.get(hostile.url("/doc"), kind=Kind.SCHEMA)).fresh_for == 7 * 24 * HOUR
        ahead = 2 * HOUR
        await fetcher.get(hostile.url("/doc"), kind=Kind.SCHEMA)
        assert len(hostile.server.requests) == 1
        fetched = await fetcher.get(hostile.url("/doc"), kind=Kind.DID_DOCUMENT)
    assert fetched.fresh_for == HOUR
    assert len(hostile.server.requests) == 2


async def test_no_store_is_obeyed(hostile: HostileWorld, cache: Path) -> None:
    """What an origin forbids to store is not on disk."""
    hostile.server.serve("/doc", answer(GOOD, "Cache-Control: no-store", 'ETag: "1"'))
    async with hostile.fetcher(cache_path=cache) as fetcher:
        for _ in range(2):
            await fetcher.get(hostile.url("/doc"), kind=Kind.JWKS)
    assert len(hostile.server.requests) == 2
    with closing(sqlite3.connect(cache)) as connection:
        assert connection.execute("SELECT count(*) FROM rows").fetchone() == (0,)


async def test_development_hosts_are_answered_from_loopback_without_tls(tmp_path: Path) -> None:
    """A mapped https host is fetched from its origin, under its own name, into a cache file apart."""
    with HostileServer().running() as server:
        host, port = server.address
        hosts = {"issuer.example": f"http://{host}:{port}", "localhost:9900": f"http://{host}:{port}"}
        fetcher = GuardedFetcher(development_hosts=hosts, cache_path=tmp_path / "http.sqlite")
        for url in ("https://issuer.example/good", "https://localhost:9900/good"):
            assert (await fetcher.get(url, kind=Kind.DID_DOCUMENT)).url == url
        with pytest.raises(Unavailable, match="not an https URL"):
            await fetcher.get(f"http://{host}:{port}/good", kind=Kind.DID_DOCUMENT)
        await fetcher.close()
    assert [request.split("Host: ")[1].split("\r\n")[0] for request in server.requests] == [
        "issuer.example",
        "localhost:9900",
    ]
    assert (tmp_path / "http-development.sqlite").exists()
    assert not (tmp_path / "http.sqlite").exists()


def test_development_hosts_off_loopback_stop_the_program() -> None:
    """A mapping that leads into the network is an error at start-up."""
    with pytest.raises(ValueError, match=r"issuer\.example"):
        GuardedFetcher(development_hosts={"issuer.example": "http://10.0.0.1:9900"})


async def test_no_host_holds_every_thread(hostile: HostileWorld) -> None:
    """A slow host has at most its few fetches under way; another host is answered beside them."""
    gate = Gate(hostile, "/slow")
    async with hostile.fetcher(limits=FetchLimits(threads=6, per_host=4)) as fetcher:
        slow = [asyncio.ensure_future(fetcher.get(hostile.url("/slow"), kind=Kind.JWKS)) for _ in range(20)]
        await gate.arrivals(4)
        await fetcher.get(hostile.url("/good", "other.example"), kind=Kind.JWKS)
        assert hostile.server.paths().count("/slow") == 4
        gate.opened.set()
        await asyncio.gather(*slow)


async def test_overload_is_told_at_once(hostile: HostileWorld) -> None:
    """Past threads and queue a fetch is refused, and it is not the host's fault."""
    gate = Gate(hostile, "/slow")
    async with hostile.fetcher(limits=FetchLimits(threads=1, queue=1)) as fetcher:
        running = [asyncio.ensure_future(fetcher.get(hostile.url("/slow"), kind=Kind.JWKS)) for _ in range(2)]
        await gate.arrivals(1)
        with pytest.raises(Unavailable) as refused:
            await fetcher.get(hostile.url("/good", "other.example"), kind=Kind.JWKS)
        assert refused.value.problem.code == "overloaded"
        gate.opened.set()
        await asyncio.gather(*running)
        await fetcher.get(hostile.url("/good", "other.example"), kind=Kind.JWKS)


async def test_a_host_that_does_not_answer_is_left_alone(hostile: HostileWorld) -> None:
    """After failures in a row nothing is sent there any more; a 404 is an answer, and counts as none."""
    async with hostile.fetcher(limits=FetchLimits(host_failures=2)) as fetcher:

        async def attempt(path: str) -> None:
            with pytest.raises(Unavailable):
                await fetcher.get(hostile.url(path), kind=Kind.JWKS)

        for path in ("/hang-up", "/not-found", "/hang-up", "/hang-up"):
            await attempt(path)
        await attempt("/good")
        assert hostile.server.paths() == ["/hang-up", "/not-found", "/hang-up", "/hang-up"]
        await fetcher.get(hostile.url("/good", "other.example"), kind=Kind.JWKS)


async def test_an_answer_from_disk_says_nothing_of_its_host(hostile: HostileWorld, cache: Path) -> None:
    """Failures in a row stay in a row when the disk answers between them."""
    hostile.server.serve("/doc", answer(GOOD, "Cache-Control: max-age=900"))
    async with hostile.fetcher(limits=FetchLimits(host_failures=2), cache_path=cache) as fetcher:
        await fetcher.get(hostile.url("/doc"), kind=Kind.JWKS)
        for path in ("/hang-up", "/doc", "/hang-up"):
            with contextlib.suppress(Unavailable):
                await fetcher.get(hostile.url(path), kind=Kind.JWKS)
        with pytest.raises(Unavailable, match="left alone"):
            await fetcher.get(hostile.url("/good"), kind=Kind.JWKS)
    assert hostile.server.paths() == ["/doc", "/hang-up", "/hang-up"]


async def test_time_lost_in_our_own_queue_is_not_the_hosts_fault(hostile: HostileWorld) -> None:
    """A fetch that times out while it waits for a thread does not count against its host."""
    limits = FetchLimits(threads=1, seconds=0.3, host_failures=1)
    async with hostile.fetcher(limits=limits) as fetcher:
        silent, _ = await asyncio.gather(
            fetcher.get(hostile.url("/silent"), kind=Kind.JWKS),
            fetcher.get(hostile.url("/good", "other.example"), kind=Kind.JWKS),
            return_exceptions=True,
        )
        assert isinstance(silent, Unavailable)
        await fetcher.get(hostile.url("/good", "other.example"), kind=Kind.JWKS)


async def test_cancelled_fetches_free_their_threads(hostile: HostileWorld) -> None:
    """When callers go away, sockets are shut and the threads serve others long before the deadline."""
    gate = Gate(hostile, "/slow")
    async with hostile.fetcher(limits=FetchLimits(threads=4, seconds=60)) as fetcher:
        running = [asyncio.ensure_future(fetcher.get(hostile.url("/slow"), kind=Kind.JWKS)) for _ in range(4)]
        await gate.arrivals(4)
        for task in running:
            task.cancel()
        async with asyncio.timeout(5):
            await fetcher.get(hostile.url("/good", "other.example"), kind=Kind.JWKS)
            await fetcher.get(hostile.url("/good"), kind=Kind.JWKS)
        gate.opened.set()


async def test_closing_ends_what_runs(hostile: HostileWorld) -> None:
    """Closing returns without waiting for a deadline; nothing is fetched afterwards."""
    gate = Gate(hostile, "/slow")
    async with hostile.fetcher(limits=FetchLimits(seconds=60)) as fetcher:
        running = asyncio.ensure_future(fetcher.get(hostile.url("/slow"), kind=Kind.JWKS))
        await gate.arrivals(1)
        async with asyncio.timeout(5):
            await fetcher.close()
            with pytest.raises(Unavailable):
                await running
        with pytest.raises(Unavailable, match="shutting down"):
            await fetcher.get(hostile.url("/good"), kind=Kind.JWKS)
        gate.opened.set()


async def test_every_fetch_is_reported_without_its_host(hostile: HostileWorld, cache: Path) -> None:
    """Metrics get kind, result, seconds and bytes, also of refusals, cancellations and answers from disk."""
    seen: list[Egress] = []
    hostile.server.serve("/doc", answer(GOOD, "Cache-Control: max-age=900"))
    gate = Gate(hostile, "/slow")
    async with hostile.fetcher(on_egress=seen.append, cache_path=cache) as fetcher:
        for path in ("/doc", "/doc", "/not-found"):
            with contextlib.suppress(Unavailable):
                await fetcher.get(hostile.url(path), kind=Kind.JWKS)
        with contextlib.suppress(Unavailable):
            await fetcher.get("http://issuer.example/", kind=Kind.SCHEMA)
        task = asyncio.ensure_future(fetcher.get(hostile.url("/slow"), kind=Kind.RECORD))
        await gate.arrivals(1)
        task.cancel()
        await asyncio.wait([task])
        gate.opened.set()
    assert [(event.kind, event.result, event.bytes) for event in seen] == [
        (Kind.JWKS, "fetched", len(GOOD)),
        (Kind.JWKS, "disk", len(GOOD)),
        (Kind.JWKS, "unreachable", 0),
        (Kind.SCHEMA, "egress-refused", 0),
        (Kind.RECORD, "cancelled", 0),
    ]
    assert all(event.seconds >= 0 for event in seen)


@pytest.mark.parametrize("kind", list(Kind))
async def test_every_kind_has_a_byte_limit_of_its_own(hostile: HostileWorld, kind: Kind) -> None:
    """The limit of a kind is a field named after it."""
    limits: dict[str, Any] = {f"{kind.value}_bytes": len(GOOD) - 1}
    async with hostile.fetcher(limits=FetchLimits(**limits)) as fetcher:
        with pytest.raises(Unavailable) as refused:
            await fetcher.get(hostile.url("/good"), kind=kind)
    assert refused.value.problem.code == "response-too-large"


async def test_public_authorities_are_trusted_by_default(hostile: HostileWorld) -> None:
    """Without a TLS context of the operator's, the tests' own authority is nobody."""
    async with hostile.fetcher(tls=None) as fetcher:
        with pytest.raises(Unavailable) as refused:
            await fetcher.get(hostile.url("/good"), kind=Kind.JWKS)
        assert isinstance(refused.value.__cause__, ssl.SSLCertVerificationError)


async def test_the_real_network_refuses_loopback() -> None:
    """With nothing replaced, a name that the system resolves to this machine is refused."""
    fetcher = GuardedFetcher(network=Network(getaddrinfo=lambda *_, **__: [(2, 1, 6, "", ("127.0.0.1", 443))]))
    with pytest.raises(Unavailable) as refused:
        await fetcher.get("https://issuer.example/", kind=Kind.JWKS)
    assert refused.value.problem.code == "egress-refused"
    await fetcher.close()
