"""SolanaSignature2021: a Solana transaction that holds a hash, by a Solana account (Spruce)."""

from __future__ import annotations

from typing import Final

from gateway.cryptosuites import _didkit_suite

PLUGIN: Final = _didkit_suite.unverified(
    "SolanaSignature2021", why="has no implementation to verify it with: the released didkit is built without it"
)
