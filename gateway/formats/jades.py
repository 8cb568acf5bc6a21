"""JAdES: European Digital Credentials, sealed by a legal person under an X.509 certificate.

ETSI TS 119 182-1. A JWS in JSON serialization over the credential's own text (`b64: false`, RFC 7797),
with the certificates in `x5c`, the claimed time in `sigT` or `iat`, and in `etsiU`, which nothing protects,
time-stamps and certificates that were added since. Validation data in it (CRLs, OCSP answers) is not read.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gateway.formats import _checks, _jws_json
from gateway.formats._jose import malformed, numeric_date
from gateway.formats._sd_jwt_kind import kind_of
from gateway.model import CheckName, Outcome, Presented, ProofSummary, Proven, Secured, worst
from gateway.plugins import Format, KeySource, Securing
from gateway.signatures import ALGORITHMS, is_valid
from gateway.structure import vcdm_version
from gateway.validity import is_before, rfc3339
from resolvers import base64url, strict_json, timestamps
from resolvers.model import KeyType
from resolvers.problems import Invalid, Problem, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from gateway.formats._jws_json import JsonSignature, JsonToken
    from gateway.formats._seal import Seal, Stamped
    from gateway.model import CheckResult
    from gateway.plugins import ProofTools
    from resolvers.model import PublicKey

_OF_RSA: Final = frozenset({"RS256", "PS256"})
_REFUSED: Final = frozenset({"none", "HS256", "HS384", "HS512"})
_TYPE: Final = "jose+json"
_MAX_COMPONENTS: Final = 32
"""Components of `etsiU` that are looked at; one that is renewed every few years has about a dozen."""


def _recognize(presented: Presented) -> bool:
    return _jws_json.is_token(presented.content) and kind_of(presented) is None  # an SD-JWT is not JAdES


def _parse(presented: Presented) -> Secured:
    content = presented.content
    if not isinstance(content, dict) or not _jws_json.is_token(content):
        raise malformed("not a JWS in JSON serialization")
    token = _jws_json.parse(content)
    for signature in token.signatures:
        _check_type(signature.protected)
        _claimed_time(signature.protected)
    return Secured(format=PLUGIN, vcdm=vcdm_version(token.document), document=token.document, token=token)


def _check_type(protected: Mapping[str, Any]) -> None:
    """Refuse a token that says it is something else (RFC 7515, section 4.1.9; RFC 8725, section 3.11)."""
    kind = protected.get("typ", _TYPE)
    if not isinstance(kind, str) or kind.lower().removeprefix("application/") not in (_TYPE, "jose"):
        raise malformed(f"typ is {str(kind)[:40]!r}, and not {_TYPE}")


def _claimed_time(protected: Mapping[str, Any]) -> datetime | None:
    """Return `sigT`, an RFC 3339 instant, or `iat`, which has taken its place (ETSI TS 119 182-1, section 5.2.1).

    Raises:
        Invalid: `token-malformed`.
    """
    if "sigT" not in protected:
        return numeric_date(protected.get("iat"), "iat")
    try:
        return timestamps.parse(protected["sigT"])
    except ValueError as error:
        raise malformed(f"sigT is {error}") from None


async def _verify(secured: Secured, tools: ProofTools) -> Proven:
    token: JsonToken = secured.token
    # Certificates and time-stamps take milliseconds each, in which others want answers.
    found = await asyncio.to_thread(lambda: [_examine(signature, token, tools) for signature in token.signatures])
    proof = _checks.result(
        CheckName.PROOF,
        worst(one.summary.outcome for one in found),
        *(one.stopped.problem for one in found if one.stopped is not None),
    )
    passed = proof.outcome is Outcome.PASS
    contexts, structure = _checks.contexts_of(secured.document, tools) if passed else ({}, None)
    own = next((one for one in found if one.issuer.outcome is Outcome.PASS), found[0])
    return Proven(
        data_loss=_checks.result(CheckName.DATA_LOSS, Outcome.NOT_APPLICABLE),
        proof=proof,
        issuer=own.issuer,
        document=secured.document if passed else None,
        proofs=tuple(one.summary for one in found),
        contexts=contexts,
        structure=structure,
        certificates=own.chain,
        # The id that the issuer gives itself is nobody's to confirm: it could be anybody's DID.
        issued_by=own.identifier,
        warnings=tuple(warning for one in found for warning in one.warnings),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Examined:
    """What one signature came to."""

    summary: ProofSummary
    issuer: CheckResult
    stopped: Invalid | Unavailable | None = None
    identifier: str | None = None
    """By which the issuer is known, where record and certificate have one in common."""
    chain: tuple[bytes, ...] = ()
    warnings: tuple[Problem, ...] = ()


def _examine(signature: JsonSignature, token: JsonToken, tools: ProofTools) -> _Examined:
    from gateway.formats import _seal  # noqa: PLC0415 — X.509 takes 15 ms at start-up, for what few records need

    seal: Seal | None = None
    stopped: Invalid | Unavailable | None = None
    try:
        algorithm = _algorithm(signature.protected["alg"])
        seal = _sealed(signature, token)
        _check_signature(signature, seal.leaf.public_key(), algorithm)
        _check_not_from_the_future(signature.protected, tools)
    except (Invalid, Unavailable) as problem:
        stopped = problem
    summary = ProofSummary(
        type="JAdES",
        alg=signature.protected["alg"],
        verification_method=None if seal is None else f"urn:x509:sha256:{seal.leaf.sha256}",
        created=None if seal is None else seal.claimed_time,
        outcome=Outcome.PASS if stopped is None else _checks.outcome_of(stopped),
    )
    if stopped is not None or seal is None:
        problems = () if stopped is None else (stopped.problem,)
        unknown = _checks.result(CheckName.ISSUER, Outcome.INDETERMINATE, *problems)
        return _Examined(summary=summary, issuer=unknown, stopped=stopped)
    issuer, warnings = _seal.check_issuer(seal, token.document, tools)
    return _Examined(
        summary=summary,
        issuer=issuer,
        identifier=_seal.bound_identifier(token.document, seal.leaf),
        chain=(seal.leaf.der, *(other.der for other in seal.others)),
        warnings=warnings,
    )


def _algorithm(alg: str) -> str:
    """Return the algorithm if it is one that a certified key may be used with.

    Raises:
        Invalid, Unavailable: `unsupported-algorithm`.
    """
    if alg in _REFUSED:
        raise Invalid("unsupported-algorithm", f"alg {alg} is no signature")
    if alg not in _OF_RSA and alg not in ALGORITHMS.values():
        raise Unavailable("unsupported-algorithm", f"alg {alg[:40]!r}")
    return alg


def _sealed(signature: JsonSignature, token: JsonToken) -> Seal:
    """Return the certificates of a signature, and the octets that its time-stamps are said to be over."""
    from gateway.formats._seal import MAX_TOKENS, Seal  # noqa: PLC0415 — as in `_examine`
    from resolvers import certificates  # noqa: PLC0415 — as in `_examine`

    protected = signature.protected
    if "x5c" not in protected:
        raise Unavailable("certificate-untrusted", "no certificate came along (x5c)")
    leaf, *others = [certificates.read(der) for der in certificates.from_x5c(protected["x5c"])]
    thumbprint = base64url.encode(hashlib.sha256(leaf.der).digest())
    if protected.get("x5t#S256", thumbprint) != thumbprint:
        raise Invalid("CRYPTOGRAPHIC_SECURITY_ERROR", "x5t#S256 is not of the first certificate of x5c")
    added = list(_unprotected(signature.header))
    for value in added:
        for text in _certificate_values(value):
            with suppress(Invalid):  # what nothing protects can only be of no use
                others.append(certificates.read(certificates.from_base64(text)))
    claimed = _claimed_time(protected)
    return Seal(
        leaf=leaf,
        others=tuple(others[: certificates.MAX_CERTIFICATES]),
        stamps=tuple(_stamps(signature, token, added))[:MAX_TOKENS],
        claimed_time=None if claimed is None else rfc3339(claimed),
    )


def _check_signature(signature: JsonSignature, key: PublicKey, algorithm: str) -> None:
    """Verify with the algorithm of the certified key, which the header has to name (RFC 8725, section 3.1)."""
    if algorithm not in (_OF_RSA if key.type is KeyType.RSA else {ALGORITHMS.get(key.type)}):
        raise Invalid("CRYPTOGRAPHIC_SECURITY_ERROR", f"alg {algorithm} is not that of a key of type {key.type}")
    if not is_valid(key, signature.octets, signature.signing_input, algorithm=algorithm):
        raise Invalid("CRYPTOGRAPHIC_SECURITY_ERROR", "the signature does not match the credential")


def _check_not_from_the_future(protected: Mapping[str, Any], tools: ProofTools) -> None:
    claimed = _claimed_time(protected)
    if claimed is not None and is_before(max(tools.as_of, tools.now or tools.as_of), claimed, tools.clock_skew):
        raise Invalid("not-yet-valid", "the record says that it was sealed in the future")


def _unprotected(header: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the components of `etsiU`: JSON objects, or their base64url (ETSI TS 119 182-1, section 5.3.1)."""
    given = header.get("etsiU")
    for item in given[:_MAX_COMPONENTS] if isinstance(given, list) else ():
        value = item
        if isinstance(item, str):
            with suppress(ValueError, Invalid):
                value = strict_json.loads(base64url.decode(item))
        if isinstance(value, dict):
            yield value


