"""Canonical RDF of a document: the path is chosen by inspecting the document, and nothing is lost on it.

1. Every context that the document names is pinned here, else it is indeterminate.
2. Contexts inside the document only add terms.
3. The direct path expands it or declines it; the reference path does what is declined.
4. The graph says of a credential just what its JSON says.
5. Blank nodes are labelled by RDFC-1.0, in the worker where that may take long.
"""

from __future__ import annotations

import asyncio
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias, TypeVar

from gateway.canonical import loss
from gateway.canonical._terms import Decline
from gateway.canonical.direct import Direct
from gateway.canonical.rdfc import Labelling, canonicalize_at_once
from gateway.canonical.revisions import named_by_digest, older_sets
from gateway.canonical.worker import Worker
from gateway.plugins import Canonical
from gateway.related_resources import pinned
from resolvers.problems import Invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from gateway.canonical._terms import Quad
    from resolvers.contexts import ContextStore, Revision

T = TypeVar("T")
_Contexts: TypeAlias = "tuple[Mapping[str, Revision], Mapping[str, str]]"
"""By URL: the revisions that are used, and their SHA-256."""

_LARGE: Final = 1000
"""Objects and arrays of a document from which a thread works on it: they take about 15 ms, and others
want answers meanwhile. A career's transcript has some thousand, a badge some dozen."""

_REMEMBERED: Final = 256
"""Context URLs and revisions whose own references are remembered, and lists of URLs whose contexts are."""


class DirectPath(Protocol):
    """The direct path (`gateway.canonical.direct.Direct`)."""

    def quads(self, document: Mapping[str, Any], revisions: Mapping[str, Revision] | None = None) -> list[Quad]:
        """Return the statements of `document`.

        Raises:
            Decline: the reference path has to do it.
            Invalid: `DATA_LOSS_DETECTION_ERROR`, with a JSON Pointer.
        """
        ...


