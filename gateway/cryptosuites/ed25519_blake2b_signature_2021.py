"""Ed25519BLAKE2BDigestSize20Base58CheckEncodedSignature2021: Ed25519 by a Tezos account of the kind tz1 (Spruce).

By didkit, over a canonical graph. The proof brings the public key along, and the account is its hash.
"""

from __future__ import annotations

from typing import Final

from gateway.cryptosuites import _didkit_suite
from resolvers.model import KeyType

PLUGIN: Final = _didkit_suite.suite(
    "Ed25519BLAKE2BDigestSize20Base58CheckEncodedSignature2021",
    key_types=frozenset({KeyType.ACCOUNT}),
    algorithm="EdBlake2b",
)
