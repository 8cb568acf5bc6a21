"""Tests of `gateway.canonical.local_context`."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.canonical._terms import Decline
from gateway.canonical.context import ContextCompiler
from gateway.canonical.term_definition import NOTHING
from resolvers.contexts import ContextStore
from resolvers.problems import Unavailable
from tests.gateway.canonical.compiled import compiled

STORE = ContextStore.bundled()


def test_a_term_stands_for_its_iri() -> None:
    """A definition is a string, a compact IRI of a prefix that may come later, or a vocabulary's term."""
    terms = compiled(
        a={
            "a": "https://v.example/a",
            "b": "p:b",
            "p": "https://p.example/",
            "c:d": {},
            "@vocab": "https://w.example/",
            "e": {},
        }
    ).terms
    assert terms["a"].predicate == "<https://v.example/a>"
    assert terms["b"].predicate == "<https://p.example/b>"
    assert terms["c:d"].iri == "c:d"
    assert terms["e"].iri == "https://w.example/e"


def test_only_namespaces_are_prefixes() -> None:
    """A simple term whose IRI ends in a delimiter is a prefix, another one if it says so (step 25)."""
    context = compiled(
        a={
            "p": "https://p.example/",
            "q": "https://p.example/x",
            "r": {"@id": "https://p.example/"},
            "s": {"@id": "https://p.example/x", "@prefix": True},
            "t": {"@id": "https://p.example/", "@prefix": False},
        }
    )
    assert [name for name in "pqrst" if context.terms[name].prefix] == ["p", "s"]
    assert context.expand("p:y", vocab=False) == "https://p.example/y"
    assert context.expand("q:y", vocab=False) == "q:y"
    assert context.expand("p://y", vocab=False) == "p://y"


def test_what_a_definition_holds() -> None:
    """A definition has its coercion, container and scope; a term that is not supported has no predicate."""
    terms = compiled(
        a={
            "a": {"@id": "https://v.example/a", "@type": "@id", "@container": ["@set", "@graph"], "@context": {}},
            "b": {"@id": "https://v.example/b", "@container": "@language"},
            "c": {"@id": "https://v.example/c", "@type": "@json"},
        }
    ).terms
    assert (terms["a"].coercion, terms["a"].container, terms["a"].scope) == ("@id", "@graph", {})
    assert terms["b"].scope is NOTHING
    assert (terms["b"].predicate, terms["c"].predicate) == ("", "")


def test_a_protected_term_can_be_repeated_only() -> None:
    """The same definition again is no redefinition, and leaves the term protected (step 27)."""
    protected = {"@protected": True, "a": {"@id": "https://v.example/a", "@context": {"b": "https://v.example/b"}}}
    repeated = {"a": {"@context": {"b": "https://v.example/b"}, "@id": "https://v.example/a"}}
    assert compiled(a=protected, b=repeated).terms["a"].protected
    for other in ("https://v.example/c", None, {"@id": "https://v.example/a"}, {**repeated["a"], "@type": "@id"}):
        with pytest.raises(Decline, match="protected term redefinition"):
            compiled(a=protected, b={"a": other})


def test_protected_terms_cannot_be_taken_away() -> None:
    """A null context is no way around protection, except in the scope of a property."""
    protected = {"@protected": True, "a": {"@id": "https://v.example/a", "@context": None}}
    with pytest.raises(Decline, match="nullification"):
        compiled(a=protected, b=None)
    context = compiled(a=protected)
    assert "a" not in context.with_property_scope(context.terms["a"]).terms


def test_a_protected_prefix_that_a_property_scope_redefines_and_uses_is_declined() -> None:
    """PyLD calls that an error, though only if the prefix is used before it is defined."""
    for scope in ({"b": "p:b", "p": "https://q.example/"}, {"b:c": {}, "b": "https://q.example/"}):
        protected = {"@protected": True, "p": "https://p.example/", "b": "https://v.example/b"}
        with pytest.raises(Decline, match="protected"):
            compiled(a={**protected, "a": {"@id": "https://v.example/a", "@context": scope}})


