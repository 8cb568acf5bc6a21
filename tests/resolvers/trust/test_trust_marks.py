"""`resolvers.trust.oidf`, asked for trust marks in a minted federation."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from resolvers.trust.oidf import Federations
from resolvers.trust_model import Authenticity, ListState, TrustQuestion
from tests.resolvers.trust.minting import ETPL, NOW, WELL_KNOWN, Federation, Signer, lookup_at, seconds

if TYPE_CHECKING:
    from collections.abc import Callable

    from resolvers.trust_model import TrustEvidence

    Change = Callable[[Federation], object]

LEAF = "https://university.example"
ROGUE = Signer("https://board.example.gov")
OWNER = Signer("https://owner.example.gov")


async def answer(change: Change, *, at: Any = NOW, mark_type: str = ETPL, **config: Any) -> TrustEvidence:
    """Ask a federation whether the university has a trust mark, after that change."""
    lookup = lookup_at()
    federation = Federation(lookup.internet)
    change(federation)
    federation.publish()
    question = TrustQuestion(entity=LEAF, at=at, terms={"trust_mark": mark_type})
    return await Federations().ask(federation.config(**config), question, lookup)


def marked(signer: Signer | None = None, typ: str = "trust-mark+jwt", **claims: Any) -> Change:
    """Return the change by which the university shows a mark, with those claims changed."""
    return lambda f: f.marks.append(f.mark(signer, typ, **claims))


def issuers(*of_type: str, **anchor: Any) -> Change:
    """Return the change by which the anchor accepts those issuers alone, and the university is marked."""

    def change(federation: Federation) -> None:
        federation.configurations[federation.anchor.id] = {"trust_mark_issuers": {ETPL: list(of_type)}, **anchor}
        marked()(federation)

    return change


async def test_member_with_a_mark_is_listed() -> None:
    """A mark of an issuer that the anchor accepts, for this entity and of this type, is one."""
    evidence = await answer(marked())

    assert (evidence.state, evidence.authenticity) == (ListState.LISTED, Authenticity.AUTHENTICATED)
    assert evidence.entity.name == "University of Example"


async def test_member_without_a_mark_is_not_listed() -> None:
    """To be a member is not to be marked; nor does a mark of another type count."""
    assert (await answer(lambda _: None)).state is ListState.NOT_LISTED
    assert (await answer(marked(), mark_type="https://trust.example.gov/marks/other")).state is ListState.NOT_LISTED


@pytest.mark.parametrize(
    ("change", "any_issuer", "state"),
    [
        (issuers("https://board.example.gov"), False, ListState.LISTED),
        (issuers("https://other.example"), False, ListState.NOT_LISTED),
        (issuers("https://other.example"), True, ListState.NOT_LISTED),
        (issuers(), False, ListState.NOT_LISTED),
        (issuers(), True, ListState.LISTED),
        (issuers("https://board.example.gov", trust_mark_issuers={}), True, ListState.NOT_LISTED),
        (issuers("https://board.example.gov", trust_mark_issuers=None), True, ListState.NOT_LISTED),
    ],
)
async def test_anchor_alone_says_who_issues_marks(change: Change, any_issuer: bool, state: ListState) -> None:  # noqa: FBT001 — parametrized
    """An empty list is anybody, which the operator has to allow; a type that is not listed is nobody."""
    assert (await answer(change, any_trust_mark_issuer=any_issuer)).state is state


async def test_T61_list_of_issuers_that_is_not_the_anchors_counts_for_nothing() -> None:
    """An intermediate's own `trust_mark_issuers` is ignored."""

    def change(federation: Federation) -> None:
        issuers(trust_mark_issuers={})(federation)
        federation.configurations[federation.board.id]["trust_mark_issuers"] = {ETPL: [federation.board.id]}

    assert (await answer(change)).state is ListState.NOT_LISTED


async def test_self_issued_mark_counts_only_where_anybody_may_issue() -> None:
    """A member may mark itself where the federation says so and the operator allows it."""

    def change(federation: Federation) -> None:
        issuers()(federation)
        federation.marks = [federation.mark(federation.university, iss=federation.university.id)]

    assert (await answer(change)).state is ListState.NOT_LISTED
    assert (await answer(change, any_trust_mark_issuer=True)).state is ListState.LISTED


