"""The guard against a hostile network: addresses, deadlines, byte limits, cancellation."""

from __future__ import annotations

import socket
import sqlite3
import threading
import time
import zlib
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from resolvers._guard import Bounds, Unanswered, is_own, may_contact
from resolvers.fetch import FetchLimits
from resolvers.model import Kind
from resolvers.problems import Unavailable
from tests.hostile import GOOD, answer, redirect

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hostile import HostileWorld

BRIEF = FetchLimits(seconds=0.3)


async def refusal(world: HostileWorld, url: str, *, limits: FetchLimits | None = None, kind: Kind = Kind.JWKS) -> str:
    """Return the code with which `url` is not fetched."""
    async with world.fetcher(limits=limits) as fetcher:
        with pytest.raises(Unavailable) as refused:
            await fetcher.get(url, kind=kind)
    return refused.value.problem.code


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.1", "169.254.169.254", "100.100.100.200", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"],
)
async def test_T1_a_name_that_leads_inside_is_refused(hostile: HostileWorld, kind: Kind, address: str) -> None:
    """Whatever a URL is fetched as, a name with an internal address is never connected to."""
    hostile.names.lead("evil.example", (address, 0))
    assert await refusal(hostile, "https://evil.example/", kind=kind) == "egress-refused"
    assert hostile.connected == []


async def test_T2_a_mixed_answer_is_refused_whole(hostile: HostileWorld) -> None:
    """One internal address among public ones refuses the name before any connection."""
    hostile.names.lead("evil.example", hostile.server.address, hostile.tripwire.address)
    assert await refusal(hostile, "https://evil.example/good") == "egress-refused"
    assert hostile.connected == []


async def test_T2_a_rebinding_name_gains_nothing(hostile: HostileWorld) -> None:
    """A name is resolved once per connection, and the next answer is checked anew."""
    hostile.names.answers["rebind.example"] = [[hostile.server.address], [hostile.tripwire.address]]
    async with hostile.fetcher() as fetcher:
        await fetcher.get("https://rebind.example/good", kind=Kind.JWKS)
        assert hostile.names.asked == ["rebind.example"]
        with pytest.raises(Unavailable) as refused:
            await fetcher.get("https://rebind.example/good", kind=Kind.JWKS)
    assert refused.value.problem.code == "egress-refused"
    hostile.assert_nothing_forbidden()


@pytest.mark.parametrize(
    "location",
    [
        "https://internal.example/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://169.254.169.254/latest/meta-data/",
        "https://issuer.example:22/",
        "https://user@issuer.example/good",
        "http://issuer.example/good",
        "//internal.example/",
        "file:///etc/passwd",
        "https://[broken/",
        "https://issuer.example/\u00e9",
    ],
)
@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
async def test_T3_every_redirect_meets_the_guard_again(hostile: HostileWorld, location: str, status: str) -> None:
    """A redirect inside, to plain http, or to a URL that would be refused itself is refused."""
    hostile.server.serve("/away", redirect(location, status))
    assert await refusal(hostile, hostile.url("/away")) == "egress-refused"
    assert hostile.server.paths() == ["/away"]
    hostile.assert_nothing_forbidden()


async def test_T3_redirects_end(hostile: HostileWorld) -> None:
    """A loop is followed three times, and no further."""
    assert await refusal(hostile, hostile.url("/loop")) == "egress-refused"
    assert hostile.server.paths() == ["/loop"] * 4


async def test_three_redirects_are_followed(hostile: HostileWorld) -> None:
    """Three redirects, relative and to another host, lead to the answer; its URL is the last one."""
    hostile.server.serve("/1", redirect("/2", "301 Moved"))
    hostile.server.serve("/2", redirect("https://other.example/3", "303 See Other"))
    hostile.server.serve("/3", redirect("good", "308 Permanent"))
    async with hostile.fetcher() as fetcher:
        fetched = await fetcher.get(hostile.url("/1"), kind=Kind.JWKS)
    assert fetched.url == "https://other.example/good"
    assert hostile.server.paths() == ["/1", "/2", "/3", "/good"]


async def test_T4_odd_urls_are_refused_before_dns(hostile: HostileWorld) -> None:
    """A URL that the grammar refuses causes neither a look-up nor a connection."""
    for url in ("https://0x7f000001/", "https://127.0.0.1/", "https://a@issuer.example/", "http://issuer.example/"):
        assert await refusal(hostile, url) == "egress-refused"
    assert hostile.names.asked == []
    assert hostile.connected == []


