"""The reference path says no where PyLD says nothing."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.canonical import rdfc
from gateway.canonical.reference import Reference, check_watch
from resolvers.problems import Invalid, Problem
from tests.gateway.canonical.paths import OB3, STORE, VC1, VC2

CONTEXT = "https://contexts.example/v1"
WORLD = {url: STORE.load(url) for url in (VC1, VC2, OB3, "https://w3id.org/security/data-integrity/v2")} | {
    CONTEXT: {
        "@context": {
            "@version": 1.1,
            "id": "@id",
            "type": "@type",
            "value": "@value",
            "lang": "@language",
            "T": "urn:x:T",
            "p": "urn:x:p",
            "q": {"@id": "urn:x:q", "@type": "@id"},
            "v": {"@id": "urn:x:v", "@type": "@vocab"},
            "json": {"@id": "urn:x:json", "@type": "@json"},
            "double": {"@id": "urn:x:double", "@type": "http://www.w3.org/2001/XMLSchema#double"},
            "names": {"@id": "urn:x:names", "@container": "@language"},
            "list": {"@id": "urn:x:list", "@container": "@list"},
            "graph": {"@id": "urn:x:graph", "@container": "@graph"},
            "byIndex": {"@id": "urn:x:byIndex", "@container": "@index"},
            "byId": {"@id": "urn:x:byId", "@container": "@id"},
            "byType": {"@id": "urn:x:byType", "@container": "@type"},
            "of": {"@reverse": "urn:x:of"},
            "gone": None,
            "blank": "_:predicate",
            "bad": "urn:x:<bad>",
            "cleared": {"@id": "urn:x:cleared", "@context": None},
            "Cleared": {"@id": "urn:x:Cleared", "@context": [None, {"p": "urn:x:p", "type": "@type"}]},
            "nest": "@nest",
        }
    }
}


def lines(**members: Any) -> str:
    """Return the canonical N-Quads of a node with `members` under the context above."""
    quads = Reference(WORLD).quads({"@context": CONTEXT, "type": "T", **members})
    return rdfc.canonicalize(quads)[0].decode()


def refusal(document: dict[str, Any]) -> Problem:
    """Return why `document` is refused."""
    with pytest.raises(Invalid) as caught:
        Reference(WORLD).quads(document)
    return caught.value.problem


def loss(**members: Any) -> str | None:
    """Return the pointer at which a node with `members` loses something."""
    problem = refusal({"@context": CONTEXT, "type": "T", **members})
    assert problem.code == "DATA_LOSS_DETECTION_ERROR"
    return problem.pointer


class TestMembers:
    """Every member name is a term of the active context."""

    @pytest.mark.parametrize(
        "name",
        ["admin", "urn:x:p", "cred:p", "@nest", "@index", "@graph", "@included", "@list", "@set", "@foo", "nest", ""],
    )
    def test_T19_a_member_that_is_no_term_is_refused(self, name: str) -> None:
        """Undefined names, IRIs, keywords, what looks like one, and aliases of keywords."""
        assert loss(p={"p": [{}, {name: {"p": "x"}}]}) == f"/p/p/1/{name}"

    @pytest.mark.parametrize("value", [None, [], "x"])
    def test_T19_what_it_says_does_not_matter(self, value: Any) -> None:
        """An undefined member is refused also where it is null or empty."""
        assert loss(admin=value) == "/admin"

    @pytest.mark.parametrize("name", ["gone", "blank", "bad"])
    def test_T19_a_term_without_a_usable_iri_is_refused(self, name: str) -> None:
        """A null term, a blank node and a malformed IRI make no statement."""
        assert loss(**{name: "x"}) == f"/{name}"

    def test_T19_a_name_that_only_another_type_defines_is_refused(self) -> None:
        """Type-scoped terms are terms of nodes of that type alone."""
        document = {"@context": [VC1, OB3], "type": ["VerifiableCredential"], "credentialSubject": {"criteria": {}}}
        assert refusal(document).pointer == "/credentialSubject/criteria"

    def test_pointers_are_escaped(self) -> None:
        """RFC 6901: ~ and / have their own spelling."""
        assert loss(p={"a/b~c": 1}) == "/p/a~1b~0c"

    @pytest.mark.parametrize("value", [{"byIndex": {"key": {}}}, {"byId": {"urn:k": {}}}, {"byType": {"T": {}}}])
    def test_T62_the_keys_of_maps_are_no_members(self, value: dict[str, Any]) -> None:
        """A map's keys are not signed (`@index`) or are identifiers and types that no reader looks for."""
        (name,) = value
        assert loss(**value) == f"/{name}"

    @pytest.mark.parametrize("member", [{"@type": "T"}, {"type": "T"}])
    def test_T62_types_are_said_once(self, member: dict[str, Any]) -> None:
        """Two spellings of one keyword on one node are refused."""
        assert loss(p={"type": "T", "@type": "T"}) in ("/p/type", "/p/@type")
        assert "urn:x:T" in lines(p=member)

    def test_terms_of_a_reverse_property_are_terms(self) -> None:
        """A pinned context may define a term by @reverse."""
        assert "<urn:a> <urn:x:of> <urn:b> .\n" in lines(id="urn:b", of={"id": "urn:a", "type": "T"})


