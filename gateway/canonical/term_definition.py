"""What one term, prefix or IRI of a JSON-LD document stands for (JSON-LD 1.1 API, sections 4.1 and 5.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gateway.canonical._terms import Decline

if TYPE_CHECKING:
    from collections.abc import Mapping

NOTHING: Final = object()
"""Stands for an entry that is not there, where null means something."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class TermDefinition:
    """A term definition (JSON-LD 1.1 API, section 4.1, "Context Definitions"), ready for use.

    Those in use are interned (`ContextCompiler.intern`), so that the same one is the same object.
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
    plain: bool = False
    """Whether a string under the term is a plain literal: no type mapping, container or context."""
    identity: tuple[Any, ...] = ()
    """What makes two definitions the same, `protected` aside."""


AS_KEYWORD: Final = {
    keyword: TermDefinition(name=keyword, iri=keyword, keyword=keyword, identity=(keyword,))
    for keyword in ("@context", "@id", "@type", "@value", "@language")
}
"""The keywords that an object may have as its members, so that one look-up finds them too."""


def expand_iri(text: str, terms: Mapping[str, TermDefinition], vocabulary: str | None, *, vocab: bool) -> str | None:
    """Return the IRI that `text` stands for (IRI Expansion, section 5.2), or None for a relative one.

    `vocab` says whether it is a type or a `@vocab` value, rather than a reference. The base IRI is
    null. That the IRI is one is not checked here.
    """
    if text[:1] in ("@", ":") or text[:2] == "_:":
        raise Decline("an identifier that looks like a keyword, a blank node or a compact IRI without a prefix")
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
