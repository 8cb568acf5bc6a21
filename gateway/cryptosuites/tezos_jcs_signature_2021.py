"""TezosJcsSignature2021: a Tezos message that holds canonical JSON, by a Tezos account (Spruce, experimental)."""

from __future__ import annotations

from typing import Final

from gateway.cryptosuites import _didkit_suite

PLUGIN: Final = _didkit_suite.unverified(
    "TezosJcsSignature2021", why="is verified by didkit alone, whose current version refuses even what it has signed"
)
