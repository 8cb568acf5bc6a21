"""A JWS in JSON serialization (RFC 7515, section 7.2), whose payload may be text that is not encoded (RFC 7797).

Read strictly: what is signed is told from the protected header alone, an extension that is not understood
is refused, and the payload is one JSON object without a member twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gateway.formats._jose import malformed
from resolvers import base64url, strict_json

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_SIGNATURES: Final = 4
"""Signatures of one record: each costs certificates to follow, and the field has one."""

_UNDERSTOOD: Final = frozenset({"b64", "sigT", "adoTst"})
"""Extensions that may stand in `crit`: the unencoded payload (RFC 7797), and of ETSI TS 119 182-1 the claimed
time of signing and the time-stamps over the payload."""
_FLATTENED: Final = ("protected", "header", "signature")
_PROTECTED_ONLY: Final = frozenset({"alg", "crit", "b64", "x5c", "x5t#S256", "sigT", "iat"})


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonSignature:
    """One signature, not verified yet."""

    protected: Mapping[str, Any]
    header: Mapping[str, Any]
    """The unprotected header: anybody may have written it."""
    signing_input: bytes
    text: str
    """The signature in base64url."""
    octets: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonToken:
    """A payload with its signatures."""

    payload: bytes
    """As it stands between the dots: the text itself, or its base64url."""
    document: Mapping[str, Any]
    signatures: tuple[JsonSignature, ...]


def is_token(content: Any) -> bool:
    """Whether this is a JWS in JSON serialization by its members, and nothing else that has a payload."""
    return (
        isinstance(content, dict)
        and isinstance(content.get("payload"), str)
        and ("signatures" in content or "signature" in content)
        and content.keys().isdisjoint({"proof", "type", "@context"})
    )


def parse(content: Mapping[str, Any]) -> JsonToken:
    """Read a JWS in JSON serialization, general or flattened.

    Raises:
        Invalid: `token-malformed`, or what `strict_json.loads` raises.
    """
    text: str = content["payload"]
    given = _signatures(content)
    try:
        octets = text.encode()
    except UnicodeEncodeError:
        raise malformed("the payload is not Unicode text", "/payload") from None
    signatures = tuple(_signature(one, octets) for one in given)
    raw = {one.protected.get("b64", True) for one in signatures}
    if len(raw) != 1:  # "the "b64" Header Parameter value MUST be the same for all of them" (RFC 7797, section 3)
        raise malformed("some signatures are over the encoded payload, and some are not")
    document = strict_json.loads(_decoded(text, "payload") if raw == {True} else octets)
    if not isinstance(document, dict):
        raise malformed("the payload is not a JSON object")
    return JsonToken(payload=octets, document=document, signatures=signatures)


def _signatures(content: Mapping[str, Any]) -> list[Any]:
    if "signatures" not in content:
        return [{name: content[name] for name in _FLATTENED if name in content}]
    # "The 'signatures' member MUST NOT be present when using this syntax." (RFC 7515, section 7.2.2)
    if not content.keys().isdisjoint(_FLATTENED):
        raise malformed("the token is both general and flattened")
    found = content["signatures"]
    if not isinstance(found, list) or not 0 < len(found) <= MAX_SIGNATURES:
        raise malformed(f"signatures is not an array of 1 to {MAX_SIGNATURES}", "/signatures")
    return found


def _signature(given: Any, payload: bytes) -> JsonSignature:
    if not isinstance(given, dict) or not all(isinstance(given.get(name), str) for name in ("protected", "signature")):
        raise malformed("a signature is an object with protected and signature")
    protected, header = strict_json.loads(_decoded(given["protected"], "protected header")), given.get("header", {})
    if not isinstance(protected, dict) or not isinstance(header, dict):
        raise malformed("a header is not a JSON object")
    # "The Header Parameter names in the two locations MUST be disjoint." (RFC 7515, section 7.2.1) Where a
    # signature stands or falls with one, it is worth nothing unprotected.
    if not header.keys().isdisjoint(protected.keys() | _PROTECTED_ONLY):
        raise malformed("the unprotected header has a name of the protected one")
    _check_critical(protected)
    if not isinstance(protected.get("alg"), str):
        raise malformed("the protected header has no alg")
    return JsonSignature(
        protected=protected,
        header=header,
        signing_input=given["protected"].encode("ascii") + b"." + payload,
        text=given["signature"],
        octets=_decoded(given["signature"], "signature"),
    )


def _check_critical(protected: Mapping[str, Any]) -> None:
    """Check `crit`: an array of distinct names, each understood and in the header (RFC 7515, section 4.1.11)."""
    if "b64" in protected and not isinstance(protected["b64"], bool):
        raise malformed("b64 is not a truth value")
    if "crit" not in protected:
        if "b64" in protected:  # a reader that does not know it would verify other octets (RFC 7797, section 6)
            raise malformed("b64 is not in crit")
        return
    critical = protected["crit"]
    if not isinstance(critical, list) or not critical or not all(isinstance(name, str) for name in critical):
        raise malformed("crit is not an array of names")
    if len(set(critical)) != len(critical) or not protected.keys() >= set(critical):
        raise malformed("crit has a name twice, or one that the header lacks")
    unknown = sorted(set(critical) - _UNDERSTOOD)
    if unknown:
        raise malformed(f"crit has {unknown[0][:60]!r}, which is not understood here")
    if "b64" in protected and "b64" not in critical:
        raise malformed("b64 is not in crit")


def _decoded(text: str, name: str) -> bytes:
    try:
        return base64url.decode(text)
    except ValueError as error:
        raise malformed(f"the {name} is {error}") from None
