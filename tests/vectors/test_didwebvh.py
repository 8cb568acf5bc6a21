"""Where a published scenario of did:webvh and the specification say different things."""

from __future__ import annotations

import json

import pytest

from resolvers.did.webvh import PLUGIN
from resolvers.model import DidVersion
from tests.internet import FakeInternet
from tests.resolvers.lookup import FakeLookup
from tests.shared import SHARED, vector

pytestmark = pytest.mark.shared

FOLDER = "didwebvh/multi-update/python"


@pytest.mark.parametrize("number", [1, 2])
async def test_the_version_that_is_asked_for_is_the_one_that_is_answered(number: int) -> None:
    """The implementation in Python answers every `versionNumber` with the last document; here it is that version's.

    In did:webvh 1.0 `versionNumber` names the entry whose `versionId` begins with that number.
    """
    lines = (SHARED / "vectors" / FOLDER / "did.jsonl").read_text(encoding="utf-8").splitlines()
    entries = [json.loads(line) for line in lines]
    did = entries[-1]["state"]["id"]
    internet = FakeInternet()
    internet.serve(f"https://{did.split(':')[3]}/.well-known/did.jsonl", "\n".join(lines))
    assert PLUGIN.resolve_version is not None
    document, _ = await PLUGIN.resolve_version(did, DidVersion(number=number), FakeLookup(internet))
    assert document.content == entries[number - 1]["state"]
    theirs = vector(f"{FOLDER}/resolutionResult.{number}.json")["didDocument"]
    assert theirs == vector(f"{FOLDER}/resolutionResult.json")["didDocument"]
    assert theirs != entries[number - 1]["state"]
