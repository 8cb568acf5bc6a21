"""Tests of `gateway.canonical.direct`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.canonical import direct as module
from gateway.canonical._terms import RDF, RDF_TYPE, XSD, Decline
from gateway.canonical.direct import Direct
from resolvers.contexts import ContextStore, Revision
from resolvers.problems import Invalid, Unavailable
from tests.gateway.canonical.made_up import digest
from tests.shared import vector

VC1 = "https://www.w3.org/2018/credentials/v1"
VC2 = "https://www.w3.org/ns/credentials/v2"
OB = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
CRED = "https://www.w3.org/2018/credentials#"

STORE = ContextStore.bundled()
DIRECT = Direct(STORE)
OWN = "https://contexts.example/own"


def over(context: object) -> Direct:
    """Return an expansion that knows one more context, `OWN`."""
    text = {"@context": context}
    own = Revision(url=OWN, sha256=digest(text), jcs_sha256=digest(text), document=text, source="test")
    return Direct(ContextStore([*(revision for url in STORE.urls for revision in STORE.revisions(url)), own]))


def credential(**members: Any) -> dict[str, Any]:
    """Return a small Open Badge."""
    return {
        "@context": [VC2, OB],
        "id": "https://issuer.example/badges/1",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {"id": "https://issuer.example/", "type": "Profile", "name": "Example"},
        "credentialSubject": {"type": "AchievementSubject", "id": "did:example:holder"},
        **members,
    }


def lost(document: dict[str, Any], expansion: Direct = DIRECT) -> str | None:
    """Return the JSON Pointer of the data loss that expanding `document` finds."""
    with pytest.raises(Invalid) as caught:
        expansion.quads(document)
    assert caught.value.problem.code == "DATA_LOSS_DETECTION_ERROR"
    return caught.value.problem.pointer


def declined(document: dict[str, Any], expansion: Direct = DIRECT) -> bool:
    """Whether expanding `document` is left to the reference."""
    with pytest.raises(Decline):
        expansion.quads(document)
    return True


def test_a_badge_becomes_its_statements() -> None:
    """A node makes a statement per value and type; a member's own scope and the types' scopes apply."""
    subject, issuer = "<https://issuer.example/badges/1>", "<https://issuer.example/>"
    ob = "https://purl.imsglobal.org/spec/vc/ob/vocab.html#"
    assert {
        (subject, RDF_TYPE, f"<{CRED}VerifiableCredential>", ""),
        (subject, RDF_TYPE, f"<{ob}OpenBadgeCredential>", ""),
        (subject, f"<{CRED}issuer>", issuer, ""),
        (issuer, RDF_TYPE, f"<{ob}Profile>", ""),
        (issuer, "<https://schema.org/name>", '"Example"', ""),
        (subject, f"<{CRED}credentialSubject>", "<did:example:holder>", ""),
        ("<did:example:holder>", RDF_TYPE, f"<{ob}AchievementSubject>", ""),
    } == set(DIRECT.quads(credential()))


def test_nodes_without_an_identifier_are_numbered() -> None:
    """Blank nodes are `_:b0`, `_:b1` and so on, and each statement is given once."""
    expansion = over({"a": "https://v.example/a"})
    quads = expansion.quads({"@context": OWN, "a": [{"a": "x"}, {"a": ["y", "y"]}]})
    assert [
        ("_:b0", "<https://v.example/a>", "_:b1", ""),
        ("_:b0", "<https://v.example/a>", "_:b2", ""),
        ("_:b1", "<https://v.example/a>", '"x"', ""),
        ("_:b2", "<https://v.example/a>", '"y"', ""),
    ] == sorted(quads)


def test_a_proof_is_a_graph_of_its_own() -> None:
    """What a term with a graph container says is said in a graph that only the statement names."""
    quads = DIRECT.quads(credential(proof={"type": "DataIntegrityProof", "proofPurpose": "assertionMethod"}))
    (name,) = (o for _, p, o, _ in quads if p == "<https://w3id.org/security#proof>")
    assert {(RDF_TYPE, "<https://w3id.org/security#DataIntegrityProof>")} < {
        (p, o) for _, p, o, g in quads if g == name
    }


def test_an_ordered_list_is_a_chain_of_cells() -> None:
    """A term with a list container keeps the order of its values, and an empty list is a statement too."""
    expansion = over({"a": {"@id": "https://v.example/a", "@container": "@list"}})
    a, first, rest = "<https://v.example/a>", f"<{RDF}first>", f"<{RDF}rest>"
    assert {
        ("_:b0", a, "_:b2", ""),
        *(("_:b2", first, '"x"', ""), ("_:b2", rest, "_:b1", "")),
        *(("_:b1", first, '"y"', ""), ("_:b1", rest, f"<{RDF}nil>", "")),
    } == set(expansion.quads({"@context": OWN, "a": ["x", None, "y"]}))
    assert [("_:b0", a, f"<{RDF}nil>", "")] == expansion.quads({"@context": OWN, "a": []})
    assert declined({"@context": OWN, "a": None}, expansion)


@pytest.mark.parametrize(
    ("definition", "value", "expected"),
    [
        ({}, "tab\there", r'"tab\there"'),
        ({}, {"@value": "hallo", "@language": "de-ch"}, '"hallo"@de-ch'),
        ({}, {"@value": "x", "@type": f"{XSD}string"}, '"x"'),
        ({}, {"@value": "1", "@type": f"{XSD}date"}, f'"1"^^<{XSD}date>'),
        ({}, {"@value": 1, "@type": f"{XSD}integer"}, f'"1"^^<{XSD}integer>'),
        ({}, True, f'"true"^^<{XSD}boolean>'),
        ({}, 12, f'"12"^^<{XSD}integer>'),
        ({}, 2.0, f'"2"^^<{XSD}integer>'),
        ({}, 0.5, f'"5.0E-1"^^<{XSD}double>'),
        ({}, 12345.678, f'"1.2345678E4"^^<{XSD}double>'),
        ({"@type": f"{XSD}double"}, 2.0, f'"2.0E0"^^<{XSD}double>'),
        ({"@type": f"{XSD}date"}, "2024-01-01", f'"2024-01-01"^^<{XSD}date>'),
        ({"@type": f"{XSD}string"}, "x", '"x"'),
        ({"@type": "@id"}, "urn:x:y", "<urn:x:y>"),
        ({"@type": "@id"}, "p:y", "<https://p.example/y>"),
        ({"@type": "@id"}, 1, f'"1"^^<{XSD}integer>'),
        ({"@type": "@vocab"}, "b", "<https://v.example/b>"),
    ],
)
def test_a_value_becomes_a_term(definition: dict[str, str], value: object, expected: str) -> None:
    """Literals and identifiers are written as canonical N-Quads has them."""
    expansion = over(
        {"a": {"@id": "https://v.example/a", **definition}, "b": "https://v.example/b", "p": "https://p.example/"}
    )
    assert [("_:b0", "<https://v.example/a>", expected, "")] == expansion.quads({"@context": OWN, "a": value})


def test_T19_an_unsigned_member_is_data_loss() -> None:
    """A member that no context defines is refused, with its place, however deep it stands."""
    assert lost(credential(admin=True)) == "/admin"
    assert lost(credential(evidence=[{"id": "urn:x:1"}, {"id": "urn:x:2", "a/b~c": 1}])) == "/evidence/1/a~1b~0c"
    assert lost(credential(name={"@value": "x", "admin": True})) == "/name/admin"
    assert lost(credential(nothing=None)) == "/nothing"


def test_T19_an_undefined_type_is_data_loss() -> None:
    """A type that no context defines is refused, with its place."""
    assert lost(credential(type=["VerifiableCredential", "Nonsense"])) == "/type/1"
    assert lost(credential(credentialSubject={"type": "Nonsense"})) == "/credentialSubject/type"


def test_T19_a_relative_identifier_is_data_loss() -> None:
    """There is no base IRI, so a relative identifier would take all its statements away."""
    assert lost(credential(id="badges/1")) == "/id"
    assert lost(credential(evidence=["urn:x:1", {"id": "#2"}])) == "/evidence/1/id"
    assert lost(credential(issuer="issuer.example")) == "/issuer"


def test_T19_a_term_without_a_meaning_is_data_loss() -> None:
    """A context can take a term's meaning away; its members would then disappear."""
    assert lost({"@context": OWN, "a": "x", "b": "y"}, over({"a": "https://v.example/a", "b": None})) == "/b"


