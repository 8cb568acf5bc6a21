"""A certification authority for tests: certificates of every good and bad shape, each key its own."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from resolvers import certificates

if TYPE_CHECKING:
    from resolvers.certificates import Certificate

START: Final = datetime(2025, 1, 1, tzinfo=UTC)
END: Final = datetime(2027, 1, 1, tzinfo=UTC)

_USES: Final = dict.fromkeys(
    [
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    ],
    False,
)


def usage(*uses: str) -> x509.KeyUsage:
    """Return a key usage extension with those bits set."""
    return x509.KeyUsage(**{**_USES, **dict.fromkeys(uses, True)})


def authority_extensions(path_length: int | None = None) -> tuple[tuple[x509.ExtensionType, bool], ...]:
    """Return what makes a certificate that of an authority."""
    return ((x509.BasicConstraints(ca=True, path_length=path_length), True), (usage("key_cert_sign"), True))


def name(common_name: str, organization_identifier: str | None = None) -> x509.Name:
    """Return a distinguished name."""
    attributes = [x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
    if organization_identifier is not None:
        attributes.append(x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, organization_identifier))
    return x509.Name(attributes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Certified:
    """A key with its certificate, and the certificates that lead from it to the root, root last."""

    key: Any
    certificate: x509.Certificate
    above: tuple[x509.Certificate, ...] = ()

    @property
    def read(self) -> Certificate:
        """The certificate as the gateway reads it."""
        return certificates.read(self.der[0])

    @property
    def der(self) -> tuple[bytes, ...]:
        """The chain in DER, leaf first, without the root."""
        return tuple(one.public_bytes(Encoding.DER) for one in (self.certificate, *self.above[:-1]))

    @property
    def others(self) -> tuple[Certificate, ...]:
        """The chain without leaf and root, as the gateway reads it."""
        return tuple(certificates.read(der) for der in self.der[1:])


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """What goes into a certificate; a test changes one thing of it."""

    subject: x509.Name = field(default_factory=lambda: name("University Seal", "VATES-A00000000"))
    extensions: tuple[tuple[x509.ExtensionType, bool], ...] = (
        (usage("digital_signature", "content_commitment"), True),
    )
    start: datetime = START
    end: datetime = END
    algorithm: Any = field(default_factory=hashes.SHA256)

    def signed(self, key: Any, issuer: Certified | None) -> Certified:
        """Return `key` certified by `issuer`, or by itself."""
        builder = (
            x509.CertificateBuilder()
            .subject_name(self.subject)
            .issuer_name(self.subject if issuer is None else issuer.certificate.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.start)
            .not_valid_after(self.end)
        )
        for extension, critical in self.extensions:
            builder = builder.add_extension(extension, critical)
        certificate = builder.sign(key if issuer is None else issuer.key, self.algorithm)
        above = () if issuer is None else (issuer.certificate, *issuer.above)
        return Certified(key=key, certificate=certificate, above=above)


AUTHORITY: Final = Template(
    subject=name("Test Authority"), extensions=authority_extensions(), end=END + timedelta(days=3650)
)


def root() -> Certified:
    """Return a new root authority."""
    return AUTHORITY.signed(ec.generate_private_key(ec.SECP256R1()), None)


def between(issuer: Certified, **changes: Any) -> Certified:
    """Return an authority under `issuer`."""
    template = replace(AUTHORITY, **{"subject": name("Issuing Authority"), **changes})
    return template.signed(ec.generate_private_key(ec.SECP256R1()), issuer)


def seal(issuer: Certified, *, key: Any = None, **changes: Any) -> Certified:
    """Return a certificate for seals under `issuer`, with changes to its `Template`."""
    return Template(**changes).signed(key or ec.generate_private_key(ec.SECP256R1()), issuer)


def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    """Return an RSA key."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)
