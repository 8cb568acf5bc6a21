"""Step 7: whether whoever presents a record is the one it is about. Pure.

Two grounds, each named in the result: the holder's proof (`holder_proof`: the key that signed the
presentation is its subject's, or the key that the issuer bound it to), and what the caller knows of
the candidate (`identifier_match`: an identifier in the record is the candidate's).
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from gateway.model import CheckName, CheckResult, Outcome
from resolvers.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gateway.model import Expected, Record

HOLDER_PROOF: Final = "holder_proof"
IDENTIFIER_MATCH: Final = "identifier_match"
NONE: Final = "none"

FIELDS: Final[Mapping[str, frozenset[str]]] = {
    # what the caller knows → identity types of Open Badges 3.0 (IdentifierTypeEnum) and 2.0 (recipient)
    "email": frozenset({"emailAddress", "email"}),
    "name": frozenset({"name"}),
    "phone": frozenset({"telephone", "phone", "phoneNumber"}),
    "studentId": frozenset(
        {"sourcedId", "lisSourcedId", "oneRosterSourcedId", "sisSourcedId", "systemId", "accountId", "studentId"}
    ),
    "userName": frozenset({"userName", "ltiUserId"}),
    "nationalId": frozenset({"nationalIdentityNumber"}),
    "url": frozenset({"url"}),
}
"""What may be compared, and under which types records have it."""

_ANY_FIELD: Final = frozenset({"identifier", "id", None})
"""Types that do not say what they identify: such a value may be any field's, and contradicts none."""

