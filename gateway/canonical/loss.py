"""Data loss: whatever in a document its proof does not cover, or covers where no reader of JSON looks.

A proof over RDF signs a graph, not a JSON tree. A holder may rewrite the tree as long as the graph
stays the same, and so hide a status or an expiry date from everything that reads members by name.
Three rules prevent it: (1) every member name is a term of the active context — each expansion sees to
that, since only it knows the context; (2) a context inside the document adds terms and nothing else;
(3) what the graph says of the credential is what the JSON says of it. Rules 2 and 3 are here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.canonical._pointer import data_loss, escaped, find, walk
from gateway.canonical._terms import quoted
from gateway.canonical.context_names import Names
from resolvers.problems import Invalid

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from gateway.canonical._terms import Quad

_CREDENTIALS: Final = "https://www.w3.org/2018/credentials#"
_READ: Final = (
    "issuer",
    "credentialSubject",
    "credentialStatus",
    "validFrom",
    "validUntil",
    "issuanceDate",
    "expirationDate",
    "refreshService",
    "termsOfUse",
)
"""Members of a credential on which its verdict rests; both data models give them these names and IRIs."""
_BY_PREDICATE: Final = {f"<{_CREDENTIALS}{name}>": name for name in _READ}
_DEFINITION: Final = frozenset({"@id", "@type", "@container", "@language", "@protected", "@prefix", "@context"})
_CONTAINERS: Final = frozenset({"@set", "@list", "@language"})
_SCHEMES: Final = frozenset({"data", "did", "ftp", "http", "https", "ipfs", "mailto", "tag", "tel", "urn"})
"""Not to be made terms: as a prefix, one would change what every identifier of its scheme stands for."""


def contexts(document: Mapping[str, Any]) -> tuple[list[str], bool, int]:
    """Return what contexts `document` names or has at any depth, and its size.

    The URLs; whether it has contexts of its own; of how many objects and arrays it is made. A member
    `@context` is taken for a context wherever it stands, also inside a JSON literal.

    Raises:
        Invalid: `PROOF_TRANSFORMATION_ERROR`: a context is neither a URL nor an object;
            `DATA_LOSS_DETECTION_ERROR`: it is null, which would take the terms of the others away.
    """
    urls: dict[str, None] = {}
    inline = False
    pending: list[Any] = [document]
    for item in pending:  # which grows meanwhile; a badge takes 3 µs
        values = item
        if type(item) is not list:
            values = item.values()
            for context in _listed(item["@context"]) if "@context" in item else ():
                if type(context) is str:
                    urls[context] = None
                elif isinstance(context, dict):
                    inline = True
                elif context is None:
                    raise data_loss("a null context takes away the terms of the others", _null_context(document))
                else:
                    raise Invalid("PROOF_TRANSFORMATION_ERROR", "a context is neither a URL nor an object")
        for part in values:
            if type(part) is not str and (type(part) is dict or type(part) is list):
                pending.append(part)  # noqa: PERF401 — a comprehension is a call each time: 6 µs a badge
    return list(urls), inline, len(pending)


def context_urls(text: Mapping[str, Any]) -> list[str]:
    """Return the context URLs that a context document names itself."""
    found: dict[str, None] = {}
    pending: list[Any] = [text]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            for name in ("@context", "@import"):
                found.update((url, None) for url in _listed(item.get(name)) if isinstance(url, str))
        pending += [
            part for part in (item.values() if isinstance(item, dict) else item) if isinstance(part, dict | list)
        ]
    return list(found)


def inline_contexts(document: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the contexts that are inside `document`, also inside one another, with their JSON Pointers."""
    for pointer, value in walk(document):
        if isinstance(value, dict) and "@context" in value:
            if isinstance(value["@context"], dict):
                yield f"{pointer}/@context", value["@context"]
            for index, context in enumerate(_listed(value["@context"])):
                if isinstance(context, dict) and isinstance(value["@context"], list):
                    yield f"{pointer}/@context/{index}", context


def check_inline_contexts(document: Mapping[str, Any], pinned: Iterable[Mapping[str, Any]]) -> None:
    """Require that the contexts inside `document` only add terms to those of the `pinned` texts (rule 2).

    Raises:
        Invalid: `DATA_LOSS_DETECTION_ERROR`.
    """
    published = list(pinned)
    known = Names(published)
    taken = known.iris()
    found = list(inline_contexts(document))
    everything = Names([*published, *({"@context": context} for _, context in found)])
    for pointer, context in found:
        for name, definition in context.items():
            where = f"{pointer}/{escaped(name)}"
            if name[:1] == "@":
                if (name, definition) not in (("@version", 1.1), ("@protected", True), ("@protected", False)):
                    raise data_loss(f"a context of the document's own sets {name}", where)
            elif name in known:
                if not known.same(name, definition, everything):
                    raise data_loss(f"a context of the document's own defines {name!r} anew", where)
            else:
                _check_new_term(name, definition, everything, taken, where)


