"""Direct expansion: from a JSON-LD document to its RDF dataset in one walk, with nothing lost.

This does what JSON-LD expansion and "Deserialize JSON-LD to RDF" (JSON-LD 1.1 API, sections 5.1 and
8.1) do together, for the documents that credentials are, some fifty times faster. What it does not
do exactly it declines, and the reference expansion has to; a document is never tried and given up
halfway with a result.

It returns only if every member name of the document is `@context`, `@id`, `@type`, a member of a
value object, or a term of its active context that maps to an IRI (or an alias of these keywords).
So statements cannot hide from a reader of the JSON under an absolute or compact IRI, `@nest`,
`@included`, `@graph` or `@reverse`, and no member escapes the signature.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.canonical._terms import IRI, LANGUAGE, RDF, RDF_TYPE, XSD, Decline, Quad, quoted
from gateway.canonical.context import ActiveContext, ContextCompiler
from gateway.canonical.term_definition import NOTHING, TermDefinition
from resolvers.problems import Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from resolvers.contexts import ContextStore, Revision

_MOST_DERIVATIONS: Final = 1_000
"""Derived contexts that are remembered, some 20 kB each, before all are forgotten: a stranger who
sends ever new combinations of contexts must not fill the memory."""
_MOST_DEFINITIONS: Final = 10_000
"""Term definitions that are compiled for one document, some 10 µs each, before it is left to the
reference expansion, which a deadline ends. The first Open Badge after start-up takes 300 to 700."""

_MOST_TYPINGS: Final = 256
"""Combinations of types whose meaning is remembered for one active context; a badge has five."""

_SAFE_INTEGER: Final = 2**53
_UNIFORM_FLOAT: Final = 1e15
"""Below this, implementations agree on how a number with a fraction is written."""

_NODE_KEYWORDS: Final = ("@context", "@id", "@type")
_VALUE_KEYWORDS: Final = ("@value", "@type", "@language")
_DATATYPES_DECLINED: Final = frozenset({f"{RDF}JSON", f"{RDF}langString"})


class Direct:
    """Expands documents over pinned contexts; compiles each context once."""

    def __init__(self, store: ContextStore) -> None:
        """Take every context from `store`."""
        self._store: Final = store
        self._compilers: Final[dict[tuple[tuple[str, str], ...], ContextCompiler]] = {}

    def quads(self, document: Mapping[str, Any], revisions: Mapping[str, Revision] | None = None) -> list[Quad]:
        """Return the RDF dataset of `document`, each quad once; blank nodes are `_:b0`, `_:b1` and so on.

        `revisions` names the revision to use of some contexts, by URL; of the others it is the newest.

        Raises:
            Decline: the reference expansion has to do it.
            Invalid: `DATA_LOSS_DETECTION_ERROR`, with a JSON Pointer: a member, type or identifier
                would not become part of the dataset.
            Unavailable: `unknown-context`.
        """
        walk = _Walk()
        compiler = self._compiler(revisions or {})
        compiler.allowance = _MOST_DEFINITIONS
        try:
            walk.graph(document, compiler.initial, None, "")
        except _Loss as loss:
            raise Invalid("DATA_LOSS_DETECTION_ERROR", loss.detail, pointer=loss.pointer()) from None
        except RecursionError:
            raise Decline("nested too deeply for a walk that recurses") from None
        return list(dict.fromkeys(walk.quads))

    def _compiler(self, revisions: Mapping[str, Revision]) -> ContextCompiler:
        """Return the compiler for a choice of revisions; there are few, since few URLs have several."""
        key = tuple(sorted((url, revision.sha256) for url, revision in revisions.items()))
        compiler = self._compilers.get(key)
        if compiler is None or compiler.derivations > _MOST_DERIVATIONS:

            def load(url: str) -> Mapping[str, Any]:
                chosen = revisions.get(url)
                return self._store.load(url) if chosen is None else chosen.document

            compiler = self._compilers[key] = ContextCompiler(load)
        return compiler


class _Loss(Exception):
    """Something would be lost. The path to it is noted while the walk unwinds, which costs nothing otherwise."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail: Final = detail
        self.path: Final[list[str | int]] = []

    def pointer(self) -> str:
        """Return where it is, as a JSON Pointer (RFC 6901)."""
        return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in reversed(self.path))


