"""Endorsements: credentials in their own right, which count only for what they are about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from gateway.api.rendering import result as rendered
from gateway.demo.issuer import CREDENTIALS_V2, OPEN_BADGES, Issuer, badge
from gateway.model import CheckName, Outcome, RequestLimits
from policies.model import Verdict
from tests.issuer import STATUS_LIST, University, entry, spoiled, university

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.model import VerificationResult

GUILD = Issuer.did_key()
POLICY = """
policy: test/endorsed
version: 1.0.0
title: The guild has endorsed it
rules:
  - id: guild
    say: The guild has endorsed it.
    require: {{attested_by: {{issuer_is: ["{guild}"]}}}}
---
policy: test/one-issuer
version: 1.0.0
title: One issuer only
rules:
  - id: only-them
    say: Only one issuer is accepted.
    require: {{issuer_is: ["did:web:elsewhere.example"]}}
"""


@pytest_asyncio.fixture
async def uni(tmp_path: Path) -> AsyncIterator[University]:
    """A university, whose policy believes a guild."""
    async with university(tmp_path, POLICY.format(guild=GUILD.did)) as made:
        await made.publish_list(revoked=(7,))
        yield made


def endorsement(target: str | None, issuer: str = GUILD.did, **members: Any) -> dict[str, Any]:
    """Return an unsecured EndorsementCredential."""
    made = {
        "@context": [CREDENTIALS_V2, OPEN_BADGES],
        "id": "urn:uuid:8d1a6ab5-5fd9-4bd1-b4b1-a2b0de2bd9d5",
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "issuer": {"id": issuer, "type": ["Profile"], "name": "Guild of Welders"},
        "name": "Endorsement",
        "validFrom": "2026-02-02T00:00:00Z",
        "credentialSubject": {"id": target, "type": ["EndorsementSubject"], "endorsementComment": "We accept it."},
    }
    return {**made, **members}


async def endorsed(uni: University, *endorsements: Any, **members: Any) -> dict[str, Any]:
    """Return a signed badge with those endorsements: objects are embedded, strings tokens."""
    embedded = [each for each in endorsements if not isinstance(each, str)]
    tokens = [each for each in endorsements if isinstance(each, str)]
    given: dict[str, Any] = {"endorsement": embedded, "endorsementJwt": tokens, **members}
    return await uni.badge(**{name: value for name, value in given.items() if value})


def told(result: VerificationResult) -> list[tuple[Any, Any]]:
    """Return result and problem of each endorsement, as the record has them."""
    assert result.record is not None
    return [(each["result"], each.get("problem")) for each in result.record.endorsements]


BADGE_ID = badge("did:web:university.example", "Welding")["id"]
ACHIEVEMENT_ID = "https://university.example/achievements/welding"


@pytest.mark.parametrize("form", ["embedded", "token"])
async def test_a_verified_endorsement_is_told_and_attests(uni: University, form: str) -> None:
    """Its endorser, target and comment are shown as verified, and a policy may go by it."""
    made = endorsement(BADGE_ID)
    secured: Any = GUILD.jwt(made) if form == "token" else await GUILD.secure(made, uni.verifier.canonicalizer)
    result = await uni.verify(await endorsed(uni, secured), "test/endorsed")
    assert told(result) == [("pass", None)]
    (shown,) = rendered(result)["endorsements"]
    assert (shown["issuer"]["id"], shown["target"], shown["comment"]) == (GUILD.did, BADGE_ID, "We accept it.")
    assert (shown["claimsUnverified"], shown["independent"]) == (False, True)
    assert result.decision is not None
    assert result.decision.verdict is Verdict.ACCEPT


@pytest.mark.parametrize(
    ("where", "target"),
    [
        ("credential", BADGE_ID),
        ("credential", ACHIEVEMENT_ID),
        ("credential", "did:web:university.example"),
        ("achievement", ACHIEVEMENT_ID),
        ("issuer", "did:web:university.example"),
    ],
)
async def test_an_endorsement_is_about_what_carries_it(uni: University, where: str, target: str) -> None:
    """A credential's may be about its achievement and its profiles too."""
    assert told(await uni.verify(await placed(uni, where, target))) == [("pass", None)]


@pytest.mark.parametrize(
    ("where", "target"),
    [
        ("credential", "urn:uuid:another-credential"),
        ("credential", None),
        ("achievement", BADGE_ID),
        ("achievement", "did:web:university.example"),
        ("issuer", ACHIEVEMENT_ID),
    ],
)
async def test_an_endorsement_of_something_else_does_not_count(uni: University, where: str, target: str | None) -> None:
    """Genuine, but of another credential pasted in: it is reported, and attests nothing."""
    result = await uni.verify(await placed(uni, where, target), "test/endorsed")
    assert told(result) == [("fail", "endorsement-misplaced")]
    assert result.endorsements == ()
    assert result.outcome is Outcome.PASS
    assert result.decision is not None
    assert result.decision.verdict is not Verdict.ACCEPT


async def placed(uni: University, where: str, target: str | None) -> dict[str, Any]:
    """Return a badge that carries the guild's endorsement of `target` there."""
    made = endorsement(target)
    if target is None:
        del made["credentialSubject"]["id"]
    secured = await GUILD.secure(made, uni.verifier.canonicalizer)
    if where == "credential":
        return await endorsed(uni, secured)
    document = badge(uni.issuer.did, "Welding")
    node = document["issuer"] if where == "issuer" else document["credentialSubject"]["achievement"]
    node["endorsement"] = [secured]
    return await uni.sign(document)


