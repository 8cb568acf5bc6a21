"""Plain sentences for people: what was found, what it means, and who can do what about it.

Each language is one file beside this one. What has no file of its own is said in English.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from gateway.messages.languages import DEFAULT, lookup
from gateway.model import COUNTED, Outcome
from policies.model import Verdict
from resolvers.model import StatusState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.model import CheckResult, VerificationResult
    from policies.model import Decision

_DECISIVE: Final = ("revoked", "suspended", "expired", "not-yet-valid")
"""What fails a check by itself, whatever else is reported beside it."""

_INCIDENTAL: Final = frozenset({"missing-time-zone", "per-subject-url"})
"""What is reported of a check that it does not decide."""

_NOUNS: Final = {
    "OpenBadgeCredential": "badge",
    "Assertion": "badge",
    "ClrCredential": "record",
    "Clr": "record",
    "VerifiablePresentation": "presentation",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What one problem code means to people."""

    say: str
    fix: str
    because: str | None = None
    """The same as a clause of the summary; None for problems of a request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """One language's messages."""

    language: str
    problems: Mapping[str, Message]
    """By problem code."""
    nouns: Mapping[str, str]
    states: Mapping[str, str]
    because: Mapping[str, str]
    """By outcome, where no problem says more."""
    sentences: Mapping[str, Any]
    labels: Mapping[str, str]
    """By field, or by the value of an enumeration."""


def _read(language: str, text: str) -> Catalogue:
    content = tomllib.loads(text)
    return Catalogue(
        language=language,
        problems={code: Message(**message) for code, message in content["problem"].items()},
        nouns=content["noun"],
        states=content["state"],
        because=content["because"],
        sentences=content["sentence"],
        labels=content["label"],
    )


CATALOGUES: Final[Mapping[str, Catalogue]] = {
    file.name.removesuffix(".toml"): _read(file.name.removesuffix(".toml"), file.read_text(encoding="utf-8"))
    for file in files(__package__).iterdir()
    if file.name.endswith(".toml")
}
"""Every language that there is, by its tag."""


@lru_cache(maxsize=256)
def catalogue(accepted: str = "") -> Catalogue:
    """Return the messages that suit `accepted` best, an Accept-Language header or a plain tag."""
    return CATALOGUES[lookup(accepted, CATALOGUES) or DEFAULT]


def say(code: str, accepted: str = "") -> str:
    """Return what a problem code means, in one plain sentence."""
    return catalogue(accepted).problems[code].say


def fix(code: str, accepted: str = "") -> str:
    """Return who can do what about it, in one plain sentence."""
    return catalogue(accepted).problems[code].fix


def label(name: str, accepted: str = "") -> str:
    """Return the name of a field, a check or a value; itself, if it has none."""
    return catalogue(accepted).labels.get(name, name)


def summary(result: VerificationResult, accepted: str = "") -> str:
    """Return the whole result in one plain sentence, which says no more than what was checked."""
    words = catalogue(accepted)
    decision = result.decision
    sentence = words.sentences[result.outcome.value]["none" if decision is None else decision.verdict.value].format(
        state=_state(result, words), policy="" if decision is None else decision.title
    )
    if result.as_of != result.verified_at:
        sentence = words.sentences["dated"].format(day=result.as_of.date().isoformat(), sentence=sentence)
    reason = _reason(decision) if result.outcome is Outcome.PASS else None
    form = words.sentences["final" if reason is None else "reasoned"]
    return str(form.format(sentence=sentence, reason=reason))


def _state(result: VerificationResult, words: Catalogue) -> str:
    types = result.record.types if result.authentic and result.record is not None else ()
    noun = next((_NOUNS[name] for name in types if name in _NOUNS), "credential")
    if result.outcome is Outcome.PASS and result.authentic and result.issuer is None:
        return _held(result, words, "submission" if noun == "credential" else noun)
    if result.outcome is Outcome.PASS and result.authentic:
        looked_up = any(status.state is StatusState.ACTIVE for status in result.statuses)
        return words.states["current" if looked_up else "unrevocable"].format(it=words.nouns[noun])
    other = "fail" if result.outcome is Outcome.FAIL else "indeterminate"
    state = words.states["authentic" if result.authentic else other]
    return state.format(it=words.nouns[noun], because=_because(result, words) or words.because[other])


def _held(result: VerificationResult, words: Catalogue, noun: str) -> str:
    """Return how it stands with what nobody has issued, and that holds records: they have issuers."""
    outdated = any(child.outcome is not Outcome.PASS for child in result.children)
    state = "outdated" if outdated else "holding" if result.children else "empty"
    return words.states[state].format(it=words.nouns[noun])


def _because(result: VerificationResult, words: Catalogue) -> str | None:
    for name in COUNTED:
        check = result.check(name)
        if check.outcome is result.outcome and (code := _worst_code(check)) is not None:
            return words.problems[code].because or words.problems[code].say
    return None


def _worst_code(check: CheckResult) -> str | None:
    codes = [problem.code for problem in check.problems if problem.code not in _INCIDENTAL]
    if check.outcome is Outcome.FAIL:
        codes = [code for code in _DECISIVE if code in codes] + codes
    return codes[0] if codes else None


def _reason(decision: Decision | None) -> str | None:
    """Return the rule that stands in the way of acceptance, in its author's words."""
    if decision is None or decision.verdict is Verdict.ACCEPT:
        return None
    rules = (rule.say for rule in decision.rules if rule.verdict is decision.verdict)
    return next((sentence.strip().rstrip(".") for sentence in rules), None)
