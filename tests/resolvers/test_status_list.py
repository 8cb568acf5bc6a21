"""`resolvers.status_list`: from a verified list credential to its bits."""

from __future__ import annotations

import base64
import gzip
import tracemalloc
import zlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolvers import base64url, status_list
from resolvers.model import ListCredential
from resolvers.problems import Invalid
from tests.resolvers.status.lists import ISSUER, URL, bits, credential, encoded
from tests.shared import vector

if TYPE_CHECKING:
    from resolvers.status_list import StatusList


def _decode(document: dict[str, Any]) -> StatusList:
    return status_list.decode(ListCredential(url=URL, document=document, issuer=ISSUER)).value


def _code(document: dict[str, Any]) -> str:
    with pytest.raises(Invalid) as caught:
        _decode(document)
    return caught.value.problem.code


@given(st.binary(min_size=1, max_size=32), st.integers(1, 16), st.integers(0, 300))
@settings(max_examples=200)
def test_value_is_read_from_the_left(octets: bytes, size: int, index: int) -> None:
    """The entry at an index is that slice of the bits, written out from the left; past the end it is None."""
    written = "".join(f"{octet:08b}" for octet in octets)
    expected = written[index * size : (index + 1) * size]
    decoded = _decode(credential(encoded(octets)))

    assert decoded.value(index, size) == (int(expected, 2) if len(expected) == size else None)
    assert decoded.entries(size) == len(written) // size


def test_first_index_is_the_left_most_bit() -> None:
    """The specification's own wording, byte by byte."""
    decoded = _decode(credential(encoded(b"\x80\x01" + bytes(16_382))))

    assert [index for index in range(64) if decoded.value(index, 1)] == [0, 15]


def test_tells_what_the_list_says_of_itself() -> None:
    """Purposes, validity, ttl (milliseconds) and memory are told, for the cache and the pipeline."""
    document = credential(
        encoded(bits()),
        validUntil="2026-02-01T00:00:00Z",
        subject={"ttl": 60_000, "statusPurpose": ["revocation", "suspension"]},
    )

    loaded = status_list.decode(ListCredential(url=URL, document=document, issuer=ISSUER))

    assert (loaded.fresh_for, loaded.not_after) == (60.0, datetime(2026, 2, 1, tzinfo=UTC))
    assert loaded.size >= 16_384
    assert loaded.value.valid_from == datetime(2026, 1, 1, tzinfo=UTC)
    assert loaded.value.purposes == {"revocation", "suspension"}
    assert (loaded.value.id, loaded.value.issuer, loaded.value.type) == (URL, ISSUER, "BitstringStatusList")
    assert loaded.value.defects == ()


@pytest.mark.parametrize("ttl", [-1, 1.5, "60000", True, []])
def test_malformed_ttl_is_a_defect(ttl: Any) -> None:
    """A list whose ttl cannot be read can, but only its set bits are believed."""
    decoded = _decode(credential(encoded(bits()), subject={"ttl": ttl}))

    assert [problem.code for problem in decoded.defects] == ["status-list-defective"]


@pytest.mark.parametrize(
    "document",
    [
        credential(encoded(bits()), type=["VerifiableCredential"]),
        credential(encoded(bits()), type=None),
        credential(encoded(bits()), subject={"type": "StatusList2021"}),
        credential(encoded(bits()), subject={"statusPurpose": None}),
        credential(encoded(bits()), subject={"statusPurpose": []}),
        credential(encoded(bits()), credentialSubject=[]),
        credential(encoded(bits()), credentialSubject=None),
        credential(encoded(bits()), validUntil="soon"),
        credential(encoded(bits()), validFrom=7),
    ],
)
def test_T11_what_is_no_status_list_credential_is_refused(document: dict[str, Any]) -> None:
    """Type, subject, purpose and dates must be those of a status list."""
    assert _code(document) == "STATUS_VERIFICATION_ERROR"


