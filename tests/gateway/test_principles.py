"""The seven principles: what is counted of a verification, and what the counts say."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from prometheus_client import REGISTRY

from gateway.model import CheckName, CheckResult, Outcome
from gateway.principle_counts import ACHIEVEMENT_TYPES, count
from gateway.principles import PRINCIPLES, Running, measured, samples
from gateway.stored import Stored
from policies.model import State, Verdict
from tests.gateway.results import decision, rule, verification

if TYPE_CHECKING:
    from gateway.model import VerificationResult

CTID = "ce-00000000-0000-0000-0000-000000000001"
PLUGINS = [
    {"kind": "format", "name": "application/vc", "verdict": "verified"},
    {"kind": "format", "name": "application/elmo+xml", "verdict": "recognized"},
    {"kind": "did", "name": "web", "verdict": "verified"},
]


def about(*achievements: dict[str, Any], **changes: Any) -> VerificationResult:
    """Return the result of a record with these achievements."""
    result = verification(**changes)
    assert result.record is not None
    return replace(result, record=replace(result.record, achievements=achievements))


def counted(metric: str, *results: VerificationResult) -> dict[tuple[str, ...], int]:
    """Return by how much counting these results raises a metric."""
    before = samples(REGISTRY).get(metric, {})
    for each in results:
        count(each)
    after = samples(REGISTRY).get(metric, {})
    raised = {labels: int(number - before.get(labels, 0)) for labels, number in after.items()}
    return {labels: number for labels, number in raised.items() if number}


def measure(name: str, counts: Any = None, **running: Any) -> dict[str, Any]:
    """Return one principle's measure over these counts."""
    usual: dict[str, Any] = {"plugins": PLUGINS, "stored": Stored(), "policies": [], "counts": counts or {}}
    found = {each["id"]: each["measure"] for each in measured(Running(**{**usual, **running}))}
    measured_: dict[str, Any] = found[name]
    return measured_


