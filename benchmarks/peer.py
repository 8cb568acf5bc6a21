"""The JavaScript peers on Node, as `tests/interop` pins them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gateway.demo.issuer import jwk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.effort import Turn
    from benchmarks.records import Measured
    from resolvers.contexts import ContextStore

FOLDER: Final = Path(__file__).resolve().parent.parent / "tests" / "interop"

LINKED_DATA: Final = "@digitalbazaar/vc"
TOKENS: Final = "did-jwt-vc"
SIGNATURE: Final = "jose"
"""`jwtVerify`: of a token the signature and the dates, by a key that it is given."""

WARM_UP: Final = 1.0
"""Seconds: after some 300 badges its time does not fall any further."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A Node process that waits for its turns, as warm as its compiler makes it."""

    process: subprocess.Popen[str]

    def verifying(self, one: Measured, by: str | None = None) -> Turn:
        """Return the turn in which a peer, that of the record unless another is named, verifies it."""

        async def turn(seconds: float) -> list[float]:
            return self._ask({"name": one.name, "by": by or of(one), "seconds": seconds})

        return turn

    def _ask(self, question: dict[str, Any]) -> list[float]:
        """Return the milliseconds of each verification.

        Raises:
            RuntimeError: the record did not verify, so its time would mean nothing.
        """
        process = self.process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(question) + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
        answer: dict[str, Any] = json.loads(line) if line else {"verified": False}
        if not answer["verified"]:
            message = f"{question['by']} does not verify {question['name']}"
            raise RuntimeError(message)
        times: list[float] = answer["ms"]
        return times


def of(one: Measured) -> str:
    """Return the peer of a record: the one that verifies it as a whole credential."""
    return TOKENS if one.is_token else LINKED_DATA


@contextmanager
def started(records: Sequence[Measured], store: ContextStore, *, warm_up: float = WARM_UP) -> Iterator[Peer | None]:
    """Yield the peers with those records, their packages installed; None without Node or the packages.

    They begin by verifying each record for `warm_up` seconds, without being waited for.
    """
    node = shutil.which("node")
    if node is None or not _install():
        print("The peers are left out: they need Node 20, and `npm ci` in tests/interop.", file=sys.stderr)
        yield None
        return
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump([item for one in records for item in _items(one, store)], file)
        file.flush()
        with subprocess.Popen(  # noqa: S603 — our own script
            [node, "verify.js", file.name, str(warm_up)],
            cwd=FOLDER,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                yield Peer(process)
            finally:
                process.kill()  # it keeps nothing, and may still be warming up


def _install() -> bool:
    """Install what the lock file pins, unless that is done; return whether it is."""
    installed, pinned = FOLDER / "node_modules" / ".package-lock.json", FOLDER / "package-lock.json"
    if installed.is_file() and installed.stat().st_mtime >= pinned.stat().st_mtime:
        return True
    npm = shutil.which("npm")
    return npm is not None and subprocess.run([npm, "ci", "--silent"], cwd=FOLDER, check=False).returncode == 0  # noqa: S603 — pinned by the lock file


def _items(one: Measured, store: ContextStore) -> list[dict[str, Any]]:
    item = {"name": one.name, "by": of(one), "credentials": one.credentials}
    if one.is_token:
        return [item, {**item, "by": SIGNATURE, "jwk": jwk(one.issuer.key)}]
    # The pinned texts, so that both sides read the same contexts.
    contexts = {url: store.load(url) for url in one.credential["@context"]}
    return [{**item, "suite": one.suite, "documents": {**contexts, **_issuer(one)}}]


def _issuer(one: Measured) -> dict[str, Any]:
    context = "https://w3id.org/security/multikey/v1"
    method = {"@context": context, **one.issuer.document["verificationMethod"][0]}
    return {one.issuer.did: one.issuer.document, one.issuer.method: method}
