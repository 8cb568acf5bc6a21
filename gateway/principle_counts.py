"""What is counted of each verification, for the seven principles (`gateway.principles`).

Kinds of things, in a few words each, and never who issued or holds them.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from gateway import telemetry
from policies.model import State, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateway.model import VerificationResult
    from policies.model import Decision

ACHIEVEMENT_TYPES: Final = frozenset(
    {
        "Achievement", "ApprenticeshipCertificate", "Assessment", "Assignment", "AssociateDegree", "Award", "Badge",
        "BachelorDegree", "Certificate", "CertificateOfCompletion", "Certification", "CoCurricular",
        "CommunityService", "Competency", "Course", "Degree", "Diploma", "DoctoralDegree", "Fieldwork",
        "GeneralEducationDevelopment", "JourneymanCertificate", "LearningProgram", "License", "MasterCertificate",
        "MasterDegree", "Membership", "MicroCredential", "ProfessionalDoctorate", "QualityAssuranceCredential",
        "ResearchDoctorate", "SecondarySchoolDiploma",
    }
)  # fmt: skip
"""Open Badges 3.0, AchievementType. Whatever else an issuer writes is counted as `other`."""

_UNSTATED: Final = "unstated"
_CTID: Final = re.compile(r"ce-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_UNITED_STATES: Final = frozenset({"US", "USA", "UNITED STATES", "UNITED STATES OF AMERICA", "840"})
_US_DOMAINS: Final = frozenset({"us", "edu", "gov", "mil"})
"""Top-level domains that only organisations in the United States are given (edu since 2001)."""
_GENERIC: Final = frozenset(
    {"ai", "cc", "co", "eu", "fm", "gg", "io", "is", "la", "ly", "me", "sh", "so", "to", "tv", "ws"}
)
"""Two-letter domains that say nothing of a country: they are sold to anybody, or are of none."""
_COUNTRY_MEMBERS: Final = ("addressCountryCode", "addressCountry", "countryCode", "country")
_COUNTRY_LETTERS: Final = 2
_ADDRESS_DEPTH: Final = 4

_format = cache(telemetry.FORMATS.labels)
_achievement = cache(telemetry.ACHIEVEMENTS.labels)
_alignment = cache(telemetry.ALIGNMENTS.labels)
_remedy = cache(telemetry.REMEDIES.labels)
_named = cache(telemetry.NAMED_POLICIES.labels)
_issuer = cache(telemetry.ISSUERS.labels)


def count(result: VerificationResult) -> None:
    """Count one verification; of a presentation each of its records, as each is decided about."""
    records = [child for child in result.children if child.decision is not None]
    for record in records:
        count(record)
    if not records:
        _count_record(result)


def _count_record(result: VerificationResult) -> None:
    outcome = result.outcome.value
    _format(result.format.name or "none", outcome).inc()
    if result.decision is not None:
        _count_decision(result, result.decision)
    if not result.authentic or result.record is None:
        return
    _issuer(_country(result), outcome).inc()
    alignments = [
        alignment
        for achievement in result.record.achievements
        for alignment in achievement.get("alignments") or ()
        if isinstance(alignment, dict)
    ]
    leading = sum(map(_leads, alignments))  # counted at once: a transcript has thousands
    if leading:
        _alignment("yes").inc(leading)
    if leading < len(alignments):
        _alignment("no").inc(len(alignments) - leading)


def _count_decision(result: VerificationResult, decision: Decision) -> None:
    verdict = decision.verdict
    # The source of each rule is the policy file, as id@version, that states it.
    named = bool(decision.version and decision.digest) and all("@" in rule.origin for rule in decision.rules)
    _named("yes" if named else "no").inc()
    if result.authentic and result.record is not None:
        stated = (achievement.get("achievementType") for achievement in result.record.achievements)
        for kind in {_kind(each) for each in stated} or {_UNSTATED}:
            _achievement(kind, verdict.value).inc()
    if verdict is not Verdict.ACCEPT:
        against = [rule for rule in decision.rules if rule.verdict is verdict and rule.state is not State.PASS]
        told = bool(decision.reasons) or (bool(against) and all(rule.fix for rule in against))
        _remedy("yes" if told else "no").inc()


def _kind(stated: Any) -> str:
    if stated is None:
        return _UNSTATED
    return stated if isinstance(stated, str) and stated in ACHIEVEMENT_TYPES else "other"


def _leads(alignment: Mapping[str, Any]) -> bool:
    """Whether an alignment names its target so that a machine can look it up: an https URL or a CTID."""
    url, code = alignment.get("targetUrl"), alignment.get("targetCode")
    if isinstance(url, str) and url.startswith("https://") and len(url) > len("https://"):
        return True
    return any(isinstance(text, str) and _CTID.search(text) is not None for text in (url, code))


def _country(result: VerificationResult) -> str:
    """Return us, other or unknown: by the issuer's address in the record, else by its domain."""
    issuer = (result.document or {}).get("issuer")
    stated = next(_countries(issuer), None)
    if stated is not None:
        return "us" if stated.rpartition("/")[2].upper() in _UNITED_STATES else "other"
    identifier = result.issuer or ""
    if identifier.startswith(("did:web:", "did:webvh:")):
        hosts = [part for part in identifier.split(":")[2:] if "." in part]
        host = hosts[0].partition("%")[0] if hosts else ""
    else:
        host = _host(identifier)
    domain = host.rpartition(".")[2].lower()
    if domain in _US_DOMAINS:
        return "us"
    national = len(domain) == _COUNTRY_LETTERS and domain.isalpha() and domain not in _GENERIC
    return "other" if national else "unknown"


def _host(identifier: str) -> str:
    try:
        return urlsplit(identifier).hostname or "" if identifier.startswith("https://") else ""
    except ValueError:
        return ""


def _countries(value: Any, depth: int = 0) -> Iterator[str]:
    """Yield the countries of the addresses in an issuer: ISO 3166 codes, names, or URLs that end in a code."""
    if depth > _ADDRESS_DEPTH:
        return
    if isinstance(value, list):
        for item in value[:10]:
            yield from _countries(item, depth + 1)
    elif isinstance(value, dict):
        for name in _COUNTRY_MEMBERS:
            country = value.get(name)
            if isinstance(country, dict):
                country = country.get("id")
            if isinstance(country, str) and country.strip():
                yield country.strip()
        for name in ("address", "location"):
            if name in value:
                yield from _countries(value[name], depth + 1)
