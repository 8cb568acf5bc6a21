"""Eip712Signature2021: EIP-712 typed data that holds a canonical graph, by an Ethereum account (Spruce). By didkit."""

from __future__ import annotations

from typing import Final

from gateway.cryptosuites import _didkit_suite
from resolvers.model import KeyType

PLUGIN: Final = _didkit_suite.suite(
    "Eip712Signature2021",
    key_types=frozenset({KeyType.ACCOUNT, KeyType.SECP256K1}),
    spelling=_didkit_suite.HEX,
)
