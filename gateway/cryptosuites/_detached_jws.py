"""The Linked Data suites before Data Integrity: a graph, hashed as RDFC-1.0 does, under a detached JWS.

The JWS has an unencoded payload (RFC 7797): the SHA-256 of the canonical proof configuration, then
that of the canonical document. What the configuration is, no specification fixed in time, and
implementations differ in the context under which they read it:

1. security/v2, always (jsonld-signatures until its version 8, and LD Signatures before it);
2. the document's contexts, and those of the proof after them (ssi, which is didkit);
3. the proof's own context, or else the document's (jsonld-signatures since).

For a credential of VCDM 1.1 they come to one graph, except for RsaSignature2018, whose definition in
credentials/v1 lacks the prefix `sec`. So each is a reading of the same proof; all its members are
signed under any of them, or it is refused.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

from gateway.cryptosuites._rdfc import first_reading
from gateway.plugins import Cryptosuite
from gateway.signatures import is_valid
from resolvers import base64url, strict_json
from resolvers.problems import Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.plugins import Canonical, Canonicalizer, SuiteResult
    from resolvers.model import KeyType, PublicKey

_SECURITY_V2: Final = "https://w3id.org/security/v2"
_MAX_JWS: Final = 2048
"""Characters of the longest JWS that is read; a signature of an RSA key of 8192 bits takes 1366."""


def suite(name: str, *, algorithms: Mapping[KeyType, tuple[str, ...]]) -> Cryptosuite:
    """Return the suite whose proofs are of type `name`; `algorithms` are the JOSE names for each type of key."""

    async def verify(
        document: Mapping[str, Any], proof: Mapping[str, Any], key: PublicKey, canonicalizer: Canonicalizer
    ) -> SuiteResult:
        if key.type not in algorithms:
            raise _wrong(f"a {key.type} key does not fit the suite", "/proof")
        algorithm, signing_input, signature = parse(proof.get("jws"), algorithms[key.type])

        def fits(options: Canonical, canonical: Canonical) -> bool:
            message = signing_input + hash_data(options, canonical)
            return is_valid(key, signature, message, algorithm=algorithm)

        readings = proof_configurations(document, proof)
        return await first_reading(document, readings, canonicalizer, hash_name="sha256", fits=fits)

    return Cryptosuite(name=name, proof_type=name, verify=verify, rdf=True)


def hash_data(options: Canonical, document: Canonical) -> bytes:
    """Return the payload of the JWS: the hash of the proof configuration, then that of the document."""
    return hashlib.sha256(options.nquads).digest() + hashlib.sha256(document.nquads).digest()


def proof_configurations(document: Mapping[str, Any], proof: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the readings of a proof without its `jws`, each under its context.

    Under security/v2 the type stands as the IRI that all contexts give it, since that context is older
    than some of the suites.
    """
    members = {name: value for name, value in proof.items() if name not in ("@context", "jws")}
    readings = [{**members, "@context": _SECURITY_V2, "type": f"https://w3id.org/security#{proof['type']}"}]
    of_document, own = _list(document.get("@context")), _list(proof.get("@context", []))
    readings.append({**members, "@context": [*of_document, *own]})
    # Alone, a context that is written into the proof could mean anything by its names: those of a
    # pinned context have to be beside it, so that it can only add to them.
    if own and all(isinstance(context, str) for context in own):
        readings.append({**members, "@context": own})
    return readings


def parse(jws: Any, algorithms: tuple[str, ...]) -> tuple[str, bytes, bytes]:
    """Return a detached JWS as algorithm, the part of its signing input before the payload, and signature.

    The header is `alg`, `b64` and `crit`, and nothing else: what no suite defines would be signed, but
    not understood.

    Raises:
        Invalid: `PROOF_VERIFICATION_ERROR`.
    """
    if not isinstance(jws, str) or len(jws) > _MAX_JWS or not jws.isascii():
        raise _wrong(f"jws is not a string of at most {_MAX_JWS} characters")
    encoded, dots, rest = jws.partition("..")
    try:
        header = strict_json.loads(base64url.decode(encoded))
        signature = base64url.decode(rest)
    except ValueError as error:
        raise _wrong(f"jws: {error}") from None
    except Invalid as malformed:
        raise _wrong(f"the header of the jws: {malformed.problem.detail}") from None
    if not dots or not isinstance(header, dict):
        raise _wrong("jws is no JWS with a detached payload")
    # RFC 7797, section 6: "the 'crit' Header Parameter MUST be included with 'b64' in its set of values".
    if header.keys() != {"alg", "b64", "crit"} or header["b64"] is not False or header["crit"] != ["b64"]:
        raise _wrong("the header of the jws is not exactly alg, b64 (false) and crit (b64)")
    if header["alg"] not in algorithms:
        raise _wrong(f"alg {str(header['alg'])[:40]!r} is not that of the suite with such a key")
    return header["alg"], f"{encoded}.".encode("ascii"), signature


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _wrong(detail: str, pointer: str = "/proof/jws") -> Invalid:
    return Invalid("PROOF_VERIFICATION_ERROR", detail, pointer=pointer)
