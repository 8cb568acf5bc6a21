"""The claims of a token and the credential in it: which profile it follows, and what each makes of the two.

- `VC_CLAIM`: VC Data Model 1.1, JWT Encoding. The credential is the claim `vc`; the token's claims
  *are* some of its members, so it is decoded first: what is absent is filled in, what differs refused.
- `OPEN_BADGES`: Open Badges 3.0, JSON Web Token Proof Format. The payload is the credential, and the
  claims repeat its members.
- `ENVELOPE`: VC-JOSE-COSE. The payload is the credential, and the claims are about the signature.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from gateway.formats import _jose
from gateway.formats._jose import malformed, mismatch
from gateway.structure import issuer_of, vcdm_version
from gateway.validity import instant, is_before, is_over, rfc3339
from resolvers.problems import Invalid, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from gateway.formats._jose import Token
    from gateway.model import Presented
    from gateway.plugins import ProofTools

CREDENTIAL_MEDIA_TYPE: Final = "application/vc+jwt"
PRESENTATION_MEDIA_TYPE: Final = "application/vp+jwt"
"""A token without a `typ`, which is only recommended, is what it came as."""

_OPEN_BADGES_TYPES: Final = frozenset(
    {"OpenBadgeCredential", "AchievementCredential", "EndorsementCredential", "ClrCredential"}
)
_OPEN_BADGES_HEADER: Final = frozenset({"alg", "kid", "jwk", "typ"})
_DATES: Final = {"1.1": ("issuanceDate", "expirationDate"), "2.0": ("validFrom", "validUntil")}
_SAME: Final = {"jti": "id", "status": "status", "credentialStatus": "credentialStatus"}
"""Claims beside `vc` that are members of the credential as they are. How a token may be revoked stands in its own
claim `status` (draft-ietf-oauth-status-list, section 6.1), or has been written beside `vc`; none may be lost."""


class Profile(StrEnum):
    """How a token holds a credential."""

    VC_CLAIM = "vc-claim"
    OPEN_BADGES = "open-badges"
    ENVELOPE = "envelope"


def profile_of(presented: Presented) -> Profile | None:
    """Return the profile that a token seems to follow; None if it is no credential of these."""
    content = presented.content
    if not isinstance(content, str) or (header := _jose.peek_header(content)) is None:
        return None
    typ = header.get("typ")
    kind = _jose.media_type(typ)
    if kind == "vc+jwt" or (typ is None and presented.media_type == CREDENTIAL_MEDIA_TYPE):
        return Profile.ENVELOPE
    if (kind != "jwt" and typ is not None) or (typ is None and presented.media_type == PRESENTATION_MEDIA_TYPE):
        return None
    payload = _jose.peek_payload(content)
    if not isinstance(payload, dict) or "vc" in payload:
        return Profile.VC_CLAIM
    types = _strings(payload.get("type"))
    if "VerifiableCredential" not in types:
        return None
    # Without a `typ`, which VC-JOSE-COSE only recommends, Open Badges still have a profile of their own.
    return Profile.ENVELOPE if typ is None and _OPEN_BADGES_TYPES.isdisjoint(types) else Profile.OPEN_BADGES


def decode_vc_claim(token: Token) -> Mapping[str, Any]:
    """Return the credential of a token with a `vc` claim, the token's own claims put into it.

    Raises:
        Invalid: `token-malformed`, `token-claims-mismatch`.
    """
    claims = token.claims
    credential = claims.get("vc")
    if not isinstance(credential, dict):
        raise malformed("the vc claim is not an object", "/vc")
    document = dict(credential)
    start, end = _DATES[vcdm_version(credential) or "1.1"]
    if (issuer := _text(claims, "iss")) is not None:
        document["issuer"] = _with_id(document.get("issuer"), issuer, "iss", plain=True)
    if (subject := _text(claims, "sub")) is not None:
        document["credentialSubject"] = _with_id(document.get("credentialSubject"), subject, "sub", plain=False)
    _text(claims, "jti")
    for claim, member in _SAME.items():
        document |= _filled(document, member, claims.get(claim), claim)
    for claim, member in (("nbf", start), ("exp", end)):
        moment = _jose.numeric_date(claims.get(claim), claim)
        if moment is None:
            continue
        if document.get(member) is None:
            document[member] = rfc3339(moment)
        elif not _same_second(document[member], moment):
            raise mismatch(f"{claim} is not the credential's {member}", f"/{claim}")
    return document


def decode_open_badge(token: Token) -> tuple[Mapping[str, Any], tuple[Problem, ...]]:
    """Return the credential that a token repeats, and a warning where `exp` replaces its end.

    Raises:
        Invalid: `token-malformed`, `token-claims-mismatch`.
    """
    # "Additional JOSE Headers are NOT allowed."
    if not _OPEN_BADGES_HEADER.issuperset(token.header):
        raise malformed("the header has a member beside alg, kid, jwk and typ")
    claims, document = token.claims, credential_of(token)
    start, end = _DATES[vcdm_version(document) or "2.0"]
    subject = document.get("credentialSubject")
    repeated = {
        "iss": issuer_of(document),
        "sub": subject.get("id") if isinstance(subject, dict) else None,
        "jti": document.get("id"),
    }
    for claim, value in repeated.items():
        if _text(claims, claim) is None or claims[claim] != value:
            raise mismatch(f"{claim} is absent, or not what the credential says", f"/{claim}")
    begins = _jose.numeric_date(claims.get("nbf"), "nbf")
    if begins is None or not _same_second(document.get(start), begins):
        raise mismatch(f"nbf is absent, or not the credential's {start}", "/nbf")
    ends = _jose.numeric_date(claims.get("exp"), "exp")
    if ends is None:
        return document, ()
    # "If the JSON object has the exp claim, the NumericDate … MUST be used to set the value of the
    # validUntil of the OpenBadgeCredential."
    differs = document.get(end) is not None and not _same_second(document[end], ends)
    warning = Problem(code="token-claims-mismatch", detail=f"exp replaces {end}", pointer="/exp")
    return {**document, end: rfc3339(ends)}, (warning,) if differs else ()


def decode_envelope(token: Token) -> Mapping[str, Any]:
    """Return the credential that a token envelops.

    Raises:
        Invalid: `token-malformed`, `token-claims-mismatch`.
    """
    claims, document = token.claims, credential_of(token)
    for claim in ("vc", "vp"):  # "The JWT Claim Names vc and vp MUST NOT be present."
        if claim in claims:
            raise malformed(f"a {claim} claim in a vc+jwt", f"/{claim}")
    if (issuer := _text(claims, "iss")) is not None and issuer != issuer_of(document):
        raise mismatch("iss is not the credential's issuer", "/iss")
    for claim in ("exp", "nbf"):
        _jose.numeric_date(claims.get(claim), claim)
    return document


def overdue(token: Token, tools: ProofTools) -> Invalid | None:
    """Return what is wrong with the times of the signature itself, which are not the credential's.

    "When the iat and/or exp JWT claims are present, they represent the issuance and expiration time
    of the signature" (VC-JOSE-COSE, section 3.1.3).
    """
    try:
        ends = _jose.numeric_date(token.claims.get("exp"), "exp")
        begins = _jose.numeric_date(token.claims.get("nbf"), "nbf")
    except Invalid as wrong:
        return wrong
    if ends is not None and is_over(tools.as_of, ends, tools.clock_skew):
        return Invalid("proof-expired", "the token has expired", pointer="/exp")
    if begins is not None and is_before(tools.as_of, begins, tools.clock_skew):
        return Invalid("not-yet-valid", "the token is not valid yet", pointer="/nbf")
    return None


def credential_of(token: Token) -> dict[str, Any]:
    """Return the payload without the registered claims, which are the token's."""
    return {name: value for name, value in token.claims.items() if name not in _jose.CLAIMS}


