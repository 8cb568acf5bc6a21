"""SD-JWT VC (`dc+sd-jwt`): a credential that is the claims of a JWT (draft-ietf-oauth-sd-jwt-vc).

It is no W3C credential: `vct` is its type, `iss` its issuer, `nbf` and `exp` its period of validity.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from gateway.formats import _checks, _jose, _sd_jwt
from gateway.formats._envelope import CREDENTIAL, check_context, enveloped
from gateway.formats._issuer_key import issuer_key
from gateway.formats._key_binding import with_key_binding
from gateway.formats._sd_jwt_kind import Kind, kind_of
from gateway.model import CheckName, CheckResult, Outcome, Presented, Proven, Secured
from gateway.plugins import Format, KeySource, Securing
from gateway.validity import is_before
from resolvers.problems import Invalid, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateway.plugins import ProofTools

_MEDIA_TYPE: Final = "application/dc+sd-jwt"
_TYPES: Final = frozenset({"dc+sd-jwt", "vc+sd-jwt"})
"""The second until November 2024: "it is RECOMMENDED that Verifiers and Holders accept both … for a
reasonable transitional period" (section 3.2.1)."""

_NEVER_DISCLOSED: Final = _sd_jwt.NEVER_DISCLOSED | {"vct", "vct#integrity", "status"}
"""Section 3.2.2.2."""


def _recognize(presented: Presented) -> bool:
    if enveloped(presented.content, CREDENTIAL, _MEDIA_TYPE) is not None:
        return True
    return kind_of(presented) is Kind.CREDENTIAL


def _parse(presented: Presented) -> Secured:
    content = presented.content
    token = enveloped(content, CREDENTIAL, _MEDIA_TYPE)
    if token is not None and isinstance(content, dict):
        check_context(content)
        presented = Presented(content=token)
        if kind_of(presented) is not Kind.CREDENTIAL:  # what is inside must be what the envelope says
            raise _jose.malformed("the token is not a dc+sd-jwt")
    read = _sd_jwt.read(presented, never=_NEVER_DISCLOSED)
    # "The typ header parameter of the SD-JWT MUST be present."
    if _jose.media_type(read.token.header.get("typ")) not in _TYPES:
        raise _jose.malformed("the typ of an SD-JWT VC is dc+sd-jwt")
    return Secured(format=PLUGIN, vcdm=None, document=read.token.claims, token=read)


def _structure(secured: Secured) -> CheckResult:
    """Check the claims that the specification defines, and report each that is wrong once."""
    problems = tuple(_problems(secured.document))
    outcome = Outcome.FAIL if problems else Outcome.PASS
    return _checks.result(CheckName.STRUCTURE, outcome, *problems, vcdm=None, vct=secured.document.get("vct"))


def _problems(claims: Mapping[str, Any]) -> Iterator[Problem]:
    vct = claims.get("vct")
    if not isinstance(vct, str) or not vct:
        yield Problem(code="MALFORMED_VALUE_ERROR", detail="vct is not a string", pointer="/vct")
    for name, kind in (("iss", str), ("sub", str), ("jti", str), ("vct#integrity", str), ("cnf", dict)):
        if name in claims and not isinstance(claims[name], kind):
            yield Problem(code="MALFORMED_VALUE_ERROR", detail=f"{name} is of another type", pointer=f"/{name}")
    for name in ("iat", "nbf", "exp"):
        try:
            _jose.numeric_date(claims.get(name), name)
        except Invalid as wrong:
            yield Problem(code="MALFORMED_VALUE_ERROR", detail=wrong.problem.detail, pointer=f"/{name}")


async def _verify(secured: Secured, tools: ProofTools) -> Proven:
    read: _sd_jwt.SdJwt = secured.token
    token, issuer = read.token, read.token.claims.get("iss")
    proven = await _jose.prove(
        secured,
        tools,
        token=token,
        overdue=_unusable(token.claims, tools),
        find=lambda: issuer_key(token.header, issuer, tools),
    )
    # Whether contexts are known is no question here: its claims are not JSON-LD.
    return with_key_binding(replace(proven, contexts={}, structure=None), read, tools)


def _unusable(claims: Mapping[str, Any], tools: ProofTools) -> Invalid | None:
    """Return what makes the token unusable whatever its validity period: when it was made, and for whom."""
    made = _jose.numeric_date(claims.get("iat"), "iat")
    # Whoever asks about a past instant may hold a token that was made since.
    if made is not None and is_before(max(tools.as_of, tools.now or tools.as_of), made, tools.clock_skew):
        return Invalid("not-yet-valid", "the token was issued in the future", pointer="/iat")
    # "If the principal processing the claim does not identify itself with a value in the "aud" claim when
    # this claim is present, then the JWT MUST be rejected" (RFC 7519, section 4.1.3).
    audience = claims.get("aud")
    if audience is None:
        return None
    named = {one for one in (audience if isinstance(audience, list) else [audience]) if isinstance(one, str)}
    own = frozenset[str]() if tools.expected is None else tools.expected.domain
    if named.isdisjoint(own):
        return Invalid("INVALID_DOMAIN_ERROR", "the token is for another audience", pointer="/aud")
    return None


PLUGIN: Final = Format(
    name="dc+sd-jwt",
    media_types=(_MEDIA_TYPE,),
    recognize=_recognize,
    parse=_parse,
    verify=_verify,
    structure=_structure,
    title="SD-JWT VC",
    secured_by=Securing.JOSE,
    keys=(KeySource.DID, KeySource.HTTPS, KeySource.CERTIFICATE),
    statuses=None,
)
