"""What a policy asks: a question has one key, by which its answer is found."""

from __future__ import annotations

import pytest

from policies.model import Decision, TrustQuestion, Verdict


@pytest.mark.parametrize(
    ("question", "key"),
    [
        (TrustQuestion(source="ce-iir"), "ce-iir"),
        (TrustQuestion(source="al-providers", about="attester"), "al-providers?about=attester"),
        (
            TrustQuestion(source="al-federation", terms=(("trust_mark", "https://trust.example/marks/etpl"),)),
            "al-federation?trust_mark=https%3A%2F%2Ftrust.example%2Fmarks%2Fetpl",
        ),
        (
            TrustQuestion(source="trqp", terms=(("action", "issue"), ("resource", "welding & more=all"))),
            "trqp?action=issue&resource=welding%20%26%20more%3Dall",
        ),
        (
            TrustQuestion(source="ctdl", about="attester", terms=(("accredited_by", "ce-1"),)),
            "ctdl?about=attester&accredited_by=ce-1",
        ),
    ],
)
def test_a_question_has_a_key(question: TrustQuestion, key: str) -> None:
    """Just the source where nothing is asked besides; else everything that is asked, escaped."""
    assert question.key == key


def test_questions_are_what_they_ask() -> None:
    """Two that ask the same are one."""
    assert len({TrustQuestion(source="a"), TrustQuestion(source="a"), TrustQuestion(source="a", about="attester")}) == 2


def test_a_decision_that_was_read_back_knows_no_change() -> None:
    """What would change a decision is found by whoever made it; a copy of the words alone has none to tell."""
    decision = Decision(
        verdict=Verdict.REVIEW, policy="a/b", version="1.0.0", digest="", title="", jurisdiction=None, rules=()
    )
    assert decision.would_change() == ()
