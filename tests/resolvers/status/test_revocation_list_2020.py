"""`resolvers.status.revocation_list_2020`."""

from __future__ import annotations

import base64
import gzip
from typing import Any

import pytest

from resolvers.model import StatusState
from resolvers.problems import Invalid
from resolvers.status.revocation_list_2020 import PLUGIN
from tests.resolvers.status.lists import URL, FakeAccess, bits, credential, question

_ENTRY = {
    "type": "RevocationList2020Status",
    "revocationListIndex": "94567",
    "revocationListCredential": URL,
}
_MIRRORED = 94_567 ^ 7


def _list(octets: bytes, **members: Any) -> dict[str, Any]:
    return credential(
        base64.b64encode(gzip.compress(octets)).decode(),
        type=["VerifiableCredential", "RevocationList2020Credential"],
        subject={"type": "RevocationList2020"},
        **members,
    )


@pytest.mark.parametrize(
    ("set_at", "expected"),
    [
        ([94_567, _MIRRORED], StatusState.REVOKED),
        ([94_566], StatusState.ACTIVE),
        ([], StatusState.ACTIVE),
    ],
)
async def test_reads_the_bit_from_either_end_of_its_octet(set_at: list[int], expected: StatusState) -> None:
    """Where both readings of the list agree, that is the status; its purpose is revocation."""
    evidence = await PLUGIN.check(question(_ENTRY), FakeAccess({URL: _list(bits(set_at))}))
    assert (evidence.type, evidence.purpose, evidence.state) == ("RevocationList2020Status", "revocation", expected)
    assert evidence.problems == ()


@pytest.mark.parametrize("set_at", [94_567, _MIRRORED])
async def test_T13_a_bit_that_is_set_from_one_end_only_is_unknown(set_at: int) -> None:
    """Implementations count from different ends, so such a credential is neither revoked nor cleared."""
    evidence = await PLUGIN.check(question(_ENTRY), FakeAccess({URL: _list(bits([set_at]))}))
    assert (evidence.state, evidence.value) == (StatusState.UNKNOWN, None)
    assert [problem.code for problem in evidence.problems] == ["status-list-defective"]


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (_list(bits(entries=100_000)), "STATUS_LIST_LENGTH_ERROR"),
        (_list(bits(), issuer="did:web:other.example"), "status-issuer-mismatch"),
        (credential(base64.b64encode(b"x").decode(), type=["VerifiableCredential"]), "STATUS_VERIFICATION_ERROR"),
    ],
)
async def test_T12_clear_bit_of_a_defective_list_is_unknown(document: dict[str, Any], code: str) -> None:
    """A list that is too short, somebody else's or none clears nobody."""
    evidence = await PLUGIN.check(question(_ENTRY), FakeAccess({URL: document}))
    assert evidence.state is StatusState.UNKNOWN
    assert [problem.code for problem in evidence.problems] == [code]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"revocationListIndex": 94_567}, "/credentialStatus/revocationListIndex"),
        ({"revocationListCredential": None}, "/credentialStatus/revocationListCredential"),
    ],
)
async def test_T11_a_malformed_entry_is_named_by_its_own_members(change: dict[str, Any], pointer: str) -> None:
    """What is malformed is named as it stands in the credential, and nothing is retrieved."""
    with pytest.raises(Invalid) as caught:
        await PLUGIN.check(question({**_ENTRY, **change}), FakeAccess())
    assert (caught.value.problem.code, caught.value.problem.pointer) == ("MALFORMED_VALUE_ERROR", pointer)
