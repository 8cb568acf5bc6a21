"""`gateway.doctor`: what it finds of trust sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateway.doctor import State, examine
from tests.issuer import university

if TYPE_CHECKING:
    from pathlib import Path

LIST = "https://registry.example/registry.json"


@pytest.mark.parametrize(
    ("table", "served", "state", "says"),
    [
        ({"kind": "dcc_legacy", "url": LIST}, {"registry": {}}, State.GOOD, "its answers are unverified"),
        ({"kind": "dcc_legacy", "url": LIST}, b"<html>", State.BAD, "registry-defective"),
        ({"kind": "dcc_legacy", "url": LIST}, None, State.BAD, "unreachable"),
        ({"kind": "ctdl"}, None, State.NOTE, "question-not-supported"),
    ],
)
async def test_each_trust_source_is_asked_as_a_policy_would(
    tmp_path: Path, table: dict[str, Any], served: Any, state: State, says: str
) -> None:
    """A list that is there but cannot be read is as bad as one that is not; what needs more than a name is noted."""
    flags: dict[str, Any] = {"trust.members": table}
    async with university(tmp_path, **flags) as uni:
        if served is not None:
            uni.internet.serve(LIST, served)
        found = [each async for each in examine(uni.verifier.config, uni.verifier, offline=False)]

    (finding,) = [each for each in found if each.subject == "trust members"]
    assert (finding.state, says in finding.text) == (state, True)
