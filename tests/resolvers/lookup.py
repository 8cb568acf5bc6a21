"""A `Lookup` over the fake internet, with an age that the test sets."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from resolvers.model import Fetched, Kind, Loaded, Provenance, Retrieved
from resolvers.problems import Unavailable
from tests.internet import FakeInternet

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")


@dataclass(slots=True)
class FakeLookup:
    """Remembers what it loaded, calls it `age` seconds old, and loads anew past `fresh_for` or `max_age`.

    Where that fails, it serves what it has and marks it stale, as the cache does.
    """

    internet: FakeInternet = field(default_factory=FakeInternet)
    age: float = 0.0
    fresh_for: float = math.inf
    kinds: list[Kind] = field(default_factory=list)
    _held: dict[tuple[str, Kind, str], tuple[Loaded[Any], str]] = field(default_factory=dict)

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
        """Answer like `Lookup.get`."""
        self.kinds.append(kind)
        held = self._held.get((url, kind, variant))
        age, stale = self.age, False
        if held is None or age > (self.fresh_for if max_age is None else min(self.fresh_for, max_age)):
            try:
                fetched = await self.internet.get(url, kind=kind, also=also)
                held = (await load(fetched), hashlib.sha256(fetched.body).hexdigest())
                age = 0.0 if (url, kind, variant) in self._held else self.age
                self._held[url, kind, variant] = held
            except Unavailable:
                if held is None:
                    raise
                stale = True
        loaded, digest = held
        source = Provenance(url=url, sha256=digest, fetched_at=self.internet.now(), age=age, stale=stale)
        return Retrieved(value=loaded.value, source=source)

    async def post(
        self, url: str, body: bytes, *, media_type: str, kind: Kind, also: frozenset[int] = frozenset()
    ) -> Fetched:
        """Answer like `Lookup.post`."""
        self.kinds.append(kind)
        return await self.internet.post(url, body, media_type=media_type, kind=kind, also=also)

    def forget(self, url: str) -> None:
        """Load `url` anew when it is next asked for."""
        self._held = {key: held for key, held in self._held.items() if key[0] != url}

    def loaded(self, url: str, kind: Kind) -> Loaded[Any]:
        """Return what the last `load` made of `url`."""
        return next(held for key, (held, _) in reversed(self._held.items()) if key[:2] == (url, kind))
