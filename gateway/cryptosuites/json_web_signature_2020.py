"""JsonWebSignature2020: a key of almost any type over a canonical graph (JSON Web Signature 2020, CCG draft).

The algorithm of each type of key is that of the draft's table. Its context is in no registry package,
so a document that names it needs the operator's folder. The proof does not: where implementations
write the suite's context into the proof (ssi does), security/v2 and the type's IRI come to the same graph.
"""

from __future__ import annotations

from typing import Final

from gateway.cryptosuites import _detached_jws
from resolvers.model import KeyType

PLUGIN: Final = _detached_jws.suite(
    "JsonWebSignature2020",
    algorithms={
        KeyType.ED25519: ("EdDSA",),
        KeyType.SECP256K1: ("ES256K",),
        KeyType.P256: ("ES256",),
        KeyType.P384: ("ES384",),
        KeyType.RSA: ("PS256",),
    },
)
