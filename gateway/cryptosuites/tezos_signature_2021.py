"""TezosSignature2021: a Tezos message that holds a canonical graph, by a Tezos account (Spruce).

By didkit. The proof brings the public key along, and the account is its hash.
"""

from __future__ import annotations

from typing import Final

from gateway.cryptosuites import _didkit_suite
from resolvers.model import KeyType

PLUGIN: Final = _didkit_suite.suite(
    "TezosSignature2021", key_types=frozenset({KeyType.ACCOUNT}), spelling=_didkit_suite.BASE58
)
