"""Selective disclosure of a graph: what ecdsa-sd-2023 and bbs-2023 have in common on the verifier's side.

The issuer signs the statements of a document one by one, under blank node labels of its own making. The
holder shows some of them, in a document of its own, with a map from the labels that RDFC-1.0 gives to
the nodes of that document to those of the issuer. The statements that the issuer made mandatory are
hashed together; a holder cannot leave one of them out. (Data Integrity ECDSA Cryptosuites 1.0,
"Selective Disclosure Functions".)

Which other statements there were, and whether one of them would have changed the verdict, nobody can
know who does not see them: that is what a policy is told by the warning.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from gateway.cryptosuites import _cbor
from resolvers import multibase
from resolvers.problems import Invalid, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WITHHELD: Final = Problem(
    code="selectively-disclosed", detail="statements that are not mandatory may have been withheld", pointer="/proof"
)
"""The warning that every result has: also where nothing was withheld, nobody can tell."""

_MAX_PROOF: Final = 1 << 18
"""Characters of the longest proofValue that is decoded: room for some 2,900 signatures."""
_TERM: Final = re.compile(r'<[^>]*>|_:(\w+)|"(?:[^"\\]|\\.)*"')
"""A term of canonical N-Quads, read from its beginning: so what looks like a node within a literal is none."""
_HEADER: Final = 3


def opened(proof: Mapping[str, Any]) -> tuple[bytes, bytes]:
    """Return the three octets of the header of a proof value, and the octets that follow it.

    Raises:
        Invalid: `PROOF_VERIFICATION_ERROR`.
    """
    value = proof.get("proofValue")
    # "If the proofValue string does not start with u, … an error MUST be raised"
    if not isinstance(value, str) or not value.startswith("u") or len(value) > _MAX_PROOF:
        raise malformed(f"it is not base64url, of at most {_MAX_PROOF} characters")
    try:
        octets = multibase.decode(value)
    except ValueError as error:
        raise malformed(str(error)) from None
    return octets[:_HEADER], octets[_HEADER:]


def components(payload: bytes) -> Any:
    """Return the components of a proof, the octets that follow its header.

    Raises:
        Invalid: `PROOF_VERIFICATION_ERROR`.
    """
    try:
        return _cbor.decode(payload)
    except ValueError as error:
        raise malformed(str(error)) from None


def base_proof() -> Invalid:
    """Return the problem of a proof that is the holder's to derive others from."""
    detail = "this is a base proof, which is for the holder alone: derive a proof from it for whoever is to verify"
    return Invalid("base-proof", detail, pointer="/proof/proofValue")


def relabelled(nquads: bytes, labels: Mapping[int, str]) -> list[str]:
    """Return the statements with the issuer's labels of blank nodes, in code point order.

    `labels` is by the number of the canonical label (`_:c14n0` is 0).

    Raises:
        Invalid: `PROOF_VERIFICATION_ERROR`: a node has no label, or has that of another.
    """
    # With one label for two nodes, a holder could part what the issuer said of one thing: this name is
    # one achievement's, that level another's. The specification does not say so, but its labels are
    # distinct, being made from distinct canonical ones.
    if len(set(labels.values())) < len(labels):
        raise malformed("two nodes have one label")
    # Not `splitlines`: a literal may hold line separators of Unicode.
    lines = nquads.decode().split("\n")[:-1]
    try:
        return sorted(_TERM.sub(lambda term: _labelled(term, labels), line) + "\n" for line in lines)
    except KeyError as missing:
        raise malformed(f"the node {missing.args[0]} has no label") from None


def _labelled(term: re.Match[str], labels: Mapping[int, str]) -> str:
    name = term[1]
    if name is None:
        return term[0]
    label = labels.get(int(name.removeprefix("c14n")))
    if label is None:
        raise KeyError(name)
    return f"_:{label}"


def parted(statements: Sequence[str], mandatory: Sequence[int]) -> tuple[list[str], list[str]]:
    """Return the mandatory statements, and the others; each index of `mandatory` has to be that of one.

    Raises:
        Invalid: `PROOF_VERIFICATION_ERROR`.
    """
    chosen = set(mandatory)
    if len(chosen) < len(mandatory) or any(index >= len(statements) for index in chosen):
        raise malformed("the indexes of mandatory statements are not those of statements, each once")
    return (
        [statement for index, statement in enumerate(statements) if index in chosen],
        [statement for index, statement in enumerate(statements) if index not in chosen],
    )


def are_octets(values: Any, length: int) -> bool:
    """Whether `values` is an array of byte strings of that length."""
    return isinstance(values, list) and all(isinstance(value, bytes) and len(value) == length for value in values)


def are_indexes(values: Any) -> bool:
    """Whether `values` is an array of integers, which are unsigned already."""
    return isinstance(values, list) and all(isinstance(value, int) for value in values)


def malformed(detail: str) -> Invalid:
    """Return the problem of a proof value that is not what the suite makes."""
    return Invalid("PROOF_VERIFICATION_ERROR", f"proofValue: {detail}", pointer="/proof/proofValue")
