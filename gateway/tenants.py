"""Who calls: API keys, and what each tenant may see and spend.

A key is `ler_<8 characters>_<256 random bits>`. The configuration holds its first two parts, by which
it is found, and the SHA-256 of the whole.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from gateway.config import Config
    from gateway.options import ApiKey, Limits, Tenant

_NO_KEY: Final = hashlib.sha256(secrets.token_bytes(32)).hexdigest()
"""What an unknown prefix is compared with, so that it takes as long as a known one."""

_PREFIX_LENGTH: Final = len("ler_") + 8
_SECRET_BYTES: Final = 32


class TokenBucket:
    """`burst` requests at once, `rate` a second on average."""

    __slots__ = ("_burst", "_clock", "_rate", "_tokens", "_updated")

    def __init__(self, rate: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        """Start full. `clock` gives seconds."""
        self._rate = rate
        self._burst = float(burst)
        self._clock = clock
        self._tokens = self._burst
        self._updated = clock()

    def take(self) -> float:
        """Take one token and return 0, or return the seconds until there will be one."""
        now = self._clock()
        self._tokens = min(self._burst, self._tokens + (now - self._updated) * self._rate)
        self._updated = now
        if self._tokens < 1.0:
            return (1.0 - self._tokens) / self._rate
        self._tokens -= 1.0
        return 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """On whose behalf a request is answered."""

    name: str
    """The tenant's name; "" where no tenants are configured. Also its scope in the cache."""
    limits: Limits
    tenant: Tenant | None = None
    bucket: TokenBucket | None = None

    def sees(self, policy: str) -> bool:
        """Whether the policy of that id is visible to this caller."""
        return self.tenant is None or self.tenant.sees(policy)

    @property
    def default_policy(self) -> str | None:
        """The policy of requests that name none."""
        return None if self.tenant is None else self.tenant.default_policy

    @property
    def reads_metrics(self) -> bool:
        """Whether /metrics, which counts all tenants together, answers this caller."""
        return self.tenant is None or self.tenant.metrics

    @property
    def works_on_policies(self) -> bool:
        """Whether sources, drafts and simulations of policies are this caller's business."""
        return self.tenant is None or self.tenant.policy_admin


class Tenants:
    """The configured tenants, by key."""

    __slots__ = ("_anonymous", "_callers", "_keys", "_now")

    def __init__(
        self, config: Config, *, now: Callable[[], datetime], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Read the tenants of `config`; `now` gives the instant against which keys expire."""
        self._now = now
        self._anonymous = None if config.tenants else Caller(name="", limits=config.limits)
        self._callers: Mapping[str, Caller] = {
            name: Caller(
                name=name,
                limits=tenant.limits,
                tenant=tenant,
                bucket=TokenBucket(tenant.limits.requests_per_second, tenant.limits.burst, clock),
            )
            for name, tenant in config.tenants.items()
        }
        self._keys: Mapping[str, tuple[ApiKey, Caller]] = {
            key.prefix: (key, self._callers[name]) for name, tenant in config.tenants.items() for key in tenant.keys
        }

    def authenticate(self, authorization: str | None) -> Caller | None:
        """Return whose request carries that `Authorization` header, or None where it is nobody's.

        Without tenants everybody is the same anonymous caller, whatever the header.
        """
        if self._anonymous is not None:
            return self._anonymous
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        token = token.strip(" ")
        key, caller = self._keys.get(token[:_PREFIX_LENGTH], (None, None))
        digest = hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
        same = hmac.compare_digest(digest, _NO_KEY if key is None else key.sha256)
        if not same or key is None or self._now() >= key.expires:
            return None
        return caller


def new_key() -> tuple[str, str, str]:
    """Return a new API key, its prefix and its SHA-256 in hex."""
    prefix = "ler_" + base64.b32encode(secrets.token_bytes(5)).decode().lower()
    key = f"{prefix}_{secrets.token_urlsafe(_SECRET_BYTES)}"
    return key, prefix, hashlib.sha256(key.encode()).hexdigest()
