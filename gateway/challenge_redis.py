"""Challenges in Redis, which all workers of all machines share. Needs the extra `redis`.

A script runs whole or not at all, and no other command in between: that makes a use single.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import redis.asyncio
from redis.exceptions import RedisError

from gateway.challenges import Spent
from resolvers.problems import Unavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable

_SECONDS: Final = 2.0
"""Seconds to connect and to answer; Redis takes a millisecond."""

_ADD: Final = """
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', ARGV[2])
if redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[4]) then return 0 end
redis.call('ZADD', KEYS[2], ARGV[2] + ARGV[3], KEYS[1])
redis.call('PEXPIRE', KEYS[2], math.ceil(ARGV[3] * 1000))
redis.call('SET', KEYS[1], 'open ' .. ARGV[1], 'PX', math.ceil(ARGV[3] * 1000))
return 1
"""
_SPEND: Final = """
local found = redis.call('GET', KEYS[1])
if not found then return 'unknown' end
if string.sub(found, 1, 4) == 'used' then return 'used' end
if found ~= 'open ' and found ~= 'open ' .. ARGV[1] then return 'other-domain' end
redis.call('SET', KEYS[1], 'used' .. string.sub(found, 5), 'KEEPTTL')
return 'spent'
"""
_GIVE_BACK: Final = """
local found = redis.call('GET', KEYS[1])
if found then redis.call('SET', KEYS[1], 'open' .. string.sub(found, 5), 'KEEPTTL') end
return 1
"""


class RedisStore:
    """Implements `gateway.challenges.Store`. How long a challenge lives is measured by the clock of Redis."""

    __slots__ = ("_add", "_give_back", "_most", "_redis", "_spend")

    def __init__(self, url: str, *, most: int) -> None:
        """Keep at most `most` challenges a tenant in the database at `url`; nothing is connected yet."""
        self._redis = redis.asyncio.Redis.from_url(
            url, socket_timeout=_SECONDS, socket_connect_timeout=_SECONDS, decode_responses=True
        )
        self._most = most
        self._add = self._redis.register_script(_ADD)
        self._spend = self._redis.register_script(_SPEND)
        self._give_back = self._redis.register_script(_GIVE_BACK)

    async def add(self, tenant: str, digest: str, domain: str, *, now: float, seconds: float) -> bool:
        """Keep a challenge, and forget those that have expired."""
        keys = [_key(tenant, digest), _key(tenant, "open")]
        return bool(await _answer(self._add(keys=keys, args=[domain, now, seconds, self._most])))

    async def spend(self, tenant: str, digest: str, domain: str, *, now: float) -> Spent:
        """Use a challenge up."""
        del now
        return Spent(await _answer(self._spend(keys=[_key(tenant, digest)], args=[domain])))

    async def give_back(self, tenant: str, digest: str, *, now: float) -> None:
        """Let a challenge be used once more."""
        del now
        await _answer(self._give_back(keys=[_key(tenant, digest)]))

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()


def _key(tenant: str, name: str) -> str:
    """Return a key; what is one tenant's lies on one node of a cluster (the part in braces)."""
    return f"ler-gateway:challenges:{{{tenant}}}:{name}"


async def _answer(asked: Awaitable[Any]) -> Any:
    try:
        return await asked
    except (RedisError, OSError):
        raise Unavailable("challenge-unavailable", "the store of challenges does not answer") from None
