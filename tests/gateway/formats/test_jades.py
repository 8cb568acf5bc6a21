"""European Digital Credentials: whatever is spoiled in one, it is refused, or it is not known to be anybody's."""

from __future__ import annotations

import base64
import copy
import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.formats.jades import PLUGIN
from gateway.model import Outcome, Presented
from gateway.normalizers import elm_3
from gateway.structure import check_structure
from resolvers import base64url, certificates
from resolvers.problems import Invalid
from tests.certified import AUTHORITY as TEMPLATE
from tests.certified import END, START, Certified, between, name, root, rsa_key, seal
from tests.gateway.proving import codes, proof_tools, proven, recognize
from tests.sealed import ORGANIZATION, diploma, sealed, stamped
from tests.shared import vector
from tests.stamped import authority, token

if TYPE_CHECKING:
    from gateway.canonical.rdf import RdfCanonicalizer
    from gateway.model import Proven, Verified
    from gateway.plugins import ProofTools

ROOT = root()
AUTHORITY = between(ROOT)
SEAL = seal(AUTHORITY)
CLOCK = authority(ROOT)
LATER = END + timedelta(days=365)
EARLIER = START - timedelta(days=1)
SEALED = datetime(2025, 9, 27, 12, 7, 4, tzinfo=UTC)

PASS, FAIL, INDETERMINATE = Outcome.PASS, Outcome.FAIL, Outcome.INDETERMINATE


def tools(canonicalizer: RdfCanonicalizer, *anchors: Certified, **changes: Any) -> ProofTools:
    """Return tools that believe those authorities, by default the root."""
    believed = tuple(anchor.read for anchor in anchors or (ROOT,))
    named = lambda _document: elm_3.PLUGIN.contexts  # noqa: E731 — a stand-in for the verifier's own
    return proof_tools(canonicalizer, **{"anchors": believed, "named_contexts": named, **changes})


def malformed(credential: Any) -> str:
    """Return the code with which a token is refused before anything is verified."""
    with pytest.raises(Invalid) as refused:
        recognize(credential)
    return refused.value.problem.code


def changed(credential: dict[str, Any], **members: Any) -> dict[str, Any]:
    """Return a copy with other members in its one signature."""
    copied = copy.deepcopy(credential)
    copied["signatures"][0].update(members)
    return copied


