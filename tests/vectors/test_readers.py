"""No vector lies beside the project unread."""

from __future__ import annotations

import fnmatch
import subprocess
import sys

import pytest

from tests.vectors.readers import ROOT, UNREAD, VECTORS, unread

pytestmark = pytest.mark.shared


def test_every_vector_is_read_by_a_test() -> None:
    """Each file is opened by a test that passes, or stands among those that need not be, with the reason."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.vectors.readers"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (0, "") == (done.returncode, done.stderr), done.stdout[-2000:]


def test_every_exception_is_of_a_file_that_is_there() -> None:
    """An exception for what is gone would hide the next file of that name."""
    files = [path.relative_to(VECTORS).as_posix() for path in VECTORS.rglob("*")]
    assert [pattern for pattern in UNREAD if not fnmatch.filter(files, pattern)] == []
    assert all(UNREAD.values())


def test_a_file_that_nobody_opens_is_named() -> None:
    """Without any test, everything is unread but the exceptions."""
    left = unread(set())
    assert "open-badges-3.0/simple.json" in left
    assert "README.md" not in left
    assert unread(set(left)) == []
