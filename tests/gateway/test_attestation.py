"""Who has confirmed a record: the source that the issuer names, and whoever endorses the credential itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateway.attestation import Attestation, attestation
from gateway.model import Outcome, Record, VerificationResult, Verified
from tests.gateway.results import verification

if TYPE_CHECKING:
    from collections.abc import Mapping

ISSUER, SCHOOL, COLLEGE, LEARNER = (f"did:web:{name}.example" for name in ("platform", "school", "college", "learner"))
BADGE = "urn:uuid:badge"
PROVIDER, PLATFORM = "provider_verified", "platform_verified"


def badge(**members: Any) -> Verified:
    """Return a proven badge whose subject has these members."""
    document = {
        "id": BADGE,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "credentialSubject": {"id": LEARNER, **members},
    }
    return verified(document)


def verified(document: Mapping[str, Any]) -> Verified:
    """Return a proven document; the architecture forbids this only to the program."""
    return Verified(document=document, issuer=ISSUER, format="data-integrity", vcdm="2.0")


def record(*, creator: str | None = None, endorsed: tuple[str | None, ...] = (), children: int = 0) -> Record:
    """Return what a badge was normalized to."""
    return Record(
        subject={"id": LEARNER},
        achievements=({"creator": None if creator is None else {"id": creator}},),
        endorsements=tuple({"target": target} for target in endorsed),
        children=tuple((f"/{place}", {}) for place in range(children)),
    )


def endorsement(issuer: str = SCHOOL, target: object = BADGE, outcome: Outcome = Outcome.PASS) -> VerificationResult:
    """Return an endorsement that was verified with this outcome."""
    return verification(issuer=issuer, outcome=outcome, document={"credentialSubject": {"id": target}})


def confirmed(
    credential: Verified,
    about: Record | None = None,
    *,
    endorsements: tuple[VerificationResult, ...] | None = (),
    children: tuple[VerificationResult, ...] | None = (),
) -> tuple[tuple[str | None, ...], str | None]:
    """Return the attesters and the level."""
    found = attestation(credential, about or record(), endorsements=endorsements, children=children)
    return found.attesters, found.learner


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ({"id": SCHOOL, "type": ["Profile"]}, ((SCHOOL,), PROVIDER)),
        (SCHOOL, ((SCHOOL,), PROVIDER)),
        ({"id": ISSUER}, ((ISSUER,), PLATFORM)),
        ({"type": ["Profile"], "name": "A school"}, ((None,), None)),
        ({"id": 7}, ((None,), None)),
        ({"id": ""}, ((None,), None)),
        ([], ((None,), None)),
        (None, ((), None)),
    ],
)
def test_source(source: object, expected: tuple[tuple[str | None, ...], str | None]) -> None:
    """Who assessed the achievement on behalf of the issuer: another party, the issuer itself, or nobody named."""
    assert confirmed(badge(source=source)) == expected


def test_a_source_counts_only_where_it_is_one() -> None:
    """In another type of credential, or of several subjects, it is no AchievementSubject's."""
    subject = {"id": LEARNER, "source": {"id": SCHOOL}}
    other = {"id": BADGE, "type": ["VerifiableCredential"], "credentialSubject": subject}
    several = {"id": BADGE, "type": ["OpenBadgeCredential"], "credentialSubject": [subject, subject]}
    one = {"id": BADGE, "type": ["OpenBadgeCredential"], "credentialSubject": [subject]}
    assert [confirmed(verified(each)) for each in (other, several, one)] == [
        ((), None),
        ((), None),
        ((SCHOOL,), PROVIDER),
    ]


@pytest.mark.parametrize(
    ("given", "creator", "expected"),
    [
        (endorsement(), SCHOOL, ((SCHOOL,), PROVIDER)),
        (endorsement(), None, ((SCHOOL,), None)),
        (endorsement(COLLEGE), SCHOOL, ((COLLEGE,), None)),
        (endorsement(target="urn:uuid:achievement"), SCHOOL, ((), None)),
        (endorsement(target=None), SCHOOL, ((), None)),
        (endorsement(LEARNER), LEARNER, ((), None)),
        (endorsement(ISSUER), ISSUER, ((), None)),
        (endorsement(outcome=Outcome.FAIL), SCHOOL, ((), None)),
        (endorsement(outcome=Outcome.INDETERMINATE), SCHOOL, ((None,), None)),
    ],
)
def test_endorsements(
    given: VerificationResult, creator: str | None, expected: tuple[tuple[str | None, ...], str | None]
) -> None:
    """A verified endorsement of this credential counts; it is the provider's where the credential names it as one."""
    assert confirmed(badge(), record(creator=creator), endorsements=(given,)) == expected


def test_an_endorsement_of_a_credential_without_an_id_is_of_nothing() -> None:
    """Nothing says that it is this credential."""
    nameless = {"type": ["OpenBadgeCredential"], "credentialSubject": {"id": LEARNER}}
    assert confirmed(verified(nameless), endorsements=(endorsement(target=None),)) == ((), None)


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        ((), ((ISSUER,), PLATFORM)),
        ((BADGE,), ((ISSUER, None), None)),
        ((None,), ((ISSUER, None), None)),
        (("urn:uuid:achievement",), ((ISSUER,), PLATFORM)),
    ],
)
def test_what_was_not_verified_leaves_it_open(
    targets: tuple[str | None, ...], expected: tuple[tuple[str | None, ...], str | None]
) -> None:
    """An endorsement that nobody verified may be the provider's, unless it says that it is about something else."""
    found = confirmed(badge(source={"id": ISSUER}), record(endorsed=targets), endorsements=None)
    assert found == expected


def test_a_certain_provider_is_not_lost_for_an_uncertain_endorsement() -> None:
    """What the source says stays, beside somebody who could not be made sure of."""
    about = record(endorsed=(None,))
    assert confirmed(badge(source={"id": SCHOOL}), about, endorsements=None) == ((SCHOOL, None), PROVIDER)


def child(source: str | None, *, authentic: bool = True) -> VerificationResult:
    """Return an embedded badge with that source."""
    return verification(authentic=authentic, issuer=ISSUER, document=badge(source=source).document)


@pytest.mark.parametrize(
    ("children", "expected"),
    [
        ((child(SCHOOL), child(SCHOOL)), ((SCHOOL,), PROVIDER)),
        ((child(SCHOOL), child(ISSUER)), ((None,), None)),
        ((child(ISSUER), child(ISSUER)), ((ISSUER,), PLATFORM)),
        ((child(SCHOOL), child(None)), ((), None)),
        ((child(SCHOOL), child(COLLEGE)), ((None,), PROVIDER)),
        ((child(SCHOOL), child(SCHOOL, authentic=False)), ((None,), None)),
        (None, ((None,), None)),
    ],
)
def test_a_record_of_records_is_confirmed_as_far_as_all_of_them_are(
    children: tuple[VerificationResult, ...] | None, expected: tuple[tuple[str | None, ...], str | None]
) -> None:
    """One badge that nobody has confirmed leaves the whole unconfirmed; different providers cannot be told as one."""
    whole = verified({"id": BADGE, "type": ["ClrCredential"], "credentialSubject": {"id": LEARNER}})
    assert confirmed(whole, record(children=2), children=children) == expected


def test_nothing_is_known_of_a_plain_badge() -> None:
    """Nobody has confirmed it, and at which level is not known."""
    assert attestation(badge(), record(), endorsements=None, children=()) == Attestation()
