"""Proof sets and proof chains (Data Integrity 1.0, Verify Proof Sets and Chains)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from resolvers.problems import Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def previous_proofs(proofs: Sequence[Any], pointers: Sequence[str]) -> list[list[Mapping[str, Any]]]:
    """Return for each proof the proofs that its `previousProof` names, whole and in its order.

    Raises:
        Invalid: `PROOF_VERIFICATION_ERROR`, if one names a proof that is not there, or itself by
            whatever way round, or if an id does not tell two proofs apart.
    """
    if len(proofs) == 1 and not _names(proofs[0], pointers[0]):  # nearly always: 0.3 µs instead of 4
        return [[]]
    indices: dict[str, int] = {}
    for index, proof in enumerate(proofs):
        identifier = proof.get("id") if isinstance(proof, dict) else None
        if isinstance(identifier, str):
            if identifier in indices:
                raise _wrong("two proofs have the same id", f"{pointers[index]}/id")
            indices[identifier] = index
    links = [
        [_index(name, indices, f"{pointer}/previousProof") for name in _names(proof, pointer)]
        for proof, pointer in zip(proofs, pointers, strict=True)
    ]
    _refuse_cycle(links, pointers)
    return [[proofs[index] for index in linked] for linked in links]


def _names(proof: Any, pointer: str) -> list[Any]:
    if not isinstance(proof, dict) or "previousProof" not in proof:
        return []
    value = proof["previousProof"]
    names = value if isinstance(value, list) else [value]
    if not names:
        raise _wrong("previousProof names no proof", f"{pointer}/previousProof")
    return names


def _index(name: Any, indices: Mapping[str, int], pointer: str) -> int:
    index = indices.get(name) if isinstance(name, str) else None
    if index is None:
        raise _wrong("previousProof names a proof that is not there", pointer)
    return index


def _refuse_cycle(links: Sequence[Sequence[int]], pointers: Sequence[str]) -> None:
    """Take away, again and again, what rests only on what is away already; a cycle is left over."""
    waiting = set(range(len(links)))
    while waiting:
        grounded = {index for index in waiting if waiting.isdisjoint(links[index])}
        if not grounded:
            raise _wrong("previousProof leads back to the proof itself", f"{pointers[min(waiting)]}/previousProof")
        waiting -= grounded


def _wrong(detail: str, pointer: str) -> Invalid:
    return Invalid("PROOF_VERIFICATION_ERROR", detail, pointer=pointer)