class RdfCanonicalizer:
    """Implements `gateway.plugins.Canonicalizer`."""

    def __init__(
        self,
        store: ContextStore,
        *,
        direct: DirectPath | None,
        worker: Worker,
        direct_for_large: DirectPath | None = None,
        on_path: Callable[[str], None] = lambda _path: None,
    ) -> None:
        """Put the parts together; `canonicalizer` does it as the service needs it.

        Args:
            store: the pinned contexts.
            direct: the direct path; without one every document takes the reference path.
            worker: does the reference path and the n-degree step.
            direct_for_large: the direct path for large documents, which a thread works on: so that it
                shares nothing with `direct`. Without one they take `direct`, and hold up everybody.
            on_path: is told the path of each document: `direct` or `reference`, and also `n_degree`
                where alike blank nodes neighbour one another.
        """
        self._store = store
        self._direct = direct
        self._direct_for_large = direct_for_large
        self._large_turn = asyncio.Lock()
        self._worker = worker
        self._on_path = on_path
        # Only what is pinned gets into them: looking up an unknown URL raises.
        self._named_by = lru_cache(_REMEMBERED)(self._references)
        self._newest = lru_cache(_REMEMBERED)(self._newest_of)

    def revisions(self, document: Mapping[str, Any]) -> Iterator[Mapping[str, Revision]]:
        """Yield what revisions of its contexts `document` may have been signed with: {} is the newest of each.

        The others follow only where `document` uses a name that they define differently, and name the
        contexts of which an older revision is meant.

        Raises:
            Unavailable: `unknown-context`.
            Invalid: as `check_contexts`.
        """
        if "relatedResource" not in document:
            yield {}
            yield from older_sets(document, self._known(document))
            return
        known = self._known(document)
        chosen, everything = named_by_digest(document, known)
        yield chosen
        if not everything:
            others = {url: texts for url, texts in known.items() if not pinned(document, url, {})}
            yield from ({**chosen, **older} for older in older_sets(document, others))

    async def canonicalize(
        self, document: Mapping[str, Any], *, hash_name: str = "sha256", revisions: Any = None
    ) -> Canonical:
        """Return `document` as canonical N-Quads; `hash_name` is `sha256` or `sha384`.

        Raises:
            Invalid: `DATA_LOSS_DETECTION_ERROR`, `PROOF_TRANSFORMATION_ERROR`, `number-out-of-range`,
                `lone-surrogate`.
            Unavailable: `unknown-context`, `canonicalization-limit`, `deadline-exceeded`, `overloaded`,
                `internal-error`.
        """
        chosen: Mapping[str, Revision] = revisions or {}
        urls, inline, size = loss.contexts(document)
        large = size >= _LARGE and self._direct_for_large is not None
        contexts, digests = self._closure(urls, chosen) if chosen else self._newest(tuple(urls))
        if inline:
            loss.check_inline_contexts(document, [revision.document for revision in contexts.values()])
        quads = await self._expand(document, chosen, contexts, large=large)
        if not quads:
            raise Invalid("PROOF_TRANSFORMATION_ERROR", "the document makes no statement that could be signed")
        await _done(loss.check_statements, document, quads, in_thread=large)
        try:
            nquads = await self._label(quads, hash_name, large=large)
        except UnicodeEncodeError:
            raise Invalid("lone-surrogate", "a string of the document is not valid Unicode") from None
        return Canonical(nquads=nquads, contexts=digests)

    def check_contexts(self, document: Mapping[str, Any]) -> Mapping[str, str]:
        """Return URL → SHA-256 of the contexts that `document` names at any depth, and of those they name.

        Raises:
            Unavailable: `unknown-context`, naming the URL.
            Invalid: `PROOF_TRANSFORMATION_ERROR`, `DATA_LOSS_DETECTION_ERROR`: a context is neither a
                URL nor an object.
        """
        if "relatedResource" in document:
            chosen, _ = named_by_digest(document, self._known(document))
            return self._closure(loss.contexts(document)[0], chosen)[1]
        return self._contexts(document)[1]

    async def close(self) -> None:
        """End the worker process."""
        await self._worker.close()

    async def _expand(
        self,
        document: Mapping[str, Any],
        chosen: Mapping[str, Revision],
        contexts: Mapping[str, Revision],
        *,
        large: bool,
    ) -> Sequence[Quad]:
        try:
            quads = await self._expand_directly(document, chosen, large=large)
        except Decline:
            pass
        else:
            self._on_path("direct")
            return quads
        self._on_path("reference")
        texts = {url: (revision.sha256, revision.document) for url, revision in contexts.items()}
        return list(dict.fromkeys(await self._worker.expand(document, texts)))

    async def _expand_directly(
        self, document: Mapping[str, Any], chosen: Mapping[str, Revision], *, large: bool
    ) -> Sequence[Quad]:
        if self._direct is None:
            raise Decline("there is no direct path")
        if large and self._direct_for_large is not None:
            async with self._large_turn:
                return await asyncio.to_thread(self._direct_for_large.quads, document, chosen)
        return self._direct.quads(document, chosen)

    async def _label(self, quads: Sequence[Quad], hash_name: str, *, large: bool) -> bytes:
        nquads = await _done(canonicalize_at_once, quads, hash_name, in_thread=large)
        if nquads is not None:
            return nquads
        labelling = await _done(Labelling, quads, hash_name, in_thread=large)
        if not labelling.entangled:
            return await _done(labelling.finish, in_thread=large)
        self._on_path("n_degree")
        return await self._worker.label(quads, hash_name)

    def _known(self, document: Mapping[str, Any]) -> Mapping[str, Sequence[Revision]]:
        return {url: self._store.revisions(url) for url in self._contexts(document)[0]}

    def _contexts(self, document: Mapping[str, Any]) -> _Contexts:
        return self._newest(tuple(loss.contexts(document)[0]))

    def _newest_of(self, urls: tuple[str, ...]) -> _Contexts:
        return self._closure(urls, {})

    def _closure(self, urls: Sequence[str], chosen: Mapping[str, Revision]) -> _Contexts:
        """Return the revisions of `urls` and of what they name themselves."""
        found: dict[str, Revision] = {}
        pending = list(urls)
        for url in pending:
            if url not in found:
                found[url] = chosen.get(url) or self._store.revisions(url)[0]
                pending += self._named_by(url, found[url].sha256)
        digests = {url: revision.sha256 for url, revision in found.items()}
        return MappingProxyType(found), MappingProxyType(digests)

    def _references(self, url: str, sha256: str) -> tuple[str, ...]:
        revision = next(item for item in self._store.revisions(url) if item.sha256 == sha256)
        return tuple(loss.context_urls(revision.document))


async def _done(work: Callable[..., T], *arguments: Any, in_thread: bool) -> T:
    return await asyncio.to_thread(work, *arguments) if in_thread else work(*arguments)


def canonicalizer(
    store: ContextStore, *, on_path: Callable[[str], None] = lambda _path: None, seconds: float = 5.0, waiting: int = 16
) -> RdfCanonicalizer:
    """Return the canonicalizer as the service uses it; `close` it at the end.

    Args:
        store: the pinned contexts.
        on_path: is told the path of each document (`RdfCanonicalizer`).
        seconds: what one job of the worker may take.
        waiting: how many jobs may wait for it.
    """
    return RdfCanonicalizer(
        store,
        direct=Direct(store),
        direct_for_large=Direct(store),
        worker=Worker(seconds=seconds, waiting=waiting),
        on_path=on_path,
    )
