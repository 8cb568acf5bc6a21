"""Signed bundles of policies: one file that a state publishes, and that its gateways load.

A ZIP archive. `manifest.jws` is a compact JWS (Ed25519) over a manifest: the bundle's id, its
revision, and the SHA-256 of every other file. The rest are policy files, and facts for their tests.

Nothing is unpacked to disk, and nothing but the manifest is read before all of this has been checked:
the signature under a pinned key, then that the archive holds exactly the files of the manifest, each
with its digest. (That a bundle is no older than the last one is for `gateway.policy_revisions`.)
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import struct
import zipfile
import zlib
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from policies.source import MAX_BYTES as POLICY_BYTES
from resolvers import compact_jws, strict_json, timestamps
from resolvers.problems import Invalid

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SUFFIX: Final = ".zip"
MANIFEST: Final = "manifest.json"
"""In an archive that is not signed yet."""
SIGNED_MANIFEST: Final = "manifest.jws"
MEDIA_TYPE: Final = "ler-policy-bundle+jwt"

MAX_ARCHIVE: Final = 4 * 1024 * 1024
"""Bytes of an archive: a thousand policies with their tests have about one million."""
MAX_UNPACKED: Final = 32 * 1024 * 1024
MAX_FILES: Final = 5_000
MAX_MANIFEST: Final = 1024 * 1024
MAX_FACTS: Final = 256 * 1024
"""Bytes of one file of facts."""

_VERSION: Final = 1
_MEMBERS: Final = frozenset({"version", "id", "revision", "issued", "files"})
_ID: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
_PART: Final = r"[a-z0-9][a-z0-9_-]*"
# Lower case only, so that no two names are one on any file system; no "..", no drive, no backslash.
_NAME: Final = re.compile(rf"(?:{_PART}/){{0,7}}{_PART}(?:\.{_PART})*\.(?:yaml|yml|json)", re.ASCII)
_MAX_NAME: Final = 200
_DIGEST: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_MAX_REVISION: Final = 2**53 - 1
_ALGORITHMS: Final = ("Ed25519", "EdDSA")
"""RFC 9864's name, and the one that most libraries still write; with an Ed25519 key they mean the same."""
_DAMAGED: Final = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, RuntimeError)
"""What `zipfile` raises for an archive that is damaged, or encrypted (RuntimeError, as NotImplementedError is one)."""
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""The date of every archive member, so that the same files make the same archive."""


class BundleError(ValueError):
    """The archive is no bundle that may be loaded; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """The files of one bundle. Made by `opened` they are authentic, by `built` they are the operator's own."""

    id: str
    revision: int
    """Goes up with every bundle of that id."""
    issued: datetime
    files: Mapping[str, bytes] = field(repr=False)

    @property
    def manifest(self) -> bytes:
        """What is signed."""
        content = {
            "version": _VERSION,
            "id": self.id,
            "revision": self.revision,
            "issued": self.issued.isoformat().replace("+00:00", "Z"),
            "files": {name: hashlib.sha256(content).hexdigest() for name, content in self.files.items()},
        }
        return json.dumps(content, separators=(",", ":"), sort_keys=True).encode("ascii")

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the manifest, and so of every file."""
        return hashlib.sha256(self.manifest).hexdigest()


def built(name: str, revision: int, files: Mapping[str, bytes], *, issued: datetime | None = None) -> Bundle:
    """Return a bundle of `files`, by their paths in it.

    Raises:
        BundleError: the id, the revision, or a file's name or size is not allowed.
    """
    bundle = Bundle(
        id=name, revision=revision, issued=(issued or datetime.now(UTC)).replace(microsecond=0), files=dict(files)
    )
    _check_manifest(json.loads(bundle.manifest))
    if sum(map(len, files.values())) > MAX_UNPACKED:
        raise BundleError(f"the files have more than {MAX_UNPACKED} bytes together")
    for path, content in files.items():
        if len(content) > _limit(path):
            raise BundleError(f"{path} has more than {_limit(path)} bytes")
    return bundle


def packed(bundle: Bundle, token: str | None = None) -> bytes:
    """Return the archive of a bundle: with `token` (`signed`) as its manifest, else with one to be signed.

    Raises:
        BundleError: it is larger than any gateway loads.
    """
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        manifest = (MANIFEST, bundle.manifest) if token is None else (SIGNED_MANIFEST, token.encode("ascii"))
        for name, content in (manifest, *sorted(bundle.files.items())):
            file.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)
    if len(archive.getvalue()) > MAX_ARCHIVE:
        raise BundleError(f"the archive has more than {MAX_ARCHIVE} bytes")
    return archive.getvalue()


def signed(bundle: Bundle, key: Mapping[str, Any]) -> str:
    """Return the manifest as a compact JWS under a private Ed25519 JWK.

    Raises:
        BundleError: the key is not one.
    """
    imported = _imported(key)
    if not imported.is_private:
        raise BundleError("signing takes the private key, which has a member d")
    return jws.serialize_compact(
        {"alg": "Ed25519", "typ": MEDIA_TYPE}, bundle.manifest, imported, algorithms=list(_ALGORITHMS)
    )


def opened(content: bytes, keys: Iterable[Mapping[str, Any]]) -> Bundle:
    """Return the bundle in a signed archive.

    Args:
        content: the archive.
        keys: the public Ed25519 JWKs that may sign; one of them must have.

    Raises:
        BundleError: it is not signed by any of them, or holds anything else than what was signed.
    """
    archive = _archive(content)
    manifest = _verified(_member(archive, SIGNED_MANIFEST, MAX_MANIFEST), keys)
    return _bundle(archive, SIGNED_MANIFEST, manifest)


def unsigned(content: bytes) -> Bundle:
    """Return the bundle in an archive that is not signed yet; whoever signs it has made it.

    Raises:
        BundleError: it is not one.
    """
    archive = _archive(content)
    return _bundle(archive, MANIFEST, _member(archive, MANIFEST, MAX_MANIFEST))


def new_key() -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a new Ed25519 key pair as JWKs: the private one, and the public one for the configuration."""
    key = OKPKey.generate_key("Ed25519", private=True)
    return dict(key.as_dict(private=True)), dict(key.as_dict(private=False))


