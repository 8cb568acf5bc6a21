"""Older texts of a context are tried where they could mean something else, and not without end."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import resolvers.contexts
from gateway.canonical.revisions import named_by_digest, older_sets
from resolvers.contexts import ContextStore
from resolvers.problems import Unavailable
from tests.gateway.canonical.paths import revision

if TYPE_CHECKING:
    from resolvers.contexts import Revision

URL = "https://contexts.example/v1"
BUNDLED = Path(resolvers.contexts.__file__).parent / "bundled"


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


# --- digests --------------------------------------------------------------------------------------


def digest_of(text: Revision) -> str:
    """Return the digest by which a document names a text."""
    return "sha256-" + base64.b64encode(bytes.fromhex(text.sha256)).decode()


def test_a_digest_picks_the_text() -> None:
    """No other is tried then, and the newest needs no mention."""
    known = texts({"name": "urn:x:name"}, {"name": "urn:y:name"})
    newest, oldest = known[URL]
    for text, chosen in ((newest, {}), (oldest, {URL: oldest})):
        document = {"name": "x", "relatedResource": {"id": URL, "digestSRI": digest_of(text)}}
        assert named_by_digest(document, known) == (chosen, True)


def test_a_digest_of_something_else_picks_nothing() -> None:
    """What is related and no context does not matter here, and a context without a digest is not picked."""
    known = texts({"name": "urn:x:name"}, {"name": "urn:y:name"})
    document = {"relatedResource": [{"id": "https://images.example/1", "digestSRI": digest_of(known[URL][1])}]}
    assert named_by_digest(document, known) == ({}, False)


def test_T20_a_text_that_is_not_pinned_is_not_replaced_by_another() -> None:
    """The issuer meant a text that nobody here has: its terms are unknown, whatever the newest makes of them."""
    known = texts({"name": "urn:x:name"})
    document = {"relatedResource": {"id": URL, "digestSRI": "sha256-" + base64.b64encode(bytes(32)).decode()}}
    with pytest.raises(Unavailable, match="unknown-context"):
        named_by_digest(document, known)


@pytest.mark.parametrize("name", ["sha256", "sha384", "sha512"])
def test_every_bundled_text_can_be_named(name: str) -> None:
    """By each hash that may be given, of the file as it was published."""
    revisions = ContextStore.bundled().revisions("https://www.w3.org/ns/credentials/v2")
    content = next(path for path in BUNDLED.iterdir() if sha256(path.read_bytes()) == revisions[0].sha256).read_bytes()
    digest = base64.b64encode(hashlib.new(name, content).digest()).decode()
    document = {"relatedResource": {"id": revisions[0].url, "digestSRI": f"{name}-{digest}"}}
    assert named_by_digest(document, {revisions[0].url: revisions}) == ({}, True)


def sha256(content: bytes) -> str:
    """Return the digest as a MANIFEST has it."""
    return hashlib.sha256(content).hexdigest()
