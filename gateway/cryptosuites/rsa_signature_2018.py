"""RsaSignature2018: RSA over a canonical graph, under a detached JWS (RSA Signature Suite 2018, CCG draft).

Implementations differ in the padding: ssi and the draft have RS256, jsonld-signatures PS256. Each
says which in the header of its JWS, which is signed, and either is of full strength.
"""

from __future__ import annotations

from typing import Final

from gateway.cryptosuites import _detached_jws
from resolvers.model import KeyType

PLUGIN: Final = _detached_jws.suite("RsaSignature2018", algorithms={KeyType.RSA: ("RS256", "PS256")})
