"""eddsa-rdfc-2022: Ed25519 over a canonical graph (Data Integrity EdDSA Cryptosuites 1.0, section 3.2)."""

from __future__ import annotations

from typing import Final

from gateway.cryptosuites import _rdfc
from resolvers.model import KeyType

PLUGIN: Final = _rdfc.suite("eddsa-rdfc-2022", proof_type="DataIntegrityProof", key_types=frozenset({KeyType.ED25519}))
