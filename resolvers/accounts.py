"""Blockchain account ids (Chain Agnostic Improvement Proposals CAIP-2 and CAIP-10): syntax only."""

from __future__ import annotations

import re
from typing import Final

ACCOUNT_ID: Final = re.compile(
    r"(?P<namespace>[-a-z0-9]{3,8}):(?P<reference>[-_a-zA-Z0-9]{1,32}):(?P<address>[-.%a-zA-Z0-9]{1,128})", re.ASCII
)
"""`chain_id:account_address`, where `chain_id` is `namespace:reference` (CAIP-10, "Syntax"; CAIP-2)."""


def is_account_id(text: str) -> bool:
    """Whether `text` is a CAIP-10 account id, such as `eip155:1:0xab16…`."""
    return ACCOUNT_ID.fullmatch(text) is not None
