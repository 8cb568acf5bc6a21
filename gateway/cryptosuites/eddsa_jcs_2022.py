"""eddsa-jcs-2022: Ed25519 over canonical JSON (Data Integrity EdDSA Cryptosuites 1.0, section 3.3)."""

from __future__ import annotations

from typing import Final

from gateway.cryptosuites import _jcs
from resolvers.model import KeyType

PLUGIN: Final = _jcs.suite("eddsa-jcs-2022", key_types=frozenset({KeyType.ED25519}))
