"""Contexts inside a document only add terms, and the graph says what the JSON says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateway.canonical import loss
from gateway.canonical.context_names import Names
from resolvers.problems import Invalid
from tests.gateway.canonical.paths import OB3, PATHS, STORE, VC1, VC2

if TYPE_CHECKING:
    from gateway.canonical._terms import Quad
    from resolvers.problems import Problem

CRED = "https://www.w3.org/2018/credentials#"
DATE = "2030-01-01T00:00:00Z"
XSD_DATE = "http://www.w3.org/2001/XMLSchema#dateTime"


def badge(*contexts: Any, **members: Any) -> dict[str, Any]:
    """Return a small credential under VCDM 2.0 and `contexts`, with `members` besides."""
    return {
        "@context": [VC2, *contexts],
        "id": "urn:uuid:1",
        "type": "VerifiableCredential",
        "issuer": "did:example:issuer",
        "credentialSubject": {"id": "did:example:holder", "name": "Holder"},
        **members,
    }


async def problem(path: str, document: dict[str, Any]) -> Problem:
    """Return why `document` is refused."""
    with pytest.raises(Invalid) as caught:
        await PATHS[path]().canonicalize(document)
    return caught.value.problem


class TestContexts:
    """Which contexts a document names."""

    def test_urls_are_found_at_any_depth(self) -> None:
        """Contexts of nested objects, in arrays and inside inline definitions, are named too."""
        inline = {"term": {"@id": "urn:x:term", "@context": "https://c.example"}}
        document = {"@context": ["https://a.example", inline], "a": [[{"b": {"@context": "https://b.example"}}]]}
        urls, has_inline, _ = loss.contexts(document)
        assert {"https://a.example", "https://b.example", "https://c.example"} == set(urls)
        assert has_inline

    def test_urls_alone_are_not_inline(self) -> None:
        """Most documents have no context of their own."""
        assert loss.contexts({"@context": "https://a.example"}) == (["https://a.example"], False, 1)

    @pytest.mark.parametrize("context", [1, True, 1.5, [["https://a.example"]]])
    def test_what_is_no_context_is_refused(self, context: Any) -> None:
        """A number is neither a URL nor an object."""
        with pytest.raises(Invalid, match="PROOF_TRANSFORMATION_ERROR"):
            loss.contexts({"@context": context})

    @pytest.mark.parametrize("path", PATHS)
    async def test_T18_a_null_context_is_refused(self, path: str) -> None:
        """Null would take the terms of the pinned contexts away, and put the holder's in their place."""
        document = badge(evidence={"@context": [None, {"name": "urn:x:name"}], "name": "x"})
        found = await problem(path, document)
        assert (found.code, found.pointer) == ("DATA_LOSS_DETECTION_ERROR", "/evidence")


