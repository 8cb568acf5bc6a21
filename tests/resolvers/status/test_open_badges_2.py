"""`resolvers.status.open_badges_2_hosted` and `resolvers.status.open_badges_2_revocation_list`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from resolvers.model import StatusEvidence, StatusState
from resolvers.problems import Invalid, Unavailable
from resolvers.status import open_badges_2_hosted, open_badges_2_revocation_list
from tests.resolvers.status.lists import ISSUER, FakeAccess, question

URL = "https://issuer.example/revoked"
NAME = "urn:uuid:7f0c6d1e-6f4c-4a55-8a4c-0d9f5ad1f2a1"
ENTRY = {"id": URL, "type": "OpenBadgesRevocationList", "uid": "abc"}
SOURCE = {"url": URL, "sha256": "0" * 64, "fetchedAt": "2026-06-01T12:00:00Z", "age": 1.0, "stale": False}
HOSTED = {"id": URL, "type": "OpenBadgesHostedRecord", "revoked": False, "source": SOURCE}


async def check(served: Any, *, name: str | None = NAME, entry: Any = ENTRY) -> StatusEvidence:
    """Return what the list says."""
    body = served if isinstance(served, bytes | Unavailable) else json.dumps(served).encode()
    return await open_badges_2_revocation_list.PLUGIN.check(
        question(entry, credential_id=name), FakeAccess({URL: body})
    )


@pytest.mark.parametrize(
    ("entries", "state", "reason"),
    [
        ([], StatusState.ACTIVE, None),
        ([NAME], StatusState.REVOKED, None),
        (NAME, StatusState.REVOKED, None),
        ({"id": NAME, "revocationReason": "x"}, StatusState.REVOKED, "x"),
        ([{"id": NAME, "revoked": "false"}], StatusState.REVOKED, None),
        ([{"id": NAME, "revoked": False}], StatusState.ACTIVE, None),
        ([{"uid": "abc", "revocationReason": "y"}], StatusState.REVOKED, "y"),
        ([{"id": "urn:uuid:other", "uid": "other"}], StatusState.ACTIVE, None),
    ],
)
async def test_looks_for_id_and_uid(entries: Any, state: StatusState, reason: str | None) -> None:
    """Listed is revoked, by either name, unless the entry says that it is not."""
    evidence = await check({"type": "RevocationList", "id": URL, "issuer": ISSUER, "revokedAssertions": entries})
    assert (evidence.state, evidence.message, evidence.problems) == (state, reason, ())


@pytest.mark.parametrize(
    "served",
    [
        b"<html>",
        b"[]",
        b"null",
        b'{"revokedAssertions":[7]}',
        b'{"revokedAssertions":null}',
        b'{"revokedAssertions":[{"revocationReason":"x"}]}',
        b'{"revokedAssertions":[],"revokedAssertions":[]}',
        b"{}",
        b'{"error":"not found"}',
        Unavailable("unreachable", "404"),
    ],
)
async def test_T13_what_is_no_list_clears_nobody(served: bytes | Unavailable) -> None:
    """An error page, or an object of which nothing says that it is a list, is no "not revoked"."""
    assert (await check(served)).state is StatusState.UNKNOWN


async def test_T12_list_of_another_clears_nobody() -> None:
    """A list that names another issuer is another list; whom it revokes is revoked all the same."""
    evil = {"issuer": "https://evil.example", "id": URL}
    clear, revoked = [await check({**evil, "revokedAssertions": entries}) for entries in ([], [NAME])]
    assert (clear.state, revoked.state) == (StatusState.UNKNOWN, StatusState.REVOKED)


@pytest.mark.parametrize(("entry", "name"), [({**ENTRY, "id": None}, NAME), ({"id": URL}, None)])
async def test_T11_without_list_or_name(entry: dict[str, Any], name: str | None) -> None:
    """Without a list, or a name to look for, there is no answer."""
    with pytest.raises(Invalid) as refused:
        await check({"revokedAssertions": []}, name=name, entry=entry)
    assert refused.value.problem.code == "MALFORMED_VALUE_ERROR"


@pytest.mark.parametrize(("revoked", "state"), [(False, StatusState.ACTIVE), (True, StatusState.REVOKED)])
async def test_hosted(revoked: object, state: StatusState) -> None:
    """What was found at the record's address is told with its age, and that its host learns of it; nothing is asked."""
    access = FakeAccess()
    asked = question({**HOSTED, "revoked": revoked, "revocationReason": "x"}, format="open-badges-2-hosted")
    evidence = await open_badges_2_hosted.PLUGIN.check(asked, access)
    assert (evidence.state, evidence.message) == (state, "x" if revoked else None)
    assert [problem.code for problem in evidence.problems] == ["per-subject-url"]
    assert (evidence.source is not None, access.requests) == (True, [])


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({}, "data-integrity"),
        ({"revoked": None}, "open-badges-2-hosted"),
        ({"id": None}, "open-badges-2-hosted"),
        ({"source": None}, "open-badges-2-hosted"),
    ],
)
async def test_hosted_that_somebody_wrote(changes: dict[str, Any], kind: str) -> None:
    """No record can say of itself that it was not revoked."""
    with pytest.raises(Invalid):
        await open_badges_2_hosted.PLUGIN.check(question({**HOSTED, **changes}, format=kind), FakeAccess())
