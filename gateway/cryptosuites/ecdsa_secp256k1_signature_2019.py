"""EcdsaSecp256k1Signature2019: ES256K over a canonical graph, under a detached JWS (CCG draft of 2019).

credentials/v1 defines it; a document of VCDM 2.0 needs the suite's own context, which is in no
registry package and has to come from the operator's folder.
"""

from __future__ import annotations

from typing import Final

from gateway.cryptosuites import _detached_jws
from resolvers.model import KeyType

PLUGIN: Final = _detached_jws.suite("EcdsaSecp256k1Signature2019", algorithms={KeyType.SECP256K1: ("ES256K",)})
