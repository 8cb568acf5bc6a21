"""Ed25519Signature2018: Ed25519 over a canonical graph, under a detached JWS (Ed25519 Signature 2018, CCG draft).

credentials/v1 defines it; a document of VCDM 2.0 needs the suite's own context.
"""

from __future__ import annotations

from typing import Final

from gateway.cryptosuites import _detached_jws
from resolvers.model import KeyType

PLUGIN: Final = _detached_jws.suite("Ed25519Signature2018", algorithms={KeyType.ED25519: ("EdDSA",)})
