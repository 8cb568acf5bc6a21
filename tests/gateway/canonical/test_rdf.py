"""Documents become canonical RDF by the path that fits them."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any

import pytest

from gateway.canonical.direct import Direct
from gateway.canonical.rdf import RdfCanonicalizer, canonicalizer
from resolvers.contexts import ContextStore
from resolvers.problems import Invalid, Unavailable
from tests.gateway.canonical.paths import OB3, PATHS, STORE, VC1, VC2, InProcess, Paths, both, revision, shared_store
from tests.shared import SHARED, vector

BADGE: dict[str, Any] = {
    "@context": [VC2, OB3],
    "id": "urn:uuid:1",
    "type": ["VerifiableCredential", "OpenBadgeCredential"],
    "issuer": {"id": "did:example:issuer", "type": "Profile", "name": "Issuer"},
    "validFrom": "2026-01-01T00:00:00Z",
    "credentialSubject": {"id": "did:example:holder", "type": "AchievementSubject"},
}
PROOF: dict[str, Any] = {
    "@context": BADGE["@context"],
    "type": "DataIntegrityProof",
    "cryptosuite": "eddsa-rdfc-2022",
    "created": "2026-01-01T00:00:00Z",
    "verificationMethod": "did:example:issuer#key",
    "proofPurpose": "assertionMethod",
}
UNKNOWN = "https://unknown.example/v1"


class TestPaths:
    """Which path a document takes is seen from the document."""

    async def counted(self, document: dict[str, Any]) -> dict[str, int]:
        """Return the paths that one canonicalization takes."""
        paths = Paths()
        made = RdfCanonicalizer(STORE, direct=Direct(STORE), worker=InProcess(), on_path=paths)
        await made.canonicalize(document)
        return dict(paths)

    @pytest.mark.parametrize("document", [BADGE, PROOF], ids=["badge", "proof"])
    async def test_badges_and_proofs_are_direct(self, document: dict[str, Any]) -> None:
        """What is on the hot path never starts a process."""
        assert await self.counted(document) == {"direct": 1}

    async def test_what_is_declined_is_expanded_by_the_reference(self) -> None:
        """An inline context is beyond the direct path."""
        inline = BADGE | {"@context": [*BADGE["@context"], {"club": "urn:x:club"}], "club": "Chess"}
        assert await self.counted(inline) == {"reference": 1}

    async def test_T17_large_documents_do_not_hold_up_the_event_loop(self) -> None:
        """A record of 400 achievements is worked on in a thread while others run, and comes to the same form."""
        achievements = [{"type": "Achievement", "id": f"urn:x:{n}", "criteria": {"narrative": "x"}} for n in range(400)]
        subjects = [{"type": "AchievementSubject", "achievement": one} for one in achievements]
        document = BADGE | {"credentialSubject": subjects}
        alone = RdfCanonicalizer(STORE, direct=Direct(STORE), worker=InProcess())
        aside = RdfCanonicalizer(STORE, direct=Direct(STORE), direct_for_large=Direct(STORE), worker=InProcess())
        expected = await alone.canonicalize(document)
        turns = 0

        async def count() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        counting = asyncio.create_task(count())
        assert await aside.canonicalize(document) == expected
        counting.cancel()
        assert turns > 10

    async def test_entangled_nodes_go_to_the_worker(self) -> None:
        """Alike parents of alike children take the n-degree step, away from the event loop."""
        endorsed = {"type": "Achievement", "criteria": [{}, {}]}
        subject = BADGE["credentialSubject"] | {"achievement": [endorsed, endorsed]}
        assert await self.counted(BADGE | {"credentialSubject": subject}) == {"direct": 1, "n_degree": 1}

    async def test_the_service_has_both_and_a_real_process(self) -> None:
        """As it is put together for the service, with a process, the paths come to the same."""
        paths = Paths()
        made = canonicalizer(STORE, on_path=paths)
        term = {"club": "urn:x:club"}
        inline = BADGE | {"@context": [*BADGE["@context"], term]}
        direct, expanded = (await made.canonicalize(BADGE), await made.canonicalize(inline))
        assert direct == expanded
        assert dict(paths) == {"direct": 1, "reference": 1}
        await made.close()


@pytest.mark.parametrize("path", PATHS)
class TestEitherPath:
    """What holds whichever path it is."""

    async def test_the_contexts_that_were_used_are_named(self, path: str) -> None:
        """URL and digest of each, so that a result can be repeated."""
        canonical = await PATHS[path]().canonicalize(BADGE)
        assert canonical.contexts == {url: STORE.revisions(url)[0].sha256 for url in (VC2, OB3)}

    async def test_sha_384_labels_otherwise(self, path: str) -> None:
        """P-384 hashes with SHA-384 throughout."""
        achievements = [{"type": "Achievement", "name": str(number)} for number in range(9)]
        document = BADGE | {"credentialSubject": BADGE["credentialSubject"] | {"achievement": achievements}}
        sha256 = await PATHS[path]().canonicalize(document)
        sha384 = await PATHS[path]().canonicalize(document, hash_name="sha384")
        assert sha256.nquads != sha384.nquads
        assert len(sha256.nquads) == len(sha384.nquads)

    @pytest.mark.parametrize(
        "document",
        [
            BADGE | {"@context": [VC2, UNKNOWN]},
            BADGE | {"credentialSubject": {"@context": [UNKNOWN], "id": "did:example:holder"}},
            BADGE | {"@context": [VC2, {"x": {"@id": "urn:x:x", "@context": UNKNOWN}}]},
        ],
        ids=["outermost", "nested", "inside an inline context"],
    )
    async def test_T20_an_unknown_context_is_indeterminate(self, path: str, document: dict[str, Any]) -> None:
        """Nothing is fetched, nothing is left out: the context's URL is named, wherever it stands."""
        made = PATHS[path]()
        with pytest.raises(Unavailable) as caught:
            await made.canonicalize(document)
        assert caught.value.problem.code == "unknown-context"
        assert UNKNOWN in caught.value.problem.detail
        with pytest.raises(Unavailable, match="unknown-context"):
            made.check_contexts(document)

    async def test_T20_what_is_unknown_comes_before_what_is_wrong(self, path: str) -> None:
        """A document that names an unknown context cannot be judged in any other respect."""
        document = BADGE | {"@context": [VC2, UNKNOWN, {"@vocab": "urn:x:"}], "admin": True}
        with pytest.raises(Unavailable, match="unknown-context"):
            await PATHS[path]().canonicalize(document)

    @pytest.mark.parametrize(
        ("change", "pointer"),
        [
            ({"admin": True}, "/admin"),
            ({"admin": None}, "/admin"),
            ({"type": ["VerifiableCredential", "Admin"]}, "/type/1"),
            ({"credentialSubject": {"id": "did:example:holder", "admin": True}}, "/credentialSubject/admin"),
            ({"credentialSubject": {"id": "relative"}}, "/credentialSubject/id"),
            ({"issuer": {"id": "did:example:issuer", "type": ["Profile", "Admin"]}}, "/issuer/type/1"),
        ],
        ids=str,
    )
    async def test_T19_what_is_not_signed_is_refused(self, path: str, change: dict[str, Any], pointer: str) -> None:
        """Members, types and identifiers that drop out of the graph; both paths say where."""
        with pytest.raises(Invalid) as caught:
            await PATHS[path]().canonicalize(BADGE | change)
        problem = caught.value.problem
        assert (problem.code, problem.pointer) == ("DATA_LOSS_DETECTION_ERROR", pointer)

    async def test_T19_a_proof_configuration_loses_nothing_either(self, path: str) -> None:
        """What is added to a proof is data loss as well."""
        with pytest.raises(Invalid) as caught:
            await PATHS[path]().canonicalize(PROOF | {"admin": True})
        assert caught.value.problem.pointer == "/admin"

    @pytest.mark.parametrize("name", ["expires", "created"])
    async def test_T62_a_proof_hides_nothing(self, path: str, name: str) -> None:
        """Rules 1 and 2 are for proof configurations too."""
        iri = {"expires": "https://w3id.org/security#expiration", "created": "http://purl.org/dc/terms/created"}[name]
        hidden = {member: value for member, value in PROOF.items() if member != name}
        date = {"@value": "2026-01-01T00:00:00Z", "@type": "http://www.w3.org/2001/XMLSchema#dateTime"}
        renamed = {"@context": [*PROOF["@context"], {"x": {"@id": iri, "@type": date["@type"]}}], "x": date["@value"]}
        for attack in ({iri: date}, {"@nest": {name: date["@value"]}}, renamed):
            with pytest.raises(Invalid) as caught:
                await PATHS[path]().canonicalize(hidden | attack)
            assert caught.value.problem.code == "DATA_LOSS_DETECTION_ERROR"

    async def test_what_says_nothing_is_refused(self, path: str) -> None:
        """An empty graph could be signed once, and be anything."""
        with pytest.raises(Invalid) as caught:
            await PATHS[path]().canonicalize({"@context": VC2})
        assert caught.value.problem.code in ("PROOF_TRANSFORMATION_ERROR", "DATA_LOSS_DETECTION_ERROR")

    async def test_T23_a_lone_surrogate_is_refused(self, path: str) -> None:
        """Half a surrogate pair has no UTF-8."""
        with pytest.raises(Invalid) as caught:
            await PATHS[path]().canonicalize(BADGE | {"name": "\ud800"})
        assert caught.value.problem.code == "lone-surrogate"

    async def test_T16_a_poison_document_is_refused(self, path: str) -> None:
        """Two parents with nine empty children each, in plain JSON and in pinned terms."""
        parent = {"type": "Achievement", "criteria": [{} for _ in range(9)]}
        subject = BADGE["credentialSubject"] | {"achievement": [parent, parent]}
        with pytest.raises(Unavailable) as caught:
            await PATHS[path]().canonicalize(BADGE | {"credentialSubject": subject})
        assert caught.value.problem.code == "canonicalization-limit"


