"""JSON-LD contexts, compiled for the direct expansion (JSON-LD 1.1 API, sections 4.1 and 4.2).

Local contexts come from the pinned ones alone. Each is compiled once, together with everything that
is derived from it (`@context` lists, property-scoped and type-scoped contexts): active contexts are
interned and remember their derivations, so that a document of a known shape compiles nothing.

What this compiler does not do exactly as the algorithm says, and whatever the algorithm calls an
error, is declined: the reference expansion then does it, or says what is wrong.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gateway.canonical._terms import IRI, RDF, Decline

if TYPE_CHECKING:
    from collections.abc import Callable

# JSON-LD 1.1, section 1.7 "Syntax Tokens and Keywords"
KEYWORDS: Final = frozenset(
    {
        *("@base", "@container", "@context", "@direction", "@graph", "@id", "@import", "@included", "@index", "@json"),
        *("@language", "@list", "@nest", "@none", "@prefix", "@propagate", "@protected", "@reverse", "@set", "@type"),
        *("@value", "@version", "@vocab"),
    }
)
_ALIASABLE: Final = KEYWORDS - {"@context"}
_CONTEXT_KEYWORDS: Final = frozenset({"@version", "@vocab", "@protected"})
_DEFINITION_KEYWORDS: Final = frozenset({"@id", "@type", "@container", "@context", "@protected", "@prefix"})
_VERSION: Final = 1.1
_CONTAINERS: Final = frozenset({"@graph", "@id", "@index", "@language", "@list"})
_SUPPORTED_CONTAINERS: Final = frozenset({"@set", "@graph", "@list"})
_UNSUPPORTED_COERCIONS: Final = frozenset({"@json", "@none", f"{RDF}JSON", f"{RDF}langString"})
_GENERIC_DELIMITERS: Final = ":/?#[]@"

NOTHING: Final = object()
"""Stands for an entry that is not there, where null means something."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class TermDefinition:
    """A term definition (JSON-LD 1.1 API, section 4.1, "Context Definitions"), ready for use.

    The same definition is the same object, so definitions are compared by identity.
    """

    name: str
    iri: str | None
    """The IRI or keyword that the term stands for; None where the context takes its meaning away."""
    keyword: str = ""
    """`iri` where it is a keyword, else ""."""
    predicate: str = ""
    """`iri` as an N-Quads term; "" where the term can be no predicate here."""
    coercion: str | None = None
    """The type mapping: "@id", "@vocab", or the IRI of a datatype."""
    container: str = ""
    """"@graph" where each value is a graph of its own, "@list" where the values are one list, else ""."""
    scope: Any = NOTHING
    """The local context of what the term names or types, or NOTHING."""
    prefix: bool = False
    """Whether compact IRIs may use the term."""
    protected: bool = False
    identity: tuple[Any, ...] = ()
    """What makes two definitions the same, `protected` aside."""


_AS_KEYWORD: Final = {
    keyword: TermDefinition(name=keyword, iri=keyword, keyword=keyword, identity=(keyword,))
    for keyword in ("@context", "@id", "@type", "@value", "@language")
}
"""The keywords that an object may have as its members, so that one look-up finds them too."""


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
        self.value_names: Final = _aliases(terms, "@value")
        self._compiler: Final = compiler
        self._local: Final[dict[str | tuple[str, ...], ActiveContext]] = {}
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
            # PyLD then looks the property up again in its own context, and so applies another one, or none.
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


