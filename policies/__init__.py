"""Decides. Pure: no I/O once loaded, no clock, no event loop. Same facts in, same decision out.

>>> from datetime import UTC, datetime
>>> policies = PolicySet.load()
>>> facts = Facts(as_of=datetime(2026, 11, 23, tzinfo=UTC), proof=State.FAIL)
>>> evaluate(policies.get("us/ler-baseline", facts.as_of), facts).verdict.value
'reject'
"""

from policies.compile import Policy
from policies.evaluate import evaluate, first_answer
from policies.inline_tests import InlineReport, InlineResult, lint, run_inline_tests
from policies.model import (
    ABSENT,
    Change,
    Decision,
    Facts,
    RuleOutcome,
    State,
    StatusFact,
    TrustFact,
    TrustQuestion,
    Verdict,
)
from policies.policy_set import LIBRARY, NotInEffect, PolicyErrors, PolicySet, UnknownPolicy
from policies.source import Finding

__all__ = [
    "ABSENT",
    "LIBRARY",
    "Change",
    "Decision",
    "Facts",
    "Finding",
    "InlineReport",
    "InlineResult",
    "NotInEffect",
    "Policy",
    "PolicyErrors",
    "PolicySet",
    "RuleOutcome",
    "State",
    "StatusFact",
    "TrustFact",
    "TrustQuestion",
    "UnknownPolicy",
    "Verdict",
    "evaluate",
    "first_answer",
    "lint",
    "run_inline_tests",
]
