"""EcdsaSecp256k1RecoverySignature2020: a signature from which the key is recovered, and compared to an account (DIF).

By didkit, over a canonical graph, under a detached JWS with the algorithm ES256K-R.
"""

from __future__ import annotations

from typing import Final

from gateway.cryptosuites import _didkit_suite
from resolvers.model import KeyType

PLUGIN: Final = _didkit_suite.suite(
    "EcdsaSecp256k1RecoverySignature2020",
    key_types=frozenset({KeyType.ACCOUNT, KeyType.SECP256K1}),
    algorithm="ES256K-R",
    iri="https://identity.foundation/EcdsaSecp256k1RecoverySignature2020#EcdsaSecp256k1RecoverySignature2020",
)