def test_T20_an_unknown_context_is_not_fetched() -> None:
    """A context that is not pinned makes the result indeterminate, and is named."""
    with pytest.raises(Unavailable) as caught:
        DIRECT.quads(credential(**{"@context": [VC2, "https://evil.example/context"]}))
    assert caught.value.problem.code == "unknown-context"
    assert "https://evil.example/context" in caught.value.problem.detail


@pytest.mark.parametrize(
    "member",
    [
        {f"{CRED}credentialStatus": {"id": "https://x.example/1"}},
        {"cred:credentialStatus": {"id": "https://x.example/1"}},
        {"@context": [VC2, OB, {"status2": f"{CRED}credentialStatus"}], "status2": {"id": "https://x.example/1"}},
        {"@included": [{"id": "https://issuer.example/badges/1"}]},
        {"@nest": {"credentialStatus": {"id": "https://x.example/1"}}},
        {f"{CRED}validUntil": "2020-01-01T00:00:00Z"},
        {"cred:validUntil": "2020-01-01T00:00:00Z"},
        {"@context": [VC2, OB, {"until": f"{CRED}validUntil"}], "until": "2020-01-01T00:00:00Z"},
        {"@included": [{"id": "https://issuer.example/badges/1", "validUntil": "2020-01-01T00:00:00Z"}]},
        {"@nest": {"validUntil": "2020-01-01T00:00:00Z"}},
        {"@graph": []},
        {"@reverse": {}},
        {"@index": "x"},
    ],
)
def test_T62_statements_under_other_names_never_come_out(member: dict[str, Any]) -> None:
    """What a reader of the JSON would not find by its name is refused, or left to the reference to refuse."""
    with pytest.raises((Invalid, Decline)):
        DIRECT.quads(credential(**member))


