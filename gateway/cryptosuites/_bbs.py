"""ProofVerify of the BBS Signature Scheme (draft-irtf-cfrg-bbs-signatures), ciphersuite BLS12-381-SHA-256.

No package of the Python registry does it. ursa-bbs-signatures (2021) is the BBS+ of the papers before
the draft, whose proofs are others; `bbs` is an empty project; zkryptium and pairing_crypto were never
published there. So this page of algebra is ours. Points and pairings are arkworks's, through the
bindings with which Ethereum's consensus specification is tested (wheels for CPython 3.11 to 3.14 on
every platform): both pairings take 1.4 ms, where py_ecc takes half a second for each, pyblst has no
product of many points, and chia_rs does not multiply a point by a given number.
It is held to the draft's own values, and to @digitalbazaar/bbs-2023-cryptosuite both ways. Names and
the order of what is hashed are the draft's, where each operation is found by its name.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import pairwise
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

MAXIMUM_MESSAGES: Final = 1_000
"""Statements of the document that was signed, mandatory ones aside: 80 ms, and 0.3 s the first time."""

_API_ID: Final = b"BBS_BLS12381G1_XMD:SHA-256_SSWU_RO_H2G_HM2S_"
"""ciphersuite_id || "H2G_HM2S_", the identifier of the interface."""
_P1: Final = bytes.fromhex(
    "a8ce256102840821a3e94ea9025e4662b205762f9776b3a766c872b948f1fd225e7c59698588e70d11406d161b4e28c9"
)
"""The fixed point P1 of the ciphersuite."""
_POINT, _SCALAR, _EXPAND = 48, 32, 48
_LEAST: Final = 3 * _POINT + 4 * _SCALAR
"""Octets of a proof under which nothing was withheld."""


def proof_is_valid(
    *,
    public_key: bytes,
    proof: bytes,
    header: bytes,
    presentation_header: bytes,
    messages: Sequence[bytes],
    indexes: Sequence[int],
) -> bool:
    """ProofVerify, with CoreProofVerify: whether `messages` are among those that were signed.

    `indexes` are those of `messages` among all that were signed, ascending. Takes some milliseconds, and
    more the first time for as many messages.

    Raises:
        ImportError: there is no arkworks for this platform.
    """
    # Not when the program starts: few credentials need it.
    from py_arkworks_bls12381 import GT, G1Point, G2Point  # noqa: PLC0415 — few proofs are BBS, and the pairing library takes time to load

    parsed = _octets_to_proof(proof)
    key = _point(G2Point, public_key)
    if parsed is None or key is None:
        return False
    total = len(messages) + len(parsed.commitments)
    if total > MAXIMUM_MESSAGES or not _are_indexes(indexes, len(messages), total):
        return False
    scalars = [_hash_to_scalar(message, b"MAP_MSG_TO_SCALAR_AS_HASH_") for message in messages]
    disclosed = dict(zip(indexes, scalars, strict=True))
    q_1, *generators = _GENERATORS.first(total + 1)

    # ProofVerifyInit
    domain = _domain(public_key, q_1, generators, header)
    a_bar, b_bar, d, c = parsed.a_bar, parsed.b_bar, parsed.d, parsed.challenge
    hidden = [generators[index] for index in range(total) if index not in disclosed]
    combine = G1Point.multiexp_unchecked
    t_1 = combine([b_bar, a_bar, d], [c, parsed.e, parsed.r_1])
    shown = combine([q_1, *(generators[index] for index in indexes)], [domain, *scalars])
    t_2 = combine([G1Point.from_compressed_bytes(_P1) + shown, d, *hidden], [c, parsed.r_3, *parsed.commitments])

    # ProofChallengeCalculate
    octets = _integer(len(messages))
    for index, scalar in disclosed.items():
        octets += _integer(index) + scalar.to_be_bytes()
    for point in (a_bar, b_bar, d, t_1, t_2):
        octets += point.to_compressed_bytes()
    octets += domain.to_be_bytes() + _integer(len(presentation_header)) + presentation_header
    if _hash_to_scalar(octets, b"H2S_") != c:
        return False
    return bool(GT.pairing_check([a_bar, b_bar], [key, -G2Point()]))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Proof:
    """A proof, taken apart ("octets_to_proof")."""

    a_bar: Any
    b_bar: Any
    d: Any
    e: Any
    r_1: Any
    r_3: Any
    commitments: list[Any]
    challenge: Any


def _octets_to_proof(octets: bytes) -> _Proof | None:
    from py_arkworks_bls12381 import G1Point, Scalar  # noqa: PLC0415 — as above

    if len(octets) < _LEAST or (len(octets) - _LEAST) % _SCALAR:
        return None
    points = [_point(G1Point, octets[start : start + _POINT]) for start in range(0, 3 * _POINT, _POINT)]
    try:
        scalars = [
            Scalar.from_be_bytes(octets[start : start + _SCALAR]) for start in range(3 * _POINT, len(octets), _SCALAR)
        ]
    except ValueError:
        return None
    # The draft refuses a scalar that is 0 or not less than r.
    if None in points or any(scalar.is_zero() for scalar in scalars):
        return None
    a_bar, b_bar, d = points
    e, r_1, r_3, *commitments, challenge = scalars
    return _Proof(a_bar=a_bar, b_bar=b_bar, d=d, e=e, r_1=r_1, r_3=r_3, commitments=commitments, challenge=challenge)


def _point(group: Any, octets: bytes) -> Any:
    """Return a point of the right subgroup, other than its identity, in its one encoding; or None."""
    try:
        point = group.from_compressed_bytes(octets)
    except ValueError:
        return None
    if point == group.identity() or not point.is_in_subgroup() or point.to_compressed_bytes() != octets:
        return None
    return point


def _are_indexes(indexes: Sequence[int], count: int, total: int) -> bool:
    ascending = all(before < after for before, after in pairwise(indexes))
    return len(indexes) == count and ascending and all(0 <= index < total for index in indexes)


def _domain(public_key: bytes, q_1: Any, generators: Sequence[Any], header: bytes) -> Any:
    """calculate_domain."""
    points = b"".join(point.to_compressed_bytes() for point in (q_1, *generators))
    octets = public_key + _integer(len(generators)) + points + _API_ID + _integer(len(header)) + header
    return _hash_to_scalar(octets, b"H2S_")


def _hash_to_scalar(message: bytes, purpose: bytes) -> Any:
    """hash_to_scalar; `purpose` follows the interface's id in the domain separation tag."""
    from py_arkworks_bls12381 import Scalar  # noqa: PLC0415 — as above

    return Scalar.from_be_bytes_mod_order(_expand(message, _API_ID + purpose))


