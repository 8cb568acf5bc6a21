"""The normalized result as JSON: every field, nothing that was not verified, and one language."""

from __future__ import annotations

import dataclasses
import json
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.api import rendering
from gateway.model import CheckName, CheckResult, Outcome, ProofSummary, Record
from policies.model import State, Verdict
from resolvers.model import StatusState
from resolvers.problems import Problem
from resolvers.trust_model import Authenticity, Freshness, ListState
from tests.gateway.normalizers.badge import ISSUER, badge
from tests.gateway.results import LIST, NOW, active, check, decision, listed, provenance, rule, verification

FIELDS = [
    *("resultVersion", "id", "reference", "outcome", "authentic", "verified", "decision", "verifiedAt", "asOf"),
    *("recheckAfter", "summary", "policy", "format", "checks", "credential", "issuer", "subject", "achievements"),
    *("dates", "evidence", "endorsements", "associations", "partial", "children", "status", "statuses", "refreshed"),
    *("proof", "unmapped"),
]
"""The fields of the design's page, in its order."""

REVOKED = active(state=StatusState.REVOKED, value=1)
UNKNOWN = active(state=StatusState.UNKNOWN, value=None, source=None)


def rendered(*checks: CheckResult, language: str = "", **changes: Any) -> dict[str, Any]:
    """Return the JSON of a badge's result, through JSON."""
    shown: dict[str, Any] = json.loads(
        json.dumps(rendering.result(verification(*checks, **changes), language=language))
    )
    return shown


class TestResult:
    """The whole."""

    def test_it_has_every_field_in_the_designs_order(self) -> None:
        """A reader finds the page's fields in the page's order, with a few more between."""
        assert [name for name in rendered() if name in FIELDS] == FIELDS
        assert set(rendered()) - set(FIELDS) == {"claimsUnverified", "pointer", "warnings"}

    def test_it_keeps_its_shape_without_claims(self) -> None:
        """What could not be read is null or empty, and present at every level."""
        full, bare = rendered(), rendered(record=None, document=None, issuer=None, proofs=(), statuses=())
        assert list(full) == list(bare)
        for name in ("credential", "issuer", "subject", "dates", "format"):
            assert list(full[name]) == list(bare[name]), name
        assert bare["achievements"] == bare["evidence"] == bare["unmapped"] == bare["children"] == []

    def test_it_says_what_was_found(self) -> None:
        """Verdicts, instants and the reference are those of the verification."""
        result = rendered()
        assert (result["outcome"], result["authentic"], result["verified"]) == ("pass", True, True)
        assert result["verifiedAt"] == result["asOf"] == "2026-07-01T12:00:00Z"
        assert result["recheckAfter"] == "2026-07-02T12:00:00Z"
        assert result["reference"] == "application-17"
        assert result["decision"] is result["policy"] is None
        assert result["credential"] == {
            "id": "urn:uuid:badge",
            "type": ["VerifiableCredential", "OpenBadgeCredential"],
            "name": "Welding, level 2",
            "displayName": "Welding, level 2",
            "description": "What a level 2 welder can do",
            "image": "https://university.example/badge.png",
        }
        assert result["subject"]["binding"] == "none"
        assert result["proof"] == [
            {
                "type": "DataIntegrityProof",
                "cryptosuite": "eddsa-rdfc-2022",
                "alg": None,
                "verificationMethod": None,
                "created": None,
                "outcome": "pass",
            }
        ]

    def test_a_problem_has_its_code_its_sentence_and_its_remedy(self) -> None:
        """Every problem is for people and programs at once."""
        result = rendered(check(CheckName.VALIDITY, Outcome.FAIL, "expired"))
        (validity,) = [one for one in result["checks"] if one["name"] == "validity"]
        assert validity["outcome"] == "fail"
        assert validity["problems"] == [
            {
                "type": "urn:ler-gateway:problem:expired",
                "code": "expired",
                "title": "The credential has expired.",
                "detail": "in a test",
                "say": "The record has expired.",
                "fix": "Ask the applicant whether it was renewed, and for the renewed one.",
                "pointer": "/here",
            }
        ]

    def test_every_check_is_there(self) -> None:
        """Checks that do not apply say so."""
        assert [one["name"] for one in rendered()["checks"]] == [name.value for name in CheckName]
        assert {one["outcome"] for one in rendered()["checks"]} == {"pass", "not_applicable"}

    def test_facts_of_any_kind_become_json(self) -> None:
        """Instants, sets, tuples and enumerations that a check notes are written as JSON has them."""
        noted = {"at": NOW, "of": frozenset({"b", "a"}), "in": (1, {"x": Outcome.PASS}), "is": None, "by": LookupError}
        result = rendered(CheckResult(name=CheckName.STATUS, outcome=Outcome.PASS, facts=noted))
        (status,) = [one for one in result["checks"] if one["name"] == "status"]
        assert status["facts"] == {
            "at": "2026-07-01T12:00:00Z",
            "of": ["a", "b"],
            "in": [1, {"x": "pass"}],
            "is": None,
            "by": "<class 'LookupError'>",
        }

    def test_a_policys_rules_are_told_apart(self) -> None:
        """The rules that passed, the ones that only warn, and the ones that decide."""
        decided = decision(
            Verdict.REJECT,
            rule(State.PASS, Verdict.ACCEPT, name="current"),
            rule(State.FAIL, Verdict.ACCEPT, name="aligned", severity="warn"),
            rule(State.FAIL, Verdict.REJECT),
        )
        result = rendered(decision=decided)
        assert result["decision"] == "reject"
        assert {name: result["policy"][name] for name in ("id", "version", "jurisdiction", "passed", "warnings")} == {
            "id": "us-al/talent-triad",
            "version": "3.1.0",
            "jurisdiction": "US-AL",
            "passed": ["current"],
            "warnings": ["aligned"],
        }
        assert result["policy"]["wouldChange"] == []
        assert result["policy"]["rules"][2] == {
            "id": "issuer-recognised",
            "from": "us-al/talent-triad@3.1.0",
            "severity": "require",
            "state": "fail",
            "say": "The issuer must be in a recognised registry.",
            "found": "No registry lists the issuer.",
            "fix": "Ask the issuer to register.",
        }

    def test_children_are_results_of_their_own(self) -> None:
        """An embedded record has the same shape and its own verdict."""
        child = verification(check(CheckName.VALIDITY, Outcome.FAIL, "expired"), pointer="/credentialSubject/x/0")
        warning = Problem(code="child-not-current", detail="fail", pointer="/credentialSubject/x/0")
        result = rendered(children=(child,), warnings=(warning,))
        assert list(result["children"][0]) == list(result)
        assert result["children"][0]["outcome"] == "fail"
        assert result["children"][0]["pointer"] == result["warnings"][0]["pointer"] == "/credentialSubject/x/0"
        assert result["outcome"] == "pass"


