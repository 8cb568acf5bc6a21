"""Key binding: the holder's own JWT at the end of an SD-JWT (RFC 9901, sections 4.3 and 7.3).

Whether it is required is for the caller and the policy to say, and "MUST NOT be based on whether or not
a Key Binding JWT is provided by the Holder": whoever has a copy can take it away.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from gateway.formats import _checks, _jose
from gateway.model import CheckName, Outcome
from gateway.validity import is_before, is_over
from resolvers import base64url, keys
from resolvers.problems import Invalid, Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.formats._sd_jwt import SdJwt
    from gateway.model import Proven
    from gateway.plugins import ProofTools

WINDOW: Final = timedelta(minutes=10)
"""How long ago a key binding may have been made: a person needs minutes to choose what to show."""

_TYPE: Final = "kb+jwt"


def with_key_binding(proven: Proven, presented: SdJwt, tools: ProofTools) -> Proven:
    """Return what is proven together with what the holder has proved, if the caller asks for that.

    "If any step fails, the presentation is not valid and processing MUST be aborted" (section 7.3): so
    without the key binding that is asked for, nothing is proven at all.
    """
    if tools.expected is None:
        return proven
    if proven.document is None:  # then whose key `cnf` names is not known either
        return replace(proven, holder=_checks.result(CheckName.HOLDER, Outcome.INDETERMINATE, *proven.proof.problems))
    try:
        _check(presented, tools)
    except (Invalid, Unavailable) as stopped:
        outcome = _checks.outcome_of(stopped)
        return replace(
            proven,
            proof=_checks.result(CheckName.PROOF, outcome, stopped.problem),
            holder=_checks.result(CheckName.HOLDER, outcome, stopped.problem),
            document=None,
        )
    return replace(proven, holder=_checks.result(CheckName.HOLDER, Outcome.PASS, binding="holder_proof"))


def _check(presented: SdJwt, tools: ProofTools) -> None:
    """Go through section 7.3, step 4, in its order.

    Raises:
        Invalid: `key-binding-missing`, `key-binding-invalid`, `INVALID_CHALLENGE_ERROR`, `INVALID_DOMAIN_ERROR`.
        Unavailable: the holder's key is of a type that is not verified with here.
    """
    if presented.key_binding is None:
        raise Invalid("key-binding-missing", "there is no key binding JWT")
    key = keys.from_jwk(_holders_key(presented.token.claims))
    try:
        token = _jose.parse(presented.key_binding)
        _jose.check_algorithm(token.header.get("alg"))
        _jose.check_signature(token, key, "the key in cnf")
    except Invalid as refused:
        raise _wrong(f"{refused.problem.code}: {refused.problem.detail}") from None
    if _jose.media_type(token.header.get("typ")) != _TYPE:
        raise _wrong(f"its typ is not {_TYPE}")
    _check_times(token.claims, tools)
    nonce, audience = token.claims.get("nonce"), token.claims.get("aud")
    # "The value of nonce MUST be a string", and that of `aud` "a single string" (section 4.3).
    if not isinstance(nonce, str) or not isinstance(audience, str):
        raise _wrong("nonce or aud is not one string")
    _checks.check_expected(nonce, audience, tools.expected, {"challenge": "/nonce", "domain": "/aud"})
    digest = base64url.encode(presented.hash(presented.covered).digest())
    if token.claims.get("sd_hash") != digest:
        raise _wrong("its sd_hash is not that of what was presented")


def _holders_key(claims: Mapping[str, Any]) -> Any:
    """Return the JWK in `cnf` (RFC 7800, section 3.2); without one, or with a mere name of a key, none is bound."""
    confirmation = claims.get("cnf")
    if not isinstance(confirmation, dict) or "jwk" not in confirmation:
        raise Invalid("key-binding-missing", "cnf names no key that the holder could have proved", pointer="/cnf")
    return confirmation["jwk"]


def _check_times(claims: Mapping[str, Any], tools: ProofTools) -> None:
    """Check `iat`, which is required, against the time of this verification, whatever instant it is about."""
    now, skew = tools.now or tools.as_of, tools.clock_skew
    times = {name: _instant(claims.get(name), name) for name in ("iat", "exp", "nbf")}
    made, ends, begins = times["iat"], times["exp"], times["nbf"]
    if made is None:
        raise _wrong("it has no iat")
    if is_before(now, made, skew) or is_over(now, made + WINDOW, skew):
        raise _wrong(f"it was made at {made.isoformat()}, too long ago or in the future")
    if (ends is not None and is_over(now, ends, skew)) or (begins is not None and is_before(now, begins, skew)):
        raise _wrong("it is not valid now")


def _instant(value: Any, name: str) -> datetime | None:
    try:
        return _jose.numeric_date(value, name)
    except Invalid as refused:
        raise _wrong(refused.problem.detail) from None


def _wrong(detail: str) -> Invalid:
    return Invalid("key-binding-invalid", detail)