def _imported(key: Mapping[str, Any]) -> OKPKey:
    if key.get("kty") != "OKP" or key.get("crv") != "Ed25519":
        raise BundleError("the key must be an Ed25519 JWK (RFC 8037)")
    try:
        return OKPKey.import_key(dict(key))
    except (JoseError, ValueError, TypeError):
        raise BundleError("the key is no usable Ed25519 JWK") from None


def _verified(raw: bytes, keys: Iterable[Mapping[str, Any]]) -> bytes:
    """Return the payload of a compact JWS that one of `keys` has signed."""
    try:
        token = raw.decode("ascii").strip()
        header, payload = compact_jws.split(token)
    except ValueError:
        raise BundleError(f"{SIGNED_MANIFEST} is not a compact JWS") from None
    # As for trust lists: only what is known may be in the header (RFC 7515, section 4.1.11).
    if header.keys() != {"alg", "typ"} or header["typ"] != MEDIA_TYPE:
        raise BundleError(f"{SIGNED_MANIFEST} is not a JWS of type {MEDIA_TYPE}")
    for key in map(_imported, keys):
        with suppress(ValueError):
            compact_jws.check_signature(token, key, _ALGORITHMS)
            return payload
    raise BundleError("its signature does not verify under any key that is pinned here")


def _bundle(archive: zipfile.ZipFile, manifest_name: str, manifest: bytes) -> Bundle:
    try:
        content = strict_json.loads(manifest)
    except Invalid as refused:
        raise BundleError(f"its manifest is not usable JSON: {refused.problem.code}") from None
    _check_manifest(content)
    expected = {manifest_name, *content["files"]}
    names = archive.namelist()
    if len(names) != len(expected) or set(names) != expected:
        odd = sorted(set(names) ^ expected) or sorted(name for name in expected if names.count(name) > 1)
        raise BundleError(f"it does not hold exactly the files of its manifest: {', '.join(map(repr, odd[:3]))}")
    files, left = {}, MAX_UNPACKED
    for name, digest in content["files"].items():
        files[name] = _member(archive, name, min(left, _limit(name)))
        left -= len(files[name])
        if hashlib.sha256(files[name]).hexdigest() != digest:
            raise BundleError(f"{name} is not the file that was signed")
    issued = timestamps.parse(content["issued"])
    bundle = Bundle(id=content["id"], revision=content["revision"], issued=issued, files=files)
    if bundle.manifest != manifest:
        raise BundleError("its manifest is not in canonical form (RFC 8785)")
    return bundle


def _check_manifest(content: Any) -> None:
    """Refuse a manifest in which anything is missing, malformed or not known. The format is closed."""
    if not isinstance(content, dict) or content.keys() != _MEMBERS or content["version"] != _VERSION:
        raise BundleError(f"its manifest is not one of version {_VERSION}")
    name, revision, files = content["id"], content["revision"], content["files"]
    if not isinstance(name, str) or not _ID.fullmatch(name):
        raise BundleError("its id must be lower-case words with hyphens between them, such as us-al")
    if isinstance(revision, bool) or not isinstance(revision, int) or not 1 <= revision <= _MAX_REVISION:
        raise BundleError("its revision must be a whole number from 1")
    try:
        timestamps.parse(content["issued"])
    except (ValueError, TypeError):
        raise BundleError("its manifest does not say when it was issued") from None
    if not isinstance(files, dict) or not 1 <= len(files) <= MAX_FILES:
        raise BundleError(f"it must hold from 1 to {MAX_FILES} files")
    for path, digest in files.items():
        if len(path) > _MAX_NAME or not _NAME.fullmatch(path) or path == MANIFEST:
            raise BundleError(f"{path[:_MAX_NAME]!r} is no name for a file in a bundle")
        if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
            raise BundleError(f"{path} has no digest")


def _archive(content: bytes) -> zipfile.ZipFile:
    if len(content) > MAX_ARCHIVE:
        raise BundleError(f"the archive has more than {MAX_ARCHIVE} bytes")
    try:
        return zipfile.ZipFile(io.BytesIO(content))
    except _DAMAGED:
        raise BundleError("it is not a ZIP archive") from None


def _member(archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    """Return the content of one file, and no more than `limit` bytes of whatever it inflates to."""
    try:
        about = archive.getinfo(name)
    except KeyError:
        raise BundleError(f"it has no {name}") from None
    if about.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise BundleError(f"{name} is compressed in another way than deflate")
    try:
        with archive.open(about) as file:
            content = file.read(limit + 1)
    except _DAMAGED:
        raise BundleError(f"{name} cannot be read") from None
    if len(content) > limit:
        raise BundleError(f"{name} has more than {limit} bytes")
    return content


def _limit(name: str) -> int:
    return MAX_FACTS if name.endswith(".json") else POLICY_BYTES
