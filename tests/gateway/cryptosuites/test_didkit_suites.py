"""Proofs by blockchain accounts: didkit says whose the signature is, and everything else is checked around it."""

from __future__ import annotations

import copy
import importlib.util
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from gateway.cryptosuites import _didkit_worker
from gateway.cryptosuites._didkit_worker import DidkitWorker
from gateway.cryptosuites._graph_document import document_of
from gateway.demo.issuer import Issuer, detached
from gateway.model import CheckName
from resolvers.problems import Invalid, Unavailable
from tests.didkit_issuer import CREDENTIAL, issue, private_jwk
from tests.gateway.proving import CREDENTIALS_V1, CREDENTIALS_V2, SUITES, codes, proof_tools, proven, with_proof
from tests.internet import FakeInternet
from tests.issuer import university

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.canonical.rdf import RdfCanonicalizer
    from gateway.plugins import ProofTools

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("didkit") is None, reason="there is no didkit for this platform"
)

LATER = datetime(2100, 1, 1, tzinfo=UTC)
"""didkit dates its proofs with the machine's clock."""
ETHEREUM = ("pkh:eth", "secp256k1", "ES256K-R")
CASES: dict[str, dict[str, Any]] = {
    f"{kind} {algorithm}": {
        "method": method,
        "key": private_jwk(curve, algorithm),
        "type": kind,
        **({"fragment": fragment} if fragment else {}),
    }
    for kind, (method, curve, algorithm), fragment in (
        ("EcdsaSecp256k1RecoverySignature2020", ETHEREUM, None),
        ("Eip712Signature2021", ETHEREUM, None),
        ("Eip712Signature2021", ("pkh:poly", "secp256k1", "ES256K-R"), None),
        ("EthereumEip712Signature2021", ETHEREUM, None),
        ("TezosSignature2021", ("pkh:tz", "Ed25519", "EdBlake2b"), "TezosMethod2021"),
        ("TezosSignature2021", ("pkh:tz", "secp256k1", "ESBlake2bK"), "TezosMethod2021"),
        ("TezosSignature2021", ("pkh:tz", "P-256", "ESBlake2b"), "TezosMethod2021"),
        (
            "Ed25519BLAKE2BDigestSize20Base58CheckEncodedSignature2021",
            ("pkh:tz", "Ed25519", "EdBlake2b"),
            None,
        ),
        ("P256BLAKE2BDigestSize20Base58CheckEncodedSignature2021", ("pkh:tz", "P-256", "ESBlake2b"), None),
    )
}
LABEL = {"label": "https://example.org/label", "parts": {"@id": "https://example.org/parts", "@container": "@list"}}
CLAIMS = {
    "@context": [CREDENTIALS_V1, LABEL],
    "type": ["VerifiableCredential", "https://example.org/Badge"],
    "label": 'Welding "1"\n',
    "credentialSubject": {"type": "https://example.org/Learner", "label": "é\u2028", "parts": ["a", 5, True]},
}
"""What a graph can hold: types, a nameless node, a list, numbers, text that has to be escaped."""
PLAIN = {"label": 'Welding "1"\n', "credentialSubject": {"id": "did:example:learner", "label": "é\u2028"}}
"""What EIP-712 can hold: arrays of one type, and nothing that needs a context."""


@pytest.fixture(scope="module")
def issued() -> dict[str, dict[str, Any]]:
    """What didkit issues in every suite, freshly."""
    answers = issue(
        *({**request, "credential": CLAIMS if SUITES[request["type"]].rdf else PLAIN} for request in CASES.values())
    )
    assert [answer.get("error") for answer in answers] == [None] * len(CASES)
    return dict(zip(CASES, answers, strict=True))


@pytest_asyncio.fixture(autouse=True)
async def no_process_is_left() -> AsyncIterator[None]:
    """End didkit's process after each test, with its event loop."""
    yield
    await _didkit_worker.close()


def tools(canonicalizer: RdfCanonicalizer, **changes: Any) -> ProofTools:
    """Return proof tools at a time when nothing that didkit dates is of the future."""
    return proof_tools(canonicalizer, **{"as_of": LATER, **changes})


def value_member(credential: dict[str, Any]) -> str:
    """Return the name of the member that holds the proof's signature."""
    return "jws" if "jws" in credential["proof"] else "proofValue"


