"""Local contexts: how the text of a context changes an active context (JSON-LD 1.1 API, section 4).

What is not done exactly as the algorithm says, and whatever the algorithm calls an error, is declined:
the reference expansion then does it, or says what is wrong. So are the few places where PyLD departs
from the algorithm, so that the two expansions never differ.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from gateway.canonical._terms import IRI, RDF, Decline
from gateway.canonical.term_definition import AS_KEYWORD, NOTHING, TermDefinition, expand_iri

if TYPE_CHECKING:
    from gateway.canonical.context import ContextCompiler

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


class Draft:
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
        self.terms = dict(AS_KEYWORD)
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

    def replace(self, name: str, made: TermDefinition, before: TermDefinition | None, *, referred: bool) -> None:
        """Section 4.2.2, step 27: redefining a protected term is an error; repeating it leaves it protected.

        A property-scoped context may redefine it all the same; but PyLD forgets that where it comes
        upon the term because another definition refers to it.
        """
        if before is not None and before.protected and (referred or not self._override):
            if before.identity != made.identity:
                raise Decline("protected term redefinition")
            made = made if self._override else before
        self.terms[name] = self._compiler.intern(made)

    def validate(self, scope: object) -> None:
        """Section 4.2.2, step 21: require that a scoped context is valid where it is defined."""
        attempt = Draft(self._compiler, self.terms, self.vocab, override_protected=True, validating=self._chain)
        attempt.apply(scope)


class _Definitions:
    """Creates the term definitions of one local context (section 4.2.2 "Create Term Definition")."""

    __slots__ = ("_done", "_draft", "_local", "_protected")

    def __init__(self, draft: Draft, local: Mapping[str, Any], *, protected: bool) -> None:
        self._draft: Final = draft
        self._local: Final = local
        self._protected: Final = protected
        self._done: Final[dict[str, bool]] = {}

    def define(self, name: str, *, referred: bool = False) -> None:
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
        self._draft.replace(name, self._definition(name, value, simple=isinstance(raw, str)), before, referred=referred)
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
        written = None if scope is NOTHING else json.dumps(scope, sort_keys=True)
        container = next(iter(containers - {"@set"}), "")
        return TermDefinition(
            identity=(name, iri, coercion, containers, prefix, written),
            name=name,
            iri=iri,
            keyword=keyword,
            predicate=f"<{iri}>" if iri is not None and not keyword and supported else "",
            coercion=coercion,
            container=container,
            scope=scope,
            prefix=prefix,
            protected=protected,
            plain=coercion is None and not container and scope is NOTHING,
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
            self.define(prefix, referred=True)
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
            self.define(text, referred=True)
        if colon and suffix[:2] != "//" and prefix in self._local:
            self.define(prefix, referred=True)
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