class TestASealThatVerifies:
    """Under an authority that the operator believes, by the legal person that the record names."""

    @pytest.mark.parametrize("flattened", [False, True])
    @pytest.mark.parametrize("encoded", [False, True])
    async def test_is_the_issuers(self, canonicalizer: RdfCanonicalizer, *, flattened: bool, encoded: bool) -> None:
        """In either serialization, over the text itself or its base64url; the issuer is who the certificate names."""
        credential = sealed(SEAL, flattened=flattened, encoded=encoded)
        found, verified = await proven(credential, tools(canonicalizer))
        assert (found.proof.outcome, found.issuer.outcome) == (PASS, PASS)
        assert verified is not None
        assert verified.issuer == ORGANIZATION
        assert verified.document == diploma()
        assert found.certificates == SEAL.der
        assert found.issuer.facts["basis"] == "x509"
        assert found.issuer.facts["anchor"] == ROOT.read.sha256
        assert found.issuer.facts["signingTime"] == {"claimed": "2025-09-27T12:07:01Z", "proven": None}
        assert [(proof.type, proof.alg, proof.outcome) for proof in found.proofs] == [("JAdES", "ES256", PASS)]

    @pytest.mark.parametrize(
        ("key", "algorithm"),
        [
            (rsa_key(), "RS256"),
            (rsa_key(), "PS256"),
            (ed25519.Ed25519PrivateKey.generate(), "EdDSA"),
            (ec.generate_private_key(ec.SECP384R1()), "ES384"),
            (ec.generate_private_key(ec.SECP521R1()), "ES512"),
        ],
        ids=["RS256", "PS256", "EdDSA", "ES384", "ES512"],
    )
    async def test_by_any_kind_of_key(self, canonicalizer: RdfCanonicalizer, key: Any, algorithm: str) -> None:
        """Every algorithm of a certified key verifies."""
        credential = sealed(seal(AUTHORITY, key=key), protected={"alg": algorithm})
        found, verified = await proven(credential, tools(canonicalizer))
        assert (found.proof.outcome, found.issuer.outcome, verified is not None) == (PASS, PASS, True)

    async def test_signs_the_text_as_it_is(self, canonicalizer: RdfCanonicalizer) -> None:
        """White space and the order of members are signed too, and are no part of the credential."""
        text = " " + json.dumps(diploma(), indent=2) + "\n"
        found, verified = await proven(sealed(SEAL, text=text), tools(canonicalizer))
        assert found.proof.outcome is PASS
        assert verified is not None
        assert verified.document == diploma()

    async def test_has_a_context_that_is_read_by_name(self, canonicalizer: RdfCanonicalizer) -> None:
        """The European context need not be pinned; without its normalizer, or beside another, it is unknown."""
        found, _ = await proven(sealed(SEAL), tools(canonicalizer))
        assert found.structure is not None
        assert found.structure.outcome is PASS
        found, _ = await proven(sealed(SEAL), tools(canonicalizer, named_contexts=lambda _document: frozenset()))
        assert codes(found, "structure") == ["unknown-context"]
        contexts = [*diploma()["@context"], "https://context.example/other"]
        found, _ = await proven(sealed(SEAL, document=diploma(**{"@context": contexts})), tools(canonicalizer))
        assert codes(found, "structure") == ["unknown-context"]

    async def test_may_have_its_chain_beside_it(self, canonicalizer: RdfCanonicalizer) -> None:
        """Certificates that were added later lead on as well as those that were signed."""
        value = {"xVals": [{"x509Cert": {"val": base64.b64encode(SEAL.der[1]).decode()}}, {}, 3]}
        credential = sealed(
            SEAL,
            protected={"x5c": [base64.b64encode(SEAL.der[0]).decode()]},
            header={"etsiU": [value, "no component", 3, base64url.encode(b"[]")]},
        )
        found, _ = await proven(credential, tools(canonicalizer))
        assert found.issuer.outcome is PASS

    async def test_of_several_each(self, canonicalizer: RdfCanonicalizer) -> None:
        """Every signature has to verify, and one has to be the issuer's."""
        other = seal(AUTHORITY, subject=name("Notary", "VATES-B11111111"))
        one, two = sealed(SEAL), sealed(other)
        both = {**one, "signatures": [*two["signatures"], *one["signatures"]]}
        found, verified = await proven(both, tools(canonicalizer))
        assert (found.proof.outcome, found.issuer.outcome) == (PASS, PASS)
        assert verified is not None
        assert verified.issuer == ORGANIZATION
        spoiled = {**one, "signatures": [*one["signatures"], sealed(other, text="{}")["signatures"][0]]}
        found, verified = await proven(spoiled, tools(canonicalizer))
        assert codes(found) == ["CRYPTOGRAPHIC_SECURITY_ERROR"]
        assert verified is None