def _certificate_values(component: Mapping[str, Any]) -> Iterator[Any]:
    """Yield the certificates of `xVals` in base64 (ETSI TS 119 182-1, section 5.3.5.1)."""
    given = component.get("xVals")
    for item in given if isinstance(given, list) else ():
        certificate = item.get("x509Cert") if isinstance(item, dict) else None
        if isinstance(certificate, dict):
            yield certificate.get("val")


def _stamps(signature: JsonSignature, token: JsonToken, added: list[Mapping[str, Any]]) -> Iterator[Stamped]:
    """Yield the time-stamps over the payload (section 5.2.6) and over the signature (section 5.3.4)."""
    from gateway.formats._seal import Stamped  # noqa: PLC0415 — as in `_examine`

    for octets in _tokens(signature.protected.get("adoTst")):
        yield Stamped(member="adoTst", token=octets, message=token.payload)
    for component in added:
        for octets in _tokens(component.get("sigTst")):
            # "the base64url-encoded JWS Signature Value"
            over = signature.text.encode("ascii")
            yield Stamped(member="sigTst", token=octets, message=over, proves_signing=True)


def _tokens(container: Any) -> Iterator[bytes]:
    """Yield the tokens of a `tstContainer` in DER (ETSI TS 119 182-1, section 5.4.3.3); what is none is empty."""
    given = container.get("tstTokens") if isinstance(container, dict) else None
    for item in given if isinstance(given, list) else ():
        value = item.get("val") if isinstance(item, dict) else None
        try:
            yield base64.b64decode(value, validate=True) if isinstance(value, str) else b""
        except (binascii.Error, ValueError):
            yield b""


PLUGIN: Final = Format(
    name="jades",
    media_types=("application/jose+json",),
    recognize=_recognize,
    parse=_parse,
    verify=_verify,
    title="European Digital Credential (ELM 3), JAdES seal",
    secured_by=Securing.JOSE,
    keys=(KeySource.CERTIFICATE,),
    statuses=None,
)
