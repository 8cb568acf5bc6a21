"""Which revision of each policy bundle has been loaded here: an older one is never loaded again.

A bundle that was signed stays signed. So whoever can put a file in place, without being able to sign,
could bring back the policies of last year; and so could a restart, if what was seen were forgotten.
"""

from __future__ import annotations

import json
import os
import re
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Final

from gateway.file_lock import locked
from gateway.policy_bundle import BundleError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from gateway.policy_bundle import Bundle

_FILE: Final = "policy-bundles.json"
_DIGEST: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Revisions:
    """The newest revision of each bundle id, on disk; several processes may share it."""

    __slots__ = ("_folder",)

    def __init__(self, folder: Path) -> None:
        """Keep them in `folder`, which is made when the first bundle is loaded."""
        self._folder = folder

    @property
    def path(self) -> Path:
        """The file."""
        return self._folder / _FILE

    def check(self, bundle: Bundle) -> None:
        """Refuse a bundle that is older than one that has been loaded, or another of the same revision.

        Raises:
            BundleError: it is, or the memory cannot be read; then nothing is taken for new.
        """
        _check(bundle, self._read())

    def remember(self, bundles: Iterable[Bundle]) -> None:
        """Write down what is about to be loaded, durably.

        Raises:
            BundleError: one is older than what another process has loaded meanwhile, or writing failed.
        """
        bundles = list(bundles)
        seen = self._read()
        if all(seen.get(bundle.id) == (bundle.revision, bundle.digest) for bundle in bundles):
            return
        with ExitStack() as stack:
            try:
                self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)  # who can write here can roll back
                stack.enter_context(locked(self.path.with_suffix(".lock"), wait=True))
            except OSError as error:
                raise self._unwritable(error) from None
            seen = self._read()
            for bundle in bundles:
                _check(bundle, seen)
                seen[bundle.id] = (bundle.revision, bundle.digest)
            self._write(seen)

    def _read(self) -> dict[str, tuple[int, str]]:
        try:
            content = json.loads(self.path.read_bytes())
        except FileNotFoundError:
            return {}
        except (OSError, ValueError):
            content = None
        if not isinstance(content, dict) or not all(map(_is_entry, content.values())):
            raise BundleError(f"which revisions were loaded before cannot be read from {self.path}")
        return {name: (entry["revision"], entry["digest"]) for name, entry in content.items()}

    def _write(self, seen: dict[str, tuple[int, str]]) -> None:
        """Replace the file; after a power cut it is the old or the new one, whole."""
        content = {name: {"revision": revision, "digest": digest} for name, (revision, digest) in sorted(seen.items())}
        new = self.path.with_suffix(".new")
        try:
            with new.open("w", encoding="ascii") as file:
                json.dump(content, file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            new.replace(self.path)
            folder = os.open(self._folder, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise self._unwritable(error) from None

    def _unwritable(self, error: OSError) -> BundleError:
        return BundleError(f"which revision is loaded cannot be written down in {self.path}: {error.strerror}")


def _check(bundle: Bundle, seen: dict[str, tuple[int, str]]) -> None:
    revision, digest = seen.get(bundle.id, (0, ""))
    if bundle.revision < revision:
        raise BundleError(f"{bundle.id} has revision {bundle.revision}; revision {revision} has been loaded before")
    if bundle.revision == revision and bundle.digest != digest:
        raise BundleError(f"{bundle.id} of revision {revision} is not the one that has been loaded before")


def _is_entry(entry: Any) -> bool:
    if not isinstance(entry, dict) or entry.keys() != {"revision", "digest"}:
        return False
    revision, digest = entry["revision"], entry["digest"]
    whole = isinstance(revision, int) and not isinstance(revision, bool)
    return whole and isinstance(digest, str) and _DIGEST.fullmatch(digest) is not None