class TestWhatIsRefusedBeforeAnyKey:
    """A token that could be read in two ways, or that asks for what is not understood."""

    @pytest.mark.parametrize(
        "protected",
        [
            {"crit": ["b64", "sigT", "exp"]},
            {"crit": ["b64", "sigT", "sigD"], "sigD": {"mId": "x"}},
            {"crit": ["b64", "sigT", "adoTst"]},
            {"crit": ["sigT"]},
            {"crit": []},
            {"crit": None},
            {"crit": ["b64", "b64"]},
            {"crit": "b64"},
            {"crit": [["b64"]]},
            {"b64": "false"},
            {"b64": 0},
            {"b64": None},
        ],
        ids=str,
    )
    def test_T29_unknown_crit_and_unprotected_b64(self, protected: dict[str, Any]) -> None:
        """Exactly b64, sigT and adoTst are understood, each in the header, and b64 only where it is critical."""
        assert malformed(sealed(SEAL, protected=protected)) == "token-malformed"

    def test_T29_every_understood_extension_may_be_critical(self) -> None:
        """The three that are understood are no reason for refusal."""
        credential = sealed(SEAL, protected={"crit": ["b64", "sigT", "adoTst"], "adoTst": {"tstTokens": []}})
        assert recognize(credential) is not None

    @pytest.mark.parametrize("text", ["[]", '"text"', "3", "null", "true"])
    def test_T31_payload_that_is_no_object(self, text: str) -> None:
        """A credential is a JSON object."""
        assert malformed(sealed(SEAL, text=text)) == "token-malformed"

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ('{"issuer": "a", "issuer": "b"}', "duplicate-key"),
            ('{"credentialSubject": {"id": "a", "id": "b"}}', "duplicate-key"),
            ("{", "not-json"),
            ('{"a": NaN}', "number-out-of-range"),
            ("[" * 100_000, "too-deep"),
        ],
    )
    def test_T22_text_that_is_read_in_two_ways(self, text: str, code: str) -> None:
        """The signed text is parsed as strictly as a request."""
        assert malformed(sealed(SEAL, text=text)) == code

    def test_T22_header_with_a_member_twice(self) -> None:
        """A header that names two algorithms names none."""
        header = base64url.encode(b'{"alg":"ES256","alg":"none"}')
        assert malformed(changed(sealed(SEAL), protected=header)) == "duplicate-key"

    @pytest.mark.parametrize(
        "members",
        [
            {"signature": "AA=="},
            {"signature": "A A"},
            {"signature": "AB"},
            {"signature": 3},
            {"protected": "AA=="},
            {"protected": base64url.encode(b"[]")},
            {"header": []},
            {"header": {"alg": "none"}},
            {"header": {"x5c": []}},
            {"header": {"kid": "1", "typ": "x"}},
        ],
        ids=str,
    )
    def test_T30_encodings_and_headers(self, members: dict[str, Any]) -> None:
        """Each octet string has one spelling, and a name stands in one header."""
        assert malformed(changed(sealed(SEAL), **members)) == "token-malformed"

    @pytest.mark.parametrize(
        "protected", [{"typ": "JWT"}, {"typ": 3}, {"sigT": "yesterday"}, {"alg": None}, {"alg": 1}]
    )
    def test_another_type_or_time(self, protected: dict[str, Any]) -> None:
        """A token that says it is something else is not taken for this."""
        assert malformed(sealed(SEAL, protected=protected)) == "token-malformed"

    def test_a_claimed_time_that_is_no_number(self) -> None:
        """`iat`, in the place of `sigT`, is a NumericDate."""
        protected = {"sigT": None, "crit": ["b64"], "iat": "2025"}
        assert malformed(sealed(SEAL, protected=protected)) == "token-malformed"

    def test_serializations_do_not_mix(self) -> None:
        """General or flattened, but not both; and at most a few signatures, all over the same octets."""
        both = {**sealed(SEAL), **sealed(SEAL, flattened=True)}
        assert malformed(both) == "token-malformed"
        assert malformed({**sealed(SEAL), "signatures": []}) == "token-malformed"
        assert malformed({**sealed(SEAL), "signatures": {}}) == "token-malformed"
        assert malformed({**sealed(SEAL), "signatures": sealed(SEAL)["signatures"] * 5}) == "token-malformed"
        raw, encoded = sealed(SEAL), sealed(SEAL, encoded=True)
        mixed = {**raw, "signatures": [*raw["signatures"], *encoded["signatures"]]}
        assert malformed(mixed) == "token-malformed"

    def test_what_is_no_token_is_somebody_elses(self) -> None:
        """A credential with a member of that name stays a credential."""
        for content in (
            "a.b.c",
            b"{}",
            {"payload": 3, "signatures": []},
            {**diploma(), "payload": "", "signature": ""},
        ):
            assert not PLUGIN.recognize(Presented(content=content))
            with pytest.raises(Invalid):
                PLUGIN.parse(Presented(content=content))


