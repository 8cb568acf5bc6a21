"""The European Commission's sample through the whole pipeline, with what the vectors' README says of it."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.config import load
from gateway.model import CheckName, Outcome
from gateway.pipeline import verify
from gateway.verifier import Verifier
from resolvers import base64url, certificates
from tests.internet import FakeInternet
from tests.shared import vector

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.model import VerificationResult

pytestmark = pytest.mark.shared

FOLDER = "european-digital-credentials"
SIGNED, UNSIGNED = f"{FOLDER}/Sample-CertOfPart-signed.jsonld", f"{FOLDER}/Sample-CertOfPart-unsigned.jsonld"
VALID, LATER = datetime(2024, 6, 1, tzinfo=UTC), datetime(2025, 5, 11, tzinfo=UTC)
SEAL_AUTHORITY = "CN=ANF AC Qualified Certificates for eSeal,"


def authorities() -> str:
    """Return the seal's authority in PEM; it came along with the record, and is believed only where configured."""
    (signature,) = vector(SIGNED)["signatures"]
    added = [json.loads(base64url.decode(one)) for one in signature["header"]["etsiU"]]
    brought = next(one["xVals"] for one in added if "xVals" in one)
    found = [certificates.read(certificates.from_base64(one["x509Cert"]["val"])) for one in brought]
    return "".join(
        one.parsed.public_bytes(Encoding.PEM).decode() for one in found if one.subject.startswith(SEAL_AUTHORITY)
    )


@asynccontextmanager
async def verifier(folder: Path, at: datetime, pem: str) -> AsyncIterator[tuple[Verifier, FakeInternet]]:
    """Yield a verifier at an instant, and the internet that it sees."""
    internet = FakeInternet()
    path = folder / "authorities.pem"
    path.write_text(pem, encoding="ascii")
    trust = {"eu-seals": {"kind": "x509_anchors", "path": str(path)}} if pem else {}
    config = load(flags={"cache.folder": folder, "trust": trust})
    async with Verifier.open(config, fetcher=internet, clock=lambda: at) as made:
        yield made, internet


async def verdict(folder: Path, at: datetime, pem: str, path: str = SIGNED) -> VerificationResult:
    """Verify a sample at an instant, with those authorities."""
    async with verifier(folder, at, pem) as (made, internet):
        result = await verify(made, made.request(vector(path)))
        assert internet.requests == []
    return result


def codes(result: VerificationResult, name: CheckName) -> tuple[Outcome, list[str]]:
    """Return what a check came to."""
    check = result.check(name)
    return check.outcome, [problem.code for problem in check.problems]


async def test_it_passes_while_its_certificate_is_valid(tmp_path: Path) -> None:
    """With its authority configured all of it is in order; nothing is fetched, and SHACL stays unknown."""
    result = await verdict(tmp_path, VALID, authorities())
    assert (result.outcome, result.authentic, result.verified) == (Outcome.PASS, True, True)
    assert result.issuer == "VATES-A00000000"
    assert result.check(CheckName.STRUCTURE).facts["readByName"] == ["http://data.europa.eu/snb/model/context/edc-ap"]
    assert codes(result, CheckName.SCHEMA) == (Outcome.INDETERMINATE, ["unknown-schema"])
    assert result.record is not None
    assert [one["verification"] for one in result.record.achievements] == ["verified"]


async def test_it_is_not_known_after_its_certificate_has_expired(tmp_path: Path) -> None:
    """On 11 May 2025 nothing that can be verified shows that it was sealed before."""
    result = await verdict(tmp_path, LATER, authorities())
    assert (result.outcome, result.verified) == (Outcome.INDETERMINATE, False)
    assert codes(result, CheckName.PROOF) == (Outcome.PASS, [])
    assert codes(result, CheckName.ISSUER) == (Outcome.INDETERMINATE, ["signing-time-unproven"])


async def test_it_is_not_known_without_its_authority(tmp_path: Path) -> None:
    """Its test seal is by an authority that nobody has configured."""
    result = await verdict(tmp_path, VALID, "")
    assert result.outcome is Outcome.INDETERMINATE
    assert codes(result, CheckName.ISSUER) == (Outcome.INDETERMINATE, ["certificate-untrusted"])


async def test_unsigned_it_fails(tmp_path: Path) -> None:
    """The same sample without a seal is no proof of anything."""
    result = await verdict(tmp_path, VALID, authorities(), UNSIGNED)
    assert (result.outcome, result.record) == (Outcome.FAIL, None)
