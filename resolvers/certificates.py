"""X.509 certificates: read strictly, and followed to an anchor that the operator has configured (RFC 5280).

The path is validated by `cryptography.x509.verification`: signatures, names, validity, basic constraints,
path length, name constraints and critical extensions, with SHA-1 and MD5 nowhere. It can do so without
the rules of the web (no host name, no `serverAuth`, no 398 days) since its extension policies can be
replaced; what RFC 5280 adds about key usage is said here. Revocation is not looked up.

Why a path is refused is found out here by itself: the library says so in prose alone.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509 import verification
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from resolvers import key_material
from resolvers.model import KeyType
from resolvers.problems import Invalid, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from resolvers.model import PublicKey

MAX_CERTIFICATES: Final = 16
"""Certificates that one record may bring along; a seal with its long-term material has some six."""
MAX_BYTES: Final = 16_384
"""Octets of the largest certificate that is read; a qualified one has about 2,000."""
MAX_PATH: Final = 6
"""Certificates between the leaf and its anchor."""

_REFUSALS: Final = (x509.DuplicateExtension, x509.InvalidVersion, x509.UnsupportedGeneralNameType)
"""What the library raises beside ValueError, from which these do not descend."""
_QC_STATEMENTS: Final = x509.ObjectIdentifier("1.3.6.1.5.5.7.1.3")
_CURVES: Final = {"secp256r1": KeyType.P256, "secp384r1": KeyType.P384, "secp521r1": KeyType.P521}
_ONLY_FOR_SERVICES: Final = frozenset({ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.OCSP_SIGNING})
"""Purposes of certificates that vouch for a time or a status, and never for a record."""
_SEQUENCE: Final = 0x30
_OBJECT_IDENTIFIER: Final = 0x06


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate that could be read. Nobody vouches for what it says until a path leads to an anchor."""

    der: bytes = field(repr=False)
    parsed: x509.Certificate = field(repr=False, compare=False)
    extensions: x509.Extensions = field(repr=False, compare=False)
    sha256: str
    """Of the DER, in hex."""
    subject: str
    """RFC 4514."""
    issuer: str
    not_before: datetime
    not_after: datetime
    common_names: tuple[str, ...]
    organizations: tuple[str, ...]
    countries: tuple[str, ...]
    organization_identifiers: tuple[str, ...]
    """`organizationIdentifier` (2.5.4.97), such as VATES-A00000000 (ETSI EN 319 412-1, section 5.1.4)."""
    dns_names: tuple[str, ...]
    """Of the subject alternative name; also `uris`."""
    uris: tuple[str, ...]
    statements: tuple[str, ...]
    """The QCStatements it has (ETSI EN 319 412-5), as dotted OIDs: 0.4.0.1862.1.1 calls it qualified."""

    def public_key(self) -> PublicKey:
        """Return the certified key, checked like any other.

        Raises:
            Invalid: `INVALID_VERIFICATION_METHOD`: a key that no honest signer has.
            Unavailable: `unsupported-key-type`.
        """
        try:
            key = self.parsed.public_key()
        except (ValueError, UnsupportedAlgorithm):
            raise Unavailable("unsupported-key-type", "the certified key cannot be read") from None
        if isinstance(key, rsa.RSAPublicKey):
            numbers = key.public_numbers()
            return key_material.rsa_key(numbers.n, numbers.e, jwk=False)
        if isinstance(key, ed25519.Ed25519PublicKey):
            return key_material.ed25519_key(key.public_bytes(Encoding.Raw, PublicFormat.Raw))
        if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in _CURVES:
            octets = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
            return key_material.point(_CURVES[key.curve.name], key.curve, octets, jwk=False)
        raise Unavailable("unsupported-key-type", "the certificate is for a key of another type")


