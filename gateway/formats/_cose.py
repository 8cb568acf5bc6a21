"""COSE_Sign1, read strictly (RFC 9052, section 4.2), and verified as a credential's proof.

Neither cwt 3.3 nor pycose 1.1 is used for it. Measured with valid signatures, both take an algorithm
that stands in the unprotected header alone, an unknown critical label, a protected header with equal
labels or with something after it, and octets after the message; cwt takes another algorithm than the
key's as well. What is left is a structure of four, and one more to hash.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gateway.formats import _jose
from gateway.formats._token_proof import prove_token
from gateway.model import ProofSummary
from gateway.signatures import ALGORITHMS, is_valid
from gateway.validity import is_before, is_over
from resolvers import base64url, strict_cbor
from resolvers.problems import Invalid, Unavailable
from resolvers.strict_cbor import Tagged

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from gateway.formats._jose_key import SigningKey
    from gateway.model import Proven, Secured
    from gateway.plugins import ProofTools

ALG, CRIT, CONTENT_TYPE, KID, CWT_CLAIMS, TYP = 1, 2, 3, 4, 15, 16
"""Labels of header parameters (RFC 9052, section 3.1; RFC 9597; RFC 9596)."""

ISS, SUB, AUD, EXP, NBF, IAT, NONCE, STATUS = 1, 2, 3, 4, 5, 6, 10, 65535
"""CWT claims (RFC 8392, section 3.1; `Nonce` of RFC 9711; `status` of draft-ietf-oauth-status-list, section 6.3)."""

_UNDERSTOOD: Final = frozenset({ALG, CONTENT_TYPE, KID, CWT_CLAIMS, TYP})
_SIGN1: Final = 18
_CWT: Final = 61
_PARTS: Final = 4

NAMES: Final[Mapping[int, str]] = {
    -7: "ES256",
    -8: "EdDSA",
    -9: "ES256",
    -19: "EdDSA",
    -35: "ES384",
    -36: "ES512",
    -47: "ES256K",
    -51: "ES384",
    -52: "ES512",
    -257: "RS256",
}
"""COSE algorithm → the JOSE name under which keys have it. -9, -19, -51 and -52 are the fully-specified
algorithms of RFC 9864; the others are bound to one curve here too, which RFC 9053 leaves open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign1:
    """A COSE_Sign1 message. Its signature is not verified yet."""

    protected: Mapping[int | str, Any]
    unprotected: Mapping[int | str, Any]
    payload: bytes
    signed: bytes
    """The encoded Sig_structure (section 4.4)."""
    signature: bytes

    @property
    def alg(self) -> str | None:
        """The JOSE name of the algorithm in the protected header; None of one that is not known here."""
        alg = self.protected.get(ALG)
        return NAMES.get(alg) if type(alg) is int else None

    @property
    def typ(self) -> str | None:
        """The media type in the protected header, without its "application/"."""
        return _jose.media_type(self.protected.get(TYP))

    @property
    def key_id(self) -> str | None:
        """The `kid`, which is a hint wherever it stands; None if there is none that is text."""
        kid = self.protected.get(KID, self.unprotected.get(KID))
        try:
            return kid.decode() if isinstance(kid, bytes) else None
        except UnicodeDecodeError:
            return None

    @property
    def hints(self) -> Mapping[str, str]:
        """What the header says about the key, as a JOSE header would."""
        return {} if self.key_id is None else {"kid": self.key_id}

    @property
    def claims(self) -> Mapping[int | str, Any]:
        """The CWT claims in the header (RFC 9597)."""
        claims = self.protected.get(CWT_CLAIMS, {})
        return claims if isinstance(claims, dict) else {}


def from_text(text: str) -> bytes:
    """Return the octets of a message that came as text: base64url, or base64 as in a data: URL.

    Raises:
        Invalid: `token-malformed`.
    """
    try:
        if set(text).isdisjoint("+/="):
            return base64url.decode(text)
        octets = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error) as error:
        raise _jose.malformed(f"the message is {error}") from None
    if base64.b64encode(octets).decode("ascii") != text:
        raise _jose.malformed("the message is not canonical base64")
    return octets


def parse(octets: bytes) -> Sign1:
    """Read a COSE_Sign1 message, tagged as one or not, and as a CWT or not.

    Raises:
        Invalid: `token-malformed`.
    """
    message = _loads(octets, "message")
    if isinstance(message, Tagged) and message.tag == _CWT:
        message = message.value  # "The CWT tag MUST prefix a tagged object using one of the COSE CBOR tags"
        if not isinstance(message, Tagged):
            raise _jose.malformed("a CWT tag prefixes no COSE tag")
    if isinstance(message, Tagged) and message.tag == _SIGN1:
        message = message.value
    if not isinstance(message, list) or len(message) != _PARTS:
        raise _jose.malformed("a COSE_Sign1 message has four parts")
    encoded, unprotected, payload, signature = message
    if not (isinstance(encoded, bytes) and isinstance(unprotected, dict) and isinstance(signature, bytes)):
        raise _jose.malformed("a part of the message is of another type")
    if not isinstance(payload, bytes):
        raise _jose.malformed("the message carries no payload")
    protected = _loads(encoded, "protected header") if encoded else {}
    if not isinstance(protected, dict):
        raise _jose.malformed("the protected header is not a map")
    _check_headers(protected, unprotected)
    signed = b"\x84" + _text(b"Signature1") + _bytes(encoded) + _bytes(b"") + _bytes(payload)
    return Sign1(protected=protected, unprotected=unprotected, payload=payload, signed=signed, signature=signature)