def test_a_context_may_name_others() -> None:
    """A list, a URL and a scoped context that names its own document are all applied."""
    texts: dict[str, Any] = {
        "a": {"@context": ["b", {"a": {"@id": "https://v.example/a", "@context": "a"}}]},
        "b": {"@context": {"b": "https://v.example/b"}},
    }
    context = ContextCompiler(texts.__getitem__).initial.with_local("a")
    assert {"a", "b"} < context.terms.keys()
    assert context.with_property_scope(context.terms["a"]) is context


def test_contexts_that_include_one_another_are_declined() -> None:
    """A circle of remote contexts ends."""
    texts = {"a": {"@context": "b"}, "b": {"@context": "a"}}
    with pytest.raises(Decline, match="recursive"):
        ContextCompiler(texts.__getitem__).initial.with_local("a")


def test_an_unknown_context_within_a_pinned_one_is_unknown() -> None:
    """A pinned context that names one that is not pinned cannot be used, and names what is missing."""
    text = {"@context": {"a": {"@id": "https://v.example/a", "@context": "https://contexts.example/missing"}}}
    compiler = ContextCompiler(lambda url: text if url == "a" else STORE.load(url))
    with pytest.raises(Unavailable) as caught:
        compiler.initial.with_local("a")
    assert caught.value.problem.code == "unknown-context"
    assert "https://contexts.example/missing" in caught.value.problem.detail


@pytest.mark.parametrize(
    "context",
    [
        *(1, [["nested", 1]], {"@base": "https://v.example/"}, {"@import": "https://v.example/"}, {"@language": "en"}),
        *({"@direction": "rtl"}, {"@propagate": False}, {"@foo": "x"}, {"@version": 1.0}, {"@protected": "yes"}),
        *({"@vocab": ""}, {"@vocab": "p:"}, {"@vocab": 1}, {"@vocab": "https://v.example/ "}),
        *({"": "https://v.example/"}, {"a": 1}, {"a": []}, {"a": {}}, {"a": "b"}, {"a": "a"}, {"a": {"@id": 1}}),
        *(
            {"a": "b", "b": "a"},
            {"a": "b:c", "b": "a:c"},
            {"a": "@context"},
            {"a": "@foo"},
            {"a": "https://v.example/ "},
        ),
        *(
            {"a:b": "https://v.example/"},
            {"a/b": "https://v.example/"},
            {"a/b": {}},
            {"a:b": {}, "a": None},
            {"a": "_:b"},
        ),
        *({"a": "b:c", "b": "@id"}, {"a": "b:c", "b": None}, {"a": ":c"}, {"a": {"@id": "urn:a:b", "@prefix": "yes"}}),
        *(
            {"a:b": {"@prefix": True}},
            {"a": {"@id": "@id", "@type": "@id"}},
            {"a": {"@id": "urn:a:b", "@protected": 1}},
        ),
        {"a": {"@id": "urn:a:b", "@foo": 1}},
        *(
            {"a": {"@id": "urn:a:b", key: "urn:a:c"}}
            for key in ("@reverse", "@index", "@language", "@direction", "@nest")
        ),
        *({"a": {"@id": "urn:a:b", "@type": kind}} for kind in ("b", None, 1, "@foo", "_:b", "@set")),
        *(
            {"a": {"@id": "urn:a:b", "@container": container}}
            for container in ("@type", "@foo", None, ["@list", "@set"], ["@graph", "@id"], [1])
        ),
        {"a": {"@id": "urn:a:b", "@context": 1}},
        {"a": {"@id": "urn:a:b", "@context": {"b": "c"}}},
        {"a": {"@id": "urn:a:b", "@context": [{"b": 1}]}},
    ],
)
def test_what_is_invalid_or_rare_is_declined(context: object) -> None:
    """What the algorithm calls an error, and what is not supported, is left to the reference, at load."""
    with pytest.raises(Decline):
        compiled(a=context)
