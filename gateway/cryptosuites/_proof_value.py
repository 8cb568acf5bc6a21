"""What is common to the suites: reading `proofValue`, and matching the key to the suite."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateway.signatures import LENGTHS
from resolvers import multibase
from resolvers.problems import Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from resolvers.model import KeyType, PublicKey


def signature_of(proof: Mapping[str, Any], key: PublicKey, key_types: frozenset[KeyType]) -> bytes:
    """Return the signature in `proofValue`: base58btc with the prefix `z`, as long as `key` makes it.

    Raises:
        Invalid: `PROOF_VERIFICATION_ERROR`.
    """
    if key.type not in key_types:
        raise Invalid("PROOF_VERIFICATION_ERROR", f"a {key.type} key does not fit the suite", pointer="/proof")
    value = proof.get("proofValue")
    # The suites fix the base: "a multibase-encoded base58-btc encoded value"; `u` is not another spelling.
    if not isinstance(value, str) or not value.startswith("z"):
        raise Invalid("PROOF_VERIFICATION_ERROR", "proofValue is not base58btc", pointer="/proof/proofValue")
    try:
        signature = multibase.decode(value)
    except ValueError as error:
        raise Invalid("PROOF_VERIFICATION_ERROR", f"proofValue: {error}", pointer="/proof/proofValue") from None
    if len(signature) != LENGTHS[key.type]:
        detail = f"proofValue has {len(signature)} octets, not {LENGTHS[key.type]}"
        raise Invalid("PROOF_VERIFICATION_ERROR", detail, pointer="/proof/proofValue")
    return signature


def wrong_signature() -> Invalid:
    """Return the problem of a signature that is not the key's over this document and proof."""
    return Invalid("PROOF_VERIFICATION_ERROR", "the signature does not match the document", pointer="/proof/proofValue")
