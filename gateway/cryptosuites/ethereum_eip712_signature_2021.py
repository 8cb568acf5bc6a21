"""EthereumEip712Signature2021: EIP-712 typed data made of the JSON, by an Ethereum account (CCG draft). By didkit."""

from __future__ import annotations

from typing import Final

from gateway.cryptosuites import _didkit_suite
from resolvers.model import KeyType

PLUGIN: Final = _didkit_suite.json_suite(
    "EthereumEip712Signature2021",
    key_types=frozenset({KeyType.ACCOUNT, KeyType.SECP256K1}),
    spelling=_didkit_suite.HEX,
)
