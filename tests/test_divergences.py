"""Every divergence that is written down is held by a test."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.test_architecture import ROOT, TESTS

if TYPE_CHECKING:
    from pathlib import Path

PAGE = ROOT / "docs" / "divergences.md"


def rows(path: Path) -> list[list[str]]:
    """Return the cells of each row of the tables, without the rows that head them."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in cells if row[-1] != "tests" and set(row[-1]) != {"-"}]


def test_every_row_names_tests_that_exist() -> None:
    """A row without a test, or with one that has gone, is a claim that nobody checks."""
    existing = {name for path in TESTS for name in re.findall(r"def (test_\w+)", path.read_text(encoding="utf-8"))}
    named = {row[0]: re.findall(r"`(test_\w+)`", row[-1]) for row in rows(PAGE)}
    assert [what for what, tests in named.items() if not tests] == []
    assert {name for tests in named.values() for name in tests} - existing == set()


@pytest.mark.parametrize("columns", [5, 3])
def test_both_tables_are_whole(columns: int) -> None:
    """No row lacks a cell, and neither table is empty."""
    assert [row for row in rows(PAGE) if len(row) == columns]
    assert all(len(row) in (5, 3) and all(row) for row in rows(PAGE))
