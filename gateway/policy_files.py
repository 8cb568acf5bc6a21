"""The policies in force, and their files: read at the start, and again whenever the operator asks.

A reload is all or nothing. What is in force is one reference, replaced at once by a whole new set in
which nothing is wrong; otherwise the last good one stays. Whoever has taken a policy keeps it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import platformdirs

from gateway import telemetry
from gateway.long_work import long_work
from gateway.policy_bundle import MAX_ARCHIVE, SUFFIX, BundleError, opened
from gateway.policy_revisions import Revisions
from policies import LIBRARY, NotInEffect, PolicyErrors, PolicySet, UnknownPolicy
from policies.document import read
from policies.policy_set import read_files
from policies.source import Finding

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
    from datetime import datetime

    from gateway.config import Config
    from gateway.policy_bundle import Bundle
    from policies import Policy
    from policies.document import Reading

_POLICY_FILES: Final = (".yaml", ".yml")
_TOLD: Final = 200
"""Characters of a finding in the log, which writes no longer text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoliciesInForce:
    """One set of policies, and what it was made of."""

    policies: PolicySet
    texts: Mapping[str, bytes]
    """By the path that a policy gives for itself (`Policy.path`): its file as it was read, and the facts in bundles."""
    bundles: tuple[tuple[str, int], ...]
    """Id and revision of each bundle in it."""


class PolicyFiles:
    """Reads the policies of a configuration, and holds those in force."""

    __slots__ = ("_clock", "_config", "_lock", "_remember", "_revisions", "_seen", "_sources", "current", "failure")

    def __init__(
        self, config: Config, *, sources: Collection[str], clock: Callable[[], datetime], remember: bool = True
    ) -> None:
        """Read the library, and what `[policies] folders` names.

        Args:
            config: where the policies are.
            sources: ids of the configured trust sources.
            clock: the instant at which tenants' default policies have to exist.
            remember: whether what is loaded is put in force, so that no bundle that is older may ever be.

        Raises:
            PolicyErrors: with everything that is wrong.
        """
        self._config = config
        self._sources = sources
        self._clock = clock
        self._remember = remember
        self._lock = asyncio.Lock()
        self._revisions = Revisions(config.policies.state_folder or platformdirs.user_state_path("ler-gateway"))
        self._seen = self._fingerprint()
        self.current: PoliciesInForce = self._load()
        """What is in force. Take it once for each piece of work."""
        self.failure: tuple[Finding, ...] = ()
        """Why the last reload did not replace it; empty where it did."""

    async def reload(self) -> bool:
        """Read everything again, and put it in force if nothing is wrong; return whether that was done.

        The files are read in a thread, so that requests are answered meanwhile.
        """
        async with self._lock:
            self._seen = await long_work(self._fingerprint)
            try:
                loaded = await long_work(partial(self._load, check_defaults=True))
            except PolicyErrors as errors:
                self._failed(errors.findings)
                return False
            except Exception:  # noqa: BLE001 — our own mistake: the next reload is to be tried all the same
                telemetry.log.error("defect", exc_info=True)
                self._failed((Finding(path="reload", line=1, message="a defect, which has been logged"),))
                return False
            self.current, self.failure = loaded, ()
            telemetry.policies_reloaded(loaded=True)
            telemetry.log.info(
                "policies-reloaded",
                policies=len(loaded.policies.ids()),
                bundles=[f"{name} {revision}" for name, revision in loaded.bundles],
            )
            return True

    async def watch(self, interval: float, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep) -> None:
        """Reload, until cancelled, whenever a file has changed; look every `interval` seconds."""
        while True:
            await sleep(interval)
            if await long_work(self._fingerprint) != self._seen:
                await self.reload()

    def _failed(self, findings: tuple[Finding, ...]) -> None:
        self.failure = findings
        telemetry.policies_reloaded(loaded=False)
        for finding in findings:
            place = f"{Path(finding.path).name}:{finding.line}"
            telemetry.log.error("policies-not-reloaded", source=place, finding=finding.message[:_TOLD])

    def _fingerprint(self) -> frozenset[tuple[str, int, int, int]]:
        """Return what changes when a file does: path, size, time and inode of each."""
        found = set()
        for path in self._config.policies.folders:
            for file in path.rglob("*") if path.is_dir() else [path]:
                try:
                    state = file.stat()
                except OSError:
                    continue  # it goes as we look: the next look tells
                found.add((str(file), state.st_size, state.st_mtime_ns, state.st_ino))
        return frozenset(found)

    def _load(self, *, check_defaults: bool = False) -> PoliciesInForce:
        folders = self._config.policies.folders
        readings, findings = read_files([LIBRARY, *(path for path in folders if path.suffix != SUFFIX)])
        bundles: dict[Path, Bundle] = {}
        texts: dict[str, bytes] = {}
        for path in folders:
            if path.suffix == SUFFIX:
                try:
                    bundles[path] = self._open(path)
                except BundleError as error:
                    findings.append(Finding(path=str(path), line=1, message=str(error)))
        for path, bundle in bundles.items():
            texts |= {f"{path}/{name}": content for name, content in bundle.files.items()}
            readings += _readings(path, bundle)
        policies = PolicySet.of(readings, findings, sources=self._sources)
        if check_defaults and (missing := missing_defaults(self._config, policies, self._clock())):
            raise PolicyErrors(Finding(path="configuration", line=1, message=message) for message in missing)
        try:
            if bundles and self._remember:
                self._revisions.remember(bundles.values())
        except BundleError as error:
            raise PolicyErrors([Finding(path=str(self._revisions.path), line=1, message=str(error))]) from None
        texts |= {reading.path: reading.content for reading in readings}
        return PoliciesInForce(
            policies=policies,
            texts=texts,
            bundles=tuple((bundle.id, bundle.revision) for bundle in bundles.values()),
        )

    def _open(self, path: Path) -> Bundle:
        try:
            with path.open("rb") as file:
                content = file.read(MAX_ARCHIVE + 1)
        except OSError as error:
            raise BundleError(f"cannot be read: {error.strerror}") from None
        bundle = opened(content, self._config.policies.bundle_keys)
        # One signer may publish several bundles; none of them may stand in for another.
        if bundle.id != path.stem:
            raise BundleError(f'this is the bundle "{bundle.id}"; its file has to be named {bundle.id}{SUFFIX}')
        self._revisions.check(bundle)
        return bundle


def find(known: PolicySet, reference: str, at: datetime) -> Policy:
    """Return a policy to read or compare: by a whole version (`id@x.y.z`) also one that is not in effect at `at`.

    Raises:
        UnknownPolicy, NotInEffect: as `PolicySet.get`.
    """
    try:
        return known.get(reference, at)
    except NotInEffect:
        for policy in known.policies():
            if policy.lineage[-1] == reference:
                return policy
        raise


def missing_defaults(config: Config, policies: PolicySet, now: datetime) -> list[str]:
    """Return what is wrong with tenants' default policies: one that does not exist refuses each of its requests.

    One that has ended is told per request, and is only logged.
    """
    wrong = []
    for name, tenant in config.tenants.items():
        if tenant.default_policy is not None:
            try:
                policies.get(tenant.default_policy, now)
            except UnknownPolicy as error:
                wrong.append(f"tenants.{name}.default_policy: {error}")
            except NotInEffect:
                telemetry.log.warning("default-policy-not-in-effect", tenant=name, policy=tenant.default_policy)
    return wrong


def _readings(path: Path, bundle: Bundle) -> Iterator[Reading]:
    for name, content in bundle.files.items():
        if name.endswith(_POLICY_FILES):
            yield read(f"{path}/{name}", content)
