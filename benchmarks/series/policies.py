"""What a decision costs, and the load of many policies."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import policies
from benchmarks.effort import interleaved, median_ms, repeated
from benchmarks.series._series import Series
from policies.facts import loads

if TYPE_CHECKING:
    from benchmarks.effort import Effort, Row

COUNTS: Final = (1, 10, 100, 1000)
AS_OF: Final = datetime(2026, 11, 23, tzinfo=UTC)

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
    facts = loads((policies.LIBRARY / "fixtures" / "al-good.json").read_bytes())
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

            ms = await median_ms(load, effort)
            rows.append({"name": f"policies: load of {count}", "us": ms * 1000, "us_each": ms * 1000 / count})
    return rows


def _write(folder: Path, count: int) -> Path:
    folder.mkdir()
    (folder / "state.yaml").write_text(_STATE, encoding="utf-8")
    for number in range(1, count + 1):
        (folder / f"{number}.yaml").write_text(_EMPLOYER.format(number=number), encoding="utf-8")
    return folder


PLUGIN: Final = Series(
    name="policies",
    title="Policies: a decision of 10 rules in three levels, and loading employers' policies",
    columns={"name": "", "us": "µs", "us_each": "µs each"},
    run=run,
)