class TestClaims:
    """What a credential says, and when it may be shown."""

    @pytest.mark.parametrize("name", [CheckName.STRUCTURE, CheckName.DATA_LOSS, CheckName.PROOF, CheckName.ISSUER])
    def test_after_a_failure_no_claim_is_shown(self, name: CheckName) -> None:
        """Whatever the verification still carries, a forged record says nothing, and no registry vouches for it."""
        result = rendered(check(name, Outcome.FAIL, "PROOF_VERIFICATION_ERROR"), trust=(listed("University"),))
        assert "University" not in json.dumps(result)
        assert "elding" not in json.dumps(result)
        assert ISSUER not in json.dumps(result)
        assert result["claimsUnverified"] is False
        assert result["issuer"]["trust"] == {"basis": "none", "sources": []}

    @pytest.mark.parametrize("name", [CheckName.STRUCTURE, CheckName.DATA_LOSS, CheckName.PROOF, CheckName.ISSUER])
    def test_what_could_not_be_checked_is_marked(self, name: CheckName) -> None:
        """Claims of an unproven record are shown as such, and verify nothing."""
        result = rendered(check(name, Outcome.INDETERMINATE, "unsupported-cryptosuite"))
        assert result["claimsUnverified"] is True
        assert result["credential"]["name"] == "Welding, level 2"
        assert result["achievements"][0]["verification"] == "none"

    def test_an_unproven_issuer_is_vouched_for_by_nobody(self) -> None:
        """Trust evidence never stands beside claims that could not be verified."""
        result = rendered(
            check(CheckName.PROOF, Outcome.INDETERMINATE, "unsupported-cryptosuite"),
            claims_unverified=True,
            issuer=None,
            trust=(listed("University of Example"),),
        )
        assert result["issuer"]["id"] == ISSUER
        assert result["issuer"]["displayNameSource"] == "credential"
        assert result["issuer"]["trust"] == {"basis": "none", "sources": []}

    @pytest.mark.parametrize(
        ("name", "code", "outcome"),
        [
            (CheckName.PROOF, "child-not-authentic", Outcome.FAIL),
            (CheckName.STRUCTURE, "too-many-children", Outcome.INDETERMINATE),
            (CheckName.PROOF, "not-asked", Outcome.INDETERMINATE),
        ],
    )
    def test_a_bad_child_does_not_hide_its_parent(self, name: CheckName, code: str, outcome: Outcome) -> None:
        """The claims of a record whose own proof passed stand, though the whole is not verified."""
        result = rendered(check(name, outcome, code))
        assert result["verified"] is False
        assert result["claimsUnverified"] is False
        assert result["credential"]["name"] == "Welding, level 2"

    def test_an_expired_record_still_says_what_it_was(self) -> None:
        """Expiry and revocation are no reason to withhold what was proven."""
        result = rendered(check(CheckName.VALIDITY, Outcome.FAIL, "expired"))
        assert result["achievements"][0]["verification"] == "verified"
        assert result["claimsUnverified"] is False


