"""Who may fetch now: limits per host and in all, and a circuit breaker per host.

A handful of slow hosts must never hold every thread: no host gets more than its few, one that does
not answer is left alone for a while, and when it gets crowded, hosts that time out are shed first.
Everything here runs in the event loop.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from resolvers.problems import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

_HOSTS_REMEMBERED: Final = 4096
"""Hosts whose failures are remembered; strangers choose the names, so there must be an end."""


@dataclass(slots=True)
class _Host:
    free: asyncio.Semaphore
    present: int = 0
    """Fetches that hold a slot or wait for one."""
    failures: int = 0
    """In a row."""
    shut_until: float = 0.0
    on_trial: bool = False


@dataclass(slots=True, kw_only=True)
class Admission:
    """Admits fetches. Every `enter` that returns needs a `leave`, when the thread is done."""

    capacity: int
    """Fetches present at once: in threads or waiting."""
    per_host: int
    failures: int
    """Failures in a row after which a host is left alone."""
    shut_seconds: float
    """Seconds for which it is; then one fetch is let through on trial."""
    clock: Callable[[], float]
    _hosts: dict[str, _Host] = field(default_factory=dict)
    _present: int = 0

    async def enter(self, name: str) -> None:
        """Wait for a slot of the host `name`.

        Raises:
            Unavailable: `overloaded`, or `unreachable` while the host is left alone.
        """
        host = self._hosts.get(name) or self._remember(name)
        self._refuse(host, name)
        host.present += 1
        self._present += 1
        try:
            await host.free.acquire()
        except BaseException:
            host.on_trial = False
            self._gone(host)
            raise

    def leave(self, name: str, *, answered: bool | None) -> None:
        """Give the slot back, and say whether the host answered; None where that was not found out."""
        host = self._hosts[name]
        host.free.release()
        self._gone(host)
        if answered:
            host.failures = 0
        elif answered is False:
            host.failures += 1
            if host.failures >= self.failures:
                host.shut_until = self.clock() + self.shut_seconds
        host.on_trial = False

    def _refuse(self, host: _Host, name: str) -> None:
        if host.failures >= self.failures:
            if host.on_trial or self.clock() < host.shut_until:
                raise Unavailable("unreachable", f"{name} has not been answering, and is left alone for a while")
            host.on_trial = True
        crowded = self._present * 2 >= self.capacity
        if self._present >= self.capacity or (crowded and host.failures):
            host.on_trial = False
            raise Unavailable("overloaded", "too many look-ups are under way")

    def _gone(self, host: _Host) -> None:
        host.present -= 1
        self._present -= 1

    def _remember(self, name: str) -> _Host:
        if len(self._hosts) >= _HOSTS_REMEMBERED:
            idle = next((other for other, host in self._hosts.items() if not host.present), None)
            if idle is not None:
                del self._hosts[idle]
        host = self._hosts[name] = _Host(asyncio.Semaphore(self.per_host))
        return host
