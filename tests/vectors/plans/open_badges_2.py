"""Open Badges 2.0, hosted and signed; and what spoils them."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from gateway.demo.issuer import compact
from gateway.model import CheckName, Outcome
from tests.gateway.formats import open_badges as made
from tests.vectors.case import Built, Case, Recipe, Spoil, Stage
from tests.vectors.plans.issuers import SITE_RSA
from tests.vectors.plans.plan import Plan, drop, put

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.vectors.case import Builder

_HOSTED: Final = "open-badges-2-hosted"
_SIGNED: Final = "open-badges-2"
_STATUS: Final = {_HOSTED: "OpenBadgesHostedRecord", _SIGNED: "OpenBadgesRevocationList"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked(Plan):
    """A case of a badge whose parts stand at addresses of the issuer's."""

    @property
    def features(self) -> tuple[str, ...]:
        """What it takes to verify it."""
        return (self.recipe.form, "https", _STATUS[self.recipe.form])

    async def make(self, _builder: Builder) -> Case:
        """Make the case."""
        return self.case(self._build(self.spoil))

    async def make_unspoiled(self, builder: Builder) -> Case:
        """Make what the case would be with nothing wrong."""
        return await replace(self, spoil=None, outcome=Outcome.PASS, code=None).make(builder)

    def _build(self, spoil: Spoil | None) -> Built:
        def apply(stage: Stage, whole: Any) -> Any:
            return whole if spoil is None or spoil.stage is not stage else spoil.change(copy.deepcopy(whole))

        signed = self.recipe.form == _SIGNED
        documents = {
            made.BADGE: made.badge_class(),
            made.ISSUER: made.profile(**({"revocationList": made.LIST} if signed else {})),
        }
        assertion = made.assertion(signed=signed)
        presented: Any = assertion
        if signed:
            presented = compact(self.recipe.issuer.key, {}, apply(Stage.CLAIMS, assertion))
            documents[made.KEY] = made.key_document(publicKeyPem=made.pem(self.recipe.issuer.key))
            documents[made.LIST] = {
                "@context": made.CONTEXT,
                "type": "RevocationList",
                "id": made.LIST,
                "revokedAssertions": [],
            }
        else:
            documents[made.ASSERTION] = assertion
        return Built(presented=apply(Stage.PRESENTED, presented), documents=apply(Stage.DOCUMENTS, documents))


def _passes(name: str, form: str, why: str, check: CheckName = CheckName.PROOF, **more: Any) -> Linked:
    return Linked(name=f"open_badges_2/{name}", why=why, recipe=Recipe(issuer=SITE_RSA, form=form), check=check, **more)


def _fails(
    name: str, form: str, stage: Stage, change: Callable[[Any], Any], check: CheckName, code: str, why: str, **more: Any
) -> Linked:
    given = {"outcome": Outcome.FAIL, "code": code, "spoil": Spoil(stage=stage, change=change), **more}
    return _passes(name, form, why, check, **given)


PLANS: Final[tuple[Plan, ...]] = (
    _passes(
        "hosted",
        _HOSTED,
        "Open Badges 2.0, Verification: what the issuer's own host says now.",
    ),
    _passes("signed", _SIGNED, "Open Badges 2.0, Signed Badges: a JWS by a key that the issuer's profile lists."),
    _fails(
        "hosted_revoked",
        _HOSTED,
        Stage.DOCUMENTS,
        put({"@context": made.CONTEXT, "id": made.ASSERTION, "type": "Assertion", "revoked": True}, made.ASSERTION),
        CheckName.STATUS,
        "revoked",
        "Open Badges 2.0, Revocation: the host says revoked in place of the assertion.",
    ),
    _fails(
        "hosted_unreachable",
        _HOSTED,
        Stage.DOCUMENTS,
        drop(made.ASSERTION),
        CheckName.PROOF,
        "unreachable",
        "T13: what the host does not say is not proven, and an outage is no pass.",
        outcome=Outcome.INDETERMINATE,
    ),
    _fails(
        "signature_of_something_else",
        _SIGNED,
        Stage.PRESENTED,
        lambda token: f"{token[:-8]}AAAAAAAA",
        CheckName.PROOF,
        "CRYPTOGRAPHIC_SECURITY_ERROR",
        "Open Badges 2.0, Signed Badges: the signature is not one over this assertion.",
    ),
    _fails(
        "signed_revoked",
        _SIGNED,
        Stage.DOCUMENTS,
        put([made.ASSERTION], made.LIST, "revokedAssertions"),
        CheckName.STATUS,
        "revoked",
        "Open Badges 2.0, Revocation: the issuer's list names the assertion.",
    ),
    _fails(
        "signed_by_a_key_of_nobody",
        _SIGNED,
        Stage.DOCUMENTS,
        drop(made.ISSUER, "publicKey"),
        CheckName.ISSUER,
        "issuer-mismatch",
        "T33: a key that the issuer's profile does not list is anybody's.",
    ),
)
