"""A certificate counts for what an authority that the operator configured says with it, and for nothing else."""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given, settings
from hypothesis import strategies as st

from resolvers import certificates
from resolvers.model import KeyType
from resolvers.problems import Invalid, Unavailable
from tests.certified import (
    AUTHORITY,
    END,
    START,
    Certified,
    authority_extensions,
    between,
    name,
    root,
    rsa_key,
    seal,
    usage,
)
from tests.shared import vector

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resolvers.certificates import Certificate

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
ROOT = root()
INTERMEDIATE = between(ROOT)
SEAL = seal(INTERMEDIATE)
UNKNOWN_CRITICAL = (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.99999.1"), b"\x05\x00"), True)
NAMES = x509.SubjectAlternativeName(
    [x509.DNSName("university.example"), x509.UniformResourceIdentifier("https://university.example/issuer")]
)


def follow(leaf: Certified, *anchors: Certified, at: datetime = AT, **options: Any) -> tuple[Certificate, ...]:
    """Follow a certificate with its chain to the anchors, by default the root."""
    believed = [anchor.read for anchor in anchors or (ROOT,)]
    return certificates.validate(leaf.read, leaf.others, believed, at=at, **options)


def refusal(leaf: Certified, *anchors: Certified, **options: Any) -> str:
    """Return the code with which a path is found to be wrong."""
    with pytest.raises(Invalid) as refused:
        follow(leaf, *anchors, **options)
    return refused.value.problem.code


class TestAPath:
    """From the leaf to an anchor."""

    def test_leads_to_the_root(self) -> None:
        """The path holds the leaf first, the anchor last, and what came along between them."""
        assert (SEAL.read, INTERMEDIATE.read, ROOT.read) == follow(SEAL)

    def test_ends_at_the_first_anchor(self) -> None:
        """An intermediate authority, or the leaf itself, can be what the operator believes."""
        assert (SEAL.read, INTERMEDIATE.read) == follow(SEAL, INTERMEDIATE)
        assert (SEAL.read,) == follow(SEAL, SEAL)

    def test_finds_its_way_among_what_is_of_no_use(self) -> None:
        """Certificates that belong to others do not get in the way, in whatever order they come."""
        others = [seal(root()).read, SEAL.read, INTERMEDIATE.read]
        assert (SEAL.read, INTERMEDIATE.read, ROOT.read) == certificates.validate(
            SEAL.read, others, [root().read, ROOT.read], at=AT
        )

    @pytest.mark.parametrize("moment", [START, END])
    def test_is_valid_at_both_ends_of_its_period(self, moment: datetime) -> None:
        """The period has both `notBefore` and `notAfter` in it."""
        assert len(follow(SEAL, at=moment)) == 3

    @pytest.mark.parametrize(
        "make", [rsa_key, ed25519.Ed25519PrivateKey.generate, lambda: ec.generate_private_key(ec.SECP521R1())]
    )
    def test_certifies_keys_of_every_kind_that_signs(self, make: Any) -> None:
        """Whatever key a record may be signed with can be certified."""
        assert len(follow(seal(INTERMEDIATE, key=make()))) == 3

    def test_may_name_policies_critically(self) -> None:
        """Certificate policies are no reason for refusal, since none is asked for."""
        policies = x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier("0.4.0.194112.1.1"), None)])
        authority = between(ROOT, extensions=(*authority_extensions(), (policies, True)))
        assert len(follow(seal(authority, extensions=((policies, True),)))) == 3


class TestWhatLeadsNowhere:
    """Nobody who is believed says anything: that is not known, and not wrong."""

    @pytest.mark.parametrize("anchors", [(), (ROOT,), (seal(ROOT),)])
    def test_is_not_known(self, anchors: Sequence[Certified]) -> None:
        """Without an anchor, or with another one, the certificate is untrusted."""
        stranger = replace(AUTHORITY, subject=name("Stranger")).signed(ROOT.key, None)
        with pytest.raises(Unavailable) as refused:
            certificates.validate(seal(stranger).read, [stranger.read], [one.read for one in anchors], at=AT)
        assert refused.value.problem.code == "certificate-untrusted"

    def test_lacks_what_would_lead_on(self) -> None:
        """Certificates that are missing are never fetched."""
        with pytest.raises(Unavailable) as refused:
            certificates.validate(SEAL.read, [], [ROOT.read], at=AT)
        assert refused.value.problem.code == "certificate-untrusted"

    def test_goes_in_a_circle(self) -> None:
        """Two authorities that certify each other lead to nobody."""
        one, other = root(), root()
        crossed = between(one, subject=name("A"))
        back = between(crossed, subject=name("Test Authority"))
        leaf = seal(back)
        with pytest.raises(Unavailable) as refused:
            certificates.validate(leaf.read, [crossed.read, back.read], [between(other, subject=name("B")).read], at=AT)
        assert refused.value.problem.code == "certificate-untrusted"


