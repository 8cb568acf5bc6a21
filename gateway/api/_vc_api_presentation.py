"""The W3C VC API's answer about a presentation; a part of `gateway.api.rendering`.

https://w3c.github.io/vcalm/, "Verify Presentation"
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.api._authenticity import own_authenticity
from gateway.api._vc_api_answer import problem_details, proof_results, vc_api
from gateway.model import CheckName, Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.model import VerificationResult

_SWITCHES: Final = frozenset({"returnPresentation", "returnProblemDetails", "returnResults"})
_TEXTS: Final = frozenset({"challenge", "domain"})
_UNCHECKED: Final = frozenset({"too-many-children", "not-asked"})
"""Why no credential in it was looked at."""

_ERRORS: Final = {
    "challenge": frozenset({"INVALID_CHALLENGE_ERROR", "challenge-used", "challenge-unknown", "challenge-unavailable"}),
    "domain": frozenset({"INVALID_DOMAIN_ERROR"}),
}


def vc_api_presentation(
    verification: VerificationResult, options: Mapping[str, Any], issuer_binding: str = "require"
) -> dict[str, Any]:
    """Return the answer (VCALM, VerifyPresentationResult).

    `verified` holds if the presentation and every credential in it do, each as `vc_api` has it.
    `verifiablePresentation`, `problemDetails` and `results` follow the `options`; those that are not
    about the presentation alone go on to its credentials.
    """
    own = own_authenticity(verification) is Outcome.PASS
    everything = (problem.code for check in verification.checks for problem in check.problems)
    checked = _UNCHECKED.isdisjoint(everything)
    credentials = [
        vc_api(child, {**_inner(options), "returnCredential": True}, issuer_binding) for child in verification.children
    ]
    answer: dict[str, Any] = {"verified": own and checked and all(one["verified"] for one in credentials)}
    if options.get("returnPresentation") is True and own and verification.document is not None:
        answer["verifiablePresentation"] = verification.document
    answer |= problem_details(verification, options, _SWITCHES, _TEXTS)
    if options.get("returnResults") is True:
        answer["results"] = {"presentation": _presentation(verification, options), "credentials": credentials}
    return answer


def _inner(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: options[name] for name in ("returnProblemDetails", "returnResults") if name in options}


def _presentation(verification: VerificationResult, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return one verdict for challenge, domain, holder and each proof."""
    proven = own_authenticity(verification, [CheckName.PROOF]) is Outcome.PASS
    codes = {problem.code for problem in verification.check(CheckName.PROOF).problems}
    found: dict[str, Any] = {}
    for name, errors in _ERRORS.items():
        if options.get(name) is not None:
            # A proof that fails for another reason answers nothing either.
            found[name] = {"verified": proven and codes.isdisjoint(errors), "input": options[name]}
    document = verification.document or {}
    if document.get("holder") is not None:
        holds = own_authenticity(verification, [CheckName.ISSUER]) is Outcome.PASS
        found["holder"] = {"verified": holds, "input": document["holder"]}
    found["proof"] = proof_results(verification, document)
    return found
