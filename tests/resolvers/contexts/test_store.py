"""Tests of `resolvers.contexts.store`, and of what is bundled."""

from __future__ import annotations

import csv
import hashlib
import json
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import rfc8785

from resolvers import contexts
from resolvers.contexts import NOT_BUNDLED, ContextFolderError, ContextStore
from resolvers.problems import Unavailable
from scripts import pin_contexts
from tests.shared import SHARED

if TYPE_CHECKING:
    from collections.abc import Iterator

BUNDLED = Path(contexts.__file__).parent / "bundled"
STORE = ContextStore.bundled()
ENTRIES = tomllib.loads((BUNDLED / "MANIFEST.toml").read_text(encoding="utf-8"))["context"]
OB = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"


def operator_folder(path: Path, url: str, *, published: str | None = None, term: str = "a") -> Path:
    """Return an operator's folder of one context."""
    text = json.dumps({"@context": {term: "https://v.example/a"}})
    (path / "own.jsonld").write_text(text, encoding="utf-8")
    digest = hashlib.sha256(text.encode()).hexdigest()
    dated = f"published = {published}\n" if published else ""
    manifest = f'[[context]]\nurl = "{url}"\nfile = "own.jsonld"\nsha256 = "{digest}"\n{dated}'
    (path / "MANIFEST.toml").write_text(manifest, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("url", "sha256"),
    [
        ("https://www.w3.org/2018/credentials/v1", "ab4ddd9a531758807a79a5b450510d61ae8d147eab966cc9a200c07095b0cdcc"),
        ("https://www.w3.org/ns/credentials/v2", "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734"),
    ],
)
def test_the_base_contexts_are_the_published_ones(url: str, sha256: str) -> None:
    """The two base contexts have the digests that the data models publish, byte for byte."""
    (revision,) = STORE.revisions(url)
    assert sha256 == revision.sha256
    assert STORE.load(url) is revision.document


def test_a_context_that_a_specification_fixes_cannot_be_another(tmp_path: Path) -> None:
    """The operator's folder cannot change what a normative digest fixes."""
    with pytest.raises(ContextFolderError, match="fixed by its specification"):
        ContextStore.bundled(operator_folder(tmp_path, "https://www.w3.org/ns/credentials/v2"))


def test_T20_an_unknown_context_says_what_would_help() -> None:
    """What is not pinned is indeterminate; the detail names the URL and the operator's folder."""
    url = "https://evil.example/context"
    assert not STORE.known(url)
    with pytest.raises(Unavailable) as caught:
        STORE.load(url)
    assert caught.value.problem.code == "unknown-context"
    assert url in caught.value.problem.detail
    assert "operator's context folder" in caught.value.problem.detail


def test_the_newest_revision_comes_first() -> None:
    """A context that changed in place is kept in every text, in the order of publication."""
    found = STORE.revisions(OB)
    assert [str(revision.published) for revision in found] == ["2026-06-01", "2024-03-04", "2023-12-13"]
    assert STORE.load(OB) is found[0].document
    assert "endorsementJwt" in json.dumps(found[0].document)
    assert "endorsementJwt" not in json.dumps(found[1].document)


@pytest.mark.parametrize(("published", "position"), [("2026-12-01", 0), ("2025-11-06", 1), (None, 3)])
def test_an_operators_revision_takes_its_place(tmp_path: Path, published: str | None, position: int) -> None:
    """The operator's folder adds a text of a bundled URL where its date puts it; undated ones come last."""
    store = ContextStore.bundled(operator_folder(tmp_path, OB, published=published))
    assert len(store.revisions(OB)) == 4
    assert store.revisions(OB)[position].source.endswith("own.jsonld")


def test_an_operators_context_is_known(tmp_path: Path) -> None:
    """The operator's folder adds contexts that are not bundled."""
    url = "https://ctx.learncard.com/boosts/1.0.0.json"
    store = ContextStore.bundled(operator_folder(tmp_path, url))
    assert store.known(url)
    assert set(store.urls) - set(STORE.urls) == {url}


def test_the_same_text_twice_is_one_revision() -> None:
    """A copy that differs in white space only adds nothing."""
    revisions = STORE.revisions(OB)
    assert ContextStore([*revisions, *revisions]).revisions(OB) == revisions


def test_what_is_not_bundled_is_listed() -> None:
    """`doctor` can say which known contexts need the operator's folder; none of them is bundled."""
    assert not set(NOT_BUNDLED) & set(STORE.urls)
    assert "https://www.w3.org/ns/credentials/undefined-terms/v2" in NOT_BUNDLED
    assert all(NOT_BUNDLED.values())


def named(value: Any) -> Iterator[str]:
    """Yield every context URL that a context names."""
    if isinstance(value, dict):
        if "@context" in value:
            inner = value["@context"]
            yield from (url for url in (inner if isinstance(inner, list) else [inner]) if isinstance(url, str))
        for member in value.values():
            yield from named(member)
    elif isinstance(value, list):
        for member in value:
            yield from named(member)


@pytest.mark.parametrize("url", STORE.urls)
def test_a_bundled_context_can_be_loaded_whole(url: str) -> None:
    """Every context that a bundled one names is bundled too."""
    for revision in STORE.revisions(url):
        assert [name for name in named(revision.document) if not STORE.known(name)] == []


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["file"])
def test_an_entry_says_where_it_comes_from(entry: dict[str, Any]) -> None:
    """Each file has its package, its licence with the text in NOTICE.md, and the digests that it has."""
    content = (BUNDLED / entry["file"]).read_bytes()
    assert entry["sha256"] == hashlib.sha256(content).hexdigest()
    assert entry["jcs_sha256"] == hashlib.sha256(rfc8785.dumps(json.loads(content))).hexdigest()
    assert entry["package"].startswith(("npm:", "pypi:"))
    assert f"## {entry['licence']}\n" in (BUNDLED / "NOTICE.md").read_text(encoding="utf-8")


def test_the_manifest_is_as_the_script_writes_it() -> None:
    """Rebuilding the folder changes nothing but what the packages changed, and no file lies there unlisted."""
    assert (BUNDLED / "MANIFEST.toml").read_text(encoding="utf-8") == pin_contexts.render(ENTRIES)
    assert {path.name for path in BUNDLED.iterdir()} == {entry["file"] for entry in ENTRIES} | {
        "MANIFEST.toml",
        "NOTICE.md",
    }


@pytest.mark.shared
def test_the_bundled_contexts_are_those_that_are_published() -> None:
    """Each bundled text is, white space aside, one that was collected from its publisher under its URL."""
    with (SHARED / "contexts" / "MANIFEST.tsv").open(encoding="utf-8") as manifest:
        rows = list(csv.DictReader(manifest, delimiter="\t"))
    published: dict[str, set[str]] = {}
    for row in rows:
        document = json.loads((SHARED / "contexts" / row["file"]).read_bytes())
        digest = hashlib.sha256(rfc8785.dumps(document)).hexdigest()
        for url in row["canonical_url"].split(" ; "):
            published.setdefault(url.partition(" ")[0], set()).add(digest)
    unknown = [
        revision.url
        for url in STORE.urls
        for revision in STORE.revisions(url)
        if revision.jcs_sha256 not in published.get(revision.url, set())
    ]
    assert unknown == ["https://www.w3.org/ns/credentials/status-list/2021/v1"]  # an alias, as its note says
