"""A folder of pinned contexts: JSON-LD files, and a MANIFEST.toml that pins each by SHA-256.

The bundled contexts lie in such a folder, and the operator's own may lie in another one::

    [[context]]
    url = "https://purl.imsglobal.org/spec/clr/v2p0/context.json"   # as documents name it
    aliases = ["https://…"]         # other URLs of the same text; optional
    file = "clr-2.0.0.json"         # beside the MANIFEST
    sha256 = "…"                    # of the file; required, in lower-case hexadecimal
    published = 2024-02-19          # needed only where one URL has had several texts

`licence`, `package`, `member` (where in the package) and `jcs_sha256` may be recorded too.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import rfc8785

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_REQUIRED: Final = {"url": str, "file": str, "sha256": str}
_OPTIONAL: Final = {
    "aliases": list,
    "published": date,
    "licence": str,
    "package": str,
    "member": str,
    "jcs_sha256": str,
}
_KEYS: Final = _REQUIRED | _OPTIONAL


class ContextFolderError(RuntimeError):
    """A folder of contexts is not in order; the service must not start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One text that was published as the context `url`."""

    url: str
    sha256: str
    """Of the file; the digest that a result reports."""
    jcs_sha256: str
    """Of the JCS form (RFC 8785), which copies share that differ in white space only."""
    document: Mapping[str, Any]
    """The parsed file, `{"@context": …}`; shared by everything that reads it, so never change it."""
    source: str
    """The registry package that it was taken from, else the path of the file."""
    published: date | None = None
    """From when it was served at `url`; known only where that matters."""
    other_digests: Mapping[str, bytes] = field(default_factory=dict)
    """Of the file by SHA-384 and SHA-512, by which credentials may name the text that they mean."""

    def __hash__(self) -> int:
        """Two revisions are the same if their URL and text are."""
        return hash((self.url, self.sha256))


def read_folder(folder: Path) -> Iterator[Revision]:
    """Yield the contexts of `folder`, one for every URL and alias, in the order of its MANIFEST.

    Raises:
        ContextFolderError: the MANIFEST or a file is missing, malformed, or not what is pinned.
    """
    manifest = folder / "MANIFEST.toml"
    try:
        parsed = tomllib.loads(manifest.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ContextFolderError(f"{manifest} could not be read: {error}") from error
    entries = parsed.get("context", [])
    if set(parsed) - {"context"} or not isinstance(entries, list):
        raise ContextFolderError(f"{manifest} holds something else than [[context]] entries")
    for entry in entries:
        _check(entry, manifest)
        file, content, document = _read(folder, entry)
        others = {name: hashlib.new(name, content).digest() for name in ("sha384", "sha512")}
        for url in (entry["url"], *entry.get("aliases", ())):
            yield Revision(
                url=url,
                sha256=entry["sha256"],
                jcs_sha256=entry.get("jcs_sha256") or hashlib.sha256(rfc8785.dumps(document)).hexdigest(),
                document=document,
                source=entry.get("package") or str(file),
                published=entry.get("published"),
                other_digests=others,
            )


def _check(entry: object, manifest: Path) -> None:
    """Require the shape that the module's docstring shows; an unknown key is likely a misspelt one."""
    if not isinstance(entry, dict) or any(
        key not in _KEYS or not isinstance(value, _KEYS[key]) for key, value in entry.items()
    ):
        raise ContextFolderError(f"{manifest}: an entry has an unknown key or a value of the wrong type: {entry}")
    missing = _REQUIRED.keys() - entry.keys()
    if missing:
        raise ContextFolderError(f"{manifest}: {entry.get('url', 'an entry')} lacks {', '.join(sorted(missing))}")
    if not all(isinstance(alias, str) for alias in entry.get("aliases", ())):
        raise ContextFolderError(f"{manifest}: {entry['url']} has an alias that is not a URL")


def _read(folder: Path, entry: dict[str, Any]) -> tuple[Path, bytes, Mapping[str, Any]]:
    """Return where an entry's file is, its octets and their JSON, once the digest is that of the MANIFEST."""
    file = folder / entry["file"]
    if file.parent != folder:
        raise ContextFolderError(f"{entry['url']}: {entry['file']} must lie in {folder} itself")
    try:
        content = file.read_bytes()
    except OSError as error:
        raise ContextFolderError(f"{entry['url']}: {file} could not be read: {error}") from error
    digest = hashlib.sha256(content).hexdigest()
    if digest != entry["sha256"]:
        raise ContextFolderError(f"{entry['url']}: {file} has SHA-256 {digest}, not the pinned {entry['sha256']}")
    try:
        document = json.loads(content)
    except ValueError as error:
        raise ContextFolderError(f"{entry['url']}: {file} is not JSON: {error}") from error
    if not isinstance(document, dict) or "@context" not in document:
        raise ContextFolderError(f"{entry['url']}: {file} has no @context")
    return file, content, document
