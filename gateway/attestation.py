"""Who, besides the issuer, has confirmed what a record says of its learner: read from verified claims only.

- `source` of an Open Badges 3.0 AchievementSubject (B.1.3): "The person, organization, or system that
  assessed the achievement on behalf of the issuer. For example, a school may assess the achievement,
  while the school district issues the credential." It is the issuer's word; what it is worth depends on
  the issuer, so a policy that believes it should say which issuers it believes.
- An endorsement of this very credential (an EndorsementCredential whose subject is its id) that is
  itself verified: the endorser's own word. Whoever endorses the achievement or the issuer says
  nothing about the learner, and the learner's own endorsement confirms nothing.

A record of records, such as a Comprehensive Learner Record, is confirmed as far as all of them are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import reduce
from typing import TYPE_CHECKING, Any, Final

from gateway.model import Outcome
from gateway.structure import type_names
from policies.conditions.attestation import LEARNER_VERIFICATION

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gateway.model import Record, VerificationResult, Verified

PLATFORM, PROVIDER = LEARNER_VERIFICATION
_HAVE_SOURCES: Final = frozenset({"OpenBadgeCredential", "AchievementCredential"})
"""The types whose subjects are AchievementSubjects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """Who has confirmed a record, and so the learner."""

    attesters: tuple[str | None, ...] = ()
    """Identifiers; None is somebody who could not be made sure of."""
    learner: str | None = None
    """provider_verified | platform_verified; None is not known."""


_NONE: Final = Attestation()
_UNSURE: Final = Attestation(attesters=(None,))


def attestation(
    verified: Verified,
    record: Record,
    *,
    endorsements: tuple[VerificationResult, ...] | None,
    children: tuple[VerificationResult, ...] | None,
) -> Attestation:
    """Return who has confirmed a verified credential. None: endorsements or children were not verified."""
    found = _source(verified.document, verified.issuer)
    if record.children:
        found = _joined(found, _UNSURE if children is None else reduce(_shared, map(_of_child, children)))
    if endorsements is not None:
        found = reduce(_joined, _endorsed(verified, record, found, endorsements), found)
    elif any(each.get("target") in (None, verified.document.get("id")) for each in record.endorsements):
        found = _joined(found, _UNSURE)
    if None in found.attesters and found.learner != PROVIDER:
        return replace(found, learner=None)  # whoever could not be made sure of may be the provider
    return found


def _source(document: Mapping[str, Any], issuer: str) -> Attestation:
    """Return who assessed the achievement, as the issuer has it; of several subjects none in particular."""
    subject = document.get("credentialSubject")
    if isinstance(subject, list):
        subject = subject[0] if len(subject) == 1 else None
    source = subject.get("source") if isinstance(subject, dict) else None
    if source is None or _HAVE_SOURCES.isdisjoint(type_names(document)):
        return _NONE
    name = source.get("id") if isinstance(source, dict) else source
    if not isinstance(name, str) or not name:
        return _UNSURE
    return Attestation(attesters=(name,), learner=PLATFORM if name == issuer else PROVIDER)


def _endorsed(
    verified: Verified, record: Record, own: Attestation, endorsements: Iterable[VerificationResult]
) -> Iterable[Attestation]:
    """Yield what each endorsement of the credential itself adds.

    Whoever endorses may be anybody. A provider is who the credential names as one: its source, or the
    creator of its achievement.
    """
    creators = [each.get("creator") or {} for each in record.achievements]
    providers = {*own.attesters, *(creator.get("id") for creator in creators)} - {None, verified.issuer}
    others = {None, verified.issuer, record.subject.get("id")}
    for endorsement in endorsements:
        if endorsement.outcome is Outcome.INDETERMINATE:
            yield _UNSURE
        elif endorsement.outcome is Outcome.PASS and endorsement.issuer not in others and _about(verified, endorsement):
            learner = PROVIDER if endorsement.issuer in providers else None
            yield Attestation(attesters=(endorsement.issuer,), learner=learner)


def _about(verified: Verified, endorsement: VerificationResult) -> bool:
    subject = (endorsement.document or {}).get("credentialSubject")
    target, name = subject.get("id") if isinstance(subject, dict) else None, verified.document.get("id")
    return isinstance(name, str) and target == name


def _of_child(child: VerificationResult) -> Attestation:
    if not child.authentic or child.document is None or child.issuer is None:
        return _UNSURE
    return _source(child.document, child.issuer)


def _joined(one: Attestation, other: Attestation) -> Attestation:
    """Return what both say together."""
    levels = [each.learner for each in (one, other) if each.learner is not None]
    return Attestation(
        attesters=tuple(dict.fromkeys((*one.attesters, *other.attesters))),
        learner=max(levels, key=LEARNER_VERIFICATION.index, default=None),
    )


def _shared(one: Attestation, other: Attestation) -> Attestation:
    """Return what holds of both of two records."""
    shared = tuple(each for each in one.attesters if each in other.attesters)
    several = bool(one.attesters) and bool(other.attesters)
    learner = None
    if one.learner is not None and other.learner is not None:
        learner = min(one.learner, other.learner, key=LEARNER_VERIFICATION.index)
    return Attestation(attesters=shared or ((None,) if several else ()), learner=learner)
