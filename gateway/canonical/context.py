"""Active contexts of the direct expansion, compiled from pinned contexts (JSON-LD 1.1 API, section 4).

Each context is compiled once, together with everything that is derived from it (`@context` lists,
property-scoped and type-scoped contexts): active contexts are interned and remember their
derivations, so that a document of a known shape compiles nothing.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

from gateway.canonical._terms import Decline
from gateway.canonical.local_context import Draft
from gateway.canonical.term_definition import AS_KEYWORD, TermDefinition, expand_iri

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class ActiveContext:
    """An active context: what each member name, type and prefix stands for at one place of a document."""

    __slots__ = (
        "_compiler",
        "_local",
        "_property",
        "_types",
        "id_names",
        "previous",
        "terms",
        "type_names",
        "typed",
        "value_names",
        "vocab",
    )

    def __init__(
        self,
        compiler: ContextCompiler,
        terms: dict[str, TermDefinition],
        vocab: str | None,
        previous: ActiveContext | None,
    ) -> None:
        """Made by `ContextCompiler` only, which interns it."""
        self.terms: Final = terms
        """Term definitions by name, keywords that can be members included; never changed."""
        self.vocab: Final = vocab
        self.previous: Final = previous
        """The context to return to inside: a type-scoped context does not reach nested nodes."""
        self.id_names: Final = _aliases(terms, "@id")
        """`@id` and every alias of it."""
        self.type_names: Final = _aliases(terms, "@type")
        self.value_names: Final = frozenset(_aliases(terms, "@value"))
        self.typed: Final[dict[tuple[str, ...], tuple[ActiveContext, list[str]]]] = {}
        """Types of a node → the context inside it, and the types as N-Quads terms; kept by the walk."""
        self._compiler: Final = compiler
        self._local: Final[dict[tuple[str, ...], ActiveContext]] = {}
        self._property: Final[dict[TermDefinition, ActiveContext]] = {}
        self._types: Final[dict[tuple[str, ...], ActiveContext]] = {}

    def with_local(self, local: object) -> ActiveContext:
        """Return this context with a document's own `@context` applied: URLs of pinned contexts.

        Raises:
            Decline: it is something else, or the reference expansion has to judge it.
            Unavailable: `unknown-context`.
        """
        key = tuple(local) if isinstance(local, list) else (local,)
        if not all(isinstance(url, str) for url in key):
            raise Decline("an inline context")
        found = self._local.get(key)
        if found is None:
            found = self._local[key] = self._compiler.derive(self, list(key))
        return found

    def with_property_scope(self, definition: TermDefinition) -> ActiveContext:
        """Return this context with the scoped context of a property applied."""
        found = self._property.get(definition)
        if found is None:
            found = self._compiler.derive(self, definition.scope, override_protected=True)
            # PyLD would look the property up once more in that context, and apply another one, or none.
            if definition.scope is not None and found.terms.get(definition.name) is not definition:
                raise Decline("a property whose own context redefines it")
            self._property[definition] = found
        return found

    def with_type_scopes(self, names: tuple[str, ...]) -> ActiveContext:
        """Return this context with the scoped contexts of the types `names` applied, which are sorted.

        The order in which they are applied is defined, but implementations differ about it; so
        several are taken only where the reverse order comes to the same context.
        """
        found = self._types.get(names)
        if found is None:
            if len(set(names)) < len(names):
                raise Decline("a type that is given twice, so that its context is applied twice")
            found = self._compiler.derive_types(self, names)
            if len(names) > 1 and found is not self._compiler.derive_types(self, names[::-1]):
                raise Decline("type-scoped contexts whose order matters")
            self._types[names] = found
        return found

    def expand(self, text: str, *, vocab: bool) -> str | None:
        """Return the IRI that `text` stands for, or None for a relative one; see `expand_iri`."""
        return expand_iri(text, self.terms, self.vocab, vocab=vocab)


def _aliases(terms: dict[str, TermDefinition], keyword: str) -> tuple[str, ...]:
    return tuple(sorted(name for name, definition in terms.items() if definition.keyword == keyword))


class ContextCompiler:
    """Compiles pinned contexts, and remembers all active contexts that documents have come to so far."""

    def __init__(self, load: Callable[[str], Mapping[str, Any]]) -> None:
        """Take contexts from `load`, which always answers a URL alike, or raises Unavailable."""
        self._load: Final = load
        self._definitions: Final[dict[tuple[Any, ...], TermDefinition]] = {}
        self._contexts: Final[dict[tuple[Any, ...], ActiveContext]] = {}
        self.derivations = 0
        """How many derivations are remembered; whoever keeps the compiler bounds it by this."""
        self.allowance = sys.maxsize
        """How many more term definitions may be compiled; whoever expands a document sets it."""
        self.initial: Final = self._context(dict(AS_KEYWORD), None, None)

    def derive(self, active: ActiveContext, local: object, *, override_protected: bool = False) -> ActiveContext:
        """Return `active` with the local context applied (Context Processing, section 4.1.2)."""
        draft = Draft(self, active.terms, active.vocab, override_protected=override_protected)
        draft.apply(local)
        self.derivations += 1
        return self._context(draft.terms, draft.vocab, active.previous)

    def derive_types(self, active: ActiveContext, names: tuple[str, ...]) -> ActiveContext:
        """Return `active` with the scoped contexts of types applied, not propagating into nested nodes.

        Expansion, section 5.1.2, step 11: the definitions are those of the context before any of them.
        """
        draft = Draft(self, active.terms, active.vocab)
        for name in names:
            scope = active.terms[name].scope
            if scope is None or (isinstance(scope, list) and None in scope):
                raise Decline("a type that nullifies the context")
            draft.apply(scope)
        self.derivations += 1
        return self._context(draft.terms, draft.vocab, active.previous or active)

    def document(self, url: str) -> object:
        """Return the local context that is published at `url`."""
        return self._load(url)["@context"]

    def intern(self, definition: TermDefinition) -> TermDefinition:
        """Return the one definition that is like this one.

        Raises:
            Decline: the allowance is used up.
        """
        self.allowance -= 1
        if self.allowance < 0:
            raise Decline("contexts that take long to compile")
        return self._definitions.setdefault((definition.identity, definition.protected), definition)

    def _context(
        self, terms: dict[str, TermDefinition], vocab: str | None, previous: ActiveContext | None
    ) -> ActiveContext:
        key = (frozenset(terms.items()), vocab, previous)
        found = self._contexts.get(key)
        if found is None:
            found = self._contexts[key] = ActiveContext(self, terms, vocab, previous)
        return found
