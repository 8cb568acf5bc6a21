"""SD-JWT: an issuer's JWT with digests in it, and the disclosures that a holder chose to show (RFC 9901).

What is read here is not trusted: whose signature the JWT bears, the formats find out. But that each
disclosure is one that the JWT names is found out here, by section 7.1, step 3 to 5, in its order and
its words; and a disclosure is either named, once, or the whole is refused. Nothing is dropped silently.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from gateway.formats import _jose
from resolvers import base64url, strict_json
from resolvers.problems import Invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from gateway.formats._jose import Token
    from gateway.model import Presented

MAX_DISCLOSURES: Final = 4096
"""Disclosures of one presentation: each costs a hash and a parse, and a diploma has some hundred."""

HASHES: Final[Mapping[str, Callable[[bytes], Any]]] = {
    "sha-256": hashlib.sha256,
    "sha-384": hashlib.sha384,
    "sha-512": hashlib.sha512,
}
"""The hash of each `_sd_alg`: of the names in the IANA registry, those that are second-preimage resistant and
in use. "The hash algorithms MD2, MD4, MD5, and SHA-1 … MUST NOT be used" (section 9.4)."""

NEVER_DISCLOSED: Final = frozenset({"iss", "nbf", "exp", "cnf", "aud"})
"""Claims by which a verifier judges whether the JWT is authentic and valid, so that "an Issuer MUST NOT
allow" a holder to choose whether to show them (section 9.7)."""

_SD: Final = "_sd"
_SD_ALG: Final = "_sd_alg"
_ELEMENT: Final = "..."
_RESERVED: Final = frozenset({_SD, _ELEMENT, _SD_ALG})
_OF_CLAIM: Final = 3
_OF_ELEMENT: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class SdJwt:
    """An SD-JWT whose disclosures are all its own. Its signature is not verified yet."""

    token: Token
    """The issuer-signed JWT; its `claims` are the processed payload, with what was disclosed in place."""
    covered: bytes
    """What the `sd_hash` of a key binding JWT covers: the JWT and each disclosure, with a tilde after each."""
    hash: Callable[[bytes], Any]
    """The hash that `_sd_alg` names."""
    key_binding: str | None = None
    """The compact key binding JWT, where there is one."""


def read(presented: Presented, *, never: Iterable[str] = NEVER_DISCLOSED) -> SdJwt:
    """Read an SD-JWT in either serialization.

    Raises:
        Invalid: as `parse`; `PARSING_ERROR`.
    """
    if isinstance(presented.content, str):
        return parse(presented.content, never=never)
    if isinstance(presented.content, dict):
        return parse_json(presented.content, never=never)
    raise Invalid("PARSING_ERROR", "neither a token nor a JSON object")


def parse(text: str, *, never: Iterable[str] = NEVER_DISCLOSED) -> SdJwt:
    """Read an SD-JWT in compact form (section 4): `<JWT>~<Disclosure>~…~`, and perhaps a key binding JWT.

    `never` are the claims that the payload must hold itself, or not at all.

    Raises:
        Invalid: `token-malformed`; `disclosure-invalid`; `unsupported-algorithm`; what `strict_json.loads` raises.
    """
    jwt, tilde, rest = text.partition("~")
    if not tilde:
        raise _jose.malformed("an SD-JWT ends its JWT with a tilde")
    *disclosures, last = rest.split("~")
    return _read(jwt, disclosures, last or None, never)


def parse_json(document: Mapping[str, Any], *, never: Iterable[str] = NEVER_DISCLOSED) -> SdJwt:
    """Read an SD-JWT in JWS JSON serialization (section 8), flattened, or general with one signature.

    The disclosures and the key binding JWT are in the unprotected header; drafts before the RFC had
    them beside `payload`.

    Raises:
        Invalid: as `parse`.
    """
    signatures = document.get("signatures", [document])
    if not isinstance(signatures, list) or len(signatures) != 1 or not isinstance(signatures[0], dict):
        raise _jose.malformed("an SD-JWT has one signature")
    signature = signatures[0]
    header = signature.get("header", {})
    parts = (signature.get("protected"), document.get("payload"), signature.get("signature"))
    if not isinstance(header, dict) or not all(isinstance(part, str) for part in parts):
        raise _jose.malformed("not a JWS in JSON serialization")
    # What is not protected says nothing about the JWT: neither its key nor its algorithm.
    if not header.keys() <= {"disclosures", "kb_jwt"}:
        raise _jose.malformed("the unprotected header has a member beside disclosures and kb_jwt")
    disclosures, key_binding = _member("disclosures", document, header), _member("kb_jwt", document, header)
    if not isinstance(disclosures, list | None) or not isinstance(key_binding, str | None):
        raise _jose.malformed("disclosures is not an array, or kb_jwt not a string")
    return _read(".".join(map(str, parts)), disclosures or [], key_binding, never)


def _member(name: str, *places: Mapping[str, Any]) -> Any:
    found = [place[name] for place in places if name in place]
    if len(found) > 1:
        raise _jose.malformed(f"{name} is there twice")
    return found[0] if found else None


