"""Parsed, checked documents in memory: the hot path, where a hit costs about two microseconds.

One look-up per document at a time, whoever asks for it; and an outage takes nothing away that may
still be served. How long a document is believed follows from its kind's rule (`resolvers.freshness`),
from what its server says, and from what it says itself.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
import time
from collections import OrderedDict
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeVar

from resolvers.freshness import RULES
from resolvers.model import Fetched, Fetcher, Kind, Loaded, Provenance, Retrieved
from resolvers.problems import Invalid, Unavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import datetime

    from resolvers.freshness import FreshnessRule

T = TypeVar("T")

_OVERHEAD_BYTES: Final = 1024
"""Bytes that an entry takes beside its document, near enough."""
_FAILURES_REMEMBERED: Final = 4096
"""Failures that are remembered; strangers choose the URLs, so there must be an end."""
_ONE_CALLERS_OWN: Final = frozenset({"deadline-exceeded", "fetch-budget-exceeded"})
"""Codes that speak of the request that led a look-up, not of the document."""

_NOT_REMEMBERED: Final = _ONE_CALLERS_OWN | {"overloaded"}

_Key = tuple[Kind, str, str, str]
"""Kind, URL, scope, variant."""
_Failure = Invalid | Unavailable


class CacheResult(StrEnum):
    """How a look-up was answered, for metrics."""

    HIT = "hit"
    MISS = "miss"
    STALE = "stale"
    NEGATIVE = "negative"
    JOINED = "joined"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """A document in the cache. Instants are seconds since 1970."""

    value: Any
    url: str
    sha256: str
    size: int
    fetched_at: datetime
    fetched: float
    loaded: float
    asked: float
    """When the origin was last asked for it, which a copy from disk is no sign of."""
    lifetime: float
    """Seconds for which a copy is believed; on disk, none that is older may take this one's place."""
    fresh_until: float
    usable_until: float
    """The hard end, whatever fails."""

    @property
    def stale_on_arrival(self) -> bool:
        """Whether it was old when it came from disk, and nothing newer was to be had."""
        return self.fresh_until < self.loaded

    def retrieved(self, now: float, *, stale: bool = False) -> Retrieved[Any]:
        """Return the document with its age at `now`."""
        source = Provenance(
            url=self.url, sha256=self.sha256, fetched_at=self.fetched_at, age=now - self.fetched, stale=stale
        )
        return Retrieved(value=self.value, source=source)