@pytest.mark.parametrize("keyword", ["@nest", "@included", "@graph", "@reverse", "@list", "@set", "@index", "@foo"])
def test_T62_a_keyword_other_than_id_and_type_is_data_loss(keyword: str) -> None:
    """A node has no other keyword as a member, at whatever depth."""
    assert lost(credential(**{keyword: []})) == f"/{keyword}"
    assert lost(credential(issuer={"id": "urn:x:y", keyword: ["x"]})) == f"/issuer/{keyword}"


@pytest.mark.parametrize("keyword", ["@direction", "@index", "@foo"])
def test_T62_a_value_with_another_keyword_is_data_loss(keyword: str) -> None:
    """A value object has a value, and a type or a language; what else is said of it is not signed."""
    assert lost(credential(name={"@value": "x", keyword: "rtl"})) == f"/name/{keyword}"


@pytest.mark.parametrize("keyword", ["@nest", "@included", "@graph", "@reverse", "@list", "@set", "@index", "@value"])
def test_T62_an_alias_of_a_keyword_is_not_taken(keyword: str) -> None:
    """A pinned context may alias any keyword; only `@id` and `@type` are used so."""
    assert declined({"@context": OWN, "a": "x", "k": "y"}, over({"a": "https://v.example/a", "k": keyword}))


@pytest.mark.parametrize(
    "inline", [{"@vocab": "https://v.example/"}, {"@base": "https://v.example/"}, {"x": "y:z"}, None]
)
def test_T18_a_context_of_the_documents_own_is_declined(inline: object) -> None:
    """Only the URLs of pinned contexts are taken; what else a document brings, the reference judges."""
    assert declined(credential(**{"@context": [VC2, OB, inline]}))


def test_T18_a_protected_term_is_not_redefined() -> None:
    """A second context that gives another meaning to a protected term is never applied."""
    assert declined(credential(**{"@context": [VC2, OB, OWN]}), over({"name": "https://evil.example/name"}))
    assert declined(credential(**{"@context": [VC1, VC2]}))


