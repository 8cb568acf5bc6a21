"""Facts by the thousand are read as strictly as one by one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies import facts_lines
from policies.facts import FactsError, loads, to_json
from policies.facts_lines import MAX_LINE, FactsReader, read_lines
from tests.policies.files import facts
from tests.policies.strategies import facts as any_facts
from tests.policies.strategies import unhurried

if TYPE_CHECKING:
    from policies.model import Facts

GOOD = json.dumps(to_json(facts()))


def outcome(read: Any, line: str) -> Facts | str:
    """Return the facts, or what was wrong."""
    try:
        found: Facts = read(line)
    except FactsError as error:
        return str(error)
    return found


@unhurried
@given(st.lists(any_facts, min_size=1, max_size=5))
def test_the_same_facts(population: list[Facts]) -> None:
    """One reader for all of them, so that what it remembers of one is no part of another."""
    reader = FactsReader()

    for each in population * 2:
        line = json.dumps(to_json(each))
        assert reader.read(line) == loads(line) == each


MEMBERS = (
    '"as_of": "2026-11-23T12:00:00Z"', '"as_of": "2026-11-23T12:00:00"', '"clock_skew": 1', '"clock_skew": true',
    '"clock_skew": 1e400', '"clock_skew": NaN', '"statuses": []', '"statuses": {}', '"trust": {}', '"trust": []',
    '"trust": null', '"alignments": [["a", "b"]]', '"alignments": {"a": "b"}', '"alignments": [{"a": "b"}]',
    '"inline_context": true', '"inline_context": 1', '"proof": "pass"', '"proof": "passed"', '"proof": "pass"',
    '"statuses": [{"purpose": "a", "state": "active", "state": "revoked"}]', '"types": ["a"]', '"types": [["a"]]',
    '"trust": {"a": {"state": "listed", "state": "listed"}}', '"trust": {"a": {"state": "listed"}, "a": 1}', '"odd": 1',
)  # fmt: skip


@unhurried
@given(st.lists(st.lists(st.sampled_from(MEMBERS), max_size=5), min_size=1, max_size=4))
def test_the_same_errors(objects: list[list[str]]) -> None:
    """What is refused one by one is refused here, with the same words, also after something like it was read."""
    reader = FactsReader()

    for members in objects:
        line = "{" + ", ".join(members) + "}"
        assert outcome(reader.read, line) == outcome(loads, line)


@pytest.mark.parametrize("line", ["[]", "1", "null", '"as_of"', "{", "", "{]", "[" * 100_000, '{"as_of": "x"} {}'])
def test_what_is_no_object(line: str) -> None:
    """As one by one."""
    assert outcome(FactsReader().read, line) == outcome(loads, line)
    assert isinstance(outcome(loads, line), str)


def test_an_empty_list_is_no_empty_object() -> None:
    """Nor is 1 true: what is remembered of one kind of value never stands for another."""
    reader = FactsReader()
    start = '{"as_of": "2026-11-23T12:00:00Z", '

    reader.read(start + '"statuses": [], "clock_skew": 1, "inline_context": true, "alignments": [["a", "b"]]}')

    for member in ('"statuses": {}', '"clock_skew": true', '"inline_context": 1', '"alignments": {"a": "b"}'):
        assert isinstance(outcome(reader.read, f"{start}{member}}}"), str)


def test_what_is_remembered_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond it everything is read anew, and comes to the same."""
    monkeypatch.setattr(facts_lines, "_REMEMBERED", 1)
    reader = FactsReader()

    for age in (1, 2, 3, 2):
        line = json.dumps(to_json(facts(clock_skew=float(age))))
        assert reader.read(line) == loads(line)


def test_lines() -> None:
    """Blank lines are left out, and counted; what is wrong is told with its line."""
    assert list(read_lines([GOOD, "", "  \n", GOOD + "\n"])) == [(1, facts()), (4, facts())]
    assert list(read_lines([GOOD], first=7)) == [(7, facts())]
    with pytest.raises(FactsError, match=r'^population\.jsonl:3: facts: there is no fact "od"$'):
        list(read_lines([GOOD, "", '{"od": 1}'], name="population.jsonl"))
    with pytest.raises(FactsError, match=r"^facts:1: facts: the line is longer than 262144 characters$"):
        list(read_lines([" " * MAX_LINE + GOOD]))