def _read(jwt: str, disclosures: list[Any], key_binding: str | None, never: Iterable[str]) -> SdJwt:
    token = _jose.parse(jwt)
    if len(disclosures) > MAX_DISCLOSURES:
        raise Invalid("too-large", f"{len(disclosures)} disclosures, of at most {MAX_DISCLOSURES}")
    # 7.1, step 2 (d): "Check that the _sd_alg value is understood and the hash algorithm is deemed secure".
    name = token.claims.get(_SD_ALG, "sha-256")
    digest = HASHES.get(name) if isinstance(name, str) else None
    if digest is None:
        raise Invalid("unsupported-algorithm", f"_sd_alg {str(name)[:40]!r}", pointer="/_sd_alg")
    # 7.1, step 3 (a): "Calculate the digest over the base64url-encoded string".
    by_digest: dict[str, list[Any]] = {}
    for text in disclosures:
        value = _disclosure(text)
        key = base64url.encode(digest(text.encode("ascii")).digest())
        if key in by_digest:  # "or send a Disclosure more than once" (section 4)
            raise _wrong("a disclosure is there twice")
        by_digest[key] = value
    claims = _Processing(by_digest).payload(token.claims, frozenset(never))
    covered = "".join(f"{part}~" for part in (jwt, *disclosures))
    return SdJwt(
        token=replace(token, claims=claims), covered=covered.encode("ascii"), hash=digest, key_binding=key_binding
    )


def _disclosure(text: Any) -> list[Any]:
    """Return the array that a disclosure is (section 4.2.1 and 4.2.2)."""
    if not isinstance(text, str) or not text.isascii():
        raise _wrong("a disclosure is not a text")
    try:
        value = strict_json.loads(base64url.decode(text))
    except ValueError as error:
        raise _wrong(f"a disclosure is {error}") from None
    if not isinstance(value, list) or len(value) not in (_OF_ELEMENT, _OF_CLAIM):
        raise _wrong("a disclosure is not an array of two or three")
    if not isinstance(value[0], str):
        raise _wrong("the salt of a disclosure is not a string")
    if len(value) == _OF_CLAIM and not isinstance(value[1], str):
        raise _wrong("the claim name of a disclosure is not a string")
    return value


class _Processing:
    """Puts disclosures in the place of their digests, at every depth."""

    __slots__ = ("_by_digest", "_met", "_used")

    def __init__(self, by_digest: Mapping[str, list[Any]]) -> None:
        self._by_digest = by_digest
        self._met: set[str] = set()
        self._used: set[str] = set()

    def payload(self, claims: Mapping[str, Any], never: frozenset[str]) -> dict[str, Any]:
        """Return the processed payload."""
        processed = self._object({name: value for name, value in claims.items() if name != _SD_ALG}, 0)  # step 3 (f)
        for name in sorted(never & processed.keys()):
            if name not in claims or processed[name] != claims[name]:
                raise _wrong(f"the holder may choose what to show of {name}", f"/{name}")
        # Step 5: "If any Disclosure was not referenced by digest value in the Issuer-signed JWT (directly
        # or recursively via other Disclosures), the SD-JWT MUST be rejected."
        if len(self._used) != len(self._by_digest):
            raise _wrong("a disclosure is not one that the issuer signed")
        return processed

    def _value(self, value: Any, depth: int) -> Any:
        if depth > strict_json.MAX_DEPTH:
            raise Invalid("too-deep", f"more than {strict_json.MAX_DEPTH} levels, disclosures included")
        if isinstance(value, dict):
            return self._object(value, depth)
        return self._array(value, depth) if isinstance(value, list) else value

    def _object(self, node: Mapping[str, Any], depth: int) -> dict[str, Any]:
        """Steps 3 (b) (i), (c) (ii) and (e): the digests of an object's `_sd`, which is then removed."""
        if not _RESERVED.isdisjoint(node.keys() - {_SD}):
            # "The payload MUST NOT contain the claims _sd or ... except for the purpose of conveying digests"
            # (section 4.1), and `_sd_alg` "MUST NOT be used in any object nested within the payload" (4.1.1).
            raise _wrong("the payload uses a reserved claim name")
        digests = node.get(_SD, [])
        if not isinstance(digests, list) or not all(isinstance(digest, str) for digest in digests):
            raise _wrong("_sd is not an array of strings")  # "MUST refer to an array of strings" (4.2.4.1)
        processed = {name: self._value(member, depth + 1) for name, member in node.items() if name != _SD}
        for digest in digests:
            disclosure = self._referenced(digest, _OF_CLAIM)
            if disclosure is None:
                continue
            _, name, value = disclosure
            if name in _RESERVED:
                raise _wrong("a disclosure has a reserved claim name")
            if name in processed:
                raise _wrong("a disclosure names a claim that is there already")
            processed[name] = self._value(value, depth + 1)
        return processed

    def _array(self, items: list[Any], depth: int) -> list[Any]:
        """Steps 3 (b) (ii), (c) (iii) and (d): digests in the place of elements, removed where none is disclosed."""
        processed = []
        for item in items:
            if not isinstance(item, dict) or _ELEMENT not in item:
                processed.append(self._value(item, depth + 1))
                continue
            # "There MUST NOT be any other keys in the object" (section 4.2.4.2).
            if len(item) != 1 or not isinstance(item[_ELEMENT], str):
                raise _wrong("the place of an array element holds more than a digest")
            disclosure = self._referenced(item[_ELEMENT], _OF_ELEMENT)
            if disclosure is not None:
                processed.append(self._value(disclosure[1], depth + 1))
        return processed

    def _referenced(self, digest: str, length: int) -> list[Any] | None:
        """Return the disclosure of a digest that is met for the first time; None of a decoy or of what is not shown.

        Step 4: "If any digest value is encountered more than once in the Issuer-signed JWT payload (directly
        or recursively via other Disclosures), the SD-JWT MUST be rejected."
        """
        if digest in self._met:
            raise _wrong("a digest is there twice")
        self._met.add(digest)
        disclosure = self._by_digest.get(digest)
        if disclosure is None:
            return None
        if len(disclosure) != length:
            raise _wrong("a claim is disclosed as an array element, or the reverse")
        self._used.add(digest)
        return disclosure


def _wrong(detail: str, pointer: str | None = None) -> Invalid:
    return Invalid("disclosure-invalid", detail, pointer=pointer)
