"""Time-stamp tokens (RFC 3161): who of those that the operator believes saw which octets, and when.

The token, a CMS structure, is read and its signature verified by rfc3161-client, which sigstore uses too.
The authority's certificate is followed by `resolvers.certificates`, at the instant of the verification:
a token whose authority's certificate has expired proves nothing by itself any more.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cryptography.x509.oid import ExtendedKeyUsageOID

from resolvers import certificates
from resolvers.problems import Invalid, Unavailable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from rfc3161_client import TimeStampResponse

    from resolvers.certificates import Certificate

MAX_BYTES: Final = 65_536
"""Octets of the largest token that is read; one with its authority's chain has about 6,000."""

_HASHES: Final = {
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
_GRANTED: Final = bytes.fromhex("3003020100")
"""`PKIStatusInfo` of a token that was granted (RFC 3161, section 2.4.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeStamp:
    """What a token says. Only one that `verify` returned proves it."""

    time: datetime
    authority: str
    """Subject of the authority's certificate (RFC 4514)."""


def verify(
    token: bytes, message: bytes, others: Sequence[Certificate], anchors: Sequence[Certificate], *, at: datetime
) -> TimeStamp:
    """Verify that the authority of `token` saw `message`.

    Args:
        token: the `TimeStampToken` in DER.
        message: the octets that are said to be stamped.
        others: certificates that came along beside those in the token.
        anchors: what the operator believes.
        at: the instant at which the authority's certificates have to be valid.

    Raises:
        Invalid: `timestamp-invalid`: it is over other octets, or its signature is another's.
        Unavailable: `timestamp-unverified`: it cannot be read, or its authority is not believed at that instant.
    """
    stamped = _read(token)
    if stamped.hash_name is None:
        raise Unavailable("timestamp-unverified", "the time-stamp is over a hash that is not accepted here")
    if hashlib.new(stamped.hash_name, message).digest() != stamped.digest:
        raise Invalid("timestamp-invalid", "the time-stamp is over other octets")
    if stamped.signer is None:
        raise Unavailable("timestamp-unverified", "the time-stamp does not have its authority's certificate with it")
    try:
        path = certificates.validate(
            stamped.signer, [*stamped.inside, *others], anchors, at=at, purpose=ExtendedKeyUsageOID.TIME_STAMPING
        )
    except (Invalid, Unavailable) as refused:
        raise Unavailable("timestamp-unverified", f"its authority: {refused.problem.detail}") from None
    _check_signature(stamped, path)
    return TimeStamp(time=stamped.time, authority=stamped.signer.subject)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Token:
    """A token that could be read; nothing of it is proven."""

    response: TimeStampResponse
    time: datetime
    hash_name: str | None
    digest: bytes
    inside: tuple[Certificate, ...]
    signer: Certificate | None


def _read(token: bytes) -> _Token:
    from rfc3161_client import decode_timestamp_response  # noqa: PLC0415 — a library that few records need

    if len(token) > MAX_BYTES:
        raise Unavailable("timestamp-unverified", f"a time-stamp token may have {MAX_BYTES} bytes")
    body = _GRANTED + token  # the library reads a token as it comes from an authority: in its answer
    try:
        response = decode_timestamp_response(b"\x30" + _length(len(body)) + body)
        info = response.tst_info
        inside = tuple(certificates.read(der) for der in sorted(response.signed_data.certificates))
        (signer,) = response.signed_data.signer_infos
        named = (signer.issuer, signer.serial_number)
        return _Token(
            response=response,
            time=info.gen_time,
            hash_name=_HASHES.get(info.message_imprint.hash_algorithm.dotted_string),
            digest=info.message_imprint.message,
            inside=inside,
            signer=next((one for one in inside if (one.parsed.issuer, one.parsed.serial_number) == named), None),
        )
    except (ValueError, KeyError, Invalid):
        # Not only what is none: the library reads DER alone, where CMS allows BER, and no newer versions (KeyError).
        raise Unavailable(
            "timestamp-unverified", "not a time-stamp token with one signature that can be read"
        ) from None


def _length(size: int) -> bytes:
    """Return a length in DER (X.690, section 8.1.3)."""
    if size < 0x80:  # noqa: PLR2004 — the short form
        return bytes([size])
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(octets)]) + octets


def _check_signature(token: _Token, path: Sequence[Certificate]) -> None:
    from rfc3161_client import VerificationError, VerifierBuilder  # noqa: PLC0415 — as above

    anchor = path[-1]
    builder = VerifierBuilder().tsa_certificate(path[0].parsed).add_root_certificate(anchor.parsed)
    for certificate in path[1:-1]:
        builder = builder.add_intermediate_certificate(certificate.parsed)
    try:
        builder.build().verify(token.response, token.digest)
    except (VerificationError, ValueError, KeyError) as refused:
        if anchor.subject != anchor.issuer:  # OpenSSL, below the library, believes self-signed roots alone
            raise Unavailable("timestamp-unverified", "its anchor is not a self-signed root") from None
        raise Invalid("timestamp-invalid", f"the time-stamp's signature: {str(refused)[:200]}") from None
