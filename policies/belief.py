"""How far a policy believes a status past its freshness."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policies.compile import Policy
    from policies.model import Facts, StatusFact


def as_believed(policy: Policy, facts: Facts) -> Facts:
    """Return `facts` with each clear bit unknown that is staler than the policy bears."""
    for status in facts.statuses or ():
        if status.stale:
            bound = policy.stale_status_within
            return replace(facts, statuses=tuple([_believed(each, bound) for each in facts.statuses or ()]))
    return facts


def _believed(status: StatusFact, bound: float | None) -> StatusFact:
    if not status.stale or status.state != "active":
        return status
    if bound is not None and status.age is not None and status.age <= bound:  # which no NaN is
        return status
    return replace(status, state="unknown")
