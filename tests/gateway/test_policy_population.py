"""Policies over whole populations: several processes count what one counts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gateway import policy_population
from gateway.policy_population import simulate_lines
from policies.facts import FactsError, to_json
from policies.model import State, Verdict
from policies.simulate import simulate
from tests.policies.files import AS_OF, facts, loaded, policy, rule

if TYPE_CHECKING:
    from policies import Facts

POLICY = loaded(policy(rule("{registry: {in: a}}"))).get("test/policy", AS_OF)
POPULATION = [facts(), facts(trust={}), facts(proof=State.FAIL)] * 7


def lines(about: list[Facts]) -> list[str]:
    """Return facts as lines, and a blank one behind each."""
    return [text for each in about for text in (json.dumps(to_json(each)) + "\n", "\n")]


@pytest.fixture(name="_small")
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a process so few lines at once that there are many turns."""
    monkeypatch.setattr(policy_population, "CHUNK", 5)


@pytest.mark.usefixtures("_small")
@pytest.mark.parametrize("processes", [1, 2, 3])
def test_the_counts_are_those_of_one(processes: int) -> None:
    """However the lines are dealt out."""
    found = simulate_lines(POLICY, lines(POPULATION), name="x", processes=processes)

    assert found == simulate(POLICY, POPULATION)
    assert found.verdicts == {Verdict.ACCEPT: 7, Verdict.REVIEW: 7, Verdict.REJECT: 7}


@pytest.mark.usefixtures("_small")
@pytest.mark.parametrize("processes", [1, 2])
def test_a_mistake_is_told_with_its_line(processes: int) -> None:
    """As it stands in the file, whichever process has read it."""
    with pytest.raises(FactsError, match=r"^x\.jsonl:43: facts: there is no fact"):
        simulate_lines(POLICY, [*lines(POPULATION), '{"odd": 1}'], name="x.jsonl", processes=processes)


def test_nobody() -> None:
    """Of no facts nothing is said."""
    assert simulate_lines(POLICY, [], name="x", processes=2).total == 0