class TestRevisions:
    """Contexts that were published anew under the same URL."""

    URL = "https://contexts.example/v1"

    def store(self) -> ContextStore:
        """Return a world in which a context has had two texts, and another one names it."""
        newest = revision(self.URL, {"@context": {"type": "@type", "name": "urn:new:name", "T": "urn:x:T"}})
        oldest = revision(self.URL, {"@context": {"type": "@type", "name": "urn:old:name", "T": "urn:x:T"}})
        return ContextStore([newest, oldest, revision("https://other.example/v1", {"@context": self.URL})])

    @pytest.mark.parametrize("path", PATHS)
    @pytest.mark.parametrize("named", ["https://contexts.example/v1", "https://other.example/v1"])
    async def test_each_has_its_own_meaning(self, path: str, named: str) -> None:
        """The newest comes first, then the older one; the result says which was used."""
        store = self.store()
        made = PATHS[path](store)
        document = {"@context": named, "type": "T", "name": "x"}
        newest, older = [await made.canonicalize(document, revisions=chosen) for chosen in made.revisions(document)]
        assert (b"urn:new:name" in newest.nquads, b"urn:old:name" in older.nquads) == (True, True)
        assert newest.contexts[self.URL] != older.contexts[self.URL]
        assert newest == await made.canonicalize(document)

    def test_an_unknown_context_has_no_revisions(self) -> None:
        """The first set is always there; what follows depends on the contexts."""
        sets = both(self.store()).revisions({"@context": UNKNOWN})
        assert next(sets) == {}
        with pytest.raises(Unavailable, match="unknown-context"):
            next(sets)

    def test_what_contexts_name_counts_as_named(self) -> None:
        """A context that is only named by another one is part of what was used."""
        contexts = both(self.store()).check_contexts({"@context": "https://other.example/v1"})
        assert set(contexts) == {"https://other.example/v1", self.URL}