class TestASignatureThatDoesNot:
    """Verify: nothing of the record is shown."""

    @pytest.mark.parametrize("alg", ["none", "HS256", "HS512"])
    async def test_T26_no_signature_at_all(self, canonicalizer: RdfCanonicalizer, alg: str) -> None:
        """A MAC or nothing is no signature, whatever key comes along."""
        found, verified = await proven(sealed(SEAL, protected={"alg": alg}, algorithm="ES256"), tools(canonicalizer))
        assert codes(found) == ["unsupported-algorithm"]
        assert (found.proof.outcome, verified) == (FAIL, None)

    async def test_an_algorithm_that_is_not_known(self, canonicalizer: RdfCanonicalizer) -> None:
        """What cannot be verified here is not wrong."""
        credential = sealed(SEAL, protected={"alg": "ML-DSA-44"}, algorithm="ES256")
        found, verified = await proven(credential, tools(canonicalizer))
        assert (found.proof.outcome, codes(found), verified) == (INDETERMINATE, ["unsupported-algorithm"], None)

    @pytest.mark.parametrize("alg", ["RS256", "PS256", "ES384", "EdDSA"])
    async def test_T27_algorithm_of_another_key(self, canonicalizer: RdfCanonicalizer, alg: str) -> None:
        """The certified key alone says which algorithm it is used with."""
        found, _ = await proven(sealed(SEAL, protected={"alg": alg}, algorithm="ES256"), tools(canonicalizer))
        assert (found.proof.outcome, codes(found)) == (FAIL, ["CRYPTOGRAPHIC_SECURITY_ERROR"])

    async def test_over_another_text(self, canonicalizer: RdfCanonicalizer) -> None:
        """One space more is another text."""
        credential = sealed(SEAL)
        found, verified = await proven({**credential, "payload": credential["payload"] + " "}, tools(canonicalizer))
        assert (codes(found), verified) == (["CRYPTOGRAPHIC_SECURITY_ERROR"], None)

    async def test_by_another_key(self, canonicalizer: RdfCanonicalizer) -> None:
        """Whoever puts another's certificate into the header does not have its key."""
        thief = Certified(key=seal(ROOT).key, certificate=SEAL.certificate, above=SEAL.above)
        found, verified = await proven(sealed(thief), tools(canonicalizer))
        assert (codes(found), verified) == (["CRYPTOGRAPHIC_SECURITY_ERROR"], None)

    async def test_under_another_certificate_than_it_names(self, canonicalizer: RdfCanonicalizer) -> None:
        """The thumbprint in the header ties the certificate to the signature."""
        protected = {"x5t#S256": base64url.encode(b"\x00" * 32)}
        found, _ = await proven(sealed(SEAL, protected=protected), tools(canonicalizer))
        assert (found.proof.outcome, codes(found)) == (FAIL, ["CRYPTOGRAPHIC_SECURITY_ERROR"])

    async def test_without_a_certificate(self, canonicalizer: RdfCanonicalizer) -> None:
        """A certificate is never fetched or looked up by its name."""
        protected = {"x5c": None, "x5t#S256": None, "x5u": "https://ca.example/c.pem", "kid": "1"}
        found, _ = await proven(sealed(SEAL, protected=protected), tools(canonicalizer))
        assert (found.proof.outcome, codes(found)) == (INDETERMINATE, ["certificate-untrusted"])

    @pytest.mark.parametrize("x5c", [[], "MII", ["AAAA"], [3], ["MII*"]])
    async def test_with_certificates_that_are_none(self, canonicalizer: RdfCanonicalizer, x5c: Any) -> None:
        """What cannot be read is wrong."""
        found, _ = await proven(sealed(SEAL, protected={"x5c": x5c, "x5t#S256": None}), tools(canonicalizer))
        assert (found.proof.outcome, codes(found)) == (FAIL, ["certificate-malformed"])

    async def test_in_the_future(self, canonicalizer: RdfCanonicalizer) -> None:
        """Nothing is sealed after it is verified."""
        found, _ = await proven(sealed(SEAL, protected={"sigT": "2026-06-01T12:02:00Z"}), tools(canonicalizer))
        assert (found.proof.outcome, codes(found)) == (FAIL, ["not-yet-valid"])