def expand_iri(text: str, terms: Mapping[str, TermDefinition], vocabulary: str | None, *, vocab: bool) -> str | None:
    """Return the IRI that `text` stands for (IRI Expansion, section 5.2), or None for a relative one.

    `vocab` says whether it is a type or a `@vocab` value, rather than a reference. The base IRI is
    null. That the IRI is one is not checked here.
    """
    if text[:1] in ("@", ":"):
        raise Decline("an identifier that looks like a keyword or a compact IRI without a prefix")
    definition = terms.get(text)
    if definition is not None and (vocab or definition.keyword):
        if definition.keyword or definition.iri is None:
            raise Decline("a keyword's alias as an identifier")
        return definition.iri
    prefix, colon, suffix = text.partition(":")
    if colon:
        if suffix[:2] != "//":
            definition = terms.get(prefix)
            if definition is not None:
                if definition.prefix:
                    return f"{definition.iri}{suffix}"
                if definition.keyword or definition.iri is None:
                    raise Decline("a prefix that stands for no IRI")
        return text
    return vocabulary + text if vocab and vocabulary is not None else None


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
        self.initial: Final = self._intern(dict(_AS_KEYWORD), None, None)

    def derive(self, active: ActiveContext, local: object, *, override_protected: bool = False) -> ActiveContext:
        """Return `active` with the local context applied (Context Processing, section 4.1.2)."""
        draft = _Draft(self, active.terms, active.vocab, override_protected=override_protected)
        draft.apply(local)
        self.derivations += 1
        return self._intern(draft.terms, draft.vocab, active.previous)

    def derive_types(self, active: ActiveContext, names: tuple[str, ...]) -> ActiveContext:
        """Return `active` with the scoped contexts of types applied, not propagating into nested nodes.

        Expansion, section 5.1.2, step 11: the definitions are those of the context before any of them.
        """
        draft = _Draft(self, active.terms, active.vocab)
        for name in names:
            scope = active.terms[name].scope
            if scope is None or (isinstance(scope, list) and None in scope):
                raise Decline("a type that nullifies the context")
            draft.apply(scope)
        self.derivations += 1
        return self._intern(draft.terms, draft.vocab, active.previous or active)

    def document(self, url: str) -> object:
        """Return the local context that is published at `url`."""
        return self._load(url)["@context"]

    def definition(self, identity: tuple[Any, ...], **fields: Any) -> TermDefinition:
        """Return the one definition with these fields.

        Raises:
            Decline: the allowance is used up.
        """
        self.allowance -= 1
        if self.allowance < 0:
            raise Decline("contexts that take long to compile")
        key = (identity, fields["protected"])
        found = self._definitions.get(key)
        if found is None:
            found = self._definitions[key] = TermDefinition(identity=identity, **fields)
        return found

    def _intern(
        self, terms: dict[str, TermDefinition], vocab: str | None, previous: ActiveContext | None
    ) -> ActiveContext:
        key = (frozenset(terms.items()), vocab, previous)
        found = self._contexts.get(key)
        if found is None:
            found = self._contexts[key] = ActiveContext(self, terms, vocab, previous)
        return found


