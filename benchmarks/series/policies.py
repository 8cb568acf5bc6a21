"""What a decision costs, the load of many policies, and simulation over a population."""

from __future__ import annotations

import json
import random
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import policies
from benchmarks.effort import alone, interleaved, repeated
from benchmarks.series._series import Series
from gateway.policy_population import simulate_lines
from policies.facts import loads
from policies.facts_lines import read_lines
from policies.simulate import simulate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.effort import Effort, Row

COUNTS: Final = (1, 10, 100, 1000)
AS_OF: Final = datetime(2026, 11, 23, tzinfo=UTC)
POPULATION: Final = 20_000
GOOD: Final = (policies.LIBRARY / "fixtures" / "al-good.json").read_bytes()

_STATE: Final = """
policy: benchmark/state
version: 1.0.0
title: A state
rules:
  - id: listed
    say: The issuer must be listed.
    require: {any: [{registry: {in: [ce-iir], min_authenticity: authenticated}}, {registry: {in: [dcc-members]}}]}
  - {id: status, say: The status must be known as of today., require: {max_age: PT24H}}
  - {id: kind, say: The record must be a badge., require: {type_in: [OpenBadgeCredential, ClrCredential]}}
  - {id: vocabulary, say: Published vocabularies only., require: {no_inline_context: true}}
  - {id: method, say: A DID method that we know., require: {did_method_in: [web, key]}}
"""
_EMPLOYER: Final = """
policy: benchmark/employer-{number}
version: 1.0.0
title: Employer {number}
extends: benchmark/state@1
rules:
  - {{id: recent, say: Earned in the last years., require: {{issued_within: P5Y}}}}
  - {{id: hour, say: Status within the hour., require: {{all: [{{status_not: [revoked]}}, {{max_age: PT1H}}]}}}}
  - {{id: suite, say: A proof that we know., require: {{proof_suite_in: [eddsa-rdfc-2022, EdDSA]}}}}
"""


async def run(effort: Effort) -> list[Row]:
    """Measure a decision of 10 rules in three levels (core, state, employer), then loads of many employers."""
    facts = loads(GOOD)
    with tempfile.TemporaryDirectory() as name:
        folders = [_write(Path(name) / str(count), count) for count in COUNTS]
        loaded = policies.PolicySet.load([folders[-1]], library=False)
        policy = loaded.get("benchmark/employer-1", AS_OF)
        assert len(policy.rules) == 10

        async def decide() -> None:
            policies.evaluate(policy, facts)

        async def answer_first() -> None:
            policies.first_answer(policy, facts)

        async def find() -> None:
            loaded.get("benchmark/employer-1", AS_OF)

        works = {"decision": decide, "first answer": answer_first, "look-up among 1,000": find}
        times = await interleaved({name: repeated(work) for name, work in works.items()}, effort)
        rows: list[Row] = [{"name": f"policies: {name}", "us": ms * 1000} for name, ms in times.items()]
        for count, folder in zip(COUNTS, folders, strict=True):

            async def load(folder: Path = folder) -> None:
                policies.PolicySet.load([folder], library=False)

            ms = await alone(load, effort)
            rows.append({"name": f"policies: load of {count}", "us": ms * 1000, "us_each": ms * 1000 / count})
    return [*rows, *await _simulations(policy, effort)]


async def _simulations(policy: policies.Policy, effort: Effort) -> list[Row]:
    """Simulate over the facts of a population: read already, read from JSON lines, and by two processes."""
    count = effort.count or POPULATION
    lines = list(_population(count))
    population = [facts for _, facts in read_lines(lines)]
    assert simulate(policy, population) == simulate_lines(policy, lines, name="facts", processes=2)

    async def decide() -> None:
        simulate(policy, population)

    async def read() -> None:
        for _ in read_lines(lines):
            pass

    async def both() -> None:
        simulate_lines(policy, lines, name="facts")

    async def two() -> None:
        simulate_lines(policy, lines, name="facts", processes=2)

    works = {"decided": decide, "read": read, "read and decided": both, "read and decided by two processes": two}
    times = await interleaved({name: repeated(work) for name, work in works.items()}, effort)
    return [
        {
            "name": f"policies: {count} facts {name}",
            "us": ms * 1000,
            "us_each": ms * 1000 / count,
            "per_second": count / ms * 1000,
        }
        for name, ms in times.items()
    ]


def _population(count: int) -> Iterator[str]:
    """Yield facts of so many records, as JSON: of 3,000 issuers, of any day, each status of another age."""
    chance = random.Random(count)  # noqa: S311 — a population, no secret
    for _ in range(count):
        issued = AS_OF - timedelta(seconds=chance.randrange(9 * 365 * 86400))
        state = chance.choices(["active", "revoked", "unknown"], [90, 5, 5])[0]
        answers = chance.choices(["listed", "not_listed", "unknown"], [6, 3, 1], k=2)
        yield json.dumps(
            {
                **json.loads(GOOD),
                "issuer": f"did:web:college-{chance.randrange(3000)}.example",
                "valid_from": issued.isoformat(),
                "statuses": [{"purpose": "revocation", "state": state, "age": chance.randrange(90_000)}],
                "trust": {
                    name: {"state": answer, "authenticity": "authenticated", "freshness": "fresh"}
                    for name, answer in zip(("ce-iir", "dcc-members"), answers, strict=True)
                },
            }
        )


def _write(folder: Path, count: int) -> Path:
    folder.mkdir()
    (folder / "state.yaml").write_text(_STATE, encoding="utf-8")
    for number in range(1, count + 1):
        (folder / f"{number}.yaml").write_text(_EMPLOYER.format(number=number), encoding="utf-8")
    return folder


PLUGIN: Final = Series(
    name="policies",
    title="Policies: a decision of 10 rules in three levels, loading employers' policies, and simulation",
    columns={"name": "", "us": "µs", "us_each": "µs each", "per_second": "a second"},
    run=run,
)