async def test_what_is_wrong_with_an_endorsement_is_its_own(uni: University) -> None:
    """Forged, expired, revoked, unsigned, no endorsement, nonsense: the record stays good, nobody is believed."""
    good = endorsement(BADGE_ID)
    canonicalizer = uni.verifier.canonicalizer
    signed = await GUILD.secure(good, canonicalizer)
    cases: dict[str, tuple[Any, str]] = {
        "forged": (spoiled(signed, lambda made: made["credentialSubject"].update(endorsementComment="All")), "fail"),
        "expired": (await GUILD.secure({**good, "validUntil": "2026-02-03T00:00:00Z"}, canonicalizer), "fail"),
        "revoked": (
            await uni.sign(endorsement(BADGE_ID, uni.issuer.did, credentialStatus=entry(7, STATUS_LIST))),
            "fail",
        ),
        "unsigned": (good, "fail"),
        "impostor": (Issuer.did_key().jwt(good), "fail"),
        "nonsense": ("eyJ.e30.c2ln", "fail"),
        "no endorsement": (GUILD.jwt(badge(GUILD.did, "Welding")), "fail"),
        "out of reach": (
            Issuer.did_web("down.example").jwt(endorsement(BADGE_ID, "did:web:down.example")),
            "indeterminate",
        ),
    }
    for name, (made, expected) in cases.items():
        document = badge(uni.issuer.did, "Welding")
        document["endorsementJwt" if isinstance(made, str) else "endorsement"] = [made]
        result = await uni.verify(uni.issuer.jwt(document), "test/endorsed")
        assert [outcome for outcome, _ in told(result)] == [expected], name
        assert (result.outcome, result.verified) == (Outcome.PASS, True), name
        assert result.decision is not None
        assert result.decision.verdict is not Verdict.ACCEPT, name


async def test_after_a_failed_proof_nothing_of_an_endorsement_is_shown(uni: University) -> None:
    """Its endorser and its words are anybody's."""
    signed = await GUILD.secure(endorsement(BADGE_ID), uni.verifier.canonicalizer)
    forged = spoiled(signed, lambda made: made["credentialSubject"].update(endorsementComment="Forged words"))
    result = await uni.verify(uni.issuer.jwt({**badge(uni.issuer.did, "Welding"), "endorsement": [forged]}))
    assert "Forged words" not in str(rendered(result))
    assert "Guild of Welders" not in str(rendered(result))


async def test_whoever_endorses_themselves_attests_nothing(uni: University) -> None:
    """The issuer's own word and the learner's are no second opinion, however well signed."""
    learner = GUILD  # whom the policy would believe about anybody else
    document = badge(uni.issuer.did, "Welding")
    document["credentialSubject"] = {"id": learner.did, **document["credentialSubject"]}
    for endorser, name in ((learner, "learner"), (uni.issuer, "issuer")):
        token = endorser.jwt(endorsement(BADGE_ID, endorser.did))
        result = await uni.verify(uni.issuer.jwt({**document, "endorsementJwt": [token]}), "test/endorsed")
        assert told(result) == [("pass", None)], name
        assert result.record is not None
        assert result.record.endorsements[0]["independent"] is False, name
        assert result.decision is not None
        assert result.decision.verdict is Verdict.REJECT, name


async def test_T25_ten_thousand_endorsements_are_not_verified(uni: University) -> None:
    """More than the request may cost: none is, and the record's own verdict stays."""
    token = GUILD.jwt(endorsement(BADGE_ID))
    document = badge(uni.issuer.did, "Welding", endorsementJwt=[token] * 10_000, credentialStatus=entry(8))
    result = await uni.verify(uni.issuer.jwt(document), "test/endorsed")
    assert set(told(result)) == {("indeterminate", None)}
    assert (result.outcome, result.endorsements) == (Outcome.PASS, ())
    assert result.decision is not None
    assert result.decision.verdict is not Verdict.ACCEPT


async def test_T25_endorsers_cannot_use_up_what_the_record_needs(uni: University) -> None:
    """Thirty issuers out of reach come after the record's own status."""
    tokens = []
    for n in range(30):
        somebody = Issuer.did_web(f"guild-{n}.example")
        tokens.append(somebody.jwt(endorsement(BADGE_ID, somebody.did)))
    document = badge(uni.issuer.did, "Welding", endorsementJwt=tokens, credentialStatus=entry(8))
    limits = RequestLimits(max_children=100, fetches=4, deadline=10.0)
    result = await uni.verify(uni.issuer.jwt(document), limits=limits)
    assert result.check(CheckName.STATUS).outcome is Outcome.PASS
    assert result.outcome is Outcome.PASS
    assert [outcome for outcome, _ in told(result)] == ["indeterminate"] * 30


async def test_T15_where_the_policy_rejects_already_no_endorser_is_asked(uni: University) -> None:
    """Nothing is fetched for what cannot matter."""
    somebody = Issuer.did_web("guild.example")
    token = somebody.jwt(endorsement(BADGE_ID, somebody.did))
    result = await uni.verify(await endorsed(uni, token), "test/one-issuer")
    assert told(result) == [("indeterminate", None)]
    assert somebody.document_url not in uni.internet.requests


async def test_an_endorsement_of_an_endorsement_is_not_followed(uni: University) -> None:
    """It says nothing about the record, so a chain of them has no end to reach."""
    other = Issuer.did_web("other.example")
    nested = endorsement(GUILD.did, endorsementJwt=[other.jwt(endorsement(GUILD.did, other.did))])
    result = await uni.verify(
        uni.issuer.jwt(
            badge(
                uni.issuer.did,
                "Welding",
                endorsementJwt=[
                    GUILD.jwt({**nested, "credentialSubject": {"id": BADGE_ID, "type": ["EndorsementSubject"]}})
                ],
            )
        )
    )
    assert told(result) == [("pass", None)]
    assert other.document_url not in uni.internet.requests
