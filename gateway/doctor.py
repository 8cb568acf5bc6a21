"""`ler-gateway doctor`: what is configured, reachable and pinned, and what is missing."""

from __future__ import annotations

import asyncio
import os
import platform
import time
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from gateway.cryptosuites import _didkit as _didkit_process
from resolvers.contexts.store import NOT_BUNDLED
from resolvers.model import Budget
from resolvers.trust_model import TrustQuestion

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from gateway.config import Config
    from gateway.verifier import Verifier
    from resolvers.trust_model import TrustSourceConfig

_NOBODY: Final = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
"""The did:key of its specification's example, which issues nothing."""
_SOON: Final = timedelta(days=30)
"""Before a key's end, time to make the next one."""


class State(StrEnum):
    """How one finding is."""

    GOOD = "good"
    NOTE = "note"
    """Missing, and all right if nobody needs it."""
    BAD = "bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    subject: str
    state: State
    text: str


def _finding(subject: str, state: State, text: str) -> Finding:
    return Finding(subject=subject, state=state, text=text)


async def examine(config: Config, verifier: Verifier, *, offline: bool) -> AsyncIterator[Finding]:
    """Yield what there is to say; unless `offline`, every trust source is contacted once."""
    for finding in (*_process(config), *_tenants(config, verifier), *_pinned(verifier), *_dids(config, verifier)):
        yield finding
    yield await _didkit()
    if not config.trust_sources:
        yield _finding("trust sources", State.NOTE, "none is configured: policies that name one answer unknown")
    elif offline:
        yield _finding("trust sources", State.NOTE, f"{len(config.trust_sources)} configured, not contacted")
    else:
        for finding in await asyncio.gather(*(_reach(verifier, source) for source in config.trust_sources)):
            yield finding


def _process(config: Config) -> Iterator[Finding]:
    loop = "uvloop" if find_spec("uvloop") else "asyncio (uvloop is not installed)"
    yield _finding("python", State.GOOD, f"{platform.python_version()}, event loop {loop}")
    state = State.GOOD if config.environment == "production" else State.NOTE
    yield _finding("environment", state, config.environment)
    for host, origin in config.development.hosts.items():
        yield _finding("development host", State.NOTE, f"https://{host} is answered by {origin}")
    folder = config.cache.folder
    if os.access(folder, os.W_OK):
        yield _finding("cache", State.GOOD, f"{folder} can be written")
    else:
        yield _finding("cache", State.BAD, f"{folder} cannot be written: every restart asks every issuer again")


def _tenants(config: Config, verifier: Verifier) -> Iterator[Finding]:
    if not config.tenants:
        yield _finding("tenants", State.NOTE, "none: no key is asked, and only this machine is served")
    now = verifier.clock()
    for name, tenant in config.tenants.items():
        last = max(key.expires for key in tenant.keys)
        state = State.BAD if last <= now else State.NOTE if last <= now + _SOON else State.GOOD
        yield _finding(f"tenant {name}", state, f"{len(tenant.keys)} keys, the last ends {last.isoformat()}")


def _pinned(verifier: Verifier) -> Iterator[Finding]:
    plugins = verifier.plugins()
    kinds = sorted({plugin["kind"] for plugin in plugins})
    counts = ", ".join(f"{kind} {sum(plugin['kind'] == kind for plugin in plugins)}" for kind in kinds)
    yield _finding("plugins", State.GOOD, counts)
    yield _finding("policies", State.GOOD, f"{len(verifier.policies.ids())} loaded and checked")
    for name, revision in verifier.policy_files.current.bundles:
        yield _finding(f"policy bundle {name}", State.GOOD, f"revision {revision}, signed by a pinned key")
    contexts = verifier.contexts
    yield _finding("contexts", State.GOOD, f"{len(contexts.urls)} URLs pinned")
    for url, name in NOT_BUNDLED.items():
        if not contexts.known(url):
            text = f"{name} ({url}) is not bundled; [contexts] folder can add it"
            yield _finding("context", State.NOTE, text)


def _dids(config: Config, verifier: Verifier) -> Iterator[Finding]:
    """Say which issuers are believed on another's word, or without all that could be asked."""
    for name in sorted(config.did.without_chain):
        chain = verifier.did_methods[name].chain
        yield _finding(f"did:{name}", State.NOTE, f"believed without {chain}, which may have changed its keys")
    universal = config.did.universal
    if universal.url is None:
        return
    own = universal.methods & verifier.did_methods.keys()
    others = ", ".join(sorted(universal.methods - own)) or "no method"
    yield _finding("universal resolver", State.NOTE, f"{universal.url} is believed about {others}")
    for method in sorted(own):
        yield _finding(f"did:{method}", State.NOTE, "resolved here: the Universal Resolver is never asked for it")


async def _reach(verifier: Verifier, source: TrustSourceConfig) -> Finding:
    """Ask a source, as a policy would, about somebody whom it does not know."""
    subject, limits = f"trust {source.id}", verifier.config.limits.of_request
    budget = Budget(fetches=limits.fetches, deadline=time.monotonic() + limits.deadline)
    question = TrustQuestion(entity=_NOBODY, at=verifier.clock())
    evidence = await verifier.trust_sources[source.kind].ask(source, question, verifier.lookup(budget))
    if evidence.problem is None:
        return _finding(subject, State.GOOD, f"{source.kind}: it answers; its answers are {evidence.authenticity}")
    said = f"{evidence.problem.code}: {evidence.problem.detail}"
    not_alone = evidence.problem.code == "question-not-supported"  # it answers only what a policy asks in full
    return _finding(subject, State.NOTE if not_alone else State.BAD, said)


async def _didkit() -> Finding:
    """Say whether the suites that didkit alone has can be verified here."""
    state = await asyncio.to_thread(_didkit_process.probe)
    if state.usable:
        return _finding("didkit", State.GOOD, f"{state.version}: {state.detail}")
    return _finding("didkit", State.NOTE, f"{state.detail}; the suites that it alone has answer indeterminate")