@pytest.mark.parametrize(
    "iri",
    ["https://x.example/> <urn:y:z", 'https://x.example/"', "https://x.example/ ", "https://x.example/\n", "_:b0"],
)
def test_an_identifier_cannot_inject_statements(iri: str) -> None:
    """An identifier that N-Quads could not hold as it is, or that is a blank node's, is not taken."""
    assert declined(credential(id=iri))
    assert declined(credential(type=["VerifiableCredential", iri]))


@pytest.mark.parametrize(
    "value",
    [
        *(2**53, -(2**53), 1e15, -0.0, float("inf"), float("nan"), 10**30),
        *({"@value": None}, {"@value": ["x"]}),
        *({"@value": "x", "@language": "DE"}, {"@value": "x", "@language": ""}, {"@value": 1, "@language": "de"}),
        {"@value": "x", "@language": "de", "@type": f"{XSD}string"},
        *({"@value": "x", "@type": "@json"}, {"@value": "x", "@type": f"{RDF}JSON"}, {"@value": "x", "@type": None}),
        *({"@value": "x", "@type": "relative"}, {"@value": 1, "@type": f"{XSD}double"}, {"@value": "x", "@type": "s"}),
        *([["nested"]], {"@id": 1}, {"@id": "@foo"}, {"@type": [1]}),
        *({"@id": "urn:x:y", "id": "urn:x:y"}, {"@type": "s", "type": "s"}, {"@type": "id"}, {"@id": "n:x"}),
        object(),
    ],
)
def test_what_is_not_done_exactly_is_declined(value: object) -> None:
    """Whatever implementations may differ about, or this one does not do, goes to the reference."""
    context = {
        "id": "@id",
        "type": "@type",
        "a": "https://v.example/a",
        "n": None,
        "s": {"@id": "https://v.example/s", "@context": {"b": "https://v.example/b"}},
    }
    assert declined({"@context": OWN, "a": value}, over(context))


@pytest.mark.parametrize(
    ("definition", "value"),
    [
        *(({"@container": "@language"}, {"en": "x"}), ({"@container": "@index"}, {"i": "x"})),
        *(({"@type": "@json"}, {"any": "thing"}), ({"@type": "@none"}, "x")),
        *(({"@container": "@graph"}, "urn:x:y"), ({"@container": "@graph"}, {"@id": "urn:x:y"})),
        *(({"@type": "@id", "@context": None}, "urn:x:y"), ({"@context": {"a": "https://v.example/2"}}, "x")),
    ],
)
def test_kinds_of_terms_that_are_declined(definition: dict[str, Any], value: object) -> None:
    """Maps, JSON literals and other rare kinds of terms go to the reference."""
    assert declined({"@context": OWN, "a": value}, over({"a": {"@id": "https://v.example/a", **definition}}))


def test_a_type_that_changes_what_a_type_is_is_declined() -> None:
    """After a type's own context, `type` might be something else, which no reader would expect."""
    context = {"type": "@type", "T": {"@id": "https://v.example/T", "@context": {"kind": "@type"}}}
    assert declined({"@context": OWN, "type": "T"}, over(context))


def test_names_under_a_vocabulary_are_declined() -> None:
    """Where a pinned context is a catch-all, the reference says what the members are."""
    assert declined({"@context": OWN, "anything": "x"}, over({"@vocab": "https://v.example/"}))


def test_a_type_scoped_context_ends_with_its_node() -> None:
    """What a type defines is not defined in nested nodes, but a mere reference is read inside it."""
    context = {
        "id": "@id",
        "type": "@type",
        "a": {"@id": "https://v.example/a", "@type": "@id"},
        "T": {"@id": "https://v.example/T", "@context": {"b": "https://v.example/b", "p": "https://p.example/"}},
    }
    expansion = over(context)
    quads = expansion.quads({"@context": OWN, "type": "T", "b": "x", "a": {"id": "p:y"}})
    assert ("_:b0", "<https://v.example/a>", "<https://p.example/y>", "") in quads
    assert lost({"@context": OWN, "type": "T", "a": {"b": "x"}}, expansion) == "/a/b"