def _with_id(value: Any, identifier: str, claim: str, *, plain: bool) -> Any:
    """Return an issuer or a subject with the id that the token gives it.

    Raises:
        Invalid: `token-claims-mismatch`: it has another, or is several, of which a claim names but one.
    """
    if value is None:
        return identifier if plain else {"id": identifier}
    if isinstance(value, list) and len(value) == 1:
        return [_with_id(value[0], identifier, claim, plain=plain)]
    if isinstance(value, dict) and value.get("id") is None:
        return {**value, "id": identifier}
    if identifier not in (value, value.get("id") if isinstance(value, dict) else None):
        raise mismatch(f"{claim} is not what the credential says", f"/{claim}")
    return value


def _filled(document: Mapping[str, Any], member: str, value: Any, claim: str) -> dict[str, Any]:
    """Return the member as the claim has it, if there is one.

    Raises:
        Invalid: `token-claims-mismatch`: the credential has another.
    """
    if value is None:
        return {}
    if document.get(member) not in (None, value):
        raise mismatch(f"{claim} is not the credential's {member}", f"/{claim}")
    return {member: value}


def _text(claims: Mapping[str, Any], claim: str) -> str | None:
    value = claims.get(claim)
    if value is None or isinstance(value, str):
        return value
    raise malformed(f"{claim} is not a string", f"/{claim}")


def _strings(value: Any) -> set[str]:
    return {name for name in (value if isinstance(value, list) else [value]) if isinstance(name, str)}


def _same_second(member: Any, moment: datetime) -> bool:
    """Whether a date of the credential is the claim's. Issuers cut fractions off to make a NumericDate."""
    other = instant(member) if isinstance(member, str) else None
    return other is not None and other.replace(microsecond=0) == moment.replace(microsecond=0)