NOT_TO_BE_CANONICALIZED = {
    "dcc/credentials-v1/ed25519/didKey/legacy-noStatus-noExpiry.json",  # malformed JSON, as its README says
    "clr-2.0/simple-noproof.json",  # names a draft context that nobody has kept
    "vc-di-eddsa/eddsa-rdfc-2022/employ/signedDataInt.json",  # names a context that is not at hand
    "vc-di-ecdsa/ecdsa-rdfc-2019-p256/employ/signedECDSAP256.json",
}
SAMPLES = sorted(
    {
        path.relative_to(SHARED / "vectors").as_posix()
        for pattern in ("dcc/credentials-v1/**/*.json", "open-badges-3.0/*", "clr-2.0/*", "vc-di-*/**/*signed*.json")
        for path in (SHARED / "vectors").glob(pattern)
    }
    - NOT_TO_BE_CANONICALIZED
)


@pytest.mark.shared
@pytest.mark.parametrize("sample", SAMPLES)
async def test_real_records_lose_nothing_on_either_path(sample: str) -> None:
    """Everything that others issued is accepted by all three rules, with the same bytes on both paths."""
    document = {name: value for name, value in vector(sample).items() if name != "proof"}
    direct, reference = [await path(shared_store()).canonicalize(document) for path in PATHS.values()]
    assert direct == reference


@pytest.mark.shared
def test_the_samples_are_there() -> None:
    """None of the above is empty."""
    assert len(SAMPLES) > 50


@pytest.mark.shared
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("folder", "signed", "document", "configuration"),
    [
        ("vc-di-eddsa/eddsa-rdfc-2022", "signedDataInt", "canonDocDataInt", "proofCanonDataInt"),
        ("vc-di-eddsa/Ed25519Signature2020", "signedEdSig", "canonDocEdSig", "proofCanonEdSig"),
        ("vc-di-ecdsa/ecdsa-rdfc-2019-p256", "signedECDSAP256", "canonDocECDSAP256", "proofCanonECDSAP256"),
    ],
)
async def test_the_worked_examples_of_the_specifications(
    path: str, folder: str, signed: str, document: str, configuration: str
) -> None:
    """Document and proof configuration have the canonical forms and hashes that the specifications print."""
    credential = vector(f"{folder}/{signed}.json")
    proof = credential.pop("proof")
    del proof["proofValue"]
    proof["@context"] = credential["@context"]
    for part, expected in ((credential, document), (proof, configuration)):
        file = SHARED / "vectors" / folder / f"{expected}.txt"
        canonical = await PATHS[path](shared_store()).canonicalize(part)
        assert file.read_text(encoding="utf-8") == canonical.nquads.decode()
        printed = file.with_name(file.name.replace("canonDoc", "docHash").replace("proofCanon", "proofHash"))
        assert printed.read_text(encoding="ascii").strip() == hashlib.sha256(canonical.nquads).hexdigest()


@pytest.mark.parametrize("context", [VC1, VC2])
def test_known_contexts_have_their_digests(context: str) -> None:
    """Without canonicalizing, JCS asks for the contexts alone."""
    assert both().check_contexts({"@context": [context]}) == {context: STORE.revisions(context)[0].sha256}
