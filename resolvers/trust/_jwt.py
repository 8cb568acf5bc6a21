"""Signed statements of trust sources: compact JWTs, read strictly, and verified under keys that are known before."""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwk import JWKRegistry

from resolvers import compact_jws, keys, strict_json
from resolvers.model import KeyType
from resolvers.problems import Invalid, Unavailable
from resolvers.trust._registries import defective

if TYPE_CHECKING:
    from collections.abc import Mapping

    from resolvers.model import Provenance, PublicKey

CLOCK_SKEW: Final = timedelta(minutes=5)
"""By which an issuer's clock may be ahead of ours."""
_ALGORITHMS: Final = {
    KeyType.ED25519: ("EdDSA", "Ed25519"),
    KeyType.P256: ("ES256",),
    KeyType.P384: ("ES384",),
    KeyType.P521: ("ES512",),
    KeyType.RSA: ("RS256", "PS256"),
}
"""The only algorithms, each bound to its type of key (RFC 8725, sections 3.1 and 3.2)."""
_KEY_TYPES: Final[Mapping[KeyType, Literal["OKP", "EC", "RSA"]]] = {
    KeyType.ED25519: "OKP",
    KeyType.P256: "EC",
    KeyType.P384: "EC",
    KeyType.P521: "EC",
    KeyType.RSA: "RSA",
}
_MAX_CHARACTERS: Final = 256 * 1024
"""Of a token, before anything of it is decoded."""
_KEY_MEMBERS: Final = ("kty", "crv", "x", "y", "n", "e", "alg")
_MAX_KEYS: Final = 32
"""Keys of one statement: each takes a fifth of a millisecond to import, and a stranger writes them. An
entity has one or two, and as many again while it changes them."""
_REMEMBERED: Final = 4096
"""Statements whose newest issue is remembered; strangers choose their subjects, so there must be an end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A well-formed JWT. Nothing of it is true before a key has checked it.

    It is kept in the cache, and so are the keys in it and the keys that have checked it: a chain of
    statements would else cost milliseconds every time.
    """

    text: str
    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    _keys: list[KeySet] = field(default_factory=list, repr=False, compare=False)
    _checked_by: set[VerificationKey] = field(default_factory=set, repr=False, compare=False)

    @property
    def key_id(self) -> str:
        """The header's `kid`; "" where there is none."""
        kid = self.header.get("kid")
        return kid if isinstance(kid, str) else ""

    def jwks(self) -> KeySet:
        """Return the keys of its `jwks`.

        Raises:
            Unavailable: `registry-defective`.
        """
        if not self._keys:
            self._keys.append(key_set(self.claims.get("jwks")))
        return self._keys[0]

    def text_claim(self, name: str) -> str:
        """Return a claim that has to be there, as a string.

        Raises:
            Unavailable: `registry-defective`.
        """
        value = self.claims.get(name)
        if not isinstance(value, str) or not value:
            raise defective(f"the statement has no {name}")
        return value

    def instant(self, name: str) -> datetime | None:
        """Return a NumericDate (RFC 7519, section 2), None where it is not there.

        Raises:
            Unavailable: `registry-defective`.
        """
        value = self.claims.get(name)
        if value is None and name not in self.claims:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise defective(f"the statement's {name} is not a number of seconds")
        try:
            return datetime.fromtimestamp(value, UTC)
        except (OverflowError, ValueError, OSError):
            raise defective(f"the statement's {name} is no instant") from None

    def issued(self, now: datetime) -> datetime:
        """Return when it was issued, which has to be said, and not to be in the future.

        Raises:
            Unavailable: `registry-defective`.
        """
        issued = self.instant("iat")
        if issued is None:
            raise defective("the statement does not say when it was issued")
        if issued > now + CLOCK_SKEW:
            raise defective("the statement was issued in the future")
        return issued


class Ended(Unavailable):
    """A statement that is genuine, but whose time is over."""

    def __init__(self, ended: datetime) -> None:
        super().__init__("registry-defective", f"the statement ended at {ended.isoformat()}")


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationKey:
    """A public key, imported and checked, with the only algorithms that it is used with."""

    thumbprint: str
    """RFC 7638."""
    key: Any = field(compare=False)
    """joserfc's."""
    algorithms: tuple[str, ...]

    def check(self, token: Token) -> None:
        """Check that this key signed `token`.

        Raises:
            Unavailable: `registry-defective`.
        """
        if self in token._checked_by:  # noqa: SLF001 — the two are one mechanism
            return
        try:
            compact_jws.check_signature(token.text, self.key, self.algorithms)
        except ValueError:
            raise defective("the statement's signature does not verify") from None
        token._checked_by.add(self)  # noqa: SLF001 — as above


KeySet = dict[str, VerificationKey]
"""Keys by `kid`."""


