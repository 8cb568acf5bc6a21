"""Tests of `gateway.canonical.context`."""

from __future__ import annotations

import pytest

from gateway.canonical._terms import Decline
from gateway.canonical.context import ActiveContext, ContextCompiler
from resolvers.contexts import ContextStore
from tests.gateway.canonical.compiled import compiled

STORE = ContextStore.bundled()
LEFT_TO_THE_REFERENCE = {
    "https://w3id.org/dcc/v1": "has a term with @nest or @reverse",
    "https://w3id.org/blockcerts/v1": "redefines compact IRIs, as JSON-LD 1.0 did",
    "https://www.blockcerts.org/schema/1.2/context.json": "the same text",
}


@pytest.mark.parametrize("url", STORE.urls)
def test_every_bundled_context_is_valid_as_a_whole(url: str) -> None:
    """Each revision of each bundled context compiles, scoped contexts included, or is known to be declined."""
    for revision in STORE.revisions(url):
        compiler = ContextCompiler(
            {**{known: STORE.load(known) for known in STORE.urls}, url: revision.document}.__getitem__
        )
        if url in LEFT_TO_THE_REFERENCE:
            with pytest.raises(Decline):
                compiler.initial.with_local(url)
        else:
            assert compiler.initial.with_local(url).terms


def test_a_property_scope_may_redefine_what_is_protected() -> None:
    """Inside a property, its own context has the last word (step 8 of expansion)."""
    context = compiled(
        a={
            "@protected": True,
            "b": "https://v.example/b",
            "a": {"@id": "https://v.example/a", "@context": {"b": "https://v.example/c"}},
        }
    )
    assert context.with_property_scope(context.terms["a"]).terms["b"].iri == "https://v.example/c"


def test_a_type_scope_remembers_what_to_return_to() -> None:
    """A type-scoped context is not for nested nodes, and may not redefine what is protected."""
    scope = {"@id": "https://v.example/T", "@context": {"b": "https://v.example/c"}}
    context = compiled(a={"b": "https://v.example/b", "T": scope})
    inside = context.with_type_scopes(("T",))
    assert inside.terms["b"].iri == "https://v.example/c"
    assert inside.previous is context
    with pytest.raises(Decline, match="protected"):
        compiled(a={"b": {"@id": "https://v.example/b", "@protected": True}, "T": scope}).with_type_scopes(("T",))


def test_types_whose_order_matters_are_declined() -> None:
    """Two type-scoped contexts are taken if either order comes to the same context, and else are not."""

    def types(first: str, second: str) -> ActiveContext:
        definitions = {"T": {"b": first}, "U": {"b": second}}
        scopes = {name: {"@id": f"https://v.example/{name}", "@context": text} for name, text in definitions.items()}
        return compiled(a=scopes)

    context = types("https://v.example/b", "https://v.example/b")
    assert context.with_type_scopes(("T", "U")) is context.with_type_scopes(("T", "U"))
    with pytest.raises(Decline, match="order"):
        types("https://v.example/b", "https://v.example/c").with_type_scopes(("T", "U"))


@pytest.mark.parametrize("scope", [None, [None, {"b": "https://v.example/b"}]])
def test_a_type_that_nullifies_the_context_is_declined(scope: object) -> None:
    """Implementations differ about what nested nodes then return to."""
    with pytest.raises(Decline, match="nullifies"):
        compiled(a={"T": {"@id": "https://v.example/T", "@context": scope}}).with_type_scopes(("T",))


def test_a_property_that_redefines_itself_is_declined() -> None:
    """PyLD would look the property up once more inside its own scope."""
    scope = {"a": {"@id": "https://v.example/a", "@context": {"b": "https://v.example/b"}}}
    context = compiled(a={"a": {"@id": "https://v.example/a", "@context": scope}})
    with pytest.raises(Decline, match="redefines"):
        context.with_property_scope(context.terms["a"])


def test_equal_contexts_are_one() -> None:
    """However an active context came about, it is the same object, so that there are few of them."""
    texts = {name: {"@context": {name: f"https://v.example/{name}"}} for name in ("a", "b")}
    initial = ContextCompiler(texts.__getitem__).initial
    assert initial.with_local(["a", "b"]) is initial.with_local("b").with_local("a")
    assert initial.with_local([]) is initial