_DIGESTS: Final = {"sha256": hashlib.sha256, "md5": hashlib.md5}
"""Open Badges 3.0, IdentityHash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Presenter:
    """What the presentation around a credential shows of whoever presents it."""

    controller: str | None
    """Who controls the key that signed it; None where nobody signed."""
    named: bool = False
    """Whether the presentation names its holder itself."""
    challenge: str | None = None
    """`issued` or `caller`: who keeps account of the challenge that it answers; None: it answers none."""


NOT_PRESENTED: Final = CheckResult(
    name=CheckName.HOLDER,
    outcome=Outcome.NOT_APPLICABLE,
    facts={"binding": NONE, "unsignedPresentation": False},
)
"""Of a record that comes by itself, and so shows nothing of who sends it."""


def check_holder(
    subject: str | None, *, presenter: Presenter | None, own: CheckResult | None, expected: Expected | None
) -> CheckResult:
    """Check that the credential is its presenter's own.

    Facts: `binding`; `unsignedPresentation`, and of a signed one `controller` and `challenge`.

    Args:
        subject: the id of whom the credential is about.
        presenter: what the presentation around it shows; None where there is none.
        own: what the credential itself shows (a key binding JWT).
        expected: what the holder's proof had to answer.
    """
    unsigned = presenter is not None and presenter.controller is None
    facts: dict[str, Any] = {"binding": NONE, "unsignedPresentation": unsigned}
    if presenter is None or presenter.controller is None:
        if own is None:
            return replace(NOT_PRESENTED, facts=facts)
        problems, fresh = own.problems, expected is not None and expected.challenge is not None
        outcome, facts = own.outcome, {**own.facts, **facts}
    else:
        facts |= {"controller": presenter.controller, "challenge": presenter.challenge}
        outcome, problems = _of_subject(subject, presenter.controller, own)
        fresh = presenter.challenge is not None
    if outcome is Outcome.PASS and not fresh:
        # Without a challenge that it answers, whoever has seen the presentation once can send it again (T38).
        detail = "no challenge was expected, so the presentation could be a copy"
        outcome, problems = Outcome.INDETERMINATE, (Problem(code="presentation-replayable", detail=detail),)
    if outcome is Outcome.PASS:
        facts["binding"] = HOLDER_PROOF
    return CheckResult(name=CheckName.HOLDER, outcome=outcome, problems=problems, facts=facts)


def unanswered(own: CheckResult | None, expected: Expected | None) -> CheckResult | None:
    """Return why a credential that comes without a presentation does not do where one is wanted; None: it does.

    `own` is what it shows of its holder itself. What is expected and not there is wrong (T38).
    """
    if own is not None and own.outcome is not Outcome.NOT_APPLICABLE:
        return None if own.outcome is Outcome.PASS else replace(own, name=CheckName.PROOF)
    code = "MALFORMED_VALUE_ERROR"
    if expected is not None:
        code = "INVALID_DOMAIN_ERROR" if expected.challenge is None else "INVALID_CHALLENGE_ERROR"
    missing = Problem(code=code, detail="this is no presentation: nothing in it is signed by its holder")
    return CheckResult(name=CheckName.PROOF, outcome=Outcome.FAIL, problems=(missing,))


def _of_subject(subject: str | None, controller: str, own: CheckResult | None) -> tuple[Outcome, tuple[Problem, ...]]:
    """Compare the subject with whoever signed the presentation."""
    # A key binding inside a presentation may be a copy that answered somebody else: it can only do harm.
    if own is not None and own.outcome in (Outcome.FAIL, Outcome.INDETERMINATE):
        return own.outcome, own.problems
    if subject == controller:
        return Outcome.PASS, ()
    if subject is None:
        detail = "the credential names no subject that could be the holder"
        return Outcome.INDETERMINATE, (Problem(code="holder-unbound", detail=detail, pointer="/credentialSubject"),)
    detail = "the subject is not the holder who signed the presentation"
    return Outcome.FAIL, (Problem(code="holder-not-subject", detail=detail, pointer="/credentialSubject/id"),)


def check_subject(record: Record, candidate: Mapping[str, str]) -> CheckResult:
    """Compare the record's subject with the candidate.

    Facts: `fields`, each of the candidate's with match, mismatch or unknown. It passes where an
    identifier matches and nothing differs; a name is none, since many have the same.
    """
    fields = {field: _compare(field, value, record.subject) for field, value in candidate.items()}
    found = set(fields.values())
    identified = any(fields[field] == "match" for field in fields if field != "name")
    outcome, problem = Outcome.PASS, None
    if "mismatch" in found:
        differing = ", ".join(field for field, state in fields.items() if state == "mismatch")
        problem = Problem(code="candidate-mismatch", detail=f"differs: {differing}", pointer="/credentialSubject")
        outcome = Outcome.FAIL
    elif not identified:
        detail = "no identifier of the subject could be compared"
        problem = Problem(code="candidate-unknown", detail=detail, pointer="/credentialSubject")
        outcome = Outcome.INDETERMINATE
    problems = () if problem is None else (problem,)
    return CheckResult(name=CheckName.SUBJECT, outcome=outcome, problems=problems, facts={"fields": fields})


def with_identifier(holder: CheckResult, subject: CheckResult) -> CheckResult:
    """Return the check of the holder with the weaker binding named, where the stronger one does not hold or fail."""
    if subject.outcome is not Outcome.PASS or holder.outcome in (Outcome.PASS, Outcome.FAIL):
        return holder
    return replace(holder, facts={**holder.facts, "binding": IDENTIFIER_MATCH})


def _compare(field: str, value: str, subject: Mapping[str, Any]) -> str:
    """Compare one field with every identifier of its type: of several, one that matches will do."""
    known: Sequence[Mapping[str, Any]] = subject.get("identifiers") or ()
    compared = [_same(field, value, one) for one in known if _type(one) in FIELDS[field]]
    if field == "name":
        compared += [_same_text(field, value, name) for name in _texts(subject.get("name"))]
    untyped = [_same(field, value, one) for one in known if _type(one) in _ANY_FIELD]
    if any(compared) or any(untyped):
        return "match"
    return "mismatch" if False in compared else "unknown"


def _type(identifier: Mapping[str, Any]) -> str | None:
    kind = identifier.get("type")
    return kind if isinstance(kind, str) else None


def _same(field: str, value: str, identifier: Mapping[str, Any]) -> bool | None:
    """Whether an identifier is the candidate's; None where it cannot be compared."""
    if not identifier.get("hashed"):
        plain = identifier.get("value")
        return _same_text(field, value, plain) if isinstance(plain, str) else None
    name, _, digest = str(identifier.get("hash")).partition("$")
    make = _DIGESTS.get(name.lower())
    if make is None or not digest.isascii():
        return None
    salt = identifier.get("salt") or ""
    return _any(
        hmac.compare_digest(make(f"{form}{salt}".encode(), usedforsecurity=False).hexdigest(), digest.lower())
        for form in _forms(field, value)
    )


def _same_text(field: str, value: str, other: str) -> bool:
    wanted = _folded(field, other).encode()
    return hmac.compare_digest(_folded(field, value).encode(), wanted)


def _any(results: Iterable[bool]) -> bool:
    """Whether one of them holds, looking at each: how long it takes says nothing about which."""
    found = False
    for result in results:
        found |= result
    return found


def _forms(field: str, value: str) -> tuple[str, ...]:
    """Return how an issuer may have written the value before hashing it: as it is, and as people normalize it."""
    stripped = value.strip()
    other = stripped.lower() if field in ("email", "userName", "url") else _folded(field, value)
    return tuple(dict.fromkeys((value, stripped, other, unicodedata.normalize("NFC", stripped))))


def _folded(field: str, value: str) -> str:
    """Return the value as it is compared where it is plain: letters' case and white space do not tell people apart."""
    if field == "phone":
        return "".join(character for character in value if character.isdigit() or character == "+")
    return " ".join(unicodedata.normalize("NFC", value).casefold().split())


def _texts(value: Any) -> list[str]:
    """Return a text, or every language's."""
    texts = value.values() if isinstance(value, dict) else [value]
    return [text for text in texts if isinstance(text, str)]
