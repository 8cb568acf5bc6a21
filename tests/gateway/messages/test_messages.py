"""Plain sentences: every code has its own, and a summary says no more than what was checked."""

from __future__ import annotations

import dataclasses
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from gateway import messages
from gateway.api.errors import STATUS
from gateway.messages import CATALOGUES
from gateway.model import CheckName, Outcome
from policies.model import State, Verdict
from resolvers.model import StatusState
from resolvers.problems import TYPES
from tests.gateway.results import active, check, decision, rule, verification

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gateway.messages import Catalogue

ENGLISH = CATALOGUES["en"]

JARGON = re.compile(
    r"\b(?i:jsons?|json-ld|jwts?|jws|jwk|proofs?|crypto\w*|suites?|canonical\w*|rdf|graph|hash\w*|digests?)\b"
    r"|\b(?i:urls?|uris?|https?|schemas?|multibase|multikey|algorithms?|payloads?|tokens?|bit\w*|pointers?|null)\b"
    r"|\b(?i:pars\w+|endpoints?|contexts?|serializ\w*|utf-8|unicode|surrogates?|nonces?|claims?|assert\w*)\b"
    r"|\b(?i:controllers?|verification methods?|verifiers?|verifiable|egress|fetch|budget|cache\w*|timeout)\b"
    r"|\b(?i:instances?|parameters?|strings?|integers?|arrays?|objects?|x\.509|holder binding)\b"
    r"|\bDIDs?\b"
)
"""Words that a recruiter need not know."""


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)


@pytest.mark.parametrize("catalogue", CATALOGUES.values(), ids=lambda catalogue: catalogue.language)
class TestEveryCatalogue:
    """What holds of each language; a new one is held to it by being there."""

    def test_it_has_every_problem_code_and_no_other(self, catalogue: Catalogue) -> None:
        """No problem is ever without a sentence and a remedy."""
        assert set(catalogue.problems) == set(TYPES)

    def test_it_has_the_same_keys_as_english(self, catalogue: Catalogue) -> None:
        """Nothing is said in one language alone."""
        for table in ("nouns", "states", "because", "labels"):
            assert getattr(catalogue, table).keys() == getattr(ENGLISH, table).keys(), table
        assert catalogue.sentences.keys() == ENGLISH.sentences.keys()
        for outcome in ("pass", "fail", "indeterminate"):
            assert catalogue.sentences[outcome].keys() == ENGLISH.sentences[outcome].keys() == {
                "none", *(verdict.value for verdict in Verdict)
            }  # fmt: skip

    def test_its_templates_have_the_same_fields(self, catalogue: Catalogue) -> None:
        """A translation keeps each field that is filled in."""
        own = [sorted(re.findall(r"{\w+}", text)) for text in _texts({"a": catalogue.states, "b": catalogue.sentences})]
        english = [sorted(re.findall(r"{\w+}", text)) for text in _texts({"a": ENGLISH.states, "b": ENGLISH.sentences})]
        assert own == english

    def test_each_message_is_one_sentence(self, catalogue: Catalogue) -> None:
        """What is said and what to do are sentences; the reason is a clause that goes into one."""
        for code, message in catalogue.problems.items():
            for sentence in (message.say, message.fix):
                assert sentence[0].isupper(), code
                assert sentence.endswith("."), code
                assert sentence.count(". ") == 0, code
            if message.because is not None:
                assert not message.because.endswith("."), code

    def test_only_problems_of_the_request_have_no_clause(self, catalogue: Catalogue) -> None:
        """Whatever a credential's check can find can also stand in its summary."""
        without = {code for code, message in catalogue.problems.items() if message.because is None}
        assert without - set(STATUS) == {"UNKNOWN_OPTION_PROVIDED"}

    def test_every_check_and_verdict_has_a_label(self, catalogue: Catalogue) -> None:
        """Nobody reads an identifier where a word will do."""
        values = (*CheckName, *Outcome, *Verdict)
        assert {str(value) for value in values} <= catalogue.labels.keys()


def test_english_is_plain() -> None:
    """No sentence has a word that a recruiter or an applicant would have to look up."""
    said = [text for m in ENGLISH.problems.values() for text in (m.say, m.fix, m.because or "")]
    said += _texts({"a": ENGLISH.states, "b": ENGLISH.sentences, "c": ENGLISH.labels, "d": ENGLISH.because})
    assert {word.lower() for text in said for word in JARGON.findall(re.sub(r"{\w+}", "", text))} == set()


def test_sentences_are_told_by_code_and_language() -> None:
    """A language that there is no catalogue for is answered in English."""
    assert messages.say("expired") == "The record has expired."
    assert messages.fix("expired", "de-DE") == "Ask the applicant whether it was renewed, and for the renewed one."
    assert messages.label("issuer") == "Issued by"
    assert messages.label("somethingNew") == "somethingNew"


RULE = rule(State.FAIL, Verdict.REJECT)
DOUBT = dataclasses.replace(rule(State.UNKNOWN, Verdict.REVIEW), say="The issuer's registry must answer.")
EXPIRED = check(CheckName.VALIDITY, Outcome.FAIL, "missing-time-zone", "expired")
OUTAGE = check(CheckName.STATUS, Outcome.INDETERMINATE, "STATUS_RETRIEVAL_ERROR")

