"""A case to be made: a recipe, at most one thing spoiled, and the verdict. And what spoils have in common."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from gateway.model import CheckName, Outcome
from tests.vectors.case import FAIL, Builder, Built, Case, Expected, Recipe, Spoil, Stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from policies import Verdict

AT: Final = datetime(2026, 6, 1, 12, tzinfo=UTC)
"""The instant of every case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A case to be made."""

    name: str
    """The id of the case, without `_fail`."""
    why: str
    recipe: Recipe
    check: CheckName
    spoil: Spoil | None = None
    code: str | None = None
    outcome: Outcome = Outcome.PASS
    policy: str | None = None
    decision: Verdict | None = None
    warnings: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The id of the case."""
        return self.name if self.outcome is Outcome.PASS else f"{self.name}{FAIL}"

    @property
    def features(self) -> tuple[str, ...]:
        """What it takes to verify it, without its policy."""
        return self.recipe.features

    async def make(self, builder: Builder) -> Case:
        """Make the case."""
        return self.case(await builder.build(self.recipe, self.spoil))

    async def make_unspoiled(self, builder: Builder) -> Case:
        """Make what the case would be with nothing wrong, and no policy: it has to pass."""
        plain = Plan(name=self.name, why=self.why, recipe=self.recipe, check=CheckName.PROOF)
        return await plain.make(builder)

    def case(self, built: Built) -> Case:
        """Return the case with that content."""
        expect = Expected(
            outcome=self.outcome, decision=self.decision, check=self.check, code=self.code, warnings=self.warnings
        )
        return Case(
            why=self.why,
            features=(*self.features, *(("policy",) if self.policy else ())),
            presented=built.presented,
            documents=built.documents,
            at=AT,
            policy=self.policy,
            expect=expect,
        )


def passes(name: str, recipe: Recipe, why: str, check: CheckName = CheckName.PROOF, **more: Any) -> Plan:
    """Return a case that passes; `check` is what it is about."""
    return Plan(name=name, why=why, recipe=recipe, check=check, **more)


def fails(
    name: str,
    recipe: Recipe,
    stage: Stage,
    change: Callable[[Any], Any],
    check: CheckName,
    code: str,
    why: str,
    **more: Any,
) -> Plan:
    """Return a case that `change` at `stage` makes fail `check` with `code`."""
    spoil = Spoil(stage=stage, change=change)
    given = {"outcome": Outcome.FAIL, **more}
    return Plan(name=name, why=why, recipe=recipe, spoil=spoil, check=check, code=code, **given)


def leaves_open(
    name: str,
    recipe: Recipe,
    stage: Stage,
    change: Callable[[Any], Any],
    check: CheckName,
    code: str,
    why: str,
    **more: Any,
) -> Plan:
    """Return a case that `change` at `stage` makes impossible to decide: `check` is indeterminate with `code`."""
    return fails(name, recipe, stage, change, check, code, why, outcome=Outcome.INDETERMINATE, **more)


def put(value: Any, *path: str | int) -> Callable[[Any], Any]:
    """Set the member at `path`."""

    def change(whole: Any) -> Any:
        place = whole
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value
        return whole

    return change


def drop(*path: str | int) -> Callable[[Any], Any]:
    """Take the member at `path` away."""

    def change(whole: Any) -> Any:
        place = whole
        for step in path[:-1]:
            place = place[step]
        del place[path[-1]]
        return whole

    return change


def append(value: Any, *path: str | int) -> Callable[[Any], Any]:
    """Append to the array at `path`."""

    def change(whole: Any) -> Any:
        place = whole
        for step in path:
            place = place[step]
        place.append(value)
        return whole

    return change
