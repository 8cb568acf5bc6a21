"""openbadgeslib, another implementation of Open Badges 2.0, has the same opinion of the same badges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from openbadgeslib.ob2 import OB2VerificationError, OB2Verifier

from gateway.model import Outcome
from tests.gateway.formats.open_badges import (
    ASSERTION,
    LIST,
    OTHER,
    assertion,
    key_document,
    pem,
    profile,
    publish,
    sign,
)
from tests.issuer import university

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.issuer import University


@pytest_asyncio.fixture
async def place(tmp_path: Path) -> AsyncIterator[University]:
    """A verifier over the fake internet."""
    async with university(tmp_path) as made:
        yield made


HASHED = {"type": "email", "hashed": True, "salt": "s", "identity": "sha256$" + "0" * 64}
EVIL = "https://evil.example/1"


@pytest.mark.parametrize(
    ("presented", "documents", "passes"),
    [
        (assertion(), {}, True),
        (assertion(), {"profile": profile(verification={"startsWith": "https://badges.example/assertions"})}, True),
        (assertion(), {"profile": profile(verification={"startsWith": "https://badges.example/b"})}, False),
        (assertion(), {"profile": profile(verification={"startsWith": "https://badges.exam"})}, False),
        (assertion(), {"profile": profile(verification={"allowedOrigins": ["badges.example"]})}, True),
        (assertion(), {"profile": profile(verification={"allowedOrigins": ["other.example"]})}, False),
        (assertion(), {"assertion": assertion(id="urn:uuid:2")}, False),
        (assertion(), {"assertion": assertion(expires="2026-01-02T00:00:00Z")}, False),
        (assertion(id=EVIL), {}, False),
        (sign(assertion(signed=True)), {}, True),
        (sign(assertion(signed=True), OTHER), {}, False),
        (sign(assertion(signed=True)), {"profile": profile(publicKey="https://badges.example/other")}, False),
        (sign(assertion(signed=True)), {"key": key_document(owner=EVIL)}, False),
        (sign(assertion(signed=True)), {"key": key_document(publicKeyPem=pem(OTHER))}, False),
        (sign(assertion(signed=True)), {"profile": profile(revocationList=LIST)}, True),
        (
            sign(assertion(signed=True)),
            {"profile": profile(revocationList=LIST), "revoked": {"id": LIST, "revokedAssertions": [ASSERTION]}},
            False,
        ),
    ],
)
async def test_agrees(place: University, presented: Any, documents: dict[str, Any], *, passes: bool) -> None:
    """What passes here passes there, and what fails here fails there."""
    publish(place.internet, **documents)
    place.internet.serve(EVIL, assertion(id=EVIL))
    verifier = OB2Verifier(download=lambda url: place.internet.pages[url]().body)
    try:
        if isinstance(presented, str):
            verifier.verify(presented, check_revocation=True)
        else:
            verifier.verify_hosted(presented, check_revocation=True)
        other = True
    except OB2VerificationError:
        other = False
    result = await place.verify(presented)
    assert (result.outcome is Outcome.PASS, other) == (passes, passes)
