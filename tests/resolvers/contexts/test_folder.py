"""Tests of `resolvers.contexts.folder`."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import TYPE_CHECKING

import pytest

from resolvers.contexts import ContextFolderError
from resolvers.contexts.folder import read_folder

if TYPE_CHECKING:
    from pathlib import Path

TEXT = b'{"@context": {"a": "https://v.example/a"}}'
SHA256 = hashlib.sha256(TEXT).hexdigest()
ENTRY = f'[[context]]\nurl = "https://contexts.example/a"\nfile = "a.jsonld"\nsha256 = "{SHA256}"\n'


def folder(path: Path, manifest: str = ENTRY, text: bytes = TEXT) -> Path:
    """Return a folder of one context."""
    (path / "MANIFEST.toml").write_text(manifest, encoding="utf-8")
    (path / "a.jsonld").write_bytes(text)
    return path


def test_a_context_is_read_with_its_digests(tmp_path: Path) -> None:
    """An entry becomes a revision, whose JCS digest is computed where the MANIFEST has none."""
    (revision,) = read_folder(folder(tmp_path))
    assert revision.url == "https://contexts.example/a"
    assert revision.sha256 == SHA256
    assert revision.jcs_sha256 == hashlib.sha256(b'{"@context":{"a":"https://v.example/a"}}').hexdigest()
    assert revision.document == {"@context": {"a": "https://v.example/a"}}
    assert revision.source == str(tmp_path / "a.jsonld")
    assert revision.published is None


def test_what_the_manifest_records_is_kept(tmp_path: Path) -> None:
    """Aliases are revisions of their own; provenance and publication date are taken over."""
    more = (
        'aliases = ["https://contexts.example/b"]\npublished = 2024-02-19\npackage = "npm:x@1.0.0"\nlicence = "MIT"\n'
    )
    first, second = read_folder(folder(tmp_path, ENTRY + more))
    assert [first.url, second.url] == ["https://contexts.example/a", "https://contexts.example/b"]
    assert first.sha256 == second.sha256
    assert first.published == date(2024, 2, 19)
    assert first.source == "npm:x@1.0.0"


def test_revisions_are_told_apart_by_url_and_text(tmp_path: Path) -> None:
    """A revision can be a member of a set."""
    more = 'aliases = ["https://contexts.example/b"]\n'
    assert len({*read_folder(folder(tmp_path, ENTRY + more)), *read_folder(folder(tmp_path, ENTRY + more))}) == 2


def test_an_empty_manifest_adds_nothing(tmp_path: Path) -> None:
    """An operator may have the folder before there is anything in it."""
    assert list(read_folder(folder(tmp_path, ""))) == []


def test_T20_a_changed_text_is_refused(tmp_path: Path) -> None:
    """A file that is not what was pinned stops the service."""
    with pytest.raises(ContextFolderError, match="not the pinned"):
        list(read_folder(folder(tmp_path, text=TEXT.replace(b"example", b"evil.ex"))))


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        ("[[context]", "could not be read"),
        ("context = 1", "something else"),
        (ENTRY + "[other]\n", "something else"),
        ("context = [1]", "unknown key"),
        (ENTRY + "sha265 = 1\n", "unknown key"),
        (ENTRY.replace(f'"{SHA256}"', "1"), "wrong type"),
        (ENTRY + "published = 'lately'\n", "wrong type"),
        (ENTRY + "aliases = [1]\n", "alias"),
        ('[[context]]\nurl = "https://contexts.example/a"\n', "lacks file, sha256"),
        ("[[context]]\n", "an entry lacks"),
        (ENTRY.replace("a.jsonld", "../a.jsonld"), "must lie in"),
        (ENTRY.replace("a.jsonld", "/etc/passwd"), "must lie in"),
        (ENTRY.replace("a.jsonld", "b.jsonld"), "could not be read"),
    ],
)
def test_a_folder_that_is_not_in_order_is_refused(tmp_path: Path, manifest: str, message: str) -> None:
    """Every fault of the MANIFEST stops the service, and says what it is."""
    with pytest.raises(ContextFolderError, match=message):
        list(read_folder(folder(tmp_path, manifest)))


@pytest.mark.parametrize("text", [b"{", b"[]", b"{}", b"\xff"])
def test_a_file_that_is_no_context_is_refused(tmp_path: Path, text: bytes) -> None:
    """A pinned file that is not JSON, or has no `@context`, stops the service."""
    manifest = ENTRY.replace(SHA256, hashlib.sha256(text).hexdigest())
    with pytest.raises(ContextFolderError, match=r"not JSON|no @context"):
        list(read_folder(folder(tmp_path, manifest, text)))


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    """A folder that is configured has to be there."""
    with pytest.raises(ContextFolderError, match="could not be read"):
        list(read_folder(tmp_path / "missing"))
