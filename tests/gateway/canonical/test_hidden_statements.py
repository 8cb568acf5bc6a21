"""T62: signed statements hidden from whoever reads the credential as JSON.

Every attack here is a real one: the credential is signed with an Ed25519 key over the canonical form
that PyLD alone makes, the holder rewrites it, and the signature still verifies over the canonical form
that PyLD alone makes of the copy.
"""

from __future__ import annotations

import copy
import hashlib
from typing import TYPE_CHECKING, Any, Final

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pyld import jsonld

from gateway.canonical import rdfc
from gateway.canonical._terms import Quad, quoted
from resolvers.problems import Invalid
from tests.gateway.canonical.paths import OB3, PATHS, STORE, VC1, VC2, revision, store_with

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from resolvers.contexts import ContextStore

JSON = dict[str, Any]

KEY: Final = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
CRED: Final = "https://www.w3.org/2018/credentials#"
OTHER_NAMES_URL: Final = "https://contexts.example/other-names/v1"
OTHER_NAMES: Final = {
    "@context": {
        "revocationEntry": {"@id": f"{CRED}credentialStatus", "@type": "@id"},
        "statusOf": {"@reverse": f"{CRED}credentialStatus"},
        "nested": "@nest",
        "more": "@included",
        "statements": "@graph",
        "self": "@id",
        "a": "@type",
    }
}
"""A pinned context that gives other names to what others define, as some that were published do."""
WORLD: Final = store_with([revision(OTHER_NAMES_URL, OTHER_NAMES)])


def credential_1() -> JSON:
    """Return a VCDM 1.1 badge that is revoked and has expired."""
    return {
        "@context": [VC1, OB3, "https://w3id.org/vc/status-list/2021/v1"],
        "id": "urn:uuid:951b475e-b795-43bc-ba8f-a2d01efd2eb1",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": "Teamwork",
        "issuer": {"id": "did:web:university.example", "type": "Profile", "name": "University"},
        "issuanceDate": "2020-01-01T00:00:00Z",
        "expirationDate": "2021-01-01T00:00:00Z",
        "credentialSubject": {
            "id": "did:example:holder",
            "type": "AchievementSubject",
            "achievement": {
                "id": "urn:uuid:bd6d9316-f7ae-4073-a1e5-2f7f5bd22922",
                "type": "Achievement",
                "name": "Teamwork",
                "criteria": {"narrative": "Work in a team."},
                "description": "Works in a team.",
            },
        },
        "credentialStatus": {
            "id": "https://university.example/status/1#94567",
            "type": "StatusList2021Entry",
            "statusPurpose": "revocation",
            "statusListIndex": "94567",
            "statusListCredential": "https://university.example/status/1",
        },
    }


def credential_2() -> JSON:
    """Return the same in VCDM 2.0, where the status entry needs no identifier."""
    document = credential_1()
    document["@context"] = [VC2, OB3]
    document["validFrom"] = document.pop("issuanceDate")
    document["validUntil"] = document.pop("expirationDate")
    document["credentialStatus"]["type"] = "BitstringStatusListEntry"
    del document["credentialStatus"]["id"]
    return document


def unwatched(document: Mapping[str, Any], store: ContextStore = WORLD) -> bytes:
    """Return the canonical form that PyLD's expansion gives, without any rule of ours."""

    def load(url: str, _options: object) -> JSON:
        text = copy.deepcopy(store.load(url))
        return {"contextUrl": None, "documentUrl": url, "document": text}

    dataset = jsonld.to_rdf(copy.deepcopy(dict(document)), {"base": "urn:none:", "documentLoader": load})
    quads: list[Quad] = []
    for graph, triples in dataset.items():
        for triple in triples:
            s, p, o = (_term(triple[part]) for part in ("subject", "predicate", "object"))
            quads.append((s, p, o, "" if graph == "@default" else graph if graph[0] == "_" else f"<{graph}>"))
    return rdfc.canonicalize(quads)[0]


def _term(term: Mapping[str, str]) -> str:
    if term["type"] != "literal":
        return term["value"] if term["type"] == "blank node" else f"<{term['value']}>"
    plain = term["datatype"].endswith("#string")
    return quoted(term["value"]) if plain else f"{quoted(term['value'])}^^<{term['datatype']}>"


def digest(document: Mapping[str, Any]) -> bytes:
    """Return what a proof over `document` signs."""
    return hashlib.sha256(unwatched(document)).digest()


