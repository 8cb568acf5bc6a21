"""Whose a record is: the proof of its holder, and what is known of the candidate."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.holder import (
    FIELDS,
    NOT_PRESENTED,
    Presenter,
    check_holder,
    check_subject,
    unanswered,
    with_identifier,
)
from gateway.model import CheckName, CheckResult, Expected, Outcome, Record
from resolvers.problems import Problem

PASS, FAIL, INDETERMINATE, NOT_APPLICABLE = (
    Outcome.PASS,
    Outcome.FAIL,
    Outcome.INDETERMINATE,
    Outcome.NOT_APPLICABLE,
)
ME, OTHER = "did:example:me", "did:example:other"
FRESH = Expected(challenge="n-1")
SIGNED = Presenter(controller=ME, named=True, challenge="issued")
STALE = Presenter(controller=ME, named=True)
UNSIGNED = Presenter(controller=None)


def own(outcome: Outcome, *codes: str, **facts: Any) -> CheckResult:
    """Return what a key binding JWT shows."""
    problems = tuple(Problem(code=code, detail="in a test") for code in codes)
    return CheckResult(name=CheckName.HOLDER, outcome=outcome, problems=problems, facts=facts)


def identity(kind: str | None, text: str, *, algorithm: str | None = None, salt: str | None = None) -> dict[str, Any]:
    """Return an identifier as normalizers read it: plain, or hashed."""
    if algorithm is None:
        return {"type": kind, "value": text, "hash": None, "salt": salt, "hashed": False}
    digest = hashlib.new(algorithm.lower(), (text + (salt or "")).encode()).hexdigest()
    return {"type": kind, "value": None, "hash": f"{algorithm}${digest}", "salt": salt, "hashed": True}


def compared(field: str, value: str, *identifiers: dict[str, Any], name: Any = None) -> str:
    """Return how one field of the candidate compares."""
    record = Record(subject={"id": None, "name": name, "identifiers": list(identifiers)})
    fields: dict[str, str] = check_subject(record, {field: value}).facts["fields"]
    return fields[field]


# --- the holder's proof ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("subject", "presenter", "shown", "expected", "outcome", "codes", "binding"),
    [
        (ME, None, None, None, NOT_APPLICABLE, [], "none"),
        (ME, UNSIGNED, None, None, NOT_APPLICABLE, [], "none"),
        (ME, SIGNED, None, None, PASS, [], "holder_proof"),
        (OTHER, SIGNED, None, None, FAIL, ["holder-not-subject"], "none"),
        (f"{ME}#key-1", SIGNED, None, None, FAIL, ["holder-not-subject"], "none"),
        (None, SIGNED, None, None, INDETERMINATE, ["holder-unbound"], "none"),
        (ME, STALE, None, None, INDETERMINATE, ["presentation-replayable"], "none"),
        (OTHER, STALE, None, None, FAIL, ["holder-not-subject"], "none"),
        # a key binding of the credential itself
        (ME, None, own(PASS), FRESH, PASS, [], "holder_proof"),
        (None, None, own(PASS), FRESH, PASS, [], "holder_proof"),
        (ME, None, own(PASS), None, INDETERMINATE, ["presentation-replayable"], "none"),
        (ME, None, own(PASS), Expected(domain=frozenset({"a"})), INDETERMINATE, ["presentation-replayable"], "none"),
        (ME, None, own(FAIL, "INVALID_CHALLENGE_ERROR"), FRESH, FAIL, ["INVALID_CHALLENGE_ERROR"], "none"),
        (ME, None, own(INDETERMINATE, "unreachable"), FRESH, INDETERMINATE, ["unreachable"], "none"),
        # the same inside a presentation
        (ME, SIGNED, own(FAIL, "token-malformed"), None, FAIL, ["token-malformed"], "none"),
        (ME, SIGNED, own(PASS), None, PASS, [], "holder_proof"),
        (ME, UNSIGNED, own(PASS), None, INDETERMINATE, ["presentation-replayable"], "none"),
    ],
)  # fmt: skip
def test_T39_the_subject_is_whoever_signed_for_this_request(
    subject: str | None,
    presenter: Presenter | None,
    shown: CheckResult | None,
    expected: Expected | None,
    outcome: Outcome,
    codes: list[str],
    binding: str,
) -> None:
    """Same id and an answered challenge pass; anybody else fails; what cannot be told is unknown."""
    found = check_holder(subject, presenter=presenter, own=shown, expected=expected)
    assert (found.outcome, [problem.code for problem in found.problems]) == (outcome, codes)
    assert found.facts["binding"] == binding
    assert found.facts["unsignedPresentation"] == (presenter is UNSIGNED)


def test_T47_a_copied_key_binding_does_not_bind_a_strangers_presentation() -> None:
    """Somebody else's SD-JWT with its key binding, put into my own fresh presentation, is not mine."""
    for subject in (OTHER, None):
        found = check_holder(subject, presenter=SIGNED, own=own(PASS), expected=None)
        assert found.outcome is not PASS
        assert found.facts["binding"] == "none"