class TestWhatIsWrong:
    """A name leads to an anchor, and what it leads over is not in order."""

    def test_forged_by_name(self) -> None:
        """Whoever takes the name of an authority does not have its key."""
        assert refusal(seal(root()), ROOT) == "certificate-path-invalid"

    def test_after_its_end_and_before_its_start(self) -> None:
        """Every certificate of the path has to be valid at the instant."""
        assert refusal(SEAL, at=END + timedelta(seconds=1)) == "certificate-expired"
        assert refusal(SEAL, at=START - timedelta(seconds=1)) == "certificate-not-yet-valid"
        assert refusal(seal(between(ROOT, end=AT - timedelta(days=1)))) == "certificate-expired"
        assert refusal(SEAL, INTERMEDIATE, at=END + timedelta(days=4000)) == "certificate-expired"

    def test_a_forgery_that_has_also_expired(self) -> None:
        """That the certificate was valid once is only said of one that was."""
        assert refusal(seal(root()), ROOT, at=END + timedelta(days=1)) == "certificate-path-invalid"

    def test_an_older_anchor_of_the_same_name_is_no_obstacle(self) -> None:
        """An authority that has a new key is followed to the key that signed."""
        old = replace(AUTHORITY, end=AT - timedelta(days=1)).signed(rsa_key(), None)
        assert len(follow(SEAL, old, ROOT)) == 3

    @pytest.mark.parametrize(
        "extensions",
        [
            (),
            ((x509.BasicConstraints(ca=False, path_length=None), True),),
            ((x509.BasicConstraints(ca=True, path_length=None), True), (usage("digital_signature"), True)),
            (*authority_extensions(), UNKNOWN_CRITICAL),
            (*authority_extensions(), (x509.PolicyConstraints(0, None), True)),
            (*authority_extensions(), (x509.NameConstraints([x509.DNSName("other.example")], None), True)),
        ],
        ids=["no basic constraints", "no CA", "no keyCertSign", "unknown critical", "policies required", "other names"],
    )
    def test_an_authority_that_may_not(self, extensions: Any) -> None:
        """What is not an authority, or not one for this name, certifies nothing."""
        authority = between(ROOT, extensions=extensions)
        leaf = seal(authority, extensions=((usage("digital_signature"), True), (NAMES, False)))
        assert refusal(leaf) == "certificate-path-invalid"

    def test_a_path_that_is_too_long(self) -> None:
        """An authority may limit how many others stand below it."""
        limited = between(ROOT, subject=name("Limited"), extensions=authority_extensions(0))
        assert len(follow(seal(limited))) == 3
        assert refusal(seal(between(limited))) == "certificate-path-invalid"

    @pytest.mark.parametrize(
        "extensions",
        [
            (UNKNOWN_CRITICAL,),
            ((usage("key_agreement"), True),),
            ((x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), True),),
            ((x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), False),),
        ],
        ids=["unknown critical", "key agreement", "time-stamps", "status answers"],
    )
    def test_a_leaf_that_may_not_sign_records(self, extensions: Any) -> None:
        """A certificate for another use does not sign a record."""
        assert refusal(seal(INTERMEDIATE, extensions=extensions)) == "certificate-path-invalid"

    def test_a_leaf_that_certifies(self) -> None:
        """The holder of a certificate for seals cannot make certificates for others."""
        assert refusal(seal(SEAL)) == "certificate-path-invalid"

    def test_weak_hashes(self) -> None:
        """A certificate signed over SHA-1 could have been made by somebody else; SHA-224 is not on the list either."""
        anchor, weak = certificates.from_pem(_SHA1.encode())
        with pytest.raises(Invalid) as refused:
            certificates.validate(weak, [], [anchor], at=datetime(2030, 1, 1, tzinfo=UTC))
        assert refused.value.problem.code == "certificate-path-invalid"
        assert refusal(seal(ROOT, algorithm=hashes.SHA224())) == "certificate-path-invalid"

    def test_weak_keys(self) -> None:
        """An authority with an RSA key of 1,024 bits certifies nothing, and such a key signs nothing."""
        weak = AUTHORITY.signed(rsa_key(1024), None)
        assert refusal(seal(weak), weak) == "certificate-path-invalid"
        with pytest.raises(Invalid) as refused:
            seal(ROOT, key=rsa_key(1024)).read.public_key()
        assert refused.value.problem.code == "INVALID_VERIFICATION_METHOD"

    def test_a_certificate_without_the_purpose(self) -> None:
        """A time-stamping certificate has that one purpose alone, and critically."""
        stamping = ExtendedKeyUsageOID.TIME_STAMPING
        only = x509.ExtendedKeyUsage([stamping])
        both = x509.ExtendedKeyUsage([stamping, ExtendedKeyUsageOID.CLIENT_AUTH])
        assert len(follow(seal(INTERMEDIATE, extensions=((only, True),)), purpose=stamping)) == 3
        for extensions in ((), ((only, False),), ((both, True),)):
            assert refusal(seal(INTERMEDIATE, extensions=extensions), purpose=stamping) == "certificate-path-invalid"


