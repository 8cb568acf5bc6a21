"""ProofVerify: the draft's own values, and every proof that is none."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.cryptosuites._bbs import _GENERATORS, MAXIMUM_MESSAGES, _hash_to_scalar, proof_is_valid
from tests import bbs

KEY = bbs.new_key()
HEADER = b"header"
MESSAGES = [b"", b"one", b"two", b"three"]
SIGNATURE = bbs.sign(KEY, HEADER, MESSAGES)

# draft-irtf-cfrg-bbs-signatures, "BLS12-381-SHA-256 Test Vectors", Message Generators: Q_1, H_1, H_2, H_10
GENERATORS = {
    0: "a9ec65b70a7fbe40c874c9eb041c2cb0a7af36ccec1bea48fa2ba4c2eb67ef7f9ecb17ed27d38d27cdeddff44c8137be",
    1: "98cd5313283aaf5db1b3ba8611fe6070d19e605de4078c38df36019fbaad0bd28dd090fd24ed27f7f4d22d5ff5dea7d4",
    2: "a31fbe20c5c135bcaa8d9fc4e4ac665cc6db0226f35e737507e803044093f37697a9d452490a970eea6f9ad6c3dcaa3a",
    10: "a1f229540474f4d6f1134761b92b788128c7ac8dc9b0c52d59493132679673032ac7db3fb3d79b46b13c1c41ee495bca",
}

# the same, Map Messages to Scalars: messages 1, 9 and 10
SCALARS = {
    "9872ad089e452c7b6e283dfac2a80d58e8d0ff71cc4d5e310a1debdda4a45f02": (
        "1cb5bb86114b34dc438a911617655a1db595abafac92f47c5001799cf624b430"
    ),
    "96012096": "57eb93f417c43200e9784fa5ea5a59168d3dbc38df707a13bb597c871b2a5f74",
    "": "08e3afeb2b4f2b5f907924ef42856616e6f2d5f1fb373736db1cca32707a7d16",
}


def verify(proof: bytes, **changes: Any) -> bool:
    """Verify a proof that shows messages 1 and 3 under the presentation header `ph`."""
    given: dict[str, Any] = {
        "public_key": bbs.public_key(KEY),
        "proof": proof,
        "header": HEADER,
        "presentation_header": b"ph",
        "messages": [MESSAGES[1], MESSAGES[3]],
        "indexes": [1, 3],
    }
    return proof_is_valid(**given | changes)


def a_proof(disclosed: list[int]) -> bytes:
    """Return a proof that shows the messages at these indexes."""
    return bbs.proof_gen(KEY, SIGNATURE, HEADER, b"ph", MESSAGES, disclosed)


def test_generators_are_the_drafts() -> None:
    """create_generators comes to the points that the draft prints, however many are asked for."""
    points = _GENERATORS.first(11)
    assert {index: points[index].to_compressed_bytes().hex() for index in GENERATORS} == GENERATORS
    assert [point.to_compressed_bytes() for point in _GENERATORS.first(3)] == [
        point.to_compressed_bytes() for point in points[:3]
    ]


def test_scalars_are_the_drafts() -> None:
    """messages_to_scalars comes to the scalars that the draft prints."""
    found = {
        message: _hash_to_scalar(bytes.fromhex(message), b"MAP_MSG_TO_SCALAR_AS_HASH_").to_be_bytes().hex()
        for message in SCALARS
    }
    assert found == SCALARS


@pytest.mark.parametrize("disclosed", [[], [0], [1, 3], [0, 1, 2, 3]], ids=str)
def test_proof_verifies(disclosed: list[int]) -> None:
    """Whatever part is shown, none and all included, the proof verifies."""
    assert verify(a_proof(disclosed), messages=[MESSAGES[index] for index in disclosed], indexes=disclosed)


def test_anything_else_does_not_verify() -> None:
    """Another message, index, header, key or length is another statement."""
    proof = a_proof([1, 3])
    assert verify(proof)
    wrongs: list[dict[str, Any]] = [
        {"messages": [b"ONE", MESSAGES[3]]},
        {"messages": [MESSAGES[3], MESSAGES[1]]},
        {"messages": [MESSAGES[1]]},
        {"messages": [MESSAGES[1]], "indexes": [1]},
        {"messages": []},
        {"messages": [], "indexes": []},
        {"indexes": [0, 3]},
        {"indexes": [3, 1]},
        {"indexes": [1, 1]},
        {"indexes": [1, 4]},
        {"indexes": [-1, 3]},
        {"header": b""},
        {"presentation_header": b""},
        {"public_key": bbs.public_key(bbs.new_key())},
        {"public_key": b"\xc0" + bytes(95)},
        {"public_key": bbs.public_key(KEY)[:-1]},
        {"proof": proof[:-1]},
        {"proof": proof + bytes(32)},
        {"proof": proof[:272]},
        {"proof": b""},
    ]
    for wrong in wrongs:
        assert not verify(**{"proof": proof, **wrong}), wrong


def test_points_at_infinity_and_zeros_are_refused() -> None:
    """With all points at infinity the pairings would agree, whoever signed."""
    proof = a_proof([1, 3])
    infinity = b"\xc0" + bytes(47)
    for start in (0, 48, 96):
        assert not verify(proof[:start] + infinity + proof[start + 48 :])
    assert not verify(3 * infinity + proof[144:])
    order = 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001
    for start in range(144, len(proof), 32):
        assert not verify(proof[:start] + bytes(32) + proof[start + 32 :])
        above = int.from_bytes(proof[start : start + 32]) + order
        if above < 2**256:
            assert not verify(proof[:start] + above.to_bytes(32) + proof[start + 32 :])


@given(data=st.data())
@settings(max_examples=60)
def test_every_bit_counts(data: st.DataObject) -> None:
    """A proof with one bit changed is none."""
    proof = bytearray(a_proof([1, 3]))
    bit = data.draw(st.integers(0, 8 * len(proof) - 1))
    proof[bit // 8] ^= 1 << bit % 8
    assert not verify(bytes(proof))


def test_too_many_messages_are_refused_at_once() -> None:
    """A proof about more messages than the limit costs nothing."""
    before = len(_GENERATORS._points)
    scalar = (1).to_bytes(32)
    proof = a_proof([])[:144] + scalar * (MAXIMUM_MESSAGES + 5)
    assert not verify(proof, messages=[], indexes=[])
    assert len(_GENERATORS._points) == before
