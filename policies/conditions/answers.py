"""What trust sources answer, weighed: shared by every condition that asks them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from policies.conditions.base import FAIL, PASS, UNKNOWN, Check, Found
from policies.model import ISSUER, TrustQuestion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from policies.model import Facts, TrustFact

_ANSWERS: Final = frozenset({"listed", "not_listed"})
_CURRENT: Final = frozenset({None, "fresh", "stale"})
"""Freshness at which an answer still counts; None is a source that does not say."""

_NOBODY: Final = FAIL, "The policy names nobody who could vouch for the issuer."


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What is said of an answer; `{source}` and the question's own terms stand for themselves."""

    yes: str
    """`{due}` is where the source's answer is due for renewal."""
    no: str
    silent: str = "{source} gave no answer about the issuer."
    expired: str = "The list of {source} has expired, so it says nothing about the issuer."


def asked(sources: Iterable[str], *terms: tuple[str, str], about: str = ISSUER) -> frozenset[TrustQuestion]:
    """Return the same question to each of `sources`."""
    ordered = tuple(sorted(terms))
    return frozenset(TrustQuestion(source=source, about=about, terms=ordered) for source in sources)


def rank(order: tuple[str, ...], value: str | None) -> int:
    """Return the place of `value`, from 0; the lowest is what asks for nothing, or is not known here."""
    return order.index(value) if value in order else 0


def any_answer(
    questions: Iterable[TrustQuestion],
    words: Words | Mapping[str, Words],
    weigh: Callable[[str, TrustFact], Found | None] | None = None,
) -> Check:
    """Pass where the answer to one of `questions` is yes, and `weigh` has nothing else to say of it.

    `words` may be by the name of the question's first term. An answer that is missing, expired or not
    understood is unknown, never a no and never a yes.
    """
    answers = [
        _Answer.to(question, words if isinstance(words, Words) else words[question.terms[0][0]])
        for question in sorted(questions, key=lambda question: question.key)
    ]

    def check(facts: Facts) -> Found:
        collected: list[Found] = []
        for answer in answers:
            fact = facts.trust.get(answer.key)
            if fact is None or fact.state not in _ANSWERS:
                found = answer.silent
            elif fact.freshness not in _CURRENT:
                found = answer.expired
            elif fact.state == "not_listed":
                found = answer.no
            else:
                usual = answer.due if fact.freshness == "stale" else answer.yes
                found = usual if weigh is None else weigh(answer.source, fact) or usual
                if found[0] is PASS:
                    return found
            collected.append(found)
        if not collected:
            return _NOBODY
        unknown = [text for state, text in collected if state is UNKNOWN]
        return (UNKNOWN, " ".join(unknown)) if unknown else (FAIL, " ".join(text for _, text in collected))

    return check


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """A question's key, and what there is to be found, ready made."""

    key: str
    source: str
    yes: Found
    due: Found
    no: Found
    silent: Found
    expired: Found

    @classmethod
    def to(cls, question: TrustQuestion, words: Words) -> _Answer:
        """Return the findings about one question."""
        known = {**dict(question.terms), "source": question.source}
        return cls(
            key=question.key,
            source=question.source,
            yes=(PASS, words.yes.format(**known, due="")),
            due=(PASS, words.yes.format(**known, due="; its list is due for renewal")),
            no=(FAIL, words.no.format(**known)),
            silent=(UNKNOWN, words.silent.format(**known)),
            expired=(UNKNOWN, words.expired.format(**known)),
        )
