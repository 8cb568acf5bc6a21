"""An advisory lock between processes of one machine; the kernel drops it when its holder ends, however."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def locked(path: Path, *, wait: bool) -> Iterator[None]:
    """Hold the lock on the file at `path`, which is made if need be.

    Raises:
        BlockingIOError: another process holds it, and `wait` is false.
        OSError: the file cannot be opened, or this platform has no such locks.
    """
    try:
        import fcntl  # noqa: PLC0415 — absent on Windows, where nothing else needs it either
    except ImportError:
        raise OSError(errno.ENOSYS, "this platform has no locks between processes", str(path)) from None
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)
