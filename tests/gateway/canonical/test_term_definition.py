"""Tests of `gateway.canonical.term_definition`."""

from __future__ import annotations

import pytest

from gateway.canonical._terms import Decline
from tests.gateway.canonical.compiled import compiled


def test_terms_are_for_types_and_not_for_references() -> None:
    """A reference is an IRI or a compact one; only types and @vocab values are looked up as terms."""
    context = compiled(a={"T": "https://v.example/T", "@vocab": "https://w.example/"})
    assert context.expand("T", vocab=True) == "https://v.example/T"
    assert context.expand("T", vocab=False) is None
    assert context.expand("U", vocab=True) == "https://w.example/U"


@pytest.mark.parametrize("identifier", ["@id", "@foo", ":a", "_:a", "k", "n", "n:a", "k:a"])
def test_identifiers_with_another_meaning_are_declined(identifier: str) -> None:
    """An identifier that is, or is built from, a keyword, its alias or a term without meaning is not expanded."""
    with pytest.raises(Decline):
        compiled(a={"k": "@id", "n": None}).expand(identifier, vocab=True)
