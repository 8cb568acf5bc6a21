"""The one proof that a signed token is, whichever way it is encoded: a key, whose it is, and a signature."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.formats import _checks
from gateway.model import CheckName, Outcome, ProofSummary, Proven
from resolvers.problems import Invalid, Unavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from gateway.formats._jose_key import SigningKey
    from gateway.model import CheckResult, Secured
    from gateway.plugins import ProofTools


async def prove_token(
    secured: Secured,
    tools: ProofTools,
    *,
    find: Callable[[], Awaitable[SigningKey]],
    check: Callable[[SigningKey], None],
    summary: ProofSummary,
) -> Proven:
    """Verify a token, and report what is found.

    Args:
        secured: what the token holds.
        tools: what may be used.
        find: finds the key; raises Invalid or Unavailable.
        check: checks the token under that key; raises the same.
        summary: the proof as its header describes it.
    """
    key: SigningKey | None = None
    problem: Invalid | Unavailable | None = None
    try:
        key = await find()
        check(key)
    except (Invalid, Unavailable) as stopped:
        problem = stopped
    outcome = Outcome.PASS if problem is None else _checks.outcome_of(problem)
    contexts: Mapping[str, str] = {}
    structure: CheckResult | None = None
    if problem is None:
        contexts, structure = _checks.contexts_of(secured.document, tools)
    problems = () if problem is None else (problem.problem,)
    return Proven(
        data_loss=_checks.result(CheckName.DATA_LOSS, Outcome.NOT_APPLICABLE),
        proof=_checks.result(CheckName.PROOF, outcome, *problems),
        issuer=key.issuer if key else _checks.result(CheckName.ISSUER, Outcome.INDETERMINATE, *problems),
        document=secured.document if problem is None else None,
        proofs=(
            ProofSummary(
                type=summary.type,
                alg=summary.alg,
                verification_method=key.method if key else summary.verification_method,
                outcome=outcome,
            ),
        ),
        contexts=contexts,
        structure=structure,
        certificates=key.certificates if key else (),
        issued_by=key.issued_by if key else None,
    )
