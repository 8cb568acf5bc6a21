"""The only door to the network.

Every URL in a credential is chosen by a stranger. So each is checked before DNS, each address after
it, each redirect again; each answer is bounded in time and bytes; and no host can hold up the others.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

import certifi

from resolvers._addresses import Grammar, Target, development_origins
from resolvers._admission import Admission
from resolvers._exchange import Exchange, Inquiry
from resolvers._guard import Bounds, GuardedAdapter, Network, Redirected, Unanswered
from resolvers._http_cache import Rows, Store
from resolvers.freshness import RULES
from resolvers.problems import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from resolvers.freshness import FreshnessRule
    from resolvers.model import Fetched, Kind

_GRACE: Final = 0.5
"""Seconds beyond the deadline after which a fetch is given up from outside: sockets keep the deadline
themselves, a file system that hangs does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchLimits:
    """Every limit of the door, with its unit and its reason."""

    seconds: float = 5.0
    """Seconds for one fetch with all its redirects, waiting included. A healthy origin needs under one."""
    threads: int = 32
    """Fetches at once. Origins are 50 ms away: 16, 32, 64 threads did 267, 427, 543 cold fetches a second."""
    queue: int = 256
    """Fetches that may wait: what 32 threads do in about half a second."""
    per_host: int = 4
    """Fetches at once to one host, so that a slow one never holds every thread."""
    redirects: int = 3
    """Redirects that are followed: identifiers such as w3id.org take one or two, a loop takes all."""
    host_failures: int = 5
    """Fetches in a row that a host leaves unanswered before it is left alone."""
    host_shut_seconds: float = 30.0
    """Seconds for which it is left alone, before one fetch tries again."""
    overhead_bytes: int = 64 * 1024
    """Bytes of headers and framing, in all hops together. A verbose origin sends 4 KiB."""
    did_document_bytes: int = 256 * 1024
    """Bytes of a DID document or https controller document. Real ones have 1 to 20 KiB."""
    did_log_bytes: int = 1024 * 1024
    """Bytes of a did:webvh log, or of its witnesses' proofs. An entry has 1 to 3 KiB, and the log only grows:
    monthly changes for thirty years."""
    jwks_bytes: int = 256 * 1024
    """Bytes of a JWK Set. A key with its certificate chain has about 8 KiB."""
    status_list_bytes: int = 4 * 1024 * 1024
    """Bytes of a status list credential: 131,072 entries need at most 22 KiB, a million with 8 bits 1.4 MiB."""
    registry_bytes: int = 16 * 1024 * 1024
    """Bytes of a trust registry's list. The largest known ones have a few MiB."""
    schema_bytes: int = 1024 * 1024
    """Bytes of a JSON Schema. CLR 2.0's, the largest in use, has 300 KiB."""
    record_bytes: int = 4 * 1024 * 1024
    """Bytes of a hosted record: as large as a request body may be."""
    disk_bytes: int = 1024 * 1024 * 1024
    """Bytes of the HTTP cache on disk."""

    def of(self, kind: Kind) -> int:
        """Return the most bytes, inflated, that an answer of `kind` may have."""
        limit: int = getattr(self, f"{kind.value}_bytes")
        return limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Egress:
    """One finished fetch, for metrics. It names no host: those are chosen by strangers."""

    kind: Kind
    result: str
    """`fetched`, `disk` (nothing was asked), or a problem code."""
    seconds: float
    bytes: int
    """Of the body, inflated."""


