"""The documented problem codes are the ones that there are."""

from __future__ import annotations

from resolvers.problems import TYPES
from tests.problems_page import PAGE, page


def test_the_page_is_what_the_code_says() -> None:
    """`python -m tests.problems_page` has been run since a code, a title or a message changed."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_code_is_on_the_page_once() -> None:
    """No code is documented nowhere, and none under a specification that does not name it."""
    rows = [line for line in page().splitlines() if line.startswith("| `")]
    assert sorted(row.split("`")[1] for row in rows) == sorted(TYPES)
