"""base64url without padding (RFC 4648, section 5), decoded strictly."""

from __future__ import annotations

import base64
import binascii


def decode(text: str) -> bytes:
    """Return the octets that `text` encodes; one octet string has exactly one accepted spelling.

    RFC 7515, section 2, forbids padding, white space and line breaks; trailing bits that are not
    zero would let one signature be written in several ways (RFC 4648, section 3.5).

    Raises:
        ValueError: `text` is not the canonical encoding of anything.
    """
    try:
        octets = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        message = "not base64url"
        raise ValueError(message) from None
    if encode(octets) != text:
        message = "not canonical base64url without padding"
        raise ValueError(message)
    return octets


def encode(octets: bytes) -> str:
    """Return `octets` in base64url without padding."""
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")