async def prove(
    secured: Secured,
    tools: ProofTools,
    *,
    message: Sign1,
    overdue: Invalid | None,
    find: Callable[[], Awaitable[SigningKey]],
) -> Proven:
    """Verify the message: the one proof of what it holds.

    `overdue` is what the format found wrong with its times, or with whom it is for.
    """

    async def key() -> SigningKey:
        if overdue is not None:
            raise overdue
        algorithm(message)
        return await find()

    return await prove_token(
        secured,
        tools,
        find=key,
        check=lambda found: check_signature(message, found),
        summary=ProofSummary(type="CoseSign1", alg=message.alg, verification_method=message.key_id),
    )


def algorithm(message: Sign1) -> str:
    """Return the JOSE name of the message's algorithm, which is that of the protected header.

    Raises:
        Invalid, Unavailable: `unsupported-algorithm`.
    """
    if ALG not in message.protected:
        raise Invalid("unsupported-algorithm", "the protected header names no algorithm")
    if message.alg is None or message.alg not in ALGORITHMS.values():
        raise Unavailable("unsupported-algorithm", f"COSE algorithm {str(message.protected[ALG])[:40]!r}")
    return message.alg


def check_signature(message: Sign1, found: SigningKey) -> None:
    """Check the signature by the one algorithm of the key, which the message has to name.

    Raises:
        Invalid: `CRYPTOGRAPHIC_SECURITY_ERROR`, `unsupported-algorithm`.
        Unavailable: `not-asked`, `unsupported-algorithm`.
    """
    if found.key is None:
        raise Unavailable("not-asked", f"{found.method} is not looked up")
    name = algorithm(message)
    if ALGORITHMS.get(found.key.type) != name:
        raise Invalid("CRYPTOGRAPHIC_SECURITY_ERROR", f"alg {name} is not that of a key of type {found.key.type}")
    if not is_valid(found.key, message.signature, message.signed):
        raise Invalid("CRYPTOGRAPHIC_SECURITY_ERROR", "the signature does not match the message")


def overdue(message: Sign1, tools: ProofTools) -> Invalid | None:
    """Return what is wrong with the times of the signature itself (VC-JOSE-COSE, section 3.3.3)."""
    try:
        ends = _jose.numeric_date(message.claims.get(EXP), "exp")
        begins = _jose.numeric_date(message.claims.get(NBF), "nbf")
    except Invalid as wrong:
        return wrong
    if ends is not None and is_over(tools.as_of, ends, tools.clock_skew):
        return Invalid("proof-expired", "the signature has expired")
    if begins is not None and is_before(tools.as_of, begins, tools.clock_skew):
        return Invalid("not-yet-valid", "the signature is not valid yet")
    return None


def _check_headers(protected: Mapping[int | str, Any], unprotected: Mapping[int | str, Any]) -> None:
    """Check what the headers may hold, and where (RFC 9052, sections 3 and 3.1; RFC 9597, section 2)."""
    # "Applications SHOULD verify that the same label does not occur in both".
    if not protected.keys().isdisjoint(unprotected):
        raise _jose.malformed("a label stands in both headers")
    # Nobody vouches for what is not protected: it may be a hint, and never say how to verify or for how long.
    if not {ALG, CRIT, CWT_CLAIMS}.isdisjoint(unprotected):
        raise _jose.malformed("alg, crit or CWT claims are not protected")
    if CRIT in protected:
        critical = protected[CRIT]
        if not isinstance(critical, list) or not critical or not all(type(label) in (int, str) for label in critical):
            raise _jose.malformed("crit is not an array of labels")
        if not _UNDERSTOOD.issuperset(critical) or not protected.keys() >= set(critical):
            raise _jose.malformed("crit names a label that is absent, or not understood here")
    if not isinstance(protected.get(CWT_CLAIMS, {}), dict):
        raise _jose.malformed("the CWT claims are not a map")


def _loads(octets: bytes, name: str) -> Any:
    try:
        return strict_cbor.loads(octets)
    except ValueError as error:
        raise _jose.malformed(f"the {name} is not strict CBOR: {error}") from None


def _bytes(octets: bytes) -> bytes:
    return _head(2, len(octets)) + octets


def _text(octets: bytes) -> bytes:
    return _head(3, len(octets)) + octets


def _head(kind: int, length: int) -> bytes:
    """Return the initial octets of a string, of least length (RFC 9052, section 9)."""
    if length < 24:  # noqa: PLR2004 — RFC 8949, section 3: from here on the length follows in octets of its own
        return bytes([kind << 5 | length])
    size = next(power for power in range(4) if length < 1 << (8 << power))
    return bytes([kind << 5 | 24 + size]) + length.to_bytes(1 << size, "big")