def read(der: bytes) -> Certificate:
    """Read one certificate in DER.

    Raises:
        Invalid: `certificate-malformed`.
    """
    if len(der) > MAX_BYTES:
        raise _malformed(f"a certificate may have {MAX_BYTES} bytes")
    try:
        parsed = x509.load_der_x509_certificate(der)
        extensions = parsed.extensions
        if parsed.serial_number <= 0:
            raise _malformed("the serial number is not positive (RFC 5280, section 4.1.2.2)")
        names = _alternative_names(extensions)
        return Certificate(
            der=der,
            parsed=parsed,
            extensions=extensions,
            sha256=hashlib.sha256(der).hexdigest(),
            subject=parsed.subject.rfc4514_string(),
            issuer=parsed.issuer.rfc4514_string(),
            not_before=parsed.not_valid_before_utc,
            not_after=parsed.not_valid_after_utc,
            common_names=_attributes(parsed.subject, NameOID.COMMON_NAME),
            organizations=_attributes(parsed.subject, NameOID.ORGANIZATION_NAME),
            countries=_attributes(parsed.subject, NameOID.COUNTRY_NAME),
            organization_identifiers=_attributes(parsed.subject, NameOID.ORGANIZATION_IDENTIFIER),
            dns_names=tuple(names.get_values_for_type(x509.DNSName)),
            uris=tuple(names.get_values_for_type(x509.UniformResourceIdentifier)),
            statements=tuple(_statements(extensions)),
        )
    except (ValueError, TypeError, UnsupportedAlgorithm, *_REFUSALS):
        raise _malformed("not an X.509 certificate") from None
    except CryptographyDeprecationWarning:  # where warnings are errors; else what it is about is refused above
        raise _malformed("a certificate of a kind that is read no longer") from None


def from_x5c(value: Any) -> tuple[bytes, ...]:
    """Return the chain of an `x5c` header parameter or member in DER, leaf first.

    "Each string in the array is a base64-encoded (Section 4 of [RFC4648] -- not base64url-encoded) DER
    [ITU.X690.2008] PKIX certificate value." (RFC 7515, section 4.1.6)

    Raises:
        Invalid: `certificate-malformed`.
    """
    if not isinstance(value, list) or not 0 < len(value) <= MAX_CERTIFICATES:
        raise _malformed(f"x5c is not an array of 1 to {MAX_CERTIFICATES} certificates")
    return tuple(from_base64(text) for text in value)


def from_base64(text: Any) -> bytes:
    """Return the octets of a certificate in base64.

    Raises:
        Invalid: `certificate-malformed`.
    """
    if not isinstance(text, str) or len(text) > 2 * MAX_BYTES:
        raise _malformed("a certificate is a string of base64")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise _malformed("a certificate is not base64") from None


def from_pem(text: bytes) -> tuple[Certificate, ...]:
    """Read every certificate of a PEM file, such as an operator's list of anchors.

    Raises:
        Invalid: `certificate-malformed`: one cannot be read, or there is none.
    """
    try:
        found = x509.load_pem_x509_certificates(text)
    except ValueError:
        raise _malformed("not certificates in PEM") from None
    return tuple(read(certificate.public_bytes(Encoding.DER)) for certificate in found)


def validate(
    leaf: Certificate,
    others: Sequence[Certificate],
    anchors: Sequence[Certificate],
    *,
    at: datetime,
    purpose: x509.ObjectIdentifier | None = None,
) -> tuple[Certificate, ...]:
    """Follow `leaf` to one of `anchors`, and return the path: leaf first, anchor last.

    A leaf that is itself an anchor is its own path.

    Args:
        leaf: the certificate of the key that signed.
        others: what came along with it; none of it is believed.
        anchors: what the operator believes.
        at: the instant at which every certificate of the path has to be valid.
        purpose: the extended key usage that the leaf must have, such as `timeStamping`; None for the
            signature of a record, for which X.509 defines none.

    Raises:
        Unavailable: `certificate-untrusted`: no name leads to an anchor.
        Invalid: `certificate-expired`, `certificate-not-yet-valid`; `certificate-path-invalid`: names lead
            to an anchor, but signatures, constraints or uses do not.
    """
    try:
        path = _followed(leaf, others, anchors, at)
    except verification.VerificationError as refused:
        raise _reason(leaf, others, anchors, at, str(refused)) from None
    _check_uses(leaf, purpose)
    return path


