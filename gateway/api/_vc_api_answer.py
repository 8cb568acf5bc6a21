"""The W3C VC API's answer; a part of `gateway.api.rendering`.

https://w3c.github.io/vcalm/, "Verify Credential"
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.api._authenticity import own_authenticity
from gateway.model import AUTHENTICITY, COUNTED, CheckName, Outcome, worst
from resolvers.model import StatusState
from resolvers.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gateway.model import CheckResult, ProofSummary, VerificationResult

_SWITCHES: Final = frozenset({"returnCredential", "returnProblemDetails", "returnResults"})
_TOLERATED: Final = frozenset({"checks"})
"""Of older clients: accepted, and no check is ever skipped for it."""

_HARMLESS: Final = frozenset({StatusState.ACTIVE, StatusState.REFRESH, StatusState.MESSAGE})


def vc_api(
    verification: VerificationResult, options: Mapping[str, Any] | None = None, issuer_binding: str = "require"
) -> dict[str, Any]:
    """Return the answer of the W3C VC API (VCALM, "Verify Credential", VerificationResult).

    `credential`, `problemDetails` and `results` follow the `options`; one that is not known makes a
    warning in `problemDetails` even unasked. `issuer_binding="report"` leaves the check of the issuer
    out of `verified`, and only there.
    """
    options = options or {}
    left_out = {CheckName.ISSUER} if issuer_binding == "report" else set()
    counted = [name for name in COUNTED if name not in left_out]
    own = own_authenticity(verification, [name for name in AUTHENTICITY if name not in left_out])
    document = None if own is not Outcome.PASS or verification.claims_unverified else verification.document
    verified = document is not None and worst(verification.check(name).outcome for name in counted) is Outcome.PASS
    answer: dict[str, Any] = {"verified": verified}
    if options.get("returnCredential") is True and document is not None:
        answer["credential"] = document
    answer |= problem_details(verification, options, _SWITCHES)
    if options.get("returnResults") is True:
        answer["results"] = _results(verification, document)
    return answer


def problem_details(
    verification: VerificationResult,
    options: Mapping[str, Any],
    switches: frozenset[str],
    values: frozenset[str] = frozenset(),
) -> dict[str, Any]:
    """Return `problemDetails` where they are asked for, or an option is not known.

    `switches` are the options that are booleans, and `values` those that are something else.
    """
    details = [
        _unknown_option(name)
        for name, value in options.items()
        if not (name in _TOLERATED | values or (name in switches and isinstance(value, bool)))
    ]
    if options.get("returnProblemDetails") is True:
        found = (problem for check in verification.checks for problem in check.problems)
        return {"problemDetails": [*map(_details, (*found, *verification.warnings)), *details]}
    return {"problemDetails": details} if details else {}


def _unknown_option(name: str) -> dict[str, Any]:
    return _details(Problem(code="UNKNOWN_OPTION_PROVIDED", detail=f"the option {name[:40]!r} was ignored"))


def _details(problem: Problem) -> dict[str, Any]:
    return {
        "type": problem.type,
        "title": problem.title,
        "detail": problem.detail,
        "code": problem.code,
        "pointer": problem.pointer,
    }


def _results(verification: VerificationResult, document: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return one verdict for each date, schema, status and proof that the credential has."""
    document = document or {}
    validity, schema = verification.check(CheckName.VALIDITY), verification.check(CheckName.SCHEMA)
    results: dict[str, Any] = {}
    for member, older, other_end in (
        ("validFrom", "issuanceDate", "expired"),
        ("validUntil", "expirationDate", "not-yet-valid"),
    ):
        given = document.get(member, document.get(older))
        if given is not None:
            results[member] = {"verified": _holds(validity, other_end), "input": given}
    results["credentialSchema"] = [
        {"verified": schema.outcome is Outcome.PASS, "input": given} for given in _several(document, "credentialSchema")
    ]
    results["credentialStatus"] = _statuses(verification, _several(document, "credentialStatus"))
    results["proof"] = proof_results(verification, document)
    return results


def proof_results(verification: VerificationResult, document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return one verdict for each proof."""
    proofs = _several(document, "proof")
    as_given = len(proofs) == len(verification.proofs)
    return [
        {"verified": proof.outcome is Outcome.PASS, "input": proofs[index] if as_given else _summary(proof)}
        for index, proof in enumerate(verification.proofs)
    ]


def _several(document: Mapping[str, Any], member: str) -> list[Any]:
    value = document.get(member)
    return value if isinstance(value, list) else [] if value is None else [value]


def _holds(validity: CheckResult, other_end: str) -> bool:
    """Whether one end of the validity period holds: the check passes, or fails for the other end alone."""
    if validity.outcome is Outcome.PASS:
        return True
    codes = {problem.code for problem in validity.problems} - {"missing-time-zone"}
    return validity.outcome is Outcome.FAIL and codes == {other_end}


def _statuses(verification: VerificationResult, entries: Sequence[Any]) -> list[dict[str, Any]]:
    """Return one verdict for each entry; none holds that was not asked, or rests on a list that is too old."""
    found = []
    passes = verification.check(CheckName.STATUS).outcome is Outcome.PASS
    for index, given in enumerate(entries):
        status = verification.statuses[index] if index < len(verification.statuses) else None
        stale = status is None or (status.source is not None and status.source.stale)
        verdict: dict[str, Any] = {
            "verified": status is not None and status.state in _HARMLESS and (passes or not stale),
            "input": given,
        }
        if status is not None and status.value is not None:
            verdict["value"] = status.value
        found.append(verdict)
    return found


def _summary(proof: ProofSummary) -> dict[str, Any]:
    members = {
        "type": proof.type,
        "cryptosuite": proof.cryptosuite,
        "alg": proof.alg,
        "verificationMethod": proof.verification_method,
        "created": proof.created,
    }
    return {name: value for name, value in members.items() if value is not None}
