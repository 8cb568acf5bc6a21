"""Older texts of a context are tried where they could mean something else, and not without end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateway.canonical.revisions import older_sets
from tests.gateway.canonical.paths import revision

if TYPE_CHECKING:
    from resolvers.contexts import Revision

URL = "https://contexts.example/v1"


def texts(*contexts: Any, url: str = URL) -> dict[str, list[Revision]]:
    """Return revisions of one URL, the newest first."""
    return {url: [revision(url, {"@context": context}) for context in contexts]}


def test_one_text_leaves_nothing_to_try() -> None:
    """Most URLs have had one text."""
    assert list(older_sets({"name": "x"}, texts({"name": "urn:x:name"}))) == []


def test_an_older_text_matters_where_a_name_differs() -> None:
    """A name that the document uses and the older text defines otherwise, or not at all."""
    known = texts({"name": "urn:x:name"}, {"name": "urn:y:name"}, {})
    assert list(older_sets({"name": "x"}, known)) == [{URL: known[URL][1]}, {URL: known[URL][2]}]
    assert list(older_sets({"other": "x"}, known)) == []


def test_names_count_at_any_depth_and_as_types() -> None:
    """Members far down, types and other values that may be terms are names."""
    known = texts({"T": "urn:x:T"}, {"T": "urn:y:T"})
    assert len(list(older_sets({"a": [{"b": {"type": ["T"]}}]}, known))) == 1
    assert len(list(older_sets({"a": [{"b": {"T": 1}}]}, known))) == 1


def test_scoped_definitions_count_where_their_scope_is_used() -> None:
    """A term inside a type-scoped context matters only to documents that use both names."""
    known = texts(
        {"T": {"@id": "urn:x:T", "@context": {"name": "urn:x:name"}}},
        {"T": {"@id": "urn:x:T", "@context": {"name": "urn:y:name"}}},
    )
    assert len(list(older_sets({"type": "T", "name": "x"}, known))) == 1
    assert list(older_sets({"type": "T"}, known)) == []
    assert list(older_sets({"name": "x"}, known)) == []


def test_prefixes_and_keywords_count() -> None:
    """A compact identifier names its prefix, and `@vocab` concerns every name."""
    known = texts({"ex": "urn:x:"}, {"ex": "urn:y:"})
    assert len(list(older_sets({"id": "ex:1"}, known))) == 1
    assert len(list(older_sets({}, texts([{"@vocab": "urn:x:"}], [{"@vocab": "urn:y:"}])))) == 1


def test_no_more_than_three_are_tried() -> None:
    """However many texts there are, a forged document costs four canonicalizations at most."""
    one = texts(*({"name": f"urn:x:{number}"} for number in range(9)))
    other = texts(*({"name": f"urn:y:{number}"} for number in range(9)), url="https://contexts.example/v2")
    assert len(list(older_sets({"name": "x"}, one | other))) == 3
