"""What a policy makes of it, and what it leaves as it is."""

from __future__ import annotations

from typing import Final

from gateway.model import CheckName, Outcome
from policies import Verdict
from tests.vectors.case import LIST_URL, SET, Recipe, Stage
from tests.vectors.plans.issuers import STRANGER, WEB
from tests.vectors.plans.plan import Plan, drop, fails, leaves_open, passes, put

_LISTED: Final = Recipe(issuer=WEB, status="BitstringStatusListEntry")
_SERVED: Final = Recipe(issuer=WEB)

_POLICY: Final = """\
policy: case/one-issuer
version: 1.0.0
title: One issuer only
rules:
  - id: only-them
    say: Only one issuer is accepted.
    require: {{issuer_is: ["{0}"]}}
"""
_FOR_WEB, _FOR_STRANGER = _POLICY.format(WEB.did), _POLICY.format(STRANGER.did)

PLANS: Final = (
    passes(
        "policy/accepted",
        _LISTED,
        "Policy language: a current record of an issuer that the policy accepts is accepted.",
        CheckName.STATUS,
        policy=_FOR_WEB,
        decision=Verdict.ACCEPT,
    ),
    passes(
        "policy/another_issuer_is_rejected",
        _SERVED,
        "Result model: a policy's rules change the decision, and never whether a record is verified.",
        policy=_FOR_STRANGER,
        decision=Verdict.REJECT,
    ),
    Plan(
        name="policy/status_of_what_is_rejected_is_not_asked",
        recipe=_LISTED,
        why="T15: what the policy rejects whatever its status may be is not looked up, so its status is not known.",
        check=CheckName.STATUS,
        outcome=Outcome.INDETERMINATE,
        code="not-asked",
        policy=_FOR_STRANGER,
        decision=Verdict.REJECT,
    ),
    fails(
        "policy/revoked_is_rejected",
        _LISTED,
        Stage.LIST,
        put(f"u{SET}", "credentialSubject", "encodedList"),
        CheckName.STATUS,
        "revoked",
        "Policy language: no policy accepts what its issuer has revoked.",
        policy=_FOR_WEB,
        decision=Verdict.REJECT,
    ),
    leaves_open(
        "policy/unknown_status_is_reviewed",
        _LISTED,
        Stage.DOCUMENTS,
        drop(LIST_URL),
        CheckName.STATUS,
        "STATUS_RETRIEVAL_ERROR",
        "T13: a status that cannot be had goes to review, and is neither accepted nor rejected.",
        policy=_FOR_WEB,
        decision=Verdict.REVIEW,
    ),
)
