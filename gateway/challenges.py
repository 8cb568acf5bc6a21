"""Challenges that a holder's proof answers, each good for one use (T38).

Issued to one tenant, perhaps for one domain, for a short time. One is used up by the first proof that
verifies and answers it, whatever becomes of the credentials in the presentation: what has been seen
once must not be shown again. A proof that fails uses up nothing, or whoever overhears a challenge
could spoil it for the one it was sent to; and it could not be replayed anyway, since it fails.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
from contextlib import asynccontextmanager, suppress
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

from resolvers.problems import Invalid, Unavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from datetime import datetime
    from pathlib import Path

    from gateway.model import Expected
    from gateway.options import Challenges as Options

PREFIX: Final = "ler-gateway-"
"""By which our own challenges are told from those that a caller makes, and keeps account of, itself."""

_RANDOM_OCTETS: Final = 24
"""Nobody may guess one (Data Integrity 1.0, section 2.1: "a value that is used once")."""


class Spent(StrEnum):
    """What came of using a challenge."""

    SPENT = "spent"
    USED = "used"
    UNKNOWN = "unknown"
    OTHER_DOMAIN = "other-domain"


class Store(Protocol):
    """Where challenges are kept, for all workers together. `digest` is the challenge's SHA-256 in hex."""

    async def add(self, tenant: str, digest: str, domain: str, *, now: float, seconds: float) -> bool:
        """Keep a challenge for `seconds`; False where the tenant has as many as it may have.

        Raises:
            Unavailable: `challenge-unavailable`.
        """
        ...

    async def spend(self, tenant: str, digest: str, domain: str, *, now: float) -> Spent:
        """Use the challenge up, if it may be: of any number of callers at once, exactly one gets `SPENT`.

        Raises:
            Unavailable: `challenge-unavailable`.
        """
        ...

    async def give_back(self, tenant: str, digest: str, *, now: float) -> None:
        """Let a challenge that was used up be used once more.

        Raises:
            Unavailable: `challenge-unavailable`.
        """
        ...

    async def close(self) -> None:
        """Free what it holds."""
        ...


class Challenges:
    """Issues challenges, and takes each back once."""

    __slots__ = ("_now", "_seconds", "_store")

    def __init__(self, store: Store, *, seconds: float, now: Callable[[], datetime]) -> None:
        """Keep challenges in `store`, each for `seconds`."""
        self._store = store
        self._seconds = seconds
        self._now = now

    async def issue(self, tenant: str, domain: frozenset[str] = frozenset()) -> str:
        """Return a new challenge for that tenant; where `domain` is given, for a proof for exactly that.

        Raises:
            Unavailable: `overloaded`, there are as many as the tenant may have; `challenge-unavailable`.
        """
        challenge = PREFIX + secrets.token_urlsafe(_RANDOM_OCTETS)
        now = self._now().timestamp()
        if not await self._store.add(tenant, _digest(challenge), _text(domain), now=now, seconds=self._seconds):
            raise Unavailable("overloaded", "as many challenges are open as this caller may have")
        return challenge

    async def spend(self, tenant: str, expected: Expected) -> Spent | None:
        """Use up the challenge that a proof has answered; None if it is not one of ours.

        Raises:
            Unavailable: `challenge-unavailable`.
        """
        challenge = expected.challenge
        if challenge is None or not challenge.startswith(PREFIX):
            return None
        now = self._now().timestamp()
        return await self._store.spend(tenant, _digest(challenge), _text(expected.domain), now=now)

    async def give_back(self, tenant: str, expected: Expected) -> None:
        """Let a challenge that was used up be used once more: nobody has been told what came of its use.

        Raises:
            Unavailable: `challenge-unavailable`.
        """
        if expected.challenge is not None:
            await self._store.give_back(tenant, _digest(expected.challenge), now=self._now().timestamp())


class Use:
    """One request's use of its challenge: once, however many presentations in the request answer it."""

    __slots__ = ("_challenges", "_done", "_expected", "_lock", "_spent", "_tenant")

    def __init__(self, challenges: Challenges, tenant: str, expected: Expected) -> None:
        """Use that tenant's challenge, for the domain that is expected with it."""
        self._challenges = challenges
        self._tenant = tenant
        self._expected = expected
        self._lock = asyncio.Lock()
        self._done = False
        self._spent: Spent | None = None

    async def __call__(self) -> bool:
        """Use it up; False if the caller keeps account of it.

        Raises:
            Invalid: `challenge-used`, `challenge-unknown`, `INVALID_DOMAIN_ERROR`.
            Unavailable: `challenge-unavailable`.
        """
        async with self._lock:
            if not self._done:
                self._spent = await self._challenges.spend(self._tenant, self._expected)
                self._done = True
        match self._spent:
            case Spent.USED:
                raise Invalid("challenge-used", "a proof that verified has answered this challenge before")
            case Spent.UNKNOWN:
                raise Invalid("challenge-unknown", "it was not issued here to this caller, or has expired")
            case Spent.OTHER_DOMAIN:
                raise Invalid("INVALID_DOMAIN_ERROR", "the challenge was issued for another domain")
        return self._spent is Spent.SPENT

    async def give_back(self) -> None:
        """Undo it, where the request gets no answer and will come again. What cannot be undone stays used up."""
        if self._spent is Spent.SPENT:
            with suppress(Unavailable):
                await self._challenges.give_back(self._tenant, self._expected)


@asynccontextmanager
async def open_challenges(options: Options, folder: Path, now: Callable[[], datetime]) -> AsyncIterator[Challenges]:
    """Yield the challenges of `options`: in Redis where that is configured, else in a file in `folder`.

    Raises:
        OSError: the file cannot be used.
        ModuleNotFoundError: Redis is configured, and its client is not installed.
    """
    store: Store
    if options.redis_url is not None:
        from gateway.challenge_redis import RedisStore  # noqa: PLC0415 — its client is an extra

        store = RedisStore(options.redis_url.get_secret_value(), most=options.most_open)
    else:
        from gateway.challenge_sqlite import SqliteStore  # noqa: PLC0415 — as the other, only the one in use

        store = await SqliteStore.open(folder / "challenges.sqlite", most=options.most_open)
    try:
        yield Challenges(store, seconds=options.seconds, now=now)
    finally:
        await store.close()


def _digest(challenge: str) -> str:
    """Whoever reads the store cannot answer for a holder with what is in it."""
    return hashlib.sha256(challenge.encode()).hexdigest()


def _text(domain: frozenset[str]) -> str:
    return json.dumps(sorted(domain)) if domain else ""