@pytest.mark.parametrize("name", CASES)
async def test_what_didkit_issues_verifies(
    canonicalizer: RdfCanonicalizer, issued: dict[str, dict[str, Any]], name: str
) -> None:
    """A credential verifies as it was signed, is the account's, and is returned whole."""
    credential = issued[name]["secured"]
    found, verified = await proven(credential, tools(canonicalizer))
    rdf = SUITES[credential["proof"]["type"]].rdf
    assert (found.proof.outcome, found.issuer.outcome) == ("pass", "pass")
    assert found.data_loss.outcome == ("pass" if rdf else "not_applicable")
    assert verified is not None
    assert verified.document == credential


@pytest.mark.parametrize("name", CASES)
async def test_anything_changed_does_not_verify(
    canonicalizer: RdfCanonicalizer, issued: dict[str, dict[str, Any]], name: str
) -> None:
    """A claim, a date, an option of the proof or its signature: each is signed."""
    credential = issued[name]["secured"]
    value: str = credential["proof"][value_member(credential)]
    wrong = [
        {**credential, "label": "Surgery"},
        {**credential, "issuanceDate": "2026-01-02T00:00:00Z"},
        {**credential, "expirationDate": "2200-01-01T00:00:00Z"},
        {**credential, "credentialSubject": {**credential["credentialSubject"], "id": "did:example:somebody"}},
        with_proof(credential, created="2026-01-02T00:00:00Z"),
        with_proof(credential, **{value_member(credential): None}),
        with_proof(credential, **{value_member(credential): "x" + value[1:]}),
        with_proof(credential, **{value_member(credential): value[:-2] + ("11" if value[-2:] != "11" else "22")}),
    ]
    for changed in wrong:
        found, verified = await proven(changed, tools(canonicalizer))
        assert codes(found) == ["PROOF_VERIFICATION_ERROR"], changed
        assert verified is None


@pytest.mark.parametrize("name", CASES)
async def test_what_didkit_does_not_check_is_no_pass(
    canonicalizer: RdfCanonicalizer, issued: dict[str, dict[str, Any]], name: str
) -> None:
    """Where didkit wants a member, or does not know one, it says nothing of the signature."""
    credential = issued[name]["secured"]
    for change in ({"created": None}, {"nonce": "1"}, {"verificationMethod": f"{issued[name]['did']}#other"}):
        found, verified = await proven(with_proof(credential, **change), tools(canonicalizer))
        assert found.proof.outcome != "pass", change
        assert verified is None


async def test_key_is_the_accounts(canonicalizer: RdfCanonicalizer, issued: dict[str, dict[str, Any]]) -> None:
    """A proof that brings another key along, with a signature that fits it, is not the account's."""
    request = {
        **CASES["TezosSignature2021 EdBlake2b"],
        "key": private_jwk("Ed25519", "EdBlake2b"),
        "credential": CLAIMS,
    }
    other = issue(request)[0]
    account = issued["TezosSignature2021 EdBlake2b"]
    forged = {**account["secured"], "proof": {**other["secured"]["proof"], "verificationMethod": account["method"]}}
    found, _ = await proven(forged, tools(canonicalizer))
    assert codes(found) == ["PROOF_VERIFICATION_ERROR"]


@pytest.mark.parametrize("name", [name for name in CASES if SUITES[name.split()[0]].rdf])
async def test_T19_unsigned_members_are_data_loss(
    canonicalizer: RdfCanonicalizer, issued: dict[str, dict[str, Any]], name: str
) -> None:
    """Neither the document nor the proof can say what no signature covers."""
    credential = issued[name]["secured"]
    more = {**credential, "@context": [*credential["@context"], "https://w3id.org/security/v1"]}
    renamed = with_proof(more, expiration="2026-02-01T00:00:00Z")
    for changed, pointer in (
        ({**credential, "admin": True}, "/admin"),
        (with_proof(credential, admin=True), "/proof/admin"),
        (renamed, "/proof/expiration"),
    ):
        found, verified = await proven(changed, tools(canonicalizer))
        assert codes(found, "data_loss") == ["DATA_LOSS_DETECTION_ERROR"]
        assert found.data_loss.problems[0].pointer == pointer
        assert verified is None