async def refused(path: str, original: JSON, attacked: JSON) -> Invalid:
    """Show that the signature of `original` holds for `attacked`, and return how that is refused."""
    signature = KEY.sign(digest(original))
    KEY.public_key().verify(signature, digest(attacked))
    canonicalizer = PATHS[path](WORLD)
    assert (await canonicalizer.canonicalize(original)).nquads == unwatched(original)
    with pytest.raises(Invalid) as caught:
        await canonicalizer.canonicalize(attacked)
    assert caught.value.problem.code == "DATA_LOSS_DETECTION_ERROR"
    return caught.value


def to_absolute_iri(document: JSON, name: str) -> None:
    """Move a member to its absolute IRI, typed by hand where the term did that."""
    document[f"{CRED}{name}"] = by_hand(document.pop(name))


def to_compact_iri(document: JSON, name: str) -> None:
    """Move a member to a compact IRI, with a prefix that the holder adds."""
    document["@context"].append({"c": CRED})
    document[f"c:{name}"] = by_hand(document.pop(name))


def to_new_inline_term(document: JSON, name: str) -> None:
    """Move a member to a term of the holder's own."""
    kind = "http://www.w3.org/2001/XMLSchema#dateTime" if isinstance(document[name], str) else "@id"
    document["@context"].append({"innocent": {"@id": f"{CRED}{name}", "@type": kind}})
    document["innocent"] = document.pop(name)


def into_included(document: JSON, name: str) -> None:
    """Move a member into a second node of the same identifier, at the side."""
    document["@included"] = [{"id": document["id"], "type": document["type"], name: document.pop(name)}]


def into_nest(document: JSON, name: str) -> None:
    """Move a member into an object that JSON-LD looks through."""
    document["@nest"] = {"type": document["type"], name: document.pop(name)}


def by_hand(value: Any) -> Any:
    """Return a value as it is written where no term gives it a type."""
    if not isinstance(value, str):
        return value
    return {"@type": "http://www.w3.org/2001/XMLSchema#dateTime", "@value": value}


SHAPES: Final = (to_absolute_iri, to_compact_iri, to_new_inline_term, into_included, into_nest)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
@pytest.mark.parametrize(
    ("make", "name"),
    [
        (credential_1, "credentialStatus"),
        (credential_1, "expirationDate"),
        (credential_2, "credentialStatus"),
        (credential_2, "validUntil"),
    ],
)
async def test_T62_the_five_shapes_are_refused(
    path: str, shape: Callable[[JSON, str], None], make: Callable[[], JSON], name: str
) -> None:
    """No status and no expiry date can be put where no reader looks, under a proof that stays valid."""
    original, attacked = make(), make()
    shape(attacked, name)
    assert name not in attacked
    await refused(path, original, attacked)


def under_an_alias_of_nest(document: JSON) -> None:
    """Use a pinned context's own name for `@nest`."""
    document["nested"] = {"type": document["type"], "credentialStatus": document.pop("credentialStatus")}


def under_an_alias_of_included(document: JSON) -> None:
    """Use a pinned context's own name for `@included`."""
    hidden = document.pop("credentialStatus")
    document["more"] = [{"id": document["id"], "type": document["type"], "credentialStatus": hidden}]


def under_another_pinned_name(document: JSON) -> None:
    """Use a pinned context's second term for the same property."""
    document["revocationEntry"] = document.pop("credentialStatus")


def around_the_whole(document: JSON) -> None:
    """Make the credential one of two nodes of a graph without a name."""
    hidden = document.pop("credentialStatus")
    inner = {name: document.pop(name) for name in list(document) if name != "@context"}
    document["@graph"] = [inner, {"id": inner["id"], "type": inner["type"], "credentialStatus": hidden}]


def as_a_reverse_property(document: JSON) -> None:
    """Let the status entry say whose it is."""
    entry = document.pop("credentialStatus")
    reverse = {f"{CRED}credentialStatus": {"id": document["id"]}}
    document["credentialSubject"]["achievement"]["@included"] = [entry | {"@reverse": reverse}]


def as_a_pinned_reverse_term(document: JSON) -> None:
    """Let the status entry, told at the subject's side, say whose it is in a pinned term."""
    entry = document.pop("credentialStatus")
    document["credentialSubject"]["@included"] = [entry | {"statusOf": {"id": document["id"]}}]


def in_a_list_in_a_list(document: JSON) -> None:
    """Put the entry one array deeper than readers look."""
    document["credentialStatus"] = [[document["credentialStatus"]]]