class TestInlineContexts:
    """Rule 2."""

    @pytest.mark.parametrize("path", PATHS)
    @pytest.mark.parametrize(
        "context",
        [
            {"@vocab": "urn:x:"},
            {"@vocab": None},
            {"@base": "https://x.example/"},
            {"@import": VC1},
            {"@language": "en"},
            {"@direction": "rtl"},
            {"@propagate": False},
            {"@version": 1.0},
            {"@version": "1.1"},
            {"@foo": "urn:x:foo"},
            {"@type": {"@container": "@set"}},
        ],
        ids=str,
    )
    async def test_T18_keywords_are_refused(self, path: str, context: dict[str, Any]) -> None:
        """A context of the document's own changes nothing but the set of terms."""
        found = await problem(path, badge(context))
        assert found.code == "DATA_LOSS_DETECTION_ERROR"
        assert found.pointer is not None
        assert found.pointer.startswith("/@context/1/@")

    @pytest.mark.parametrize("path", PATHS)
    @pytest.mark.parametrize(
        "definition",
        [
            "urn:x:other",
            {"@id": "urn:x:other"},
            None,
            {"@id": None},
            f"{CRED}credentialStatus",
            {"@id": f"{CRED}credentialStatus", "@type": "@vocab"},
        ],
        ids=str,
    )
    async def test_T18_no_pinned_term_is_defined_anew(self, path: str, definition: Any) -> None:
        """Whether a context protects a term or not, the document cannot define it otherwise."""
        found = await problem(path, badge({"credentialStatus": definition}))
        assert (found.code, found.pointer) == ("DATA_LOSS_DETECTION_ERROR", "/@context/1/credentialStatus")

    @pytest.mark.parametrize("path", PATHS)
    async def test_T18_a_term_of_a_scoped_context_is_pinned_too(self, path: str) -> None:
        """`statusPurpose` is defined for status entries only, and still not the holder's to define."""
        found = await problem(path, badge({"statusPurpose": "urn:x:purpose"}))
        assert (found.code, found.pointer) == ("DATA_LOSS_DETECTION_ERROR", "/@context/1/statusPurpose")

    @pytest.mark.parametrize("path", PATHS)
    @pytest.mark.parametrize(
        "context",
        [
            {"x": "@id"},
            {"x": {"@id": "@nest"}},
            {"x": "@included"},
            {"x": "@graph"},
            {"x": "@type"},
            {"x": "@foo"},
            {"x": f"{CRED}credentialStatus"},
            {"x": "credentialStatus"},
            {"x": {"@id": "y"}, "y": "validUntil"},
            {"c": "https://www.w3.org/2018/", "x": "c:credentials#validUntil"},
            {"c": {"@id": "https://www.w3.org/2018/cred", "@prefix": True}, "x": "c:entials#issuer"},
            {"x": {"@reverse": "urn:x:of"}},
            {"x": {"@id": "urn:x:x", "@nest": "y"}},
            {"x": {"@id": "urn:x:x", "@container": "@graph"}},
            {"x": {"@id": "urn:x:x", "@container": ["@id", "@set"]}},
            {"x": {"@id": "urn:x:x", "@container": "@index"}},
            {"x": {"@id": "urn:x:x", "@context": None}},
            {"x": {"@id": "urn:x:x", "@context": {"@vocab": "urn:y:"}}},
            {"x": {"@id": "urn:x:x", "@context": {"name": "urn:y:name"}}},
            {"x": {"@id": "urn:x:x", "@context": {"y": f"{CRED}issuer"}}},
            {"x": {}},
            {"x": None},
            {"x": 1},
            {"x": "x"},
            {"x": "y", "y": "x"},
            {"": "urn:x:empty"},
            {"cred:issuer": "urn:x:issuer"},
            {"did": "https://x.example/"},
            {"https": "https://x.example/"},
        ],
        ids=str,
    )
    async def test_T62_a_new_name_means_something_new(self, path: str, context: dict[str, Any]) -> None:
        """No alias of a keyword, no second name of a pinned IRI by whatever detour, no reversal, no container."""
        assert (await problem(path, badge(context))).code == "DATA_LOSS_DETECTION_ERROR"

    @pytest.mark.parametrize("path", PATHS)
    async def test_T62_two_meanings_of_one_new_name_are_refused(self, path: str) -> None:
        """A name that means one thing above and another below is refused."""
        document = badge({"x": "urn:x:x"}, evidence={"type": "Evidence", "@context": {"x": "urn:x:y"}, "x": "1"})
        assert (await problem(path, document)).code == "DATA_LOSS_DETECTION_ERROR"

    @pytest.mark.parametrize("path", PATHS)
    async def test_a_chain_of_definitions_ends(self, path: str) -> None:
        """Terms that lead from one to the next, more than any context has, are refused."""
        for definitions in (64, 5_000):
            chain: dict[str, Any] = {f"t{number}": f"t{number + 1}" for number in range(definitions)}
            refused = await problem(path, badge(chain | {f"t{definitions}": "https://v.example/a"}))
            assert refused.code == "DATA_LOSS_DETECTION_ERROR"
            assert "without end" in refused.detail

    @pytest.mark.parametrize("path", PATHS)
    @pytest.mark.parametrize(
        "context",
        [
            {"ex": "https://vocabulary.example/#", "club": "ex:club"},
            {"@version": 1.1, "@protected": True, "club": {"@id": "urn:x:club", "@container": ["@set"]}},
            {"club": {"@id": "urn:x:club", "@type": "http://www.w3.org/2001/XMLSchema#string", "@protected": True}},
            {"club": {"@id": "urn:x:club", "@context": {"chair": "urn:x:chair"}}},
            {"club": "urn:x:club", "issuer": {"@id": f"{CRED}issuer", "@type": "@id"}},
        ],
        ids=str,
    )
    async def test_new_terms_are_added(self, path: str, context: dict[str, Any]) -> None:
        """A term with an IRI of its own is what inline contexts are for; the same definition again is none."""
        canonical = await PATHS[path]().canonicalize(badge(context, credentialSubject={"club": "Chess"}))
        assert b'club> "Chess"' in canonical.nquads