async def test_T62_status_has_no_second_name(canonicalizer: RdfCanonicalizer) -> None:
    """A status that is signed cannot be shown where no reader looks."""
    status = {"id": "https://university.example/status/1#5", "type": "https://example.org/Status"}
    request = {**CASES["EcdsaSecp256k1RecoverySignature2020 ES256K-R"], "credential": {"credentialStatus": status}}
    credential = issue(request)[0]["secured"]
    found, _ = await proven(credential, tools(canonicalizer))
    assert found.proof.outcome == "pass"
    rest = {name: value for name, value in credential.items() if name != "credentialStatus"}
    alias = {"other": {"@id": "https://www.w3.org/2018/credentials#credentialStatus", "@type": "@id"}}
    for hidden in (
        {"https://www.w3.org/2018/credentials#credentialStatus": status},
        {"other": status, "@context": [*credential["@context"], alias]},
    ):
        found, verified = await proven({**rest, **hidden}, tools(canonicalizer))
        assert codes(found, "data_loss") == ["DATA_LOSS_DETECTION_ERROR"]
        assert verified is None


async def test_context_in_the_proof_means_nothing(
    canonicalizer: RdfCanonicalizer, issued: dict[str, dict[str, Any]]
) -> None:
    """The members of the proof mean what the suite says, whatever a context beside them says."""
    credential = issued["TezosSignature2021 EdBlake2b"]["secured"]
    for context in ("https://attacker.example/context", {"created": "https://example.org/other"}, None, 5):
        changed = with_proof(credential)
        changed["proof"]["@context"] = context
        found, _ = await proven(changed, tools(canonicalizer))
        assert found.proof.outcome == "pass"


async def test_T20_unknown_context_of_the_document_is_indeterminate(
    canonicalizer: RdfCanonicalizer, issued: dict[str, dict[str, Any]]
) -> None:
    """What a context means that is not pinned is never guessed."""
    credential = issued["TezosSignature2021 EdBlake2b"]["secured"]
    contexts = [*credential["@context"], "https://attacker.example/context"]
    found, _ = await proven({**credential, "@context": contexts}, tools(canonicalizer))
    assert (found.proof.outcome, codes(found)) == ("indeterminate", ["unknown-context"])


async def test_T36_purpose_is_the_verifiers_to_say(
    canonicalizer: RdfCanonicalizer, issued: dict[str, dict[str, Any]]
) -> None:
    """A proof for another purpose is refused before didkit, which would let it pass, is asked."""
    credential = issued["EcdsaSecp256k1RecoverySignature2020 ES256K-R"]["secured"]
    found, _ = await proven(credential, tools(canonicalizer, purpose="authentication"))
    assert codes(found) == ["PROOF_VERIFICATION_ERROR"]
    assert found.proof.problems[0].pointer == "/proof/proofPurpose"


async def test_T40_one_bad_proof_of_a_set_fails(
    canonicalizer: RdfCanonicalizer, issued: dict[str, dict[str, Any]]
) -> None:
    """Each proof of a set is asked for by itself: didkit would accept the set for its good one."""
    credential = issued["EcdsaSecp256k1RecoverySignature2020 ES256K-R"]["secured"]
    bad = {**credential["proof"], "created": "2026-01-02T00:00:00Z"}
    for proofs in ([credential["proof"], bad], [bad, credential["proof"]]):
        found, verified = await proven({**credential, "proof": proofs}, tools(canonicalizer))
        assert codes(found) == ["PROOF_VERIFICATION_ERROR"]
        assert verified is None


async def test_presentation_verifies(canonicalizer: RdfCanonicalizer) -> None:
    """A presentation is verified as one, with the credentials in it, and not once its challenge is changed."""
    request = CASES["EcdsaSecp256k1RecoverySignature2020 ES256K-R"]
    inner = issue({"method": "key", "key": private_jwk("Ed25519")})[0]["secured"]
    presentation = {"@context": [CREDENTIALS_V1], "type": ["VerifiablePresentation"], "verifiableCredential": inner}
    for unsigned in ({**presentation, "id": "urn:uuid:1"}, presentation):
        [answer] = issue({**request, "presentation": unsigned, "options": {"challenge": "1", "domain": "a.example"}})
        document = {name: value for name, value in answer["secured"].items() if name != "proof"}
        proof = answer["secured"]["proof"]
        suite = SUITES["EcdsaSecp256k1RecoverySignature2020"]
        keys = tools(canonicalizer).keys
        key = (await keys.dereference(proof["verificationMethod"], purpose="authentication")).key
        result = await suite.verify(document, proof, key, canonicalizer)
        assert result.document == document
        for wrong in ({**proof, "challenge": "2"}, {**proof, "domain": "b.example"}):
            with pytest.raises(Invalid):
                await suite.verify(document, wrong, key, canonicalizer)
        changed = copy.deepcopy(document)
        changed["verifiableCredential"]["credentialSubject"]["id"] = "did:example:somebody"
        with pytest.raises(Invalid):
            await suite.verify(changed, proof, key, canonicalizer)