@pytest.mark.parametrize(
    ("shown", "expected", "code"),
    [
        (None, FRESH, "INVALID_CHALLENGE_ERROR"),
        (None, Expected(domain=frozenset({"a"})), "INVALID_DOMAIN_ERROR"),
        (None, None, "MALFORMED_VALUE_ERROR"),
        (own(NOT_APPLICABLE), FRESH, "INVALID_CHALLENGE_ERROR"),
        (own(FAIL, "token-malformed"), FRESH, "token-malformed"),
        (own(INDETERMINATE, "unreachable"), FRESH, "unreachable"),
    ],
)
def test_T38_what_is_expected_and_absent_is_wrong(
    shown: CheckResult | None, expected: Expected | None, code: str
) -> None:
    """A credential by itself does only with a key binding of its own that passed."""
    found = unanswered(shown, expected)
    assert found is not None
    assert found.name is CheckName.PROOF
    assert found.outcome in (FAIL, INDETERMINATE)
    assert [problem.code for problem in found.problems] == [code]
    assert unanswered(own(PASS), expected) is None


# --- the candidate ------------------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", [None, "sha256", "md5", "SHA256", "Md5"])
@pytest.mark.parametrize("salt", [None, "", "pepper"])
def test_an_identity_matches_plain_and_hashed(algorithm: str | None, salt: str | None) -> None:
    """sha256$ and md5$ in either case, with the salt behind the identity; and nobody else's."""
    given_identity = identity("emailAddress", "a@example.com", algorithm=algorithm, salt=salt)
    assert compared("email", "a@example.com", given_identity) == "match"
    assert compared("email", "b@example.com", given_identity) == "mismatch"
    if algorithm is not None:
        upper = {**given_identity, "hash": given_identity["hash"].upper().replace("SHA256", "sha256")}
        assert compared("email", "a@example.com", upper) == "match"


@pytest.mark.parametrize("field", FIELDS)
def test_each_field_is_compared_with_identities_of_its_types(field: str) -> None:
    """And with no others: what has no identity of its type is unknown."""
    for kind in FIELDS[field]:
        assert compared(field, "1234", identity(kind, "1234")) == "match"
        assert compared(field, "1234", identity(kind, "9999")) == "mismatch"
    foreign = next(iter(FIELDS["email" if field != "email" else "phone"]))
    assert compared(field, "1234", identity(foreign, "1234")) == "unknown"
    assert compared(field, "1234") == "unknown"


def test_an_identity_of_no_particular_type_matches_or_says_nothing() -> None:
    """Open Badges' `identifier` may be anything: equal is a match, different contradicts no field."""
    for kind in ("identifier", "id", None):
        assert compared("studentId", "S-1", identity(kind, "S-1", algorithm="sha256", salt="x")) == "match"
        assert compared("studentId", "S-1", identity(kind, "S-2", algorithm="sha256", salt="x")) == "unknown"


def test_of_several_identities_one_that_matches_will_do() -> None:
    """A person has more than one address."""
    both = identity("email", "old@example.com"), identity("emailAddress", "new@example.com", algorithm="sha256")
    assert compared("email", "new@example.com", *both) == "match"
    assert compared("email", "none@example.com", *both) == "mismatch"


@pytest.mark.parametrize(
    ("field", "mine", "theirs"),
    [
        ("email", " Jane@Example.com", "jane@example.com"),
        ("phone", "+1 (251) 555-0100", "+12515550100"),
        ("name", "JANE   Doe", "Jane Doe"),
        ("name", "Zoe\u0308 Doe", "Zoë Doe"),
    ],
)
def test_case_space_and_form_do_not_tell_people_apart(field: str, mine: str, theirs: str) -> None:
    """As people write them."""
    kind = min(FIELDS[field])
    assert compared(field, mine, identity(kind, theirs)) == "match"


