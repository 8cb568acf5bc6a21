"""Key, Sign and ProofGen of the BBS Signature Scheme, for tests: the half that a verifier does not have.

Written from draft-irtf-cfrg-bbs-signatures, apart from the gateway's ProofVerify, whose hashing and
generators only are shared: those are held to the draft's own values.
"""

from __future__ import annotations

import hashlib
import secrets
from itertools import count, islice
from typing import TYPE_CHECKING, Any

from py_arkworks_bls12381 import G1Point, G2Point, Scalar

from gateway.cryptosuites import _bbs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def new_key(seed: bytes | None = None) -> Any:
    """Return a secret key, which is a scalar: at random, or always the same one of `seed`."""
    return next(_scalars(seed))


def _scalars(seed: bytes | None) -> Iterator[Any]:
    for number in count():
        octets = secrets.token_bytes(48) if seed is None else hashlib.shake_256(seed + number.to_bytes(4)).digest(48)
        yield Scalar.from_be_bytes_mod_order(octets)


def public_key(key: Any) -> bytes:
    """SkToPk."""
    return bytes((G2Point() * key).to_compressed_bytes())


def sign(key: Any, header: bytes, messages: Sequence[bytes]) -> bytes:
    """Sign: the signature (A, e)."""
    scalars, generators = _prepared(messages)
    domain = _bbs._domain(public_key(key), generators[0], generators[1:], header)
    octets = b"".join(scalar.to_be_bytes() for scalar in (key, *scalars, domain))
    e = _bbs._hash_to_scalar(octets, b"H2S_")
    point = _commitment(generators, domain, scalars) * (key + e).inverse()
    return bytes(point.to_compressed_bytes() + e.to_be_bytes())


def proof_gen(
    key: Any,
    signature: bytes,
    header: bytes,
    presentation_header: bytes,
    messages: Sequence[bytes],
    disclosed: Sequence[int],
    *,
    seed: bytes | None = None,
) -> bytes:
    """ProofGen: a proof that shows the messages at the indexes `disclosed`.

    With a `seed` its randomness is none, and the proof always the same.
    """
    scalars, generators = _prepared(messages)
    hidden = [index for index in range(len(messages)) if index not in disclosed]
    a, e = G1Point.from_compressed_bytes(signature[:48]), Scalar.from_be_bytes(signature[48:])
    r_1, r_2, e_blind, r_1_blind, r_3_blind, *blinds = islice(_scalars(seed), 5 + len(hidden))

    # ProofInit
    domain = _bbs._domain(public_key(key), generators[0], generators[1:], header)
    b = _commitment(generators, domain, scalars)
    d = b * r_2
    a_bar = a * (r_1 * r_2)
    b_bar = d * r_1 - a_bar * e
    t_1 = a_bar * e_blind + d * r_1_blind
    t_2 = d * r_3_blind
    for index, blind in zip(hidden, blinds, strict=True):
        t_2 += generators[1 + index] * blind

    # ProofChallengeCalculate
    octets = len(disclosed).to_bytes(8)
    for index in disclosed:
        octets += index.to_bytes(8) + scalars[index].to_be_bytes()
    octets += b"".join(point.to_compressed_bytes() for point in (a_bar, b_bar, d, t_1, t_2)) + domain.to_be_bytes()
    c = _bbs._hash_to_scalar(octets + len(presentation_header).to_bytes(8) + presentation_header, b"H2S_")

    # ProofFinalize
    answers = [e_blind + e * c, r_1_blind - r_1 * c, r_3_blind - r_2.inverse() * c]
    answers += [blind + scalars[index] * c for index, blind in zip(hidden, blinds, strict=True)]
    points = b"".join(point.to_compressed_bytes() for point in (a_bar, b_bar, d))
    return points + b"".join(scalar.to_be_bytes() for scalar in (*answers, c))


def _prepared(messages: Sequence[bytes]) -> tuple[list[Any], list[Any]]:
    scalars = [_bbs._hash_to_scalar(message, b"MAP_MSG_TO_SCALAR_AS_HASH_") for message in messages]
    return scalars, _bbs._GENERATORS.first(len(messages) + 1)


def _commitment(generators: Sequence[Any], domain: Any, scalars: Sequence[Any]) -> Any:
    point = G1Point.from_compressed_bytes(_bbs._P1)
    for generator, scalar in zip(generators, (domain, *scalars), strict=True):
        point += generator * scalar
    return point