def _followed(
    leaf: Certificate, others: Sequence[Certificate], anchors: Sequence[Certificate], at: datetime
) -> tuple[Certificate, ...]:
    """Return the path that the library finds.

    Raises:
        verification.VerificationError: there is none.
    """
    if not anchors:
        message = "no anchors"
        raise verification.VerificationError(message)
    builder = (
        verification.PolicyBuilder()
        .store(verification.Store([anchor.parsed for anchor in anchors]))
        .time(at)
        .max_chain_depth(MAX_PATH)
        .extension_policies(ca_policy=_OF_AUTHORITIES, ee_policy=_OF_LEAVES)
    )
    found = builder.build_client_verifier().verify(leaf.parsed, [other.parsed for other in others])
    known = {certificate.der: certificate for certificate in (leaf, *others, *anchors)}
    return tuple(known[certificate.public_bytes(Encoding.DER)] for certificate in found.chain)


def _reason(
    leaf: Certificate, others: Sequence[Certificate], anchors: Sequence[Certificate], at: datetime, prose: str
) -> Invalid | Unavailable:
    """Say why there is no path: none by name, none at that time but at another, or none at all."""
    named = _named_path(leaf, others, anchors)
    if named is None:
        detail = f"no certificate leads from {leaf.issuer[:200]!r} to an authority that is configured here"
        return Unavailable("certificate-untrusted", detail)
    start, end = max(one.not_before for one in named), min(one.not_after for one in named)
    # Both ends are part of the period (RFC 5280, section 4.1.2.5).
    for code, moment, passed in (
        ("certificate-expired", end, at > end),
        ("certificate-not-yet-valid", start, at < start),
    ):
        if passed:
            with suppress(verification.VerificationError):
                _followed(leaf, others, anchors, moment)
                return Invalid(code, f"the certificates are valid together from {start:%F} to {end:%F}")
    return Invalid("certificate-path-invalid", prose[:300])


def _named_path(
    leaf: Certificate, others: Sequence[Certificate], anchors: Sequence[Certificate]
) -> list[Certificate] | None:
    """Return the shortest path by names alone, which says why there is none, or what ails it."""
    believed = {anchor.der for anchor in anchors}
    paths, seen = [[leaf]], {leaf.der}
    for _ in range(MAX_PATH + 1):
        longer = []
        for path in paths:
            if path[-1].der in believed:
                return path
            for issuer in (*anchors, *others):
                if issuer.parsed.subject == path[-1].parsed.issuer and issuer.der not in seen:
                    seen.add(issuer.der)
                    longer.append([*path, issuer])
        paths = longer
    return next((path for path in paths if path[-1].der in believed), None)


def _check_uses(leaf: Certificate, purpose: x509.ObjectIdentifier | None) -> None:
    """Check what the leaf's key may be used for, as far as it says so (RFC 5280, sections 4.2.1.3 and 4.2.1.12)."""
    for extension in leaf.extensions:
        value = extension.value
        if isinstance(value, x509.KeyUsage) and not (value.digital_signature or value.content_commitment):
            raise Invalid("certificate-path-invalid", "the certified key may not be used for signatures")
        if isinstance(value, x509.ExtendedKeyUsage) and purpose is None and _ONLY_FOR_SERVICES.issuperset(value):
            raise Invalid("certificate-path-invalid", "the certified key is for time-stamps or status answers alone")
    # "The corresponding certificate MUST contain only one instance of the extended key usage field extension",
    # which "MUST be critical" (RFC 3161, section 2.3); the library has no purpose of the caller's to check.
    if purpose is not None and not any(
        extension.critical and isinstance(extension.value, x509.ExtendedKeyUsage) and list(extension.value) == [purpose]
        for extension in leaf.extensions
    ):
        raise Invalid("certificate-path-invalid", f"the certificate is not for {purpose.dotted_string} alone")


