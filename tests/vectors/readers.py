"""Which vectors the tests read: `python -m tests.vectors.readers` runs them, and names each file that none has opened.

What a test opens is seen by an audit hook, so nobody has to write it down and nothing can be forgotten.
"""

from __future__ import annotations

import fnmatch
import os
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from tests.shared import SHARED

ROOT: Final = Path(__file__).resolve().parent.parent.parent
VECTORS: Final = SHARED / "vectors"

READERS: Final = (
    "tests/vectors",
    "tests/gateway/formats/test_sd_jwt.py",
    "tests/gateway/formats/test_vcdm2_cose.py",
    "tests/resolvers/did/test_webvh.py",
    "tests/resolvers/test_token_status_list.py",
    "tests/resolvers/trust/test_dcc_known_registries.py",
    "tests/resolvers/trust/test_dcc_legacy.py",
    "tests/resolvers/trust/test_oidf_did.py",
)
"""Where the vectors are read; other tests read some of them again."""

_LEFT_OUT: Final = ("tests/vectors/test_cases.py", "tests/vectors/test_readers.py")
"""The project's own cases, and what runs this."""

_AGAIN: Final = "spoilt or swapped or by_default"
"""Tests that read again what others of their module read."""

UNREAD: Final = {
    "README.md": "says what is true of the others",
    "*/README.md": "is about the files beside it",
    "jcs/numgen.*": "programs that generate a file of numbers, which is not there",
    "didwebvh/*/script.yaml": "what the logs were generated from",
    "sd-jwt/*/specification.yml": "what the token was generated from",
    "sd-jwt/*/disclosures.md": "the disclosures in prose; they stand in the issued token",
    "token-status-list/*_diag.md": "the octets beside it, in diagnostic notation",
}
"""Files that no test opens, with the reason."""


def unread(opened: set[str]) -> list[str]:
    """Return the vectors that are neither among `opened` nor excepted."""
    files = sorted(path.relative_to(VECTORS).as_posix() for path in VECTORS.rglob("*") if path.is_file())
    return [
        name for name in files if name not in opened and not any(fnmatch.fnmatch(name, pattern) for pattern in UNREAD)
    ]


def main() -> int:
    """Run the readers, and print what none of them opened; 1 if there is anything."""
    opened: set[str] = set()
    root = f"{VECTORS}{os.sep}"

    def see(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(arguments[0], (str, os.PathLike)):
            name = os.fspath(arguments[0])
            if isinstance(name, str) and name.startswith(root):
                opened.add(name.removeprefix(root))

    sys.addaudithook(see)
    readers = [str(ROOT / name) for name in READERS]
    options = ["-q", "-p", "no:randomly", "-p", "no:cacheprovider", "-m", "shared", "-k", f"not ({_AGAIN})"]
    left_out = [f"--ignore={ROOT / name}" for name in _LEFT_OUT]
    failed = pytest.main([*options, *left_out, f"--rootdir={ROOT}", *readers])
    left = unread(opened)
    sys.stderr.write("".join(f"no test reads {name}\n" for name in left))
    return 1 if failed or left else 0


if __name__ == "__main__":
    raise SystemExit(main())
