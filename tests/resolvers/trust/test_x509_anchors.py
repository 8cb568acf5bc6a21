"""`resolvers.trust.x509_anchors`, with authorities of the tests' own."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from resolvers.trust.x509_anchors import PLUGIN
from resolvers.trust_model import Authenticity, ListState, TrustQuestion, TrustSourceConfig
from tests.certified import END, START, authority_extensions, between, name, root, seal, usage
from tests.resolvers.lookup import FakeLookup
from tests.resolvers.trust.minting import NOW

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from resolvers.trust_model import TrustEvidence
    from tests.certified import Certified

ISSUER = "did:web:university.example"


def pem(*authorities: Certified) -> bytes:
    """Return a PEM file of those authorities."""
    return b"".join(each.certificate.public_bytes(Encoding.PEM) for each in authorities)


async def ask(path: Path, chain: tuple[bytes, ...], at: Any = NOW, **config: Any) -> TrustEvidence:
    """Ask the authorities in `path` about an issuer who signs under that chain."""
    lookup = FakeLookup()
    source = TrustSourceConfig(**{"id": "eu-seals", "kind": "x509_anchors", "path": path, **config})
    evidence = await PLUGIN.ask(source, TrustQuestion(entity=ISSUER, at=at, certificates=chain), lookup)
    assert lookup.internet.requests == []
    return evidence


@pytest.fixture
def authority(tmp_path: Path) -> Certified:
    """Return an authority that is configured in `anchors.pem`."""
    made = root()
    (tmp_path / "anchors.pem").write_bytes(pem(root(), made))
    return made


async def test_certificate_leads_to_an_authority(tmp_path: Path, authority: Certified) -> None:
    """The authority vouches for the name and for the organization identifier of eIDAS."""
    leaf = seal(between(authority))

    evidence = await ask(tmp_path / "anchors.pem", leaf.der, tier="member", assurance="AL3")

    assert (evidence.state, evidence.authenticity) == (ListState.LISTED, Authenticity.AUTHENTICATED)
    assert (evidence.entity.name, evidence.tier, evidence.assurance) == ("University Seal", "member", "AL3")
    assert evidence.entity.identifiers == (("organizationIdentifier", "VATES-A00000000"),)


@pytest.mark.parametrize("at", [START, END])
async def test_both_ends_of_its_time_are_part_of_it(tmp_path: Path, authority: Certified, at: Any) -> None:
    """RFC 5280, section 4.1.2.5."""
    assert (await ask(tmp_path / "anchors.pem", seal(authority).der, at)).state is ListState.LISTED


async def test_folder_of_files_is_read(tmp_path: Path) -> None:
    """Each file with an ending of certificates; others are let alone."""
    first, second = root(), root()
    (tmp_path / "a.pem").write_bytes(pem(first))
    (tmp_path / "b.crt").write_bytes(pem(second))
    (tmp_path / "README.txt").write_text("not a certificate")

    assert (await ask(tmp_path, seal(first).der)).state is ListState.LISTED
    assert (await ask(tmp_path, seal(second).der)).state is ListState.LISTED


async def test_T52_authority_that_is_taken_away_is_not_believed_any_more(tmp_path: Path) -> None:
    """A changed file is read anew, without a restart."""
    first, second = root(), root()
    file = tmp_path / "anchors.pem"
    file.write_bytes(pem(first))
    chain = seal(first).der
    assert (await ask(file, chain)).state is ListState.LISTED

    file.write_bytes(pem(second))
    os.utime(file, (1, 1))

    assert (await ask(file, chain)).state is ListState.NOT_LISTED


async def test_issuer_without_a_certificate_is_not_listed(tmp_path: Path, authority: Certified) -> None:
    """An authority vouches for nobody who comes without one."""
    del authority
    assert (await ask(tmp_path / "anchors.pem", ())).state is ListState.NOT_LISTED


@pytest.mark.parametrize(
    "how",
    [
        "another authority",
        "no authority",
        "another authority of the same name",
        "a missing intermediate",
        "an intermediate that is none",
        "an intermediate whose key may not certify",
        "a path that is too long",
        "a key for other uses",
        "a tampered signature",
        "garbage",
        "nothing",
        "an unknown critical extension",
    ],
)
async def test_T61_certificate_that_does_not_lead_there_is_not_listed(
    tmp_path: Path, authority: Certified, how: str
) -> None:
    """Whoever certifies, and however the path is broken."""
    leaf = seal(between(authority))
    tampered = bytearray(leaf.der[0])
    tampered[-1] ^= 1
    chains: dict[str, Callable[[], tuple[bytes, ...]]] = {
        "another authority": lambda: seal(between(root())).der,
        "no authority": lambda: root().der[:1],
        "another authority of the same name": lambda: seal(root()).der,
        "a missing intermediate": lambda: leaf.der[:1],
        "an intermediate that is none": lambda: seal(seal(authority)).der,
        "an intermediate whose key may not certify": lambda: (
            seal(between(authority, extensions=(authority_extensions()[0], (usage("digital_signature"), True)))).der
        ),
        "a path that is too long": lambda: (
            seal(
                between(between(authority, subject=name("A"), extensions=authority_extensions(0)), subject=name("B"))
            ).der
        ),
        "a key for other uses": lambda: seal(authority, extensions=((usage("key_encipherment"), True),)).der,
        "a tampered signature": lambda: (bytes(tampered), *leaf.der[1:]),
        "garbage": lambda: (b"garbage",),
        "nothing": lambda: (b"",),
        "an unknown critical extension": lambda: seal(authority, extensions=(unknown_extension(),)).der,
    }

    evidence = await ask(tmp_path / "anchors.pem", chains[how]())

    assert (evidence.state, evidence.entity.name) == (ListState.NOT_LISTED, None)


def unknown_extension() -> Any:
    """Return a critical extension that nobody knows."""
    return x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.99999.1"), b"\5\0"), True


@pytest.mark.parametrize("at", [START - timedelta(seconds=1), END + timedelta(seconds=1)])
async def test_T14_certificate_outside_its_time_is_not_listed(tmp_path: Path, authority: Certified, at: Any) -> None:
    """At the instant that is asked about, not at ours."""
    assert (await ask(tmp_path / "anchors.pem", seal(authority).der, at)).state is ListState.NOT_LISTED


@pytest.mark.parametrize(
    "content", [None, b"", b"not PEM", b"-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"]
)
async def test_T13_authorities_that_cannot_be_read_are_unknown(tmp_path: Path, content: bytes | None) -> None:
    """An operator's broken file is no list of nobody."""
    file = tmp_path / "anchors.pem"
    if content is not None:
        file.write_bytes(content)

    evidence = await ask(file, seal(root()).der)

    assert evidence.state is ListState.UNKNOWN
    assert evidence.problem.code in {"registry-defective", "certificate-malformed"}


async def test_T13_empty_folder_and_no_path_are_unknown(tmp_path: Path) -> None:
    """Nobody is known to be outside of nothing."""
    for path in (tmp_path, None):
        evidence = await ask(path, seal(root()).der)  # type: ignore[arg-type]  # what the configuration would refuse
        assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "registry-defective")


async def test_T13_question_that_it_has_no_answer_for_is_unknown(tmp_path: Path) -> None:
    """An authority knows no trust marks."""
    source = TrustSourceConfig(id="eu-seals", kind="x509_anchors", path=tmp_path)
    question = TrustQuestion(entity=ISSUER, at=NOW, terms={"trust_mark": "x"})

    evidence = await PLUGIN.ask(source, question, FakeLookup())

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "question-not-supported")