class TestCounts:
    """Kinds of things, in a few words."""

    def test_formats(self) -> None:
        """By outcome; what is of no known format is of none."""
        unknown = replace(verification(), format=replace(verification().format, name=None), outcome=Outcome.FAIL)

        assert counted("ler_gateway_records", verification(), unknown) == {
            ("data_integrity", "pass"): 1,
            ("none", "fail"): 1,
        }

    def test_achievements_by_type_and_verdict(self) -> None:
        """Each type once a record; whatever the standard does not know is `other`, so that nobody makes a label."""
        accepted, rejected = decision(Verdict.ACCEPT), decision(Verdict.REJECT)
        types = [{"achievementType": name} for name in ("Badge", "Badge", "License", "ext:Ada Lovelace", ["Badge"])]

        assert counted(
            "ler_gateway_achievement_decisions",
            about(*types, decision=accepted),
            about({"achievementType": None}, decision=rejected),
            about(decision=rejected),
        ) == {("Badge", "accept"): 1, ("License", "accept"): 1, ("other", "accept"): 1, ("unstated", "reject"): 2}
        assert len(ACHIEVEMENT_TYPES) == 31

    def test_nothing_that_a_record_says_is_counted_unless_it_is_authentic(self) -> None:
        """Whoever makes a record up would otherwise make the figures up."""
        proof = CheckResult(name=CheckName.PROOF, outcome=Outcome.FAIL)
        forged = replace(about({"alignments": [{"targetUrl": "https://a.example"}]}), authentic=False)

        for metric in ("ler_gateway_alignments", "ler_gateway_issuer_countries", "ler_gateway_achievement_decisions"):
            assert counted(metric, forged, replace(forged, decision=decision(Verdict.REJECT))) == {}
        assert counted("ler_gateway_issuer_countries", verification(proof, record=None)) == {}

    @pytest.mark.parametrize(
        ("alignment", "leads"),
        [
            ({"targetUrl": "https://credentialfinder.org/x"}, "yes"),
            ({"targetCode": CTID}, "yes"),
            ({"targetUrl": f"urn:ctid:{CTID}"}, "yes"),
            ({"targetUrl": "http://a.example"}, "no"),
            ({"targetUrl": "https://"}, "no"),
            ({"targetCode": "AL-WELD-101"}, "no"),
            ({}, "no"),
        ],
    )
    def test_alignments_that_lead_somewhere(self, alignment: dict[str, Any], leads: str) -> None:
        """By an https URL or a CTID."""
        found = counted("ler_gateway_alignments", about({"alignments": [alignment]}, {"alignments": None}))

        assert found == {(leads,): 1}

    @pytest.mark.parametrize(
        ("issuer", "identifier", "country"),
        [
            ({"address": {"addressCountryCode": "US"}}, "did:key:z", "us"),
            ({"address": {"addressCountry": "United States"}}, "did:key:z", "us"),
            ({"address": {"addressCountry": "DE"}}, "did:web:college.edu", "other"),
            (
                {"location": [{"address": {"countryCode": {"id": "http://publications.europa.eu/authority/country/DEU"}}}]},
                "",
                "other",
            ),
            ({"location": [{"address": {"countryCode": {"id": "http://a.example/country/USA"}}}]}, "", "us"),
            ({}, "did:web:college.edu", "us"),
            ({}, "did:web:state.al.us:issuers:1", "us"),
            ({}, "did:webvh:Qm:uni.de%3A8443", "other"),
            ({}, "https://www.uni.fr/issuer", "other"),
            ({}, "https://college.example", "unknown"),
            ({}, "did:web:startup.io", "unknown"),
            ({}, "https://[", "unknown"),
            ({}, "did:key:z6Mk", "unknown"),
            ("did:key:z", "did:key:z", "unknown"),
            ({"address": {"addressCountry": " "}}, "did:web:a.com", "unknown"),
            ({"address": {"address": {"address": {"address": {"address": {"country": "FR"}}}}}}, "", "unknown"),
        ],
    )  # fmt: skip
    def test_where_an_issuer_is(self, issuer: Any, identifier: str, country: str) -> None:
        """By its address, else by its domain; a domain that is sold to anybody says nothing."""
        result = replace(verification(), document={"issuer": issuer}, issuer=identifier)

        assert counted("ler_gateway_issuer_countries", result) == {(country, "pass"): 1}

    def test_decisions_that_name_version_and_source(self) -> None:
        """The policy's version and digest, and of each rule the policy that states it."""
        good = decision(Verdict.ACCEPT, rule(State.PASS, Verdict.ACCEPT))
        sourceless = replace(good, rules=(replace(good.rules[0], origin="somewhere"),))

        found = counted(
            "ler_gateway_decisions_named",
            *(verification(decision=each) for each in (good, sourceless, replace(good, digest=""))),
        )

        assert found == {("yes",): 1, ("no",): 2}

    def test_remedies(self) -> None:
        """Each rule against the record has one, or the check before the rules has; `accept` needs none."""
        told = rule(State.FAIL, Verdict.REJECT)
        untold = replace(told, fix=None)
        cases = (
            decision(Verdict.ACCEPT, rule(State.PASS, Verdict.ACCEPT)),
            decision(Verdict.REJECT, replace(told, fix="Ask the issuer.")),
            decision(Verdict.REJECT, untold),
            decision(Verdict.REJECT),
            replace(decision(Verdict.REJECT), reasons=("proof-failed",)),
        )

        found = counted("ler_gateway_not_accepted", *(verification(decision=each) for each in cases))

        assert found == {("yes",): 2, ("no",): 2}

    def test_of_a_presentation_each_record_counts(self) -> None:
        """As each is decided about."""
        children = tuple(verification(decision=decision(Verdict.ACCEPT)) for _ in range(3))
        whole = verification(decision=decision(Verdict.ACCEPT), children=children)

        assert counted("ler_gateway_records", whole) == {("data_integrity", "pass"): 3}
        assert counted("ler_gateway_records", verification(children=(verification(),))) == {
            ("data_integrity", "pass"): 1
        }