class GuardedFetcher:
    """Fetches public https URLs through the guard; implements `resolvers.model.Fetcher`."""

    def __init__(
        self,
        *,
        limits: FetchLimits | None = None,
        rules: Mapping[Kind, FreshnessRule] = RULES,
        cache_path: Path | None = None,
        development_hosts: Mapping[str, str] = MappingProxyType({}),
        ports: frozenset[int] = frozenset({443}),
        tls: ssl.SSLContext | None = None,
        on_egress: Callable[[Egress], None] | None = None,
        network: Network | None = None,
    ) -> None:
        """Open the door; `close` it from the event loop that used it.

        Args:
            limits: every bound.
            rules: how long each kind is believed.
            cache_path: file of the HTTP cache, never shared by two processes; None keeps nothing on disk.
            development_hosts: https host, or host:port → `http://127.0.0.1:<port>` that answers for it.
                Unsafe on purpose; the configuration refuses it in production. It gets a cache file of its own.
            ports: ports that may be contacted.
            tls: whom to trust, by default the certificate authorities that requests trusts. It is taken over.
            on_egress: called in the event loop after each fetch.
            network: for tests.

        Raises:
            ValueError: a development host leads elsewhere than to loopback.
        """
        network = network or Network()
        self._limits = limits = limits or FetchLimits()
        self._grammar = Grammar(ports=ports, development=development_origins(development_hosts))
        self._on_egress = on_egress
        if cache_path is not None and development_hosts:
            cache_path = cache_path.with_stem(cache_path.stem + "-development")
        self._adapter = GuardedAdapter(
            tls=tls or ssl.create_default_context(cafile=certifi.where()), grammar=self._grammar, network=network
        )
        self._exchange = Exchange(
            self._adapter,
            None if cache_path is None else Store(Rows(cache_path, max_bytes=limits.disk_bytes)),
            rules,
            now=network.now,
        )
        self._threads = ThreadPoolExecutor(limits.threads, "fetch")
        self._admission = Admission(
            capacity=limits.threads + limits.queue,
            per_host=limits.per_host,
            failures=limits.host_failures,
            shut_seconds=limits.host_shut_seconds,
            clock=time.monotonic,
        )
        self._running: set[Bounds] = set()
        self._closed = False

    async def get(
        self, url: str, *, kind: Kind, max_age: float | None = None, also: frozenset[int] = frozenset()
    ) -> Fetched:
        """Fetch `url`; a copy on disk that is older than `max_age` seconds is revalidated first.

        An origin may itself answer with an old copy (`Age`): `fetched_at` always tells.
        Answers of the statuses in `also` are returned as well, and never kept.

        Raises:
            Unavailable: `egress-refused`, `unreachable` (also any status but 200 and those in `also`),
                `response-too-large`, `response-malformed`, `overloaded`.
        """
        return await self._fetch(url, Inquiry(kind=kind, max_age=max_age, also=also))

    async def post(
        self, url: str, body: bytes, *, media_type: str, kind: Kind, also: frozenset[int] = frozenset()
    ) -> Fetched:
        """Send `body` of type `media_type` to `url`; guarded and bounded as `get`, and never kept on disk.

        A redirect is refused: what was meant for one recipient is not handed to another.

        Raises:
            Unavailable: as `get`.
        """
        return await self._fetch(url, Inquiry(kind=kind, also=also, body=body, media_type=media_type))

    async def _fetch(self, url: str, inquiry: Inquiry) -> Fetched:
        """Make a fetch within its bounds, and report it."""
        started = time.monotonic()
        result, size = "cancelled", 0
        bounds = Bounds(
            seconds=self._limits.seconds,
            body_bytes=self._limits.of(inquiry.kind),
            overhead_bytes=self._limits.overhead_bytes,
        )
        self._running.add(bounds)
        try:
            async with asyncio.timeout(self._limits.seconds + _GRACE) as outer:
                fetched, from_disk = await self._follow(url, inquiry, bounds)
            result, size = ("disk" if from_disk else "fetched"), len(fetched.body)
        except TimeoutError:
            if not outer.expired():
                raise
            result = "unreachable"
            raise Unavailable("unreachable", f"there was no whole answer within {self._limits.seconds:g} s") from None
        except Unavailable as unavailable:
            result = unavailable.problem.code
            raise
        else:
            return fetched
        finally:
            self._running.discard(bounds)
            bounds.cancel()  # frees the thread at once where the caller went away
            if self._on_egress is not None:
                seconds = time.monotonic() - started
                self._on_egress(Egress(kind=inquiry.kind, result=result, seconds=seconds, bytes=size))

    async def close(self) -> None:
        """End what runs, free the threads and close the cache. Later fetches are refused."""
        self._closed = True
        for bounds in self._running:
            bounds.cancel()
        await asyncio.to_thread(self._threads.shutdown, cancel_futures=True)
        self._exchange.close()

    async def _follow(self, url: str, inquiry: Inquiry, bounds: Bounds) -> tuple[Fetched, bool]:
        """Follow redirects by hand, each hop as guarded and as limited as the first."""
        for _ in range(self._limits.redirects + 1):
            target = self._grammar.locate(url)
            try:
                return await self._hop(target, url, inquiry, bounds)
            except Redirected as redirected:
                if inquiry.body is not None:
                    raise Unavailable("egress-refused", f"{target.host} redirects what was sent to it") from None
                try:
                    url = urljoin(url, redirected.location)
                except ValueError:
                    raise Unavailable("egress-refused", f"{target.host} redirects to a malformed URL") from None
        raise Unavailable("egress-refused", f"there were more than {self._limits.redirects} redirects")

    async def _hop(self, target: Target, url: str, inquiry: Inquiry, bounds: Bounds) -> tuple[Fetched, bool]:
        if self._closed:
            raise Unavailable("overloaded", "the service is shutting down")
        await self._admission.enter(target.key)
        job = self._threads.submit(self._run, url, inquiry, bounds)
        # When the thread is done, which may be long after its caller has gone.
        job.add_done_callback(partial(self._leave, asyncio.get_running_loop(), target.key, bounds))
        return await asyncio.wrap_future(job)

    def _run(self, url: str, inquiry: Inquiry, bounds: Bounds) -> tuple[Fetched, bool]:
        """Make the hop, in a thread."""
        lost_elsewhere = bounds.mostly_spent
        try:
            return self._exchange.hop(url, inquiry, bounds)
        except Unanswered as unanswered:
            if lost_elsewhere:  # waiting for a thread, or on another host before: not for this one to answer for
                raise Unavailable("unreachable", unanswered.problem.detail) from unanswered
            raise

    def _leave(
        self, loop: asyncio.AbstractEventLoop, key: str, bounds: Bounds, job: Future[tuple[Fetched, bool]]
    ) -> None:
        """Give the slot back to the event loop; runs in the thread that finished, or cancelled, the job."""
        if job.cancelled() or bounds.abandoned:
            answered = None
        elif (failure := job.exception()) is not None:
            answered = not isinstance(failure, Unanswered)
        else:
            _, from_disk = job.result()
            answered = None if from_disk else True
        if not loop.is_closed():
            loop.call_soon_threadsafe(partial(self._admission.leave, key, answered=answered))
