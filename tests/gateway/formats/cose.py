"""What the tests of COSE share: messages, good and bad, written by the other library."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, Final

import cbor2

from gateway.demo.issuer import Issuer, base64url, key_kind, sign

if TYPE_CHECKING:
    from collections.abc import Mapping

ALGORITHMS: Final = {"Ed25519": -8, "P-256": -7, "P-384": -35, "RSA": -257}
SIGN1: Final = b"\xd2"


def message(
    issuer: Issuer,
    payload: Any,
    /,
    *,
    protected: Mapping[Any, Any] | bytes | None = None,
    unprotected: Mapping[Any, Any] | None = None,
    tag: bytes = SIGN1,
) -> bytes:
    """Return a COSE_Sign1; `protected` goes over its own header, or in its place where it is octets."""
    octets = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    if isinstance(protected, bytes):
        encoded = protected
    else:
        header = {1: ALGORITHMS[key_kind(issuer.key)], 16: "application/vc+cose", **(protected or {})}
        encoded = cbor2.dumps({label: value for label, value in header.items() if value is not None})
    hints = {4: issuer.jose_method.encode()} if unprotected is None else dict(unprotected)
    signature = sign(issuer.key, cbor2.dumps(["Signature1", encoded, b"", octets]))
    return tag + cbor2.dumps([encoded, hints, octets, signature])


def text(octets: bytes) -> str:
    """Return a message as text."""
    return base64url(octets)


def envelope(octets: bytes, kind: str = "vc", name: str = "Credential") -> dict[str, Any]:
    """Return a message in its envelope."""
    return {
        "@context": "https://www.w3.org/ns/credentials/v2",
        "type": f"EnvelopedVerifiable{name}",
        "id": f"data:application/{kind}+cose;base64,{base64.b64encode(octets).decode()}",
    }
