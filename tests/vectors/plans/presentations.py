"""Presentations, in every form that a holder signs; and what spoils them.

What a challenge has to be answered with is no part of a case: tests/gateway/test_several.py has that.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from gateway.demo.issuer import CREDENTIALS_V2, compact
from gateway.model import CheckName, Outcome
from gateway.structure import CREDENTIALS_V1
from tests.issuer import enveloped
from tests.vectors.case import SIGNATURE_2020, Built, Case, Recipe, Spoil, Stage
from tests.vectors.plans.issuers import KEY, KEY_P256, STRANGER, WEB
from tests.vectors.plans.plan import Plan, drop, put

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.vectors.case import Builder

_TOKENS: Final = frozenset({"vp+jwt", "enveloped-vp+jwt", "vp-jwt"})
_OLD: Final = frozenset({"Ed25519Signature2020", "vp-jwt"})
"""Forms of VCDM 1.1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Presented(Plan):
    """A case of a presentation: `recipe` names its holder and its form, and the credentials in it."""

    @property
    def features(self) -> tuple[str, ...]:
        """What it takes to verify it."""
        return ("presentation", *(name for name in self.recipe.features if name != "clr"))

    async def make(self, builder: Builder) -> Case:
        """Make the case."""
        return self.case(await self._build(builder, self.spoil))

    async def make_unspoiled(self, builder: Builder) -> Case:
        """Make what the case would be with nothing wrong."""
        return await replace(self, spoil=None, outcome=Outcome.PASS, code=None, warnings=()).make(builder)

    async def _build(self, builder: Builder, spoil: Spoil | None) -> Built:
        def apply(stage: Stage, whole: Any) -> Any:
            if spoil is None or spoil.stage is not stage:
                return whole
            return spoil.change(json.loads(json.dumps(whole)) if isinstance(whole, (dict, list, str)) else whole)

        holder, form = self.recipe.issuer, self.recipe.form
        made = [await builder.build(child) for child in self.recipe.children]
        inside: list[Any] = [one.presented for one in made]
        if inside:
            inside[0] = apply(Stage.CHILD, inside[0])
        old = form in _OLD
        document = {
            "@context": [CREDENTIALS_V1, SIGNATURE_2020] if old else [CREDENTIALS_V2],
            "id": "urn:uuid:3978344f-8596-4c3a-a978-8fcaba3903c5",
            "type": ["VerifiablePresentation"],
            "holder": holder.did,
            "verifiableCredential": inside,
        }
        document = apply(Stage.CREDENTIAL, document)
        signer = apply(Stage.SIGNER, holder)
        if form in _TOKENS:
            claims = {"iss": holder.did, "vp": document} if form == "vp-jwt" else document
            header = {"typ": "JWT" if form == "vp-jwt" else "vp+jwt", "kid": signer.jose_method}
            token = compact(signer.key, apply(Stage.HEADER, header), apply(Stage.CLAIMS, claims))
            presented: Any = enveloped(token) if form.startswith("enveloped") else token
        else:
            options = apply(Stage.OPTIONS, {"created": "2026-01-01T00:00:00Z", "proofPurpose": "authentication"})
            presented = await signer.secure(document, builder.canonicalizer, suite=form, options=options)
        documents: dict[str, Any] = {}
        for one in made:
            documents |= one.documents
        if not holder.did.startswith("did:key:"):
            documents[holder.document_url] = {**holder.document, "authentication": holder.document["assertionMethod"]}
        return Built(presented=apply(Stage.PRESENTED, presented), documents=apply(Stage.DOCUMENTS, documents))


def _passes(name: str, recipe: Recipe, why: str, check: CheckName = CheckName.PROOF, **more: Any) -> Presented:
    return Presented(name=f"presentations/{name}", why=why, recipe=recipe, check=check, **more)


def _fails(
    name: str,
    recipe: Recipe,
    stage: Stage,
    change: Callable[[Any], Any],
    check: CheckName,
    code: str,
    why: str,
    **more: Any,
) -> Presented:
    given = {"outcome": Outcome.FAIL, "code": code, "spoil": Spoil(stage=stage, change=change), **more}
    return _passes(name, recipe, why, check, **given)


