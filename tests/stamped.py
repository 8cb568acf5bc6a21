"""A time-stamping authority for tests (RFC 3161), whose clock is set by the test."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.certified import Certified, name, seal, usage

if TYPE_CHECKING:
    from datetime import datetime

STAMPING = (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), True)


def authority(issuer: Certified, **changes: Any) -> Certified:
    """Return a certificate for time-stamps under `issuer`."""
    extensions = {"extensions": ((usage("digital_signature"), True), STAMPING)}
    return seal(issuer, subject=name("Test Time"), **{**extensions, **changes})


def token(by: Certified, message: bytes, at: datetime, *, over: bytes | None = None) -> bytes:
    """Return a time-stamp token by `by` over `message`; its signature is over the time-stamp of `over` if given."""
    sha256 = _sequence(_oid("2.16.840.1.101.3.4.2.1"))

    def info(octets: bytes) -> bytes:
        return _sequence(
            _integer(1),
            _oid("1.3.6.1.4.1.99999.3"),
            _sequence(sha256, _octets(hashlib.sha256(octets).digest())),
            _integer(7),
            _element(0x18, at.strftime("%Y%m%d%H%M%SZ").encode()),
        )

    content, signed = info(message), info(message if over is None else over)
    attributes = sorted(
        [
            _attribute("1.2.840.113549.1.9.3", _oid("1.2.840.113549.1.9.16.1.4")),
            _attribute("1.2.840.113549.1.9.4", _octets(hashlib.sha256(signed).digest())),
        ]
    )
    signature = by.key.sign(_element(0x31, b"".join(attributes)), ec.ECDSA(hashes.SHA256()))
    certificate = by.certificate
    signer = _sequence(
        _integer(1),
        _sequence(certificate.issuer.public_bytes(), _integer(certificate.serial_number)),
        sha256,
        _element(0xA0, b"".join(attributes)),
        _sequence(_oid("1.2.840.10045.4.3.2")),
        _octets(signature),
    )
    chain = b"".join(sorted(one.public_bytes(Encoding.DER) for one in (certificate, *by.above)))
    data = _sequence(
        _integer(3),
        _element(0x31, sha256),
        _sequence(_oid("1.2.840.113549.1.9.16.1.4"), _element(0xA0, _octets(content))),
        _element(0xA0, chain),
        _element(0x31, signer),
    )
    return _sequence(_oid("1.2.840.113549.1.7.2"), _element(0xA0, data))


def _attribute(kind: str, value: bytes) -> bytes:
    return _sequence(_oid(kind), _element(0x31, value))


def _sequence(*parts: bytes) -> bytes:
    return _element(0x30, b"".join(parts))


def _octets(value: bytes) -> bytes:
    return _element(0x04, value)


def _integer(value: int) -> bytes:
    return _element(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _oid(dotted: str) -> bytes:
    first, second, *others = map(int, dotted.split("."))
    encoded = b""
    for number in (40 * first + second, *others):
        groups = [number & 0x7F]
        while number := number >> 7:
            groups.append(number & 0x7F | 0x80)
        encoded += bytes(reversed(groups))
    return _element(0x06, encoded)


def _element(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content
