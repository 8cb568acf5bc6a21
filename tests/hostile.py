"""A hostile issuer on loopback, with real TLS: everything that a stranger's URL may lead to.

The fixture `hostile` is a small world: a server that answers as badly as a test wants (`server`), one
that must never be reached (`tripwire`), and a name server that lies (`names`). Its `fetcher()` is the
real one, with the real address table; only the server's own address is let through.
"""

from __future__ import annotations

import gzip
import itertools
import re
import socket
import ssl
import threading
import zlib
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import pytest
import trustme

from resolvers._addresses import is_public
from resolvers._guard import Network
from resolvers.fetch import GuardedFetcher

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator

GOOD: Final = b'{"id":"did:web:issuer.example"}'
"""The body of an honest answer."""
NAMES: Final = ("issuer.example", "other.example", "evil.example", "rebind.example")
"""The names that the server has a certificate for."""
_DRIP_SECONDS: Final = 0.02
"""Between two bytes of a drip: no idle timeout ever fires, only a deadline does."""

Address = tuple[str, int]


def answer(
    body: bytes = GOOD,
    *headers: str,
    status: str = "200 OK",
    media_type: str = "application/json",
    length: int | None = None,
) -> bytes:
    """Return a whole HTTP answer; `length` lies about the body's."""
    lines = [
        f"HTTP/1.1 {status}",
        f"Content-Type: {media_type}",
        f"Content-Length: {len(body) if length is None else length}",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def redirect(location: str, status: str = "302 Found") -> bytes:
    """Return a redirect."""
    return answer(b"", f"Location: {location}", status=status)


def gzipped(body: bytes, *headers: str) -> bytes:
    """Return an answer whose body is gzip."""
    return answer(body, "Content-Encoding: gzip", *headers)


@cache
def bomb(size: int) -> bytes:
    """Return gzip of `size` zero bytes, which is about a thousandth of that."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    parts = [packer.compress(bytes(1 << 20)) for _ in range(size >> 20)]
    return b"".join([*parts, packer.flush()])


def drip(start: bytes, part: bytes = b"x") -> Iterator[bytes]:
    """Send `start`, then `part` again and again, slowly."""
    yield start
    pause = threading.Event()
    while not pause.wait(_DRIP_SECONDS):
        yield part


def flood(start: bytes, part: bytes) -> Iterator[bytes]:
    """Send `start`, then `part` again and again, as fast as it is taken."""
    return itertools.chain([start], itertools.repeat(part))


BEHAVIOURS: Final[dict[str, Callable[[], Iterable[bytes]]]] = {
    "/good": lambda: [answer()],
    "/silent": lambda: drip(b"", b""),
    "/drip-body": lambda: drip(answer(b"", length=10_000)),
    "/drip-headers": lambda: drip(b"HTTP/1.1 200 OK\r\nX-Slow: "),
    "/endless-body": lambda: flood(b"HTTP/1.1 200 OK\r\n\r\n", bytes(65536)),
    "/endless-chunks": lambda: flood(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + bytes(65536) + b"\r\n"
    ),
    "/endless-headers": lambda: flood(b"HTTP/1.1 200 OK\r\n", b"X-Filler: " + b"a" * 4000 + b"\r\n"),
    "/endless-header": lambda: flood(b"HTTP/1.1 200 OK\r\nX-Filler: ", b"a" * 4000),
    "/endless-100": lambda: flood(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "/endless-chunk-size": lambda: flood(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0" * 4000),
    "/announced-too-large": lambda: [answer(length=10**12)],
    "/bomb": lambda: [gzipped(bomb(200 << 20))],
    "/redirect-to-bomb": lambda: [redirect("/bomb")],
    "/two-gzip-members": lambda: [gzipped(gzip.compress(GOOD) * 2)],
    "/gzip-with-a-tail": lambda: [gzipped(gzip.compress(GOOD) + b"tail")],
    "/cut-gzip": lambda: [gzipped(gzip.compress(GOOD)[:-6])],
    "/no-gzip": lambda: [gzipped(GOOD)],
    "/brotli": lambda: [answer(GOOD, "Content-Encoding: br")],
    "/garbage": lambda: [b"\x16\x03\x01\x00\xa5" * 40],
    "/hang-up": lambda: [b""],
    "/cut-body": lambda: [answer(length=len(GOOD) + 10)],
    "/not-found": lambda: [answer(b"{}", status="404 Not Found")],
    "/broken": lambda: [answer(b"{}", status="500 Internal Server Error")],
    "/not-modified": lambda: [answer(b"", status="304 Not Modified")],
    "/partial": lambda: [answer(GOOD, status="206 Partial Content")],
    "/html": lambda: [answer(b"<!doctype html><title>Parked</title>", media_type="text/html; charset=utf-8")],
    "/loop": lambda: [redirect("/loop")],
    "/redirect-nowhere": lambda: [answer(b"", status="302 Found")],
    "/cookie": lambda: [answer(GOOD, "Set-Cookie: who=you; Path=/", "Set-Cookie: domain=wide; Domain=example")],
}
"""What the server does at each path, over and above what a test adds to `pages`."""


@dataclass(slots=True)
class HostileServer:
    """Answers by path, counts connections, and keeps every request as it came."""

    tls: ssl.SSLContext | None = None
    pages: dict[str, Callable[[], Iterable[bytes]]] = field(default_factory=lambda: dict(BEHAVIOURS))
    requests: list[str] = field(default_factory=list)
    connections: int = 0
    address: Address = ("", 0)
    _open: set[socket.socket] = field(default_factory=set)
    _closing: threading.Event = field(default_factory=threading.Event)

    def serve(self, path: str, *parts: bytes) -> None:
        """Answer `path` with `parts`."""
        self.pages[path] = lambda: parts

    def paths(self) -> list[str]:
        """Return the paths that were asked for, in order."""
        return [request.split(" ", 2)[1] for request in self.requests]

    @contextmanager
    def running(self) -> Iterator[HostileServer]:
        """Serve on a free port of 127.0.0.1."""
        with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
            self.address = listener.getsockname()
            accepting = threading.Thread(target=self._accept, args=(listener,))
            accepting.start()
            try:
                yield self
            finally:
                self._closing.set()
                listener.shutdown(socket.SHUT_RDWR)
                accepting.join()

    def _page(self, path: str) -> Iterable[bytes]:
        return self.pages.get(path, BEHAVIOURS["/not-found"])()

    def _accept(self, listener: socket.socket) -> None:
        threads = []
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                break
            self.connections += 1
            self._open.add(connection)
            threads.append(threading.Thread(target=self._answer, args=(connection,)))
            threads[-1].start()
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join()

    def _answer(self, connection: socket.socket) -> None:
        """Read one request and answer it, for as long as the client stays."""
        stream = connection
        # What the client does at the other end, such as hanging up, is no error here.
        with suppress(OSError):
            if self.tls is not None:
                # A copy, so that the original can still be shut down while TLS owns the descriptor.
                stream = self.tls.wrap_socket(connection.dup(), server_side=True)
            request = b""
            while not _is_whole(request) and (part := stream.recv(65536)):
                request += part
            if request:
                self.requests.append(request.decode("latin-1"))
                path = self.requests[-1].split(" ", 2)[1]
                for part in itertools.takewhile(lambda _: not self._closing.is_set(), self._page(path)):
                    stream.sendall(part)
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        self._open.discard(connection)
        stream.close()
        connection.close()


def _is_whole(request: bytes) -> bool:
    """Whether all of a request has come, with the body that its headers announce."""
    head, end, body = request.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    return bool(end) and len(body) >= (int(length[1]) if length else 0)


@dataclass(slots=True)
class LyingNames:
    """A name server. Each name has a series of answers; the last one is repeated."""

    answers: dict[str, list[list[Address]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    reachable: set[Address] = field(default_factory=set)
    """The only loopback addresses that the guard lets through in this test."""
    gate: threading.Event | None = None
    """Holds every look-up back until it is set."""

    def lead(self, name: str, *addresses: Address) -> None:
        """Let `name` lead to `addresses` from now on."""
        self.answers[name] = [list(addresses)]

    def getaddrinfo(self, host: str, port: int, **_: Any) -> list[Any]:
        """Answer like `socket.getaddrinfo`; an address with port 0 gets the port that was asked for."""
        self.asked.append(host)
        if self.gate is not None:
            self.gate.wait()
        series = self.answers.get(host)
        if series is None:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        found = series.pop(0) if len(series) > 1 else series[0]
        return [
            (socket.AF_INET6 if ":" in ip else socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, at or port))
            for ip, at in found
        ]

    def may_contact(self, _: socket.AddressFamily, address: tuple[Any, ...]) -> bool:
        """Check like the real guard, with the exception of `reachable`."""
        return address in self.reachable or is_public(address[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class HostileWorld:
    """A hostile server, one that must not be reached, and the names that lead to either."""

    server: HostileServer
    tripwire: HostileServer
    names: LyingNames
    authority: trustme.CA
    connected: list[Any]
    """Addresses to which this process has tried to connect by TCP."""

    def url(self, path: str, host: str = "issuer.example") -> str:
        """Return the https URL of `path` on the hostile server."""
        return f"https://{host}{path}"

    @asynccontextmanager
    async def fetcher(self, **options: Any) -> AsyncIterator[GuardedFetcher]:
        """Open the real fetcher in this world."""
        tls = ssl.create_default_context()
        self.authority.configure_trust(tls)
        network = Network(getaddrinfo=self.names.getaddrinfo, may_contact=self.names.may_contact)
        fetcher = GuardedFetcher(**{"tls": tls, "network": network, **options})
        try:
            yield fetcher
        finally:
            await fetcher.close()

    def assert_nothing_forbidden(self) -> None:
        """Assert that no connection went anywhere but to the hostile server, nor was tried."""
        assert self.tripwire.connections == 0
        assert set(self.connected) <= {self.server.address}


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """Return a certificate authority of the tests' own."""
    return trustme.CA()


@pytest.fixture
def hostile(authority: trustme.CA, monkeypatch: pytest.MonkeyPatch) -> Iterator[HostileWorld]:
    """Run a hostile world; `issuer.example` and `other.example` lead to its server."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*NAMES).configure_cert(tls)
    connected: list[Any] = []
    connect = socket.socket.connect

    def noting(sock: socket.socket, address: Any) -> None:
        if sock.type == socket.SOCK_STREAM:
            connected.append(address)
        connect(sock, address)

    monkeypatch.setattr(socket.socket, "connect", noting)
    with HostileServer(tls).running() as server, HostileServer().running() as tripwire:
        names = LyingNames(reachable={server.address})
        names.lead("issuer.example", server.address)
        names.lead("other.example", server.address)
        names.lead("internal.example", tripwire.address)
        yield HostileWorld(server=server, tripwire=tripwire, names=names, authority=authority, connected=connected)
