"""`resolvers.status.onedtech_revocation_list`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from resolvers.model import StatusEvidence, StatusState
from resolvers.problems import Invalid, Unavailable
from resolvers.status import bitstring_status_list
from resolvers.status.onedtech_revocation_list import PLUGIN
from tests.resolvers.status.lists import ISSUER, FakeAccess, bits, credential, encoded, question

_URL = "https://issuer.example/revocations"
_ID = "urn:uuid:7f0c6d1e-6f4c-4a55-8a4c-0d9f5ad1f2a1"
_ENTRY = {"id": _URL, "type": "1EdTechRevocationList"}


async def _check(served: Any, **asked: Any) -> StatusEvidence:
    body = served if isinstance(served, bytes | Unavailable) else json.dumps(served).encode()
    return await PLUGIN.check(question(_ENTRY, **asked), FakeAccess({_URL: body}))


def _codes(evidence: StatusEvidence) -> list[str]:
    return [problem.code for problem in evidence.problems]


@pytest.mark.parametrize("member", ["revokedCredential", "revokedCredentials"])
@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"id": _ID}, StatusState.REVOKED),
        ({"id": _ID, "revoked": True, "revocationReason": "Issued in error"}, StatusState.REVOKED),
        ({"id": _ID, "revoked": "false"}, StatusState.REVOKED),
        ({"id": _ID, "revoked": False}, StatusState.ACTIVE),
        ({"id": "urn:uuid:other"}, StatusState.ACTIVE),
    ],
)
async def test_looks_for_the_credentials_id(member: str, entry: dict[str, Any], expected: StatusState) -> None:
    """Revoked is what is listed, unless the entry says that it is not; the list has two names in the field."""
    evidence = await _check({"id": _URL, "issuer": ISSUER, member: [{"id": "urn:uuid:first"}, entry]})

    assert (evidence.state, evidence.problems) == (expected, ())
    assert evidence.message == (entry.get("revocationReason") if expected is StatusState.REVOKED else None)
    assert (evidence.type, evidence.purpose, evidence.list_url) == ("1EdTechRevocationList", "revocation", _URL)


async def test_empty_list_revokes_nobody() -> None:
    """An issuer who has revoked nothing publishes an empty list, perhaps without naming himself."""
    assert (await _check({"revokedCredential": []})).state is StatusState.ACTIVE


async def test_both_names_together_are_both_read() -> None:
    """An id under either name is revoked."""
    evidence = await _check({"revokedCredential": [], "revokedCredentials": [{"id": _ID}]})

    assert evidence.state is StatusState.REVOKED


@pytest.mark.parametrize(
    "served",
    [
        b"<html>Not found</html>",
        b"",
        b"[]",
        b"{}",
        b"null",
        b'{"revokedCredential":{}}',
        b'{"revokedCredential":[],"revokedCredential":[]}',
        b'{"revokedCredential":["urn:uuid:1"]}',
        b'{"revokedCredential":[{"id":7}]}',
        b'{"revokedCredential":[],"revokedCredentials":null}',
        b'{"status":"ok"}',
        Unavailable("unreachable", "404"),
    ],
)
async def test_T13_what_is_no_list_clears_nobody(served: bytes | Unavailable) -> None:
    """An error page, another object, or an entry that cannot be read is no "not revoked"."""
    evidence = await _check(served)

    assert evidence.state is StatusState.UNKNOWN
    assert _codes(evidence)[0] == "STATUS_RETRIEVAL_ERROR"


@pytest.mark.parametrize(
    ("members", "codes"),
    [
        ({"issuer": "did:web:other.example"}, ["status-issuer-mismatch"]),
        ({"issuer": {"id": "did:web:other.example"}}, ["status-issuer-mismatch"]),
        ({"id": "https://issuer.example/other"}, ["status-list-defective"]),
    ],
)
async def test_T12_list_of_another_clears_nobody(members: dict[str, Any], codes: list[str]) -> None:
    """A list that names another issuer or address is another list; whom it revokes is revoked all the same."""
    clear = await _check({"revokedCredential": [], **members})
    revoked = await _check({"revokedCredential": [{"id": _ID}], **members})

    assert (clear.state, _codes(clear)) == (StatusState.UNKNOWN, codes)
    assert (revoked.state, _codes(revoked)) == (StatusState.REVOKED, codes)


@pytest.mark.parametrize(
    ("entry", "credential_id"), [({"type": "1EdTechRevocationList"}, _ID), ({"id": 7}, _ID), (_ENTRY, None)]
)
async def test_T11_entry_without_url_or_credential_without_id_is_refused(
    entry: dict[str, Any], credential_id: str | None
) -> None:
    """Without a list or without an id to look for there is no answer, and nothing is fetched."""
    access = FakeAccess()

    with pytest.raises(Invalid) as caught:
        await PLUGIN.check(question(entry, credential_id=credential_id), access)

    assert caught.value.problem.code == "MALFORMED_VALUE_ERROR"
    assert access.requests == []


async def test_T61_list_decoded_for_another_method_is_not_used() -> None:
    """What another method made of the same URL is not read as a revocation list."""
    access = FakeAccess({_URL: credential(encoded(bits()), id=_URL)})
    entry = {
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "0",
        "statusListCredential": _URL,
    }
    await bitstring_status_list.PLUGIN.check(question(entry), access)

    evidence = await PLUGIN.check(question(_ENTRY), access)

    assert (evidence.state, _codes(evidence)) == (StatusState.UNKNOWN, ["STATUS_VERIFICATION_ERROR"])


async def test_T57_address_with_the_credentials_id_is_reported() -> None:
    """Such an address tells the issuer whose credential is looked up."""
    url = f"{_URL}/{_ID.rpartition(':')[2]}"
    access = FakeAccess({url: b'{"revokedCredential":[]}'})

    evidence = await PLUGIN.check(question({"id": url}), access)

    assert (evidence.state, _codes(evidence)) == (StatusState.ACTIVE, ["per-subject-url"])