SUBJECT = "<urn:uuid:1>"


def stated(name: str, *objects: str, subject: str = SUBJECT, graph: str = "") -> list[Quad]:
    """Return statements of one of the members that count."""
    return [(subject, f"<{CRED}{name}>", o, graph) for o in objects]


class TestStatements:
    """Rule 3, statement by statement."""

    @pytest.mark.parametrize(
        ("members", "quads"),
        [
            ({"validUntil": DATE}, stated("validUntil", f'"{DATE}"^^<{XSD_DATE}>')),
            ({"issuer": "did:x:y"}, stated("issuer", "<did:x:y>")),
            ({"issuer": {"id": "did:x:y", "name": "Y"}}, stated("issuer", "<did:x:y>")),
            (
                {"credentialStatus": [{"id": "urn:a"}, {"id": "urn:b"}]},
                stated("credentialStatus", "<urn:a>", "<urn:b>"),
            ),
            ({"credentialStatus": [{}, {}]}, stated("credentialStatus", "_:a", "_:b")),
            ({"credentialStatus": [{"id": "urn:a"}, {"id": "urn:a"}]}, stated("credentialStatus", "<urn:a>")),
            ({"termsOfUse": None, "refreshService": [], "validFrom": [None]}, []),
            ({}, stated("credentialStatus", "<urn:a>", subject="<urn:uuid:2>")),
            ({}, stated("credentialStatus", "<urn:a>", graph="_:g")),
        ],
    )
    def test_what_is_said_alike_passes(self, members: dict[str, Any], quads: list[Quad]) -> None:
        """Strings, objects with and without identifiers, repeated values; other nodes and graphs do not count."""
        loss.check_statements({"id": "urn:uuid:1", "type": "XCredential", **members}, quads)

    @pytest.mark.parametrize(
        ("members", "quads"),
        [
            ({}, stated("credentialStatus", "<urn:a>")),
            ({"credentialStatus": None}, stated("credentialStatus", "_:a")),
            ({"credentialStatus": {"id": "urn:a"}}, []),
            ({"credentialStatus": {"id": "urn:a"}}, stated("credentialStatus", "<urn:b>")),
            ({"credentialStatus": {"id": "urn:a"}}, stated("credentialStatus", "_:a")),
            ({"credentialStatus": {"@id": "urn:a"}}, stated("credentialStatus", "<urn:a>")),
            ({"credentialStatus": {}}, stated("credentialStatus", "_:a", "_:b")),
            ({"credentialStatus": [[{}]]}, stated("credentialStatus", "_:a")),
            ({"credentialStatus": ["urn:a", {"id": "urn:a"}]}, stated("credentialStatus", "<urn:a>")),
            ({"credentialStatus": {"id": 1}}, stated("credentialStatus", "_:a")),
            ({"validUntil": DATE}, stated("validUntil", f'"2020-01-01T00:00:00Z"^^<{XSD_DATE}>')),
            ({"validUntil": DATE}, stated("validUntil", f'"{DATE}"', f'"{DATE}"^^<{XSD_DATE}>')),
            ({"validUntil": {"@value": DATE}}, stated("validUntil", f'"{DATE}"')),
            ({"validUntil": {"id": DATE, "@value": DATE}}, stated("validUntil", f'"{DATE}"')),
            ({"validUntil": 2030}, stated("validUntil", '"2030"')),
            ({"validUntil": True}, stated("validUntil", '"true"')),
        ],
    )
    def test_T62_what_is_said_otherwise_is_refused(self, members: dict[str, Any], quads: list[Quad]) -> None:
        """One more, one fewer, another value, another kind, or a shape that readers do not know."""
        document = {"id": "urn:uuid:1", "type": "XCredential", **members}
        with pytest.raises(Invalid) as caught:
            loss.check_statements(document, quads)
        assert caught.value.problem.code == "DATA_LOSS_DETECTION_ERROR"
        assert caught.value.problem.pointer in ("/credentialStatus", "/validUntil")

    @pytest.mark.parametrize("definition", ["", {"@id": ""}])
    def test_an_empty_text_is_no_iri(self, definition: Any) -> None:
        """A context of the document's own that gives a term an empty one is data loss, and no defect of ours."""
        document = {"@context": ["https://www.w3.org/ns/credentials/v2", {"x": definition}], "x": "y"}
        with pytest.raises(Invalid, match="DATA_LOSS_DETECTION_ERROR"):
            loss.check_inline_contexts(document, [])

    def test_a_credential_without_an_identifier_is_the_root(self) -> None:
        """Without an identifier the credential is the node that nothing refers to."""
        quads = [*stated("credentialSubject", "_:b", subject="_:a"), ("_:b", "<urn:p>", '"x"', "")]
        loss.check_statements({"credentialSubject": {"p": "x"}}, quads)

    @pytest.mark.parametrize("identifier", [1, ["urn:uuid:1"], {}])
    def test_an_identifier_that_is_no_string_is_refused(self, identifier: Any) -> None:
        """Readers would not take it for one."""
        with pytest.raises(Invalid, match="DATA_LOSS_DETECTION_ERROR"):
            loss.check_statements({"id": identifier, "credentialSubject": {}}, stated("credentialSubject", "_:b"))

    def test_what_is_no_credential_says_nothing(self) -> None:
        """A proof configuration has no member that counts."""
        loss.check_statements({"type": "DataIntegrityProof"}, [("_:a", "<urn:p>", '"x"', "")])

    def test_T62_hiding_everything_makes_it_no_less_a_credential(self) -> None:
        """A document that no longer looks like a credential, but is one in the graph, is refused."""
        with pytest.raises(Invalid, match="DATA_LOSS_DETECTION_ERROR"):
            loss.check_statements({"id": "urn:uuid:1"}, stated("credentialSubject", "_:b"))

    def test_many_values_take_no_longer_each(self) -> None:
        """Ten thousand entries are compared in one pass."""
        entries = [f"urn:x:{number}" for number in range(10_000)]
        quads = stated("termsOfUse", *(f"<{entry}>" for entry in entries))
        loss.check_statements({"id": "urn:uuid:1", "termsOfUse": entries, "type": "XCredential"}, quads)


@pytest.mark.parametrize("url", [VC1, VC2, OB3])
def test_every_member_that_counts_has_the_iri_that_is_counted(url: str) -> None:
    """Wherever a base context defines one of the nine members, it means the IRI that rule 3 looks for."""
    names = Names([STORE.load(url)])
    for predicate, name in loss._BY_PREDICATE.items():
        if name in names:
            assert predicate.strip("<>") in names.expand(name)