class TestLanguages:
    """One name to display, and every name kept."""

    NAMES = Record(
        types=("VerifiableCredential",),
        name={"en": "Welding", "es": "Soldadura"},
        issuer={"id": ISSUER, "name": {"en": "University", "es": "Universidad"}, "url": None, "identifiers": []},
        subject={"id": None, "name": "Alex", "identifiers": []},
        achievements=({"id": None, "name": {"fr": "Soudage", "es-MX": "Soldadura MX"}, "verification": "verified"},),
    )

    @pytest.mark.parametrize(
        ("accepted", "expected"),
        [
            ("", ("Welding", "University", "Alex", "Soudage")),
            ("es-MX,es;q=0.9,en;q=0.5", ("Soldadura", "Universidad", "Alex", "Soldadura MX")),
            ("fr;q=0.2, de", ("Welding", "University", "Alex", "Soudage")),
        ],
    )
    def test_each_reader_gets_the_nearest_language(self, accepted: str, expected: tuple[str, ...]) -> None:
        """`displayName` follows Accept-Language; the language map itself stays whole."""
        result = rendered(record=self.NAMES, language=accepted)
        shown = (result["credential"], result["issuer"], result["subject"], result["achievements"][0])
        assert tuple(named["displayName"] for named in shown) == expected
        assert result["credential"]["name"] == {"en": "Welding", "es": "Soldadura"}


class TestIssuer:
    """Who issued it, by whose account."""

    def test_a_registry_names_its_issuer(self) -> None:
        """The display name is the registry's and says so; the credential's own claim stands beside it."""
        issuer = rendered(trust=(listed("University of Example, Inc."),))["issuer"]
        assert issuer["name"] == "University of Example"
        assert issuer["displayName"] == "University of Example, Inc."
        assert issuer["displayNameSource"] == "registry"
        assert issuer["trust"] == {
            "basis": "registry",
            "sources": [
                {
                    "id": "state-registry",
                    "state": "listed",
                    "authenticity": "authenticated",
                    "freshness": None,
                    "tier": None,
                    "registry": None,
                    "listedAs": "University of Example, Inc.",
                    "fetchedAt": "2026-07-01T11:59:30Z",
                    "digest": 64 * "0",
                    "problem": None,
                }
            ],
        }

    def test_the_best_protected_registry_names_it(self) -> None:
        """An unsigned list does not overrule a signed one."""
        unsigned = listed("Anybody", source="a", authenticity=Authenticity.UNVERIFIED, freshness=Freshness.FRESH)
        issuer = rendered(trust=(unsigned, listed("Somebody")))["issuer"]
        assert issuer["displayName"] == "Somebody"
        assert [source["listedAs"] for source in issuer["trust"]["sources"]] == ["Anybody", "Somebody"]

    @pytest.mark.parametrize("state", [ListState.NOT_LISTED, ListState.UNKNOWN])
    def test_who_is_not_listed_has_only_their_own_word(self, state: ListState) -> None:
        """A registry that does not list the issuer, or could not be asked, names nobody; why is said."""
        problem = Problem(code="unreachable", detail="registry.example") if state is ListState.UNKNOWN else None
        issuer = rendered(trust=(listed("X", state=state, provenance=None, problem=problem),))["issuer"]
        assert (issuer["displayName"], issuer["displayNameSource"]) == ("University of Example", "credential")
        assert issuer["trust"]["basis"] == "none"
        assert issuer["trust"]["sources"][0]["listedAs"] is None
        assert (issuer["trust"]["sources"][0]["problem"] or {}).get("code") == (problem and "unreachable")

    def test_a_linked_domain_is_no_registry(self) -> None:
        """The basis says on what ground somebody vouches."""
        assert rendered(trust=(listed(None, kind="did_configuration"),))["issuer"]["trust"]["basis"] == "did_domain"

    def test_nobody_has_no_name(self) -> None:
        """Without any name, nothing is said to be its source."""
        record = Record(issuer={"id": ISSUER, "name": None, "url": None, "identifiers": []})
        issuer = rendered(record=record)["issuer"]
        assert (issuer["id"], issuer["displayName"], issuer["displayNameSource"]) == (ISSUER, None, None)