_BADGE: Final = Recipe(issuer=WEB)
_TOKEN: Final = Recipe(issuer=KEY_P256, form="enveloped-vc+jwt")
_EMBEDDED: Final = Recipe(issuer=KEY, form="eddsa-rdfc-2022", children=(_BADGE, _TOKEN))
_JCS: Final = Recipe(issuer=KEY, form="eddsa-jcs-2022", children=(_BADGE,))
_JOSE: Final = Recipe(issuer=KEY, form="vp+jwt", children=(_BADGE, _TOKEN))
_ENVELOPED: Final = replace(_JOSE, form="enveloped-vp+jwt")
_CLAIM: Final = Recipe(
    issuer=KEY,
    form="vp-jwt",
    vcdm="1.1",
    children=(Recipe(issuer=WEB, form="vc-jwt", vcdm="1.1"), Recipe(issuer=KEY, form="eddsa-jcs-2022", vcdm="1.1")),
)
_OLDER: Final = Recipe(
    issuer=KEY,
    form="Ed25519Signature2020",
    vcdm="1.1",
    children=(Recipe(issuer=WEB, form="Ed25519Signature2020", vcdm="1.1"),),
)

PLANS: Final = (
    _passes("data_integrity", _EMBEDDED, "VCDM 2.0: a presentation holds credentials, each secured by itself."),
    _passes("data_integrity_did_web", replace(_JCS, issuer=WEB), "CID: a holder's key stands under authentication."),
    _passes("data_integrity_vcdm_1_1", _OLDER, "VCDM 1.1: a Linked Data proof over the presentation."),
    _passes("vp_jwt", _JOSE, "VC-JOSE-COSE: a presentation of VCDM 2.0 is the payload of a vp+jwt."),
    _passes("enveloped", _ENVELOPED, "VCDM 2.0: the same as an EnvelopedVerifiablePresentation."),
    _passes("jwt_vp", _CLAIM, "VCDM 1.1, section 6.3.1: the claim vp, with credentials as tokens and as objects."),
    _passes("holder_not_named", _JOSE, "VCDM 2.0: holder is optional; whose key signed holds it.",
            spoil=Spoil(stage=Stage.CREDENTIAL, change=drop("holder"))),
    _passes("empty", replace(_JOSE, children=()), "VCDM 2.0: verifiableCredential is optional."),
    _fails(
        "purpose_of_an_issuer", _EMBEDDED, Stage.OPTIONS, put("assertionMethod", "proofPurpose"),
        CheckName.PROOF, "PROOF_VERIFICATION_ERROR", "T36: what a proof is for is what is asked of it.",
    ),
    _fails(
        "tampered", _EMBEDDED, Stage.PRESENTED, put("urn:uuid:00000000-0000-4000-8000-000000000000", "id"),
        CheckName.PROOF, "PROOF_VERIFICATION_ERROR", "Data Integrity: the holder signed another presentation.",
    ),
    _fails(
        "signed_by_a_stranger", _JOSE, Stage.SIGNER, lambda _holder: STRANGER,
        CheckName.ISSUER, "holder-mismatch", "VCALM: the holder has to match the key that signed.",
    ),
    _fails(
        "signed_by_a_stranger_1_1", _CLAIM, Stage.SIGNER, lambda _holder: STRANGER,
        CheckName.ISSUER, "holder-mismatch", "VCDM 1.1: iss is the holder, and has to control the key.",
    ),
    _fails(
        "child_forged", _JCS, Stage.CHILD, put("Surgery", "credentialSubject", "achievement", "name"),
        CheckName.PROOF, "child-not-authentic", "T37: a presentation of a forged credential is not authentic.",
    ),
    _fails(
        "string_in_vcdm_2", _JOSE, Stage.CHILD, lambda _child: "a.b.c",
        CheckName.STRUCTURE, "MALFORMED_VALUE_ERROR", "VCDM 2.0: values MUST NOT be non-object values.",
    ),
    _fails(
        "vp_claim_in_vp_jwt", _JOSE, Stage.CLAIMS, put({}, "vp"),
        CheckName.STRUCTURE, "token-malformed", "VC-JOSE-COSE: vc and vp MUST NOT be present.",
    ),
    _fails(
        "iss_is_not_the_holder", _CLAIM, Stage.CLAIMS, put(STRANGER.did, "iss"),
        CheckName.STRUCTURE, "token-claims-mismatch", "T32: a claim that contradicts the presentation.",
    ),
    _fails(
        "unsigned", _JCS, Stage.PRESENTED, drop("proof"),
        CheckName.PROOF, "no-proof", "A presentation without a proof is an envelope that anybody could have made.",
    ),
)  # fmt: skip