class _Walk:
    """The walk over one document. Objects are expanded as section 5.1.2 says; steps are that section's."""

    __slots__ = ("_blank", "quads")

    def __init__(self) -> None:
        self.quads: Final[list[Quad]] = []
        self._blank = 0

    def _fresh(self) -> str:
        label = f"_:b{self._blank}"
        self._blank += 1
        return label

    def node(self, item: Mapping[str, Any], context: ActiveContext, of: TermDefinition | None, graph: str) -> str:
        """Emit the statements about a node object, the value of a property `of`; return its subject."""
        # Types keep the meaning that they have outside of the contexts that they bring along.
        outer = _entered(item, context, of)
        types = _types(item, outer)
        known = outer.typed.get(types)
        context = known[0] if known is not None else _within(types, outer)
        subject = self._subject(item, context)
        if known is None:
            known = context, [_type(name, index, item, outer) for index, name in enumerate(types)]
            if len(outer.typed) < _MOST_TYPINGS:
                outer.typed[types] = known
        quads = self.quads
        for kind in known[1]:
            quads.append((subject, RDF_TYPE, kind, graph))
        terms = context.terms
        for name, value in item.items():
            definition = terms.get(name)
            if definition is not None and definition.predicate:
                if definition.plain and type(value) is str:  # most members: 0.4 µs each instead of 1.1
                    quads.append((subject, definition.predicate, quoted(value), graph))
                    continue
                try:
                    self._property(subject, definition, value, context, graph)
                except _Loss as loss:
                    loss.path.append(name)
                    raise
            elif definition is None or definition.keyword not in _NODE_KEYWORDS:
                raise _refusal(name, definition, context)
        return subject

    def graph(self, item: Mapping[str, Any], context: ActiveContext, of: TermDefinition | None, name: str) -> None:
        """Emit the statements of a graph that holds one node object; nothing refers to it, so it needs some."""
        before = len(self.quads)
        self.node(item, context, of, name)
        if len(self.quads) == before:
            raise Decline("a node that makes no statement")

    def _subject(self, item: Mapping[str, Any], context: ActiveContext) -> str:
        name = _member(context.id_names, item)
        if name is None:
            return self._fresh()
        identifier = item[name]
        if type(identifier) is not str:
            raise Decline("an identifier that is no string")
        try:
            return _resource(identifier, context, vocab=False)
        except _Loss as loss:
            loss.path.append(name)
            raise

    def _property(
        self, subject: str, definition: TermDefinition, value: object, context: ActiveContext, graph: str
    ) -> None:
        """Emit the statements that one member makes; null and [] make none."""
        predicate = definition.predicate
        if definition.container == "@list" and value is not None:
            self.quads.append((subject, predicate, self._list(definition, value, context, graph), graph))
        elif type(value) is list:
            for made in self._objects(definition, value, context, graph):
                self.quads.append((subject, predicate, made, graph))
        elif value is not None:
            self.quads.append((subject, predicate, self._object(definition, value, context, graph), graph))

    def _list(self, definition: TermDefinition, value: object, context: ActiveContext, graph: str) -> str:
        """Emit an ordered list and return its first cell (section 8.2.3, "List to RDF Conversion")."""
        rest = f"<{RDF}nil>"
        values = value if type(value) is list else [value]
        for made in reversed(self._objects(definition, values, context, graph)):
            cell = self._fresh()
            self.quads.append((cell, f"<{RDF}first>", made, graph))
            self.quads.append((cell, f"<{RDF}rest>", rest, graph))
            rest = cell
        return rest

    def _objects(self, definition: TermDefinition, values: list[Any], context: ActiveContext, graph: str) -> list[str]:
        found: list[str] = []
        for index, value in enumerate(values):
            if value is not None:
                try:
                    found.append(self._object(definition, value, context, graph))
                except _Loss as loss:
                    loss.path.append(index)
                    raise
        return found

    def _object(self, definition: TermDefinition, value: Any, context: ActiveContext, graph: str) -> str:
        """Return the object of a statement, once what it says itself is emitted."""
        if type(value) is dict:
            if definition.container == "@graph":
                name = self._fresh()
                self.graph(value, context, definition, name)
                return name
            if not context.value_names.isdisjoint(value):
                return _value_object(value, context, definition)
            return self.node(value, context, definition, graph)
        if definition.container == "@graph":
            raise Decline("a graph that is no object")
        return _scalar(value, definition, context)


def _refusal(name: str, definition: TermDefinition | None, context: ActiveContext) -> Exception:
    """Return why a member is no property: nobody could know what it says, or it is beyond this walk."""
    if (definition is None and context.vocab is None) or (definition is not None and definition.iri is None):
        loss = _Loss("this member is not a term of its context, so no proof can cover it")
        loss.path.append(name)
        return loss
    return Decline("a keyword or a kind of term that is not supported")


def _entered(item: Mapping[str, Any], context: ActiveContext, of: TermDefinition | None) -> ActiveContext:
    """Return the active context of a node object, type-scoped contexts aside (steps 7 to 9)."""
    # A type-scoped context ends where the next node begins, unless that is a mere reference.
    if context.previous is not None and not (len(item) == 1 and next(iter(item)) in context.id_names):
        context = context.previous
    if of is not None and of.scope is not NOTHING:
        context = context.with_property_scope(of)
    if "@context" in item:
        context = context.with_local(item["@context"])
    return context


def _within(types: tuple[str, ...], outer: ActiveContext) -> ActiveContext:
    """Return the active context inside a node object of these types (step 11)."""
    scoped = [name for name in types if (known := outer.terms.get(name)) is not None and known.scope is not NOTHING]
    if not scoped:
        return outer
    context = outer.with_type_scopes(tuple(sorted(scoped)))
    if context.type_names != outer.type_names:
        raise Decline("a type that changes what a type is")
    return context