SENTENCES = [
    ((), None, "This badge is authentic and current; no policy was asked whether to accept it."),
    (
        (),
        decision(Verdict.ACCEPT, rule(State.PASS, Verdict.ACCEPT)),
        "This badge is authentic and current, and the policy “Alabama Talent Triad” accepts it.",
    ),
    (
        (),
        decision(Verdict.REVIEW, rule(State.PASS, Verdict.ACCEPT), DOUBT),
        (
            "This badge is authentic and current, "
            "but the policy “Alabama Talent Triad” leaves the decision to a person: The issuer's registry must answer."
        ),
    ),
    (
        (),
        decision(Verdict.REJECT, DOUBT, RULE),
        (
            "This badge is authentic and current, but the policy “Alabama Talent Triad” does not accept it: "
            "The issuer must be in a recognised registry."
        ),
    ),
    ((EXPIRED,), None, "This badge is authentic, but it has expired."),
    (
        (EXPIRED,),
        decision(Verdict.ACCEPT),
        "This badge is authentic, but it has expired; the policy “Alabama Talent Triad” accepts it all the same.",
    ),
    (
        (EXPIRED,),
        decision(Verdict.REVIEW),
        (
            "This badge is authentic, but it has expired; "
            "the policy “Alabama Talent Triad” leaves the decision to a person."
        ),
    ),
    (
        (EXPIRED,),
        decision(Verdict.REJECT, RULE),
        "This badge is authentic, but it has expired; the policy “Alabama Talent Triad” does not accept it.",
    ),
    (
        (OUTAGE,),
        None,
        "This badge is authentic, but the list that says whether it was revoked could not be had.",
    ),
    (
        (OUTAGE,),
        decision(Verdict.ACCEPT),
        (
            "This badge is authentic, but the list that says whether it was revoked could not be had; "
            "the policy “Alabama Talent Triad” accepts it all the same."
        ),
    ),
    (
        (OUTAGE,),
        decision(Verdict.REVIEW, DOUBT),
        (
            "This badge is authentic, but the list that says whether it was revoked could not be had; "
            "the policy “Alabama Talent Triad” leaves the decision to a person."
        ),
    ),
    (
        (OUTAGE,),
        decision(Verdict.REJECT, RULE),
        (
            "This badge is authentic, but the list that says whether it was revoked could not be had; "
            "the policy “Alabama Talent Triad” does not accept it."
        ),
    ),
]


@pytest.mark.parametrize(("checks", "decided", "expected"), SENTENCES)
def test_a_summary_is_one_plain_sentence(checks: tuple[Any, ...], decided: Any, expected: str) -> None:
    """Outcome, decision and worst problem make one sentence, for each outcome and decision."""
    assert messages.summary(verification(*checks, decision=decided)) == expected


@pytest.mark.parametrize(
    ("checks", "expected"),
    [
        (
            (check(CheckName.PROOF, Outcome.FAIL, "PROOF_VERIFICATION_ERROR"), EXPIRED),
            "This credential cannot be relied on: its digital signature does not match what it says.",
        ),
        (
            (check(CheckName.PROOF, Outcome.INDETERMINATE, "unsupported-cryptosuite"),),
            "This credential could not be checked completely: it is signed in a way that cannot be checked here.",
        ),
        ((check(CheckName.ISSUER, Outcome.FAIL),), "This credential cannot be relied on: one of the checks failed."),
        (
            (check(CheckName.STATUS, Outcome.FAIL, "STATUS_RETRIEVAL_ERROR", "revoked"),),
            "This credential is authentic, but its issuer has revoked it.",
        ),
        (
            (OUTAGE, check(CheckName.VALIDITY, Outcome.INDETERMINATE)),
            "This credential is authentic, but the list that says whether it was revoked could not be had.",
        ),
    ],
)
def test_the_summary_names_the_worst_problem(checks: tuple[Any, ...], expected: str) -> None:
    """The first check that decides gives the reason, and of its problems the one that decides."""
    assert messages.summary(verification(*checks, record=None)) == expected


@pytest.mark.parametrize(
    "statuses",
    [
        (),
        (active(purpose="message", state=StatusState.MESSAGE),),
        (active(purpose="refresh", state=StatusState.REFRESH),),
    ],
)
def test_a_badge_is_not_called_current_where_no_revocation_was_looked_up(statuses: tuple[Any, ...]) -> None:
    """A badge that names no list, or one that only informs, is not said to be unrevoked."""
    outcome = Outcome.PASS if statuses else Outcome.NOT_APPLICABLE
    said = messages.summary(verification(check(CheckName.STATUS, outcome), statuses=statuses))
    assert said == (
        "This badge is authentic and has not expired, though it names no place to look up whether it was revoked; "
        "no policy was asked whether to accept it."
    )


@pytest.mark.parametrize("outcome", [Outcome.FAIL, Outcome.INDETERMINATE])
@pytest.mark.parametrize("name", [CheckName.STRUCTURE, CheckName.DATA_LOSS, CheckName.PROOF, CheckName.ISSUER])
def test_nothing_is_called_authentic_that_was_not_shown_to_be(name: CheckName, outcome: Outcome) -> None:
    """The word stands in a summary only where all four checks of authenticity pass."""
    assert "authentic" not in messages.summary(verification(check(name, outcome)))


def test_a_summary_for_another_day_says_so() -> None:
    """Where validity was judged at another instant, the sentence begins with it."""
    result = verification(EXPIRED)
    later = dataclasses.replace(result, as_of=result.as_of + timedelta(days=3650))
    assert messages.summary(later) == (
        "With its dates judged as of 2036-06-28: This badge is authentic, but it has expired."
    )


def test_a_policys_title_is_only_text() -> None:
    """Braces in a policy's or a rule's words are no fields."""
    decided = dataclasses.replace(
        decision(Verdict.REJECT, dataclasses.replace(RULE, say="No {0} {state}.")), title="{it}"
    )
    assert messages.summary(verification(decision=decided)) == (
        "This badge is authentic and current, but the policy “{it}” does not accept it: No {0} {state}."
    )
