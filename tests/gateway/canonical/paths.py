"""The two paths to canonical RDF, and what tests put through them."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from gateway.canonical._worker_process import Jobs
from gateway.canonical.direct import Direct
from gateway.canonical.rdf import RdfCanonicalizer
from gateway.canonical.worker import Worker
from resolvers.contexts import ContextStore, Revision
from tests.shared import SHARED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

VC1: Final = "https://www.w3.org/2018/credentials/v1"
VC2: Final = "https://www.w3.org/ns/credentials/v2"
OB3: Final = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
STORE: Final = ContextStore.bundled()


class InProcess(Worker):
    """Does the worker's jobs here and at once, with the same code, through the same JSON."""

    def __init__(self) -> None:
        """Start nothing."""
        super().__init__()
        self._jobs = Jobs()

    async def _run(self, request: dict[str, Any], texts: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        answer: dict[str, Any] = self._jobs.answer(json.loads(json.dumps(request | {"texts": texts})))
        return answer


@cache
def both(store: ContextStore = STORE) -> RdfCanonicalizer:
    """Return the canonicalizer as the service uses it, but for the process."""
    return RdfCanonicalizer(store, direct=Direct(store), worker=InProcess())


@cache
def reference(store: ContextStore = STORE) -> RdfCanonicalizer:
    """Return a canonicalizer that takes the reference path only."""
    return RdfCanonicalizer(store, direct=None, worker=InProcess())


PATHS: Final = {"direct": both, "reference": reference}


class Paths(Counter[str]):
    """Counts the paths that documents take."""

    def __call__(self, path: str) -> None:
        """Count one."""
        self[path] += 1


def revision(url: str, document: Mapping[str, Any]) -> Revision:
    """Return a context document as one that is pinned for `url`."""
    digest = hashlib.sha256(json.dumps(document).encode()).hexdigest()
    return Revision(url=url, sha256=digest, jcs_sha256=digest, document=document, source="test")


def store_with(revisions: Iterable[Revision]) -> ContextStore:
    """Return the bundled contexts and `revisions`."""
    return ContextStore([*(item for url in STORE.urls for item in STORE.revisions(url)), *revisions])


@cache
def shared_store() -> ContextStore:
    """Return the bundled contexts, and those that only third-party vectors name."""
    extra = {
        "https://www.w3.org/ns/credentials/examples/v2": "w3c/credentials-examples-v2.jsonld",
        "https://purl.imsglobal.org/spec/clr/v2p0/context.json": "clr/clr-v2p0-context.json",
    }
    folder = SHARED / "contexts"
    return store_with(revision(url, json.loads((folder / file).read_bytes())) for url, file in extra.items())
