"""Steps 1 to 4 for a Token Status List: a token, which is no credential (draft-ietf-oauth-status-list, section 5).

It is verified as the credential is that refers to it: a JWT for a token in JOSE, a CWT for one in COSE,
and under a key that is found as the credential's was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.formats import _cose, _jose
from gateway.formats._issuer_key import issuer_key
from gateway.formats._jose_key import signing_key
from gateway.model import Outcome
from gateway.validity import is_before, is_over
from resolvers import strict_cbor
from resolvers.model import ListCredential
from resolvers.problems import Invalid, Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.formats._jose_key import SigningKey
    from gateway.plugins import ProofTools
    from resolvers.model import Fetched, StatusQuestion

_JWT: Final = "statuslist+jwt"
_CWT: Final = "statuslist+cwt"

_TTL, _STATUS_LIST = 65534, 65533
_CWT_NAMES: Final = {
    _cose.ISS: "iss",
    _cose.SUB: "sub",
    _cose.EXP: "exp",
    _cose.NBF: "nbf",
    _cose.IAT: "iat",
    _TTL: "ttl",
    _STATUS_LIST: "status_list",
}


async def verify_token(fetched: Fetched, question: StatusQuestion, tools: ProofTools) -> ListCredential:
    """Verify a fetched list for the credential that `question` is about.

    Raises:
        Invalid: it is no such token, not authentic, not current, or not the one that the credential names.
        Unavailable: that could not be found out.
    """
    if question.format.endswith("+cose"):
        claims, issuer = await _cwt(fetched.body, question, tools)
    else:
        claims, issuer = await _jwt(fetched.body, question, tools)
    _check_claims(claims, question, tools)
    return ListCredential(url=question.entry["uri"], document=claims, issuer=issuer)


async def _jwt(body: bytes, question: StatusQuestion, tools: ProofTools) -> tuple[Mapping[str, Any], str]:
    try:
        text = body.decode("ascii").strip()
    except UnicodeDecodeError:
        raise _unusable("it is not a JWT") from None
    token = _jose.parse(text)
    if _jose.media_type(token.header.get("typ")) != _JWT:
        raise _unusable(f"its typ is not {_JWT}")
    _jose.check_algorithm(token.header.get("alg"))
    issuer = _issuer(token.claims, token.header.get("kid"), question)
    key = await _key(token.header, issuer, question, tools)
    _jose.check_signature(token, key.key, key.method)
    return token.claims, issuer


async def _cwt(body: bytes, question: StatusQuestion, tools: ProofTools) -> tuple[Mapping[str, Any], str]:
    message = _cose.parse(body)
    if message.typ != _CWT:
        raise _unusable(f"its typ is not {_CWT}")
    _cose.algorithm(message)
    try:
        payload = strict_cbor.loads(message.payload)
    except ValueError as error:
        raise _unusable(f"its claims are not strict CBOR: {error}") from None
    if not isinstance(payload, dict):
        raise _unusable("its claims are not a map")
    claims = {_CWT_NAMES[label]: value for label, value in payload.items() if label in _CWT_NAMES}
    issuer = _issuer(claims, message.key_id, question)
    _cose.check_signature(message, await _key(message.hints, issuer, question, tools))
    return claims, issuer


def _issuer(claims: Mapping[str, Any], kid: Any, question: StatusQuestion) -> str:
    """Return who issued the list: as it says itself, or the DID that its key is of, or the credential's issuer.

    A list need not name its issuer: "If the Issuer of the Referenced Token is the same entity as the
    Status Issuer, then the same key … may be used" (section 11.3).
    """
    issuer = claims.get("iss")
    if issuer is None:
        return kid.partition("#")[0] if isinstance(kid, str) and kid.startswith("did:") else question.issuer
    if not isinstance(issuer, str):
        raise _unusable("its iss is not a string")
    return issuer


async def _key(header: Mapping[str, Any], issuer: str, question: StatusQuestion, tools: ProofTools) -> SigningKey:
    """Return the key, if it is that of `issuer`."""
    find = issuer_key if question.format == "dc+sd-jwt" else signing_key
    key = await find(header, issuer, tools)
    if key.issuer.outcome is Outcome.PASS:
        return key
    problem = key.issuer.problems[0]
    fate = Invalid if key.issuer.outcome is Outcome.FAIL else Unavailable
    raise fate(problem.code, problem.detail)


def _check_claims(claims: Mapping[str, Any], question: StatusQuestion, tools: ProofTools) -> None:
    """Check the claims beside the list itself (section 5.1, and 8.3, step 4)."""
    if claims.get("sub") != question.entry["uri"]:
        raise _unusable("its sub is not the uri that the credential names")
    made, ends = _jose.numeric_date(claims.get("iat"), "iat"), _jose.numeric_date(claims.get("exp"), "exp")
    begins = _jose.numeric_date(claims.get("nbf"), "nbf")
    if made is None:
        raise _unusable("it has no iat")
    ttl = claims.get("ttl", 1)
    if isinstance(ttl, bool) or not isinstance(ttl, int | float) or ttl <= 0:
        raise _unusable("its ttl is not a positive number")
    now, skew = tools.now or tools.as_of, tools.clock_skew
    if is_before(now, made, skew) or (begins is not None and is_before(now, begins, skew)):
        raise _unusable("it is of the future")
    if question.at is not None:
        # Section 8.4. A server that knows no `time` answers with its present list.
        if ends is None or not made <= question.at <= ends:
            raise _unusable("it is not of the time that was asked for")
    elif ends is not None and is_over(now, ends, 0.0):
        raise _unusable("it has expired")


def _unusable(detail: str) -> Invalid:
    return Invalid("STATUS_VERIFICATION_ERROR", detail)
