"""Hypothesis strategies for JSON-LD: documents over pinned contexts, and contexts made up together with documents.

They aim at the seams: scoped contexts, aliases, protected terms, prefixes, containers, coercions,
value objects, and everything in the wrong place; but small, so that shrunk failures are readable.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

from resolvers.contexts import ContextStore, Revision

if TYPE_CHECKING:
    from collections.abc import Mapping

JSON = dict[str, Any]

VC1: Final = "https://www.w3.org/2018/credentials/v1"
VC2: Final = "https://www.w3.org/ns/credentials/v2"
OB: Final = "https://purl.imsglobal.org/spec/ob/v3p0/"
CLR: Final = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json"
PINNED: Final = (
    (VC2,),
    (VC1,),
    (VC2, f"{OB}context-3.0.3.json"),
    (VC1, f"{OB}context.json"),
    (VC2, f"{OB}context-3.0.3.json", f"{OB}extensions.json"),
    (VC2, CLR, f"{OB}context-3.0.3.json"),
    (VC1, "https://w3id.org/security/suites/ed25519-2020/v1"),
    (VC1, "https://w3id.org/vc/status-list/2021/v1"),
    (VC2, "https://w3id.org/security/data-integrity/v2"),
    ("https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"),
    ("https://w3id.org/security/v2",),
    (VC1, f"{OB}context-3.0.2.json", "https://w3id.org/vc-revocation-list-2020/v1"),
    (f"{OB}context.json", VC1),
    (VC1, VC2),
)

_ODD_MEMBERS: Final = (
    *("undefined", "ob:name", "https://x.example/p", "p:a", "T"),
    *("@nest", "@included", "@graph", "@reverse", "@index", "@foo", "@value", "@list"),
)
_IRIS: Final = st.sampled_from(
    ("https://x.example/1", "https://x.example/2", "did:example:1", "urn:uuid:1", "mailto:a@b")
)
_ODD_IRIS: Final = st.sampled_from(
    (
        *("p:q", "a:b", "b:c", "T:x", "cred:type", "xsd:string"),
        *("relative", "#fragment", "", "T", "a", "id", "_:blank", ":no", "@id", "@foo", "https://x.example/ <"),
    )
)
_TEXTS: Final = st.sampled_from(("text", "", 'quo"te', "new\nline", "ü", "a", "T", "2024-01-01T00:00:00Z"))
_NUMBERS: Final = st.sampled_from((0, 1, -1, 7, 0.5, 1.0, 1e-7, 12345.678, True, False))
_ODD_NUMBERS: Final = st.sampled_from((2**53, 10**21, -0.0, 1e15, 1e300))
_LANGUAGES: Final = st.sampled_from(("en", "en", "de-ch", "EN", "", None, 1))
_DATATYPES: Final = st.sampled_from(
    (
        *("http://www.w3.org/2001/XMLSchema#date", "http://www.w3.org/2001/XMLSchema#double", "https://x.example/type"),
        *("xsd:date", "p:t", "T", "a", "@json", "@id", None, "relative", "http://www.w3.org/2001/XMLSchema#string"),
    )
)
_ODD_VALUES: Final[tuple[Any, ...]] = (
    *({"@list": ["x"]}, {"@set": ["y"]}, {"@graph": [{"id": "https://x.example/4"}]}, {"en": "english"}),
    *({"@id": "p:ref"}, {"id": "T:ref"}, {}, [], [["nested"]], [None], None, {"@value": None}),
)


def rarely(usual: st.SearchStrategy[Any], odd: st.SearchStrategy[Any], *, one_in: int = 10) -> st.SearchStrategy[Any]:
    """Draw from `odd` once in `one_in` times: one oddity at a time leaves something to compare."""
    return _once_in(one_in).flatmap(lambda now: odd if now else usual)


def _once_in(times: int) -> st.SearchStrategy[bool]:
    # The ends of a range are drawn more often than its middle.
    return st.integers(1, times).map(lambda number: number == times // 2 + 1)


def scalars() -> st.SearchStrategy[Any]:
    """Strings, most of them IRIs, numbers and booleans; now and then some that mean something else."""
    usual = st.one_of(_IRIS, _IRIS, _TEXTS, _NUMBERS)
    return rarely(usual, st.one_of(_ODD_IRIS, _ODD_NUMBERS, st.none()), one_in=12)


def value_objects() -> st.SearchStrategy[JSON]:
    """Value objects, sound and unsound ones."""
    return rarely(
        st.fixed_dictionaries({"@value": _TEXTS})
        | st.fixed_dictionaries({"@value": _TEXTS, "@language": _LANGUAGES})
        | st.fixed_dictionaries({"@value": _TEXTS | _NUMBERS, "@type": _DATATYPES}),
        st.fixed_dictionaries(
            {"@value": scalars()},
            optional={"@direction": st.just("rtl"), "@index": st.just("i"), "type": _DATATYPES, "undefined": _TEXTS},
        ),
    )


def terms_of(context: object) -> dict[str, Any]:
    """Return every term that a local context defines itself, with its definition."""
    found: dict[str, Any] = {}
    for part in context if isinstance(context, list) else [context]:
        if isinstance(part, dict):
            found |= {name: definition for name, definition in part.items() if name[:1] != "@"}
    return found


def _scope(definition: object) -> dict[str, Any]:
    return terms_of(definition.get("@context")) if isinstance(definition, dict) else {}


@st.composite
def nodes(draw: st.DrawFn, terms: Mapping[str, Any], contexts: st.SearchStrategy[Any], depth: int) -> JSON:
    """Draw a node object whose members are mostly terms that its types or contexts define."""
    node: JSON = {}
    typed = [name for name, definition in terms.items() if _scope(definition)]
    names = dict(terms)
    usual = st.sampled_from(typed) if typed else st.just("https://x.example/Type")
    types = draw(st.lists(rarely(usual, st.sampled_from(("T", "a", "id", "relative", "@foo"))), max_size=2))
    for name in types:
        names |= _scope(terms.get(name))
    keyworded = "type" in names or "id" in names
    if types:
        key = draw(rarely(st.just("type" if keyworded else "@type"), st.sampled_from(("type", "@type"))))
        node[key] = draw(st.sampled_from((types, types, types[0])))
    if draw(st.booleans()):
        key = draw(rarely(st.just("id" if keyworded else "@id"), st.sampled_from(("id", "@id"))))
        node[key] = draw(rarely(_IRIS, _ODD_IRIS))
    if draw(_once_in(15)):
        node["@context"] = draw(contexts)
    if draw(_once_in(25)):
        node[draw(st.sampled_from(_ODD_MEMBERS))] = draw(scalars())
    usable = sorted(names.keys() - {"id", "type", "p"}) or ["a"]
    for name in draw(st.lists(st.sampled_from(usable), min_size=1, max_size=4, unique=True)):
        inner = {**names, **_scope(names.get(name))}
        node[name] = draw(rarely(_values(inner, contexts, depth), st.sampled_from(_ODD_VALUES), one_in=15))
    return node


def _values(terms: Mapping[str, Any], contexts: st.SearchStrategy[Any], depth: int) -> st.SearchStrategy[Any]:
    single = [scalars(), scalars(), value_objects()]
    if depth:
        node = st.deferred(lambda: nodes(terms, contexts, depth - 1))
        single += [node, node]
    one = st.one_of(single)
    return rarely(one, st.lists(one, max_size=3), one_in=4)


@st.composite
def credentials(draw: st.DrawFn, store: ContextStore) -> JSON:
    """Draw a document over pinned contexts."""
    urls = draw(st.sampled_from(PINNED))
    terms: dict[str, Any] = {}
    for url in urls:
        terms |= terms_of(store.load(url)["@context"])
    contexts = st.sampled_from(
        (*(list(urls) for urls in PINNED), VC2, f"{OB}context-3.0.3.json", [], None, {"x": "y:z"})
    )
    return {"@context": list(urls), **draw(nodes(terms, contexts, 3))}


_TERMS: Final = ("a", "b", "c", "d", "T", "U")
_MAPPINGS: Final = st.sampled_from(("https://v.example/1", "https://v.example/2", "https://v.example/ns#", "p:1"))
_ODD_MAPPINGS: Final = st.sampled_from(
    (
        *("@id", "@type", "@value", "@language", "@graph", "@nest", "@foo", "@context"),
        *("a", "b", "T", "x", "_:n", "q:2", "a:3", "", "https://v.example/ <", None),
    )
)
_COERCIONS: Final = st.sampled_from(("@id", "@id", "@vocab", "http://www.w3.org/2001/XMLSchema#date", "p:t"))
_ODD_COERCIONS: Final = st.sampled_from(
    ("@json", "@none", "b", "@foo", None, "http://www.w3.org/2001/XMLSchema#double", "x")
)
_CONTAINERS: Final = st.sampled_from(("@set", "@list", "@graph", ["@graph", "@set"], []))
_ODD_CONTAINERS: Final = st.sampled_from(
    ("@language", "@index", "@id", "@type", ["@graph", "@id"], ["@list", "@set"], ["@graph", "@list"], None, "@foo")
)


def definitions(depth: int) -> st.SearchStrategy[Any]:
    """Term definitions; few are unsound."""
    optional = {
        "@type": rarely(_COERCIONS, _ODD_COERCIONS),
        "@container": rarely(_CONTAINERS, _ODD_CONTAINERS),
        "@protected": st.booleans(),
        **({"@context": local_contexts(depth - 1)} if depth else {}),
    }
    odd = {
        "@id": _MAPPINGS | _ODD_MAPPINGS,
        "@reverse": _MAPPINGS,
        "@prefix": st.booleans(),
        "@language": st.sampled_from(("en", None)),
        "@index": _MAPPINGS,
        "@foo": _MAPPINGS,
    }
    usual = st.one_of(
        _MAPPINGS,
        st.fixed_dictionaries({"@id": _MAPPINGS}, optional=optional),
        st.fixed_dictionaries({"@id": _MAPPINGS, **({"@context": local_contexts(depth - 1)} if depth else {})}),
    )
    return rarely(usual, _ODD_MAPPINGS | st.fixed_dictionaries({}, optional=optional | odd), one_in=20)


@st.composite
def local_contexts(draw: st.DrawFn, depth: int = 2) -> Any:
    """Draw a local context."""
    if draw(_once_in(30)):
        return None
    names = draw(st.lists(st.sampled_from(_TERMS), max_size=3, unique=True))
    context: JSON = {name: draw(definitions(depth)) for name in names}
    if not draw(_once_in(5)):
        context |= {"id": "@id", "type": "@type"}
    context["p"] = draw(rarely(st.just("https://p.example/"), st.sampled_from(("https://p.example/x", "@id", None))))
    if draw(_once_in(3)):
        context["@protected"] = True
    if draw(_once_in(20)):
        odd = ("@vocab", "@base", "@language", "@direction", "@version", "@propagate", "@foo", "p:a", "x/y", "value")
        context[draw(st.sampled_from(odd))] = draw(
            st.sampled_from(("https://v.example/", "en", 1.1, True, None, "@value"))
        )
    return [context, draw(local_contexts(0))] if depth and draw(_once_in(10)) else context


A: Final = "https://contexts.example/a"
B: Final = "https://contexts.example/b"


@st.composite
def worlds(draw: st.DrawFn) -> tuple[ContextStore, JSON]:
    """Draw two contexts, and a document over them."""
    texts = {A: {"@context": draw(local_contexts())}, B: {"@context": draw(local_contexts())}}
    store = ContextStore(
        Revision(url=url, sha256=digest(text), jcs_sha256=digest(text), document=text, source="made up")
        for url, text in texts.items()
    )
    terms: dict[str, Any] = {}
    for text in texts.values():
        terms |= terms_of(text["@context"])
    contexts = st.sampled_from((A, B, [A, B], [B, A], [B, B], [], None, {"a": "https://v.example/9"}))
    document = draw(nodes(terms, contexts, 3))
    return store, {"@context": draw(st.sampled_from(([A, B], [A], A, [B, A]))), **document}


def digest(text: JSON) -> str:
    """Return a digest that tells texts apart."""
    return hashlib.sha256(json.dumps(text).encode()).hexdigest()
