"""A compact JWS, read strictly (RFC 7515, RFC 7519, RFC 8725), and verified as a credential's proof.

joserfc is not used for it: it reads the header with `json`, which keeps the last of two equal
members, and it imports the key anew for each token, while keys here are imported and checked
already. What is left is to bind `alg` to the key, and that is one comparison.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from gateway.formats._jose_key import signing_key
from gateway.formats._token_proof import prove_token
from gateway.model import ProofSummary
from gateway.signatures import ALGORITHMS, is_valid
from gateway.structure import issuer_of
from resolvers import base64url, strict_json
from resolvers.problems import Invalid, Unavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from gateway.formats._jose_key import SigningKey
    from gateway.model import Proven, Secured
    from gateway.plugins import ProofTools
    from resolvers.model import PublicKey

CLAIMS: Final = frozenset({"iss", "sub", "aud", "exp", "nbf", "iat", "jti"})
"""Registered claims (RFC 7519, section 4.1), which are the token's and no members of a credential."""

_SEGMENTS: Final = 3
_ACCEPTED: Final = frozenset(ALGORITHMS.values())
_REFUSED: Final = frozenset({"none", "HS256", "HS384", "HS512"})
"""Whoever can verify a MAC can make one, and `none` proves nothing: no key makes them a signature."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A compact JWS whose payload is a JSON object. Its signature is not verified yet."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    signing_input: bytes
    signature: bytes


def peek_header(text: str) -> Mapping[str, Any] | None:
    """Return the header as it seems to be, to tell whose the token is; None if it is no JWS.

    Loose, since what is malformed is to be refused by whoever it belongs to; nothing else may use it.
    """
    return _peeked(text)[0]


def peek_payload(text: str) -> Any:
    """Return the payload as it seems to be, likewise; None if it is no JSON, or there is no header."""
    return _peeked(text)[1]


def parse(text: str) -> Token:
    """Read a compact JWS strictly.

    Raises:
        Invalid: `token-malformed`, or what `strict_json.loads` raises.
    """
    segments = text.split(".")
    if len(segments) != _SEGMENTS or not text.isascii():
        raise malformed("a compact JWS has three parts")
    header, claims = _object(segments[0], "header"), _object(segments[1], "payload")
    # Neither is understood here, and a signature over an unencoded payload would cover other octets
    # (RFC 7515, section 4.1.11; RFC 7797, section 7).
    if "crit" in header or "b64" in header:
        raise malformed("the header has crit or b64")
    for name in ("alg", "typ"):
        if name in header and not isinstance(header[name], str):
            raise malformed(f"the header's {name} is not a string")
    for name in ("iss", "sub", "aud"):  # RFC 7519, section 5.3
        if name in header and header[name] != claims.get(name):
            raise malformed(f"{name} differs between header and payload")
    return Token(
        header=header,
        claims=claims,
        signing_input=f"{segments[0]}.{segments[1]}".encode("ascii"),
        signature=_octets(segments[2], "signature"),
    )


async def prove(
    secured: Secured,
    tools: ProofTools,
    *,
    token: Token | None = None,
    overdue: Invalid | None = None,
    find: Callable[[], Awaitable[SigningKey]] | None = None,
) -> Proven:
    """Verify the token of `secured`: the one proof that a credential in a JWS has.

    Args:
        secured: the credential.
        tools: what may be used.
        token: the token, where it is not `secured.token` itself.
        overdue: what the format found wrong with the token's own times.
        find: finds the key, by default by the header, among those of the credential's issuer.
    """
    token = token or secured.token
    alg, kid = token.header.get("alg"), token.header.get("kid")

    async def key() -> SigningKey:
        if overdue is not None:
            raise overdue
        check_algorithm(alg)
        return await (find() if find is not None else signing_key(token.header, issuer_of(secured.document), tools))

    return await prove_token(
        secured,
        tools,
        find=key,
        check=lambda found: check_signature(token, found.key, found.method),
        summary=ProofSummary(
            type="JsonWebSignature",
            alg=alg if isinstance(alg, str) else None,
            verification_method=kid if isinstance(kid, str) else None,
        ),
    )


def numeric_date(value: Any, name: str) -> datetime | None:
    """Return the instant of a NumericDate (RFC 7519, section 2); None if it is absent.

    Raises:
        Invalid: `token-malformed`.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise malformed(f"{name} is not a number", f"/{name}")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        raise malformed(f"{name} is no date of the years 1 to 9999", f"/{name}") from None


def media_type(typ: Any) -> str | None:
    """Return the media type that a `typ` names, without its "application/"; None if it is no text.

    It is compared without case (RFC 7515, section 4.1.9).
    """
    return typ.lower().removeprefix("application/") if isinstance(typ, str) else None


def malformed(detail: str, pointer: str | None = None) -> Invalid:
    """Return the problem of a token that is not well-formed."""
    return Invalid("token-malformed", detail, pointer=pointer)


def mismatch(detail: str, pointer: str) -> Invalid:
    """Return the problem of a token that says something else than the credential in it."""
    return Invalid("token-claims-mismatch", detail, pointer=pointer)


def check_algorithm(alg: Any) -> None:
    """Refuse what no key can mend, before one is looked up.

    Raises:
        Invalid: `unsupported-algorithm`: it is no signature.
        Unavailable: `unsupported-algorithm`: it is not verified here.
    """
    if alg in _ACCEPTED:
        return
    if alg is None or alg in _REFUSED:
        raise Invalid("unsupported-algorithm", f"alg {alg} is no signature")
    raise Unavailable("unsupported-algorithm", f"alg {str(alg)[:40]!r}")


def check_signature(token: Token, key: PublicKey | None, method: str | None) -> None:
    """Check the signature by the one algorithm of the key, which the token has to name.

    `key` is None where `method`, as it could not be the signer's, was not looked up.

    Raises:
        Invalid: `CRYPTOGRAPHIC_SECURITY_ERROR`.
        Unavailable: `not-asked`.
    """
    if key is None:
        raise Unavailable("not-asked", f"{method} is not looked up")
    alg = token.header.get("alg")
    if ALGORITHMS.get(key.type) != alg:
        raise Invalid("CRYPTOGRAPHIC_SECURITY_ERROR", f"alg {alg} is not that of a key of type {key.type}")
    if not is_valid(key, token.signature, token.signing_input):
        raise Invalid("CRYPTOGRAPHIC_SECURITY_ERROR", "the signature does not match the token")


def _object(segment: str, name: str) -> dict[str, Any]:
    value = strict_json.loads(_octets(segment, name))
    if not isinstance(value, dict):
        raise malformed(f"the {name} is not a JSON object")
    return value


def _octets(segment: str, name: str) -> bytes:
    try:
        return base64url.decode(segment)
    except ValueError as error:
        raise malformed(f"the {name} is {error}") from None


@lru_cache(maxsize=1)  # a dozen formats look at one token in a row: at a payload of 1 MB, for half a second
def _peeked(text: str) -> tuple[Mapping[str, Any] | None, Any]:
    segments = text.split(".", _SEGMENTS)
    # What has a tilde is an SD-JWT, whatever the JWT in it says.
    header = _loosely(segments[0]) if len(segments) == _SEGMENTS and "~" not in text else None
    return (header, _loosely(segments[1])) if isinstance(header, dict) else (None, None)


def _loosely(segment: str) -> Any:
    try:
        return json.loads(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    except (ValueError, RecursionError):
        return None
