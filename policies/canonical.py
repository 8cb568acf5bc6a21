"""Digests over JSON values."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def sha256_of(value: Any) -> str:
    """Return the SHA-256 (hex) of a JSON value, compact and with sorted keys.

    For strings, booleans, null and whole numbers under ASCII keys this is the JSON Canonicalization
    Scheme (RFC 8785); a fraction is written as Python does, which differs below 1e-4 and from 1e16 on.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