class TestIdentifiers:
    """Every identifier becomes an IRI as it is written."""

    @pytest.mark.parametrize(
        "identifier",
        [
            "",
            "relative",
            "../up",
            "#fragment",
            "?query",
            "//host/path",
            ":",
            "_:blank",
            "urn:x:a b",
            "urn:x:>",
            "urn:\n",
        ],
    )
    def test_T19_what_is_no_absolute_iri_is_refused(self, identifier: str) -> None:
        """PyLD drops their statements, invents http://example.org/base/, or raises TypeError."""
        assert loss(p={"id": identifier, "p": "x"}) == "/p/id"
        assert loss(q=identifier) == "/q"

    @pytest.mark.parametrize("members", [{"q": "@foo"}, {"v": "@foo"}, {"p": {"id": "@foo"}}, {"type": ["T", "@foo"]}])
    def test_T19_what_looks_like_a_keyword_is_refused(self, members: dict[str, Any]) -> None:
        """JSON-LD reserves it, and PyLD makes nothing of it or raises TypeError; where it stands is lost."""
        assert loss(**members) is None

    @pytest.mark.parametrize("space", ["\u00a0", "\u2003", "\u3000", "\ufeff"])
    def test_T19_space_of_any_alphabet_is_refused(self, space: str) -> None:
        """PyLD drops IRIs with any space, quietly."""
        assert loss(q=f"https://x.example/{space}") == "/q"

    def test_no_quad_can_be_injected(self) -> None:
        """An IRI cannot end its term and go on with a statement of its own."""
        assert loss(q="urn:a> <urn:p> <urn:b> .\n<urn:c") == "/q"

    @pytest.mark.parametrize("name", ["Undefined", "relative/type"])
    def test_T19_an_undefined_type_is_refused(self, name: str) -> None:
        """Types that no context defines are not signed."""
        assert loss(p={"type": ["T", name]}) == "/p/type/1"

    def test_T19_an_undefined_value_of_a_vocabulary_is_refused(self) -> None:
        """Values that are terms have to be defined too."""
        assert loss(v="Undefined") == "/v"
        assert "<urn:x:T>" in lines(v="T")

    def test_T19_a_null_context_hides_no_loss(self) -> None:
        """Below a null context of a pinned context nothing is defined, types included."""
        assert loss(cleared={"type": "T"}) == "/cleared/type"
        assert loss(cleared={"p": "x"}) == "/cleared/p"
        assert loss(type="Cleared", p={"type": "Undefined"}) is not None

    def test_a_presentation_clears_the_context_of_its_credentials(self) -> None:
        """credentials/v2 has a null context around embedded credentials, which name their own."""
        inner = {"@context": VC2, "id": "urn:c", "type": "VerifiableCredential", "issuer": "did:x:y"}
        outer = {"@context": VC2, "type": "VerifiablePresentation", "verifiableCredential": inner}
        assert any(quad[0] == "<urn:c>" and quad[3] for quad in Reference(WORLD).quads(outer))
        assert refusal(outer | {"verifiableCredential": inner | {"@context": []}}).code == "DATA_LOSS_DETECTION_ERROR"


