"""ecdsa-rdfc-2019: P-256 or P-384 over a canonical graph (Data Integrity ECDSA Cryptosuites 1.0, section 3.2).

The curve decides the hash, of the canonicalization too: SHA-256 for P-256, SHA-384 for P-384.
"""

from __future__ import annotations

from typing import Final

from gateway.cryptosuites import _rdfc
from resolvers.model import KeyType

PLUGIN: Final = _rdfc.suite(
    "ecdsa-rdfc-2019", proof_type="DataIntegrityProof", key_types=frozenset({KeyType.P256, KeyType.P384})
)