class DocumentCache:
    """A byte-bounded cache of parsed documents, the least recently used going first; one event loop's.

    The documents are shared by all requests: nobody may change one.
    """

    def __init__(
        self,
        fetcher: Fetcher,
        *,
        rules: Mapping[Kind, FreshnessRule] = RULES,
        max_bytes: int = 256 * 1024 * 1024,
        accept: Mapping[Kind, Callable[[Any, Any], None]] = MappingProxyType({}),
        on_event: Callable[[Kind, CacheResult, float | None], None] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Make an empty cache.

        Args:
            fetcher: the door to the network.
            rules: how long each kind is believed.
            max_bytes: bytes of all documents together, by their own account.
            accept: by kind, called with the value held and the one just loaded, before that takes its
                place. Raising `Unavailable` (say, a list was rolled back) keeps the one held.
            on_event: told of every look-up, with the age in seconds of what was served, None where nothing was.
            clock: seconds since 1970.
        """
        self._fetcher = fetcher
        self._rules = rules
        self._max_bytes = max_bytes
        self._accept = accept
        self._on_event = on_event
        self._clock = clock
        self._entries: OrderedDict[_Key, _Entry] = OrderedDict()
        self._bytes = 0
        self._failures: OrderedDict[_Key, tuple[float, _Failure]] = OrderedDict()
        self._flights: dict[_Key, asyncio.Task[_Entry | _Failure]] = {}

    def peek(
        self, url: str, kind: Kind, *, scope: str = "", variant: str = "", max_age: float | None = None
    ) -> Retrieved[Any] | None:
        """Return the document if it is here, fresh, and no older than `max_age` seconds. The hot path."""
        key = (kind, url, scope, variant)
        entry = self._entries.get(key)
        if entry is None:
            return None
        now = self._clock()
        if now >= entry.fresh_until or (max_age is not None and now - entry.fetched > max_age):
            return None
        self._entries.move_to_end(key)
        if self._on_event is not None:
            self._on_event(kind, CacheResult.HIT, now - entry.fetched)
        return entry.retrieved(now)

    async def get(
        self,
        url: str,
        kind: Kind,
        load: Callable[[Fetched], Awaitable[Loaded[T]]],
        *,
        scope: str = "",
        variant: str = "",
        max_age: float | None = None,
        also: frozenset[int] = frozenset(),
        spend: Callable[[], None] | None = None,
    ) -> Retrieved[T]:
        """Return the document of `url`, fetched and loaded if need be.

        Args:
            url: where it is.
            kind: what it is, which decides its limits and its freshness.
            load: parses and checks it, once for all who ask at the same time.
            scope: keeps apart what is fetched under different authority.
            variant: keeps apart what different `load`s make of the same URL.
            max_age: seconds. An older document is refreshed first, though not more often than the kind's
                rule allows; where that, or the origin, has nothing newer, the result's age tells.
            also: statuses beside 200 that `load` is ready for. They go with the `variant`: a look-up that
                runs already is joined as it was started.
            spend: called before a look-up is started. Joining one that runs already is free.

        Raises:
            Unavailable: it could not be had, and none is held that may still be served.
            Invalid: what was had is wrong.
        """
        key = (kind, url, scope, variant)
        while True:
            held = self._without_asking(key, load, max_age, also)
            if held is not None:
                return held
            flight = self._flights.get(key)
            leads = flight is None
            if flight is None:
                if spend is not None:
                    spend()
                flight = self._start(key, load, max_age, also)
            # Shielded: whoever goes away takes nothing from the others.
            outcome = await asyncio.shield(flight)
            now = self._clock()
            if isinstance(outcome, _Entry):
                if not leads and max_age is not None and now - outcome.fetched > max_age:
                    continue  # it was started for somebody who is content with less; at worst, lead one
                if outcome.stale_on_arrival:
                    return self._serve(key, outcome, now, CacheResult.STALE)
                return self._serve(key, outcome, now, CacheResult.MISS if leads else CacheResult.JOINED)
            if not leads and outcome.problem.code in _ONE_CALLERS_OWN:
                continue
            return self._despite(key, outcome, now, CacheResult.MISS)

    async def post(
        self, url: str, body: bytes, *, media_type: str, kind: Kind, also: frozenset[int] = frozenset()
    ) -> Fetched:
        """Send `body` and return the answer, which is for whoever asked alone: none is kept.

        Raises:
            Unavailable: as `Fetcher.post`.
        """
        return await self._fetcher.post(url, body, media_type=media_type, kind=kind, also=also)

    async def close(self) -> None:
        """End the look-ups that run."""
        flights = list(self._flights.values())
        for flight in flights:
            flight.cancel()
        await asyncio.gather(*flights, return_exceptions=True)
        self._flights.clear()

    def _without_asking(
        self,
        key: _Key,
        load: Callable[[Fetched], Awaitable[Loaded[Any]]],
        max_age: float | None,
        also: frozenset[int],
    ) -> Retrieved[Any] | None:
        """Return, or raise, what can be answered at once; None where somebody has to be asked."""
        now = self._clock()
        rule = self._rules[key[0]]
        entry = self._entries.get(key)
        if entry is not None and now < entry.fresh_until:
            young_enough = max_age is None or now - entry.fetched <= max_age
            if young_enough or now - entry.asked < rule.refresh_interval:
                return self._serve(key, entry, now, CacheResult.HIT)
        until, failure = self._failures.get(key, (0.0, None))
        if failure is not None and now < until:
            return self._despite(key, failure, now, CacheResult.NEGATIVE)
        if (
            entry is not None
            and max_age is None
            and now < min(entry.usable_until, entry.fresh_until + rule.while_revalidate)
        ):
            if key not in self._flights:
                self._start(key, load, None, also)
            return self._serve(key, entry, now, CacheResult.STALE)
        return None

    def _despite(self, key: _Key, failure: _Failure, now: float, result: CacheResult) -> Retrieved[Any]:
        """Return what is held despite a failure to refresh it, while it may be served; else raise the failure."""
        entry = self._entries.get(key)
        if entry is not None and isinstance(failure, Unavailable) and now < entry.usable_until:
            return self._serve(key, entry, now, CacheResult.HIT if now < entry.fresh_until else CacheResult.STALE)
        if self._on_event is not None:
            self._on_event(key[0], result, None)
        problem = failure.problem
        # A copy: one that is raised over and over would gather every caller's traceback.
        fate = Invalid if isinstance(failure, Invalid) else Unavailable
        raise fate(problem.code, problem.detail, pointer=problem.pointer)

    def _serve(self, key: _Key, entry: _Entry, now: float, result: CacheResult) -> Retrieved[Any]:
        if key in self._entries:
            self._entries.move_to_end(key)
        if self._on_event is not None:
            self._on_event(key[0], result, now - entry.fetched)
        return entry.retrieved(now, stale=result is CacheResult.STALE)

    def _start(
        self,
        key: _Key,
        load: Callable[[Fetched], Awaitable[Loaded[Any]]],
        max_age: float | None,
        also: frozenset[int],
    ) -> asyncio.Task[_Entry | _Failure]:
        """Start a look-up as a task of its own, which outlives whoever asked."""
        flight = self._flights[key] = asyncio.create_task(self._fly(key, load, max_age, also))
        return flight

    async def _fly(
        self,
        key: _Key,
        load: Callable[[Fetched], Awaitable[Loaded[Any]]],
        max_age: float | None,
        also: frozenset[int],
    ) -> _Entry | _Failure:
        """Fetch and load one document, and remember what came of it. Raises only what is our own defect."""
        held = self._entries.get(key)
        if held is not None:  # then a copy on disk that is as old is of no use
            max_age = held.lifetime if max_age is None else min(max_age, held.lifetime)
        try:
            entry = await self._load(key, load, max_age, also)
            check = self._accept.get(key[0])
            held = self._entries.get(key)
            if check is not None and held is not None:
                check(held.value, entry.value)
        except (Invalid, Unavailable) as failure:
            self._remember_failure(key, failure)
            return failure.with_traceback(None)
        finally:
            # Before it is done, not after: nobody may join what has already ended.
            self._flights.pop(key, None)
        if not entry.stale_on_arrival:
            self._failures.pop(key, None)
        self._store(key, entry)
        return entry

    async def _load(
        self,
        key: _Key,
        load: Callable[[Fetched], Awaitable[Loaded[Any]]],
        max_age: float | None,
        also: frozenset[int],
    ) -> _Entry:
        """Fetch and load; once more from the origin where a copy on disk cannot be used, or is too old by itself."""
        kind, url, _, _ = key
        rule = self._rules[kind]
        minimum = rule.minimum
        fetch = partial(self._fetcher.get, url, kind=kind, also=also)
        started = self._clock()
        fetched = await fetch(max_age=max_age)
        try:
            loaded = await load(fetched)
        except (Invalid, Unavailable) as failure:
            if fetched.fetched_at.timestamp() >= started or failure.problem.code in _ONE_CALLERS_OWN:
                raise
            max_age = 0.0
            fetched = await fetch(max_age=max_age)
            loaded = await load(fetched)
        lifetime = _lifetime(fetched, loaded, rule)
        if lifetime < self._clock() - fetched.fetched_at.timestamp() <= fetched.fresh_for:
            try:
                max_age = lifetime
                fetched = await fetch(max_age=max_age)
                loaded = await load(fetched)
                lifetime = _lifetime(fetched, loaded, rule)
            except Unavailable as failure:
                self._remember_failure(key, failure)
                minimum = -math.inf  # it stays as old as it is
        now = self._clock()
        end = math.inf if loaded.not_after is None else loaded.not_after.timestamp()
        if now >= end:
            raise Unavailable("response-malformed", "the document's own validity has ended")
        at = fetched.fetched_at.timestamp()
        fresh_until = min(max(at + lifetime, now + minimum), end)
        usable_until = min(fresh_until + rule.if_error, end)
        if fresh_until < now >= usable_until:
            raise Unavailable("unreachable", "there is only a copy that is too old to be used")
        return _Entry(
            value=loaded.value,
            url=url,
            sha256=hashlib.sha256(fetched.body).hexdigest(),
            size=max(loaded.size, 0) + len(url) + _OVERHEAD_BYTES,
            fetched_at=fetched.fetched_at,
            fetched=at,
            loaded=now,
            asked=started if at >= started or (max_age is not None and started - at > max_age) else at,
            lifetime=lifetime,
            fresh_until=fresh_until,
            usable_until=usable_until,
        )

    def _store(self, key: _Key, entry: _Entry) -> None:
        """Keep `entry`, if it has any time left and room; what was used longest ago makes room."""
        self._drop(key)
        if entry.usable_until <= entry.loaded or entry.size > self._max_bytes:
            return
        self._entries[key] = entry
        self._bytes += entry.size
        while self._bytes > self._max_bytes:
            self._drop(next(iter(self._entries)))

    def _drop(self, key: _Key) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._bytes -= entry.size

    def _remember_failure(self, key: _Key, failure: _Failure) -> None:
        """Remember a failure shortly; what was found to be wrong also ends what is held."""
        if isinstance(failure, Invalid):
            self._drop(key)
        seconds = self._rules[key[0]].negative
        if seconds <= 0 or failure.problem.code in _NOT_REMEMBERED:
            return
        self._failures[key] = (self._clock() + seconds, failure)
        self._failures.move_to_end(key)
        if len(self._failures) > _FAILURES_REMEMBERED:
            self._failures.popitem(last=False)


def _lifetime(fetched: Fetched, loaded: Loaded[Any], rule: FreshnessRule) -> float:
    """Return the seconds from `fetched_at` for which a document is believed: its own word goes before HTTP's."""
    lifetime = rule.clamp(fetched.fresh_for if loaded.fresh_for is None else loaded.fresh_for)
    if loaded.not_after is None:
        return lifetime
    return max(0.0, min(lifetime, (loaded.not_after - fetched.fetched_at).total_seconds()))