def _check_new_term(name: str, definition: Any, names: Names, taken: frozenset[str], pointer: str) -> None:
    if not name or ":" in name or name in _SCHEMES or names.count(name) > 1:
        raise data_loss(f"a context of the document's own uses {name!r} as a term", pointer)
    if isinstance(definition, dict):
        containers = _listed(definition.get("@container", []))
        if not _DEFINITION.issuperset(definition) or not all(item in _CONTAINERS for item in containers):
            raise data_loss(f"the definition of {name!r} does more than to add a term", pointer)
    elif not isinstance(definition, str):
        raise data_loss(f"the definition of {name!r} takes a term away", pointer)
    iris = names.expand(name)
    if not iris or "" in iris:
        raise data_loss(f"{name!r} is defined without an IRI", pointer)
    for iri in iris:
        if iri[0] == "@" or iri in taken:
            raise data_loss(f"{name!r} is another name for {iri}", pointer)


def check_statements(document: Mapping[str, Any], quads: Sequence[Quad]) -> None:
    """Require that the graph says of the credential just what its JSON members say (rule 3).

    The values are compared, not only counted, so that one cannot take the place of another either.
    A document that is no credential, such as a proof configuration, says nothing of the kind.

    Raises:
        Invalid: `DATA_LOSS_DETECTION_ERROR`.
    """
    found = [(s, _BY_PREDICATE[p], o) for s, p, o, g in quads if p in _BY_PREDICATE and not g]
    if not found and not _is_credential(document):
        return
    subject = _subject(document, quads)
    stated: dict[str, set[str]] = {name: set() for name in _READ if name in document}
    for s, name, o in found:
        if s == subject:
            stated.setdefault(name, set()).add(o)
    for name, objects in stated.items():
        _check_member(name, document.get(name), objects)


def _is_credential(document: Mapping[str, Any]) -> bool:
    types = (*_listed(document.get("type")), *_listed(document.get("@type")))
    return "credentialSubject" in document or any(isinstance(n, str) and n.endswith("Credential") for n in types)


def _subject(document: Mapping[str, Any], quads: Sequence[Quad]) -> str:
    """Return the node that the whole document is."""
    identifier = document.get("id")
    if isinstance(identifier, str):
        return f"<{identifier}>"
    # Only the root of the tree is a subject of the default graph that nothing there refers to.
    referred = {o for _, _, o, g in quads if not g}
    roots = {s for s, _, _, g in quads if s[0] == "_" and not g and s not in referred}
    if identifier is not None or len(roots) != 1:
        raise data_loss("the identifier of the credential is not where it is read", "/id")
    return roots.pop()


def _check_member(name: str, value: Any, objects: set[str]) -> None:
    """Require that the JSON `value` and the graph's `objects` are the same values."""
    if len(objects) == 1 and _is_said(value, next(iter(objects))):
        return
    texts: dict[str, Any] = {}
    unnamed = 0
    for item in _listed(value):
        if item is None:
            continue
        text = item
        if isinstance(item, dict):
            text = item.get("id")
            if text is None and "@value" not in item:
                unnamed += 1
                continue
        if not isinstance(text, str) or (text is not item and "@value" in item):
            raise data_loss(f"{name} has a value that no reader expects", f"/{name}")
        if texts.setdefault(text, item) != item:
            raise data_loss(f"two different objects of {name} are one in what is signed", f"/{name}")
    # A reader of JSON reads an IRI, and a literal of any datatype, as its text.
    reading = {term: text for text in texts for term in (f"<{text}>", quoted(text))}
    said = {reading.get(o if o[0] == "<" else o[: o.rindex('"') + 1]) for o in objects if o[0] != "_"}
    blank = sum(o[0] == "_" for o in objects)
    if said != texts.keys() or blank != unnamed or len(objects) != len(texts) + unnamed:
        raise data_loss(f"{name}: what is signed is not what the member says", f"/{name}")


def _is_said(value: Any, term: str) -> bool:
    """Whether the one value is text, or an object with an id, and the graph has just that: most are (1.5 µs less)."""
    text = value.get("id") if isinstance(value, dict) and "@value" not in value else value
    if not isinstance(text, str):
        return False
    return term == f"<{text}>" or (term[0] == '"' and term[: term.rindex('"') + 1] == quoted(text))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _null_context(document: object) -> str | None:
    return find(document, lambda value: isinstance(value, dict) and None in _listed(value.get("@context", 0)))
