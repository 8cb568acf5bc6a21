"""`resolvers.status.status_list_2021`."""

from __future__ import annotations

import base64
import gzip
from typing import Any

import pytest

from resolvers.model import StatusState
from resolvers.problems import Invalid
from resolvers.status.status_list_2021 import PLUGIN
from tests.resolvers.status.lists import URL, FakeAccess, bits, credential, encoded, question

_ENTRY = {
    "type": "StatusList2021Entry",
    "statusPurpose": "revocation",
    "statusListIndex": "94567",
    "statusListCredential": URL,
}


def _list(octets: bytes, **members: Any) -> dict[str, Any]:
    return credential(
        base64.urlsafe_b64encode(gzip.compress(octets)).decode().rstrip("="),
        type=["VerifiableCredential", "StatusList2021Credential"],
        subject={"type": "StatusList2021", "statusPurpose": members.pop("purpose", "revocation")},
        **members,
    )


@pytest.mark.parametrize(
    ("purpose", "set_at", "expected"),
    [
        ("revocation", [94_567], StatusState.REVOKED),
        ("suspension", [94_567], StatusState.SUSPENDED),
        ("revocation", [94_566, 94_568], StatusState.ACTIVE),
    ],
)
async def test_reads_the_bit_at_the_index(purpose: str, set_at: list[int], expected: StatusState) -> None:
    """The rules are those of its successor."""
    access = FakeAccess({URL: _list(bits(set_at), purpose=purpose)})

    evidence = await PLUGIN.check(question(_ENTRY | {"statusPurpose": purpose}), access)

    assert (evidence.type, evidence.state) == ("StatusList2021Entry", expected)


async def test_status_size_is_not_its_own() -> None:
    """An entry has one bit; a member of the successor's vocabulary changes nothing about that."""
    access = FakeAccess({URL: _list(bits([94_567]))})

    evidence = await PLUGIN.check(question(_ENTRY | {"statusSize": 2}), access)

    assert evidence.state is StatusState.REVOKED


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (credential(encoded(bits())), "STATUS_VERIFICATION_ERROR"),
        (_list(bits(), purpose="suspension"), "STATUS_VERIFICATION_ERROR"),
        (_list(bits(entries=100_000)), "STATUS_LIST_LENGTH_ERROR"),
        (_list(bits(), issuer="did:web:other.example"), "status-issuer-mismatch"),
        (_list(bits(), id="https://issuer.example/status/4"), "status-list-defective"),
    ],
)
async def test_T12_clear_bit_of_a_defective_list_is_unknown(document: dict[str, Any], code: str) -> None:
    """A list of the successor's type, for another purpose, too short or somebody else's clears nobody."""
    evidence = await PLUGIN.check(question(_ENTRY), FakeAccess({URL: document}))

    assert evidence.state is StatusState.UNKNOWN
    assert [problem.code for problem in evidence.problems] == [code]


async def test_T11_index_must_be_a_string() -> None:
    """As in its successor, a number is malformed."""
    with pytest.raises(Invalid) as caught:
        await PLUGIN.check(question(_ENTRY | {"statusListIndex": 94_567}), FakeAccess())

    assert caught.value.problem.code == "MALFORMED_VALUE_ERROR"