class TestStatus:
    """The worst of the states, and how old each is."""

    @pytest.mark.parametrize(
        ("statuses", "outcome", "expected"),
        [
            ((active(),), Outcome.PASS, "active"),
            ((active(), REVOKED, UNKNOWN), Outcome.FAIL, "revoked"),
            ((active(), active(state=StatusState.SUSPENDED), UNKNOWN), Outcome.FAIL, "suspended"),
            ((active(), UNKNOWN), Outcome.INDETERMINATE, "unknown"),
            ((), Outcome.NOT_APPLICABLE, None),
            ((), Outcome.INDETERMINATE, "unknown"),
            ((active(source=provenance(LIST, age=1e5, stale=True)),), Outcome.INDETERMINATE, "unknown"),
            ((active(state=StatusState.MESSAGE),), Outcome.PASS, None),
            ((active(), active(state=StatusState.REFRESH)), Outcome.PASS, "active"),
        ],
    )
    def test_the_worst_counts(self, statuses: tuple[Any, ...], outcome: Outcome, expected: str | None) -> None:
        """Fail-closed: no state is better than the check, and none is made up where none is declared."""
        result = rendered(check(CheckName.STATUS, outcome), statuses=statuses)
        assert result["status"] == expected

    def test_each_entry_says_how_old_its_list_is(self) -> None:
        """Age, staleness and source stand beside each state."""
        old = active(source=provenance(LIST, age=7200.0, stale=True))
        assert rendered(statuses=(old,))["statuses"] == [
            {
                "purpose": "revocation",
                "state": "active",
                "value": 0,
                "message": None,
                "type": "BitstringStatusListEntry",
                "checkedAt": "2026-07-01T12:00:00Z",
                "listAge": 7200.0,
                "stale": True,
                "source": LIST,
            }
        ]

    def test_what_could_not_be_had_has_no_age(self) -> None:
        """An entry whose list was not to be had names the list, and nothing about it."""
        (entry,) = rendered(check(CheckName.STATUS, Outcome.INDETERMINATE), statuses=(UNKNOWN,))["statuses"]
        assert (entry["state"], entry["listAge"], entry["stale"], entry["source"]) == ("unknown", None, None, LIST)


class TestProblem:
    """Why a request is refused."""

    def test_it_is_rfc_9457(self) -> None:
        """Type, title, status and detail, and what the gateway adds for people and for the log."""
        refused = Problem(code="duplicate-key", detail="the member is there twice", pointer="/credential/id")
        assert rendering.problem(refused, HTTPStatus.BAD_REQUEST, request_id="r-1") == {
            "type": "urn:ler-gateway:problem:duplicate-key",
            "title": "An object has the same member twice.",
            "status": 400,
            "detail": "the member is there twice",
            "code": "duplicate-key",
            "say": "Something is said twice, so that it is not clear which of the two counts.",
            "fix": "Ask whoever made the file, or the software that sends it, to correct it.",
            "pointer": "/credential/id",
            "requestId": "r-1",
        }

    def test_what_is_not_known_is_left_out(self) -> None:
        """On the command line there is no status and no request."""
        shown = rendering.problem(Problem(code="too-large", detail="5 MB"))
        assert not {"status", "pointer", "requestId"} & shown.keys()


EXPIRED = check(CheckName.VALIDITY, Outcome.FAIL, "missing-time-zone", "expired")
MISMATCH = check(CheckName.ISSUER, Outcome.FAIL, "issuer-mismatch")
ALL = {"returnCredential": True, "returnProblemDetails": True, "returnResults": True}


