"""The worked examples of Data Integrity EdDSA and ECDSA Cryptosuites 1.0, every intermediate value of them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from gateway.canonical import jcs
from gateway.cryptosuites._rdfc import proof_configuration
from gateway.model import Outcome
from gateway.signatures import is_valid
from resolvers import keys, multibase
from tests.gateway.proving import SUITES, codes, proven
from tests.shared import SHARED, vector
from tests.vectors.specification import examples_canonicalizer, examples_tools

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gateway.canonical.rdf import RdfCanonicalizer

pytestmark = pytest.mark.shared


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One folder of the vectors; its files end in one suffix."""

    folder: str
    suffix: str
    keys: str
    known: bool = True
    """Whether all its contexts are to be had: not those of the employment authorization."""

    def __str__(self) -> str:
        """Return the name that the tests have."""
        return self.folder

    def text(self, name: str) -> str:
        """Return a file's text."""
        return (SHARED / "vectors" / self.folder / f"{name}{self.suffix}.txt").read_text(encoding="utf-8")

    def json(self, name: str) -> dict[str, Any]:
        """Return a file's JSON."""
        value: dict[str, Any] = vector(f"{self.folder}/{name}{self.suffix}.json")
        return value


EDDSA, ECDSA = "vc-di-eddsa/keyPair.json", "vc-di-ecdsa/p256KeyPair.json"
EXAMPLES = [
    Example(folder="vc-di-eddsa/eddsa-rdfc-2022", suffix="DataInt", keys=EDDSA),
    Example(folder="vc-di-eddsa/eddsa-rdfc-2022/employ", suffix="DataInt", keys=EDDSA, known=False),
    Example(folder="vc-di-eddsa/eddsa-jcs-2022", suffix="JCS", keys=EDDSA),
    Example(folder="vc-di-eddsa/Ed25519Signature2020", suffix="EdSig", keys=EDDSA),
    Example(folder="vc-di-ecdsa/ecdsa-rdfc-2019-p256", suffix="ECDSAP256", keys=ECDSA),
    Example(folder="vc-di-ecdsa/ecdsa-rdfc-2019-p256/employ", suffix="ECDSAP256", keys=ECDSA, known=False),
    Example(folder="vc-di-ecdsa/ecdsa-jcs-2019-p256", suffix="JCSECDSAP256", keys=ECDSA),
]
KNOWN = [example for example in EXAMPLES if example.known]


@pytest_asyncio.fixture
async def canonicalizer() -> AsyncIterator[RdfCanonicalizer]:
    """The real canonicalizer, with the examples' context."""
    made = examples_canonicalizer()
    yield made
    await made.close()


def unsecured(signed: dict[str, Any]) -> dict[str, Any]:
    """Return a credential without its proof."""
    return {name: value for name, value in signed.items() if name != "proof"}


@pytest.mark.parametrize("example", KNOWN, ids=str)
async def test_canonical_forms_are_the_specifications(canonicalizer: RdfCanonicalizer, example: Example) -> None:
    """Document and proof configuration canonicalize to the octets that the specification prints."""
    signed = example.json("signed")
    document, proof = unsecured(signed), signed["proof"]
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    if "jcs" in example.folder:
        assert options == example.json("proofConfig")
        forms = [jcs.canonicalize(document), jcs.canonicalize(options)]
    else:
        configuration = proof_configuration(document, proof)
        assert configuration == example.json("proofConfig")
        forms = [(await canonicalizer.canonicalize(part)).nquads for part in (document, configuration)]
    assert forms == [example.text("canonDoc").encode(), example.text("proofCanon").encode()]


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_hashes_and_signature_are_the_specifications(example: Example) -> None:
    """From the canonical forms follow the hashes, and over the two of them the signature verifies."""
    document = hashlib.sha256(example.text("canonDoc").encode()).digest()
    options = hashlib.sha256(example.text("proofCanon").encode()).digest()
    assert document.hex() == example.text("docHash").strip()
    assert options.hex() == example.text("proofHash").strip()
    assert (options + document).hex() == example.text("combinedHash").strip()
    signature = bytes.fromhex(example.text("sigHex").strip())
    assert multibase.decode(example.text("sigBTC58").strip()) == signature
    assert example.json("signed")["proof"]["proofValue"] == example.text("sigBTC58").strip()
    key = keys.from_multikey(vector(example.keys)["publicKeyMultibase"])
    assert is_valid(key, signature, options + document)
    assert not is_valid(key, signature, document + options)


@pytest.mark.parametrize("example", KNOWN, ids=str)
async def test_verdict_is_the_readmes(canonicalizer: RdfCanonicalizer, example: Example) -> None:
    """The proof verifies; the issuer is an https URL and the key a did:key, so it is not the issuer's."""
    signed = example.json("signed")
    found, verified = await proven(signed, examples_tools(canonicalizer))
    name = signed["proof"].get("cryptosuite", signed["proof"]["type"])
    assert found.proof.outcome is Outcome.PASS
    assert found.data_loss.outcome is (Outcome.PASS if SUITES[name].rdf else Outcome.NOT_APPLICABLE)
    assert (found.issuer.outcome, codes(found, "issuer")) == (Outcome.FAIL, ["issuer-mismatch"])
    assert verified is not None
    assert verified.document == signed


@pytest.mark.parametrize("example", [example for example in EXAMPLES if not example.known], ids=str)
async def test_verdict_on_an_unknown_context(canonicalizer: RdfCanonicalizer, example: Example) -> None:
    """Where a context is not pinned, the proof could not be checked."""
    found, verified = await proven(example.json("signed"), examples_tools(canonicalizer))
    assert (found.proof.outcome, codes(found)) == (Outcome.INDETERMINATE, ["unknown-context"])
    assert verified is None


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_what_was_signed_is_what_was_to_be_signed(example: Example) -> None:
    """But for its proof and its suite's context the signed document is the unsigned one; so is the configuration."""
    signed = example.json("signed")
    folder = example.folder.partition("/")[0]
    unsigned = vector(f"{folder}/{'unsigned' if example.known else 'employmentAuth'}.json")
    contexts = unsigned["@context"]
    assert unsecured(signed) | {"@context": contexts} == unsigned
    assert signed["@context"][: len(contexts)] == contexts
    configuration = {"@context": signed["@context"], **signed["proof"]}
    del configuration["proofValue"]
    assert configuration == example.json("proofConfig")


@pytest.mark.parametrize("change", [{"name": "Forged"}, {"validFrom": "2024-01-01T00:00:00Z"}], ids=str)
@pytest.mark.parametrize("example", KNOWN, ids=str)
async def test_spoilt_example_does_not_verify(
    canonicalizer: RdfCanonicalizer, example: Example, change: dict[str, Any]
) -> None:
    """With one member changed, the signature is another document's."""
    found, verified = await proven({**example.json("signed"), **change}, examples_tools(canonicalizer))
    assert codes(found) == ["PROOF_VERIFICATION_ERROR"]
    assert verified is None


@pytest.mark.parametrize("example", KNOWN, ids=str)
async def test_swapped_signature_does_not_verify(canonicalizer: RdfCanonicalizer, example: Example) -> None:
    """The signature of another example, by the same key, is not this one's."""
    other = next(one for one in EXAMPLES if one.keys == example.keys and one is not example)
    signed = example.json("signed")
    signed["proof"]["proofValue"] = other.json("signed")["proof"]["proofValue"]
    found, _ = await proven(signed, examples_tools(canonicalizer))
    assert codes(found) == ["PROOF_VERIFICATION_ERROR"]
