"""Token Status List: the size of its entries, the order of its bits, its compression and its bounds."""

from __future__ import annotations

import gzip
import re
import zlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolvers import base64url, strict_cbor, token_status_list
from resolvers.model import ListCredential
from resolvers.problems import Invalid
from resolvers.token_status_list import decode, decode_past
from tests.shared import SHARED

if TYPE_CHECKING:
    from resolvers.model import Loaded
    from resolvers.token_status_list import TokenStatusList

URL = "https://issuer.example/statuslists/1"
VECTORS = SHARED / "vectors" / "token-status-list"

SET = {
    "status_list_encoding1_long_json": (
        "0:1 1993:1 25460:1 159495:1 495669:1 554353:1 645645:1 723232:1 854545:1 934534:1 1000345:1"
    ),
    "status_list_encoding2_long_json": (
        "0:1 1993:2 25460:1 159495:3 495669:1 554353:1 645645:2 723232:1 854545:1 934534:2 1000345:3"
    ),
    "status_list_encoding4_json": (
        "0:1 1993:2 35460:3 459495:4 595669:5 754353:6 845645:7 923232:8 924445:9 934534:10 1000345:12 "
        "1004534:11 1030203:13 1030204:14 1030205:15"
    ),
}
"""The statuses of the specification's test vectors, of 2^20 each, that are not 0: index:status."""


def claims(octets: bytes = b"\xb9\xa3", bits: Any = 1, **members: Any) -> dict[str, Any]:
    """Return the claims of a list, `members` over them."""
    lst = base64url.encode(zlib.compress(octets, 9))
    return {"sub": URL, "iat": 1686920170, "status_list": {"bits": bits, "lst": lst}, **members}


def loaded(document: dict[str, Any]) -> Loaded[TokenStatusList]:
    """Return the list decoded."""
    return decode(ListCredential(url=URL, document=document, issuer="https://issuer.example"))


def refused(document: dict[str, Any]) -> str:
    """Return why a list is refused."""
    with pytest.raises(Invalid) as stopped:
        loaded(document)
    assert stopped.value.problem.code == "STATUS_VERIFICATION_ERROR"
    return stopped.value.problem.detail


def test_lowest_bit_is_first() -> None:
    """Section 4.1's example: 0xb9 0xa3 are the sixteen statuses 1 0 0 1 1 1 0 1 1 1 0 0 0 1 0 1."""
    found = loaded(claims()).value
    assert [found.value(index) for index in range(17)] == [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1, None]


def test_entry_may_have_two_bits() -> None:
    """Section 10.1's example: 0xc9 0x44 0xf9 are the twelve statuses 1 2 0 3 0 1 0 1 1 2 3 3."""
    found = loaded(claims(b"\xc9\x44\xf9", 2)).value
    assert [found.value(index) for index in range(13)] == [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3, None]


@given(st.sampled_from([1, 2, 4, 8]), st.data())
@settings(max_examples=60, deadline=None)
def test_every_entry_reads_back(bits: int, data: st.DataObject) -> None:
    """What was packed from the lowest bit on is read at its index, in every size."""
    values = data.draw(st.lists(st.integers(0, 2**bits - 1), min_size=1, max_size=40))
    octets = bytearray(-(-len(values) * bits // 8))
    for index, value in enumerate(values):
        octets[index * bits // 8] |= value << index * bits % 8
    found = loaded(claims(bytes(octets), bits)).value
    assert [found.value(index) for index in range(len(values))] == values
    assert found.value(len(octets) * 8 // bits) is None


@pytest.mark.parametrize("bits", [0, 3, 16, -1, True, 1.0, "1", None, [1]], ids=str)
def test_other_sizes_are_refused(bits: Any) -> None:
    """The allowed values for bits are 1, 2, 4 and 8."""
    assert refused(claims(bits=bits)) == "its bits are not 1, 2, 4 or 8"


@pytest.mark.parametrize("status_list", [None, [], "x", {}, {"bits": 1}, {"bits": 1, "lst": 5}], ids=str)
def test_malformed_list_is_refused(status_list: Any) -> None:
    """What holds no list says nothing about anybody."""
    assert refused({**claims(), "status_list": status_list})


def test_T10_gzip_and_what_follows_are_refused() -> None:
    """A list is exactly one zlib stream, whole: no gzip, nothing after it, and nothing cut off."""
    stream = zlib.compress(b"\0" * 100)
    raw = zlib.compressobj(wbits=-15)
    bare = raw.compress(b"\0") + raw.flush()
    details = [
        refused({**claims(), "status_list": {"bits": 1, "lst": base64url.encode(octets)}})
        for octets in (gzip.compress(b"\0"), bare, stream + b"\0", stream + stream, stream[:-1], b"")
    ]
    assert details == ["its lst is not zlib"] * 2 + ["its lst is not exactly one zlib stream"] * 4


def test_T9_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list that expands beyond the limit is refused, at one octet more than it as at a thousand times."""
    limit = 1000
    inflate = token_status_list._inflate
    monkeypatch.setattr(token_status_list, "_inflate", lambda octets: inflate(octets, limit))
    assert len(loaded(claims(bytes(limit))).value.octets) == limit
    for size in (limit + 1, 1000 * limit):
        assert refused(claims(bytes(size))) == f"its lst expands to more than {limit} bytes"


@pytest.mark.parametrize("lst", ["eNrbuRgAAhcBXQ==", "eNrbuRgAAhcB XQ", "é"], ids=str)
def test_T30_list_is_canonical_base64url(lst: str) -> None:
    """Padding, white space and other characters are refused."""
    assert refused({**claims(), "status_list": {"bits": 1, "lst": lst}}).startswith("its lst is not")


def test_lifetime_is_the_lists_own() -> None:
    """`ttl` and `exp` say how long it is believed; of a past list neither does, since its time is over."""
    document = claims(exp=1686920270, ttl=43200)
    found = loaded(document)
    assert (found.fresh_for, found.not_after) == (43200, datetime.fromtimestamp(1686920270, UTC))
    assert found.value.valid_from == datetime.fromtimestamp(1686920170, UTC)
    past = decode_past(ListCredential(url=URL, document=document, issuer="x"))
    assert (past.fresh_for, past.not_after) == (None, None)


@pytest.mark.shared
@pytest.mark.parametrize("path", sorted(VECTORS.glob("status_list_encoding*_json.md")), ids=lambda path: path.stem)
def test_examples_of_the_specification(path: Any) -> None:
    """Each example decodes, and the same list in CBOR is the same."""
    text = path.read_text(encoding="utf-8")
    bits = int(re.search(r'"bits": (\d)', text)[1])  # type: ignore[index] # every example has it
    lst = re.sub(r"\s", "", re.search(r'"lst": "([^"]*)"', text)[1])  # type: ignore[index] # likewise
    found = loaded({**claims(), "status_list": {"bits": bits, "lst": lst}}).value
    assert found.size == bits
    if path.stem in SET:
        entries = range(len(found.octets) * 8 // bits)
        assert " ".join(f"{index}:{value}" for index in entries if (value := found.value(index))) == SET[path.stem]
    octets = [int(octet, 16) for octet in re.findall(r"0x([0-9a-f]{2})", text.partition("encoded")[0])]
    assert not octets or found.octets == bytes(octets)
    cbor = re.sub(r"\s", "", path.with_name(path.name.replace("_json", "_cbor")).read_text(encoding="utf-8"))
    encoded = strict_cbor.loads(bytes.fromhex(cbor.rpartition(":")[2]))
    assert loaded({**claims(), "status_list": encoded}).value == found