class _Draft:
    """An active context in the making (sections 4.1.2 "Context Processing" and 4.2.2 "Create Term Definition")."""

    __slots__ = ("_chain", "_compiler", "_override", "_validating", "terms", "vocab")

    def __init__(
        self,
        compiler: ContextCompiler,
        terms: Mapping[str, TermDefinition],
        vocab: str | None,
        *,
        override_protected: bool = False,
        validating: tuple[str, ...] | None = None,
    ) -> None:
        """Start from an active context; `validating` are the URLs within which a scoped context is only tried."""
        self.terms = dict(terms)
        self.vocab = vocab
        self._compiler: Final = compiler
        self._override: Final = override_protected
        self._validating: Final = validating is not None
        self._chain = validating or ()

    def apply(self, local: object) -> None:
        """Apply a local context: null, a URL, a definition, or a list of these."""
        for entry in local if isinstance(local, list) else [local]:
            if entry is None:
                self._nullify()
            elif isinstance(entry, str):
                self._apply_remote(entry)
            elif isinstance(entry, Mapping):
                self._define_all(entry)
            else:
                raise Decline("invalid local context")

    def _nullify(self) -> None:
        """Step 5.1: protected terms can be taken away by a property-scoped context only."""
        if not self._override and any(definition.protected for definition in self.terms.values()):
            raise Decline("invalid context nullification")
        self.terms = dict(_AS_KEYWORD)
        self.vocab = None

    def _apply_remote(self, url: str) -> None:
        """Step 5.2: a scoped context may name the context that it stands in, so trying it stops there."""
        if url in self._chain:
            if self._validating:
                return
            raise Decline("recursive context inclusion")
        self._chain = (*self._chain, url)
        self.apply(self._compiler.document(url))
        self._chain = self._chain[:-1]

    def _define_all(self, local: Mapping[str, Any]) -> None:
        """Steps 5.3 to 5.13."""
        keywords = {name for name in local if name[:1] == "@"}
        if keywords - _CONTEXT_KEYWORDS:
            raise Decline("a context keyword")
        if local.get("@version", _VERSION) != _VERSION or not isinstance(local.get("@protected", False), bool):
            raise Decline("invalid @version or @protected value")
        vocab = local.get("@vocab", self.vocab)
        if vocab is not None and not (isinstance(vocab, str) and "://" in vocab and IRI.fullmatch(vocab)):
            raise Decline("a vocabulary that is not simply an IRI")
        self.vocab = vocab
        definitions = _Definitions(self, local, protected=local.get("@protected", False))
        for name in local:
            if name not in keywords:
                definitions.define(name)

    def replace(self, name: str, made: TermDefinition, before: TermDefinition | None) -> None:
        """Section 4.2.2, step 27: redefining a protected term is an error; repeating it leaves it protected."""
        if before is not None and before.protected and not self._override:
            if before.identity != made.identity:
                raise Decline("protected term redefinition")
            made = before
        self.terms[name] = made

    def intern(self, identity: tuple[Any, ...], **fields: Any) -> TermDefinition:
        """Return the one definition with these fields."""
        return self._compiler.definition(identity, **fields)

    def validate(self, scope: object) -> None:
        """Section 4.2.2, step 21: require that a scoped context is valid where it is defined."""
        attempt = _Draft(self._compiler, self.terms, self.vocab, override_protected=True, validating=self._chain)
        attempt.apply(scope)


