"""The look-ups of one request: the shared cache within the request's own budget, deadline and freshness."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from resolvers.problems import Unavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from resolvers.cache import DocumentCache
    from resolvers.model import Budget, Fetched, Kind, Loaded, Retrieved

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestLookup:
    """The look-ups of one request; implements `resolvers.model.Lookup`.

    A look-up that leaves the memory cache costs one of the request's budget; none outlives its deadline.
    """

    cache: DocumentCache
    budget: Budget
    scope: str = ""
    max_age: float | None = None
    """Seconds: the request's own bound on every document's age."""

    async def get(
        self,
        url: str,
        kind: Kind,
        load: Callable[[Fetched], Awaitable[Loaded[T]]],
        *,
        max_age: float | None = None,
        variant: str = "",
        also: frozenset[int] = frozenset(),
    ) -> Retrieved[T]:
        """Return the parsed document of `url`, from the cache where that is fresh enough.

        Raises:
            Unavailable: it could not be had; also `fetch-budget-exceeded`, `deadline-exceeded`.
            Invalid: what was had is wrong.
        """
        if max_age is None or (self.max_age is not None and self.max_age < max_age):
            max_age = self.max_age
        held = self.cache.peek(url, kind, scope=self.scope, variant=variant, max_age=max_age)
        if held is not None:
            return held
        looked_up = self.cache.get(
            url,
            kind,
            load,
            scope=self.scope,
            variant=variant,
            max_age=max_age,
            also=also,
            spend=lambda: self.budget.spend(url),
        )
        return await self._in_time(looked_up)

    async def post(
        self, url: str, body: bytes, *, media_type: str, kind: Kind, also: frozenset[int] = frozenset()
    ) -> Fetched:
        """Send `body` and return the answer, which costs one look-up every time.

        Raises:
            Unavailable: as `Fetcher.post`; also `fetch-budget-exceeded`, `deadline-exceeded`.
        """
        self.budget.spend(url)
        return await self._in_time(self.cache.post(url, body, media_type=media_type, kind=kind, also=also))

    async def _in_time(self, looked_up: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout_at(self.budget.deadline) as deadline:
                return await looked_up
        except TimeoutError:
            if not deadline.expired():
                raise
            raise Unavailable("deadline-exceeded", "the request's time was used up by a look-up") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldLookup:
    """What the shared cache holds and is fresh; implements `resolvers.model.Lookup`, and never waits for anything."""

    cache: DocumentCache

    async def get(
        self,
        url: str,
        kind: Kind,
        load: Callable[[Fetched], Awaitable[Loaded[T]]],
        *,
        max_age: float | None = None,
        variant: str = "",
        also: frozenset[int] = frozenset(),
    ) -> Retrieved[T]:
        """Return the parsed document of `url` from the cache.

        Raises:
            Unavailable: `unreachable`: it is not there.
        """
        del load, also
        held = self.cache.peek(url, kind, variant=variant, max_age=max_age)
        if held is None:
            raise Unavailable("unreachable", f"{url[:200]} is not held")
        return held

    async def post(
        self, url: str, body: bytes, *, media_type: str, kind: Kind, also: frozenset[int] = frozenset()
    ) -> Fetched:
        """Send nothing.

        Raises:
            Unavailable: `unreachable`, always.
        """
        del body, media_type, kind, also
        raise Unavailable("unreachable", f"{url[:200]} is not asked")
