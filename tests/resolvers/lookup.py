"""A `Lookup` over the fake internet, with an age that the test sets."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from resolvers.model import Fetched, Kind, Loaded, Provenance, Retrieved
from resolvers.problems import Unavailable
from tests.internet import FakeInternet

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")


@dataclass(slots=True)
class FakeLookup:
    """Remembers what it loaded, calls it `age` seconds old, and loads anew where a caller wants newer.

    Where that fails, it serves what it has and marks it stale, as the cache does.
    """

    internet: FakeInternet = field(default_factory=FakeInternet)
    age: float = 0.0
    kinds: list[Kind] = field(default_factory=list)
    _held: dict[tuple[str, Kind], tuple[Loaded[Any], str]] = field(default_factory=dict)

    async def get(
        self, url: str, kind: Kind, load: Callable[[Fetched], Awaitable[Loaded[T]]], *, max_age: float | None = None
    ) -> Retrieved[T]:
        """Answer like `Lookup.get`."""
        self.kinds.append(kind)
        held = self._held.get((url, kind))
        age, stale = self.age, False
        if held is None or (max_age is not None and age > max_age):
            try:
                fetched = await self.internet.get(url, kind=kind)
                held = (await load(fetched), hashlib.sha256(fetched.body).hexdigest())
                age = 0.0 if (url, kind) in self._held else self.age
                self._held[url, kind] = held
            except Unavailable:
                if held is None:
                    raise
                stale = True
        loaded, digest = held
        source = Provenance(url=url, sha256=digest, fetched_at=datetime.now(UTC), age=age, stale=stale)
        return Retrieved(value=loaded.value, source=source)

    def loaded(self, url: str, kind: Kind) -> Loaded[Any]:
        """Return what `load` made of `url`."""
        return self._held[url, kind][0]
