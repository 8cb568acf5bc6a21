"""The credential itself: its structure and its validity period."""

from __future__ import annotations

from typing import Final

from gateway.model import CheckName
from tests.vectors.case import Recipe, Spoil, Stage
from tests.vectors.plans.issuers import KEY
from tests.vectors.plans.plan import drop, fails, passes, put

_PLAIN: Final = Recipe(issuer=KEY)
_JCS: Final = Recipe(issuer=KEY, form="eddsa-jcs-2022")
_V1: Final = Recipe(issuer=KEY, form="eddsa-jcs-2022", vcdm="1.1")

PLANS: Final = (
    fails(
        "structure/context_order",
        _JCS,
        Stage.CREDENTIAL,
        lambda credential: credential | {"@context": credential["@context"][::-1]},
        CheckName.STRUCTURE,
        "MALFORMED_VALUE_ERROR",
        "VCDM 2.0, Contexts: the first value of @context is the data model's own.",
    ),
    fails(
        "structure/missing_issuance_date",
        _V1,
        Stage.CREDENTIAL,
        drop("issuanceDate"),
        CheckName.STRUCTURE,
        "MALFORMED_VALUE_ERROR",
        "VCDM 1.1, section 4.6: a credential has an issuanceDate.",
    ),
    fails(
        "structure/valid_from_after_valid_until",
        _PLAIN,
        Stage.CREDENTIAL,
        put("2025-12-31T23:59:59Z", "validUntil"),
        CheckName.STRUCTURE,
        "MALFORMED_VALUE_ERROR",
        "VCDM 2.0, Validity Period: validUntil is not before validFrom.",
    ),
    fails(
        "structure/no_proof",
        _PLAIN,
        Stage.PRESENTED,
        drop("proof"),
        CheckName.PROOF,
        "no-proof",
        "Data Integrity 1.0, Verify Proof Sets and Chains: a document without a proof is not verified.",
    ),
    passes(
        "validity/ends_tomorrow",
        _PLAIN,
        "VCDM 2.0, Validity Period: a credential is valid until its validUntil.",
        CheckName.VALIDITY,
        spoil=Spoil(stage=Stage.CREDENTIAL, change=put("2026-06-02T12:00:00Z", "validUntil")),
    ),
    fails(
        "validity/not_yet_valid",
        _PLAIN,
        Stage.CREDENTIAL,
        put("2026-07-01T00:00:00Z", "validFrom"),
        CheckName.VALIDITY,
        "not-yet-valid",
        "VCDM 2.0, Validity Period: a credential is not valid before its validFrom.",
    ),
    fails(
        "validity/expired",
        _PLAIN,
        Stage.CREDENTIAL,
        put("2026-05-01T00:00:00Z", "validUntil"),
        CheckName.VALIDITY,
        "expired",
        "VCDM 2.0, Validity Period: a credential ceases to be valid at its validUntil.",
    ),
    fails(
        "validity/expired_vcdm_1_1",
        _V1,
        Stage.CREDENTIAL,
        put("2026-05-01T00:00:00Z", "expirationDate"),
        CheckName.VALIDITY,
        "expired",
        "VCDM 1.1, section 4.8: a credential ceases to be valid at its expirationDate.",
    ),
)
