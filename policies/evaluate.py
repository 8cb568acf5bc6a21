"""Facts in, decision out: pure and total."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from policies.belief import as_believed
from policies.change import would_change
from policies.model import Decision, State, Verdict

if TYPE_CHECKING:
    from policies.compile import Policy
    from policies.model import Facts

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
    facts = as_believed(policy, facts)
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
        would_change=partial(would_change, policy, facts),
    )


def first_answer(policy: Policy, facts: Facts) -> Verdict:
    """Return `reject` where the policy rejects whatever else may be found out, else `review`.

    Only the rules are asked that may fail by issuer, DID method, suites, format and types, beside the
    four checks before them. A rule that is merely unknown so far settles nothing, even where it says
    `on_unknown: reject`: the answer may yet be had. One that has failed stays failed, since no
    condition turns from fail to pass when more becomes known.
    """
    if State.FAIL in (facts.structure, facts.data_loss, facts.proof, facts.issuer_binding):
        return Verdict.REJECT
    return Verdict.REJECT if any(check(facts).state is State.FAIL for check in policy.early) else Verdict.REVIEW


def _least(verdicts: list[Verdict]) -> Verdict:
    if Verdict.REJECT in verdicts:
        return Verdict.REJECT
    return Verdict.REVIEW if Verdict.REVIEW in verdicts else Verdict.ACCEPT
