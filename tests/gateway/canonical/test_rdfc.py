"""RDFC-1.0: what labels depend on, what they do not, and where the work ends."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pyoxigraph
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.canonical import rdfc
from gateway.canonical._terms import quoted
from resolvers.problems import Unavailable

if TYPE_CHECKING:
    from gateway.canonical._terms import Quad

NODES = [f"_:x{number}" for number in range(5)]


def quads(*, graphs: list[str]) -> st.SearchStrategy[list[Quad]]:
    """Return datasets of few names, so that alike nodes are common."""
    return st.lists(
        st.tuples(
            st.sampled_from([*NODES, "<urn:a>"]),
            st.sampled_from(["<urn:p>", "<urn:q>"]),
            st.sampled_from([*NODES, "<urn:a>", '"text"']),
            st.sampled_from(["", *graphs]),
        ),
        max_size=10,
        unique=True,
    )


def by_pyoxigraph(dataset: list[Quad]) -> bytes:
    """Canonicalize with pyoxigraph."""
    text = "".join(rdfc.line(*quad) for quad in dataset)
    parsed = pyoxigraph.Dataset(pyoxigraph.parse(text, format=pyoxigraph.RdfFormat.N_QUADS))
    parsed.canonicalize(pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0)
    return "".join(sorted(f"{quad} .\n" for quad in parsed)).encode()


@settings(max_examples=150, deadline=None)
@given(dataset=quads(graphs=[*NODES, "<urn:g>"]), seed=st.integers(0, 2**32))
def test_labels_and_order_of_the_input_do_not_matter(dataset: list[Quad], seed: int) -> None:
    """A dataset with other labels, in another order and with quads repeated has the same canonical form."""
    shuffled = [*dataset, *dataset[:2]]
    random.Random(seed).shuffle(shuffled)  # noqa: S311 — no secret
    renamed = {node: f"_:y{(number * 3 + 1) % 5}" for number, node in enumerate(NODES)}
    other = [(renamed.get(s, s), p, renamed.get(o, o), renamed.get(g, g)) for s, p, o, g in shuffled]
    assert rdfc.canonicalize(dataset)[0] == rdfc.canonicalize(other)[0]


@settings(max_examples=150, deadline=None)
@given(dataset=quads(graphs=["<urn:g>"]))
def test_it_agrees_with_another_implementation(dataset: list[Quad]) -> None:
    """Without blank graph names it agrees with pyoxigraph, which mislabels where one is related several times.

    rdf-canonize, the JavaScript implementation, agrees with this one there too.
    """
    assert by_pyoxigraph(dataset) == rdfc.canonicalize(dataset)[0]


@settings(max_examples=400)
@given(dataset=quads(graphs=["<urn:g>"]), hash_name=st.sampled_from(["sha256", "sha384"]))
def test_at_once_it_is_the_same_or_nothing(dataset: list[Quad], hash_name: str) -> None:
    """The short way comes to what the long one does, or leaves it to that."""
    assert rdfc.canonicalize_at_once(dataset, hash_name) in (None, rdfc.canonicalize(dataset, hash_name)[0])


@pytest.mark.parametrize(
    ("dataset", "possible"),
    [
        ([], True),
        ([("<urn:a>", "<urn:p>", '"x"', "")], True),
        ([("_:a", "<urn:p>", '"x"', "")], True),
        ([("_:a", "<urn:p>", "_:b", ""), ("_:b", "<urn:p>", "_:c", ""), ("_:c", "<urn:p>", '"x"', "")], True),
        ([("_:a", "<urn:p>", '"x"', ""), ("_:b", "<urn:p>", '"x"', "")], False),
        ([("_:a", "<urn:p>", "_:a", "")], False),
        ([("<urn:a>", "<urn:p>", '"x"', "<urn:g>")], False),
    ],
)
def test_at_once_is_for_one_graph_whose_nodes_differ(dataset: list[Quad], *, possible: bool) -> None:
    """Named graphs, self-loops and alike nodes are left to the long way; all else is done."""
    assert (rdfc.canonicalize_at_once(dataset) is not None) is possible


def test_a_quad_that_names_a_node_twice_counts_once() -> None:
    """A self-loop is one quad of its node (PyLD lists it twice, and labels the nodes the other way round)."""
    dataset = [("_:a", "<urn:p>", "_:a", ""), ("_:b", "<urn:p>", "_:a", ""), ("_:b", "<urn:q>", '"x"', "")]
    assert by_pyoxigraph(dataset) == rdfc.canonicalize(dataset)[0]


def test_literals_are_escaped_as_canonical_n_quads_says() -> None:
    """RDFC-1.0, section 5: short escapes, numbers for other controls and non-characters, all else as it is."""
    text = '\b\t\n\f\r"\\\x00\x0b\x1f\x7f\x80\ufffe é😀'
    assert quoted(text) == '"\\b\\t\\n\\f\\r\\"\\\\\\u0000\\u000B\\u001F\\u007F\x80\\uFFFE é😀"'
    literal = str(pyoxigraph.Literal(text))
    assert literal == quoted(text)


def test_sha_384_is_used_throughout() -> None:
    """P-384 hashes with SHA-384, which may order labels differently."""
    dataset = [(f"_:n{number}", "<urn:p>", f'"{number}"', "") for number in range(9)]
    assert rdfc.canonicalize(dataset, "sha256")[1] != rdfc.canonicalize(dataset, "sha384")[1]


def poison(parents: int, children: int) -> list[Quad]:
    """Return a graph that needs no blank node labels in its JSON: parents with empty children."""
    return [
        (f"_:p{parent}", "<urn:child>", f"_:c{parent}-{child}", "")
        for parent in range(parents)
        for child in range(children)
    ]


def test_T16_two_parents_with_nine_empty_children_are_refused() -> None:
    """`{"a": [{"c": [{}, …]}, {"c": [{}, …]}]}` takes other implementations seconds."""
    dataset = poison(2, 9)
    assert rdfc.Labelling(dataset).entangled
    with pytest.raises(Unavailable) as caught:
        rdfc.canonicalize(dataset)
    assert caught.value.problem.code == "canonicalization-limit"


def test_T16_five_alike_neighbours_pass_and_six_do_not() -> None:
    """The limit is where the documentation says."""
    rdfc.canonicalize(poison(2, 5))
    with pytest.raises(Unavailable, match="canonicalization-limit"):
        rdfc.canonicalize(poison(2, 6))


def test_T16_the_calls_are_limited() -> None:
    """A chain of pairs has few alike neighbours each, but ever more ways through."""
    dataset = [
        (f"_:n{level}{side}", "<urn:p>", f"_:n{level + 1}{other}", "")
        for level in range(12)
        for side in "ab"
        for other in "ab"
    ]
    labelling = rdfc.Labelling(dataset)
    with pytest.raises(Unavailable, match="canonicalization-limit"):
        labelling.finish()
    assert labelling.calls == rdfc.MAXIMUM_CALLS + 1


def test_T16_one_node_related_many_times_is_one_order() -> None:
    """Alike nodes in one graph relate to its name with every quad; that is no reason to refuse them."""
    dataset = [(f"_:{node}", f"<urn:p{number}>", '"x"', "_:g") for node in "ab" for number in range(50)]
    assert not rdfc.Labelling(dataset).entangled
    assert len(rdfc.canonicalize(dataset)[0].splitlines()) == 100


def test_alike_nodes_apart_are_not_entangled() -> None:
    """Two empty values of one node need the n-degree step, but cannot make it grow."""
    dataset = [("<urn:a>", "<urn:p>", "_:x", ""), ("<urn:a>", "<urn:p>", "_:y", "")]
    labelling = rdfc.Labelling(dataset)
    assert (labelling.entangled, len(labelling.alike)) == (False, 1)
    assert labelling.finish() == b"<urn:a> <urn:p> _:c14n0 .\n<urn:a> <urn:p> _:c14n1 .\n"


def test_any_number_of_alike_nodes_apart_is_labelled() -> None:
    """A long record repeats itself; where alike nodes are apart the work grows no faster than the record."""
    achievements = [
        quad
        for number in range(3_000)
        for quad in (
            (f"_:a{number}", "<urn:name>", f'"{number}"', ""),
            (f"_:a{number}", "<urn:criteria>", f"_:c{number}", ""),
        )
    ]
    labelling = rdfc.Labelling(achievements)
    assert not labelling.entangled
    assert labelling.finish().count(b"\n") == 6_000
    assert labelling.calls == 0
