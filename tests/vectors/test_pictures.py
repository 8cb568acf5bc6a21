"""What the vectors have beside records: pictures of QR codes, pictures of badges, a page, and JSON that is none.

Nothing is baked into any of the pictures: the consortium's are QR codes, for a camera. What a camera reads, a
text, is taken (`gateway/containers`); no pixel is decoded here, and a picture without a record is none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.model import CheckName, Outcome
from tests.issuer import university
from tests.shared import SHARED

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.shared

VECTORS = SHARED / "vectors"
FILES = sorted(
    path.relative_to(VECTORS).as_posix() for kind in ("png", "svg", "html") for path in VECTORS.rglob(f"*.{kind}")
)
MALFORMED = "dcc/credentials-v1/ed25519/didKey/legacy-noStatus-noExpiry.json"


async def test_what_holds_no_record_is_none(tmp_path: Path) -> None:
    """It is no credential, whatever is drawn in it, and nobody is asked."""
    async with university(tmp_path) as place:
        found = {name: await place.verify((VECTORS / name).read_bytes()) for name in FILES}
        assert place.internet.requests == []
    assert len(found) == 49
    for name, result in found.items():
        assert (result.outcome, result.record) == (Outcome.FAIL, None), name
        assert [problem.code for problem in result.check(CheckName.STRUCTURE).problems] == ["not-a-credential"], name


async def test_malformed_json_is_none(tmp_path: Path) -> None:
    """The consortium's one file that is not JSON is refused as such."""
    async with university(tmp_path) as place:
        result = await place.verify((VECTORS / MALFORMED).read_bytes())
    assert (result.outcome, result.record) == (Outcome.FAIL, None)
