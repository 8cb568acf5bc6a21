"""ecdsa-jcs-2019: P-256 or P-384 over canonical JSON (Data Integrity ECDSA Cryptosuites 1.0, section 3.3)."""

from __future__ import annotations

from typing import Final

from gateway.cryptosuites import _jcs
from resolvers.model import KeyType

PLUGIN: Final = _jcs.suite("ecdsa-jcs-2019", key_types=frozenset({KeyType.P256, KeyType.P384}))
