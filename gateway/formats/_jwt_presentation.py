"""Presentations in a JWS: what the token's claims say of the holder and of the request that it answers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from gateway.formats import _checks, _jose
from gateway.formats._jose_key import signing_key
from gateway.formats._jwt_claims import credential_of, overdue
from gateway.model import Outcome
from gateway.presentation import CREDENTIAL, PRESENTATION, holder_of, types_of
from resolvers.problems import Invalid, Problem

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from gateway.formats._jose import Token
    from gateway.formats._jose_key import SigningKey
    from gateway.model import CheckResult, Proven, Secured
    from gateway.plugins import ProofTools

_EXPECTED: Final = {"challenge": "/nonce", "domain": "/aud"}


def decode_vp_claim(token: Token) -> Mapping[str, Any]:
    """Return the presentation of a token with a `vp` claim (VCDM 1.1, section 6.3.1), the token's claims put into it.

    Raises:
        Invalid: `token-malformed`, `token-claims-mismatch`.
    """
    claims = token.claims
    presentation = claims.get("vp")
    if not isinstance(presentation, dict):
        raise _jose.malformed("the vp claim is not an object", "/vp")
    document = dict(presentation)
    _check_dates(token)
    for claim, member in (("iss", "holder"), ("jti", "id")):
        value = _text(claims, claim)
        if value is None:
            continue
        if document.get(member) not in (None, value):
            raise _jose.mismatch(f"{claim} is not the presentation's {member}", f"/{claim}")
        document[member] = value
    return document


def decode_envelope(token: Token) -> Mapping[str, Any]:
    """Return the presentation that is a token's payload (VC-JOSE-COSE, section 3.1.2).

    Raises:
        Invalid: `token-malformed`, `token-claims-mismatch`.
    """
    claims = token.claims
    for claim in ("vc", "vp"):  # "The JWT Claim Names vc and vp MUST NOT be present."
        if claim in claims:
            raise _jose.malformed(f"a {claim} claim in a vp+jwt", f"/{claim}")
    _check_dates(token)
    document = {name: value for name, value in credential_of(token).items() if name != "nonce"}
    issuer, holder = _text(claims, "iss"), holder_of(document)
    if issuer is not None and holder not in (None, issuer):
        raise _jose.mismatch("iss is not the presentation's holder", "/iss")
    return document


async def prove(secured: Secured, tools: ProofTools) -> Proven:
    """Verify the token of `secured`, whose key has to be the holder's."""
    token: Token = secured.token
    holder, find = holders_key(token.header, holder_of(secured.document) or token.claims.get("iss"), tools)
    found = await _jose.prove(secured, tools, overdue=_unexpected(token, tools) or overdue(token, tools), find=find)
    return replace(found, controller=holder if found.issuer.outcome is Outcome.PASS else None)


def holders_key(
    header: Mapping[str, Any], named: str | None, tools: ProofTools
) -> tuple[str | None, Callable[[], Awaitable[SigningKey]]]:
    """Return who holds a presentation whose holder is `named`, if it names one, and what finds their key."""
    holder = named or _owner(header.get("kid"))

    async def find() -> SigningKey:
        key = await signing_key(header, holder, tools)
        return replace(key, issuer=_of_holder(key.issuer))

    return holder, find


def is_presentation(payload: Any) -> bool:
    """Whether a payload, as it seems to be, is a presentation itself, and not a credential too."""
    return isinstance(payload, dict) and PRESENTATION in (types := types_of(payload)) and CREDENTIAL not in types


def has_vp_claim(payload: Any) -> bool:
    """Whether a payload, as it seems to be, carries a presentation, and neither is nor carries a credential."""
    return isinstance(payload, dict) and "vp" in payload and "vc" not in payload and CREDENTIAL not in types_of(payload)


def _unexpected(token: Token, tools: ProofTools) -> Invalid | None:
    """Return what shows that the token was made for another request, or for none."""
    try:
        _checks.check_expected(token.claims.get("nonce"), token.claims.get("aud"), tools.expected, _EXPECTED)
    except Invalid as other:
        return other
    return None


def _check_dates(token: Token) -> None:
    for claim in ("exp", "nbf"):
        _jose.numeric_date(token.claims.get(claim), claim)


def _text(claims: Mapping[str, Any], claim: str) -> str | None:
    value = claims.get(claim)
    if value is None or isinstance(value, str):
        return value
    raise _jose.malformed(f"{claim} is not a string", f"/{claim}")


def _owner(kid: Any) -> str | None:
    """Return whose document an absolute `kid` points into: who holds a presentation that does not say so."""
    return kid.partition("#")[0] if isinstance(kid, str) and "#" in kid and not kid.startswith("#") else None


def _of_holder(check: CheckResult) -> CheckResult:
    """Return what was found about an issuer, as said of a holder."""
    problems = [
        Problem(code="holder-mismatch", detail=problem.detail, pointer="/holder")
        if problem.code == "issuer-mismatch"
        else problem
        for problem in check.problems
    ]
    return replace(check, problems=tuple(problems))
