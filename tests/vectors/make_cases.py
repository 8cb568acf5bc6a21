"""Write every case anew: `python -m tests.vectors.make_cases`.

Keys follow from names, dates are fixed and signatures are deterministic: a file changes only where
what it is made from does. Each `_fail` case is a recipe that passes, with one thing spoiled.
"""

from __future__ import annotations

import asyncio
import shutil
from typing import TYPE_CHECKING, Final

from gateway.canonical.rdf import canonicalizer
from resolvers.contexts import ContextStore
from tests.vectors.case import CASES, Builder, render
from tests.vectors.plans import (
    credential,
    data_integrity,
    decisions,
    dids,
    embedded_proofs,
    hidden_statements,
    jose,
    open_badges_2,
    presentations,
    records,
    status,
)
from tests.vectors.plans.issuers import ISSUERS
from tests.vectors.plans.tokens import PLANS as TOKENS

if TYPE_CHECKING:
    from gateway.plugins import Canonicalizer
    from tests.vectors.plans.plan import Plan

PLANS: Final[tuple[Plan, ...]] = (
    *data_integrity.PLANS,
    *embedded_proofs.PLANS,
    *hidden_statements.PLANS,
    *credential.PLANS,
    *status.PLANS,
    *jose.PLANS,
    *TOKENS,
    *open_badges_2.PLANS,
    *dids.PLANS,
    *records.PLANS,
    *presentations.PLANS,
    *decisions.PLANS,
)


def builder(canonical: Canonicalizer) -> Builder:
    """Return a builder that knows the issuers of the cases."""
    return Builder(canonicalizer=canonical, issuers=ISSUERS)


async def texts() -> dict[str, str]:
    """Return the text of every case's file, by the case's id."""
    canonical = canonicalizer(ContextStore.bundled())
    try:
        return {plan.id: render(await plan.make(builder(canonical))) for plan in PLANS}
    finally:
        await canonical.close()


def main() -> None:
    """Write all cases, and leave nothing else in their folder."""
    made = asyncio.run(texts())
    shutil.rmtree(CASES, ignore_errors=True)
    for name, text in made.items():
        folder = CASES / name
        folder.mkdir(parents=True)
        (folder / "case.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