class TestMeasures:
    """What the counts say."""

    def test_there_are_seven_and_each_says_how(self) -> None:
        """In C-BEN's order, and by its names."""
        assert [principle.name for principle in PRINCIPLES] == [
            "Open standards",
            "Privacy and security",
            "Unlock learning anywhere",
            "Universal access",
            "Alignment",
            "Public and private partnerships creating public good",
            "Global mobility",
        ]
        assert all(len(principle.asks) > 30 and len(principle.how) > 80 for principle in PRINCIPLES)

    def test_before_anything_is_verified_no_share_is_claimed(self) -> None:
        """Nothing of nothing is not all of it."""
        for name in ("universal-access", "alignment", "public-private-partnerships"):
            assert measure(name)["value"] is None
        assert measure("privacy-and-security")["fetchesPerVerification"] is None
        assert measure("unlock-learning-anywhere")["value"] == measure("global-mobility")["value"] == 0

    def test_open_standards(self) -> None:
        """Media types by what is made of them, and what was seen."""
        counts = {"ler_gateway_records": {("vc+jwt", "pass"): 2.0, ("vc+jwt", "fail"): 1.0}}

        assert measure("open-standards", counts) == {
            "value": 1,
            "mediaTypes": {"recognized": 1, "verified": 1},
            "seen": {"vc+jwt": {"fail": 1, "pass": 2}},
        }

    def test_privacy(self) -> None:
        """None is claimed to be stored only where everything was read."""
        counts = {
            "ler_gateway_egress": {
                ("did_document", "ok"): 3.0,
                ("did_document", "timeout"): 1.0,
                ("status_list", "ok"): 1.0,
            },
            "ler_gateway_verifications": {("pass",): 8.0, ("fail",): 2.0},
        }  # fmt: skip

        found = measure("privacy-and-security", counts, stored=Stored(files=2, entries=9))

        assert (found["value"], found["fetchesPerVerification"]) == (0, 0.5)
        assert found["fetchesByKind"] == {"did_document": 4, "status_list": 1}
        assert measure("privacy-and-security", stored=Stored(personal=4))["value"] == 4
        for stored in (Stored(unread=1), Stored(complete=False)):
            assert measure("privacy-and-security", stored=stored)["value"] is None

    def test_learning_anywhere(self) -> None:
        """Types of which something was accepted, and the share of each."""
        counts = {
            "ler_gateway_achievement_decisions": {
                ("Badge", "accept"): 3.0, ("Badge", "reject"): 1.0, ("License", "review"): 1.0,
            }
        }  # fmt: skip

        found = measure("unlock-learning-anywhere", counts)

        assert (found["value"], found["acceptedShare"]) == (1, {"Badge": 0.75, "License": 0.0})

    def test_shares(self) -> None:
        """Of remedies, alignments and named policies."""
        counts = {
            "ler_gateway_not_accepted": {("yes",): 3.0, ("no",): 1.0},
            "ler_gateway_alignments": {("yes",): 1.0, ("no",): 2.0},
            "ler_gateway_decisions_named": {("yes",): 5.0},
        }

        access, alignment = measure("universal-access", counts), measure("alignment", counts)
        named = measure("public-private-partnerships", counts, policies=[("a/b", "US"), ("a/c", "US"), ("a/d", None)])

        assert (access["value"], access["notAccepted"], "en" in access["languages"]) == (0.75, 4, True)
        assert (alignment["value"], alignment["alignments"]) == (0.3333, 3)
        assert (named["value"], named["policiesByJurisdiction"]) == (1.0, {"US": 2, "none": 1})

    def test_mobility(self) -> None:
        """Only what was verified, and is known to be from elsewhere."""
        counts = {"ler_gateway_issuer_countries": {("other", "pass"): 2.0, ("other", "fail"): 7.0, ("us", "pass"): 9.0}}

        found = measure("global-mobility", counts)

        assert (found["value"], found["records"]["other"]) == (2, {"fail": 7, "pass": 2})
