"""The W3C's test suite for RDF Dataset Canonicalization 1.0."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyoxigraph
import pytest

from gateway.canonical.rdfc import Labelling, canonicalize
from resolvers.problems import Unavailable
from tests.shared import SHARED

if TYPE_CHECKING:
    from gateway.canonical._terms import Quad

pytestmark = pytest.mark.shared

FOLDER = SHARED / "vectors" / "rdf-canon"
MANIFEST: list[dict[str, Any]] = (
    json.loads((FOLDER / "manifest.jsonld").read_text(encoding="utf-8"))["entries"] if FOLDER.is_dir() else []
)


def entries(kind: str) -> list[Any]:
    """Return the manifest's entries of one kind, as parameters."""
    return [pytest.param(entry, id=entry["id"].strip("#")) for entry in MANIFEST if entry["type"] == f"rdfc:{kind}"]


def dataset(entry: dict[str, Any]) -> list[Quad]:
    """Return the dataset of an entry, with its labels as they are written."""
    parsed = pyoxigraph.parse((FOLDER / entry["action"]).read_bytes(), format=pyoxigraph.RdfFormat.N_QUADS)
    return [(str(quad.subject), str(quad.predicate), str(quad.object), graph_name(quad.graph_name)) for quad in parsed]


def graph_name(graph: object) -> str:
    """Return the name of a graph as a term; "" for the default graph."""
    return "" if isinstance(graph, pyoxigraph.DefaultGraph) else str(graph)


def hash_name(entry: dict[str, Any]) -> str:
    """Return the hash that an entry asks for."""
    return str(entry.get("hashAlgorithm", "SHA256")).lower()


def test_the_suite_is_whole() -> None:
    """The suite has tests of each kind, so that none of the tests below is empty."""
    kinds = {entry["type"] for entry in MANIFEST}
    assert kinds == {"rdfc:RDFC10EvalTest", "rdfc:RDFC10MapTest", "rdfc:RDFC10NegativeEvalTest"}
    assert len(MANIFEST) == 86


@pytest.mark.parametrize("entry", entries("RDFC10EvalTest"))
def test_the_canonical_form_is_the_expected_one(entry: dict[str, Any]) -> None:
    """Each dataset has the canonical N-Quads that the suite gives, byte for byte."""
    expected = (FOLDER / entry["result"]).read_bytes()
    assert expected == canonicalize(dataset(entry), hash_name(entry))[0]


@pytest.mark.parametrize("entry", entries("RDFC10MapTest"))
def test_the_labels_are_the_expected_ones(entry: dict[str, Any]) -> None:
    """Each blank node gets the label that the suite gives."""
    expected = json.loads((FOLDER / entry["result"]).read_bytes())
    labels = canonicalize(dataset(entry), hash_name(entry))[1]
    assert expected == {node.removeprefix("_:"): label.removeprefix("_:") for node, label in labels.items()}


@pytest.mark.parametrize("entry", entries("RDFC10NegativeEvalTest"))
def test_T16_a_poison_graph_is_refused(entry: dict[str, Any]) -> None:
    """074, a complete graph of ten blank nodes, is refused before its orders are tried."""
    with pytest.raises(Unavailable) as caught:
        canonicalize(dataset(entry))
    assert caught.value.problem.code == "canonicalization-limit"


@pytest.mark.parametrize(
    "entry", [item for item in entries("RDFC10EvalTest") if item.id in ("test044c", "test045c", "test046c")]
)
def test_T16_the_hardest_honest_graphs_pass(entry: dict[str, Any]) -> None:
    """044 to 046 go through the n-degree step, and stay under half of its limit."""
    labelling = Labelling(dataset(entry))
    assert labelling.entangled
    labelling.finish()
    assert 0 < labelling.calls <= 500