class TestWhoseItIs:
    """The certificate says so, and an authority that is believed says that the certificate does."""

    @pytest.mark.parametrize("anchors", [(root(),), (seal(ROOT),)])
    async def test_nobody_knows(self, canonicalizer: RdfCanonicalizer, anchors: tuple[Certified, ...]) -> None:
        """Under an authority that nobody configured it could be anybody's; so could one without any configured."""
        stranger = replace(TEMPLATE, subject=name("Stranger")).signed(rsa_key(), None)
        for tool in (tools(canonicalizer, *anchors), tools(canonicalizer, anchors=())):
            found, verified = await proven(sealed(seal(stranger)), tool)
            assert (found.proof.outcome, found.issuer.outcome) == (PASS, INDETERMINATE)
            assert codes(found, "issuer") == ["certificate-untrusted"]
            assert verified is not None

    async def test_a_forged_certificate(self, canonicalizer: RdfCanonicalizer) -> None:
        """One that an authority is said to have made, and has not, is wrong."""
        found, _ = await proven(sealed(seal(root())), tools(canonicalizer))
        assert (found.issuer.outcome, codes(found, "issuer")) == (FAIL, ["certificate-path-invalid"])

    async def test_another_legal_person(self, canonicalizer: RdfCanonicalizer) -> None:
        """A university does not seal what another has issued."""
        other = seal(AUTHORITY, subject=name("Other", "VATES-B11111111"))
        found, verified = await proven(sealed(other), tools(canonicalizer))
        assert (found.issuer.outcome, codes(found, "issuer")) == (FAIL, ["issuer-mismatch"])
        assert verified is not None

    async def test_one_number_of_two(self, canonicalizer: RdfCanonicalizer) -> None:
        """An issuer that is said to have a number more than its certificate has is not that issuer."""
        issuer = diploma()["issuer"]
        two = [issuer["eIDASIdentifier"], {"notation": "VATES-B11111111"}]
        found, _ = await proven(
            sealed(SEAL, document=diploma(issuer={**issuer, "eIDASIdentifier": two})), tools(canonicalizer)
        )
        assert codes(found, "issuer") == ["issuer-mismatch"]

    @pytest.mark.parametrize(
        ("subject", "identifier"),
        [
            (name("University Seal"), {"notation": ORGANIZATION}),
            (name("University Seal", "did:web:university.example"), {"notation": "did:web:university.example"}),
            (name("University Seal", ORGANIZATION), None),
            (name("University Seal", ORGANIZATION), "VATES-A00000000"),
            (name("University Seal", ORGANIZATION), {"notation": 3}),
        ],
        ids=["not certified", "no such number", "not named", "text", "number"],
    )
    async def test_nothing_in_common(self, canonicalizer: RdfCanonicalizer, subject: Any, identifier: Any) -> None:
        """Without a number in record and certificate, nothing ties one to the other."""
        issuer = {**diploma()["issuer"], "eIDASIdentifier": identifier}
        credential = sealed(seal(AUTHORITY, subject=subject), document=diploma(issuer=issuer))
        found, _ = await proven(credential, tools(canonicalizer))
        assert (found.issuer.outcome, codes(found, "issuer")) == (INDETERMINATE, ["issuer-identifier-missing"])

    async def test_T33_the_id_that_an_issuer_gives_itself(self, canonicalizer: RdfCanonicalizer) -> None:
        """Whoever calls itself by another's DID is still known by its certified number alone."""
        issuer = {**diploma()["issuer"], "id": "did:web:famous.example"}
        found, verified = await proven(sealed(SEAL, document=diploma(issuer=issuer)), tools(canonicalizer))
        assert found.issuer.outcome is PASS
        assert verified is not None
        assert verified.issuer == ORGANIZATION