async def test_T6_proxy_variables_are_ignored(hostile: HostileWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a proxy nor a .netrc nor a CA bundle from the environment has any effect."""
    proxy = f"http://127.0.0.1:{hostile.tripwire.address[1]}"
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, proxy)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere")
    async with hostile.fetcher() as fetcher:
        await fetcher.get(hostile.url("/good"), kind=Kind.RECORD)
    hostile.assert_nothing_forbidden()


def test_T6_our_own_addresses_are_known() -> None:
    """An address of this machine is told from others without sending anything."""
    assert is_own(socket.AF_INET, ("127.0.0.1", 443))
    assert not is_own(socket.AF_INET, ("192.0.2.1", 443))
    assert not may_contact(socket.AF_INET, ("127.0.0.1", 443))


@pytest.mark.parametrize("path", ["/silent", "/drip-headers", "/drip-body"])
async def test_T7_slow_answers_end_at_the_deadline(hostile: HostileWorld, path: str) -> None:
    """A server that sends a byte now and then gains no time by it."""
    started = time.monotonic()
    assert await refusal(hostile, hostile.url(path), limits=BRIEF) == "unreachable"
    assert time.monotonic() - started < 2.0


async def test_T7_a_hanging_name_server_ends_at_the_deadline(hostile: HostileWorld) -> None:
    """A look-up that hangs costs the deadline, not more."""
    hostile.names.gate = threading.Event()
    try:
        assert await refusal(hostile, hostile.url("/good"), limits=BRIEF) == "unreachable"
    finally:
        hostile.names.gate.set()


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/endless-body", "response-too-large"),
        ("/endless-chunks", "response-too-large"),
        ("/endless-headers", "response-too-large"),
        ("/endless-header", "response-malformed"),  # http.client reads 64 KiB of a line
        ("/endless-100", "response-too-large"),
        ("/endless-chunk-size", "response-malformed"),  # urllib3 has a limit of its own
        ("/announced-too-large", "response-too-large"),
    ],
)
async def test_T7_endless_answers_end_at_the_byte_limit(hostile: HostileWorld, path: str, code: str) -> None:
    """Whatever part of an answer never ends, it is cut off at the limit."""
    assert await refusal(hostile, hostile.url(path)) == code


@pytest.mark.parametrize("gzip", [False, True])
async def test_T7_the_limit_is_exact(hostile: HostileWorld, gzip: bool) -> None:  # noqa: FBT001 — parametrized; threat id
    """A body of exactly the limit is whole, and one byte more is refused."""

    def body(size: int) -> bytes:
        raw = bytes(size)
        return answer(zlib.compress(raw, wbits=31), "Content-Encoding: gzip") if gzip else answer(raw)

    limits = FetchLimits(jwks_bytes=100_000)
    hostile.server.serve("/limit", body(100_000))
    hostile.server.serve("/over", body(100_001))
    async with hostile.fetcher(limits=limits) as fetcher:
        assert len((await fetcher.get(hostile.url("/limit"), kind=Kind.JWKS)).body) == 100_000
    assert await refusal(hostile, hostile.url("/over"), limits=limits) == "response-too-large"


@pytest.mark.parametrize("path", ["/bomb", "/redirect-to-bomb"])
async def test_T8_gzip_bombs_are_refused(hostile: HostileWorld, path: str) -> None:
    """200 MiB behind 200 KiB of gzip are refused at the decoded limit, also behind a redirect."""
    assert await refusal(hostile, hostile.url(path), kind=Kind.STATUS_LIST) == "response-too-large"


@pytest.mark.parametrize("path", ["/two-gzip-members", "/gzip-with-a-tail", "/cut-gzip", "/no-gzip", "/brotli"])
async def test_T8_only_one_whole_gzip_member_is_read(hostile: HostileWorld, path: str) -> None:
    """Several members, trailing or missing bytes, and codings that were not asked for are refused."""
    assert await refusal(hostile, hostile.url(path)) == "response-malformed"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/garbage", "response-malformed"),
        ("/cut-body", "response-malformed"),
        ("/hang-up", "unreachable"),
        ("/not-found", "unreachable"),
        ("/broken", "unreachable"),
        ("/partial", "unreachable"),
        ("/not-modified", "unreachable"),
        ("/redirect-nowhere", "egress-refused"),
    ],
)
async def test_T13_no_bad_answer_is_an_answer(hostile: HostileWorld, path: str, code: str) -> None:
    """Garbage, a body cut short, a hang-up, and any status but 200 are problems; none is an empty document."""
    hostile.server.serve("/redirect-nowhere", redirect("http://"))
    assert await refusal(hostile, hostile.url(path), kind=Kind.STATUS_LIST) == code


@pytest.mark.parametrize("status", ["404 Not Found", "410 Gone"])
async def test_a_status_that_was_asked_for_is_an_answer(hostile: HostileWorld, tmp_path: Path, status: str) -> None:
    """With its body and its media type; but it is asked anew each time, and nothing of it is on disk."""
    hostile.server.serve(
        "/gone", answer(b'{"error":"not_found"}', "Cache-Control: max-age=900", status=status, media_type="a/problem")
    )
    async with hostile.fetcher(cache_path=tmp_path / "http.sqlite") as fetcher:
        for _ in range(2):
            found = await fetcher.get(hostile.url("/gone"), kind=Kind.REGISTRY, also=frozenset({404, 410}))
            assert (found.status, found.body) == (int(status[:3]), b'{"error":"not_found"}')
            assert (found.media_type, found.url) == ("a/problem", hostile.url("/gone"))
    assert len(hostile.server.requests) == 2


async def test_a_copy_on_disk_gives_way_to_a_status_that_was_asked_for(hostile: HostileWorld, tmp_path: Path) -> None:
    """What is gone from its origin is gone for whoever asks for that, once the copy is too old."""
    hostile.server.serve("/entity", answer(GOOD, "Cache-Control: max-age=900", 'ETag: "1"'))
    async with hostile.fetcher(cache_path=tmp_path / "http.sqlite") as fetcher:
        await fetcher.get(hostile.url("/entity"), kind=Kind.REGISTRY)
        hostile.server.serve("/entity", answer(b"{}", status="404 Not Found"))
        held = await fetcher.get(hostile.url("/entity"), kind=Kind.REGISTRY, also=frozenset({404}))
        found = await fetcher.get(hostile.url("/entity"), kind=Kind.REGISTRY, max_age=0.0, also=frozenset({404}))
    assert (held.status, found.status) == (200, 404)


@pytest.mark.parametrize(
    ("status", "also"), [("404 Not Found", {410}), ("500 Internal Server Error", {404}), ("404 Not Found", set[int]())]
)
async def test_T13_a_status_that_nobody_asked_for_is_none(hostile: HostileWorld, status: str, also: set[int]) -> None:
    """Asking for one status lets no other in, be it by GET or by POST."""
    hostile.server.serve("/entity", answer(b"{}", status=status))
    async with hostile.fetcher() as fetcher:
        for ask in (
            fetcher.get(hostile.url("/entity"), kind=Kind.REGISTRY, also=frozenset(also)),
            fetcher.post(
                hostile.url("/entity"), b"{}", media_type="application/json", kind=Kind.REGISTRY, also=frozenset(also)
            ),
        ):
            with pytest.raises(Unavailable) as refused:
                await ask
            assert refused.value.problem.code == "unreachable"


async def test_a_post_sends_its_body_and_is_kept_nowhere(hostile: HostileWorld, tmp_path: Path) -> None:
    """Body and media type arrive, with no other header than any request has; and each time anew."""
    hostile.server.serve("/ask", answer(b'{"authorized":true}', "Cache-Control: max-age=900"))
    async with hostile.fetcher(cache_path=tmp_path / "http.sqlite") as fetcher:
        for _ in range(2):
            found = await fetcher.post(
                hostile.url("/ask"), b'{"entity_id":"a"}', media_type="application/json", kind=Kind.REGISTRY
            )
            assert (found.status, found.body) == (200, b'{"authorized":true}')
    assert len(hostile.server.requests) == 2
    head, _, body = hostile.server.requests[-1].partition("\r\n\r\n")
    lines = head.split("\r\n")
    assert (lines[0], body) == ("POST /ask HTTP/1.1", '{"entity_id":"a"}')
    assert {line.partition(":")[0].lower() for line in lines[1:]} == {
        "accept",
        "user-agent",
        "host",
        "accept-encoding",
        "connection",
        "content-type",
        "content-length",
    }
    with closing(sqlite3.connect(tmp_path / "http.sqlite")) as cache:
        assert cache.execute("SELECT count(*) FROM rows").fetchone() == (0,)


@pytest.mark.parametrize("status", ["301 Moved Permanently", "302 Found", "307 Temporary Redirect"])
async def test_T3_a_post_is_never_redirected(hostile: HostileWorld, status: str) -> None:
    """What was meant for one recipient is not handed to another, not even on the same host."""
    hostile.server.serve("/ask", redirect("https://other.example/good", status))
    async with hostile.fetcher() as fetcher:
        with pytest.raises(Unavailable) as refused:
            await fetcher.post(hostile.url("/ask"), b"{}", media_type="application/json", kind=Kind.REGISTRY)
    assert refused.value.problem.code == "egress-refused"
    assert hostile.server.paths() == ["/ask"]
    hostile.assert_nothing_forbidden()


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://internal.example/", "egress-refused"),
        ("https://127.0.0.1/", "egress-refused"),
        ("http://issuer.example/good", "egress-refused"),
        ("https://issuer.example/drip-body", "unreachable"),
        ("https://issuer.example/endless-body", "response-too-large"),
        ("https://issuer.example/announced-too-large", "response-too-large"),
    ],
)
async def test_T1_a_post_meets_the_same_guard(hostile: HostileWorld, url: str, code: str) -> None:
    """Addresses, schemes, deadline and sizes are checked as for any other request."""
    async with hostile.fetcher(limits=replace(BRIEF, registry_bytes=10_000)) as fetcher:
        with pytest.raises(Unavailable) as refused:
            await fetcher.post(url, b"{}", media_type="application/json", kind=Kind.REGISTRY)
    assert refused.value.problem.code == code
    hostile.assert_nothing_forbidden()


async def test_certificates_are_verified(hostile: HostileWorld) -> None:
    """A host that shows another host's certificate, or none, is not an answer."""
    hostile.names.lead("issuer.test", hostile.server.address)
    assert await refusal(hostile, "https://issuer.test/good") == "unreachable"
    hostile.names.reachable.add(hostile.tripwire.address)
    hostile.names.lead("plain.example", hostile.tripwire.address)
    assert await refusal(hostile, "https://plain.example/good", limits=BRIEF) in {"unreachable", "response-malformed"}
    assert hostile.server.requests == []


async def test_T57_an_origin_learns_only_what_it_must(hostile: HostileWorld) -> None:
    """No cookie comes back, no Referer follows a redirect, and the same few headers are sent to all."""
    hostile.server.serve("/away", redirect("https://other.example/cookie"))
    async with hostile.fetcher() as fetcher:
        for _ in range(2):
            await fetcher.get(hostile.url("/cookie"), kind=Kind.JWKS)
        await fetcher.get(hostile.url("/away"), kind=Kind.STATUS_LIST)
    names = {
        tuple(line.partition(":")[0].lower() for line in request.split("\r\n")[1:] if line)
        for request in hostile.server.requests
    }
    assert names == {("accept", "user-agent", "host", "accept-encoding", "connection")}
    assert [request.split("\r\n")[3] for request in hostile.server.requests[-2:]] == [
        "Host: issuer.example",
        "Host: other.example",
    ]


def test_cancelling_ends_a_read_at_once() -> None:
    """A thread that waits for bytes is free as soon as its fetch is cancelled, long before the deadline."""
    bounds = Bounds(seconds=60, body_bytes=1, overhead_bytes=1)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        bounds.watch(ours)
        reader = threading.Thread(target=ours.recv, args=(1,))
        reader.start()
        bounds.cancel()
        reader.join(5)
        assert not reader.is_alive()
        bounds.watch(None)
    assert bounds.abandoned
    with pytest.raises(Unanswered):
        bounds.left()


def test_cancelling_before_a_connection_is_seen() -> None:
    """A fetch cancelled before it has a socket ends at its next look at the time."""
    bounds = Bounds(seconds=60, body_bytes=1, overhead_bytes=1)
    bounds.cancel()
    with pytest.raises(Unanswered):
        bounds.left()


async def test_a_dead_address_is_followed_by_the_next(hostile: HostileWorld) -> None:
    """Where the first address refuses the connection, the next is tried."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        dead = closed.getsockname()
    hostile.names.reachable.add(dead)
    hostile.names.lead("issuer.example", dead, hostile.server.address)
    async with hostile.fetcher() as fetcher:
        await fetcher.get(hostile.url("/good"), kind=Kind.JWKS)
    assert hostile.connected == [dead, hostile.server.address]
    hostile.names.lead("issuer.example", dead)
    assert await refusal(hostile, hostile.url("/good")) == "unreachable"
    hostile.names.lead("issuer.example")
    assert await refusal(hostile, hostile.url("/good")) == "unreachable"