def _signs_certificates(
    _policy: verification.Policy, _authority: x509.Certificate, usage: x509.KeyUsage | None
) -> None:
    """Refuse an authority whose key may not sign certificates.

    "If a key usage extension is present, verify that the keyCertSign bit is set." (RFC 5280, section 6.1.4 (n))
    """
    if usage is not None and not usage.key_cert_sign:
        message = "the key of an authority may not sign certificates"
        raise ValueError(message)


_ANY: Final = verification.Criticality.AGNOSTIC
# No policy is required of a path, and `policyConstraints`, by which a CA would require one, is refused
# where it is critical: so certificate policies need not be processed (RFC 5280, section 6.1.1 (c) to (e)).
_OF_AUTHORITIES: Final = (
    verification.ExtensionPolicy.permit_all()
    .require_present(x509.BasicConstraints, _ANY, None)
    .may_be_present(x509.KeyUsage, _ANY, _signs_certificates)
    .may_be_present(x509.CertificatePolicies, _ANY, None)
)
_OF_LEAVES: Final = verification.ExtensionPolicy.permit_all().may_be_present(x509.CertificatePolicies, _ANY, None)


def _attributes(name: x509.Name, kind: x509.ObjectIdentifier) -> tuple[str, ...]:
    return tuple(value for one in name.get_attributes_for_oid(kind) if isinstance(value := one.value, str))


def _alternative_names(extensions: x509.Extensions) -> x509.SubjectAlternativeName:
    try:
        return extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return x509.SubjectAlternativeName([])


def _statements(extensions: x509.Extensions) -> Iterator[str]:
    """Yield the OIDs of `QCStatements ::= SEQUENCE OF SEQUENCE { OBJECT IDENTIFIER, ANY OPTIONAL }` (RFC 3739).

    Raises:
        ValueError: it is not that.
    """
    try:
        extension = extensions.get_extension_for_oid(_QC_STATEMENTS).value
    except x509.ExtensionNotFound:
        return
    if not isinstance(extension, x509.UnrecognizedExtension):
        return
    (statements,) = _elements(extension.value)
    for statement in _elements(statements):
        yield _dotted(_element(statement, 0, _OBJECT_IDENTIFIER)[0])


def _elements(octets: bytes) -> Iterator[bytes]:
    position = 0
    while position < len(octets):
        content, position = _element(octets, position, _SEQUENCE)
        yield content


def _element(octets: bytes, position: int, tag: int) -> tuple[bytes, int]:
    """Return the content of the DER element at `position`, which has `tag`, and where the next one begins."""
    head = octets[position : position + 2]
    if len(head) < 2 or head[0] != tag:  # noqa: PLR2004 — one octet of tag, one of length
        message = "not the DER element that is expected"
        raise ValueError(message)
    start, length = position + 2, head[1]
    if length >= 0x80:  # noqa: PLR2004 — the long form: so many octets of length follow (X.690, section 8.1.3.5)
        size = length - 0x80
        length, start = int.from_bytes(octets[start : start + size], "big"), start + size
    if start + length > len(octets):
        message = "a DER element that is cut off"
        raise ValueError(message)
    return octets[start : start + length], start + length


def _dotted(content: bytes) -> str:
    """Return an object identifier in dotted form (X.690, section 8.19)."""
    numbers, value = [], 0
    for octet in content:
        value = value << 7 | octet & 0x7F
        if octet < 0x80:  # noqa: PLR2004 — the last octet of one number
            numbers.append(value)
            value = 0
    if not numbers:
        message = "an empty object identifier"
        raise ValueError(message)
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, (first, numbers[0] - 40 * first, *numbers[1:])))


def _malformed(detail: str) -> Invalid:
    return Invalid("certificate-malformed", detail)
