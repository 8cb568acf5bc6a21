"""Whether a record's own claims may be shown; a part of `gateway.api.rendering`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway.model import AUTHENTICITY, CheckName, Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.model import VerificationResult

_OF_CHILDREN: Final = frozenset({"child-not-authentic", "too-many-children", "not-asked"})
"""What embedded records add to the checks of the one around them, whose own claims stand all the same.
(These four checks are "not asked" of the record itself only where its structure fails already.)"""


def own_authenticity(verification: VerificationResult, checks: Sequence[CheckName] = AUTHENTICITY) -> Outcome:
    """Return whether the record is authentic by those `checks`, whatever the records inside it are."""
    outcome = Outcome.PASS
    made = {check.name: check for check in verification.checks}
    for name in checks:
        check = made[name]
        if check.problems and all(problem.code in _OF_CHILDREN for problem in check.problems):
            continue
        if check.outcome is Outcome.FAIL:
            return Outcome.FAIL
        if check.outcome is Outcome.INDETERMINATE:
            outcome = Outcome.INDETERMINATE
    return outcome
