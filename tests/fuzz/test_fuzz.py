"""A short pass of every fuzzer, the same in every run; `python -m tests.fuzz` runs them for as long as one likes."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from tests.fuzz.__main__ import fuzz
from tests.fuzz.targets import TARGETS, Target, close

if TYPE_CHECKING:
    from collections.abc import Iterator

EXECUTIONS = {"pdf": 3, "linked-data": 40}
"""Where each costs much: a process of its own, a canonicalization."""


@pytest.fixture(scope="module", autouse=True)
def _world() -> Iterator[None]:
    """Free what the targets hold once all have run."""
    yield
    close()


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_but_a_documented_error_is_raised(name: str) -> None:
    """Each spoiled input is taken or refused as documented, and some are of each kind or all are answered."""
    target = TARGETS[name]
    for seed in range(EXECUTIONS.get(name, 100)):
        target.attempt(target.make(random.Random(seed)))  # noqa: S311 — what to spoil is no secret


def test_a_crash_is_found_and_can_be_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    """A parser that raises anything else is reported, with the seed that makes the same input again."""

    def take(value: object) -> None:
        assert value != "a"

    target = Target(name="broken", make=lambda choose: choose.choice("abc"), take=take)
    executions, _, seed = fuzz(target, seconds=60, first=0)
    assert seed is not None
    assert (target.make(random.Random(seed)), executions) == ("a", seed + 1)  # noqa: S311 — no secret
    assert f"--seed {seed}" in capsys.readouterr().out