def in_a_set_object(document: JSON) -> None:
    """Put the entry into an object that JSON-LD looks through."""
    document["credentialStatus"] = {"@set": [document["credentialStatus"]]}


def in_two_halves(document: JSON) -> None:
    """Tell the entry in two objects that are one node."""
    entry = document["credentialStatus"]
    first = {name: entry[name] for name in ("id", "type", "statusPurpose")}
    document["credentialStatus"] = [first, entry | {"statusPurpose": "revocation"}]


def with_the_identifier_under_its_keyword(document: JSON) -> None:
    """Hide the credential's identifier, by which revocation lists name it."""
    document["@id"] = document.pop("id")


def with_a_value_object_for_the_date(document: JSON) -> None:
    """Give the expiry date as an object, which is no date to a reader."""
    document["expirationDate"] = by_hand(document["expirationDate"])


TRICKS: Final = (
    under_an_alias_of_nest,
    under_an_alias_of_included,
    under_another_pinned_name,
    around_the_whole,
    as_a_reverse_property,
    as_a_pinned_reverse_term,
    in_a_list_in_a_list,
    in_a_set_object,
    in_two_halves,
    with_the_identifier_under_its_keyword,
    with_a_value_object_for_the_date,
)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("trick", TRICKS, ids=lambda trick: trick.__name__)
async def test_T62_other_ways_to_hide_are_refused(path: str, trick: Callable[[JSON], None]) -> None:
    """Aliases of keywords, other pinned names, arrays, sets and halves hide nothing either."""
    original, attacked = credential_1(), credential_1()
    for document in (original, attacked):
        document["@context"].append(OTHER_NAMES_URL)
    trick(attacked)
    await refused(path, original, attacked)


@pytest.mark.parametrize("path", PATHS)
async def test_T62_a_pinned_context_that_the_holder_adds_gives_no_second_name(path: str) -> None:
    """`@context` is not signed, so the holder chooses it; what the graph says of the credential still counts."""
    original, attacked = credential_2(), credential_2()
    attacked["@context"].append(OTHER_NAMES_URL)
    under_another_pinned_name(attacked)
    problem = (await refused(path, original, attacked)).problem
    assert problem.pointer == "/credentialStatus"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("hidden", ["credentialStatus", "expirationDate", "refreshService", "termsOfUse"])
async def test_T62_a_node_of_the_same_identifier_cannot_carry_it(path: str, hidden: str) -> None:
    """A credential that refers to itself has a second place for its own statements, where no reader looks."""
    original, attacked = credential_1(), credential_1()
    for document in (original, attacked):
        document["refreshService"] = {"id": "https://university.example/refresh", "type": "ManualRefreshService2018"}
        document["termsOfUse"] = {"id": "https://university.example/terms", "type": "IssuerPolicy"}
        document["@context"].append({"IssuerPolicy": "urn:x:policy"})
        document["evidence"] = [{"id": document["id"], "type": document["type"]}]
    attacked["evidence"][0][hidden] = attacked.pop(hidden)
    problem = (await refused(path, original, attacked)).problem
    assert problem.pointer == f"/{hidden}"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("make", [credential_1, credential_2])
async def test_what_honest_issuers_write_is_accepted(path: str, make: Callable[[], JSON]) -> None:
    """null, empty arrays, repeated entries, several entries, no identifiers: each is as it was signed."""
    canonicalizer = PATHS[path]()
    plain = make()
    expected = (await canonicalizer.canonicalize(plain)).nquads
    absent = plain | {"refreshService": None, "termsOfUse": [], "evidence": None}
    assert (await canonicalizer.canonicalize(absent)).nquads == expected
    listed = plain | {"credentialSubject": [plain["credentialSubject"]], "issuer": plain["issuer"]}
    assert (await canonicalizer.canonicalize(listed)).nquads == expected
    twice = plain | {"credentialStatus": [plain["credentialStatus"], dict(plain["credentialStatus"])]}
    assert (await canonicalizer.canonicalize(twice)).nquads == unwatched(twice, STORE)
    nameless = {name: value for name, value in plain.items() if name != "id"}
    nameless["credentialSubject"] = {name: nameless["credentialSubject"][name] for name in ("type", "achievement")}
    assert (await canonicalizer.canonicalize(nameless)).nquads == unwatched(nameless, STORE)
    nameless["issuer"] = "did:web:university.example"
    assert (await canonicalizer.canonicalize(nameless)).nquads == unwatched(nameless, STORE)
