"""Records of records: what becomes of the whole."""

from __future__ import annotations

from typing import Final

from gateway.model import CheckName
from tests.vectors.case import SET, Recipe, Spoil, Stage
from tests.vectors.plans.issuers import KEY, WEB
from tests.vectors.plans.plan import fails, passes, put

_PLAIN: Final = Recipe(issuer=KEY)
_TOKEN: Final = Recipe(issuer=KEY, form="vc+jwt")
_LISTED: Final = Recipe(issuer=WEB, status="BitstringStatusListEntry")
_CLR: Final = Recipe(issuer=WEB, children=(_PLAIN, _TOKEN))
_CLR_LISTED: Final = Recipe(issuer=WEB, children=(_LISTED,))

PLANS: Final = (
    passes("clr/current", _CLR, "CLR 2.0: every embedded record is verified by itself."),
    passes(
        "clr/child_revoked",
        _CLR_LISTED,
        "Result model: a child's revocation stays its own verdict, and is a warning on the whole.",
        spoil=Spoil(stage=Stage.LIST, change=put(f"u{SET}", "credentialSubject", "encodedList")),
        warnings=("child-not-current",),
    ),
    fails(
        "clr/child_forged",
        _CLR,
        Stage.CHILD,
        put("Surgery", "credentialSubject", "achievement", "name"),
        CheckName.PROOF,
        "child-not-authentic",
        "T37: a record that holds a forged one is not authentic, whoever signed the whole.",
    ),
)