async def test_T61_issuer_outside_the_federation_is_not_believed() -> None:
    """Trust in the issuer comes before trust in its marks, whatever list it is on (section 7.3)."""
    outsider = Signer("https://outsider.example")

    def change(federation: Federation) -> None:
        issuers(outsider.id)(federation)
        federation.marks = [federation.mark(outsider, iss=outsider.id)]
        claims = outsider.configuration()
        federation.internet.serve(f"{outsider.id}{WELL_KNOWN}", outsider.sign("entity-statement+jwt", claims))

    assert (await answer(change)).state is ListState.NOT_LISTED


async def test_T13_issuer_that_is_down_is_unknown() -> None:
    """Whether it is in the federation cannot be told."""

    def change(federation: Federation) -> None:
        issuers("https://down.example")(federation)
        federation.marks = [federation.mark(ROGUE, iss="https://down.example")]

    evidence = await answer(change)

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "unreachable")


@pytest.mark.parametrize(
    "change",
    [
        marked(ROGUE),
        marked(typ="JWT"),
        marked(typ="entity-statement+jwt"),
        marked(sub="https://other.example"),
        marked(trust_mark_type="https://trust.example.gov/marks/other"),
        marked(iss=None),
        marked(iat=None),
        marked(iat=seconds(hours=1)),
        marked(exp="soon"),
        lambda f: f.marks.append("a.b.c"),
        lambda f: f.marks.append(7),
        lambda f: f.marks.extend([f.mark(ROGUE)] * 9),
        issuers(trust_mark_issuers=[]),
        issuers(trust_mark_issuers={ETPL: "https://board.example.gov"}),
        issuers("https://board.example.gov", trust_mark_owners=[]),
    ],
)
async def test_T61_mark_that_is_not_of_its_issuer_for_this_entity_is_unknown(change: Change) -> None:
    """Whoever signs, for whomever, and however malformed: it never counts."""
    evidence = await answer(change)

    assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "registry-defective")


async def test_valid_mark_counts_beside_a_bad_one() -> None:
    """One that another has forged spoils nothing."""

    def change(federation: Federation) -> None:
        marked(ROGUE)(federation)
        marked()(federation)

    assert (await answer(change)).state is ListState.LISTED


@pytest.mark.parametrize(
    ("claims", "at"),
    [({"exp": seconds(hours=-1)}, NOW), ({"exp": seconds(hours=1)}, NOW + timedelta(hours=2))],
)
async def test_T14_mark_that_has_ended_is_none(claims: dict[str, Any], at: Any) -> None:
    """Now, or at the instant that is asked about."""
    assert (await answer(marked(**claims), at=at)).state is ListState.NOT_LISTED


class TestStatus:
    """Whether a mark still holds, by its issuer's word of now."""

    async def test_mark_without_end_or_status_is_unknown(self) -> None:
        """Nobody could ever take it back."""
        evidence = await answer(marked(exp=None))

        assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "trust-mark-status-unknown")

    @pytest.mark.parametrize("ends", [None, seconds(days=30)])
    @pytest.mark.parametrize(
        ("status", "state"),
        [
            ("active", ListState.LISTED),
            ("revoked", ListState.NOT_LISTED),
            ("expired", ListState.NOT_LISTED),
            ("invalid", ListState.NOT_LISTED),
            ("Active", ListState.NOT_LISTED),
            ("paused", ListState.NOT_LISTED),
        ],
    )
    async def test_issuer_says_whether_its_mark_holds(self, ends: Any, status: str, state: ListState) -> None:
        """Where it can be asked it is asked, and only "active" is a yes."""

        def change(federation: Federation) -> None:
            federation.answer_status(status)
            marked(exp=ends)(federation)

        assert (await answer(change)).state is state

    @pytest.mark.parametrize(
        "options",
        [
            {"signer": ROGUE},
            {"typ": "JWT"},
            {"typ": "trust-mark+jwt"},
            {"iss": "https://other.example"},
            {"trust_mark": "a.b.c"},
            {"iat": seconds(hours=-2)},
            {"iat": seconds(hours=2)},
            {"iat": None},
            {"status": None},
        ],
    )
    async def test_T61_status_that_is_not_of_this_mark_is_unknown(self, options: dict[str, Any]) -> None:
        """One by another, of another mark, of another type, or an old one replayed."""

        def change(federation: Federation) -> None:
            federation.answer_status(**options)
            marked()(federation)

        evidence = await answer(change)

        assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "registry-defective")

    @pytest.mark.parametrize(
        ("fate", "code"),
        [
            ("404", "trust-mark-status-unknown"),
            ("500", "unreachable"),
            ("redirect", "egress-refused"),
            ("html", "registry-defective"),
        ],
    )
    async def test_T13_status_that_cannot_be_had_is_unknown(self, fate: str, code: str) -> None:
        """An outage is not a mark that holds; nor is the mark handed on to where a redirect leads."""

        def change(federation: Federation) -> None:
            url = federation.answer_status()
            marked()(federation)
            if fate == "redirect":
                federation.internet.redirect(url, "https://elsewhere.example/status")
            else:
                status = int(fate) if fate.isdigit() else 200
                federation.internet.receive(url, lambda _: b"<html>", status=status)

        evidence = await answer(change)

        assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, code)

    async def test_nothing_is_sent_but_the_mark(self) -> None:
        """As the specification wants it, in a form."""
        lookup = lookup_at()
        federation = Federation(lookup.internet)
        url = federation.answer_status()
        marked()(federation)
        federation.publish()
        question = TrustQuestion(entity=LEAF, at=NOW, terms={"trust_mark": ETPL})

        await Federations().ask(federation.config(), question, lookup)

        body = f"trust_mark={federation.marks[0]}".encode()
        assert lookup.internet.posted == [(url, body, "application/x-www-form-urlencoded")]


