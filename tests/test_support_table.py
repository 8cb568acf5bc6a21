"""What the README says is supported is what the plugins say, and what the plugins say is what they do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.demo.issuer import Issuer, base64url
from gateway.model import CheckName, Outcome
from gateway.plugins import KeySource, Securing
from tests import support_table
from tests.gateway.unsigned import ELMO, PESC, blockcerts, resume, velocity
from tests.issuer import EXPECTED, university
from tests.support_table import ANYTHING_ELSE, FORMATS, README, STATUS_METHODS, inserted
from tests.supported import AUTHORITY, RECORDS, Maker

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.model import VerificationResult
    from tests.issuer import University

VERIFIED = sorted(name for name, plugin in FORMATS.items() if support_table.verdict(plugin) == "verified")
SOURCES = [(name, source) for name in VERIFIED for source in FORMATS[name].keys or (None,)]
UNVERIFIED = {"blockcerts": blockcerts(), "velocity": velocity(), "pesc": PESC, "elmo": ELMO, "ler-rs": resume()}
PROOFS = {
    Securing.CRYPTOSUITE: {"DataIntegrityProof"},
    Securing.JOSE: {"JsonWebSignature", "JAdES"},
    Securing.COSE: {"CoseSign1"},
}


@pytest_asyncio.fixture
async def place(tmp_path: Path) -> AsyncIterator[University]:
    """A university over the fake internet, whose verifier believes one authority."""
    pem = tmp_path / "authority.pem"
    pem.write_bytes(AUTHORITY.certificate.public_bytes(Encoding.PEM))
    trust = {"authorities": {"kind": "x509_anchors", "path": str(pem)}}
    async with university(tmp_path, trust=trust) as made:
        yield made


async def verified(place: University, name: str, source: KeySource | None, status: Any = None) -> VerificationResult:
    """Return what is made of a good record of a format."""
    presented = await RECORDS[name](Maker(place, source), status)
    expected = EXPECTED if FORMATS[name].title.startswith("presentation") else None
    return await place.verify(presented, expected=expected)


def test_the_readme_says_what_the_plugins_say() -> None:
    """`python -m tests.support_table` has been run since a plugin came, went or changed."""
    page = README.read_text(encoding="utf-8")
    assert page == inserted(page)


def test_the_readme_has_one_place_for_it() -> None:
    """Without its two comments, or with two of them, nothing is written."""
    page = README.read_text(encoding="utf-8")
    for spoiled in ("", page + page):
        with pytest.raises(ValueError, match="once"):
            inserted(spoiled)


def test_every_format_has_its_row_and_its_record() -> None:
    """No format is without a title, and each is tried below by a record of its verdict."""
    assert [plugin.name for plugin in FORMATS.values() if not plugin.title] == []
    assert sorted(RECORDS) == VERIFIED
    assert sorted(UNVERIFIED) == sorted(set(FORMATS) - set(VERIFIED))


@pytest.mark.parametrize(("name", "source"), SOURCES)
async def test_what_is_called_verified_verifies(place: University, name: str, source: KeySource | None) -> None:
    """A good record of each format passes, by each way in which its key may be found, and by what secures it."""
    result = await verified(place, name, source)
    assert (result.outcome, result.format.name) == (Outcome.PASS, name)
    securing = FORMATS[name].secured_by
    if securing is Securing.ORIGIN:
        assert [proof.verification_method for proof in result.proofs if proof.alg] == []
    else:
        assert securing is not None
        assert {proof.type for proof in result.proofs} <= PROOFS[securing]
        assert result.proofs


@pytest.mark.parametrize("name", VERIFIED)
async def test_the_status_methods_of_a_format_are_those_that_it_names(place: University, name: str) -> None:
    """Where any method counts, one that nobody knows leaves the record open; where some do, they are asked."""
    plugin = FORMATS[name]
    source = plugin.keys[0] if plugin.keys else None
    if plugin.statuses is None:
        result = await verified(
            place, name, source, {"id": "https://university.example/1", "type": "urn:example:status"}
        )
        (problem,) = result.check(CheckName.STATUS).problems
        assert (result.outcome, problem.code) == (Outcome.INDETERMINATE, "unknown-status-type")
    else:
        result = await verified(place, name, source)
        assert tuple(status.type for status in result.statuses) == plugin.statuses
    assert set(plugin.statuses or ()) <= set(STATUS_METHODS)


@pytest.mark.parametrize("name", UNVERIFIED)
async def test_what_is_not_called_verified_is_left_open(place: University, name: str) -> None:
    """A record of each other format is read and shown as unverified, and never passes nor fails."""
    result = await place.verify(UNVERIFIED[name])
    assert (result.format.name, result.outcome) == (name, Outcome.INDETERMINATE)
    assert (result.claims_unverified, FORMATS[name].secured_by, FORMATS[name].keys) == (True, None, ())


@pytest.mark.parametrize("what", ANYTHING_ELSE)
async def test_anything_else_is_answered_as_the_table_says(place: University, what: str) -> None:
    """What no plugin has is never a pass, and the code is the one in the table."""
    maker = Maker(place, KeySource.DID)
    _, payload, signature = (await maker.vc_plus_jwt()).split(".")

    def under(alg: str) -> str:
        kid = maker.issuer.jose_method
        return f"{base64url(json.dumps({'alg': alg, 'kid': kid, 'typ': 'vc+jwt'}).encode())}.{payload}.{signature}"

    badge = await maker.embedded()
    stranger = {**badge, "issuer": "did:example:1"}
    presented: dict[str, list[Any]] = {
        "format": [{"type": "Thing"}, "a text", b"octets"],
        "proof": [
            {**badge, "proof": {**badge["proof"], "cryptosuite": "tomorrow-2030"}},
            {**badge, "proof": {**badge["proof"], "type": "Tomorrow2030"}},
        ],
        "algorithm": [under("ML-DSA-44")],
        "`none` or a MAC": [under("none"), under("HS256")],
        "DID method": [Issuer("did:example:1", maker.issuer.key, "did:example:1#1").jwt(stranger)],
        "status": [await maker.embedded({"id": "https://university.example/1", "type": "urn:example:status"})],
    }
    for content in presented[what]:
        result = await place.verify(content)
        codes = {problem.code for check in result.checks for problem in check.problems}
        assert (result.outcome, ANYTHING_ELSE[what][1] in codes) == (ANYTHING_ELSE[what][0], True), codes
