"""P256BLAKE2BDigestSize20Base58CheckEncodedSignature2021: P-256 by a Tezos account of the kind tz3 (Spruce).

By didkit, over a canonical graph. The proof brings the public key along, and the account is its hash.
"""

from __future__ import annotations

from typing import Final

from gateway.cryptosuites import _didkit_suite
from resolvers.model import KeyType

PLUGIN: Final = _didkit_suite.suite(
    "P256BLAKE2BDigestSize20Base58CheckEncodedSignature2021",
    key_types=frozenset({KeyType.ACCOUNT}),
    algorithm="ESBlake2b",
)
