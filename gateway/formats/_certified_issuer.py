"""The key in an issuer's certificate (`x5c`), if it leads to an authority of the operator's (SD-JWT VC, 3.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from gateway.formats import _checks
from gateway.formats._jose_key import SigningKey
from gateway.model import CheckName, Outcome
from resolvers import certificates
from resolvers.problems import Invalid, Unavailable

if TYPE_CHECKING:
    from gateway.model import CheckResult
    from gateway.plugins import ProofTools
    from resolvers.certificates import Certificate


def certified_key(x5c: Any, issuer: str | None, tools: ProofTools) -> SigningKey:
    """Return the key of the end-entity certificate: "the Issuer … is the subject of the end-entity certificate".

    Raises:
        Invalid, Unavailable: it cannot be read, or names nobody.
    """
    chain = certificates.from_x5c(x5c)
    leaf, *others = map(certificates.read, chain)
    named = issuer or next(iter(leaf.uris), leaf.subject)
    if not named:  # else whatever the token calls `issuer` would be taken for it
        raise Invalid("issuer-identifier-missing", "neither iss nor the certificate says who issued it", pointer="/iss")
    return SigningKey(
        issuer=_vouched(leaf, others, issuer, tools),
        key=leaf.public_key(),
        method=leaf.subject,
        certificates=chain,
        issued_by=named,
    )


def _vouched(leaf: Certificate, others: list[Certificate], issuer: str | None, tools: ProofTools) -> CheckResult:
    """Say whether a configured authority certifies this key for this issuer."""
    if issuer is not None and not _names(leaf, issuer):
        return _checks.foreign(issuer, f"the certified key of {leaf.subject[:200]}")
    try:
        path = certificates.validate(leaf, others, tools.anchors, at=tools.as_of)
    except (Invalid, Unavailable) as stopped:
        return _checks.result(CheckName.ISSUER, _checks.outcome_of(stopped), stopped.problem)
    return _checks.result(
        CheckName.ISSUER, Outcome.PASS, basis="x509", verificationMethod=leaf.subject, anchor=path[-1].subject
    )


def _names(leaf: Certificate, issuer: str) -> bool:
    """Whether the certificate is for `issuer`: its subject, the URI that it is, or the host of an https URL."""
    if issuer and (issuer in leaf.uris or issuer == leaf.subject):
        return True
    try:
        parts = urlsplit(issuer)
        host = parts.hostname
    except ValueError:
        return False
    return parts.scheme == "https" and host is not None and host in {name.lower() for name in leaf.dns_names}
