"""What a policy would decide about many records: counts, and no record by itself.

Most records of a population fare alike: the same rules hold, fail and are unknown. So the rules are
asked about each of them, and `evaluate` decides once for each way to fare.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from policies.evaluate import evaluate
from policies.model import State, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from policies.compile import Policy
    from policies.model import Decision, Facts

Fare: TypeAlias = "tuple[tuple[State, ...], tuple[State | None, ...]]"
"""The states of the rules, and of the four checks before them: together they settle the verdict."""

_REMEMBERED: Final = 10_000
"""Ways to fare that are remembered; a policy of many rules has more than could be kept."""
_FAILED: Final = "-failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """What a policy decides about so many facts. Two of the same policy can be added."""

    total: int = 0
    verdicts: Counter[Verdict] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    """Rule (or code, such as `proof-failed`) → about how many it fails."""
    unknown: Counter[str] = field(default_factory=Counter)
    """Rule (or code, such as `proof-unknown`) → about how many it is unknown."""
    incomplete: int = 0
    """Facts about which at least one of them is unknown."""

    def __add__(self, other: Simulation) -> Simulation:
        """Return both together."""
        return Simulation(
            total=self.total + other.total,
            verdicts=self.verdicts + other.verdicts,
            failed=self.failed + other.failed,
            unknown=self.unknown + other.unknown,
            incomplete=self.incomplete + other.incomplete,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Flips:
    """How the decisions of two policies about the same facts differ."""

    total: int
    verdicts: Counter[tuple[Verdict, Verdict]]
    """(the first policy's verdict, the second's) → about how many facts."""

    @property
    def flipped(self) -> int:
        """About how many facts they differ."""
        return sum(count for (before, after), count in self.verdicts.items() if before is not after)


class Decider:
    """Decides about many facts, without putting into words what was found about each."""

    __slots__ = ("_checks", "_known", "_policy")

    def __init__(self, policy: Policy) -> None:
        """Decide by `policy`."""
        self._policy = policy
        self._checks = [rule.require.compile() for rule in policy.rules]
        self._known: dict[Fare, Decision] = {}

    def fare(self, facts: Facts) -> Fare:
        """Return how `facts` fare by the policy."""
        before = facts.structure, facts.data_loss, facts.proof, facts.issuer_binding
        if facts.statuses and any(status.stale for status in facts.statuses):
            decision = evaluate(self._policy, facts)  # which knows how stale a status the policy bears
            return tuple([rule.state for rule in decision.rules]), before
        return tuple([check(facts)[0] for check in self._checks]), before

    def decide(self, fare: Fare, facts: Facts) -> Decision:
        """Return the decision about `facts`, or about others that fare the same."""
        decision = self._known.get(fare)
        if decision is None:
            decision = evaluate(self._policy, facts)
            if len(self._known) < _REMEMBERED:
                self._known[fare] = decision
        return decision


def simulate(policy: Policy, facts: Iterable[Facts]) -> Simulation:
    """Count what `policy` decides about each of `facts`."""
    decider = Decider(policy)
    result = Simulation()
    counts: Counter[Fare] = Counter()
    samples: dict[Fare, Facts] = {}
    for each in facts:
        fare = decider.fare(each)
        counts[fare] += 1
        samples.setdefault(fare, each)
        if len(samples) >= _REMEMBERED:
            result += _counted(decider, counts, samples)
            counts.clear()
            samples.clear()
    return result + _counted(decider, counts, samples)


def flips(old: Policy, new: Policy, facts: Iterable[Facts]) -> Flips:
    """Count about how many of `facts` the two policies decide what."""
    before, after = Decider(old), Decider(new)
    verdicts: Counter[tuple[Verdict, Verdict]] = Counter()
    for each in facts:
        was = before.decide(before.fare(each), each).verdict
        verdicts[was, after.decide(after.fare(each), each).verdict] += 1
    return Flips(total=verdicts.total(), verdicts=verdicts)


def _counted(decider: Decider, counts: Counter[Fare], samples: dict[Fare, Facts]) -> Simulation:
    """Return what became of the facts that fared as `samples`, each so often as `counts` says."""
    verdicts: Counter[Verdict] = Counter()
    failed: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    incomplete = 0
    for fare, count in counts.items():
        decision = decider.decide(fare, samples[fare])
        verdicts[decision.verdict] += count
        no = [rule.id for rule in decision.rules if rule.state is State.FAIL]
        no += [reason for reason in decision.reasons if reason.endswith(_FAILED)]
        open_ = [rule.id for rule in decision.rules if rule.state is State.UNKNOWN]
        open_ += [reason for reason in decision.reasons if not reason.endswith(_FAILED)]
        failed.update(dict.fromkeys(no, count))
        unknown.update(dict.fromkeys(open_, count))
        incomplete += count if open_ else 0
    return Simulation(total=counts.total(), verdicts=verdicts, failed=failed, unknown=unknown, incomplete=incomplete)