def owned(**delegation: Any) -> Change:
    """Return the change by which the type of the mark has an owner, who lets the board issue it."""

    def change(federation: Federation) -> None:
        said = federation.delegation(OWNER, **delegation)
        owners = {ETPL: {"sub": OWNER.id, "jwks": OWNER.jwks}}
        issuers("https://board.example.gov", trust_mark_owners=owners)(federation)
        federation.marks = [federation.mark(delegation=said)]

    return change


class TestDelegation:
    """Marks that somebody else owns."""

    async def test_owner_lets_another_issue(self) -> None:
        """Its leave is in the mark, signed with the key that the anchor states of it."""
        assert (await answer(owned())).state is ListState.LISTED
        assert (await answer(owned(exp=None))).state is ListState.LISTED

    async def test_T61_mark_without_its_owners_leave_is_none(self) -> None:
        """Where the anchor names an owner, the issuer alone is not enough."""

        def change(federation: Federation) -> None:
            owned()(federation)
            federation.marks = [federation.mark()]

        assert (await answer(change)).state is ListState.NOT_LISTED

    @pytest.mark.parametrize(
        ("claims", "state"),
        [
            ({"sub": "https://other.example"}, ListState.NOT_LISTED),
            ({"iss": "https://other.example"}, ListState.NOT_LISTED),
            ({"trust_mark_type": "https://trust.example.gov/marks/other"}, ListState.NOT_LISTED),
            ({"exp": seconds(hours=-1)}, ListState.NOT_LISTED),
            ({"iat": None}, ListState.UNKNOWN),
            ({"iat": seconds(hours=1)}, ListState.UNKNOWN),
            ({"typ": "trust-mark+jwt"}, ListState.UNKNOWN),
        ],
    )
    async def test_T61_leave_for_something_else_is_none(self, claims: dict[str, Any], state: ListState) -> None:
        """For another issuer, by another owner, of another type, over, or malformed."""
        assert (await answer(owned(**claims))).state is state

    async def test_T61_leave_that_another_signed_is_unknown(self) -> None:
        """The key that the anchor states of the owner is the only one."""

        def change(federation: Federation) -> None:
            owned()(federation)
            forged = federation.delegation(Signer(OWNER.id))
            federation.marks = [federation.mark(delegation=forged)]

        evidence = await answer(change)

        assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "registry-defective")

    @pytest.mark.parametrize("owner", ["x", {}, {"sub": OWNER.id}, {"sub": OWNER.id, "jwks": {"keys": []}}])
    async def test_T13_owner_without_keys_is_unknown(self, owner: Any) -> None:
        """Whose leave it is cannot be checked."""

        def change(federation: Federation) -> None:
            owned()(federation)
            federation.configurations[federation.anchor.id]["trust_mark_owners"] = {ETPL: owner}

        evidence = await answer(change)

        assert (evidence.state, evidence.problem.code) == (ListState.UNKNOWN, "registry-defective")

    async def test_T61_leave_of_an_owner_that_the_anchor_does_not_name_is_none(self) -> None:
        """Nobody could say whose key signed it."""

        def change(federation: Federation) -> None:
            issuers("https://board.example.gov")(federation)
            federation.marks = [federation.mark(delegation=federation.delegation(OWNER))]

        assert (await answer(change)).state is ListState.NOT_LISTED
