"""Facts in, decision out: pure and total."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from policies.model import Decision, Facts, State, Verdict

if TYPE_CHECKING:
    from policies.compile import Policy

_CODES: Final = ("structure", "data-loss", "proof", "issuer")
_ALL_PASSED: Final = (State.PASS,) * len(_CODES)


def evaluate(policy: Policy, facts: Facts, *, facts_digest: str = "") -> Decision:
    """Decide about `facts`, with every rule's part in it. Never raises, whatever is missing.

    The verdict is the least of the rules' verdicts (accept > review > reject). Before any rule, a
    check that failed rejects, and one that is not known to have passed reviews at best; `reasons`
    then names it: `proof-failed`, `structure-unknown`. A status past its freshness is unknown, unless
    the policy bears its age. `facts_digest` is only passed through
    (`policies.facts.digest` makes it, at about the cost of the decision itself).
    """
    facts = _as_believed(policy, facts)
    rules = tuple([check(facts) for check in policy.checks])
    verdicts = [rule.verdict for rule in rules]
    checks = (facts.structure, facts.data_loss, facts.proof, facts.issuer_binding)
    reasons: tuple[str, ...] = ()
    if checks != _ALL_PASSED:
        reasons = tuple(
            f"{code}-failed" if state is State.FAIL else f"{code}-unknown"
            for code, state in zip(_CODES, checks, strict=True)
            if state is not State.PASS
        )
        verdicts.append(Verdict.REJECT if State.FAIL in checks else Verdict.REVIEW)
    return Decision(
        verdict=_least(verdicts),
        policy=policy.id,
        version=policy.version,
        digest=policy.digest,
        title=policy.title,
        jurisdiction=policy.jurisdiction,
        rules=rules,
        reasons=reasons,
        facts_digest=facts_digest,
    )


def first_answer(policy: Policy, facts: Facts) -> Verdict:
    """Return `reject` where the policy rejects whatever else may be found out, else `review`.

    Only issuer, DID method, suites, format and types count as known, beside the four checks before
    the rules. A rule that is merely unknown so far settles nothing, even where it says
    `on_unknown: reject`: the answer may yet be had. One that has failed stays failed, since no
    condition turns from fail to pass when more becomes known.
    """
    known = Facts(
        as_of=facts.as_of,
        clock_skew=facts.clock_skew,
        structure=facts.structure,
        data_loss=facts.data_loss,
        proof=facts.proof,
        issuer_binding=facts.issuer_binding,
        issuer=facts.issuer,
        did_method=facts.did_method,
        format=facts.format,
        proof_suites=facts.proof_suites,
        types=facts.types,
    )
    decision = evaluate(policy, known)
    failed = any(rule.state is State.FAIL and rule.verdict is Verdict.REJECT for rule in decision.rules)
    settled = failed or State.FAIL in (facts.structure, facts.data_loss, facts.proof, facts.issuer_binding)
    return Verdict.REJECT if settled else Verdict.REVIEW


def _as_believed(policy: Policy, facts: Facts) -> Facts:
    """Return `facts` with each clear bit unknown that is staler than the policy bears."""
    stale = [status for status in facts.statuses or () if status.stale and status.state == "active"]
    bound = policy.stale_status_within
    refused = [status for status in stale if bound is None or status.age is None or not status.age <= bound]
    if facts.statuses is None or not refused:
        return facts
    statuses = tuple(replace(each, state="unknown") if each in refused else each for each in facts.statuses)
    return replace(facts, statuses=statuses)


def _least(verdicts: list[Verdict]) -> Verdict:
    if Verdict.REJECT in verdicts:
        return Verdict.REJECT
    return Verdict.REVIEW if Verdict.REVIEW in verdicts else Verdict.ACCEPT