class TestVcApi:
    """The W3C VC API's answer."""

    def test_only_what_is_asked_for_is_returned(self) -> None:
        """Without options there is a verdict and nothing else."""
        assert rendering.vc_api(verification()) == {"verified": True}
        assert rendering.vc_api(verification(), dict.fromkeys(ALL, False)) == {"verified": True}
        assert rendering.vc_api(verification(), {"returnCredential": True}) == {"verified": True, "credential": badge()}
        assert rendering.vc_api(verification(), {"returnProblemDetails": True}) == {
            "verified": True,
            "problemDetails": [],
        }

    def test_results_have_the_drafts_keys(self) -> None:
        """Dates are one verdict each; schemas, statuses and proofs are one verdict for each of theirs."""
        document = badge() | {"credentialSchema": {"id": "https://a.example/s", "type": "JsonSchema"}}
        answer = rendering.vc_api(verification(document=document), {"returnResults": True})
        assert answer["results"] == {
            "validFrom": {"verified": True, "input": "2025-05-02T00:00:00Z"},
            "validUntil": {"verified": True, "input": "2035-05-02T00:00:00Z"},
            "credentialSchema": [{"verified": False, "input": document["credentialSchema"]}],
            "credentialStatus": [{"verified": True, "input": document["credentialStatus"], "value": 0}],
            "proof": [{"verified": True, "input": document["proof"]}],
        }

    def test_an_expired_credential_is_not_verified(self) -> None:
        """The draft's example is followed: expiry is `verified: false`, and of the dates only the end fails."""
        answer = rendering.vc_api(verification(EXPIRED), ALL)
        assert answer["verified"] is False
        assert [problem["code"] for problem in answer["problemDetails"]] == ["missing-time-zone", "expired"]
        assert answer["problemDetails"][1] == {
            "type": "urn:ler-gateway:problem:expired",
            "title": "The credential has expired.",
            "detail": "in a test",
            "code": "expired",
            "pointer": "/here",
        }
        assert answer["results"]["validFrom"]["verified"] is True
        assert answer["results"]["validUntil"]["verified"] is False
        assert answer["credential"] == badge()

    @pytest.mark.parametrize(
        ("validity", "expected"),
        [
            (check(CheckName.VALIDITY, Outcome.FAIL, "not-yet-valid"), (False, True)),
            (check(CheckName.VALIDITY, Outcome.FAIL, "RANGE_ERROR"), (False, False)),
            (check(CheckName.VALIDITY, Outcome.FAIL), (False, False)),
            (check(CheckName.VALIDITY, Outcome.INDETERMINATE, "not-asked"), (False, False)),
        ],
    )
    def test_each_end_of_the_period_has_its_own_verdict(
        self, validity: CheckResult, expected: tuple[bool, bool]
    ) -> None:
        """An end holds where the check passes, or fails for the other end alone."""
        results = rendering.vc_api(verification(validity), ALL)["results"]
        assert (results["validFrom"]["verified"], results["validUntil"]["verified"]) == expected

    @pytest.mark.parametrize(
        ("statuses", "outcome", "expected"),
        [
            ((active(), REVOKED), Outcome.FAIL, [True, False]),
            ((active(source=provenance(LIST, stale=True)), active()), Outcome.INDETERMINATE, [False, True]),
            ((active(source=provenance(LIST, stale=True)), active()), Outcome.PASS, [True, True]),
            ((UNKNOWN, active(state=StatusState.MESSAGE)), Outcome.INDETERMINATE, [False, True]),
            ((), Outcome.INDETERMINATE, [False, False]),
        ],
    )
    def test_each_status_has_its_own_verdict(
        self, statuses: tuple[Any, ...], outcome: Outcome, expected: list[bool]
    ) -> None:
        """An entry that was not asked, or rests on too old a list, is not verified."""
        document = badge() | {"credentialStatus": [{"type": "A"}, {"type": "B"}]}
        result = verification(check(CheckName.STATUS, outcome), statuses=statuses, document=document)
        entries = rendering.vc_api(result, ALL)["results"]["credentialStatus"]
        assert [entry["verified"] for entry in entries] == expected
        assert [entry["input"]["type"] for entry in entries] == ["A", "B"]

    def test_a_forged_credential_is_not_returned(self) -> None:
        """After a failed proof neither the credential nor any of its members comes back."""
        forged = verification(
            check(CheckName.PROOF, Outcome.FAIL, "PROOF_VERIFICATION_ERROR"),
            proofs=(ProofSummary(type="DataIntegrityProof", cryptosuite="eddsa-rdfc-2022", outcome=Outcome.FAIL),),
        )
        answer = rendering.vc_api(forged, ALL)
        assert answer["verified"] is False
        assert "credential" not in answer
        assert answer["results"] == {
            "credentialSchema": [],
            "credentialStatus": [],
            "proof": [{"verified": False, "input": {"type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022"}}],
        }

    def test_an_unproven_credential_is_not_returned(self) -> None:
        """What could be read but not proven is no verified credential."""
        unproven = verification(
            check(CheckName.PROOF, Outcome.INDETERMINATE, "unsupported-cryptosuite"), claims_unverified=True
        )
        assert rendering.vc_api(unproven, {"returnCredential": True}) == {"verified": False}

    def test_the_issuer_may_be_left_out_here_alone(self) -> None:
        """With `report` the check of the issuer is told and does not count; everything else still does."""
        assert rendering.vc_api(verification(MISMATCH), ALL)["verified"] is False
        assert "credential" not in rendering.vc_api(verification(MISMATCH), ALL)
        reported = rendering.vc_api(verification(MISMATCH), ALL, "report")
        assert reported["verified"] is True
        assert reported["credential"] == badge()
        assert [problem["code"] for problem in reported["problemDetails"]] == ["issuer-mismatch"]
        assert rendering.vc_api(verification(MISMATCH, EXPIRED), ALL, "report")["verified"] is False
        forged = check(CheckName.PROOF, Outcome.FAIL, "PROOF_VERIFICATION_ERROR")
        assert rendering.vc_api(verification(MISMATCH, forged), ALL, "report")["verified"] is False

    @pytest.mark.parametrize("outcome", [Outcome.FAIL, Outcome.INDETERMINATE])
    @pytest.mark.parametrize(
        "name",
        [CheckName.STRUCTURE, CheckName.DATA_LOSS, CheckName.PROOF, CheckName.VALIDITY, CheckName.STATUS],
    )
    @pytest.mark.parametrize("binding", ["require", "report"])
    def test_nothing_else_is_ever_left_out(self, name: CheckName, outcome: Outcome, binding: str) -> None:
        """Whatever the options and the binding, no other check is skipped."""
        answer = rendering.vc_api(verification(check(name, outcome)), {"checks": ["proof"]}, binding)
        assert answer == {"verified": False}

    def test_an_unknown_option_is_a_warning(self) -> None:
        """It is told even where no details were asked for; `checks` of older clients is known."""
        answer = rendering.vc_api(verification(), {"checks": [], "domain": "x", "returnResults": "yes"})
        assert answer["verified"] is True
        assert "results" not in answer
        assert answer["problemDetails"] == [
            {
                "type": "https://www.w3.org/TR/vcalm#UNKNOWN_OPTION_PROVIDED",
                "title": "An option is not known here.",
                "detail": f"the option {name!r} was ignored",
                "code": "UNKNOWN_OPTION_PROVIDED",
                "pointer": None,
            }
            for name in ("domain", "returnResults")
        ]