@pytest.mark.parametrize(
    "member",
    [
        b"",
        b"\x1f\x8b",
        zlib.compress(bits()),
        gzip.compress(bits())[:-1],
        gzip.compress(bits())[:-8] + b"\0" * 8,
        gzip.compress(bits()) + b"\0",
        gzip.compress(bits()) + gzip.compress(b"\xff"),
        bits(),
    ],
    ids=["empty", "header only", "zlib", "cut off", "bad checksum", "trailing", "two members", "not compressed"],
)
def test_T10_other_than_one_gzip_member_is_refused(member: bytes) -> None:
    """What is cut off, doubled or followed by anything could be another list to another reader."""
    assert _code(credential("u" + base64url.encode(member))) == "STATUS_VERIFICATION_ERROR"


@pytest.mark.parametrize("prefix", ["", "z", "m", "U", "uu", " u", "u="])
def test_T10_other_multibase_prefix_is_refused(prefix: str) -> None:
    """Only `u`, base64url without padding, is the encoding of a Bitstring Status List."""
    assert _code(credential(prefix + encoded(bits())[1:])) == "STATUS_VERIFICATION_ERROR"


@pytest.mark.parametrize("encoded_list", [None, 7, [], encoded(bits()) + "==", encoded(bits()) + "\n"])
def test_T10_other_encoding_is_refused(encoded_list: Any) -> None:
    """Padding, line breaks and other types are refused."""
    assert _code(credential(encoded_list)) == "STATUS_VERIFICATION_ERROR"


def test_T9_bomb_is_refused_at_the_limit() -> None:
    """200 MB in 194 KB are never inflated: the list is refused, not cut, and memory stays bounded."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, 31)
    chunk = bytes(1_000_000)
    bomb = b"".join([*(compressor.compress(chunk) for _ in range(200)), compressor.flush()])
    assert len(bomb) < 200_000
    document = credential("u" + base64url.encode(bomb))

    tracemalloc.start()
    code = _code(document)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert code == "STATUS_VERIFICATION_ERROR"
    assert peak < 3 * status_list.MAX_DECODED


@pytest.mark.parametrize(("size", "refused"), [(1000, False), (1001, True)])
def test_T9_the_limit_is_exact(size: int, refused: bool) -> None:  # noqa: FBT001 — threat id; parametrized
    """A list of exactly the limit is read, one byte more is an error."""
    member = gzip.compress(bytes(size))
    if refused:
        with pytest.raises(Invalid):
            status_list._inflate(member, limit=1000)
    else:
        assert status_list._inflate(member, limit=1000) == bytes(size)


@pytest.mark.parametrize(
    "encode",
    [
        base64url.encode,
        lambda member: base64.urlsafe_b64encode(member).decode(),
        lambda member: base64.b64encode(member).decode(),
        lambda member: base64.b64encode(member).decode().rstrip("="),
    ],
    ids=["base64url", "padded base64url", "base64", "base64 without padding"],
)
def test_status_list_2021_is_read_in_either_alphabet(encode: Any) -> None:
    """Its specification said base64 only, and issuers took both for it."""
    octets = bytes(range(256)) * 64
    document = credential(
        encode(gzip.compress(octets)),
        type=["VerifiableCredential", "StatusList2021Credential"],
        subject={"type": "StatusList2021"},
        validFrom=None,
        issuanceDate="2026-01-01T00:00:00Z",
    )

    decoded = _decode(document)

    assert (decoded.type, decoded.bits) == ("StatusList2021", octets)
    assert decoded.valid_from == datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("spoil", [lambda text: "u" + text, lambda text: text + "=", lambda text: text + "-+"])
def test_T30_status_list_2021_in_other_spellings_is_refused(spoil: Any) -> None:
    """A multibase prefix, too much padding and mixed alphabets are refused."""
    text = base64.b64encode(gzip.compress(bits())).decode()
    document = credential(spoil(text), type=["StatusList2021Credential"], subject={"type": "StatusList2021"})

    assert _code(document) == "STATUS_VERIFICATION_ERROR"


@pytest.mark.shared
def test_reads_the_published_list() -> None:
    """The list of the Digital Credentials Consortium has 100,000 entries, fewer than the specification asks for."""
    document = vector("dcc/statusLists/e5WK8CbZ1GjycuPombrj")

    decoded = _decode(document)

    assert decoded.entries(1) == 100_000
    assert decoded.id == document["id"]
