"""The guard: every request on a fresh connection, to an address that was checked, within bounds.

Names are resolved once and the checked address is the one that is connected to, so a name that
changes its answer gains nothing (DNS rebinding). Nothing here follows a redirect: the caller does,
through the guard again.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPResponse
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from resolvers._addresses import Grammar, Target, is_public
from resolvers._response import kept_headers, read_body
from resolvers.problems import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from urllib3 import BaseHTTPResponse

    from resolvers.freshness import FreshnessRule

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_OK: Final = 200
_NOT_MODIFIED: Final = 304
_SENT: Final = ("Accept", "User-Agent", "If-None-Match", "If-Modified-Since", "Content-Type")
"""The only headers of a request that reach an origin: no cookie, no Referer, nothing of requests-cache."""
_RESOLVER_THREADS: Final = 32
"""getaddrinfo cannot be cancelled, and outlasts a fetch where a stranger's name server hangs: what it holds
is one of these, which are made as needed, never a fetching thread."""
_ADDRESSES: Final = 4
"""Addresses of one name that are tried."""
_FIRST_ADDRESS_SECONDS: Final = 2.0
"""Seconds for an address that is not the last: a broken IPv6 route must leave time for IPv4."""


class Unanswered(Unavailable):
    """`unreachable` because the host gave no answer at all, or none in time: what a circuit breaker counts."""

    def __init__(self, detail: str) -> None:
        super().__init__("unreachable", detail)


class Redirected(Exception):
    """The origin sends us to `location`. An exception, so that no library between sees a redirect."""

    def __init__(self, location: str) -> None:
        super().__init__(location)
        self.location = location


class Bounds:
    """One fetch's deadline, byte limits and kill switch, shared by all its connections."""

    def __init__(self, *, seconds: float, body_bytes: int, overhead_bytes: int) -> None:
        self.body_bytes = body_bytes
        self._seconds = seconds
        self._end = time.monotonic() + seconds
        self._raw_bytes = body_bytes + overhead_bytes
        self._lock = threading.Lock()
        self._watched: socket.socket | None = None
        self._cancelled = False

    @property
    def abandoned(self) -> bool:
        """Whether `cancel` was called."""
        return self._cancelled

    @property
    def mostly_spent(self) -> bool:
        """Whether less than half of the time is left."""
        return self._end - time.monotonic() < self._seconds / 2

    def left(self) -> float:
        """Return the seconds that are left.

        Raises:
            Unanswered: none are, or nobody waits any more.
        """
        left = self._end - time.monotonic()
        if self._cancelled or left <= 0:
            raise Unanswered(f"there was no whole answer within {self._seconds:g} s")
        return left

    def spend(self, count: int) -> None:
        """Take `count` bytes, headers included, from the limit.

        Raises:
            Unavailable: `response-too-large`.
        """
        self._raw_bytes -= count
        if self._raw_bytes < 0:
            raise Unavailable("response-too-large", "the answer, with its headers, is larger than the limit")

    def watch(self, sock: socket.socket | None) -> None:
        """Let `cancel` end `sock`, instead of any before.

        A duplicate is kept, since TLS takes the socket's descriptor over: it reaches the connection
        during the handshake too, and below TLS, whose own shutdown would let the reader see raw records.
        """
        duplicate = None if sock is None else sock.dup()
        with self._lock:
            previous, self._watched = self._watched, duplicate
        if previous is not None:
            previous.close()

    def cancel(self) -> None:
        """End the fetch now, from any thread."""
        self._cancelled = True
        with self._lock:
            if self._watched is not None:
                with suppress(OSError):  # not connected yet, or not any more
                    self._watched.shutdown(socket.SHUT_RDWR)


class _Bounded:
    """Mixed into socket classes: no read without the deadline and the byte limit."""

    bounds: Bounds | None = None

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        if self.bounds is None:
            return super().recv_into(*args, **kwargs)  # type: ignore[misc, no-any-return]  # a mixin's super
        self.settimeout(self.bounds.left())  # type: ignore[attr-defined]  # the socket's
        count: int = super().recv_into(*args, **kwargs)  # type: ignore[misc]  # a mixin's super
        self.bounds.spend(count)
        return count


class _PlainSocket(_Bounded, socket.socket):
    pass


class _TlsSocket(_Bounded, ssl.SSLSocket):
    pass


class _Connection:
    """Mixed into urllib3's connection classes: the socket comes from the guard."""

    connect_checked: Callable[[], socket.socket]

    def _new_conn(self) -> socket.socket:
        return self.connect_checked()


class _Http(_Connection, HTTPConnection):
    pass


class _Https(_Connection, HTTPSConnection):
    pass


def is_own(family: socket.AddressFamily, address: tuple[Any, ...]) -> bool:
    """Whether `address` is this machine's: asked of the routing table; a connected UDP socket sends nothing."""
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(address)
        except OSError:
            return False
        return bool(probe.getsockname()[0] == address[0])


def may_contact(family: socket.AddressFamily, address: tuple[Any, ...]) -> bool:
    """Whether a stranger's URL may lead to `address`: a public one that is not this machine's own."""
    return is_public(address[0]) and not is_own(family, address)


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """What the guard stands on. Tests put a hostile one here; nothing else does."""

    getaddrinfo: Callable[..., list[Any]] = socket.getaddrinfo
    may_contact: Callable[[socket.AddressFamily, tuple[Any, ...]], bool] = may_contact
    now: Callable[[], float] = time.time


