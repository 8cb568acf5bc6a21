"""The JavaScript peer, `@digitalbazaar/vc` on Node, as `tests/interop` pins it."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gateway.demo.issuer import jwk

if TYPE_CHECKING:
    from benchmarks.records import Measured
    from resolvers.contexts import ContextStore

FOLDER = Path(__file__).resolve().parent.parent / "tests" / "interop"


def peer_ms(records: list[Measured], store: ContextStore, runs: dict[str, int]) -> dict[str, float | None]:
    """Return the peer's median verification time of each record in milliseconds; None without Node.

    Raises:
        RuntimeError: the peer did not verify a record, so its time would mean nothing.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return {one.name: None for one in records}
    if not (FOLDER / "node_modules").is_dir():
        subprocess.run([npm, "ci", "--silent"], cwd=FOLDER, check=True)  # noqa: S603 — pinned by the lock file
    items = []
    for one in records:
        item: dict[str, Any] = {"name": one.name, "runs": runs[one.name], "credential": one.credential}
        if isinstance(one.credential, str):
            item |= {"jwk": jwk(one.issuer.key), "alg": "EdDSA", "documents": {}}
        else:
            item |= {"suite": one.suite, "documents": {**_contexts(one, store), **_issuer(one)}}
        items.append(item)
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(items, file)
        file.flush()
        answer = subprocess.run(  # noqa: S603 — our own script
            [node, "verify.js", file.name], cwd=FOLDER, check=True, capture_output=True, text=True
        )
    found = json.loads(answer.stdout)
    wrong = [name for name, result in found.items() if not result["verified"]]
    if wrong:
        message = f"the peer does not verify {', '.join(wrong)}: {answer.stderr}"
        raise RuntimeError(message)
    return {name: result["ms"] for name, result in found.items()}


def _contexts(one: Measured, store: ContextStore) -> dict[str, Any]:
    """Return the pinned text of the document's contexts, so that both sides read the same."""
    return {url: store.load(url) for url in one.credential["@context"]}


def _issuer(one: Measured) -> dict[str, Any]:
    context = "https://w3id.org/security/multikey/v1"
    method = {"@context": context, **one.issuer.document["verificationMethod"][0]}
    return {one.issuer.did: one.issuer.document, one.issuer.method: method}
