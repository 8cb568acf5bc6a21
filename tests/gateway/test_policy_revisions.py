"""Which revision of a bundle has been loaded is never forgotten, and never goes back."""

from __future__ import annotations

import errno
import json
import os
from typing import TYPE_CHECKING

import pytest

from gateway import file_lock
from gateway.policy_bundle import Bundle, BundleError, built
from gateway.policy_revisions import Revisions

if TYPE_CHECKING:
    from pathlib import Path


def bundle(revision: int, content: bytes = b"", name: str = "us-al") -> Bundle:
    """Return a bundle of that revision."""
    return built(name, revision, {"a.yaml": content})


def test_a_restart_remembers(tmp_path: Path) -> None:
    """What one process has loaded, the next one knows."""
    Revisions(tmp_path / "state").remember([bundle(3), bundle(1, name="us-nd")])
    again = Revisions(tmp_path / "state")

    again.check(bundle(4))
    again.check(bundle(9, name="us"))
    with pytest.raises(BundleError, match="us-al has revision 2; revision 3 has been loaded before"):
        again.check(bundle(2))


def test_one_revision_is_one_bundle(tmp_path: Path) -> None:
    """Two bundles of the same number are a mistake, or an attack."""
    revisions, this = Revisions(tmp_path), bundle(3)
    revisions.remember([this])

    revisions.check(this)
    with pytest.raises(BundleError, match="is not the one that has been loaded before"):
        revisions.check(bundle(3, b"other"))


def test_a_newer_one_that_another_process_has_loaded_meanwhile(tmp_path: Path) -> None:
    """What was checked is checked again under the lock, and nothing goes back."""
    one, other = Revisions(tmp_path), Revisions(tmp_path)
    one.check(bundle(3))
    other.remember([bundle(4)])

    with pytest.raises(BundleError, match="revision 4 has been loaded"):
        one.remember([bundle(3)])
    assert json.loads(other.path.read_text())["us-al"]["revision"] == 4


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"us-al": 3}', b'{"us-al": {"revision": 3}}', b'{"us-al": {"revision": true, "digest": "0"}}'],
)
def test_a_memory_that_cannot_be_read_takes_nothing_for_new(tmp_path: Path, content: bytes) -> None:
    """Otherwise whoever damages it could roll back."""
    revisions = Revisions(tmp_path)
    revisions.path.write_bytes(content)

    with pytest.raises(BundleError, match="cannot be read"):
        revisions.check(bundle(9))
    with pytest.raises(BundleError, match="cannot be read"):
        revisions.remember([bundle(9)])


def test_what_cannot_be_written_is_not_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A restart would forget it; but what is known already needs no writing."""
    revisions, this = Revisions(tmp_path), bundle(1)
    revisions.remember([this])

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    revisions.remember([this])
    with pytest.raises(BundleError, match="No space left on device"):
        revisions.remember([bundle(2)])
    monkeypatch.undo()
    revisions.check(this)


def test_a_lock_is_held_by_one(tmp_path: Path) -> None:
    """Who does not wait is told; afterwards it is free again."""
    with (
        file_lock.locked(tmp_path / "lock", wait=True),
        pytest.raises(BlockingIOError),
        file_lock.locked(tmp_path / "lock", wait=False),
    ):
        pass
    with file_lock.locked(tmp_path / "lock", wait=False):
        pass