async def test_key_that_is_written_out_verifies_too(canonicalizer: RdfCanonicalizer) -> None:
    """A did:key of secp256k1 may sign as an account does."""
    request = {"method": "key", "key": private_jwk("secp256k1"), "type": "EcdsaSecp256k1RecoverySignature2020"}
    [answer] = issue(request)
    found, _ = await proven(answer["secured"], tools(canonicalizer))
    assert (found.proof.outcome, found.issuer.outcome) == ("pass", "pass")
    for other in ("TezosSignature2021", "Ed25519BLAKE2BDigestSize20Base58CheckEncodedSignature2021"):
        found, _ = await proven(with_proof(answer["secured"], type=other), tools(canonicalizer))
        assert codes(found) == ["PROOF_VERIFICATION_ERROR"]


async def test_only_documents_of_vcdm_1_1_are_known(
    canonicalizer: RdfCanonicalizer, issued: dict[str, dict[str, Any]]
) -> None:
    """The library knows no credentials of VCDM 2.0: such a proof could not be checked."""
    credential = issued["EcdsaSecp256k1RecoverySignature2020 ES256K-R"]["secured"]
    newer = {**credential, "@context": [CREDENTIALS_V2, LABEL], "validFrom": credential["issuanceDate"]}
    del newer["issuanceDate"]
    found, _ = await proven(newer, tools(canonicalizer))
    assert (found.proof.outcome, codes(found)) == ("indeterminate", ["unsupported-cryptosuite"])


async def test_T1_method_that_didkit_would_look_up_is_indeterminate(canonicalizer: RdfCanonicalizer) -> None:
    """Under did:web the key is found here, but didkit would ask the network: it is not asked at all."""
    issuer, internet = Issuer.did_web("university.example", kind="secp256k1"), FakeInternet()
    internet.serve(issuer.document_url, issuer.document)
    proof = {
        "type": "EcdsaSecp256k1RecoverySignature2020",
        "created": "2026-01-01T00:00:00Z",
        "proofPurpose": "assertionMethod",
        "verificationMethod": issuer.method,
        "jws": detached(issuer.key, b"", alg="ES256K-R"),
    }
    found, _ = await proven({**CREDENTIAL, "issuer": issuer.did, "proof": proof}, proof_tools(canonicalizer, internet))
    assert (found.proof.outcome, codes(found)) == ("indeterminate", ["unsupported-cryptosuite"])
    assert internet.requests == [issuer.document_url]


async def test_issuer_is_bound_and_the_period_checked_by_the_gateway(tmp_path: Path) -> None:
    """The library lets expired credentials pass; the pipeline does not, nor another's name."""
    request = CASES["EcdsaSecp256k1RecoverySignature2020 ES256K-R"]
    expired = {"credential": {"expirationDate": "2026-02-01T00:00:00Z"}}
    plain, over = (answer["secured"] for answer in issue(request, {**request, **expired}))
    async with university(tmp_path) as party:
        party.pass_time(days=400)
        assert (await party.verify(plain)).outcome == "pass"
        result = await party.verify(over)
        assert (result.outcome, result.check(CheckName.PROOF).outcome) == ("fail", "pass")
        assert [problem.code for problem in result.check(CheckName.VALIDITY).problems] == ["expired"]
        result = await party.verify({**plain, "issuer": "did:web:university.example"})
        assert result.outcome != "pass"


