"""What can be wrong with a credential or a look-up, in the specifications' own codes.

A `Problem` has the shape of RFC 9457. Checked and wrong is `Invalid`; could not be checked is
`Unavailable`, which never becomes a pass. Anything else that is raised is a defect of ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_VCDM: Final = "https://www.w3.org/TR/vc-data-model#"
_SECURITY: Final = "https://w3id.org/security#"
_STATUS: Final = "https://www.w3.org/ns/credentials/status-list#"
_DID: Final = "https://www.w3.org/ns/did#"
_VCALM: Final = "https://www.w3.org/TR/vcalm#"
_OWN: Final = "urn:ler-gateway:problem:"

_TITLES: Final[dict[str, dict[str, str]]] = {
    # VC Data Model 2.0, section 7.1 "Problem Details"
    _VCDM: {
        "PARSING_ERROR": "The credential could not be parsed.",
        "CRYPTOGRAPHIC_SECURITY_ERROR": "The securing mechanism could not be verified.",
        "MALFORMED_VALUE_ERROR": "A value is malformed.",
        "RANGE_ERROR": "A value is out of range.",
    },
    # Data Integrity 1.0, "Processing Errors"; Controlled Identifiers 1.0, "Processing Errors"
    _SECURITY: {
        "PROOF_VERIFICATION_ERROR": "The proof does not verify.",
        "PROOF_TRANSFORMATION_ERROR": "The document could not be transformed for its proof.",
        "INVALID_DOMAIN_ERROR": "The proof is for another domain.",
        "INVALID_CHALLENGE_ERROR": "The proof answers another challenge.",
        "INVALID_VERIFICATION_METHOD_URL": "The verification method is not a usable URL.",
        "INVALID_CONTROLLED_IDENTIFIER_DOCUMENT": "The controlled identifier document is malformed.",
        "INVALID_CONTROLLED_IDENTIFIER_DOCUMENT_ID": "The document's id is not the URL it was found at.",
        "INVALID_VERIFICATION_METHOD": "The verification method is malformed or not its controller's.",
        "INVALID_RELATIONSHIP_FOR_VERIFICATION_METHOD": "The key may not be used for this purpose.",
    },
    # Bitstring Status List 1.0, section 3.5 "Processing Errors"
    _STATUS: {
        "STATUS_RETRIEVAL_ERROR": "The status list could not be retrieved.",
        "STATUS_VERIFICATION_ERROR": "The status list could not be verified.",
        "STATUS_LIST_LENGTH_ERROR": "The status list is shorter than the minimum.",
    },
    # DID Resolution, "Errors"
    _DID: {
        "INVALID_DID": "The DID does not conform to its method's syntax.",
        "INVALID_DID_DOCUMENT": "The DID document is malformed.",
        "INVALID_DID_URL": "The DID URL is malformed.",
        "NOT_FOUND": "The DID document or the method in it does not exist.",
        "METHOD_NOT_SUPPORTED": "The DID method is not supported here.",
    },
    _VCALM: {"UNKNOWN_OPTION_PROVIDED": "An option is not known here."},
    # No specification names these.
    _OWN: {
        # the request
        "not-json": "The request body is not JSON.",
        "duplicate-key": "An object has the same member twice.",
        "number-out-of-range": "A number is not one that JSON implementations agree about.",
        "lone-surrogate": "A string is not valid Unicode.",
        "not-utf8": "The text is not UTF-8.",
        "too-deep": "The JSON is nested too deeply.",
        "too-large": "The input is larger than the limit.",
        "unsupported-media-type": "The media type is not one that this service reads.",
        "malformed-request": "The request does not have the documented shape.",
        "unknown-policy": "There is no such policy for this caller.",
        "policy-not-in-effect": "The policy is not in effect at that time.",
        "bad-as-of": "The asOf instant is not one that can be used.",
        "unauthorized": "The request carries no valid API key.",
        "forbidden": "This API key does not open this address.",
        "rate-limited": "Too many requests.",
        "overloaded": "The service is at its limit; try again.",
        "internal-error": "The service made a mistake.",
        "not-found": "There is nothing at this address.",
        "method-not-allowed": "The address does not take this method.",
        # the credential
        "not-a-credential": "The input is not a credential that is recognized here.",
        "unsupported-format": "The format is recognized, but it cannot be verified here.",
        "unsupported-cryptosuite": "The proof's suite is not supported here.",
        "unsupported-algorithm": "The signature algorithm is not accepted here.",
        "unsupported-key-type": "The key's type is not supported here.",
        "no-proof": "The credential carries no proof.",
        "token-malformed": "The token is not a well-formed JWS.",
        "token-claims-mismatch": "The token's claims contradict the credential inside it.",
        "disclosure-invalid": "A disclosure is not one that the issuer signed.",
        "key-binding-missing": "The holder did not prove possession of the key that the credential names.",
        "key-binding-invalid": "The holder's proof of possession does not verify.",
        "base-proof": "The proof is for the holder to derive others from, and not to be shown.",
        "selectively-disclosed": "The holder shows only part of what was signed.",
        "unknown-context": "A JSON-LD context is not one that is pinned here.",
        "DATA_LOSS_DETECTION_ERROR": "Part of the document is not covered by its signature.",
        "canonicalization-limit": "The document takes too much work to canonicalize.",
        "issuer-mismatch": "The key that signed is not the issuer's.",
        "proof-expired": "The proof itself has expired.",
        "key-expired": "The key was expired or revoked at that time.",
        "not-yet-valid": "The credential is not valid yet.",
        "expired": "The credential has expired.",
        "revoked": "The issuer has revoked the credential.",
        "suspended": "The issuer has suspended the credential.",
        "unknown-status-type": "The status method is not supported here.",
        "status-stale": "The newest status that could be had is too old.",
        "status-issuer-mismatch": "The status list was issued by somebody else.",
        "status-list-defective": "The status list is not what the credential names.",
        "status-list-rolled-back": "The status list is older than one seen before.",
        "per-subject-url": "The status list's address looks as if it names one person.",
        "unknown-schema": "The credential's schema cannot be checked here.",
        "schema-not-met": "The credential does not conform to the schema that it names.",
        "schema-malformed": "What the credential names as its schema is not one.",
        "schema-limit": "The credential's schema takes too much work.",
        "digest-mismatch": "What the credential refers to is not what its issuer referred to.",
        "unsupported-digest": "A digest is by a hash that is not known here.",
        "refresh-not-supported": "The credential names a refresh service that is not used here.",
        "refresh-refused": "What the refresh service sent is no newer version of the credential.",
        "endorsement-misplaced": "The endorsement is about something else than what carries it.",
        "child-not-current": "A record inside this one is not current.",
        "child-not-authentic": "A record inside this one is not authentic.",
        "too-many-children": "The record holds more records than the limit.",
        "container-malformed": "What holds the records is damaged, or not what it says it is.",
        "holder-mismatch": "The key that signed the presentation is not that of the holder it names.",
        "holder-not-subject": "Whoever presents the credential is not the one it is about.",
        "holder-unbound": "The credential does not say who may present it.",
        "presentation-replayable": "Nothing shows that this was presented for this request.",
        "challenge-used": "The challenge has been answered before.",
        "challenge-unknown": "The challenge was not issued here to this caller, or has expired.",
        "challenge-unavailable": "Whether the challenge has been used could not be found out.",
        "candidate-mismatch": "The record is about somebody else than the candidate.",
        "candidate-unknown": "The record does not say enough to tell whether it is about the candidate.",
        "missing-time-zone": "A date has no time zone and was read as UTC.",
        # certificates
        "certificate-malformed": "A certificate is malformed.",
        "certificate-untrusted": "The certificate does not lead to an authority that is configured here.",
        "certificate-path-invalid": "The certificates do not lead validly to the authority that they name.",
        "certificate-expired": "The certificate had expired at that time.",
        "certificate-not-yet-valid": "The certificate was not valid yet at that time.",
        "certificate-revocation-unknown": "Whether the certificate was revoked was not looked up.",
        "signing-time-unproven": "That the record was signed while its certificate was valid is not proven.",
        "timestamp-unverified": "A time-stamp could not be verified, and counts for nothing.",
        "timestamp-invalid": "A time-stamp is not one over this record.",
        "issuer-identifier-missing": "Nothing ties the issuer that is named to the certificate.",
        # records that are recognized, and not verified here
        "blockchain-not-consulted": "The proof is anchored in a blockchain, which is not looked up here.",
        "velocity-not-consulted": "The issuer's key is on the Velocity Network, which is not asked here.",
        "transcript-unsigned": "The transcript carries no signature.",
        "xml-signature-not-verified": "The record's XML signature is not verified here.",
        "envelope-unsigned": "Nobody has signed what stands around the signed records.",
        # records that their issuers host
        "hosted-address-missing": "The record does not say where its issuer hosts it.",
        "hosted-record-mismatch": "What is hosted at the address is not the record that was named.",
        "hosting-not-allowed": "The record is not hosted where its issuer hosts its records.",
        "issuer-not-named": "The record names no issuer whose profile could be looked up.",
        "issuer-profile-invalid": "What is at the issuer's address is not that issuer's profile.",
        # looking things up
        "not-asked": "This was not checked.",
        "egress-refused": "The address is one that is never contacted.",
        "unreachable": "The address did not answer.",
        "response-too-large": "The answer was larger than the limit.",
        "response-malformed": "The answer is not what it should be.",
        "deadline-exceeded": "The time for this request was used up.",
        "fetch-budget-exceeded": "The number of look-ups for this request was used up.",
        "did-deactivated": "The DID has been deactivated.",
        "did-log-malformed": "The DID's log is malformed.",
        "did-log-forged": "The DID's log is not what its identifier and its keys vouch for.",
        "did-log-out-of-order": "The entries of the DID's log do not follow one another.",
        "did-log-not-witnessed": "Too few witnesses have approved the DID's log.",
        "did-without-chain": "The blockchain that can change the DID's keys was not asked.",
        "did-third-party": "A third party resolved the DID.",
        "registry-defective": "The registry's list is malformed, expired or not properly signed.",
        "question-not-supported": "The trust source cannot answer what is asked.",
        "metadata-policy-unevaluated": "The federation sets a metadata policy, which is not evaluated here.",
        "trust-mark-status-unknown": "Whether the trust mark still holds cannot be found out.",
        "accreditation-self-asserted": "Only the entity itself says that it is accredited.",
    },
}

TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {code: space + code for space, titles in _TITLES.items() for code in titles}
)
"""Every code's RFC 9457 `type`."""

TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {code: title for titles in _TITLES.values() for code, title in titles.items()}
)
"""Every code's short technical title."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong, or that could not be checked.

    `code` is stable and one of `TYPES`; `detail` is for the person who mends it, and never holds
    a personal claim; `pointer` is a JSON Pointer (RFC 6901) into what was presented.
    """

    code: str
    detail: str
    pointer: str | None = None

    def __post_init__(self) -> None:
        """Refuse a code that the table does not know."""
        if self.code not in TYPES:
            raise ValueError(self.code)

    @property
    def type(self) -> str:
        """The RFC 9457 `type` of this code."""
        return TYPES[self.code]

    @property
    def title(self) -> str:
        """The short technical title of this code."""
        return TITLES[self.code]


class _Fate(Exception):
    """Carries one problem up to the check that it decides."""

    def __init__(self, code: str, detail: str, *, pointer: str | None = None) -> None:
        super().__init__(code, detail)
        self.problem = Problem(code=code, detail=detail, pointer=pointer)


class Invalid(_Fate):
    """Checked and wrong: the check fails."""


class Unavailable(_Fate):
    """Could not be checked: the check is indeterminate, and never a pass."""