class Newest:
    """Remembers when the newest statement of each kind was issued, so that no older one takes its place (T14)."""

    def __init__(self) -> None:
        """Start without having seen any."""
        self._issued: OrderedDict[tuple[str, ...], datetime] = OrderedDict()

    def admit(self, key: tuple[str, ...], issued: datetime) -> None:
        """Note a *verified* statement about `key`.

        Raises:
            Unavailable: `registry-defective`: a newer one has been seen.
        """
        newest = self._issued.pop(key, issued)
        self._issued[key] = max(newest, issued)
        if len(self._issued) > _REMEMBERED:
            self._issued.popitem(last=False)
        if issued < newest:
            raise defective(f"the statement of {issued.isoformat()} is older than one seen before")


def decode(body: bytes | str, *, typ: str | None) -> Token:
    """Read a compact JWT whose header is explicitly typed `typ` (RFC 8725, section 3.11); None: it has no `typ`.

    Raises:
        Unavailable: `registry-defective`.
    """
    if len(body) > _MAX_CHARACTERS:
        raise defective(f"the token has more than {_MAX_CHARACTERS} characters")
    try:
        text = (body if isinstance(body, str) else body.decode("ascii")).strip()
        header, payload = compact_jws.split(text)
        claims = strict_json.loads(payload)
    except (ValueError, Invalid):
        raise defective("it is not a compact JWT") from None
    if not isinstance(claims, dict):
        raise defective("its claims are not an object")
    if header.get("typ") != typ:
        raise defective(f"it is not a JWT of type {typ}" if typ else "its header has a type")
    # Nothing that a header calls critical is understood here (RFC 7515, section 4.1.11).
    if "crit" in header or "b64" in header:
        raise defective("its header asks for something that is not understood here")
    return Token(text=text, header=header, claims=claims)


def pinned(jwk: Mapping[str, str] | None, of: str) -> VerificationKey:
    """Import the JWK that the operator has pinned for `of`.

    Raises:
        Unavailable: `registry-defective`: there is none; `unsupported-key-type`.
        Invalid: `INVALID_VERIFICATION_METHOD`: no key that an honest signer has, or a private one.
    """
    if jwk is None:
        raise defective(f"no key is pinned for {of[:200]}")
    keys.from_jwk(dict(jwk))
    return _import(tuple(sorted((name, jwk[name]) for name in _KEY_MEMBERS if name in jwk)))


def of_public_key(key: PublicKey) -> VerificationKey:
    """Return the key of a verification method, with the algorithms of its type.

    Raises:
        Unavailable: `unsupported-key-type`.
    """
    algorithms = _ALGORITHMS.get(key.type)
    if algorithms is None:
        raise Unavailable("unsupported-key-type", f"keys of type {key.type} sign no statements here")
    spki = key.key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    imported = JWKRegistry.import_key(spki, _KEY_TYPES[key.type])
    return VerificationKey(thumbprint=imported.thumbprint(), key=imported, algorithms=algorithms)


def key_set(jwks: Any) -> KeySet:
    """Import a JWK Set in which "Every JWK […] MUST have a unique kid" (OpenID Federation 1.0, section 3.1.1).

    A key that is not understood, or not for signatures, is left out (RFC 7517, section 5).

    Raises:
        Unavailable: `registry-defective`: no JWK Set, too many keys, one without a `kid` of its own, or a private one.
    """
    entries = jwks.get("keys") if isinstance(jwks, dict) else None
    if not isinstance(entries, list) or not entries:
        raise defective("the statement has no jwks")
    if len(entries) > _MAX_KEYS:
        raise defective(f"the statement has more than {_MAX_KEYS} keys")
    found: KeySet = {}
    seen: set[str] = set()
    for entry in entries:
        kid = entry.get("kid") if isinstance(entry, dict) else None
        if not isinstance(kid, str) or not kid or kid in seen or keys.is_private(entry):
            raise defective("a key in the statement's jwks has no kid of its own, or is a private one")
        seen.add(kid)
        try:
            keys.from_jwk(entry)  # all of it, `key_ops` and `x5c` too
            found[kid] = _import(tuple(sorted((name, entry[name]) for name in _KEY_MEMBERS if name in entry)))
        except (Invalid, Unavailable):
            continue
    return found


def check_signature(token: Token, by: KeySet) -> None:
    """Check that `token` is signed by the key of `by` that its `kid` names.

    Raises:
        Unavailable: `registry-defective`.
    """
    key = by.get(token.key_id)
    if key is None:
        raise defective(f"the key {token.key_id[:100]!r} is none of its signer's")
    key.check(token)


def now_of(source: Provenance) -> datetime:
    """Return the instant at which a document with that provenance was looked at."""
    return source.fetched_at + timedelta(seconds=source.age)


@lru_cache(maxsize=1024)
def _import(members: tuple[tuple[str, str], ...]) -> VerificationKey:
    """Import a JWK that has passed the checks of any issuer's key, and keep it."""
    jwk = dict(members)
    algorithms = _ALGORITHMS.get(keys.from_jwk(jwk).type, ())
    if "alg" in jwk:
        algorithms = tuple(name for name in algorithms if name == jwk["alg"])
    if not algorithms:
        raise Unavailable("unsupported-key-type", "the key is of a type that signs no statements")
    key = JWKRegistry.import_key(dict(jwk))
    return VerificationKey(thumbprint=key.thumbprint(), key=key, algorithms=algorithms)