def test_a_property_scoped_context_is_for_its_values() -> None:
    """A property's own context reaches into its nodes, value objects and identifiers, and no further."""
    context = {
        "a": {"@id": "https://v.example/a", "@context": {"b": "https://v.example/b", "v": "@value", "d": f"{XSD}date"}},
        "r": {"@id": "https://v.example/r", "@type": "@id", "@context": {"p": "https://p.example/"}},
    }
    expansion = over(context)
    value = {"@value": "x", "@type": "d"}
    assert {
        ("_:b1", "<https://v.example/b>", '"x"', ""),
        ("_:b0", "<https://v.example/a>", "_:b1", ""),
        ("_:b0", "<https://v.example/a>", f'"x"^^<{XSD}date>', ""),
        ("_:b0", "<https://v.example/r>", "<https://p.example/y>", ""),
    } == set(expansion.quads({"@context": OWN, "a": [{"b": "x"}, value], "r": "p:y"}))
    assert lost({"@context": OWN, "b": "x"}, expansion) == "/b"


def test_an_older_revision_can_be_chosen() -> None:
    """A term that came with a later revision is data loss under the earlier one."""
    newest, *_, oldest = STORE.revisions(OB)
    document = credential(credentialSubject={"type": "AchievementSubject", "achievement": ACHIEVEMENT})
    assert DIRECT.quads(document) == DIRECT.quads(document, {OB: newest})
    assert lost_under(document, oldest) == "/credentialSubject/achievement/endorsementJwt"


ACHIEVEMENT = {"id": "urn:x:1", "type": "Achievement", "endorsementJwt": "x.y.z"}


def lost_under(document: dict[str, Any], revision: Revision) -> str | None:
    """Return the JSON Pointer of what is lost under a chosen revision of a context."""
    with pytest.raises(Invalid) as caught:
        DIRECT.quads(document, {revision.url: revision})
    return caught.value.problem.pointer


def test_a_document_nested_too_deeply_is_declined() -> None:
    """A depth that no parser here lets through does not end in a RecursionError either."""
    document: dict[str, Any] = {"a": "x"}
    for _ in range(5_000):
        document = {"a": document}
    assert declined({"@context": OWN, **document}, over({"a": "https://v.example/a"}))


def test_ever_new_contexts_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once too many derived contexts are remembered, all are forgotten, and the results stay the same."""
    monkeypatch.setattr(module, "_MOST_DERIVATIONS", 3)
    expansion = Direct(STORE)
    expected = expansion.quads(credential())
    (filled,) = expansion._compilers.values()
    assert filled.derivations > 3
    assert expected == expansion.quads(credential())
    assert filled is not next(iter(expansion._compilers.values()))


def test_T17_a_document_cannot_keep_the_compiler_busy() -> None:
    """A document that names contexts in ever new orders is declined once it has had its share."""
    nodes = [{"@context": [OB, VC2] * (index % 40 + 1), "id": "urn:x:y"} for index in range(1_000)]
    expansion = Direct(STORE)
    assert declined(credential(evidence=nodes), expansion)
    (compiler,) = expansion._compilers.values()
    assert compiler.allowance == -1


def test_T17_a_type_cannot_be_given_many_times() -> None:
    """The context of each type would be applied again and again."""
    assert declined(credential(type=["VerifiableCredential"] * 10_000))


def test_a_known_shape_compiles_nothing() -> None:
    """The second document of a shape derives no context anew."""
    DIRECT.quads(credential())
    (compiler,) = (known for key, known in DIRECT._compilers.items() if key == ())
    before = compiler.derivations
    DIRECT.quads(credential(id="https://issuer.example/badges/2"))
    assert before == compiler.derivations


@pytest.mark.shared
def test_a_document_is_not_changed() -> None:
    """The walk leaves the document as it is: it is what is reported later on."""
    document = vector("open-badges-3.0/complete.json")
    before = json.dumps(document)
    assert DIRECT.quads(document)
    assert before == json.dumps(document)