class _Definitions:
    """Creates the term definitions of one local context (section 4.2.2 "Create Term Definition")."""

    __slots__ = ("_done", "_draft", "_local", "_protected")

    def __init__(self, draft: _Draft, local: Mapping[str, Any], *, protected: bool) -> None:
        self._draft: Final = draft
        self._local: Final = local
        self._protected: Final = protected
        self._done: Final[dict[str, bool]] = {}

    def define(self, name: str) -> None:
        """Create the definition of one term, and first of the terms that it refers to."""
        if name in self._done:
            if not self._done[name]:
                raise Decline("cyclic IRI mapping")
            return
        self._done[name] = False
        raw = self._local[name]
        value = {"@id": raw} if raw is None or isinstance(raw, str) else raw
        if not name or not isinstance(value, Mapping) or value.keys() - _DEFINITION_KEYWORDS:
            raise Decline("an invalid term definition, or one with a keyword that is not supported")
        before = self._draft.terms.pop(name, None)
        self._draft.replace(name, self._definition(name, value, simple=isinstance(raw, str)), before)
        self._done[name] = True

    def _definition(self, name: str, value: Mapping[str, Any], *, simple: bool) -> TermDefinition:
        coercion = self._coercion(value)
        iri = self._iri(name, value, simple=simple)
        containers = _containers(value)
        keyword = iri if iri in KEYWORDS else ""
        if keyword and value.keys() - {"@id", "@protected"}:
            raise Decline("a keyword alias with more to its definition")
        # Step 25: a prefix is a simple term whose IRI ends as namespaces do, or one that says so.
        prefix = value.get("@prefix", simple and not keyword and _is_name(name) and str(iri)[-1] in _GENERIC_DELIMITERS)
        protected = value.get("@protected", self._protected)
        if (
            not isinstance(prefix, bool)
            or not isinstance(protected, bool)
            or ("@prefix" in value and not _is_name(name))
        ):
            raise Decline("invalid @prefix or @protected value")
        scope = value.get("@context", NOTHING)
        if scope is not NOTHING:
            self._draft.validate(scope)
        supported = containers <= _SUPPORTED_CONTAINERS and coercion not in _UNSUPPORTED_COERCIONS
        return self._draft.intern(
            (name, iri, coercion, containers, prefix, None if scope is NOTHING else json.dumps(scope, sort_keys=True)),
            name=name,
            iri=iri,
            keyword=keyword,
            predicate=f"<{iri}>" if iri is not None and not keyword and supported else "",
            coercion=coercion,
            container=next(iter(containers - {"@set"}), ""),
            scope=scope,
            prefix=prefix,
            protected=protected,
        )

    def _coercion(self, value: Mapping[str, Any]) -> str | None:
        """Step 12: the type mapping."""
        kind = value.get("@type")
        if kind in ("@id", "@vocab", "@json", "@none"):
            return str(kind)
        if "@type" not in value:
            return None
        iri = self._expand(kind)
        if iri is None or not IRI.fullmatch(iri):
            raise Decline("invalid type mapping")
        return iri

    def _iri(self, name: str, value: Mapping[str, Any], *, simple: bool) -> str | None:
        """Steps 14 to 18: the IRI mapping."""
        identifier = value.get("@id", name)
        if identifier != name:
            if not _is_name(name):
                raise Decline("a compact IRI that is redefined")
            if identifier is None:
                return None
            if not isinstance(identifier, str):
                raise Decline("invalid IRI mapping")
            if identifier in _ALIASABLE:
                return identifier
            iri = self._expand(identifier)
        elif simple or "/" in name.partition(":")[0]:
            raise Decline("a term that stands for itself, or a relative IRI as a term")
        elif ":" in name[1:]:
            iri = self._compact(name)
        else:
            iri = self._draft.vocab + name if self._draft.vocab is not None else None
        if iri is None or not IRI.fullmatch(iri):
            raise Decline("invalid IRI mapping")
        return iri

    def _compact(self, name: str) -> str:
        """Step 15: a term in the form of a compact IRI; here any term will do as its prefix."""
        prefix, _, suffix = name.partition(":")
        if prefix in self._local:
            self.define(prefix)
        definition = self._draft.terms.get(prefix)
        if definition is None:
            return name
        if definition.keyword or definition.iri is None:
            raise Decline("a keyword as a prefix")
        return definition.iri + suffix

    def _expand(self, text: object) -> str | None:
        """IRI Expansion (section 5.2) inside a local context: what `text` refers to is defined first."""
        if not isinstance(text, str):
            raise Decline("invalid IRI mapping")
        prefix, colon, suffix = text.partition(":")
        if text in self._local and text[:1] != "@":
            self.define(text)
        if colon and suffix[:2] != "//" and prefix in self._local:
            self.define(prefix)
        return expand_iri(text, self._draft.terms, self._draft.vocab, vocab=True)


def _is_name(term: str) -> bool:
    """Whether a term is neither an IRI nor a compact one."""
    return ":" not in term and "/" not in term


def _containers(value: Mapping[str, Any]) -> frozenset[str]:
    """Step 19: the container mapping; rare combinations are left to the reference."""
    raw = value.get("@container", [])
    names = raw if isinstance(raw, list) else [raw]
    if not all(isinstance(name, str) for name in names):
        raise Decline("invalid container mapping")
    containers = frozenset(names)
    rest = containers - {"@set"}
    if len(rest) > 1 or not rest <= _CONTAINERS or containers == {"@list", "@set"}:
        raise Decline("an invalid container mapping, or one that is not supported")
    return containers
