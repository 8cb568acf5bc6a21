"""The Digital Credentials Consortium's fixtures through the whole pipeline: the verdict is in the file's name."""

from __future__ import annotations

import json
import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

import pytest

from gateway.model import CheckName, Outcome
from tests.issuer import University, university
from tests.shared import SHARED, vector

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = pytest.mark.shared

FOLDER: Final = SHARED / "vectors" / "dcc"
MALFORMED: Final = "ed25519/didKey/legacy-noStatus-noExpiry.json"
"""Not JSON, as the vectors' README says."""
FILES: Final = sorted(
    str(path.relative_to(FOLDER / "credentials-v1"))
    for path in (FOLDER / "credentials-v1").rglob("*.json")
    if not str(path).endswith(MALFORMED)
)


@asynccontextmanager
async def relying_party(folder: Path, **flags: Any) -> AsyncIterator[University]:
    """Yield a verifier that sees the consortium's documents and its one status list."""
    async with university(folder, **flags) as made:
        for name in ("legacy", "oidf"):
            url = f"https://digitalcredentials.github.io/vc-test-fixtures/dids/{name}/did.json"
            made.internet.serve(url, (FOLDER / "dids" / name / "did.json").read_bytes())
        raw = (FOLDER / "statusLists" / "e5WK8CbZ1GjycuPombrj").read_bytes()
        for url in status_urls():
            made.internet.serve(url, raw)
        yield made


def status_urls() -> set[str]:
    """Return every list that the fixtures name; it is one file."""
    text = "".join((FOLDER / "credentials-v1" / name).read_text(encoding="utf-8") for name in FILES)
    return set(re.findall(r'"statusListCredential":\s*"([^"]+)"', text))


def expected(name: str, *, list_is_accepted: bool) -> dict[str, Outcome]:
    """Return what the file's name says of status and validity."""
    revoked, declared = "revoked" in name, "noStatus" not in name
    clear = Outcome.PASS if list_is_accepted else Outcome.INDETERMINATE
    status = (Outcome.FAIL if revoked else clear) if declared else Outcome.NOT_APPLICABLE
    return {"status": status, "validity": Outcome.FAIL if "-expired" in name else Outcome.PASS}


@pytest.mark.parametrize("name", FILES)
async def test_the_verdict_is_what_the_name_says_where_the_list_is_accepted(name: str, tmp_path: Path) -> None:
    """Every fixture is authentic; with the short list of another issuer accepted, its status is the name's."""
    issuer = json.loads((FOLDER / "statusLists" / "e5WK8CbZ1GjycuPombrj").read_bytes())["issuer"]
    issuer = issuer if isinstance(issuer, str) else issuer["id"]
    flags = {"status.minimum_entries": 100_000, "status.accepted_issuers": [issuer]}
    async with relying_party(tmp_path, **flags) as party:
        result = await party.verify(vector(f"dcc/credentials-v1/{name}"))
    found = {check: result.check(CheckName(check)).outcome for check in ("status", "validity")}
    assert (True, expected(name, list_is_accepted=True)) == (result.authentic, found)


@pytest.mark.parametrize("name", FILES)
async def test_the_verdict_by_default_never_takes_a_clear_bit_of_a_defective_list(name: str, tmp_path: Path) -> None:
    """With the defaults a set bit of that list still revokes, and a clear one says nothing."""
    async with relying_party(tmp_path) as party:
        result = await party.verify(vector(f"dcc/credentials-v1/{name}"))
    found = {check: result.check(CheckName(check)).outcome for check in ("status", "validity")}
    assert (True, expected(name, list_is_accepted=False)) == (result.authentic, found)