class TestReading:
    """What a certificate says."""

    def test_names_and_statements(self) -> None:
        """The names by which an issuer can be bound are read, and the QCStatements are named."""
        statements = bytes.fromhex("30153008060604008e4601013009060704008e46010602")
        read = seal(
            ROOT,
            extensions=(
                (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.5.5.7.1.3"), statements), False),
                (NAMES, False),
            ),
        ).read
        assert read.organization_identifiers == ("VATES-A00000000",)
        assert read.common_names == ("University Seal",)
        assert read.statements == ("0.4.0.1862.1.1", "0.4.0.1862.1.6.2")
        assert read.dns_names == ("university.example",)
        assert read.uris == ("https://university.example/issuer",)

    @pytest.mark.parametrize("statements", ["", "3000ff", "3003020101", "30", "3084", "30053003060200", "300430020600"])
    def test_malformed_statements(self, statements: str) -> None:
        """An extension that is cut off or of another shape makes the certificate unreadable, and never raises else."""
        oid = x509.ObjectIdentifier("1.3.6.1.5.5.7.1.3")
        extension = x509.UnrecognizedExtension(oid, bytes.fromhex(statements))
        with pytest.raises(Invalid) as refused:
            certificates.read(seal(ROOT, extensions=((extension, False),)).der[0])
        assert refused.value.problem.code == "certificate-malformed"

    @pytest.mark.parametrize("tag", [0xA3, 0xA5], ids=["x400Address", "ediPartyName"])
    def test_names_that_the_library_does_not_know(self, tag: int) -> None:
        """Its own refusal of such an alternative name, which is no ValueError, makes the certificate unreadable."""
        extension = x509.UnrecognizedExtension(x509.SubjectAlternativeName.oid, bytes([0x30, 5, tag, 3, 0x30, 1, 0]))
        with pytest.raises(Invalid) as refused:
            certificates.read(seal(ROOT, extensions=((extension, False),)).der[0])
        assert refused.value.problem.code == "certificate-malformed"

    @settings(max_examples=60)
    @given(st.integers(0, 10_000), st.binary(max_size=4))
    def test_spoiled_octets_never_raise_anything_else(self, position: int, octets: bytes) -> None:
        """Whatever is changed in a certificate, it can be read or it is malformed."""
        der = SEAL.der[0]
        at = position % len(der)
        with suppress(Invalid, Unavailable):
            read = certificates.read(der[:at] + octets + der[at + len(octets) :])
            read.public_key()
            certificates.validate(read, [INTERMEDIATE.read], [ROOT.read], at=AT)
            assert read == SEAL.read

    @pytest.mark.parametrize(
        "value", [None, "MII", [], [1], ["%%%"], [""], ["AA", "AA"] * 9, ["MIIB" * 20_000], [["a"]]]
    )
    def test_x5c_is_an_array_of_base64(self, value: Any) -> None:
        """Anything else than some certificates is refused."""
        with pytest.raises(Invalid) as refused:
            [certificates.read(der) for der in certificates.from_x5c(value)]
        assert refused.value.problem.code == "certificate-malformed"

    def test_x5c_keeps_its_order(self) -> None:
        """The leaf is the first."""
        assert certificates.from_x5c([base64.b64encode(der).decode() for der in SEAL.der]) == SEAL.der

    def test_a_pem_file_holds_certificates(self) -> None:
        """A file of anchors is read whole or refused."""
        pem = SEAL.certificate.public_bytes(Encoding.PEM) + ROOT.certificate.public_bytes(Encoding.PEM)
        assert (SEAL.read, ROOT.read) == certificates.from_pem(pem)
        for text in (b"", b"hello", pem.replace(b"MII", b"AAA")):
            with pytest.raises(Invalid) as refused:
                certificates.from_pem(text)
            assert refused.value.problem.code == "certificate-malformed"

    @pytest.mark.parametrize(
        ("make", "kind"),
        [
            (rsa_key, KeyType.RSA),
            (ed25519.Ed25519PrivateKey.generate, KeyType.ED25519),
            (lambda: ec.generate_private_key(ec.SECP256R1()), KeyType.P256),
            (lambda: ec.generate_private_key(ec.SECP384R1()), KeyType.P384),
            (lambda: ec.generate_private_key(ec.SECP521R1()), KeyType.P521),
        ],
    )
    def test_the_certified_key(self, make: Any, kind: KeyType) -> None:
        """The key is of its type."""
        assert seal(ROOT, key=make()).read.public_key().type is kind

    @pytest.mark.parametrize("make", [ed448.Ed448PrivateKey.generate, lambda: ec.generate_private_key(ec.SECP192R1())])
    def test_a_key_of_an_unknown_type(self, make: Any) -> None:
        """A key that nothing is verified with here is not known to be wrong."""
        with pytest.raises(Unavailable) as refused:
            seal(ROOT, key=make()).read.public_key()
        assert refused.value.problem.code == "unsupported-key-type"


@pytest.mark.shared
def test_the_european_sample_leads_to_the_authority_that_came_with_it() -> None:
    """A qualified seal of the field is followed to its authority, but to nobody else, and not after its end."""
    signature = vector("european-digital-credentials/Sample-CertOfPart-signed.jsonld")["signatures"][0]
    header = json.loads(base64.urlsafe_b64decode(signature["protected"] + "=="))
    leaf = certificates.read(certificates.from_x5c(header["x5c"])[0])
    values = [json.loads(base64.urlsafe_b64decode(one + "==")) for one in signature["header"]["etsiU"]]
    brought = next(value["xVals"] for value in values if "xVals" in value)
    others = [certificates.read(certificates.from_base64(one["x509Cert"]["val"])) for one in brought]
    anchors = [one for one in others if one.subject == leaf.issuer]
    assert leaf.organization_identifiers == ("VATES-A00000000",)
    assert len(certificates.validate(leaf, others, anchors, at=datetime(2024, 1, 1, tzinfo=UTC))) == 2
    with pytest.raises(Invalid) as refused:
        certificates.validate(leaf, others, anchors, at=AT)
    assert refused.value.problem.code == "certificate-expired"
    with pytest.raises(Unavailable) as unknown:
        certificates.validate(leaf, others, [ROOT.read], at=datetime(2024, 1, 1, tzinfo=UTC))
    assert unknown.value.problem.code == "certificate-untrusted"


_SHA1 = """
-----BEGIN CERTIFICATE-----
MIIBbTCCAROgAwIBAgIUSLMFclRzj+Jpg/KxsWROr/U2pcYwCgYIKoZIzj0EAwIw
DDEKMAgGA1UEAwwBUjAeFw0yNjExMjMxNTU5MjdaFw0zNjExMjAxNTU5MjdaMAwx
CjAIBgNVBAMMAVIwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARrnBBf5H/MZHKc
04ARbynJhIaL8fes51I27fUhX7y8FvTX/oCZHJPPSu1hJdjryrdAJwOshE3SX1Eu
azt3WlKZo1MwUTAdBgNVHQ4EFgQUxSQcuE48+ODrTN5Hwlpb6hF9zH4wHwYDVR0j
BBgwFoAUxSQcuE48+ODrTN5Hwlpb6hF9zH4wDwYDVR0TAQH/BAUwAwEB/zAKBggq
hkjOPQQDAgNIADBFAiEAsiomMeXy2pvBWwUYefZ5xlJ3RSPN7uDnELe+vO/pHj8C
IFNVrKscdh5TV+sA4FGz04VvYn/27zbc5Y0BQbgwPSa/
-----END CERTIFICATE-----
-----BEGIN CERTIFICATE-----
MIH9MIGlAgECMAkGByqGSM49BAEwDDEKMAgGA1UEAwwBUjAeFw0yNjExMjMxNTU5
MjdaFw0zNTAyMDkxNTU5MjdaMAwxCjAIBgNVBAMMAUwwWTATBgcqhkjOPQIBBggq
hkjOPQMBBwNCAARrnBBf5H/MZHKc04ARbynJhIaL8fes51I27fUhX7y8FvTX/oCZ
HJPPSu1hJdjryrdAJwOshE3SX1Euazt3WlKZMAkGByqGSM49BAEDSAAwRQIgIpAl
dJU52HB7PoWqThrnIEpo1m/VbRXnKqc85p1lZRkCIQDyHCSVnSsApgFzDdiYVCrd
HkjnwS9edgJ3RqKkTxw8/A==
-----END CERTIFICATE-----
"""
"""An anchor, and a certificate under it whose signature is over SHA-1 (made with openssl)."""