def test_rendering_changes_nothing() -> None:
    """Two readers of one result see the same, whatever the first one got."""
    result = verification(trust=(listed("X"),))
    before = dataclasses.replace(result, recheck_after=NOW + timedelta(days=1))
    first = json.dumps(rendering.result(result, language="es"))
    assert json.dumps(rendering.result(result, language="es")) == first
    assert result == before


TEXTS = st.text(st.characters(exclude_categories=()), max_size=8)
"""Surrogates without a partner too."""


class TestEncoded:
    """What goes out."""

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
            max_leaves=10,
        )
    )
    def test_it_is_the_same_json_that_json_writes(self, value: Any) -> None:
        """Integers beyond 64 bits and texts that are not Unicode throughout included."""
        assert json.loads(rendering.encoded({"value": value})) == {"value": value}

    def test_it_has_no_white_space_and_is_utf_8(self) -> None:
        """Each byte of an answer is sent."""
        assert rendering.encoded({"a": ["ü", Outcome.PASS]}) == '{"a":["ü","pass"]}'.encode()

    @pytest.mark.parametrize("value", [NOW, active(), {1}, object()])
    def test_what_is_no_json_is_a_defect(self, value: object) -> None:
        """No library chooses how an instant or an object is told."""
        with pytest.raises(TypeError):
            rendering.encoded({"value": value})