@pytest.mark.parametrize("broken", ["", "sha1$00", "sha256", "$", "sha256$ü", None, 7])
def test_a_hash_that_cannot_be_compared_is_unknown(broken: Any) -> None:
    """An unknown algorithm or a malformed digest is neither the candidate's nor somebody else's."""
    entry = {"type": "emailAddress", "value": None, "hash": broken, "salt": None, "hashed": True}
    assert compared("email", "a@example.com", entry) in ("unknown", "mismatch")
    assert compared("email", "a@example.com", entry) != "match"


def test_the_name_of_the_subject_is_compared_and_alone_identifies_nobody() -> None:
    """A name that matches leaves the check unknown; one that differs fails it."""
    record = Record(subject={"name": {"en": "Jane Doe", "es": "Juana Doe"}, "identifiers": []})
    same = check_subject(record, {"name": "juana doe"})
    assert (same.facts["fields"], same.outcome) == ({"name": "match"}, INDETERMINATE)
    assert [problem.code for problem in same.problems] == ["candidate-unknown"]
    other = check_subject(record, {"name": "John Doe"})
    assert (other.outcome, [problem.code for problem in other.problems]) == (FAIL, ["candidate-mismatch"])


def test_one_field_that_differs_outweighs_those_that_match() -> None:
    """Every field is reported, and one that is unknown takes nothing away."""
    subject = {"identifiers": [identity("emailAddress", "a@example.com"), identity("sourcedId", "S-1")]}
    known = {"email": "a@example.com", "studentId": "S-2", "phone": "+1"}
    found = check_subject(Record(subject=subject), known)
    assert found.facts["fields"] == {"email": "match", "studentId": "mismatch", "phone": "unknown"}
    assert found.outcome is FAIL
    assert check_subject(Record(subject=subject), {"email": "a@example.com", "phone": "+1"}).outcome is PASS


def test_a_match_names_the_weaker_binding_unless_the_stronger_one_holds_or_fails() -> None:
    """Somebody else's presentation is not mended by knowing the address."""
    matched = CheckResult(name=CheckName.SUBJECT, outcome=PASS)
    assert with_identifier(NOT_PRESENTED, matched).facts["binding"] == "identifier_match"
    for outcome, binding in ((PASS, "holder_proof"), (FAIL, "none"), (INDETERMINATE, "identifier_match")):
        shown = own(outcome, binding="holder_proof" if outcome is PASS else "none")
        assert with_identifier(shown, matched).facts["binding"] == binding
    for outcome in (FAIL, INDETERMINATE):
        unmatched = CheckResult(name=CheckName.SUBJECT, outcome=outcome)
        assert with_identifier(NOT_PRESENTED, unmatched).facts["binding"] == "none"


@given(
    st.dictionaries(st.sampled_from(sorted(FIELDS)), st.text(min_size=1, max_size=9), min_size=1),
    st.recursive(
        st.none() | st.booleans() | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["type", "value", "hash", "salt", "hashed"]), inner, max_size=5)
        ),
        max_leaves=9,
    ).filter(lambda value: isinstance(value, list) and all(isinstance(one, dict) for one in value)),
)
def test_whatever_a_record_says_is_compared_or_unknown(candidate: dict[str, str], identifiers: Any) -> None:
    """The comparison is total, and names every field of the candidate."""
    found = check_subject(Record(subject={"identifiers": identifiers}), candidate)
    assert found.facts["fields"].keys() == candidate.keys()
    assert set(found.facts["fields"].values()) <= {"match", "mismatch", "unknown"}


def test_T58_no_value_of_the_candidate_is_part_of_the_check() -> None:
    """Neither detail nor facts repeat what was compared."""
    record = Record(subject={"name": "canary-name", "identifiers": [identity("emailAddress", "canary@example.com")]})
    for value in ("canary@example.com", "canary2@example.com"):
        assert "canary" not in repr(check_subject(record, {"email": value, "name": "canary name"}))


def test_digests_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every form and every identity is looked at, whichever matches: the first does not end it."""
    seen: list[int] = []
    compare = hmac.compare_digest

    def counted(one: Any, other: Any) -> bool:
        seen.append(1)
        return compare(one, other)

    monkeypatch.setattr(hmac, "compare_digest", counted)
    identities = [identity("emailAddress", f"{name}@example.com", algorithm="sha256") for name in "abc"]
    counts = set()
    for name in "abcd":
        seen.clear()
        compared("email", f"{name}@example.com", *identities)
        counts.add(len(seen))
    assert counts == {3}