@pytest.mark.parametrize("fault", ["crash", "hang"])
async def test_crash_is_an_indeterminate_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    """What ends didkit's process leaves the proof open, and no request without its result."""
    script = {"crash": "import os; os.abort()", "hang": "while True: pass"}[fault]
    broken = DidkitWorker(seconds=0.3, command=(sys.executable, "-I", "-S", "-c", script))
    monkeypatch.setattr(_didkit_worker, "worker", lambda: broken)
    credential = issue(CASES["EcdsaSecp256k1RecoverySignature2020 ES256K-R"])[0]["secured"]
    async with university(tmp_path) as party:
        party.pass_time(days=400)
        results = [await party.verify(credential) for _ in range(2)]
    code = {"crash": "internal-error", "hang": "deadline-exceeded"}[fault]
    for result in results:
        assert (result.outcome, result.verified) == ("indeterminate", False)
        assert [problem.code for problem in result.check(CheckName.PROOF).problems] == [code]
    assert broken.starts == 2


async def test_suites_that_nobody_verifies_say_so(canonicalizer: RdfCanonicalizer) -> None:
    """The library refuses what it signs itself with TezosJcsSignature2021, and has no SolanaSignature2021 at all."""
    request = {**CASES["TezosSignature2021 EdBlake2b"], "type": "TezosJcsSignature2021"}
    tezos, solana = issue(request, {"method": "pkh:sol", "key": private_jwk("Ed25519"), "type": "SolanaSignature2021"})
    assert await _didkit_worker.worker().errors(tezos["secured"], {"proofPurpose": "assertionMethod"}) != []
    assert solana["error"].startswith("unknown variant `SolanaSignature2021`")
    found, _ = await proven(tezos["secured"], tools(canonicalizer))
    assert (found.proof.outcome, codes(found)) == ("indeterminate", ["unsupported-cryptosuite"])
    assert "refuses even what it has signed" in found.proof.problems[0].detail
    assert {SUITES[name].verdict for name in ("TezosJcsSignature2021", "SolanaSignature2021")} == {"recognized"}


def test_graph_of_a_named_graph_and_of_text() -> None:
    """Every term of canonical N-Quads is read; what looks like one within a literal is none."""
    kind = (
        "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://www.w3.org/2018/credentials#VerifiablePresentation>"
    )
    nquads = (
        f"_:c14n0 {kind} .\n"
        "_:c14n0 <urn:p> _:c14n1 .\n"
        '_:c14n2 <urn:q> "a \\"b\\" _:c14n0 <urn:x> .\\n\\u0007\u2028" _:c14n1 .\n'
        '_:c14n2 <urn:q> "2"^^<urn:number> _:c14n1 .\n'
        '_:c14n2 <urn:q> "deux"@fr-ca _:c14n1 .\n'
    )
    text = {"@value": 'a "b" _:c14n0 <urn:x> .\n\x07\u2028'}
    values = [text, {"@value": "2", "@type": "urn:number"}, {"@value": "deux", "@language": "fr-ca"}]
    assert document_of(nquads.encode(), None, presentation=True) == {
        "@context": [CREDENTIALS_V1],
        "type": ["VerifiablePresentation"],
        "@included": [{"@id": "_:c14n1", "@graph": [{"@id": "_:c14n2", "urn:q": values}]}],
        "urn:p": [{"@id": "_:c14n1"}],
    }


@pytest.mark.parametrize(("date", "known"), [("00Z", True), ("00.5Z", False), ("00.500Z", True), ("00.5000Z", False)])
def test_date_that_didkit_would_rewrite_is_not_given_to_it(date: str, *, known: bool) -> None:
    """The library writes fractions of a second with three, six or nine digits, and would verify another date."""
    claims = "https://www.w3.org/2018/credentials#"
    nquads = (
        f"<urn:1> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{claims}VerifiableCredential> .\n"
        f"<urn:1> <{claims}issuer> <did:example:1> .\n"
        f'<urn:1> <{claims}issuanceDate> "2026-01-01T00:00:{date}"^^<http://www.w3.org/2001/XMLSchema#dateTime> .\n'
        f"<urn:1> <{claims}credentialSubject> _:c14n0 .\n"
    ).encode()
    if known:
        assert document_of(nquads, "urn:1", presentation=False)["issuanceDate"] == f"2026-01-01T00:00:{date}"
    else:
        with pytest.raises(Unavailable):
            document_of(nquads, "urn:1", presentation=False)
