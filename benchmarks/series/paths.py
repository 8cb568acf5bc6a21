"""Which path of canonicalization the real documents take, folder by folder."""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.effort import Skipped
from benchmarks.series._series import Series
from gateway.canonical.rdf import canonicalizer
from resolvers.contexts import ContextStore, Revision
from resolvers.problems import Invalid, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.effort import Effort, Row

SHARED: Final = Path(__file__).resolve().parents[3] / "shared"
PATHS: Final = ("direct", "reference", "n_degree")


async def run(effort: Effort) -> list[Row]:
    """Canonicalize every JSON-LD document of the vectors as a verification would, without its proof."""
    del effort
    if not SHARED.is_dir():
        raise Skipped(f"the third-party vectors are missing: {SHARED}")
    counted: defaultdict[str, Counter[str]] = defaultdict(Counter)
    taken: list[str] = []
    made = canonicalizer(_contexts(), on_path=taken.append)
    try:
        for folder, document in _documents():
            taken.clear()
            try:
                await made.canonicalize(document)
            except (Invalid, Unavailable) as refused:
                taken.append("unknown_context" if refused.problem.code == "unknown-context" else "refused")
            for name in (folder, "all"):
                counted[name].update(["documents", *taken])
    finally:
        await made.close()
    return [_row(name, counted[name]) for name in sorted(counted, key=lambda name: (name == "all", name))]


def _contexts() -> ContextStore:
    """Return the bundled contexts, and those of the collection beside the vectors, as an operator could add them."""
    bundled = ContextStore.bundled()
    pinned = [revision for url in bundled.urls for revision in bundled.revisions(url)]
    folder = SHARED / "contexts"
    with (folder / "MANIFEST.tsv").open(encoding="utf-8", newline="") as manifest:
        for entry in csv.DictReader(manifest, delimiter="\t"):
            raw = (folder / entry["file"]).read_bytes()
            digest = hashlib.sha256(raw).hexdigest()
            urls = [url for url in entry["canonical_url"].split(" ; ") if not bundled.known(url)]
            pinned += [
                Revision(url=url, sha256=digest, jcs_sha256=digest, document=json.loads(raw), source=entry["file"])
                for url in urls
            ]
    return ContextStore(pinned)


def _documents() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (folder, document) of each file that holds a JSON-LD object; some only look like JSON, on purpose."""
    vectors = SHARED / "vectors"
    for path in sorted(vectors.rglob("*.json")):
        try:
            value = json.loads(path.read_bytes())
        except ValueError:
            continue
        if isinstance(value, dict) and "@context" in value:
            document = {name: member for name, member in value.items() if name != "proof"}
            yield path.relative_to(vectors).parts[0], document


def _row(name: str, counts: Counter[str]) -> Row:
    expanded = counts["direct"] + counts["reference"]
    return {
        "name": f"paths: {name}",
        "documents": counts["documents"],
        **{path: counts[path] for path in PATHS},
        "refused": counts["refused"],
        "unknown_context": counts["unknown_context"],
        "direct_share": counts["direct"] / expanded if expanded else None,
    }


PLUGIN: Final = Series(
    name="paths",
    title="Paths of canonicalization over real documents (refused: also after a path was taken)",
    columns={
        "name": "vectors",
        "documents": "documents",
        "direct": "direct",
        "reference": "reference",
        "n_degree": "n-degree",
        "refused": "refused",
        "unknown_context": "unknown context",
        "direct_share": "share direct",
    },
    run=run,
)
