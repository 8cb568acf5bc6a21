"""Whose seal it is: the certificate of the key, the time of signing, and the number by which an issuer is known.

The key is the issuer's if its certificate leads to an authority that the operator believes, was valid when
the record was sealed, and names the legal person that the record calls its issuer. When that was is proven
by nothing but a time-stamp over the signature; what the signer says of the time himself proves nothing.
Without one the instant of the verification counts (ETSI EN 319 102-1, section 5.2.6: an expired certificate
is INDETERMINATE, OUT_OF_BOUNDS_NO_POE, where no proof of existence shows that it signed before).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from gateway.formats import _checks
from gateway.model import CheckName, Outcome
from gateway.validity import rfc3339
from resolvers import certificates, time_stamps
from resolvers.problems import Invalid, Problem, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from gateway.model import CheckResult
    from gateway.plugins import ProofTools
    from resolvers.certificates import Certificate

MAX_TOKENS: Final = 4
"""Time-stamp tokens of one signature; the field has two or three."""

QUALIFIED: Final = "0.4.0.1862.1.1"
"""QcCompliance: the authority says that it is an EU qualified certificate (ETSI EN 319 412-5, section 4.2.1)."""

_ORGANIZATION_IDENTIFIER: Final = re.compile(r"(?:[A-Z]{3}|[A-Z]{2}:)[A-Z]{2}-[!-~]{1,64}", re.ASCII)
"""ETSI EN 319 412-1, section 5.1.4: type of identity (VAT, NTR, PSD, LEI, or a national scheme), country, number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamped:
    """Octets that a time-stamp is said to be over."""

    member: str
    """Name of the JAdES component: `adoTst`, `sigTst`."""
    token: bytes
    message: bytes
    proves_signing: bool = False
    """Whether it is over the signature, which then existed; one over the payload was there before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """A certificate with what came along to show who it belongs to, and when it was used."""

    leaf: Certificate
    others: tuple[Certificate, ...]
    stamps: tuple[Stamped, ...] = ()
    claimed_time: str | None = None
    """When the signer says that he signed."""


@dataclass(slots=True, kw_only=True)
class _Times:
    proven: datetime | None = None
    """The earliest instant at which the signature is known to have existed."""
    reported: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


def check_issuer(seal: Seal, document: Mapping[str, Any], tools: ProofTools) -> tuple[CheckResult, tuple[Problem, ...]]:
    """Check that the certified key is the issuer's; and return what was wrong with time-stamps, and what is left open.

    Facts: `basis` x509, `organizationIdentifier`, `certificate` {sha256, subject, issuer, notBefore, notAfter,
    qualified}, `anchor` (SHA-256), `signingTime` {claimed, proven}, `timestamps` [{type, time, authority,
    outcome}]. Whether the certificate was revoked is not looked up, which a warning says: its lists are at http
    addresses, which are never contacted, and answers that came along are as old as the seal.
    """
    times = _times(seal, tools)
    leaf = seal.leaf
    facts: dict[str, Any] = {
        "basis": "x509",
        "organizationIdentifier": bound_identifier(document, leaf),
        "certificate": {
            "sha256": leaf.sha256,
            "subject": leaf.subject,
            "issuer": leaf.issuer,
            "notBefore": rfc3339(leaf.not_before),
            "notAfter": rfc3339(leaf.not_after),
            "qualified": QUALIFIED in leaf.statements,
        },
        "signingTime": {
            "claimed": seal.claimed_time,
            "proven": None if times.proven is None else rfc3339(times.proven),
        },
        "timestamps": times.reported,
    }
    try:
        facts["anchor"] = _path(seal, times.proven, tools)[-1].sha256
        _check_binding(document, leaf)
    except (Invalid, Unavailable) as stopped:
        outcome = _checks.outcome_of(stopped)
        return _checks.result(CheckName.ISSUER, outcome, stopped.problem, **facts), tuple(times.warnings)
    detail = f"{leaf.issuer[:200]!r} was not asked"
    unasked = Problem(code="certificate-revocation-unknown", detail=detail)
    return _checks.result(CheckName.ISSUER, Outcome.PASS, **facts), (*times.warnings, unasked)


def bound_identifier(document: Mapping[str, Any], leaf: Certificate) -> str | None:
    """Return the organization identifier that record and certificate have in common; None without one."""
    named = set(_issuer_identifiers(document))
    return next((one for one in _certified_identifiers(leaf) if one in named), None)


def _path(seal: Seal, proven: datetime | None, tools: ProofTools) -> Sequence[Certificate]:
    """Follow the certificate at the instant of verification, or at an earlier one that is proven."""
    try:
        return certificates.validate(seal.leaf, seal.others, tools.anchors, at=tools.as_of)
    except Invalid as refused:
        if refused.problem.code != "certificate-expired":
            raise
        if proven is None or proven > tools.as_of:
            raise Unavailable("signing-time-unproven", refused.problem.detail) from None
        return certificates.validate(seal.leaf, seal.others, tools.anchors, at=proven)


def _check_binding(document: Mapping[str, Any], leaf: Certificate) -> None:
    """Check that the record's issuer is the legal person whom the certificate names."""
    certified, named = tuple(_certified_identifiers(leaf)), tuple(_issuer_identifiers(document))
    if not certified or not named:
        missing = "the issuer has no eIDASIdentifier" if certified else "the certificate has no organizationIdentifier"
        raise Unavailable("issuer-identifier-missing", missing, pointer="/issuer")
    if not set(named) <= set(certified):
        detail = f"the certificate is for {', '.join(certified)}, and the issuer is {', '.join(named)}"
        raise Invalid("issuer-mismatch", detail, pointer="/issuer/eIDASIdentifier")


def _certified_identifiers(leaf: Certificate) -> Iterable[str]:
    return (one for one in leaf.organization_identifiers if _ORGANIZATION_IDENTIFIER.fullmatch(one))


def _issuer_identifiers(document: Mapping[str, Any]) -> Iterable[str]:
    """Yield the notations of `issuer.eIDASIdentifier`, which the European seal service takes from the certificate."""
    issuer = document.get("issuer")
    given = issuer.get("eIDASIdentifier") if isinstance(issuer, dict) else None
    for one in given if isinstance(given, list) else [given]:
        notation = one.get("notation") if isinstance(one, dict) else None
        if isinstance(notation, str):
            yield notation


def _times(seal: Seal, tools: ProofTools) -> _Times:
    times = _Times()
    for stamp in seal.stamps:
        entry: dict[str, Any] = {"type": stamp.member, "time": None, "authority": None}
        try:
            found = time_stamps.verify(stamp.token, stamp.message, seal.others, tools.anchors, at=tools.as_of)
        except (Invalid, Unavailable) as stopped:
            entry["outcome"] = _checks.outcome_of(stopped).value
            times.warnings.append(stopped.problem)
        else:
            entry |= {"time": rfc3339(found.time), "authority": found.authority, "outcome": Outcome.PASS.value}
            if stamp.proves_signing:
                times.proven = found.time if times.proven is None else min(times.proven, found.time)
        times.reported.append(entry)
    return times