def _types(item: Mapping[str, Any], context: ActiveContext) -> tuple[str, ...]:
    """Return the types of a node object."""
    member = _member(context.type_names, item)
    if member is None:
        return ()
    value = item[member]
    types = tuple(value) if type(value) is list else (value,)
    for name in types:
        if type(name) is not str:
            raise Decline("types that are not all strings")
    return types


def _member(aliases: tuple[str, ...], item: Mapping[str, Any]) -> str | None:
    """Return the name under which `item` has a keyword's value."""
    found = None
    for alias in aliases:
        if alias in item:
            if found is not None:
                raise Decline("a keyword under two of its names")
            found = alias
    return found


def _type(name: str, index: int, item: Mapping[str, Any], context: ActiveContext) -> str:
    """Return a type as an N-Quads term; `context` is the one before any type-scoped context."""
    known = context.terms.get(name)
    if known is not None and known.predicate:
        return known.predicate
    try:
        return _resource(name, context, vocab=True)
    except _Loss as loss:
        member = next(alias for alias in context.type_names if alias in item)
        loss.path.extend([index, member] if type(item[member]) is list else [member])
        raise


def _resource(text: str, context: ActiveContext, *, vocab: bool) -> str:
    """Return an identifier as an N-Quads term."""
    iri = context.expand(text, vocab=vocab)
    if iri is None:
        raise _Loss("this is neither a term nor an absolute IRI, so no proof can cover it")
    if not IRI.fullmatch(iri):
        raise Decline("a malformed IRI")
    return f"<{iri}>"


def _scalar(value: Any, definition: TermDefinition, context: ActiveContext) -> str:
    """Return a string, number or boolean as an N-Quads term (Value Expansion, section 5.3)."""
    if definition.scope is None:
        raise Decline("a property that nullifies the context in which its value is read")
    if definition.scope is not NOTHING:
        context = context.with_property_scope(definition)
    coercion = definition.coercion
    if type(value) is not str:
        return _native(value, None if coercion is None or coercion[0] == "@" else coercion)
    if coercion is None:
        return quoted(value)
    if coercion[0] == "@":
        return _resource(value, context, vocab=coercion == "@vocab")
    return _literal(value, coercion)


def _value_object(item: Mapping[str, Any], context: ActiveContext, of: TermDefinition) -> str:
    """Return a value object as an N-Quads term."""
    if of.scope is not NOTHING:
        context = context.with_property_scope(of)
    members: dict[str, Any] = {}
    for name, value in item.items():
        definition = context.terms.get(name)
        if definition is None or definition.keyword not in _VALUE_KEYWORDS or definition.keyword in members:
            raise _refusal(name, definition, context)
        members[definition.keyword] = value
    value, kind, language = (members.get(keyword, NOTHING) for keyword in _VALUE_KEYWORDS)
    if language is not NOTHING:
        if kind is NOTHING and type(value) is str and type(language) is str and LANGUAGE.fullmatch(language):
            return f"{quoted(value)}@{language}"
        raise Decline("a language-tagged string that is not plain")
    datatype = None if kind is NOTHING else _datatype(kind, context)
    if type(value) is str:
        return quoted(value) if datatype is None else _literal(value, datatype)
    return _native(value, datatype)


def _datatype(kind: object, context: ActiveContext) -> str:
    """Return the datatype of a value object."""
    if type(kind) is not str:
        raise Decline("a datatype that is no string")
    known = context.terms.get(kind)
    if known is not None and known.scope is not NOTHING:
        raise Decline("a datatype with a context")
    datatype = context.expand(kind, vocab=True)
    if datatype is None or not IRI.fullmatch(datatype) or datatype in _DATATYPES_DECLINED:
        raise Decline("a datatype that is not supported")
    return datatype


def _literal(text: str, datatype: str) -> str:
    """Return a typed literal; xsd:string is what a literal has anyway (RDF 1.1 N-Quads)."""
    return quoted(text) if datatype == f"{XSD}string" else f"{quoted(text)}^^<{datatype}>"


def _native(value: Any, datatype: str | None) -> str:
    """Return a JSON number or boolean as a literal (Object to RDF Conversion, section 8.2.2, steps 8 to 11)."""
    if value is True or value is False:
        return f'"{"true" if value else "false"}"^^<{datatype or f"{XSD}boolean"}>'
    if type(value) is int and abs(value) < _SAFE_INTEGER and datatype != f"{XSD}double":
        return f'"{value}"^^<{datatype or f"{XSD}integer"}>'
    if type(value) is float and 0 < abs(value) < _UNIFORM_FLOAT and datatype in (None, f"{XSD}double"):
        if datatype is None and value.is_integer():
            return f'"{int(value)}"^^<{XSD}integer>'
        mantissa, _, exponent = f"{value:.15E}".partition("E")
        digits = mantissa.rstrip("0")
        return f'"{digits}{"0" if digits[-1] == "." else ""}E{int(exponent)}"^^<{XSD}double>'
    raise Decline("a value that implementations may write differently")