def _integer(number: int) -> bytes:
    return number.to_bytes(8)


def _expand(message: bytes, tag: bytes) -> bytes:
    """expand_message_xmd with SHA-256, to 48 octets (RFC 9380, section 5.3.1)."""
    suffix = tag + len(tag).to_bytes(1)
    first = hashlib.sha256(bytes(64) + message + _EXPAND.to_bytes(2) + b"\0" + suffix).digest()
    block_1 = hashlib.sha256(first + b"\1" + suffix).digest()
    mixed = bytes(a ^ b for a, b in zip(first, block_1, strict=True))
    return (block_1 + hashlib.sha256(mixed + b"\2" + suffix).digest())[:_EXPAND]


class _Generators:
    """create_generators, each once: "implementations MAY cache the result"."""

    __slots__ = ("_lock", "_points", "_seed")

    def __init__(self) -> None:
        self._lock = Lock()
        self._points: list[Any] = []
        self._seed = _expand(_API_ID + b"MESSAGE_GENERATOR_SEED", _API_ID + b"SIG_GENERATOR_SEED_")

    def first(self, count: int) -> list[Any]:
        """Return the first `count` generators: Q_1, H_1, H_2 and so on."""
        from py_arkworks_bls12381 import G1Point  # noqa: PLC0415 — as above

        with self._lock:
            while len(self._points) < count:
                self._seed = _expand(self._seed + _integer(len(self._points) + 1), _API_ID + b"SIG_GENERATOR_SEED_")
                self._points.append(G1Point.hash_to_curve(self._seed, _API_ID + b"SIG_GENERATOR_DST_"))
            return self._points[:count]


_GENERATORS: Final = _Generators()