class GuardedAdapter(BaseAdapter):
    """The transport of every session: requests hands it a request, and gets a whole, bounded answer."""

    def __init__(self, *, tls: ssl.SSLContext, grammar: Grammar, network: Network) -> None:
        """Take over `tls`: its sockets are the guard's from now on."""
        super().__init__()
        tls.sslsocket_class = _TlsSocket
        self._tls = tls
        self._grammar = grammar
        self._network = network
        self._resolvers = ThreadPoolExecutor(_RESOLVER_THREADS, "resolve")

    def send(  # type: ignore[override]  # `timeout` carries the bounds, which no other type of requests' can
        self, request: PreparedRequest, *, timeout: tuple[Bounds, FreshnessRule, frozenset[int]], **_: Any
    ) -> Response:
        """Return the 200 or 304 to `request`, or an answer of one of the statuses asked for besides.

        Raises:
            Redirected: it is answered elsewhere.
            Unavailable: anything else.
        """
        bounds, rule, also = timeout
        url = request.url or ""
        # Once more, on the URL as requests has rewritten it: what is checked is what is contacted.
        target = self._grammar.locate(url)
        connection: _Http | _Https
        if target.loopback is not None:
            connection = _Http(*target.loopback, timeout=bounds.left())
        else:
            connection = _Https(target.host, target.port, timeout=bounds.left(), ssl_context=self._tls)
        connection.connect_checked = lambda: self._connect(target, bounds)
        raw: BaseHTTPResponse | None = None
        try:
            connection.connect()
            connection.sock.bounds = bounds  # type: ignore[union-attr]  # made by `_connect`, so bounded
            connection.request(
                request.method or "GET",
                request.path_url,
                body=request.body,
                headers={
                    **{name: request.headers[name] for name in _SENT if name in request.headers},
                    "Host": target.host if target.port == HTTPSConnection.default_port else target.key,
                    "Accept-Encoding": "gzip",
                    "Connection": "close",
                },
                preload_content=False,
                decode_content=False,
            )
            raw = connection.getresponse()
            bounds.left()
            return self._answer(request, raw, bounds, rule, also)
        except OSError as error:  # TLS errors are among them
            bounds.left()
            raise Unanswered(f"{target.host}: {type(error).__name__}") from error
        except (HTTPError, HTTPException, ValueError) as error:
            bounds.left()
            raise Unavailable("response-malformed", f"{target.host}: {type(error).__name__}") from error
        finally:
            bounds.watch(None)
            if raw is not None:
                raw.close()  # else what was not read keeps the descriptor open
            connection.close()

    def close(self) -> None:
        """Give up look-ups that still wait; those that run end by themselves."""
        self._resolvers.shutdown(wait=False, cancel_futures=True)

    def _answer(
        self,
        request: PreparedRequest,
        raw: BaseHTTPResponse,
        bounds: Bounds,
        rule: FreshnessRule,
        also: frozenset[int],
    ) -> Response:
        """Rebuild an answer from what is kept of it; only a body that was asked for is read at all."""
        if raw.status in _REDIRECTS:
            raise Redirected(raw.headers.get("location", ""))
        conditional = {"If-None-Match", "If-Modified-Since"} & set(request.headers)
        wanted = raw.status == _OK or raw.status in also
        if not wanted and not (raw.status == _NOT_MODIFIED and conditional):
            raise Unavailable("unreachable", f"HTTP status {raw.status}")
        body = read_body(raw, bounds.body_bytes, bounds.left) if wanted else b""
        headers = kept_headers(raw.headers, rule, self._network.now())
        response = Response()
        response.status_code = raw.status
        response.url = request.url or ""
        response.headers = CaseInsensitiveDict(headers)
        response.request = request
        response.raw = HTTPResponse(BytesIO(body), headers, raw.status, preload_content=False, request_url=request.url)
        return response

    def _connect(self, target: Target, bounds: Bounds) -> socket.socket:
        """Connect to a checked address of `target`."""
        if target.loopback is not None:
            family = socket.AF_INET6 if ":" in target.loopback[0] else socket.AF_INET
            found = [(family, target.loopback)]
        else:
            found = self._resolve(target, bounds)
        failure: OSError | None = None
        for index, (family, address) in enumerate(found[:_ADDRESSES], start=1):
            sock = _PlainSocket(family, socket.SOCK_STREAM)
            try:
                bounds.watch(sock)
                left = bounds.left()
                sock.settimeout(left if index == len(found) else min(left, _FIRST_ADDRESS_SECONDS))
                sock.connect(address)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                sock.settimeout(bounds.left())
            except OSError as error:
                sock.close()
                failure = error
            except BaseException:
                sock.close()
                raise
            else:
                sock.bounds = bounds
                return sock
        bounds.left()
        raise Unanswered(f"{target.host}: {type(failure).__name__}")

    def _resolve(self, target: Target, bounds: Bounds) -> list[tuple[socket.AddressFamily, tuple[Any, ...]]]:
        """Return the addresses of `target`, every one of them checked."""
        question = self._resolvers.submit(
            self._network.getaddrinfo, target.host, target.port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP
        )
        try:
            found = [(family, address) for family, _, _, _, address in question.result(bounds.left())]
        except (OSError, UnicodeError) as error:  # a timeout is an OSError
            question.cancel()
            bounds.left()
            raise Unanswered(f"{target.host}: {type(error).__name__}") from error
        if not found:
            raise Unanswered(f"{target.host}: it has no address")
        # Every address before any connection: one bad one among good ones is an attack, not an accident.
        if not all(self._network.may_contact(family, address) for family, address in found):
            raise Unavailable("egress-refused", f"{target.host} has an address that is never contacted")
        return found
