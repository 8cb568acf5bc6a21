"""The key of a token, and whether it is the issuer's.

`kid` is a hint, and it has to lead to a method in the issuer's own document. `jku`, `x5u` and `x5c`
are never looked at: whoever forges a token writes them. A `jwk` in the header can show that the
token is intact, but anybody can put one there, so it says nothing about the issuer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from gateway.formats import _checks
from gateway.model import CheckName, Outcome
from resolvers import keys
from resolvers.problems import Invalid, Problem, Unavailable

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from gateway.model import CheckResult
    from gateway.plugins import ProofTools
    from resolvers.model import PublicKey, VerificationMethod

_ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_DERIVED: Final = ("did:key:", "did:jwk:")
"""DIDs of one key, whose document follows from the DID: nothing is fetched for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """Which key signed, as far as that can be known, and whether it is the issuer's."""

    issuer: CheckResult
    key: PublicKey | None = None
    """None where it was not looked up, since it could not be the issuer's."""
    method: str | None = None
    certificates: tuple[bytes, ...] = ()
    """The chain that certifies it (DER, leaf first), where that is how it is known."""
    issued_by: str | None = None
    """The issuer, where the record does not name it in `issuer`."""


async def signing_key(header: Mapping[str, Any], issuer: str | None, tools: ProofTools) -> SigningKey:
    """Return the key that the header of a token leads to.

    Raises:
        Invalid, Unavailable: there is none.
    """
    kid = key_id(header)
    if kid is None:
        if "jwk" in header:
            return SigningKey(key=keys.from_jwk(header["jwk"]), issuer=_checks.foreign(issuer, "a jwk in the header"))
        kid = _only_method(issuer)
    if issuer is None:
        raise Invalid("INVALID_VERIFICATION_METHOD_URL", "the credential names no issuer whose key it could be")
    url = _absolute(kid, issuer)
    document = url.partition("#")[0]
    if document == issuer or document.startswith(_DERIVED):
        return await _dereferenced(url, issuer, tools)
    return await _elsewhere(url, issuer, tools)


def key_id(header: Mapping[str, Any]) -> str | None:
    """Return the `kid` of a header, where it has one.

    Raises:
        Invalid: `token-malformed`: "Its value MUST be a case-sensitive string" (RFC 7515, section 4.1.4).
    """
    kid = header.get("kid")
    if "kid" in header and not isinstance(kid, str):
        raise Invalid("token-malformed", "the header's kid is not a string")
    return kid


def _only_method(issuer: str | None) -> str:
    """Return the method of an issuer that can have but one."""
    if issuer is not None and issuer.startswith(_DERIVED):
        return f"{issuer}#0" if issuer.startswith("did:jwk:") else f"{issuer}#{issuer.removeprefix('did:key:')}"
    # The JWT encoding of VCDM 1.1 lets an issuer with a single key leave it out.
    raise Unavailable(
        "INVALID_VERIFICATION_METHOD_URL", "the header names no key (kid), and the issuer may have several"
    )


def _absolute(kid: str, issuer: str) -> str:
    """Return the URL that `kid` stands for: itself, or a fragment of the issuer's document."""
    if _ABSOLUTE.match(kid):
        return kid
    return f"{issuer}#{kid.removeprefix('#')}"


async def _dereferenced(
    url: str,
    issuer: str,
    tools: ProofTools,
    *,
    listed: bool = False,
    published: Collection[PublicKey] = (),
    otherwise: CheckResult | None = None,
) -> SigningKey:
    """Return the key of the method `url`; it is the issuer's if it is in, or listed by, the issuer's document.

    Or if it is, by whatever name, one of the keys `published` by the issuer's origin.
    """
    method = await _method(url, tools)
    _checks.check_usable(method, tools)
    # VC-JOSE-COSE, Using Controlled Identifier Documents: "publicKeyJwk". The document of a did:key
    # is no document that anybody wrote: either form follows from the DID.
    if not method.key.jwk and method.source is not None:
        raise Invalid("INVALID_VERIFICATION_METHOD", f"{url} does not give its key as publicKeyJwk")
    if listed or method.document == issuer:
        check = _checks.bound("document", method)
    elif any(key.type is method.key.type and key.key == method.key.key for key in published):
        check = _checks.bound("origin_jwks", method)
    else:
        check = otherwise or _checks.foreign(issuer, url)
    return SigningKey(key=method.key, method=method.id, issuer=check)


async def _elsewhere(url: str, issuer: str, tools: ProofTools) -> SigningKey:
    """Return a key outside the issuer's document.

    It is fetched only if that document lists it or the issuer's origin is its own, and it is the
    issuer's only if the document, or the origin's own key set, names it: on a shared host, one
    tenant must not sign as another.
    """
    listed, doubt = await _is_listed(url, issuer, tools)
    if listed:
        return await _dereferenced(url, issuer, tools, listed=True)
    origin = _origin(issuer)
    if origin is None or origin != _origin(url):
        return SigningKey(issuer=_unbound(issuer, url, doubt), method=url)
    published: Mapping[str, PublicKey] = {}
    try:
        published = await tools.keys.origin_jwks(issuer)
    except (Invalid, Unavailable) as stopped:
        doubt = doubt or (stopped.problem if isinstance(stopped, Unavailable) else None)
    if url in published:
        check = _checks.result(CheckName.ISSUER, Outcome.PASS, basis="origin_jwks", verificationMethod=url)
        return SigningKey(key=published[url], method=url, issuer=check)
    otherwise = _unbound(issuer, url, doubt)
    return await _dereferenced(url, issuer, tools, published=published.values(), otherwise=otherwise)


async def _method(url: str, tools: ProofTools) -> VerificationMethod:
    """Dereference the method `url`; at an https URL a bare JSON Web Key, or a set of them, may lie instead.

    Open Badges 3.0 ("JOSE Header") has the `kid` lead to the former. What lies there says nothing of
    its issuer: that is for the caller to find out.
    """
    if url.startswith("https://") and "#" not in url:  # so no method of a document is named
        return await tools.keys.published_key(url)
    try:
        return await tools.keys.dereference(url, purpose=tools.purpose)
    except Invalid as no_document:
        if url.startswith("did:") or no_document.problem.code != "INVALID_CONTROLLED_IDENTIFIER_DOCUMENT":
            raise
        try:
            return await tools.keys.published_key(url)
        except Invalid as no_key:
            raise (no_key if no_key.problem.code == "NOT_FOUND" else no_document) from None


async def _is_listed(url: str, issuer: str, tools: ProofTools) -> tuple[bool, Problem | None]:
    """Whether the issuer's document lists the method `url`, and why that is not known."""
    try:
        return await tools.keys.lists_key(issuer, url, purpose=tools.purpose), None
    except Invalid:
        return False, None  # what is no controlled identifier document lists no key
    except Unavailable as unknown:
        return False, unknown.problem


def _unbound(issuer: str, url: str, doubt: Problem | None) -> CheckResult:
    """Return that the key is not the issuer's; or, where a document could not be had, that it is not known."""
    if doubt is None:
        return _checks.foreign(issuer, url)
    return _checks.result(CheckName.ISSUER, Outcome.INDETERMINATE, doubt)


def _origin(url: str) -> tuple[str | None, int] | None:
    """Return host and port of an https URL; None of anything else."""
    try:
        parts = urlsplit(url)
        port = parts.port or 443
    except ValueError:
        return None
    return (parts.hostname, port) if parts.scheme == "https" else None