class TestWhenItWasSealed:
    """An expired certificate counts where it is proven that it had not expired then."""

    async def test_after_its_end_it_is_not_known(self, canonicalizer: RdfCanonicalizer) -> None:
        """What the signer says of the time proves nothing."""
        found, verified = await proven(sealed(SEAL), tools(canonicalizer, as_of=LATER))
        assert (found.proof.outcome, found.issuer.outcome) == (PASS, INDETERMINATE)
        assert codes(found, "issuer") == ["signing-time-unproven"]
        assert verified is not None

    async def test_before_its_start_it_is_wrong(self, canonicalizer: RdfCanonicalizer) -> None:
        """A certificate that is not valid yet certifies nothing."""
        found, _ = await proven(sealed(SEAL), tools(canonicalizer, as_of=EARLIER, now=SEALED))
        assert codes(found, "issuer") == ["certificate-not-yet-valid"]

    async def test_a_time_stamp_proves_it(self, canonicalizer: RdfCanonicalizer) -> None:
        """A time-stamp over the signature, by an authority that is still believed, shows that it was there."""
        clock = authority(ROOT, end=LATER + timedelta(days=365))
        credential = stamped(sealed(SEAL), clock, SEALED)
        found, _ = await proven(credential, tools(canonicalizer, as_of=LATER))
        assert found.issuer.outcome is PASS
        assert found.issuer.facts["signingTime"]["proven"] == "2025-09-27T12:07:04Z"
        assert found.issuer.facts["timestamps"] == [
            {"type": "sigTst", "time": "2025-09-27T12:07:04Z", "authority": "CN=Test Time", "outcome": "pass"}
        ]
        assert [warning.code for warning in found.warnings] == ["certificate-revocation-unknown"]

    async def test_a_time_stamp_after_its_end_does_not(self, canonicalizer: RdfCanonicalizer) -> None:
        """What was stamped after the certificate's end may have been sealed after it."""
        clock = authority(ROOT, end=LATER + timedelta(days=365))
        credential = stamped(sealed(SEAL), clock, END + timedelta(days=1))
        found, _ = await proven(credential, tools(canonicalizer, as_of=LATER))
        assert codes(found, "issuer") == ["certificate-expired"]

    @pytest.mark.parametrize(
        ("clock", "over", "code"),
        [
            (CLOCK, None, "timestamp-unverified"),
            (seal(ROOT, end=LATER + timedelta(days=9)), None, "timestamp-unverified"),
            (authority(ROOT, end=LATER + timedelta(days=9)), "another signature", "timestamp-invalid"),
        ],
        ids=["expired authority", "no clock", "another record"],
    )
    async def test_other_time_stamps_do_not(
        self, canonicalizer: RdfCanonicalizer, clock: Certified, over: str | None, code: str
    ) -> None:
        """A time-stamp that is another's, or nobody's who is believed, is reported and counts for nothing."""
        credential = stamped(sealed(SEAL), clock, SEALED, over=over)
        found, _ = await proven(credential, tools(canonicalizer, as_of=LATER))
        assert codes(found, "issuer") == ["signing-time-unproven"]
        assert [warning.code for warning in found.warnings] == [code]
        assert found.issuer.facts["signingTime"]["proven"] is None

    async def test_a_time_stamp_over_the_payload_does_not(self, canonicalizer: RdfCanonicalizer) -> None:
        """That the text was there says nothing about when it was sealed: `adoTst` is older than the seal."""
        clock = authority(ROOT, end=LATER + timedelta(days=9))
        text = json.dumps(diploma())
        value = {"tstTokens": [{"val": base64.b64encode(token(clock, text.encode(), SEALED)).decode()}]}
        credential = sealed(SEAL, text=text, protected={"adoTst": value, "crit": ["b64", "sigT", "adoTst"]})
        found, _ = await proven(credential, tools(canonicalizer, as_of=LATER))
        assert codes(found, "issuer") == ["signing-time-unproven"]
        assert [(one["type"], one["outcome"]) for one in found.issuer.facts["timestamps"]] == [("adoTst", "pass")]

    async def test_time_stamps_are_few(self, canonicalizer: RdfCanonicalizer) -> None:
        """Of a thousand that anybody can add, some are looked at."""
        component = {"sigTst": {"tstTokens": [{"val": "AAAA"}, {"val": 3}, 3] * 400}}
        credential = sealed(SEAL, header={"etsiU": [component] * 100})
        found, _ = await proven(credential, tools(canonicalizer))
        assert [warning.code for warning in found.warnings] == [
            *["timestamp-unverified"] * 4,
            "certificate-revocation-unknown",
        ]
        assert found.issuer.outcome is PASS