class TestValues:
    """Literals are written in the one way that all implementations write them."""

    @pytest.mark.parametrize(
        ("members", "expected"),
        [
            ({"p": 'a "b"\n\\'}, r'"a \"b\"\n\\"'),
            ({"p": True}, '"true"^^<http://www.w3.org/2001/XMLSchema#boolean>'),
            ({"p": 5}, '"5"^^<http://www.w3.org/2001/XMLSchema#integer>'),
            ({"p": 5.0}, '"5"^^<http://www.w3.org/2001/XMLSchema#integer>'),
            ({"p": 5.25}, '"5.25E0"^^<http://www.w3.org/2001/XMLSchema#double>'),
            ({"double": 5}, '"5.0E0"^^<http://www.w3.org/2001/XMLSchema#double>'),
            ({"p": {"value": "x", "lang": "EN-us"}}, '"x"@en-us'),
            ({"p": {"value": "x", "type": "T"}}, '"x"^^<urn:x:T>'),
            ({"names": {"en": "x"}}, '"x"@en'),
            (
                {"json": {"b": 1.0, "a": [None, "@nest"]}},
                r'"{\"a\":[null,\"@nest\"],\"b\":1}"^^<http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON>',
            ),
        ],
        ids=str,
    )
    def test_literals(self, members: dict[str, Any], expected: str) -> None:
        """Strings, booleans, numbers, languages, datatypes and JSON, which RFC 8785 writes."""
        assert f"> {expected} .\n" in lines(**members)

    def test_lists_are_linked(self) -> None:
        """A list container makes rdf:first and rdf:rest, an empty one rdf:nil."""
        assert lines(list=["a", "b"]).count("22-rdf-syntax-ns#first") == 2
        assert "<urn:x:list> <http://www.w3.org/1999/02/22-rdf-syntax-ns#nil>" in lines(list=[])

    @pytest.mark.parametrize(
        "value",
        [
            {"@value": "x", "@direction": "rtl"},
            {"@value": "x", "@language": "en", "@direction": "rtl"},
            {"@value": "x", "@index": "1"},
            {"@value": "x", "p": "y"},
            {"@value": "x", "p": None},
            {"@value": None},
            {"@value": "x", "@language": 'e"n'},
            {"@language": "en"},
            {"@set": ["x"]},
        ],
        ids=str,
    )
    def test_T19_what_a_value_object_drops_is_refused(self, value: dict[str, Any]) -> None:
        """Direction, index and what else RDF has no place for."""
        assert loss(p=value) is not None

    def test_T19_a_malformed_language_is_refused(self) -> None:
        """The keys of language maps are tags; anything else would not be signed as it is."""
        assert loss(names={'en> "': "x"}) is None
        assert loss(names={"not a tag": "x"}) is None

    @pytest.mark.parametrize("number", [2**53, -(2**53), 1e300, 10**30])
    def test_T23_a_number_that_implementations_differ_about_is_refused(self, number: float) -> None:
        """Beyond 2^53 - 1 the digits depend on the implementation."""
        problem = refusal({"@context": CONTEXT, "type": "T", "p": number})
        assert (problem.code, problem.pointer) == ("number-out-of-range", "/p")

    @pytest.mark.parametrize("value", ["x", {"id": "urn:a"}, {}, ["x"]])
    def test_T19_a_graph_that_says_nothing_is_refused(self, value: Any) -> None:
        """What stands in a graph without a statement of its own would vanish."""
        assert loss(graph=value) is None


class TestErrors:
    """What is no JSON-LD is refused, and never crashes."""

    @pytest.mark.parametrize(
        "members",
        [
            {"type": None},
            {"type": 1},
            {"type": [["T"]]},
            {"type": {}},
            {"id": None},
            {"id": ["urn:a"]},
            {"p": {"@value": {}}},
            {"p": {"@value": ["x"]}},
            {"p": {"@value": 1, "@language": "en"}},
            {"p": {"@value": "x", "@type": 1}},
            {"names": {"en": 1}},
            {"@context": [CONTEXT, {"p": 1}]},
            {"@context": [CONTEXT, {"a": "b:c", "b": "a:c"}]},
            {"@context": [VC2, {"id": "urn:x:id"}]},
            {"@context": "https://unknown.example"},
        ],
        ids=str,
    )
    def test_it_is_a_transformation_error(self, members: dict[str, Any]) -> None:
        """Data Integrity: if the transformation fails, PROOF_TRANSFORMATION_ERROR."""
        problem = refusal({"@context": CONTEXT, "type": "T", **members})
        assert problem.code in ("PROOF_TRANSFORMATION_ERROR", "DATA_LOSS_DETECTION_ERROR")

    def test_T18_protected_terms_stay_protected(self) -> None:
        """Two pinned contexts that contradict one another are refused, also further down."""
        other = {"@context": {"name": "urn:x:name"}}
        document = {"@context": VC2, "type": "VerifiableCredential", "issuer": {"@context": "urn:other", "name": "x"}}
        with pytest.raises(Invalid) as caught:
            Reference(WORLD | {"urn:other": other}).quads(document)
        assert caught.value.problem.code == "PROOF_TRANSFORMATION_ERROR"

    def test_revisions_of_a_context_are_not_mixed_up(self) -> None:
        """PyLD caches contexts by URL; here two texts of one URL give two results."""
        document = {"@context": "urn:c", "p": "x"}
        for iri in ("urn:x:one", "urn:x:two"):
            ((_, predicate, _, _),) = Reference({"urn:c": {"@context": {"p": iri}}}).quads(document)
            assert f"<{iri}>" == predicate

    def test_a_pyld_that_shows_no_objects_is_noticed(self) -> None:
        """The worker refuses to start if the watch saw nothing, so that a loss could pass."""
        check_watch(Reference({}).quads)
        with pytest.raises(RuntimeError, match="data loss would go unseen"):
            check_watch(lambda _document: [])