@settings(max_examples=60)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=6),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["protected", "signature", "header", "etsiU", "x5c", "a"]), inner, max_size=4
            )
        ),
        max_leaves=12,
    )
)
def test_whatever_the_signatures_are_they_are_refused_in_one_way(signatures: Any) -> None:
    """No shape raises anything but Invalid."""
    with suppress(Invalid):
        recognize({"payload": "{}", "signatures": signatures})


@pytest.mark.shared
class TestTheEuropeanSample:
    """The European Commission's own sample, sealed with a test seal of a qualified authority."""

    SAMPLE = "european-digital-credentials/Sample-CertOfPart-signed.jsonld"

    def anchors(self) -> tuple[certificates.Certificate, ...]:
        """Return the seal's authority, and the root of its time-stamps, both of which came along."""
        (signature,) = vector(self.SAMPLE)["signatures"]
        added = [json.loads(base64url.decode(one)) for one in signature["header"]["etsiU"]]
        brought = next(one["xVals"] for one in added if "xVals" in one)
        found = [certificates.read(certificates.from_base64(one["x509Cert"]["val"])) for one in brought]
        wanted = ("CN=ANF AC Qualified Certificates for eSeal,", "C=LU,OU=PKI-TEST,O=Nowina Solutions,CN=root-ca")
        return tuple(one for one in found if one.subject.startswith(wanted))

    async def at(
        self, canonicalizer: RdfCanonicalizer, moment: datetime, anchors: tuple[certificates.Certificate, ...]
    ) -> tuple[Proven, Verified | None]:
        """Verify the sample at an instant."""
        return await proven(vector(self.SAMPLE), tools(canonicalizer, anchors=anchors, as_of=moment, now=moment))

    async def test_within_its_time(self, canonicalizer: RdfCanonicalizer) -> None:
        """With its authority configured it is the issuer's, and its time-stamps are right."""
        found, verified = await self.at(canonicalizer, datetime(2023, 10, 1, tzinfo=UTC), self.anchors())
        assert (found.proof.outcome, found.issuer.outcome) == (PASS, PASS)
        assert found.structure is not None
        assert found.structure.outcome is PASS
        assert verified is not None
        assert verified.issuer == ORGANIZATION
        assert found.issuer.facts["certificate"]["qualified"] is True
        assert [(one["type"], one["outcome"]) for one in found.issuer.facts["timestamps"]] == [
            ("adoTst", "pass"),
            ("sigTst", "pass"),
        ]
        assert [warning.code for warning in found.warnings] == ["certificate-revocation-unknown"]

    async def test_after_its_end(self, canonicalizer: RdfCanonicalizer) -> None:
        """In 2026 the seal has expired, and the authority of its time-stamps too: it is not known."""
        found, _ = await self.at(canonicalizer, datetime(2026, 6, 1, tzinfo=UTC), self.anchors())
        assert (found.proof.outcome, codes(found, "issuer")) == (PASS, ["signing-time-unproven"])

    async def test_without_its_authority(self, canonicalizer: RdfCanonicalizer) -> None:
        """Its own authority came along, and is believed by nobody for that."""
        found, _ = await self.at(canonicalizer, datetime(2023, 10, 1, tzinfo=UTC), (ROOT.read,))
        assert (found.proof.outcome, codes(found, "issuer")) == (PASS, ["certificate-untrusted"])

    async def test_changed(self, canonicalizer: RdfCanonicalizer) -> None:
        """Another name in the text breaks the seal."""
        sample = vector(self.SAMPLE)
        sample["payload"] = sample["payload"].replace("Ana Andromeda", "Eve Andromeda")
        found, verified = await proven(sample, tools(canonicalizer))
        assert (codes(found), verified) == (["CRYPTOGRAPHIC_SECURITY_ERROR"], None)

    def test_its_shape(self) -> None:
        """It is a W3C credential."""
        secured = recognize(vector(self.SAMPLE))
        assert secured is not None
        assert check_structure(secured).outcome is PASS
